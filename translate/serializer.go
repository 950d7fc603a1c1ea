package translate

// Serializer makes a stream of events serial: at most one block is open at a
// time. Upstreams may interleave the blocks of parallel tool calls; clients of
// some dialects cannot follow. The events of a block that starts while another
// is open are held back until that one stops.
type Serializer struct {
	limit int
	held  []heldBlock
	bytes int
	next  int         // the number that the next block passed on gets
	names map[int]int // upstream block number -> number passed on
	open  int         // the upstream's number of the open block, -1 for none
	ev    Event
}

type heldBlock struct {
	block  int
	events []Event
	done   bool
}

// NewSerializer returns a Serializer that holds back at most limit bytes; 0
// means 8 MiB.
func NewSerializer(limit int) *Serializer {
	if limit <= 0 {
		limit = 8 << 20
	}
	return &Serializer{limit: limit, open: -1}
}

// Push passes ev on, now or later. It returns emit's error, or an *Error when
// more would have to be held back than the limit allows.
func (s *Serializer) Push(ev *Event, emit func(*Event) error) error {
	switch ev.Type {
	case EventBlockStart:
		if s.open >= 0 {
			return s.hold(ev)
		}
		s.open = ev.Block
		return s.pass(ev, emit)
	case EventDelta, EventMedia, EventSignature, EventCitation, EventLogprobs:
		if ev.Block != s.open {
			return s.hold(ev)
		}
		return s.pass(ev, emit)
	case EventBlockStop:
		if ev.Block != s.open {
			return s.hold(ev)
		}
		if err := s.pass(ev, emit); err != nil {
			return err
		}
		s.open = -1
		return s.release(emit)
	default:
		return emit(ev)
	}
}

// pass gives an event on under the block number of the serial order.
func (s *Serializer) pass(ev *Event, emit func(*Event) error) error {
	if ev.Type == EventBlockStart {
		if ev.Block != s.next || s.names != nil {
			if s.names == nil {
				s.names = make(map[int]int)
				for i := range s.next {
					s.names[i] = i
				}
			}
			s.names[ev.Block] = s.next
		}
		s.next++
	}
	if s.names == nil {
		return emit(ev)
	}
	s.ev = *ev
	s.ev.Block = s.names[ev.Block]
	return emit(&s.ev)
}

func (s *Serializer) hold(ev *Event) error {
	size := 64 + len(ev.Text) + len(ev.Signature) + len(ev.Logprobs)
	if ev.Media != nil {
		size += len(ev.Media.Data)
	}
	if s.bytes += size; s.bytes > s.limit {
		return &Error{Kind: Upstream, Message: "the upstream interleaves more output than the gateway may hold back"}
	}
	kept := *ev
	kept.Text, kept.Signature, kept.Logprobs = clone(ev.Text), clone(ev.Signature), clone(ev.Logprobs)
	if ev.Call != nil {
		c := *ev.Call
		kept.Call = &c
	}
	if ev.Media != nil {
		m := *ev.Media
		m.Data, m.URL = clone(m.Data), clone(m.URL)
		kept.Media = &m
	}
	if c := ev.Citation; c != nil {
		kept.Citation = c.clone()
	}
	if ev.Search != nil {
		kept.Search = ev.Search.Clone()
	}
	for i := range s.held {
		if s.held[i].block == ev.Block {
			s.held[i].events = append(s.held[i].events, kept)
			s.held[i].done = s.held[i].done || ev.Type == EventBlockStop
			return nil
		}
	}
	s.held = append(s.held, heldBlock{block: ev.Block, events: []Event{kept}})
	return nil
}

func clone[B ~[]byte](b B) B {
	if b == nil {
		return nil
	}
	return append(B{}, b...)
}

// release passes on what was held back: whole blocks, and the beginning of the
// first that is still open.
func (s *Serializer) release(emit func(*Event) error) error {
	for len(s.held) > 0 {
		h := s.held[0]
		s.held = s.held[1:]
		for i := range h.events {
			ev := &h.events[i]
			s.bytes -= 64 + len(ev.Text) + len(ev.Signature) + len(ev.Logprobs)
			if ev.Media != nil {
				s.bytes -= len(ev.Media.Data)
			}
			if err := s.pass(ev, emit); err != nil {
				return err
			}
		}
		if !h.done {
			s.open = h.block
			return nil
		}
	}
	return nil
}
