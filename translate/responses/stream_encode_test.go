package responses

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

func asked(t testing.TB, body string) translate.Reply {
	t.Helper()
	r, err := New().DecodeRequest([]byte(body), translate.Hint{})
	if err != nil {
		t.Fatal(err)
	}
	return translate.Reply{Request: r, Model: "asked-model", ID: "0123456789abcdef", Created: 1700000000}
}

const plainBody = `{"model":"asked-model","input":"hi"}`

func encodeStream(t testing.TB, reply translate.Reply, events []translate.Event) string {
	t.Helper()
	e := New().NewStreamEncoder(reply)
	var v translate.Validator
	var out []byte
	for i := range events {
		if err := v.Check(&events[i]); err != nil {
			t.Fatalf("event %d of the test: %v", i, err)
		}
		var err error
		if out, err = e.Append(out, &events[i]); err != nil {
			t.Fatal(err)
		}
	}
	return string(out)
}

func begin(block int, kind translate.Kind) translate.Event {
	return translate.Event{Type: translate.EventBlockStart, Block: block, Kind: kind}
}

func call(block int, c translate.Call) translate.Event {
	return translate.Event{Type: translate.EventBlockStart, Block: block, Kind: translate.ToolCall, Call: &c}
}

func piece(block int, literal string) translate.Event {
	return translate.Event{Type: translate.EventDelta, Block: block, Text: value(literal)}
}

func end(block int) translate.Event {
	return translate.Event{Type: translate.EventBlockStop, Block: block}
}

func stopped(s translate.StopReason) []translate.Event {
	return []translate.Event{{Type: translate.EventStop, Stop: s},
		{Type: translate.EventUsage, Usage: &translate.Usage{Input: 10, CacheRead: 4, CacheWrite: 2, Output: 5, Reasoning: 1}},
		{Type: translate.EventEnd}}
}

var startEvent = translate.Event{Type: translate.EventStart, ID: "chatcmpl-A!9", Model: "real-model", Created: 1750000000}

// rich holds blocks of every kind.
func rich() []translate.Event {
	return slices.Concat([]translate.Event{
		startEvent,
		begin(0, translate.Thinking), piece(0, `"let \"me\""`), piece(0, `" see"`),
		{Type: translate.EventSignature, Block: 0, Signature: value(`"secret"`)}, end(0),
		{Type: translate.EventPing},
		begin(1, translate.Text), piece(1, `"a\n"`), piece(1, "\"b\u2028c\""),
		{Type: translate.EventCitation, Block: 1, Citation: &translate.Citation{URL: value(`"https://x.example"`), Title: value("\"T\u2029\""), Start: 0, End: 2}},
		{Type: translate.EventLogprobs, Block: 1, Logprobs: value("[ {\"token\":\"a\",\n\"logprob\":-1,\"bytes\":null,\"top_logprobs\":[]} ]")}, end(1),
		begin(2, translate.Text), piece(2, `"second"`), end(2),
		begin(3, translate.Refusal), piece(3, `"no"`), end(3),
		call(4, translate.Call{ID: "c1", Name: "f", Namespace: "ns"}), piece(4, `"{\"a\":"`), piece(4, `"1}"`), end(4),
		call(5, translate.Call{ID: "c2", Name: "g"}), end(5),
		call(6, translate.Call{ID: "c3", Name: "patch", Custom: true}), piece(6, `"{\"input\":"`), piece(6, `"\"x\\ny\"}"`), end(6),
		begin(7, translate.Image), {Type: translate.EventMedia, Block: 7, Media: &translate.Media{MIME: "image/png", Data: []byte("iVBO")}}, end(7),
		begin(8, translate.Audio), {Type: translate.EventMedia, Block: 8, Media: &translate.Media{MIME: "audio/wav", Data: []byte("AAAA")}}, end(8),
		begin(9, translate.Thinking), end(9),
		begin(10, translate.Text), piece(10, `"bye"`),
		{Type: translate.EventCitation, Block: 10, Citation: &translate.Citation{FileID: value(`"f"`), Title: value(`"a.pdf"`), Start: 3, End: 3}}, end(10),
		{Type: translate.EventBlockStart, Block: 11, Kind: translate.WebSearch, Search: &translate.Search{ID: "srvtoolu_1", Queries: []value{value(`"q"`)},
			Sources: []translate.Citation{{URL: value(`"https://s.example"`), Title: value(`"S"`)}}}}, end(11),
	}, stopped(translate.StopToolUse))
}

