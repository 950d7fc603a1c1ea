package translate

import (
	"bytes"
	"iter"

	"github.com/fairway-gateway/fairway/translate/carrier"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// Edit replaces the bytes from Start to End of a body.
type Edit struct {
	Start, End int
	With       []byte
}

// AppendEdited appends body with edits, which are in order. One that overlaps
// the one before it is left out: members that occur twice lead to such.
func AppendEdited(dst, body []byte, edits []Edit) []byte {
	at := 0
	for _, e := range edits {
		if e.Start < at {
			continue
		}
		dst = append(append(dst, body[at:e.Start]...), e.With...)
		at = e.End
	}
	return append(dst, body[at:]...)
}

// OwnState is a judge for Dialect.EditState: of the state in a request that goes
// to an upstream of the client's own dialect, what an upstream of another
// dialect left there is removed, and what this one made is put back as it was.
// Native state stays as it is.
func OwnState(to Origin) func(state Value) Value {
	return func(state Value) Value {
		if !jsonlit.IsString(state) {
			return state
		}
		if len(jsonlit.Inner(state)) == 0 {
			return nil // thinking that nobody signed
		}
		text := jsonlit.AppendUnquoted(nil, state)
		list := carrier.Split(text)
		if list == nil {
			if carrier.Is(text) { // spoilt on its way
				return nil
			}
			return state
		}
		for _, c := range list {
			if c.Vendor == to.vendor() && c.Scope == to.Scope && c.Model == to.Model && len(c.Payload) > 0 {
				return jsonlit.AppendQuote(nil, c.Payload)
			}
		}
		return nil
	}
}

// NoState is a judge for Dialect.EditState that removes all state.
func NoState(Value) Value { return nil }

// EditElements edits an array that stands at base in a body: edit returns what
// is to change inside of an element, or remove. all is set when every element is
// to be removed, in which case the edits say nothing.
func EditElements(list Value, base int, edit func(element Value, base int) (edits []Edit, remove bool)) (edits []Edit, all bool) {
	return editSpans(jsonlit.ElementSpans(list), base, func(start, end int) ([]Edit, bool) {
		return edit(list[start:end:end], base+start)
	})
}

// editSpans edits what commas separate: elements of an array, members of an
// object.
func editSpans(spans iter.Seq2[int, int], base int, edit func(start, end int) ([]Edit, bool)) (edits []Edit, all bool) {
	first, kept := -1, -1 // where the run of those to remove began; the end of the last that stays
	last, any := 0, false // the end of the last
	for start, end := range spans {
		inside, remove := edit(start, end)
		switch {
		case remove && first < 0:
			if first = start; kept >= 0 {
				first = kept // with the comma before it
			}
		case remove:
		default:
			if first >= 0 && kept >= 0 {
				edits = append(edits, Edit{Start: base + first, End: base + last})
			} else if first >= 0 {
				edits = append(edits, Edit{Start: base + first, End: base + start})
			}
			edits = append(edits, inside...)
			first, kept = -1, end
		}
		last, any = end, true
	}
	if first >= 0 && kept >= 0 {
		edits = append(edits, Edit{Start: base + first, End: base + last})
	}
	return edits, any && kept < 0
}

// EditLiteral replaces a literal that stands from start to end of a body, where
// judged is another.
func EditLiteral(literal Value, start int, judged Value) []Edit {
	if bytes.Equal(literal, judged) {
		return nil
	}
	return []Edit{{Start: start, End: start + len(literal), With: judged}}
}

// EditMember removes a member of an object that stands at base in a body, each
// time that it occurs.
func EditMember(object Value, base int, name string) []Edit {
	var names []bool
	edits, all := editSpans(func(yield func(int, int) bool) {
		for m := range jsonlit.Members(object) {
			names = append(names, string(m.Name) == name)
			if !yield(m.Key, m.End) {
				return
			}
		}
	}, base, func(int, int) ([]Edit, bool) { return nil, names[len(names)-1] })
	if all {
		return []Edit{{Start: base, End: base + len(object), With: []byte("{}")}}
	}
	return edits
}
