package responses

import (
	"bytes"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// tools writes tools, tool_choice and parallel_tool_calls. The latter two are
// refused where there are no tools.
func (e *encoder) tools() {
	r := e.r
	foreign := 0
	if r.Dialect != translate.Responses {
		for i := range r.Tools {
			if t := &r.Tools[i]; t.Kind == translate.HostedTool && t.Search == nil {
				foreign++
			}
		}
	}
	hosted := e.own("tool_choice")
	if len(r.Tools) == foreign {
		return
	}
	e.Key("tools")
	appendTools(&e.Writer, r.Tools, r.Dialect)
	if r.Dialect != translate.Responses {
		for i := range r.Tools {
			if s := r.Tools[i].Search; s != nil && len(s.MaxUses) > 0 {
				e.Field("max_tool_calls", s.MaxUses)
				break
			}
		}
	}
	if hosted != nil {
		e.Field("tool_choice", hosted)
	} else if r.Choice.Mode != translate.ChooseUnset {
		e.Key("tool_choice")
		appendChoice(&e.Writer, r)
	}
	if r.Parallel != translate.Unset {
		e.BoolField("parallel_tool_calls", r.Parallel == translate.True)
	}
}

// appendTools writes a list of tools. Those of another vendor's own, but for the
// web search, are left out; neighbours of one namespace stand in one.
func appendTools(w *jsonlit.Writer, tools []translate.Tool, from translate.Name) {
	w.Array()
	namespace := ""
	for i := range tools {
		t := &tools[i]
		if t.Kind == translate.HostedTool && from != translate.Responses {
			if t.Search != nil && namespace == "" {
				searchTool(w, t.Search)
			}
			continue
		}
		if t.Namespace != namespace {
			if namespace != "" {
				w.EndArray()
				w.EndObject()
			}
			if namespace = t.Namespace; namespace != "" {
				w.Object()
				w.StringField("type", "namespace")
				w.StringField("name", namespace)
				w.StringField("description", "")
				w.Key("tools")
				w.Array()
			}
		}
		appendTool(w, t)
	}
	if namespace != "" {
		w.EndArray()
		w.EndObject()
	}
	w.EndArray()
}

func appendTool(w *jsonlit.Writer, t *translate.Tool) {
	if t.Kind == translate.HostedTool {
		w.Raw(t.Raw)
		return
	}
	w.Object()
	if t.Kind == translate.CustomTool {
		w.StringField("type", "custom")
	} else {
		w.StringField("type", "function")
	}
	w.StringField("name", t.Name)
	if len(t.Description) > 0 {
		w.LiteralField("description", t.Description)
	}
	if t.Kind == translate.CustomTool {
		appendInputFormat(w, t.Raw)
	} else {
		w.Key("parameters")
		appendParameters(w, t.Schema)
		// Absent would mean strict (openai-go's FunctionToolParam requires it).
		w.BoolField("strict", t.Strict == translate.True)
	}
	w.EndObject()
}

// appendInputFormat writes a custom tool's format. Chat wraps the tool in a
// member "custom" and the grammar in a member "grammar"; Responses wraps neither.
func appendInputFormat(w *jsonlit.Writer, raw value) {
	format := jsonlit.Get(raw, "format")
	if format == nil {
		format = jsonlit.Get(raw, "custom", "format")
	}
	if !jsonlit.IsObject(format) {
		return
	}
	w.Key("format")
	grammar := jsonlit.Get(format, "grammar")
	if !jsonlit.IsObject(grammar) {
		w.Raw(format)
		return
	}
	w.Object()
	w.StringField("type", "grammar")
	w.Field("syntax", jsonlit.Get(grammar, "syntax"))
	w.Field("definition", jsonlit.Get(grammar, "definition"))
	w.EndObject()
}

// appendParameters writes the schema of a function's arguments as it is, but
// for what OpenAI refuses to miss at its top: the type and the properties of an
// object.
func appendParameters(w *jsonlit.Writer, schema value) {
	if !jsonlit.IsObject(schema) {
		w.Raw(value(`{"type":"object","properties":{}}`))
		return
	}
	var kind, properties value
	empty := true
	for name, v := range jsonlit.Fields(schema) {
		empty = false
		switch string(name) {
		case "type":
			kind = v
		case "properties":
			properties = v
		}
	}
	object := string(jsonlit.Inner(kind)) == "object"
	switch {
	case empty:
		w.Raw(value(`{"type":"object","properties":{}}`))
	case kind == nil && properties == nil:
		insert(w, schema, `"type":"object","properties":{},`)
	case kind == nil:
		insert(w, schema, `"type":"object",`)
	case object && properties == nil:
		insert(w, schema, `"properties":{},`)
	default:
		w.Raw(schema)
	}
}

// insert writes a non-empty object with members before its first.
func insert(w *jsonlit.Writer, object value, members string) {
	i := bytes.IndexByte(object, '{')
	out := make([]byte, 0, len(object)+len(members))
	out = append(append(out, '{'), members...)
	w.Raw(append(out, object[i+1:]...))
}

// appendChoice writes tool_choice.
func appendChoice(w *jsonlit.Writer, r *translate.Request) {
	c := &r.Choice
	mode := [...]string{translate.ChooseUnset: "auto", translate.ChooseAuto: "auto", translate.ChooseNone: "none",
		translate.ChooseAny: "required", translate.ChooseNamed: "required"}[c.Mode]
	switch {
	case c.Mode == translate.ChooseNamed && len(c.Names) > 0:
		appendChosen(w, r, c.Names[0])
	case len(c.Names) > 0 && c.Mode != translate.ChooseNone:
		w.Object()
		w.StringField("type", "allowed_tools")
		w.StringField("mode", mode)
		w.Key("tools")
		w.Array()
		for _, name := range c.Names {
			appendChosen(w, r, name)
		}
		w.EndArray()
		w.EndObject()
	default:
		w.String(mode)
	}
}

func appendChosen(w *jsonlit.Writer, r *translate.Request, name string) {
	kind := "function"
	for i := range r.Tools {
		if r.Tools[i].Name == name && r.Tools[i].Kind == translate.CustomTool {
			kind = "custom"
		}
	}
	w.Object()
	w.StringField("type", kind)
	w.StringField("name", name)
	w.EndObject()
}
