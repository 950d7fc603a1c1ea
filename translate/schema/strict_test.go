package schema

import (
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/translate"
)

func TestFitsStrict(t *testing.T) {
	for in, want := range map[string]bool{
		`{"type":"object","properties":{},"additionalProperties":false}`:                                                                                                                        true,
		`{"type":"object","properties":{"a":{"type":["string","null"],"description":"d"}},"required":["a"],"additionalProperties":false}`:                                                       true,
		`{"type":"object","properties":{"a":{"$ref":"#/$defs/A"}},"required":["a"],"additionalProperties":false,"$defs":{"A":{"anyOf":[{"enum":["x"]},{"type":"array","items":{"const":1}}]}}}`: true,

		`{"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":false}`:                                                                                                       false, // optional
		`{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}`:                                                                                                                   false, // open
		`{"type":"object","properties":{},"additionalProperties":true}`:                                                                                                                             false,
		`{"type":"object","properties":{"a":{"type":"object"}},"required":["a"],"additionalProperties":false}`:                                                                                      false, // open inside
		`{"type":"object","properties":{"a":{"allOf":[]}},"required":["a"],"additionalProperties":false}`:                                                                                           false, // keyword
		`{"type":"object","properties":{"a":{"description":"any"}},"required":["a"],"additionalProperties":false}`:                                                                                  false, // no form
		`{"type":"object","properties":{"a":{"type":"string","format":"date"}},"required":["a"],"additionalProperties":false}`:                                                                      true,
		`{"type":"object","properties":{"a":{"type":"string","format":"byte"}},"required":["a"],"additionalProperties":false}`:                                                                      false,
		`{"type":"object","properties":{"a":` + strings.Repeat(`{"type":"array","items":`, 12) + `{"type":"string"}` + strings.Repeat(`}`, 12) + `},"required":["a"],"additionalProperties":false}`: false, // deep
		`{"type":"object","properties":{"a":true},"required":["a"],"additionalProperties":false}`:                                                                                                   false,
		`{"type":"object","properties":{"a":{"type":"array","items":{"oneOf":[]}}},"required":["a"],"additionalProperties":false}`:                                                                  false,
		`{"type":"object","properties":{},"additionalProperties":false,"$defs":{"A":{"not":{}}}}`:                                                                                                   false,
		`{"type":"object","anyOf":[],"properties":{},"additionalProperties":false}`:                                                                                                                 false,
		`{"type":"array","items":{"type":"string"}}`:                                                                                                                                                false,
		`{"properties":{}}`: false,
		`true`:              false,
		`{"type":"object"`:  false,
		``:                  false,
	} {
		if got := FitsStrict(translate.Value(in)); got != want {
			t.Errorf("FitsStrict(%s) = %v, want %v", in, got, want)
		}
	}
}

func TestForMessagesTool(t *testing.T) {
	const none = `{"type":"object","properties":{}}`
	for in, want := range map[string]string{
		``:         none,
		`true`:     none,
		`{"type":`: none,
		`{}`:       `{"type":"object"}`,
		`{"type":"object","properties":{"a":{"anyOf":[]}},"$defs":{},"x-y":1}`: ``,
		`{"properties":{"a":{}},"required":["a"]}`:                             `{"type":"object","properties":{"a":{}},"required":["a"]}`,
		`{"type":["object","null"],"title":"T"}`:                               `{"type":"object","title":"T"}`,
		`{"description":"d","oneOf":[{"properties":{"a":{"type":"string"},"b":{}},"required":["a"]},{"$ref":"#/$defs/C"},{"$ref":"#/$defs/none"}],"properties":{"b":{"type":"null"}},"$defs":{"C":{"properties":{"c":{}}}}}`: `{"type":"object","description":"d","$defs":{"C":{"properties":{"c":{}}}},"properties":{"b":{"type":"null"},"a":{"type":"string"},"c":{}}}`,
	} {
		got := ForMessagesTool(translate.Value(in))
		if want == "" {
			want = in
		}
		if string(got) != want {
			t.Errorf("%s:\n got %s\nwant %s", in, got, want)
		}
		if again := ForMessagesTool(got); string(again) != string(got) {
			t.Errorf("a second pass makes %s of %s", again, got)
		}
	}
}
