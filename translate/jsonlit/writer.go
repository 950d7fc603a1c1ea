package jsonlit

import "strconv"

// Writer appends JSON to a byte slice and sets the commas. It does not check
// what it is given: raw values must be valid JSON, and every object and array
// opened must be closed. The zero Writer is ready; Bytes takes the result.
type Writer struct{ b []byte }

// NewWriter returns a Writer that appends to dst.
func NewWriter(dst []byte) Writer { return Writer{b: dst} }

// Bytes returns what dst has grown to.
func (w *Writer) Bytes() []byte { return w.b }

// sep writes the comma that a next name or element needs. A value never ends
// in one of the opening characters, so that the last byte tells.
func (w *Writer) sep() {
	if n := len(w.b); n > 0 {
		switch w.b[n-1] {
		case '{', '[', ':', ' ', '\n':
		default:
			w.b = append(w.b, ',')
		}
	}
}

// Object opens an object as an element or as the value of the last Key.
func (w *Writer) Object() { w.sep(); w.b = append(w.b, '{') }

// EndObject closes the innermost object.
func (w *Writer) EndObject() { w.b = append(w.b, '}') }

// Array opens an array as an element or as the value of the last Key.
func (w *Writer) Array() { w.sep(); w.b = append(w.b, '[') }

// EndArray closes the innermost array.
func (w *Writer) EndArray() { w.b = append(w.b, ']') }

// Key writes a member's name, which must need no escaping.
func (w *Writer) Key(name string) {
	w.sep()
	w.b = append(w.b, '"')
	w.b = append(w.b, name...)
	w.b = append(w.b, '"', ':')
}

// Raw writes one raw value; an absent one becomes null.
func (w *Writer) Raw(v Value) {
	w.sep()
	if len(v) == 0 {
		w.b = append(w.b, "null"...)
		return
	}
	w.b = append(w.b, v...)
}

// String writes s as a JSON string.
func (w *Writer) String(s string) { w.sep(); w.b = AppendQuote(w.b, s) }

// Fragment writes the concatenation of still escaped string fragments as one
// JSON string.
func (w *Writer) Fragment(parts ...[]byte) {
	w.sep()
	w.b = append(w.b, '"')
	for _, p := range parts {
		w.b = append(w.b, p...)
	}
	w.b = append(w.b, '"')
}

// Int writes an integer.
func (w *Writer) Int(n int64) { w.sep(); w.b = strconv.AppendInt(w.b, n, 10) }

// Bool writes true or false.
func (w *Writer) Bool(v bool) { w.sep(); w.b = strconv.AppendBool(w.b, v) }

// Null writes null.
func (w *Writer) Null() { w.sep(); w.b = append(w.b, "null"...) }

// Field writes a member with a raw value, and nothing when it is absent.
func (w *Writer) Field(name string, v Value) {
	if len(v) > 0 {
		w.Key(name)
		w.Raw(v)
	}
}

// StringField writes a member with a string value.
func (w *Writer) StringField(name, s string) { w.Key(name); w.String(s) }

// IntField writes a member with an integer value.
func (w *Writer) IntField(name string, n int64) { w.Key(name); w.Int(n) }

// BoolField writes a member with a boolean value.
func (w *Writer) BoolField(name string, v bool) { w.Key(name); w.Bool(v) }

// Literal writes a string literal through AppendLiteral; an absent one becomes
// the empty string.
func (w *Writer) Literal(v Value) {
	w.sep()
	if len(v) == 0 {
		w.b = append(w.b, '"', '"')
		return
	}
	w.b = AppendLiteral(w.b, v)
}

// LiteralField writes a member with a string literal.
func (w *Writer) LiteralField(name string, v Value) { w.Key(name); w.Literal(v) }
