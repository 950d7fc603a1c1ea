// Package gemini speaks the Gemini API (generativelanguage.googleapis.com,
// v1beta), to clients and to upstreams. The wire facts in it are those of the
// types of google.golang.org/genai and of Google's discovery document.
//
// Towards clients it is as lenient as Google's own JSON parser: members in
// camelCase or snake_case, enums in any case, one object where a list stands,
// 64-bit integers as strings, base64 of either alphabet.
package gemini

import (
	"net/url"
	"strings"

	"github.com/fairway-gateway/fairway/translate"
)

// Dialect is the Gemini protocol. It is stateless and safe for concurrent use.
type Dialect struct{}

var _ translate.Dialect = Dialect{}

// New returns the dialect.
func New() Dialect { return Dialect{} }

// Name returns translate.Gemini.
func (Dialect) Name() translate.Name { return translate.Gemini }

// Turns returns the member that holds the conversation.
func (Dialect) Turns() string { return "contents" }

// Endpoint tells where an upstream serves op, below a base URL that has no
// version in it. Streams are always asked for as server-sent events. A model
// may be given with or without the "models/" of its resource name.
func (Dialect) Endpoint(op translate.Operation, model string, stream bool) (translate.Endpoint, bool) {
	const models = "/v1beta/models"
	if op == translate.ListModels {
		return translate.Endpoint{Path: models, Query: "pageSize=1000"}, true
	}
	model = bareModel(model)
	if model == "" || model == "." || model == ".." {
		return translate.Endpoint{}, false
	}
	path := models + "/" + url.PathEscape(model)
	switch op {
	case translate.Generate:
		if stream {
			return translate.Endpoint{Path: path + ":streamGenerateContent", Query: "alt=sse"}, true
		}
		return translate.Endpoint{Path: path + ":generateContent"}, true
	case translate.CountTokens:
		return translate.Endpoint{Path: path + ":countTokens"}, true
	case translate.GetModel:
		return translate.Endpoint{Path: path}, true
	}
	return translate.Endpoint{}, false
}

// bareModel takes the collection off a model's resource name.
func bareModel(name string) string { return strings.TrimPrefix(name, "models/") }
