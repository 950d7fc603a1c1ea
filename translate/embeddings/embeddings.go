// Package embeddings is the neutral form between OpenAI's and Google's ways to
// ask for embeddings, with a decoder and an encoder for each. Like the dialects
// it is pure, and what it carries stays the raw literal that it was.
package embeddings

import (
	"slices"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// Request asks for one vector for each of its texts.
type Request struct {
	// Texts are string literals, in order; never empty.
	Texts []translate.Value
	// Dimensions is the length that vectors are to have, 0 for the model's own.
	Dimensions int64
	// Base64 asks for vectors as little-endian float32 in base64, not as numbers.
	Base64 bool
	// User is OpenAI's end-user id, Task and Title are Google's taskType and
	// title; nil when absent.
	User, Task, Title translate.Value
	// Joined says that a text was made of several parts.
	Joined bool
	// Extra names the members that the neutral form does not model.
	Extra []string
}

// Response is the answer, a vector for each text in order.
type Response struct {
	Model   string            // as the upstream names it, "" when it does not
	Vectors []translate.Value // arrays of numbers
	Tokens  int64             // of input; 0 when the upstream does not tell
}

// Form is one vendor's way to write requests and answers. Decoders expect a
// body that passed [jsonlit.Check]; what they return points into it.
type Form interface {
	// DecodeRequest reads a client's body. Errors are of kind InvalidRequest.
	DecodeRequest(body []byte) (*Request, error)
	// AppendRequest writes the body for an upstream and notes what has no place
	// in it.
	AppendRequest(dst []byte, r *Request, model string, losses *translate.Losses) []byte
	// DecodeResponse reads an upstream's answer. Errors are of kind Upstream.
	DecodeResponse(body []byte) (*Response, error)
	// AppendResponse writes the answer for a client. The error is of kind
	// Upstream: a vector that the client cannot get in the form it asked for.
	AppendResponse(dst []byte, answer *Response, r *Request) ([]byte, error)
}

// Check reports an answer that does not fit its request, as an error of kind
// Upstream.
func (a *Response) Check(r *Request) error {
	if len(a.Vectors) != len(r.Texts) {
		return upstreamError("the upstream answered with another number of embeddings than was asked for")
	}
	return nil
}

// Estimate guesses the tokens of the texts at four bytes each, for upstreams
// that do not tell. It is never 0.
func (r *Request) Estimate() int64 {
	n := 0
	for _, text := range r.Texts {
		n += (len(jsonlit.Inner(text)) + 3) / 4
	}
	return int64(max(1, n))
}

func (r *Request) extra(name string) {
	if !slices.Contains(r.Extra, name) {
		r.Extra = append(r.Extra, name)
	}
}

// lose notes what of a request is lost on the way to a form that has no place
// for these members of the other's.
func (r *Request) lose(losses *translate.Losses, names ...string) {
	values := map[string]translate.Value{"user": r.User, "taskType": r.Task, "title": r.Title}
	for _, name := range names {
		if !jsonlit.Null(values[name]) {
			losses.Note(name, translate.Dropped)
		}
	}
	for _, name := range r.Extra {
		losses.Note(name, translate.Dropped)
	}
	if r.Joined {
		losses.Note("content.parts", translate.Approximated)
	}
}

func upstreamError(message string) *translate.Error {
	return &translate.Error{Kind: translate.Upstream, Message: message}
}
