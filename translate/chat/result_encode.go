package chat

import (
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// attached reports whether a part of a tool result must travel in the user
// message behind it.
func attached(p *translate.Part) bool { return p.Media != nil && len(p.Media.Text) == 0 }

func holdsMedia(parts []translate.Part) bool {
	for i := range parts {
		if attached(&parts[i]) {
			return true
		}
	}
	return false
}

// writeResult writes a tool message. An error is said in the text, and so is
// what comes in the user message behind.
func writeResult(w *jsonlit.Writer, r *translate.Result) {
	var text fragments
	for i := range r.Parts {
		p := &r.Parts[i]
		switch {
		case attached(p):
			text.join(`\n`, []byte("["+p.Kind.String()+" attached below]"))
		case p.Media != nil:
			text.join(`\n`, document(p.Media)...)
		default:
			text.join(`\n`, jsonlit.Inner(p.Text))
		}
	}
	if r.IsError {
		text = append(fragments{[]byte("Error: ")}, text...)
	}
	w.Object()
	w.StringField("role", "tool")
	w.StringField("tool_call_id", r.CallID)
	w.Key("content")
	w.Fragment(text...)
	w.EndObject()
}

// writeResultMedia writes a tool result's media as parts of a user message,
// and says where they come from.
func writeResultMedia(w *jsonlit.Writer, r *translate.Result) error {
	w.Object()
	w.StringField("type", "text")
	w.StringField("text", "From the result of the tool "+r.Name+" (call "+r.CallID+"):")
	w.EndObject()
	for i := range r.Parts {
		if attached(&r.Parts[i]) {
			if err := writePart(w, &r.Parts[i]); err != nil {
				return err
			}
		}
	}
	return nil
}
