package translate

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

func start() *Event { return &Event{Type: EventStart, ID: "id", Model: "m"} }
func open(b int, k Kind) *Event {
	ev := &Event{Type: EventBlockStart, Block: b, Kind: k}
	if k == ToolCall {
		ev.Call = &Call{ID: fmt.Sprint("c", b), Name: "t"}
	}
	return ev
}
func delta(b int, s string) *Event {
	return &Event{Type: EventDelta, Block: b, Text: jsonlit.Quote(s)}
}
func shut(b int) *Event        { return &Event{Type: EventBlockStop, Block: b} }
func stop(r StopReason) *Event { return &Event{Type: EventStop, Stop: r} }
func end() *Event              { return &Event{Type: EventEnd} }

func TestValidator(t *testing.T) {
	whole := []*Event{start(), open(0, Text), delta(0, "a"), open(1, ToolCall), delta(1, "{}"), shut(0), shut(1), stop(StopToolUse), end()}
	for name, tc := range map[string]struct {
		events []*Event
		want   error
	}{
		"whole":             {whole, nil},
		"no blocks":         {[]*Event{start(), stop(StopRefusal), end()}, nil},
		"error at any time": {[]*Event{{Type: EventError}}, nil},
		"ping first":        {[]*Event{{Type: EventPing}, start()}, nil},
		"delta first":       {[]*Event{delta(0, "a")}, errNotStarted},
		"two starts":        {[]*Event{start(), start()}, errStarted},
		"gap":               {[]*Event{start(), open(1, Text)}, errBlockOrder},
		"delta after stop":  {[]*Event{start(), open(0, Text), shut(0), delta(0, "a")}, errBlockShut},
		"two block stops":   {[]*Event{start(), open(0, Text), shut(0), shut(0)}, errBlockShut},
		"stop while open":   {[]*Event{start(), open(0, Text), stop(StopEnd)}, errBlockOpen},
		"two stops":         {[]*Event{start(), stop(StopEnd), stop(StopEnd)}, errStopped},
		"block after stop":  {[]*Event{start(), stop(StopEnd), open(0, Text)}, errStopped},
		"end without stop":  {[]*Event{start(), open(0, Text), shut(0), end()}, errNoStop},
		"after the end":     {append(whole[:len(whole):len(whole)], stop(StopEnd)), errEnded},
		"after an error":    {[]*Event{start(), {Type: EventError}, end()}, errEnded},
	} {
		t.Run(name, func(t *testing.T) {
			var v Validator
			var got error
			for _, ev := range tc.events {
				if got = v.Check(ev); got != nil {
					break
				}
			}
			if !errors.Is(got, tc.want) {
				t.Errorf("got %v, want %v", got, tc.want)
			}
		})
	}
}

