package messages

import (
	"bytes"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
	"github.com/fairway-gateway/fairway/translate/sse"
)

// frames makes a stream of the data of its events.
func frames(events ...string) string {
	var b strings.Builder
	for _, e := range events {
		fmt.Fprintf(&b, "event: %s\ndata: %s\n\n", jsonlit.Str(jsonlit.Get(lit(e), "type")), e)
	}
	return b.String()
}

const (
	messageStart = `{"type":"message_start","message":{"id":"msg_01","type":"message","role":"assistant","model":"claude-opus-5","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":10,"cache_creation_input_tokens":30,"cache_read_input_tokens":20,"cache_creation":{"ephemeral_5m_input_tokens":25,"ephemeral_1h_input_tokens":5},"output_tokens":2}}}`
	messageStop  = `{"type":"message_stop"}`
	ping1        = `{"type":"ping"}`
)

func blockStart(i int, block string) string {
	return fmt.Sprintf(`{"type":"content_block_start","index":%d,"content_block":%s}`, i, block)
}
func blockDelta(i int, delta string) string {
	return fmt.Sprintf(`{"type":"content_block_delta","index":%d,"delta":%s}`, i, delta)
}
func blockEnd(i int) string { return fmt.Sprintf(`{"type":"content_block_stop","index":%d}`, i) }
func textDelta(i int, s string) string {
	return blockDelta(i, `{"type":"text_delta","text":"`+s+`"}`)
}
func jsonDelta(i int, s string) string {
	return blockDelta(i, `{"type":"input_json_delta","partial_json":"`+s+`"}`)
}
func messageDelta(reason string, usage string) string {
	return `{"type":"message_delta","delta":{"stop_reason":"` + reason + `","stop_sequence":null},"usage":` + usage + `}`
}

