// Package accounts holds the nouns of who pays for a request: providers, accounts, credentials, outcomes and cool-downs.
// It knows neither Caddy nor the wire dialects beyond their names; package translate knows nothing of it.
package accounts

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// The names of the dialects, as they stand in configuration and in [Endpoint.Dialect].
const (
	DialectChat        = "chat"        // OpenAI Chat Completions
	DialectCompletions = "completions" // OpenAI legacy Completions
	DialectResponses   = "responses"   // OpenAI Responses
	DialectMessages    = "messages"    // Anthropic Messages
	DialectGemini      = "gemini"      // Google Gemini generateContent
)

// Dialects returns the names of all dialects in a fixed order.
func Dialects() []string {
	return []string{DialectChat, DialectCompletions, DialectResponses, DialectMessages, DialectGemini}
}

// Endpoint is one place where a provider speaks one dialect.
type Endpoint struct {
	// Dialect is one of [Dialects].
	Dialect string
	// BaseURL is what the vendor's own SDK calls its base URL, without a trailing slash: with its version for chat,
	// completions and responses (https://api.openai.com/v1, to which "/chat/completions" is appended), without one for
	// messages ("/v1/messages" is appended) and gemini ("/v1beta/models/…" is appended).
	BaseURL string
	// Auth says how the credential travels.
	Auth AuthScheme
	// Surface is how the dialect is served here, "" for its own vendor's way. With one, BaseURL holds all of the path that
	// does not depend on the model.
	Surface Surface
	// APIVersion is sent as the query's api-version; "" for none. Of [SurfaceAzure] alone.
	APIVersion string
	// Region is what requests are signed for, of [SurfaceBedrock] alone.
	Region string
	// Models is a pattern of the provider's own names for models, "" for none: the models that fit are served by this endpoint
	// alone, whatever dialect the client speaks, and it serves no others.
	Models string
}

// AuthScheme is the request header that carries a credential's token.
type AuthScheme struct {
	Header string // canonical header name
	Prefix string // written before the token, e.g. "Bearer "
}

// DefaultAuth returns the auth scheme that a dialect's own vendor documents: a bearer token for OpenAI's dialects,
// x-api-key for messages (Anthropic "Authentication") and x-goog-api-key for gemini (Google "Using Gemini API keys").
func DefaultAuth(dialect string) AuthScheme {
	switch dialect {
	case DialectMessages:
		return AuthScheme{Header: "X-Api-Key"}
	case DialectGemini:
		return AuthScheme{Header: "X-Goog-Api-Key"}
	default:
		return AuthScheme{Header: "Authorization", Prefix: "Bearer "}
	}
}

// NormalizeBaseURL checks a base URL and brings it to the form that [Endpoint.BaseURL] describes. A trailing slash, the
// operation's own path and a version too many are understood, because people paste what their last tool wanted. A missing
// version is not added: some OpenAI-compatible servers have none.
func NormalizeBaseURL(dialect, raw string) (string, error) {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil {
		// The parser's own message repeats the whole URL, which may hold a password.
		return "", errors.New("parsing base_url: it is no valid URL")
	}
	switch {
	case u.Scheme != "http" && u.Scheme != "https" && u.Scheme != "demo":
		return "", fmt.Errorf("checking base_url: scheme %q is not http or https (write it like https://llm.example.com/v1)", u.Scheme)
	case u.Host == "":
		return "", errors.New("checking base_url: it has no host (write it like https://llm.example.com/v1)")
	case u.User != nil:
		return "", errors.New("checking base_url: it must not contain a user or password; use api_key or headers")
	case u.RawQuery != "" || u.Fragment != "":
		return "", errors.New("checking base_url: it must not contain a query or fragment")
	}
	path := trimSlashes(u.EscapedPath())
	for _, operation := range operationPaths(dialect) {
		if rest, ok := strings.CutSuffix(path, operation); ok {
			path = trimSlashes(rest)
			break
		}
	}
	switch dialect {
	case DialectMessages:
		path = trimVersions(path, "/v1")
	case DialectGemini:
		path = trimVersions(path, "/v1", "/v1beta", "/v1alpha")
	default:
		for strings.HasSuffix(path, "/v1/v1") {
			path = strings.TrimSuffix(path, "/v1")
		}
	}
	return u.Scheme + "://" + strings.ToLower(u.Host) + path, nil
}

// operationPaths returns the path suffixes that belong to an operation of the dialect, longest first.
func operationPaths(dialect string) []string {
	switch dialect {
	case DialectChat:
		return []string{"/chat/completions"}
	case DialectCompletions:
		return []string{"/completions"}
	case DialectResponses:
		return []string{"/responses"}
	case DialectMessages:
		return []string{"/messages"}
	case DialectGemini:
		return []string{"/models"}
	}
	return nil
}

func trimSlashes(path string) string { return strings.TrimRight(path, "/") }

func trimVersions(path string, versions ...string) string {
	for {
		i := slices.IndexFunc(versions, func(v string) bool { return strings.HasSuffix(path, v) })
		if i < 0 {
			return path
		}
		path = trimSlashes(strings.TrimSuffix(path, versions[i]))
	}
}
