package chat

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
	"github.com/fairway-gateway/fairway/translate/sse"
)

// through decodes a stream and encodes it for a client that wants the usage.
func through(t testing.TB, s string) (out []byte) {
	t.Helper()
	d, e := New().NewStreamDecoder(), New().NewStreamEncoder(reply(true))
	emit := func(ev *translate.Event) (err error) {
		out, err = e.Append(out, ev)
		return err
	}
	r := sse.NewReader(strings.NewReader(s), nil, 0)
	for {
		frame, err := r.Next()
		if err == io.EOF {
			break
		}
		if err == nil {
			err = d.Decode(frame, emit)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Close(emit); err != nil {
		t.Fatal(err)
	}
	return out
}

func showResponse(r *translate.Response) string {
	var b strings.Builder
	b.WriteString(showEvent(&translate.Event{Type: translate.EventStart, ID: r.ID, Model: r.Model, Created: r.Created}))
	for _, c := range r.Choices {
		b.WriteString("\n" + showEvent(&translate.Event{Type: translate.EventStop, Choice: c.Index, Stop: c.Stop, StopSequence: c.StopSequence}) + ": " + show(c.Parts))
	}
	if r.Usage != nil {
		b.WriteString("\n" + showEvent(&translate.Event{Type: translate.EventUsage, Usage: r.Usage}))
	}
	return b.String()
}

func completion(choices string) string {
	return `{"id":"chatcmpl-1","object":"chat.completion","created":7,"model":"m","choices":` + choices +
		`,"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,"prompt_tokens_details":{"cached_tokens":4,"cache_write_tokens":2},"completion_tokens_details":{"reasoning_tokens":3}}}`
}

func TestDecodeResponse(t *testing.T) {
	answer := func(m, finish string) string {
		return completion(`[{"index":0,"message":` + m + `,"logprobs":null,"finish_reason":` + finish + `}]`)
	}
	tests := []struct{ name, body, want string }{
		{"text", answer(`{"role":"assistant","content":"hi","refusal":null,"annotations":[]}`, `"stop"`), "stop 0 end: text \"hi\""},
		{"empty", answer(`{"role":"assistant","content":null}`, `"length"`), "stop 0 length: "},
		{"reasoning and a call", answer(`{"role":"assistant","content":"","reasoning_content":"hm","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}},{"id":"c2","type":"function","function":{"name":"g","arguments":{"b":2}}},{"id":"c3","type":"function","function":{"name":"h","arguments":null}}]}`, `"stop"`),
			"stop 0 tool: thinking \"hm\" | tool_call null call{c1 f false \"{\\\"a\\\":1}\"null} | tool_call null call{c2 g false \"{\\\"b\\\":2}\"null} | tool_call null call{c3 h false nullnull}"},
		{"custom call", answer(`{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"custom","custom":{"name":"p","input":"a\"b"}}]}`, `"tool_calls"`),
			"stop 0 tool: tool_call null call{c1 p true \"{\\\"input\\\":\\\"a\\\\\\\"b\\\"}\"null}"},
		{"refusal", answer(`{"role":"assistant","content":null,"refusal":"no"}`, `"stop"`), "stop 0 refusal: refusal \"no\""},
		{"parts and citations", answer(`{"role":"assistant","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}],"annotations":[{"type":"url_citation","url_citation":{"url":"https://x","title":"X","start_index":0,"end_index":2}}]}`, `null`),
			"stop 0 end: text \"ab\" cite{\"https://x\" \"X\" 0-2}"},
		{"two choices, in order", completion(`[{"index":1,"message":{"content":"b"},"finish_reason":"stop"},{"index":0,"message":{"content":"a"},"finish_reason":"content_filter"}]`), "stop 0 filter: text \"a\"\nstop 1 end: text \"b\""},
	}
	for _, test := range tests {
		r, err := New().DecodeResponse([]byte(test.body))
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		diff(t, test.name, showResponse(r), "start chatcmpl-1 m 7\n"+test.want+"\n"+showUsage)
	}
}

func TestDecodeResponseErrors(t *testing.T) {
	tests := []struct {
		name, body string
		kind       translate.ErrorKind
	}{
		{"nothing", "", translate.Upstream},
		{"HTML", "<html></html>", translate.Upstream},
		{"cut", `{"choices":[`, translate.Upstream},
		{"a string", `"hi"`, translate.Upstream},
		{"no choices", `{"id":"x","choices":[]}`, translate.Upstream},
		{"an error", `{"error":{"message":"m","code":"context_length_exceeded"}}`, translate.ContextTooLong},
		{"finish_reason error", `{"choices":[{"message":{"content":"a"},"finish_reason":"error"}]}`, translate.Upstream},
		{"a call without a name", `{"choices":[{"message":{"tool_calls":[{"id":"1","function":{"arguments":"{}"}}]},"finish_reason":"stop"}]}`, translate.Upstream},
	}
	for _, test := range tests {
		_, err := New().DecodeResponse([]byte(test.body))
		var e *translate.Error
		if !errors.As(err, &e) || e.Kind != test.kind || e.Message == "" {
			t.Errorf("%s: got %v, want kind %d", test.name, err, test.kind)
		}
	}
}

func TestEncodeResponse(t *testing.T) {
	r := &translate.Response{ID: "msg_1", Choices: []translate.Choice{
		{Stop: translate.StopToolUse, Parts: []translate.Part{
			{Kind: translate.Thinking, Text: lit("hm")}, {Kind: translate.Text, Text: translate.Value("\"a\u2028\"")}, {Kind: translate.Thinking, Text: lit("so")},
			{Kind: translate.Text, Text: lit("b"), Citations: []translate.Citation{{URL: lit("https://x"), Title: lit("X"), End: 1}}, Logprobs: translate.Value(`[{"token":"b"}]`)},
			{Kind: translate.Image, Media: &translate.Media{MIME: "image/png", Data: []byte("QQ==")}},
			{Kind: translate.ToolCall, Signature: lit("sig"), Call: &translate.Call{ID: "c1", Name: "f", Arguments: translate.Arguments{Object: translate.Value(`{"a":1}`)}}},
			{Kind: translate.ToolCall, Call: &translate.Call{ID: "c2", Name: "p", Custom: true, Arguments: translate.Arguments{Text: lit(`{"input":"x\ny"}`)}}},
		}},
		{Index: 1, Stop: translate.StopRefusal, Parts: []translate.Part{{Kind: translate.Refusal, Text: lit("no")}}},
	}, Usage: &translate.Usage{Input: 10, CacheRead: 4, CacheWrite: 2, Output: 5, Reasoning: 3}}
	got, err := New().AppendResponse(nil, r, reply(false))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"id":"chatcmpl-1","object":"chat.completion","created":99,"model":"asked","choices":[{"index":0,"message":{"role":"assistant","content":"a\u2028b","refusal":null,"reasoning_content":"hm\n\nso",` +
		`"images":[{"type":"image_url","image_url":{"url":"data:image/png;base64,QQ=="}}],"annotations":[{"type":"url_citation","url_citation":{"url":"https://x","title":"X","start_index":2,"end_index":3}}],` +
		`"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"},"extra_content":{"google":{"thought_signature":"sig"}}},{"id":"c2","type":"custom","custom":{"name":"p","input":"x\ny"}}]},` +
		`"logprobs":{"content":[{"token":"b"}],"refusal":null},"finish_reason":"tool_calls"},` +
		`{"index":1,"message":{"role":"assistant","content":null,"refusal":"no"},"logprobs":null,"finish_reason":"content_filter"}],` +
		`"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,"prompt_tokens_details":{"cached_tokens":4,"cache_write_tokens":2},"completion_tokens_details":{"reasoning_tokens":3}}}`
	if string(got) != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
	if !jsonlit.Valid(got) {
		t.Errorf("not JSON: %s", got)
	}
}

