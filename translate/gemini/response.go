package gemini

import (
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
	"github.com/fairway-gateway/fairway/translate/sse"
)

// DecodeResponse reads a whole GenerateContentResponse, or a list of fragments
// of one. It goes the way of a stream's fragments, so that an answer reads the
// same whether it was streamed or not; unlike a stream it may lack finish
// reasons, since its end is known.
func (Dialect) DecodeResponse(body []byte) (*translate.Response, error) {
	if !jsonlit.Valid(body) {
		return nil, &translate.Error{Kind: translate.Upstream, Message: "the upstream's answer is no JSON"}
	}
	var acc translate.Accumulator
	d := decoder{whole: true}
	if err := d.Decode(sse.Frame{Data: body}, acc.Push); err != nil {
		return nil, err
	}
	if !d.ended && len(d.candidates) == 0 && !d.blocked {
		return nil, &translate.Error{Kind: translate.Upstream, Message: "the upstream's answer holds no candidates"}
	}
	if err := d.Close(acc.Push); err != nil {
		return nil, err
	}
	return acc.Response()
}

// AppendResponse writes a GenerateContentResponse.
func (Dialect) AppendResponse(dst []byte, r *translate.Response, reply translate.Reply) ([]byte, error) {
	a := newAnswer(reply)
	a.name(r.ID, r.Model)
	w := jsonlit.NewWriter(dst)
	w.Object()
	w.Key("candidates")
	w.Array()
	for i := range r.Choices {
		c := &r.Choices[i]
		var logprobs []translate.Value
		var g grounding
		parts := 0
		w.Object()
		w.Key("content")
		w.Object()
		w.Key("parts")
		w.Array()
		for j := range c.Parts {
			p, before := &c.Parts[j], len(w.Bytes())
			if err := a.part(&w, c.Index, p); err != nil {
				return dst, err
			}
			if p.Kind == translate.Text && len(p.Text) > 2 {
				var text translate.Ruler
				text.Add(p.Text)
				for k := range p.Citations {
					g.cite(&p.Citations[k], &text, parts, 0)
				}
			}
			if p.Search != nil {
				g.search(p.Search)
			}
			if wrote := len(w.Bytes()); wrote > before {
				parts++
			}
			if len(p.Logprobs) > 0 {
				logprobs = append(logprobs, p.Logprobs)
			}
		}
		if len(a.states) > 0 {
			a.last(&w, c.Index)
		}
		w.EndArray()
		w.StringField("role", "model")
		w.EndObject()
		a.finish(&w, c.Index, c.Stop, logprobs)
		g.append(&w)
		w.EndObject()
	}
	w.EndArray()
	a.end(&w, r.Usage)
	return w.Bytes(), nil
}
