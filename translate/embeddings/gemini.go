package embeddings

import (
	"bytes"
	"fmt"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// Gemini is the form of models/{model}:embedContent and, with Batch,
// :batchEmbedContents (google.ai.generativelanguage.v1beta EmbedContentRequest
// and BatchEmbedContentsRequest). Members are understood in snake case too, as
// protobuf's JSON mapping requires.
type Gemini struct{ Batch bool }

var _ Form = Gemini{}

// DecodeRequest implements Form. Several text parts of a content make one text,
// on lines of their own. Requests of a batch may differ in what they embed, not
// in the size of their vectors, as OpenAI's form has one size for all.
func (g Gemini) DecodeRequest(body []byte) (*Request, error) {
	r := new(Request)
	if !g.Batch {
		return r, r.embed(body, "")
	}
	i := 0
	for name, v := range jsonlit.Fields(body) {
		switch {
		case string(name) != "requests":
			r.extra(string(name))
			continue
		case !jsonlit.IsArray(v):
			return nil, translate.BadRequest("requests", "must be a list")
		}
		for e := range jsonlit.Elements(v) {
			at := fmt.Sprintf("requests[%d].", i)
			size := r.Dimensions
			r.Dimensions = 0
			if err := r.embed(e, at); err != nil {
				return nil, err
			}
			if i > 0 && r.Dimensions != size {
				return nil, translate.BadRequest(at+"outputDimensionality", "must be the same in all requests for the account chosen for this model")
			}
			i++
		}
	}
	if i == 0 {
		return nil, translate.BadRequest("requests", "is required")
	}
	return r, nil
}

// embed reads one EmbedContentRequest; at is its path in the body.
func (r *Request) embed(v translate.Value, at string) error {
	if !jsonlit.IsObject(v) {
		return translate.BadRequest(at+"content", "is required")
	}
	var text translate.Value
	for name, v := range jsonlit.Fields(v) {
		if jsonlit.Null(v) {
			continue
		}
		switch string(name) {
		case "model":
		case "content":
			var err error
			if text, err = r.text(v, at+"content"); err != nil {
				return err
			}
		case "taskType", "task_type":
			r.Task = v
		case "title":
			r.Title = v
		case "outputDimensionality", "output_dimensionality":
			n, ok := jsonlit.Int(v)
			if !ok || n < 1 {
				return translate.BadRequest(at+"outputDimensionality", "must be a positive integer")
			}
			r.Dimensions = n
		default:
			r.extra(string(name))
		}
	}
	if text == nil {
		return translate.BadRequest(at+"content", "is required")
	}
	r.Texts = append(r.Texts, text)
	return nil
}

// text returns the text of a content as one literal.
func (r *Request) text(content translate.Value, at string) (translate.Value, error) {
	var texts []translate.Value
	i := 0
	for part := range jsonlit.Elements(jsonlit.Get(content, "parts")) {
		v := jsonlit.Get(part, "text")
		if !jsonlit.IsString(v) {
			return nil, translate.BadRequest(fmt.Sprintf("%s.parts[%d]", at, i), "must be text for the account chosen for this model")
		}
		texts = append(texts, v)
		i++
	}
	switch len(texts) {
	case 0:
		return nil, translate.BadRequest(at+".parts", "is required")
	case 1:
		return texts[0], nil
	}
	r.Joined = true
	inner := make([][]byte, len(texts))
	for i, v := range texts {
		inner[i] = jsonlit.Inner(v)
	}
	out := append([]byte{'"'}, bytes.Join(inner, []byte(`\n`))...)
	return append(out, '"'), nil
}

// AppendRequest implements Form.
func (g Gemini) AppendRequest(dst []byte, r *Request, model string, losses *translate.Losses) []byte {
	r.lose(losses, "user")
	if !g.Batch {
		return r.appendOne(dst, model, r.Texts[0])
	}
	dst = append(dst, `{"requests":[`...)
	for i, text := range r.Texts {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = r.appendOne(dst, model, text)
	}
	return append(dst, "]}"...)
}

func (r *Request) appendOne(dst []byte, model string, text translate.Value) []byte {
	w := jsonlit.NewWriter(append(dst, '{'))
	w.StringField("model", "models/"+model)
	w.Key("content")
	w.Object()
	w.Key("parts")
	w.Array()
	w.Object()
	w.Field("text", text)
	w.EndObject()
	w.EndArray()
	w.EndObject()
	w.Field("taskType", r.Task)
	w.Field("title", r.Title)
	if r.Dimensions > 0 {
		w.IntField("outputDimensionality", r.Dimensions)
	}
	w.EndObject()
	return w.Bytes()
}

// DecodeResponse implements Form, for answers to single requests and batches.
func (Gemini) DecodeResponse(body []byte) (*Response, error) {
	a := new(Response)
	a.Tokens, _ = jsonlit.Int(jsonlit.Get(body, "usageMetadata", "promptTokenCount"))
	a.Tokens = max(0, a.Tokens)
	if one := jsonlit.Get(body, "embedding"); !jsonlit.Null(one) {
		return a, a.add(one)
	}
	for e := range jsonlit.Elements(jsonlit.Get(body, "embeddings")) {
		if err := a.add(e); err != nil {
			return nil, err
		}
	}
	return a, nil
}

func (a *Response) add(embedding translate.Value) error {
	values := jsonlit.Get(embedding, "values")
	if !jsonlit.IsArray(values) {
		return upstreamError("the upstream's answer lacks an embedding")
	}
	a.Vectors = append(a.Vectors, values)
	return nil
}

// AppendResponse implements Form.
func (g Gemini) AppendResponse(dst []byte, a *Response, _ *Request) ([]byte, error) {
	w := jsonlit.NewWriter(append(dst, '{'))
	if g.Batch {
		w.Key("embeddings")
		w.Array()
	} else {
		w.Key("embedding")
	}
	for _, v := range a.Vectors {
		w.Object()
		w.Field("values", v)
		w.EndObject()
	}
	if g.Batch {
		w.EndArray()
	}
	if a.Tokens > 0 {
		w.Key("usageMetadata")
		w.Object()
		w.IntField("promptTokenCount", a.Tokens)
		w.IntField("totalTokenCount", a.Tokens)
		w.EndObject()
	}
	w.EndObject()
	return w.Bytes(), nil
}
