package responses

import (
	"slices"
	"strconv"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// blockStart begins an item for the block, or a further part of the message
// that is open.
func (e *streamEncoder) blockStart(ev *translate.Event) {
	if e.skipping = ev.Choice != 0; e.skipping {
		return
	}
	e.state = e.state[:0]
	if ev.Kind == translate.ToolCall {
		e.reason(ev.Signature)
	}
	if e.items.fits(ev.Kind) {
		e.items.kind = ev.Kind
	} else {
		e.closeItem("completed")
		if ev.Search != nil {
			e.items.search = ev.Search.Clone() // the item is written once more when it ends
		}
		if e.skipping = !e.items.open(ev.Kind, ev.Call); e.skipping {
			return
		}
		e.beginItem()
	}
	switch {
	case isMessage(ev.Kind):
		e.beginPart()
	case ev.Kind == translate.WebSearch:
		for _, step := range [...]string{"in_progress", "searching", "completed"} {
			e.open("response.web_search_call." + step)
			e.place("", 0)
			e.shut()
		}
	}
}

func (e *streamEncoder) beginItem() {
	e.open("response.output_item.added")
	e.dst = append(e.dst, `,"output_index":`...)
	e.dst = strconv.AppendInt(e.dst, int64(e.items.n), 10)
	e.dst = append(e.dst, `,"item":`...)
	e.dst = e.items.appendItem(e.dst, "in_progress")
	e.shut()
}

// reason does what the builder's does.
func (e *streamEncoder) reason(state value) {
	if !stateful(state) {
		return
	}
	e.closeItem("completed")
	e.items.open(translate.Thinking, nil)
	e.beginItem()
	e.items.state = state
	e.closeItem("completed")
}

// beginPart begins a message's part. A reasoning summary begins with its first
// text: one without text has no part.
func (e *streamEncoder) beginPart() {
	if e.inPart {
		return
	}
	e.inPart = true
	if e.items.kind == translate.Thinking {
		e.open("response.reasoning_summary_part.added")
		e.place("summary_index", 0)
		e.dst = append(e.dst, `,"part":{"type":"summary_text","text":""}`...)
		e.shut()
		return
	}
	e.open("response.content_part.added")
	e.place("content_index", e.items.count)
	e.dst = append(e.dst, `,"part":`...)
	e.dst = e.items.appendPart(e.dst)
	e.shut()
}

func (e *streamEncoder) delta(text value) {
	if e.skipping || !e.items.isOpen {
		return
	}
	piece := e.items.write(text)
	if len(piece) == 0 {
		return
	}
	switch e.items.kind {
	case translate.Text:
		e.open("response.output_text.delta")
		e.place("content_index", e.items.count)
		e.str("delta", piece)
		e.dst = append(e.dst, `,"logprobs":[]`...)
	case translate.Refusal:
		e.open("response.refusal.delta")
		e.place("content_index", e.items.count)
		e.str("delta", piece)
	case translate.Thinking:
		e.beginPart()
		e.open("response.reasoning_summary_text.delta")
		e.place("summary_index", 0)
		e.str("delta", piece)
	case translate.ToolCall:
		if e.items.call.Custom {
			return // the free text can be unwrapped only when it is complete
		}
		e.open("response.function_call_arguments.delta")
		e.place("", 0)
		e.str("delta", piece)
	default:
		return
	}
	e.shut()
}

func (e *streamEncoder) citation(c *translate.Citation) {
	if e.skipping || c == nil || !e.inPart || e.items.kind != translate.Text {
		return
	}
	n := e.items.cited
	annotation := e.items.cite(c)
	e.open("response.output_text.annotation.added")
	e.place("content_index", e.items.count)
	e.dst = append(e.dst, `,"annotation_index":`...)
	e.dst = strconv.AppendInt(e.dst, int64(n), 10)
	e.dst = append(append(e.dst, `,"annotation":`...), annotation...)
	e.shut()
}

// logprobs go in a text event of their own: they are told apart from the text
// in the neutral form.
func (e *streamEncoder) logprobs(list value) {
	if e.skipping || !e.inPart || e.items.kind != translate.Text {
		return
	}
	elements := e.items.probable(list)
	if elements == nil {
		return
	}
	e.open("response.output_text.delta")
	e.place("content_index", e.items.count)
	e.str("delta", nil)
	e.dst = append(append(append(e.dst, `,"logprobs":[`...), elements...), ']')
	e.shut()
}

// blockStop writes the events that repeat the block whole. The item itself
// stays open.
func (e *streamEncoder) blockStop() {
	if e.skipping || !e.items.isOpen {
		return
	}
	switch e.items.kind {
	case translate.ToolCall:
		e.endCall()
	case translate.Thinking:
		e.endPart()
		if len(e.state) > 0 {
			e.items.state = slices.Clone(e.state) // the item stays open
		}
	default:
		e.endPart()
		if len(e.state) > 0 {
			e.reason(e.state)
		}
	}
}

func (e *streamEncoder) endPart() {
	if !e.inPart {
		return
	}
	e.inPart = false
	b := &e.items
	switch b.kind {
	case translate.Thinking:
		e.open("response.reasoning_summary_text.done")
		e.place("summary_index", 0)
		e.str("text", b.text)
		e.shut()
		e.open("response.reasoning_summary_part.done")
		e.place("summary_index", 0)
		e.dst = append(append(append(e.dst, `,"part":{"type":"summary_text","text":"`...), b.text...), `"}`...)
		e.shut()
		return
	case translate.Refusal:
		e.open("response.refusal.done")
		e.place("content_index", b.count)
		e.str("refusal", b.text)
	default:
		e.open("response.output_text.done")
		e.place("content_index", b.count)
		e.str("text", b.text)
		e.dst = append(append(append(e.dst, `,"logprobs":[`...), b.logprobs...), ']')
	}
	e.shut()
	e.open("response.content_part.done")
	e.place("content_index", b.count)
	e.dst = append(e.dst, `,"part":`...)
	e.dst = b.appendPart(e.dst)
	e.shut()
	b.endPart()
}

// endCall writes a call's arguments whole. A call without any has the empty
// object, since clients parse them.
func (e *streamEncoder) endCall() {
	b := &e.items
	if !b.call.Custom {
		if len(b.text) == 0 {
			e.delta(value(`"{}"`))
		}
		e.open("response.function_call_arguments.done")
		e.place("", 0)
		e.dst = append(e.dst, `,"name":`...)
		e.dst = jsonlit.AppendQuote(e.dst, b.call.Name)
		e.str("arguments", b.text)
		e.shut()
		return
	}
	input := b.input()
	if len(input) > 2 {
		e.open("response.custom_tool_call_input.delta")
		e.place("", 0)
		e.dst = jsonlit.AppendLiteral(append(e.dst, `,"delta":`...), input)
		e.shut()
	}
	e.open("response.custom_tool_call_input.done")
	e.place("", 0)
	e.dst = jsonlit.AppendLiteral(append(e.dst, `,"input":`...), input)
	e.shut()
}
