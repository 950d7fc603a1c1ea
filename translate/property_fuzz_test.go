package translate_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
	"github.com/fairway-gateway/fairway/translate/sse"
)

// FuzzScan (P8) holds the scan, and the exchange of the model's name that rests
// on it, against encoding/json: what the scan lets pass means the same to both,
// and only the name changes.
func FuzzScan(f *testing.F) {
	for _, s := range []string{`{"model":"a","messages":[{"role":"user"}]}`, ` { "x" : {"model":1} , "model" : "\u0061\ud83d" , "stream":true }`,
		`{"model":"a","model":"b"}`, `{"mod\u0065l":"a"}`, `{"model":null}`, `{"stream":0}`, `[]`, `{"a":"\"model\":\"x\""}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		e, err := translate.Scan(body, "messages")
		if err != nil {
			return
		}
		var before map[string]json.RawMessage
		if err := json.Unmarshal(body, &before); err != nil {
			t.Fatalf("encoding/json refuses %q: %v", body, err)
		}
		if e.Span == [2]int{} {
			if v, ok := before["model"]; ok {
				t.Fatalf("model %s was not seen in %q", v, body)
			}
			return
		}
		var model string
		if err := json.Unmarshal(before["model"], &model); err != nil || model != e.Model {
			t.Fatalf("model %q, encoding/json reads %q (%v) in %q", e.Model, model, err, body)
		}
		spliced := append(append(bytes.Clone(body[:e.Span[0]]), `"other"`...), body[e.Span[1]:]...)
		var after map[string]json.RawMessage
		if err := json.Unmarshal(spliced, &after); err != nil {
			t.Fatalf("encoding/json refuses %q: %v", spliced, err)
		}
		if len(after) != len(before) || string(after["model"]) != `"other"` {
			t.Fatalf("%q became %q", body, spliced)
		}
		for name, v := range before {
			if name != "model" && !bytes.Equal(after[name], v) {
				t.Fatalf("member %q of %q became %q", name, body, spliced)
			}
		}
	})
}

// FuzzTranslate (P8): whatever a client's dialect accepts, every other one can
// write down or refuses; none panics, and what is written is JSON.
func FuzzTranslate(f *testing.F) {
	for i, d := range dialects() {
		f.Add(uint8(i), []byte(minimal(d.Name())))
		for seed := range uint64(3) {
			r := newGenerator(seed).request(pair{d.Name(), d.Name()})
			r.Tools = nil // seeds are mutated byte by byte, and should be small
			if _, body, err := write(d, r, translate.Capabilities{MidSystem: true}, new(translate.Losses)); err == nil {
				f.Add(uint8(i), body)
			}
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, body []byte) {
		all := dialects()
		client := all[int(which)%len(all)]
		if jsonlit.Check(body) != nil {
			return
		}
		r, err := client.DecodeRequest(body, translate.Hint{Model: "m"})
		if err != nil {
			return
		}
		for _, target := range all {
			for _, c := range []translate.Capabilities{{}, {NoSampling: true, NoForcedTool: true, NoThinkingOff: true, Thinking: translate.ThinkingAdaptive, MaxOutput: 4096},
				{Thinking: translate.ThinkingLevel, Signatures: true}, {Thinking: translate.ThinkingBudget, MaxOutput: 100}, {Thinking: translate.ThinkingNone}} {
				_, out, err := write(target, r, c, new(translate.Losses))
				if err == nil && !jsonlit.Valid(out) {
					t.Fatalf("%s to %s is no JSON: %q", client.Name(), target.Name(), out)
				}
			}
		}
	})
}

// FuzzRelay (P5, P7, P8, P12): whatever bytes an upstream sends, the events keep
// their order and every client gets a stream that its own decoder reads to an
// end, the same one however the bytes arrive.
func FuzzRelay(f *testing.F) {
	for i, d := range dialects() {
		g := newGenerator(uint64(i))
		e := d.NewStreamEncoder(reply(d.Name()))
		var out []byte
		_ = g.stream(g.response(d.Name()), func(ev *translate.Event) (err error) {
			out, err = e.Append(out, ev)
			return err
		})
		f.Add(uint8(i), out[:min(len(out), 3000)])
	}
	f.Add(uint8(0), []byte("data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\r\n\r\ndata: [DONE]\r\n\r\n"))
	f.Fuzz(func(t *testing.T, which uint8, stream []byte) {
		all := dialects()
		up := all[int(which)%len(all)]
		for _, client := range all {
			want := relayAny(t, up, client, sse.NewReader(bytes.NewReader(stream), nil, 1<<20))
			got := relayAny(t, up, client, sse.NewReader(&trickle{stream, len(stream) % 7}, nil, 1<<20))
			if !bytes.Equal(got, want) {
				t.Fatalf("%s→%s: %q and, in pieces, %q", up.Name(), client.Name(), want, got)
			}
			var v translate.Validator
			d := client.NewStreamDecoder()
			check := func(ev *translate.Event) error {
				if err := v.Check(ev); err != nil {
					t.Fatalf("%s→%s: the client sees %s: %v in %q", up.Name(), client.Name(), ev.Type, err, want)
				}
				return nil
			}
			frames := sse.NewReader(bytes.NewReader(want), nil, 0)
			for {
				frame, err := frames.Next()
				if err != nil {
					_ = d.Close(check)
					break
				}
				_ = d.Decode(frame, check)
			}
			if !v.Ended() {
				t.Fatalf("%s→%s: the client sees no end in %q", up.Name(), client.Name(), want)
			}
		}
	})
}

// trickle reads in pieces of 1 to 7 bytes.
type trickle struct {
	rest []byte
	n    int
}

func (r *trickle) Read(p []byte) (int, error) {
	r.n = r.n%7 + 1
	n := copy(p, r.rest[:min(r.n, len(r.rest))])
	r.rest = r.rest[n:]
	if n == 0 {
		return bytes.NewReader(nil).Read(p)
	}
	return n, nil
}

// relayAny takes a stream of whatever bytes to a client, and ends it in error
// where an encoder gives up, as the exchange does.
func relayAny(t *testing.T, up, client translate.Dialect, frames *sse.Reader) (out []byte) {
	var v translate.Validator
	e := client.NewStreamEncoder(reply(client.Name()))
	d := up.NewStreamDecoder()
	failed := false
	emit := func(ev *translate.Event) (err error) {
		if err := v.Check(ev); err != nil {
			t.Fatalf("%s: %s of block %d: %v", up.Name(), ev.Type, ev.Block, err)
		}
		out, err = e.Append(out, ev)
		return err
	}
	end := func(err error) {
		failed = true
		te, ok := err.(*translate.Error)
		if !ok {
			t.Fatalf("%s→%s: %v", up.Name(), client.Name(), err)
		}
		out, _ = e.Append(out, &translate.Event{Type: translate.EventError, Err: te})
	}
	for !failed {
		frame, err := frames.Next()
		if err != nil {
			if err := d.Close(emit); err != nil {
				end(err)
			} else if !v.Ended() {
				t.Fatalf("%s: the events have no end", up.Name())
			}
			return out
		}
		if err := d.Decode(frame, emit); err != nil {
			end(err)
		}
	}
	return out
}

// FuzzDecodeOthers (P8): errors, token counts and model lists of whatever form
// are read without panic, and an error always has something to say.
func FuzzDecodeOthers(f *testing.F) {
	f.Add(429, []byte(`{"error":{"message":"m","type":"t","code":"c","param":null}}`))
	f.Add(529, []byte(`{"type":"error","error":{"type":"overloaded_error","message":"m"}}`))
	f.Add(503, []byte(`[{"error":{"code":503,"status":"UNAVAILABLE","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"3.5s"}]}}]`))
	f.Add(502, []byte("<html>\xff</html>"))
	f.Add(200, []byte(`{"data":[{"id":"m","created":1}],"models":[{"name":"models/m"}],"input_tokens":3,"totalTokens":"4"}`))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		for _, d := range dialects() {
			e := d.DecodeError(status, body)
			if e == nil || e.Message == "" || len(e.Message) > 8<<10 || !utf8.ValidString(e.Message) || strings.ContainsAny(e.Message, "\r\x00") {
				t.Fatalf("%s makes %+v of %d %q", d.Name(), e, status, body)
			}
			for _, client := range dialects() {
				if s, out := client.AppendError(nil, e); !jsonlit.Valid(out) || s < 400 || s > 599 {
					t.Fatalf("%s→%s: %d %q", d.Name(), client.Name(), s, out)
				}
			}
			if !jsonlit.Valid(body) {
				continue
			}
			if n, err := d.DecodeCount(body); err == nil && n < 0 {
				t.Fatalf("%s counts %d tokens in %q", d.Name(), n, body)
			}
			if models, _, err := d.DecodeModels(body); err == nil && !jsonlit.Valid(d.AppendModels(nil, models, translate.Page{})) {
				t.Fatalf("%s makes no JSON of %q", d.Name(), body)
			}
		}
	})
}
