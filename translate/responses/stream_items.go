package responses

import (
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// itemType is what of an output item the decoder distinguishes.
type itemType uint8

const (
	unknownItem itemType = iota // its first event is still to come
	messageItem
	reasoningItem
	functionItem
	customItem
	searchItem
	pictureItem
	otherItem // run by the vendor: passed over
)

func kindOf(name []byte) itemType {
	switch string(name) {
	case "message":
		return messageItem
	case "reasoning":
		return reasoningItem
	case "function_call":
		return functionItem
	case "custom_tool_call":
		return customItem
	case "web_search_call":
		return searchItem
	case "image_generation_call":
		return pictureItem
	}
	return otherItem
}

// streamItem is an output item on its way.
type streamItem struct {
	index int64
	kind  itemType
	done  bool
	block int // reasoning and calls: the neutral block
	open  bool
	wrote bool // something of it was emitted

	parts []streamPart // a message's

	list, part int64 // reasoning: which list, and which part of it, is being written
	partWrote  bool
	input      []byte // a custom tool's free text so far, escaped
}

// streamPart is a message's part on its way.
type streamPart struct {
	index         int64
	kind          translate.Kind
	block         int
	open, wrote   bool
	cited, gauged bool // citations, log probabilities were emitted
}

// item returns the item of an index, a new one where none is known.
func (d *streamDecoder) item(index int64) *streamItem {
	for i := len(d.items) - 1; i >= 0; i-- {
		if d.items[i].index == index {
			return &d.items[i]
		}
	}
	d.items = append(d.items, streamItem{index: index, part: -1})
	return &d.items[len(d.items)-1]
}

// part returns the part of a message that an event is about, nil when the event
// comes after the message's end.
func (d *streamDecoder) part(f *frame, kind translate.Kind) *streamPart {
	s := d.item(f.outputIndex)
	if s.kind == unknownItem {
		s.kind = messageItem
	}
	if s.kind != messageItem || s.done {
		return nil
	}
	return s.at(f.part, kind)
}

func (s *streamItem) at(index int64, kind translate.Kind) *streamPart {
	for i := len(s.parts) - 1; i >= 0; i-- {
		if p := &s.parts[i]; p.index == index && p.kind == kind {
			return p
		}
	}
	s.parts = append(s.parts, streamPart{index: index, kind: kind})
	return &s.parts[len(s.parts)-1]
}

func (d *streamDecoder) begin(kind translate.Kind, call *translate.Call) (int, error) {
	n := d.blocks
	d.blocks++
	return n, d.send(translate.Event{Type: translate.EventBlockStart, Block: n, Kind: kind, Call: call})
}

func (d *streamDecoder) delta(block int, text value) error {
	return d.send(translate.Event{Type: translate.EventDelta, Block: block, Text: text})
}

// text emits a piece of a message's text or refusal, and begins its block with
// the first that is not empty. What a done event repeats is emitted when nothing
// came before it.
func (d *streamDecoder) text(f *frame, kind translate.Kind, piece, logprobs value, done bool) error {
	p := d.part(f, kind)
	if p == nil || done && p.wrote {
		return nil
	}
	return d.write(p, piece, logprobs)
}

func (d *streamDecoder) write(p *streamPart, piece, logprobs value) error {
	if jsonlit.IsString(piece) && len(piece) > 2 {
		if err := d.openPart(p); err != nil {
			return err
		}
		p.wrote = true
		if err := d.delta(p.block, piece); err != nil {
			return err
		}
	}
	if logprobs = probabilities(logprobs); logprobs != nil && p.open {
		p.gauged = true
		return d.send(translate.Event{Type: translate.EventLogprobs, Block: p.block, Logprobs: logprobs})
	}
	return nil
}

func (d *streamDecoder) openPart(p *streamPart) (err error) {
	if !p.open {
		p.open = true
		d.refusal = d.refusal || p.kind == translate.Refusal
		p.block, err = d.begin(p.kind, nil)
	}
	return err
}

func (d *streamDecoder) cite(f *frame) error {
	p := d.part(f, translate.Text)
	if p == nil {
		return nil
	}
	return d.citePart(p, f.annotation)
}

func (d *streamDecoder) citePart(p *streamPart, annotation value) error {
	c, ok := citation(annotation)
	if !ok {
		return nil
	}
	if err := d.openPart(p); err != nil {
		return err
	}
	p.cited = true
	return d.send(translate.Event{Type: translate.EventCitation, Block: p.block, Citation: &c})
}

// partDone ends a message's part, and emits what no earlier event told of it.
func (d *streamDecoder) partDone(index, n int64, v value) error {
	s := d.item(index)
	if s.kind == unknownItem {
		s.kind = messageItem
	}
	if s.kind != messageItem || s.done {
		return nil
	}
	c := scanPart(v)
	kind, text := translate.Text, c.text
	switch string(c.kind) {
	case "output_text":
	case "refusal":
		kind, text = translate.Refusal, c.refusal
	default:
		return nil
	}
	p := s.at(n, kind)
	if !p.wrote {
		if err := d.write(p, text, nil); err != nil {
			return err
		}
	}
	if !p.open {
		return nil
	}
	if !p.gauged {
		if err := d.write(p, nil, c.logprobs); err != nil {
			return err
		}
	}
	if !p.cited {
		for a := range jsonlit.Elements(c.annotations) {
			if err := d.citePart(p, a); err != nil {
				return err
			}
		}
	}
	p.open = false
	return d.send(translate.Event{Type: translate.EventBlockStop, Block: p.block})
}

// itemDone ends an item, and emits what no earlier event told of it.
func (d *streamDecoder) itemDone(index int64, v value) error {
	s := d.item(index)
	it := scanItem(v)
	if s.kind == unknownItem {
		s.kind = kindOf(it.kind)
	}
	if s.done {
		return nil
	}
	switch s.kind {
	case messageItem:
		n := int64(0)
		for c := range jsonlit.Elements(it.content) {
			if err := d.repeatedPart(s, n, c); err != nil {
				return err
			}
			n++
		}
	case reasoningItem:
		if err := d.reasoned(s, &it); err != nil {
			return err
		}
	case functionItem, customItem:
		if err := d.called(s, &it); err != nil {
			return err
		}
	case searchItem:
		if err := d.search(&it); err != nil {
			return err
		}
	case pictureItem:
		if err := d.picture(&it); err != nil {
			return err
		}
	}
	return d.shut(s)
}

// repeatedPart emits a part of a message of which no event told anything, and
// ends one that is still open.
func (d *streamDecoder) repeatedPart(s *streamItem, n int64, v value) error {
	told := false
	for i := range s.parts {
		p := &s.parts[i]
		if p.index == n && p.open {
			return d.partDone(s.index, n, v)
		}
		told = told || p.wrote && p.index <= n
	}
	if told {
		return nil
	}
	return d.partDone(s.index, n, v)
}

// shut ends an item's blocks.
func (d *streamDecoder) shut(s *streamItem) error {
	if s.done {
		return nil
	}
	s.done = true
	if s.kind == customItem && s.open {
		if err := d.wrapped(s); err != nil {
			return err
		}
	}
	for i := range s.parts {
		if p := &s.parts[i]; p.open {
			p.open = false
			if err := d.send(translate.Event{Type: translate.EventBlockStop, Block: p.block}); err != nil {
				return err
			}
		}
	}
	if !s.open {
		return nil
	}
	s.open = false
	return d.send(translate.Event{Type: translate.EventBlockStop, Block: s.block})
}
