package messages

import (
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
	"github.com/fairway-gateway/fairway/translate/schema"
)

// tools reads the tools. One without a type, or of type custom, is a function;
// any other type is Anthropic's own, whether it runs there (web_search_…) or
// its client knows how to run it (bash_…).
func (d *requestDecoder) tools(c *cursor) *translate.Error {
	if c.kind() != '[' {
		return wrong("tools", "a list")
	}
	for i := range c.array() {
		t, err := tool(c)
		if err != nil {
			return within(element(err, i), "tools")
		}
		d.r.Tools = append(d.r.Tools, t)
	}
	return nil
}

func tool(c *cursor) (t translate.Tool, err *translate.Error) {
	if c.kind() != '{' {
		return t, wrong("", "an object")
	}
	start := c.i
	var kind, name, description, input, isStrict, cache translate.Value
	for k := range c.object() {
		switch string(k) {
		case "type":
			kind = c.value()
		case "name":
			name = c.value()
		case "description":
			description = c.value()
		case "input_schema":
			input = c.value()
		case "strict":
			isStrict = c.value()
		case "cache_control":
			cache = c.value()
		case "defer_loading":
			t.Deferred = jsonlit.True(c.value())
		}
	}
	if t.CacheTTL, err = cacheTTL(cache); err != nil {
		return t, err
	}
	if !jsonlit.Null(kind) && !jsonlit.IsString(kind) {
		return t, wrong("type", "a string")
	}
	if k := jsonlit.Str(kind); k != "" && k != "custom" {
		t.Kind, t.Name, t.Raw = translate.HostedTool, k, c.b[start:c.i:c.i]
		t.Search = searchTool(k, t.Raw)
		return t, nil
	}
	switch {
	case !jsonlit.IsString(name) || len(jsonlit.Inner(name)) == 0:
		return t, wrong("name", "a string that is not empty")
	case !jsonlit.IsObject(input):
		return t, wrong("input_schema", "an object")
	case !jsonlit.Null(description) && !jsonlit.IsString(description):
		return t, wrong("description", "a string")
	}
	t.Name, t.Schema = jsonlit.Str(name), input
	if jsonlit.IsString(description) {
		t.Description = description
	}
	if jsonlit.True(isStrict) {
		t.Strict = strict(input)
	}
	return t, nil
}

// strict tells other dialects to enforce a schema as Anthropic would, which
// they can where it meets OpenAI's narrower rules.
func strict(v translate.Value) translate.Tri {
	if schema.FitsStrict(v) {
		return translate.True
	}
	return translate.Unset
}

func (d *requestDecoder) toolChoice(v translate.Value) *translate.Error {
	if !jsonlit.IsObject(v) {
		return wrong("tool_choice", "an object")
	}
	c := &d.r.Choice
	switch kind := jsonlit.Str(jsonlit.Get(v, "type")); kind {
	case "auto":
		c.Mode = translate.ChooseAuto
	case "any":
		c.Mode = translate.ChooseAny
	case "none":
		c.Mode = translate.ChooseNone
	case "tool":
		name := jsonlit.Str(jsonlit.Get(v, "name"))
		if name == "" {
			return wrong("tool_choice.name", "a string that is not empty")
		}
		c.Mode, c.Names = translate.ChooseNamed, []string{name}
	default:
		return wrong("tool_choice.type", `"auto", "any", "tool" or "none"`)
	}
	switch single := jsonlit.Get(v, "disable_parallel_tool_use"); {
	case jsonlit.Null(single):
	case translate.TriOf(single) == translate.True:
		d.r.Parallel = translate.False
	case translate.TriOf(single) == translate.False:
		d.r.Parallel = translate.True
	default:
		return wrong("tool_choice.disable_parallel_tool_use", "a boolean")
	}
	return nil
}
