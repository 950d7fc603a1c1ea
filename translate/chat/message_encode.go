package chat

import (
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// writeMessages writes the conversation: the instructions as one system
// message, then each turn as one message or, where it holds tool results, as
// one message for each of them and one for the rest.
func writeMessages(w *jsonlit.Writer, r *translate.Request, target *translate.Target) error {
	w.Key("messages")
	w.Array()
	if len(r.System) > 0 {
		w.Object()
		w.StringField("role", "system")
		writeText(w, r.System)
		w.EndObject()
	}
	for i := range r.Turns {
		t := &r.Turns[i]
		switch t.Role {
		case translate.SystemRole:
			w.Object()
			w.StringField("role", "system")
			writeText(w, t.Parts)
			w.EndObject()
		case translate.AssistantRole:
			writeAssistant(w, t.Parts, r.Restored, target)
		default:
			if err := writeUser(w, t.Parts); err != nil {
				return err
			}
		}
	}
	w.EndArray()
	return nil
}

// writeText writes content as one string: the texts of parts, an empty line
// between them.
func writeText(w *jsonlit.Writer, parts []translate.Part) {
	var pieces fragments
	for i := range parts {
		pieces.join(`\n\n`, jsonlit.Inner(parts[i].Text))
	}
	w.Key("content")
	w.Fragment(pieces...)
}

// fragments are pieces of one string, still escaped.
type fragments [][]byte

// join adds pieces, behind sep when there are others before them.
func (f *fragments) join(sep string, pieces ...[]byte) {
	if len(*f) > 0 {
		*f = append(*f, []byte(sep))
	}
	*f = append(*f, pieces...)
}

// writeAssistant writes an assistant message. Reasoning is left out: it is
// bound to who made it, and most servers refuse its members in a request; but
// for those that will not go on from a tool call without. The text of a refusal
// is text: only OpenAI has a member for it.
func writeAssistant(w *jsonlit.Writer, parts []translate.Part, restored bool, t *translate.Target) {
	var said, thought fragments
	calls := 0
	for i := range parts {
		switch parts[i].Kind {
		case translate.Text, translate.Refusal:
			said = append(said, jsonlit.Inner(parts[i].Text))
		case translate.Thinking:
			if in := jsonlit.Inner(parts[i].Text); len(in) > 0 {
				thought.join(`\n\n`, in)
			}
		case translate.ToolCall:
			calls++
		case translate.Image, translate.Audio, translate.Video, translate.File:
			t.Losses.Note("assistant_media", translate.Dropped)
		}
	}
	w.Object()
	w.StringField("role", "assistant")
	w.Key("content")
	if len(said) == 0 && calls > 0 {
		w.Null()
	} else {
		w.Fragment(said...)
	}
	if calls > 0 && len(thought) > 0 && t.Capabilities.EchoReasoning {
		w.Key("reasoning_content")
		w.Fragment(thought...)
	}
	if calls > 0 {
		w.Key("tool_calls")
		w.Array()
		for i := range parts {
			if parts[i].Kind == translate.ToolCall {
				writeCall(w, &parts[i], restored)
			}
		}
		w.EndArray()
	}
	if restored {
		writeState(w, parts)
	}
	w.EndObject()
}

func writeCall(w *jsonlit.Writer, p *translate.Part, restored bool) {
	c := p.Call
	w.Object()
	w.StringField("id", c.ID)
	w.StringField("type", "function")
	w.Key("function")
	w.Object()
	w.StringField("name", c.Name)
	w.Key("arguments")
	*w = jsonlit.NewWriter(c.AppendText(w.Bytes()))
	w.EndObject()
	if restored && len(p.Signature) > 2 {
		w.Key("extra_content")
		writeSignature(w, p.Signature)
	}
	w.EndObject()
}

// writeUser writes a user turn: its tool results, and a user message with the
// rest. Media of tool results stand at that message's front, since tool
// messages hold text alone.
func writeUser(w *jsonlit.Writer, parts []translate.Part) error {
	rest, media, plain := 0, false, true
	for i := range parts {
		if res := parts[i].Result; res != nil {
			writeResult(w, res)
			media = media || holdsMedia(res.Parts)
			continue
		}
		rest++
		plain = plain && parts[i].Kind == translate.Text
	}
	if rest == 0 && !media && len(parts) > 0 {
		return nil
	}
	w.Object()
	w.StringField("role", "user")
	if plain && !media {
		writeText(w, withoutResults(parts))
		w.EndObject()
		return nil
	}
	w.Key("content")
	w.Array()
	for i := range parts {
		if res := parts[i].Result; res != nil && holdsMedia(res.Parts) {
			if err := writeResultMedia(w, res); err != nil {
				return err
			}
		}
	}
	for i := range parts {
		if parts[i].Result == nil {
			if err := writePart(w, &parts[i]); err != nil {
				return err
			}
		}
	}
	w.EndArray()
	w.EndObject()
	return nil
}

// withoutResults returns the parts behind the results, which Settle has put
// first.
func withoutResults(parts []translate.Part) []translate.Part {
	for len(parts) > 0 && parts[0].Result != nil {
		parts = parts[1:]
	}
	return parts
}
