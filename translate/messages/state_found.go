package messages

import (
	"strings"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// editFound removes what an upstream of another dialect found on the web: the
// blocks of its searches, and the citations of a text that rest on them. Those
// of Anthropic stay.
func editFound(block translate.Value, base int) ([]translate.Edit, bool) {
	var citations translate.Value
	at := 0
	for m := range jsonlit.Members(block) {
		v := block[m.Start:m.End]
		switch string(m.Name) {
		case "id", "tool_use_id":
			if strings.HasPrefix(jsonlit.Str(v), foreignSearch) {
				return nil, true
			}
		case "citations":
			citations, at = v, base+m.Start
		}
	}
	edits, all := translate.EditElements(citations, at, func(c translate.Value, _ int) ([]translate.Edit, bool) {
		return nil, jsonlit.Str(jsonlit.Get(c, "encrypted_index")) == foreign
	})
	if all {
		return translate.EditMember(block, base, "citations"), false
	}
	return edits, false
}
