package translate_test

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// gather reads a stream into a whole answer, or the error that ended it.
func gather(t *testing.T, d translate.Dialect, stream []byte) (*translate.Response, error) {
	t.Helper()
	var a translate.Accumulator
	decode(t, d, bytes.NewReader(stream), func(ev *translate.Event) error {
		_ = a.Push(ev) // told by Response
		return nil
	})
	return a.Response()
}

// TestStreamsAreReadInAnyChunks (P5): however the network cuts an upstream's
// stream, and whatever its lines end in, the client gets the same bytes.
func TestStreamsAreReadInAnyChunks(t *testing.T) {
	eachPair(t, func(t *testing.T, g generator, client, up translate.Dialect) {
		stream := upstream(t, g, up, g.response(up.Name()))
		want := relay(t, up, client, bytes.NewReader(stream))
		crlf := bytes.ReplaceAll(stream, []byte("\n"), []byte("\r\n"))
		cr := bytes.ReplaceAll(stream, []byte("\n"), []byte("\r"))
		for name, src := range map[string]io.Reader{
			"byte by byte":       iotest.OneByteReader(bytes.NewReader(stream)),
			"half by half":       iotest.HalfReader(bytes.NewReader(stream)),
			"end with the bytes": iotest.DataErrReader(bytes.NewReader(stream)),
			"CRLF":               bytes.NewReader(crlf),
			"CRLF byte by byte":  iotest.OneByteReader(bytes.NewReader(crlf)),
			"CR":                 bytes.NewReader(cr),
			"byte order mark":    io.MultiReader(strings.NewReader("\ufeff"), bytes.NewReader(stream)),
		} {
			if got := relay(t, up, client, src); !bytes.Equal(got, want) {
				t.Fatalf("%s:\n got %s\nwant %s", name, got, want)
			}
		}
	})
}

// TestStreamsSayWhatWholeAnswersSay (P6): what a client gathers from a stream
// is what it would have got without one.
func TestStreamsSayWhatWholeAnswersSay(t *testing.T) {
	eachPair(t, func(t *testing.T, g generator, client, up translate.Dialect) {
		stream := upstream(t, g, up, g.response(up.Name()))
		whole, err := gather(t, up, stream)
		if err != nil {
			t.Fatal(err)
		}
		body, err := client.AppendResponse(nil, whole, reply(client.Name()))
		if err != nil {
			t.Fatal(err)
		}
		want, err := client.DecodeResponse(body)
		if err != nil {
			t.Fatalf("%v\n%s", err, body)
		}
		out := relay(t, up, client, bytes.NewReader(stream))
		got, err := gather(t, client, out)
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		compare(t, told(got), told(want), out, body)
	})
}

// TestInterleavedCallsArriveWhole: upstreams may write parallel calls at the same
// time; no client can tell.
func TestInterleavedCallsArriveWhole(t *testing.T) {
	for _, client := range dialects() {
		if !answersOf(client.Name()).calls {
			continue
		}
		t.Run(string(client.Name()), func(t *testing.T) {
			for seed := range uint64(seeds) {
				g := newGenerator(seed)
				said := &translate.Response{ID: "up1", Model: "m-1", Usage: &translate.Usage{Input: 9, Output: 5}, Choices: []translate.Choice{{Stop: translate.StopToolUse}}}
				for i := range 2 + g.IntN(3) {
					said.Choices[0].Parts = append(said.Choices[0].Parts, translate.Part{Kind: translate.ToolCall, Call: &translate.Call{
						ID: fmt.Sprintf("call_%d", i), Name: "f", Arguments: translate.Arguments{Text: jsonlit.AppendQuote(nil, g.object(3))}}})
				}
				e := client.NewStreamEncoder(reply(client.Name()))
				var out []byte
				var v translate.Validator
				err := g.interleave(said, func(ev *translate.Event) (err error) {
					if err := v.Check(ev); err != nil {
						t.Fatal(err)
					}
					out, err = e.Append(out, ev)
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
				got, err := gather(t, client, out)
				if err != nil {
					t.Fatal(err)
				}
				compare(t, told(got), told(said), out)
			}
		})
	}
}

// TestAnswersArriveWhole (P3, P9, P12, P13): what an upstream says, streamed or
// not, is what the client reads: the text, the thoughts, the calls with their
// arguments to the last digit, and the tokens.
func TestAnswersArriveWhole(t *testing.T) {
	eachPair(t, func(t *testing.T, g generator, client, up translate.Dialect) {
		said := g.response(up.Name())
		want := heard(said, client.Name(), up.Name())
		stream := upstream(t, g, up, said)
		out := relay(t, up, client, bytes.NewReader(stream))
		got, err := gather(t, client, out)
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		compare(t, heard(got, client.Name(), up.Name()), want, stream, out)

		body, err := up.AppendResponse(nil, said, reply(up.Name()))
		if err != nil {
			t.Fatal(err)
		}
		whole, err := up.DecodeResponse(body)
		if err != nil {
			t.Fatal(err)
		}
		if out, err = client.AppendResponse(nil, whole, reply(client.Name())); err != nil {
			t.Fatal(err)
		}
		if got, err = client.DecodeResponse(out); err != nil {
			t.Fatal(err)
		}
		compare(t, heard(got, client.Name(), up.Name()), want, body, out)
	})
}

func compare(t *testing.T, got, want []string, texts ...[]byte) {
	t.Helper()
	for i := range max(len(got), len(want)) {
		g, w := "nothing", "nothing"
		if i < len(got) {
			g = got[i]
		}
		if i < len(want) {
			w = want[i]
		}
		if g != w {
			t.Errorf("line %d\n got %s\nwant %s", i, g, w)
			for _, s := range texts {
				t.Logf("%.3000s", s)
			}
			t.FailNow()
		}
	}
}

// told lists all that an answer says.
func told(r *translate.Response) (lines []string) {
	say := func(format string, args ...any) {
		lines = append(lines, string(jsonlit.AppendLiteral(nil, fmt.Appendf(nil, format, args...))))
	}
	for _, c := range r.Choices {
		for _, p := range c.Parts {
			switch {
			case p.Kind == translate.ToolCall:
				object, _ := p.Call.AppendObject(nil)
				say("%d calls %s %s %s", c.Index, p.Call.ID, p.Call.Name, compact(object))
			case len(p.Text) > 2:
				say("%d %s %s", c.Index, p.Kind, p.Text)
			}
		}
		say("%d stops for %d", c.Index, c.Stop)
	}
	if r.Usage != nil {
		say("usage %+v", *r.Usage)
	}
	return lines
}

// heard lists of an answer what a client can hear from an upstream.
func heard(r *translate.Response, client, up translate.Name) (lines []string) {
	can := answersOf(client)
	for _, line := range told(r) {
		_, what, _ := strings.Cut(line, " ")
		what, _, _ = strings.Cut(what, " ")
		switch {
		case what == "calls" && !can.calls, what == "thinking" && !can.thoughts, what == "stops",
			!can.choices && !strings.HasPrefix(line, "0 ") && !strings.HasPrefix(line, "usage"):
			continue
		case what == "refusal" && !can.refusals:
			line = strings.Replace(line, "refusal", "text", 1)
		case strings.HasPrefix(line, "usage"):
			u := *r.Usage
			if !can.cacheWrites || !answersOf(up).cacheWrites {
				u.CacheWrite = 0
			}
			u.CacheWrite1h = 0
			line = fmt.Sprintf("usage %+v", u)
		}
		lines = append(lines, line)
	}
	return lines
}
