// Package carrier writes a vendor's opaque reasoning state as text that a client
// of another vendor's dialect keeps in that dialect's own reasoning field and
// sends back with the conversation, so that no server has to remember it:
//
//	gw1.<v><k><ordinal>:<layout>[@<id>].<scope>.<model>.<payload>[.<text>]
//
// v and k are one letter each (Vendor, Kind), ordinal counts the parts of the
// answer before this one, layout tells what stood between the carrier before and
// this part, with the lengths and checksums of texts, and what the part itself is. The dot is in neither base64 alphabet, so that
// no vendor's own value is mistaken for a carrier. Nothing in it is secret.
package carrier

import (
	"bytes"
	"encoding/base64"
	"strconv"
)

// Prefix begins every carrier.
const Prefix = "gw1."

// Base64Prefix begins every carrier that a Gemini client holds: its signatures
// are bytes, written in base64.
const Base64Prefix = "Z3cxL"

// MaxSize is the size in bytes that a carrier may have; what is larger is none.
const MaxSize = 4 << 20

// maxItems bounds the layout.
const maxItems = 1 << 14

// Vendor is who alone can read the state.
type Vendor byte

// The vendors, by the dialect that they speak.
const (
	Anthropic Vendor = 'a'
	OpenAI    Vendor = 'o'
	Google    Vendor = 'g'
	Other     Vendor = 'x' // servers compatible with Chat Completions
)

// Kind is the part of the answer that the state belongs to.
type Kind byte

// The kinds. Of a layout's items, Text and Thinking have a length.
const (
	Thinking Kind = 't' // thinking or a reasoning item
	Redacted Kind = 'r' // thinking whose text the vendor withholds altogether
	Text     Kind = 'x'
	Call     Kind = 'c'
	Media    Kind = 'm'
	Unsigned Kind = 'u' // no state: it tells who thought, or called, without any
)

// Item is a part of the answer, as a layout tells it.
type Item struct {
	Kind   Kind
	Length int    // of Text and Thinking, in code points
	Sum    uint16 // of Text and Thinking that have a length: see Sum
}

// Sum is a checksum of a text that comes in pieces; enough to tell whether
// somebody has edited it. The zero Sum is ready.
type Sum uint32

// Add takes the next piece.
func (s *Sum) Add(text []byte) {
	h := uint32(*s) ^ 2166136261 // FNV-1a
	for _, c := range text {
		h = (h ^ uint32(c)) * 16777619
	}
	*s = Sum(h ^ 2166136261)
}

// Value returns the sum of all pieces.
func (s Sum) Value() uint16 { return uint16(s>>16) ^ uint16(s) }

func (i Item) long() bool { return i.Kind == Text || i.Kind == Thinking }

// Carrier is one piece of state.
type Carrier struct {
	Vendor  Vendor
	Kind    Kind
	Ordinal int    // parts of the answer before this one
	Layout  []Item // the parts since the carrier before, this one last
	ID      string // the vendor's own id of the part, "" where it has none
	Scope   string // of the account: eight hexadecimal digits
	Model   string // that made the state
	Payload []byte // the vendor's own value

	// Text is the thinking itself, escaped as inside a JSON string, for clients
	// that do not keep it beside the carrier. Nil when it is not there.
	Text []byte
}

// Append appends the carrier's text, which needs no escaping in JSON.
func (c *Carrier) Append(dst []byte) []byte {
	dst = append(append(dst, Prefix...), byte(c.Vendor), byte(c.Kind))
	dst = strconv.AppendInt(dst, int64(c.Ordinal), 10)
	dst = append(dst, ':')
	for i, item := range c.Layout {
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst = append(dst, byte(item.Kind)); item.long() {
			dst = strconv.AppendInt(dst, int64(item.Length), 10)
			if item.Length > 0 {
				const hex = "0123456789abcdef"
				dst = append(dst, '-', hex[item.Sum>>12], hex[item.Sum>>8&15], hex[item.Sum>>4&15], hex[item.Sum&15])
			}
		}
	}
	if c.ID != "" {
		dst = appendName(append(dst, '@'), c.ID)
	}
	dst = append(append(append(dst, '.'), c.Scope...), '.')
	dst = append(appendName(dst, c.Model), '.')
	if plain(c.Payload) {
		dst = append(dst, c.Payload...)
	} else {
		dst = base64.RawURLEncoding.AppendEncode(append(dst, '~'), c.Payload)
	}
	if c.Text != nil {
		dst = base64.RawURLEncoding.AppendEncode(append(dst, '.'), c.Text)
	}
	return dst
}

// plain reports whether a payload can stand as it is: base64 of either alphabet
// and what else needs no escaping.
func plain(p []byte) bool {
	for _, c := range p {
		if !letter(c) && c != '-' && c != '_' && c != '+' && c != '/' && c != '=' && c != ':' {
			return false
		}
	}
	return true
}

