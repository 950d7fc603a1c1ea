package translate

import (
	"slices"

	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// Accumulator gathers a stream's events into a whole Response, for clients that
// asked for no stream when the upstream sent one. Its memory is the answer's
// size; Limit bounds it.
type Accumulator struct {
	Limit  int // bytes of text and media; 0 means 64 MiB
	size   int
	resp   Response
	blocks []block
	ended  bool
	err    error
}

type block struct {
	choice int
	part   Part
}

// Push adds an event. It returns the stream's error, if the event is one, or an
// *Error when the answer is larger than Limit.
func (a *Accumulator) Push(ev *Event) error {
	limit := a.Limit
	if limit <= 0 {
		limit = 64 << 20
	}
	if a.size += len(ev.Text) + len(ev.Signature); ev.Media != nil {
		a.size += len(ev.Media.Data)
	}
	if a.size > limit {
		return &Error{Kind: Upstream, Message: "the upstream's answer is larger than the gateway may gather"}
	}
	switch ev.Type {
	case EventStart:
		a.resp.ID, a.resp.Model, a.resp.Created = ev.ID, ev.Model, ev.Created
		a.usage(ev.Usage)
	case EventBlockStart:
		p := Part{Kind: ev.Kind, Signature: clone(ev.Signature)}
		if ev.Kind == Thinking && !ev.Redacted {
			p.Text = Value(`""`)
		}
		if ev.Call != nil {
			c := *ev.Call
			p.Call = &c
		}
		if ev.Search != nil {
			p.Search = ev.Search.Clone()
		}
		a.blocks = append(a.blocks, block{ev.Choice, p})
		a.choice(ev.Choice)
	case EventDelta:
		p := &a.blocks[ev.Block].part
		if p.Kind == ToolCall {
			p.Call.Text = appendLiteral(p.Call.Text, ev.Text)
		} else {
			p.Text = appendLiteral(p.Text, ev.Text)
		}
	case EventMedia:
		m := *ev.Media
		m.Data, m.URL = clone(m.Data), clone(m.URL)
		a.blocks[ev.Block].part.Media = &m
	case EventSignature:
		p := &a.blocks[ev.Block].part
		p.Signature, p.StateID = clone(ev.Signature), ev.ID
	case EventCitation:
		p := &a.blocks[ev.Block].part
		p.Citations = append(p.Citations, *ev.Citation.clone())
	case EventLogprobs:
		p := &a.blocks[ev.Block].part
		p.Logprobs = joinArrays(p.Logprobs, ev.Logprobs)
	case EventUsage:
		a.usage(ev.Usage)
	case EventStop:
		c := a.choice(ev.Choice)
		c.Stop, c.StopSequence, c.Resume = ev.Stop, clone(ev.StopSequence), ev.Resume.clone()
	case EventEnd:
		a.ended = true
	case EventError:
		a.err = ev.Err
		return ev.Err
	}
	return nil
}

func (a *Accumulator) usage(u *Usage) {
	if u == nil {
		return
	}
	if a.resp.Usage == nil {
		a.resp.Usage = new(Usage)
	}
	a.resp.Usage.Merge(*u)
}

func (a *Accumulator) choice(index int) *Choice {
	for i := range a.resp.Choices {
		if a.resp.Choices[i].Index == index {
			return &a.resp.Choices[i]
		}
	}
	a.resp.Choices = append(a.resp.Choices, Choice{Index: index})
	return &a.resp.Choices[len(a.resp.Choices)-1]
}

// Response returns the whole answer, or an *Error when the stream has not come
// to its end.
func (a *Accumulator) Response() (*Response, error) {
	if a.err != nil {
		return nil, a.err
	}
	if !a.ended {
		return nil, &Error{Kind: Truncated, Message: "the upstream's stream ended before completion"}
	}
	for i := range a.resp.Choices {
		a.resp.Choices[i].Parts = nil
	}
	for _, b := range a.blocks {
		p := b.part
		switch p.Kind {
		case Text, Refusal:
			if p.Text == nil {
				p.Text = Value(`""`)
			}
		}
		c := a.choice(b.choice)
		c.Parts = append(c.Parts, p)
	}
	slices.SortFunc(a.resp.Choices, func(x, y Choice) int { return x.Index - y.Index })
	return &a.resp, nil
}

func (c *Citation) clone() *Citation {
	return &Citation{URL: clone(c.URL), Title: clone(c.Title), FileID: clone(c.FileID), Quote: clone(c.Quote), Start: c.Start, End: c.End}
}

// Clone returns a copy that outlives the event.
func (s *Search) Clone() *Search {
	out := &Search{ID: s.ID, Queries: make([]Value, len(s.Queries)), Sources: make([]Citation, len(s.Sources))}
	for i, q := range s.Queries {
		out.Queries[i] = clone(q)
	}
	for i := range s.Sources {
		out.Sources[i] = *s.Sources[i].clone()
	}
	return out
}

func (r *Resume) clone() *Resume {
	if r == nil {
		return nil
	}
	return &Resume{Token: clone(r.Token), Content: clone(r.Content), Container: clone(r.Container)}
}

// appendLiteral concatenates two string literals.
func appendLiteral(a, b Value) Value {
	if len(a) == 0 {
		return clone(b)
	}
	return append(append(a[:len(a)-1], jsonlit.Inner(b)...), '"')
}

func joinArrays(a, b Value) Value {
	if len(a) == 0 || string(a) == "[]" {
		return clone(b)
	}
	if len(b) <= 2 {
		return a
	}
	return append(append(a[:len(a)-1], ','), b[1:]...)
}

// Replay tells a whole Response as the events of a stream, for clients that
// asked for a stream when the upstream sent none.
func Replay(r *Response, emit func(*Event) error) error {
	ev := &Event{Type: EventStart, ID: r.ID, Model: r.Model, Created: r.Created}
	if r.Usage != nil {
		// The input is known from the start; the output is told at the end.
		ev.Usage = &Usage{Input: r.Usage.Input, CacheRead: r.Usage.CacheRead, CacheWrite: r.Usage.CacheWrite, CacheWrite1h: r.Usage.CacheWrite1h}
	}
	if err := emit(ev); err != nil {
		return err
	}
	n := 0
	for _, c := range r.Choices {
		for i := range c.Parts {
			if err := replayPart(&c.Parts[i], c.Index, n, emit); err != nil {
				return err
			}
			n++
		}
		if err := emit(&Event{Type: EventStop, Choice: c.Index, Stop: c.Stop, StopSequence: c.StopSequence, Resume: c.Resume}); err != nil {
			return err
		}
	}
	if r.Usage != nil {
		if err := emit(&Event{Type: EventUsage, Usage: r.Usage}); err != nil {
			return err
		}
	}
	return emit(&Event{Type: EventEnd})
}

func replayPart(p *Part, choice, n int, emit func(*Event) error) error {
	start := &Event{Type: EventBlockStart, Choice: choice, Block: n, Kind: p.Kind, Search: p.Search,
		Redacted: p.Kind == Thinking && p.Text == nil}
	text := p.Text
	if p.Kind == ToolCall {
		start.Signature = p.Signature
		c := *p.Call
		text = c.AppendText(nil)
		c.Arguments = Arguments{}
		start.Call = &c
	}
	events := []*Event{start}
	if len(text) > 2 {
		events = append(events, &Event{Type: EventDelta, Block: n, Text: text})
	}
	if p.Media != nil {
		events = append(events, &Event{Type: EventMedia, Block: n, Media: p.Media})
	}
	for i := range p.Citations {
		events = append(events, &Event{Type: EventCitation, Block: n, Citation: &p.Citations[i]})
	}
	if len(p.Logprobs) > 0 {
		events = append(events, &Event{Type: EventLogprobs, Block: n, Logprobs: p.Logprobs})
	}
	if len(p.Signature) > 0 && p.Kind != ToolCall {
		events = append(events, &Event{Type: EventSignature, Block: n, Signature: p.Signature, ID: p.StateID})
	}
	for _, ev := range append(events, &Event{Type: EventBlockStop, Block: n}) {
		if err := emit(ev); err != nil {
			return err
		}
	}
	return nil
}
