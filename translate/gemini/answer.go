package gemini

import (
	"slices"
	"strconv"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// answer writes what answers and the fragments of streams have in common.
//
// Signatures are not written: those that arrive here are of other vendors, and
// a client would send them back to Google.
type answer struct {
	hide      bool // the client asked for no thoughts
	id, model string
	calls     []string // ids given out
	scratch   []byte
}

func newAnswer(reply translate.Reply) answer {
	return answer{hide: reply.Request.Reasoning.Show == translate.False, id: reply.ID, model: reply.Model}
}

// name takes the upstream's names for the answer and the model over, where it
// gave some.
func (a *answer) name(id, model string) {
	clean := make([]byte, 0, len(id))
	for i := 0; i < len(id) && i < 128; i++ {
		if c := id[i]; c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-' {
			clean = append(clean, c)
		}
	}
	if len(clean) > 0 {
		a.id = string(clean)
	}
	if model != "" {
		a.model = model
	}
}

// part writes one part of a whole answer.
func (a *answer) part(w *jsonlit.Writer, p *translate.Part) error {
	switch p.Kind {
	case translate.Text, translate.Refusal:
		if len(p.Text) > 2 {
			a.text(w, p.Text, false)
		}
	case translate.Thinking:
		if len(p.Text) > 2 && !a.hide {
			a.text(w, p.Text, true)
		}
	case translate.ToolCall:
		return a.call(w, p.Call)
	case translate.Image, translate.Audio:
		a.media(w, p.Kind, p.Media)
	}
	return nil
}

func (a *answer) text(w *jsonlit.Writer, text translate.Value, thought bool) {
	w.Object()
	w.LiteralField("text", text)
	if thought {
		w.BoolField("thought", true)
	}
	w.EndObject()
}

// call writes a functionCall. Its arguments are an object here, so what a model
// wrote as something else cannot be passed on.
func (a *answer) call(w *jsonlit.Writer, c *translate.Call) error {
	args, ok := c.AppendObject(a.scratch[:0])
	a.scratch = args
	if !ok {
		return malformedCall("", "arguments that are no JSON object")
	}
	w.Object()
	w.Key("functionCall")
	w.Object()
	w.StringField("id", a.unique(c.ID))
	w.StringField("name", c.Name)
	w.Key("args")
	w.Raw(oneLine(args))
	w.EndObject()
	w.EndObject()
	return nil
}

// unique returns an id that no other call of the answer has: Gemini CLI loses
// one of two results that share an id.
func (a *answer) unique(id string) string {
	out := id
	for n := 2; slices.Contains(a.calls, out); n++ {
		out = id + "_" + strconv.Itoa(n)
	}
	a.calls = append(a.calls, out)
	return out
}

// oneLine takes the line breaks out of valid JSON, in place where it can: in a
// stream they would end the line of the event. U+2028 and U+2029 end lines for
// some clients and are escaped.
func oneLine(v jsonlit.Value) jsonlit.Value {
	for i, c := range v {
		if c == '\n' || c == '\r' {
			v[i] = ' '
		}
	}
	return jsonlit.AppendLiteral(make([]byte, 0, len(v)), v)
}

func (a *answer) media(w *jsonlit.Writer, kind translate.Kind, m *translate.Media) {
	if m == nil || len(m.Data)+len(m.URL) == 0 {
		return
	}
	mime := m.MIME
	w.Object()
	if len(m.Data) > 0 {
		if mime == "" {
			mime = mimeOfData(kind, m.Data)
		}
		w.Key("inlineData")
		w.Object()
		w.StringField("mimeType", mime)
		w.Key("data")
		w.Fragment(m.Data)
	} else {
		if mime == "" {
			mime = mimeOfURL(jsonlit.Str(m.URL))
		}
		w.Key("fileData")
		w.Object()
		w.StringField("mimeType", mime)
		w.LiteralField("fileUri", m.URL)
	}
	w.EndObject()
	w.EndObject()
}

// finish writes the members of a candidate that has come to its end.
func (a *answer) finish(w *jsonlit.Writer, index int, stop translate.StopReason, logprobs []translate.Value) {
	w.StringField("finishReason", reasonOf(stop))
	w.IntField("index", int64(index))
	if len(logprobs) > 0 {
		appendLogprobs(w, logprobs)
	}
}

// end writes what follows the candidates, and ends the object.
func (a *answer) end(w *jsonlit.Writer, u *translate.Usage) {
	if u != nil {
		appendUsage(w, u)
	}
	w.StringField("modelVersion", a.model)
	w.StringField("responseId", a.id)
	w.EndObject()
}
