package translate

import (
	"sort"

	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// CodePoints counts the characters of a string literal: Unicode code points, as
// OpenAI's citations count them.
func CodePoints(v Value) int {
	n := 0
	for in := jsonlit.Inner(v); len(in) > 0; {
		if k := plain(in); k > 0 {
			n, in = n+k, in[k:]
			continue
		}
		_, size := firstRune(in)
		n, in = n+1, in[size:]
	}
	return n
}

// plain counts the leading characters that take one byte and stand for
// themselves.
func plain(in []byte) int {
	for i, c := range in {
		if c >= 0x80 || c == '\\' {
			return i
		}
	}
	return len(in)
}

// firstRune returns how many bytes the first character of a string's escaped
// inside has in UTF-8, and how many it takes there.
func firstRune(in []byte) (width, size int) {
	c := in[0]
	switch {
	case c == '\\' && len(in) >= 6 && in[1] == 'u':
		r := hex4(in[2:6])
		switch {
		case r >= 0xd800 && r < 0xdc00 && len(in) >= 12 && in[6] == '\\' && in[7] == 'u' && hex4(in[8:12])>>10 == 0xdc00>>10:
			return 4, 12 // two escapes for one character
		case r < 0x80:
			return 1, 6
		case r < 0x800:
			return 2, 6
		}
		return 3, 6
	case c == '\\':
		return 1, min(2, len(in))
	case c < 0xc0:
		return 1, 1
	case c < 0xe0:
		width = 2
	case c < 0xf0:
		width = 3
	default:
		width = 4
	}
	return width, min(width, len(in))
}

func hex4(b []byte) (r rune) {
	for _, c := range b {
		r <<= 4
		switch {
		case c >= '0' && c <= '9':
			r |= rune(c - '0')
		default:
			r |= rune(c|0x20-'a') + 10
		}
	}
	return r
}

// Ruler measures a text that arrives in pieces, and translates places in it
// between bytes of UTF-8, as Gemini counts, and code points. It keeps a mark for
// each stretch of characters of one width, not the text. The zero Ruler is ready.
type Ruler struct {
	bytes, runes int
	marks        []mark // where the width changes; before the first it is 1
}

type mark struct{ bytes, runes, width int }

// Add takes the next piece of the text, a string literal.
func (r *Ruler) Add(v Value) {
	for in := jsonlit.Inner(v); len(in) > 0; {
		width, size, count := 1, plain(in), 0
		if count = size; count == 0 {
			count = 1
			width, size = firstRune(in)
		}
		if last := len(r.marks) - 1; last < 0 && width > 1 || last >= 0 && r.marks[last].width != width {
			r.marks = append(r.marks, mark{r.bytes, r.runes, width})
		}
		r.bytes, r.runes = r.bytes+count*width, r.runes+count
		in = in[size:]
	}
}

// Bytes returns the text's length so far in bytes.
func (r *Ruler) Bytes() int { return r.bytes }

// Runes returns the text's length so far in code points.
func (r *Ruler) Runes() int { return r.runes }

// RunesAt returns the code points before a place given in bytes, at most all.
func (r *Ruler) RunesAt(bytes int) int {
	bytes = min(max(bytes, 0), r.bytes)
	m := r.before(func(m mark) bool { return m.bytes > bytes })
	return m.runes + (bytes-m.bytes)/m.width
}

// BytesAt returns the bytes before a place given in code points, at most all.
func (r *Ruler) BytesAt(runes int) int {
	runes = min(max(runes, 0), r.runes)
	m := r.before(func(m mark) bool { return m.runes > runes })
	return m.bytes + (runes-m.runes)*m.width
}

// before returns the last mark that is not behind a place.
func (r *Ruler) before(behind func(mark) bool) mark {
	i := sort.Search(len(r.marks), func(i int) bool { return behind(r.marks[i]) })
	if i == 0 {
		return mark{width: 1}
	}
	return r.marks[i-1]
}
