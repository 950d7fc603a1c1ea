package chat

import (
	"bytes"
	"slices"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
	"github.com/fairway-gateway/fairway/translate/openai"
	"github.com/fairway-gateway/fairway/translate/sse"
)

// maxChoices and maxCalls bound what an upstream can make the decoder keep.
const (
	maxChoices = 128
	maxCalls   = 1024 // per choice
)

// NewStreamDecoder returns a decoder of chat.completion.chunk events.
//
// A choice's blocks are closed, and its stop is told, only at the stream's end:
// servers send usage, and some of them content, behind the finish_reason. The
// stream is whole when [DONE] came, or when the body ended after every choice
// had its finish_reason.
func (Dialect) NewStreamDecoder() translate.StreamDecoder { return newStreamDecoder() }

func newStreamDecoder() *streamDecoder { return &streamDecoder{} }

type streamDecoder struct {
	ev       translate.Event // the one that is passed on, reused
	started  bool
	ended    bool
	choices  []*choice
	blocks   int // started so far
	usage    translate.Usage
	newUsage bool
	scratch  []byte // arguments rewritten
	text     []byte // a literal put together of them
}

// choice is the state of one of the answers.
type choice struct {
	index    int
	open     int // the block of text, refusal or thinking that is open, or -1
	kind     translate.Kind
	calls    []*toolCall
	length   int  // of the text so far, in code points
	before   int  // of the text before the open block
	said     bool // something came as a delta
	declined bool // something of it was a refusal
	details  []detail
	detailed int  // bytes of details
	opaque   bool // some of them are state
	finish   translate.StopReason
	finished bool
	sequence jsonlit.Value
}

func (d *streamDecoder) Decode(frame sse.Frame, emit func(*translate.Event) error) error {
	data := bytes.TrimSpace(frame.Data)
	if d.ended || len(data) == 0 {
		return nil
	}
	if openai.Done(data) {
		return d.end(emit)
	}
	if e := openai.FrameError(frame, data); e != nil {
		return d.fail(e, emit)
	}
	return d.chunk(data, emit)
}

func (d *streamDecoder) Close(emit func(*translate.Event) error) error {
	if d.ended {
		return nil
	}
	for _, c := range d.choices {
		if !c.finished {
			return d.fail(openai.Truncated(), emit)
		}
	}
	if len(d.choices) == 0 {
		return d.fail(openai.Truncated(), emit)
	}
	return d.end(emit)
}

// AppendBreak appends the error frame.
func (*streamDecoder) AppendBreak(dst []byte, e *translate.Error) []byte {
	return openai.AppendErrorFrame(dst, e)
}

// chunk reads one chunk: a valid JSON object that is no error.
func (d *streamDecoder) chunk(data jsonlit.Value, emit func(*translate.Event) error) error {
	var id, model, created, choices jsonlit.Value
	for name, v := range jsonlit.Fields(data) {
		switch string(name) {
		case "id":
			id = v
		case "model":
			model = v
		case "created":
			created = v
		case "choices":
			choices = v
		case "usage":
			d.count(v)
		case "x_groq": // Groq, before it followed stream_options
			d.count(jsonlit.Get(v, "usage"))
		}
	}
	for c := range jsonlit.Elements(choices) {
		if !jsonlit.IsObject(c) {
			continue
		}
		if !d.started {
			d.started = true
			d.ev = translate.Event{Type: translate.EventStart, ID: jsonlit.Str(id), Model: jsonlit.Str(model)}
			d.ev.Created, _ = jsonlit.Int(created)
			if err := emit(&d.ev); err != nil {
				return err
			}
		}
		if err := d.choice(c, emit); err != nil || d.ended {
			return err
		}
	}
	return d.tell(emit)
}

// count merges a reading of the usage.
func (d *streamDecoder) count(v jsonlit.Value) {
	if u := openai.UsageOf(v); u != nil {
		d.usage.Merge(*u)
		d.newUsage = true
	}
}

// tell emits the usage once for all readings since the last time.
func (d *streamDecoder) tell(emit func(*translate.Event) error) error {
	if !d.newUsage || !d.started {
		return nil
	}
	d.newUsage = false
	d.ev = translate.Event{Type: translate.EventUsage, Usage: &d.usage}
	return emit(&d.ev)
}

