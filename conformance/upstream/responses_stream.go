package upstream

// responsesStream numbers the events of one streamed response.
type responsesStream struct {
	frames []frame
	n      int
	wait   <-chan struct{}
}

func (s *responsesStream) put(name string, fields ...pair) {
	o := append(object{{"type", name}}, fields...)
	o = append(o, pair{"sequence_number", s.n})
	s.n++
	s.frames = append(s.frames, frame{data: event(name, encode(o)), wait: s.wait})
	s.wait = nil
}

func (responsesDialect) stream(t turn) []frame {
	s := &responsesStream{}
	if t.Broken != nil && len(t.Pieces) == 0 {
		s.broken(t)
		return s.frames
	}
	s.put("response.created", pair{"response", responseObject(t, "in_progress", []object{}, nil, nil)})
	s.put("response.in_progress", pair{"response", responseObject(t, "in_progress", []object{}, nil, nil)})
	items := responsesItems(t)
	for i, p := range t.Pieces {
		s.wait = p.Wait
		s.item(i, p, items[i])
	}
	if t.Broken != nil {
		s.broken(t)
		return s.frames
	}
	status := responsesStatus(t.stop())
	s.put("response."+status, pair{"response", responseObject(t, status, items, responsesUsage(t.Usage), nil)})
	return s.frames
}

// broken is what the live service sends: a nested error event, then the failed response.
func (s *responsesStream) broken(t turn) {
	_, e := openAIError(*t.Broken)
	s.put("error", pair{"error", e})
	code := "server_error"
	if t.Broken.Class == RateLimited {
		code = "rate_limit_exceeded"
	}
	s.put("response.failed", pair{"response", responseObject(t, "failed", responsesItems(t), nil,
		object{{"code", code}, {"message", t.Broken.Message}})})
}

// shell is an item as it is added: in progress and empty.
func shell(item object) object {
	out := append(object(nil), item...)
	for i, p := range out {
		switch p.name {
		case "status":
			out[i].value = "in_progress"
		case "content", "summary":
			out[i].value = []any{}
		case "arguments", "input":
			out[i].value = ""
		}
	}
	return out
}

func (s *responsesStream) item(i int, p Piece, item object) {
	id := item[0].value
	at := []pair{{"item_id", id}, {"output_index", i}}
	s.put("response.output_item.added", pair{"output_index", i}, pair{"item", shell(item)})
	switch p.Kind {
	case KindText:
		content := append(at, pair{"content_index", 0})
		s.put("response.content_part.added", append(content, pair{"part", outputText("")})...)
		for _, d := range p.Deltas {
			s.put("response.output_text.delta", append(content, pair{"delta", d}, pair{"logprobs", []any{}})...)
		}
		s.put("response.output_text.done", append(content, pair{"text", p.All()}, pair{"logprobs", []any{}})...)
		s.put("response.content_part.done", append(content, pair{"part", outputText(p.All())})...)
	case KindThinking:
		if p.All() == "" {
			break
		}
		part := append(at, pair{"summary_index", 0})
		s.put("response.reasoning_summary_part.added", append(part, pair{"part", object{{"type", "summary_text"}, {"text", ""}}})...)
		for _, d := range p.Deltas {
			s.put("response.reasoning_summary_text.delta", append(part, pair{"delta", d})...)
		}
		s.put("response.reasoning_summary_text.done", append(part, pair{"text", p.All()})...)
		s.put("response.reasoning_summary_part.done", append(part, pair{"part", object{{"type", "summary_text"}, {"text", p.All()}}})...)
	case KindCall:
		name, field := "response.function_call_arguments", "arguments"
		if p.Custom {
			name, field = "response.custom_tool_call_input", "input"
		}
		for _, d := range p.Deltas {
			s.put(name+".delta", append(at, pair{"delta", d})...)
		}
		s.put(name+".done", append(at, pair{field, p.All()})...)
	}
	s.put("response.output_item.done", pair{"output_index", i}, pair{"item", item})
}
