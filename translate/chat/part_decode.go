package chat

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// partSet is which types of parts a message may hold.
type partSet uint8

const (
	onlyText partSet = iota
	assistantParts
	userParts
	toolParts // text by OpenAI's types; some clients put images there
)

func (s partSet) types() []string {
	switch s {
	case assistantParts:
		return []string{"text", "refusal"}
	case userParts:
		return []string{"text", "image_url", "input_audio", "file", "video_url"}
	case toolParts:
		return []string{"text", "image_url", "file"}
	}
	return []string{"text"}
}

// content reads a message's content: a string, an array of parts, or null for
// none.
func content(i int, v jsonlit.Value, allowed partSet) ([]translate.Part, error) {
	switch {
	case jsonlit.Null(v):
		return nil, nil
	case jsonlit.IsString(v):
		return []translate.Part{{Kind: translate.Text, Text: v}}, nil
	case !jsonlit.IsArray(v):
		return nil, translate.BadRequest(at(i, ".content"), "must be a string or an array of parts")
	}
	var parts []translate.Part
	j := 0
	for e := range jsonlit.Elements(v) {
		p, err := part(e, allowed, func(member string) string { return fmt.Sprintf("messages[%d].content[%d]%s", i, j, member) })
		if err != nil {
			return nil, err
		}
		parts = append(parts, p)
		j++
	}
	return parts, nil
}

func part(v jsonlit.Value, allowed partSet, at path) (p translate.Part, err error) {
	if !jsonlit.IsObject(v) {
		return p, translate.BadRequest(at(""), "must be an object")
	}
	var kind jsonlit.Value
	for name, val := range jsonlit.Fields(v) {
		switch string(name) {
		case "type":
			kind = val
		case "prompt_cache_breakpoint":
			p.CacheTTL = ttl(val, "30m")
		case "cache_control": // OpenRouter
			p.CacheTTL = ttl(val, "5m")
		}
	}
	name := jsonlit.Str(kind)
	if !slices.Contains(allowed.types(), name) {
		return p, translate.BadRequest(at(".type"), "must be one of %s", strings.Join(allowed.types(), ", "))
	}
	of := jsonlit.Get(v, name)
	if jsonlit.Null(of) {
		return p, translate.BadRequest(at("."+name), "is required")
	}
	switch name {
	case "text", "refusal":
		if name == "refusal" {
			p.Kind = translate.Refusal
		}
		p.Text, err = at.literal("."+name, of)
	case "image_url":
		p.Kind = translate.Image
		p.Media, err = linked(of, ".image_url", at)
	case "video_url": // vLLM, Qwen
		p.Kind = translate.Video
		p.Media, err = linked(of, ".video_url", at)
	case "input_audio":
		p.Kind = translate.Audio
		p.Media, err = audio(of, at)
	case "file":
		p.Kind = translate.File
		p.Media, err = file(of, at)
	}
	return p, err
}

// ttl is a cache breakpoint's lifetime; a null member is no breakpoint.
func ttl(v jsonlit.Value, standard string) string {
	if jsonlit.Null(v) {
		return ""
	}
	if s := jsonlit.Str(jsonlit.Get(v, "ttl")); slices.Contains([]string{"5m", "30m", "1h", "12h"}, s) {
		return s
	}
	return standard
}

// linked reads {"url","detail"}; a bare string is taken as the URL.
func linked(v jsonlit.Value, member string, at path) (*translate.Media, error) {
	m := new(translate.Media)
	url := v
	if jsonlit.IsObject(v) {
		url = jsonlit.Get(v, "url")
		m.Detail = jsonlit.Str(jsonlit.Get(v, "detail"))
		member += ".url"
	}
	if len(jsonlit.Inner(url)) == 0 {
		return nil, translate.BadRequest(at(member), "must be a URL or a data: URL")
	}
	if !isData(url) {
		m.URL = url
		return m, nil
	}
	return m, inline(m, url, member, at)
}

func audio(v jsonlit.Value, at path) (*translate.Media, error) {
	m := new(translate.Media)
	switch format := jsonlit.Str(jsonlit.Get(v, "format")); format {
	case "":
		return nil, translate.BadRequest(at(".input_audio.format"), "is required, for example wav or mp3")
	case "mp3":
		m.MIME = "audio/mpeg"
	default:
		m.MIME = "audio/" + format
	}
	data := jsonlit.Get(v, "data")
	if len(jsonlit.Inner(data)) == 0 {
		return nil, translate.BadRequest(at(".input_audio.data"), "must be base64")
	}
	var err error
	m.Data, err = base64(data, ".input_audio.data", at)
	return m, err
}

// file reads {"file_data","file_id","filename"}. OpenAI's file_data is a data:
// URL; OpenRouter takes a web address there; bare base64 is taken for what the
// name says, or PDF.
func file(v jsonlit.Value, at path) (*translate.Media, error) {
	m := new(translate.Media)
	var err error
	if m.Name, err = at.literal(".file.filename", jsonlit.Get(v, "filename")); err != nil {
		return nil, err
	}
	if m.FileID, err = at.literal(".file.file_id", jsonlit.Get(v, "file_id")); err != nil || m.FileID != nil {
		return m, err
	}
	data := jsonlit.Get(v, "file_data")
	in := jsonlit.Inner(data)
	switch {
	case len(in) == 0:
		return nil, translate.BadRequest(at(".file"), "must hold file_data or file_id")
	case isData(data):
		return m, inline(m, data, ".file.file_data", at)
	case bytes.HasPrefix(in, []byte("http://")), bytes.HasPrefix(in, []byte("https://")):
		m.URL = data
		return m, nil
	}
	m.MIME = "application/pdf"
	if bytes.HasSuffix(jsonlit.Inner(m.Name), []byte(".txt")) {
		m.MIME = "text/plain"
	}
	m.Data, err = base64(data, ".file.file_data", at)
	return m, err
}

func isData(v jsonlit.Value) bool { return bytes.HasPrefix(jsonlit.Inner(v), []byte("data:")) }

// inline splits a data: URL, which must be base64.
func inline(m *translate.Media, url jsonlit.Value, member string, at path) error {
	data, err := base64(url, member, at)
	if err != nil {
		return err
	}
	head, data, ok := bytes.Cut(data, []byte(","))
	mime, isBase64 := strings.CutSuffix(string(head[len("data:"):]), ";base64")
	if !ok || !isBase64 || len(data) == 0 {
		return translate.BadRequest(at(member), "must be a data: URL in base64, data:<type>;base64,<data>")
	}
	mime, _, _ = strings.Cut(mime, ";")
	m.MIME, m.Data = strings.ToLower(mime), data
	return nil
}

// base64 returns a string's text without copying it when nothing in it is
// escaped. Some clients escape the slashes; what else an escape may hide would
// not stay inside the quotes that encoders put around it.
func base64(v jsonlit.Value, member string, at path) ([]byte, error) {
	in := jsonlit.Inner(v)
	if bytes.IndexByte(in, '\\') < 0 {
		return in, nil
	}
	in = jsonlit.AppendUnquoted(nil, v)
	for _, c := range in {
		if c < ' ' || c == '"' || c == '\\' {
			return nil, translate.BadRequest(at(member), "must be base64")
		}
	}
	return in, nil
}
