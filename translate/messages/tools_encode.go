package messages

import (
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/schema"
)

// maxStrictTools is how many strict tools a request may have (Anthropic's page
// "Structured outputs", limits).
const maxStrictTools = 20

func (e *requestEncoder) tools() {
	w := &e.w
	any, stricts := false, 0
	for i := range e.r.Tools {
		if e.r.Tools[i].Strict == translate.True {
			stricts++
		}
	}
	if stricts > maxStrictTools {
		e.t.Losses.Note("tool_strict", translate.Dropped)
	}
	for i := range e.r.Tools {
		t := &e.r.Tools[i]
		if !e.carries(t) {
			continue
		}
		if !any {
			any = true
			w.Key("tools")
			w.Array()
		}
		if t.Kind == translate.HostedTool {
			if e.r.Dialect == translate.Messages {
				w.Raw(t.Raw)
			} else {
				e.searchTool(t.Search)
			}
			continue
		}
		w.Object()
		w.StringField("name", t.Name)
		if !blank(t.Description) {
			w.Field("description", t.Description)
		}
		if t.Strict == translate.True && stricts <= maxStrictTools {
			w.Field("input_schema", e.strictly("tool_strict", schema.ForMessagesTool(t.Schema)))
			w.BoolField("strict", true)
		} else {
			w.Field("input_schema", schema.ForMessagesTool(t.Schema))
		}
		e.cacheControl(t.CacheTTL)
		w.EndObject()
	}
	if any {
		w.EndArray()
	}
}

// carries reports whether a tool is sent: functions, Anthropic's own, and a web
// search, which Anthropic has too.
func (e *requestEncoder) carries(t *translate.Tool) bool {
	return t.Kind == translate.FunctionTool || t.Kind == translate.HostedTool && (e.r.Dialect == translate.Messages || t.Search != nil)
}

func (e *requestEncoder) anyTool() bool {
	for i := range e.r.Tools {
		if e.carries(&e.r.Tools[i]) {
			return true
		}
	}
	return false
}

// forced reports whether the request will demand a call.
func (e *requestEncoder) forced() bool {
	m := e.r.Choice.Mode
	return (m == translate.ChooseAny || m == translate.ChooseNamed) && !e.caps.NoForcedTool && e.anyTool()
}

func (e *requestEncoder) toolChoice() {
	if !e.anyTool() {
		return
	}
	kind, name := "", ""
	switch c := e.r.Choice; c.Mode {
	case translate.ChooseAuto:
		kind = "auto"
	case translate.ChooseNone:
		kind = "none"
	case translate.ChooseAny:
		kind = "any"
	case translate.ChooseNamed:
		if len(c.Names) > 0 {
			kind, name = "tool", c.Names[0]
		}
	}
	if (kind == "any" || kind == "tool") && e.caps.NoForcedTool {
		kind, name = "auto", ""
		e.t.Losses.Note("tool_choice", translate.Approximated)
	}
	single := e.r.Parallel == translate.False && kind != "none"
	if kind == "" {
		if !single {
			return
		}
		kind = "auto"
	}
	w := &e.w
	w.Key("tool_choice")
	w.Object()
	w.StringField("type", kind)
	if name != "" {
		w.StringField("name", name)
	}
	if single {
		w.BoolField("disable_parallel_tool_use", true)
	}
	w.EndObject()
}

// maxBreakpoints is how many cache breakpoints a request may have (Anthropic's
// page "Prompt caching").
const maxBreakpoints = 4

// countBreakpoints finds how many breakpoints there are too many; the first
// ones are left out, since the last ones cover what they did.
func (e *requestEncoder) countBreakpoints() {
	n := 0
	for i := range e.r.Tools {
		if t := &e.r.Tools[i]; t.CacheTTL != "" && e.carries(t) {
			n++
		}
	}
	count := func(parts []translate.Part) {
		for i := range parts {
			if p := &parts[i]; p.CacheTTL != "" && e.cacheable(p) {
				n++
			}
		}
	}
	count(e.r.System)
	for i := range e.r.Turns {
		count(e.r.Turns[i].Parts)
	}
	e.skipCache = n - maxBreakpoints
}

// cacheable reports whether a part will be written in a block that may hold a
// breakpoint.
func (e *requestEncoder) cacheable(p *translate.Part) bool {
	switch p.Kind {
	case translate.Thinking:
		return false
	case translate.Text, translate.Refusal:
		return !blank(p.Text)
	}
	return true
}

// cacheControl writes a breakpoint. The lifetimes that other vendors know are
// mapped to the next of Anthropic's two.
func (e *requestEncoder) cacheControl(ttl string) {
	if ttl == "" {
		return
	}
	if e.skipCache > 0 {
		e.skipCache--
		return
	}
	e.w.Key("cache_control")
	e.w.Object()
	e.w.StringField("type", "ephemeral")
	if ttl == "1h" || ttl == "12h" {
		e.w.StringField("ttl", "1h")
	}
	e.w.EndObject()
}
