package messages

import (
	"bytes"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
	"github.com/fairway-gateway/fairway/translate/sse"
)

// NewStreamDecoder reads the events of a streamed message (anthropic-sdk-go's
// MessageStreamEventUnion).
func (Dialect) NewStreamDecoder() translate.StreamDecoder { return &streamDecoder{} }

type streamDecoder struct {
	started, stopped, done bool // a message began; its stop reason was told; nothing more to say
	blocks                 []openBlock
	next                   int // the number of the next block passed on
	calls                  bool
	counts                 counts
	stop                   string
	sequence, explanation  translate.Value // copies
	searches               searches
	memory                 *memory         // nil unless the answer is to be remembered
	container              translate.Value // a copy

	emit  func(*translate.Event) error
	ev    translate.Event
	usage translate.Usage
}

// openBlock is a block that has begun. Upstreams number all their blocks;
// events number those that are passed on.
type openBlock struct {
	index  int // the upstream's
	number int // ours, -1 when it is left out
	kind   translate.Kind
	open   bool

	redacted  bool
	said      bool                 // a delta was passed on
	input     translate.Value      // a tool call's whole input, where it came with the start
	runes     int                  // of a text that is cited
	cited     bool                 //
	citations []translate.Citation // copies, told when the text's length is known
}

func (d *streamDecoder) send(ev translate.Event) error {
	d.ev = ev
	return d.emit(&d.ev)
}

func (d *streamDecoder) fail(e *translate.Error) error {
	d.done = true
	return d.send(translate.Event{Type: translate.EventError, Err: e})
}

// Decode reads one frame. Unknown events are passed over.
func (d *streamDecoder) Decode(f sse.Frame, emit func(*translate.Event) error) error {
	d.emit = emit
	if d.done || len(bytes.TrimSpace(f.Data)) == 0 || string(f.Data) == "[DONE]" {
		return nil
	}
	if !jsonlit.Valid(f.Data) {
		return d.broken(f)
	}
	var kind, index, message, contentBlock, delta, usage, failure translate.Value
	for name, v := range jsonlit.Fields(f.Data) {
		switch string(name) {
		case "type":
			kind = v
		case "index":
			index = v
		case "message":
			message = v
		case "content_block":
			contentBlock = v
		case "delta":
			delta = v
		case "usage":
			usage = v
		case "error":
			failure = v
		}
	}
	event := jsonlit.Inner(kind)
	if len(event) == 0 {
		event = f.Event
	}
	switch string(event) {
	case "content_block_delta":
		return d.delta(blockIndex(index), delta)
	case "content_block_start":
		return d.blockStart(blockIndex(index), contentBlock)
	case "content_block_stop":
		return d.blockStop(d.find(blockIndex(index)))
	case "message_start":
		return d.messageStart(message)
	case "message_delta":
		return d.messageDelta(delta, usage)
	case "message_stop":
		if !d.started {
			return d.fail(&translate.Error{Kind: translate.Upstream, Message: "the upstream ended a message that it never began"})
		}
		return d.finish()
	case "ping":
		return d.send(translate.Event{Type: translate.EventPing})
	}
	if string(event) == "error" || !jsonlit.Null(failure) {
		return d.fail(Dialect{}.DecodeError(0, f.Data))
	}
	return nil
}

// broken judges a frame that is no JSON. One that the end of the stream cut off
// is for Close to judge, when all that matters was said before it.
func (d *streamDecoder) broken(f sse.Frame) error {
	if n := len(f.Raw); n > 0 && f.Raw[n-1] != '\n' && f.Raw[n-1] != '\r' {
		if d.stopped {
			return nil
		}
		return d.fail(truncated())
	}
	return d.fail(&translate.Error{Kind: translate.Upstream, Message: "the upstream's stream holds an event that is no JSON"})
}

func truncated() *translate.Error {
	return &translate.Error{Kind: translate.Truncated, Message: "the upstream's stream ended before completion"}
}

