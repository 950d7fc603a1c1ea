package gemini

import (
	"slices"
	"strconv"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/carrier"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// answer writes what answers and the fragments of streams have in common.
//
// Of signatures only those that the gateway carries are written: others that
// arrive here are of other vendors, and a client would send them back to Google.
// They stand on the next call, which clients keep in any case, or else on a last
// part without text.
type answer struct {
	states    []pendingState
	hide      bool // the client asked for no thoughts
	id, model string
	calls     []string // ids given out
	scratch   []byte
}

// pendingState is state for which the part to stand on is still to come.
type pendingState struct {
	choice int
	text   []byte
}

// keep takes a signature.
func (a *answer) keep(choice int, signature translate.Value) {
	if in := jsonlit.Inner(signature); carrier.Is(in) {
		a.states = append(a.states, pendingState{choice, slices.Clone(in)})
	}
}

// appendState writes what was kept for a choice as the member of the part that
// is open.
func (a *answer) appendState(w *jsonlit.Writer, choice int) {
	var list [][]byte
	left := a.states[:0]
	for _, s := range a.states {
		if s.choice == choice {
			list = append(list, s.text)
		} else {
			left = append(left, s)
		}
	}
	if a.states = left; list != nil {
		w.Key("thoughtSignature")
		w.Fragment(carrier.Encoded(nil, carrier.Join(nil, list...)))
	}
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
func (a *answer) part(w *jsonlit.Writer, choice int, p *translate.Part) error {
	a.keep(choice, p.Signature)
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
		return a.call(w, choice, p.Call)
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
func (a *answer) call(w *jsonlit.Writer, choice int, c *translate.Call) error {
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
	a.appendState(w, choice)
	w.EndObject()
	return nil
}

// last writes a part without text, with the state that no part has taken.
func (a *answer) last(w *jsonlit.Writer, choice int) {
	w.Object()
	w.StringField("text", "")
	a.appendState(w, choice)
	w.EndObject()
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
