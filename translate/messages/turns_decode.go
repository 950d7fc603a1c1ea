package messages

import (
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// turns reads the messages. System messages before the first turn are leading
// instructions; later ones stay where they are.
func (d *requestDecoder) turns(v translate.Value) *translate.Error {
	if !jsonlit.IsArray(v) {
		return wrong("messages", "a list")
	}
	i := 0
	for m := range jsonlit.Elements(v) {
		if err := d.turn(m); err != nil {
			return within(at(err, i), "messages")
		}
		i++
	}
	return nil
}

func (d *requestDecoder) turn(m translate.Value) *translate.Error {
	if !jsonlit.IsObject(m) {
		return wrong("", "an object")
	}
	var role, content translate.Value
	for name, v := range jsonlit.Fields(m) {
		switch string(name) {
		case "role":
			role = v
		case "content":
			content = v
		}
	}
	t := translate.Turn{}
	switch jsonlit.Str(role) {
	case "user":
	case "assistant":
		t.Role = translate.AssistantRole
	case "system":
		t.Role = translate.SystemRole
		parts, err := d.system(content)
		if err != nil {
			return within(err, "content")
		}
		if len(d.r.Turns) == 0 {
			d.r.System = append(d.r.System, parts...)
			return nil
		}
		if t.Parts = parts; len(parts) > 0 {
			d.r.Turns = append(d.r.Turns, t)
		}
		return nil
	default:
		return wrong("role", `"user", "assistant" or "system"`)
	}
	parts, err := d.content(content, t.Role)
	if err != nil {
		return within(err, "content")
	}
	t.Parts = parts
	d.r.Turns = append(d.r.Turns, t)
	return nil
}

// system reads instructions: a string or a list of text blocks.
func (d *requestDecoder) system(v translate.Value) ([]translate.Part, *translate.Error) {
	if jsonlit.IsString(v) {
		if len(jsonlit.Inner(v)) == 0 {
			return nil, nil
		}
		return []translate.Part{{Kind: translate.Text, Text: v}}, nil
	}
	if !jsonlit.IsArray(v) {
		return nil, wrong("", "a string or a list of text blocks")
	}
	var parts []translate.Part
	i := 0
	for e := range jsonlit.Elements(v) {
		b, err := readBlock(e)
		if err == nil && string(b.kind) != "text" {
			err = wrong("type", `"text"`)
		}
		if err == nil {
			parts, err = d.block(parts, &b, translate.SystemRole)
		}
		if err != nil {
			return nil, at(err, i)
		}
		i++
	}
	return parts, nil
}

// content reads what a user or an assistant said: a string or a list of blocks.
// Texts without a character are left out, unless nothing else was said.
func (d *requestDecoder) content(v translate.Value, role translate.Role) ([]translate.Part, *translate.Error) {
	if jsonlit.IsString(v) {
		return []translate.Part{{Kind: translate.Text, Text: v}}, nil
	}
	if !jsonlit.IsArray(v) {
		return nil, wrong("", "a string or a list of blocks")
	}
	n := 0
	for range jsonlit.Elements(v) {
		n++
	}
	parts := make([]translate.Part, 0, n)
	i := 0
	for e := range jsonlit.Elements(v) {
		b, err := readBlock(e)
		if err == nil {
			parts, err = d.block(parts, &b, role)
		}
		if err != nil {
			return nil, at(err, i)
		}
		i++
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

func readBlock(v translate.Value) (b block, err *translate.Error) {
	if !jsonlit.IsObject(v) {
		return b, wrong("", "an object")
	}
	for name, v := range jsonlit.Fields(v) {
		switch string(name) {
		case "type":
			b.kind = jsonlit.Inner(v)
		case "text":
			b.text = v
		case "source":
			b.source = v
		case "title":
			b.title = v
		case "content":
			b.content = v
		case "id":
			b.id = v
		case "name":
			b.name = v
		case "input":
			b.input = v
		case "tool_use_id":
			b.toolUseID = v
		case "is_error":
			b.isError = v
		case "thinking":
			b.thinking = v
		case "signature":
			b.signature = v
		case "data":
			b.data = v
		case "file_id":
			b.fileID = v
		case "tool_name":
			b.tool = v
		case "cache_control":
			b.cache = v
		case "citations":
			b.citations = jsonlit.IsArray(v)
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
