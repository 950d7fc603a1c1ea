package chat

import (
	"fmt"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
	"github.com/fairway-gateway/fairway/translate/openai"
)

// message is one element of messages, its members found and not yet read.
type message struct {
	role, content, refusal, reasoning, calls, call, callID, name, audio jsonlit.Value
}

// messages reads the conversation. Leading system and developer messages become
// Request.System, later ones turns of their own; tool messages become user
// turns, which Settle merges.
func (d *decoder) messages(list jsonlit.Value) error {
	if jsonlit.Null(list) {
		return translate.BadRequest("messages", "is required")
	}
	if !jsonlit.IsArray(list) {
		return translate.BadRequest("messages", "must be an array of messages")
	}
	d.leading = true
	i := 0
	for v := range jsonlit.Elements(list) {
		if err := d.message(i, v); err != nil {
			return err
		}
		i++
	}
	if i == 0 {
		return translate.BadRequest("messages", "must hold at least one message")
	}
	return nil
}

func (d *decoder) message(i int, v jsonlit.Value) error {
	if !jsonlit.IsObject(v) {
		return translate.BadRequest(at(i, ""), "must be an object")
	}
	var m message
	for name, val := range jsonlit.Fields(v) {
		switch string(name) {
		case "role":
			m.role = val
		case "content":
			m.content = val
		case "refusal":
			m.refusal = val
		case "reasoning_content": // DeepSeek, vLLM
			m.reasoning = val
		case "reasoning": // OpenRouter, newer vLLM
			if jsonlit.Null(m.reasoning) && jsonlit.IsString(val) {
				m.reasoning = val
			}
		case "tool_calls":
			m.calls = val
		case "function_call":
			m.call = val
		case "tool_call_id":
			m.callID = val
		case "name":
			m.name = val
		case "audio":
			m.audio = val
		}
	}
	switch string(jsonlit.Inner(m.role)) {
	case "system", "developer":
		return d.system(i, m)
	case "user":
		return d.user(i, m)
	case "assistant":
		return d.assistant(i, m)
	case "tool":
		return d.tool(i, m)
	case "function":
		return d.function(i, m)
	}
	if jsonlit.Null(m.role) {
		return translate.BadRequest(at(i, ".role"), "is required")
	}
	return translate.BadRequest(at(i, ".role"), "must be one of system, developer, user, assistant, tool, function")
}

func at(i int, member string) string { return fmt.Sprintf("messages[%d]%s", i, member) }

func (d *decoder) turn(role translate.Role, parts []translate.Part) {
	if role != translate.SystemRole {
		d.leading = false
	}
	d.r.Turns = append(d.r.Turns, translate.Turn{Role: role, Parts: parts})
}

func (d *decoder) system(i int, m message) error {
	parts, err := content(i, m.content, onlyText)
	if err != nil {
		return err
	}
	if len(parts) == 0 {
		return translate.BadRequest(at(i, ".content"), "is required")
	}
	if d.leading {
		d.r.System = append(d.r.System, parts...)
		return nil
	}
	d.turn(translate.SystemRole, parts)
	return nil
}

func (d *decoder) user(i int, m message) error {
	parts, err := content(i, m.content, userParts)
	if err != nil {
		return err
	}
	if len(parts) == 0 {
		return translate.BadRequest(at(i, ".content"), "is required")
	}
	d.turn(translate.UserRole, parts)
	return nil
}

func (d *decoder) assistant(i int, m message) error {
	if jsonlit.IsObject(m.audio) && jsonlit.Null(m.content) {
		return translate.BadRequest(at(i, ".audio"), "an earlier spoken answer is stored with its vendor; send its transcript as content")
	}
	var parts []translate.Part
	if jsonlit.IsString(m.reasoning) && len(jsonlit.Inner(m.reasoning)) > 0 {
		parts = append(parts, translate.Part{Kind: translate.Thinking, Text: m.reasoning})
	}
	said, err := content(i, m.content, assistantParts)
	if err != nil {
		return err
	}
	for _, p := range said {
		if len(jsonlit.Inner(p.Text)) > 0 { // clients put "" beside tool calls
			parts = append(parts, p)
		}
	}
	if !jsonlit.Null(m.refusal) {
		if !jsonlit.IsString(m.refusal) {
			return translate.BadRequest(at(i, ".refusal"), "must be a string")
		}
		parts = append(parts, translate.Part{Kind: translate.Refusal, Text: m.refusal})
	}
	if parts, err = calls(i, parts, m.calls); err != nil {
		return err
	}
	if !jsonlit.Null(m.call) {
		c, err := legacyCall(at(i, ".function_call"), m.call)
		if err != nil {
			return err
		}
		c.ID = translate.CallID(i, 0, c.Name)
		d.legacy = append(d.legacy, c)
		parts = append(parts, translate.Part{Kind: translate.ToolCall, Call: c})
	}
	if len(parts) == 0 {
		parts = []translate.Part{{Kind: translate.Text, Text: jsonlit.Value(`""`)}}
	}
	d.turn(translate.AssistantRole, parts)
	return nil
}

