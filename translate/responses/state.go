package responses

import (
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// EditState judges the encrypted_content of reasoning items, with which the item
// goes. An item may have none: the vendor can keep it by its id.
func (Dialect) EditState(body []byte, judge func(translate.Value) translate.Value) []translate.Edit {
	var edits []translate.Edit
	for m := range jsonlit.Members(body) {
		if string(m.Name) != "input" {
			continue
		}
		list, _ := translate.EditElements(body[m.Start:m.End], m.Start, func(item translate.Value, base int) ([]translate.Edit, bool) {
			if string(jsonlit.Inner(jsonlit.Get(item, "type"))) != "reasoning" {
				return nil, false
			}
			state, at := value("null"), 0
			for m := range jsonlit.Members(item) {
				if v := value(item[m.Start:m.End]); string(m.Name) == "encrypted_content" && jsonlit.IsString(v) {
					state, at = v, base+m.Start
				}
			}
			judged := judge(state)
			if judged == nil || at == 0 {
				return nil, judged == nil
			}
			return translate.EditLiteral(state, at, judged), false
		})
		edits = append(edits, list...)
	}
	return edits
}
