package gemini

import (
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// DecodeRequest reads a GenerateContentRequest, or a CountTokensRequest in
// either of its forms (contents alone, or a whole generateContentRequest).
// Google's members that the neutral form does not model go to Extra under their
// camelCase names, those of generationConfig as "generationConfig.name".
func (Dialect) DecodeRequest(body []byte, hint translate.Hint) (*translate.Request, error) {
	d := &requestDecoder{r: &translate.Request{
		Dialect: translate.Gemini, Operation: hint.Operation, Stream: hint.Stream, Array: hint.Array,
	}}
	if !jsonlit.IsObject(body) {
		return nil, translate.BadRequest("", "the body must be a JSON object")
	}
	// Thoughts are part of an answer only where the client asks for them.
	d.r.Reasoning.Show = translate.False
	if err := d.body(body); err != nil {
		return nil, err
	}
	if hint.Model != "" {
		d.r.Model = bareModel(hint.Model)
	}
	if d.r.Model == "" {
		return nil, translate.BadRequest("model", "the path must name the model: /v1beta/models/{model}:generateContent")
	}
	if err := translate.Settle(d.r); err != nil {
		return nil, err
	}
	return d.r, nil
}

type requestDecoder struct {
	r     *translate.Request
	parts []translate.Part // all turns' parts; each turn holds a piece of it

	waiting  []*translate.Call // calls of the last model turn without a result so far
	answered bool              // a user turn came behind that model turn
	ids      map[string]int    // the ids of calls so far, and how many calls of each have no result
}

func (d *requestDecoder) body(body jsonlit.Value) error {
	if d.r.Operation == translate.CountTokens {
		for k, v := range jsonlit.Fields(body) {
			if string(member(k)) == "generateContentRequest" && !jsonlit.Null(v) {
				const name = "generateContentRequest"
				if err := wantObject(name, v); err != nil {
					return err
				}
				if err := d.request(v); err != nil {
					return inside(err, name)
				}
				return nil
			}
		}
	}
	return d.request(body)
}

func (d *requestDecoder) request(v jsonlit.Value) error {
	r := d.r
	var contents jsonlit.Value
	for k, v := range jsonlit.Fields(v) {
		if jsonlit.Null(v) {
			continue
		}
		var err error
		switch name := member(k); string(name) {
		case "model":
			if err = wantString("model", v); err == nil {
				r.Model = bareModel(jsonlit.Str(v))
			}
		case "contents":
			contents = v
		case "systemInstruction":
			err = inside(d.system(v), "systemInstruction")
		case "tools":
			for i, tool := range items(v) {
				if err = d.tool(tool); err != nil {
					err = at(err, "tools", i)
					break
				}
			}
		case "toolConfig":
			err = inside(d.toolConfig(v), "toolConfig")
		case "generationConfig":
			err = inside(d.generationConfig(v), "generationConfig")
		case "serviceTier":
			r.Tier, err = tier(v)
		case "store":
			if _, err = boolean("store", v); err == nil {
				r.Store = translate.TriOf(v)
			}
		default:
			d.extra(string(name), v)
		}
		if err != nil {
			return err
		}
	}
	if jsonlit.Null(contents) {
		return translate.BadRequest("contents", "is required: a list of {role, parts}")
	}
	if err := d.contents(contents); err != nil {
		return err
	}
	if len(r.Turns) == 0 {
		return translate.BadRequest("contents", "must hold at least one part")
	}
	return nil
}

func (d *requestDecoder) extra(name string, v jsonlit.Value) {
	d.r.Extra = append(d.r.Extra, translate.Field{Name: name, Value: v})
}

// tier gives Google's tiers the names that OpenAI has for the same.
func tier(v jsonlit.Value) (string, error) {
	name, err := enum("serviceTier", v)
	switch name {
	case "STANDARD":
		return "default", err
	case "FLEX":
		return "flex", err
	case "PRIORITY":
		return "priority", err
	}
	return "", err
}

// system reads systemInstruction: a Content, or a bare string as some libraries
// send it. Its role does not matter.
func (d *requestDecoder) system(v jsonlit.Value) error {
	if jsonlit.IsString(v) {
		d.r.System = append(d.r.System, translate.Part{Kind: translate.Text, Text: v})
		return nil
	}
	if err := wantObject("", v); err != nil {
		return err
	}
	for k, parts := range jsonlit.Fields(v) {
		if string(k) != "parts" {
			continue
		}
		for i, p := range items(parts) {
			text, err := systemText(p)
			if err != nil {
				return at(err, "parts", i)
			}
			if text != nil {
				d.r.System = append(d.r.System, translate.Part{Kind: translate.Text, Text: text})
			}
		}
	}
	return nil
}

func systemText(part jsonlit.Value) (jsonlit.Value, error) {
	if jsonlit.IsString(part) {
		return part, nil
	}
	if err := wantObject("", part); err != nil {
		return nil, err
	}
	for k, v := range jsonlit.Fields(part) {
		switch name := string(member(k)); {
		case jsonlit.Null(v):
		case name == "text":
			return v, wantString("text", v)
		case dataMember(name):
			return nil, translate.BadRequest(name, "system instructions hold text only")
		}
	}
	return nil, nil
}
