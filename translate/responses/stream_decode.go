package responses

import (
	"bytes"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
	"github.com/fairway-gateway/fairway/translate/sse"
)

// maxInput bounds what is gathered of a custom tool's input.
const maxInput = 8 << 20

// NewStreamDecoder returns a decoder of the events that openai-go lists in
// responses.ResponseStreamEventUnion.
func (Dialect) NewStreamDecoder() translate.StreamDecoder {
	return &streamDecoder{sequence: -1}
}

// streamDecoder follows the items of a streamed response by output_index, and
// the parts of a message by content_index: some servers change an item's id on
// the way. What a .done event repeats counts only where no delta said it.
type streamDecoder struct {
	started, ended bool
	told           bool // the upstream has itself ended the stream, well or not
	sequence       int64
	id, model      string
	created        int64

	items    []streamItem
	blocks   int // started so far
	calls    bool
	refusal  bool
	nameless bool // a call of no tool came
	ev       translate.Event
	usage    translate.Usage
	emit     func(*translate.Event) error
}

func (d *streamDecoder) Decode(f sse.Frame, emit func(*translate.Event) error) error {
	data := bytes.TrimSpace(f.Data)
	if d.ended || len(data) == 0 || string(data) == "[DONE]" {
		return nil
	}
	d.emit = emit
	if !jsonlit.Valid(data) || data[0] != '{' {
		if !whole(f.Raw) {
			return d.fail(truncated())
		}
		return d.fail(&translate.Error{Kind: translate.Upstream, Message: "the upstream's stream holds what is not a JSON object"})
	}
	e := scanFrame(data)
	if e.sequence >= 0 {
		d.sequence = e.sequence
	}
	if len(e.kind) == 0 {
		e.kind = f.Event
	}
	return d.event(&e, data)
}

// whole reports whether a frame ended in a blank line, and not with the body.
func whole(raw []byte) bool {
	rest := raw
	for _, end := range [...]string{"\r\n", "\n", "\r"} {
		if cut, found := bytes.CutSuffix(rest, []byte(end)); found {
			return len(cut) > 0 && (cut[len(cut)-1] == '\n' || cut[len(cut)-1] == '\r')
		}
	}
	return false
}

func truncated() *translate.Error {
	return &translate.Error{Kind: translate.Truncated, Message: "the upstream's stream ended before completion"}
}

func (d *streamDecoder) Close(emit func(*translate.Event) error) error {
	if d.ended {
		return nil
	}
	d.emit = emit
	return d.fail(truncated())
}

func (d *streamDecoder) fail(e *translate.Error) error {
	d.ended = true
	return d.send(translate.Event{Type: translate.EventError, Err: e})
}

func (d *streamDecoder) send(ev translate.Event) error {
	d.ev = ev
	return d.emit(&d.ev)
}

