package translate

import "errors"

// Event is one step of a streamed answer. Which fields count depends on Type.
type Event struct {
	Type   EventType
	Choice int  // BlockStart, Stop
	Block  int  // BlockStart, Delta, Media, Signature, Citation, Logprobs, BlockStop
	Kind   Kind // BlockStart: Text, Refusal, Thinking, Image, Audio, ToolCall, WebSearch

	ID      string // Start; Signature: the vendor's own id of what is signed, where it has one
	Model   string // Start
	Created int64  // Start

	// Redacted is set on the BlockStart of thinking of which the vendor shows
	// nothing: no Delta follows, only its Signature.
	Redacted bool

	// Call is set on the BlockStart of a tool call: ID, Name and Custom; the
	// arguments follow as Deltas.
	Call *Call

	// Search is set on the BlockStart of a web search: the whole of it. Only the
	// BlockStop follows.
	Search *Search

	// Text is a Delta's string literal, quotes included: a piece of text,
	// refusal or thinking, or of a tool call's arguments (JSON inside a JSON
	// string). Pieces concatenate.
	Text Value

	Media     *Media    // Media: the whole of it
	Signature Value     // Signature: a string literal; also the BlockStart of a tool call, where it is known then
	Citation  *Citation // Citation
	Logprobs  Value     // Logprobs: the content array of Chat's logprobs

	Usage *Usage // Usage; may be set on Start too

	Stop         StopReason // Stop
	StopSequence Value      // Stop
	Resume       *Resume    // Stop: how to make a paused answer go on

	Err *Error // Error
}

// EventType tells events apart.
type EventType uint8

// The events of a stream, in the order that the Validator demands:
//
//	Start ( BlockStart (Delta | Media | Signature | Citation | Logprobs)* BlockStop | Stop | Usage | Ping )* End
//
// Blocks are numbered densely from 0 in the order of their starts, across all
// choices. Several may be open at once. Stop(choice) follows the BlockStop of
// all the choice's blocks. Error may come at any time and is the last.
const (
	EventStart EventType = iota + 1
	EventBlockStart
	EventDelta
	EventMedia
	EventSignature
	EventCitation
	EventLogprobs
	EventBlockStop
	EventUsage // cumulative; replaces earlier readings
	EventStop
	EventEnd   // the upstream's stream came to its proper end
	EventError // the stream broke or the upstream reported an error
	EventPing
)

func (t EventType) String() string {
	names := [...]string{"none", "start", "block_start", "delta", "media", "signature", "citation", "logprobs",
		"block_stop", "usage", "stop", "end", "error", "ping"}
	if int(t) < len(names) {
		return names[t]
	}
	return "unknown"
}

// Errors of the Validator.
var (
	errNotStarted = errors.New("event before the start")
	errStarted    = errors.New("second start")
	errEnded      = errors.New("event after the end")
	errBlockOrder = errors.New("block numbers are not dense")
	errBlockShut  = errors.New("event for a block that is not open")
	errBlockOpen  = errors.New("stop while a block of the choice is open")
	errStopped    = errors.New("event for a choice that has stopped")
	errNoStop     = errors.New("end without a stop")
)

// Validator checks the order of a stream's events. The zero Validator is ready.
type Validator struct {
	started, ended bool
	choice         []int  // of each block
	open           []bool // each block
	kind           []Kind
	stopped        map[int]bool
}

// Check returns an error when ev may not follow the events before it.
func (v *Validator) Check(ev *Event) error {
	if v.ended {
		return errEnded
	}
	switch ev.Type {
	case EventError:
		v.ended = true
		return nil
	case EventPing:
		return nil
	case EventStart:
		if v.started {
			return errStarted
		}
		v.started = true
		return nil
	}
	if !v.started {
		return errNotStarted
	}
	switch ev.Type {
	case EventBlockStart:
		if ev.Block != len(v.open) {
			return errBlockOrder
		}
		if v.stopped[ev.Choice] {
			return errStopped
		}
		v.open, v.choice, v.kind = append(v.open, true), append(v.choice, ev.Choice), append(v.kind, ev.Kind)
		if ev.Kind == ToolCall && (ev.Call == nil || ev.Call.ID == "" || ev.Call.Name == "") {
			return errors.New("tool call without an id or a name")
		}
		if ev.Kind == WebSearch && ev.Search == nil {
			return errors.New("web search that says nothing")
		}
	case EventDelta, EventMedia, EventSignature, EventCitation, EventLogprobs:
		if ev.Block < 0 || ev.Block >= len(v.open) || !v.open[ev.Block] {
			return errBlockShut
		}
	case EventBlockStop:
		if ev.Block < 0 || ev.Block >= len(v.open) || !v.open[ev.Block] {
			return errBlockShut
		}
		v.open[ev.Block] = false
	case EventStop:
		for b, open := range v.open {
			if open && v.choice[b] == ev.Choice {
				return errBlockOpen
			}
		}
		if v.stopped[ev.Choice] {
			return errStopped
		}
		if v.stopped == nil {
			v.stopped = make(map[int]bool)
		}
		v.stopped[ev.Choice] = true
	case EventEnd:
		if len(v.stopped) == 0 {
			return errNoStop
		}
		for b := range v.open {
			if !v.stopped[v.choice[b]] {
				return errNoStop
			}
		}
		v.ended = true
	}
	return nil
}

// Ended reports whether the last event was End or Error.
func (v *Validator) Ended() bool { return v.ended }
