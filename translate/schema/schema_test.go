package schema

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

type table map[string]struct{ in, want string }

func (tests table) run(t *testing.T, f func(translate.Value) translate.Value) {
	t.Helper()
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			in := translate.Value(tc.in)
			got := f(in)
			want := tc.want
			if want == "" {
				want = tc.in
				if len(got) > 0 && &got[0] != &in[0] {
					t.Errorf("an unchanged schema was copied")
				}
			}
			if string(got) != want {
				t.Errorf("\n got %s\nwant %s", got, want)
			}
			if again := f(got); string(again) != string(got) {
				t.Errorf("a second pass changes it\n got %s\nwant %s", again, got)
			}
		})
	}
}

func TestForMessagesFormat(t *testing.T) {
	table{
		"closed object stays": {in: `{"type":"object","properties":{"a":{"type":"string","format":"date"}},"required":["a"],"additionalProperties":false}`},
		"objects are closed": {
			`{"type":"object","properties":{"a":{"type":"object","properties":{}}},"additionalProperties":true}`,
			`{"type":"object","properties":{"a":{"type":"object","properties":{},"additionalProperties":false}},"additionalProperties":false}`,
		},
		"bare object": {`{"type":"object"}`, `{"type":"object","properties":{},"additionalProperties":false}`},
		"map of values": {
			`{"type":"object","additionalProperties":{"type":"string","maxLength":3}}`,
			`{"type":"object","additionalProperties":{"type":"string","description":"{maxLength: 3}"}}`,
		},
		"moved into the description": {
			`{"type":"object","additionalProperties":false,"properties":{"n":{"type":"integer","minimum":1,"description":"A \"n\".","maximum":9},"s":{"type":"string","format":"color","examples":["a"]}}}`,
			`{"type":"object","additionalProperties":false,"properties":{"n":{"type":"integer","description":"A \"n\".\n\n{minimum: 1, maximum: 9}"},"s":{"type":"string","description":"{format: color, examples: [\"a\"]}"}}}`,
		},
		"array bounds": {
			`{"type":"array","minItems":1,"items":{"type":"array","minItems":2,"items":{"type":"number"}}}`,
			`{"type":"array","minItems":1,"items":{"type":"array","items":{"type":"number"},"description":"{minItems: 2}"}}`,
		},
		"oneOf":                {`{"oneOf":[{"type":"null"},{"type":"string"}]}`, `{"anyOf":[{"type":"null"},{"type":"string"}]}`},
		"formless alternative": {`{"anyOf":[{"type":"null"},{"title":"any"},{}]}`, `{"anyOf":[{"type":"null"}]}`},
		"formless property": {
			`{"type":"object","properties":{"a":{"description":"x"},"b":true},"additionalProperties":false}`,
			`{"type":"object","properties":{"a":true,"b":true},"additionalProperties":false}`,
		},
		"type is inferred": {`{"properties":{"a":{"items":{"type":"string"}}}}`,
			`{"type":"object","properties":{"a":{"type":"array","items":{"type":"string"}}},"additionalProperties":false}`},
		"nullable object": {`{"type":["object","null"],"properties":{}}`, `{"type":["object","null"],"properties":{},"additionalProperties":false}`},
		"reference stands alone": {
			`{"type":"object","properties":{"a":{"$ref":"#/$defs/A","description":"x"}},"additionalProperties":false,"$defs":{"A":{"type":"string","minLength":1}}}`,
			`{"type":"object","properties":{"a":{"$ref":"#/$defs/A"}},"additionalProperties":false,"$defs":{"A":{"type":"string","description":"{minLength: 1}"}}}`,
		},
		"old definitions": {
			`{"type":"object","properties":{"a":{"$ref":"#/definitions/A"}},"additionalProperties":false,"definitions":{"A":{"type":"string"}}}`,
			`{"type":"object","properties":{"a":{"$ref":"#/$defs/A"}},"additionalProperties":false,"$defs":{"A":{"type":"string"}}}`,
		},
		"root is a reference": {
			`{"$schema":"x","$ref":"#/$defs/N","$defs":{"N":{"type":"object","properties":{"next":{"$ref":"#/$defs/N"}}}}}`,
			`{"type":"object","properties":{"next":{"$ref":"#/$defs/N"}},"additionalProperties":false,"$defs":{"N":{"type":"object","properties":{"next":{"$ref":"#/$defs/N"}},"additionalProperties":false}}}`,
		},
		"root refers to itself": {in: `{"$ref":"#"}`},
		"document words":        {`{"$schema":"x","$id":"y","type":"string"}`, `{"type":"string"}`},
		"property named like a keyword": {
			`{"type":"object","properties":{"$ref":{"type":"string"},"minimum":{"type":"number"}},"additionalProperties":false}`, ``},
		"names are escaped": {`{"type":"object","properties":{"a\"b":{"type":"string"}}}`, `{"type":"object","properties":{"a\"b":{"type":"string"}},"additionalProperties":false}`},
		"boolean":           {in: `true`},
		"no JSON":           {in: `{"type":`},
		"nothing":           {in: ``},
		"odd shapes":        {in: `{"type":7,"properties":[],"anyOf":{},"required":1,"additionalProperties":false}`},
	}.run(t, ForMessagesFormat)
}

