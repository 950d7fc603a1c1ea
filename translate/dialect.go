// Package translate is the neutral form between the wire dialects of AI
// providers, and the contract that each dialect fulfils.
//
// A dialect is one package below this one: a decoder into the neutral form and
// an encoder out of it, for requests, responses, streams, errors, token counts
// and model lists. There are no pairs: what a client of one dialect asks is
// decoded once and encoded for whichever upstream was chosen. Between equal
// dialects nothing is decoded at all; the exchange moves the bytes.
//
// Everything here is pure: no I/O, no clock, no randomness, no map order in any
// output. The translation of a conversation's first k turns is a prefix of the
// translation of its first k+1, because providers bind prompt caches and
// thinking signatures to the exact prefix.
package translate

import (
	"strings"

	"github.com/fairway-gateway/fairway/translate/sse"
)

// Name names a dialect.
type Name string

// The dialects.
const (
	Chat        Name = "chat"        // OpenAI Chat Completions and its many compatible servers
	Completions Name = "completions" // OpenAI's legacy Completions
	Responses   Name = "responses"   // OpenAI Responses
	Messages    Name = "messages"    // Anthropic Messages
	Gemini      Name = "gemini"      // Google Gemini API
)

// Operation is what a client asks for.
type Operation uint8

// The operations.
const (
	Generate Operation = iota
	CountTokens
	ListModels
	GetModel
	Passthrough // what only one vendor has; the dialects know nothing of it
)

func (o Operation) String() string {
	return [...]string{"generate", "count_tokens", "list_models", "get_model", "passthrough"}[o]
}

// Hint carries what a request says outside its body: Gemini names the model and
// asks for a stream in the path.
type Hint struct {
	Operation Operation
	Model     string // overrides the body's when not empty
	Stream    bool   // or-ed with the body's
	Array     bool   // Gemini without alt=sse: the stream is one JSON array
}

// Endpoint is where a dialect serves an operation, below a provider's base URL.
type Endpoint struct {
	Path   string      // begins with a slash
	Query  string      // without the question mark
	Header [][2]string // what the dialect requires beside the credential
}

// Target is what a request is encoded for.
type Target struct {
	Model        string       // the upstream's name of the model
	Capabilities Capabilities // what that model takes
	Stream       bool         // ask the upstream for a stream
	AutoCache    bool         // have the prompt cached where the client said nothing of it (Messages)
	Losses       *Losses      // where the encoder notes what it could not carry; never nil
}

// Reply is what an encoder needs to know to answer a client.
type Reply struct {
	// Request is what the client asked; never nil. A stream's encoder keeps
	// nothing of it once it has encoded EventStart, so that an open stream costs
	// the same whatever the prompt's size.
	Request *Request
	Model   string // the model to name where the upstream names none
	ID      string // a unique suffix for ids, used where the upstream gives none: [A-Za-z0-9]{16,}
	Created int64  // seconds since 1970, for the dialects that want a time

	// Tokenizer is how the model that answers counts, for dialects that tell the
	// input tokens before the upstream does.
	Tokenizer Tokenizer
}

// EstimateInput guesses the input tokens of the request.
func (r *Reply) EstimateInput() int64 { return Estimate(r.Request, r.Tokenizer) }

