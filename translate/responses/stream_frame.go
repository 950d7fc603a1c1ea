package responses

import "github.com/fairway-gateway/fairway/translate/jsonlit"

// frame is an event of a stream, its members as they came.
type frame struct {
	kind                                   []byte // type
	sequence                               int64  // -1 when absent
	outputIndex, part                      int64  // part: content_index or summary_index
	delta, text, refusal, arguments, input value
	item, partObject, annotation, logprobs value
	response, err                          value
}

func scanFrame(v value) (f frame) {
	f.sequence = -1
	for name, val := range jsonlit.Fields(v) {
		switch string(name) {
		case "type":
			f.kind = jsonlit.Inner(val)
		case "sequence_number":
			if n, ok := jsonlit.Int(val); ok {
				f.sequence = n
			}
		case "output_index":
			f.outputIndex, _ = jsonlit.Int(val)
		case "content_index", "summary_index":
			f.part, _ = jsonlit.Int(val)
		case "delta":
			f.delta = val
		case "text":
			f.text = val
		case "refusal":
			f.refusal = val
		case "arguments":
			f.arguments = val
		case "input":
			f.input = val
		case "item":
			f.item = val
		case "part":
			f.partObject = val
		case "annotation":
			f.annotation = val
		case "logprobs":
			f.logprobs = val
		case "response":
			f.response = val
		case "error":
			f.err = val
		}
	}
	return f
}
