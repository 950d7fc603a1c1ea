// Package completions is the dialect of OpenAI's legacy Completions: a prompt
// in, text out (openai-go's CompletionNewParams and Completion).
//
// As a client's dialect its prompt becomes one user turn. As an upstream's it
// takes only what is a single prompt: instructions and one user turn of text.
package completions

import (
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/openai"
)

// Dialect is legacy Completions.
type Dialect struct{}

var _ translate.Dialect = Dialect{}

// New returns the dialect.
func New() Dialect { return Dialect{} }

// Name returns "completions".
func (Dialect) Name() translate.Name { return translate.Completions }

// Endpoint tells the paths below a base URL that ends in /v1.
func (Dialect) Endpoint(op translate.Operation, model string, _ bool) (translate.Endpoint, bool) {
	switch op {
	case translate.Generate:
		return translate.Endpoint{Path: "/completions"}, true
	case translate.ListModels:
		return translate.Endpoint{Path: "/models"}, true
	case translate.GetModel:
		return translate.Endpoint{Path: "/models/" + model}, true
	}
	return translate.Endpoint{}, false
}

// Turns returns "prompt".
func (Dialect) Turns() string { return "prompt" }

// DecodeError reads an error answer.
func (Dialect) DecodeError(status int, body []byte) *translate.Error {
	return openai.DecodeError(status, body)
}

// AppendError writes OpenAI's error envelope.
func (Dialect) AppendError(dst []byte, e *translate.Error) (int, []byte) {
	return openai.AppendError(dst, e)
}

// DecodeCount refuses: Completions has no token counts.
func (Dialect) DecodeCount([]byte) (int64, error) { return openai.NoCount() }

// AppendCount writes a token count as OpenAI's Responses does.
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
