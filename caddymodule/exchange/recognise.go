package exchange

import (
	"net/http"
	"strings"

	"github.com/fairway-gateway/fairway/translate"
)

// Call is what a request's path and headers ask for.
type Call struct {
	Dialect   translate.Name
	Operation translate.Operation
	Hint      translate.Hint // Gemini says model and stream in the path
	ModelID   string         // GetModel
	// Passthrough describes what only one vendor has; nil for other operations.
	Passthrough *Passthrough
	Allow       string // set when the path is known and the method is wrong: the right one

	User     string // who asks; "" for a local caller without a key
	Settings Settings
}

// Recognise tells what a request asks for, and false when its path is none of
// the gateway's. Clients differ in what they append to a base URL, so that any
// number of leading version segments (/v1, /v1beta, /v1alpha) is understood,
// none included.
func Recognise(r *http.Request) (Call, bool) {
	path, version := unversioned(r.URL.Path)
	var c Call
	switch path {
	case "chat/completions":
		if r.Method == http.MethodGet { // what is stored, not what is asked
			return recognisePassthrough(r, path, version)
		}
		c.Dialect = translate.Chat
	case "completions":
		c.Dialect = translate.Completions
	case "responses":
		c.Dialect = translate.Responses
	case "messages":
		c.Dialect = translate.Messages
	case "responses/input_tokens":
		c.Dialect, c.Operation = translate.Responses, translate.CountTokens
	case "messages/count_tokens":
		c.Dialect, c.Operation = translate.Messages, translate.CountTokens
	case "models":
		c.Dialect, c.Operation = listDialect(r, version), translate.ListModels
	default:
		if c, ok := recognisePassthrough(r, path, version); ok {
			return c, r.Method != http.MethodOptions
		}
		name, ok := strings.CutPrefix(path, "models/")
		if !ok || name == "" {
			return Call{}, false
		}
		if model, verb, ok := geminiVerb(name); ok {
			c = geminiCall(r, model, verb)
			break
		}
		c.Dialect, c.Operation, c.ModelID = listDialect(r, version), translate.GetModel, name
	}
	c.Hint.Operation = c.Operation
	switch want := method(c.Operation); {
	case r.Method == http.MethodOptions:
		return Call{}, false // a CORS preflight is for the site's own directives
	case r.Method != want && !(want == http.MethodGet && r.Method == http.MethodHead):
		c.Allow = want
	}
	return c, true
}

func method(op translate.Operation) string {
	if op == translate.ListModels || op == translate.GetModel {
		return http.MethodGet
	}
	return http.MethodPost
}

// unversioned strips slashes and version segments and returns the last version.
func unversioned(path string) (rest, version string) {
	rest = strings.Trim(path, "/")
	for {
		head, tail, _ := strings.Cut(rest, "/")
		switch head {
		case "v1", "v1beta", "v1alpha":
			rest, version = tail, head
		default:
			return rest, version
		}
	}
}

// listDialect tells in whose shape a model list is wanted: Google's clients use
// /v1beta or send their own key header also under /v1, Anthropic's always send
// anthropic-version.
func listDialect(r *http.Request, version string) translate.Name {
	switch {
	case version == "v1beta", version == "v1alpha", r.Header.Get("X-Goog-Api-Key") != "", r.URL.Query().Has("key"):
		return translate.Gemini
	case r.Header.Get("Anthropic-Version") != "":
		return translate.Messages
	}
	return translate.Chat
}

// geminiVerb splits "model:verb", and "model/verb" as some clients write it.
func geminiVerb(name string) (model, verb string, ok bool) {
	i := strings.LastIndexAny(name, ":/")
	if i <= 0 {
		return "", "", false
	}
	switch name[i+1:] {
	case "generateContent", "streamGenerateContent", "countTokens":
		return name[:i], name[i+1:], true
	}
	return "", "", false
}

func geminiCall(r *http.Request, model, verb string) Call {
	c := Call{Dialect: translate.Gemini, Hint: translate.Hint{Model: model}}
	switch verb {
	case "countTokens":
		c.Operation = translate.CountTokens
	case "streamGenerateContent":
		c.Hint.Stream = true
		c.Hint.Array = r.URL.Query().Get("alt") != "sse"
	}
	return c
}
