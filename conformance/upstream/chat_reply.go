package upstream

import "fmt"

func chatFinish(s Stop) string {
	switch s {
	case ToolUse:
		return "tool_calls"
	case Length:
		return "length"
	case Filtered:
		return "content_filter"
	}
	return "stop"
}

func chatUsage(u Usage) object {
	return object{
		{"prompt_tokens", u.In}, {"completion_tokens", u.Out}, {"total_tokens", u.In + u.Out},
		{"prompt_tokens_details", object{{"cached_tokens", u.CacheRead}, {"audio_tokens", 0}}},
		{"completion_tokens_details", object{{"reasoning_tokens", u.Reason}, {"audio_tokens", 0},
			{"accepted_prediction_tokens", 0}, {"rejected_prediction_tokens", 0}}},
	}
}

func (chatDialect) plain(t turn) []byte {
	message := object{{"role", "assistant"}}
	var text, thinking any
	calls := []any{}
	for _, p := range t.Pieces {
		switch p.Kind {
		case KindText:
			text = fmt.Sprint(orBlank(text), p.All())
		case KindThinking:
			thinking = fmt.Sprint(orBlank(thinking), p.All())
		case KindCall:
			calls = append(calls, object{{"id", p.ID}, {"type", "function"}, {"function", object{{"name", p.Name}, {"arguments", p.All()}}}})
		}
	}
	message = append(message, pair{"content", text})
	if thinking != nil {
		message = append(message, pair{"reasoning_content", thinking})
	}
	if len(calls) > 0 {
		message = append(message, pair{"tool_calls", calls})
	}
	message = append(message, pair{"refusal", nil}, pair{"annotations", []any{}})
	return encode(object{
		{"id", t.id("chatcmpl-")}, {"object", "chat.completion"}, {"created", created}, {"model", t.rec.Model},
		{"choices", []any{object{{"index", 0}, {"message", message}, {"logprobs", nil}, {"finish_reason", chatFinish(t.stop())}}}},
		{"usage", chatUsage(t.Usage)}, {"service_tier", "default"}, {"system_fingerprint", "fp_44709d6fcb"},
	})
}

func orBlank(v any) string {
	s, _ := v.(string)
	return s
}

func (chatDialect) stream(t turn) []frame {
	var out []frame
	wantUsage := t.rec.Seen.Usage
	chunk := func(wait <-chan struct{}, choices []any, usage any) {
		o := object{{"id", t.id("chatcmpl-")}, {"object", "chat.completion.chunk"}, {"created", created}, {"model", t.rec.Model},
			{"service_tier", "default"}, {"system_fingerprint", "fp_44709d6fcb"}, {"choices", choices}}
		if wantUsage {
			o = append(o, pair{"usage", usage})
		}
		out = append(out, frame{data: dataOnly(encode(o)), wait: wait})
	}
	delta := func(wait <-chan struct{}, d object, finish any) {
		chunk(wait, []any{object{{"index", 0}, {"delta", d}, {"logprobs", nil}, {"finish_reason", finish}}}, nil)
	}
	if len(t.Pieces) == 0 && t.Broken != nil {
		return append(out, chatBroken(*t.Broken))
	}
	delta(nil, object{{"role", "assistant"}, {"content", ""}, {"refusal", nil}}, nil)
	calls := 0
	for _, p := range t.Pieces {
		wait := p.Wait
		if p.Kind == KindCall {
			delta(wait, object{{"tool_calls", []any{object{{"index", calls}, {"id", p.ID}, {"type", "function"},
				{"function", object{{"name", p.Name}, {"arguments", ""}}}}}}}, nil)
			wait = nil
		}
		for _, d := range p.Deltas {
			switch p.Kind {
			case KindText:
				delta(wait, object{{"content", d}}, nil)
			case KindThinking:
				delta(wait, object{{"reasoning_content", d}}, nil)
			case KindCall:
				delta(wait, object{{"tool_calls", []any{object{{"index", calls}, {"function", object{{"arguments", d}}}}}}}, nil)
			}
			wait = nil
		}
		if p.Kind == KindCall {
			calls++
		}
	}
	if t.Broken != nil {
		return append(out, chatBroken(*t.Broken))
	}
	delta(nil, object{}, chatFinish(t.stop()))
	if wantUsage {
		chunk(nil, []any{}, chatUsage(t.Usage))
	}
	return append(out, frame{data: []byte("data: [DONE]\n\n")})
}

func chatBroken(f Fault) frame {
	_, e := openAIError(f)
	return frame{data: dataOnly(encode(object{{"error", e}}))}
}

func dataOnly(b []byte) []byte { return fmt.Appendf(nil, "data: %s\n\n", b) }

func event(name string, b []byte) []byte { return fmt.Appendf(nil, "event: %s\ndata: %s\n\n", name, b) }