const richOutput = `[{"id":"rs_A9_0","type":"reasoning","summary":[{"type":"summary_text","text":"let \"me\" see"}]},` +
	`{"id":"msg_A9_1","type":"message","status":"completed","role":"assistant","content":[` +
	`{"type":"output_text","annotations":[{"type":"url_citation","url":"https://x.example","title":"T\u2029","start_index":0,"end_index":2}],"logprobs":[{"token":"a","logprob":-1,"bytes":null,"top_logprobs":[]}],"text":"a\nb\u2028c"},` +
	`{"type":"output_text","annotations":[],"logprobs":[],"text":"second"},{"type":"refusal","refusal":"no"}]},` +
	`{"id":"fc_A9_2","type":"function_call","status":"completed","call_id":"c1","name":"f","namespace":"ns","arguments":"{\"a\":1}"},` +
	`{"id":"fc_A9_3","type":"function_call","status":"completed","call_id":"c2","name":"g","arguments":"{}"},` +
	`{"id":"ctc_A9_4","type":"custom_tool_call","status":"completed","call_id":"c3","name":"patch","input":"x\ny"},` +
	`{"id":"ig_A9_5","type":"image_generation_call","status":"completed","result":"iVBO"},` +
	`{"id":"rs_A9_6","type":"reasoning","summary":[]},` +
	`{"id":"msg_A9_7","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","annotations":[{"type":"file_citation","file_id":"f","filename":"a.pdf","index":3}],"logprobs":[],"text":"bye"}]},` +
	`{"id":"ws_A9_8","type":"web_search_call","status":"completed","action":{"type":"search","query":"q","queries":["q"],"sources":[{"type":"url","url":"https://s.example"}]}}]`

func TestStreamEncode(t *testing.T) {
	g := checkGrammar(t, encodeStream(t, asked(t, plainBody), rich()))
	if got := string(jsonlit.Get(g.last, "output")); got != richOutput {
		t.Errorf("got output\n%s\nwant\n%s", got, richOutput)
	}
	if got, want := string(jsonlit.Get(g.last, "usage")), `{"input_tokens":10,"input_tokens_details":{"cached_tokens":4,"cache_write_tokens":2},"output_tokens":5,"output_tokens_details":{"reasoning_tokens":1},"total_tokens":15}`; got != want {
		t.Errorf("got usage %s, want %s", got, want)
	}
	for name, want := range map[string]string{"id": `"resp_A9"`, "model": `"real-model"`, "created_at": "1750000000", "status": `"completed"`} {
		if got := string(jsonlit.Get(g.last, name)); got != want {
			t.Errorf("got %s %s, want %s", name, got, want)
		}
	}
	want := lines(`
response.created
response.in_progress
response.output_item.added
response.reasoning_summary_part.added
response.reasoning_summary_text.delta
response.reasoning_summary_text.delta
response.reasoning_summary_text.done
response.reasoning_summary_part.done
response.output_item.done
response.output_item.added
response.content_part.added
response.output_text.delta
response.output_text.delta
response.output_text.annotation.added
response.output_text.delta
response.output_text.done
response.content_part.done
response.content_part.added
response.output_text.delta
response.output_text.done
response.content_part.done
response.content_part.added
response.refusal.delta
response.refusal.done
response.content_part.done
response.output_item.done
response.output_item.added
response.function_call_arguments.delta
response.function_call_arguments.delta
response.function_call_arguments.done
response.output_item.done
response.output_item.added
response.function_call_arguments.delta
response.function_call_arguments.done
response.output_item.done
response.output_item.added
response.custom_tool_call_input.delta
response.custom_tool_call_input.done
response.output_item.done
response.output_item.added
response.output_item.done
response.output_item.added
response.output_item.done
response.output_item.added
response.content_part.added
response.output_text.delta
response.output_text.annotation.added
response.output_text.done
response.content_part.done
response.output_item.done
response.output_item.added
response.web_search_call.in_progress
response.web_search_call.searching
response.web_search_call.completed
response.output_item.done
response.completed
`)
	diff(t, g.names, want)
}

