package responses

import (
	"strconv"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/carrier"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// maxOutputBytes bounds what an answer's items may come to: a stream's last
// events repeat all of its text.
const maxOutputBytes = 32 << 20

// builder writes output items from the blocks of an answer. Text is gathered as
// escaped fragments, which concatenate to the inside of a JSON string.
type builder struct {
	base    string
	output  []byte // finished items, as the elements of an array
	n       int    // the present item's output_index
	refusal bool   // a refusal was among the parts

	kind        translate.Kind
	isOpen      bool
	id          string
	call        translate.Call
	search      *translate.Search // of the present item, set before it is opened
	state       value             // a reasoning item's
	parts       []byte            // a message's finished parts, as the elements of an array
	count       int               // how many
	text        []byte            // the present part's text, a call's arguments, an image's data
	annotations []byte
	cited       int
	logprobs    []byte
}

// fits reports whether a block belongs in the item that is open: texts and
// refusals that follow each other are the parts of one message.
func (b *builder) fits(kind translate.Kind) bool {
	return b.isOpen && isMessage(b.kind) && isMessage(kind)
}

func isMessage(k translate.Kind) bool { return k == translate.Text || k == translate.Refusal }

// open begins an item for a block; it does nothing for a block that no item can
// hold, and returns false.
func (b *builder) open(kind translate.Kind, call *translate.Call) bool {
	prefix := ""
	switch kind {
	case translate.Text, translate.Refusal:
		prefix = "msg_"
	case translate.Thinking:
		prefix = "rs_"
	case translate.Image:
		prefix = "ig_"
	case translate.WebSearch:
		prefix = "ws_"
	case translate.ToolCall:
		b.call = translate.Call{ID: call.ID, Name: call.Name, Namespace: call.Namespace, Custom: call.Custom}
		if prefix = "fc_"; call.Custom {
			prefix = "ctc_"
		}
	default:
		return false
	}
	b.isOpen, b.kind = true, kind
	b.id = prefix + b.base + "_" + strconv.Itoa(b.n)
	return true
}

// part takes a whole part into the open item.
func (b *builder) part(p *translate.Part) {
	if !b.isOpen {
		return
	}
	b.kind = p.Kind
	switch p.Kind {
	case translate.ToolCall:
		b.write(p.Call.AppendText(nil))
	case translate.Image:
		if p.Media != nil {
			b.text = append(b.text, p.Media.Data...)
		}
	default:
		b.write(p.Text)
		if p.Kind == translate.Thinking && stateful(p.Signature) {
			b.state = p.Signature
		}
		for i := range p.Citations {
			b.cite(&p.Citations[i])
		}
		b.probable(p.Logprobs)
	}
	b.endPart()
}

// write takes a piece of text, a string literal, and returns what was added.
func (b *builder) write(v value) []byte {
	before := len(b.text)
	b.text = jsonlit.AppendLiteral(b.text, jsonlit.Inner(v))
	return b.text[before:]
}

// cite takes a citation and returns its JSON.
func (b *builder) cite(c *translate.Citation) []byte {
	if b.cited > 0 {
		b.annotations = append(b.annotations, ',')
	}
	b.cited++
	before := len(b.annotations)
	var w jsonlit.Writer
	if len(c.URL) == 0 {
		w = jsonlit.NewWriter(append(b.annotations, `{"type":"file_citation"`...))
		w.LiteralField("file_id", c.FileID)
		w.LiteralField("filename", c.Title)
		w.IntField("index", int64(c.End))
	} else {
		w = jsonlit.NewWriter(append(b.annotations, `{"type":"url_citation"`...))
		w.LiteralField("url", c.URL)
		w.LiteralField("title", c.Title)
		w.IntField("start_index", int64(c.Start))
		w.IntField("end_index", int64(c.End))
	}
	b.annotations = append(w.Bytes(), '}')
	return b.annotations[before:]
}

// probable takes log probabilities, an array, and returns its elements on one
// line.
func (b *builder) probable(list value) []byte {
	if probabilities(list) == nil {
		return nil
	}
	v := append(value(nil), list...)
	if v.Compact() != nil {
		return nil
	}
	if len(b.logprobs) > 0 {
		b.logprobs = append(b.logprobs, ',')
	}
	before := len(b.logprobs)
	b.logprobs = jsonlit.AppendLiteral(b.logprobs, v[1:len(v)-1])
	return b.logprobs[before:]
}

// endPart finishes the present part of a message.
func (b *builder) endPart() {
	if !b.isOpen || !isMessage(b.kind) {
		return
	}
	if b.count > 0 {
		b.parts = append(b.parts, ',')
	}
	b.count++
	b.parts = b.appendPart(b.parts)
	b.refusal = b.refusal || b.kind == translate.Refusal
	b.text, b.annotations, b.logprobs, b.cited = b.text[:0], b.annotations[:0], b.logprobs[:0], 0
}

// appendPart writes the present part of a message.
func (b *builder) appendPart(dst []byte) []byte {
	if b.kind == translate.Refusal {
		dst = append(append(dst, `{"type":"refusal","refusal":"`...), b.text...)
		return append(dst, `"}`...)
	}
	dst = append(append(dst, `{"type":"output_text","annotations":[`...), b.annotations...)
	dst = append(append(dst, `],"logprobs":[`...), b.logprobs...)
	dst = append(append(dst, `],"text":"`...), b.text...)
	return append(dst, `"}`...)
}

// appendItem writes the present item. status is "in_progress" for the empty
// shell of one that has just begun.
func (b *builder) appendItem(dst []byte, status string) []byte {
	dst = append(append(dst, `{"id":"`...), b.id...)
	w := jsonlit.NewWriter(append(dst, '"'))
	switch b.kind {
	case translate.Thinking:
		w.StringField("type", "reasoning")
		w.Key("summary")
		w.Array()
		if len(b.text) > 0 {
			w.Object()
			w.StringField("type", "summary_text")
			w.Key("text")
			w.Fragment(b.text)
			w.EndObject()
		}
		w.EndArray()
		if status != "in_progress" && len(b.state) > 0 {
			w.LiteralField("encrypted_content", b.state)
		}
	case translate.ToolCall:
		if b.call.Custom {
			w.StringField("type", "custom_tool_call")
		} else {
			w.StringField("type", "function_call")
		}
		w.StringField("status", status)
		w.StringField("call_id", b.call.ID)
		w.StringField("name", b.call.Name)
		if b.call.Namespace != "" {
			w.StringField("namespace", b.call.Namespace)
		}
		if b.call.Custom {
			w.LiteralField("input", b.input())
		} else {
			w.Key("arguments")
			w.Fragment(b.text)
		}
	case translate.WebSearch:
		appendSearch(&w, b.search, status)
	case translate.Image:
		w.StringField("type", "image_generation_call")
		w.StringField("status", status)
		w.Key("result")
		if len(b.text) > 0 {
			w.Fragment(b.text)
		} else {
			w.Null()
		}
	default:
		w.StringField("type", "message")
		w.StringField("status", status)
		w.StringField("role", "assistant")
		w.Key("content")
		w.Array()
		w = jsonlit.NewWriter(append(w.Bytes(), b.parts...))
		w.EndArray()
	}
	w.EndObject()
	return w.Bytes()
}

// stateful reports whether a signature is one that the gateway carries. Another
// vendor's as it is means nothing to OpenAI, which refuses a request that brings
// one back.
func stateful(signature value) bool { return carrier.Is(jsonlit.Inner(signature)) }

// reason adds a reasoning item that holds nothing but state: that of a text or
// of a call, which have no place for it themselves.
func (b *builder) reason(state value) {
	if stateful(state) {
		b.close("completed")
		b.open(translate.Thinking, nil)
		b.state = state
		b.close("completed")
	}
}

// input is a custom tool's free text, a string literal.
func (b *builder) input() value {
	if s := string(b.text); s == "" || s == "{}" {
		return value(`""`)
	}
	quoted := append(append(make(value, 0, len(b.text)+2), '"'), b.text...)
	return translate.InputOf(append(quoted, '"'))
}

// close ends the item, if one is open, and counts it.
func (b *builder) close(status string) {
	if !b.isOpen {
		return
	}
	if b.n > 0 {
		b.output = append(b.output, ',')
	}
	b.output = b.appendItem(b.output, status)
	b.n++
	b.isOpen, b.count, b.state = false, 0, nil
	b.parts, b.text = b.parts[:0], b.text[:0]
}

// full reports that the answer is larger than may be gathered.
func (b *builder) full() bool { return len(b.output)+len(b.parts)+len(b.text) > maxOutputBytes }
