package chat

import (
	"fmt"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
	"github.com/fairway-gateway/fairway/translate/openai"
)

// tools reads the tools on offer. A type that is neither function nor custom is
// a vendor's hosted tool, which only its own server can run.
func (d *decoder) tools(v jsonlit.Value) error {
	if jsonlit.Null(v) {
		return nil
	}
	if !jsonlit.IsArray(v) {
		return translate.BadRequest("tools", "must be an array of tools")
	}
	i := 0
	for e := range jsonlit.Elements(v) {
		param := fmt.Sprintf("tools[%d]", i)
		if !jsonlit.IsObject(e) {
			return translate.BadRequest(param, "must be an object")
		}
		kind, err := openai.String(param+".type", jsonlit.Get(e, "type"))
		if err != nil {
			return err
		}
		var t translate.Tool
		switch kind {
		case "function":
			t, err = definition(jsonlit.Get(e, kind), param+".function")
		case "custom":
			t, err = definition(jsonlit.Get(e, kind), param+".custom")
			t.Kind, t.Raw = translate.CustomTool, e
		case "":
			err = translate.BadRequest(param+".type", "is required; it must be one of function, custom")
		default:
			t = translate.Tool{Kind: translate.HostedTool, Name: kind, Raw: e}
		}
		if err != nil {
			return err
		}
		if c := jsonlit.Get(e, "cache_control"); c != nil { // OpenRouter
			t.CacheTTL = ttl(c, "5m")
		}
		d.r.Tools = append(d.r.Tools, t)
		i++
	}
	return nil
}

// functions reads the legacy form of tools: bare functions. Their client expects
// a function_call in the answer.
func (d *decoder) functions(v jsonlit.Value) error {
	if jsonlit.Null(v) {
		return nil
	}
	if !jsonlit.IsArray(v) {
		return translate.BadRequest("functions", "must be an array of functions")
	}
	i := 0
	for e := range jsonlit.Elements(v) {
		t, err := definition(e, fmt.Sprintf("functions[%d]", i))
		if err != nil {
			return err
		}
		d.r.Tools = append(d.r.Tools, t)
		d.r.Functions = true
		i++
	}
	return nil
}

// definition reads {"name","description","parameters","strict"}.
func definition(v jsonlit.Value, param string) (t translate.Tool, err error) {
	if !jsonlit.IsObject(v) {
		return t, translate.BadRequest(param, "must be an object")
	}
	for name, val := range jsonlit.Fields(v) {
		switch string(name) {
		case "name":
			t.Name, err = openai.String(param+".name", val)
		case "description":
			t.Description, err = openai.Literal(param+".description", val)
		case "parameters":
			if err = openai.Object(param+".parameters", val); !jsonlit.Null(val) {
				t.Schema = val
			}
		case "strict":
			t.Strict, err = openai.Bool(param+".strict", val)
		}
		if err != nil {
			return t, err
		}
	}
	if t.Name == "" {
		return t, translate.BadRequest(param+".name", "is required")
	}
	return t, nil
}

// toolChoice reads tool_choice. Mistral's word for required is any.
func toolChoice(v jsonlit.Value) (c translate.ToolChoice, err error) {
	const words = "must be one of none, auto, required, or an object of type function, custom or allowed_tools"
	switch {
	case jsonlit.Null(v):
		return c, nil
	case jsonlit.IsString(v):
		switch jsonlit.Str(v) {
		case "none":
			c.Mode = translate.ChooseNone
		case "auto":
			c.Mode = translate.ChooseAuto
		case "required", "any":
			c.Mode = translate.ChooseAny
		default:
			return c, translate.BadRequest("tool_choice", words)
		}
		return c, nil
	case !jsonlit.IsObject(v):
		return c, translate.BadRequest("tool_choice", words)
	}
	switch kind := jsonlit.Str(jsonlit.Get(v, "type")); kind {
	case "function", "custom":
		name, err := openai.String("tool_choice."+kind+".name", jsonlit.Get(v, kind, "name"))
		if err != nil {
			return c, err
		}
		if name == "" {
			return c, translate.BadRequest("tool_choice."+kind+".name", "is required")
		}
		return translate.ToolChoice{Mode: translate.ChooseNamed, Names: []string{name}}, nil
	case "allowed_tools":
		return allowedTools(jsonlit.Get(v, kind))
	}
	return c, translate.BadRequest("tool_choice.type", "must be one of function, custom, allowed_tools")
}

func allowedTools(v jsonlit.Value) (c translate.ToolChoice, err error) {
	const at = "tool_choice.allowed_tools"
	if !jsonlit.IsObject(v) {
		return c, translate.BadRequest(at, "must be an object")
	}
	mode, err := oneOf(at+".mode", jsonlit.Get(v, "mode"), "auto", "required")
	if err != nil {
		return c, err
	}
	c.Mode = translate.ChooseAuto
	if mode == "required" {
		c.Mode = translate.ChooseAny
	}
	i := 0
	for t := range jsonlit.Elements(jsonlit.Get(v, "tools")) {
		name := jsonlit.Str(jsonlit.Get(t, jsonlit.Str(jsonlit.Get(t, "type")), "name"))
		if name == "" {
			return c, translate.BadRequest(fmt.Sprintf("%s.tools[%d]", at, i), "must name a function or a custom tool")
		}
		c.Names = append(c.Names, name)
		i++
	}
	if i == 0 {
		return c, translate.BadRequest(at+".tools", "must hold at least one tool")
	}
	return c, nil
}

// functionCall reads the legacy form of tool_choice.
func functionCall(v jsonlit.Value) (c translate.ToolChoice, err error) {
	if jsonlit.IsObject(v) {
		name, err := openai.String("function_call.name", jsonlit.Get(v, "name"))
		if err == nil && name == "" {
			err = translate.BadRequest("function_call.name", "is required")
		}
		return translate.ToolChoice{Mode: translate.ChooseNamed, Names: []string{name}}, err
	}
	word, err := oneOf("function_call", v, "none", "auto")
	switch word {
	case "none":
		c.Mode = translate.ChooseNone
	case "auto":
		c.Mode = translate.ChooseAuto
	}
	return c, err
}
