package messages

import (
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// turns reads the messages. System messages before the first turn are leading
// instructions; later ones stay where they are.
func (d *requestDecoder) turns(c *cursor) *translate.Error {
	if c.kind() != '[' {
		return wrong("messages", "a list")
	}
	for i := range c.array() {
		if err := d.turn(c); err != nil {
			return within(element(err, i), "messages")
		}
	}
	return nil
}

func (d *requestDecoder) turn(c *cursor) *translate.Error {
	if c.kind() != '{' {
		return wrong("", "an object")
	}
	var role translate.Role
	var early *cursor // content that came before the role
	known, said := false, false
	for name := range c.object() {
		switch string(name) {
		case "role":
			if known {
				return wrong("role", "there once")
			}
			switch known = true; jsonlit.Str(c.value()) {
			case "user":
			case "assistant":
				role = translate.AssistantRole
			case "system":
				role = translate.SystemRole
			default:
				return wrong("role", `"user", "assistant" or "system"`)
			}
		case "content":
			if said || early != nil {
				return wrong("content", "there once")
			}
			if !known {
				early = &cursor{c.b, c.i}
				continue
			}
			said = true
			if err := d.say(c, role); err != nil {
				return within(err, "content")
			}
		}
	}
	switch {
	case !known:
		return wrong("role", `"user", "assistant" or "system"`)
	case said:
		return nil
	case early == nil:
		early = at(nil)
	}
	return within(d.say(early, role), "content")
}

// say adds a turn with the content at the cursor.
func (d *requestDecoder) say(c *cursor, role translate.Role) *translate.Error {
	r := d.r
	if role != translate.SystemRole {
		parts, err := d.content(c, role)
		if err == nil {
			r.Turns = append(r.Turns, translate.Turn{Role: role, Parts: parts})
		}
		return err
	}
	parts, err := d.system(c)
	switch {
	case err != nil:
		return err
	case len(r.Turns) == 0:
		r.System = append(r.System, parts...)
	case len(parts) > 0:
		r.Turns = append(r.Turns, translate.Turn{Role: role, Parts: parts})
	}
	return nil
}

// system reads instructions: a string or a list of text blocks.
func (d *requestDecoder) system(c *cursor) ([]translate.Part, *translate.Error) {
	switch c.kind() {
	case '"':
		v := c.value()
		if len(jsonlit.Inner(v)) == 0 {
			return nil, nil
		}
		return []translate.Part{{Kind: translate.Text, Text: v}}, nil
	case '[':
	default:
		return nil, wrong("", "a string or a list of text blocks")
	}
	var parts []translate.Part
	for i := range c.array() {
		b, err := readBlock(c)
		if err == nil && string(b.kind) != "text" {
			err = wrong("type", `"text"`)
		}
		if err == nil {
			parts, err = d.block(parts, &b, translate.SystemRole)
		}
		if err != nil {
			return nil, element(err, i)
		}
	}
	return parts, nil
}

// content reads what a user or an assistant said: a string or a list of blocks.
// Texts without a character are left out, unless nothing else was said.
func (d *requestDecoder) content(c *cursor, role translate.Role) ([]translate.Part, *translate.Error) {
	switch c.kind() {
	case '"':
		return []translate.Part{{Kind: translate.Text, Text: c.value()}}, nil
	case '[':
	default:
		return nil, wrong("", "a string or a list of blocks")
	}
	var parts []translate.Part
	for i := range c.array() {
		b, err := readBlock(c)
		if err == nil {
			parts, err = d.block(parts, &b, role)
		}
		if err != nil {
			return nil, element(err, i)
		}
	}
	if len(parts) == 0 {
		parts = append(parts, translate.Part{Kind: translate.Text, Text: empty})
	}
	return parts, nil
}

// empty is the text that says nothing.
var empty = translate.Value(`""`)

// block is a content block with the members that any of the kinds has.
type block struct {
	kind                                    []byte // between the quotes
	text, source, title, content            translate.Value
	id, name, input                         translate.Value
	toolUseID, isError                      translate.Value
	thinking, signature, data, fileID, tool translate.Value
	cache                                   translate.Value
	citations                               bool // of an answer: there is a list of them, maybe empty
}

// readBlock reads the block at the cursor.
func readBlock(c *cursor) (b block, err *translate.Error) {
	if c.kind() != '{' {
		return b, wrong("", "an object")
	}
	for name := range c.object() {
		switch string(name) {
		case "type":
			b.kind = jsonlit.Inner(c.value())
		case "text":
			b.text = c.value()
		case "source":
			b.source = c.value()
		case "title":
			b.title = c.value()
		case "content":
			b.content = c.value()
		case "id":
			b.id = c.value()
		case "name":
			b.name = c.value()
		case "input":
			b.input = c.value()
		case "tool_use_id":
			b.toolUseID = c.value()
		case "is_error":
			b.isError = c.value()
		case "thinking":
			b.thinking = c.value()
		case "signature":
			b.signature = c.value()
		case "data":
			b.data = c.value()
		case "file_id":
			b.fileID = c.value()
		case "tool_name":
			b.tool = c.value()
		case "cache_control":
			b.cache = c.value()
		case "citations":
			b.citations = c.kind() == '['
		}
	}
	return b, nil
}

// cacheTTL reads cache_control: {"type":"ephemeral","ttl":"5m"|"1h"}.
func cacheTTL(v translate.Value) (string, *translate.Error) {
	switch {
	case jsonlit.Null(v):
		return "", nil
	case !jsonlit.IsObject(v):
		return "", wrong("cache_control", "an object")
	}
	switch ttl := jsonlit.Get(v, "ttl"); jsonlit.Str(ttl) {
	case "1h":
		return "1h", nil
	case "", "5m":
		return "5m", nil
	}
	return "", wrong("cache_control.ttl", `"5m" or "1h"`)
}
