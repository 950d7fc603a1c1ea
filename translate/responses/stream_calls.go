package responses

import (
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// think emits a piece of reasoning: of the summary (list 0) or of the reasoning
// itself (list 1), with a blank line between two parts.
func (d *streamDecoder) think(f *frame, list int64, piece value, done bool) error {
	s := d.item(f.outputIndex)
	if s.kind == unknownItem {
		s.kind = reasoningItem
	}
	if s.done || s.kind != reasoningItem {
		return nil
	}
	if s.list != list || s.part != f.part {
		s.list, s.part, s.partWrote = list, f.part, false
	}
	if done && s.partWrote || !jsonlit.IsString(piece) || len(piece) <= 2 {
		return nil
	}
	if err := d.openThinking(s); err != nil {
		return err
	}
	if s.wrote && !s.partWrote {
		if err := d.delta(s.block, value(`"`+paragraph+`"`)); err != nil {
			return err
		}
	}
	s.wrote, s.partWrote = true, true
	return d.delta(s.block, piece)
}

func (d *streamDecoder) openThinking(s *streamItem) (err error) {
	if !s.open {
		s.open = true
		s.block, err = d.begin(translate.Thinking, nil)
	}
	return err
}

// added begins an item. Only a call needs it: the other blocks begin with their
// first text.
func (d *streamDecoder) added(f *frame) error {
	s := d.item(f.outputIndex)
	it := scanItem(f.item)
	if s.kind != unknownItem {
		return nil
	}
	s.kind = kindOf(it.kind)
	return d.openCall(s, &it)
}

func (d *streamDecoder) openCall(s *streamItem, it *item) (err error) {
	if s.kind != functionItem && s.kind != customItem || s.open || s.done {
		return nil
	}
	name := jsonlit.Str(it.name)
	if name == "" {
		return nil // told at the item's end, or never
	}
	s.open, d.calls = true, true
	s.block, err = d.begin(translate.ToolCall, &translate.Call{
		ID: it.callIDOr(), Name: name, Namespace: jsonlit.Str(it.namespace), Custom: s.kind == customItem})
	return err
}

// arguments emits a piece of a call's arguments. Those of a call whose name is
// not known yet are told at its end.
func (d *streamDecoder) arguments(f *frame, piece value) error {
	s := d.item(f.outputIndex)
	if s.kind != functionItem || !s.open || s.done || !jsonlit.IsString(piece) || len(piece) <= 2 {
		return nil
	}
	s.wrote = true
	return d.delta(s.block, piece)
}

// input gathers a custom tool's free text, which the neutral form wants whole.
func (d *streamDecoder) input(f *frame, piece value) error {
	s := d.item(f.outputIndex)
	if s.kind != customItem || s.done || !jsonlit.IsString(piece) {
		return nil
	}
	if s.input = append(s.input, jsonlit.Inner(piece)...); len(s.input) > maxInput {
		return d.fail(&translate.Error{Kind: translate.Upstream, Message: "the upstream's tool input is larger than the gateway may gather"})
	}
	return nil
}

func (d *streamDecoder) reasoned(s *streamItem, it *item) error {
	if !s.wrote {
		if text := joinTexts(it.summary, it.content); text != nil {
			if err := d.openThinking(s); err != nil {
				return err
			}
			s.wrote = true
			if err := d.delta(s.block, text); err != nil {
				return err
			}
		}
	}
	// The one of the added event may be unfinished.
	signature := it.signature()
	if signature == nil {
		return nil
	}
	if err := d.openThinking(s); err != nil {
		return err
	}
	return d.send(translate.Event{Type: translate.EventSignature, Block: s.block, Signature: signature, ID: jsonlit.Str(it.id)})
}

func (d *streamDecoder) called(s *streamItem, it *item) error {
	if err := d.openCall(s, it); err != nil {
		return err
	}
	if !s.open {
		d.nameless = true
		return nil
	}
	switch {
	case s.kind == customItem:
		if len(s.input) == 0 {
			s.input = append(s.input, jsonlit.Inner(it.input)...)
		}
		return d.wrapped(s)
	case s.wrote:
		return nil
	case jsonlit.IsObject(it.arguments): // some compatible servers
		return d.delta(s.block, jsonlit.AppendQuote(nil, it.arguments))
	case len(it.arguments) > 2 && jsonlit.IsString(it.arguments):
		return d.delta(s.block, it.arguments)
	}
	return nil
}

// wrapped emits a custom tool's input, once.
func (d *streamDecoder) wrapped(s *streamItem) error {
	if s.wrote {
		return nil
	}
	s.wrote = true
	return d.delta(s.block, wrapInput(s.input))
}
