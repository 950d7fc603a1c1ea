package chat

import (
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
	"github.com/fairway-gateway/fairway/translate/openai"
)

// writeTools writes tools, tool_choice and parallel_tool_calls; the latter two
// only beside tools, without which OpenAI refuses them. Custom tools have been
// turned into functions before (translate.Adapt); hosted ones run elsewhere.
func writeTools(w *jsonlit.Writer, r *translate.Request, t translate.Target) {
	first := true
	for i := range r.Tools {
		tool := &r.Tools[i]
		if tool.Search != nil {
			if t.Capabilities.SearchOptions {
				w.Key("web_search_options")
				openai.WriteSearch(w, tool.Search)
			} else {
				t.Losses.Note("web_search", translate.Dropped)
			}
		}
		if tool.Kind != translate.FunctionTool {
			continue
		}
		if first {
			w.Key("tools")
			w.Array()
			first = false
		}
		writeFunction(w, tool)
	}
	if first {
		return
	}
	w.EndArray()
	writeChoice(w, r.Choice, t)
	if r.Parallel != translate.Unset {
		w.BoolField("parallel_tool_calls", r.Parallel == translate.True)
	}
}

func writeFunction(w *jsonlit.Writer, t *translate.Tool) {
	w.Object()
	w.StringField("type", "function")
	w.Key("function")
	w.Object()
	w.StringField("name", t.Name)
	w.Field("description", t.Description)
	w.Key("parameters")
	if len(t.Schema) > 0 {
		w.Raw(t.Schema)
	} else {
		w.Raw(jsonlit.Value(`{"type":"object","properties":{}}`))
	}
	if t.Strict == translate.True { // false is Chat's default, and not all servers know the member
		w.BoolField("strict", true)
	}
	w.EndObject()
	w.EndObject()
}

func writeChoice(w *jsonlit.Writer, c translate.ToolChoice, t translate.Target) {
	if len(c.Names) > 0 && c.Mode != translate.ChooseNamed {
		// Compatible servers do not know allowed_tools; leaving tools out would
		// change the prompt's prefix, and with it the cache.
		t.Losses.Note("tool_choice_subset", translate.Approximated)
	}
	switch c.Mode {
	case translate.ChooseAuto:
		w.StringField("tool_choice", "auto")
	case translate.ChooseNone:
		w.StringField("tool_choice", "none")
	case translate.ChooseAny, translate.ChooseNamed:
		if t.Capabilities.NoForcedTool {
			t.Losses.Note("tool_choice", translate.Approximated)
			w.StringField("tool_choice", "auto")
			return
		}
		if c.Mode == translate.ChooseAny || len(c.Names) == 0 {
			w.StringField("tool_choice", "required")
			return
		}
		w.Key("tool_choice")
		w.Object()
		w.StringField("type", "function")
		w.Key("function")
		w.Object()
		w.StringField("name", c.Names[0])
		w.EndObject()
		w.EndObject()
	}
}
