package main

import "strings"

// chatRequest is OpenAI's chat completion request, its members in the order that the vendor's SDKs send them.
type chatRequest struct {
	Messages      []object `json:"messages"`
	Model         string   `json:"model"`
	MaxTokens     int      `json:"max_completion_tokens"`
	Stream        bool     `json:"stream,omitzero"`
	StreamOptions object   `json:"stream_options,omitempty"`
}

func chatDialect() *dialect {
	return &dialect{
		name: "chat", provider: "vllm", basePath: "/v1",
		headers:   []string{"Authorization: Bearer bench-client"},
		path:      fixed("/v1/chat/completions"),
		serves:    suffix("/chat/completions"),
		request:   chatBody,
		plain:     chatPlain,
		stream:    chatStream,
		plainEnd:  `"stop"`,
		streamEnd: "data: [DONE]",
	}
}

func chatBody(model string, c conversation, stream bool) any {
	r := chatRequest{Model: model, MaxTokens: 1024, Stream: stream}
	r.Messages = append(r.Messages, object{"role": "system", "content": c.system})
	for _, t := range c.turns {
		r.Messages = append(r.Messages, object{"role": t.role, "content": t.text})
	}
	if stream {
		r.StreamOptions = object{"include_usage": true}
	}
	return r
}

func chatUsage() object {
	return object{
		"prompt_tokens": 412, "completion_tokens": 96, "total_tokens": 508,
		"prompt_tokens_details":     object{"cached_tokens": 256, "audio_tokens": 0},
		"completion_tokens_details": object{"reasoning_tokens": 0, "audio_tokens": 0},
	}
}

func chatPlain(model string, texts []string) []byte {
	return encode(object{
		"id": "chatcmpl-bench0001", "object": "chat.completion", "created": 1790000000, "model": model,
		"choices": []object{{
			"index": 0, "finish_reason": "stop", "logprobs": nil,
			"message": object{"role": "assistant", "content": strings.Join(texts, ""), "refusal": nil, "annotations": []any{}},
		}},
		"usage": chatUsage(), "service_tier": "default",
	})
}

// chatChunk frames one streamed chunk with one choice.
func chatChunk(model string, delta object, finish any) []byte {
	return data(encode(struct {
		ID      string   `json:"id"`
		Object  string   `json:"object"`
		Created int      `json:"created"`
		Model   string   `json:"model"`
		Tier    string   `json:"service_tier"`
		Choices []object `json:"choices"`
		Usage   any      `json:"usage"`
	}{"chatcmpl-bench0001", "chat.completion.chunk", 1790000000, model, "default",
		[]object{{"index": 0, "delta": delta, "logprobs": nil, "finish_reason": finish}}, nil}))
}

// chatEnd frames what follows the last delta: the finish chunk, the usage chunk and the terminator.
func chatEnd(model, finish string) [][]byte {
	usage := data(encode(object{
		"id": "chatcmpl-bench0001", "object": "chat.completion.chunk", "created": 1790000000, "model": model,
		"service_tier": "default", "choices": []any{}, "usage": chatUsage(),
	}))
	return [][]byte{chatChunk(model, object{}, finish), usage, []byte("data: [DONE]\n\n")}
}

func chatStream(model string, texts []string) events {
	e := events{open: [][]byte{chatChunk(model, object{"role": "assistant", "content": "", "refusal": nil}, nil)}}
	for _, t := range texts {
		e.deltas = append(e.deltas, chatChunk(model, object{"content": t}, nil))
	}
	e.end = chatEnd(model, "stop")
	return e
}
