package responses

import (
	"strconv"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
	"github.com/fairway-gateway/fairway/translate/openai"
)

// NewStreamEncoder returns an encoder of the events that openai-go lists in
// responses.ResponseStreamEventUnion. It copies of reply.Request what its
// events repeat.
func (Dialect) NewStreamEncoder(reply translate.Reply) translate.StreamEncoder {
	e := &streamEncoder{object: newObject(reply), order: translate.NewSerializer(0)}
	e.push = e.event
	return e
}

// streamEncoder writes the nest of a streamed response: items in order, in a
// message its parts, each with an event for its start, its pieces and its end,
// and everything once more in the events at the ends.
//
// An item ends when the next one begins, or with the answer: only then is it
// known whether it is complete or was cut by the output limit.
type streamEncoder struct {
	object *object
	items  builder
	order  *translate.Serializer
	push   func(*translate.Event) error
	dst    []byte

	sequence int
	started  bool
	ended    bool
	skipping bool  // the present block has no place in the dialect
	inPart   bool  // the present message part, or reasoning summary, has begun
	state    value // of the present block
	stop     translate.StopReason
}

func (e *streamEncoder) ContentType() string { return "text/event-stream" }

// Heartbeat writes a comment, which clients skip.
func (e *streamEncoder) Heartbeat(dst []byte) []byte { return append(dst, ": keep-alive\n\n"...) }

// Append writes what ev leads to. It returns an *Error when the answer has
// grown beyond what its last events could repeat (32 MiB), when the upstream
// interleaves more than may be held back, and for a tool call that the upstream
// itself calls malformed.
func (e *streamEncoder) Append(dst []byte, ev *translate.Event) ([]byte, error) {
	if e.ended {
		return dst, nil
	}
	e.dst = dst
	err := e.order.Push(ev, e.push)
	dst, e.dst = e.dst, nil
	return dst, err
}

func (e *streamEncoder) event(ev *translate.Event) error {
	if e.ended {
		return nil
	}
	switch ev.Type {
	case translate.EventError:
		e.fail(ev.Err)
		return nil
	case translate.EventPing:
		return nil
	case translate.EventStart:
		e.start(ev)
		return nil
	}
	if !e.started {
		e.start(&translate.Event{})
	}
	switch ev.Type {
	case translate.EventBlockStart:
		e.blockStart(ev)
	case translate.EventDelta:
		e.delta(ev.Text)
	case translate.EventMedia:
		if ev.Media != nil && !e.skipping {
			e.items.text = append(e.items.text[:0], ev.Media.Data...)
		}
	case translate.EventSignature:
		if !e.skipping && e.items.isOpen && stateful(ev.Signature) {
			e.state = append(e.state[:0], ev.Signature...)
		}
	case translate.EventCitation:
		e.citation(ev.Citation)
	case translate.EventLogprobs:
		e.logprobs(ev.Logprobs)
	case translate.EventBlockStop:
		e.blockStop()
	case translate.EventUsage:
		e.usage(ev.Usage)
	case translate.EventStop:
		if ev.Stop == translate.StopMalformedCall {
			return malformed()
		}
		if ev.Choice == 0 {
			e.stop = ev.Stop
		}
	case translate.EventEnd:
		e.end()
	}
	if !e.ended && e.items.full() {
		return &translate.Error{Kind: translate.Upstream, Message: "the answer is larger than a response stream can repeat at its end"}
	}
	return nil
}

func (e *streamEncoder) usage(u *translate.Usage) {
	if u == nil {
		return
	}
	if e.object.usage == nil {
		e.object.usage = new(translate.Usage)
	}
	e.object.usage.Merge(*u)
}

// open begins an event; shut ends it.
func (e *streamEncoder) open(kind string) {
	e.dst = append(append(e.dst, "event: "...), kind...)
	e.dst = append(append(e.dst, "\ndata: {\"type\":\""...), kind...)
	e.dst = append(e.dst, `","sequence_number":`...)
	e.dst = strconv.AppendInt(e.dst, int64(e.sequence), 10)
	e.sequence++
}