// fixtures are streams and what they come to.
func fixtures() map[string]struct{ stream, want string } {
	const (
		textShell = `{"type":"text","text":""}`
		start     = "start msg_01 claude-opus-5 {60 20 30 5 2 0}"
	)
	return map[string]struct{ stream, want string }{
		"text": {frames(messageStart, ping1, blockStart(0, textShell), textDelta(0, `a\n`), textDelta(0, ""), textDelta(0, "b"), blockEnd(0),
			messageDelta("end_turn", `{"output_tokens":7}`), messageStop),
			start + `|ping|+0 text|0 "a\n"|0 "b"|-0|usage {60 20 30 5 7 0}|stop 1|end`},
		"thinking, text and calls": {frames(messageStart,
			blockStart(0, `{"type":"thinking","thinking":"","signature":""}`), blockDelta(0, `{"type":"thinking_delta","thinking":"hm"}`), blockDelta(0, `{"type":"signature_delta","signature":"EqQ="}`), blockEnd(0),
			blockStart(1, textShell), textDelta(1, "so"), blockEnd(1),
			blockStart(2, `{"type":"tool_use","id":"toolu_1","name":"f","input":{}}`), jsonDelta(2, ""), jsonDelta(2, `{\"a\"`), jsonDelta(2, `:1}`), blockEnd(2),
			blockStart(3, `{"type":"tool_use","id":"toolu_2","name":"g","input":{}}`), jsonDelta(3, ""), blockEnd(3),
			messageDelta("tool_use", `{"input_tokens":10,"output_tokens":50,"output_tokens_details":{"thinking_tokens":9}}`), messageStop),
			start + `|+0 thinking|0 "hm"|0 sig "EqQ="|-0|+1 text|1 "so"|-1|+2 tool_call toolu_1 f|2 "{\"a\""|2 ":1}"|-2|+3 tool_call toolu_2 g|-3|usage {60 20 30 5 50 9}|stop 4|end`},
		"several open": {frames(messageStart,
			blockStart(0, `{"type":"tool_use","id":"a","name":"f","input":{}}`), blockStart(1, `{"type":"tool_use","id":"b","name":"g","input":{}}`),
			jsonDelta(1, `{}`), jsonDelta(0, `{}`), blockEnd(0), blockEnd(1), messageDelta("tool_use", `{"output_tokens":3}`), messageStop),
			start + `|+0 tool_call a f|+1 tool_call b g|1 "{}"|0 "{}"|-0|-1|usage {60 20 30 5 3 0}|stop 4|end`},
		"redacted thinking, a search, and what is left out": {frames(messageStart,
			blockStart(0, `{"type":"redacted_thinking","data":"Em"}`), blockEnd(0),
			blockStart(1, `{"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{}}`), jsonDelta(1, `{\"query\":\"q\"}`), blockEnd(1),
			blockStart(2, `{"type":"web_search_tool_result","tool_use_id":"srvtoolu_1","content":[{"type":"web_search_result","url":"https://e.example","title":"T","encrypted_content":"E","page_age":null}]}`), blockEnd(2),
			`{"type":"novelty","index":9}`,
			blockStart(3, `{"type":"text","text":"","citations":[]}`), blockDelta(3, `{"type":"citations_delta","citation":{"type":"web_search_result_location","url":"https://e.example","title":"T","cited_text":"c","encrypted_index":"Eo"}}`),
			textDelta(3, `é\ud83d\ude00`), blockDelta(3, `{"type":"novel_delta"}`), blockEnd(3),
			messageDelta("end_turn", `{"output_tokens":5}`), messageStop),
			start + `|+0 redacted|0 sig "Em"|-0|+1 search srvtoolu_1 "q" "https://e.example"|-1|+2 text|2 "é\ud83d\ude00"|2 cite "https://e.example" "T" 0-2|-2|usage {60 20 30 5 5 0}|stop 1|end`},
		"refusal without a block": {frames(messageStart, `{"type":"message_delta","delta":{"stop_reason":"refusal","stop_sequence":null,"stop_details":{"type":"refusal","category":"bio","explanation":"No."}},"usage":{"output_tokens":1}}`, messageStop),
			start + `|usage {60 20 30 5 2 0}|+0 refusal|0 "No."|-0|stop 5|end`},
		"stop sequence": {frames(messageStart, blockStart(0, textShell), textDelta(0, "a"), blockEnd(0),
			`{"type":"message_delta","delta":{"stop_reason":"stop_sequence","stop_sequence":"END"},"usage":{"output_tokens":3}}`, messageStop),
			start + `|+0 text|0 "a"|-0|usage {60 20 30 5 3 0}|stop 3 "END"|end`},
		"error event": {frames(messageStart, blockStart(0, textShell), `{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"r"}`, textDelta(0, "late")),
			start + `|+0 text|error 10 Overloaded`},
		"error first":      {frames(`{"type":"error","error":{"type":"rate_limit_error","message":"Slow"}}`), `error 8 Slow`},
		"untyped error":    {"data: {\"error\":{\"message\":\"boom\"}}\n\n", `error 12 boom`},
		"second message":   {frames(messageStart, blockStart(0, textShell), messageStart), start + `|+0 text|error 12 the upstream began a second message inside the first`},
		"block twice":      {frames(messageStart, blockStart(0, textShell), blockStart(0, textShell)), start + `|+0 text|error 12 the upstream began a block a second time`},
		"no JSON":          {frames(messageStart) + "event: content_block_delta\ndata: {\"type\"\n\n", start + `|error 12 the upstream's stream holds an event that is no JSON`},
		"only a stop":      {frames(messageStop), `error 12 the upstream ended a message that it never began`},
		"nameless call":    {frames(messageStart, blockStart(0, `{"type":"tool_use","id":"a","input":{}}`)), start + `|error 12 the upstream called a tool without a name`},
		"orphan arguments": {frames(messageStart, jsonDelta(0, "{}")), start + `|error 12 the upstream sent arguments of a tool call that it never began`},

		// What compatible servers do.
		"no message_stop":  {frames(messageStart, blockStart(0, textShell), textDelta(0, "a"), blockEnd(0), messageDelta("max_tokens", `{"output_tokens":3}`)), start + `|+0 text|0 "a"|-0|usage {60 20 30 5 3 0}|stop 2|end`},
		"no message_start": {frames(blockStart(0, textShell), textDelta(0, "a"), blockEnd(0), messageDelta("end_turn", `{"input_tokens":4,"output_tokens":3}`), messageStop), `start  |+0 text|0 "a"|-0|usage {4 0 0 0 3 0}|stop 1|end`},
		"no block start":   {frames(messageStart, textDelta(0, "a"), blockEnd(0), messageDelta("end_turn", `{"output_tokens":3}`), messageStop), start + `|+0 text|0 "a"|-0|usage {60 20 30 5 3 0}|stop 1|end`},
		"no block stop":    {frames(messageStart, blockStart(0, textShell), textDelta(0, "a"), messageDelta("end_turn", `{"output_tokens":3}`), messageStop), start + `|+0 text|0 "a"|usage {60 20 30 5 3 0}|-0|stop 1|end`},
		"two stops":        {frames(messageStart, blockStart(0, textShell), blockEnd(0), blockEnd(0), messageDelta("end_turn", `{"output_tokens":3}`), messageStop, messageStop), start + `|+0 text|-0|usage {60 20 30 5 3 0}|stop 1|end`},
		"one index for all": {frames(messageStart, blockStart(0, `{"type":"text","text":"a"}`), blockEnd(0), blockStart(0, `{"type":"tool_use","name":"f","input":{"x":1}}`), blockEnd(0),
			`{"type":"message_delta","delta":{"stop_reason":null},"usage":null}`, `{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"input_tokens":0,"output_tokens":0}}`, messageStop),
			start + `|+0 text|0 "a"|-0|+1 tool_call ` + translate.CallID("f", 1) + ` f|1 "{\"x\":1}"|-1|usage {60 20 30 5 2 0}|stop 4|end`},
		"no stop reason": {frames(messageStart, blockStart(0, textShell), textDelta(0, "a"), blockEnd(0), messageStop) + "data: [DONE]\n\n", start + `|+0 text|0 "a"|-0|stop 1|end`},
	}
}

