package grammar

import (
	"slices"

	"github.com/tidwall/gjson"
)

// messagesBlock is what a Messages stream has said of one block.
type messagesBlock struct {
	kind    string
	input   string
	signed  bool
	stopped bool
}

// Messages judges a Messages stream (https://docs.claude.com/en/docs/build-with-claude/streaming). Blocks must come
// one after the other, which every client can read, although the newest ones take several open blocks.
func Messages(raw []byte, end Ending) error {
	f := &findings{}
	events, err := Parse(raw)
	if err != nil {
		return err
	}
	s := &messagesStream{f: f}
	for n, e := range events {
		v := e.JSON()
		if !f.check(gjson.Valid(e.Data) && v.IsObject(), "event %d is no JSON object: %.120q", n, e.Data) {
			continue
		}
		f.check(e.Name == v.Get("type").String(), "event %d: the event line says %q, its data %q", n, e.Name, v.Get("type").String())
		s.take(n, e.Name, v)
	}
	if end == Failed {
		f.check(s.failed == 1, "the stream ended with %d error events, want 1", s.failed)
		f.check(s.stops == 0, "the failed stream has a message_stop")
		f.check(s.reason == "", "the failed stream has a stop_reason %q", s.reason)
		return f.err()
	}
	f.check(s.failed == 0, "the stream has an error event")
	f.check(s.started, "there is no message_start")
	f.check(s.reason != "", "no message_delta gave a stop_reason")
	f.check(s.stops == 1, "the stream has %d message_stop, want 1", s.stops)
	for i, b := range s.blocks {
		f.check(b.stopped, "block %d was never stopped", i)
	}
	calls := slices.ContainsFunc(s.blocks, func(b *messagesBlock) bool { return b.kind == "tool_use" })
	f.check(!calls || s.reason == "tool_use" || s.reason == "max_tokens", "the message has tool calls but stops with %q", s.reason)
	f.check(calls || s.reason != "tool_use", "the message stops with tool_use but has no call")
	return f.err()
}

type messagesStream struct {
	f       *findings
	started bool
	blocks  []*messagesBlock
	reason  string
	stops   int
	failed  int
}

func (s *messagesStream) take(n int, name string, v gjson.Result) {
	f := s.f
	f.check(s.stops == 0 && s.failed == 0, "event %d (%s) comes after the end", n, name)
	if name != "message_start" && name != "ping" && name != "error" {
		f.check(s.started, "event %d (%s) comes before message_start", n, name)
	}
	switch name {
	case "message_start":
		f.check(!s.started, "event %d: a second message_start", n)
		s.started = true
		s.start(n, v.Get("message"))
	case "content_block_start":
		i := v.Get("index")
		f.check(s.reason == "", "event %d: a block starts after the stop_reason", n)
		f.check(i.Type == gjson.Number && i.Int() == int64(len(s.blocks)), "event %d: block %s starts, want index %d", n, i.Raw, len(s.blocks))
		if k := len(s.blocks); k > 0 {
			f.check(s.blocks[k-1].stopped, "event %d: block %d starts while the one before is open", n, k)
		}
		s.blocks = append(s.blocks, s.shell(n, v.Get("content_block")))
	case "content_block_delta", "content_block_stop":
		i := v.Get("index").Int()
		if !f.check(v.Get("index").Exists() && i < int64(len(s.blocks)), "event %d: block %d was never started", n, i) {
			return
		}
		b := s.blocks[i]
		f.check(!b.stopped, "event %d (%s): block %d has already stopped", n, name, i)
		if name == "content_block_delta" {
			b.delta(f, n, v.Get("delta"))
			return
		}
		b.stopped = true
		if b.kind == "tool_use" {
			f.check(b.input == "" || gjson.Parse(b.input).IsObject() && gjson.Valid(b.input), "event %d: the input of block %d is no JSON object: %q", n, i, b.input)
		}
		f.check(b.kind != "thinking" || b.signed, "event %d: thinking block %d has no signature", n, i)
	case "message_delta":
		for i, b := range s.blocks {
			f.check(b.stopped, "event %d: message_delta while block %d is open", n, i)
		}
		f.check(s.reason == "", "event %d: a second stop_reason", n)
		s.reason = v.Get("delta.stop_reason").String()
		f.check(slices.Contains([]string{"end_turn", "max_tokens", "stop_sequence", "tool_use", "pause_turn", "refusal", "model_context_window_exceeded"}, s.reason),
			"event %d: stop_reason %q is none of Anthropic's", n, s.reason)
		f.check(v.Get("delta.stop_sequence").Exists(), "event %d: delta lacks stop_sequence", n)
		f.check(s.reason != "stop_sequence" || v.Get("delta.stop_sequence").String() != "", "event %d: which stop_sequence?", n)
		out := v.Get("usage.output_tokens")
		f.check(out.Type == gjson.Number, "event %d: message_delta lacks usage.output_tokens", n)
	case "message_stop":
		f.check(s.reason != "", "event %d: message_stop before the stop_reason", n)
		s.stops++
	case "error":
		s.failed++
		f.check(v.Get("error.type").String() != "" && v.Get("error.message").String() != "", "event %d: the error lacks type or message", n)
	case "ping":
	default:
		f.addf("event %d: %q is none of Anthropic's events", n, name)
	}
}

