package upstream

import (
	"github.com/go-json-experiment/json/jsontext"
	"github.com/tidwall/gjson"
)

func seeMessages(rec *Record) Seen {
	s := Seen{
		Temperature: number(rec.Get("temperature")), TopP: number(rec.Get("top_p")), TopK: number(rec.Get("top_k")),
		MaxOutput: number(rec.Get("max_tokens")), Stop: stringList(rec.Get("stop_sequences")),
		Effort: rec.Get("output_config.effort").String(), ThinkingType: rec.Get("thinking.type").String(),
		Budget: number(rec.Get("thinking.budget_tokens")), User: rec.Get("metadata.user_id").String(),
	}
	s.ShowThinking = s.ThinkingType != "" && s.ThinkingType != "disabled" && rec.Get("thinking.display").String() != "omitted"
	if f := rec.Get("output_config.format"); f.Exists() {
		s.JSON, s.Schema = true, jsontext.Value(f.Get("schema").Raw)
	}
	switch c := rec.Get("tool_choice"); c.Get("type").String() {
	case "tool":
		s.Choice, s.ChoiceName = "one", c.Get("name").String()
	default:
		s.Choice = c.Get("type").String()
	}
	if d := rec.Get("tool_choice.disable_parallel_tool_use"); d.IsBool() {
		parallel := !d.Bool()
		s.Parallel = &parallel
	}
	for _, t := range rec.Get("tools").Array() {
		kind := t.Get("type").String()
		if kind == "" || kind == "custom" {
			kind = "function"
		}
		s.Tools = append(s.Tools, Tool{Kind: kind, Name: t.Get("name").String(), Description: t.Get("description").String(),
			Schema: jsontext.Value(t.Get("input_schema").Raw), Strict: boolean(t.Get("strict"))})
	}
	names := map[string]string{}
	for _, p := range messagesParts(rec.Get("system"), names) {
		s.System = append(s.System, p.Text)
	}
	for _, m := range rec.Get("messages").Array() {
		s.Turns = append(s.Turns, Turn{Role: m.Get("role").String(), Parts: messagesParts(m.Get("content"), names)})
	}
	return s
}

func messagesParts(content gjson.Result, names map[string]string) []Part {
	if content.Type == gjson.String {
		return []Part{{Kind: "text", Text: content.String()}}
	}
	var out []Part
	for _, b := range content.Array() {
		p := Part{Kind: b.Get("type").String()}
		switch p.Kind {
		case "text":
			p.Text = b.Get("text").String()
		case "image", "document":
			if p.Kind == "document" {
				p.Kind, p.Filename = "file", b.Get("title").String()
			}
			p.MIME, p.Data, p.URL = b.Get("source.media_type").String(), b.Get("source.data").String(), b.Get("source.url").String()
		case "thinking":
			p.Text, p.Signature = b.Get("thinking").String(), b.Get("signature").String()
		case "redacted_thinking":
			p.Kind, p.Signature = "thinking", b.Get("data").String()
		case "tool_use":
			p.Kind, p.ID, p.Name, p.Args = "call", b.Get("id").String(), b.Get("name").String(), b.Get("input").Raw
			names[p.ID] = p.Name
		case "tool_result":
			p.Kind, p.ID, p.IsError = "result", b.Get("tool_use_id").String(), b.Get("is_error").Bool()
			p.Name, p.Parts = names[p.ID], messagesParts(b.Get("content"), names)
		}
		out = append(out, p)
	}
	return out
}
