package completions

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
	"github.com/fairway-gateway/fairway/translate/sse"
)

func showEvent(ev *translate.Event) string {
	switch ev.Type {
	case translate.EventStart:
		return fmt.Sprintf("start %s %s %d", ev.ID, ev.Model, ev.Created)
	case translate.EventBlockStart:
		return fmt.Sprintf("open %d.%d %s", ev.Choice, ev.Block, ev.Kind)
	case translate.EventDelta:
		return fmt.Sprintf("delta %d %s", ev.Block, ev.Text)
	case translate.EventLogprobs:
		return fmt.Sprintf("logprobs %d %s", ev.Block, ev.Logprobs)
	case translate.EventBlockStop:
		return fmt.Sprintf("close %d", ev.Block)
	case translate.EventUsage:
		return fmt.Sprintf("usage %d %d", ev.Usage.Input, ev.Usage.Output)
	case translate.EventStop:
		return fmt.Sprintf("stop %d %d", ev.Choice, ev.Stop)
	case translate.EventError:
		return fmt.Sprintf("error %d %s", ev.Err.Kind, ev.Err.Message)
	}
	return ev.Type.String()
}

// each decodes a stream as the exchange does, with the event order checked.
func each(t testing.TB, src io.Reader, emit func(*translate.Event) error) {
	t.Helper()
	d := New().NewStreamDecoder()
	var v translate.Validator
	checked := func(ev *translate.Event) error { return errors.Join(v.Check(ev), emit(ev)) }
	r := sse.NewReader(src, nil, 0)
	for {
		frame, err := r.Next()
		if err == io.EOF {
			break
		}
		if err == nil {
			err = d.Decode(frame, checked)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Close(checked); err != nil {
		t.Fatal(err)
	}
	if !v.Ended() {
		t.Fatal("the stream has no end")
	}
}

func read(t testing.TB, src io.Reader) (lines []string) {
	t.Helper()
	each(t, src, func(ev *translate.Event) error {
		lines = append(lines, showEvent(ev))
		return nil
	})
	return lines
}

func event(choices string) string {
	return `data: {"id":"cmpl-1","object":"text_completion","created":7,"model":"m","choices":[` + choices + "]}\n\n"
}

func said(index int, text, finish string) string {
	return fmt.Sprintf(`{"text":%s,"index":%d,"logprobs":null,"finish_reason":%s}`, jsonlit.Quote(text), index, finish)
}

const usage = `data: {"id":"cmpl-1","object":"text_completion","created":7,"model":"m","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}` + "\n\n"

const probs = `{"text":"ab","index":0,"logprobs":{"tokens":["a","b"],"token_logprobs":[null,-0.5],"top_logprobs":[null,{"b":-0.5,"c\n":-2}],"text_offset":[0,1]},"finish_reason":null}`

var streams = []struct{ name, stream, want string }{
	{"text", event(said(0, "a", "null")) + event(said(0, "b", "null")) + event(said(0, "", `"stop"`)) + usage + "data: [DONE]\n\n",
		"start cmpl-1 m 7\nopen 0.0 text\ndelta 0 \"a\"\ndelta 0 \"b\"\nusage 3 2\nclose 0\nstop 0 1\nend"},
	{"two choices", event(said(1, "b", "null")) + event(said(0, "a", `"length"`)) + event(said(1, "B", `"content_filter"`)) + "data: [DONE]\n\n",
		"start cmpl-1 m 7\nopen 1.0 text\ndelta 0 \"b\"\nopen 0.1 text\ndelta 1 \"a\"\ndelta 0 \"B\"\nclose 1\nclose 0\nstop 0 2\nstop 1 6\nend"},
	{"logprobs", event(probs) + event(said(0, "", `"stop"`)) + "data: [DONE]\n\n",
		"start cmpl-1 m 7\nopen 0.0 text\ndelta 0 \"ab\"\nlogprobs 0 [{\"token\":\"a\",\"logprob\":0,\"bytes\":null,\"top_logprobs\":[]},{\"token\":\"b\",\"logprob\":-0.5,\"bytes\":null,\"top_logprobs\":[{\"token\":\"b\",\"logprob\":-0.5,\"bytes\":null},{\"token\":\"c\\n\",\"logprob\":-2,\"bytes\":null}]}]\nclose 0\nstop 0 1\nend"},
}

func TestDecodeStream(t *testing.T) {
	for _, test := range streams {
		for name, src := range map[string]io.Reader{
			"whole": strings.NewReader(test.stream), "byte by byte": iotest.OneByteReader(strings.NewReader(test.stream)),
			"CRLF": strings.NewReader(strings.ReplaceAll(test.stream, "\n", "\r\n")),
		} {
			if got := strings.Join(read(t, src), "\n"); got != test.want {
				t.Errorf("%s, %s\n got %s\nwant %s", test.name, name, got, test.want)
			}
		}
	}
}

func TestDecodeStreamQuirks(t *testing.T) {
	const open = "start cmpl-1 m 7\nopen 0.0 text\ndelta 0 \"a\"\n"
	tests := []struct{ name, stream, want string }{
		{"no finish_reason but [DONE]", event(said(0, "a", "null")) + "data: [DONE]\n\n", open + "close 0\nstop 0 1\nend"},
		{"no [DONE] but finish_reason", event(said(0, "a", `"length"`)), open + "close 0\nstop 0 2\nend"},
		{"neither", event(said(0, "a", "null")), open + "error 14 the upstream's stream ended before completion"},
		{"an error", event(said(0, "a", "null")) + `data: {"error":{"message":"m","type":"overloaded_error"}}` + "\n\ndata: [DONE]\n\n", open + "error 10 m"},
		{"finish_reason error", event(said(0, "a", `"error"`)), "start cmpl-1 m 7\nerror 12 the upstream broke off with finish_reason error"},
		{"nothing", "", "error 14 the upstream's stream ended before completion"},
		{"[DONE] alone", "data: [DONE]\n\n", "error 12 the upstream's answer holds no choices"},
	}
	for _, test := range tests {
		if got := strings.Join(read(t, strings.NewReader(test.stream)), "\n"); got != test.want {
			t.Errorf("%s\n got %s\nwant %s", test.name, got, test.want)
		}
	}
}

func TestDecodeStreamCut(t *testing.T) {
	for _, test := range streams {
		i := strings.LastIndex(test.stream, `"finish_reason":"`)
		whole := i + strings.Index(test.stream[i:], "\n\n")
		for n := range len(test.stream) {
			lines := read(t, strings.NewReader(test.stream[:n]))
			last := lines[len(lines)-1]
			switch {
			case n < whole && !strings.HasPrefix(last, "error 14 "):
				t.Errorf("%s, cut at %d: got %q, want it truncated", test.name, n, last)
			case n >= whole && strings.HasSuffix(test.stream[:n], "}\n\n") && last != "end":
				t.Errorf("%s, cut at %d behind the last finish_reason: got %q, want end", test.name, n, last)
			}
		}
	}
}

func reply(usage bool) translate.Reply {
	return translate.Reply{Request: &translate.Request{Usage: usage}, Model: "asked", ID: "0123456789abcdef", Created: 99}
}

func through(t testing.TB, s string, usage bool) (out []byte) {
	t.Helper()
	e := New().NewStreamEncoder(reply(usage))
	each(t, strings.NewReader(s), func(ev *translate.Event) (err error) {
		out, err = e.Append(out, ev)
		return err
	})
	return out
}

func TestEncodeStream(t *testing.T) {
	head := `data: {"id":"cmpl-1","object":"text_completion","created":7,"model":"m","choices":[`
	tests := []struct {
		name, stream string
		usage        bool
		want         string
	}{
		{"text", streams[0].stream, false, event(said(0, "a", "null")) + event(said(0, "b", "null")) + event(said(0, "", `"stop"`)) + "data: [DONE]\n\n"},
		{"usage", streams[0].stream, true, head + said(0, "a", "null") + "],\"usage\":null}\n\n" + head + said(0, "b", "null") + "],\"usage\":null}\n\n" + head + said(0, "", `"stop"`) + "],\"usage\":null}\n\n" +
			head + `],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5,"prompt_tokens_details":{"cached_tokens":0},"completion_tokens_details":{"reasoning_tokens":0}}}` + "\n\ndata: [DONE]\n\n"},
		{"logprobs", streams[2].stream, false, event(said(0, "ab", "null")) +
			event(`{"text":"","index":0,"logprobs":{"tokens":["a","b"],"token_logprobs":[0,-0.5],"top_logprobs":[{},{"b":-0.5,"c\n":-2}],"text_offset":[0,1]},"finish_reason":null}`) + event(said(0, "", `"stop"`)) + "data: [DONE]\n\n"},
		{"an error", event(said(0, "a", "null")), false, event(said(0, "a", "null")) + `data: {"error":{"message":"the upstream's stream ended before completion","type":"server_error","param":null,"code":"stream_incomplete"}}` + "\n\n"},
	}
	for _, test := range tests {
		if got := string(through(t, test.stream, test.usage)); got != test.want {
			t.Errorf("%s\n got %s\nwant %s", test.name, got, test.want)
		}
	}
}

// TestEncodeOtherBlocks: an answer from another dialect holds what Completions
// has no place for.
func TestEncodeOtherBlocks(t *testing.T) {
	resp := &translate.Response{ID: "msg_1", Choices: []translate.Choice{{Stop: translate.StopRefusal, Parts: []translate.Part{
		{Kind: translate.Thinking, Text: lit("hm")}, {Kind: translate.Text, Text: lit("a")}, {Kind: translate.Refusal, Text: lit("no")},
	}}}, Usage: &translate.Usage{Input: 1, Output: 2}}
	got, err := New().AppendResponse(nil, resp, reply(false))
	want := `{"id":"cmpl-1","object":"text_completion","created":99,"model":"asked","choices":[{"text":"ano","index":0,"logprobs":null,"finish_reason":"content_filter"}],` +
		`"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3,"prompt_tokens_details":{"cached_tokens":0},"completion_tokens_details":{"reasoning_tokens":0}}}`
	if err != nil || string(got) != want {
		t.Errorf("got %s, %v\nwant %s", got, err, want)
	}
	e := New().NewStreamEncoder(reply(false))
	var out []byte
	if err := translate.Replay(resp, func(ev *translate.Event) (err error) {
		out, err = e.Append(out, ev)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	var text string
	each(t, bytes.NewReader(out), func(ev *translate.Event) error {
		text += jsonlit.Str(ev.Text)
		return nil
	})
	if text != "ano" {
		t.Errorf("streamed: got %q, want %q", text, "ano")
	}
}

func TestMalformedCall(t *testing.T) {
	if _, err := New().AppendResponse(nil, &translate.Response{Choices: []translate.Choice{{Stop: translate.StopMalformedCall}}}, reply(false)); err == nil {
		t.Error("got no error")
	}
	if _, err := New().NewStreamEncoder(reply(false)).Append(nil, &translate.Event{Type: translate.EventStop, Stop: translate.StopMalformedCall}); err == nil {
		t.Error("streamed: got no error")
	}
}

// TestStreamEqualsWhole gathers a stream and reads the answer written of it.
func TestStreamEqualsWhole(t *testing.T) {
	for _, test := range streams {
		var a translate.Accumulator
		each(t, strings.NewReader(test.stream), a.Push)
		first, err := a.Response()
		if err != nil {
			t.Fatal(err)
		}
		body, err := New().AppendResponse(nil, first, reply(false))
		if err != nil {
			t.Fatal(err)
		}
		second, err := New().DecodeResponse(body)
		if err != nil {
			t.Fatalf("%s: %v\n%s", test.name, err, body)
		}
		again, err := New().AppendResponse(nil, second, reply(false))
		if err != nil || !bytes.Equal(again, body) {
			t.Errorf("%s\n got %s, %v\nwant %s", test.name, again, err, body)
		}
		var b translate.Accumulator
		each(t, bytes.NewReader(through(t, test.stream, true)), b.Push)
		third, err := b.Response()
		if err != nil {
			t.Fatal(err)
		}
		if got, err := New().AppendResponse(nil, third, reply(false)); err != nil || !bytes.Equal(got, body) {
			t.Errorf("%s, streamed on\n got %s, %v\nwant %s", test.name, got, err, body)
		}
	}
}

func TestDecodeResponseErrors(t *testing.T) {
	for _, body := range []string{"", "<html>", "7", `{"choices":[]}`, `{"error":{"message":"m"}}`} {
		_, err := New().DecodeResponse([]byte(body))
		var e *translate.Error
		if !errors.As(err, &e) || e.Kind != translate.Upstream {
			t.Errorf("%q: got %v, want an upstream's error", body, err)
		}
	}
}

func TestEndpoint(t *testing.T) {
	tests := []struct {
		op   translate.Operation
		want string
	}{
		{translate.Generate, "/completions"}, {translate.ListModels, "/models"}, {translate.GetModel, "/models/m"}, {translate.CountTokens, ""},
	}
	for _, test := range tests {
		if got, ok := New().Endpoint(test.op, "m", false); got.Path != test.want || ok != (test.want != "") {
			t.Errorf("%s: got %q, %t; want %q", test.op, got.Path, ok, test.want)
		}
	}
}

func FuzzStreamDecoder(f *testing.F) {
	for _, test := range streams {
		f.Add([]byte(test.stream))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		e := New().NewStreamEncoder(reply(true))
		var out []byte
		each(t, bytes.NewReader(data), func(ev *translate.Event) (err error) {
			out, err = e.Append(out, ev)
			return err
		})
		for _, line := range bytes.Split(out, []byte("\n\n")) {
			if d := bytes.TrimPrefix(line, []byte("data: ")); len(d) > 0 && string(d) != "[DONE]" && !jsonlit.Valid(d) {
				t.Errorf("wrote invalid JSON: %s", d)
			}
		}
	})
}

func FuzzDecodeResponse(f *testing.F) {
	f.Add([]byte(`{"id":"x","choices":[` + probs + `]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := New().DecodeResponse(body)
		if err != nil {
			return
		}
		if out, err := New().AppendResponse(nil, r, reply(true)); err != nil || !jsonlit.Valid(out) {
			t.Errorf("got %s, %v; want JSON", out, err)
		}
	})
}
