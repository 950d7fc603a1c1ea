package messages

import (
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// source is where an image or a document comes from.
type source struct {
	kind                                string
	mediaType, data, url, file, content translate.Value
}

func readSource(v translate.Value) (s source, err *translate.Error) {
	if !jsonlit.IsObject(v) {
		return s, wrong("", "an object")
	}
	for name, v := range jsonlit.Fields(v) {
		switch string(name) {
		case "type":
			s.kind = jsonlit.Str(v)
		case "media_type":
			s.mediaType = v
		case "data":
			s.data = v
		case "url":
			s.url = v
		case "file_id":
			s.file = v
		case "content":
			s.content = v
		}
	}
	return s, nil
}

// media reads the sources that images and documents have in common, and
// returns nil for others.
func (s *source) media() (*translate.Media, *translate.Error) {
	switch s.kind {
	case "base64":
		if !jsonlit.IsString(s.mediaType) {
			return nil, wrong("media_type", "a string")
		}
		if !jsonlit.IsString(s.data) {
			return nil, wrong("data", "a string of base64")
		}
		return &translate.Media{MIME: jsonlit.Str(s.mediaType), Data: jsonlit.Inner(s.data)}, nil
	case "url":
		if !jsonlit.IsString(s.url) {
			return nil, wrong("url", "a string")
		}
		return &translate.Media{URL: s.url}, nil
	case "file":
		if !jsonlit.IsString(s.file) {
			return nil, wrong("file_id", "a string")
		}
		return &translate.Media{FileID: s.file}, nil
	}
	return nil, nil
}

func imageSource(v translate.Value) (*translate.Media, *translate.Error) {
	s, err := readSource(v)
	if err != nil {
		return nil, err
	}
	m, err := s.media()
	if m == nil && err == nil {
		err = wrong("type", `"base64", "url" or "file"`)
	}
	return m, err
}

// document appends a document. One that is made of blocks becomes a plain-text
// document, with its images behind it.
func (d *requestDecoder) document(parts []translate.Part, b *block) ([]translate.Part, *translate.Error) {
	s, err := readSource(b.source)
	if err != nil {
		return nil, err
	}
	m, err := s.media()
	if err != nil {
		return nil, err
	}
	var images []translate.Part
	switch {
	case m != nil:
		if m.MIME == "" && s.kind == "url" {
			m.MIME = "application/pdf" // the only kind that Anthropic fetches
		}
	case s.kind == "text":
		if !jsonlit.IsString(s.data) {
			return nil, wrong("data", "a string")
		}
		m = &translate.Media{MIME: "text/plain", Text: s.data}
	case s.kind == "content" && jsonlit.IsString(s.content):
		m = &translate.Media{MIME: "text/plain", Text: s.content}
	case s.kind == "content" && jsonlit.IsArray(s.content):
		inner, err := d.content(at(s.content), translate.UserRole)
		if err != nil {
			return nil, within(err, "content")
		}
		m = &translate.Media{MIME: "text/plain", Text: translate.PlainText(inner, `\n`)}
		for _, p := range inner {
			if p.Kind == translate.Image {
				images = append(images, p)
			}
		}
	default:
		return nil, wrong("type", `"base64", "text", "content", "url" or "file"`)
	}
	if jsonlit.IsString(b.title) {
		m.Name = b.title
	}
	return append(append(parts, translate.Part{Kind: translate.File, Media: m}), images...), nil
}

// searchResult tells a search result in words: title, source and text.
func searchResult(b *block) (translate.Value, *translate.Error) {
	if !jsonlit.IsString(b.source) {
		return nil, wrong("source", "a string")
	}
	if !jsonlit.IsString(b.title) {
		return nil, wrong("title", "a string")
	}
	if !jsonlit.IsArray(b.content) {
		return nil, wrong("content", "a list of text blocks")
	}
	out := append(translate.Value{'"'}, jsonlit.Inner(b.title)...)
	out = append(append(out, `\n`...), jsonlit.Inner(b.source)...)
	i := 0
	for e := range jsonlit.Elements(b.content) {
		text := jsonlit.Get(e, "text")
		if jsonlit.Str(jsonlit.Get(e, "type")) != "text" || !jsonlit.IsString(text) {
			return nil, within(element(wrong("", "a text block"), i), "content")
		}
		out = append(append(out, `\n\n`...), jsonlit.Inner(text)...)
		i++
	}
	return append(out, '"'), nil
}