func TestForGemini(t *testing.T) {
	table{
		"plain": {in: `{"type":"object","properties":{"a":{"$ref":"#/$defs/A","description":"x"}},"$defs":{"A":{"type":"string","minLength":1}},"not":{"type":"null"}}`},
		"words of the document": {
			`{"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{"$schema":{"type":"string","$comment":"c"}}}`,
			`{"type":"object","properties":{"$schema":{"type":"string"}}}`,
		},
		"const": {
			`{"anyOf":[{"const":"a"},{"const":1,"type":"integer"},{"const":null},{"const":"b","enum":["b"]}],"default":{"const":"kept"}}`,
			`{"anyOf":[{"enum":["a"]},{"enum":[1],"type":"integer"},{"const":null},{"const":"b","enum":["b"]}],"default":{"const":"kept"}}`,
		},
		"reference with siblings": {
			`{"type":"object","properties":{"a":{"$ref":"#/$defs/A","title":"T"}},"$defs":{"A":{"type":"string","title":"A"}}}`,
			`{"type":"object","properties":{"a":{"type":"string","title":"T"}},"$defs":{"A":{"type":"string","title":"A"}}}`,
		},
		"old definitions": {
			`{"type":"object","properties":{"a":{"$ref":"#/definitions/A"}},"definitions":{"A":{"type":"array","items":{"$ref":"#/definitions/A"}}}}`,
			`{"type":"object","properties":{"a":{"$ref":"#/$defs/A"}},"$defs":{"A":{"type":"array","items":{"$ref":"#/$defs/A"}}}}`,
		},
		"reference elsewhere": {
			`{"type":"object","properties":{"a":{"enum":["x"]},"b":{"$ref":"#/properties/a"},"a/b":{"type":"null"},"c":{"$ref":"#/properties/a~1b"}}}`,
			`{"type":"object","properties":{"a":{"enum":["x"]},"b":{"enum":["x"]},"a/b":{"type":"null"},"c":{"type":"null"}}}`,
		},
		"reference to the root": {
			`{"type":"object","properties":{"children":{"type":"array","items":{"$ref":"#","description":"child"}}}}`,
			`{"type":"object","properties":{"children":{"type":"array","items":{"description":"child"}}}}`,
		},
		"loop with siblings": {
			`{"$ref":"#/$defs/A","type":"object","$defs":{"A":{"properties":{"a":{"$ref":"#/$defs/A","title":"t"}}}}}`,
			`{"properties":{"a":{"$ref":"#/$defs/A"}},"type":"object","$defs":{"A":{"properties":{"a":{"$ref":"#/$defs/A"}}}}}`,
		},
		"unknown reference": {`{"type":"array","items":{"$ref":"https://example.com/x.json","title":"t"}}`, `{"type":"array","items":{"title":"t"}}`},
		"boolean":           {in: `false`},
		"no JSON":           {in: `{"`},
		"odd shapes":        {in: `{"type":7,"properties":[],"anyOf":{},"$ref":3}`},
	}.run(t, ForGemini)
}

// TestBounds feeds schemas that multiply or nest without end.
func TestBounds(t *testing.T) {
	var bomb strings.Builder
	bomb.WriteString(`{"type":"object","properties":{"a":{"$ref":"#/$defs/A0","title":"t"}},"$defs":{`)
	for i := range 60 {
		next := string(rune('0'+(i+1)/10)) + string(rune('0'+(i+1)%10))
		name := string(rune('0'+i/10)) + string(rune('0'+i%10))
		if i == 0 {
			name = "0"
		}
		bomb.WriteString(`"A` + name + `":{"type":"object","properties":{"x":{"$ref":"#/$defs/A` + next + `","title":"t"},"y":{"$ref":"#/$defs/A` + next + `","title":"t"}}},`)
	}
	bomb.WriteString(`"A60":{"type":"string"}}}`)
	deep := strings.Repeat(`{"type":"array","items":`, 5000) + `{}` + strings.Repeat(`}`, 5000)
	for name, in := range map[string]string{"bomb": bomb.String(), "deep": deep} {
		for _, f := range []func(translate.Value) translate.Value{ForGemini, ForMessagesFormat} {
			start := time.Now()
			got := f(translate.Value(in))
			if !jsonlit.Valid(got) {
				t.Errorf("%s: the result is no JSON", name)
			}
			if max := 40*len(in) + 256<<10; len(got) > max {
				t.Errorf("%s: %d bytes became %d, want at most %d", name, len(in), len(got), max)
			}
			if d := time.Since(start); d > 10*time.Second {
				t.Errorf("%s: took %v", name, d)
			}
		}
	}
}

func FuzzSchemas(f *testing.F) {
	f.Add([]byte(`{"$ref":"#/definitions/a","x":1,"definitions":{"a":{"$ref":"#/definitions/a"}}}`))
	f.Add([]byte(`{"type":["object"],"oneOf":[{"const":1}],"$defs":{"a":{"properties":{"b":{"$ref":"#/$defs/a/properties/b"}}}}}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		whole := bytes.Clone(in)
		for _, fit := range []func(translate.Value) translate.Value{ForGemini, ForMessagesFormat, ForMessagesTool} {
			FitsStrict(in)
			got := fit(in)
			if jsonlit.Valid(in) && !jsonlit.Valid(got) {
				t.Fatalf("%q became %q, which is no JSON", in, got)
			}
			if !bytes.Equal(in, whole) {
				t.Fatalf("the input was changed to %q", in)
			}
		}
	})
}
