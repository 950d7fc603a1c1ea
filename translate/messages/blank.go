package messages

import (
	"bytes"
	"strconv"
	"unicode"
	"unicode/utf8"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// blank reports whether a string literal holds nothing but white space: the API
// refuses such texts.
func blank(v translate.Value) bool {
	in := jsonlit.Inner(v)
	for len(in) > 0 {
		r, n := firstRune(in)
		if !unicode.IsSpace(r) {
			return false
		}
		in = in[n:]
	}
	return true
}

// firstRune returns the first character of an escaped string and the bytes that
// it takes there.
func firstRune(in []byte) (rune, int) {
	if in[0] != '\\' {
		return utf8.DecodeRune(in)
	}
	if len(in) < 2 {
		return rune(in[0]), 1
	}
	switch in[1] {
	case 'n', 'r', 't', 'f':
		return ' ', 2
	case 'u':
		if len(in) >= 6 {
			if n, err := strconv.ParseUint(string(in[2:6]), 16, 16); err == nil {
				return rune(n), 6
			}
		}
	}
	return rune(in[1]), 2
}

// trimRight returns a string literal without the white space at its end.
func trimRight(v translate.Value) translate.Value {
	in := jsonlit.Inner(v)
	for len(in) > 0 {
		n := 0
		switch c := in[len(in)-1]; {
		case c == ' ':
			n = 1
		case c == 'n' || c == 'r' || c == 't':
			// An escape, if an odd run of backslashes stands before it.
			if run := len(in) - 1 - len(bytes.TrimRight(in[:len(in)-1], `\`)); run%2 == 1 {
				n = 2
			}
		}
		if n == 0 {
			break
		}
		in = in[:len(in)-n]
	}
	if len(in) == len(jsonlit.Inner(v)) {
		return v
	}
	return quoted(in)
}
