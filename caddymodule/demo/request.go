package demo

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// request is the part of a Messages request that the demo looks at; other members are ignored.
type request struct {
	Model         string         `json:"model"`
	MaxTokens     *int64         `json:"max_tokens"`
	System        jsontext.Value `json:"system"`
	Messages      []message      `json:"messages"`
	Tools         []tool         `json:"tools"`
	ToolChoice    toolChoice     `json:"tool_choice"`
	StopSequences []string       `json:"stop_sequences"`
	Stream        bool           `json:"stream"`
	OutputConfig  struct {
		Format *struct {
			Type   string         `json:"type"`
			Schema jsontext.Value `json:"schema"`
		} `json:"format"`
	} `json:"output_config"`

	toolsSize int // characters of all tools
}

type message struct {
	Role    string         `json:"role"`
	Content jsontext.Value `json:"content"`

	blocks []block
}

type tool struct {
	Name        string         `json:"name"`
	InputSchema jsontext.Value `json:"input_schema"`
}

type toolChoice struct {
	Type string `json:"type"` // "", "auto", "any", "tool" or "none"
	Name string `json:"name"`
}

// block is a content block of a request.
type block struct {
	Type    string         `json:"type"`
	Text    string         `json:"text"`
	Input   jsontext.Value `json:"input"`
	Content jsontext.Value `json:"content"`
}

// parse reads a request and checks what the API would refuse; its errors are worded for the client.
func parse(body []byte, generate bool) (*request, error) {
	var raw struct {
		Tools jsontext.Value `json:"tools"`
	}
	req := new(request)
	if err := errors.Join(json.Unmarshal(body, req), json.Unmarshal(body, &raw)); err != nil {
		return nil, errors.New("The request body is not valid JSON of a Messages request")
	}
	req.toolsSize = utf8.RuneCount(raw.Tools)
	switch {
	case req.Model == "":
		return nil, errors.New("model: Field required")
	case generate && req.MaxTokens == nil:
		return nil, errors.New("max_tokens: Field required")
	case generate && *req.MaxTokens < 0:
		return nil, errors.New("max_tokens: Input should be greater than or equal to 0")
	case len(req.Messages) == 0:
		return nil, errors.New("messages: at least one message is required")
	}
	for i := range req.Messages {
		m := &req.Messages[i]
		switch m.Role {
		case "user", "assistant", "system":
		default:
			return nil, fmt.Errorf("messages.%d.role: Input should be 'user', 'assistant' or 'system'", i)
		}
		blocks, err := readBlocks(m.Content)
		if err != nil {
			return nil, fmt.Errorf("messages.%d.content: Input should be a string or a list of content blocks", i)
		}
		m.blocks = blocks
	}
	return req, nil
}

// readBlocks reads content that is a string or a list of blocks.
func readBlocks(content jsontext.Value) ([]block, error) {
	switch content.Kind() {
	case '"':
		var text string
		err := json.Unmarshal(content, &text)
		return []block{{Type: "text", Text: text}}, err
	case '[':
		var blocks []block
		err := json.Unmarshal(content, &blocks)
		return blocks, err
	}
	return nil, errors.New("neither a string nor a list")
}

// asked returns what the user said last: the last text block of the last user message, because clients put their own
// reminders in front of it.
func (r *request) asked() string {
	for i := len(r.Messages) - 1; i >= 0; i-- {
		if r.Messages[i].Role != "user" {
			continue
		}
		blocks := r.Messages[i].blocks
		for j := len(blocks) - 1; j >= 0; j-- {
			if text := strings.TrimSpace(blocks[j].Text); blocks[j].Type == "text" && text != "" {
				return text
			}
		}
	}
	return ""
}

// lastResult returns the text of the tool result that the conversation ends with, and whether it ends with one.
func (r *request) lastResult() (text string, ok bool) {
	for i := len(r.Messages) - 1; i >= 0; i-- {
		if r.Messages[i].Role == "system" {
			continue
		}
		for _, b := range r.Messages[i].blocks {
			if b.Type == "tool_result" {
				return contentText(b.Content), true
			}
		}
		return "", false
	}
	return "", false
}

// hasResult reports whether any tool result is in the conversation.
func (r *request) hasResult() bool {
	for _, m := range r.Messages {
		for _, b := range m.blocks {
			if b.Type == "tool_result" {
				return true
			}
		}
	}
	return false
}

func contentText(content jsontext.Value) string {
	blocks, err := readBlocks(content)
	if err != nil {
		return ""
	}
	var texts []string
	for _, b := range blocks {
		if b.Type == "text" {
			texts = append(texts, b.Text)
		}
	}
	return strings.Join(texts, " ")
}

// charsPerToken is the usual rule of thumb for English text.
const charsPerToken = 4

// mediaTokens is counted for each image or document, whose real price depends on its size.
const mediaTokens = 1000

func tokens(chars int) int64 { return int64((chars + charsPerToken - 1) / charsPerToken) }

// inputTokens estimates the tokens of everything that the request says.
func (r *request) inputTokens() int64 {
	chars, media := r.toolsSize+utf8.RuneCountInString(contentText(r.System)), int64(0)
	for _, m := range r.Messages {
		for _, b := range m.blocks {
			switch b.Type {
			case "image", "document":
				media += mediaTokens
			default:
				chars += utf8.RuneCountInString(b.Text) + utf8.RuneCount(b.Input) + utf8.RuneCountInString(contentText(b.Content))
			}
		}
	}
	return max(1, tokens(chars)+media)
}