// run decodes a stream with the validator watching, and renders its events.
func run(t testing.TB, src io.Reader) (events []*translate.Event, shown string) {
	t.Helper()
	var v translate.Validator
	var out []string
	emit := func(ev *translate.Event) error {
		if err := v.Check(ev); err != nil {
			t.Errorf("after %v: %s: %v", out, ev.Type, err)
		}
		out = append(out, render(ev))
		kept := *ev
		kept.Text, kept.Signature = bytes.Clone(ev.Text), bytes.Clone(ev.Signature)
		if ev.Usage != nil {
			u := *ev.Usage
			kept.Usage = &u
		}
		events = append(events, &kept)
		return nil
	}
	d := New().NewStreamDecoder()
	r := sse.NewReader(src, nil, 0)
	for {
		f, err := r.Next()
		if err != nil {
			break
		}
		if err := d.Decode(f, emit); err != nil {
			t.Errorf("Decode: %v", err)
		}
	}
	if err := d.Close(emit); err != nil {
		t.Errorf("Close: %v", err)
	}
	if !v.Ended() {
		t.Errorf("neither end nor error: %v", out)
	}
	return events, strings.Join(out, "|")
}

func render(ev *translate.Event) string {
	switch ev.Type {
	case translate.EventStart:
		s := "start " + ev.ID + " " + ev.Model
		if ev.Usage != nil {
			s += fmt.Sprintf(" %v", *ev.Usage)
		}
		return s
	case translate.EventBlockStart:
		s := fmt.Sprintf("+%d %s", ev.Block, ev.Kind)
		if ev.Redacted {
			s = fmt.Sprintf("+%d redacted", ev.Block)
		}
		if ev.Call != nil {
			s += " " + ev.Call.ID + " " + ev.Call.Name
		}
		if ev.Search != nil {
			s = fmt.Sprintf("+%d search %s", ev.Block, ev.Search.ID)
			for _, q := range ev.Search.Queries {
				s += " " + string(q)
			}
			for _, found := range ev.Search.Sources {
				s += " " + string(found.URL)
			}
		}
		return s
	case translate.EventDelta:
		return fmt.Sprintf("%d %s", ev.Block, ev.Text)
	case translate.EventSignature:
		return fmt.Sprintf("%d sig %s", ev.Block, ev.Signature)
	case translate.EventCitation:
		return fmt.Sprintf("%d cite %s %s %d-%d", ev.Block, ev.Citation.URL, ev.Citation.Title, ev.Citation.Start, ev.Citation.End)
	case translate.EventBlockStop:
		return fmt.Sprintf("-%d", ev.Block)
	case translate.EventUsage:
		return fmt.Sprintf("usage %v", *ev.Usage)
	case translate.EventStop:
		return strings.TrimSpace(fmt.Sprintf("stop %d %s", ev.Stop, string(ev.StopSequence)))
	case translate.EventError:
		return fmt.Sprintf("error %d %s", ev.Err.Kind, ev.Err.Message)
	}
	return ev.Type.String()
}

