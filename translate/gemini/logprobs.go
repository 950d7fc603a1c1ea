package gemini

import (
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// decodeLogprobs makes the list of Chat's token probabilities of a
// genai.LogprobsResult: the tokens chosen, each with the likeliest of its place.
// nil when there are none.
func decodeLogprobs(v jsonlit.Value) jsonlit.Value {
	var top []jsonlit.Value
	for _, t := range items(camelGet(v, "topCandidates")) {
		top = append(top, camelGet(t, "candidates"))
	}
	var w jsonlit.Writer
	w.Array()
	n := 0
	for i, chosen := range items(camelGet(v, "chosenCandidates")) {
		w.Object()
		token(&w, chosen)
		w.Key("top_logprobs")
		w.Array()
		if i < len(top) {
			for _, t := range items(top[i]) {
				w.Object()
				token(&w, t)
				w.EndObject()
			}
		}
		w.EndArray()
		w.EndObject()
		n++
	}
	w.EndArray()
	if n == 0 {
		return nil
	}
	return w.Bytes()
}

func token(w *jsonlit.Writer, v jsonlit.Value) {
	text := camelGet(v, "token")
	if !jsonlit.IsString(text) {
		text = jsonlit.Value(`""`)
	}
	w.Field("token", text)
	lit, err := number("", camelGet(v, "logProbability"))
	if err != nil {
		lit = jsonlit.Value("0") // left out by encoders that omit zeros
	}
	w.Field("logprob", lit)
	w.Key("bytes")
	w.Array()
	for _, b := range jsonlit.AppendUnquoted(nil, text) {
		w.Int(int64(b))
	}
	w.EndArray()
}

// appendLogprobs writes the logprobsResult member out of Chat's lists.
func appendLogprobs(w *jsonlit.Writer, lists []translate.Value) {
	w.Key("logprobsResult")
	w.Object()
	for _, field := range []string{"chosenCandidates", "topCandidates"} {
		w.Key(field)
		w.Array()
		for _, list := range lists {
			for t := range jsonlit.Elements(list) {
				if field == "chosenCandidates" {
					appendToken(w, t)
					continue
				}
				w.Object()
				w.Key("candidates")
				w.Array()
				for top := range jsonlit.Elements(jsonlit.Get(t, "top_logprobs")) {
					appendToken(w, top)
				}
				w.EndArray()
				w.EndObject()
			}
		}
		w.EndArray()
	}
	w.EndObject()
}

func appendToken(w *jsonlit.Writer, v jsonlit.Value) {
	w.Object()
	w.LiteralField("token", jsonlit.Get(v, "token"))
	w.Field("logProbability", jsonlit.Get(v, "logprob"))
	w.EndObject()
}
