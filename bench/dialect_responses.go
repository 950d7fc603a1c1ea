package main

import "strings"

// responsesRequest is OpenAI's ResponseNewParams.
type responsesRequest struct {
	Input        []object `json:"input"`
	Instructions string   `json:"instructions"`
	MaxTokens    int      `json:"max_output_tokens"`
	Model        string   `json:"model"`
	Store        bool     `json:"store"`
	Stream       bool     `json:"stream,omitzero"`
}

func responsesDialect() *dialect {
	return &dialect{
		name: "responses", provider: "openai", basePath: "/v1",
		headers:   []string{"Authorization: Bearer bench-client"},
		path:      fixed("/v1/responses"),
		serves:    suffix("/responses"),
		request:   responsesBody,
		plain:     responsesPlain,
		stream:    responsesStream,
		plainEnd:  `"completed"`,
		streamEnd: "event: response.completed",
	}
}

func responsesBody(model string, c conversation, stream bool) any {
	r := responsesRequest{Instructions: c.system, MaxTokens: 1024, Model: model, Stream: stream}
	for _, t := range c.turns {
		kind := "input_text"
		if t.role == "assistant" {
			kind = "output_text"
		}
		r.Input = append(r.Input, object{
			"type": "message", "role": t.role, "content": []object{{"type": kind, "text": t.text}},
		})
	}
	return r
}

func responsesPart(text string) object {
	return object{"type": "output_text", "text": text, "annotations": []any{}, "logprobs": []any{}}
}

func responsesItem(status string, content []object) object {
	return object{"id": "msg_bench0001", "type": "message", "role": "assistant", "status": status, "content": content}
}

// responsesResponse is the response object; usage is nil until it is complete.
func responsesResponse(model, status string, output []object, usage any) object {
	return object{
		"id": "resp_bench0001", "object": "response", "created_at": 1790000000, "status": status, "error": nil,
		"incomplete_details": nil, "instructions": nil, "metadata": object{}, "model": model, "output": output,
		"parallel_tool_calls": true, "temperature": 1, "top_p": 1, "tool_choice": "auto", "tools": []any{}, "usage": usage,
	}
}

func responsesCompleted(model, text string) object {
	usage := object{
		"input_tokens": 412, "input_tokens_details": object{"cached_tokens": 256},
		"output_tokens": 96, "output_tokens_details": object{"reasoning_tokens": 0}, "total_tokens": 508,
	}
	item := responsesItem("completed", []object{responsesPart(text)})
	return responsesResponse(model, "completed", []object{item}, usage)
}

func responsesPlain(model string, texts []string) []byte {
	return encode(responsesCompleted(model, strings.Join(texts, "")))
}

func responsesStream(model string, texts []string) events {
	sequence := 0
	event := func(kind string, v object) []byte {
		v["type"] = kind
		v["sequence_number"] = sequence
		sequence++
		return named(kind, encode(v))
	}
	at := func(v object) object { // where the only part of the only item stands
		v["item_id"], v["output_index"], v["content_index"] = "msg_bench0001", 0, 0
		return v
	}
	started := func() object {
		return object{"response": responsesResponse(model, "in_progress", []object{}, nil)}
	}
	var e events
	e.open = [][]byte{
		event("response.created", started()),
		event("response.in_progress", started()),
		event("response.output_item.added", object{"output_index": 0, "item": responsesItem("in_progress", []object{})}),
		event("response.content_part.added", at(object{"part": responsesPart("")})),
	}
	for _, t := range texts {
		e.deltas = append(e.deltas, event("response.output_text.delta", at(object{"delta": t, "logprobs": []any{}})))
	}
	whole := strings.Join(texts, "")
	e.end = [][]byte{
		event("response.output_text.done", at(object{"text": whole, "logprobs": []any{}})),
		event("response.content_part.done", at(object{"part": responsesPart(whole)})),
		event("response.output_item.done", object{
			"output_index": 0, "item": responsesItem("completed", []object{responsesPart(whole)}),
		}),
		event("response.completed", object{"response": responsesCompleted(model, whole)}),
	}
	return e
}
