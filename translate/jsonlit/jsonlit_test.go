package jsonlit

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestCheck(t *testing.T) {
	for name, tc := range map[string]struct{ in, want string }{
		"object":            {`{"a":1}`, ""},
		"surrounding space": {" \n{}\t", ""},
		"lone surrogate":    {`{"a":"\ud83d"}`, ""},
		"duplicate":         {`{"a":1,"a":2}`, ""},
		"empty":             {"", "the body is empty"},
		"blank":             {" \n", "the body is empty"},
		"cut":               {`{"a":`, "unexpected end of JSON"},
		"cut in a string":   {`{"a":"b`, "unexpected end of JSON"},
		"two values":        {`{} {}`, "more than one value"},
		"bare word":         {`{"a":tru}`, "invalid JSON at byte"},
		"form":              {`a=1&b=2`, "invalid JSON at byte 0"},
		"bad utf-8":         {"{\"a\":\"\xff\"}", "invalid UTF-8 at byte 6"},
		"too deep":          {strings.Repeat("[", 20000), "invalid JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			got := ""
			if err := Check([]byte(tc.in)); err != nil {
				got = err.Error()
			}
			if (tc.want == "") != (got == "") || !strings.Contains(got, tc.want) {
				t.Errorf("Check(%.40q) = %q, want %q", tc.in, got, tc.want)
			}
			if got, want := Valid([]byte(tc.in)), tc.want == ""; got != want {
				t.Errorf("Valid(%.40q) = %v, want %v", tc.in, got, want)
			}
		})
	}
}

func TestFields(t *testing.T) {
	in := Value(` { "a" : 1 , "b\u0063" : {"x":[1,"}"]} , "d" : "q\"\\" , "e":[ ] , "f":null } `)
	var got []string
	for k, v := range Fields(in) {
		got = append(got, fmt.Sprintf("%s=%s", k, v))
	}
	want := `a=1|bc={"x":[1,"}"]}|d="q\"\\"|e=[ ]|f=null`
	if g := strings.Join(got, "|"); g != want {
		t.Errorf("Fields = %s, want %s", g, want)
	}
	for range Fields(Value(`[1]`)) {
		t.Error("Fields of an array yielded")
	}
}

func TestElements(t *testing.T) {
	var got []string
	for v := range Elements(Value(` [ 1 , "a,]" , {"b":[2]} , [ 3 , [4] ] , true ] `)) {
		got = append(got, string(v))
	}
	want := `1|"a,]"|{"b":[2]}|[ 3 , [4] ]|true`
	if g := strings.Join(got, "|"); g != want {
		t.Errorf("Elements = %s, want %s", g, want)
	}
}

func TestGet(t *testing.T) {
	in := Value(`{"a":{"b":{"c":3}},"n":null}`)
	for _, tc := range []struct {
		path []string
		want string
	}{
		{[]string{"a", "b", "c"}, "3"},
		{[]string{"a", "x", "c"}, ""},
		{[]string{"n"}, "null"},
		{nil, string(in)},
	} {
		if got := string(Get(in, tc.path...)); got != tc.want {
			t.Errorf("Get(%v) = %q, want %q", tc.path, got, tc.want)
		}
	}
}

func TestNumbers(t *testing.T) {
	for in, want := range map[string]string{
		"1": "1 true", "-7": "-7 true", "1.0": "1 true", "1e3": "1000 true", "1.5": "0 false", `"1"`: "0 false",
		"null": "0 false", "9007199254740993": "9007199254740993 true", "1e300": "0 false",
	} {
		n, ok := Int(Value(in))
		if got := fmt.Sprint(n, ok); got != want {
			t.Errorf("Int(%s) = %s, want %s", in, got, want)
		}
	}
}

func TestStrings(t *testing.T) {
	for in, want := range map[string]string{
		`"a"`: "a", `"a\nb"`: "a\nb", `"\u00e9\ud83d\ude00"`: "é😀", `"\ud83d"`: "\ufffd", `1`: "", `null`: "", `""`: "",
	} {
		if got := Str(Value(in)); got != want {
			t.Errorf("Str(%s) = %q, want %q", in, got, want)
		}
	}
}

