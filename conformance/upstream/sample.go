package upstream

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/tidwall/gjson"
)

// sample is the smallest instance of a JSON schema that says something.
func sample(schema gjson.Result) string { return string(encode(rawSample(schema))) }

func rawSample(schema gjson.Result) any {
	for _, at := range []string{"const", "default", "enum.0"} {
		if v := schema.Get(at); v.Exists() {
			return jsontext.Value(v.Raw)
		}
	}
	for _, at := range []string{"anyOf.0", "oneOf.0", "allOf.0"} {
		if v := schema.Get(at); v.IsObject() {
			return rawSample(v)
		}
	}
	kind := schema.Get("type")
	if kind.IsArray() {
		kind = kind.Get("0")
	}
	switch strings.ToLower(kind.String()) {
	case "object":
		out := object{}
		required := map[string]bool{}
		for _, r := range schema.Get("required").Array() {
			required[r.String()] = true
		}
		schema.Get("properties").ForEach(func(k, v gjson.Result) bool {
			if required[k.String()] {
				out = append(out, pair{k.String(), rawSample(v)})
			}
			return true
		})
		return out
	case "array":
		return []any{}
	case "integer", "number":
		if m := schema.Get("minimum"); m.Exists() {
			return jsontext.Value(m.Raw)
		}
		return 1
	case "boolean":
		return true
	case "null":
		return nil
	}
	return "sample"
}
