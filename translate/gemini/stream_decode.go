package gemini

import (
	"bytes"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
	"github.com/fairway-gateway/fairway/translate/sse"
)

// maxCandidates bounds the candidates of an answer; Google allows 8.
const maxCandidates = 128

// NewStreamDecoder returns the decoder of a stream of GenerateContentResponse
// fragments. The protocol has no end marker: a stream is whole when each
// candidate has got its finishReason, which is known when the body ends, so the
// Stop events come with Close.
func (Dialect) NewStreamDecoder() translate.StreamDecoder { return new(decoder) }

type decoder struct {
	whole          bool // a whole answer, not a stream: finish reasons may be missing
	started, ended bool
	blocked        bool // the prompt was refused
	crlf           bool // how the upstream ends its lines
	id, model      string

	candidates []candidate
	blocks     int
	calls      []string // ids given out
	usage      translate.Usage

	// Reused from event to event.
	ev      translate.Event
	call    translate.Call
	media   translate.Media
	literal []byte
}

type candidate struct {
	index    int
	block    int // the open block, -1 for none
	kind     translate.Kind
	signed   bool // the open block has its signature
	calls    bool
	finished bool
	paused   bool // another request resumes it
	token    translate.Value
	stop     translate.StopReason

	ruler  translate.Ruler // of the open text
	at     int             // where the last part began in it, in bytes
	places []int           // of a whole answer: where each part began
	sources
}

type emitter = func(*translate.Event) error

func (d *decoder) Decode(frame sse.Frame, emit func(*translate.Event) error) error {
	if len(frame.Raw) > 0 {
		d.crlf = bytes.HasSuffix(frame.Raw, []byte("\r\n"))
	}
	data := bytes.TrimSpace(frame.Data)
	if d.ended || string(data) == "[DONE]" {
		return nil
	}
	if len(data) == 0 {
		if raw := bytes.TrimSpace(frame.Raw); len(raw) > 0 && bytes.HasPrefix([]byte("data:"), raw) {
			return d.fail(truncated(), emit) // another event was to come
		}
		return nil
	}
	if !jsonlit.Valid(data) {
		if cut(frame.Raw) {
			return d.fail(truncated(), emit)
		}
		return d.fail(&translate.Error{Kind: translate.Upstream, Message: "the upstream sent an event that is no JSON"}, emit)
	}
	for _, v := range items(data) {
		if err := d.fragment(v, emit); err != nil || d.ended {
			return err
		}
	}
	return nil
}

// cut reports whether a frame lacks the blank line that ends it.
func cut(raw []byte) bool {
	return len(raw) > 0 && !bytes.HasSuffix(raw, []byte("\n\n")) && !bytes.HasSuffix(raw, []byte("\r\n\r\n")) &&
		!bytes.HasSuffix(raw, []byte("\r\r"))
}

func truncated() *translate.Error {
	return &translate.Error{Kind: translate.Truncated, Message: "the upstream's stream ended before completion"}
}

func (d *decoder) fail(e *translate.Error, emit emitter) error {
	d.ended = true
	d.ev = translate.Event{Type: translate.EventError, Err: e}
	return emit(&d.ev)
}

// fragment reads one GenerateContentResponse.
func (d *decoder) fragment(v jsonlit.Value, emit emitter) error {
	if !jsonlit.IsObject(v) {
		return d.fail(&translate.Error{Kind: translate.Upstream, Message: "the upstream sent an event that is no object"}, emit)
	}
	var candidates jsonlit.Value
	usage := d.usage
	for k, v := range jsonlit.Fields(v) {
		if jsonlit.Null(v) {
			continue
		}
		switch string(member(k)) {
		case "error":
			return d.fail(errorObject(0, v), emit)
		case "candidates":
			candidates = v
		case "usageMetadata":
			usage = decodeUsage(v)
		case "responseId":
			if d.id == "" {
				d.id = jsonlit.Str(v)
			}
		case "modelVersion":
			if d.model == "" {
				d.model = jsonlit.Str(v)
			}
		case "promptFeedback":
			reason := jsonlit.Str(camelGet(v, "blockReason"))
			d.blocked = d.blocked || reason != "" && reason != "BLOCK_REASON_UNSPECIFIED"
		}
	}
	changed := usage != d.usage
	d.usage = usage
	if !d.started {
		d.started = true
		d.ev = translate.Event{Type: translate.EventStart, ID: d.id, Model: d.model}
		if changed {
			d.ev.Usage, changed = &d.usage, false
		}
		if err := emit(&d.ev); err != nil {
			return err
		}
	}
	for _, c := range items(candidates) {
		if err := d.candidate(c, emit); err != nil || d.ended {
			return err
		}
	}
	if changed {
		d.ev = translate.Event{Type: translate.EventUsage, Usage: &d.usage}
		return emit(&d.ev)
	}
	return nil
}

