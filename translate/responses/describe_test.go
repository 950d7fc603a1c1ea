package responses

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/sse"
)

// describe renders an event on one line.
func describe(ev *translate.Event) string {
	switch ev.Type {
	case translate.EventStart:
		return fmt.Sprintf("start %s %s %d", ev.ID, ev.Model, ev.Created)
	case translate.EventBlockStart:
		s := fmt.Sprintf("+%d %s", ev.Block, ev.Kind)
		if ev.Call != nil {
			s += fmt.Sprintf(" %s %s", ev.Call.ID, ev.Call.Name)
			if ev.Call.Namespace != "" {
				s += " in " + ev.Call.Namespace
			}
			if ev.Call.Custom {
				s += " custom"
			}
		}
		if ev.Search != nil {
			for _, q := range ev.Search.Queries {
				s += " " + string(q)
			}
			for _, found := range ev.Search.Sources {
				s += " " + string(found.URL)
			}
		}
		return s
	case translate.EventDelta:
		return fmt.Sprintf(" %d %s", ev.Block, ev.Text)
	case translate.EventSignature:
		return fmt.Sprintf(" %d signature %s", ev.Block, ev.Signature)
	case translate.EventMedia:
		return fmt.Sprintf(" %d media %s %s", ev.Block, ev.Media.MIME, ev.Media.Data)
	case translate.EventCitation:
		if ev.Citation.FileID != nil {
			return fmt.Sprintf(" %d cites file %s %s %d-%d", ev.Block, ev.Citation.FileID, ev.Citation.Title, ev.Citation.Start, ev.Citation.End)
		}
		return fmt.Sprintf(" %d cites %s %s %d-%d", ev.Block, ev.Citation.URL, ev.Citation.Title, ev.Citation.Start, ev.Citation.End)
	case translate.EventLogprobs:
		return fmt.Sprintf(" %d logprobs %s", ev.Block, ev.Logprobs)
	case translate.EventBlockStop:
		return fmt.Sprintf("-%d", ev.Block)
	case translate.EventUsage:
		return fmt.Sprintf("usage %+v", *ev.Usage)
	case translate.EventStop:
		return fmt.Sprintf("stop %d", ev.Stop)
	case translate.EventError:
		return fmt.Sprintf("error %d %s: %s", ev.Err.Kind, ev.Err.Code, ev.Err.Message)
	}
	return ev.Type.String()
}

// decodeStream runs a stream through the decoder with the validator beside it
// and returns the events, described.
func decodeStream(t testing.TB, src io.Reader) []string {
	t.Helper()
	d := New().NewStreamDecoder()
	var v translate.Validator
	var out []string
	emit := func(ev *translate.Event) error {
		if err := v.Check(ev); err != nil {
			t.Fatalf("event %q after %q: %v", describe(ev), out, err)
		}
		out = append(out, describe(ev))
		return nil
	}
	r := sse.NewReader(src, nil, 0)
	for {
		f, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Decode(f, emit); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Close(emit); err != nil {
		t.Fatal(err)
	}
	if !v.Ended() {
		t.Fatalf("the stream has no end: %q", out)
	}
	return out
}

func diff(t testing.TB, got, want []string) {
	t.Helper()
	for i := range max(len(got), len(want)) {
		g, w := "(nothing)", "(nothing)"
		if i < len(got) {
			g = got[i]
		}
		if i < len(want) {
			w = want[i]
		}
		if g != w {
			t.Fatalf("line %d: got %q, want %q\nall: %s", i, g, w, strings.Join(got, "\n"))
		}
	}
}

// sseOf writes events, one JSON object a line, as the service frames them.
func sseOf(events string) string {
	var b strings.Builder
	for line := range strings.Lines(strings.TrimSpace(events)) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		kind, rest, _ := strings.Cut(line, " ")
		fmt.Fprintf(&b, "event: %s\ndata: {\"type\":%q%s\n\n", kind, kind, strings.Replace(rest, "{", ",", 1))
	}
	return b.String()
}

// oneByte reads a stream byte by byte.
func oneByte(s string) io.Reader { return iotest.OneByteReader(strings.NewReader(s)) }

func lines(s string) []string {
	var out []string
	for line := range strings.Lines(s) {
		if line = strings.Trim(line, "\n\t"); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// asError returns the *translate.Error in err.
func asError(t testing.TB, err error) *translate.Error {
	t.Helper()
	var e *translate.Error
	if !errors.As(err, &e) {
		t.Fatalf("got error %v, want a *translate.Error", err)
	}
	return e
}
