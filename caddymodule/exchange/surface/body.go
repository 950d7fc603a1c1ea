package surface

import (
	"slices"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// The functions below take and return valid JSON objects. What they do not change stays byte for byte.

// rename returns the object with another string as its member "model".
func rename(body []byte, model string) []byte {
	for m := range jsonlit.Members(body) {
		if string(m.Name) == "model" {
			return slices.Concat(body[:m.Start], jsonlit.Quote(model), body[m.End:])
		}
	}
	return body
}

// without returns the object without the members of these names.
func without(body []byte, names ...string) []byte {
	out := make([]byte, 0, len(body)+64) // what will be added fits too
	from, kept := 0, false
	for m := range jsonlit.Members(body) {
		switch {
		case !slices.Contains(names, string(m.Name)):
			kept = true
			continue
		case kept: // the comma before it goes with it
			comma := m.Key - 1
			for body[comma] != ',' {
				comma--
			}
			out = append(out, body[from:comma]...)
			from = m.End
		default: // the first: the comma after it goes with it, if there is one
			out = append(out, body[from:m.Key]...)
			from = m.End
			for i := m.End; i < len(body); i++ {
				if body[i] == ',' {
					from = i + 1
				}
				if body[i] > ' ' {
					break
				}
			}
		}
	}
	return append(out, body[from:]...)
}

// add returns the object with a further member, unless it has one of that name.
func add(body []byte, name string, value translate.Value) []byte {
	empty, open := true, 0
	for m := range jsonlit.Members(body) {
		if string(m.Name) == name {
			return body
		}
		empty = false
	}
	for body[open] != '{' {
		open++
	}
	member := append(append(jsonlit.Quote(name), ':'), value...)
	if !empty {
		member = append(member, ',')
	}
	return slices.Insert(body, open+1, member...)
}

// only returns an object of those members of another that have these names.
func only(object translate.Value, names ...string) []byte {
	w := jsonlit.NewWriter(nil)
	w.Object()
	for k, v := range jsonlit.Fields(object) {
		if slices.Contains(names, string(k)) {
			w.Field(string(k), v)
		}
	}
	w.EndObject()
	return w.Bytes()
}