func TestEncodeResponseMalformedCall(t *testing.T) {
	_, err := New().AppendResponse(nil, &translate.Response{Choices: []translate.Choice{{Stop: translate.StopMalformedCall}}}, reply(false))
	var e *translate.Error
	if !errors.As(err, &e) || e.Kind != translate.Upstream || e.Code != "upstream_malformed_tool_call" {
		t.Errorf("got %v, want an upstream's error", err)
	}
}

func TestFinishReasons(t *testing.T) {
	tests := []struct {
		stop translate.StopReason
		want string
	}{
		{translate.StopUnknown, "stop"}, {translate.StopEnd, "stop"}, {translate.StopLength, "length"}, {translate.StopSequence, "stop"}, {translate.StopToolUse, "tool_calls"},
		{translate.StopRefusal, "content_filter"}, {translate.StopFilter, "content_filter"}, {translate.StopContext, "length"}, {translate.StopPause, "stop"},
	}
	for _, test := range tests {
		b, err := New().AppendResponse(nil, &translate.Response{Choices: []translate.Choice{{Stop: test.stop}}}, reply(false))
		if err != nil {
			t.Fatal(err)
		}
		for c := range jsonlit.Elements(jsonlit.Get(b, "choices")) {
			if got := jsonlit.Str(jsonlit.Get(c, "finish_reason")); got != test.want {
				t.Errorf("%s: got %q, want %q", stopName(test.stop), got, test.want)
			}
		}
	}
}

