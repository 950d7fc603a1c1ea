package upstream

import "github.com/go-json-experiment/json/jsontext"

func (messagesDialect) streamType(*Record) string { return "text/event-stream; charset=utf-8" }
func (messagesDialect) idHeader() string          { return "request-id" }

func (messagesDialect) fault(f Fault, requestID string) (int, []byte) {
	status, e := anthropicError(f, requestID)
	return status, encode(e)
}

func (messagesDialect) count(tokens int) []byte { return encode(object{{"input_tokens", tokens}}) }

func (d messagesDialect) models(list []Model) []byte {
	data := []any{}
	var first, last any
	for i, m := range list {
		data = append(data, messagesModel(m))
		if i == 0 {
			first = m.ID
		}
		last = m.ID
	}
	return encode(object{{"data", data}, {"has_more", false}, {"first_id", first}, {"last_id", last}})
}

func (messagesDialect) model(m Model) []byte { return encode(messagesModel(m)) }

func messagesModel(m Model) object {
	can := func(b bool) object { return object{{"supported", b}} }
	return object{{"type", "model"}, {"id", m.ID}, {"display_name", m.ID}, {"created_at", "2026-02-05T00:00:00Z"},
		{"lifecycle", "active"}, {"line", nil}, {"max_input_tokens", 200000}, {"max_tokens", m.MaxOutput},
		{"deprecated_at", nil}, {"retires_at", nil},
		{"capabilities", object{
			{"image_input", can(true)}, {"pdf_input", can(true)}, {"structured_outputs", can(true)},
			{"thinking", object{{"supported", true}, {"types", object{{"adaptive", can(m.Reasoning)}, {"enabled", can(true)}}}}},
			{"effort", object{{"supported", m.Reasoning}, {"low", can(m.Reasoning)}, {"medium", can(m.Reasoning)}, {"high", can(m.Reasoning)}, {"max", can(m.Reasoning)}}},
		}}}
}

func messagesStop(s Stop) string {
	switch s {
	case ToolUse:
		return "tool_use"
	case Length:
		return "max_tokens"
	case StopSequenceHit:
		return "stop_sequence"
	case Filtered:
		return "refusal"
	}
	return "end_turn"
}

// messagesUsage leaves cached tokens out of input_tokens, as the service does.
func messagesUsage(u Usage, out int) object {
	return object{{"input_tokens", u.In - u.CacheRead - u.CacheWrite}, {"cache_creation_input_tokens", u.CacheWrite},
		{"cache_read_input_tokens", u.CacheRead}, {"cache_creation", object{{"ephemeral_5m_input_tokens", u.CacheWrite}, {"ephemeral_1h_input_tokens", 0}}},
		{"output_tokens", out}, {"output_tokens_details", object{{"thinking_tokens", u.Reason}}}, {"service_tier", "standard"}, {"inference_geo", "global"}}
}

// messagesBlock is a piece as a complete block.
func messagesBlock(p Piece) object {
	switch p.Kind {
	case KindThinking:
		return object{{"type", "thinking"}, {"thinking", p.All()}, {"signature", p.Signature}}
	case KindCall:
		input := p.All()
		if input == "" {
			input = "{}"
		}
		return object{{"type", "tool_use"}, {"id", p.ID}, {"name", p.Name}, {"input", jsontext.Value(input)}}
	}
	return object{{"type", "text"}, {"text", p.All()}}
}

func messagesBody(t turn, content []any, stop, sequence any, usage object) object {
	return object{{"model", t.rec.Model}, {"id", t.id("msg_")}, {"type", "message"}, {"role", "assistant"}, {"content", content},
		{"stop_reason", stop}, {"stop_sequence", sequence}, {"stop_details", nil}, {"usage", usage}}
}

func (messagesDialect) plain(t turn) []byte {
	content := []any{}
	for _, p := range t.Pieces {
		content = append(content, messagesBlock(p))
	}
	return encode(messagesBody(t, content, messagesStop(t.stop()), orNull(t.StopSequence), messagesUsage(t.Usage, t.Usage.Out)))
}

func (messagesDialect) stream(t turn) []frame {
	var out []frame
	var wait <-chan struct{}
	put := func(name string, fields ...pair) {
		out = append(out, frame{data: event(name, encode(append(object{{"type", name}}, fields...))), wait: wait})
		wait = nil
	}
	broken := func() []frame {
		_, e := anthropicError(*t.Broken, t.id("req_"))
		return append(out, frame{data: event("error", encode(e))})
	}
	if t.Broken != nil && len(t.Pieces) == 0 {
		return broken()
	}
	put("message_start", pair{"message", messagesBody(t, []any{}, nil, nil, messagesUsage(t.Usage, 1))})
	for i, p := range t.Pieces {
		index := pair{"index", i}
		wait = p.Wait
		put("content_block_start", index, pair{"content_block", messagesShell(p)})
		if i == 0 {
			put("ping")
		}
		delta := func(kind, field, value string) {
			put("content_block_delta", index, pair{"delta", object{{"type", kind}, {field, value}}})
		}
		if p.Kind == KindCall {
			delta("input_json_delta", "partial_json", "")
		}
		for _, d := range p.Deltas {
			switch p.Kind {
			case KindThinking:
				delta("thinking_delta", "thinking", d)
			case KindCall:
				delta("input_json_delta", "partial_json", d)
			default:
				delta("text_delta", "text", d)
			}
		}
		if p.Kind == KindThinking {
			delta("signature_delta", "signature", p.Signature)
		}
		put("content_block_stop", index)
	}
	if t.Broken != nil {
		return broken()
	}
	put("message_delta", pair{"delta", object{{"stop_reason", messagesStop(t.stop())}, {"stop_sequence", orNull(t.StopSequence)}, {"stop_details", nil}}},
		pair{"usage", messagesUsage(t.Usage, t.Usage.Out)})
	put("message_stop")
	return out
}

// messagesShell is a block as it starts: empty.
func messagesShell(p Piece) object {
	o := messagesBlock(Piece{Kind: p.Kind, ID: p.ID, Name: p.Name})
	return o
}
