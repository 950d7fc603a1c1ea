package translate

// Capabilities is what a model takes and refuses, as far as encoders must know
// it. The zero value is a model about which nothing is known: it is given
// everything that its dialect can express. Package capability holds the facts.
type Capabilities struct {
	// MaxOutput is the model's output limit in tokens; 0 when unknown. Messages
	// requires a limit in every request and takes this one when the client gave
	// none.
	MaxOutput int64

	// NoSampling models refuse temperature, top_p and top_k.
	NoSampling bool

	// Thinking is how the model is told to think.
	Thinking ThinkingStyle

	// NoThinkingOff models refuse to have their thinking disabled.
	NoThinkingOff bool

	// NoForcedTool models refuse a tool_choice that demands a call.
	NoForcedTool bool

	// NoPrefill models refuse a conversation that ends with the assistant.
	NoPrefill bool

	// MidSystem models take system messages in mid-conversation (Messages only).
	MidSystem bool

	// MaxTokensField is set for Chat servers that know only the old max_tokens.
	MaxTokensField bool

	// Signatures models refuse a tool call of the current turn without its
	// signature (Gemini 3 and newer).
	Signatures bool
}

// ThinkingStyle is the terms in which a model's thinking is set.
type ThinkingStyle uint8

// The styles.
const (
	ThinkingUnknown  ThinkingStyle = iota
	ThinkingNone                   // the model does not think
	ThinkingBudget                 // a number of tokens
	ThinkingAdaptive               // Messages: adaptive, with output_config.effort
	ThinkingLevel                  // Gemini 3 and newer: thinkingLevel
)
