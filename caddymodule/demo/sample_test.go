package demo

import (
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

func TestSample(t *testing.T) {
	for _, tc := range []struct{ schema, want string }{
		{``, `{}`},
		{`7`, `{}`},
		{`{}`, `{}`},
		{`{"type":"object","properties":{"a":{"type":"string"}}}`, `{}`},
		{`{"properties":{"a":{"type":"STRING"}},"required":["a","a"]}`, `{"a":"demo"}`},
		{`{"type":"object","properties":{"a":{"type":["null","integer"]},"b":{"type":"boolean"}},"required":["b","a"]}`, `{"b":false,"a":1}`},
		{`{"type":"object","required":["a"]}`, `{"a":null}`},
		{`{"type":"array","items":{"type":"number","exclusiveMinimum":2},"minItems":2}`, `[3,3]`},
		{`{"type":"array","items":{"type":"string"}}`, `[]`},
		{`{"type":"string","minLength":10}`, `"demo demo demo"`},
		{`{"type":"string","maxLength":2}`, `"de"`},
		{`{"type":"string","format":"date"}`, `"2026-01-01"`},
		{`{"type":"integer","maximum":-5}`, `-5`},
		{`{"const":{"k":1}}`, `{"k":1}`},
		{`{"default":"x","type":"string"}`, `"x"`},
		{`{"examples":["e"],"type":"string"}`, `"e"`},
		{`{"anyOf":[{"type":"null"},{"type":"string"}]}`, `"demo"`},
		{`{"$ref":"#/$defs/n","$defs":{"n":{"type":"object","properties":{"v":{"type":"string"}},"required":["v"]}}}`, `{"v":"demo"}`},
	} {
		if got := string(sample(jsontext.Value(tc.schema))); got != tc.want {
			t.Errorf("sample(%s) = %s, want %s", tc.schema, got, tc.want)
		}
	}
}

func TestSampleOfARecursiveSchemaEnds(t *testing.T) {
	v := sample(jsontext.Value(`{"$ref":"#/$defs/n","$defs":{"n":{"type":"object","properties":{"next":{"$ref":"#/$defs/n"}},"required":["next"]}}}`))
	if !v.IsValid() {
		t.Errorf("sample = %s, want valid JSON", v)
	}
}
