package schema

import (
	"slices"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// FitsStrict reports whether OpenAI's strict mode takes a schema as it is: the
// root is an object, every object is closed and requires all its properties,
// and none of the keywords occurs that the mode does not know (OpenAI's guide
// "Structured model outputs", supported schemas). Sending it another schema as
// strict is an error there.
func FitsStrict(v translate.Value) bool {
	return jsonlit.Valid(v) && jsonlit.Str(jsonlit.Get(v, "type")) == "object" && jsonlit.Get(v, "anyOf") == nil && fitsStrict(v, 0)
}

// maxStrictDepth is the nesting that strict mode allows.
const maxStrictDepth = 10

// strictFormats are the formats of strings that strict mode knows.
var strictFormats = [...]string{"date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"}

func fitsStrict(v translate.Value, depth int) bool {
	if !jsonlit.IsObject(v) || depth > maxStrictDepth {
		return false
	}
	var typ, required, properties translate.Value
	closed, form := false, false
	for k, val := range jsonlit.Fields(v) {
		switch string(k) {
		case "type":
			typ, form = val, true
		case "$ref", "enum", "const":
			form = true
		case "required":
			required = val
		case "additionalProperties":
			closed = val.Kind() == 'f'
		case "properties":
			properties = val
			for _, p := range jsonlit.Fields(val) {
				if !fitsStrict(p, depth+1) {
					return false
				}
			}
		case "$defs", "definitions":
			for _, d := range jsonlit.Fields(val) {
				if !fitsStrict(d, depth) {
					return false
				}
			}
		case "items":
			if !fitsStrict(val, depth+1) {
				return false
			}
		case "anyOf":
			form = true
			for e := range jsonlit.Elements(val) {
				if !fitsStrict(e, depth+1) {
					return false
				}
			}
		case "format":
			if !slices.Contains(strictFormats[:], jsonlit.Str(val)) {
				return false
			}
		case "title", "description", "pattern", "multipleOf", "minimum", "maximum",
			"exclusiveMinimum", "exclusiveMaximum", "minItems", "maxItems":
		default:
			return false
		}
	}
	n := node{typ: typ}
	if !n.is("object") {
		return form && properties == nil
	}
	if !closed {
		return false
	}
	var names []string
	for e := range jsonlit.Elements(required) {
		names = append(names, jsonlit.Str(e))
	}
	for k := range jsonlit.Fields(properties) {
		if !slices.Contains(names, string(k)) {
			return false
		}
	}
	return true
}
