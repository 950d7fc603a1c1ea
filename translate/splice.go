package translate

// Resumer is a Dialect whose upstreams may pause an answer and go on with it in
// another request.
type Resumer interface {
	Dialect

	// MayPause reports whether an answer to r could come paused, so that its
	// body is worth keeping.
	MayPause(r *Request, c Capabilities) bool

	// AppendResume appends the body that makes the upstream go on: that of the
	// first request, with what the paused answers left behind, in order.
	AppendResume(dst, body []byte, paused []Resume) []byte
}

// Rememberer is a StreamDecoder that fills Event.Resume only when it was told to
// before the first frame, since it must keep the answer for that.
type Rememberer interface{ Remember() }

// Splicer joins the events of several streams into those of one: for an answer
// that comes in several pieces, or one that is put together of several answers.
// There is one Start and one End, blocks are numbered on, the usage is the sum,
// and a text that was cut between two pieces is one block.
type Splicer struct {
	// Resumable lets paused answers go on: their Stop is held back.
	Resumable bool
	// More is set while another stream follows whatever this one's end.
	More bool

	started bool
	resume  *Resume
	waits   bool

	blocks  int // passed on so far
	base    int // the number that the present stream's block 0 gets
	choices int // added to the choices of the present stream
	calls   []int
	past    Usage // of the streams before
	present Usage
	sum     Usage
	ev      Event

	open   openText // the text that began last
	joins  bool     // the present stream may begin with the rest of it
	joined bool     // it did
	goes   int      // the number of the block that goes on then
}

// openText is a text whose stop is held back as long as it may go on.
type openText struct {
	kind          Kind
	choice, block int
	runes, before int // code points so far, and in the streams before
	text          bool
	sealed        bool // something came behind the text: it cannot go on
	held          bool
}

// Paused returns what the stream that has ended left behind, nil when nothing.
func (s *Splicer) Paused() *Resume { return s.resume }

// Waits reports that a stream has ended whose End was held back, because
// another is to follow.
func (s *Splicer) Waits() bool { return s.waits }

// Next begins the next stream. offset is added to the indices of its choices.
func (s *Splicer) Next(offset int) {
	s.joins = s.open.held && !s.open.sealed && s.resume != nil && len(s.resume.Token) > 0
	s.joined, s.open.before = false, s.open.runes
	s.base, s.choices = s.blocks, offset
	s.resume, s.waits = nil, false
	s.past.Add(s.present)
	s.present = Usage{}
}

// Push passes ev on, changed as need be. It returns emit's error.
func (s *Splicer) Push(ev *Event, emit func(*Event) error) error {
	switch ev.Type {
	case EventStart, EventUsage:
		return s.usage(ev, emit)
	case EventPing, EventError:
		return emit(ev)
	case EventBlockStart:
		return s.begin(ev, emit)
	case EventBlockStop:
		if s.Resumable && s.open.text && s.number(ev.Block) == s.open.block {
			s.open.held = true
			return nil
		}
	case EventStop:
		if s.Resumable && ev.Resume != nil {
			s.resume = ev.Resume.clone()
			return nil
		}
	case EventEnd:
		if s.resume != nil || s.More {
			s.waits = true
			return nil
		}
	}
	if err := s.release(emit); err != nil {
		return err
	}
	s.ev = *ev
	switch ev.Type {
	case EventStop:
		s.ev.Choice += s.choices
		for _, c := range s.calls {
			if c == s.ev.Choice && (ev.Stop == StopEnd || ev.Stop == StopUnknown) {
				s.ev.Stop = StopToolUse
			}
		}
	case EventEnd:
	default:
		s.ev.Block = s.number(ev.Block)
		if s.ev.Block == s.open.block {
			s.behind(ev)
		}
	}
	return emit(&s.ev)
}

// number returns the number that a block of the present stream has in the whole.
func (s *Splicer) number(block int) int {
	switch {
	case !s.joined:
		return s.base + block
	case block == 0:
		return s.goes
	}
	return s.base + block - 1
}

func (s *Splicer) begin(ev *Event, emit func(*Event) error) error {
	joins := s.joins
	s.joins = false
	if joins && ev.Kind == s.open.kind && ev.Choice+s.choices == s.open.choice {
		s.joined, s.open.held, s.goes = true, false, s.open.block
		return nil
	}
	if err := s.release(emit); err != nil {
		return err
	}
	s.ev = *ev
	s.ev.Choice += s.choices
	s.ev.Block = s.blocks
	s.blocks++
	if ev.Kind == ToolCall {
		s.calls = append(s.calls, s.ev.Choice)
	}
	s.open = openText{kind: ev.Kind, choice: s.ev.Choice, block: s.ev.Block, text: ev.Kind == Text || ev.Kind == Thinking}
	return emit(&s.ev)
}

// behind notes what a text that may go on has got.
func (s *Splicer) behind(ev *Event) {
	switch ev.Type {
	case EventDelta:
		if s.Resumable {
			s.open.runes += CodePoints(ev.Text)
		}
	case EventCitation:
		if c := ev.Citation; s.joined && c.End > 0 {
			c := *c
			c.Start, c.End = c.Start+s.open.before, c.End+s.open.before
			s.ev.Citation = &c
		}
	case EventSignature:
		s.open.sealed = true
	}
}

// release passes on a stop that was held back.
func (s *Splicer) release(emit func(*Event) error) error {
	if !s.open.held {
		return nil
	}
	s.open.held, s.open.text = false, false
	return emit(&Event{Type: EventBlockStop, Block: s.open.block})
}

func (s *Splicer) usage(ev *Event, emit func(*Event) error) error {
	if ev.Usage != nil {
		s.present.Merge(*ev.Usage)
	}
	if ev.Type == EventStart {
		if !s.started {
			s.started = true
			return emit(ev)
		}
		if ev.Usage == nil {
			return nil
		}
	}
	s.sum = s.past
	s.sum.Add(s.present)
	s.ev = Event{Type: EventUsage, Usage: &s.sum}
	return emit(&s.ev)
}
