package messages

import (
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// modelFacts reads what a list says that a model takes (anthropic-sdk-go's
// ModelCapabilities), as far as it concerns requests. Members that are missing,
// as older lists have them, say nothing.
func modelFacts(v translate.Value) (f translate.Facts) {
	supported := func(path ...string) translate.Tri {
		return translate.TriOf(jsonlit.Get(v, append(path, "supported")...))
	}
	switch adaptive, enabled := supported("thinking", "types", "adaptive"), supported("thinking", "types", "enabled"); {
	case supported("thinking") == translate.False:
		f.Thinking = translate.ThinkingNone
	case adaptive == translate.True:
		f.Thinking = translate.ThinkingAdaptive
	case enabled == translate.True:
		f.Thinking = translate.ThinkingBudget
	}
	switch supported("thinking", "types", "disabled") {
	case translate.True:
		f.NoThinkingOff = translate.False
	case translate.False:
		f.NoThinkingOff = translate.True
	}
	f.BetweenTools = supported("thinking", "types", "between_tools")
	for word := range jsonlit.Fields(jsonlit.Get(v, "effort")) {
		if effort, ok := translate.ParseEffort(string(word)); ok && supported("effort", string(word)) == translate.True {
			f.Efforts |= effort
		}
	}
	return f
}
