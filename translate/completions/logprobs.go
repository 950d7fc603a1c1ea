package completions

import (
	"slices"
	"strconv"

	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// tokenList turns Completions' parallel arrays (openai-go's
// CompletionChoiceLogprobs) into the list of tokens that Chat has; nil when
// there are no tokens. The first token of an echoed prompt has no probability;
// it is given as 0.
func tokenList(v jsonlit.Value) jsonlit.Value {
	probs := elements(jsonlit.Get(v, "token_logprobs"))
	tops := elements(jsonlit.Get(v, "top_logprobs"))
	w := jsonlit.NewWriter(nil)
	w.Array()
	i := 0
	for token := range jsonlit.Elements(jsonlit.Get(v, "tokens")) {
		if !jsonlit.IsString(token) {
			return nil
		}
		w.Object()
		writeToken(&w, token, at(probs, i))
		w.Key("top_logprobs")
		w.Array()
		for name, p := range jsonlit.Fields(at(tops, i)) {
			w.Object()
			writeToken(&w, jsonlit.Quote(string(name)), p)
			w.EndObject()
		}
		w.EndArray()
		w.EndObject()
		i++
	}
	w.EndArray()
	if i == 0 {
		return nil
	}
	return w.Bytes()
}

// writeToken writes what a token and its alternatives have in common; bytes is
// null, for Completions tells none.
func writeToken(w *jsonlit.Writer, token, logprob jsonlit.Value) {
	w.Field("token", token)
	w.Key("logprob")
	if _, ok := jsonlit.Float(logprob); ok {
		w.Raw(logprob)
	} else {
		w.Int(0)
	}
	w.Key("bytes")
	w.Null()
}

func elements(v jsonlit.Value) (list []jsonlit.Value) {
	for e := range jsonlit.Elements(v) {
		list = append(list, e)
	}
	return list
}

func at(list []jsonlit.Value, i int) jsonlit.Value {
	if i < len(list) {
		return list[i]
	}
	return nil
}

// appendArrays turns Chat's list of tokens into Completions' parallel arrays.
// offset is where the text of these tokens begins in the whole, in characters;
// the new offset is returned.
func appendArrays(dst []byte, list jsonlit.Value, offset int) ([]byte, int) {
	tokens := append(dst, `{"tokens":[`...)
	var probs, tops, offsets []byte
	first := true
	for e := range jsonlit.Elements(list) {
		token := jsonlit.Get(e, "token")
		if !jsonlit.IsString(token) {
			continue
		}
		if !first {
			tokens, probs, tops, offsets = append(tokens, ','), append(probs, ','), append(tops, ','), append(offsets, ',')
		}
		first = false
		tokens = jsonlit.AppendLiteral(tokens, token)
		probs = appendProb(probs, jsonlit.Get(e, "logprob"))
		offsets = strconv.AppendInt(offsets, int64(offset), 10)
		offset += len([]rune(jsonlit.Str(token)))
		tops = appendTop(tops, jsonlit.Get(e, "top_logprobs"))
	}
	dst = append(append(tokens, `],"token_logprobs":[`...), probs...)
	dst = append(append(dst, `],"top_logprobs":[`...), tops...)
	dst = append(append(dst, `],"text_offset":[`...), offsets...)
	return append(dst, ']', '}'), offset
}

func appendProb(dst []byte, v jsonlit.Value) []byte {
	if _, ok := jsonlit.Float(v); !ok {
		return append(dst, "null"...)
	}
	return append(dst, v...)
}

// appendTop writes the alternatives as an object; the likelier of two that are
// written alike stands first and alone.
func appendTop(dst []byte, list jsonlit.Value) []byte {
	dst = append(dst, '{')
	var seen []string
	for e := range jsonlit.Elements(list) {
		token := jsonlit.Get(e, "token")
		if name := jsonlit.Str(token); !jsonlit.IsString(token) || slices.Contains(seen, name) {
			continue
		} else {
			seen = append(seen, name)
		}
		if len(seen) > 1 {
			dst = append(dst, ',')
		}
		dst = append(jsonlit.AppendLiteral(dst, token), ':')
		dst = appendProb(dst, jsonlit.Get(e, "logprob"))
	}
	return append(dst, '}')
}