// calls reads tool_calls and appends them to parts.
func calls(i int, parts []translate.Part, list jsonlit.Value) ([]translate.Part, error) {
	if jsonlit.Null(list) {
		return parts, nil
	}
	if !jsonlit.IsArray(list) {
		return nil, translate.BadRequest(at(i, ".tool_calls"), "must be an array")
	}
	j := 0
	for v := range jsonlit.Elements(list) {
		p, err := call(v, func(member string) string { return fmt.Sprintf("messages[%d].tool_calls[%d]%s", i, j, member) })
		if err != nil {
			return nil, err
		}
		parts = append(parts, p)
		j++
	}
	return parts, nil
}

func call(v jsonlit.Value, at func(string) string) (p translate.Part, err error) {
	if !jsonlit.IsObject(v) {
		return p, translate.BadRequest(at(""), "must be an object")
	}
	c := new(translate.Call)
	p = translate.Part{Kind: translate.ToolCall, Call: c}
	var kind string
	var function, custom jsonlit.Value
	for name, val := range jsonlit.Fields(v) {
		switch string(name) {
		case "id":
			c.ID, err = openai.String(at(".id"), val)
		case "type":
			kind, err = openai.String(at(".type"), val)
		case "function":
			function = val
		case "custom":
			custom = val
		case "extra_content": // Google's compatible endpoint
			if s := jsonlit.Get(val, "google", "thought_signature"); jsonlit.IsString(s) {
				p.Signature = s
			}
		}
		if err != nil {
			return p, err
		}
	}
	if c.ID == "" {
		return p, translate.BadRequest(at(".id"), "is required")
	}
	switch {
	case kind == "custom":
		if !jsonlit.IsObject(custom) {
			return p, translate.BadRequest(at(".custom"), "must be an object")
		}
		c.Custom = true
		if c.Name, err = openai.String(at(".custom.name"), jsonlit.Get(custom, "name")); err != nil {
			return p, err
		}
		c.Text, err = openai.Literal(at(".custom.input"), jsonlit.Get(custom, "input"))
		if c.Name == "" && err == nil {
			err = translate.BadRequest(at(".custom.name"), "is required")
		}
		return p, err
	case kind == "function" || kind == "":
		f, err := legacyCall(at(".function"), function)
		if err != nil {
			return p, err
		}
		f.ID = c.ID
		p.Call = f
		return p, nil
	}
	return p, translate.BadRequest(at(".type"), "must be one of function, custom")
}

// legacyCall reads the object with name and arguments that both function_call
// and tool_calls hold. Some clients send the arguments as an object.
func legacyCall(param string, v jsonlit.Value) (*translate.Call, error) {
	if !jsonlit.IsObject(v) {
		return nil, translate.BadRequest(param, "must be an object")
	}
	c := new(translate.Call)
	var err error
	for name, val := range jsonlit.Fields(v) {
		switch string(name) {
		case "name":
			c.Name, err = openai.String(param+".name", val)
		case "arguments":
			switch {
			case jsonlit.Null(val):
			case jsonlit.IsString(val):
				c.Text = val
			case jsonlit.IsObject(val):
				c.Object = val
			default:
				err = translate.BadRequest(param+".arguments", "must be a string that holds JSON")
			}
		}
		if err != nil {
			return nil, err
		}
	}
	if c.Name == "" {
		return nil, translate.BadRequest(param+".name", "is required")
	}
	return c, nil
}

func (d *decoder) tool(i int, m message) error {
	id, err := openai.String(at(i, ".tool_call_id"), m.callID)
	if err != nil {
		return err
	}
	if id == "" {
		return translate.BadRequest(at(i, ".tool_call_id"), "is required")
	}
	return d.result(i, m, id)
}

// function reads the legacy answer to a function_call, which names no call: it
// belongs to the latest one of its name that has no answer yet.
func (d *decoder) function(i int, m message) error {
	name, err := openai.String(at(i, ".name"), m.name)
	if err != nil {
		return err
	}
	for j := len(d.legacy) - 1; j >= 0; j-- {
		if c := d.legacy[j]; c.Name == name {
			d.legacy = append(d.legacy[:j], d.legacy[j+1:]...)
			return d.result(i, m, c.ID)
		}
	}
	return translate.BadRequest(at(i, ".name"), "names no function_call of an earlier assistant message")
}

func (d *decoder) result(i int, m message, id string) error {
	parts, err := content(i, m.content, toolParts)
	if err != nil {
		return err
	}
	d.turn(translate.UserRole, []translate.Part{{Kind: translate.ToolResult, Result: &translate.Result{CallID: id, Parts: parts}}})
	return nil
}