// The whole answer of an accumulated stream is what the stream ends with, and
// replaying it gives the same again.
func TestStreamEqualsWhole(t *testing.T) {
	reply := asked(t, plainBody)
	var acc translate.Accumulator
	events := rich()
	for i := range events {
		if err := acc.Push(&events[i]); err != nil {
			t.Fatal(err)
		}
	}
	resp, err := acc.Response()
	if err != nil {
		t.Fatal(err)
	}
	whole, err := New().AppendResponse(nil, resp, reply)
	if err != nil {
		t.Fatal(err)
	}
	checkResponse(t, whole, "completed")
	streamed := checkGrammar(t, encodeStream(t, reply, rich())).last
	if string(whole) != string(streamed) {
		t.Errorf("got whole answer\n%s\nwant that of the stream\n%s", whole, streamed)
	}
	var replayed []translate.Event
	_ = translate.Replay(resp, func(ev *translate.Event) error { replayed = append(replayed, *ev); return nil })
	again := checkGrammar(t, encodeStream(t, reply, replayed)).last
	if string(again) != string(whole) {
		t.Errorf("got replayed answer\n%s\nwant\n%s", again, whole)
	}
}

// Blocks that the upstream interleaves come out one after the other.
func TestStreamEncodeSerialises(t *testing.T) {
	g := checkGrammar(t, encodeStream(t, asked(t, plainBody), slices.Concat([]translate.Event{
		startEvent, call(0, translate.Call{ID: "a", Name: "f"}), call(1, translate.Call{ID: "b", Name: "f"}),
		piece(1, `"{\"n\":"`), piece(0, `"{\"n\":1}"`), piece(1, `"2}"`), end(0), end(1),
	}, stopped(translate.StopToolUse))))
	var got []string
	for item := range jsonlit.Elements(jsonlit.Get(g.last, "output")) {
		got = append(got, jsonlit.Str(jsonlit.Get(item, "call_id"))+jsonlit.Str(jsonlit.Get(item, "arguments")))
	}
	if want := []string{`a{"n":1}`, `b{"n":2}`}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestStreamEncodeEndings(t *testing.T) {
	text := []translate.Event{startEvent, begin(0, translate.Text), piece(0, `"x"`), end(0)}
	tools := []translate.Event{startEvent, call(0, translate.Call{ID: "a", Name: "f"}), piece(0, `"{\"n"`), end(0)}
	refusal := []translate.Event{startEvent, begin(0, translate.Refusal), piece(0, `"x"`), end(0)}
	tests := []struct {
		events                     []translate.Event
		stop                       translate.StopReason
		terminal, reason, lastItem string
	}{
		{text, translate.StopEnd, "response.completed", "", "completed"},
		{text, translate.StopUnknown, "response.completed", "", "completed"},
		{text, translate.StopSequence, "response.completed", "", "completed"},
		{text, translate.StopPause, "response.completed", "", "completed"},
		{tools, translate.StopToolUse, "response.completed", "", "completed"},
		{tools, translate.StopLength, "response.incomplete", "max_output_tokens", "incomplete"},
		{text, translate.StopLength, "response.incomplete", "max_output_tokens", "incomplete"},
		{text, translate.StopContext, "response.incomplete", "max_output_tokens", "incomplete"},
		{text, translate.StopFilter, "response.incomplete", "content_filter", "incomplete"},
		{[]translate.Event{startEvent}, translate.StopFilter, "response.incomplete", "content_filter", ""},
		{text, translate.StopRefusal, "response.incomplete", "content_filter", "incomplete"},
		{refusal, translate.StopRefusal, "response.completed", "", "completed"},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.terminal, tt.stop), func(t *testing.T) {
			g := checkGrammar(t, encodeStream(t, asked(t, plainBody), slices.Concat(tt.events, stopped(tt.stop))))
			if g.terminal != tt.terminal {
				t.Errorf("got %s, want %s", g.terminal, tt.terminal)
			}
			if got := jsonlit.Str(jsonlit.Get(g.last, "incomplete_details", "reason")); got != tt.reason {
				t.Errorf("got reason %q, want %q", got, tt.reason)
			}
			last := ""
			for item := range jsonlit.Elements(jsonlit.Get(g.last, "output")) {
				last = jsonlit.Str(jsonlit.Get(item, "status"))
			}
			if last != tt.lastItem {
				t.Errorf("got last item %q, want %q", last, tt.lastItem)
			}
		})
	}
}