func (e *streamEncoder) shut() { e.dst = append(e.dst, "}\n\n"...) }

// place names the item, and the part in it, that an event is about.
func (e *streamEncoder) place(index string, n int) {
	e.dst = append(append(e.dst, `,"item_id":"`...), e.items.id...)
	e.dst = append(e.dst, `","output_index":`...)
	e.dst = strconv.AppendInt(e.dst, int64(e.items.n), 10)
	if index != "" {
		e.dst = append(append(append(e.dst, `,"`...), index...), `":`...)
		e.dst = strconv.AppendInt(e.dst, int64(n), 10)
	}
}

// str writes a member whose text is escaped already.
func (e *streamEncoder) str(name string, escaped []byte) {
	e.dst = append(append(append(e.dst, `,"`...), name...), `":"`...)
	e.dst = append(append(e.dst, escaped...), '"')
}

func (e *streamEncoder) start(ev *translate.Event) {
	if e.started {
		return
	}
	e.started = true
	e.object.begin(ev.ID, ev.Model, ev.Created)
	e.items.base = e.object.base
	for _, kind := range [...]string{"response.created", "response.in_progress"} {
		e.response(kind, "in_progress", "", nil)
	}
	e.usage(ev.Usage)
}

// response writes an event that holds the whole response.
func (e *streamEncoder) response(kind, status, reason string, failed *translate.Error) {
	e.open(kind)
	e.dst = append(e.dst, `,"response":`...)
	e.dst = e.object.append(e.dst, status, reason, e.items.output, failed)
	e.shut()
}

// closeItem ends the item that is open.
func (e *streamEncoder) closeItem(status string) {
	if !e.items.isOpen {
		return
	}
	e.endPart()
	e.open("response.output_item.done")
	e.dst = append(e.dst, `,"output_index":`...)
	e.dst = strconv.AppendInt(e.dst, int64(e.items.n), 10)
	e.dst = append(e.dst, `,"item":`...)
	e.dst = e.items.appendItem(e.dst, status)
	e.shut()
	e.items.close(status)
}

func (e *streamEncoder) end() {
	e.ended = true
	status, reason := ending(e.stop, e.items.refusal)
	e.closeItem(status)
	e.response("response."+status, status, reason, nil)
}

// fail ends the stream with an error. The document and the SDKs' types have the
// error event's members at its top, the service sends them nested, and clients
// look for either (https://github.com/openai/openai-python/issues/3934);
// response.failed follows as it does there.
func (e *streamEncoder) fail(err *translate.Error) {
	e.ended = true
	if err == nil {
		err = &translate.Error{Kind: translate.Internal, Message: "the gateway failed to go on"}
	}
	e.dst, e.sequence = appendErrorEvent(e.dst, e.sequence, err)
	if e.inPart {
		e.items.endPart()
	}
	e.items.close("incomplete")
	e.response("response.failed", "failed", "", err)
}

// appendErrorEvent writes the error event in both forms.
func appendErrorEvent(dst []byte, sequence int, err *translate.Error) ([]byte, int) {
	nested := openai.AppendErrorObject(nil, err)
	dst = append(dst, "event: error\ndata: {\"type\":\"error\",\"sequence_number\":"...)
	dst = strconv.AppendInt(dst, int64(sequence), 10)
	w := jsonlit.NewWriter(dst)
	w.Key("code")
	w.Raw(jsonlit.Get(nested, "code"))
	w.Key("message")
	w.Raw(jsonlit.Get(nested, "message"))
	w.Key("param")
	w.Raw(jsonlit.Get(nested, "param"))
	w.Key("error")
	w.Raw(nested)
	return append(w.Bytes(), "}\n\n"...), sequence + 1
}
