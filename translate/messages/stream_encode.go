package messages

import (
	"bytes"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// NewStreamEncoder writes the events of a streamed message.
func (Dialect) NewStreamEncoder(reply translate.Reply) translate.StreamEncoder {
	e := &streamEncoder{reply: reply, serial: translate.NewSerializer(0), open: -1}
	e.push = e.write
	return e
}

type streamEncoder struct {
	reply  translate.Reply
	serial *translate.Serializer
	push   func(*translate.Event) error
	w      jsonlit.Writer

	started, done bool
	index         int // of the next block
	open          int // the number in the events of the open block, -1 when it is left out
	kind          translate.Kind
	said          bool // the open block had a delta
	signature     translate.Value
	calls         bool
	usage         translate.Usage
	estimate      int64 // of the input, where the upstream did not tell it at the start
	stop          translate.StopReason
	sequence      translate.Value
}

// ContentType is that of server-sent events.
func (e *streamEncoder) ContentType() string { return "text/event-stream; charset=utf-8" }

// Append writes an event. Images are mentioned, since a message has no place for
// them; the blocks of further choices are left out.
func (e *streamEncoder) Append(dst []byte, ev *translate.Event) ([]byte, error) {
	if e.done {
		return dst, nil
	}
	e.w = jsonlit.NewWriter(dst)
	err := e.serial.Push(ev, e.push)
	return e.w.Bytes(), err
}

// Heartbeat is a ping, and before the message a comment.
func (e *streamEncoder) Heartbeat(dst []byte) []byte {
	if !e.started || e.done {
		return append(dst, ": keep-alive\n\n"...)
	}
	return append(dst, ping...)
}

const ping = "event: ping\ndata: {\"type\": \"ping\"}\n\n"

// begin opens a frame and its object. The space before the data keeps the
// writer from setting a comma.
func (e *streamEncoder) begin(event string) {
	b := append(e.w.Bytes(), "event: "...)
	b = append(append(b, event...), "\ndata: "...)
	e.w = jsonlit.NewWriter(b)
	e.w.Object()
	e.w.StringField("type", event)
}

func (e *streamEncoder) end() {
	e.w.EndObject()
	e.w = jsonlit.NewWriter(append(e.w.Bytes(), "\n\n"...))
}

// write takes the events in serial order.
func (e *streamEncoder) write(ev *translate.Event) error {
	switch ev.Type {
	case translate.EventStart:
		if ev.Usage != nil {
			e.usage.Merge(*ev.Usage)
		}
		e.start(ev)
	case translate.EventBlockStart:
		e.blockStart(ev)
	case translate.EventDelta:
		e.delta(ev)
	case translate.EventMedia:
		if ev.Block == e.open {
			e.open = -1
			e.media(e.kind, ev.Media)
		}
	case translate.EventCitation:
		if ev.Block == e.open && e.kind == translate.Text && len(ev.Citation.URL) > 0 {
			e.citation(ev.Citation)
		}
	case translate.EventSignature:
		if ev.Block == e.open {
			e.signature = append(e.signature[:0], ev.Signature...)
		}
	case translate.EventBlockStop:
		e.blockStop(ev)
	case translate.EventUsage:
		e.usage.Merge(*ev.Usage)
	case translate.EventStop:
		if ev.Choice == 0 {
			e.stop, e.sequence = ev.Stop, bytes.Clone(ev.StopSequence)
		}
	case translate.EventEnd:
		return e.finish()
	case translate.EventError:
		e.done = true
		e.w = jsonlit.NewWriter(appendErrorEvent(e.w.Bytes(), ev.Err))
	case translate.EventPing:
		e.w = jsonlit.NewWriter(e.Heartbeat(e.w.Bytes()))
	}
	return nil
}

// start writes message_start, once. Clients read the input tokens there; the
// estimate is put right in message_delta.
func (e *streamEncoder) start(ev *translate.Event) {
	if e.started {
		return
	}
	e.started = true
	if e.usage.Input == 0 {
		e.estimate = e.reply.EstimateInput()
	}
	e.reply.Request = nil // the stream may last long, and the prompt be large
	e.begin("message_start")
	w := &e.w
	w.Key("message")
	w.Object()
	openMessage(w, ev.ID, ev.Model, e.reply)
	w.Key("content")
	w.Array()
	w.EndArray()
	for _, name := range []string{"stop_reason", "stop_sequence", "stop_details", "container"} {
		w.Key(name)
		w.Null()
	}
	w.Key("usage")
	u := e.known()
	u.Output = max(1, u.Output)
	appendUsage(w, &u, true)
	w.EndObject()
	e.end()
}

// known is the usage as far as it is known.
func (e *streamEncoder) known() translate.Usage {
	u := e.usage
	if u.Input == 0 {
		u.Input = e.estimate
	}
	return u
}

func (e *streamEncoder) blockStart(ev *translate.Event) {
	e.open = -1
	if ev.Choice != 0 {
		return
	}
	switch ev.Kind {
	case translate.Text, translate.Refusal, translate.Thinking, translate.ToolCall, translate.Image, translate.Audio, translate.WebSearch:
	default:
		return
	}
	if !e.started {
		e.start(&translate.Event{})
	}
	e.open, e.kind, e.said, e.signature = ev.Block, ev.Kind, false, e.signature[:0]
	if ev.Kind == translate.Thinking {
		return // what kind of block it is, its first text or its end tells
	}
	switch ev.Kind {
	case translate.Image, translate.Audio:
		return // told when it is there
	case translate.WebSearch:
		e.search(ev.Search)
		e.open = -1
		return
	}
	if ev.Kind == translate.ToolCall {
		e.state(ev.Signature)
	}
	e.begin("content_block_start")
	w := &e.w
	w.IntField("index", int64(e.index))
	w.Key("content_block")
	w.Object()
	switch ev.Kind {
	case translate.ToolCall:
		e.calls = true
		w.StringField("type", "tool_use")
		w.StringField("id", toolID(ev.Call.ID))
		w.StringField("name", ev.Call.Name)
		w.Key("input")
		w.Object()
		w.EndObject()
	default:
		w.StringField("type", "text")
		w.StringField("text", "")
	}
	w.EndObject()
	e.end()
}

// delta writes a piece of the open block; the literals of all dialects are
// pieces of the same JSON strings.
func (e *streamEncoder) delta(ev *translate.Event) {
	if ev.Block != e.open || len(jsonlit.Inner(ev.Text)) == 0 {
		return
	}
	first := !e.said
	e.said = true
	switch e.kind {
	case translate.Thinking:
		if first {
			e.thinking()
		}
		e.piece("thinking_delta", "thinking", ev.Text)
	case translate.ToolCall:
		e.piece("input_json_delta", "partial_json", ev.Text)
	default:
		e.piece("text_delta", "text", ev.Text)
	}
}

func (e *streamEncoder) piece(kind, name string, v translate.Value) {
	e.begin("content_block_delta")
	e.w.IntField("index", int64(e.index))
	e.w.Key("delta")
	e.w.Object()
	e.w.StringField("type", kind)
	e.w.LiteralField(name, v)
	e.w.EndObject()
	e.end()
}

func (e *streamEncoder) blockStop(ev *translate.Event) {
	if ev.Block != e.open {
		return
	}
	e.open = -1
	switch e.kind {
	case translate.Image, translate.Audio:
		return // nothing came of it
	case translate.ToolCall:
		if !e.said {
			e.piece("input_json_delta", "partial_json", noArguments)
		}
	case translate.Thinking:
		if !e.said {
			e.redacted()
			return
		}
		e.piece("signature_delta", "signature", e.signature)
		e.stopBlock()
		return
	}
	e.stopBlock()
	e.state(e.signature)
}

func (e *streamEncoder) stopBlock() {
	e.begin("content_block_stop")
	e.w.IntField("index", int64(e.index))
	e.end()
	e.index++
}

// thinking begins a thinking block.
func (e *streamEncoder) thinking() {
	e.begin("content_block_start")
	w := &e.w
	w.IntField("index", int64(e.index))
	w.Key("content_block")
	w.Object()
	w.StringField("type", "thinking")
	w.StringField("thinking", "")
	w.StringField("signature", "")
	w.EndObject()
	e.end()
}

// redacted writes thinking of which there is but state.
func (e *streamEncoder) redacted() {
	if len(jsonlit.Inner(e.signature)) == 0 {
		return
	}
	e.begin("content_block_start")
	e.w.IntField("index", int64(e.index))
	e.w.Key("content_block")
	appendThinking(&e.w, nil, e.signature)
	e.end()
	e.stopBlock()
}

// state writes what appendState does.
func (e *streamEncoder) state(state translate.Value) {
	if len(jsonlit.Inner(state)) > 0 {
		e.thinking()
		e.piece("signature_delta", "signature", state)
		e.stopBlock()
	}
}

// noArguments is what clients parse when a tool was called without any.
var noArguments = translate.Value(`"{}"`)

func (e *streamEncoder) finish() error {
	reason, ok := reasonOf(e.stop, e.calls)
	if !ok {
		return malformedCall()
	}
	if !e.started {
		e.start(&translate.Event{})
	}
	e.done = true
	e.begin("message_delta")
	w := &e.w
	w.Key("delta")
	w.Object()
	appendStop(w, reason, e.sequence)
	w.EndObject()
	w.Key("usage")
	u := e.known()
	appendUsage(w, &u, false)
	e.end()
	e.begin("message_stop")
	e.end()
	return nil
}

func appendErrorEvent(dst []byte, e *translate.Error) []byte {
	w := jsonlit.NewWriter(append(dst, "event: error\ndata: "...))
	appendError(&w, e)
	return append(w.Bytes(), "\n\n"...)
}
