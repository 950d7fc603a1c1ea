package chat

import (
	"strings"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// writePart writes one part of a user message. What Chat has no part for is
// refused: the loss table has refused it before, so that an error here names
// only what it cannot see, an audio format.
func writePart(w *jsonlit.Writer, p *translate.Part) error {
	m := p.Media
	switch {
	case m == nil:
		w.Object()
		w.StringField("type", "text")
		w.Key("text")
		w.Fragment(jsonlit.Inner(p.Text))
		w.EndObject()
	case p.Kind == translate.Image && len(m.FileID) == 0:
		w.Object()
		w.StringField("type", "image_url")
		w.Key("image_url")
		w.Object()
		writeURL(w, "url", m, "image/png")
		switch m.Detail {
		case "auto", "low", "high":
			w.StringField("detail", m.Detail)
		case "original": // OpenAI's newest, and the highest
			w.StringField("detail", "high")
		}
		w.EndObject()
		w.EndObject()
	case p.Kind == translate.Audio && len(m.Data) > 0:
		return writeAudio(w, m)
	case p.Kind == translate.File && len(m.Text) > 0:
		w.Object()
		w.StringField("type", "text")
		w.Key("text")
		w.Fragment(document(m)...)
		w.EndObject()
	case p.Kind == translate.File && len(m.URL) == 0:
		w.Object()
		w.StringField("type", "file")
		w.Key("file")
		w.Object()
		if len(m.FileID) > 0 {
			w.Field("file_id", m.FileID)
		} else {
			writeURL(w, "file_data", m, "application/pdf")
			w.Key("filename")
			w.Fragment(fileName(m))
		}
		w.EndObject()
		w.EndObject()
	default:
		return translate.BadRequest("", "Chat Completions has no place for this kind of %s", p.Kind)
	}
	return nil
}

// document is a plain-text document as fragments of text, below its name.
func document(m *translate.Media) [][]byte {
	if name := jsonlit.Inner(m.Name); len(name) > 0 {
		return [][]byte{name, []byte(`:\n\n`), jsonlit.Inner(m.Text)}
	}
	return [][]byte{jsonlit.Inner(m.Text)}
}

// writeURL writes a medium's URL, or its data as a data: URL.
func writeURL(w *jsonlit.Writer, name string, m *translate.Media, standard string) {
	w.Key(name)
	if len(m.URL) > 0 {
		w.Raw(m.URL)
		return
	}
	mime := m.MIME
	if mime == "" {
		mime = standard
	}
	w.Fragment([]byte("data:"), jsonlit.AppendEscaped(nil, mime), []byte(";base64,"), m.Data)
}

// writeAudio writes input_audio, of which OpenAI takes wav and mp3.
func writeAudio(w *jsonlit.Writer, m *translate.Media) error {
	var format string
	switch strings.ToLower(m.MIME) {
	case "audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave":
		format = "wav"
	case "audio/mp3", "audio/mpeg":
		format = "mp3"
	default:
		return translate.BadRequest("", "the account chosen for this model takes audio/wav and audio/mpeg, not %s", m.MIME)
	}
	w.Object()
	w.StringField("type", "input_audio")
	w.Key("input_audio")
	w.Object()
	w.Key("data")
	w.Fragment(m.Data)
	w.StringField("format", format)
	w.EndObject()
	w.EndObject()
	return nil
}

// fileName is a file's name as a fragment; Chat wants one beside file_data.
func fileName(m *translate.Media) []byte {
	switch {
	case len(jsonlit.Inner(m.Name)) > 0:
		return jsonlit.Inner(m.Name)
	case m.MIME == "" || m.MIME == "application/pdf":
		return []byte("document.pdf")
	}
	return []byte("document")
}