// Dialect is one wire protocol. Implementations are stateless and safe for
// concurrent use. Append methods append to dst and return it. Values in what
// the Decode methods return point into the body, which must not change while
// they are in use.
type Dialect interface {
	Name() Name

	// Endpoint tells where an upstream serves op, and false where it does not.
	Endpoint(op Operation, model string, stream bool) (Endpoint, bool)

	// Turns names the top-level member that holds the conversation
	// ("messages", "input", "prompt", "contents"), for Scan.
	Turns() string

	// DecodeRequest reads a client's body for Generate or CountTokens. Errors
	// are *Error of kind BadRequest whose Param names the offending member.
	DecodeRequest(body []byte, hint Hint) (*Request, error)

	// AppendRequest writes the body of an upstream request for r.Operation. It
	// refuses (*Error of kind BadRequest) what the loss table refuses.
	AppendRequest(dst []byte, r *Request, t Target) ([]byte, error)

	// EditState goes through the reasoning state in the history of a request's
	// body: judge is given each piece (a string literal; "" where thinking should
	// have some and has not, null where it need not) and returns it, another to put in its place, or nil to remove it
	// together with what is of no use without. The edits are in order. body must
	// be valid JSON.
	EditState(body []byte, judge func(state Value) Value) []Edit

	// DecodeResponse reads an upstream's whole, successful answer. An answer
	// that is none (not JSON, an error object) is an *Error.
	DecodeResponse(body []byte) (*Response, error)

	// AppendResponse writes the answer to a client.
	AppendResponse(dst []byte, r *Response, reply Reply) ([]byte, error)

	// NewStreamDecoder and NewStreamEncoder return the two halves of a stream.
	NewStreamDecoder() StreamDecoder
	NewStreamEncoder(reply Reply) StreamEncoder

	// DecodeError reads an upstream's answer of the given status >= 400. It
	// never fails: a body that is not the dialect's envelope (HTML, plain text,
	// nothing) gives an Error by status with a short, clean message.
	DecodeError(status int, body []byte) *Error

	// AppendError writes the envelope for a client and returns the status that
	// belongs to it.
	AppendError(dst []byte, e *Error) (status int, body []byte)

	// DecodeCount and AppendCount move the answer of a token count.
	DecodeCount(body []byte) (int64, error)
	AppendCount(dst []byte, tokens int64) []byte

	// DecodeModels reads one page of an upstream's list and returns the query
	// of the next page, "" when there is none.
	DecodeModels(body []byte) (models []Model, next string, err error)

	// AppendModels and AppendModel write the list and one entry of it.
	AppendModels(dst []byte, models []Model, page Page) []byte
	AppendModel(dst []byte, m Model) []byte
}

// StreamDecoder turns an upstream's frames into events. It is used by one
// goroutine.
type StreamDecoder interface {
	// Decode calls emit for each event of a frame. Events and what they point
	// to are valid during the call only. It returns emit's error; what is wrong
	// with the frame itself (not JSON, an error object) becomes EventError.
	// After EventEnd or EventError nothing more is emitted.
	Decode(frame sse.Frame, emit func(*Event) error) error

	// Close is called when the upstream's body has ended. Where the dialect has
	// no end marker of its own, or a compatible server omitted it after all
	// that matters was said, Close emits EventEnd; where the stream was cut it
	// emits EventError of kind Truncated. After EventEnd or EventError was
	// emitted it does nothing.
	Close(emit func(*Event) error) error

	// AppendBreak ends a stream that was relayed to a client of the same
	// dialect and broke off: it appends the dialect's error event, consistent
	// with what the decoder has seen (sequence numbers, response id).
	AppendBreak(dst []byte, e *Error) []byte
}

// StreamEncoder turns events into a client's frames. It is used by one
// goroutine.
type StreamEncoder interface {
	// ContentType is the response's media type.
	ContentType() string

	// Append appends the frames of an event; several, one or none. EventError
	// appends the dialect's error event and what must follow it; an error
	// returned (a bound exceeded, invalid tool arguments) is an *Error that the
	// caller then gives back as EventError.
	Append(dst []byte, ev *Event) ([]byte, error)

	// Heartbeat appends what the dialect's clients ignore, to show life.
	Heartbeat(dst []byte) []byte
}

// Dialects is the set that a gateway speaks.
type Dialects struct{ list []Dialect }

// NewDialects assembles a set.
func NewDialects(list ...Dialect) *Dialects { return &Dialects{list} }

// Get returns the dialect of a name, or nil.
func (d *Dialects) Get(name Name) Dialect {
	for _, x := range d.list {
		if x.Name() == name {
			return x
		}
	}
	return nil
}

// Names lists the set's names in order, for messages.
func (d *Dialects) Names() string {
	names := make([]string, len(d.list))
	for i, x := range d.list {
		names[i] = string(x.Name())
	}
	return strings.Join(names, ", ")
}
