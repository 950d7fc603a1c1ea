package schema

import (
	"slices"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// ForMessagesFormat fits a schema to Anthropic's output_config.format and
// strict tools, which take a part of JSON Schema only: every object is closed,
// oneOf becomes anyOf, a $ref stands alone, and each keyword that is not taken
// is moved into the description, where the model reads it. The keywords are
// those that anthropic-sdk-go keeps (schemautil.go).
func ForMessagesFormat(v translate.Value) translate.Value {
	if !jsonlit.Valid(v) || !jsonlit.IsObject(v) {
		return v
	}
	m := messages{root: v}
	m.schema(v, 0)
	if !m.w.changed {
		return v
	}
	return m.w.Bytes()
}

type messages struct {
	root translate.Value
	w    writer
}

// node is what is known of a schema object before it is written.
type node struct {
	ref, typ, description, additional translate.Value
	properties, items, anyOf, enum    bool
	shape                             bool // says anything about the value's form
	members                           int
	extra                             []translate.Field // moved into the description
}

func (n *node) is(name string) bool {
	if jsonlit.IsArray(n.typ) {
		for t := range jsonlit.Elements(n.typ) {
			if jsonlit.Str(t) == name {
				return true
			}
		}
		return false
	}
	return jsonlit.Str(n.typ) == name
}

func inspect(v translate.Value) node {
	var n node
	for k, val := range jsonlit.Fields(v) {
		n.members++
		switch string(k) {
		case "$ref":
			if jsonlit.IsString(val) {
				n.ref = val
			}
		case "type":
			n.typ, n.shape = val, true
		case "description":
			n.description = val
		case "additionalProperties":
			n.additional = val
		case "properties":
			n.properties, n.shape = true, true
		case "items":
			n.items, n.shape = true, true
		case "anyOf":
			n.anyOf, n.shape = true, true
		case "oneOf", "allOf", "enum", "const":
			n.shape = true
		}
	}
	return n
}

func (m *messages) schema(v translate.Value, depth int) {
	if !jsonlit.IsObject(v) || depth > maxDepth {
		m.w.Raw(v)
		return
	}
	n := inspect(v)
	switch {
	case n.members == 0:
		m.w.Raw(v)
	case n.ref != nil && depth == 0:
		m.rootRef(n, depth)
	case n.ref != nil:
		m.reference(n)
	case !n.shape && depth > 0:
		// Without a form the schema would be refused; true is the same but for
		// the words.
		m.w.changed = true
		m.w.Bool(true)
	default:
		m.w.Object()
		m.members(v, &n, depth, true)
		m.w.EndObject()
	}
}

func (m *messages) reference(n node) {
	ref := modernRef(n.ref)
	m.w.changed = m.w.changed || n.members > 1 || &ref[0] != &n.ref[0]
	m.w.Object()
	m.w.Field("$ref", ref)
	m.w.EndObject()
}

// rootRef writes what a root that is a reference names, since the definitions
// must stand beside it and nothing may stand beside a reference.
func (m *messages) rootRef(n node, depth int) {
	target := resolve(m.root, jsonlit.Str(n.ref))
	for range maxDepth {
		ref := jsonlit.Get(target, "$ref")
		if !jsonlit.IsString(ref) {
			break
		}
		target = resolve(m.root, jsonlit.Str(ref))
	}
	if !jsonlit.IsObject(target) || jsonlit.Get(target, "$ref") != nil {
		m.w.Raw(m.root)
		return
	}
	m.w.changed = true
	m.w.Object()
	t := inspect(target)
	m.members(target, &t, depth+1, false)
	m.definitions(m.root, depth)
	m.w.EndObject()
}

// members writes the members of one schema object, with or without its
// definitions.
func (m *messages) members(v translate.Value, n *node, depth int, defs bool) {
	object := n.is("object") || n.typ == nil && n.properties
	closed := object && (n.properties || n.additional == nil)
	described := false
	if n.typ == nil && !n.anyOf && (n.properties || n.items) {
		m.w.changed = true
		m.w.StringField("type", map[bool]string{true: "object", false: "array"}[n.properties])
	}
	m.collect(v, n)
	for k, val := range jsonlit.Fields(v) {
		key := string(k)
		switch {
		case key == "description" && jsonlit.IsString(val):
			described = true
			m.describe(n)
		case key == "$defs" || key == "definitions":
			if defs {
				defs = false
				m.definitions(v, depth)
			}
		case key == "additionalProperties" && closed:
			m.w.changed = m.w.changed || val.Kind() != 'f'
			m.w.BoolField(key, false)
		case m.moved(key, val, n):
			m.w.changed = true
		case key == "oneOf":
			m.w.changed = true
			m.w.Key("anyOf")
			m.list(val, depth, true)
		case placeOf(key) == many:
			m.w.Key(key)
			m.list(val, depth, key == "anyOf")
		case placeOf(key) == named:
			m.w.Key(key)
			m.object(val, depth)
		case placeOf(key) == one:
			m.w.Key(key)
			m.schema(val, depth+1)
		default:
			m.w.name(k)
			m.w.Raw(val)
		}
	}
	if object && !n.properties && n.additional == nil {
		m.w.changed = true
		m.w.Key("properties")
		m.w.Object()
		m.w.EndObject()
	}
	if closed && n.additional == nil {
		m.w.changed = true
		m.w.BoolField("additionalProperties", false)
	}
	if !described && len(n.extra) > 0 {
		m.describe(n)
	}
}

// moved reports whether a member does not stay a member. What merely names or
// annotates the schema document itself is left out without words.
func (m *messages) moved(key string, val translate.Value, n *node) bool {
	switch key {
	case "$ref", "$defs", "definitions", "type", "anyOf", "allOf", "description", "title", "enum", "const",
		"properties", "additionalProperties", "required", "pattern":
		return false
	case "items":
		return jsonlit.IsArray(val) // the tuples of older drafts
	case "oneOf":
		return n.anyOf
	case "minItems":
		i, ok := jsonlit.Int(val)
		return !ok || i != 0 && i != 1
	case "format":
		return !slices.Contains([]string{"date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"},
			jsonlit.Str(val))
	}
	return true
}

func (m *messages) collect(v translate.Value, n *node) {
	for k, val := range jsonlit.Fields(v) {
		switch string(k) {
		case "$schema", "$id", "$comment", "$anchor", "id":
			continue
		}
		if m.moved(string(k), val, n) {
			n.extra = append(n.extra, translate.Field{Name: string(k), Value: val})
		}
	}
}

// describe writes the description, with what was moved into it.
func (m *messages) describe(n *node) {
	if len(n.extra) == 0 {
		m.w.Field("description", n.description)
		return
	}
	m.w.changed = true
	var text []byte
	if in := jsonlit.Inner(n.description); len(in) > 0 {
		text = append(append(text, in...), `\n\n`...)
	}
	for i, x := range n.extra {
		if i == 0 {
			text = append(text, '{')
		} else {
			text = append(text, ", "...)
		}
		text = jsonlit.AppendEscaped(text, x.Name)
		text = append(text, ": "...)
		if jsonlit.IsString(x.Value) {
			text = append(text, jsonlit.Inner(x.Value)...)
		} else {
			text = jsonlit.AppendEscaped(text, x.Value)
		}
	}
	m.w.Key("description")
	m.w.Fragment(append(text, '}'))
}

// definitions writes the definitions of both old and new place as $defs.
func (m *messages) definitions(v translate.Value, depth int) {
	defs, old := jsonlit.Get(v, "$defs"), jsonlit.Get(v, "definitions")
	if defs == nil && old == nil {
		return
	}
	m.w.Key("$defs")
	m.w.Object()
	for k, val := range jsonlit.Fields(defs) {
		m.w.name(k)
		m.schema(val, depth+1)
	}
	m.w.changed = m.w.changed || old != nil
	for k, val := range jsonlit.Fields(old) {
		m.w.name(k)
		m.schema(val, depth+1)
	}
	m.w.EndObject()
}

// list writes an array of schemas; of alternatives only those that say
// anything.
func (m *messages) list(v translate.Value, depth int, alternatives bool) {
	if !jsonlit.IsArray(v) {
		m.w.Raw(v)
		return
	}
	m.w.Array()
	for e := range jsonlit.Elements(v) {
		if n := inspect(e); alternatives && jsonlit.IsObject(e) && !n.shape && n.ref == nil {
			m.w.changed = true // it would be true, and so the whole union
			continue
		}
		m.schema(e, depth+1)
	}
	m.w.EndArray()
}

func (m *messages) object(v translate.Value, depth int) {
	if !jsonlit.IsObject(v) {
		m.w.Raw(v)
		return
	}
	m.w.Object()
	for k, val := range jsonlit.Fields(v) {
		m.w.name(k)
		m.schema(val, depth+1)
	}
	m.w.EndObject()
}