func letter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// appendName writes a name with everything but letters, digits, - and _ as ~XX.
func appendName(dst []byte, s string) []byte {
	const hex = "0123456789ABCDEF"
	for i := range len(s) {
		if c := s[i]; letter(c) || c == '-' || c == '_' {
			dst = append(dst, c)
		} else {
			dst = append(dst, '~', hex[c>>4], hex[c&15])
		}
	}
	return dst
}

// Is reports whether text begins as a carrier does.
func Is(text []byte) bool { return bytes.HasPrefix(text, []byte(Prefix)) }

// Parse reads a carrier; false for what is none. The payload may point into text.
func Parse(text []byte) (c Carrier, ok bool) {
	if !Is(text) || len(text) > MaxSize {
		return c, false
	}
	fields := bytes.Split(text[len(Prefix):], []byte{'.'})
	if len(fields) != 4 && len(fields) != 5 || !c.head(fields[0]) || !hexadecimal(fields[1]) {
		return Carrier{}, false
	}
	c.Scope = string(fields[1])
	if c.Model, ok = name(fields[2]); !ok {
		return Carrier{}, false
	}
	if rest, encoded := bytes.CutPrefix(fields[3], []byte{'~'}); encoded {
		var err error
		if c.Payload, err = base64.RawURLEncoding.Strict().AppendDecode([]byte{}, rest); err != nil || plain(c.Payload) {
			return Carrier{}, false
		}
	} else if c.Payload = fields[3]; !plain(c.Payload) {
		return Carrier{}, false
	}
	if len(fields) == 5 {
		var err error
		if c.Text, err = base64.RawURLEncoding.Strict().AppendDecode([]byte{}, fields[4]); err != nil {
			return Carrier{}, false
		}
	}
	return c, true
}

// head reads <v><k><ordinal>:<layout>[@<id>].
func (c *Carrier) head(s []byte) bool {
	if len(s) < 2 {
		return false
	}
	c.Vendor, c.Kind = Vendor(s[0]), Kind(s[1])
	switch c.Vendor {
	case Anthropic, OpenAI, Google, Other:
	default:
		return false
	}
	ordinal, rest, found := bytes.Cut(s[2:], []byte{':'})
	if c.Ordinal, found = number(ordinal, found); !found {
		return false
	}
	layout, id, named := bytes.Cut(rest, []byte{'@'})
	if named {
		if c.ID, named = name(id); !named || c.ID == "" {
			return false
		}
	}
	if len(layout) == 0 {
		return c.Kind == Unsigned
	}
	items := bytes.Split(layout, []byte{','})
	if len(items) > maxItems {
		return false
	}
	c.Layout = make([]Item, len(items))
	for i, s := range items {
		if len(s) == 0 {
			return false
		}
		item := &c.Layout[i]
		switch item.Kind = Kind(s[0]); item.Kind {
		case Text, Thinking:
			length, sum, summed := bytes.Cut(s[1:], []byte{'-'})
			var ok bool
			if item.Length, ok = number(length, true); !ok || summed != (item.Length > 0) {
				return false
			}
			if summed {
				if item.Sum, ok = checksum(sum); !ok {
					return false
				}
			}
		case Redacted, Call, Media:
			if len(s) > 1 {
				return false
			}
		default:
			return false
		}
	}
	// What ends the layout is the part itself.
	return c.Kind == c.Layout[len(c.Layout)-1].Kind && c.Ordinal+1 >= len(c.Layout)
}

// number reads a canonical decimal of at most nine digits.
func number(s []byte, ok bool) (int, bool) {
	if !ok || len(s) == 0 || len(s) > 9 || s[0] == '0' && len(s) > 1 {
		return 0, false
	}
	n := 0
	for _, c := range s {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}

// checksum reads four hexadecimal digits.
func checksum(s []byte) (sum uint16, ok bool) {
	for _, c := range s {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		default:
			return 0, false
		}
		sum = sum<<4 | uint16(c)
	}
	return sum, len(s) == 4
}

func hexadecimal(s []byte) bool {
	for _, c := range s {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return len(s) == 8
}

// name undoes appendName.
func name(s []byte) (string, bool) {
	if bytes.IndexByte(s, '~') < 0 {
		for _, c := range s {
			if !letter(c) && c != '-' && c != '_' {
				return "", false
			}
		}
		return string(s), true
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case letter(c), c == '-', c == '_':
		case c == '~' && i+2 < len(s):
			n, err := strconv.ParseUint(string(s[i+1:i+3]), 16, 8)
			if err != nil {
				return "", false
			}
			c = byte(n)
			i += 2
		default:
			return "", false
		}
		out = append(out, c)
	}
	return string(out), true
}
