package translate

import (
	"bytes"

	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// Arguments are a tool call's arguments, in the form that the client or the
// upstream wrote: an object, or a string that holds JSON. What is not JSON
// inside the string is kept: models do write broken arguments, and a
// conversation must not fail for ever because of one.
type Arguments struct {
	Object Value // a JSON object
	Text   Value // a JSON string whose text is a JSON object, or a custom tool's free input
}

// AppendText appends the arguments as a JSON string that holds JSON, as Chat
// and Responses want them. No arguments are the empty object.
func (a Arguments) AppendText(dst []byte) []byte {
	switch {
	case len(a.Text) > 0 && len(bytes.TrimSpace(jsonlit.Inner(a.Text))) > 0:
		return append(dst, a.Text...)
	case len(a.Object) > 0:
		return jsonlit.AppendQuote(dst, a.Object)
	}
	return append(dst, `"{}"`...)
}

// AppendObject appends the arguments as a JSON object, as Messages and Gemini
// want them. Text that is no JSON object is wrapped as {"_raw": text}, and ok
// is false.
func (a Arguments) AppendObject(dst []byte) (out []byte, ok bool) {
	if len(a.Object) > 0 {
		return append(dst, a.Object...), true
	}
	if len(bytes.TrimSpace(jsonlit.Inner(a.Text))) == 0 {
		return append(dst, '{', '}'), true
	}
	start := len(dst)
	dst = jsonlit.AppendUnquoted(dst, a.Text)
	if text := dst[start:]; jsonlit.Valid(text) && jsonlit.IsObject(text) {
		return dst, true
	}
	dst = append(dst[:start], `{"_raw":`...)
	dst = append(dst, a.Text...)
	return append(dst, '}'), false
}

// AppendInput appends a custom tool's free text wrapped as the arguments of the
// function that stands in for it: {"input": text}.
func (a Arguments) AppendInput(dst []byte) []byte {
	dst = append(dst, `{"input":`...)
	if len(a.Text) == 0 {
		dst = append(dst, `""`...)
	} else {
		dst = append(dst, a.Text...)
	}
	return append(dst, '}')
}

// InputOf takes a custom tool's free text, a JSON string, out of the arguments
// of the function that stood in for it, itself a JSON string. Arguments of
// another shape are returned whole.
func InputOf(arguments Value) Value {
	object := jsonlit.AppendUnquoted(nil, arguments)
	if jsonlit.Valid(object) {
		if in := jsonlit.Get(object, "input"); jsonlit.IsString(in) {
			return in
		}
	}
	return arguments
}