// TestStreamEqualsWhole gathers each faithful stream, tells it again as a
// stream of ours and gathers that: all three must say the same.
func TestStreamEqualsWhole(t *testing.T) {
	gather := func(s string) *translate.Response {
		var a translate.Accumulator
		d := New().NewStreamDecoder()
		r := sse.NewReader(strings.NewReader(s), nil, 0)
		for {
			frame, err := r.Next()
			if err == io.EOF {
				break
			}
			if err = errors.Join(err, d.Decode(frame, a.Push)); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.Close(a.Push); err != nil {
			t.Fatal(err)
		}
		resp, err := a.Response()
		if err != nil {
			t.Fatal(err)
		}
		return resp
	}
	for _, test := range faithful {
		first := gather(test.stream)
		want := showResponse(first)

		again := gather(string(through(t, test.stream)))
		diff(t, test.name+", streamed on", showResponse(again), want)

		body, err := New().AppendResponse(nil, first, reply(true))
		if err != nil {
			t.Fatal(err)
		}
		whole, err := New().DecodeResponse(body)
		if err != nil {
			t.Fatal(err)
		}
		diff(t, test.name+", whole", showResponse(whole), want)

		e := New().NewStreamEncoder(reply(true))
		var out []byte
		var v translate.Validator
		if err := translate.Replay(whole, func(ev *translate.Event) (err error) {
			if err := v.Check(ev); err != nil {
				return err
			}
			out, err = e.Append(out, ev)
			return err
		}); err != nil {
			t.Fatalf("%s: Replay: %v", test.name, err)
		}
		diff(t, test.name+", replayed", showResponse(gather(string(out))), want)
		checkGrammar(t, frames(t, string(out)))
	}
}

func FuzzDecodeResponse(f *testing.F) {
	f.Add([]byte(completion(`[{"index":0,"message":{"content":"a","tool_calls":[{"id":"c","type":"custom","custom":{"name":"p","input":"x"}}]},"finish_reason":"stop"}]`)))
	f.Add([]byte(completion(`[{"message":{"content":[{"type":"text","text":"a"}],"images":[{"image_url":{"url":"data:image/png;base64,QQ=="}}]}}]`)))
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := New().DecodeResponse(body)
		if err != nil {
			return
		}
		out, err := New().AppendResponse(nil, r, reply(true))
		if err == nil && !jsonlit.Valid(out) {
			t.Errorf("wrote invalid JSON: %s", out)
		}
	})
}

// messageOf takes the message out of a written answer.
func messageOf(body []byte) string {
	for c := range jsonlit.Elements(jsonlit.Get(body, "choices")) {
		return string(jsonlit.Get(c, "message"))
	}
	return ""
}
