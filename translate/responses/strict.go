package responses

import (
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// maxStrictDepth is how deep a schema may nest under strict.
const maxStrictDepth = 10

// strictReady reports whether a schema is one that OpenAI takes under strict: an
// object at the root, no optional and no further properties, and only keywords
// from the list of
// https://platform.openai.com/docs/guides/structured-outputs#supported-schemas.
// When in doubt it says no, as a refused schema fails the whole request.
func strictReady(schema value) bool {
	return string(jsonlit.Inner(jsonlit.Get(schema, "type"))) == "object" &&
		jsonlit.Null(jsonlit.Get(schema, "anyOf")) && strictNode(schema, 0)
}

func strictNode(v value, depth int) bool {
	if depth > maxStrictDepth || !jsonlit.IsObject(v) {
		return false
	}
	var properties, required, additional value
	object := false
	for name, val := range jsonlit.Fields(v) {
		ok := true
		switch string(name) {
		case "type":
			object = string(jsonlit.Inner(val)) == "object"
			for t := range jsonlit.Elements(val) {
				object = object || string(jsonlit.Inner(t)) == "object"
			}
		case "properties":
			properties = val
		case "required":
			required = val
		case "additionalProperties":
			additional = val
		case "items":
			ok = strictNode(val, depth+1)
		case "anyOf":
			for e := range jsonlit.Elements(val) {
				ok = ok && strictNode(e, depth+1)
			}
		case "$defs", "definitions":
			for _, e := range jsonlit.Fields(val) {
				ok = ok && strictNode(e, depth+1)
			}
		case "format":
			switch string(jsonlit.Inner(val)) {
			case "date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid":
			default:
				ok = false
			}
		case "$ref", "enum", "const", "title", "description", "pattern", "minimum", "maximum",
			"exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minItems", "maxItems":
		default:
			ok = false
		}
		if !ok {
			return false
		}
	}
	if !object {
		return properties == nil
	}
	return jsonlit.IsObject(properties) && len(additional) > 0 && additional.Kind() == 'f' && strictProperties(properties, required, depth)
}

// strictProperties wants each property to be required and strict itself.
func strictProperties(properties, required value, depth int) bool {
	names := make(map[string]struct{})
	for e := range jsonlit.Elements(required) {
		names[jsonlit.Str(e)] = struct{}{}
	}
	for name, v := range jsonlit.Fields(properties) {
		if _, ok := names[string(name)]; !ok || !strictNode(v, depth+1) {
			return false
		}
	}
	return true
}
