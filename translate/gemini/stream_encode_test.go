package gemini

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
	"github.com/fairway-gateway/fairway/translate/sse"
)

func reply(r translate.Request) translate.Reply {
	return translate.Reply{Request: &r, Model: "asked", ID: "abcdefghijklmnop", Created: 1}
}

// answers are what the encoders are tested with.
func answers() map[string]*translate.Response {
	usage := &translate.Usage{Input: 10, CacheRead: 4, Output: 9, Reasoning: 3}
	part := func(k translate.Kind, s string) translate.Part { return translate.Part{Kind: k, Text: lit(s)} }
	return map[string]*translate.Response{
		"text": {ID: "msg_1", Model: "claude", Usage: usage, Choices: []translate.Choice{{Parts: []translate.Part{
			part(translate.Thinking, "hm"), part(translate.Text, "hi \u2028 \"you\"")}, Stop: translate.StopEnd}}},
		"calls": {ID: "msg_1", Model: "claude", Usage: usage, Choices: []translate.Choice{{Parts: []translate.Part{
			text("ok"), call("1", "f", "{\n \"a\": \"x\u2029\"\r\n}"), call("1", "f", ""), call("2", "g", `{"b":1.0}`)}, Stop: translate.StopToolUse}}},
		"choices": {Choices: []translate.Choice{
			{Parts: []translate.Part{text("a")}, Stop: translate.StopLength}, {Index: 1, Parts: []translate.Part{text("b")}, Stop: translate.StopSequence}}},
		"search": {Choices: []translate.Choice{{Parts: []translate.Part{
			{Kind: translate.WebSearch, Search: &translate.Search{Queries: []translate.Value{lit("q")}, Sources: []translate.Citation{{URL: lit("https://b.test")}}}},
			part(translate.Text, "é "),
			{Kind: translate.Text, Text: lit("世界"), Citations: []translate.Citation{{URL: lit("https://a.test"), Title: lit("A"), Start: 0, End: 2},
				{URL: lit("https://b.test"), Start: 0, End: 2}, {FileID: lit("f")}, {URL: lit("https://a.test"), Start: 1, End: 2}}}}, Stop: translate.StopEnd}}},
		"refusal": {Choices: []translate.Choice{{Parts: []translate.Part{part(translate.Refusal, "no")}, Stop: translate.StopRefusal}}},
		"filter":  {Choices: []translate.Choice{{Stop: translate.StopFilter}}},
		"media": {Choices: []translate.Choice{{Parts: []translate.Part{
			media(translate.Image, translate.Media{MIME: "image/png", Data: []byte("aGk=")}), media(translate.Image, translate.Media{URL: lit("https://x.test/a.png")})}}}},
		"logprobs": {Choices: []translate.Choice{{Parts: []translate.Part{
			{Kind: translate.Text, Text: lit("a"), Logprobs: translate.Value(`[{"token":"a","logprob":-0.5,"bytes":[97],"top_logprobs":[{"token":"a","logprob":-0.5,"bytes":[97]}]}]`)}}, Stop: translate.StopEnd}}},
	}
}

