package translate

import "github.com/fairway-gateway/fairway/translate/jsonlit"

// Value is a raw JSON literal, quotes included; see package jsonlit.
type Value = jsonlit.Value

// Tri is a boolean that may be absent.
type Tri uint8

// The values of Tri.
const (
	Unset Tri = iota
	False
	True
)

// TriOf returns the Tri of a JSON boolean; Unset for anything else.
func TriOf(v Value) Tri {
	switch {
	case jsonlit.Null(v):
		return Unset
	case v.Kind() == 't':
		return True
	case v.Kind() == 'f':
		return False
	}
	return Unset
}

// Request is a client's request in the neutral form. Numbers and texts are the
// literals that the client wrote; nil means absent.
type Request struct {
	Dialect   Name // the client's
	Operation Operation
	Model     string
	Stream    bool
	Array     bool // Gemini: the stream is one JSON array
	Usage     bool // Chat, Completions: usage wanted in the stream

	// Restored says that RestoreState has been here: what signatures and thinking
	// the turns hold are the target's own. Without it encoders leave those of
	// another dialect's client out.
	Restored bool

	System []Part // leading instructions, text parts in order
	Turns  []Turn // settled: see Settle

	Tools     []Tool
	Choice    ToolChoice
	Parallel  Tri  // may the model call several tools in one turn
	Functions bool // Chat: the client speaks of functions and knows no tool_calls

	Temperature, TopP, TopK           Value
	FrequencyPenalty, PresencePenalty Value
	Seed                              Value
	MaxOutput                         Value // tokens, thinking included where the dialect counts so
	Stop                              []Value
	N                                 int // choices wanted; 0 and 1 mean one
	// Prompts are all prompts of a request that has several, of which Turns holds
	// the first: each is answered by N choices of its own (Completions).
	Prompts     []Value
	Echo        bool // repeat the prompt in front of the answer (Completions)
	Logprobs    bool // the probabilities of the tokens chosen
	TopLogprobs int  // with Logprobs: also of the n most likely ones

	Reasoning Reasoning
	Format    Format
	Verbosity string // "low", "medium", "high"

	User     Value // end-user id, a string
	CacheKey Value // prompt_cache_key, a string
	Tier     string
	Store    Tri

	// Extra holds the top-level members that the neutral form has no place for,
	// in order. No encoder writes them; Losses names them.
	Extra []Field
}

// Field is a member of an object, its name unquoted.
type Field struct {
	Name  string
	Value Value
}

// Role is who speaks in a turn.
type Role uint8

// The roles. System is a mid-conversation instruction; leading ones are in
// Request.System. Tool results are parts of user turns.
const (
	UserRole Role = iota
	AssistantRole
	SystemRole
)

// Turn is one message of the conversation.
type Turn struct {
	Role  Role
	Parts []Part
}

// Kind is what a part or a stream's block holds.
type Kind uint8

// The kinds.
const (
	Text Kind = iota
	Refusal
	Thinking // reasoning that may be shown
	Image
	Audio
	Video
	File // documents: PDF, plain text, ...
	ToolCall
	ToolResult
	WebSearch // a search that the vendor ran itself, in an answer
)

func (k Kind) String() string {
	return [...]string{"text", "refusal", "thinking", "image", "audio", "video", "file", "tool_call", "tool_result", "web_search"}[k]
}

// Part is one piece of a turn, or of an answer.
type Part struct {
	Kind   Kind
	Text   Value   // Text, Refusal, Thinking: a JSON string; nil for thinking that the vendor withholds altogether
	Media  *Media  // Image, Audio, Video, File
	Call   *Call   // ToolCall
	Result *Result // ToolResult
	Search *Search // WebSearch

	// Signature is the vendor's opaque state that belongs to this part: a
	// thinking block's signature, a Gemini part's thoughtSignature. A JSON string
	// as it came; meaningful to the same vendor only.
	Signature Value
	StateID   string // Thinking: the vendor's own id of it (Responses: "rs_…"); "" where it has none

	Citations []Citation // Text
	Logprobs  Value      // Text: the content array of Chat's logprobs
	CacheTTL  string     // an explicit prompt-cache breakpoint behind this part: "5m", "30m", "1h", "12h"
}

