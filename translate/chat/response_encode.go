package chat

import (
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
	"github.com/fairway-gateway/fairway/translate/openai"
)

// AppendResponse writes a chat.completion (openai-go's ChatCompletion).
// Reasoning stands in reasoning_content, as DeepSeek and vLLM have it, and
// generated images in images, as OpenRouter has them.
func (Dialect) AppendResponse(dst []byte, r *translate.Response, reply translate.Reply) ([]byte, error) {
	w := jsonlit.NewWriter(append(dst, '{'))
	w.StringField("id", openai.ID("chatcmpl-", r.ID, reply.ID))
	w.StringField("object", "chat.completion")
	w.IntField("created", created(r.Created, reply))
	w.StringField("model", model(r.Model, reply))
	w.Key("choices")
	w.Array()
	for i := range r.Choices {
		c := &r.Choices[i]
		if c.Stop == translate.StopMalformedCall {
			return nil, openai.MalformedCall()
		}
		w.Object()
		w.IntField("index", int64(c.Index))
		w.Key("message")
		writeMessage(&w, c.Parts, reply.Request.Functions)
		writeLogprobs(&w, c.Parts)
		w.StringField("finish_reason", finish(c.Stop, reply.Request.Functions))
		w.EndObject()
	}
	w.EndArray()
	if r.Usage != nil {
		w.Key("usage")
		w = jsonlit.NewWriter(openai.AppendUsage(w.Bytes(), *r.Usage))
	}
	w.EndObject()
	return w.Bytes(), nil
}

func created(t int64, reply translate.Reply) int64 {
	if t > 0 {
		return t
	}
	return reply.Created
}

func model(name string, reply translate.Reply) string {
	if name != "" {
		return name
	}
	return reply.Model
}

// finish is the finish_reason of a stop, for a client of tools or of functions.
func finish(stop translate.StopReason, functions bool) string {
	if functions && stop == translate.StopToolUse {
		return "function_call"
	}
	return openai.Finish(stop)
}

// writeMessage writes the answer's message, with the members that OpenAI's
// schema requires present even when they are null. To a client of functions it
// can tell one call only; the model will ask again for what it still wants.
func writeMessage(w *jsonlit.Writer, parts []translate.Part, functions bool) {
	w.Object()
	w.StringField("role", "assistant")
	writeSaid(w, "content", parts, translate.Text, "", true)
	writeSaid(w, "refusal", parts, translate.Refusal, "", true)
	writeSaid(w, "reasoning_content", parts, translate.Thinking, thoughtBreak, false)
	writeDetails(w, parts)
	writeImages(w, parts)
	writeAnnotations(w, parts)
	calls := 0
	for i := range parts {
		if parts[i].Kind != translate.ToolCall {
			continue
		}
		if functions {
			w.Key("function_call")
			w.Object()
			w.StringField("name", parts[i].Call.Name)
			w.LiteralField("arguments", parts[i].Call.AppendText(nil))
			w.EndObject()
			break
		}
		if calls == 0 {
			w.Key("tool_calls")
			w.Array()
		}
		calls++
		writeAnswerCall(w, &parts[i])
	}
	if calls > 0 {
		w.EndArray()
	}
	w.EndObject()
}

// thoughtBreak stands between two thoughts, which have blocks of their own in
// other dialects; escaped.
const thoughtBreak = `\n\n`

// writeSaid writes the texts of a kind as one string; null, or nothing, when
// there are none.
func writeSaid(w *jsonlit.Writer, name string, parts []translate.Part, kind translate.Kind, sep string, required bool) {
	var text []byte
	found := false
	for i := range parts {
		if parts[i].Kind != kind {
			continue
		}
		if len(text) > 0 && len(jsonlit.Inner(parts[i].Text)) > 0 {
			text = append(text, sep...)
		}
		found = true
		text = jsonlit.AppendLiteral(text, jsonlit.Inner(parts[i].Text))
	}
	if !found {
		if required {
			w.Key(name)
			w.Null()
		}
		return
	}
	w.Key(name)
	w.Fragment(text)
}

func writeImages(w *jsonlit.Writer, parts []translate.Part) {
	first := true
	for i := range parts {
		if parts[i].Kind != translate.Image || parts[i].Media == nil {
			continue
		}
		if first {
			w.Key("images")
			w.Array()
			first = false
		}
		writeImage(w, parts[i].Media)
	}
	if !first {
		w.EndArray()
	}
}

func writeImage(w *jsonlit.Writer, m *translate.Media) {
	w.Object()
	w.StringField("type", "image_url")
	w.Key("image_url")
	w.Object()
	writeURL(w, "url", m, "image/png")
	w.EndObject()
	w.EndObject()
}

// writeAnnotations writes the citations. Their spans count from the start of
// their own text, which is not the whole content when texts were joined.
func writeAnnotations(w *jsonlit.Writer, parts []translate.Part) {
	before, first := 0, true
	for i := range parts {
		if parts[i].Kind != translate.Text {
			continue
		}
		for j := range parts[i].Citations {
			if len(parts[i].Citations[j].URL) == 0 {
				continue // a file that another vendor keeps
			}
			if first {
				w.Key("annotations")
				w.Array()
				first = false
			}
			writeCitation(w, &parts[i].Citations[j], before)
		}
		before += translate.CodePoints(parts[i].Text)
	}
	if !first {
		w.EndArray()
	}
}

func writeCitation(w *jsonlit.Writer, c *translate.Citation, before int) {
	w.Object()
	w.StringField("type", "url_citation")
	w.Key("url_citation")
	w.Object()
	w.LiteralField("url", c.URL)
	w.LiteralField("title", c.Title)
	if c.End > 0 {
		w.IntField("start_index", int64(before+c.Start))
		w.IntField("end_index", int64(before+c.End))
	} else {
		w.IntField("start_index", int64(before))
		w.IntField("end_index", int64(before))
	}
	w.EndObject()
	w.EndObject()
}

// writeAnswerCall writes a call of the answer. Google's signature goes where
// its own compatible endpoint puts it, and clients of that echo it.
func writeAnswerCall(w *jsonlit.Writer, p *translate.Part) {
	c := p.Call
	w.Object()
	w.StringField("id", c.ID)
	if c.Custom {
		w.StringField("type", "custom")
		w.Key("custom")
		w.Object()
		w.StringField("name", c.Name)
		w.LiteralField("input", translate.InputOf(c.AppendText(nil)))
	} else {
		w.StringField("type", "function")
		w.Key("function")
		w.Object()
		w.StringField("name", c.Name)
		w.LiteralField("arguments", c.AppendText(nil))
	}
	w.EndObject()
	if native := nativeSignature(p.Signature); len(native) > 0 {
		w.Key("extra_content")
		writeSignature(w, native)
	}
	w.EndObject()
}

func writeSignature(w *jsonlit.Writer, s jsonlit.Value) {
	w.Object()
	w.Key("google")
	w.Object()
	w.LiteralField("thought_signature", s)
	w.EndObject()
	w.EndObject()
}

// writeLogprobs writes a choice's logprobs; null when there are none.
func writeLogprobs(w *jsonlit.Writer, parts []translate.Part) {
	w.Key("logprobs")
	var all []byte
	for i := range parts {
		list := parts[i].Logprobs
		if len(list) <= len("[]") {
			continue
		}
		if all != nil {
			all = append(all, ',')
		}
		all = jsonlit.AppendLiteral(all, list[1:len(list)-1])
	}
	if all == nil {
		w.Null()
		return
	}
	w.Raw(append(append([]byte(`{"content":[`), all...), `],"refusal":null}`...))
}
