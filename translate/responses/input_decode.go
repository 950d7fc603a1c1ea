package responses

import (
	"fmt"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// items reads input: a string, which is one user message, or a list of items.
func (d *decoder) items() error {
	switch {
	case d.input == nil:
		if d.stored == "" {
			return translate.BadRequest("input", "the input is missing")
		}
		return nil
	case jsonlit.IsString(d.input):
		d.turn(translate.UserRole, translate.Part{Kind: translate.Text, Text: d.input})
		return nil
	case !jsonlit.IsArray(d.input):
		return translate.BadRequest("input", "must be a string or an array of items")
	}
	i := 0
	for v := range jsonlit.Elements(d.input) {
		if !jsonlit.IsObject(v) {
			return translate.BadRequest(fmt.Sprintf("input[%d]", i), "must be an object")
		}
		if err := d.item(v); err != nil {
			return within(err, "input[%d]", i)
		}
		i++
	}
	return nil
}

// within prefixes the member that an error blames; no error stays none.
func within(err error, format string, args ...any) error {
	e, ok := err.(*translate.Error)
	if !ok {
		return err
	}
	prefix := fmt.Sprintf(format, args...)
	switch {
	case e.Param == "":
		e.Param = prefix
	case e.Param[0] == '[':
		e.Param = prefix + e.Param
	default:
		e.Param = prefix + "." + e.Param
	}
	return e
}

func (d *decoder) turn(role translate.Role, parts ...translate.Part) {
	d.r.Turns = append(d.r.Turns, translate.Turn{Role: role, Parts: parts})
}

// item reads one item. Which ones may be left out is a matter of what the model
// loses: the vendor's own searches and scripts have done their work in the text
// that follows them; a computer's, a shell's or a patch's output has not, and
// compacted or referenced history is the conversation itself.
func (d *decoder) item(v value) error {
	it := scanItem(v)
	switch string(it.kind) {
	case "message":
		return d.message(&it)
	case "":
		if len(it.role) > 0 { // EasyInputMessage may omit its type
			return d.message(&it)
		}
		return translate.BadRequest("type", "the item's type is missing")
	case "reasoning":
		return d.thinking(&it)
	case "function_call", "custom_tool_call":
		return d.call(&it)
	case "function_call_output", "custom_tool_call_output":
		return d.result(&it)
	case "additional_tools":
		if jsonlit.Null(it.tools) {
			return nil
		}
		return d.addMore(it.tools)
	case "tool_search_output":
		// The tools that a search found are on offer from then on.
		d.left(string(it.kind))
		if !jsonlit.IsArray(it.tools) {
			return nil
		}
		return d.addMore(it.tools)
	case "web_search_call", "file_search_call", "code_interpreter_call", "image_generation_call", "mcp_list_tools", "mcp_call",
		"tool_search_call", "compaction_trigger", "configuration_update":
		d.left(string(it.kind))
		return nil
	case "item_reference":
		return translate.BadRequest("type", "an item_reference points into the vendor's store, and this gateway stores nothing: send the item itself (store: false)")
	case "compaction":
		return translate.BadRequest("type", "a compaction item can be read by the vendor that wrote it only: send the conversation itself")
	case "computer_call", "computer_call_output", "local_shell_call", "local_shell_call_output", "shell_call", "shell_call_output",
		"apply_patch_call", "apply_patch_call_output", "mcp_approval_request", "mcp_approval_response", "program", "program_output":
		return translate.BadRequest("type", "%s items cannot be translated to another provider's protocol: offer the tool as a function", it.kind)
	}
	return translate.BadRequest("type", "unknown item type; known are message, reasoning, function_call, function_call_output, custom_tool_call, custom_tool_call_output, additional_tools")
}

// left names an item that was left out among the members that the neutral form
// has no place for, once per type.
func (d *decoder) left(kind string) {
	name := "input." + kind
	for _, f := range d.r.Extra {
		if f.Name == name {
			return
		}
	}
	d.extra(name, value("true"))
}

// message reads EasyInputMessage, Message and ResponseOutputMessage alike.
func (d *decoder) message(it *item) error {
	role := translate.UserRole
	switch string(jsonlit.Inner(it.role)) {
	case "user":
	case "assistant":
		role = translate.AssistantRole
	case "system", "developer":
		role = translate.SystemRole
	default:
		return translate.BadRequest("role", `must be "user", "assistant", "system" or "developer"`)
	}
	parts, err := contentParts("content", it.content, role)
	if err != nil || len(parts) == 0 {
		return err
	}
	if role == translate.SystemRole && len(d.r.Turns) == 0 {
		d.r.System = append(d.r.System, parts...)
		return nil
	}
	d.turn(role, parts...)
	return nil
}

// thinking reads a reasoning item: its visible text and the vendor's opaque
// state. Codex sends content:null and no id.
func (d *decoder) thinking(it *item) error {
	for _, list := range [...]struct {
		name string
		v    value
	}{{"summary", it.summary}, {"content", it.content}} {
		if !jsonlit.Null(list.v) && !jsonlit.IsArray(list.v) {
			return translate.BadRequest(list.name, "must be an array of parts")
		}
	}
	p := translate.Part{Kind: translate.Thinking, Text: joinTexts(it.summary, it.content)}
	if jsonlit.IsString(it.encrypted) && len(it.encrypted) > 2 {
		p.Signature = it.encrypted
	}
	if p.Text == nil {
		if p.Signature == nil {
			return nil
		}
		p.Text = value(`""`)
	}
	d.turn(translate.AssistantRole, p)
	return nil
}

func (d *decoder) call(it *item) error {
	c := &translate.Call{Custom: string(it.kind) == "custom_tool_call"}
	if err := required("call_id", it.callID, &c.ID); err != nil {
		return err
	}
	if err := required("name", it.name, &c.Name); err != nil {
		return err
	}
	if !jsonlit.Null(it.namespace) {
		if err := text("namespace", it.namespace, &c.Namespace); err != nil {
			return err
		}
	}
	name, v := "arguments", it.arguments
	if c.Custom {
		name, v = "input", it.input
	}
	if err := literal(name, v, &c.Text); err != nil {
		return err
	}
	d.turn(translate.AssistantRole, translate.Part{Kind: translate.ToolCall, Call: c})
	return nil
}

func (d *decoder) result(it *item) error {
	r := &translate.Result{}
	if err := required("call_id", it.callID, &r.CallID); err != nil {
		return err
	}
	var err error
	if r.Parts, err = contentParts("output", it.output, translate.UserRole); err != nil {
		return err
	}
	d.turn(translate.UserRole, translate.Part{Kind: translate.ToolResult, Result: r})
	return nil
}

func required(name string, v value, to *string) error {
	if err := text(name, v, to); err != nil || *to != "" {
		return err
	}
	return translate.BadRequest(name, "must not be empty")
}
