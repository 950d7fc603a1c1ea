package translate

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"math"
)

// ImageRule is the formula by which a family of models counts pictures: scaled
// down to what the model sees, and cut into squares. The zero value is a rule
// for models of which nothing is known.
type ImageRule struct {
	// Edge is what the longer side is scaled down to, in pixels, and Short then
	// the shorter side; 0 leaves it.
	Edge, Short int
	// Cell is the side of the squares in pixels; 0 means that only Base counts.
	Cell int
	// Most is how many squares there are at most; 0 is no limit.
	Most int
	// Base and PerCell are tokens. A picture that the client wants seen in low
	// detail costs Base alone, where there is one.
	Base, PerCell float64
}

// The size of a picture that does not tell its own: a screenshot.
const (
	usualWidth  = 1280
	usualHeight = 800
)

// tokens is what a picture costs; 0 by 0 is a picture of unknown size.
func (r ImageRule) tokens(width, height int, detail string) int64 {
	if r == (ImageRule{}) {
		r = ImageRule{Edge: 1568, Cell: 28, Most: 1568, PerCell: 1}
	}
	if r.Cell == 0 || detail == "low" && r.Base > 0 {
		return max(1, int64(math.Ceil(r.Base)))
	}
	if width <= 0 || height <= 0 {
		width, height = usualWidth, usualHeight
	}
	w, h := float64(width), float64(height)
	shrink := func(side float64, to int) {
		if to > 0 && side > float64(to) {
			w, h = w*float64(to)/side, h*float64(to)/side
		}
	}
	shrink(max(w, h), r.Edge)
	shrink(min(w, h), r.Short)
	cell := float64(r.Cell)
	cells := math.Ceil(w/cell) * math.Ceil(h/cell)
	if r.Most > 0 {
		cells = min(cells, float64(r.Most))
	}
	return max(1, int64(math.Ceil(r.Base+cells*r.PerCell)))
}

// pictureSize reads the size of a PNG, JPEG, GIF or WebP picture in pixels out
// of its base64, of which it decodes the few bytes that tell; 0, 0 when they do
// not.
func pictureSize(data []byte) (width, height int) {
	p := picture{data: data}
	head := p.at(0, 30)
	if len(head) < 26 {
		return 0, 0
	}
	u16, u32 := binary.LittleEndian.Uint16, binary.LittleEndian.Uint32
	switch {
	case string(head[:8]) == "\x89PNG\r\n\x1a\n":
		return sized(binary.BigEndian.Uint32(head[16:]), binary.BigEndian.Uint32(head[20:]))
	case string(head[:4]) == "GIF8":
		return int(u16(head[6:])), int(u16(head[8:]))
	case string(head[:2]) == "\xff\xd8":
		return p.jpeg()
	case len(head) < 30 || string(head[:4]) != "RIFF" || string(head[8:12]) != "WEBP":
		return 0, 0
	}
	switch string(head[12:16]) {
	case "VP8 ":
		return int(u16(head[26:]) & 0x3fff), int(u16(head[28:]) & 0x3fff)
	case "VP8L":
		packed := u32(head[21:])
		return int(packed&0x3fff) + 1, int(packed>>14&0x3fff) + 1
	case "VP8X":
		return int(u32(head[24:])&0xffffff) + 1, int(u32(head[26:])>>8) + 1
	}
	return 0, 0
}

// sized passes sizes on that a picture can have.
func sized(width, height uint32) (int, int) {
	const most = 1 << 20
	if width > most || height > most {
		return 0, 0
	}
	return int(width), int(height)
}

// picture is base64 of which pieces are read.
type picture struct {
	data []byte
	buf  [36]byte
}

// at returns up to n <= 30 bytes of the decoded data from an offset; fewer when
// there are no more, or when they are no base64.
func (p *picture) at(offset, n int) []byte {
	from := offset / 3 * 4
	to := min((offset+n+2)/3*4, len(p.data))
	if from >= to {
		return nil
	}
	var quanta [48]byte
	src := quanta[:copy(quanta[:], p.data[from:to])]
	src = bytes.TrimRight(src, "=")
	for i, c := range src {
		switch c { // Google's clients may use the alphabet of URLs
		case '-':
			src[i] = '+'
		case '_':
			src[i] = '/'
		}
	}
	got, _ := base64.RawStdEncoding.Decode(p.buf[:], src)
	skip := offset % 3
	if got <= skip {
		return nil
	}
	return p.buf[skip:min(got, skip+n)]
}

// jpeg walks the segments up to the frame header, which holds the size.
func (p *picture) jpeg() (width, height int) {
	const maxSegments = 64
	offset := 2
	for range maxSegments {
		s := p.at(offset, 9)
		if len(s) < 9 || s[0] != 0xff {
			return 0, 0
		}
		switch marker := s[1]; {
		case marker == 0xff: // a fill byte
			offset++
		case marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc:
			return int(binary.BigEndian.Uint16(s[7:])), int(binary.BigEndian.Uint16(s[5:]))
		case marker == 0x01 || marker >= 0xd0 && marker <= 0xd8: // these have no body
			offset += 2
		default:
			offset += 2 + int(binary.BigEndian.Uint16(s[2:]))
		}
	}
	return 0, 0
}
