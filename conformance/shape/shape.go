// Package shape checks JSON against the parameter types of a vendor's official Go SDK.
//
// The SDKs are generated from the vendors' own OpenAPI descriptions, so their struct tags say which fields a vendor
// knows, which it requires and which discriminators it accepts. The scripted upstreams use that to refuse what the
// vendor would refuse, without a hand-written copy of its schema.
package shape

import (
	"bytes"
	"fmt"
	"reflect"
	"sort"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Kind says what is wrong with a value.
type Kind int

const (
	// Unknown is a field that the type does not have.
	Unknown Kind = iota
	// Missing is a required field that is absent or, for one that cannot be null, null.
	Missing
	// Mismatch is a value of the wrong JSON type or with a discriminator that no variant has.
	Mismatch
)

// Problem is one departure from the type.
type Problem struct {
	Kind Kind
	// Path leads to the value: object names as they are, array indices as numbers.
	Path []string
	// Detail explains a Mismatch in words.
	Detail string
}

// Dotted is the path as Anthropic and Google write it: messages.0.content.
func (p Problem) Dotted() string { return strings.Join(p.Path, ".") }

// Bracketed is the path as OpenAI writes it: messages[0].content.
func (p Problem) Bracketed() string {
	var b strings.Builder
	for i, s := range p.Path {
		switch {
		case s != "" && s[0] >= '0' && s[0] <= '9':
			b.WriteString("[" + s + "]")
		case i > 0:
			b.WriteString("." + s)
		default:
			b.WriteString(s)
		}
	}
	return b.String()
}

// Rules are where a vendor's API is known to differ from its SDK's types.
type Rules struct {
	// Extra lists names that are accepted at the top level although the type lacks them, such as "stream", which the
	// SDKs set outside their parameter structs.
	Extra []string
	// Optional lists "TypeName.json_name" of fields that the SDK calls required and the API does not.
	Optional []string
	// Strings lists "TypeName.json_name" of list fields that may also be a plain string.
	Strings []string
	// Unknown lists "TypeName.json_name" of fields that this vendor's service refuses although the type has them.
	Unknown []string
	// Allowed lists "TypeName.json_name" of fields that the service accepts although the type lacks them.
	Allowed []string
	// Lenient takes numbers written as strings and a lone value for a list, as Google's proto JSON does.
	Lenient bool
	// Aliases, if set, gives further accepted spellings of a field's name (Google's proto JSON takes snake_case too).
	Aliases func(name string) []string
}

// Check reports every departure of raw from the type T, in the order of the document.
func Check[T any](raw []byte, rules Rules) []Problem {
	c := checker{rules: rules}
	c.value(reflect.TypeFor[T](), jsontext.Value(raw), nil, true)
	return c.problems
}

type checker struct {
	rules    Rules
	problems []Problem
}

func (c *checker) add(k Kind, path []string, detail string, args ...any) {
	c.problems = append(c.problems, Problem{Kind: k, Path: append([]string(nil), path...), Detail: fmt.Sprintf(detail, args...)})
}

func (c *checker) value(t reflect.Type, v jsontext.Value, path []string, top bool) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	kind := v.Kind()
	if isOpt(t) {
		f, _ := t.FieldByName("Value")
		if kind != 'n' {
			c.value(f.Type, v, path, false)
		}
		return
	}
	switch {
	case isUnion(t):
		c.union(t, v, path)
		return
	case hasOwnJSON(t):
		return
	}
	switch t.Kind() {
	case reflect.Struct:
		c.object(t, v, path, top)
	case reflect.Slice, reflect.Array:
		if t.Elem().Kind() == reflect.Uint8 {
			c.want(v, '"', "a string", path)
			return
		}
		if c.rules.Lenient && kind == '{' {
			c.value(t.Elem(), v, path, false)
			return
		}
		if !c.want(v, '[', "an array", path) {
			return
		}
		for i, e := range elements(v) {
			c.value(t.Elem(), e, append(path, fmt.Sprint(i)), false)
		}
	case reflect.Map:
		if c.want(v, '{', "an object", path) && t.Elem().Kind() != reflect.Interface {
			for _, m := range members(v) {
				c.value(t.Elem(), m.value, append(path, m.name), false)
			}
		}
	case reflect.String:
		c.want(v, '"', "a string", path)
	case reflect.Bool:
		if kind != 't' && kind != 'f' {
			c.add(Mismatch, path, "expected a boolean, but got %s", Name(kind))
		}
	case reflect.Int, reflect.Int32, reflect.Int64:
		if c.rules.Lenient && kind == '"' {
			return
		}
		if c.want(v, '0', "an integer", path) && bytes.ContainsAny(v, ".eE") {
			c.add(Mismatch, path, "expected an integer, but got a decimal number")
		}
	case reflect.Float32, reflect.Float64:
		if c.rules.Lenient && kind == '"' {
			return
		}
		c.want(v, '0', "a number", path)
	}
}

