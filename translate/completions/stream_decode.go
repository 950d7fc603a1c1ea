package completions

import (
	"bytes"
	"slices"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
	"github.com/fairway-gateway/fairway/translate/openai"
	"github.com/fairway-gateway/fairway/translate/sse"
)

// maxChoices bounds what an upstream can make the decoder keep.
const maxChoices = 128

// NewStreamDecoder returns a decoder of text_completion events. Stops are told
// at the stream's end, which is [DONE], or the body's end after every choice
// had its finish_reason.
func (Dialect) NewStreamDecoder() translate.StreamDecoder { return new(streamDecoder) }

type streamDecoder struct {
	ev       translate.Event // the one that is passed on, reused
	started  bool
	ended    bool
	choices  []choice
	blocks   int
	usage    translate.Usage
	newUsage bool
}

type choice struct {
	index  int
	block  int // -1 until the first text
	finish translate.StopReason
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
	whole := len(d.choices) > 0
	for _, c := range d.choices {
		whole = whole && c.finish != translate.StopUnknown
	}
	if !whole {
		return d.fail(openai.Truncated(), emit)
	}
	return d.end(emit)
}

// AppendBreak appends the error frame.
func (*streamDecoder) AppendBreak(dst []byte, e *translate.Error) []byte {
	return openai.AppendErrorFrame(dst, e)
}

func (d *streamDecoder) fail(e *translate.Error, emit func(*translate.Event) error) error {
	d.ended = true
	d.ev = translate.Event{Type: translate.EventError, Err: e}
	return emit(&d.ev)
}

// chunk reads one event: a valid JSON object that is no error.
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
			if u := openai.UsageOf(v); u != nil {
				d.usage.Merge(*u)
				d.newUsage = true
			}
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

// tell emits the usage, once for all readings since the last time.
func (d *streamDecoder) tell(emit func(*translate.Event) error) error {
	if !d.newUsage || !d.started {
		return nil
	}
	d.newUsage = false
	d.ev = translate.Event{Type: translate.EventUsage, Usage: &d.usage}
	return emit(&d.ev)
}

func (d *streamDecoder) choice(v jsonlit.Value, emit func(*translate.Event) error) error {
	var index int64
	var text, finish, logprobs jsonlit.Value
	for name, val := range jsonlit.Fields(v) {
		switch string(name) {
		case "index":
			index, _ = jsonlit.Int(val)
		case "text":
			text = val
		case "finish_reason":
			finish = val
		case "logprobs":
			logprobs = val
		}
	}
	c := d.find(max(int(index), 0))
	if c == nil {
		return d.fail(&translate.Error{Kind: translate.Upstream, Message: "the upstream sent more choices than it may"}, emit)
	}
	if string(jsonlit.Inner(finish)) == "error" {
		return d.fail(&translate.Error{Kind: translate.Upstream, Message: "the upstream broke off with finish_reason error"}, emit)
	}
	if len(jsonlit.Inner(text)) > 0 {
		if c.block < 0 {
			c.block = d.blocks
			d.blocks++
			d.ev = translate.Event{Type: translate.EventBlockStart, Choice: c.index, Block: c.block, Kind: translate.Text}
			if err := emit(&d.ev); err != nil {
				return err
			}
		}
		d.ev = translate.Event{Type: translate.EventDelta, Block: c.block, Text: text}
		if err := emit(&d.ev); err != nil {
			return err
		}
	}
	if c.block >= 0 && jsonlit.IsObject(logprobs) {
		if list := tokenList(logprobs); len(list) > 0 {
			d.ev = translate.Event{Type: translate.EventLogprobs, Block: c.block, Logprobs: list}
			if err := emit(&d.ev); err != nil {
				return err
			}
		}
	}
	if stop := openai.StopOf(finish); stop != translate.StopUnknown {
		c.finish = stop
	}
	return nil
}

func (d *streamDecoder) find(index int) *choice {
	for i := range d.choices {
		if d.choices[i].index == index {
			return &d.choices[i]
		}
	}
	if len(d.choices) == maxChoices || index >= 1<<20 {
		return nil
	}
	d.choices = append(d.choices, choice{index: index, block: -1})
	return &d.choices[len(d.choices)-1]
}

func (d *streamDecoder) end(emit func(*translate.Event) error) error {
	if len(d.choices) == 0 {
		return d.fail(&translate.Error{Kind: translate.Upstream, Message: "the upstream's answer holds no choices"}, emit)
	}
	slices.SortFunc(d.choices, func(a, b choice) int { return a.index - b.index })
	for _, c := range d.choices {
		if c.block < 0 {
			continue
		}
		d.ev = translate.Event{Type: translate.EventBlockStop, Block: c.block}
		if err := emit(&d.ev); err != nil {
			return err
		}
	}
	if err := d.tell(emit); err != nil {
		return err
	}
	for _, c := range d.choices {
		if c.finish == translate.StopUnknown {
			c.finish = translate.StopEnd
		}
		d.ev = translate.Event{Type: translate.EventStop, Choice: c.index, Stop: c.finish}
		if err := emit(&d.ev); err != nil {
			return err
		}
	}
	d.ended = true
	d.ev = translate.Event{Type: translate.EventEnd}
	return emit(&d.ev)
}
