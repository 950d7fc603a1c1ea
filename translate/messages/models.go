package messages

import (
	"net/url"
	"time"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// pageSize asks for the largest page (ModelListParams.Limit).
const pageSize = "limit=1000"

// DecodeModels reads a page of GET /v1/models (anthropic-sdk-go's ModelInfo).
func (Dialect) DecodeModels(body []byte) (models []translate.Model, next string, err error) {
	data := translate.Value(nil)
	if jsonlit.Valid(body) {
		data = jsonlit.Get(body, "data")
	}
	if !jsonlit.IsArray(data) {
		return nil, "", &translate.Error{Kind: translate.Upstream, Message: "the upstream's answer is no list of models"}
	}
	for e := range jsonlit.Elements(data) {
		var m translate.Model
		for name, v := range jsonlit.Fields(e) {
			switch string(name) {
			case "id":
				m.ID = jsonlit.Str(v)
			case "display_name":
				m.DisplayName = jsonlit.Str(v)
			case "created_at":
				if t, err := time.Parse(time.RFC3339, jsonlit.Str(v)); err == nil && t.Unix() > 0 {
					m.Created = t.Unix()
				}
			case "max_input_tokens":
				m.InputLimit, _ = jsonlit.Int(v)
			case "max_tokens":
				m.OutputLimit, _ = jsonlit.Int(v)
			case "capabilities":
				m.Facts = modelFacts(v)
			}
		}
		if m.ID != "" {
			m.OwnedBy = "anthropic"
			models = append(models, m)
		}
	}
	last := jsonlit.Str(jsonlit.Get(body, "last_id"))
	if jsonlit.True(jsonlit.Get(body, "has_more")) && last != "" {
		next = pageSize + "&after_id=" + url.QueryEscape(last)
	}
	return models, next, nil
}

// AppendModels writes a page. The cursor of the next one stands as last_id,
// which clients send as after_id.
func (d Dialect) AppendModels(dst []byte, models []translate.Model, page translate.Page) []byte {
	w := jsonlit.NewWriter(dst[len(dst):])
	w.Object()
	w.Key("data")
	w.Array()
	for _, m := range models {
		appendModel(&w, m)
	}
	w.EndArray()
	w.BoolField("has_more", page.Next != "")
	w.Key("first_id")
	if len(models) > 0 {
		w.String(models[0].ID)
	} else {
		w.Null()
	}
	w.Key("last_id")
	switch {
	case page.Next != "":
		w.String(page.Next)
	case len(models) > 0:
		w.String(models[len(models)-1].ID)
	default:
		w.Null()
	}
	w.EndObject()
	return append(dst, w.Bytes()...)
}

// AppendModel writes one entry.
func (Dialect) AppendModel(dst []byte, m translate.Model) []byte {
	w := jsonlit.NewWriter(dst[len(dst):])
	appendModel(&w, m)
	return append(dst, w.Bytes()...)
}

func appendModel(w *jsonlit.Writer, m translate.Model) {
	name := m.DisplayName
	if name == "" {
		name = m.ID
	}
	w.Object()
	w.StringField("type", "model")
	w.StringField("id", m.ID)
	w.StringField("display_name", name)
	w.StringField("created_at", time.Unix(m.Created, 0).UTC().Format(time.RFC3339))
	limit := func(name string, n int64) {
		w.Key(name)
		if n > 0 {
			w.Int(n)
		} else {
			w.Null()
		}
	}
	limit("max_input_tokens", m.InputLimit)
	limit("max_tokens", m.OutputLimit)
	w.Key("capabilities")
	w.Null()
	w.EndObject()
}
