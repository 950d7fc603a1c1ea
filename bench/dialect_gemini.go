package main

import "strings"

func geminiDialect() *dialect {
	return &dialect{
		name: "gemini", provider: "gemini",
		headers: []string{"X-Goog-Api-Key: bench-client"},
		path: func(model string, stream bool) string {
			if stream {
				return "/v1beta/models/" + model + ":streamGenerateContent?alt=sse"
			}
			return "/v1beta/models/" + model + ":generateContent"
		},
		serves: func(path string) bool {
			return strings.HasSuffix(path, ":generateContent") || strings.HasSuffix(path, ":streamGenerateContent")
		},
		request:   geminiBody,
		plain:     geminiPlain,
		stream:    geminiStream,
		plainEnd:  `"STOP"`,
		streamEnd: `"STOP"`,
	}
}

func geminiBody(_ string, c conversation, _ bool) any {
	var contents []object
	for _, t := range c.turns {
		role := t.role
		if role == "assistant" {
			role = "model"
		}
		contents = append(contents, object{"role": role, "parts": []object{{"text": t.text}}})
	}
	return object{
		"contents":          contents,
		"systemInstruction": object{"parts": []object{{"text": c.system}}},
		"generationConfig":  object{"maxOutputTokens": 1024},
	}
}

// geminiResponse is a GenerateContentResponse, whole or a fragment; finish is nil in all fragments but the last.
func geminiResponse(model, text string, finish any) object {
	candidate := object{"index": 0, "content": object{"role": "model", "parts": []object{{"text": text}}}}
	if finish != nil {
		candidate["finishReason"] = finish
	}
	return object{
		"candidates": []object{candidate}, "modelVersion": model, "responseId": "bench0001",
		"usageMetadata": object{
			"promptTokenCount": 412, "candidatesTokenCount": 96, "totalTokenCount": 508, "cachedContentTokenCount": 256,
		},
	}
}

func geminiPlain(model string, texts []string) []byte {
	return encode(geminiResponse(model, strings.Join(texts, ""), "STOP"))
}

func geminiStream(model string, texts []string) events {
	var e events
	for _, t := range texts {
		e.deltas = append(e.deltas, data(encode(geminiResponse(model, t, nil))))
	}
	e.end = [][]byte{data(encode(geminiResponse(model, "", "STOP")))}
	return e
}