// choice reads one element of a chunk's choices.
func (d *streamDecoder) choice(v jsonlit.Value, emit func(*translate.Event) error) error {
	var index int64
	var delta, message, finish, logprobs, sequence jsonlit.Value
	for name, val := range jsonlit.Fields(v) {
		switch string(name) {
		case "index":
			index, _ = jsonlit.Int(val)
		case "delta":
			delta = val
		case "message":
			message = val
		case "finish_reason":
			finish = val
		case "logprobs":
			logprobs = jsonlit.Get(val, "content")
		case "stop_reason": // vLLM: the stop sequence that matched, or a token's number
			sequence = val
		case "usage": // Moonshot
			d.count(val)
		}
	}
	c := d.find(max(int(index), 0))
	if c == nil {
		return d.fail(&translate.Error{Kind: translate.Upstream, Message: "the upstream sent more choices than it may"}, emit)
	}
	if string(jsonlit.Inner(finish)) == "error" {
		return d.fail(&translate.Error{Kind: translate.Upstream, Message: "the upstream broke off with finish_reason error"}, emit)
	}
	if !jsonlit.IsObject(delta) && !c.said {
		delta = message // servers that answer a stream's request with a whole message
	}
	if err := d.delta(c, delta, emit); err != nil || d.ended {
		return err
	}
	if jsonlit.IsArray(logprobs) && len(logprobs) > len("[]") && c.open >= 0 {
		d.ev = translate.Event{Type: translate.EventLogprobs, Block: c.open, Logprobs: logprobs}
		if err := emit(&d.ev); err != nil {
			return err
		}
	}
	if stop := openai.StopOf(finish); stop != translate.StopUnknown {
		c.finish, c.finished = stop, true
		if stop == translate.StopEnd && jsonlit.IsString(sequence) {
			c.finish, c.sequence = translate.StopSequence, slices.Clone(sequence)
		}
	}
	return nil
}

func (d *streamDecoder) find(index int) *choice {
	for _, c := range d.choices {
		if c.index == index {
			return c
		}
	}
	if len(d.choices) == maxChoices || index >= 1<<20 {
		return nil
	}
	c := &choice{index: index, open: -1}
	d.choices = append(d.choices, c)
	return c
}

// end closes what is open and ends the stream.
func (d *streamDecoder) end(emit func(*translate.Event) error) error {
	if len(d.choices) == 0 {
		return d.fail(&translate.Error{Kind: translate.Upstream, Message: "the upstream's answer holds no choices"}, emit)
	}
	slices.SortFunc(d.choices, func(a, b *choice) int { return a.index - b.index })
	for _, c := range d.choices {
		if err := d.shut(c, emit); err != nil {
			return err
		}
		if err := d.endCalls(c, emit); err != nil || d.ended {
			return err
		}
	}
	if err := d.tell(emit); err != nil {
		return err
	}
	for _, c := range d.choices {
		d.ev = translate.Event{Type: translate.EventStop, Choice: c.index, Stop: c.stop(), StopSequence: c.sequence}
		if err := emit(&d.ev); err != nil {
			return err
		}
	}
	d.ended = true
	d.ev = translate.Event{Type: translate.EventEnd}
	return emit(&d.ev)
}

// stop derives the reason from what was said: servers finish calls with stop,
// and plain text with tool_calls.
func (c *choice) stop() translate.StopReason {
	switch c.finish {
	case translate.StopUnknown, translate.StopEnd, translate.StopSequence:
		if len(c.calls) > 0 {
			c.sequence = nil
			return translate.StopToolUse
		}
		if c.declined {
			return translate.StopRefusal
		}
		if c.finish == translate.StopUnknown {
			return translate.StopEnd
		}
	case translate.StopFilter: // what our own encoder says of a refusal
		if c.declined {
			return translate.StopRefusal
		}
	}
	return c.finish
}

func (d *streamDecoder) fail(e *translate.Error, emit func(*translate.Event) error) error {
	d.ended = true
	d.ev = translate.Event{Type: translate.EventError, Err: e}
	return emit(&d.ev)
}
