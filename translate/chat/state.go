package chat

import (
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// EditState judges what assistant messages hold of reasoning_details (OpenRouter)
// and the signatures of calls (Google).
func (Dialect) EditState(body []byte, judge func(translate.Value) translate.Value) []translate.Edit {
	var edits []translate.Edit
	for m := range jsonlit.Members(body) {
		if string(m.Name) != "messages" {
			continue
		}
		list, _ := translate.EditElements(body[m.Start:m.End], m.Start, func(message translate.Value, base int) (edits []translate.Edit, _ bool) {
			for m := range jsonlit.Members(message) {
				v := translate.Value(message[m.Start:m.End])
				switch string(m.Name) {
				case "reasoning_details":
					inside, all := translate.EditElements(v, base+m.Start, func(detail translate.Value, base int) ([]translate.Edit, bool) {
						return editState(detail, base, judge, "data", "signature")
					})
					if all {
						inside = translate.EditMember(message, base, string(m.Name))
					}
					edits = append(edits, inside...)
				case "tool_calls":
					inside, _ := translate.EditElements(v, base+m.Start, func(call translate.Value, base int) ([]translate.Edit, bool) {
						return editCall(call, base, judge), false
					})
					edits = append(edits, inside...)
				}
			}
			return edits, false
		})
		edits = append(edits, list...)
	}
	return edits
}

// editState judges the first member of the given names that is a string.
func editState(object translate.Value, base int, judge func(translate.Value) translate.Value, names ...string) ([]translate.Edit, bool) {
	for m := range jsonlit.Members(object) {
		v := translate.Value(object[m.Start:m.End])
		for _, name := range names {
			if string(m.Name) != name || !jsonlit.IsString(v) {
				continue
			}
			judged := judge(v)
			if judged == nil {
				return nil, true
			}
			return translate.EditLiteral(v, base+m.Start, judged), false
		}
	}
	return nil, false
}

func editCall(call translate.Value, base int, judge func(translate.Value) translate.Value) []translate.Edit {
	for m := range jsonlit.Members(call) {
		if string(m.Name) != "extra_content" {
			continue
		}
		for g := range jsonlit.Members(call[m.Start:m.End]) {
			if string(g.Name) != "google" {
				continue
			}
			edits, remove := editState(call[m.Start+g.Start:m.Start+g.End], base+m.Start+g.Start, judge, "thought_signature")
			if remove {
				return translate.EditMember(call, base, string(m.Name))
			}
			return edits
		}
	}
	return nil
}
