package exchange

import (
	"strings"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// namesModel returns where in a body that passed the scan the literals of its
// model stand, in order. A batch may name several models; it goes where the
// first one goes, and only the literals of that one are returned.
func namesModel(op *operation, body []byte) (model string, spans [][2]int) {
	add := func(object translate.Value, base int) {
		for m := range jsonlit.Members(object) {
			v := translate.Value(object[m.Start:m.End])
			if string(m.Name) != "model" || !jsonlit.IsString(v) {
				continue
			}
			name := jsonlit.Str(v)
			if model == "" {
				model = name
			}
			if name == model || op.model == pathModel {
				spans = append(spans, [2]int{base + m.Start, base + m.End})
			}
		}
	}
	if op.model != batchModel {
		add(body, 0)
		if op.model != pathModel {
			return model, spans
		}
	}
	for m := range jsonlit.Members(body) {
		if string(m.Name) != "requests" {
			continue
		}
		list := translate.Value(body[m.Start:m.End])
		for start, end := range jsonlit.ElementSpans(list) {
			one := list[start:end]
			if op.model == pathModel {
				add(one, m.Start+start)
				continue
			}
			for in := range jsonlit.Members(one) {
				if string(in.Name) == "params" {
					add(one[in.Start:in.End], m.Start+start+in.Start)
				}
			}
		}
	}
	return model, spans
}

// renamed returns a body with another model's name in the places of the old.
// Google's prefix stays where the client wrote it.
func renamed(body []byte, spans [][2]int, model string) []byte {
	out := make([]byte, 0, len(body)+len(spans)*(len(model)+8))
	from := 0
	for _, s := range spans {
		out = append(out, body[from:s[0]]...)
		name := model
		if strings.HasPrefix(jsonlit.Str(body[s[0]:s[1]]), "models/") {
			name = "models/" + model
		}
		out = jsonlit.AppendQuote(out, name)
		from = s[1]
	}
	return append(out, body[from:]...)
}
