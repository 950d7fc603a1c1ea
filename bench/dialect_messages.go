package main

import "strings"

// messagesRequest is Anthropic's MessageNewParams, its members in the order that the vendor's agent sends them.
type messagesRequest struct {
	Model     string   `json:"model"`
	Messages  []object `json:"messages"`
	System    []object `json:"system"`
	MaxTokens int      `json:"max_tokens"`
	Stream    bool     `json:"stream,omitzero"`
}

func messagesDialect() *dialect {
	return &dialect{
		name: "messages", provider: "anthropic",
		headers:   []string{"X-Api-Key: bench-client", "Anthropic-Version: 2023-06-01"},
		path:      fixed("/v1/messages"),
		serves:    suffix("/messages"),
		request:   messagesBody,
		plain:     messagesPlain,
		stream:    messagesStream,
		plainEnd:  `"end_turn"`,
		streamEnd: "event: message_stop",
	}
}

func messagesBody(model string, c conversation, stream bool) any {
	r := messagesRequest{Model: model, MaxTokens: 1024, Stream: stream}
	r.System = []object{{"type": "text", "text": c.system}}
	for _, t := range c.turns {
		r.Messages = append(r.Messages, object{"role": t.role, "content": t.text})
	}
	return r
}

func messagesUsage(output int) object {
	return object{
		"input_tokens": 156, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 256,
		"cache_creation": object{"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
		"output_tokens":  output, "service_tier": "standard",
	}
}

func messagesMessage(model string, content []object, stop any, output int) object {
	return object{
		"id": "msg_bench0001", "type": "message", "role": "assistant", "model": model, "content": content,
		"stop_reason": stop, "stop_sequence": nil, "usage": messagesUsage(output),
	}
}

func messagesPlain(model string, texts []string) []byte {
	content := []object{{"type": "text", "text": strings.Join(texts, "")}}
	return encode(messagesMessage(model, content, "end_turn", 96))
}

// messagesEvent frames one event; Anthropic's carry their type both as the event's name and in the data.
func messagesEvent(kind string, v object) []byte {
	v["type"] = kind
	return named(kind, encode(v))
}

func messagesOpen(model string) [][]byte {
	return [][]byte{
		messagesEvent("message_start", object{"message": messagesMessage(model, []object{}, nil, 1)}),
		messagesEvent("ping", object{}),
	}
}

func messagesBlockStart(index int, block object) []byte {
	return messagesEvent("content_block_start", object{"index": index, "content_block": block})
}

func messagesDelta(index int, delta object) []byte {
	return messagesEvent("content_block_delta", object{"index": index, "delta": delta})
}

func messagesBlockStop(index int) []byte {
	return messagesEvent("content_block_stop", object{"index": index})
}

// messagesEnd frames what follows the last block.
func messagesEnd(stop string) [][]byte {
	return [][]byte{
		messagesEvent("message_delta", object{
			"delta": object{"stop_reason": stop, "stop_sequence": nil}, "usage": messagesUsage(96),
		}),
		messagesEvent("message_stop", object{}),
	}
}

func messagesStream(model string, texts []string) events {
	e := events{open: append(messagesOpen(model), messagesBlockStart(0, object{"type": "text", "text": ""}))}
	for _, t := range texts {
		e.deltas = append(e.deltas, messagesDelta(0, object{"type": "text_delta", "text": t}))
	}
	e.end = append([][]byte{messagesBlockStop(0)}, messagesEnd("end_turn")...)
	return e
}
