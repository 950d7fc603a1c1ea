package messages

import (
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// maxMemory bounds what is kept of an answer that may pause.
const maxMemory = 32 << 20

// Remember makes the decoder keep the answer as it comes, so that a paused one
// can be sent back.
func (d *streamDecoder) Remember() { d.memory = new(memory) }

var _ translate.Rememberer = (*streamDecoder)(nil)

// memory puts the blocks of a streamed answer together again.
type memory struct {
	blocks []rememberedBlock
	size   int
	over   bool // there was too much of it
}

type rememberedBlock struct {
	index     int
	start     []byte // the block as it began
	piece     string // the member that the deltas add to
	text      []byte // what they added, escaped
	signature []byte // a literal
	citations []byte // elements of an array
}

func (m *memory) start(index int, v translate.Value) {
	if m == nil || m.over {
		return
	}
	m.grow(len(v))
	m.blocks = append(m.blocks, rememberedBlock{index: index, start: append([]byte(nil), v...)})
}

// grow bounds the memory.
func (m *memory) grow(n int) {
	if m.size += n; m.size > maxMemory {
		m.over, m.blocks = true, nil
	}
}

func (m *memory) delta(index int, kind []byte, piece, citation translate.Value) {
	if m == nil || m.over {
		return
	}
	for i := len(m.blocks) - 1; i >= 0; i-- {
		b := &m.blocks[i]
		if b.index != index {
			continue
		}
		switch string(kind) {
		case "text_delta":
			b.piece = "text"
		case "thinking_delta":
			b.piece = "thinking"
		case "input_json_delta":
			b.piece = "input"
		case "signature_delta":
			b.signature = append(b.signature[:0], piece...)
		case "citations_delta":
			if len(b.citations) > 0 {
				b.citations = append(b.citations, ',')
			}
			b.citations = append(b.citations, citation...)
		}
		if string(kind) != "signature_delta" {
			b.text = append(b.text, jsonlit.Inner(piece)...)
		}
		m.grow(len(piece) + len(citation))
		return
	}
}

// content is the answer's content, nil when it cannot be told.
func (m *memory) content() translate.Value {
	if m == nil || m.over {
		return nil
	}
	var w jsonlit.Writer
	w.Array()
	for i := range m.blocks {
		m.blocks[i].append(&w)
	}
	w.EndArray()
	return w.Bytes()
}

func (b *rememberedBlock) append(w *jsonlit.Writer) {
	w.Object()
	for name, v := range jsonlit.Fields(b.start) {
		switch name := string(name); {
		case name == "citations" && len(b.citations) > 0, name == "signature" && len(b.signature) > 0:
		case name != b.piece:
			w.Key(name)
			w.Raw(v)
		case name == "input":
			w.Key(name)
			input := jsonlit.AppendUnquoted(nil, append(append([]byte{'"'}, b.text...), '"'))
			if !jsonlit.Valid(input) || !jsonlit.IsObject(input) {
				input = v
			}
			w.Raw(input)
		default:
			w.Key(name)
			w.Fragment(jsonlit.Inner(v), b.text)
		}
	}
	if len(b.citations) > 0 {
		w.Key("citations")
		w.Raw(append(append([]byte{'['}, b.citations...), ']'))
	}
	if len(b.signature) > 0 {
		w.Field("signature", b.signature)
	}
	w.EndObject()
}
