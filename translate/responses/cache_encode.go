package responses

import "github.com/fairway-gateway/fairway/translate"

// maxBreakpoints is how many prompt-cache breakpoints OpenAI writes per request
// (its guide "Prompt caching").
const maxBreakpoints = 4

// countBreakpoints finds how many breakpoints there are too many; the first are
// left out, since the last cover what they did.
func (e *encoder) countBreakpoints() {
	if !e.t.Capabilities.CacheBreakpoints {
		return
	}
	n := 0
	count := func(parts []translate.Part) {
		for i := range parts {
			if p := &parts[i]; p.CacheTTL != "" && breakable(p) {
				n++
			}
		}
	}
	count(e.r.System)
	for i := range e.r.Turns {
		if e.r.Turns[i].Role != translate.AssistantRole {
			count(e.r.Turns[i].Parts)
		}
	}
	e.skipCache = n - maxBreakpoints
}

// breakable reports whether a part becomes one that may hold a breakpoint.
func breakable(p *translate.Part) bool {
	return p.Kind == translate.Text || p.Kind == translate.Image || p.Kind == translate.File
}

// breakpoint writes a part's breakpoint for models that take any, with the next
// of OpenAI's two lifetimes.
func (e *encoder) breakpoint(p *translate.Part) {
	if p.CacheTTL == "" || !e.t.Capabilities.CacheBreakpoints || !breakable(p) {
		return
	}
	if e.skipCache > 0 {
		e.skipCache--
		return
	}
	e.Key("prompt_cache_breakpoint")
	e.Object()
	e.StringField("mode", "explicit")
	if p.CacheTTL == "1h" || p.CacheTTL == "12h" {
		e.StringField("ttl", "12h")
	} else {
		e.StringField("ttl", "30m")
	}
	e.EndObject()
}