func (s *messagesStream) start(n int, m gjson.Result) {
	messageObject(s.f, m)
	s.f.check(len(m.Get("content").Array()) == 0, "event %d: message_start has content", n)
	s.f.check(m.Get("stop_reason").Type == gjson.Null, "event %d: message_start has a stop_reason", n)
}

func (s *messagesStream) shell(n int, b gjson.Result) *messagesBlock {
	f := s.f
	kind := b.Get("type").String()
	switch kind {
	case "text":
		f.check(b.Get("text").Type == gjson.String && b.Get("text").String() == "", "event %d: a text block starts with text", n)
	case "thinking":
		f.check(b.Get("thinking").String() == "", "event %d: a thinking block starts with thinking", n)
		f.check(b.Get("thinking").Exists() && b.Get("signature").Exists(), "event %d: a thinking block lacks thinking or signature", n)
	case "tool_use":
		f.check(b.Get("id").String() != "" && b.Get("name").String() != "", "event %d: a tool_use block lacks id or name", n)
		f.check(b.Get("input").IsObject() && len(b.Get("input").Map()) == 0, "event %d: a tool_use block starts with input %s", n, b.Get("input").Raw)
	case "server_tool_use":
		f.check(b.Get("id").String() != "" && b.Get("name").String() != "", "event %d: a server_tool_use block lacks id or name", n)
	case "web_search_tool_result":
		f.check(b.Get("tool_use_id").String() != "" && b.Get("content").IsArray(), "event %d: a web_search_tool_result block lacks tool_use_id or content", n)
	case "redacted_thinking":
		f.check(b.Get("data").String() != "", "event %d: a redacted_thinking block without data", n)
	default:
		f.addf("event %d: a block of type %q", n, kind)
	}
	return &messagesBlock{kind: kind}
}

func (b *messagesBlock) delta(f *findings, n int, d gjson.Result) {
	kind := d.Get("type").String()
	allowed := map[string][]string{"text": {"text_delta", "citations_delta"}, "thinking": {"thinking_delta", "signature_delta"}, "tool_use": {"input_json_delta"}, "server_tool_use": {"input_json_delta"}}[b.kind]
	f.check(slices.Contains(allowed, kind), "event %d: a %s in a %s block", n, kind, b.kind)
	switch kind {
	case "input_json_delta":
		f.check(d.Get("partial_json").Type == gjson.String, "event %d: partial_json is no string", n)
		b.input += d.Get("partial_json").String()
	case "signature_delta":
		f.check(!b.signed, "event %d: a second signature", n)
		b.signed = true
	case "thinking_delta":
		f.check(!b.signed, "event %d: thinking after its signature", n)
	}
}

// messageObject wants the members that every Message has (SDK type anthropic.Message).
func messageObject(f *findings, m gjson.Result) {
	f.check(m.Get("type").String() == "message", "message: type is %q", m.Get("type").String())
	f.check(m.Get("role").String() == "assistant", "message: role is %q", m.Get("role").String())
	f.check(m.Get("id").String() != "", "message: no id")
	f.check(m.Get("model").String() != "", "message: no model")
	f.check(m.Get("content").IsArray(), "message: content is no array")
	for _, name := range []string{"stop_reason", "stop_sequence"} {
		f.check(m.Get(name).Exists(), "message: lacks %q", name)
	}
	for _, name := range []string{"input_tokens", "output_tokens"} {
		f.check(m.Get("usage."+name).Type == gjson.Number, "message: usage lacks %q", name)
	}
}
