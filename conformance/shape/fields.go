package shape

import (
	"reflect"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

type field struct {
	name     string
	typ      reflect.Type // nil: any value
	required bool
	orString bool
	constant string
}

// fields reads a struct's tags. open tells that the type takes any further field.
func (c *checker) fields(t reflect.Type, top bool) (out map[string]field, open bool) {
	out = map[string]field{}
	for i := range t.NumField() {
		f := t.Field(i)
		if strings.Contains(f.Tag.Get("api"), "extrafields") {
			open = true
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous || name == "" || name == "-" {
			continue
		}
		id := t.Name() + "." + name
		if slices.Contains(c.rules.Unknown, id) {
			continue
		}
		e := field{
			name:     name,
			typ:      f.Type,
			required: (f.Tag.Get("api") == "required" || f.Tag.Get("default") != "") && !slices.Contains(c.rules.Optional, id),
			orString: slices.Contains(c.rules.Strings, id),
			constant: f.Tag.Get("default"),
		}
		out[name] = e
		if c.rules.Aliases != nil {
			for _, a := range c.rules.Aliases(name) {
				out[a] = e
			}
		}
	}
	for _, id := range c.rules.Allowed {
		if typ, name, _ := strings.Cut(id, "."); typ == t.Name() {
			out[name] = field{name: name}
		}
	}
	if top {
		for _, name := range c.rules.Extra {
			out[name] = field{name: name}
		}
	}
	return out, open
}

// fits is the cheap test whether v can be meant as a t: JSON kind and discriminators.
func fits(t reflect.Type, v jsontext.Value) bool {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if isOpt(t) {
		f, _ := t.FieldByName("Value")
		return fits(f.Type, v)
	}
	if isUnion(t) {
		for i := range t.NumField() {
			if f := t.Field(i); !f.Anonymous && f.IsExported() && fits(f.Type, v) {
				return true
			}
		}
		return false
	}
	switch t.Kind() {
	case reflect.Struct:
		return v.Kind() == '{' && discriminatorsFit(t, v)
	case reflect.Map:
		return v.Kind() == '{'
	case reflect.Slice:
		return v.Kind() == '['
	case reflect.String:
		return v.Kind() == '"'
	case reflect.Bool:
		return v.Kind() == 't' || v.Kind() == 'f'
	case reflect.Int64, reflect.Int, reflect.Int32, reflect.Float64, reflect.Float32:
		return v.Kind() == '0'
	}
	return true
}

func discriminatorsFit(t reflect.Type, v jsontext.Value) bool {
	got := map[string]string{}
	for _, m := range members(v) {
		if m.value.Kind() == '"' {
			got[m.name] = string(m.value)
		}
	}
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		want := f.Tag.Get("default")
		if want == "" {
			// An "easy" message has an open type whose only value is "message"; an item with another type is no message.
			if name == "type" && f.Type.Kind() == reflect.String && strings.HasPrefix(t.Name(), "EasyInputMessage") {
				if g, ok := got[name]; ok && g != `"message"` {
					return false
				}
			}
			continue
		}
		g, ok := got[name]
		if ok && g != `"`+want+`"` {
			return false
		}
		if !ok && name == "role" {
			return false
		}
	}
	return true
}

func isOpt(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && strings.HasPrefix(t.Name(), "Opt[")
}

func isUnion(t reflect.Type) bool {
	if t.Kind() != reflect.Struct {
		return false
	}
	for i := range t.NumField() {
		if f := t.Field(i); f.Anonymous && f.Type.Name() == "APIUnion" {
			return true
		}
	}
	return false
}

// hasOwnJSON tells types whose JSON is not their fields, such as time.Time.
func hasOwnJSON(t reflect.Type) bool {
	return t.Kind() == reflect.Interface || t.PkgPath() == "time"
}
