package gemini

import "testing"

func TestJSONSchema(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"JSON Schema stays", `{"type": "object", "properties": {"a":{"type":["string","null"]}}}`, `{"type": "object", "properties": {"a":{"type":["string","null"]}}}`},
		{"types", `{"type":"ARRAY","items":{"type":"NUMBER"}}`, `{"type":"array","items":{"type":"number"}}`},
		{"type list", `{"type":["STRING","NULL"]}`, `{"type":["string","null"]}`},
		{"unspecified", `{"type":"TYPE_UNSPECIFIED","anyOf":[{"type":"STRING"}]}`, `{"anyOf":[{"type":"string"}]}`},
		{"nullable", `{"type":"STRING","nullable":true}`, `{"type":["string","null"]}`},
		{"nullable enum", `{"type":"STRING","enum":["a"],"nullable":true}`, `{"type":["string","null"],"enum":["a",null]}`},
		{"limits as strings", `{"type":"array","minItems":"1","maxItems":3}`, `{"type":"array","minItems":1,"maxItems":3}`},
		{"snake case", `{"type":"array","max_items":"3","any_of":[{"type":"NULL"}]}`, `{"type":"array","maxItems":3,"anyOf":[{"type":"null"}]}`},
		{"example and order", `{"type":"object","example":{"type":"A"},"propertyOrdering":["a"]}`, `{"type":"object","examples":[{"type":"A"}]}`},
		{"properties named like keywords", `{"type":"OBJECT","properties":{"type":{"type":"STRING"},"nullable":{"type":"BOOLEAN"},"max_items":{"type":"INTEGER"},"a\"b":{"type":"NULL"}}}`,
			`{"type":"object","properties":{"type":{"type":"string"},"nullable":{"type":"boolean"},"max_items":{"type":"integer"},"a\"b":{"type":"null"}}}`},
		{"values are no schemas", `{"type":"STRING","enum":["STRING"],"default":"OBJECT","const":{"type":"X"}}`, `{"type":"string","enum":["STRING"],"default":"OBJECT","const":{"type":"X"}}`},
		{"boolean schemas", `{"type":"OBJECT","additionalProperties":false,"items":true}`, `{"type":"object","additionalProperties":false,"items":true}`},
	}
	for _, test := range tests {
		if got := string(jsonSchema([]byte(test.in))); got != test.want {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
	}
	in := []byte(`{"type":"object","properties":{"a":{"type":"string"}}}`)
	if got := jsonSchema(in); &got[0] != &in[0] {
		t.Error("a schema that needs no change was copied")
	}
}
