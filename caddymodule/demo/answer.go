package demo

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// reply is a Message of the API.
type reply struct {
	ID           string  `json:"id"`
	Type         string  `json:"type"`
	Role         string  `json:"role"`
	Model        string  `json:"model"`
	Content      []piece `json:"content"`
	StopReason   string  `json:"stop_reason"`
	StopSequence *string `json:"stop_sequence"`
	Usage        usage   `json:"usage"`
}

// piece is a content block of an answer: text, or a tool_use with ID, Name and Input.
type piece struct {
	Type  string         `json:"type"`
	Text  *string        `json:"text,omitzero"`
	ID    string         `json:"id,omitzero"`
	Name  string         `json:"name,omitzero"`
	Input jsontext.Value `json:"input,omitzero"`
}

type usage struct {
	InputTokens              int64 `json:"input_tokens"`
	CacheCreationInputTokens int64 `json:"cache_creation_input_tokens"`
	CacheReadInputTokens     int64 `json:"cache_read_input_tokens"`
	OutputTokens             int64 `json:"output_tokens"`
}

// advice is what every answer in plain words ends with.
const advice = "To add a real account, set ANTHROPIC_API_KEY, OPENAI_API_KEY or GEMINI_API_KEY in the gateway's environment " +
	"and start it with Caddyfile.example, or add a line such as `account claude anthropic {env.ANTHROPIC_API_KEY}` to the " +
	"global `ai` block of your Caddyfile."

// answer decides what to say. id makes the ids of this answer.
func (r *request) answer(id string) reply {
	msg := reply{
		ID: "msg_" + id, Type: "message", Role: "assistant", Model: r.Model, StopReason: "end_turn",
		Usage: usage{InputTokens: r.inputTokens()},
	}
	if t := r.tool(); t != nil {
		text := fmt.Sprintf("This is the built-in demo account; it calls %s with made-up arguments.", t.Name)
		call := piece{Type: "tool_use", ID: "toolu_" + id, Name: t.Name, Input: sample(t.InputSchema)}
		msg.Content = []piece{{Type: "text", Text: &text}, call}
		msg.StopReason = "tool_use"
		r.cut(&msg)
		return msg
	}
	text := r.text()
	msg.Content = []piece{{Type: "text", Text: &text}}
	r.cut(&msg)
	return msg
}

func (r *request) text() string {
	if f := r.OutputConfig.Format; f != nil && f.Type == "json_schema" {
		return string(sample(f.Schema))
	}
	const intro = "This is Fairway's built-in demo account: no account is usable yet, so no model was asked. "
	if result, ok := r.lastResult(); ok {
		return intro + "The tool answered: " + brief(result) + ". " + advice
	}
	if asked := r.asked(); asked != "" {
		return intro + "You said: " + brief(asked) + ". " + advice
	}
	return intro + advice
}

// tool returns the tool to call: the one that tool_choice demands, or, as long as there is no tool result, the one that
// the user speaks of.
func (r *request) tool() *tool {
	if len(r.Tools) == 0 {
		return nil
	}
	switch r.ToolChoice.Type {
	case "none":
		return nil
	case "tool":
		for i := range r.Tools {
			if r.Tools[i].Name == r.ToolChoice.Name {
				return &r.Tools[i]
			}
		}
		return nil
	}
	if !r.hasResult() {
		asked := strings.ToLower(r.asked())
		for i := range r.Tools {
			if mentions(asked, strings.ToLower(r.Tools[i].Name)) {
				return &r.Tools[i]
			}
		}
		if mentions(asked, "use a tool") || mentions(asked, "call a tool") {
			return &r.Tools[0]
		}
	}
	if r.ToolChoice.Type == "any" {
		return &r.Tools[0]
	}
	return nil
}

// mentions reports whether words stands in text as words of their own.
func mentions(text, words string) bool {
	if words == "" {
		return false
	}
	for from := 0; ; {
		i := strings.Index(text[from:], words)
		if i < 0 {
			return false
		}
		start, end := from+i, from+i+len(words)
		if (start == 0 || !nameByte(text[start-1])) && (end == len(text) || !nameByte(text[end])) {
			return true
		}
		from = start + 1
	}
}

func nameByte(c byte) bool {
	return c == '_' || c == '-' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z'
}

// cut shortens the answer at the first stop sequence and at max_tokens, and counts what is left.
func (r *request) cut(msg *reply) {
	left := int64(1) << 40
	if r.MaxTokens != nil {
		left = *r.MaxTokens
	}
	for i := range msg.Content {
		p := &msg.Content[i]
		if p.Type != "text" {
			size := tokens(utf8.RuneCount(p.Input) + utf8.RuneCountInString(p.Name))
			if size > left { // an incomplete call would be of no use to anyone
				msg.Content, msg.StopReason = msg.Content[:i], "max_tokens"
				return
			}
			left -= size
			msg.Usage.OutputTokens += size
			continue
		}
		text, stopped := *p.Text, false
		if at, seq := firstStop(text, r.StopSequences); at >= 0 {
			text, stopped = text[:at], true
			msg.StopReason, msg.StopSequence = "stop_sequence", &seq
		}
		if short := firstChars(text, left*charsPerToken); short != text {
			text, stopped = short, true
			msg.StopReason, msg.StopSequence = "max_tokens", nil
		}
		p.Text = &text
		size := tokens(utf8.RuneCountInString(text))
		left -= size
		msg.Usage.OutputTokens += size
		if stopped {
			msg.Content = msg.Content[:i+1]
			if text == "" {
				msg.Content = msg.Content[:i]
			}
			break
		}
	}
	if msg.Content == nil {
		msg.Content = []piece{}
	}
}

// firstStop finds the stop sequence that comes first in text; at is -1 when there is none.
func firstStop(text string, sequences []string) (at int, sequence string) {
	at = -1
	for _, s := range sequences {
		if i := strings.Index(text, s); s != "" && i >= 0 && (at < 0 || i < at) {
			at, sequence = i, s
		}
	}
	return at, sequence
}

func firstChars(text string, n int64) string {
	if int64(len(text)) <= n {
		return text
	}
	for i := range text {
		if n == 0 {
			return text[:i]
		}
		n--
	}
	return text
}

// brief quotes the beginning of a text on one line.
func brief(text string) string {
	const most = 120
	text = strings.Join(strings.Fields(text), " ")
	if short := firstChars(text, most); short != text {
		text = short + "…"
	}
	return "“" + text + "”"
}
