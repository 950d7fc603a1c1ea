package responses

import (
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// value is a raw JSON literal.
type value = jsonlit.Value

// item is an input or output item, its members as they came. Items of all
// types share it, for a type is known only when the whole item has been walked.
type item struct {
	kind      []byte // type, still escaped
	role      value
	content   value
	id        value
	callID    value
	name      value
	namespace value
	arguments value
	input     value
	output    value
	summary   value
	encrypted value
	tools     value
	result    value
	format    value
	action    value
}

// scanItem walks an item once.
func scanItem(v value) (it item) {
	for name, val := range jsonlit.Fields(v) {
		switch string(name) {
		case "type":
			it.kind = jsonlit.Inner(val)
		case "role":
			it.role = val
		case "content":
			it.content = val
		case "id":
			it.id = val
		case "call_id":
			it.callID = val
		case "name":
			it.name = val
		case "namespace":
			it.namespace = val
		case "arguments":
			it.arguments = val
		case "input":
			it.input = val
		case "output":
			it.output = val
		case "summary":
			it.summary = val
		case "encrypted_content":
			it.encrypted = val
		case "tools":
			it.tools = val
		case "result":
			it.result = val
		case "output_format":
			it.format = val
		case "action":
			it.action = val
		}
	}
	return it
}

// joinTexts concatenates the text members of a list of parts, a blank line
// between two, as one string literal; nil when there is no text. A single text
// is returned as it came.
func joinTexts(lists ...value) value {
	var out value
	own := false
	for _, list := range lists {
		for part := range jsonlit.Elements(list) {
			text := jsonlit.Get(part, "text")
			switch in := jsonlit.Inner(text); {
			case len(in) == 0:
			case out == nil:
				out = text
			case !own:
				own = true
				out = append(append(make(value, 0, len(out)+len(in)+64), out[:len(out)-1]...), paragraph...)
				out = append(append(out, in...), '"')
			default:
				out = append(append(append(out[:len(out)-1], paragraph...), in...), '"')
			}
		}
	}
	return out
}

// paragraph stands, escaped, between two pieces of reasoning.
const paragraph = `\n\n`
