package surface

import (
	"net/url"

	"github.com/fairway-gateway/fairway/accounts"
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// vertexVersion is the version of the Messages API on Vertex AI, a member of the body (anthropic-sdk-go's package vertex).
const vertexVersion = "vertex-2023-10-16"

// vertexPlace returns where Vertex AI has an operation, below a project's location: Google's own models as the Gemini API has
// them (Google "Vertex AI REST API", publishers.models), and Anthropic's behind rawPredict and streamRawPredict, where
// "count-tokens" is a model of its own (anthropic-sdk-go's package vertex).
func (d Door) vertexPlace() (path, query string) {
	if d.Endpoint.Dialect == accounts.DialectMessages {
		model, verb := url.PathEscape(d.name()), "rawPredict"
		switch {
		case d.Operation == translate.CountTokens:
			model = "count-tokens"
		case d.Stream:
			verb = "streamRawPredict"
		}
		return "/publishers/anthropic/models/" + model + ":" + verb, ""
	}
	verb := "generateContent"
	switch {
	case d.Operation == translate.CountTokens:
		verb = "countTokens"
	case d.Stream:
		verb, query = "streamGenerateContent", "alt=sse"
	}
	return "/publishers/google/models/" + url.PathEscape(d.name()) + ":" + verb, query
}

// vertexBody brings a body into Vertex AI's form. The Messages API's has the version in it; the model stands in the path, but
// for counting. The CountTokensRequest of the Gemini API may hold a whole request, of which Vertex AI's has four members.
func (d Door) vertexBody(body []byte) []byte {
	counting := d.Operation == translate.CountTokens
	switch {
	case d.Endpoint.Dialect == accounts.DialectMessages && counting:
		return add(rename(body, d.name()), "anthropic_version", jsonlit.Quote(vertexVersion))
	case d.Endpoint.Dialect == accounts.DialectMessages:
		return add(without(body, "model"), "anthropic_version", jsonlit.Quote(vertexVersion))
	case counting:
		if whole := jsonlit.Get(body, "generateContentRequest"); jsonlit.IsObject(whole) {
			return only(whole, "contents", "systemInstruction", "tools", "generationConfig")
		}
	}
	return body
}
