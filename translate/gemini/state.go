package gemini

import (
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// EditState judges the signatures of parts. A call that loses its own gets the
// sentinel, since some models take none without; a part that was there for its
// signature alone goes.
func (Dialect) EditState(body []byte, judge func(translate.Value) translate.Value) []translate.Edit {
	var edits []translate.Edit
	for m := range jsonlit.Members(body) {
		if string(m.Name) != "contents" {
			continue
		}
		list, _ := editItems(body[m.Start:m.End], m.Start, func(content translate.Value, base int) ([]translate.Edit, bool) {
			for m := range jsonlit.Members(content) {
				if string(m.Name) == "parts" {
					return editItems(content[m.Start:m.End], base+m.Start, func(part translate.Value, base int) ([]translate.Edit, bool) {
						return editPart(part, base, judge)
					})
				}
			}
			return nil, false
		})
		edits = append(edits, list...)
	}
	return edits
}

// editItems is EditElements for a list that may be its only element.
func editItems(v translate.Value, base int, edit func(translate.Value, int) ([]translate.Edit, bool)) ([]translate.Edit, bool) {
	if jsonlit.IsArray(v) {
		return translate.EditElements(v, base, edit)
	}
	edits, _ := edit(v, base)
	return edits, false
}

func editPart(part translate.Value, base int, judge func(translate.Value) translate.Value) ([]translate.Edit, bool) {
	var state translate.Value
	at, name := 0, ""
	call, bare := false, true
	for m := range jsonlit.Members(part) {
		v := translate.Value(part[m.Start:m.End])
		switch string(member(m.Name)) {
		case "thoughtSignature":
			state, at, name = v, base+m.Start, string(m.Name)
		case "functionCall":
			call, bare = true, false
		case "text":
			bare = bare && len(v) <= 2
		case "thought":
		default:
			bare = false
		}
	}
	if !jsonlit.IsString(state) {
		return nil, false
	}
	judged := judge(state)
	switch {
	case judged != nil:
	case call:
		judged = translate.Value(`"` + sentinel + `"`)
	case bare:
		return nil, true
	default:
		return translate.EditMember(part, base, name), false
	}
	return translate.EditLiteral(state, at, judged), false
}