func TestStreamEncodeError(t *testing.T) {
	broken := translate.Event{Type: translate.EventError, Err: &translate.Error{Kind: translate.RateLimited, Message: "slow \"down\"", Param: "p"}}
	tests := []struct {
		name   string
		events []translate.Event
		output string
	}{
		{"first", []translate.Event{broken}, `[]`},
		{"after the start", []translate.Event{startEvent, broken}, `[]`},
		{"in a text", []translate.Event{startEvent, begin(0, translate.Text), piece(0, `"par"`), broken},
			`[{"id":"msg_A9_0","type":"message","status":"incomplete","role":"assistant","content":[{"type":"output_text","annotations":[],"logprobs":[],"text":"par"}]}]`},
		{"behind a text", []translate.Event{startEvent, begin(0, translate.Text), piece(0, `"par"`), end(0), broken},
			`[{"id":"msg_A9_0","type":"message","status":"incomplete","role":"assistant","content":[{"type":"output_text","annotations":[],"logprobs":[],"text":"par"}]}]`},
		{"in a call", []translate.Event{startEvent, call(0, translate.Call{ID: "a", Name: "f"}), piece(0, `"{"`), broken},
			`[{"id":"fc_A9_0","type":"function_call","status":"incomplete","call_id":"a","name":"f","arguments":"{"}]`},
		{"in thinking", []translate.Event{startEvent, begin(0, translate.Thinking), piece(0, `"h"`), broken},
			`[{"id":"rs_A9_0","type":"reasoning","summary":[{"type":"summary_text","text":"h"}]}]`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := checkGrammar(t, encodeStream(t, asked(t, plainBody), tt.events))
			if n := len(g.names); n < 2 || g.names[n-2] != "error" || g.names[n-1] != "response.failed" {
				t.Errorf("got %q, want error and response.failed at the end", g.names)
			}
			if got := string(jsonlit.Get(g.last, "output")); got != tt.output {
				t.Errorf("got output %s, want %s", got, tt.output)
			}
			if got, want := string(jsonlit.Get(g.last, "error")), `{"code":"rate_limit_exceeded","message":"slow \"down\""}`; got != want {
				t.Errorf("got error %s, want %s", got, want)
			}
		})
	}
	t.Run("both forms", func(t *testing.T) {
		out := encodeStream(t, asked(t, plainBody), []translate.Event{broken})
		want := "event: error\ndata: {\"type\":\"error\",\"sequence_number\":0,\"code\":\"rate_limit_exceeded\",\"message\":\"slow \\\"down\\\"\",\"param\":\"p\"," +
			"\"error\":{\"message\":\"slow \\\"down\\\"\",\"type\":\"rate_limit_error\",\"param\":\"p\",\"code\":\"rate_limit_exceeded\"}}\n\n"
		if !strings.HasPrefix(out, want) {
			t.Errorf("got %s, want prefix %s", out, want)
		}
	})
}