// TestDecodeStream decodes every fixture whole, byte by byte and with CRLF.
func TestDecodeStream(t *testing.T) {
	for name, tc := range fixtures() {
		t.Run(name, func(t *testing.T) {
			for cut, src := range map[string]io.Reader{
				"whole": strings.NewReader(tc.stream),
				"bytes": iotest.OneByteReader(strings.NewReader(tc.stream)),
				"crlf":  strings.NewReader(strings.ReplaceAll(tc.stream, "\n", "\r\n")),
			} {
				if _, got := run(t, src); got != tc.want {
					t.Errorf("%s\n got %s\nwant %s", cut, got, tc.want)
				}
			}
		})
	}
}

// TestDecodeTruncated cuts every fixture that ends well at every byte.
func TestDecodeTruncated(t *testing.T) {
	for name, tc := range fixtures() {
		if !strings.HasSuffix(tc.want, "|end") {
			continue
		}
		// What counts is said when the stop reason is, or else by message_stop.
		complete := strings.Index(tc.stream, messageStop) + len(messageStop)
		if i := strings.Index(tc.stream, `"stop_reason":"`); i >= 0 {
			complete = i + strings.Index(tc.stream[i:], "\n")
		}
		for cut := range len(tc.stream) {
			events, got := run(t, strings.NewReader(tc.stream[:cut]))
			last := events[len(events)-1]
			if cut < complete {
				if last.Type != translate.EventError || last.Err.Kind != translate.Truncated {
					t.Fatalf("%s cut at %d of %d (%q): got %s, want an error of kind Truncated", name, cut, len(tc.stream), tc.stream[max(0, cut-20):cut], got)
				}
			} else if got != tc.want {
				t.Fatalf("%s cut at %d of %d:\n got %s\nwant %s", name, cut, len(tc.stream), got, tc.want)
			}
		}
	}
}

