package demo

import (
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// schema is the part of a JSON Schema that a sample needs; constraints that are not listed may be violated.
type schema struct {
	Ref        string                    `json:"$ref"`
	Type       jsontext.Value            `json:"type"`
	Const      jsontext.Value            `json:"const"`
	Enum       []jsontext.Value          `json:"enum"`
	Default    jsontext.Value            `json:"default"`
	Examples   []jsontext.Value          `json:"examples"`
	AnyOf      []jsontext.Value          `json:"anyOf"`
	OneOf      []jsontext.Value          `json:"oneOf"`
	AllOf      []jsontext.Value          `json:"allOf"`
	Properties map[string]jsontext.Value `json:"properties"`
	Required   []string                  `json:"required"`
	Items      jsontext.Value            `json:"items"`
	MinItems   int                       `json:"minItems"`
	MinLength  int                       `json:"minLength"`
	MaxLength  *int                      `json:"maxLength"`
	Minimum    *float64                  `json:"minimum"`
	Above      *float64                  `json:"exclusiveMinimum"`
	Maximum    *float64                  `json:"maximum"`
	Format     string                    `json:"format"`

	Defs        map[string]jsontext.Value `json:"$defs"`
	Definitions map[string]jsontext.Value `json:"definitions"`
}

// sample makes a small value that fits a JSON Schema: an object has its required properties only. What it puts in is
// harmless on purpose, because an agent may run the tool. An unreadable schema gives {}.
func sample(root jsontext.Value) jsontext.Value {
	var s sampler
	var top schema
	if len(root) == 0 || json.Unmarshal(root, &top) != nil {
		return jsontext.Value("{}")
	}
	s.defs = [2]map[string]jsontext.Value{top.Defs, top.Definitions}
	v := s.value(root, 0)
	if string(v) == "null" && len(top.Type) == 0 {
		return jsontext.Value("{}")
	}
	return v
}

type sampler struct{ defs [2]map[string]jsontext.Value }

// value appends nothing to shared state, so that samples of the same schema are the same.
func (s *sampler) value(raw jsontext.Value, depth int) jsontext.Value {
	const deepest = 12 // where a recursive schema ends
	var sc schema
	if depth > deepest || len(raw) == 0 || json.Unmarshal(raw, &sc) != nil {
		return jsontext.Value("null")
	}
	switch {
	case len(sc.Const) > 0:
		return sc.Const
	case len(sc.Enum) > 0:
		return sc.Enum[0]
	case len(sc.Default) > 0:
		return sc.Default
	case len(sc.Examples) > 0:
		return sc.Examples[0]
	case sc.Ref != "":
		return s.value(s.resolve(sc.Ref), depth+1)
	}
	for _, choices := range [][]jsontext.Value{sc.AnyOf, sc.OneOf, sc.AllOf} {
		for _, c := range choices {
			if v := s.value(c, depth+1); string(v) != "null" {
				return v
			}
		}
	}
	switch sc.kind() {
	case "object":
		return s.object(&sc, depth)
	case "array":
		items := make([]string, min(sc.MinItems, 16))
		for i := range items {
			items[i] = string(s.value(sc.Items, depth+1))
		}
		return jsontext.Value("[" + strings.Join(items, ",") + "]")
	case "string":
		return quoted(sc.text())
	case "integer", "number":
		return sc.number()
	case "boolean":
		return jsontext.Value("false")
	}
	return jsontext.Value("null")
}

func (s *sampler) object(sc *schema, depth int) jsontext.Value {
	var b strings.Builder
	b.WriteByte('{')
	seen := make(map[string]bool)
	for _, name := range sc.Required {
		if seen[name] {
			continue
		}
		if len(seen) > 0 {
			b.WriteByte(',')
		}
		seen[name] = true
		b.Write(quoted(name))
		b.WriteByte(':')
		b.Write(s.value(sc.Properties[name], depth+1))
	}
	b.WriteByte('}')
	return jsontext.Value(b.String())
}

// resolve follows a reference into the schema's own definitions.
func (s *sampler) resolve(ref string) jsontext.Value {
	for i, prefix := range []string{"#/$defs/", "#/definitions/"} {
		if name, ok := strings.CutPrefix(ref, prefix); ok {
			return s.defs[i][name]
		}
	}
	return nil
}

// kind returns the schema's type, of several the first that is not null; Gemini writes types in upper case.
func (sc *schema) kind() string {
	var one string
	var several []string
	if json.Unmarshal(sc.Type, &one) != nil && json.Unmarshal(sc.Type, &several) == nil {
		if i := slices.IndexFunc(several, func(t string) bool { return t != "null" }); i >= 0 {
			one = several[i]
		}
	}
	if one == "" && len(sc.Properties)+len(sc.Required) > 0 {
		return "object"
	}
	return strings.ToLower(one)
}

func (sc *schema) text() string {
	text := "demo"
	switch sc.Format {
	case "date":
		text = "2026-01-01"
	case "date-time":
		text = "2026-01-01T00:00:00Z"
	case "time":
		text = "00:00:00Z"
	case "uri", "url":
		text = "https://example.com/"
	case "email":
		text = "demo@example.com"
	case "uuid":
		text = "00000000-0000-4000-8000-000000000000"
	}
	for len(text) < sc.MinLength && len(text) < 4096 {
		text += " demo"
	}
	if sc.MaxLength != nil && *sc.MaxLength >= 0 && len(text) > *sc.MaxLength {
		text = text[:*sc.MaxLength]
	}
	return text
}

func (sc *schema) number() jsontext.Value {
	n := 1.0
	if sc.Maximum != nil {
		n = min(n, *sc.Maximum)
	}
	if sc.Minimum != nil {
		n = max(n, *sc.Minimum)
	}
	if sc.Above != nil && n <= *sc.Above {
		n = *sc.Above + 1
	}
	return jsontext.Value(strconv.FormatFloat(n, 'f', -1, 64))
}

// quoted returns a JSON string. Text that is no valid UTF-8 cannot come out of a decoded schema.
func quoted(text string) jsontext.Value {
	v, err := jsontext.AppendQuote(nil, text)
	if err != nil {
		return jsontext.Value(`""`)
	}
	return v
}
