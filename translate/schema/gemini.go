package schema

import (
	"slices"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// ForGemini fits a schema to Gemini's parametersJsonSchema and
// responseJsonSchema (genai.FunctionDeclaration, genai.GenerateContentConfig).
// They take JSON Schema, but no $schema, no reference outside $defs and nothing
// of weight beside a reference: such references are replaced by what they name.
// A const becomes the enum of one value that Gemini enforces.
//
// A reference that contains itself cannot be replaced; where it stands outside
// $defs anything is allowed in its place.
func ForGemini(v translate.Value) translate.Value {
	if !jsonlit.Valid(v) || !jsonlit.IsObject(v) {
		return v
	}
	g := gemini{root: v, limit: 16*len(v) + 64<<10}
	g.schema(v, 0, nil)
	if !g.w.changed {
		return v
	}
	return g.w.Bytes()
}

type gemini struct {
	root  translate.Value
	w     writer
	limit int // of the result in bytes: references within references multiply
}

// schema writes a schema; within names the references that it is part of.
func (g *gemini) schema(v translate.Value, depth int, within []string) {
	if !jsonlit.IsObject(v) || depth > maxDepth {
		g.w.Raw(v)
		return
	}
	ref := jsonlit.Get(v, "$ref")
	if !jsonlit.IsString(ref) {
		g.w.Object()
		g.members(v, nil, depth, within)
		g.w.EndObject()
		return
	}
	g.reference(v, ref, depth, within)
}

func (g *gemini) reference(v, ref translate.Value, depth int, within []string) {
	name := jsonlit.Str(modernRef(ref))
	shared := len(name) > len(newDefs) && name[:len(newDefs)] == newDefs
	heavy := false
	for k := range jsonlit.Fields(v) {
		if k := string(k); k != "description" && k != "default" && (k == "" || k[0] != '$') {
			heavy = true
		}
	}
	target := resolve(g.root, name)
	loops := name == "#" || slices.Contains(within, name)
	switch {
	case shared && !heavy:
		// As it is, but for the old name of the place.
		g.w.Object()
		g.members(v, nil, depth, within)
		g.w.EndObject()
	case jsonlit.IsObject(target) && !loops && len(g.w.Bytes()) < g.limit:
		g.w.changed = true
		g.w.Object()
		g.inline(target, v, depth, append(within[:len(within):len(within)], name))
		g.w.EndObject()
	case shared:
		g.w.changed = true
		g.w.Object()
		g.w.Field("$ref", modernRef(ref))
		g.w.EndObject()
	default:
		g.w.changed = true
		g.w.Object()
		g.members(v, func(k string) bool { return k == "$ref" }, depth, within)
		g.w.EndObject()
	}
}

// inline writes what a reference names, overlaid by what stands beside it.
func (g *gemini) inline(target, v translate.Value, depth int, within []string) {
	for range maxDepth {
		ref := jsonlit.Get(target, "$ref")
		if !jsonlit.IsString(ref) {
			break
		}
		next := resolve(g.root, jsonlit.Str(ref))
		if !jsonlit.IsObject(next) {
			break
		}
		target = next
	}
	g.members(target, func(k string) bool { return k == "$ref" || jsonlit.Get(v, k) != nil }, depth+1, within)
	g.members(v, func(k string) bool { return k == "$ref" }, depth, within)
}

// members writes the members of a schema object but those that skip names.
func (g *gemini) members(v translate.Value, skip func(string) bool, depth int, within []string) {
	defs := false
	for k, val := range jsonlit.Fields(v) {
		key := string(k)
		if skip != nil && skip(key) {
			continue
		}
		switch key {
		case "$schema", "$comment":
			g.w.changed = true
			continue
		case "$ref":
			ref := modernRef(val)
			g.w.changed = g.w.changed || len(ref) != len(val)
			g.w.Field(key, ref)
			continue
		case "const":
			// The facts name strings and numbers as what an enum may hold.
			if kind := val.Kind(); (kind == '"' || kind == '0') && jsonlit.Get(v, "enum") == nil {
				g.w.changed = true
				g.w.Key("enum")
				g.w.Array()
				g.w.Raw(val)
				g.w.EndArray()
				continue
			}
		case "$defs", "definitions":
			if !defs {
				defs = true
				g.definitions(v, depth, within)
			}
			continue
		}
		g.w.name(k)
		g.value(placeOf(key), val, depth, within)
	}
}

func (g *gemini) value(p place, v translate.Value, depth int, within []string) {
	switch {
	case jsonlit.IsArray(v) && (p == many || p == one):
		g.w.Array()
		for e := range jsonlit.Elements(v) {
			g.schema(e, depth+1, within)
		}
		g.w.EndArray()
	case jsonlit.IsObject(v) && p == one:
		g.schema(v, depth+1, within)
	case jsonlit.IsObject(v) && p == named:
		g.w.Object()
		for k, val := range jsonlit.Fields(v) {
			g.w.name(k)
			g.schema(val, depth+1, within)
		}
		g.w.EndObject()
	default:
		g.w.Raw(v)
	}
}

// definitions writes the definitions of both old and new place as $defs.
func (g *gemini) definitions(v translate.Value, depth int, within []string) {
	g.w.Key("$defs")
	g.w.Object()
	for _, place := range []string{"$defs", "definitions"} {
		defs := jsonlit.Get(v, place)
		g.w.changed = g.w.changed || place == "definitions" && defs != nil
		for k, val := range jsonlit.Fields(defs) {
			g.w.name(k)
			g.schema(val, depth+1, append(within[:len(within):len(within)], newDefs+string(k)))
		}
	}
	g.w.EndObject()
}