// TestStreamIsWhole: a stream and the whole answer that it comes to say the
// same, both ways, and what is encoded decodes to itself.
func TestStreamIsWhole(t *testing.T) {
	reply := translate.Reply{Request: &translate.Request{}, Model: "m", ID: "0123456789abcdef"}
	for name, tc := range fixtures() {
		if !strings.HasSuffix(tc.want, "|end") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			events, _ := run(t, strings.NewReader(tc.stream))
			acc := &translate.Accumulator{}
			for _, ev := range events {
				if err := acc.Push(ev); err != nil {
					t.Fatal(err)
				}
			}
			gathered, err := acc.Response()
			if err != nil {
				t.Fatal(err)
			}
			whole, err := New().AppendResponse(nil, gathered, reply)
			if err != nil {
				t.Fatal(err)
			}
			fromWhole := checkGrammar(t, encodeStream(t, reply, func(emit func(*translate.Event) error) error { return translate.Replay(gathered, emit) }))
			fromStream := checkGrammar(t, encodeStream(t, reply, func(emit func(*translate.Event) error) error {
				for _, ev := range events {
					if err := emit(ev); err != nil {
						return err
					}
				}
				return nil
			}))
			if fromWhole != string(whole) {
				t.Errorf("replayed\n got %s\nwant %s", fromWhole, whole)
			}
			if fromStream != string(whole) {
				t.Errorf("streamed\n got %s\nwant %s", fromStream, whole)
			}
			again, err := New().DecodeResponse(whole)
			if err != nil {
				t.Fatal(err)
			}
			repeat, err := New().AppendResponse(nil, again, reply)
			if err != nil || string(repeat) != string(whole) {
				t.Errorf("decoded and encoded again\n got %s, %v\nwant %s", repeat, err, whole)
			}
		})
	}
}

