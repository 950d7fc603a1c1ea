// Package chat is the dialect of OpenAI Chat Completions, the one that most
// servers besides OpenAI's own speak as well. Decoders are tolerant of what
// those servers and their clients send; encoders write what all of them take.
//
// The wire facts come from openai-go v3 (ChatCompletionNewParams,
// ChatCompletion, ChatCompletionChunk) and, for the members that OpenAI does
// not have, from the documentation of the servers that the comments name.
package chat

import (
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/openai"
)

// Dialect is Chat Completions.
type Dialect struct{}

var _ translate.Dialect = Dialect{}

// New returns the dialect.
func New() Dialect { return Dialect{} }

// Name returns "chat".
func (Dialect) Name() translate.Name { return translate.Chat }

// Endpoint tells the paths below a base URL that ends in /v1. Chat has no
// endpoint that counts tokens.
func (Dialect) Endpoint(op translate.Operation, model string, _ bool) (translate.Endpoint, bool) {
	switch op {
	case translate.Generate:
		return translate.Endpoint{Path: "/chat/completions"}, true
	case translate.ListModels:
		return translate.Endpoint{Path: "/models"}, true
	case translate.GetModel:
		return translate.Endpoint{Path: "/models/" + model}, true
	}
	return translate.Endpoint{}, false
}

// Turns returns "messages".
func (Dialect) Turns() string { return "messages" }

// DecodeError reads an error answer.
func (Dialect) DecodeError(status int, body []byte) *translate.Error {
	return openai.DecodeError(status, body)
}

// AppendError writes OpenAI's error envelope.
func (Dialect) AppendError(dst []byte, e *translate.Error) (int, []byte) {
	return openai.AppendError(dst, e)
}

// DecodeCount refuses: Chat has no token counts.
func (Dialect) DecodeCount([]byte) (int64, error) { return openai.NoCount() }

// AppendCount writes a token count as OpenAI's Responses does, Chat having no
// form of its own.
func (Dialect) AppendCount(dst []byte, tokens int64) []byte { return openai.AppendCount(dst, tokens) }

// DecodeModels reads a model list.
func (Dialect) DecodeModels(body []byte) ([]translate.Model, string, error) {
	return openai.DecodeModels(body)
}

// AppendModels writes a model list.
func (Dialect) AppendModels(dst []byte, models []translate.Model, page translate.Page) []byte {
	return openai.AppendModels(dst, models, page)
}

// AppendModel writes one entry of a model list.
func (Dialect) AppendModel(dst []byte, m translate.Model) []byte { return openai.AppendModel(dst, m) }