func (d *decoder) candidate(v jsonlit.Value, emit emitter) error {
	var index int64
	var parts, logprobs jsonlit.Value
	var reason, message string
	var grounding, recited jsonlit.Value
	var token jsonlit.Value
	for k, v := range jsonlit.Fields(v) {
		switch string(member(k)) {
		case "index":
			_, index, _ = integer("", v)
		case "content":
			parts = jsonlit.Get(v, "parts")
		case "finishReason":
			if jsonlit.IsString(v) && string(v) != `"FINISH_REASON_UNSPECIFIED"` {
				reason = jsonlit.Str(v)
			}
		case "finishMessage":
			message = jsonlit.Str(v)
		case "logprobsResult":
			logprobs = v
		case "groundingMetadata":
			grounding = v
		case "citationMetadata":
			recited = v
		case "continuationToken":
			token = v
		}
	}
	if index < 0 || index >= maxCandidates {
		return d.fail(&translate.Error{Kind: translate.Upstream, Message: "the upstream sent a candidate with an impossible index"}, emit)
	}
	c := d.find(int(index))
	c.note(grounding, recited)
	if jsonlit.IsString(token) && len(token) > 2 {
		c.token = append(c.token[:0], token...)
	}
	for _, p := range items(parts) {
		if err := d.part(c, p, emit); err != nil || d.ended {
			return err
		}
		if d.whole {
			c.places = append(c.places, c.at)
		}
	}
	if logprobs != nil && c.block >= 0 && c.kind == translate.Text {
		if list := decodeLogprobs(logprobs); list != nil {
			d.ev = translate.Event{Type: translate.EventLogprobs, Block: c.block, Logprobs: list}
			if err := emit(&d.ev); err != nil {
				return err
			}
		}
	}
	if reason == "" {
		return nil
	}
	stop, malformed := stopOf(reason)
	if malformed {
		return d.fail(malformedCall(reason, message), emit)
	}
	c.finished, c.stop, c.paused = true, stop, reason == "CONTINUATION"
	return nil
}

func (d *decoder) find(index int) *candidate {
	for i := range d.candidates {
		if d.candidates[i].index == index {
			return &d.candidates[i]
		}
	}
	d.candidates = append(d.candidates, candidate{index: index, block: -1})
	return &d.candidates[len(d.candidates)-1]
}

// Close ends the stream. Some proxies of Gemini send a finishReason with every
// fragment; only one that nothing followed counts.
func (d *decoder) Close(emit func(*translate.Event) error) error {
	if d.ended {
		return nil
	}
	if len(d.candidates) == 0 && d.blocked {
		d.candidates = append(d.candidates, candidate{block: -1, finished: true, stop: translate.StopFilter})
	}
	if len(d.candidates) == 0 {
		return d.fail(truncated(), emit)
	}
	for i := range d.candidates {
		if !d.candidates[i].finished && !d.whole {
			return d.fail(truncated(), emit)
		}
	}
	for i := range d.candidates {
		c := &d.candidates[i]
		if err := d.shut(c, emit); err != nil {
			return err
		}
		if err := d.search(c, emit); err != nil {
			return err
		}
		if c.calls && (c.stop == translate.StopEnd || c.stop == translate.StopUnknown) {
			c.stop = translate.StopToolUse
		}
		d.ev = translate.Event{Type: translate.EventStop, Choice: c.index, Stop: c.stop}
		if c.paused && len(c.token) > 0 {
			d.ev.Resume = &translate.Resume{Token: c.token}
		}
		if err := emit(&d.ev); err != nil {
			return err
		}
	}
	d.ended = true
	d.ev = translate.Event{Type: translate.EventEnd}
	return emit(&d.ev)
}

// AppendBreak appends an event with the error, its lines ended as the
// upstream's were: Google's Go library cannot read a stream that mixes them.
func (d *decoder) AppendBreak(dst []byte, e *translate.Error) []byte {
	dst = append(dst, "data: "...)
	_, dst = New().AppendError(dst, e)
	if d.crlf {
		return append(dst, "\r\n\r\n"...)
	}
	return append(dst, "\n\n"...)
}
