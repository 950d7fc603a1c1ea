package translate

// Response is an upstream's whole answer in the neutral form.
type Response struct {
	ID      string // the upstream's, "" when it gave none
	Model   string
	Created int64 // seconds since 1970, 0 when the dialect has none
	Choices []Choice
	Usage   *Usage // nil when the upstream said nothing
}

// Choice is one of the answers.
type Choice struct {
	Index        int
	Parts        []Part // Text, Refusal, Thinking, Image, Audio, ToolCall, WebSearch
	Stop         StopReason
	StopSequence Value   // StopSequence: the sequence, where the upstream tells
	Resume       *Resume // StopPause and StopLength: how to make the upstream go on
}

// Resume is what a paused answer leaves behind for the request that makes the
// upstream go on with it. See Resumer.
type Resume struct {
	Token     Value // Gemini: the continuationToken, a JSON string
	Content   Value // Messages: the answer's content as it came, an array
	Container Value // Messages: the id of the container in use, a JSON string
}

// StopReason is why an answer ended.
type StopReason uint8

// The stop reasons. ToolUse is derived from the presence of calls, never from
// what the upstream says: Gemini and several compatible servers say "stop".
const (
	StopUnknown       StopReason = iota
	StopEnd                      // the model was done
	StopLength                   // the output limit
	StopSequence                 // a stop sequence
	StopToolUse                  // tool calls wait for results
	StopRefusal                  // the model declined
	StopFilter                   // a content filter cut it off
	StopContext                  // the context window is full
	StopPause                    // a server-side loop paused; send again to go on
	StopMalformedCall            // the model wrote an unusable tool call
)

// Usage counts tokens. Input is all input, cached tokens included; Output is
// all output, reasoning included. Each reading of a stream replaces the one
// before it (see Merge).
type Usage struct {
	Input        int64
	CacheRead    int64 // part of Input
	CacheWrite   int64 // part of Input
	CacheWrite1h int64 // part of CacheWrite with the longer lifetime
	Output       int64
	Reasoning    int64 // part of Output
}

// Add adds the usage of another request.
func (u *Usage) Add(other Usage) {
	u.Input += other.Input
	u.CacheRead += other.CacheRead
	u.CacheWrite += other.CacheWrite
	u.CacheWrite1h += other.CacheWrite1h
	u.Output += other.Output
	u.Reasoning += other.Reasoning
}

// Merge overwrites u with a later reading of the same exchange: every count is
// cumulative, so the larger one stands. Compatible servers send zeros in
// between, which thereby change nothing.
func (u *Usage) Merge(later Usage) {
	u.Input = max(u.Input, later.Input)
	u.CacheRead = max(u.CacheRead, later.CacheRead)
	u.CacheWrite = max(u.CacheWrite, later.CacheWrite)
	u.CacheWrite1h = max(u.CacheWrite1h, later.CacheWrite1h)
	u.Output = max(u.Output, later.Output)
	u.Reasoning = max(u.Reasoning, later.Reasoning)
}

// Citation is a source that a text names.
type Citation struct {
	URL, Title Value // JSON strings; a file that has no address has none
	FileID     Value // of a file that the vendor keeps, a JSON string
	Quote      Value // what the source says, a JSON string
	Start, End int   // the span in the text, in Unicode code points; 0, 0 when unknown
}

// Search is a search of the web that the vendor ran while it answered.
type Search struct {
	ID      string     // the upstream's, "" when it gave none
	Queries []Value    // JSON strings
	Sources []Citation // what was found: URL and Title
}

// Model is an entry of a model list.
type Model struct {
	ID          string
	DisplayName string
	OwnedBy     string
	Created     int64 // seconds since 1970, 0 when unknown
	InputLimit  int64 // tokens, 0 when unknown
	OutputLimit int64
	Facts       Facts // what the list tells of the model beside its limits
}

// Told returns all that the list tells of what the model takes.
func (m *Model) Told() Facts {
	f := m.Facts
	f.MaxOutput = m.OutputLimit
	return f
}

// Page is the place of a model list's page in the whole.
type Page struct {
	Next string // opaque cursor of the next page, "" on the last
}
