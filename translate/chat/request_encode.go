package chat

import (
	"strings"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
	"github.com/fairway-gateway/fairway/translate/openai"
)

// AppendRequest writes the body for an OpenAI-compatible server, in the terms
// that nearly all of them take: instructions as role system, text-only messages
// as one string, no tool member without tools, reasoning_effort none to high.
func (Dialect) AppendRequest(dst []byte, r *translate.Request, t translate.Target) ([]byte, error) {
	w := jsonlit.NewWriter(append(dst, '{'))
	w.StringField("model", t.Model)
	if err := writeMessages(&w, r, &t); err != nil {
		return nil, err
	}
	writeTools(&w, r, t)
	openai.WriteSettings(&w, r, t)
	if len(r.MaxOutput) > 0 {
		name := "max_completion_tokens"
		if t.Capabilities.MaxTokensField {
			name = "max_tokens"
		}
		w.Field(name, r.MaxOutput)
	}
	if r.Logprobs {
		w.BoolField("logprobs", true)
		if r.TopLogprobs > 0 {
			w.IntField("top_logprobs", int64(r.TopLogprobs))
		}
	}
	writeFormat(&w, openai.Format(r, t.Losses))
	writeReasoning(&w, r.Reasoning, t)
	if r.Verbosity != "" {
		w.StringField("verbosity", r.Verbosity)
	}
	w.Field("prompt_cache_key", r.CacheKey)
	switch r.Tier {
	case "flex", "scale", "priority", "fast":
		w.StringField("service_tier", r.Tier)
	}
	if r.Store == translate.True { // false is the default, and some servers refuse the member
		w.BoolField("store", true)
	}
	if r.Dialect == translate.Responses || r.Dialect == translate.Chat { // others mean something else by it
		for _, f := range r.Extra {
			if f.Name == "metadata" {
				w.Field(f.Name, f.Value)
			}
		}
	}
	w.EndObject()
	return w.Bytes(), nil
}

// writeFormat writes response_format.
func writeFormat(w *jsonlit.Writer, f translate.Format) {
	if f.Kind == translate.FormatText {
		return
	}
	w.Key("response_format")
	w.Object()
	if f.Kind == translate.FormatJSON {
		w.StringField("type", "json_object")
		w.EndObject()
		return
	}
	w.StringField("type", "json_schema")
	w.Key("json_schema")
	w.Object()
	w.StringField("name", schemaName(f.Name))
	w.Field("description", f.Description)
	w.Field("schema", f.Schema)
	if f.Strict != translate.Unset {
		w.BoolField("strict", f.Strict == translate.True)
	}
	w.EndObject()
	w.EndObject()
}

// schemaName gives what Chat requires and other dialects lack: 1 to 64 of
// [A-Za-z0-9_-].
func schemaName(s string) string {
	s = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-' {
			return r
		}
		return '_'
	}, s)
	if s == "" {
		return "response"
	}
	return s[:min(len(s), 64)]
}

// usualEfforts are the words that compatible servers know.
const usualEfforts = translate.EffortNone | translate.EffortLow | translate.EffortMedium | translate.EffortHigh

// writeReasoning writes reasoning_effort, in the nearest word that the model
// knows.
func writeReasoning(w *jsonlit.Writer, r translate.Reasoning, t translate.Target) {
	effort := openai.Effort(r)
	if effort == "" {
		return
	}
	if t.Capabilities.Thinking == translate.ThinkingNone {
		if effort != "none" {
			t.Losses.Note("reasoning", translate.Dropped)
		}
		return
	}
	word := t.Capabilities.Effort(effort, usualEfforts)
	if word != effort {
		t.Losses.Note("reasoning", translate.Approximated)
	}
	w.StringField("reasoning_effort", word)
}
