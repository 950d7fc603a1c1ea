package messages

import (
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// EditState judges the signatures of thinking blocks and the data of redacted
// ones, and removes what other vendors' searches have left. A block goes with its state, since the API takes no thinking without,
// and a message goes when nothing else is in it.
func (Dialect) EditState(body []byte, judge func(translate.Value) translate.Value) []translate.Edit {
	var edits []translate.Edit
	for m := range jsonlit.Members(body) {
		if string(m.Name) != "messages" {
			continue
		}
		list, _ := translate.EditElements(body[m.Start:m.End], m.Start, func(message translate.Value, base int) ([]translate.Edit, bool) {
			for m := range jsonlit.Members(message) {
				if string(m.Name) == "content" {
					return translate.EditElements(message[m.Start:m.End], base+m.Start, func(block translate.Value, base int) ([]translate.Edit, bool) {
						return editBlock(block, base, judge)
					})
				}
			}
			return nil, false
		})
		edits = append(edits, list...)
	}
	return edits
}

func editBlock(block translate.Value, base int, judge func(translate.Value) translate.Value) ([]translate.Edit, bool) {
	var state translate.Value
	at := 0
	name := ""
	switch string(jsonlit.Inner(jsonlit.Get(block, "type"))) {
	case "thinking":
		name = "signature"
	case "redacted_thinking":
		name = "data"
	case "text", "server_tool_use", "web_search_tool_result":
		return editFound(block, base)
	default:
		return nil, false
	}
	for m := range jsonlit.Members(block) {
		if string(m.Name) == name {
			state, at = block[m.Start:m.End], base+m.Start
		}
	}
	if len(state) == 0 {
		state = empty
	}
	judged := judge(state)
	if judged == nil {
		return nil, true
	}
	return translate.EditLiteral(state, at, judged), false
}
