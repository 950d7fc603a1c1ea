package translate

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"
)

func TestMeasure(t *testing.T) {
	said := func(s string) *Request {
		return &Request{Turns: []Turn{{Parts: []Part{{Kind: Text, Text: Value(`"` + s + `"`)}}}}}
	}
	media := func(kind Kind, m Media) *Request {
		return &Request{Turns: []Turn{{Parts: []Part{{Kind: kind, Media: &m}}}}}
	}
	for name, tc := range map[string]struct {
		r    *Request
		want Extent
	}{
		"nothing":            {&Request{}, Extent{}},
		"prose":              {said(strings.Repeat("word ", 800)), Extent{Text: 1004}},
		"escapes count once": {said(strings.Repeat(`ab\n\"`, 1000)), Extent{Text: 1004}},
		"marks":              {said(strings.Repeat("é", 1000)), Extent{Text: 504}},
		"marks escaped":      {said(strings.Repeat(`\u00e9`, 1000)), Extent{Text: 504}},
		"Han":                {said(strings.Repeat("字", 1000)), Extent{Text: 1204}},
		"Han escaped":        {said(strings.Repeat(`\u5b57`, 1000)), Extent{Text: 1204}},
		"emoji":              {said(strings.Repeat("😀", 1000)), Extent{Text: 2004}},
		"emoji escaped":      {said(strings.Repeat(`\ud83d\ude00`, 1000)), Extent{Text: 2004}},
		"controls escaped":   {said(strings.Repeat(`\u0007`, 1000)), Extent{Text: 254}},
		"a cut escape":       {said(`\u00`), Extent{Text: 5}},
		"mixed":              {said(strings.Repeat(`ascii 字 é\t`, 100)), Extent{Text: 4 + 200 + 120 + 50}},
		"a system prompt":    {&Request{System: []Part{{Kind: Text, Text: Value(`"` + strings.Repeat("a", 400) + `"`)}}}, Extent{Text: 100}},
		"a tool":             {&Request{Tools: []Tool{{Name: "tool", Schema: Value(strings.Repeat(" ", 2996))}}}, Extent{Text: 1007}},
		"a hosted tool":      {&Request{Tools: []Tool{{Kind: HostedTool, Raw: Value(strings.Repeat(" ", 3000))}}}, Extent{Text: 1007}},
		"a schema":           {&Request{Format: Format{Schema: Value(strings.Repeat(" ", 3000))}}, Extent{Text: 999}},
		"a call":             {&Request{Turns: []Turn{{Parts: []Part{{Kind: ToolCall, Call: &Call{Arguments: Arguments{Object: Value(strings.Repeat(" ", 3000))}}}}}}}, Extent{Text: 1013}},
		"a result": {&Request{Turns: []Turn{{Parts: []Part{{Kind: ToolResult, Result: &Result{Parts: []Part{{Kind: Text, Text: Value(`"` + strings.Repeat("a", 400) + `"`)}}}}}}}},
			Extent{Text: 110}},
		"an image of unknown size": {media(Image, Media{URL: Value(`"https://example.com/a.png"`)}), Extent{Text: 4, Media: 46 * 29}},
		"an image":                 {media(Image, Media{Data: drawn(t, "png", 280, 140)}), Extent{Text: 4, Media: 50}},
		"sound":                    {media(Audio, Media{Data: make([]byte, 90_000)}), Extent{Text: 4, Media: 90}},
		"a short sound":            {media(Audio, Media{Data: make([]byte, 9)}), Extent{Text: 4, Media: 32}},
		"a document":               {media(File, Media{Data: make([]byte, 120_000), MIME: "application/pdf"}), Extent{Text: 4, Media: 3000}},
		"a small document":         {media(File, Media{FileID: Value(`"f"`)}), Extent{Text: 4, Media: 1500}},
		"a text":                   {media(File, Media{Data: make([]byte, 1600), MIME: "text/plain"}), Extent{Text: 304}},
		"a text as it is":          {media(File, Media{Text: Value(`"` + strings.Repeat("a", 400) + `"`)}), Extent{Text: 104}},
	} {
		if got := Measure(tc.r, ImageRule{}); got != tc.want {
			t.Errorf("%s: got %+v, want %+v", name, got, tc.want)
		}
	}
}

func TestEstimate(t *testing.T) {
	r := &Request{Turns: []Turn{{Parts: []Part{
		{Kind: Text, Text: Value(`"` + strings.Repeat("a", 384) + `"`)},
		{Kind: Image, Media: &Media{}},
	}}}}
	rule := ImageRule{Base: 70}
	if got, want := Estimate(r, Tokenizer{Image: rule}), int64(100+70); got != want {
		t.Errorf("got %d, want %d", got, want)
	}
	if got, want := Estimate(r, Tokenizer{Factor: 1.5, Image: rule}), int64(150+70); got != want {
		t.Errorf("a factor: got %d, want %d: it is no matter of pictures", got, want)
	}
	if got := Estimate(&Request{}, Tokenizer{}); got != 1 {
		t.Errorf("an empty request is estimated as %d, want 1", got)
	}
}

