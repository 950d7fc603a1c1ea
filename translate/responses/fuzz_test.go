package responses

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
	"github.com/fairway-gateway/fairway/translate/sse"
)

// Whatever JSON comes, decoding gives a request or an *Error, and what is
// encoded from the request is JSON that decodes to a request again.
func FuzzDecodeRequest(f *testing.F) {
	f.Add([]byte(codex))
	f.Add([]byte(`{"model":"m","input":"hi"}`))
	f.Add([]byte(`{"model":"m","input":[{"role":"user","content":[{"type":"input_image","image_url":"data:;base64,\/"}]}],"tools":[{"type":"namespace","name":"n","tools":[{"type":"custom","name":"x"}]}]}`))
	f.Add([]byte(`{"model":"m","input":[{"type":"function_call_output","call_id":"c","output":[{"type":"input_file","file_data":"x"}]}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if jsonlit.Check(body) != nil {
			return
		}
		r, err := New().DecodeRequest(body, translate.Hint{})
		if err != nil {
			asError(t, err)
			return
		}
		losses := &translate.Losses{}
		adapted, _ := translate.Adapt(r, translate.Responses)
		out, err := New().AppendRequest(nil, adapted, translate.Target{Model: "m", Losses: losses})
		if err != nil {
			asError(t, err)
			return
		}
		if err := jsonlit.Check(out); err != nil {
			t.Fatalf("%v in %s from %s", err, out, body)
		}
		reply := translate.Reply{Request: r, Model: "m", ID: "0123456789abcdef"}
		whole, err := New().AppendResponse(nil, &translate.Response{}, reply)
		if err != nil || !jsonlit.Valid(whole) || bytes.ContainsAny(whole, "\r\n") {
			t.Fatalf("%v in %q from %s", err, whole, body)
		}
	})
}

func FuzzDecodeResponse(f *testing.F) {
	f.Add([]byte(`{"id":"r","status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"x","annotations":[{"type":"url_citation","url":"u"}],"logprobs":[ {"a":
1} ]}]},{"type":"function_call","name":"f","arguments":{}},{"type":"custom_tool_call","name":"p","input":"\ud800"}],"usage":{"input_tokens":1}}`))
	f.Add([]byte(`{"error":{"message":"x","code":5}}`))
	f.Add([]byte(`{"output":[{"type":"reasoning","summary":[{"text":"a"},{"text":"b"}],"content":[{"text":"c"}]}]}`))
	reply := asked(f, plainBody)
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := New().DecodeResponse(body)
		if err != nil {
			asError(t, err)
			return
		}
		whole, err := New().AppendResponse(nil, r, reply)
		if err != nil {
			asError(t, err)
			return
		}
		checkResponse(t, whole, jsonlit.Str(jsonlit.Get(whole, "status")))
		// A stream of the same says the same.
		var events []translate.Event
		_ = translate.Replay(r, func(ev *translate.Event) error { events = append(events, *ev); return nil })
		if last := checkGrammar(t, encodeStream(t, reply, events)).last; string(last) != string(whole) {
			t.Fatalf("got stream\n%s\nwant\n%s", last, whole)
		}
	})
}

// Whatever comes, the events are in order and have one end, and the encoder
// makes a proper stream of them.
func FuzzStreamDecode(f *testing.F) {
	f.Add([]byte(sseOf(agent)))
	f.Add([]byte(sseOf(begun + "error {\"error\":{}}")))
	f.Add([]byte("data: {\"type\":\"response.content_part.done\",\"output_index\":1,\"part\":{\"type\":\"output_text\",\"text\":\"a\"}}\n\ndata: {\"type\":\"response.completed\"}\n\n"))
	f.Add([]byte("data: {\"type\":\"response.output_item.done\",\"item\":{\"type\":\"custom_tool_call\",\"name\":\"a\"}}\n\ndata: {\"type\":\"response.incomplete\"}"))
	f.Add([]byte("data: {\"type\":\"response.completed\",\"response\":{\"output\":[{\"type\":\"reasoning\",\"encrypted_content\":\"x\"}]}}\r\r"))
	reply := asked(f, plainBody)
	f.Fuzz(func(t *testing.T, stream []byte) {
		d, e := New().NewStreamDecoder(), New().NewStreamEncoder(reply)
		var v translate.Validator
		var out []byte
		var refused error
		emit := func(ev *translate.Event) error {
			if err := v.Check(ev); err != nil {
				t.Fatalf("%s: %v", describe(ev), err)
			}
			if refused != nil {
				return nil
			}
			if out, refused = e.Append(out, ev); refused != nil {
				out, _ = e.Append(out, &translate.Event{Type: translate.EventError, Err: asError(t, refused)})
			}
			return nil
		}
		r := sse.NewReader(bytes.NewReader(stream), nil, 0)
		for {
			frame, err := r.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if err := d.Decode(frame, emit); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.Close(emit); err != nil {
			t.Fatal(err)
		}
		if !v.Ended() {
			t.Fatal("the stream has no end")
		}
		checkGrammar(t, string(out))
		if b := d.AppendBreak(nil, truncated()); len(b) > 0 && strings.Count(string(b), "\n\n") != 2 {
			t.Fatalf("got break %q, want two events", b)
		}
	})
}