// Close ends the stream where the upstream told its stop reason and left out
// message_stop, as some compatible servers do.
func (d *streamDecoder) Close(emit func(*translate.Event) error) error {
	d.emit = emit
	switch {
	case d.done:
		return nil
	case d.started && d.stopped:
		return d.finish()
	}
	return d.fail(truncated())
}

// AppendBreak appends the error event; nothing may follow it.
func (d *streamDecoder) AppendBreak(dst []byte, e *translate.Error) []byte {
	return appendErrorEvent(dst, e)
}

func (d *streamDecoder) messageStart(v translate.Value) error {
	if d.started {
		return d.fail(&translate.Error{Kind: translate.Upstream, Message: "the upstream began a second message inside the first"})
	}
	d.started = true
	start := translate.Event{Type: translate.EventStart}
	for name, v := range jsonlit.Fields(v) {
		switch string(name) {
		case "id":
			start.ID = jsonlit.Str(v)
		case "model":
			start.Model = jsonlit.Str(v)
		case "usage":
			if d.counts.merge(v); d.counts.seen {
				d.usage = d.counts.usage()
				start.Usage = &d.usage
			}
		}
	}
	return d.send(start)
}

func (d *streamDecoder) messageDelta(delta, usage translate.Value) error {
	if err := d.start(); err != nil {
		return err
	}
	for name, v := range jsonlit.Fields(delta) {
		switch string(name) {
		case "stop_reason":
			if jsonlit.IsString(v) {
				d.stop, d.stopped = jsonlit.Str(v), true
			}
		case "stop_sequence":
			if jsonlit.IsString(v) {
				d.sequence = bytes.Clone(v)
			}
		case "container":
			if id := jsonlit.Get(v, "id"); jsonlit.IsString(id) {
				d.container = bytes.Clone(id)
			}
		case "stop_details":
			if text := explanation(translate.StopRefusal, v); text != nil {
				d.explanation = bytes.Clone(text)
			}
		}
	}
	if d.counts.merge(usage); !d.counts.seen || !jsonlit.IsObject(usage) {
		return nil
	}
	d.usage = d.counts.usage()
	return d.send(translate.Event{Type: translate.EventUsage, Usage: &d.usage})
}

// start begins the message of a server that left out message_start.
func (d *streamDecoder) start() error {
	if d.started {
		return nil
	}
	return d.messageStart(nil)
}

// finish stops what is open and ends the stream.
func (d *streamDecoder) finish() error {
	for i := range d.blocks {
		if err := d.blockStop(&d.blocks[i]); err != nil {
			return err
		}
	}
	for _, s := range d.searches.left() {
		if err := d.search(s); err != nil {
			return err
		}
	}
	stop := translate.Event{Type: translate.EventStop, Stop: stopOf(d.stop, d.calls)}
	if stop.Stop == translate.StopPause {
		if content := d.memory.content(); content != nil {
			stop.Resume = &translate.Resume{Content: content, Container: d.container}
		}
	}
	if stop.Stop == translate.StopSequence {
		stop.StopSequence = d.sequence
	}
	if stop.Stop == translate.StopRefusal && d.explanation != nil {
		n := d.next
		d.next++
		for _, ev := range []translate.Event{
			{Type: translate.EventBlockStart, Block: n, Kind: translate.Refusal},
			{Type: translate.EventDelta, Block: n, Text: d.explanation},
			{Type: translate.EventBlockStop, Block: n},
		} {
			if err := d.send(ev); err != nil {
				return err
			}
		}
	}
	d.done = true
	if err := d.send(stop); err != nil {
		return err
	}
	return d.send(translate.Event{Type: translate.EventEnd})
}

// blockIndex reads a block's index; compatible servers that leave it out have
// one block at a time.
func blockIndex(v translate.Value) int {
	n, ok := jsonlit.Int(v)
	if !ok {
		return -1
	}
	return int(n)
}
