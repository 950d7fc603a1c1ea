// Package jsonlit walks and writes JSON that stays as it was written.
//
// The dialects copy most of what passes between them: prompts, numbers and
// schemas are moved as raw literals (sub-slices of the body they came in), so
// that no byte of theirs changes and none is decoded without need. [Check]
// validates a body once, with the jsontext package; the walkers below it then
// trust what has been checked and only find their way in it.
package jsonlit

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// Value is one raw JSON value, quotes included.
type Value = jsontext.Value

// Check reports whether body is exactly one JSON value in valid UTF-8.
// Unpaired surrogate escapes are allowed (JavaScript clients cut strings in
// the middle of an emoji), duplicate member names are not looked for: the
// caller decides on which level they matter. The error says where and why and
// quotes nothing of the body.
func Check(body []byte) error {
	if len(bytes.TrimLeft(body, " \t\r\n")) == 0 {
		return errors.New("the body is empty")
	}
	if !utf8.Valid(body) {
		return fmt.Errorf("invalid UTF-8 at byte %d", invalidUTF8(body))
	}
	if Value(body).IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) {
		return nil
	}
	d := jsontext.NewDecoder(bytes.NewBuffer(body), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if _, err := d.ReadValue(); err != nil {
		var syntactic *jsontext.SyntacticError
		if errors.As(err, &syntactic) {
			if errors.Is(syntactic.Err, io.ErrUnexpectedEOF) {
				return fmt.Errorf("unexpected end of JSON at byte %d", len(body))
			}
			return fmt.Errorf("invalid JSON at byte %d: %v", syntactic.ByteOffset, syntactic.Err)
		}
		if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
			return fmt.Errorf("unexpected end of JSON at byte %d", len(body))
		}
		return fmt.Errorf("invalid JSON: %w", err)
	}
	return fmt.Errorf("invalid JSON: more than one value in the body, the second at byte %d", d.InputOffset())
}

// Valid reports whether v is one JSON value in valid UTF-8. It is Check
// without the explanation, for the events of a stream; it allocates nothing.
func Valid(v []byte) bool {
	return utf8.Valid(v) && Value(v).IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

func invalidUTF8(b []byte) int {
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return len(b)
}

// Member is where a member of an object stands in it.
type Member struct {
	Name       []byte // as it stands between the quotes
	Key        int    // where its opening quote stands
	Start, End int    // of the value
}

// Escaped reports whether the name is written with escapes.
func (m Member) Escaped() bool { return bytes.IndexByte(m.Name, '\\') >= 0 }

// Members yields the members of an object in order, and nothing for anything
// but an object. v must have passed Check.
func Members(v Value) iter.Seq[Member] {
	return func(yield func(Member) bool) {
		i := space(v, 0)
		if i >= len(v) || v[i] != '{' {
			return
		}
		i = space(v, i+1)
		for i < len(v) && v[i] == '"' {
			key, end := i, skipString(v, i)
			if end-1 <= i {
				return
			}
			name := v[i+1 : end-1]
			i = space(v, end)
			if i >= len(v) || v[i] != ':' {
				return
			}
			i = space(v, i+1)
			end = skip(v, i)
			if end <= i || !yield(Member{name, key, i, end}) {
				return
			}
			i = space(v, end)
			if i >= len(v) || v[i] != ',' {
				return
			}
			i = space(v, i+1)
		}
	}
}

// Fields yields the members of an object in order: the name unquoted, the
// value raw. It yields nothing for anything but an object. v must have passed
// Check.
func Fields(v Value) iter.Seq2[[]byte, Value] {
	return func(yield func([]byte, Value) bool) {
		for m := range Members(v) {
			name := m.Name
			if m.Escaped() {
				name = unescape(name)
			}
			if !yield(name, v[m.Start:m.End:m.End]) {
				return
			}
		}
	}
}

// Elements yields the elements of an array in order. It yields nothing for
// anything but an array. v must have passed Check.
func Elements(v Value) iter.Seq[Value] {
	return func(yield func(Value) bool) {
		for start, end := range ElementSpans(v) {
			if !yield(v[start:end:end]) {
				return
			}
		}
	}
}

// ElementSpans yields where the elements of an array start and end in it.
func ElementSpans(v Value) iter.Seq2[int, int] {
	return func(yield func(start, end int) bool) {
		i := space(v, 0)
		if i >= len(v) || v[i] != '[' {
			return
		}
		i = space(v, i+1)
		for i < len(v) && v[i] != ']' {
			end := skip(v, i)
			if end <= i || !yield(i, end) {
				return
			}
			i = space(v, end)
			if i >= len(v) || v[i] != ',' {
				return
			}
			i = space(v, i+1)
		}
	}
}

// Get returns the member of nested objects that path names, or nil.
func Get(v Value, path ...string) Value {
	for _, name := range path {
		var found Value
		for k, val := range Fields(v) {
			if string(k) == name {
				found = val
				break
			}
		}
		if found == nil {
			return nil
		}
		v = found
	}
	return v
}

// Null reports whether v is absent or the literal null.
func Null(v Value) bool { return len(v) == 0 || v.Kind() == 'n' }

// IsString, IsObject and IsArray tell a value's kind; false when it is absent.
func IsString(v Value) bool { return len(v) > 0 && v.Kind() == '"' }

// IsObject reports whether v is an object.
func IsObject(v Value) bool { return len(v) > 0 && v.Kind() == '{' }

// IsArray reports whether v is an array.
func IsArray(v Value) bool { return len(v) > 0 && v.Kind() == '[' }

// True reports whether v is the literal true.
func True(v Value) bool { return len(v) > 0 && v.Kind() == 't' }

// Str returns the unquoted string of v, or "" when v is no string.
func Str(v Value) string {
	in := Inner(v)
	if bytes.IndexByte(in, '\\') < 0 {
		return string(in)
	}
	return string(AppendUnquoted(nil, v))
}

// AppendUnquoted appends the unquoted string of v; nothing when v is no
// string. Unpaired surrogates become U+FFFD.
func AppendUnquoted(dst []byte, v Value) []byte {
	if !IsString(v) {
		return dst
	}
	in := Inner(v)
	if bytes.IndexByte(in, '\\') < 0 {
		return append(dst, in...)
	}
	// AppendUnquote reports an unpaired surrogate as an error and has
	// nevertheless appended the whole string, U+FFFD in the bad place.
	out, _ := jsontext.AppendUnquote(dst, bytes.TrimSpace(v))
	return out
}

// Inner returns what stands between the quotes of a string, still escaped.
// Fragments of this kind can be concatenated and quoted again as they are.
func Inner(v Value) []byte {
	v = bytes.TrimSpace(v)
	if len(v) < 2 || v[0] != '"' {
		return nil
	}
	return v[1 : len(v)-1]
}

// Int returns v as an integer; false when it is no integral number in range.
func Int(v Value) (int64, bool) {
	if Null(v) || v.Kind() != '0' {
		return 0, false
	}
	s := string(bytes.TrimSpace(v))
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n, true
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f != float64(int64(f)) || f > 1<<53 || f < -(1<<53) {
		return 0, false
	}
	return int64(f), true
}

// Float returns v as a number; false when it is none.
func Float(v Value) (float64, bool) {
	if Null(v) || v.Kind() != '0' {
		return 0, false
	}
	f, err := strconv.ParseFloat(string(bytes.TrimSpace(v)), 64)
	return f, err == nil
}

// Quote returns s as a JSON string.
func Quote(s string) Value { return AppendQuote(make([]byte, 0, len(s)+2), s) }

// AppendQuote appends s as a JSON string. Invalid UTF-8 becomes U+FFFD;
// U+2028 and U+2029 are escaped, as some clients split lines at them.
func AppendQuote[S ~string | ~[]byte](dst []byte, s S) []byte {
	dst = append(dst, '"')
	dst = AppendEscaped(dst, s)
	return append(dst, '"')
}

// AppendEscaped appends s escaped as inside a JSON string, without quotes.
func AppendEscaped[S ~string | ~[]byte](dst []byte, s S) []byte {
	const hex = "0123456789abcdef"
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c >= 0x20 && c != '"' && c != '\\' && c != 0x7f {
				i++
				continue
			}
			dst = append(dst, s[start:i]...)
			switch c {
			case '"', '\\':
				dst = append(dst, '\\', c)
			case '\n':
				dst = append(dst, '\\', 'n')
			case '\r':
				dst = append(dst, '\\', 'r')
			case '\t':
				dst = append(dst, '\\', 't')
			default:
				dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
			}
			i++
			start = i
			continue
		}
		end := min(len(s), i+utf8.UTFMax)
		r, n := utf8.DecodeRuneInString(string(s[i:end]))
		switch {
		case r == utf8.RuneError && n == 1:
			dst = append(dst, s[start:i]...)
			dst = append(dst, "\ufffd"...)
			i++
			start = i
		case r == '\u2028' || r == '\u2029':
			dst = append(dst, s[start:i]...)
			dst = append(dst, '\\', 'u', '2', '0', '2', hex[r&15])
			i += n
			start = i
		default:
			i += n
		}
	}
	return append(dst, s[start:]...)
}

