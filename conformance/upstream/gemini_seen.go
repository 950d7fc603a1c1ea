package upstream

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/tidwall/gjson"
)

func seeGemini(body gjson.Result) Seen {
	g := body.Get("generationConfig")
	s := Seen{
		Temperature: number(g.Get("temperature")), TopP: number(g.Get("topP")), TopK: number(g.Get("topK")), MaxOutput: number(g.Get("maxOutputTokens")),
		Seed: number(g.Get("seed")), FrequencyPenalty: number(g.Get("frequencyPenalty")), PresencePenalty: number(g.Get("presencePenalty")),
		Stop: stringList(g.Get("stopSequences")), Effort: strings.ToLower(g.Get("thinkingConfig.thinkingLevel").String()),
		Budget: number(g.Get("thinkingConfig.thinkingBudget")), ShowThinking: g.Get("thinkingConfig.includeThoughts").Bool(),
		JSON: g.Get("responseMimeType").String() == "application/json",
	}
	for _, at := range []string{"responseJsonSchema", "responseSchema"} {
		if v := g.Get(at); v.Exists() {
			s.Schema = jsontext.Value(v.Raw)
		}
	}
	for _, t := range list(body.Get("tools")) {
		t.ForEach(func(kind, v gjson.Result) bool {
			if kind.String() != "functionDeclarations" {
				s.Tools = append(s.Tools, Tool{Kind: kind.String(), Name: kind.String()})
			}
			return true
		})
		for _, f := range list(t.Get("functionDeclarations")) {
			schema := f.Get("parametersJsonSchema")
			if !schema.Exists() {
				schema = f.Get("parameters")
			}
			s.Tools = append(s.Tools, Tool{Kind: "function", Name: f.Get("name").String(), Description: f.Get("description").String(), Schema: jsontext.Value(schema.Raw)})
		}
	}
	config := body.Get("toolConfig.functionCallingConfig")
	allowed := config.Get("allowedFunctionNames").Array()
	switch mode := strings.ToLower(config.Get("mode").String()); {
	case mode == "any" && len(allowed) == 1:
		s.Choice, s.ChoiceName = "one", allowed[0].String()
	default:
		s.Choice = mode
	}
	for _, p := range list(body.Get("systemInstruction.parts")) {
		s.System = append(s.System, p.Get("text").String())
	}
	// Calls without ids are told apart by their place; a response without an id answers the first open call of its name.
	open := map[string][]string{}
	n := 0
	for _, c := range list(body.Get("contents")) {
		t := Turn{Role: strings.ToLower(c.Get("role").String())}
		switch t.Role {
		case "model":
			t.Role = "assistant"
		case "":
			t.Role = "user"
		}
		for _, p := range list(c.Get("parts")) {
			part := geminiPart(p)
			switch part.Kind {
			case "call":
				if part.ID == "" {
					n++
					part.ID = "call#" + itoa(n)
				}
				open[part.Name] = append(open[part.Name], part.ID)
			case "result":
				if ids := open[part.Name]; part.ID == "" && len(ids) > 0 {
					part.ID, open[part.Name] = ids[0], ids[1:]
				}
			}
			t.Parts = append(t.Parts, part)
		}
		s.Turns = append(s.Turns, t)
	}
	return s
}

func geminiPart(p gjson.Result) Part {
	out := Part{Kind: "text", Text: p.Get("text").String(), Signature: p.Get("thoughtSignature").String()}
	switch {
	case p.Get("thought").Bool():
		out.Kind = "thinking"
	case p.Get("inlineData").Exists():
		return media(p.Get("inlineData"))
	case p.Get("fileData").Exists():
		return media(p.Get("fileData"))
	case p.Get("functionCall").Exists():
		f := p.Get("functionCall")
		out.Kind, out.ID, out.Name, out.Args = "call", f.Get("id").String(), f.Get("name").String(), f.Get("args").Raw
	case p.Get("functionResponse").Exists():
		f := p.Get("functionResponse")
		out.Kind, out.ID, out.Name = "result", f.Get("id").String(), f.Get("name").String()
		response := f.Get("response")
		text := response.Get("output")
		if e := response.Get("error"); e.Exists() {
			out.IsError, text = true, e
		}
		switch {
		case text.Type == gjson.String:
			out.Parts = []Part{{Kind: "text", Text: text.String()}}
		case text.Exists():
			out.Parts = []Part{{Kind: "text", Text: text.Raw}}
		case len(response.Map()) > 0:
			out.Parts = []Part{{Kind: "text", Text: response.Raw}}
		}
		for _, m := range f.Get("parts").Array() {
			m.ForEach(func(_, v gjson.Result) bool {
				out.Parts = append(out.Parts, media(v))
				return true
			})
		}
	}
	return out
}

func media(m gjson.Result) Part {
	p := Part{Kind: "file", MIME: m.Get("mimeType").String(), Data: m.Get("data").String(), URL: m.Get("fileUri").String()}
	if strings.HasPrefix(p.MIME, "image/") {
		p.Kind = "image"
	}
	return p
}