func TestAppendResponse(t *testing.T) {
	const tail = `,"modelVersion":"asked","responseId":"abcdefghijklmnop"}`
	tests := map[string]string{
		"text": `{"candidates":[{"content":{"parts":[{"text":"hm","thought":true},{"text":"hi \u2028 \"you\""}],"role":"model"},"finishReason":"STOP","index":0}],` +
			`"usageMetadata":{"promptTokenCount":10,"cachedContentTokenCount":4,"candidatesTokenCount":6,"thoughtsTokenCount":3,"totalTokenCount":19},"modelVersion":"claude","responseId":"msg_1"}`,
		"calls": `{"candidates":[{"content":{"parts":[{"text":"ok"},{"functionCall":{"id":"1","name":"f","args":{  "a": "x\u2029"  }}},{"functionCall":{"id":"1_2","name":"f","args":{}}},{"functionCall":{"id":"2","name":"g","args":{"b":1.0}}}],"role":"model"},"finishReason":"STOP","index":0}],` +
			`"usageMetadata":{"promptTokenCount":10,"cachedContentTokenCount":4,"candidatesTokenCount":6,"thoughtsTokenCount":3,"totalTokenCount":19},"modelVersion":"claude","responseId":"msg_1"}`,
		"choices": `{"candidates":[{"content":{"parts":[{"text":"a"}],"role":"model"},"finishReason":"MAX_TOKENS","index":0},{"content":{"parts":[{"text":"b"}],"role":"model"},"finishReason":"STOP","index":1}]` + tail,
		"search": `{"candidates":[{"content":{"parts":[{"text":"é "},{"text":"世界"}],"role":"model"},"finishReason":"STOP","index":0,"groundingMetadata":{"webSearchQueries":["q"],` +
			`"groundingChunks":[{"web":{"uri":"https://b.test","title":""}},{"web":{"uri":"https://a.test","title":"A"}}],` +
			`"groundingSupports":[{"segment":{"partIndex":1,"startIndex":0,"endIndex":6},"groundingChunkIndices":[1,0]},{"segment":{"partIndex":1,"startIndex":3,"endIndex":6},"groundingChunkIndices":[1]}]}}]` + tail,
		"refusal": `{"candidates":[{"content":{"parts":[{"text":"no"}],"role":"model"},"finishReason":"PROHIBITED_CONTENT","index":0}]` + tail,
		"filter":  `{"candidates":[{"content":{"parts":[],"role":"model"},"finishReason":"SAFETY","index":0}]` + tail,
		"media":   `{"candidates":[{"content":{"parts":[{"inlineData":{"mimeType":"image/png","data":"aGk="}},{"fileData":{"mimeType":"image/png","fileUri":"https://x.test/a.png"}}],"role":"model"},"finishReason":"STOP","index":0}]` + tail,
		"logprobs": `{"candidates":[{"content":{"parts":[{"text":"a"}],"role":"model"},"finishReason":"STOP","index":0,"logprobsResult":{"chosenCandidates":[{"token":"a","logProbability":-0.5}],` +
			`"topCandidates":[{"candidates":[{"token":"a","logProbability":-0.5}]}]}}]` + tail,
	}
	for name, r := range answers() {
		got, err := New().AppendResponse(nil, r, reply(translate.Request{}))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := jsonlit.Check(got); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if string(got) != tests[name] {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, tests[name])
		}
	}
	hidden, err := New().AppendResponse(nil, answers()["text"], reply(translate.Request{Reasoning: translate.Reasoning{Show: translate.False}}))
	if err != nil || bytes.Contains(hidden, []byte("thought\"")) {
		t.Errorf("got %s, %v, want no thoughts for a client that asked for none", hidden, err)
	}
}

func TestUnusableArguments(t *testing.T) {
	r := &translate.Response{Choices: []translate.Choice{{Parts: []translate.Part{call("1", "f", `{"a`)}}}}
	_, err := New().AppendResponse(nil, r, reply(translate.Request{}))
	e, ok := err.(*translate.Error)
	if !ok || e.Kind != translate.Upstream || e.Code != "upstream_malformed_tool_call" {
		t.Errorf("got %v, want an error of kind Upstream", err)
	}
	if _, err := stream(r, reply(translate.Request{})); !errors.As(err, &e) || e.Code != "upstream_malformed_tool_call" {
		t.Errorf("got %v of a stream, want an error of kind Upstream", err)
	}
}