func TestAppendQuote(t *testing.T) {
	for _, s := range []string{"", "plain", "q\"b\\s", "line\nfeed\ttab\r", "\x00\x1f\x7f", "é😀", "a\u2028b\u2029c", "bad\xffutf"} {
		quoted := string(Quote(s))
		var back string
		if err := json.Unmarshal([]byte(quoted), &back); err != nil {
			t.Fatalf("Quote(%q) = %s: %v", s, quoted, err)
		}
		if want := strings.ToValidUTF8(s, "\ufffd"); back != want {
			t.Errorf("Quote(%q) reads back as %q", s, back)
		}
		if strings.ContainsAny(quoted, "\u2028\u2029") {
			t.Errorf("Quote(%q) holds a raw line separator", s)
		}
	}
}

func TestAppendLiteral(t *testing.T) {
	for in, want := range map[string]string{
		"\"a\u2028b\u2029\"": `"a\u2028b\u2029"`,
		"\"a\u201cb\"":       "\"a\u201cb\"",
		`"plain"`:            `"plain"`,
		"\"\u2028\u2028\"":   `"\u2028\u2028"`,
	} {
		if got := string(AppendLiteral(nil, Value(in))); got != want {
			t.Errorf("AppendLiteral(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestWriter(t *testing.T) {
	w := NewWriter([]byte("data: "))
	w.Object()
	w.StringField("a", "x\"")
	w.IntField("b", -3)
	w.Key("c")
	w.Array()
	w.Bool(true)
	w.Null()
	w.Object()
	w.EndObject()
	w.Fragment([]byte(`one\n`), []byte("two"))
	w.Raw(nil)
	w.EndArray()
	w.Field("absent", nil)
	w.Field("d", Value(`{"raw":1}`))
	w.LiteralField("e", nil)
	w.EndObject()
	got, want := string(w.Bytes()), `data: {"a":"x\"","b":-3,"c":[true,null,{},"one\ntwo",null],"d":{"raw":1},"e":""}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// FuzzWalk holds the walkers against encoding/json: what Check accepts they
// find their way in, and what it refuses they survive.
func FuzzWalk(f *testing.F) {
	for _, s := range []string{`{"a":[1,{"b":"\"}"}],"c":null}`, `[]`, `"x`, `{"a`, `{"\u0061":1}`, `{"a":1,}`, `1E800`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		ok := Check(in) == nil
		if ok && !json.Valid(in) {
			t.Fatalf("Check accepts %q, encoding/json does not", in)
		}
		if !ok && json.Valid(in) && utf8.Valid(in) {
			t.Fatalf("Check refuses %q, encoding/json accepts it", in)
		}
		n := walk(Value(in), 0)
		if !ok {
			return
		}
		d := json.NewDecoder(strings.NewReader(string(in)))
		d.UseNumber() // 1E800 is a number, if none for a float64
		tokens := 0
		for {
			tok, err := d.Token()
			if err != nil {
				break
			}
			if _, delim := tok.(json.Delim); !delim {
				tokens++
			}
		}
		if n != tokens {
			t.Fatalf("walked over %d names and scalars of %q, encoding/json over %d", n, in, tokens)
		}
	})
}

func walk(v Value, depth int) (n int) {
	if depth > 1000 {
		return 0
	}
	switch {
	case IsObject(v):
		for _, val := range Fields(v) {
			n += 1 + walk(val, depth+1)
		}
	case IsArray(v):
		for e := range Elements(v) {
			n += walk(e, depth+1)
		}
	default:
		Str(v)
		return 1
	}
	return n
}

func BenchmarkCheck(b *testing.B) {
	body := benchBody()
	b.Run("Check", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		b.ReportAllocs()
		for b.Loop() {
			if Check(body) != nil {
				b.Fatal("refused")
			}
		}
	})
	b.Run("encoding/json.Valid", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		for b.Loop() {
			if !json.Valid(body) {
				b.Fatal("refused")
			}
		}
	})
	b.Run("walk", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		for b.Loop() {
			walk(body, 0)
		}
	})
}

func benchBody() Value {
	w := NewWriter(nil)
	w.Object()
	w.StringField("model", "m")
	w.Key("messages")
	w.Array()
	for i := range 60 {
		w.Object()
		w.StringField("role", []string{"user", "assistant"}[i%2])
		w.StringField("content", strings.Repeat("Some prose with a \"quote\" and a\nnew line. ", 90))
		w.EndObject()
	}
	w.EndArray()
	w.EndObject()
	return w.Bytes()
}