func encodeStream(t *testing.T, reply translate.Reply, events func(func(*translate.Event) error) error) string {
	t.Helper()
	e := New().NewStreamEncoder(reply)
	var out []byte
	err := events(func(ev *translate.Event) (err error) {
		out, err = e.Append(out, ev)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// checkGrammar reads a stream as Anthropic's clients do, strictly, and returns
// the message that it comes to, as AppendResponse would write it.
func checkGrammar(t *testing.T, stream string) string {
	t.Helper()
	type blockState struct {
		kind, text, input, signature string
		id, name                     string
		citations                    []string
		result                       string
		deltas                       int
	}
	var blocks []blockState
	open, ended := false, false
	started := ""
	final := ""
	r := sse.NewReader(strings.NewReader(stream), nil, 0)
	for {
		f, err := r.Next()
		if err == io.EOF {
			break
		}
		if err := jsonlit.Check(f.Data); err != nil {
			t.Fatalf("%v: %q", err, f.Raw)
		}
		v := lit(string(f.Data))
		kind := jsonlit.Str(jsonlit.Get(v, "type"))
		if kind != string(f.Event) {
			t.Errorf("event %q holds %q", f.Event, kind)
		}
		if ended {
			t.Errorf("%s after the end", kind)
		}
		if started == "" && kind != "message_start" {
			t.Errorf("%s before message_start", kind)
		}
		if n, ok := jsonlit.Int(jsonlit.Get(v, "index")); ok && kind != "content_block_start" && (!open || int(n) != len(blocks)-1) {
			t.Errorf("%s for block %d, which is not open", kind, n)
		}
		switch kind {
		case "ping":
		case "message_start":
			if started != "" {
				t.Error("second message_start")
			}
			started = string(f.Data)
			usage := jsonlit.Get(v, "message", "usage")
			if in, ok := jsonlit.Int(jsonlit.Get(usage, "input_tokens")); !ok || in < 0 {
				t.Errorf("message_start without input_tokens: %s", f.Data)
			}
			if out, ok := jsonlit.Int(jsonlit.Get(usage, "output_tokens")); !ok || out < 1 {
				t.Errorf("message_start without output_tokens: %s", f.Data)
			}
		case "content_block_start":
			if n, _ := jsonlit.Int(jsonlit.Get(v, "index")); int(n) != len(blocks) || open {
				t.Errorf("block %d starts after %d blocks, one open: %v", n, len(blocks), open)
			}
			open = true
			c := jsonlit.Get(v, "content_block")
			blocks = append(blocks, blockState{kind: jsonlit.Str(jsonlit.Get(c, "type")), signature: string(jsonlit.Get(c, "data")), id: jsonlit.Str(jsonlit.Get(c, "id")), name: jsonlit.Str(jsonlit.Get(c, "name")), result: string(jsonlit.Get(c, "content"))})
			if id := jsonlit.Get(c, "tool_use_id"); id != nil {
				blocks[len(blocks)-1].id = jsonlit.Str(id)
			}
			if in := jsonlit.Get(c, "input"); in != nil && string(in) != "{}" {
				t.Errorf("the shell of a call holds %s", in)
			}
		case "content_block_delta":
			d := jsonlit.Get(v, "delta")
			b := &blocks[len(blocks)-1]
			b.deltas++
			want := map[string]string{"text": "text_delta", "tool_use": "input_json_delta", "server_tool_use": "input_json_delta", "thinking": "thinking_delta"}[b.kind]
			switch got := jsonlit.Str(jsonlit.Get(d, "type")); {
			case got == "signature_delta" && b.kind == "thinking":
				if b.signature != "" {
					t.Error("second signature_delta")
				}
				b.signature = string(jsonlit.Get(d, "signature"))
			case got == "citations_delta" && b.kind == "text":
				b.citations = append(b.citations, string(jsonlit.Get(d, "citation")))
			case got != want:
				t.Errorf("a %s in a block of %s", got, b.kind)
			case b.signature != "":
				t.Errorf("a %s behind the signature", got)
			}
			b.text += jsonlit.Str(jsonlit.Get(d, "text")) + jsonlit.Str(jsonlit.Get(d, "thinking"))
			b.input += jsonlit.Str(jsonlit.Get(d, "partial_json"))
		case "content_block_stop":
			b := blocks[len(blocks)-1]
			switch {
			case b.kind == "thinking" && b.signature == "":
				t.Error("thinking without a signature_delta")
			case b.kind == "tool_use" && (b.deltas == 0 || !jsonlit.IsObject(lit(b.input)) || !jsonlit.Valid([]byte(b.input))):
				t.Errorf("the input of a call is %q", b.input)
			}
			open = false
		case "message_delta":
			if open {
				t.Error("message_delta while a block is open")
			}
			if !jsonlit.IsString(jsonlit.Get(v, "delta", "stop_reason")) {
				t.Errorf("message_delta without a stop reason: %s", f.Data)
			}
			final = string(f.Data)
		case "message_stop":
			if ended = true; final == "" {
				t.Error("message_stop before message_delta")
			}
		case "error":
			ended = true
		default:
			t.Errorf("unknown event %q", kind)
		}
	}
	if !ended {
		t.Errorf("the stream has no end: %s", stream)
	}
	// Assemble what a client has in its hands now.
	w := jsonlit.NewWriter(nil)
	w.Object()
	start := jsonlit.Get(lit(started), "message")
	for _, name := range []string{"id", "type", "role", "model"} {
		w.Field(name, jsonlit.Get(start, name))
	}
	w.Key("content")
	w.Array()
	for _, b := range blocks {
		if b.kind == "text" && b.text == "" {
			continue
		}
		w.Object()
		w.StringField("type", b.kind)
		switch b.kind {
		case "text":
			w.StringField("text", b.text)
			if b.citations != nil {
				w.Field("citations", lit("["+strings.Join(b.citations, ",")+"]"))
			}
		case "web_search_tool_result":
			w.StringField("tool_use_id", b.id)
			w.Field("content", lit(b.result))
		case "thinking":
			w.StringField("thinking", b.text)
			w.Field("signature", lit(b.signature))
		case "redacted_thinking":
			w.Field("data", lit(b.signature))
		case "tool_use", "server_tool_use":
			w.StringField("id", b.id)
			w.StringField("name", b.name)
			w.Field("input", lit(b.input))
		}
		w.EndObject()
	}
	w.EndArray()
	for name, v := range jsonlit.Fields(jsonlit.Get(lit(final), "delta")) {
		w.Field(string(name), v)
	}
	w.Key("usage")
	w.Object()
	last := jsonlit.Get(lit(final), "usage")
	for name, v := range jsonlit.Fields(jsonlit.Get(start, "usage")) {
		if later := jsonlit.Get(last, string(name)); later != nil {
			v = later
		}
		w.Field(string(name), v)
		if details := jsonlit.Get(last, "output_tokens_details"); string(name) == "output_tokens" && details != nil {
			w.Field("output_tokens_details", details)
		}
	}
	w.EndObject()
	w.EndObject()
	return unescaped(string(w.Bytes()))
}

// unescaped undoes the one escape that fixtures write otherwise.
func unescaped(s string) string { return strings.ReplaceAll(s, "é😀", `é\ud83d\ude00`) }

func TestEncodeStream(t *testing.T) {
	ev := func(e translate.Event) *translate.Event { return &e }
	reply := translate.Reply{Request: &translate.Request{Turns: ask(text("hello there"))}, Model: "gpt-6", ID: "0123456789abcdef"}
	e := New().NewStreamEncoder(reply)
	if got, want := e.ContentType(), "text/event-stream; charset=utf-8"; got != want {
		t.Errorf("content type %q, want %q", got, want)
	}
	if got, want := string(e.Heartbeat(nil)), ": keep-alive\n\n"; got != want {
		t.Errorf("heartbeat before the start: %q, want %q", got, want)
	}
	events := []*translate.Event{
		ev(translate.Event{Type: translate.EventStart, ID: "chatcmpl-a/b.C"}),
		ev(translate.Event{Type: translate.EventPing}),
		ev(translate.Event{Type: translate.EventBlockStart, Block: 0, Kind: translate.Image}), // has no place
		ev(translate.Event{Type: translate.EventMedia, Block: 0, Media: &media{}}),
		ev(translate.Event{Type: translate.EventBlockStop, Block: 0}),
		ev(translate.Event{Type: translate.EventBlockStart, Block: 1, Kind: translate.Thinking}),
		ev(translate.Event{Type: translate.EventDelta, Block: 1, Text: lit("\"a\u2028b\"")}),
		ev(translate.Event{Type: translate.EventBlockStart, Block: 2, Kind: translate.ToolCall, Call: &call{ID: "c1", Name: "f"}}), // interleaved
		ev(translate.Event{Type: translate.EventBlockStop, Block: 2}),
		ev(translate.Event{Type: translate.EventBlockStop, Block: 1}),
		ev(translate.Event{Type: translate.EventBlockStart, Block: 3, Choice: 1, Kind: translate.Text}), // another choice
		ev(translate.Event{Type: translate.EventDelta, Block: 3, Text: lit(`"x"`)}),
		ev(translate.Event{Type: translate.EventBlockStop, Block: 3}),
		ev(translate.Event{Type: translate.EventStop, Stop: translate.StopEnd}),
		ev(translate.Event{Type: translate.EventStop, Choice: 1, Stop: translate.StopLength}),
		ev(translate.Event{Type: translate.EventUsage, Usage: &translate.Usage{Input: 100, CacheRead: 40, Output: 9, Reasoning: 4}}),
		ev(translate.Event{Type: translate.EventEnd}),
	}
	var out []byte
	for _, ev := range events {
		var err error
		if out, err = e.Append(out, ev); err != nil {
			t.Fatal(err)
		}
	}
	checkGrammar(t, string(out))
	if e.(*streamEncoder).reply.Request != nil {
		t.Error("the encoder holds on to the request")
	}
	nulls := `"stop_reason":null,"stop_sequence":null,"stop_details":null,"container":null`
	want := frames(
		`{"type":"message_start","message":{"id":"msg_abC","type":"message","role":"assistant","model":"gpt-6","content":[],`+nulls+`,"usage":{"input_tokens":`+fmt.Sprint(translate.Estimate(reply.Request, reply.Tokenizer))+
			`,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"output_tokens":1,"server_tool_use":null,"service_tier":null,"inference_geo":null}}}`) +
		ping + frames(
		`{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}`,
		`{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"a\u2028b"}}`,
		`{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":""}}`,
		`{"type":"content_block_stop","index":0}`,
		`{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"c1","name":"f","input":{}}}`,
		`{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{}"}}`,
		`{"type":"content_block_stop","index":1}`,
		`{"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null,"stop_details":null,"container":null},"usage":{"input_tokens":60,"cache_creation_input_tokens":0,"cache_read_input_tokens":40,"output_tokens":9,"output_tokens_details":{"thinking_tokens":4},"server_tool_use":null}}`,
		messageStop)
	if string(out) != want {
		t.Errorf("\n got %s\nwant %s", out, want)
	}
	if got := e.Heartbeat(nil); string(got) != ": keep-alive\n\n" {
		t.Errorf("heartbeat after the end: %q", got)
	}
}

// TestEncodeStreamErrors: the error event is the last, wherever it comes.
func TestEncodeStreamErrors(t *testing.T) {
	reply := translate.Reply{Request: &translate.Request{}, ID: "x"}
	failure := &translate.Event{Type: translate.EventError, Err: &translate.Error{Kind: translate.Truncated, Message: "cut"}}
	want := frames(`{"type":"error","error":{"type":"api_error","message":"cut"}}`)
	for name, before := range map[string][]*translate.Event{
		"first": nil,
		"in a call": {
			{Type: translate.EventStart},
			{Type: translate.EventBlockStart, Kind: translate.ToolCall, Call: &call{ID: "c", Name: "f"}},
			{Type: translate.EventDelta, Text: lit(`"{"`)},
		},
	} {
		e := New().NewStreamEncoder(reply)
		var out []byte
		for _, ev := range before {
			out, _ = e.Append(out, ev)
		}
		n := len(out)
		out, _ = e.Append(out, failure)
		out, _ = e.Append(out, &translate.Event{Type: translate.EventEnd})
		if got := string(out[n:]); got != want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, want)
		}
	}
	if got := string(New().NewStreamDecoder().AppendBreak(nil, failure.Err)); got != want {
		t.Errorf("AppendBreak:\n got %s\nwant %s", got, want)
	}
	e := New().NewStreamEncoder(reply)
	out, err := e.Append(nil, &translate.Event{Type: translate.EventStart})
	if err == nil {
		out, err = e.Append(out, &translate.Event{Type: translate.EventStop, Stop: translate.StopMalformedCall})
	}
	if err == nil {
		out, err = e.Append(out, &translate.Event{Type: translate.EventEnd})
	}
	if err == nil || strings.Contains(string(out), "message_stop") {
		t.Errorf("a malformed call ends well: %s, %v", out, err)
	}
}

func TestDecodeStreamPassesErrorsOn(t *testing.T) {
	gone := io.ErrClosedPipe
	d := New().NewStreamDecoder()
	err := d.Decode(sse.Frame{Data: []byte(messageStart)}, func(*translate.Event) error { return gone })
	if err != gone {
		t.Errorf("err = %v, want %v", err, gone)
	}
}

func TestUsage(t *testing.T) {
	var c counts
	c.merge(lit(`{"input_tokens":10,"cache_creation_input_tokens":30,"cache_read_input_tokens":20,"cache_creation":{"ephemeral_1h_input_tokens":5},"output_tokens":2}`))
	c.merge(lit(`{"input_tokens":0,"cache_read_input_tokens":null,"output_tokens":8,"output_tokens_details":{"thinking_tokens":3}}`))
	got, want := c.usage(), translate.Usage{Input: 60, CacheRead: 20, CacheWrite: 30, CacheWrite1h: 5, Output: 8, Reasoning: 3}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
