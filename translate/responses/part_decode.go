package responses

import (
	"bytes"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// contentParts reads a message's content or a tool's output: a string, or a
// list of parts.
func contentParts(name string, v value, role translate.Role) ([]translate.Part, error) {
	if jsonlit.IsString(v) {
		return []translate.Part{{Kind: translate.Text, Text: v}}, nil
	}
	if !jsonlit.IsArray(v) {
		return nil, translate.BadRequest(name, "must be a string or an array of parts")
	}
	parts := make([]translate.Part, 0, 1)
	i := 0
	for e := range jsonlit.Elements(v) {
		p, err := contentPart(e, role)
		if err != nil {
			return nil, within(err, "%s[%d]", name, i)
		}
		parts = append(parts, p)
		i++
	}
	return parts, nil
}

// part is a content part, its members as they came.
type part struct {
	kind                        []byte // type, still escaped
	text, refusal               value
	imageURL, fileID, detail    value
	fileData, fileURL, filename value
	audio, breakpoint           value
	annotations, logprobs       value
}

func scanPart(v value) (p part) {
	for name, val := range jsonlit.Fields(v) {
		switch string(name) {
		case "type":
			p.kind = jsonlit.Inner(val)
		case "text":
			p.text = val
		case "refusal":
			p.refusal = val
		case "image_url":
			p.imageURL = val
		case "file_id":
			p.fileID = val
		case "detail":
			p.detail = val
		case "file_data":
			p.fileData = val
		case "file_url":
			p.fileURL = val
		case "filename":
			p.filename = val
		case "input_audio":
			p.audio = val
		case "prompt_cache_breakpoint":
			p.breakpoint = val
		case "annotations":
			p.annotations = val
		case "logprobs":
			p.logprobs = val
		}
	}
	return p
}

// contentPart reads one part. input_text and output_text are taken from either
// side: clients that keep a history of their own mix them up.
func contentPart(v value, role translate.Role) (out translate.Part, err error) {
	if !jsonlit.IsObject(v) {
		return out, translate.BadRequest("", "must be an object")
	}
	p := scanPart(v)
	switch kind := string(p.kind); {
	case kind == "input_text" || kind == "output_text":
		out.Kind = translate.Text
		err = literal("text", p.text, &out.Text)
	case kind == "refusal" && role == translate.AssistantRole:
		out.Kind = translate.Refusal
		err = literal("refusal", p.refusal, &out.Text)
	case kind == "input_image" && role == translate.UserRole:
		out.Kind = translate.Image
		out.Media, err = p.image()
	case kind == "input_file" && role == translate.UserRole:
		out.Kind = translate.File
		out.Media, err = p.file()
	case kind == "input_audio" && role == translate.UserRole:
		out.Kind = translate.Audio
		out.Media, err = p.sound()
	case kind == "":
		err = translate.BadRequest("type", "the part's type is missing")
	default:
		err = translate.BadRequest("type", "unknown part type for this role; allowed are %s", allowedParts(role))
	}
	if jsonlit.IsObject(p.breakpoint) {
		out.CacheTTL = "30m"
		if string(jsonlit.Inner(jsonlit.Get(p.breakpoint, "ttl"))) == "12h" {
			out.CacheTTL = "12h"
		}
	}
	return out, err
}

func allowedParts(role translate.Role) string {
	switch role {
	case translate.AssistantRole:
		return "output_text and refusal"
	case translate.SystemRole:
		return "input_text"
	}
	return "input_text, input_image, input_file and input_audio"
}

func (p *part) image() (*translate.Media, error) {
	m := &translate.Media{}
	if !jsonlit.Null(p.detail) {
		if err := choose("detail", p.detail, &m.Detail, "auto", "low", "high", "original"); err != nil {
			return nil, err
		}
	}
	switch {
	case !jsonlit.Null(p.imageURL):
		if err := literal("image_url", p.imageURL, &m.URL); err != nil {
			return nil, err
		}
		return m, within(dataURL(m), "image_url")
	case !jsonlit.Null(p.fileID):
		return m, literal("file_id", p.fileID, &m.FileID)
	}
	return nil, translate.BadRequest("image_url", "the image is missing: give image_url or file_id")
}

func (p *part) file() (*translate.Media, error) {
	m := &translate.Media{}
	if !jsonlit.Null(p.filename) {
		if err := literal("filename", p.filename, &m.Name); err != nil {
			return nil, err
		}
	}
	switch {
	case !jsonlit.Null(p.fileData):
		if err := literal("file_data", p.fileData, &m.URL); err != nil {
			return nil, err
		}
		if !bytes.HasPrefix(jsonlit.Inner(m.URL), []byte("data:")) {
			data := m.URL
			m.URL = nil
			if bytes.HasSuffix(bytes.ToLower(jsonlit.Inner(m.Name)), []byte(".pdf")) {
				m.MIME = "application/pdf"
			}
			return m, within(inline(data, &m.Data), "file_data")
		}
		return m, within(dataURL(m), "file_data")
	case !jsonlit.Null(p.fileURL):
		return m, literal("file_url", p.fileURL, &m.URL)
	case !jsonlit.Null(p.fileID):
		return m, literal("file_id", p.fileID, &m.FileID)
	}
	return nil, translate.BadRequest("file_data", "the file is missing: give file_data, file_url or file_id")
}

// sound reads input_audio, which the SDK has a type for and which other
// providers take.
func (p *part) sound() (*translate.Media, error) {
	data, format := jsonlit.Get(p.audio, "data"), ""
	if !jsonlit.IsString(data) {
		return nil, translate.BadRequest("input_audio.data", "must be a base64 string")
	}
	if err := choose("input_audio.format", jsonlit.Get(p.audio, "format"), &format, "wav", "mp3"); err != nil {
		return nil, err
	}
	m := &translate.Media{MIME: "audio/wav"}
	if format == "mp3" {
		m.MIME = "audio/mpeg"
	}
	return m, within(inline(data, &m.Data), "input_audio.data")
}

// dataURL turns a URL that holds its data (RFC 2397) into the data.
func dataURL(m *translate.Media) error {
	in := jsonlit.Inner(m.URL)
	if len(in) < 5 || !bytes.EqualFold(in[:5], []byte("data:")) {
		if len(in) == 0 {
			return translate.BadRequest("", "must not be empty")
		}
		return nil
	}
	if bytes.IndexByte(in, '\\') >= 0 {
		in = jsonlit.AppendUnquoted(nil, m.URL)
	}
	head, data, found := bytes.Cut(in[5:], []byte(","))
	mime, isBase64 := bytes.CutSuffix(head, []byte(";base64"))
	if !found || !isBase64 {
		return translate.BadRequest("", "a data URL must have the form data:<type>;base64,<data>")
	}
	mime, _, _ = bytes.Cut(mime, []byte(";"))
	m.MIME, m.URL = string(mime), nil
	return base64Data(data, &m.Data)
}

// inline reads base64 that stands in a string of its own.
func inline(v value, to *[]byte) error {
	in := jsonlit.Inner(v)
	if bytes.IndexByte(in, '\\') >= 0 { // some languages write "\/"
		in = jsonlit.AppendUnquoted(nil, v)
	}
	return base64Data(in, to)
}

// base64Data accepts what encoders may put between quotes as it is. That it
// decodes is for the provider to say.
func base64Data(data []byte, to *[]byte) error {
	for _, c := range data {
		if c <= ' ' || c == '"' || c == '\\' || c >= 0x7f {
			return translate.BadRequest("", "must be base64")
		}
	}
	*to = data
	return nil
}
