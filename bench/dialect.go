package main

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"
)

// dialect is what the benchmark knows of one wire protocol: how a client asks in it, how an upstream answers in it, and
// how to tell that an answer is whole.
type dialect struct {
	name     string
	provider string // built-in provider whose account reaches an upstream of this dialect
	basePath string // what the account's base_url has after host and port
	headers  []string

	// path is the request target of a generation, as the vendor's SDK writes it.
	path func(model string, stream bool) string
	// serves reports whether an upstream request path is a generation in this dialect.
	serves func(path string) bool
	// request encodes a conversation.
	request func(model string, c conversation, stream bool) any
	// plain is the whole answer, stream the same answer in events, one delta for each text.
	plain  func(model string, texts []string) []byte
	stream func(model string, texts []string) events
	// plainEnd and streamEnd occur in an answer only if it ended as the upstream ended it.
	plainEnd, streamEnd string
}

// model is the name under which the account of this dialect's upstream serves. Routing goes by it, so that which dialect
// is spoken upstream is the model's choice, as it is for users.
func (d *dialect) model() string { return "bench-" + d.name }

// body returns a request of exactly size bytes in this dialect for the model named.
func (d *dialect) body(model string, size int, stream bool) []byte {
	return sized(size, func(c conversation) []byte { return encode(d.request(model, c, stream)) })
}

// dialects returns the dialects that this program speaks, in the order of its tables.
func dialects() []*dialect {
	return []*dialect{chatDialect(), messagesDialect(), responsesDialect(), geminiDialect()}
}

// dialectNamed finds a dialect by name.
func dialectNamed(name string) (*dialect, error) {
	var names []string
	for _, d := range dialects() {
		if d.name == name {
			return d, nil
		}
		names = append(names, d.name)
	}
	return nil, fmt.Errorf("choosing a dialect: no dialect %q; there are %s", name, strings.Join(names, ", "))
}

// dialectServing finds the dialect of an upstream request, or nil.
func dialectServing(all []*dialect, r *http.Request) *dialect {
	if r.Method != http.MethodPost {
		return nil
	}
	for _, d := range all {
		if d.serves(r.URL.Path) {
			return d
		}
	}
	return nil
}

// object is a JSON object whose member order does not matter; encode sorts its names.
type object = map[string]any

// encode marshals a value of this program's own making, which cannot fail.
func encode(v any) []byte {
	b, err := json.Marshal(v, json.Deterministic(true))
	if err != nil {
		panic(fmt.Sprintf("encoding a generated value: %v", err))
	}
	return b
}

func suffix(s string) func(string) bool {
	return func(path string) bool { return strings.HasSuffix(path, s) }
}

func fixed(path string) func(string, bool) string {
	return func(string, bool) string { return path }
}
