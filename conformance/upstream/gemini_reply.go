package upstream

import (
	"bytes"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"
)

func (geminiDialect) streamType(rec *Record) string {
	if rec.Query.Get("alt") != "sse" {
		return "application/json; charset=UTF-8"
	}
	return "text/event-stream"
}

func (geminiDialect) idHeader() string { return "x-goog-request-id" }

func (geminiDialect) fault(f Fault, _ string) (int, []byte) {
	status, e := geminiError(f)
	return status, encode(e)
}

func (geminiDialect) count(tokens int) []byte {
	return encode(object{{"totalTokens", tokens}, {"promptTokensDetails", []any{object{{"modality", "TEXT"}, {"tokenCount", tokens}}}}})
}

func (geminiDialect) models(list []Model) []byte {
	out := []any{}
	for _, m := range list {
		out = append(out, geminiModel(m))
	}
	return encode(object{{"models", out}})
}

func (geminiDialect) model(m Model) []byte { return encode(geminiModel(m)) }

func geminiModel(m Model) object {
	return object{{"name", "models/" + m.ID}, {"version", "001"}, {"displayName", m.ID}, {"description", "A model."},
		{"inputTokenLimit", 1048576}, {"outputTokenLimit", m.MaxOutput},
		{"supportedGenerationMethods", []string{"generateContent", "countTokens", "createCachedContent", "batchGenerateContent"}},
		{"temperature", 1}, {"topP", 0.95}, {"topK", 64}, {"maxTemperature", 2}, {"thinking", m.Reasoning}}
}

func geminiFinish(s Stop) string {
	switch s {
	case Length:
		return "MAX_TOKENS"
	case Filtered:
		return "SAFETY"
	}
	return "STOP"
}

func geminiUsage(u Usage, out, thoughts int) object {
	o := object{{"promptTokenCount", u.In}, {"candidatesTokenCount", out}, {"totalTokenCount", u.In + out + thoughts}}
	if u.CacheRead > 0 {
		o = append(o, pair{"cachedContentTokenCount", u.CacheRead})
	}
	o = append(o, pair{"promptTokensDetails", []any{object{{"modality", "TEXT"}, {"tokenCount", u.In}}}})
	if thoughts > 0 {
		o = append(o, pair{"thoughtsTokenCount", thoughts})
	}
	return o
}

func geminiReplyPart(p Piece, text string) object {
	var o object
	switch p.Kind {
	case KindCall:
		args := text
		if args == "" {
			args = "{}"
		}
		call := object{{"name", p.Name}, {"args", jsontext.Value(args)}}
		if p.ID != "" {
			call = append(call, pair{"id", p.ID})
		}
		o = object{{"functionCall", call}}
	case KindThinking:
		o = object{{"text", text}, {"thought", true}}
	default:
		o = object{{"text", text}}
	}
	// Google signs the answer and the calls, not the thought summaries.
	if p.Signature != "" && p.Kind != KindThinking {
		o = append(o, pair{"thoughtSignature", p.Signature})
	}
	return o
}

func geminiBody(t turn, parts []any, finish any, usage object) object {
	content := object{{"parts", parts}, {"role", "model"}}
	candidate := object{{"content", content}}
	if finish != nil {
		candidate = append(candidate, pair{"finishReason", finish})
	}
	candidate = append(candidate, pair{"index", 0})
	return object{{"candidates", []any{candidate}}, {"usageMetadata", usage}, {"modelVersion", t.rec.Model}, {"responseId", t.id("resp-")}}
}

func (geminiDialect) plain(t turn) []byte {
	parts := []any{}
	for _, p := range t.Pieces {
		parts = append(parts, geminiReplyPart(p, p.All()))
	}
	return encode(geminiBody(t, parts, geminiFinish(t.stop()), geminiUsage(t.Usage, t.Usage.Out-t.Usage.Reason, t.Usage.Reason)))
}

// stream sends one fragment a delta; the finish comes with the last fragment, as the service does. Without alt=sse the
// same fragments are the elements of one JSON array.
func (d geminiDialect) stream(t turn) []frame {
	type fragment struct {
		body object
		wait <-chan struct{}
	}
	var all []fragment
	for _, p := range t.Pieces {
		deltas := p.Deltas
		if p.Kind == KindCall || len(deltas) == 0 {
			deltas = []string{p.All()}
		}
		wait := p.Wait
		for i, text := range deltas {
			signed := p
			if i < len(deltas)-1 {
				signed.Signature = ""
			}
			all = append(all, fragment{geminiBody(t, []any{geminiReplyPart(signed, text)}, nil, geminiUsage(t.Usage, 0, t.Usage.Reason)), wait})
			wait = nil
		}
	}
	if t.Broken != nil {
		_, e := geminiError(*t.Broken)
		all = append(all, fragment{body: e})
	} else {
		all = append(all, fragment{body: geminiBody(t, []any{object{{"text", ""}}}, geminiFinish(t.stop()),
			geminiUsage(t.Usage, t.Usage.Out-t.Usage.Reason, t.Usage.Reason))})
	}
	sse := t.rec.Query.Get("alt") == "sse"
	var out []frame
	for i, f := range all {
		var b bytes.Buffer
		switch {
		case sse:
			fmt.Fprintf(&b, "data: %s\r\n\r\n", encode(f.body))
		default:
			b.WriteString(map[bool]string{true: "[", false: ",\r\n"}[i == 0])
			b.Write(encode(f.body))
			if i == len(all)-1 {
				b.WriteString("]\r\n")
			}
		}
		out = append(out, frame{data: b.Bytes(), wait: f.wait})
	}
	return out
}
