package responses

import (
	"bytes"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// turn writes the items of a turn: a message for each run of content, an item
// for each call and each result.
func (e *encoder) turn(t *translate.Turn) error {
	role := [...]string{translate.UserRole: "user", translate.AssistantRole: "assistant", translate.SystemRole: "developer"}[t.Role]
	run := 0 // where the present run of content began
	for i := range t.Parts {
		p := &t.Parts[i]
		reasons := p.Kind == translate.Thinking && e.r.Restored && len(p.Signature) > 2
		if p.Kind != translate.ToolCall && p.Kind != translate.ToolResult && !reasons {
			continue
		}
		if err := e.message(role, t.Parts[run:i], "parts"); err != nil {
			return err
		}
		run = i + 1
		switch {
		case reasons:
			e.reasoned(p)
		case p.Kind == translate.ToolCall:
			e.call(p.Call)
		default:
			if err := e.result(p.Result); err != nil {
				return within(err, "parts[%d]", i)
			}
		}
	}
	return e.message(role, t.Parts[run:], "parts")
}

// reasoned writes a reasoning item (openai-go's ResponseReasoningItemParam).
func (e *encoder) reasoned(p *translate.Part) {
	e.Object()
	e.StringField("type", "reasoning")
	if p.StateID != "" {
		e.StringField("id", p.StateID)
	}
	e.Key("summary")
	e.Array()
	if len(p.Text) > 2 {
		e.Object()
		e.StringField("type", "summary_text")
		e.Field("text", p.Text)
		e.EndObject()
	}
	e.EndArray()
	e.Field("encrypted_content", p.Signature)
	e.EndObject()
}

// message writes a message of the parts that have a place in one, and nothing
// when there are none. A user's empty text is kept, as the user's turn.
func (e *encoder) message(role string, parts []translate.Part, at string) error {
	assistant := role == "assistant"
	open := false
	for i := range parts {
		p := &parts[i]
		if p.Kind == translate.Thinking || assistant && len(p.Text) <= 2 && p.Media == nil {
			continue
		}
		if !open {
			open = true
			e.Object()
			e.StringField("type", "message")
			e.StringField("role", role)
			e.Key("content")
			e.Array()
		}
		if err := e.part(p, assistant); err != nil {
			return within(err, "%s[%d]", at, i)
		}
	}
	if open {
		e.EndArray()
		e.EndObject()
	}
	return nil
}

func (e *encoder) part(p *translate.Part, assistant bool) error {
	switch p.Kind {
	case translate.Text:
		e.Object()
		if assistant {
			e.StringField("type", "output_text")
		} else {
			e.StringField("type", "input_text")
		}
		e.Key("text")
		e.Raw(p.Text)
		if !assistant {
			e.breakpoint(p)
		}
		e.EndObject()
	case translate.Refusal:
		e.Object()
		if assistant {
			e.StringField("type", "refusal")
			e.Key("refusal")
		} else {
			e.StringField("type", "input_text")
			e.Key("text")
		}
		e.Raw(p.Text)
		e.EndObject()
	case translate.Image, translate.File:
		if assistant {
			// No item carries the assistant's media back in; what it looked
			// like is lost to the model, and the text around it stays.
			e.t.Losses.Note("assistant_media", translate.Dropped)
			e.Object()
			e.StringField("type", "output_text")
			e.StringField("text", "["+p.Kind.String()+"]")
			e.EndObject()
			return nil
		}
		write := e.file
		if p.Kind == translate.Image {
			write = e.image
		}
		e.Object()
		if err := write(p.Media); err != nil {
			return err
		}
		e.breakpoint(p)
		e.EndObject()
	default:
		return translate.BadRequest("", "the responses protocol cannot carry %s input", p.Kind)
	}
	return nil
}

// foreignFile refuses the id of a file that another vendor keeps.
func (e *encoder) foreignFile() error {
	switch e.r.Dialect {
	case translate.Responses, translate.Chat:
		return nil
	}
	return translate.BadRequest("", "the file is stored with another vendor: send its content")
}

func (e *encoder) image(m *translate.Media) error {
	detail := m.Detail
	if detail == "" {
		detail = "auto"
	}
	e.StringField("type", "input_image")
	switch {
	case len(m.FileID) > 0:
		if err := e.foreignFile(); err != nil {
			return err
		}
		e.Field("file_id", m.FileID)
	case len(m.URL) > 0:
		e.Field("image_url", m.URL)
	default:
		e.Key("image_url")
		e.data(m, "image/png")
	}
	e.StringField("detail", detail)
	return nil
}

// data writes a data URL.
func (e *encoder) data(m *translate.Media, otherwise string) {
	mime := m.MIME
	if mime == "" {
		mime = otherwise
	}
	e.Fragment([]byte("data:"), jsonlit.AppendEscaped(nil, mime), []byte(";base64,"), m.Data)
}

// file writes a document: as input_file, or as text when it is text already.
func (e *encoder) file(m *translate.Media) error {
	if len(m.Text) > 0 {
		e.StringField("type", "input_text")
		e.Key("text")
		if name := jsonlit.Inner(m.Name); len(name) > 0 {
			e.Fragment(name, []byte(`\n\n`), jsonlit.Inner(m.Text))
		} else {
			e.Raw(m.Text)
		}
		return nil
	}
	e.StringField("type", "input_file")
	switch {
	case len(m.FileID) > 0:
		if err := e.foreignFile(); err != nil {
			return err
		}
		e.Field("file_id", m.FileID)
	case len(m.URL) > 0:
		e.Field("file_url", m.URL)
	default:
		// OpenAI wants a name beside the content and tells the type by it.
		e.Key("filename")
		if len(m.Name) > 2 {
			e.Raw(m.Name)
		} else {
			e.String("document" + extension(m.MIME))
		}
		e.Key("file_data")
		e.data(m, "application/pdf")
	}
	return nil
}

func extension(mime string) string {
	switch mime {
	case "text/plain":
		return ".txt"
	case "text/markdown":
		return ".md"
	case "text/html":
		return ".html"
	case "text/csv":
		return ".csv"
	case "application/json":
		return ".json"
	}
	return ".pdf"
}

func (e *encoder) call(c *translate.Call) {
	e.Object()
	if c.Custom {
		if e.custom == nil {
			e.custom = make(map[string]struct{})
		}
		e.custom[c.ID] = struct{}{}
		e.StringField("type", "custom_tool_call")
	} else {
		e.StringField("type", "function_call")
	}
	e.StringField("call_id", c.ID)
	if c.Namespace != "" {
		e.StringField("namespace", c.Namespace)
	}
	e.StringField("name", c.Name)
	switch {
	case !c.Custom:
		e.Key("arguments")
		e.Writer = jsonlit.NewWriter(c.AppendText(e.Bytes()))
	case len(c.Object) > 0:
		e.Key("input")
		e.Writer = jsonlit.NewWriter(c.AppendText(e.Bytes()))
	default:
		e.LiteralField("input", c.Text)
	}
	e.EndObject()
}

// result writes a tool's answer: a string when it is text, else a list of
// parts. That it is an error can only be said in the text.
func (e *encoder) result(r *translate.Result) error {
	e.Object()
	if _, custom := e.custom[r.CallID]; custom {
		e.StringField("type", "custom_tool_call_output")
	} else {
		e.StringField("type", "function_call_output")
	}
	e.StringField("call_id", r.CallID)
	e.Key("output")
	if len(r.Parts) == 0 || len(r.Parts) == 1 && r.Parts[0].Kind == translate.Text {
		var text []byte
		if len(r.Parts) == 1 {
			text = jsonlit.Inner(r.Parts[0].Text)
		}
		if r.IsError && !saysError(text) {
			e.Fragment([]byte(errorMark), text)
		} else {
			e.Fragment(text)
		}
		e.EndObject()
		return nil
	}
	e.Array()
	if r.IsError && (r.Parts[0].Kind != translate.Text || !saysError(jsonlit.Inner(r.Parts[0].Text))) {
		e.Object()
		e.StringField("type", "input_text")
		e.StringField("text", errorMark)
		e.EndObject()
	}
	for i := range r.Parts {
		p := r.Parts[i]
		p.CacheTTL = "" // only messages hold breakpoints
		if err := e.part(&p, false); err != nil {
			return within(err, "output[%d]", i)
		}
	}
	e.EndArray()
	e.EndObject()
	return nil
}

// errorMark stands before the text of a failed call.
const errorMark = "Error: "

func saysError(text []byte) bool {
	return len(text) >= 5 && bytes.EqualFold(text[:5], []byte("error"))
}
