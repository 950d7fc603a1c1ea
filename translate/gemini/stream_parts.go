package gemini

import (
	"slices"
	"strconv"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// part turns a part of an answer into events. Texts of one kind that follow
// each other are pieces of one block; everything else comes whole.
func (d *decoder) part(c *candidate, v jsonlit.Value, emit emitter) error {
	var text, signature, call, inline, file, code, output jsonlit.Value
	thought := false
	for k, v := range jsonlit.Fields(v) {
		if jsonlit.Null(v) {
			continue
		}
		switch string(member(k)) {
		case "text":
			if jsonlit.IsString(v) {
				text = v
			}
		case "thought":
			thought = jsonlit.True(v)
		case "thoughtSignature":
			if jsonlit.IsString(v) && len(v) > 2 {
				signature = v
			}
		case "functionCall":
			call = v
		case "inlineData":
			inline = v
		case "fileData":
			file = v
		case "executableCode":
			code = v
		case "codeExecutionResult":
			output = v
		}
	}
	switch {
	case call != nil:
		return d.functionCall(c, call, signature, emit)
	case inline != nil && !thought:
		m, err := inlineData(inline)
		if err != nil {
			return d.fail(&translate.Error{Kind: translate.Upstream, Message: "the upstream sent media that cannot be read"}, emit)
		}
		return d.mediaBlock(c, m, signature, emit)
	case file != nil && !thought:
		m, err := fileData(file)
		if err != nil {
			return nil
		}
		return d.mediaBlock(c, m, signature, emit)
	case code != nil:
		text = fencedCode(code)
	case output != nil:
		text = fencedOutput(output)
	}
	kind := translate.Text
	if thought {
		kind = translate.Thinking
	}
	if len(text) > 2 {
		if err := d.text(c, kind, text, emit); err != nil {
			return err
		}
	}
	// The signature may come behind its text, with a part that has none.
	if signature != nil && c.block >= 0 && !c.signed {
		c.signed = true
		return d.signature(c.block, signature, emit)
	}
	if signature != nil { // or behind a call, or a second one
		return d.lone(c, signature, emit)
	}
	return nil
}

// lone gives on a signature that signs no part.
func (d *decoder) lone(c *candidate, signature jsonlit.Value, emit emitter) error {
	if err := d.shut(c, emit); err != nil {
		return err
	}
	block := d.blocks
	d.blocks++
	d.ev = translate.Event{Type: translate.EventBlockStart, Choice: c.index, Block: block, Kind: translate.Thinking, Redacted: true}
	if err := emit(&d.ev); err != nil {
		return err
	}
	if err := d.signature(block, signature, emit); err != nil {
		return err
	}
	return d.stop(block, emit)
}

func (d *decoder) text(c *candidate, kind translate.Kind, text jsonlit.Value, emit emitter) error {
	if c.block < 0 || c.kind != kind || c.signed {
		if err := d.shut(c, emit); err != nil {
			return err
		}
		c.block, c.kind, c.signed = d.blocks, kind, false
		c.ruler = translate.Ruler{}
		if err := d.open(c, kind, nil, nil, emit); err != nil {
			return err
		}
	}
	c.finished = false
	if kind == translate.Text {
		c.at = c.ruler.Bytes()
		c.ruler.Add(text)
	}
	d.ev = translate.Event{Type: translate.EventDelta, Block: c.block, Text: text}
	return emit(&d.ev)
}

// open starts a block under the next number.
func (d *decoder) open(c *candidate, kind translate.Kind, call *translate.Call, signature jsonlit.Value, emit emitter) error {
	c.finished = false
	d.ev = translate.Event{Type: translate.EventBlockStart, Choice: c.index, Block: d.blocks, Kind: kind, Call: call, Signature: signature}
	d.blocks++
	return emit(&d.ev)
}

// shut stops the candidate's open block, if there is one.
func (d *decoder) shut(c *candidate, emit emitter) error {
	if c.block < 0 {
		return nil
	}
	if c.kind == translate.Text {
		if err := d.cite(c, emit); err != nil {
			return err
		}
	}
	block := c.block
	c.block, c.signed = -1, false
	return d.stop(block, emit)
}

func (d *decoder) stop(block int, emit emitter) error {
	d.ev = translate.Event{Type: translate.EventBlockStop, Block: block}
	return emit(&d.ev)
}

func (d *decoder) signature(block int, v jsonlit.Value, emit emitter) error {
	if v == nil {
		return nil
	}
	d.ev = translate.Event{Type: translate.EventSignature, Block: block, Signature: v}
	return emit(&d.ev)
}

func (d *decoder) functionCall(c *candidate, v, signature jsonlit.Value, emit emitter) error {
	if err := d.shut(c, emit); err != nil {
		return err
	}
	d.call = translate.Call{}
	args := jsonlit.Value("{}")
	for k, v := range jsonlit.Fields(v) {
		switch string(k) {
		case "id":
			d.call.ID = jsonlit.Str(v)
		case "name":
			d.call.Name = jsonlit.Str(v)
		case "args":
			if jsonlit.IsObject(v) {
				args = v
			}
		}
	}
	if d.call.Name == "" {
		return d.fail(malformedCall("", "a functionCall without a name"), emit)
	}
	d.call.ID = d.callID(d.call.ID, d.call.Name, args)
	c.calls = true
	block := d.blocks
	if err := d.open(c, translate.ToolCall, &d.call, signature, emit); err != nil {
		return err
	}
	d.literal = jsonlit.AppendQuote(d.literal[:0], args)
	d.ev = translate.Event{Type: translate.EventDelta, Block: block, Text: d.literal}
	if err := emit(&d.ev); err != nil {
		return err
	}
	return d.stop(block, emit)
}

// callID returns an id that no other call of the answer has. Where Gemini gave
// none it is made of what tells this call from those of other answers too: the
// answer's id, the prompt's size and the call itself.
func (d *decoder) callID(id, name string, args []byte) string {
	if id == "" {
		id = translate.CallID(d.id, d.model, int(d.usage.Input), len(d.calls), name, args)
	}
	unique := id
	for n := 2; slices.Contains(d.calls, unique); n++ {
		unique = id + "_" + strconv.Itoa(n)
	}
	d.calls = append(d.calls, unique)
	return unique
}

// mediaBlock gives images and sounds on; nothing else is media of an answer.
func (d *decoder) mediaBlock(c *candidate, m *translate.Media, signature jsonlit.Value, emit emitter) error {
	kind := mediaKind(m)
	if kind != translate.Image && kind != translate.Audio {
		return nil
	}
	if err := d.shut(c, emit); err != nil {
		return err
	}
	block := d.blocks
	if err := d.open(c, kind, nil, nil, emit); err != nil {
		return err
	}
	d.media = *m
	d.ev = translate.Event{Type: translate.EventMedia, Block: block, Media: &d.media}
	if err := emit(&d.ev); err != nil {
		return err
	}
	if err := d.signature(block, signature, emit); err != nil {
		return err
	}
	return d.stop(block, emit)
}
