package gemini

import (
	"github.com/fairway-gateway/fairway/translate"
)

// sentinel stands for the signature of a call that Gemini did not make itself:
// Google's page "Thought signatures" names it for history from other models. It
// is a bytes field, and the text happens to be base64.
const sentinel = "skip_thought_signature_validator"

// contents writes the conversation. Turns that follow each other in one role
// become one content; instructions in mid-conversation become user text.
func (e *requestEncoder) contents() error {
	e.w.Key("contents")
	e.w.Array()
	empty := len(e.w.Bytes())
	current := e.currentTurn()
	for i := range e.r.Turns {
		t := &e.r.Turns[i]
		if t.Role == translate.AssistantRole {
			if err := e.modelTurn(t, i > current); err != nil {
				return err
			}
		} else if err := e.userTurn(t); err != nil {
			return err
		}
	}
	e.close()
	if len(e.w.Bytes()) == empty {
		if len(e.r.Turns) > 0 || !anyText(e.r.System) {
			return translate.BadRequest("", "the conversation has no content that can be sent to a model")
		}
		e.role("user")
		e.systemParts()
		e.close()
	}
	e.w.EndArray()
	return nil
}

// currentTurn returns the index of the user turn that the model is still
// answering: the last that is no mere return of tool results. Only behind it
// does Gemini check the signatures of calls.
func (e *requestEncoder) currentTurn() int {
	for i := len(e.r.Turns) - 1; i >= 0; i-- {
		t := &e.r.Turns[i]
		if t.Role == translate.UserRole && len(t.Parts) > 0 && t.Parts[0].Kind != translate.ToolResult {
			return i
		}
	}
	return -1
}

// role opens a content of the role, or goes on in the one that is open.
func (e *requestEncoder) role(role string) {
	if e.open == role {
		return
	}
	e.close()
	e.open = role
	e.w.Object()
	e.w.StringField("role", role)
	e.w.Key("parts")
	e.w.Array()
}

func (e *requestEncoder) close() {
	if e.open != "" {
		e.w.EndArray()
		e.w.EndObject()
	}
	e.open = ""
}

// foreign reports whether the signatures in the history are another vendor's.
func (e *requestEncoder) foreign() bool { return e.r.Dialect != translate.Gemini && !e.r.Restored }

func (e *requestEncoder) modelTurn(t *translate.Turn, current bool) error {
	sign := current && e.t.Capabilities.Signatures
	for i := range t.Parts {
		p := &t.Parts[i]
		signature := p.Signature
		if e.foreign() {
			signature = nil
		}
		switch p.Kind {
		case translate.Thinking:
			// Thoughts belong to the vendor that made them.
			if e.foreign() || len(p.Text) <= 2 && signature == nil {
				continue
			}
			e.role("model")
			e.w.Object()
			e.w.Field("text", textOf(p))
			if len(p.Text) > 0 { // a signature may come behind everything, with a part of its own
				e.w.BoolField("thought", true)
			}
		case translate.Text, translate.Refusal:
			if len(p.Text) <= 2 && signature == nil {
				continue
			}
			e.role("model")
			e.w.Object()
			e.w.Field("text", textOf(p))
		case translate.ToolCall:
			e.role("model")
			e.w.Object()
			e.call(p.Call)
			if signature == nil && sign {
				e.w.StringField("thoughtSignature", sentinel)
			}
			sign = false // of parallel calls only the first is signed
		case translate.ToolResult:
			continue
		default:
			e.role("model")
			e.w.Object()
			if err := e.media(p); err != nil {
				return err
			}
		}
		e.w.Field("thoughtSignature", signature)
		e.w.EndObject()
	}
	return nil
}

func textOf(p *translate.Part) translate.Value {
	if len(p.Text) == 0 {
		return translate.Value(`""`)
	}
	return p.Text
}

func (e *requestEncoder) call(c *translate.Call) {
	e.w.Key("functionCall")
	e.w.Object()
	e.w.StringField("id", c.ID)
	e.w.StringField("name", c.Name)
	e.w.Key("args")
	args, ok := c.AppendObject(e.scratch[:0])
	e.scratch = args
	if !ok {
		e.t.Losses.Note("tool_call_arguments", translate.Approximated)
	}
	e.w.Raw(args)
	e.w.EndObject()
}

// userTurn writes the results first, then the media that has no place inside
// them, then the rest: results must stand together behind their calls.
func (e *requestEncoder) userTurn(t *translate.Turn) error {
	if t.Role == translate.SystemRole {
		e.midSystem(t)
		return nil
	}
	for i := range t.Parts {
		if r := t.Parts[i].Result; r != nil {
			e.role("user")
			if err := e.result(r); err != nil {
				return err
			}
		}
	}
	for i := range t.Parts {
		if r := t.Parts[i].Result; r != nil {
			for j := range r.Parts {
				if p := &r.Parts[j]; p.Media != nil && !e.fitsResult(p.Media) {
					if err := e.mediaPart(p); err != nil {
						return err
					}
				}
			}
		}
	}
	for i := range t.Parts {
		p := &t.Parts[i]
		switch p.Kind {
		case translate.Text, translate.Refusal:
			if len(p.Text) <= 2 {
				continue
			}
			e.role("user")
			e.w.Object()
			e.w.Field("text", p.Text)
			e.w.EndObject()
		case translate.Image, translate.Audio, translate.Video, translate.File:
			e.role("user")
			if err := e.mediaPart(p); err != nil {
				return err
			}
		}
	}
	return nil
}

// midSystem writes an instruction in mid-conversation where the client put it:
// moved to the front it would change the prefix of all that follows.
func (e *requestEncoder) midSystem(t *translate.Turn) {
	if !anyText(t.Parts) {
		return
	}
	text := translate.PlainText(t.Parts, `\n\n`)
	e.role("user")
	e.w.Object()
	e.w.Key("text")
	e.w.Fragment([]byte(`<system>\n`), text[1:len(text)-1], []byte(`\n</system>`))
	e.w.EndObject()
}
