package translate

// Capabilities is what a model takes and refuses, as far as encoders must know
// it. The zero value is a model about which nothing is known: it is given
// everything that its dialect can express. Package capability holds the facts;
// see With for those that are told.
type Capabilities struct {
	// MaxOutput is the model's output limit in tokens; 0 when unknown. Messages
	// requires a limit in every request and takes this one when the client gave
	// none.
	MaxOutput int64

	// NoSampling models refuse temperature, top_p and top_k.
	NoSampling bool

	// Thinking is how the model is told to think.
	Thinking ThinkingStyle

	// Efforts are the words by which the model is told how much to think; 0 when
	// unknown.
	Efforts Efforts

	// NoThinkingOff models refuse to have their thinking disabled.
	NoThinkingOff bool

	// BetweenTools models take Messages' thinking of type between_tools, which is
	// as good as disabled where that is refused.
	BetweenTools bool

	// NoForcedTool models refuse a tool_choice that demands a call.
	NoForcedTool bool

	// NoPrefill models refuse a conversation that ends with the assistant.
	NoPrefill bool

	// MidSystem models take system messages in mid-conversation (Messages only).
	MidSystem bool

	// MaxTokensField is set for Chat servers that know only the old max_tokens.
	MaxTokensField bool

	// Continues models pause long answers, to go on with them in another request
	// (Gemini 4 and newer).
	Continues bool

	// SearchOptions models take web_search_options (OpenAI's search models on
	// Chat); others refuse the member.
	SearchOptions bool

	// CacheBreakpoints models take prompt_cache_breakpoint (GPT-5.6 and newer).
	CacheBreakpoints bool

	// EchoReasoning models want the reasoning before their tool calls back, in
	// Chat's reasoning_content; other servers refuse that member.
	EchoReasoning bool

	// Signatures models refuse a tool call of the current turn without its
	// signature (Gemini 3 and newer).
	Signatures bool
}

// Effort returns the word by which the model is told to think as much as the
// wanted word says, or as nearly so as it can; usual are the words that a model
// knows of which nothing is known.
func (c *Capabilities) Effort(wanted string, usual Efforts) string {
	words := c.Efforts
	if words == 0 {
		words = usual
	}
	if c.NoThinkingOff {
		words &^= EffortNone
	}
	return words.Nearest(wanted)
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

// ParseThinkingStyle reads "none", "budget", "adaptive" or "level".
func ParseThinkingStyle(s string) (ThinkingStyle, bool) {
	for i, name := range [...]string{"none", "budget", "adaptive", "level"} {
		if s == name {
			return ThinkingStyle(i + 1), true
		}
	}
	return ThinkingUnknown, false
}

// Facts are what somebody tells of a model who knows it better than the table:
// its provider's list, or the owner. The fields are those of Capabilities; zero
// values say nothing.
type Facts struct {
	MaxOutput      int64
	NoSampling     Tri
	Thinking       ThinkingStyle
	Thinks         Tri // without saying how it is set
	Efforts        Efforts
	NoThinkingOff  Tri
	BetweenTools   Tri
	NoForcedTool   Tri
	NoPrefill      Tri
	MidSystem      Tri
	MaxTokensField Tri
	EchoReasoning  Tri
	Signatures     Tri
}

// With returns the capabilities with what was told in place of what was assumed.
func (c Capabilities) With(f Facts) Capabilities {
	if f.MaxOutput > 0 {
		c.MaxOutput = f.MaxOutput
	}
	switch {
	case f.Thinking != ThinkingUnknown:
		c.Thinking = f.Thinking
	case f.Thinks == False:
		c.Thinking = ThinkingNone
	case f.Thinks == True && c.Thinking == ThinkingNone:
		c.Thinking = ThinkingUnknown
	}
	if f.Efforts != 0 {
		c.Efforts = f.Efforts
	}
	for _, told := range [...]struct {
		to *bool
		is Tri
	}{
		{&c.NoSampling, f.NoSampling}, {&c.NoThinkingOff, f.NoThinkingOff}, {&c.BetweenTools, f.BetweenTools},
		{&c.NoForcedTool, f.NoForcedTool}, {&c.NoPrefill, f.NoPrefill}, {&c.MidSystem, f.MidSystem},
		{&c.MaxTokensField, f.MaxTokensField}, {&c.EchoReasoning, f.EchoReasoning}, {&c.Signatures, f.Signatures},
	} {
		if told.is != Unset {
			*told.to = told.is == True
		}
	}
	return c
}