// Media is an image, a sound, a video or a document. One of Data, URL and
// FileID is set.
type Media struct {
	MIME   string // "" when unknown
	Data   []byte // base64 as it stood inside a JSON string, without quotes
	URL    Value  // a JSON string
	FileID Value  // the vendor's id of an uploaded file
	Name   Value  // file name or title
	Detail string // OpenAI's image detail
	Text   Value  // a plain-text document's text, instead of Data
}

// Call is a tool call. Arguments come as an object from some dialects and as a
// string that holds JSON from others; one of the two forms is set and the
// Arguments methods convert.
type Call struct {
	ID        string // never empty after decoding
	Name      string
	Namespace string // Responses: the namespace that the name stands in; "" for none
	Custom    bool   // a custom tool: Arguments.Text is free text
	Arguments
}

// Result is a tool's answer to a call.
type Result struct {
	CallID  string
	Name    string // the tool's name; Settle fills it from the call
	Parts   []Part // Text, Image, Audio, Video, File
	IsError bool
}

// Tool is a function, a custom tool or a vendor's hosted tool on offer.
type Tool struct {
	Kind        ToolKind
	Name        string // hosted: the vendor's type, for example "web_search"
	Namespace   string // Responses: the namespace that the name stands in; "" for none
	Description Value  // a JSON string
	Schema      Value  // function: JSON Schema of the arguments, an object; nil means no arguments
	Strict      Tri
	CacheTTL    string
	Deferred    bool        // to be found by a tool search before it is offered
	Raw         Value       // hosted and custom: the whole tool as the client wrote it
	Search      *SearchTool // hosted: a web search, which other vendors have too
}

// SearchTool is a web search that the vendor runs, as far as vendors have it in
// common.
type SearchTool struct {
	Allowed, Blocked []Value // domains, JSON strings
	MaxUses          Value   // searches at most, an integer
	Context          string  // OpenAI's search_context_size
	// Where the user is, JSON strings: the country as two letters, the time zone
	// by its IANA name.
	City, Region, Country, Timezone Value
}

// ToolKind tells tools apart.
type ToolKind uint8

// The kinds of tools.
const (
	FunctionTool ToolKind = iota
	CustomTool            // free-text input (OpenAI); emulated elsewhere as a function with one string "input"
	HostedTool            // run by the vendor; only its own dialect can carry it
)

// ToolChoice says whether the model must, may or must not call tools.
type ToolChoice struct {
	Mode  ChoiceMode
	Names []string // ChooseNamed: exactly one. Other modes: the subset allowed, empty for all
}

// ChoiceMode is the mode of a ToolChoice.
type ChoiceMode uint8

// The modes.
const (
	ChooseUnset ChoiceMode = iota
	ChooseAuto
	ChooseNone
	ChooseAny   // at least one call
	ChooseNamed // the tool in Names
)

// Reasoning is how much the model shall think, and whether it shall show it.
type Reasoning struct {
	Mode    ReasoningMode
	Effort  string // "", "none", "minimal", "low", "medium", "high", "xhigh", "max"
	Budget  int64  // tokens, when Mode is ReasonBudget
	Show    Tri    // thoughts wanted in the answer
	Summary string // Responses: "auto", "concise", "detailed"
}

// ReasoningMode tells in which terms the client asked.
type ReasoningMode uint8

// The modes.
const (
	ReasonUnset    ReasoningMode = iota
	ReasonEffort                 // by Effort alone
	ReasonBudget                 // by Budget
	ReasonAdaptive               // the model decides; Effort may be set too
	ReasonOff
)

// Format is the form of the answer.
type Format struct {
	Kind        FormatKind
	Name        string // "" when the dialect has none
	Description Value
	Schema      Value // FormatSchema
	Strict      Tri
}

// FormatKind tells formats apart.
type FormatKind uint8

// The formats.
const (
	FormatText FormatKind = iota
	FormatJSON
	FormatSchema
)