func (c *checker) want(v jsontext.Value, kind jsontext.Kind, name string, path []string) bool {
	if v.Kind() == kind {
		return true
	}
	c.add(Mismatch, path, "expected %s, but got %s", name, Name(v.Kind()))
	return false
}

func (c *checker) object(t reflect.Type, v jsontext.Value, path []string, top bool) {
	if !c.want(v, '{', "an object", path) {
		return
	}
	fields, open := c.fields(t, top)
	seen := map[string]bool{}
	for _, m := range members(v) {
		f, ok := fields[m.name]
		seen[f.name] = true
		at := append(path, m.name)
		switch {
		case !ok && open:
		case !ok:
			c.add(Unknown, at, "")
		case f.typ == nil:
		case f.constant != "" && string(m.value) != `"`+f.constant+`"`:
			c.add(Mismatch, at, "expected %q", f.constant)
		case f.constant != "":
		case m.value.Kind() == 'n' && !f.required:
		case m.value.Kind() == '"' && f.orString:
		default:
			c.value(f.typ, m.value, at, false)
		}
	}
	var missing []string
	for name, f := range fields {
		if f.required && f.name == name && !seen[name] {
			missing = append(missing, name)
		}
	}
	sort.Strings(missing)
	for _, name := range missing {
		c.add(Missing, append(path, name), "")
	}
}

// union picks the variant whose discriminators fit, and of several the one with the fewest problems.
func (c *checker) union(t reflect.Type, v jsontext.Value, path []string) {
	var best []Problem
	found := false
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous || !f.IsExported() || !fits(f.Type, v) {
			continue
		}
		trial := checker{rules: c.rules}
		trial.value(f.Type, v, path, false)
		if !found || len(trial.problems) < len(best) {
			found, best = true, trial.problems
		}
	}
	if !found {
		c.add(Mismatch, path, "no known variant: %s", clip(v))
		return
	}
	c.problems = append(c.problems, best...)
}

func clip(v jsontext.Value) string {
	if len(v) > 120 {
		return string(v[:120]) + "…"
	}
	return string(v)
}

// Name is JSON's word for a kind of value.
func Name(k jsontext.Kind) string {
	switch k {
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '"':
		return "a string"
	case '0':
		return "a number"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	}
	return "an invalid value"
}

type member struct {
	name  string
	value jsontext.Value
}

func members(v jsontext.Value) []member {
	d := jsontext.NewDecoder(bytes.NewReader(v))
	if _, err := d.ReadToken(); err != nil {
		return nil
	}
	var out []member
	for d.PeekKind() == '"' {
		name, err := d.ReadToken()
		if err != nil {
			return out
		}
		n := name.String()
		val, err := d.ReadValue()
		if err != nil {
			return out
		}
		out = append(out, member{n, val.Clone()})
	}
	return out
}

func elements(v jsontext.Value) []jsontext.Value {
	var out []jsontext.Value
	if err := json.Unmarshal(v, &out); err != nil {
		return nil
	}
	return out
}