func TestStreamEncodeRefuses(t *testing.T) {
	t.Run("a malformed call", func(t *testing.T) {
		e := New().NewStreamEncoder(asked(t, plainBody))
		out, err := e.Append(nil, &startEvent)
		if err != nil {
			t.Fatal(err)
		}
		_, err = e.Append(nil, &translate.Event{Type: translate.EventStop, Stop: translate.StopMalformedCall})
		failed := asError(t, err)
		if failed.Kind != translate.Upstream {
			t.Errorf("got kind %d, want %d", failed.Kind, translate.Upstream)
		}
		out, err = e.Append(out, &translate.Event{Type: translate.EventError, Err: failed})
		if err != nil {
			t.Fatal(err)
		}
		if g := checkGrammar(t, string(out)); g.terminal != "response.failed" {
			t.Errorf("got %s, want response.failed", g.terminal)
		}
	})
	t.Run("an answer beyond the bound", func(t *testing.T) {
		e := New().NewStreamEncoder(asked(t, plainBody))
		events := []translate.Event{startEvent, begin(0, translate.Text)}
		mib := `"` + strings.Repeat("x", 1<<20) + `"`
		for range 33 {
			events = append(events, piece(0, mib))
		}
		var failed error
		var out []byte
		for i := range events {
			if out, failed = e.Append(out[:0], &events[i]); failed != nil {
				break
			}
		}
		asError(t, failed)
	})
	t.Run("events after the end", func(t *testing.T) {
		e := New().NewStreamEncoder(asked(t, plainBody))
		for _, ev := range append([]translate.Event{startEvent}, stopped(translate.StopEnd)...) {
			if _, err := e.Append(nil, &ev); err != nil {
				t.Fatal(err)
			}
		}
		if out, err := e.Append(nil, &translate.Event{Type: translate.EventError, Err: &translate.Error{}}); err != nil || len(out) > 0 {
			t.Errorf("got %q, %v, want nothing", out, err)
		}
	})
}

func TestStreamEncodeIDs(t *testing.T) {
	tests := []struct{ upstream, want string }{
		{"", "resp_0123456789abcdef"},
		{"resp_abc", "resp_abc"},
		{"msg_01AbC", "resp_01AbC"},
		{"chatcmpl-x-1", "resp_x-1"},
		{"../\"é", "resp_0123456789abcdef"},
		{strings.Repeat("z", 100), "resp_" + strings.Repeat("z", 48)},
	}
	for _, tt := range tests {
		g := checkGrammar(t, encodeStream(t, asked(t, plainBody), slices.Concat(
			[]translate.Event{{Type: translate.EventStart, ID: tt.upstream}, begin(0, translate.Text), piece(0, `"x"`), end(0)}, stopped(translate.StopEnd))))
		if got := jsonlit.Str(jsonlit.Get(g.last, "id")); got != tt.want {
			t.Errorf("upstream %q: got %q, want %q", tt.upstream, got, tt.want)
		}
		if got := jsonlit.Str(jsonlit.Get(g.last, "model")); got != "asked-model" {
			t.Errorf("got model %q, want that of the reply", got)
		}
	}
}

func TestHeartbeatAndContentType(t *testing.T) {
	e := New().NewStreamEncoder(asked(t, plainBody))
	if got, want := string(e.Heartbeat(nil)), ": keep-alive\n\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := e.ContentType(), "text/event-stream"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// What a decoder reads from this encoder's stream is what went in.
func TestStreamThereAndBack(t *testing.T) {
	reply := asked(t, plainBody)
	stream := encodeStream(t, reply, rich())
	got := decodeStream(t, strings.NewReader(stream))
	want := lines(`
start resp_A9 real-model 1750000000
+0 thinking
 0 "let \"me\""
 0 " see"
-0
+1 text
 1 "a\n"
 1 "b\u2028c"
 1 cites "https://x.example" "T\u2029" 0-2
 1 logprobs [{"token":"a","logprob":-1,"bytes":null,"top_logprobs":[]}]
-1
+2 text
 2 "second"
-2
+3 refusal
 3 "no"
-3
+4 tool_call c1 f in ns
 4 "{\"a\":"
 4 "1}"
-4
+5 tool_call c2 g
 5 "{}"
-5
+6 tool_call c3 patch custom
 6 "{\"input\":\"x\\ny\"}"
-6
+7 image
 7 media image/png iVBO
-7
+8 text
 8 "bye"
 8 cites file "f" "a.pdf" 3-3
-8
+9 web_search "q" "https://s.example"
-9
usage {Input:10 CacheRead:4 CacheWrite:2 CacheWrite1h:0 Output:5 Reasoning:1}
stop 4
end`)
	diff(t, got, want)
}
