package gemini

import (
	"bytes"
	"path"
	"strings"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// inlineData reads a genai.Blob.
func inlineData(v jsonlit.Value) (*translate.Media, error) {
	if err := wantObject("", v); err != nil {
		return nil, err
	}
	m := new(translate.Media)
	for k, v := range jsonlit.Fields(v) {
		if jsonlit.Null(v) {
			continue
		}
		var err error
		switch string(member(k)) {
		case "mimeType":
			if err = wantString("mimeType", v); err == nil {
				m.MIME = jsonlit.Str(v)
			}
		case "data":
			m.Data, err = base64Of("data", v)
		case "displayName":
			if err = wantString("displayName", v); err == nil {
				m.Name = v
			}
		}
		if err != nil {
			return nil, err
		}
	}
	if m.MIME == "" {
		return nil, translate.BadRequest("mimeType", "is required")
	}
	if len(m.Data) == 0 {
		return nil, translate.BadRequest("data", "is required")
	}
	return m, nil
}

// fileData reads a genai.FileData. Its type may be missing and is then guessed
// from the address.
func fileData(v jsonlit.Value) (*translate.Media, error) {
	if err := wantObject("", v); err != nil {
		return nil, err
	}
	m := new(translate.Media)
	for k, v := range jsonlit.Fields(v) {
		if jsonlit.Null(v) {
			continue
		}
		switch name := string(member(k)); name {
		case "mimeType", "fileUri", "displayName":
			if err := wantString(name, v); err != nil {
				return nil, err
			}
			switch name {
			case "mimeType":
				m.MIME = jsonlit.Str(v)
			case "fileUri":
				m.URL = v
			default:
				m.Name = v
			}
		}
	}
	if len(m.URL) <= 2 {
		return nil, translate.BadRequest("fileUri", "is required")
	}
	if m.MIME == "" {
		m.MIME = mimeOfURL(jsonlit.Str(m.URL))
	}
	return m, nil
}

func mediaKind(m *translate.Media) translate.Kind {
	mime := strings.ToLower(m.MIME)
	switch {
	case strings.HasPrefix(mime, "image/"):
		return translate.Image
	case strings.HasPrefix(mime, "audio/"):
		return translate.Audio
	case strings.HasPrefix(mime, "video/"):
		return translate.Video
	}
	return translate.File
}

// mimeOfURL guesses a type from an address: by the file's extension, and video
// for YouTube, which Gemini takes by address. "" when there is nothing to tell.
func mimeOfURL(url string) string {
	for _, host := range []string{"https://www.youtube.com/", "https://youtube.com/", "https://youtu.be/"} {
		if strings.HasPrefix(url, host) {
			return "video/mp4"
		}
	}
	if i := strings.IndexAny(url, "?#"); i >= 0 {
		url = url[:i]
	}
	switch strings.ToLower(path.Ext(url)) {
	case ".png":
		return "image/png"
	case ".jpg", ".jpeg":
		return "image/jpeg"
	case ".gif":
		return "image/gif"
	case ".webp":
		return "image/webp"
	case ".heic":
		return "image/heic"
	case ".pdf":
		return "application/pdf"
	case ".txt", ".md":
		return "text/plain"
	case ".mp3":
		return "audio/mp3"
	case ".wav":
		return "audio/wav"
	case ".mp4":
		return "video/mp4"
	}
	return ""
}

// mimeOfData guesses the type of base64 data by how its content begins.
func mimeOfData(kind translate.Kind, data []byte) string {
	for _, known := range [][2]string{
		{"iVBORw0KGgo", "image/png"}, {"/9j/", "image/jpeg"}, {"R0lGOD", "image/gif"},
		{"UklGR", "image/webp"}, {"JVBERi", "application/pdf"},
	} {
		if bytes.HasPrefix(data, []byte(known[0])) && (kind != translate.Audio || known[1] != "image/webp") {
			return known[1]
		}
	}
	switch kind {
	case translate.Image:
		return "image/png"
	case translate.Audio:
		return "audio/wav"
	case translate.Video:
		return "video/mp4"
	}
	return "application/pdf"
}
