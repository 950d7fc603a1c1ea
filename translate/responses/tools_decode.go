package responses

import (
	"fmt"
	"strings"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
	"github.com/fairway-gateway/fairway/translate/openai"
)

// addTools reads a list of tools: functions, custom tools, namespaces of these
// two, and whatever the vendor runs itself.
func (d *decoder) addTools(at string, list value) error {
	if !jsonlit.IsArray(list) {
		return translate.BadRequest(at, "must be an array")
	}
	i := 0
	for v := range jsonlit.Elements(list) {
		if err := d.tool(v, ""); err != nil {
			return within(err, "%s[%d]", at, i)
		}
		i++
	}
	return nil
}

// addMore reads tools that come inside the conversation; those on offer already
// are passed over, because clients repeat them with the history.
func (d *decoder) addMore(list value) error {
	if d.seen == nil {
		d.seen = make(map[string]struct{}, len(d.r.Tools))
		for i := range d.r.Tools {
			d.seen[toolKey(&d.r.Tools[i])] = struct{}{}
		}
	}
	before := len(d.r.Tools)
	if err := d.addTools("tools", list); err != nil {
		return err
	}
	kept := d.r.Tools[:before]
	for _, t := range d.r.Tools[before:] {
		key := toolKey(&t)
		if _, known := d.seen[key]; !known {
			d.seen[key] = struct{}{}
			kept = append(kept, t)
		}
	}
	d.r.Tools = kept
	return nil
}

func toolKey(t *translate.Tool) string { return t.Namespace + "\x00" + t.Name }

func (d *decoder) tool(v value, namespace string) error {
	if !jsonlit.IsObject(v) {
		return translate.BadRequest("", "must be an object")
	}
	var kind, name, description, parameters, tools value
	t := translate.Tool{Namespace: namespace}
	for k, val := range jsonlit.Fields(v) {
		switch string(k) {
		case "type":
			kind = val
		case "name":
			name = val
		case "description":
			description = val
		case "parameters":
			parameters = val
		case "strict":
			t.Strict = translate.TriOf(val)
		case "tools":
			tools = val
		case "defer_loading":
			t.Deferred = jsonlit.True(val)
		}
	}
	switch string(jsonlit.Inner(kind)) {
	case "":
		return translate.BadRequest("type", "the tool's type is missing")
	case "function":
		if !jsonlit.Null(parameters) {
			if !jsonlit.IsObject(parameters) {
				return translate.BadRequest("parameters", "must be an object that holds a JSON Schema")
			}
			t.Schema = parameters
		}
	case "custom":
		t.Kind, t.Raw = translate.CustomTool, v
	case "namespace":
		return d.namespace(name, tools, namespace)
	default:
		if namespace != "" {
			return translate.BadRequest("type", `must be "function" or "custom" inside a namespace`)
		}
		if err := text("type", kind, &t.Name); err != nil {
			return err
		}
		t.Kind, t.Raw = translate.HostedTool, v
		if strings.HasPrefix(t.Name, "web_search") {
			t.Search = openai.SearchOf(v)
		}
		d.r.Tools = append(d.r.Tools, t)
		return nil
	}
	if err := required("name", name, &t.Name); err != nil {
		return err
	}
	if !jsonlit.Null(description) {
		if err := literal("description", description, &t.Description); err != nil {
			return err
		}
	}
	d.r.Tools = append(d.r.Tools, t)
	return nil
}

// namespace reads the tools of a namespace, which is only a prefix of their
// names to a model that knows none.
func (d *decoder) namespace(name, tools value, outer string) error {
	var inner string
	if outer != "" {
		return translate.BadRequest("type", "a namespace cannot stand inside another")
	}
	if err := required("name", name, &inner); err != nil {
		return err
	}
	if !jsonlit.IsArray(tools) {
		return translate.BadRequest("tools", "must be an array")
	}
	i := 0
	for v := range jsonlit.Elements(tools) {
		if err := d.tool(v, inner); err != nil {
			return within(err, "tools[%d]", i)
		}
		i++
	}
	return nil
}

// toolChoice reads all forms of tool_choice (openai-go's
// responses.ResponseNewParamsToolChoiceUnion). A choice of a tool that the
// vendor runs has no place in the neutral form.
func (d *decoder) toolChoice(v value) error {
	c := &d.r.Choice
	if jsonlit.IsString(v) {
		switch string(jsonlit.Inner(v)) {
		case "auto":
			c.Mode = translate.ChooseAuto
		case "none":
			c.Mode = translate.ChooseNone
		case "required":
			c.Mode = translate.ChooseAny
		default:
			return translate.BadRequest("tool_choice", `must be "auto", "none", "required" or an object`)
		}
		return nil
	}
	if !jsonlit.IsObject(v) {
		return translate.BadRequest("tool_choice", "must be a string or an object")
	}
	switch string(jsonlit.Inner(jsonlit.Get(v, "type"))) {
	case "":
		return translate.BadRequest("tool_choice.type", "the type is missing")
	case "function", "custom":
		var name string
		if err := required("tool_choice.name", jsonlit.Get(v, "name"), &name); err != nil {
			return err
		}
		c.Mode, c.Names = translate.ChooseNamed, []string{name}
	case "allowed_tools":
		return d.allowed(v)
	default:
		d.extra("tool_choice", v)
	}
	return nil
}

func (d *decoder) allowed(v value) error {
	c := &d.r.Choice
	var mode string
	if err := choose("tool_choice.mode", jsonlit.Get(v, "mode"), &mode, "auto", "required"); err != nil {
		return err
	}
	tools := jsonlit.Get(v, "tools")
	if !jsonlit.IsArray(tools) {
		return translate.BadRequest("tool_choice.tools", "must be an array")
	}
	c.Mode = translate.ChooseAuto
	if mode == "required" {
		c.Mode = translate.ChooseAny
	}
	i := 0
	for t := range jsonlit.Elements(tools) {
		name := jsonlit.Get(t, "name")
		switch string(jsonlit.Inner(jsonlit.Get(t, "type"))) {
		case "function", "custom":
			var s string
			if err := required("name", name, &s); err != nil {
				return within(err, "tool_choice.tools[%d]", i)
			}
			c.Names = append(c.Names, s)
		case "":
			return translate.BadRequest(fmt.Sprintf("tool_choice.tools[%d].type", i), "the type is missing")
		}
		i++
	}
	if len(c.Names) == 0 {
		// Only tools that the vendor runs are allowed.
		*c = translate.ToolChoice{}
		d.extra("tool_choice", v)
	}
	return nil
}
