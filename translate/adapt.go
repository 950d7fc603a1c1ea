package translate

import (
	"crypto/sha256"
	"encoding/base32"
	"strconv"
	"strings"

	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// Names maps the tool names of an upstream's answer back to the client's. A nil
// Names changes nothing.
type Names struct{ tools map[string]toolName }

type toolName struct {
	name, namespace string
	custom          bool
}

// customSchema is the schema of the function that stands in for a custom tool.
var customSchema = Value(`{"type":"object","properties":{"input":{"type":"string","description":"The tool's whole input, as plain text."}},"required":["input"],"additionalProperties":false}`)

// Adapt returns r with tool names and call ids that target accepts, with
// namespaces flattened into the names, and with custom tools turned into
// functions where target has none. What is valid already stays as it is, and r
// itself is never changed. The mapping depends on the name or id alone, so that
// every turn of a conversation maps alike.
func Adapt(r *Request, target Name) (*Request, *Names) {
	a := adapter{target: target, custom: target == Responses}
	out := *r
	out.Tools = make([]Tool, len(r.Tools))
	taken := make(map[string]bool, len(r.Tools))
	for i, t := range r.Tools {
		if t.Kind == HostedTool {
			out.Tools[i] = t
			continue
		}
		was := toolName{t.Name, t.Namespace, t.Kind == CustomTool}
		t.Name, t.Namespace = a.name(t.Name, t.Namespace), ""
		if taken[t.Name] { // two names that differ only in what the target cannot express
			t.Name = hashed(t.Name, was.namespace+"\x00"+was.name, a.maxName())
		}
		taken[t.Name] = true
		if t.Kind == CustomTool && !a.custom {
			t.Description = describeCustom(t)
			t.Kind, t.Schema, t.Strict, t.Raw = FunctionTool, customSchema, Unset, nil
		}
		if t.Name != was.name || was.namespace != "" || was.custom {
			a.names.add(t.Name, was)
		}
		out.Tools[i] = t
	}
	if len(r.Choice.Names) > 0 {
		out.Choice.Names = make([]string, len(r.Choice.Names))
		for i, n := range r.Choice.Names {
			out.Choice.Names[i] = a.chosen(r.Tools, out.Tools, n)
		}
		if r.Choice.Mode == ChooseNamed && r.Dialect != target && namesHosted(r) {
			out.Choice = ToolChoice{Mode: ChooseAny}
		}
	}
	out.Turns = a.turns(r, out.Tools)
	if a.names.tools == nil {
		return &out, nil
	}
	return &out, &a.names
}

// namesHosted reports whether the tool to be chosen is none of the client's, so
// that it can only be one that the vendor runs, which has other names elsewhere.
func namesHosted(r *Request) bool {
	hosted := false
	for i := range r.Tools {
		if r.Tools[i].Kind != HostedTool && r.Tools[i].Name == r.Choice.Names[0] {
			return false
		}
		hosted = hosted || r.Tools[i].Kind == HostedTool
	}
	return hosted
}

type adapter struct {
	target Name
	custom bool
	names  Names
}

func (n *Names) add(upstream string, client toolName) {
	if n.tools == nil {
		n.tools = make(map[string]toolName)
	}
	n.tools[upstream] = client
}

// describeCustom tells the model what the input of an emulated tool is: the
// definition of its format is all that a grammar can be without the vendor's
// constrained sampling.
func describeCustom(t Tool) Value {
	grammar := jsonlit.Get(t.Raw, "format", "definition")
	if grammar == nil {
		grammar = jsonlit.Get(t.Raw, "custom", "format", "grammar", "definition")
	}
	if grammar == nil {
		return t.Description
	}
	out := append(Value{'"'}, jsonlit.Inner(t.Description)...)
	out = append(out, `\n\nThe input must match this grammar:\n`...)
	return append(append(out, jsonlit.Inner(grammar)...), '"')
}

// chosen maps a name of the client's tool choice.
func (a *adapter) chosen(before, after []Tool, name string) string {
	for i := range before {
		if before[i].Name == name {
			return after[i].Name
		}
	}
	return a.name(name, "")
}

// turns copies the turns that hold calls or results whose names or ids change.
func (a *adapter) turns(r *Request, tools []Tool) []Turn {
	turns, copied := r.Turns, false
	for i := range turns {
		var parts []Part
		for j := range r.Turns[i].Parts {
			p := &r.Turns[i].Parts[j]
			adapted, changed := a.part(p, r.Tools, tools)
			if !changed {
				continue
			}
			if parts == nil {
				parts = append([]Part(nil), r.Turns[i].Parts...)
			}
			parts[j] = adapted
		}
		if parts == nil {
			continue
		}
		if !copied {
			turns, copied = append([]Turn(nil), r.Turns...), true
		}
		turns[i].Parts = parts
	}
	return turns
}

func (a *adapter) part(p *Part, before, after []Tool) (Part, bool) {
	switch p.Kind {
	case ToolCall:
		c := *p.Call
		c.ID = a.id(c.ID)
		c.Name, c.Namespace = a.called(c.Name, c.Namespace, before, after), ""
		if c.Custom && !a.custom {
			c.Custom, c.Arguments = false, Arguments{Object: c.AppendInput(nil)}
		}
		if c.ID == p.Call.ID && c.Name == p.Call.Name && p.Call.Namespace == "" && c.Custom == p.Call.Custom {
			return *p, false
		}
		out := *p
		out.Call = &c
		return out, true
	case ToolResult:
		res := *p.Result
		res.CallID = a.id(res.CallID)
		res.Name = a.called(res.Name, "", before, after)
		if res.CallID == p.Result.CallID && res.Name == p.Result.Name {
			return *p, false
		}
		out := *p
		out.Result = &res
		return out, true
	}
	return *p, false
}

// called maps the name of a call in the history: through the tools on offer,
// so that it matches them, else by itself.
func (a *adapter) called(name, namespace string, before, after []Tool) string {
	for i := range before {
		if before[i].Kind != HostedTool && before[i].Name == name && (namespace == "" || before[i].Namespace == namespace) {
			return after[i].Name
		}
	}
	return a.name(name, namespace)
}

func (a *adapter) maxName() int {
	if a.target == Messages || a.target == Gemini {
		return 128
	}
	return 64
}

// name makes a tool's name valid. OpenAI: [A-Za-z0-9_-]{1,64}; Anthropic the
// same with 128; Gemini begins with a letter or underscore and allows dots and
// colons too.
func (a *adapter) name(name, namespace string) string {
	full := name
	if namespace != "" {
		full = namespace + "__" + name
	}
	valid := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '_', r == '-':
			return r
		case a.target == Gemini && (r == '.' || r == ':'):
			return r
		}
		return '_'
	}, full)
	if a.target == Gemini && valid != "" && !(valid[0] == '_' || valid[0] >= 'A' && valid[0] <= 'Z' || valid[0] >= 'a' && valid[0] <= 'z') {
		valid = "_" + valid
	}
	if valid == full && len(valid) <= a.maxName() {
		return valid
	}
	return hashed(valid, full, a.maxName())
}

