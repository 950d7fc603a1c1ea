package demo

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// eventReader yields a message as server-sent events, at most one event per Read, as a network would.
type eventReader struct {
	events []event
	rest   []byte
}

type event struct {
	name string
	data any
}

func newEventReader(msg reply) *eventReader { return &eventReader{events: events(msg)} }

// Read implements io.Reader.
func (r *eventReader) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		if len(r.events) == 0 {
			return 0, io.EOF
		}
		data, err := json.Marshal(r.events[0].data)
		if err != nil {
			return 0, fmt.Errorf("writing event %s: %w", r.events[0].name, err)
		}
		r.rest = fmt.Appendf(nil, "event: %s\ndata: %s\n\n", r.events[0].name, data)
		r.events = r.events[1:]
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

type (
	startEvent struct {
		Type    string `json:"type"`
		Message opened `json:"message"`
	}
	// opened is a message at its beginning, when no stop reason is known.
	opened struct {
		ID           string  `json:"id"`
		Type         string  `json:"type"`
		Role         string  `json:"role"`
		Model        string  `json:"model"`
		Content      []piece `json:"content"`
		StopReason   *string `json:"stop_reason"`
		StopSequence *string `json:"stop_sequence"`
		Usage        usage   `json:"usage"`
	}
	blockStart struct {
		Type         string `json:"type"`
		Index        int    `json:"index"`
		ContentBlock piece  `json:"content_block"`
	}
	blockDelta struct {
		Type  string `json:"type"`
		Index int    `json:"index"`
		Delta delta  `json:"delta"`
	}
	delta struct {
		Type        string  `json:"type"`
		Text        *string `json:"text,omitzero"`
		PartialJSON *string `json:"partial_json,omitzero"`
	}
	blockStop struct {
		Type  string `json:"type"`
		Index int    `json:"index"`
	}
	messageDelta struct {
		Type  string    `json:"type"`
		Delta stopDelta `json:"delta"`
		Usage usage     `json:"usage"`
	}
	stopDelta struct {
		StopReason   string  `json:"stop_reason"`
		StopSequence *string `json:"stop_sequence"`
	}
	bare struct {
		Type string `json:"type"`
	}
)

// events lists the events of a streamed message in the order that the API documents.
func events(msg reply) []event {
	begun := msg.Usage
	begun.OutputTokens = 1
	list := []event{{"message_start", startEvent{"message_start", opened{
		ID: msg.ID, Type: msg.Type, Role: msg.Role, Model: msg.Model, Content: []piece{}, Usage: begun,
	}}}}
	for i, p := range msg.Content {
		shell, kind, text := p, "text_delta", ""
		if p.Type == "tool_use" {
			kind, text = "input_json_delta", string(p.Input)
			shell.Input = jsontext.Value("{}")
		} else {
			text = *p.Text
			shell.Text = new(string)
		}
		list = append(list, event{"content_block_start", blockStart{"content_block_start", i, shell}})
		if i == 0 {
			list = append(list, event{"ping", bare{"ping"}})
		}
		for _, part := range split(text) {
			d := delta{Type: kind}
			if p.Type == "tool_use" {
				d.PartialJSON = &part
			} else {
				d.Text = &part
			}
			list = append(list, event{"content_block_delta", blockDelta{"content_block_delta", i, d}})
		}
		list = append(list, event{"content_block_stop", blockStop{"content_block_stop", i}})
	}
	return append(list,
		event{"message_delta", messageDelta{"message_delta", stopDelta{msg.StopReason, msg.StopSequence}, msg.Usage}},
		event{"message_stop", bare{"message_stop"}})
}

// split cuts a text into pieces of a few words.
func split(text string) []string {
	const most = 24
	var parts []string
	for len(text) > most {
		at := most
		if space := strings.LastIndexByte(text[:most], ' '); space > 0 {
			at = space
		}
		for !utf8.RuneStart(text[at]) {
			at--
		}
		parts = append(parts, text[:at])
		text = text[at:]
	}
	if text != "" {
		parts = append(parts, text)
	}
	return parts
}
