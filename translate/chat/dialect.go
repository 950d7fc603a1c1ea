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
type Dialect struct{ openai.Dialect }

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