// trace writes events in one line.
func trace(events []*Event) string {
	var out []string
	for _, ev := range events {
		s := ev.Type.String()
		switch ev.Type {
		case EventBlockStart, EventBlockStop:
			s += fmt.Sprint(ev.Block)
		case EventDelta:
			s += fmt.Sprint(ev.Block, "=", jsonlit.Str(ev.Text))
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

func TestSerializer(t *testing.T) {
	for name, tc := range map[string]struct {
		in   []*Event
		want string
	}{
		"serial already": {
			[]*Event{start(), open(0, Text), delta(0, "a"), shut(0), open(1, ToolCall), delta(1, "b"), shut(1), stop(StopEnd), end()},
			"start block_start0 delta0=a block_stop0 block_start1 delta1=b block_stop1 stop end",
		},
		"interleaved": {
			[]*Event{start(), open(0, ToolCall), open(1, ToolCall), delta(1, "x"), delta(0, "a"), delta(1, "y"), shut(0), delta(1, "z"), shut(1), stop(StopEnd), end()},
			"start block_start0 delta0=a block_stop0 block_start1 delta1=x delta1=y delta1=z block_stop1 stop end",
		},
		"inner one stops first": {
			[]*Event{start(), open(0, Text), open(1, ToolCall), delta(1, "x"), shut(1), delta(0, "a"), shut(0), stop(StopEnd), end()},
			"start block_start0 delta0=a block_stop0 block_start1 delta1=x block_stop1 stop end",
		},
		"three at once": {
			[]*Event{start(), open(0, Text), open(1, ToolCall), open(2, ToolCall), delta(2, "x"), shut(2), shut(0), delta(1, "q"), shut(1), stop(StopEnd)},
			"start block_start0 block_stop0 block_start1 delta1=q block_stop1 block_start2 delta2=x block_stop2 stop",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := NewSerializer(0)
			var got []*Event
			for _, ev := range tc.in {
				if err := s.Push(ev, func(ev *Event) error { c := *ev; got = append(got, &c); return nil }); err != nil {
					t.Fatal(err)
				}
			}
			if g := trace(got); g != tc.want {
				t.Errorf("got  %s\nwant %s", g, tc.want)
			}
		})
	}
}

func TestSerializerLimit(t *testing.T) {
	s := NewSerializer(200)
	none := func(*Event) error { return nil }
	for _, ev := range []*Event{start(), open(0, Text), open(1, ToolCall)} {
		if err := s.Push(ev, none); err != nil {
			t.Fatal(err)
		}
	}
	var e *Error
	if err := s.Push(delta(1, strings.Repeat("x", 200)), none); !errors.As(err, &e) || e.Kind != Upstream {
		t.Errorf("err = %v, want one of kind Upstream", err)
	}
}

func TestAccumulateAndReplay(t *testing.T) {
	want := &Response{
		ID: "id", Model: "m", Created: 7, Usage: &Usage{Input: 10, CacheRead: 4, Output: 5, Reasoning: 2},
		Choices: []Choice{
			{Index: 0, Stop: StopToolUse, Parts: []Part{
				{Kind: Thinking, Text: jsonlit.Quote("hm"), Signature: Value(`"sig"`)},
				{Kind: Text, Text: jsonlit.Quote("a\n\"b\""), Citations: []Citation{{URL: Value(`"u"`), End: 3}}, Logprobs: Value(`[{"token":"a"}]`)},
				{Kind: ToolCall, Call: &Call{ID: "c", Name: "t", Arguments: Arguments{Text: Value(`"{\"x\":1}"`)}}},
				{Kind: Image, Media: &Media{MIME: "image/png", Data: []byte("AAAA")}},
			}},
			{Index: 1, Stop: StopEnd, Parts: []Part{{Kind: Text, Text: Value(`""`)}}},
		},
	}
	var acc Accumulator
	var v Validator
	err := Replay(want, func(ev *Event) error {
		if err := v.Check(ev); err != nil {
			return fmt.Errorf("%v: %w", ev.Type, err)
		}
		return acc.Push(ev)
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := acc.Response()
	if err != nil {
		t.Fatal(err)
	}
	if g, w := dump(got), dump(want); g != w {
		t.Errorf("got  %s\nwant %s", g, w)
	}
}

func dump(r *Response) string {
	s := fmt.Sprintf("%s %s %d %+v", r.ID, r.Model, r.Created, *r.Usage)
	for _, c := range r.Choices {
		s += fmt.Sprintf("\n%d %d %s", c.Index, c.Stop, c.StopSequence)
		for _, p := range c.Parts {
			s += fmt.Sprintf("\n  %v %s %s %s", p.Kind, p.Text, p.Signature, p.Logprobs)
			if p.Call != nil {
				s += fmt.Sprintf(" %+v", *p.Call)
			}
			if p.Media != nil {
				s += fmt.Sprintf(" %+v", *p.Media)
			}
			for _, c := range p.Citations {
				s += fmt.Sprintf(" %s-%d", c.URL, c.End)
			}
		}
	}
	return s
}

func TestAccumulatorTellsBrokenStreams(t *testing.T) {
	var acc Accumulator
	for _, ev := range []*Event{start(), open(0, Text), delta(0, "a")} {
		if err := acc.Push(ev); err != nil {
			t.Fatal(err)
		}
	}
	var e *Error
	if _, err := acc.Response(); !errors.As(err, &e) || e.Kind != Truncated {
		t.Errorf("err = %v, want one of kind Truncated", err)
	}
	small := Accumulator{Limit: 3}
	_ = small.Push(start())
	_ = small.Push(open(0, Text))
	if err := small.Push(delta(0, "abcdef")); !errors.As(err, &e) {
		t.Errorf("err = %v, want the limit's", err)
	}
}

func TestUsageMerge(t *testing.T) {
	u := Usage{Input: 10, Output: 1}
	u.Merge(Usage{Input: 10, CacheRead: 4, Output: 7})
	u.Merge(Usage{})
	if want := (Usage{Input: 10, CacheRead: 4, Output: 7}); u != want {
		t.Errorf("got %+v, want %+v", u, want)
	}
}
