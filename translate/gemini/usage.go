package gemini

import (
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// decodeUsage reads usageMetadata (genai.GenerateContentResponseUsageMetadata).
// promptTokenCount includes cached tokens; candidatesTokenCount does not include
// thoughts.
func decodeUsage(v jsonlit.Value) (u translate.Usage) {
	for k, v := range jsonlit.Fields(v) {
		_, n, err := integer("", v)
		if err != nil || n < 0 {
			continue
		}
		switch string(member(k)) {
		case "promptTokenCount", "toolUsePromptTokenCount":
			u.Input += n
		case "cachedContentTokenCount":
			u.CacheRead = n
		case "candidatesTokenCount":
			u.Output += n
		case "thoughtsTokenCount":
			u.Output += n
			u.Reasoning = n
		}
	}
	return u
}

// appendUsage appends the usageMetadata member.
func appendUsage(w *jsonlit.Writer, u *translate.Usage) {
	w.Key("usageMetadata")
	w.Object()
	w.IntField("promptTokenCount", u.Input)
	if u.CacheRead > 0 {
		w.IntField("cachedContentTokenCount", u.CacheRead)
	}
	w.IntField("candidatesTokenCount", max(0, u.Output-u.Reasoning))
	if u.Reasoning > 0 {
		w.IntField("thoughtsTokenCount", u.Reasoning)
	}
	w.IntField("totalTokenCount", u.Input+u.Output)
	w.EndObject()
}
