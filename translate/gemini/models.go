package gemini

import (
	"net/url"
	"slices"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// DecodeModels reads a page of a ListModelsResponse. Models that say that they
// generate no content (embeddings, and others of their own protocols) are left
// out.
func (Dialect) DecodeModels(body []byte) (models []translate.Model, next string, err error) {
	if !jsonlit.Valid(body) || !jsonlit.IsObject(body) {
		return nil, "", &translate.Error{Kind: translate.Upstream, Message: "the upstream's model list is no JSON object"}
	}
	for k, v := range jsonlit.Fields(body) {
		switch string(k) {
		case "error":
			return nil, "", errorObject(0, v)
		case "models":
			for m := range jsonlit.Elements(v) {
				if m, ok := decodeModel(m); ok {
					models = append(models, m)
				}
			}
		case "nextPageToken":
			if token := jsonlit.Str(v); token != "" {
				next = "pageSize=1000&pageToken=" + url.QueryEscape(token)
			}
		}
	}
	return models, next, nil
}

// decodeModel reads a genai.Model as the Gemini API gives it.
func decodeModel(v jsonlit.Value) (m translate.Model, ok bool) {
	m.OwnedBy = "google"
	generates := true
	for k, v := range jsonlit.Fields(v) {
		switch string(k) {
		case "name":
			m.ID = bareModel(jsonlit.Str(v))
		case "displayName":
			m.DisplayName = jsonlit.Str(v)
		case "inputTokenLimit":
			_, m.InputLimit, _ = integer("", v)
		case "outputTokenLimit":
			_, m.OutputLimit, _ = integer("", v)
		case "thinking":
			// Only that a model thinks is told; false is the default, and left out.
			if jsonlit.True(v) {
				m.Facts.Thinks = translate.True
			}
		case "supportedGenerationMethods":
			generates = slices.ContainsFunc(slices.Collect(jsonlit.Elements(v)), func(method jsonlit.Value) bool {
				return string(method) == `"generateContent"`
			})
		}
	}
	return m, generates && m.ID != ""
}

// AppendModels writes a ListModelsResponse.
func (d Dialect) AppendModels(dst []byte, models []translate.Model, page translate.Page) []byte {
	w := jsonlit.NewWriter(dst)
	w.Object()
	w.Key("models")
	w.Array()
	for _, m := range models {
		appendModel(&w, m)
	}
	w.EndArray()
	if page.Next != "" {
		w.StringField("nextPageToken", page.Next)
	}
	w.EndObject()
	return w.Bytes()
}

// AppendModel writes one entry, as it also stands in the list.
func (Dialect) AppendModel(dst []byte, m translate.Model) []byte {
	w := jsonlit.NewWriter(dst)
	appendModel(&w, m)
	return w.Bytes()
}

func appendModel(w *jsonlit.Writer, m translate.Model) {
	display := m.DisplayName
	if display == "" {
		display = m.ID
	}
	w.Object()
	w.StringField("name", "models/"+m.ID)
	w.StringField("baseModelId", m.ID)
	w.StringField("version", "")
	w.StringField("displayName", display)
	if m.InputLimit > 0 {
		w.IntField("inputTokenLimit", m.InputLimit)
	}
	if m.OutputLimit > 0 {
		w.IntField("outputTokenLimit", m.OutputLimit)
	}
	w.Key("supportedGenerationMethods")
	w.Array()
	w.String("generateContent")
	w.String("countTokens")
	w.EndArray()
	w.EndObject()
}
