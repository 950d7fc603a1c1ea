package chat

import (
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// tell encodes events and returns the data of each frame.
func tell(t *testing.T, reply translate.Reply, events ...*translate.Event) []string {
	t.Helper()
	e := New().NewStreamEncoder(reply)
	var v translate.Validator
	var out []byte
	for _, ev := range events {
		if err := v.Check(ev); err != nil {
			t.Fatalf("test event %s: %v", showEvent(ev), err)
		}
		var err error
		if out, err = e.Append(out, ev); err != nil {
			t.Fatalf("Append(%s): %v", showEvent(ev), err)
		}
	}
	return frames(t, string(out))
}

// frames splits a client's stream and checks that each frame is one data line.
func frames(t *testing.T, s string) (list []string) {
	t.Helper()
	if !strings.HasSuffix(s, "\n\n") {
		t.Fatalf("the stream ends in mid-frame: %q", s)
	}
	for _, f := range strings.Split(strings.TrimSuffix(s, "\n\n"), "\n\n") {
		data, ok := strings.CutPrefix(f, "data: ")
		if !ok || strings.ContainsAny(data, "\n\r\u2028\u2029") {
			t.Fatalf("no single data line: %q", f)
		}
		list = append(list, data)
	}
	return list
}

func reply(usage bool) translate.Reply {
	return translate.Reply{Request: &translate.Request{Usage: usage}, Model: "asked", ID: "0123456789abcdef", Created: 99}
}

func chunk(choices string) string {
	return `{"id":"chatcmpl-u1","object":"chat.completion.chunk","created":7,"model":"m","choices":` + choices + `}`
}

func piece(delta string) string { return chunk(one(delta)) }

func TestEncodeStream(t *testing.T) {
	start := &translate.Event{Type: translate.EventStart, ID: "u1", Model: "m", Created: 7}
	block := func(choice, n int, kind translate.Kind) *translate.Event {
		return &translate.Event{Type: translate.EventBlockStart, Choice: choice, Block: n, Kind: kind}
	}
	toolBlock := func(n int, c translate.Call) *translate.Event {
		return &translate.Event{Type: translate.EventBlockStart, Block: n, Kind: translate.ToolCall, Call: &c}
	}
	delta := func(n int, s string) *translate.Event {
		return &translate.Event{Type: translate.EventDelta, Block: n, Text: translate.Value(s)}
	}
	shut := func(n int) *translate.Event { return &translate.Event{Type: translate.EventBlockStop, Block: n} }
	stop := func(choice int, s translate.StopReason) *translate.Event {
		return &translate.Event{Type: translate.EventStop, Choice: choice, Stop: s}
	}
	done := &translate.Event{Type: translate.EventEnd}
	used := &translate.Event{Type: translate.EventUsage, Usage: &translate.Usage{Input: 10, CacheRead: 4, Output: 5, Reasoning: 3}}
	role := piece(`{"role":"assistant","content":""}`)
	tests := []struct {
		name   string
		events []*translate.Event
		want   []string
	}{
		{"text", []*translate.Event{start, block(0, 0, translate.Text), delta(0, `"a"`), delta(0, `""`), delta(0, "\"\u2028\\n\""), shut(0), used, stop(0, translate.StopEnd), done},
			[]string{role, piece(`{"content":"a"}`), piece(`{"content":"\u2028\n"}`), chunk(end(`"stop"`)), "[DONE]"}},
		{"thoughts", []*translate.Event{start, block(0, 0, translate.Thinking), delta(0, `"hm"`), shut(0), block(0, 1, translate.Thinking), delta(1, `"so"`), delta(1, `"!"`), shut(1), block(0, 2, translate.Refusal), delta(2, `"no"`), shut(2), stop(0, translate.StopRefusal), done},
			[]string{role, piece(`{"reasoning_content":"hm"}`), piece(`{"reasoning_content":"\n\nso"}`), piece(`{"reasoning_content":"!"}`), piece(`{"refusal":"no"}`), chunk(end(`"content_filter"`)), "[DONE]"}},
		{"calls", []*translate.Event{start, block(0, 0, translate.Text), shut(0), toolBlock(1, translate.Call{ID: "c1", Name: "f"}), toolBlock(2, translate.Call{ID: "c2", Name: "g"}), delta(1, `"{\"a\":"`), delta(1, `"1}"`), shut(1),
			{Type: translate.EventSignature, Block: 2, Signature: lit("sig")}, shut(2), stop(0, translate.StopToolUse), done},
			[]string{role, piece(`{"tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"f","arguments":""}}]}`), piece(`{"tool_calls":[{"index":1,"id":"c2","type":"function","function":{"name":"g","arguments":""}}]}`),
				piece(`{"tool_calls":[{"index":0,"function":{"arguments":"{\"a\":"}}]}`), piece(`{"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]}`),
				piece(`{"tool_calls":[{"index":1,"function":{"arguments":""},"extra_content":{"google":{"thought_signature":"sig"}}}]}`), piece(`{"tool_calls":[{"index":1,"function":{"arguments":"{}"}}]}`), chunk(end(`"tool_calls"`)), "[DONE]"}},
		{"custom call", []*translate.Event{start, toolBlock(0, translate.Call{ID: "c1", Name: "p", Custom: true}), delta(0, `"{\"input\": \"a\\"`), delta(0, `"nb\"}"`), shut(0), stop(0, translate.StopToolUse), done},
			[]string{role, piece(`{"tool_calls":[{"index":0,"id":"c1","type":"custom","custom":{"name":"p","input":""}}]}`), piece(`{"tool_calls":[{"index":0,"custom":{"input":"a\nb"}}]}`), chunk(end(`"tool_calls"`)), "[DONE]"}},
		{"two choices", []*translate.Event{start, block(0, 0, translate.Text), delta(0, `"a"`), block(1, 1, translate.Text), delta(1, `"b"`), shut(0), shut(1), stop(0, translate.StopEnd), stop(1, translate.StopLength), stop(2, translate.StopFilter), done},
			[]string{role, piece(`{"content":"a"}`), chunk(`[{"index":1,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}]`), chunk(`[{"index":1,"delta":{"content":"b"},"logprobs":null,"finish_reason":null}]`),
				chunk(end(`"stop"`)), chunk(`[{"index":1,"delta":{},"logprobs":null,"finish_reason":"length"}]`), chunk(`[{"index":2,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}]`), chunk(`[{"index":2,"delta":{},"logprobs":null,"finish_reason":"content_filter"}]`), "[DONE]"}},
		{"citation in the second text, logprobs, image", []*translate.Event{start, block(0, 0, translate.Text), delta(0, `"a\ud83d\ude00\n"`), shut(0), block(0, 1, translate.Text), delta(1, `"b"`),
			{Type: translate.EventLogprobs, Block: 1, Logprobs: translate.Value("[{\"token\":\"b\",\r\n\"logprob\":-1}]")},
			{Type: translate.EventCitation, Block: 1, Citation: &translate.Citation{URL: lit("https://x"), Start: 0, End: 1}}, shut(1),
			block(0, 2, translate.Image), {Type: translate.EventMedia, Block: 2, Media: &translate.Media{MIME: "image/png", Data: []byte("QQ==")}}, shut(2), stop(0, translate.StopSequence), done},
			[]string{role, piece(`{"content":"a\ud83d\ude00\n"}`), piece(`{"content":"b"}`), chunk(`[{"index":0,"delta":{},"logprobs":{"content":[{"token":"b","logprob":-1}],"refusal":null},"finish_reason":null}]`),
				piece(`{"annotations":[{"type":"url_citation","url_citation":{"url":"https://x","title":"","start_index":3,"end_index":4}}]}`),
				piece(`{"images":[{"type":"image_url","image_url":{"url":"data:image/png;base64,QQ=="}}]}`), chunk(end(`"stop"`)), "[DONE]"}},
		{"an error, and nothing behind it", []*translate.Event{start, block(0, 0, translate.Text), delta(0, `"a"`), {Type: translate.EventError, Err: &translate.Error{Kind: translate.Truncated, Message: "cut"}}},
			[]string{role, piece(`{"content":"a"}`), `{"error":{"message":"cut","type":"server_error","param":null,"code":"stream_incomplete"}}`}},
		{"an error before the start", []*translate.Event{{Type: translate.EventError, Err: &translate.Error{Kind: translate.RateLimited, Message: "slow"}}},
			[]string{`{"error":{"message":"slow","type":"rate_limit_error","param":null,"code":"rate_limit_exceeded"}}`}},
	}
	for _, test := range tests {
		got := tell(t, reply(false), test.events...)
		diff(t, test.name, strings.Join(got, "\n"), strings.Join(test.want, "\n"))

		// With the usage asked for, each chunk says that there is none yet, and
		// one more tells it, where it is known.
		for i, c := range test.want {
			if strings.HasPrefix(c, `{"id"`) {
				test.want[i] = strings.TrimSuffix(c, "}") + `,"usage":null}`
			}
		}
		if test.name == "text" {
			n := len(test.want) - 1
			test.want = append(test.want[:n:n], `{"id":"chatcmpl-u1","object":"chat.completion.chunk","created":7,"model":"m","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":3}}}`, "[DONE]")
		}
		got = tell(t, reply(true), test.events...)
		diff(t, test.name+", usage asked for", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
	}
}

func TestEncodeStreamDefaults(t *testing.T) {
	got := tell(t, reply(false), &translate.Event{Type: translate.EventStart}, &translate.Event{Type: translate.EventBlockStart, Kind: translate.Text})
	want := `{"id":"chatcmpl-0123456789abcdef","object":"chat.completion.chunk","created":99,"model":"asked","choices":` + one(`{"role":"assistant","content":""}`) + `}`
	diff(t, "no id, time and model", strings.Join(got, "\n"), want)
}

func TestEncodeStreamMalformedCall(t *testing.T) {
	e := New().NewStreamEncoder(reply(false))
	if _, err := e.Append(nil, &translate.Event{Type: translate.EventStart}); err != nil {
		t.Fatal(err)
	}
	got, err := e.Append(nil, &translate.Event{Type: translate.EventStop, Stop: translate.StopMalformedCall})
	if err == nil || len(got) > 0 {
		t.Errorf("got %q, %v; want an error", got, err)
	}
}

func TestEncodeStreamBoundsInput(t *testing.T) {
	e := New().NewStreamEncoder(reply(false))
	for _, ev := range []*translate.Event{{Type: translate.EventStart}, {Type: translate.EventBlockStart, Kind: translate.ToolCall, Call: &translate.Call{ID: "c", Name: "p", Custom: true}}} {
		if _, err := e.Append(nil, ev); err != nil {
			t.Fatal(err)
		}
	}
	piece := jsonlit.Quote(strings.Repeat("x", 1<<20))
	var err error
	for n := 0; n < 9 && err == nil; n++ {
		_, err = e.Append(nil, &translate.Event{Type: translate.EventDelta, Text: piece})
	}
	if err == nil {
		t.Error("got no error for 9 MiB of a custom tool's input")
	}
}

func TestHeartbeat(t *testing.T) {
	e := New().NewStreamEncoder(reply(false))
	if got, want := string(e.Heartbeat(nil)), ": keep-alive\n\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, _ := e.Append(nil, &translate.Event{Type: translate.EventPing}); string(got) != ": keep-alive\n\n" {
		t.Errorf("ping: got %q", got)
	}
	if got, want := e.ContentType(), "text/event-stream"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// checkGrammar checks the rules that clients of a stream live by.
func checkGrammar(t *testing.T, list []string) {
	t.Helper()
	var id string
	roles, finished := map[int64]bool{}, map[int64]bool{}
	calls := map[int64]int64{}
	for i, data := range list {
		if data == "[DONE]" {
			if i != len(list)-1 || len(finished) != len(roles) {
				t.Errorf("[DONE] at %d of %d, %d choices of %d finished", i, len(list), len(finished), len(roles))
			}
			return
		}
		if !jsonlit.Valid([]byte(data)) {
			t.Fatalf("not JSON: %s", data)
		}
		c := jsonlit.Value(data)
		if e := jsonlit.Get(c, "error"); e != nil {
			if i != len(list)-1 {
				t.Errorf("frames behind the error %s", e)
			}
			return
		}
		if this := string(jsonlit.Get(c, "id")) + string(jsonlit.Get(c, "created")); id == "" {
			id = this
		} else if this != id {
			t.Errorf("id or time changed: %s, %s", id, this)
		}
		for ch := range jsonlit.Elements(jsonlit.Get(c, "choices")) {
			n, _ := jsonlit.Int(jsonlit.Get(ch, "index"))
			if role := jsonlit.Str(jsonlit.Get(ch, "delta", "role")); !roles[n] != (role == "assistant") {
				t.Errorf("role %q in chunk %d of choice %d", role, i, n)
			}
			roles[n] = true
			if finished[n] {
				t.Errorf("chunk behind the finish of choice %d", n)
			}
			finished[n] = jsonlit.IsString(jsonlit.Get(ch, "finish_reason"))
			if !finished[n] {
				delete(finished, n)
			}
			for call := range jsonlit.Elements(jsonlit.Get(ch, "delta", "tool_calls")) {
				k, _ := jsonlit.Int(jsonlit.Get(call, "index"))
				switch first := jsonlit.Get(call, "id") != nil; {
				case first && k != calls[n], !first && k >= calls[n]:
					t.Errorf("tool call index %d, begun so far %d", k, calls[n])
				case first:
					calls[n]++
				}
			}
		}
	}
	t.Error("no [DONE] and no error")
}

// TestStreamThrough decodes and encodes the faithful streams, whole and cut.
func TestStreamThrough(t *testing.T) {
	for _, test := range faithful {
		for n := 0; n <= len(test.stream); n++ {
			checkGrammar(t, frames(t, string(through(t, test.stream[:n]))))
		}
	}
}
