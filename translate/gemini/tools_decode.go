package gemini

import (
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// tool reads one genai.Tool, which may hold function declarations and any
// number of Google's own tools. Each of the latter becomes a hosted tool named
// after its member.
func (d *requestDecoder) tool(v jsonlit.Value) error {
	if err := wantObject("", v); err != nil {
		return err
	}
	for k, val := range jsonlit.Fields(v) {
		if jsonlit.Null(val) {
			continue
		}
		name := string(member(k))
		if name != "functionDeclarations" {
			raw := append(jsonlit.AppendQuote([]byte{'{'}, name), ':')
			raw = append(append(raw, val...), '}')
			t := translate.Tool{Kind: translate.HostedTool, Name: name, Raw: raw}
			if name == "googleSearch" || name == "googleSearchRetrieval" {
				t.Search = new(translate.SearchTool)
				for _, domain := range items(camelGet(val, "excludeDomains")) {
					t.Search.Blocked = append(t.Search.Blocked, domain)
				}
			}
			d.r.Tools = append(d.r.Tools, t)
			continue
		}
		for i, decl := range items(val) {
			t, err := function(decl)
			if err != nil {
				return at(err, name, i)
			}
			d.r.Tools = append(d.r.Tools, t)
		}
	}
	return nil
}

// function reads a genai.FunctionDeclaration. parametersJsonSchema is JSON
// Schema; parameters is Google's older subset of OpenAPI's and made JSON Schema.
func function(v jsonlit.Value) (t translate.Tool, err error) {
	if err := wantObject("", v); err != nil {
		return t, err
	}
	var older jsonlit.Value
	for k, v := range jsonlit.Fields(v) {
		if jsonlit.Null(v) {
			continue
		}
		switch name := string(member(k)); name {
		case "name":
			if err := wantString(name, v); err != nil {
				return t, err
			}
			t.Name = jsonlit.Str(v)
		case "description":
			if err := wantString(name, v); err != nil {
				return t, err
			}
			t.Description = v
		case "parameters", "parametersJsonSchema":
			if err := wantObject(name, v); err != nil {
				return t, err
			}
			if name == "parameters" {
				older = v
			} else {
				t.Schema = v
			}
		}
	}
	if t.Name == "" {
		return t, translate.BadRequest("name", "is required")
	}
	if t.Schema == nil {
		t.Schema = older
	}
	t.Schema = jsonSchema(t.Schema)
	return t, nil
}

// toolConfig reads a genai.ToolConfig. VALIDATED leaves the model the choice.
func (d *requestDecoder) toolConfig(v jsonlit.Value) error {
	if err := wantObject("", v); err != nil {
		return err
	}
	for k, v := range jsonlit.Fields(v) {
		if string(member(k)) != "functionCallingConfig" || jsonlit.Null(v) {
			continue
		}
		if err := d.callingConfig(v); err != nil {
			return inside(err, "functionCallingConfig")
		}
	}
	return nil
}

func (d *requestDecoder) callingConfig(v jsonlit.Value) error {
	if err := wantObject("", v); err != nil {
		return err
	}
	c := &d.r.Choice
	for k, v := range jsonlit.Fields(v) {
		if jsonlit.Null(v) {
			continue
		}
		switch name := string(member(k)); name {
		case "mode":
			mode, err := enum(name, v)
			if err != nil {
				return err
			}
			switch mode {
			case "", "MODE_UNSPECIFIED":
			case "AUTO", "VALIDATED":
				c.Mode = translate.ChooseAuto
			case "ANY":
				c.Mode = translate.ChooseAny
			case "NONE":
				c.Mode = translate.ChooseNone
			default:
				return translate.BadRequest(name, "must be AUTO, ANY, NONE or VALIDATED")
			}
		case "allowedFunctionNames":
			for i, n := range items(v) {
				if err := wantString("", n); err != nil {
					return at(err, name, i)
				}
				c.Names = append(c.Names, jsonlit.Str(n))
			}
		}
	}
	if c.Mode == translate.ChooseAny && len(c.Names) == 1 {
		c.Mode = translate.ChooseNamed
	}
	if c.Mode == translate.ChooseUnset || c.Mode == translate.ChooseNone {
		c.Names = nil
	}
	return nil
}
