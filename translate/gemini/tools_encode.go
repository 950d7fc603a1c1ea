package gemini

import (
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/schema"
)

// tools writes the function declarations as one genai.Tool, Google's own tools
// as they came, its web search for another vendor's, and the choice among them.
func (e *requestEncoder) tools() {
	functions, hosted, search := 0, 0, false
	for i := range e.r.Tools {
		switch t := &e.r.Tools[i]; {
		case t.Kind == translate.FunctionTool:
			functions++
		case t.Kind == translate.HostedTool && e.r.Dialect == translate.Gemini:
			hosted++
		case t.Search != nil:
			search = true
		}
	}
	if search && functions > 0 {
		// Google's models before 3 take no search beside functions, and later
		// ones want its results back as they were.
		search = false
		e.t.Losses.Note("web_search", translate.Dropped)
	}
	if search {
		hosted++
	}
	if functions+hosted == 0 {
		return
	}
	e.w.Key("tools")
	e.w.Array()
	if functions > 0 {
		e.w.Object()
		e.w.Key("functionDeclarations")
		e.w.Array()
		for i := range e.r.Tools {
			if t := &e.r.Tools[i]; t.Kind == translate.FunctionTool {
				e.function(t)
			}
		}
		e.w.EndArray()
		e.w.EndObject()
	}
	for i := range e.r.Tools {
		if t := &e.r.Tools[i]; t.Kind == translate.HostedTool && e.r.Dialect == translate.Gemini {
			e.w.Raw(t.Raw)
		}
	}
	if search {
		e.w.Raw(translate.Value(`{"googleSearch":{}}`))
	}
	e.w.EndArray()
	if functions > 0 {
		e.toolConfig()
	}
}

func (e *requestEncoder) function(t *translate.Tool) {
	e.w.Object()
	e.w.StringField("name", t.Name)
	e.w.Field("description", t.Description)
	if len(t.Schema) > 0 {
		e.w.Field("parametersJsonSchema", schema.ForGemini(t.Schema))
	}
	e.w.EndObject()
}

func (e *requestEncoder) toolConfig() {
	c := &e.r.Choice
	var mode string
	switch c.Mode {
	case translate.ChooseUnset:
		return
	case translate.ChooseNone:
		mode = "NONE"
	case translate.ChooseAny, translate.ChooseNamed:
		mode = "ANY"
	default:
		mode = "AUTO"
		if len(c.Names) > 0 {
			mode = "VALIDATED" // AUTO takes no allowedFunctionNames
		}
	}
	e.w.Key("toolConfig")
	e.w.Object()
	e.w.Key("functionCallingConfig")
	e.w.Object()
	e.w.StringField("mode", mode)
	if len(c.Names) > 0 && mode != "NONE" {
		e.w.Key("allowedFunctionNames")
		e.w.Array()
		for _, n := range c.Names {
			e.w.String(n)
		}
		e.w.EndArray()
	}
	e.w.EndObject()
	e.w.EndObject()
}
