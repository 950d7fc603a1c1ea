package translate

import (
	"testing"
	"unicode/utf8"

	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

func TestRuler(t *testing.T) {
	const text = "Grüße,世界 🌍 ok\n\"x\" 界界界 a"
	escaped := Value(`"Gr\u00fc\u00dfe,\u4e16界 \ud83c\udf0d ok\n\"x\" 界界\u754c a"`)
	plain := jsonlit.Quote(text)
	for name, v := range map[string]Value{"plain": plain, "escaped": escaped} {
		if got := jsonlit.Str(v); got != text {
			t.Fatalf("%s: got %q, want %q", name, got, text)
		}
		if got, want := CodePoints(v), utf8.RuneCountInString(text); got != want {
			t.Errorf("%s: got %d code points, want %d", name, got, want)
		}
		var r Ruler
		half := len(v) / 2
		for half > 1 && (v[half]&0xc0 == 0x80 || name == "escaped") { // any place between two characters
			half--
		}
		r.Add(append(append(Value{'"'}, v[1:half]...), '"'))
		r.Add(append(Value{'"'}, v[half:]...))
		if r.Bytes() != len(text) || r.Runes() != utf8.RuneCountInString(text) {
			t.Errorf("%s: got %d bytes and %d runes, want %d and %d", name, r.Bytes(), r.Runes(), len(text), utf8.RuneCountInString(text))
		}
		n := 0
		for at := range text {
			if got := r.RunesAt(at); got != n {
				t.Errorf("%s: RunesAt(%d): got %d, want %d", name, at, got, n)
			}
			if got := r.BytesAt(n); got != at {
				t.Errorf("%s: BytesAt(%d): got %d, want %d", name, n, got, at)
			}
			n++
		}
		if got := r.RunesAt(1 << 20); got != n {
			t.Errorf("%s: beyond the end: got %d, want %d", name, got, n)
		}
	}
}
