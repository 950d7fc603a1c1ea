package messages

import (
	"strings"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// AppendResponse writes a message (anthropic-sdk-go's Message). Images that a
// model drew have no place in one, and are mentioned.
func (Dialect) AppendResponse(dst []byte, r *translate.Response, reply translate.Reply) ([]byte, error) {
	var choice translate.Choice
	if len(r.Choices) > 0 {
		choice = r.Choices[0]
	}
	calls := false
	for i := range choice.Parts {
		calls = calls || choice.Parts[i].Kind == translate.ToolCall
	}
	reason, ok := reasonOf(choice.Stop, calls)
	if !ok {
		return dst, malformedCall()
	}
	w := jsonlit.NewWriter(dst[len(dst):])
	w.Object()
	openMessage(&w, r.ID, r.Model, reply)
	w.Key("content")
	w.Array()
	for i := range choice.Parts {
		appendAnswer(&w, &choice.Parts[i])
	}
	w.EndArray()
	appendStop(&w, reason, choice.StopSequence)
	w.Key("usage")
	usage := translate.Usage{}
	if r.Usage != nil {
		usage = *r.Usage
	}
	if usage.Input == 0 {
		usage.Input = reply.EstimateInput()
	}
	appendUsage(&w, &usage, true)
	w.EndObject()
	return append(dst, w.Bytes()...), nil
}

// openMessage writes the members of a message that tell which one it is.
func openMessage(w *jsonlit.Writer, id, model string, reply translate.Reply) {
	if model == "" {
		model = reply.Model
	}
	w.StringField("id", messageID(id, reply.ID))
	w.StringField("type", "message")
	w.StringField("role", "assistant")
	w.StringField("model", model)
}

// appendStop writes how an answer ended: the members that a message and a
// message_delta have in common.
func appendStop(w *jsonlit.Writer, reason string, sequence translate.Value) {
	w.StringField("stop_reason", reason)
	w.Key("stop_sequence")
	if reason == "stop_sequence" && len(sequence) > 0 {
		w.Literal(sequence)
	} else {
		w.Null()
	}
	w.Key("stop_details")
	if reason == "refusal" {
		w.Object()
		w.StringField("type", "refusal")
		w.Key("category")
		w.Null()
		w.Key("explanation")
		w.Null()
		w.EndObject()
	} else {
		w.Null()
	}
	w.Key("container")
	w.Null()
}

func appendAnswer(w *jsonlit.Writer, p *translate.Part) {
	switch p.Kind {
	case translate.Text, translate.Refusal:
		if len(jsonlit.Inner(p.Text)) > 0 {
			w.Object()
			w.StringField("type", "text")
			w.LiteralField("text", p.Text)
			appendCitations(w, p.Citations)
			w.EndObject()
		}
		appendState(w, p.Signature)
	case translate.Thinking:
		appendThinking(w, p.Text, p.Signature)
	case translate.Image, translate.Audio:
		if text := mention(p.Kind, p.Media); text != nil {
			w.Object()
			w.StringField("type", "text")
			w.LiteralField("text", text)
			w.EndObject()
		}
	case translate.WebSearch:
		searchCall(w, p.Search, true)
		searchResultBlock(w, p.Search)
	case translate.ToolCall:
		appendState(w, p.Signature)
		w.Object()
		w.StringField("type", "tool_use")
		w.StringField("id", toolID(p.Call.ID))
		w.StringField("name", p.Call.Name)
		w.Key("input")
		// What is no object is told as such: the client answers with a tool
		// error, from which the model can go on.
		input, _ := p.Call.AppendObject(nil)
		w.Raw(jsonlit.AppendLiteral(nil, input))
		w.EndObject()
	}
}

// appendThinking writes a thinking block, or a redacted one when there is but
// state.
func appendThinking(w *jsonlit.Writer, text, state translate.Value) {
	silent := len(jsonlit.Inner(text)) == 0
	if silent && len(jsonlit.Inner(state)) == 0 {
		return
	}
	w.Object()
	if silent {
		w.StringField("type", "redacted_thinking")
		w.LiteralField("data", state)
	} else {
		w.StringField("type", "thinking")
		w.LiteralField("thinking", text)
		w.LiteralField("signature", state)
	}
	w.EndObject()
}

// appendState writes the state of a text or of a call, which have no place for
// it themselves, as a thinking block without text.
func appendState(w *jsonlit.Writer, state translate.Value) {
	if len(jsonlit.Inner(state)) == 0 {
		return
	}
	w.Object()
	w.StringField("type", "thinking")
	w.StringField("thinking", "")
	w.LiteralField("signature", state)
	w.EndObject()
}

// toolID returns a call's id, in the characters that Anthropic takes back
// ("^[a-zA-Z0-9_-]+$", ToolUseBlockParam).
func toolID(id string) string {
	if id == "" || strings.IndexFunc(id, func(r rune) bool { return !idRune(r) }) >= 0 {
		return translate.CallID(id)
	}
	return id
}

func idRune(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-'
}

// maxID bounds the ids that are made of an upstream's.
const maxID = 64

// messageID makes an id of the upstream's, or of the suffix when it gave none.
func messageID(upstream, suffix string) string {
	id := translate.BareID(upstream, maxID-len("msg_"))
	if id == "" {
		id = suffix
	}
	return "msg_" + id
}
