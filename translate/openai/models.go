package openai

import (
	"strings"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// DecodeModels reads a model list: {"object":"list","data":[{"id","created",
// "owned_by"}]} (openai-go's Model), a bare array, or the same with the limits
// that OpenRouter (context_length), Groq (context_window), vLLM (max_model_len)
// and Mistral (max_context_length) add. The list has one page. Google's
// compatible endpoint prefixes its ids with "models/", which is taken off.
func DecodeModels(body []byte) (models []translate.Model, next string, err error) {
	if !jsonlit.Valid(body) {
		return nil, "", notAList()
	}
	list := jsonlit.Value(body)
	if jsonlit.IsObject(list) {
		if e := jsonlit.Get(list, "error"); !jsonlit.Null(e) {
			return nil, "", DecodeErrorObject(0, e)
		}
		list = jsonlit.Get(list, "data")
	}
	if !jsonlit.IsArray(list) {
		return nil, "", notAList()
	}
	for v := range jsonlit.Elements(list) {
		if m := decodeModel(v); m.ID != "" {
			models = append(models, m)
		}
	}
	return models, "", nil
}

func notAList() *translate.Error {
	return &translate.Error{Kind: translate.Upstream, Message: "the upstream's answer is no list of models"}
}

func decodeModel(v jsonlit.Value) (m translate.Model) {
	for name, val := range jsonlit.Fields(v) {
		switch string(name) {
		case "id":
			m.ID = jsonlit.Str(val)
		case "owned_by":
			m.OwnedBy = jsonlit.Str(val)
		case "name", "display_name":
			m.DisplayName = jsonlit.Str(val)
		case "created":
			m.Created = limit(val)
		case "context_length", "context_window", "max_model_len", "max_context_length":
			m.InputLimit = limit(val)
		case "max_completion_tokens", "max_output_tokens":
			m.OutputLimit = limit(val)
		case "top_provider":
			if n := limit(jsonlit.Get(val, "max_completion_tokens")); n > 0 {
				m.OutputLimit = n
			}
		}
	}
	if m.OwnedBy == "google" {
		m.ID = strings.TrimPrefix(m.ID, "models/")
	}
	if m.DisplayName == m.ID {
		m.DisplayName = ""
	}
	return m
}

// limit reads a count; 0 for what is none or negative.
func limit(v jsonlit.Value) int64 {
	n, _ := jsonlit.Int(v)
	return max(n, 0)
}

// AppendModels appends the list. OpenAI's has one page, so that the page's
// cursor has no place in it.
func AppendModels(dst []byte, models []translate.Model, _ translate.Page) []byte {
	dst = append(dst, `{"object":"list","data":[`...)
	for i, m := range models {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = AppendModel(dst, m)
	}
	return append(dst, ']', '}')
}

// AppendModel appends one entry of the list.
func AppendModel(dst []byte, m translate.Model) []byte {
	w := jsonlit.NewWriter(append(dst, '{'))
	w.StringField("id", m.ID)
	w.StringField("object", "model")
	w.IntField("created", m.Created)
	owner := m.OwnedBy
	if owner == "" {
		owner = "system"
	}
	w.StringField("owned_by", owner)
	w.EndObject()
	return w.Bytes()
}
