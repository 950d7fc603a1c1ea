package messages

import (
	"bytes"
	"iter"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// cursor walks a checked body in one pass. The walkers of jsonlit must find a
// value's end before they yield it, so that each level of nesting reads what
// lies in it once more; conversations nest deep and are nearly all of a body.
type cursor struct {
	b []byte
	i int
}

// at returns a cursor at the beginning of a value.
func at(v translate.Value) *cursor { return &cursor{b: v} }

// kind is the first byte of the value at the cursor, 0 when there is none.
func (c *cursor) kind() byte {
	c.space()
	if c.i < len(c.b) {
		return c.b[c.i]
	}
	return 0
}

// value takes the value at the cursor.
func (c *cursor) value() translate.Value {
	c.space()
	start := c.i
	c.skip()
	return c.b[start:c.i:c.i]
}

// object yields the names of an object's members. The body of the loop takes
// the value, or walks into it; a value that it leaves alone is passed over.
func (c *cursor) object() iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		if c.kind() != '{' {
			return
		}
		c.i++
		for c.kind() == '"' {
			start := c.i
			c.i = stringEnd(c.b, c.i)
			if c.i < start+2 {
				return
			}
			name := c.b[start+1 : c.i-1]
			if bytes.IndexByte(name, '\\') >= 0 {
				name = jsonlit.AppendUnquoted(nil, c.b[start:c.i])
			}
			if c.kind() != ':' {
				return
			}
			c.i++
			c.space()
			if value := c.i; !yield(name) {
				return
			} else if c.i == value {
				c.skip()
			}
			if !c.more('}') {
				return
			}
		}
		c.more('}')
	}
}

// array yields the indices of an array's elements, as object does the names.
func (c *cursor) array() iter.Seq[int] {
	return func(yield func(int) bool) {
		if c.kind() != '[' {
			return
		}
		c.i++
		for n := 0; c.kind() != 0 && c.kind() != ']'; n++ {
			if value := c.i; !yield(n) {
				return
			} else if c.i == value {
				c.skip()
			}
			if !c.more(']') {
				return
			}
		}
		c.more(']')
	}
}

// more passes over a comma, or over the end of the object or array.
func (c *cursor) more(end byte) bool {
	switch c.kind() {
	case ',':
		c.i++
		return true
	case end:
		c.i++
	}
	return false
}

func (c *cursor) space() {
	for c.i < len(c.b) && (c.b[c.i] == ' ' || c.b[c.i] == '\n' || c.b[c.i] == '\r' || c.b[c.i] == '\t') {
		c.i++
	}
}

// skip moves behind the value at the cursor.
func (c *cursor) skip() {
	depth := 0
	for c.i < len(c.b) {
		switch c.b[c.i] {
		case '"':
			c.i = stringEnd(c.b, c.i)
			if depth == 0 {
				return
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth <= 0 {
				if depth == 0 {
					c.i++
				}
				return
			}
		case ',', ' ', '\n', '\r', '\t':
			if depth == 0 {
				return
			}
		}
		c.i++
	}
}

// stringEnd returns the index behind the string that opens at i.
func stringEnd(b []byte, i int) int {
	for i++; i < len(b); {
		j := bytes.IndexByte(b[i:], '"')
		if j < 0 {
			return len(b)
		}
		end := i + j
		escapes := 0
		for k := end - 1; k >= i && b[k] == '\\'; k-- {
			escapes++
		}
		if i = end + 1; escapes%2 == 0 {
			return i
		}
	}
	return len(b)
}
