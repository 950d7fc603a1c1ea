// Package schema fits JSON Schemas to what a provider takes of them. The
// transforms keep the order of members and all literals, never fail, and
// return a schema that needs no change as it is. They look one way only: what
// a provider cannot enforce is told to the model in words or left to it, never
// made stricter than the client asked.
package schema

import (
	"bytes"
	"net/url"
	"strconv"
	"strings"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// maxDepth bounds how deep schemas are walked; what lies deeper is copied.
const maxDepth = 64

// place says what stands behind a keyword.
type place uint8

const (
	literal place = iota // no schema: copied
	one                  // a schema, or for items an array of them
	many                 // an array of schemas
	named                // an object of schemas
)

// placeOf tells where in a schema object further schemas stand (JSON Schema
// 2020-12, and the older names that clients still send).
func placeOf(keyword string) place {
	switch keyword {
	case "items", "additionalProperties", "additionalItems", "not", "if", "then", "else", "contains",
		"propertyNames", "unevaluatedProperties", "unevaluatedItems":
		return one
	case "anyOf", "oneOf", "allOf", "prefixItems":
		return many
	case "properties", "patternProperties", "dependentSchemas", "$defs", "definitions":
		return named
	}
	return literal
}

// oldDefs and newDefs are where drafts up to 7, and those since 2019-09, keep
// shared definitions. Neither provider resolves references to the old place.
const (
	oldDefs = "#/definitions/"
	newDefs = "#/$defs/"
)

// modernRef returns a reference to the old place as one to the new.
func modernRef(ref translate.Value) translate.Value {
	in := jsonlit.Inner(ref)
	if !bytes.HasPrefix(in, []byte(oldDefs)) {
		return ref
	}
	out := append([]byte{'"'}, newDefs...)
	return append(append(out, in[len(oldDefs):]...), '"')
}

// resolve returns the schema that a local reference names, or nil. Both places
// of definitions are looked at, whichever the reference says.
func resolve(root translate.Value, ref string) translate.Value {
	path, local := strings.CutPrefix(ref, "#")
	if !local {
		return nil
	}
	if decoded, err := url.PathUnescape(path); err == nil {
		path = decoded
	}
	if path == "" {
		return root
	}
	steps := strings.Split(path, "/")
	if steps[0] != "" {
		return nil // an anchor
	}
	v := root
	for i, step := range steps[1:] {
		step = strings.ReplaceAll(strings.ReplaceAll(step, "~1", "/"), "~0", "~")
		next := child(v, step)
		if next == nil && i == 0 && step == "$defs" {
			next = child(v, "definitions")
		}
		if next == nil && i == 0 && step == "definitions" {
			next = child(v, "$defs")
		}
		if v = next; v == nil {
			return nil
		}
	}
	return v
}

func child(v translate.Value, step string) translate.Value {
	if jsonlit.IsArray(v) {
		n, err := strconv.Atoi(step)
		if err != nil {
			return nil
		}
		for e := range jsonlit.Elements(v) {
			if n == 0 {
				return e
			}
			n--
		}
		return nil
	}
	return jsonlit.Get(v, step)
}

// writer appends JSON whose member names may need escaping.
type writer struct {
	jsonlit.Writer
	changed bool
}

// name writes a member's name.
func (w *writer) name(k []byte) {
	for _, c := range k {
		if c < 0x20 || c == '"' || c == '\\' {
			quoted := jsonlit.AppendQuote(nil, k)
			w.Key(string(quoted[1 : len(quoted)-1]))
			return
		}
	}
	w.Key(string(k))
}
