package translate

import (
	"fmt"
	"reflect"
	"testing"
)

// hop is one stream of an answer.
func hop(stop StopReason, resume *Resume, u Usage, parts ...Part) *Response {
	return &Response{ID: "r", Model: "m", Usage: &u, Choices: []Choice{{Parts: parts, Stop: stop, Resume: resume}}}
}

func say(s string) Part { return Part{Kind: Text, Text: Value(`"` + s + `"`)} }

func think(s string) Part { return Part{Kind: Thinking, Text: Value(`"` + s + `"`)} }

func use(id string) Part {
	return Part{Kind: ToolCall, Call: &Call{ID: id, Name: "f", Arguments: Arguments{Text: Value(`"{}"`)}}}
}

func TestSplicer(t *testing.T) {
	token := &Resume{Token: Value(`"t"`)}
	paused := &Resume{Content: Value(`[]`)}
	signed := say("a")
	signed.Signature = Value(`"s"`)
	cited := say("cd")
	cited.Citations = []Citation{{URL: Value(`"u"`), Start: 0, End: 2}}
	whole := say("ébcd")
	whole.Citations = []Citation{{URL: Value(`"u"`), Start: 2, End: 4}}
	for name, tt := range map[string]struct {
		hops []*Response
		want []Part
		stop StopReason
	}{
		"one": {[]*Response{hop(StopEnd, nil, Usage{Input: 3, Output: 1}, think("t"), say("a"))}, []Part{think("t"), say("a")}, StopEnd},
		"a text goes on": {[]*Response{hop(StopLength, token, Usage{Input: 1}, think("t"), say("ab")), hop(StopEnd, nil, Usage{Input: 1}, say("cd"), use("1"))},
			[]Part{think("t"), say("abcd"), use("1")}, StopToolUse},
		"over three": {[]*Response{hop(StopLength, token, Usage{}, say("a")), hop(StopLength, token, Usage{}, say("b")), hop(StopEnd, nil, Usage{}, say("c"))},
			[]Part{say("abc")}, StopEnd},
		"another kind follows": {[]*Response{hop(StopLength, token, Usage{}, think("t")), hop(StopEnd, nil, Usage{}, say("a"))},
			[]Part{think("t"), say("a")}, StopEnd},
		"a signed text is over":     {[]*Response{hop(StopLength, token, Usage{}, signed), hop(StopEnd, nil, Usage{}, say("b"))}, []Part{signed, say("b")}, StopEnd},
		"a paused turn's blocks":    {[]*Response{hop(StopPause, paused, Usage{}, say("a")), hop(StopEnd, nil, Usage{}, say("b"))}, []Part{say("a"), say("b")}, StopEnd},
		"calls before the pause":    {[]*Response{hop(StopPause, paused, Usage{}, use("1")), hop(StopEnd, nil, Usage{}, say("b"))}, []Part{use("1"), say("b")}, StopToolUse},
		"citations are moved":       {[]*Response{hop(StopLength, token, Usage{}, say("éb")), hop(StopEnd, nil, Usage{}, cited)}, []Part{whole}, StopEnd},
		"a pause that says no more": {[]*Response{hop(StopLength, token, Usage{}, say("a")), hop(StopLength, nil, Usage{})}, []Part{say("a")}, StopLength},
	} {
		t.Run(name, func(t *testing.T) {
			s := Splicer{Resumable: true}
			var v Validator
			var acc Accumulator
			emit := func(ev *Event) error {
				if err := v.Check(ev); err != nil {
					return fmt.Errorf("%v: %w", ev.Type, err)
				}
				return acc.Push(ev)
			}
			var want Usage
			for i, h := range tt.hops {
				if i > 0 {
					s.Next(0)
				}
				want.Add(*h.Usage)
				if err := Replay(h, func(ev *Event) error { return s.Push(ev, emit) }); err != nil {
					t.Fatal(err)
				}
				if last := i == len(tt.hops)-1; s.Waits() == last || (s.Paused() != nil) == last {
					t.Fatalf("stream %d: waits %v, paused %v", i, s.Waits(), s.Paused())
				}
			}
			got, err := acc.Response()
			if err != nil {
				t.Fatal(err)
			}
			if !v.Ended() || len(got.Choices) != 1 || got.Choices[0].Stop != tt.stop {
				t.Errorf("got %+v, want one choice with stop %v", got.Choices, tt.stop)
			}
			if !reflect.DeepEqual(got.Choices[0].Parts, tt.want) {
				t.Errorf("parts: got %s, want %s", show(got.Choices[0].Parts), show(tt.want))
			}
			if *got.Usage != want {
				t.Errorf("usage: got %+v, want %+v", *got.Usage, want)
			}
		})
	}
}

// TestSplicerChoices puts the answers to several prompts together.
func TestSplicerChoices(t *testing.T) {
	s := Splicer{More: true}
	var v Validator
	var acc Accumulator
	for i := range 3 {
		if i > 0 {
			s.Next(i * 2)
		}
		s.More = i < 2
		r := hop(StopEnd, nil, Usage{Input: 1, Output: 2}, say("a"))
		r.Choices = append(r.Choices, Choice{Index: 1, Parts: []Part{say("b")}, Stop: StopLength})
		err := Replay(r, func(ev *Event) error {
			return s.Push(ev, func(ev *Event) error {
				if err := v.Check(ev); err != nil {
					return err
				}
				return acc.Push(ev)
			})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	got, err := acc.Response()
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Choices) != 6 || *got.Usage != (Usage{Input: 3, Output: 6}) {
		t.Fatalf("got %d choices and %+v, want 6 and the sum", len(got.Choices), *got.Usage)
	}
	for i, c := range got.Choices {
		text, stop := `"a"`, StopEnd
		if i%2 == 1 {
			text, stop = `"b"`, StopLength
		}
		if c.Index != i || string(c.Parts[0].Text) != text || c.Stop != stop {
			t.Errorf("choice %d: got %+v", i, c)
		}
	}
}

func show(parts []Part) string {
	out := ""
	for _, p := range parts {
		out += fmt.Sprintf("%v %s %+v %+v; ", p.Kind, p.Text, p.Call, p.Citations)
	}
	return out
}
