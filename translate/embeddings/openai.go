package embeddings

import (
	"fmt"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// OpenAI is the form of POST /v1/embeddings (openai-go EmbeddingNewParams and
// CreateEmbeddingResponse).
type OpenAI struct{}

var _ Form = OpenAI{}

// DecodeRequest implements Form. Inputs that are token ids are refused: they
// mean something to one vendor's tokenizer only.
func (OpenAI) DecodeRequest(body []byte) (*Request, error) {
	r := new(Request)
	for name, v := range jsonlit.Fields(body) {
		if jsonlit.Null(v) {
			continue
		}
		switch string(name) {
		case "model":
		case "input":
			if err := r.input(v); err != nil {
				return nil, err
			}
		case "dimensions":
			n, ok := jsonlit.Int(v)
			if !ok || n < 1 {
				return nil, translate.BadRequest("dimensions", "must be a positive integer")
			}
			r.Dimensions = n
		case "encoding_format":
			switch jsonlit.Str(v) {
			case "float":
			case "base64":
				r.Base64 = true
			default:
				return nil, translate.BadRequest("encoding_format", `must be "float" or "base64"`)
			}
		case "user":
			r.User = v
		default:
			r.extra(string(name))
		}
	}
	if len(r.Texts) == 0 {
		return nil, translate.BadRequest("input", "is required: a string or a list of strings")
	}
	return r, nil
}

func (r *Request) input(v translate.Value) error {
	switch v.Kind() {
	case '"':
		r.Texts = []translate.Value{v}
		return nil
	case '[':
	default:
		return translate.BadRequest("input", "must be a string or a list of strings")
	}
	r.Texts = nil
	i := 0
	for e := range jsonlit.Elements(v) {
		switch e.Kind() {
		case '"':
			r.Texts = append(r.Texts, e)
		case '0', '[':
			return translate.BadRequest("input", "token ids belong to OpenAI's tokenizer; for the account chosen for this model, send the text")
		default:
			return translate.BadRequest(fmt.Sprintf("input[%d]", i), "must be a string")
		}
		i++
	}
	return nil
}

// AppendRequest implements Form. Vectors are asked for as numbers.
func (OpenAI) AppendRequest(dst []byte, r *Request, model string, losses *translate.Losses) []byte {
	r.lose(losses, "taskType", "title")
	w := jsonlit.NewWriter(append(dst, '{'))
	w.StringField("model", model)
	w.Key("input")
	w.Array()
	for _, text := range r.Texts {
		w.Raw(text)
	}
	w.EndArray()
	w.StringField("encoding_format", "float")
	if r.Dimensions > 0 {
		w.IntField("dimensions", r.Dimensions)
	}
	w.Field("user", r.User)
	w.EndObject()
	return w.Bytes()
}

// DecodeResponse implements Form. Vectors in base64 are understood too: some
// compatible servers send them unasked.
func (OpenAI) DecodeResponse(body []byte) (*Response, error) {
	a := &Response{Model: jsonlit.Str(jsonlit.Get(body, "model"))}
	for e := range jsonlit.Elements(jsonlit.Get(body, "data")) {
		v := jsonlit.Get(e, "embedding")
		if jsonlit.IsString(v) {
			var err error
			if v, err = fromBase64(v); err != nil {
				return nil, err
			}
		}
		if !jsonlit.IsArray(v) {
			return nil, upstreamError("the upstream's answer lacks an embedding")
		}
		a.Vectors = append(a.Vectors, v)
	}
	if err := a.order(jsonlit.Get(body, "data")); err != nil {
		return nil, err
	}
	usage := jsonlit.Get(body, "usage")
	for _, name := range []string{"prompt_tokens", "total_tokens"} {
		if n, ok := jsonlit.Int(jsonlit.Get(usage, name)); ok && n > 0 {
			a.Tokens = n
			break
		}
	}
	return a, nil
}

// order brings the vectors into the order of their indices, where they have any.
func (a *Response) order(data translate.Value) error {
	sorted := make([]translate.Value, len(a.Vectors))
	i := 0
	for e := range jsonlit.Elements(data) {
		at := int64(i)
		if v := jsonlit.Get(e, "index"); !jsonlit.Null(v) {
			at, _ = jsonlit.Int(v)
		}
		if at < 0 || at >= int64(len(sorted)) || sorted[at] != nil {
			return upstreamError("the upstream's answer numbers its embeddings wrongly")
		}
		sorted[at] = a.Vectors[i]
		i++
	}
	a.Vectors = sorted
	return nil
}

// AppendResponse implements Form. Tokens are an estimate where the upstream has
// told none, for the form requires them.
func (OpenAI) AppendResponse(dst []byte, a *Response, r *Request) ([]byte, error) {
	w := jsonlit.NewWriter(append(dst, '{'))
	w.StringField("object", "list")
	w.Key("data")
	w.Array()
	for i, v := range a.Vectors {
		w.Object()
		w.StringField("object", "embedding")
		w.IntField("index", int64(i))
		w.Key("embedding")
		if r.Base64 {
			b, err := toBase64(v)
			if err != nil {
				return nil, err
			}
			w.Raw(b)
		} else {
			w.Raw(v)
		}
		w.EndObject()
	}
	w.EndArray()
	w.StringField("model", a.Model)
	tokens := a.Tokens
	if tokens == 0 {
		tokens = r.Estimate()
	}
	w.Key("usage")
	w.Object()
	w.IntField("prompt_tokens", tokens)
	w.IntField("total_tokens", tokens)
	w.EndObject()
	w.EndObject()
	return w.Bytes(), nil
}
