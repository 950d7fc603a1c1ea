package chat

import (
	"fmt"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// message is one element of messages, its members found and not yet read.
type message struct {
	role, content, refusal, reasoning, details, calls, call, callID, name, audio jsonlit.Value
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
		case "reasoning_details":
			m.details = val
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
	if !jsonlit.Null(m.name) && string(jsonlit.Inner(m.role)) != "function" && string(jsonlit.Inner(m.role)) != "tool" {
		d.named(m.name)
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

// named notes, once, that messages say who wrote them.
func (d *decoder) named(name jsonlit.Value) {
	for _, f := range d.r.Extra {
		if f.Name == "message_name" {
			return
		}
	}
	d.extra("message_name", name)
}

func at(i int, member string) string { return fmt.Sprintf("messages[%d]%s", i, member) }

func pathOf(i int) path { return func(member string) string { return at(i, member) } }

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
	parts = details(parts, m.details)
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
		c, err := function(m.call, func(member string) string { return at(i, ".function_call"+member) })
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

func call(v jsonlit.Value, at path) (p translate.Part, err error) {
	if !jsonlit.IsObject(v) {
		return p, translate.BadRequest(at(""), "must be an object")
	}
	p.Kind = translate.ToolCall
	var id string
	var kind, called, custom jsonlit.Value
	for name, val := range jsonlit.Fields(v) {
		switch string(name) {
		case "id":
			id, err = at.str(".id", val)
		case "type":
			kind = val
		case "function":
			called = val
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
	if id == "" {
		return p, translate.BadRequest(at(".id"), "is required")
	}
	switch string(jsonlit.Inner(kind)) {
	case "function", "": // some clients leave the type out
		p.Call, err = function(called, func(member string) string { return at(".function" + member) })
	case "custom":
		p.Call, err = customCall(custom, func(member string) string { return at(".custom" + member) })
	default:
		return p, translate.BadRequest(at(".type"), "must be one of function, custom")
	}
	if err == nil {
		p.Call.ID = id
	}
	return p, err
}

// function reads the object with name and arguments that both function_call and
// tool_calls hold. Some clients send the arguments as an object.
func function(v jsonlit.Value, at path) (*translate.Call, error) {
	if !jsonlit.IsObject(v) {
		return nil, translate.BadRequest(at(""), "must be an object")
	}
	c := new(translate.Call)
	for name, val := range jsonlit.Fields(v) {
		var err error
		switch string(name) {
		case "name":
			c.Name, err = at.str(".name", val)
		case "arguments":
			switch {
			case jsonlit.Null(val):
			case jsonlit.IsString(val):
				c.Text = val
			case jsonlit.IsObject(val):
				c.Object = val
			default:
				err = translate.BadRequest(at(".arguments"), "must be a string that holds JSON")
			}
		}
		if err != nil {
			return nil, err
		}
	}
	if c.Name == "" {
		return nil, translate.BadRequest(at(".name"), "is required")
	}
	return c, nil
}

func customCall(v jsonlit.Value, at path) (*translate.Call, error) {
	if !jsonlit.IsObject(v) {
		return nil, translate.BadRequest(at(""), "must be an object")
	}
	c := &translate.Call{Custom: true}
	var err error
	if c.Name, err = at.str(".name", jsonlit.Get(v, "name")); err != nil {
		return nil, err
	}
	if c.Name == "" {
		return nil, translate.BadRequest(at(".name"), "is required")
	}
	c.Text, err = at.literal(".input", jsonlit.Get(v, "input"))
	return c, err
}

func (d *decoder) tool(i int, m message) error {
	id, err := pathOf(i).str(".tool_call_id", m.callID)
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
	name, err := pathOf(i).str(".name", m.name)
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