func TestImageRule(t *testing.T) {
	claude := ImageRule{Edge: 1568, Cell: 28, Most: 1568, PerCell: 1}
	tiles := ImageRule{Edge: 2048, Short: 768, Cell: 512, Base: 85, PerCell: 170}
	for _, tc := range []struct {
		rule          ImageRule
		width, height int
		detail        string
		want          int64
	}{
		{claude, 200, 200, "", 64},
		{claude, 1092, 1092, "", 1521},
		{claude, 4000, 4000, "", 1568},
		{claude, 10_000, 10, "", 56},
		{claude, 1, 1, "low", 1},
		{tiles, 1024, 1024, "high", 765}, // the example of OpenAI's page "Images and vision"
		{tiles, 2048, 4096, "", 1105},    // and its second one
		{tiles, 4096, 8192, "low", 85},
		{ImageRule{Base: 1120}, 5, 5, "", 1120},
		{ImageRule{Edge: 2048, Cell: 32, Most: 1536, PerCell: 1.62}, 1024, 1024, "", 1659},
	} {
		if got := tc.rule.tokens(tc.width, tc.height, tc.detail); got != tc.want {
			t.Errorf("%+v of %d x %d %s: got %d, want %d", tc.rule, tc.width, tc.height, tc.detail, got, tc.want)
		}
	}
}

// drawn is a picture of a size in base64.
func drawn(t testing.TB, format string, width, height int) []byte {
	t.Helper()
	img := image.NewPaletted(image.Rect(0, 0, width, height), color.Palette{color.Black, color.White})
	var b bytes.Buffer
	var err error
	switch format {
	case "png":
		err = png.Encode(&b, img)
	case "gif":
		err = gif.Encode(&b, img, nil)
	case "jpeg":
		err = jpeg.Encode(&b, img, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.AppendEncode(nil, b.Bytes())
}

func TestPictureSize(t *testing.T) {
	raw := func(s string) []byte { return base64.StdEncoding.AppendEncode(nil, []byte(s)) }
	// A photo as cameras write it: a long segment of their own stands before the
	// frame header.
	photo, err := base64.StdEncoding.AppendDecode(nil, drawn(t, "jpeg", 640, 480))
	if err != nil {
		t.Fatal(err)
	}
	exif := append([]byte("\xff\xd8\xff\xe1\x9c\x42"), bytes.Repeat([]byte{0xff}, 0x9c40)...)
	photo = append(exif, photo[2:]...)
	for name, tc := range map[string]struct {
		data          []byte
		width, height int
	}{
		"PNG":                {drawn(t, "png", 1000, 2), 1000, 2},
		"GIF":                {drawn(t, "gif", 17, 300), 17, 300},
		"JPEG":               {drawn(t, "jpeg", 640, 480), 640, 480},
		"JPEG of a camera":   {raw(string(photo)), 640, 480},
		"the URL alphabet":   {base64.RawURLEncoding.AppendEncode(nil, photo), 640, 480},
		"WebP, lossy":        {raw("RIFF\x00\x00\x00\x00WEBPVP8 \x00\x00\x00\x00\x30\x01\x00\x9d\x01\x2a\x80\x02\xe0\x01"), 640, 480},
		"WebP, lossless":     {raw("RIFF\x00\x00\x00\x00WEBPVP8L\x00\x00\x00\x00\x2f\x7f\xc2\x77\x00\x00\x00\x00\x00\x00"), 640, 480},
		"WebP, extended":     {raw("RIFF\x00\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x10\x00\x00\x00\x7f\x02\x00\xdf\x01\x00"), 640, 480},
		"a PNG cut off":      {drawn(t, "png", 1000, 2)[:20], 0, 0},
		"a JPEG cut off":     {raw(string(photo[:30_000])), 0, 0},
		"an impossible size": {raw("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\xff\xff\xff\xff\x00\x00\x00\x01\x08\x06"), 0, 0},
		"no picture":         {raw(strings.Repeat("hello ", 10)), 0, 0},
		"no base64":          {[]byte(strings.Repeat(`\/`, 50)), 0, 0},
		"nothing":            {nil, 0, 0},
	} {
		if w, h := pictureSize(tc.data); w != tc.width || h != tc.height {
			t.Errorf("%s: got %d x %d, want %d x %d", name, w, h, tc.width, tc.height)
		}
	}
}

func FuzzPictureSize(f *testing.F) {
	for _, format := range []string{"png", "gif", "jpeg"} {
		f.Add(drawn(f, format, 3, 5))
	}
	f.Add([]byte("UklGRgAAAABXRUJQVlA4WA=="))
	f.Fuzz(func(t *testing.T, data []byte) {
		if w, h := pictureSize(data); w < 0 || h < 0 || w > 1<<24 || h > 1<<24 {
			t.Errorf("got %d x %d", w, h)
		}
	})
}

func BenchmarkMeasure(b *testing.B) {
	code := strings.Repeat("\\tif err := run(ctx, name); err != nil {\\n\\t\\treturn fmt.Errorf(\\\"running: %w\\\", err)\\n\\t}\\n", 2700)
	r := &Request{Turns: []Turn{{Parts: []Part{{Kind: Text, Text: Value(`"` + code + `"`)}}}}}
	b.SetBytes(int64(len(code)))
	for b.Loop() {
		Measure(r, ImageRule{})
	}
}
