package translate_test

import (
	"fmt"
	"io"
	"testing"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
	"github.com/fairway-gateway/fairway/translate/sse"
)

// answers are what an upstream of a dialect can say.
type answers struct {
	choices, thoughts, calls, refusals, cacheWrites, reasoning bool
}

func answersOf(name translate.Name) answers {
	switch name {
	case translate.Chat:
		return answers{choices: true, thoughts: true, calls: true, refusals: true, cacheWrites: true, reasoning: true}
	case translate.Completions:
		return answers{choices: true, cacheWrites: true, reasoning: true}
	case translate.Responses:
		return answers{thoughts: true, calls: true, refusals: true, cacheWrites: true, reasoning: true}
	case translate.Messages:
		return answers{thoughts: true, calls: true, cacheWrites: true, reasoning: true}
	}
	return answers{choices: true, thoughts: true, calls: true, reasoning: true}
}

// response makes an answer as an upstream of a dialect can give it.
func (g generator) response(name translate.Name) *translate.Response {
	can := answersOf(name)
	r := &translate.Response{ID: "up1", Model: "m-1", Created: 1_700_000_000}
	n := 1
	if can.choices && g.one(3) {
		n = 2
	}
	for index := range n {
		c := translate.Choice{Index: index, Stop: translate.StopEnd}
		if can.thoughts && g.one(2) {
			c.Parts = append(c.Parts, translate.Part{Kind: translate.Thinking, Text: g.text()})
		}
		c.Parts = append(c.Parts, translate.Part{Kind: translate.Text, Text: g.text()})
		switch {
		case can.calls && g.one(2):
			c.Stop = translate.StopToolUse
			for range 1 + g.IntN(3) {
				arguments := g.object(3)
				if g.one(4) {
					arguments = "{}"
				}
				c.Parts = append(c.Parts, translate.Part{Kind: translate.ToolCall, Call: &translate.Call{
					ID: fmt.Sprintf("call_%d", g.IntN(1_000_000_000)), Name: g.name(),
					Arguments: translate.Arguments{Text: jsonlit.AppendQuote(nil, arguments)},
				}})
			}
		case can.refusals && g.one(4):
			c.Stop, c.Parts = translate.StopRefusal, []translate.Part{{Kind: translate.Refusal, Text: g.text()}}
		case g.one(4):
			c.Stop = translate.StopLength
		}
		r.Choices = append(r.Choices, c)
	}
	u := &translate.Usage{Input: 50 + g.Int64N(100_000), Output: 5 + g.Int64N(10_000)}
	u.CacheRead = g.Int64N(u.Input / 2)
	if can.cacheWrites {
		u.CacheWrite = g.Int64N(u.Input / 4)
	}
	if can.reasoning {
		u.Reasoning = g.Int64N(u.Output)
	}
	r.Usage = u
	return r
}

// stream tells an answer as events, its texts in pieces of all sizes, cut
// between any two characters and within surrogate pairs.
func (g generator) stream(r *translate.Response, emit func(*translate.Event) error) error {
	return translate.Replay(r, func(ev *translate.Event) error {
		if ev.Type != translate.EventDelta {
			return emit(ev)
		}
		rest := jsonlit.Inner(ev.Text)
		for len(rest) > 0 {
			n := 0
			for range 1 + g.IntN(8) {
				n += character(rest[n:])
			}
			piece := *ev
			piece.Text = append(append(translate.Value{'"'}, rest[:n]...), '"')
			if err := emit(&piece); err != nil {
				return err
			}
			rest = rest[n:]
		}
		return nil
	})
}

// interleave tells an answer's stream with its blocks mixed: they start in
// order, and go on and end in any.
func (g generator) interleave(r *translate.Response, emit func(*translate.Event) error) error {
	var blocks [][]translate.Event
	flush := func() error {
		started := 0
		for len(blocks) > 0 {
			i := g.IntN(min(len(blocks), started+1)) // those begun, or the next
			if err := emit(&blocks[i][0]); err != nil {
				return err
			}
			if blocks[i][0].Type == translate.EventBlockStart {
				started++
			}
			if blocks[i] = blocks[i][1:]; len(blocks[i]) == 0 {
				blocks = append(blocks[:i], blocks[i+1:]...)
				started--
			}
		}
		return nil
	}
	return g.stream(r, func(ev *translate.Event) error {
		switch ev.Type {
		case translate.EventBlockStart:
			blocks = append(blocks, nil)
			fallthrough
		case translate.EventDelta, translate.EventBlockStop:
			blocks[len(blocks)-1] = append(blocks[len(blocks)-1], *ev)
			return nil
		}
		if err := flush(); err != nil {
			return err
		}
		return emit(ev)
	})
}

// character is the length of what a literal cannot be cut within.
func character(inner []byte) int {
	switch {
	case len(inner) == 0:
		return 0
	case inner[0] == '\\' && inner[1] == 'u':
		return 6
	case inner[0] == '\\':
		return 2
	}
	n := 1
	for n < len(inner) && inner[n]&0xc0 == 0x80 {
		n++
	}
	return n
}

// upstream is a stream as an upstream of a dialect sends it.
func upstream(t *testing.T, g generator, d translate.Dialect, r *translate.Response) []byte {
	t.Helper()
	e := d.NewStreamEncoder(reply(d.Name()))
	var out []byte
	err := g.stream(r, func(ev *translate.Event) (err error) {
		out, err = e.Append(out, ev)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// reply is what a client of a dialect asked, for the answer.
func reply(name translate.Name) translate.Reply {
	return translate.Reply{
		Request: &translate.Request{Dialect: name, Model: "m", Stream: true, Usage: true, Reasoning: translate.Reasoning{Show: translate.True}},
		Model:   "m", ID: "0123456789abcdef", Created: 1_700_000_000,
	}
}

// decode reads an upstream's stream, holding the events to their order.
func decode(t *testing.T, d translate.Dialect, src io.Reader, emit func(*translate.Event) error) {
	t.Helper()
	var v translate.Validator
	check := func(ev *translate.Event) error {
		if err := v.Check(ev); err != nil {
			t.Fatalf("%s of block %d: %v", ev.Type, ev.Block, err)
		}
		return emit(ev)
	}
	decoder := d.NewStreamDecoder()
	frames := sse.NewReader(src, nil, 0)
	for {
		frame, err := frames.Next()
		if err == nil {
			err = decoder.Decode(frame, check)
		} else if err == io.EOF {
			err = decoder.Close(check)
			if err == nil && !v.Ended() {
				t.Fatal("the events have no end")
			}
			if err == nil {
				return
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// relay takes an upstream's stream to a client, as the exchange does.
func relay(t *testing.T, up, client translate.Dialect, src io.Reader) (out []byte) {
	t.Helper()
	e := client.NewStreamEncoder(reply(client.Name()))
	decode(t, up, src, func(ev *translate.Event) (err error) {
		out, err = e.Append(out, ev)
		return err
	})
	return out
}
