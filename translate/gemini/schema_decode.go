package gemini

import (
	"bytes"
	"strings"

	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// jsonSchema makes JSON Schema of Google's Schema (genai.Schema): types in
// lower case, nullable as a type, limits as numbers, propertyOrdering left out.
// JSON Schema itself passes unchanged, but for types in upper case, which
// Gemini CLI sends there too. A schema that needs no change is not copied.
func jsonSchema(v jsonlit.Value) jsonlit.Value {
	if !jsonlit.IsObject(v) {
		return v
	}
	s := schemaWriter{w: jsonlit.NewWriter(make([]byte, 0, len(v)+64))}
	s.schema(v)
	if !s.changed {
		return v
	}
	return s.w.Bytes()
}

type schemaWriter struct {
	w       jsonlit.Writer
	changed bool
}

func (s *schemaWriter) schema(v jsonlit.Value) {
	if !jsonlit.IsObject(v) {
		s.w.Raw(v) // true and false are schemas too
		return
	}
	nullable := false
	for k, val := range jsonlit.Fields(v) {
		if string(k) == "nullable" && jsonlit.True(val) {
			nullable = true
		}
	}
	s.w.Object()
	for k, val := range jsonlit.Fields(v) {
		name := string(k)
		if camel := string(member(k)); camel != name && schemaMember(camel) {
			name, s.changed = camel, true
		}
		s.member(name, val, nullable)
	}
	s.w.EndObject()
}

// schemaMember reports whether a name is one of Google's Schema that has a
// spelling in snake_case.
func schemaMember(name string) bool {
	switch name {
	case "anyOf", "minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties", "propertyOrdering":
		return true
	}
	return false
}

func (s *schemaWriter) member(name string, v jsonlit.Value, nullable bool) {
	switch name {
	case "type":
		s.types(v, nullable)
	case "nullable", "propertyOrdering":
		s.changed = true
	case "example":
		s.changed = true
		s.key("examples")
		s.w.Array()
		s.w.Raw(v)
		s.w.EndArray()
	case "enum":
		s.key(name)
		if !nullable || !jsonlit.IsArray(v) {
			s.w.Raw(v)
			return
		}
		s.w.Array()
		null := false
		for e := range jsonlit.Elements(v) {
			null = null || jsonlit.Null(e)
			s.w.Raw(e)
		}
		if !null {
			s.w.Null()
		}
		s.w.EndArray()
	case "minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties":
		if lit, _, err := integer("", v); err == nil && jsonlit.IsString(v) {
			v, s.changed = lit, true
		}
		s.key(name)
		s.w.Raw(v)
	case "items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames",
		"anyOf", "oneOf", "allOf", "prefixItems":
		s.key(name)
		s.list(v)
	case "properties", "patternProperties", "dependentSchemas", "$defs", "definitions":
		s.key(name)
		if !jsonlit.IsObject(v) {
			s.w.Raw(v)
			return
		}
		s.w.Object()
		for k, val := range jsonlit.Fields(v) {
			s.key(string(k))
			s.schema(val)
		}
		s.w.EndObject()
	default:
		s.key(name)
		s.w.Raw(v)
	}
}

// list writes a schema or an array of schemas.
func (s *schemaWriter) list(v jsonlit.Value) {
	if !jsonlit.IsArray(v) {
		s.schema(v)
		return
	}
	s.w.Array()
	for e := range jsonlit.Elements(v) {
		s.schema(e)
	}
	s.w.EndArray()
}

func (s *schemaWriter) types(v jsonlit.Value, nullable bool) {
	if jsonlit.IsArray(v) {
		s.key("type")
		s.w.Array()
		for e := range jsonlit.Elements(v) {
			s.one(e)
		}
		s.w.EndArray()
		return
	}
	if in := jsonlit.Inner(v); string(in) == "TYPE_UNSPECIFIED" {
		s.changed = true
		return
	}
	s.key("type")
	if !nullable || !jsonlit.IsString(v) {
		s.one(v)
		return
	}
	s.changed = true
	s.w.Array()
	s.one(v)
	s.w.String("null")
	s.w.EndArray()
}

func (s *schemaWriter) one(v jsonlit.Value) {
	in := jsonlit.Inner(v)
	lower := strings.ToLower(string(in))
	if bytes.Equal(in, []byte(lower)) {
		s.w.Raw(v)
		return
	}
	s.changed = true
	s.w.String(lower)
}

// key writes a member's name, which a client chose.
func (s *schemaWriter) key(name string) {
	if strings.ContainsAny(name, "\"\\") || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' }) {
		quoted := jsonlit.Quote(name)
		name = string(jsonlit.Inner(quoted))
	}
	s.w.Key(name)
}
