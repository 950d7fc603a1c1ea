package messages

import (
	"bytes"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// find returns the open block of an index, or nil.
func (d *streamDecoder) find(index int) *openBlock {
	for i := len(d.blocks) - 1; i >= 0; i-- {
		if d.blocks[i].index == index && d.blocks[i].open {
			return &d.blocks[i]
		}
	}
	return nil
}

func (d *streamDecoder) blockStart(index int, v translate.Value) error {
	if err := d.start(); err != nil {
		return err
	}
	if d.find(index) != nil {
		return d.fail(&translate.Error{Kind: translate.Upstream, Message: "the upstream began a block a second time"})
	}
	b, _ := readBlock(at(v))
	d.memory.start(index, v)
	switch string(b.kind) {
	case "text":
		return d.begin(openBlock{index: index, kind: translate.Text, cited: b.citations}, b.text, nil)
	case "thinking":
		if err := d.begin(openBlock{index: index, kind: translate.Thinking}, b.thinking, nil); err != nil {
			return err
		}
		return d.signature(d.find(index), b.signature)
	case "redacted_thinking":
		if err := d.begin(openBlock{index: index, kind: translate.Thinking, redacted: true}, nil, nil); err != nil {
			return err
		}
		return d.signature(d.find(index), b.data)
	case "tool_use":
		name := jsonlit.Str(b.name)
		if name == "" {
			return d.fail(&translate.Error{Kind: translate.Upstream, Message: "the upstream called a tool without a name"})
		}
		d.calls = true
		call := &translate.Call{ID: callID(b.id, name, len(d.blocks)), Name: name}
		block := openBlock{index: index, kind: translate.ToolCall}
		// An empty input is but the shell that the deltas fill.
		for range jsonlit.Members(b.input) {
			block.input = jsonlit.AppendQuote(nil, b.input)
			break
		}
		return d.begin(block, nil, call)
	}
	switch string(b.kind) {
	case "server_tool_use":
		d.searches.call(index, &b)
	case "web_search_tool_result":
		if err := d.search(d.searches.found(&b)); err != nil {
			return err
		}
	}
	// The blocks of server tools, and what is yet to come.
	d.blocks = append(d.blocks, openBlock{index: index, number: -1, open: true})
	return nil
}

// search passes a web search on, in a block of its own.
func (d *streamDecoder) search(s *translate.Search) error {
	n := d.next
	d.next++
	if err := d.send(translate.Event{Type: translate.EventBlockStart, Block: n, Kind: translate.WebSearch, Search: s}); err != nil {
		return err
	}
	return d.send(translate.Event{Type: translate.EventBlockStop, Block: n})
}

// begin passes a block's start on, and the text that came with it.
func (d *streamDecoder) begin(b openBlock, text translate.Value, call *translate.Call) error {
	b.number, b.open = d.next, true
	d.next++
	d.blocks = append(d.blocks, b)
	if err := d.send(translate.Event{Type: translate.EventBlockStart, Block: b.number, Kind: b.kind, Redacted: b.redacted, Call: call}); err != nil {
		return err
	}
	return d.say(&d.blocks[len(d.blocks)-1], text)
}

// say passes a piece of a block on, unless it is empty.
func (d *streamDecoder) say(b *openBlock, piece translate.Value) error {
	if len(jsonlit.Inner(piece)) == 0 {
		return nil
	}
	b.said = true
	if b.cited {
		b.runes += translate.CodePoints(piece)
	}
	return d.send(translate.Event{Type: translate.EventDelta, Block: b.number, Text: piece})
}

func (d *streamDecoder) delta(index int, v translate.Value) error {
	var kind, piece, citation translate.Value
	for name, v := range jsonlit.Fields(v) {
		switch string(name) {
		case "type":
			kind = v
		case "text", "thinking", "partial_json", "signature":
			piece = v
		case "citation":
			citation = v
		}
	}
	d.memory.delta(index, jsonlit.Inner(kind), piece, citation)
	b := d.find(index)
	if b == nil {
		// A server that left out the start; what it says shall not be lost.
		if err := d.start(); err != nil {
			return err
		}
		opened := openBlock{index: index}
		switch string(jsonlit.Inner(kind)) {
		case "text_delta":
		case "thinking_delta":
			opened.kind = translate.Thinking
		case "input_json_delta":
			return d.fail(&translate.Error{Kind: translate.Upstream, Message: "the upstream sent arguments of a tool call that it never began"})
		default:
			return nil
		}
		return d.begin(opened, piece, nil)
	}
	if b.number < 0 {
		d.searches.piece(index, piece)
		return nil
	}
	want := translate.Text
	switch string(jsonlit.Inner(kind)) {
	case "text_delta":
	case "thinking_delta":
		want = translate.Thinking
	case "input_json_delta":
		want = translate.ToolCall
	case "signature_delta":
		return d.signature(b, piece)
	case "citations_delta":
		d.cite(b, citation)
		return nil
	default:
		return nil
	}
	if b.kind != want {
		return nil
	}
	return d.say(b, piece)
}

func (d *streamDecoder) signature(b *openBlock, v translate.Value) error {
	if b == nil || b.kind != translate.Thinking || len(jsonlit.Inner(v)) == 0 {
		return nil
	}
	return d.send(translate.Event{Type: translate.EventSignature, Block: b.number, Signature: v})
}

// cite keeps a citation until the block that it covers has ended.
func (d *streamDecoder) cite(b *openBlock, v translate.Value) {
	if c, ok := citation(v); ok && b.kind == translate.Text {
		c.URL, c.Title, c.FileID, c.Quote = bytes.Clone(c.URL), bytes.Clone(c.Title), bytes.Clone(c.FileID), bytes.Clone(c.Quote)
		b.citations = append(b.citations, c)
	}
}

// blockStop stops a block; one that is not open is passed over, as a second
// stop must not reach the client.
func (d *streamDecoder) blockStop(b *openBlock) error {
	if b == nil || !b.open {
		return nil
	}
	b.open = false
	if b.number < 0 {
		return nil
	}
	if b.input != nil && !b.said {
		if err := d.say(b, b.input); err != nil {
			return err
		}
	}
	for i := range b.citations {
		if b.citations[i].End = b.runes; !b.cited {
			b.citations[i].End = 0
		}
		if err := d.send(translate.Event{Type: translate.EventCitation, Block: b.number, Citation: &b.citations[i]}); err != nil {
			return err
		}
	}
	return d.send(translate.Event{Type: translate.EventBlockStop, Block: b.number})
}
