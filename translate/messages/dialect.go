// Package messages speaks Anthropic's Messages API, as its clients and as its
// servers do: api.anthropic.com and the many that are compatible with it.
package messages

import (
	"net/url"

	"github.com/fairway-gateway/fairway/translate"
)

// version is the only version of the API that there is (the header
// anthropic-version of Anthropic's "Versions" page).
const version = "2023-06-01"

// Dialect is Anthropic Messages. The zero value is ready.
type Dialect struct{}

var _ translate.Dialect = Dialect{}

// New returns the dialect.
func New() Dialect { return Dialect{} }

// Name returns translate.Messages.
func (Dialect) Name() translate.Name { return translate.Messages }

// Turns returns "messages".
func (Dialect) Turns() string { return "messages" }

// Endpoint tells where an operation is served, below a base URL without a
// version, as Anthropic's SDKs have it ("https://api.anthropic.com").
func (Dialect) Endpoint(op translate.Operation, model string, _ bool) (translate.Endpoint, bool) {
	e := translate.Endpoint{Header: [][2]string{{"anthropic-version", version}}}
	switch op {
	case translate.Generate:
		e.Path = "/v1/messages"
	case translate.CountTokens:
		e.Path = "/v1/messages/count_tokens"
	case translate.ListModels:
		e.Path, e.Query = "/v1/models", pageSize
	case translate.GetModel:
		e.Path = "/v1/models/" + url.PathEscape(model)
	default:
		return translate.Endpoint{}, false
	}
	return e, true
}
