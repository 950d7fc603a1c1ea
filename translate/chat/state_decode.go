package chat

import (
	"bytes"
	b64 "encoding/base64"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// maxDetails bounds what is kept of a choice's reasoning_details, in bytes.
const maxDetails = 4 << 20

// detail is an element of reasoning_details (OpenRouter's page "Reasoning
// Tokens"), put together of its pieces.
type detail struct {
	kind, id, format, index, text, summary, data, signature jsonlit.Value
}

// keepDetails gathers the details of a delta. In a stream a text comes in pieces
// of one index, the signature with the last.
func (c *choice) keepDetails(list jsonlit.Value) {
	for e := range jsonlit.Elements(list) {
		if c.detailed += len(e); c.detailed > maxDetails {
			c.details = nil // too much to be sent back; what is shown stays
			return
		}
		var x detail
		for name, v := range jsonlit.Fields(e) {
			if jsonlit.Null(v) {
				continue
			}
			v = bytes.Clone(v)
			switch string(name) {
			case "type":
				x.kind = v
			case "id":
				x.id = v
			case "format":
				x.format = v
			case "index":
				x.index = v
			case "text":
				x.text = v
			case "summary":
				x.summary = v
			case "data":
				x.data = v
			case "signature":
				x.signature = v
			}
		}
		c.opaque = c.opaque || jsonlit.IsString(x.data) || jsonlit.IsString(x.signature)
		if n := len(c.details); n > 0 && x.data == nil && c.details[n-1].data == nil &&
			bytes.Equal(c.details[n-1].kind, x.kind) && bytes.Equal(c.details[n-1].index, x.index) {
			c.details[n-1].add(&x)
			continue
		}
		c.details = append(c.details, x)
	}
}

func (d *detail) add(piece *detail) {
	join := func(to *jsonlit.Value, v jsonlit.Value) {
		if !jsonlit.IsString(*to) {
			*to = v
		} else if jsonlit.IsString(v) {
			*to = append(append((*to)[:len(*to)-1], jsonlit.Inner(v)...), '"')
		}
	}
	join(&d.text, piece.text)
	join(&d.summary, piece.summary)
	if piece.signature != nil {
		d.signature = piece.signature
	}
	if piece.id != nil {
		d.id = piece.id
	}
	if piece.format != nil {
		d.format = piece.format
	}
}

// takeState returns the details so far as a signature, nil when nothing in them
// is for the server's eyes only.
func (c *choice) takeState() jsonlit.Value {
	if !c.opaque {
		return nil
	}
	w := jsonlit.NewWriter(nil)
	w.Array()
	for i := range c.details {
		x := &c.details[i]
		w.Object()
		w.Field("type", x.kind)
		w.Field("id", x.id)
		w.Field("format", x.format)
		w.Field("index", x.index)
		w.Field("text", x.text)
		w.Field("summary", x.summary)
		w.Field("data", x.data)
		w.Field("signature", x.signature)
		w.EndObject()
	}
	w.EndArray()
	c.details, c.opaque = nil, false
	return append(b64.RawURLEncoding.AppendEncode(jsonlit.Value{'"'}, w.Bytes()), '"')
}

// loneState passes on state that came without thinking to sign.
func (d *streamDecoder) loneState(c *choice, emit func(*translate.Event) error) error {
	state := c.takeState()
	if state == nil {
		return nil
	}
	b := d.blocks
	d.blocks++
	for _, ev := range []translate.Event{
		{Type: translate.EventBlockStart, Choice: c.index, Block: b, Kind: translate.Thinking, Redacted: true},
		{Type: translate.EventSignature, Block: b, Signature: state},
		{Type: translate.EventBlockStop, Block: b},
	} {
		d.ev = ev
		if err := emit(&d.ev); err != nil {
			return err
		}
	}
	return nil
}

// details reads what a message of the history holds of reasoning_details that
// the gateway wrote. Others are for the server that wrote them.
func details(parts []translate.Part, list jsonlit.Value) []translate.Part {
	for e := range jsonlit.Elements(list) {
		if data := jsonlit.Get(e, "data"); jsonlit.IsString(data) && carried(data) {
			parts = append(parts, translate.Part{Kind: translate.Thinking, Signature: data})
		}
	}
	return parts
}