// unescape returns the text of what stands between quotes.
func unescape(inner []byte) []byte {
	quoted := make([]byte, 0, len(inner)+2)
	return AppendUnquoted(nil, append(append(append(quoted, '"'), inner...), '"'))
}

func space(v []byte, i int) int {
	for i < len(v) && (v[i] == ' ' || v[i] == '\n' || v[i] == '\r' || v[i] == '\t') {
		i++
	}
	return i
}

// skipString returns the index behind the string that opens at i.
func skipString(v []byte, i int) int {
	for i++; i < len(v); {
		j := bytes.IndexByte(v[i:], '"')
		if j < 0 {
			return len(v)
		}
		end := i + j
		// An odd run of backslashes before the quote escapes it.
		n := 0
		for k := end - 1; k >= i && v[k] == '\\'; k-- {
			n++
		}
		i = end + 1
		if n%2 == 0 {
			return i
		}
	}
	return len(v)
}

// skip returns the index behind the value that starts at i.
func skip(v []byte, i int) int {
	if i >= len(v) {
		return i
	}
	switch v[i] {
	case '"':
		return skipString(v, i)
	case '{', '[':
		depth := 0
		for i < len(v) {
			switch v[i] {
			case '"':
				i = skipString(v, i)
				continue
			case '{', '[':
				depth++
			case '}', ']':
				depth--
				if depth == 0 {
					return i + 1
				}
			}
			i++
		}
		return i
	default:
		for i < len(v) {
			switch v[i] {
			case ',', '}', ']', ' ', '\n', '\r', '\t':
				return i
			}
			i++
		}
		return i
	}
}

// AppendLiteral appends a string literal as it is, but for raw U+2028 and
// U+2029, which it escapes: they are legal in JSON, and still some clients
// split the lines of a stream at them.
func AppendLiteral(dst []byte, v Value) []byte {
	for {
		i := bytes.Index(v, []byte("\xe2\x80"))
		if i < 0 || i+2 >= len(v) {
			return append(dst, v...)
		}
		switch c := v[i+2]; c {
		case 0xa8, 0xa9:
			dst = append(append(dst, v[:i]...), '\\', 'u', '2', '0', '2', '0'+c-0xa0)
		default:
			dst = append(dst, v[:i+3]...)
		}
		v = v[i+3:]
	}
}
