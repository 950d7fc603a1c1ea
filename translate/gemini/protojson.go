package gemini

import (
	"bytes"
	"encoding/base64"
	"errors"
	"iter"
	"strconv"
	"strings"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// member returns a member's name in camelCase, whichever of the two spellings
// that protocol buffers know it came in.
func member(name []byte) []byte {
	if bytes.IndexByte(name, '_') < 1 {
		return name
	}
	out := make([]byte, 0, len(name))
	for i := 0; i < len(name); i++ {
		c := name[i]
		if c == '_' && i > 0 && i+1 < len(name) && name[i+1] >= 'a' && name[i+1] <= 'z' {
			i++
			c = name[i] - 'a' + 'A'
		}
		out = append(out, c)
	}
	return out
}

// items yields the elements of a repeated field. A lone value stands for a list
// of one, null for none.
func items(v jsonlit.Value) iter.Seq2[int, jsonlit.Value] {
	return func(yield func(int, jsonlit.Value) bool) {
		if jsonlit.Null(v) {
			return
		}
		if !jsonlit.IsArray(v) {
			yield(0, v)
			return
		}
		i := 0
		for e := range jsonlit.Elements(v) {
			if !yield(i, e) {
				return
			}
			i++
		}
	}
}

// inside puts the place of a member in front of an error's Param.
func inside(err error, name string) error {
	var e *translate.Error
	if !errors.As(err, &e) {
		return err
	}
	switch {
	case e.Param == "":
		e.Param = name
	case e.Param[0] == '[':
		e.Param = name + e.Param
	default:
		e.Param = name + "." + e.Param
	}
	return err
}

// at puts the place of a list's element in front of an error's Param.
func at(err error, name string, i int) error {
	return inside(err, name+"["+strconv.Itoa(i)+"]")
}

// kindName names a value's JSON type for messages.
func kindName(v jsonlit.Value) string {
	if len(v) == 0 {
		return "nothing"
	}
	switch v.Kind() {
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '"':
		return "a string"
	case '0':
		return "a number"
	case 'n':
		return "null"
	}
	return "a boolean"
}

func wantObject(param string, v jsonlit.Value) error {
	if jsonlit.IsObject(v) {
		return nil
	}
	return translate.BadRequest(param, "must be an object, not %s", kindName(v))
}

func wantString(param string, v jsonlit.Value) error {
	if jsonlit.IsString(v) {
		return nil
	}
	return translate.BadRequest(param, "must be a string, not %s", kindName(v))
}

// enum returns an enum's name in upper case.
func enum(param string, v jsonlit.Value) (string, error) {
	if err := wantString(param, v); err != nil {
		return "", err
	}
	return strings.ToUpper(jsonlit.Str(v)), nil
}

func boolean(param string, v jsonlit.Value) (bool, error) {
	if t := translate.TriOf(v); t != translate.Unset {
		return t == translate.True, nil
	}
	return false, translate.BadRequest(param, "must be a boolean, not %s", kindName(v))
}

// number returns the literal of a number, which may stand in a string.
func number(param string, v jsonlit.Value) (jsonlit.Value, error) {
	lit := v
	if jsonlit.IsString(v) {
		lit = jsonlit.Inner(v)
	}
	if len(lit) == 0 || lit.Kind() != '0' || jsonlit.IsString(v) && !jsonlit.Valid(lit) {
		return nil, translate.BadRequest(param, "must be a number, not %s", kindName(v))
	}
	return lit, nil
}

// integer returns a number's literal in digits alone, and its value.
func integer(param string, v jsonlit.Value) (jsonlit.Value, int64, error) {
	lit, err := number(param, v)
	if err != nil {
		return nil, 0, err
	}
	n, ok := jsonlit.Int(lit)
	if !ok {
		return nil, 0, translate.BadRequest(param, "must be an integer")
	}
	if bytes.ContainsAny(lit, ".eE") {
		lit = strconv.AppendInt(nil, n, 10)
	}
	return lit, n, nil
}

// base64Of returns a bytes field in the standard alphabet with padding, as it
// may stand inside a JSON string. What is in that form already is not copied.
func base64Of(param string, v jsonlit.Value) ([]byte, error) {
	if err := wantString(param, v); err != nil {
		return nil, err
	}
	in := jsonlit.Inner(v)
	if len(in)%4 == 0 && bytes.IndexByte(in, '\\') < 0 && bytes.IndexByte(in, '-') < 0 && bytes.IndexByte(in, '_') < 0 {
		return in, nil
	}
	out := make([]byte, 0, len(in)+3)
	for _, c := range jsonlit.AppendUnquoted(nil, v) {
		switch c {
		case '-':
			c = '+'
		case '_':
			c = '/'
		case '=', '\r', '\n', ' ', '\t':
			continue
		}
		out = append(out, c)
	}
	raw := base64.RawStdEncoding
	if _, err := raw.Decode(make([]byte, raw.DecodedLen(len(out))), out); err != nil {
		return nil, translate.BadRequest(param, "must be base64")
	}
	for len(out)%4 != 0 {
		out = append(out, '=')
	}
	return out, nil
}
