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
type Dialect struct{ openai.Dialect }

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
