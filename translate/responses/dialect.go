// Package responses is OpenAI's Responses dialect: POST /v1/responses with its
// event stream, and POST /v1/responses/input_tokens. As a client's dialect it
// is what Codex and the newer OpenAI SDKs speak; as an upstream's it is OpenAI
// itself, whose Chat Completions refuse function tools beside reasoning.
//
// The gateway stores no conversation: items that point into the vendor's store
// are refused, and what is sent upstream says store:false unless the client
// asked otherwise.
package responses

import (
	"net/url"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/openai"
)

// Dialect is the Responses dialect. It is stateless.
type Dialect struct{ openai.Dialect }

var _ translate.Dialect = Dialect{}

// New returns the dialect.
func New() Dialect { return Dialect{} }

// Name returns translate.Responses.
func (Dialect) Name() translate.Name { return translate.Responses }

// Turns names the member that holds the conversation.
func (Dialect) Turns() string { return "input" }

// Endpoint tells the path below a base URL that ends in /v1.
func (Dialect) Endpoint(op translate.Operation, model string, _ bool) (translate.Endpoint, bool) {
	switch op {
	case translate.Generate:
		return translate.Endpoint{Path: "/responses"}, true
	case translate.CountTokens:
		return translate.Endpoint{Path: "/responses/input_tokens"}, true
	case translate.ListModels:
		return translate.Endpoint{Path: "/models"}, true
	case translate.GetModel:
		return translate.Endpoint{Path: "/models/" + url.PathEscape(model)}, true
	}
	return translate.Endpoint{}, false
}
