package chat

import (
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// delta is a chunk's delta, or a whole message, its members found and not yet
// read.
type delta struct {
	content, refusal, reasoning, details, images, calls, call, annotations jsonlit.Value

	signature jsonlit.Value // Google's, for what this delta says
	thought   bool          // Google: the content is thought
}

func (d *streamDecoder) delta(c *choice, v jsonlit.Value, emit func(*translate.Event) error) error {
	var x delta
	for name, val := range jsonlit.Fields(v) {
		switch string(name) {
		case "content":
			x.content = val
		case "refusal":
			x.refusal = val
		case "reasoning_content": // DeepSeek, vLLM
			if jsonlit.IsString(val) {
				x.reasoning = val
			}
		case "reasoning": // OpenRouter, newer vLLM: the same again where both are sent
			if jsonlit.IsString(val) && !jsonlit.IsString(x.reasoning) {
				x.reasoning = val
			}
		case "reasoning_details": // OpenRouter
			x.details = val
		case "images": // OpenRouter
			x.images = val
		case "tool_calls":
			x.calls = val
		case "function_call":
			x.call = val
		case "annotations":
			x.annotations = val
		case "extra_content":
			x.signature = jsonlit.Get(val, "google", "thought_signature")
			x.thought = jsonlit.True(jsonlit.Get(val, "google", "thought"))
		}
	}
	if err := d.think(c, &x, emit); err != nil {
		return err
	}
	if err := d.content(c, x.content, x.thought, emit); err != nil {
		return err
	}
	if err := d.say(c, translate.Refusal, x.refusal, emit); err != nil {
		return err
	}
	for img := range jsonlit.Elements(x.images) {
		if err := d.image(c, img, emit); err != nil {
			return err
		}
	}
	if jsonlit.IsString(x.signature) && c.open >= 0 {
		d.ev = translate.Event{Type: translate.EventSignature, Block: c.open, Signature: x.signature}
		if err := emit(&d.ev); err != nil {
			return err
		}
	}
	for a := range jsonlit.Elements(x.annotations) {
		if err := d.cite(c, a, emit); err != nil {
			return err
		}
	}
	for call := range jsonlit.Elements(x.calls) {
		if err := d.call(c, call, emit); err != nil || d.ended {
			return err
		}
	}
	if jsonlit.IsObject(x.call) {
		return d.legacyCall(c, x.call, emit)
	}
	return nil
}

// think passes on reasoning: a string, or OpenRouter's list of details when
// there is no string beside it.
func (d *streamDecoder) think(c *choice, x *delta, emit func(*translate.Event) error) error {
	c.keepDetails(x.details)
	if jsonlit.IsString(x.reasoning) {
		return d.say(c, translate.Thinking, x.reasoning, emit)
	}
	for e := range jsonlit.Elements(x.details) {
		text := jsonlit.Get(e, "text")
		if !jsonlit.IsString(text) {
			text = jsonlit.Get(e, "summary")
		}
		if err := d.say(c, translate.Thinking, text, emit); err != nil {
			return err
		}
	}
	return nil
}

// content passes on content: a string, or a list of parts, of which Mistral's
// of type thinking hold a list of texts themselves.
func (d *streamDecoder) content(c *choice, v jsonlit.Value, thought bool, emit func(*translate.Event) error) error {
	kind := translate.Text
	if thought {
		kind = translate.Thinking
	}
	if !jsonlit.IsArray(v) {
		return d.say(c, kind, v, emit)
	}
	for p := range jsonlit.Elements(v) {
		if jsonlit.IsString(p) {
			if err := d.say(c, kind, p, emit); err != nil {
				return err
			}
			continue
		}
		for name, val := range jsonlit.Fields(p) {
			var err error
			switch string(name) {
			case "text":
				err = d.say(c, kind, val, emit)
			case "refusal":
				err = d.say(c, translate.Refusal, val, emit)
			case "image_url":
				err = d.image(c, p, emit)
			case "thinking":
				err = d.content(c, val, true, emit)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// say passes on a piece of text, refusal or thinking, in the block that is open
// if it is of the same kind, else in a new one.
func (d *streamDecoder) say(c *choice, kind translate.Kind, text jsonlit.Value, emit func(*translate.Event) error) error {
	if len(jsonlit.Inner(text)) == 0 {
		return nil
	}
	c.said = true
	c.declined = c.declined || kind == translate.Refusal
	if c.open >= 0 && c.kind != kind {
		if err := d.shut(c, emit); err != nil {
			return err
		}
	}
	if c.open < 0 {
		if kind != translate.Thinking {
			if err := d.loneState(c, emit); err != nil {
				return err
			}
		}
		c.open, c.kind, c.before = d.blocks, kind, c.length
		if err := d.start(c, kind, nil, nil, emit); err != nil {
			return err
		}
	}
	if kind == translate.Text {
		c.length += translate.CodePoints(text)
	}
	d.ev = translate.Event{Type: translate.EventDelta, Block: c.open, Text: text}
	return emit(&d.ev)
}

// start starts the next block.
func (d *streamDecoder) start(c *choice, kind translate.Kind, call *translate.Call, signature jsonlit.Value, emit func(*translate.Event) error) error {
	d.ev = translate.Event{Type: translate.EventBlockStart, Choice: c.index, Block: d.blocks, Kind: kind, Call: call}
	if jsonlit.IsString(signature) {
		d.ev.Signature = signature
	}
	d.blocks++
	return emit(&d.ev)
}

// shut stops the choice's open block of text, refusal or thinking.
func (d *streamDecoder) shut(c *choice, emit func(*translate.Event) error) error {
	if c.open < 0 {
		return d.loneState(c, emit)
	}
	b := c.open
	c.open = -1
	if state := c.takeState(); state != nil && c.kind == translate.Thinking {
		d.ev = translate.Event{Type: translate.EventSignature, Block: b, Signature: state}
		if err := emit(&d.ev); err != nil {
			return err
		}
	}
	return d.stop(b, emit)
}

func (d *streamDecoder) stop(block int, emit func(*translate.Event) error) error {
	d.ev = translate.Event{Type: translate.EventBlockStop, Block: block}
	return emit(&d.ev)
}

// image passes on a generated image: {"image_url":{"url"}}.
func (d *streamDecoder) image(c *choice, v jsonlit.Value, emit func(*translate.Event) error) error {
	m, err := linked(jsonlit.Get(v, "image_url"), "", func(string) string { return "" })
	if err != nil {
		return nil // no image that a client could be given
	}
	if err := d.shut(c, emit); err != nil {
		return err
	}
	c.said = true
	b := d.blocks
	if err := d.start(c, translate.Image, nil, nil, emit); err != nil {
		return err
	}
	d.ev = translate.Event{Type: translate.EventMedia, Block: b, Media: m}
	if err := emit(&d.ev); err != nil {
		return err
	}
	return d.stop(b, emit)
}

// cite passes on an annotation of type url_citation (openai-go's
// ChatCompletionMessageAnnotationURLCitation) of the open text.
func (d *streamDecoder) cite(c *choice, v jsonlit.Value, emit func(*translate.Event) error) error {
	u := jsonlit.Get(v, "url_citation")
	if !jsonlit.IsString(jsonlit.Get(u, "url")) || c.open < 0 || c.kind != translate.Text {
		return nil
	}
	cite := &translate.Citation{URL: jsonlit.Get(u, "url")}
	if t := jsonlit.Get(u, "title"); jsonlit.IsString(t) {
		cite.Title = t
	}
	start, _ := jsonlit.Int(jsonlit.Get(u, "start_index"))
	end, _ := jsonlit.Int(jsonlit.Get(u, "end_index"))
	// The span counts from the beginning of the content, which other dialects
	// may have in several blocks.
	if cite.Start, cite.End = int(start)-c.before, int(end)-c.before; cite.Start < 0 || cite.End <= cite.Start {
		cite.Start, cite.End = 0, 0
	}
	d.ev = translate.Event{Type: translate.EventCitation, Block: c.open, Citation: cite}
	return emit(&d.ev)
}
