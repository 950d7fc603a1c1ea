package upstream

import (
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/tidwall/gjson"
)

func itoa(n int) string { return strconv.Itoa(n) }

func seeResponses(rec *Record) Seen {
	s := Seen{
		Temperature: number(rec.Get("temperature")), TopP: number(rec.Get("top_p")),
		MaxOutput: number(rec.Get("max_output_tokens")), Parallel: boolean(rec.Get("parallel_tool_calls")),
		Effort: rec.Get("reasoning.effort").String(), ShowThinking: rec.Get("reasoning.summary").String() != "",
		User: rec.Get("safety_identifier").String() + rec.Get("user").String(),
	}
	if f := rec.Get("text.format"); f.Exists() {
		s.JSON = f.Get("type").String() != "text"
		if f.Get("type").String() == "json_schema" {
			s.Schema, s.SchemaName = jsontext.Value(f.Get("schema").Raw), f.Get("name").String()
		}
	}
	s.Choice, s.ChoiceName = openAIChoice(rec.Get("tool_choice"), "name")
	s.Tools = responsesSeenTools(rec.Get("tools"))
	if i := rec.Get("instructions").String(); i != "" {
		s.System = append(s.System, i)
	}
	input := rec.Get("input")
	if input.Type == gjson.String {
		s.Turns = []Turn{{Role: "user", Parts: []Part{{Kind: "text", Text: input.String()}}}}
		return s
	}
	leading := true
	names := map[string]string{}
	for _, item := range input.Array() {
		t := responsesItem(item, names)
		if leading && (t.Role == "system" || t.Role == "developer") {
			for _, p := range t.Parts {
				s.System = append(s.System, p.Text)
			}
			continue
		}
		if item.Get("type").String() == "additional_tools" {
			s.Tools = append(s.Tools, responsesSeenTools(item.Get("tools"))...)
			continue
		}
		leading = false
		s.Turns = append(s.Turns, t)
	}
	return s
}

func responsesSeenTools(list gjson.Result) []Tool {
	var out []Tool
	for _, t := range list.Array() {
		kind := t.Get("type").String()
		if kind == "namespace" {
			out = append(out, responsesSeenTools(t.Get("tools"))...)
			continue
		}
		name := t.Get("name").String()
		if name == "" {
			name = kind
		}
		out = append(out, Tool{Kind: kind, Name: name, Description: t.Get("description").String(),
			Schema: jsontext.Value(t.Get("parameters").Raw), Strict: boolean(t.Get("strict"))})
	}
	return out
}

func responsesItem(item gjson.Result, names map[string]string) Turn {
	id := item.Get("call_id").String()
	switch kind := item.Get("type").String(); kind {
	case "function_call", "custom_tool_call":
		names[id] = item.Get("name").String()
		return Turn{Role: "assistant", Parts: []Part{{Kind: "call", ID: id, Name: names[id],
			Args: item.Get("arguments").String() + item.Get("input").String()}}}
	case "function_call_output", "custom_tool_call_output":
		return Turn{Role: "tool", Parts: []Part{{Kind: "result", ID: id, Name: names[id], Parts: responsesParts(item.Get("output"))}}}
	case "reasoning":
		p := Part{Kind: "thinking", ID: item.Get("id").String(), Signature: item.Get("encrypted_content").String()}
		for _, s := range item.Get("summary").Array() {
			p.Text += s.Get("text").String()
		}
		return Turn{Role: "assistant", Parts: []Part{p}}
	case "message", "":
		return Turn{Role: item.Get("role").String(), Parts: responsesParts(item.Get("content"))}
	default:
		return Turn{Role: "item", Parts: []Part{{Kind: kind}}}
	}
}

func responsesParts(content gjson.Result) []Part {
	if content.Type == gjson.String {
		return []Part{{Kind: "text", Text: content.String()}}
	}
	var out []Part
	for _, c := range content.Array() {
		switch kind := c.Get("type").String(); kind {
		case "input_text", "output_text":
			out = append(out, Part{Kind: "text", Text: c.Get("text").String()})
		case "input_image":
			p := Part{Kind: "image"}
			p.MIME, p.Data, p.URL = dataURL(c.Get("image_url").String())
			out = append(out, p)
		case "input_file":
			p := Part{Kind: "file", Filename: c.Get("filename").String()}
			p.MIME, p.Data, p.URL = dataURL(c.Get("file_data").String() + c.Get("file_url").String())
			out = append(out, p)
		default:
			out = append(out, Part{Kind: kind, Text: c.Get("refusal").String()})
		}
	}
	return out
}