// stream encodes a whole answer as a stream, two bytes of text at a time.
func stream(r *translate.Response, to translate.Reply) ([]byte, error) {
	enc := New().NewStreamEncoder(to)
	var out []byte
	var v translate.Validator
	push := func(ev *translate.Event) (err error) {
		if err := v.Check(ev); err != nil {
			return err
		}
		out, err = enc.Append(out, ev)
		return err
	}
	err := translate.Replay(r, func(ev *translate.Event) error {
		if ev.Type != translate.EventDelta || bytes.IndexByte(ev.Text, '\\') >= 0 {
			return push(ev)
		}
		for piece := range slices.Chunk(jsonlit.Inner(ev.Text), 2) {
			if !jsonlit.Valid(append(append([]byte{'"'}, piece...), '"')) {
				return push(ev)
			}
		}
		for piece := range slices.Chunk(jsonlit.Inner(ev.Text), 2) {
			e := *ev
			e.Text = append(append(translate.Value{'"'}, piece...), '"')
			if err := push(&e); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// checkGrammar verifies a stream of server-sent events as a strict client reads
// it and returns the fragments.
func checkGrammar(t *testing.T, out []byte) (fragments [][]byte) {
	t.Helper()
	if !bytes.HasSuffix(out, []byte("\n\n")) {
		t.Fatalf("the stream does not end its last event: %q", out)
	}
	finished := map[string]bool{}
	for _, event := range bytes.Split(bytes.TrimSuffix(out, []byte("\n\n")), []byte("\n\n")) {
		data, ok := bytes.CutPrefix(event, []byte("data: "))
		if !ok || bytes.ContainsAny(data, "\r\n") || bytes.Contains(data, []byte("\u2028")) || bytes.Contains(data, []byte("\u2029")) {
			t.Fatalf("not one data line: %q", event)
		}
		if err := jsonlit.Check(data); err != nil {
			t.Fatalf("%s: %v", data, err)
		}
		for c := range jsonlit.Elements(jsonlit.Get(data, "candidates")) {
			index := string(jsonlit.Get(c, "index"))
			if finished[index] {
				t.Errorf("candidate %s goes on behind its finishReason: %s", index, data)
			}
			finished[index] = jsonlit.Get(c, "finishReason") != nil
		}
		fragments = append(fragments, data)
	}
	for index, done := range finished {
		if !done {
			t.Errorf("candidate %s has no finishReason", index)
		}
	}
	return fragments
}

// TestStreamIsResponse shows that the streamed and the whole answer are the same.
func TestStreamIsResponse(t *testing.T) {
	for name, r := range answers() {
		for _, array := range []bool{false, true} {
			to := reply(translate.Request{Array: array})
			whole, err := New().AppendResponse(nil, r, to)
			if err != nil {
				t.Fatal(err)
			}
			want, err := New().DecodeResponse(whole)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			out, err := stream(r, to)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if array {
				if err := jsonlit.Check(out); err != nil || out[0] != '[' || !bytes.HasSuffix(out, []byte("}]")) {
					t.Fatalf("%s: got %s: %v", name, out, err)
				}
			} else {
				fragments := checkGrammar(t, out)
				if last := fragments[len(fragments)-1]; r.Usage != nil && jsonlit.Get(last, "usageMetadata") == nil {
					t.Errorf("%s: no usage on the last fragment %s", name, last)
				}
				out = append(append([]byte{'['}, bytes.Join(fragments, []byte{','})...), ']')
			}
			got, err := New().DecodeResponse(out)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if got, want := describeResponse(got), describeResponse(want); got != want {
				t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
			}
		}
	}
}

// TestStreamBytes fixes the bytes of a stream in both framings.
func TestStreamBytes(t *testing.T) {
	one := func(index int, part string) string {
		return fmt.Sprintf(`{"candidates":[{"content":{"parts":[%s],"role":"model"},"index":%d}],"modelVersion":"claude","responseId":"msg_1"}`, part, index)
	}
	chunks := []string{
		one(0, `{"text":"hm","thought":true}`), one(0, `{"text":"a"}`), one(0, `{"functionCall":{"id":"1","name":"f","args":{"a":1}}}`),
		`{"candidates":[{"content":{"parts":[{"text":""}],"role":"model"},"finishReason":"STOP","index":0}],` +
			`"usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":2,"totalTokenCount":12},"modelVersion":"claude","responseId":"msg_1"}`,
	}
	events := []translate.Event{
		{Type: translate.EventStart, ID: "msg_1!", Model: "claude", Usage: &translate.Usage{Input: 10}},
		{Type: translate.EventPing},
		{Type: translate.EventBlockStart, Block: 0, Kind: translate.Thinking},
		{Type: translate.EventDelta, Block: 0, Text: lit("hm")},
		{Type: translate.EventSignature, Block: 0, Signature: lit("other vendor's")},
		{Type: translate.EventBlockStop, Block: 0},
		{Type: translate.EventBlockStart, Block: 1, Kind: translate.Text},
		{Type: translate.EventBlockStart, Block: 2, Kind: translate.ToolCall, Call: &translate.Call{ID: "1", Name: "f"}},
		{Type: translate.EventDelta, Block: 2, Text: lit(`{"a"`)},
		{Type: translate.EventDelta, Block: 1, Text: lit("a")},
		{Type: translate.EventDelta, Block: 1, Text: lit("")},
		{Type: translate.EventDelta, Block: 2, Text: lit(`:1}`)},
		{Type: translate.EventBlockStop, Block: 1},
		{Type: translate.EventBlockStop, Block: 2},
		{Type: translate.EventStop, Stop: translate.StopToolUse},
		{Type: translate.EventUsage, Usage: &translate.Usage{Output: 2}},
		{Type: translate.EventEnd},
	}
	for array, want := range map[bool]string{
		false: "data: " + strings.Join(chunks, "\n\ndata: ") + "\n\n",
		true:  "[" + strings.Join(chunks, ",\r\n") + "]",
	} {
		enc := New().NewStreamEncoder(reply(translate.Request{Array: array}))
		var out []byte
		var v translate.Validator
		for i := range events {
			if err := v.Check(&events[i]); err != nil {
				t.Fatal(err)
			}
			var err error
			if out, err = enc.Append(out, &events[i]); err != nil {
				t.Fatal(err)
			}
		}
		if string(out) != want {
			t.Errorf("array %t: got\n%s\nwant\n%s", array, out, want)
		}
	}
}

func TestStreamBreaks(t *testing.T) {
	e := &translate.Error{Kind: translate.Truncated, Message: "cut"}
	const object = `{"error":{"code":503,"message":"cut","status":"UNAVAILABLE"}}`
	start := []translate.Event{{Type: translate.EventStart}, {Type: translate.EventBlockStart, Kind: translate.Text}, {Type: translate.EventDelta, Text: lit("a")}}
	const chunk = `{"candidates":[{"content":{"parts":[{"text":"a"}],"role":"model"},"index":0}],"modelVersion":"asked","responseId":"abcdefghijklmnop"}`
	for _, test := range []struct {
		array  bool
		events []translate.Event
		want   string
	}{
		{false, nil, "data: " + object + "\n\n"},
		{true, nil, "[" + object + "]"},
		{false, start, "data: " + chunk + "\n\ndata: " + object + "\n\n"},
		{true, start, "[" + chunk + ",\r\n" + object + "]"},
	} {
		enc := New().NewStreamEncoder(reply(translate.Request{Array: test.array}))
		var out []byte
		for _, ev := range append(slices.Clone(test.events), translate.Event{Type: translate.EventError, Err: e}) {
			var err error
			if out, err = enc.Append(out, &ev); err != nil {
				t.Fatal(err)
			}
		}
		if string(out) != test.want {
			t.Errorf("got\n%s\nwant\n%s", out, test.want)
		}
	}
}

func TestHeartbeat(t *testing.T) {
	sse := New().NewStreamEncoder(reply(translate.Request{}))
	if got, kind := string(sse.Heartbeat(nil)), sse.ContentType(); got != "\n\n" || kind != "text/event-stream" {
		t.Errorf("got %q in %s, want an empty event in text/event-stream", got, kind)
	}
	array := New().NewStreamEncoder(reply(translate.Request{Array: true}))
	if got, kind := string(array.Heartbeat(nil)), array.ContentType(); got != "\n" || kind != "application/json" {
		t.Errorf("got %q in %s, want a line break in application/json", got, kind)
	}
}

func TestArgumentsBound(t *testing.T) {
	enc := New().NewStreamEncoder(reply(translate.Request{}))
	big := lit(strings.Repeat("x", 1<<20))
	events := []translate.Event{{Type: translate.EventStart}, {Type: translate.EventBlockStart, Kind: translate.ToolCall, Call: &translate.Call{ID: "1", Name: "f"}}}
	for range 9 {
		events = append(events, translate.Event{Type: translate.EventDelta, Text: big})
	}
	var err error
	for i := range events {
		if _, err = enc.Append(nil, &events[i]); err != nil && i < len(events)-3 {
			t.Fatalf("event %d: %v", i, err)
		}
	}
	if e, ok := err.(*translate.Error); !ok || e.Kind != translate.Upstream {
		t.Errorf("got %v, want an error of kind Upstream", err)
	}
}

func TestArrayRelay(t *testing.T) {
	frames := func(chunks ...string) (list []sse.Frame) {
		for _, c := range chunks {
			list = append(list, sse.Frame{Data: []byte(c)})
		}
		return list
	}
	relay := New().NewArrayRelay()
	var out []byte
	for _, f := range frames(`{"a": 1}`, "", `{"b":"\u00e9"} `, "[DONE]") {
		out = relay.Append(out, f)
	}
	if got, want := string(relay.End(out)), "[{\"a\": 1},\r\n{\"b\":\"\\u00e9\"}]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	e := &translate.Error{Kind: translate.Truncated, Message: "cut"}
	const object = `{"error":{"code":503,"message":"cut","status":"UNAVAILABLE"}}`
	if got, want := string(relay.Break(nil, e)), ",\r\n"+object+"]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := string(New().NewArrayRelay().Break(nil, e)), "["+object+"]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := string(New().NewArrayRelay().End(nil)); got != "[]" {
		t.Errorf("got %s, want []", got)
	}
}
