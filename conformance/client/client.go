// Package client drives the vendors' official Go SDKs through one neutral interface, so that a scenario is written once
// and played by every client dialect. What comes back has passed the SDK's own decoding and, where it has one, its
// stream accumulator; the raw bytes are kept for package grammar.
package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"

	"github.com/fairway-gateway/fairway/conformance/upstream"
)

// Ask is a request in neutral words.
type Ask struct {
	Model  string
	System string
	// Turns have role "user", "assistant" or, for Chat, Responses and Messages, "system". A user turn's parts are "text",
	// "image", "file" (a PDF) and "result", an assistant turn's "text", "thinking" and "call"; see [upstream.Part].
	Turns []upstream.Turn
	Tools []upstream.Tool
	// Choice is "", "auto", "none", "any" or, with ChoiceName, "one".
	Choice, ChoiceName string
	// Serial asks for at most one tool call at a time.
	Serial bool
	// Schema is the JSON schema for the output, a JSON object.
	Schema string

	Temperature, TopP float64 // 0: not sent
	MaxOutput         int     // 0: not sent, or 1024 where the dialect wants one
	Stop              []string
	// Effort is "", or a word of OpenAI's: "low", "medium", "high". Show asks to see the thoughts.
	Effort string
	Show   bool
	User   string
	// N is how many choices are wanted, 0 for one; for Chat, Completions and Gemini.
	N int
	// Search offers the vendor's web search.
	Search bool
}

// Text is an Ask's usual turn.
func Text(role, text string) upstream.Turn {
	return upstream.Turn{Role: role, Parts: []upstream.Part{{Kind: "text", Text: text}}}
}

// Answer is what the SDK made of a reply.
type Answer struct {
	ID, Model string
	Text      string
	Thinking  string
	Calls     []Call
	// Stop is the dialect's own word.
	Stop  string
	Usage upstream.Usage
	// Others are the texts of the choices behind the first.
	Others    []string
	Citations []Citation
	// Turn repeats the answer as an assistant turn for the next Ask, opaque reasoning state included.
	Turn upstream.Turn
}

// Citation is a source that the text names. Start and End are its span in Text, in code points; 0, 0 where the dialect
// tells none.
type Citation struct {
	URL, Title string
	Start, End int
}

// Call is a tool call of an answer.
type Call struct{ ID, Name, Args string }

// Client is one SDK at one base URL.
type Client interface {
	Dialect() upstream.Dialect
	// Plain and Stream put a question. Stream calls seen, if not nil, at each event of the SDK's.
	Plain(ctx context.Context, a Ask) (Answer, error)
	Stream(ctx context.Context, a Ask, seen func()) (Answer, error)
	// Count counts an Ask's tokens; ErrNoCount where the SDK has no such call.
	Count(ctx context.Context, a Ask) (int, error)
	// Models lists model names and Model looks one up.
	Models(ctx context.Context) ([]string, error)
	Model(ctx context.Context, id string) (string, error)
}

// ErrNoCount says that a dialect has no call for counting tokens.
var ErrNoCount = errors.New("this dialect counts no tokens")

// Wire records the last exchange of an SDK.
type Wire struct {
	mu     sync.Mutex
	status int
	header http.Header
	body   bytes.Buffer
	err    error
	base   http.RoundTripper
	watch  []watch
}

type watch struct {
	text []byte
	seen chan struct{}
}

// Watch is closed once the body of the next exchange contains the text.
func (w *Wire) Watch(text string) <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	ch := make(chan struct{})
	w.watch = append(w.watch, watch{[]byte(text), ch})
	return ch
}

// look closes the watches whose text has come. The lock is held.
func (w *Wire) look() {
	left := w.watch[:0]
	for _, one := range w.watch {
		if bytes.Contains(w.body.Bytes(), one.text) {
			close(one.seen)
			continue
		}
		left = append(left, one)
	}
	w.watch = left
}

// Status is the last answer's HTTP status.
func (w *Wire) Status() int { w.mu.Lock(); defer w.mu.Unlock(); return w.status }

// Header is the last answer's header.
func (w *Wire) Header() http.Header { w.mu.Lock(); defer w.mu.Unlock(); return w.header }

// Body is what has been read of the last answer's body.
func (w *Wire) Body() []byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	return bytes.Clone(w.body.Bytes())
}

// Err is the error, other than io.EOF, with which reading the last body ended: a connection that broke.
func (w *Wire) Err() error { w.mu.Lock(); defer w.mu.Unlock(); return w.err }

// RoundTrip sends the request and records the answer.
func (w *Wire) RoundTrip(r *http.Request) (*http.Response, error) {
	w.mu.Lock()
	w.status, w.header, w.err = 0, nil, nil
	w.body.Reset()
	w.mu.Unlock()
	resp, err := w.base.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	w.status, w.header = resp.StatusCode, resp.Header
	w.mu.Unlock()
	resp.Body = &tap{resp.Body, w}
	return resp, nil
}

type tap struct {
	io.ReadCloser
	wire *Wire
}

func (t *tap) Read(p []byte) (int, error) {
	n, err := t.ReadCloser.Read(p)
	t.wire.mu.Lock()
	defer t.wire.mu.Unlock()
	t.wire.body.Write(p[:n])
	t.wire.look()
	if err != nil && err != io.EOF {
		t.wire.err = err
	}
	return n, err
}

// Close reads what the SDK left unread, so that the record is whole: some stop at an error event although more follows.
// The request's context bounds it.
func (t *tap) Close() error {
	_, _ = io.Copy(io.Discard, t)
	return t.ReadCloser.Close()
}

// New is the SDK of a dialect. root is the server's address without a path; each SDK adds what its users are told to
// configure ("/v1" for OpenAI's, nothing for the others).
func New(d upstream.Dialect, root, key string) (Client, *Wire) {
	base := root
	switch d {
	case upstream.Chat, upstream.Completions, upstream.Responses:
		base += "/v1"
	}
	return At(d, base, key)
}

// At is like [New] with the SDK's base URL given in full.
func At(d upstream.Dialect, base, key string) (Client, *Wire) {
	w := &Wire{base: &http.Transport{}}
	hc := &http.Client{Transport: w}
	switch d {
	case upstream.Chat:
		return chatClient{newOpenAI(base, key, hc)}, w
	case upstream.Completions:
		return completionsClient{newOpenAI(base, key, hc)}, w
	case upstream.Responses:
		return responsesClient{newOpenAI(base, key, hc)}, w
	case upstream.Messages:
		return newMessages(base, key, hc), w
	case upstream.Gemini:
		return newGemini(base, key, hc), w
	}
	panic(fmt.Sprintf("no SDK for the dialect %q", d))
}

// Failure is an error answer as the SDK understood it.
type Failure struct {
	Status  int
	Type    string
	Code    string
	Message string
	Header  http.Header
}