// hashed shortens name to max bytes with a hash of what it stands for.
func hashed(name, of string, max int) string {
	sum := sha256.Sum256([]byte(of))
	suffix := "_" + base32.HexEncoding.EncodeToString(sum[:5])
	if len(name) > max-len(suffix) {
		name = name[:max-len(suffix)]
	}
	return name + suffix
}

// id makes a call id valid for every dialect: [A-Za-z0-9_-]{1,64}.
func (a *adapter) id(id string) string {
	if len(id) > 0 && len(id) <= 64 && strings.IndexFunc(id, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-')
	}) < 0 {
		return id
	}
	return CallID(id)
}

// CallID returns a valid tool-call id that depends on the given parts alone.
func CallID(of ...any) string {
	h := sha256.New()
	for _, x := range of {
		switch x := x.(type) {
		case string:
			h.Write([]byte(x))
		case []byte:
			h.Write(x)
		case int:
			h.Write(strconv.AppendInt(nil, int64(x), 10))
		}
		h.Write([]byte{0})
	}
	return "call_" + strings.ToLower(base32.HexEncoding.EncodeToString(h.Sum(nil)[:15]))
}

// Restore puts the client's own tool name into the start of a tool call.
func (n *Names) Restore(ev *Event) {
	if n == nil || ev.Type != EventBlockStart || ev.Call == nil {
		return
	}
	n.call(ev.Call)
}

// RestoreResponse does the same for a whole answer.
func (n *Names) RestoreResponse(r *Response) {
	if n == nil {
		return
	}
	for _, c := range r.Choices {
		for i := range c.Parts {
			if c.Parts[i].Kind == ToolCall {
				n.call(c.Parts[i].Call)
			}
		}
	}
}

func (n *Names) call(c *Call) {
	if was, ok := n.tools[c.Name]; ok {
		c.Name, c.Namespace, c.Custom = was.name, was.namespace, was.custom
	}
}
