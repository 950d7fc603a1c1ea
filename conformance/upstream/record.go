package upstream

import (
	"net/http"
	"net/url"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/tidwall/gjson"
)

// Record is one request as it reached the service.
type Record struct {
	Method string
	Path   string
	Query  url.Values
	Header http.Header
	Body   []byte
	// Key is the credential that was presented.
	Key     string
	Dialect Dialect
	Op      Op
	// Model and Stream are what the request asked for, wherever the dialect says so.
	Model  string
	Stream bool
	// Seen is what a generating or counting request told the model; zero for others and for refused bodies.
	Seen Seen
	// Refused is the fault with which the service's own checks turned the request down, if they did.
	Refused *Fault

	gone chan struct{}
	once sync.Once
}

// Get reads a value of the body by a gjson path, such as "messages.0.content".
func (r *Record) Get(path string) gjson.Result { return gjson.GetBytes(r.Body, path) }

// Has tells whether the body has the path.
func (r *Record) Has(path string) bool { return r.Get(path).Exists() }

// Gone is closed when the caller has left before the answer was complete.
func (r *Record) Gone() <-chan struct{} { return r.gone }

// Op is what a request asks a service to do.
type Op string

// The operations that the services offer.
const (
	Generate    Op = "generate"
	CountTokens Op = "count_tokens"
	ListModels  Op = "list_models"
	GetModel    Op = "get_model"
)

// Dialect is a wire protocol, in the project's words.
type Dialect string

// The dialects.
const (
	Chat        Dialect = "chat"
	Completions Dialect = "completions"
	Responses   Dialect = "responses"
	Messages    Dialect = "messages"
	Gemini      Dialect = "gemini"
)

// Seen is what a request tells the model, read from the places where its own dialect puts it.
type Seen struct {
	// System are the texts of the instructions that precede the conversation.
	System []string
	Turns  []Turn
	Tools  []Tool
	// Choice is "", "auto", "none", "any" or "one"; ChoiceName is the tool's for "one".
	Choice, ChoiceName string
	// Parallel is nil where the request does not say.
	Parallel *bool
	// Numbers are as written, or empty.
	Temperature, TopP, TopK, MaxOutput, Seed, FrequencyPenalty, PresencePenalty string

	Stop []string
	// Schema is the JSON schema that the output must follow, if any; JSON tells that any JSON was asked for.
	Schema     jsontext.Value
	SchemaName string
	JSON       bool
	// Effort is the word for reasoning effort, Budget the number of thinking tokens, ThinkingType Anthropic's mode.
	Effort, Budget, ThinkingType string
	// ShowThinking tells that the caller wants to see thoughts (a summary, includeThoughts, a display that is not omitted).
	ShowThinking bool
	// Usage tells that a Chat or Completions stream was asked to report usage.
	Usage bool
	User  string
}

// Turn is one message of the conversation.
type Turn struct {
	// Role is "user", "assistant", "system", "developer" or "tool" as the dialect has it; Gemini's "model" is "assistant".
	Role  string
	Parts []Part
}

// Part is one part of a turn. Kind is "text", "image", "file", "thinking", "call", "result" or the dialect's own word.
type Part struct {
	Kind string
	Text string
	// MIME, Data (base64) and URL are media's.
	MIME, Data, URL, Filename string
	// ID and Name are a call's, or the call's that a result answers.
	ID, Name string
	// Args is a call's JSON object or, for custom tools, its text.
	Args string
	// IsError and Parts are a result's.
	IsError bool
	Parts   []Part
	// Signature is opaque reasoning state.
	Signature string
}

// Tool is an offered tool.
type Tool struct {
	// Kind is "function", "custom" or the name of a hosted tool.
	Kind              string
	Name, Description string
	Schema            jsontext.Value
	Strict            *bool
}

// All yields every part, results' own parts included.
func (s Seen) All() []Part {
	var out []Part
	for _, t := range s.Turns {
		for _, p := range t.Parts {
			out = append(out, p)
			out = append(out, p.Parts...)
		}
	}
	return out
}

// Of are the parts of a kind.
func (s Seen) Of(kind string) []Part {
	var out []Part
	for _, p := range s.All() {
		if p.Kind == kind {
			out = append(out, p)
		}
	}
	return out
}

// Texts are all text parts' contents in order, results' included.
func (s Seen) Texts() []string {
	var out []string
	for _, p := range s.Of("text") {
		out = append(out, p.Text)
	}
	return out
}