// event handles one event; those that say nothing about the answer are skipped.
func (d *streamDecoder) event(f *frame, data value) error {
	switch string(f.kind) {
	case "error":
		d.told = true
		if !jsonlit.Null(f.err) {
			return d.fail(failure(f.err))
		}
		return d.fail(failure(data))
	case "response.failed", "response.cancelled":
		d.told = true
		o := scanResponse(f.response)
		if e := o.failed(); e != nil {
			return d.fail(e)
		}
		return d.fail(failure(nil))
	case "":
		if !jsonlit.Null(f.err) { // an envelope, as before any event
			d.told = true
			return d.fail(failure(f.err))
		}
		return nil
	}
	if !bytes.HasPrefix(f.kind, []byte("response.")) { // keep-alives, a server's own
		return nil
	}
	if err := d.start(f.response); err != nil {
		return err
	}
	switch string(f.kind) {
	case "response.output_item.added":
		return d.added(f)
	case "response.output_text.delta":
		return d.text(f, translate.Text, f.delta, f.logprobs, false)
	case "response.output_text.done":
		return d.text(f, translate.Text, f.text, f.logprobs, true)
	case "response.refusal.delta":
		return d.text(f, translate.Refusal, f.delta, nil, false)
	case "response.refusal.done":
		return d.text(f, translate.Refusal, f.refusal, nil, true)
	case "response.output_text.annotation.added":
		return d.cite(f)
	case "response.content_part.done":
		return d.partDone(f.outputIndex, f.part, f.partObject)
	case "response.reasoning_summary_text.delta":
		return d.think(f, 0, f.delta, false)
	case "response.reasoning_summary_text.done":
		return d.think(f, 0, f.text, true)
	case "response.reasoning_text.delta":
		return d.think(f, 1, f.delta, false)
	case "response.reasoning_text.done":
		return d.think(f, 1, f.text, true)
	case "response.function_call_arguments.delta":
		return d.arguments(f, f.delta)
	case "response.function_call_arguments.done":
		if d.item(f.outputIndex).wrote {
			return nil
		}
		return d.arguments(f, f.arguments)
	case "response.custom_tool_call_input.delta":
		return d.input(f, f.delta)
	case "response.custom_tool_call_input.done":
		if len(d.item(f.outputIndex).input) > 0 {
			return nil
		}
		return d.input(f, f.input)
	case "response.output_item.done":
		return d.itemDone(f.outputIndex, f.item)
	case "response.completed":
		return d.end(f.response, false)
	case "response.incomplete":
		return d.end(f.response, true)
	}
	return nil
}

// start emits the start when the first event of the answer comes, whichever it
// is.
func (d *streamDecoder) start(v value) error {
	if d.started {
		return nil
	}
	d.started = true
	o := scanResponse(v)
	d.id, d.model, d.created = jsonlit.Str(o.id), jsonlit.Str(o.model), o.created()
	return d.send(translate.Event{Type: translate.EventStart, ID: d.id, Model: d.model, Created: d.created})
}

// end finishes what is open and tells usage, the reason and the end.
func (d *streamDecoder) end(v value, incomplete bool) error {
	d.told = true
	o := scanResponse(v)
	if incomplete {
		o.status = value(`"incomplete"`)
	}
	if e := o.failed(); e != nil {
		return d.fail(e)
	}
	// A server that streams no items tells them here.
	seen := len(d.items) > 0
	n := int64(0)
	for item := range jsonlit.Elements(o.output) {
		if !seen || d.unfinished(n, item) {
			if err := d.itemDone(n, item); err != nil {
				return err
			}
		}
		n++
	}
	for i := range d.items {
		if err := d.shut(&d.items[i]); err != nil {
			return err
		}
	}
	if u := o.tokens(); u != nil {
		d.usage = *u
		if err := d.send(translate.Event{Type: translate.EventUsage, Usage: &d.usage}); err != nil {
			return err
		}
	}
	stop := o.stop(d.calls, d.refusal)
	if d.nameless {
		stop = translate.StopMalformedCall
	}
	if err := d.send(translate.Event{Type: translate.EventStop, Stop: stop}); err != nil {
		return err
	}
	d.ended = true
	return d.send(translate.Event{Type: translate.EventEnd})
}

// unfinished reports whether item, at the place n of the whole output, is one
// that was begun there and not ended.
func (d *streamDecoder) unfinished(n int64, item value) bool {
	for i := range d.items {
		if s := &d.items[i]; s.index == n {
			return !s.done && s.kind != otherItem && s.kind == kindOf(jsonlit.Inner(jsonlit.Get(item, "type")))
		}
	}
	return false
}

// AppendBreak writes the error event and response.failed, numbered on from the
// last event seen and under the response's own id. It writes nothing when the
// upstream has ended the stream itself.
func (d *streamDecoder) AppendBreak(dst []byte, e *translate.Error) []byte {
	if d.told {
		return dst
	}
	o := newObject(translate.Reply{Request: &translate.Request{}, Model: d.model, ID: "interrupted", Created: d.created})
	if d.id != "" {
		o.id = d.id
	}
	s := &streamEncoder{object: o, dst: dst, sequence: int(d.sequence + 1)}
	s.fail(e)
	return s.dst
}
