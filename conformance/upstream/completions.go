package upstream

import (
	"github.com/fairway-gateway/fairway/conformance/shape"
	"github.com/openai/openai-go/v3"
)

// completionsDialect is OpenAI's legacy Completions dialect.
type completionsDialect struct{ openAI }

func (completionsDialect) name() Dialect { return Completions }

func (completionsDialect) check(rec *Record) *Fault {
	if f := openAIContentType(rec); f != nil {
		return f
	}
	rec.Model, rec.Stream = rec.Get("model").String(), rec.Get("stream").Bool()
	rules := shape.Rules{Extra: []string{"stream"}}
	if f := openAIProblems(shape.Check[openai.CompletionNewParams](rec.Body, rules)); f != nil {
		return f
	}
	s := Seen{
		Temperature: number(rec.Get("temperature")), TopP: number(rec.Get("top_p")), Seed: number(rec.Get("seed")),
		FrequencyPenalty: number(rec.Get("frequency_penalty")), PresencePenalty: number(rec.Get("presence_penalty")),
		MaxOutput: number(rec.Get("max_tokens")), Stop: stringList(rec.Get("stop")),
		Usage: rec.Get("stream_options.include_usage").Bool(), User: rec.Get("user").String(),
	}
	for _, p := range stringList(rec.Get("prompt")) {
		s.Turns = append(s.Turns, Turn{Role: "user", Parts: []Part{{Kind: "text", Text: p}}})
	}
	rec.Seen = s
	return nil
}

func (c completionsDialect) body(t turn, text string, finish any) object {
	return object{{"id", t.id("cmpl-")}, {"object", "text_completion"}, {"created", created}, {"model", t.rec.Model},
		{"choices", []any{object{{"text", text}, {"index", 0}, {"logprobs", nil}, {"finish_reason", finish}}}}}
}

// spoken is what of a turn this dialect can carry.
func spoken(t turn) (deltas []string) {
	for _, p := range t.Pieces {
		if p.Kind == KindText {
			deltas = append(deltas, p.Deltas...)
		}
	}
	return deltas
}

func (c completionsDialect) plain(t turn) []byte {
	text := ""
	for _, d := range spoken(t) {
		text += d
	}
	return encode(append(c.body(t, text, chatFinish(t.stop())), pair{"usage", chatUsage(t.Usage)}))
}

func (c completionsDialect) stream(t turn) []frame {
	var out []frame
	put := func(o object) {
		if t.rec.Seen.Usage && len(o) == 5 {
			o = append(o, pair{"usage", nil})
		}
		out = append(out, frame{data: dataOnly(encode(o))})
	}
	for _, p := range t.Pieces {
		wait := p.Wait
		for _, d := range spoken(turn{Reply: Reply{Pieces: []Piece{p}}}) {
			put(c.body(t, d, nil))
			out[len(out)-1].wait, wait = wait, nil
		}
	}
	if t.Broken != nil {
		return append(out, chatBroken(*t.Broken))
	}
	put(c.body(t, "", chatFinish(t.stop())))
	if t.rec.Seen.Usage {
		last := c.body(t, "", nil)
		last[4].value = []any{}
		put(append(last, pair{"usage", chatUsage(t.Usage)}))
	}
	return append(out, frame{data: []byte("data: [DONE]\n\n")})
}
