package schema

import (
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// ForMessagesTool fits a schema to the input_schema of Anthropic's tools that
// are not strict. They take any JSON Schema whose root is an object without
// alternatives (anthropic-sdk-go's ToolInputSchemaParam; the API refuses anyOf,
// oneOf and allOf at the top level). Alternatives at the root become one object
// with the properties of all of them.
func ForMessagesTool(v translate.Value) translate.Value {
	if len(v) == 0 || !jsonlit.IsObject(v) || !jsonlit.Valid(v) {
		return translate.Value(`{"type":"object","properties":{}}`)
	}
	var typ, properties translate.Value
	unions := false
	for k, val := range jsonlit.Fields(v) {
		switch string(k) {
		case "type":
			typ = val
		case "properties":
			properties = val
		case "anyOf", "oneOf", "allOf":
			unions = true
		}
	}
	if !unions && jsonlit.Str(typ) == "object" {
		return v
	}
	var w writer
	w.Object()
	w.StringField("type", "object")
	for k, val := range jsonlit.Fields(v) {
		switch string(k) {
		case "type", "anyOf", "oneOf", "allOf":
			continue
		case "properties":
			if unions {
				continue
			}
		}
		w.name(k)
		w.Raw(val)
	}
	if unions {
		w.Key("properties")
		w.Object()
		seen := map[string]bool{}
		w.merge(properties, seen)
		for k, val := range jsonlit.Fields(v) {
			switch string(k) {
			case "anyOf", "oneOf", "allOf":
				for e := range jsonlit.Elements(val) {
					if ref := jsonlit.Get(e, "$ref"); jsonlit.IsString(ref) {
						e = resolve(v, jsonlit.Str(ref))
					}
					w.merge(jsonlit.Get(e, "properties"), seen)
				}
			}
		}
		w.EndObject()
	}
	w.EndObject()
	return w.Bytes()
}

// merge writes the properties that were not seen yet.
func (w *writer) merge(properties translate.Value, seen map[string]bool) {
	for k, val := range jsonlit.Fields(properties) {
		if name := string(k); !seen[name] {
			seen[name] = true
			w.name(k)
			w.Raw(val)
		}
	}
}
