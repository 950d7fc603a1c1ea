package messages

import (
	"bytes"
	"encoding/base64"
	"strings"
	"unicode/utf8"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// part writes a content block; text is the part's, or what to write instead.
func (e *requestEncoder) part(p *translate.Part, text translate.Value) error {
	w := &e.w
	switch p.Kind {
	case translate.Text, translate.Refusal:
		e.text(text, p.CacheTTL)
	case translate.Thinking:
		w.Object()
		if p.Text == nil {
			w.StringField("type", "redacted_thinking")
			w.Field("data", p.Signature)
		} else {
			w.StringField("type", "thinking")
			w.Field("thinking", p.Text)
			w.Field("signature", p.Signature)
		}
		w.EndObject()
	case translate.Image, translate.File:
		return e.media(p)
	case translate.ToolCall:
		w.Object()
		w.StringField("type", "tool_use")
		w.StringField("id", p.Call.ID)
		w.StringField("name", p.Call.Name)
		w.Key("input")
		if len(p.Call.Object) > 0 {
			w.Raw(p.Call.Object)
		} else {
			input, ok := p.Call.AppendObject(e.scratch[:0])
			if !ok {
				e.t.Losses.Note("tool_call_arguments", translate.Approximated)
			}
			w.Raw(input)
			e.scratch = input
		}
		e.cacheControl(p.CacheTTL)
		w.EndObject()
	case translate.ToolResult:
		return e.result(p)
	default:
		return translate.BadRequest(e.turnsName(), "Anthropic's models take no %s", p.Kind)
	}
	return nil
}

func (e *requestEncoder) text(text translate.Value, ttl string) {
	e.w.Object()
	e.w.StringField("type", "text")
	e.w.Field("text", text)
	e.cacheControl(ttl)
	e.w.EndObject()
}

func (e *requestEncoder) result(p *translate.Part) error {
	w := &e.w
	w.Object()
	w.StringField("type", "tool_result")
	w.StringField("tool_use_id", p.Result.CallID)
	any := false
	for i := range p.Result.Parts {
		in := &p.Result.Parts[i]
		if !e.says(in) {
			continue
		}
		if !any {
			any = true
			w.Key("content")
			w.Array()
		}
		inner := *in
		inner.CacheTTL = "" // the result's own stands behind the whole
		if err := e.part(&inner, inner.Text); err != nil {
			return err
		}
	}
	if any {
		w.EndArray()
	}
	if p.Result.IsError {
		w.BoolField("is_error", true)
	}
	e.cacheControl(p.CacheTTL)
	w.EndObject()
	return nil
}

// media writes an image or a document.
func (e *requestEncoder) media(p *translate.Part) error {
	m, w := p.Media, &e.w
	if len(m.FileID) > 0 && e.r.Dialect != translate.Messages {
		return translate.BadRequest(e.turnsName(), "a file uploaded elsewhere is not known to the account chosen: send its content")
	}
	mime, data, text := m.MIME, m.Data, m.Text
	image := p.Kind == translate.Image || strings.HasPrefix(mime, "image/") // or one sent as a file
	if len(data) > 0 {
		var err error
		if image {
			mime, err = imageType(mime, data)
		} else {
			mime, text, err = documentType(mime, data)
		}
		if err != nil {
			return translate.BadRequest(e.turnsName(), "%v", err)
		}
	}
	w.Object()
	w.StringField("type", map[bool]string{true: "image", false: "document"}[image])
	w.Key("source")
	w.Object()
	switch {
	case len(m.FileID) > 0:
		w.StringField("type", "file")
		w.Field("file_id", m.FileID)
	case len(m.URL) > 0:
		w.StringField("type", "url")
		w.Field("url", m.URL)
	case !image && len(text) > 0:
		w.StringField("type", "text")
		w.StringField("media_type", "text/plain")
		w.Field("data", text)
	default:
		w.StringField("type", "base64")
		w.StringField("media_type", mime)
		w.Key("data")
		w.Fragment(data)
	}
	w.EndObject()
	if !image && !blank(m.Name) {
		w.Field("title", m.Name)
	}
	e.cacheControl(p.CacheTTL)
	w.EndObject()
	return nil
}

// wrongMedia tells which media the API takes (Base64ImageSourceParam,
// Base64PDFSourceParam).
type wrongMedia struct{ what, mime, want string }

func (e wrongMedia) Error() string {
	if e.mime == "" {
		e.mime = "unknown"
	}
	return e.what + " of type " + e.mime + " are not taken by the account chosen, which takes " + e.want
}

// imageType returns the media type of an image, looked up in its first bytes
// when it is not told.
func imageType(mime string, data []byte) (string, error) {
	mime = mediaType(mime)
	switch mime {
	case "image/png", "image/jpeg", "image/gif", "image/webp":
		return mime, nil
	case "image/jpg":
		return "image/jpeg", nil
	case "", "image/*", "application/octet-stream":
		for _, known := range [][2]string{{"iVBORw0KGgo", "image/png"}, {"/9j/", "image/jpeg"}, {"R0lGOD", "image/gif"}, {"UklGR", "image/webp"}} {
			if bytes.HasPrefix(data, []byte(known[0])) {
				return known[1], nil
			}
		}
	}
	return "", wrongMedia{"images", mime, "PNG, JPEG, GIF and WebP"}
}

// documentType returns the media type of a document and, when it is no PDF but
// text, the text.
func documentType(mime string, data []byte) (string, translate.Value, error) {
	mime = mediaType(mime)
	if mime == "application/pdf" || bytes.HasPrefix(data, []byte("JVBER")) {
		return "application/pdf", nil, nil
	}
	if strings.HasPrefix(mime, "text/") || strings.HasSuffix(mime, "+json") || strings.HasSuffix(mime, "+xml") ||
		mime == "application/json" || mime == "application/xml" || mime == "application/yaml" || mime == "application/javascript" {
		plain, err := base64.StdEncoding.DecodeString(jsonlit.Str(quoted(data)))
		if err == nil && utf8.Valid(plain) && len(plain) > 0 {
			return "text/plain", jsonlit.AppendQuote(nil, plain), nil
		}
	}
	return "", nil, wrongMedia{"documents", mime, "PDF and plain text"}
}

// mediaType strips the parameters of a media type.
func mediaType(s string) string {
	s, _, _ = strings.Cut(s, ";")
	return strings.ToLower(strings.TrimSpace(s))
}

func quoted(inner []byte) translate.Value {
	return append(append(append(make(translate.Value, 0, len(inner)+2), '"'), inner...), '"')
}
