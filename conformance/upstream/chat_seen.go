package upstream

import (
	"github.com/go-json-experiment/json/jsontext"
	"github.com/tidwall/gjson"
)

func seeChat(rec *Record) Seen {
	s := Seen{
		Temperature: number(rec.Get("temperature")), TopP: number(rec.Get("top_p")), Seed: number(rec.Get("seed")),
		FrequencyPenalty: number(rec.Get("frequency_penalty")), PresencePenalty: number(rec.Get("presence_penalty")),
		MaxOutput: number(rec.Get("max_completion_tokens")) + number(rec.Get("max_tokens")),
		Stop:      stringList(rec.Get("stop")), Parallel: boolean(rec.Get("parallel_tool_calls")),
		Effort: rec.Get("reasoning_effort").String(), Usage: rec.Get("stream_options.include_usage").Bool(),
		User: rec.Get("safety_identifier").String() + rec.Get("user").String(),
	}
	if f := rec.Get("response_format"); f.Exists() {
		s.JSON = f.Get("type").String() != "text"
		if schema := f.Get("json_schema.schema"); schema.Exists() {
			s.Schema, s.SchemaName = jsontext.Value(schema.Raw), f.Get("json_schema.name").String()
		}
	}
	s.Choice, s.ChoiceName = openAIChoice(rec.Get("tool_choice"), "function.name")
	for _, t := range rec.Get("tools").Array() {
		kind := t.Get("type").String()
		body := t.Get(kind)
		s.Tools = append(s.Tools, Tool{Kind: kind, Name: body.Get("name").String(), Description: body.Get("description").String(),
			Schema: jsontext.Value(body.Get("parameters").Raw), Strict: boolean(body.Get("strict"))})
	}
	leading := true
	names := map[string]string{}
	for _, m := range rec.Get("messages").Array() {
		role := m.Get("role").String()
		parts := chatParts(m.Get("content"))
		if leading && (role == "system" || role == "developer") {
			for _, p := range parts {
				s.System = append(s.System, p.Text)
			}
			continue
		}
		leading = false
		if r := m.Get("reasoning_content").String(); r != "" {
			parts = append([]Part{{Kind: "thinking", Text: r}}, parts...)
		}
		for _, c := range m.Get("tool_calls").Array() {
			id := c.Get("id").String()
			names[id] = c.Get("function.name").String() + c.Get("custom.name").String()
			parts = append(parts, Part{Kind: "call", ID: id, Name: names[id], Args: c.Get("function.arguments").String() + c.Get("custom.input").String()})
		}
		if role == "tool" {
			id := m.Get("tool_call_id").String()
			parts = []Part{{Kind: "result", ID: id, Name: names[id], Parts: parts}}
		}
		s.Turns = append(s.Turns, Turn{Role: role, Parts: parts})
	}
	return s
}

func chatParts(content gjson.Result) []Part {
	if content.Type == gjson.String {
		if content.String() == "" {
			return nil
		}
		return []Part{{Kind: "text", Text: content.String()}}
	}
	var out []Part
	for _, c := range content.Array() {
		switch kind := c.Get("type").String(); kind {
		case "image_url":
			p := Part{Kind: "image"}
			p.MIME, p.Data, p.URL = dataURL(c.Get("image_url.url").String())
			out = append(out, p)
		case "file":
			p := Part{Kind: "file", Filename: c.Get("file.filename").String()}
			p.MIME, p.Data, p.URL = dataURL(c.Get("file.file_data").String())
			out = append(out, p)
		default:
			out = append(out, Part{Kind: kind, Text: c.Get("text").String()})
		}
	}
	return out
}

// openAIChoice reads tool_choice; at is where a forced function's name stands.
func openAIChoice(c gjson.Result, at string) (choice, name string) {
	switch {
	case !c.Exists():
		return "", ""
	case c.Type == gjson.String && c.String() == "required":
		return "any", ""
	case c.Type == gjson.String:
		return c.String(), ""
	}
	return "one", c.Get(at).String()
}
