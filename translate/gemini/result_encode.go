package gemini

import (
	"encoding/base64"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// result writes a genai.FunctionResponse. The text is a string even where it is
// JSON: an object of a tool's own could hold keys that mean something to Google
// ("$ref" does).
func (e *requestEncoder) result(r *translate.Result) error {
	e.w.Object()
	e.w.Key("functionResponse")
	e.w.Object()
	e.w.StringField("id", r.CallID)
	e.w.StringField("name", r.Name)
	e.w.Key("response")
	e.w.Object()
	if r.IsError {
		e.w.Key("error")
	} else {
		e.w.Key("output")
	}
	if len(r.Parts) == 1 && r.Parts[0].Kind == translate.Text {
		e.w.Raw(textOf(&r.Parts[0]))
	} else {
		e.w.Raw(translate.PlainText(r.Parts, `\n`))
	}
	e.w.EndObject()
	open := false
	for i := range r.Parts {
		p := &r.Parts[i]
		if p.Media == nil || !e.fitsResult(p.Media) {
			continue
		}
		if !open {
			e.w.Key("parts")
			e.w.Array()
			open = true
		}
		if err := e.mediaPart(p); err != nil {
			return err
		}
	}
	if open {
		e.w.EndArray()
	}
	e.w.EndObject()
	e.w.EndObject()
	return nil
}

// fitsResult reports whether media can stand inside a functionResponse: only
// inline data (genai.FunctionResponsePart), and only since Gemini 3.
func (e *requestEncoder) fitsResult(m *translate.Media) bool {
	c := &e.t.Capabilities
	old := !c.Signatures && (c.Thinking == translate.ThinkingBudget || c.Thinking == translate.ThinkingNone)
	return !old && len(m.URL) == 0 && len(m.FileID) == 0
}

// mediaPart writes a part, of a content or of a result, that holds media.
func (e *requestEncoder) mediaPart(p *translate.Part) error {
	e.w.Object()
	err := e.media(p)
	e.w.EndObject()
	return err
}

// media writes the one data member of a part that holds media.
func (e *requestEncoder) media(p *translate.Part) error {
	m := p.Media
	switch {
	case m == nil:
		return translate.BadRequest("", "a part of kind %s holds nothing", p.Kind)
	case len(m.FileID) > 0:
		return translate.BadRequest("", "a file uploaded to another vendor cannot be sent to Gemini: send its content")
	case len(m.URL) > 0:
		mime := m.MIME
		if mime == "" {
			mime = mimeOfURL(jsonlit.Str(m.URL))
		}
		e.w.Key("fileData")
		e.w.Object()
		if mime != "" {
			e.w.StringField("mimeType", mime)
		}
		e.w.Field("fileUri", m.URL)
		e.w.EndObject()
		return nil
	}
	mime, data := m.MIME, m.Data
	if len(m.Text) > 0 && len(data) == 0 {
		data = base64.StdEncoding.AppendEncode(nil, jsonlit.AppendUnquoted(nil, m.Text))
		if mime == "" {
			mime = "text/plain"
		}
	}
	if mime == "" {
		mime = mimeOfData(p.Kind, data)
	}
	e.w.Key("inlineData")
	e.w.Object()
	e.w.StringField("mimeType", mime)
	e.w.Key("data")
	e.w.Fragment(data)
	e.w.EndObject()
	return nil
}
