package messages

import (
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// messages writes the conversation: turns that alternate, begin with the user
// and hold no blank text. Each message depends on the turns up to it alone, but
// for the very last one, so that a longer conversation begins as the shorter
// one did.
func (e *requestEncoder) messages() error {
	turns := e.r.Turns
	if e.caps.NoPrefill && e.prefilled() {
		return translate.BadRequest(e.turnsName(), "the conversation ends with the assistant, and this model does not continue its own answer: end with a message of the user")
	}
	e.w.Key("messages")
	e.w.Array()
	m := messageWriter{e: e}
	for i := range turns {
		t := &turns[i]
		if err := m.turn(t, i == len(turns)-1); err != nil {
			return err
		}
	}
	if !m.any {
		m.open(translate.UserRole)
	}
	m.close()
	e.w.EndArray()
	return nil
}

// turnsName is what the client calls its conversation.
func (e *requestEncoder) turnsName() string {
	switch e.r.Dialect {
	case translate.Responses:
		return "input"
	case translate.Gemini:
		return "contents"
	case translate.Completions:
		return "prompt"
	}
	return "messages"
}

// messageWriter joins turns of one role into a message.
type messageWriter struct {
	e       *requestEncoder
	any     bool // a message was written or is open
	opened  bool
	role    translate.Role // of the open message, or of the last
	content bool           // the open message has a block
}

// open opens a message, unless one of that role is open.
func (m *messageWriter) open(role translate.Role) {
	if m.opened && m.role == role {
		return
	}
	m.close()
	if !m.any && role != translate.UserRole {
		m.open(translate.UserRole)
		m.close()
	}
	w := &m.e.w
	w.Object()
	w.StringField("role", [...]string{translate.UserRole: "user", translate.AssistantRole: "assistant", translate.SystemRole: "system"}[role])
	w.Key("content")
	w.Array()
	m.any, m.opened, m.role, m.content = true, true, role, false
}

// close ends the open message. The user must have said something.
func (m *messageWriter) close() {
	if !m.opened {
		return
	}
	if !m.content {
		m.e.text(nothing, "")
	}
	m.e.w.EndArray()
	m.e.w.EndObject()
	m.opened = false
}

// nothing stands for what a user left empty: the API takes no message without
// a text.
var nothing = translate.Value(`"(empty)"`)

func (m *messageWriter) turn(t *translate.Turn, last bool) error {
	switch {
	case t.Role == translate.UserRole:
		m.open(t.Role)
	case t.Role == translate.SystemRole && (!m.e.caps.MidSystem || !m.any || m.role == translate.AssistantRole):
		return m.wrapped(t)
	}
	for i := range t.Parts {
		p := &t.Parts[i]
		if !m.e.says(p) {
			continue
		}
		if t.Role == translate.AssistantRole && p.Media != nil {
			// What a model drew or spoke is no part of an assistant's message.
			m.e.t.Losses.Note("assistant_media", translate.Dropped)
			continue
		}
		m.open(t.Role)
		m.content = true
		text := p.Text
		if last && t.Role == translate.AssistantRole && i == len(t.Parts)-1 && p.Kind == translate.Text {
			text = trimRight(text) // or the API refuses to go on from it
		}
		if err := m.e.part(p, text); err != nil {
			return err
		}
	}
	return nil
}

// wrapped writes an instruction for a model that takes none here as words of
// the user.
func (m *messageWriter) wrapped(t *translate.Turn) error {
	for i := range t.Parts {
		p := &t.Parts[i]
		if p.Kind != translate.Text || blank(p.Text) {
			continue
		}
		m.e.t.Losses.Note("mid_system", translate.Emulated)
		m.open(translate.UserRole)
		m.content = true
		m.e.scratch = append(m.e.scratch[:0], `"<system>\n`...)
		m.e.scratch = append(m.e.scratch, jsonlit.Inner(p.Text)...)
		m.e.scratch = append(m.e.scratch, `\n</system>"`...)
		m.e.text(m.e.scratch, p.CacheTTL)
	}
	return nil
}

// says reports whether a part of a turn becomes a block.
func (e *requestEncoder) says(p *translate.Part) bool {
	switch p.Kind {
	case translate.Text, translate.Refusal:
		return !blank(p.Text)
	case translate.Thinking:
		return e.keepsThinking(p)
	}
	return true
}
