package inventory

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/fairway-gateway/fairway/accounts"
)

// CapabilityConfig says what models take and refuse, against what the gateway and the models' providers say of them. What is
// absent stays as it is known otherwise.
type CapabilityConfig struct {
	// Pattern fits a model by the name that goes upstream, or by account/model or provider/model. Of several patterns that
	// fit, the longest goes first, setting by setting.
	Pattern string `json:"pattern"`
	// MaxOutput is the model's output limit in tokens.
	MaxOutput int64 `json:"max_output,omitzero"`
	// Thinking is how the model is told to think: "none" (it does not), "budget" (by a number of tokens), "adaptive"
	// (Anthropic's models from 4.6) or "level" (Gemini from 3).
	Thinking string `json:"thinking,omitzero"`
	// Efforts are the words that the model knows for how much to think: none, minimal, low, medium, high, xhigh, max.
	Efforts []string `json:"efforts,omitempty"`
	// NoSampling: the model refuses temperature, top_p and top_k.
	NoSampling *bool `json:"no_sampling,omitzero"`
	// NoThinkingOff: the model refuses to have its thinking disabled.
	NoThinkingOff *bool `json:"no_thinking_off,omitzero"`
	// BetweenTools: the model takes Anthropic's thinking of type between_tools.
	BetweenTools *bool `json:"between_tools,omitzero"`
	// NoForcedTool: the model refuses a tool_choice that demands a call.
	NoForcedTool *bool `json:"no_forced_tool,omitzero"`
	// NoPrefill: the model refuses a conversation that ends with the assistant.
	NoPrefill *bool `json:"no_prefill,omitzero"`
	// MidSystem: the model takes Anthropic's system messages in mid-conversation.
	MidSystem *bool `json:"mid_system,omitzero"`
	// MaxTokensField: the server knows max_tokens, and not max_completion_tokens.
	MaxTokensField *bool `json:"max_tokens_field,omitzero"`
	// EchoReasoning: the model wants the reasoning before its tool calls back, as reasoning_content.
	EchoReasoning *bool `json:"echo_reasoning,omitzero"`
	// Signatures: the model refuses tool calls without their thought signatures.
	Signatures *bool  `json:"signatures,omitzero"`
	Pos        string `json:"-"`
}

// thinkingWords and effortWords are the words of Thinking and Efforts.
func thinkingWords() []string { return []string{"none", "budget", "adaptive", "level"} }

func effortWords() []string {
	return []string{"none", "minimal", "low", "medium", "high", "xhigh", "max"}
}

type capabilityFlag struct {
	name string
	to   **bool
}

func (c *CapabilityConfig) flags() []capabilityFlag {
	return []capabilityFlag{
		{"no_sampling", &c.NoSampling}, {"no_thinking_off", &c.NoThinkingOff}, {"between_tools", &c.BetweenTools},
		{"no_forced_tool", &c.NoForcedTool}, {"no_prefill", &c.NoPrefill}, {"mid_system", &c.MidSystem},
		{"max_tokens_field", &c.MaxTokensField}, {"echo_reasoning", &c.EchoReasoning}, {"signatures", &c.Signatures},
	}
}

// CapabilitySettings returns the names that [CapabilityConfig.Set] knows.
func CapabilitySettings() []string {
	names := []string{"max_output", "thinking", "efforts"}
	for _, f := range new(CapabilityConfig).flags() {
		names = append(names, f.name)
	}
	return names
}

// Set sets what a configuration calls name to the words behind it. A flag without a word is true.
func (c *CapabilityConfig) Set(name string, words ...string) error {
	value := strings.Join(words, " ")
	switch name {
	case "max_output":
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil || n < 1 {
			return fmt.Errorf("max_output must be a number of tokens, not %s", quote(value))
		}
		c.MaxOutput = n
		return nil
	case "thinking":
		if value == "" {
			return fmt.Errorf("thinking must be one of %s", strings.Join(thinkingWords(), ", "))
		}
		c.Thinking = value
		return c.check()
	case "efforts":
		if len(words) == 0 {
			return fmt.Errorf("efforts must name some of %s", strings.Join(effortWords(), ", "))
		}
		c.Efforts = slices.Clone(words)
		return c.check()
	}
	for _, f := range c.flags() {
		if f.name != name {
			continue
		}
		is := len(words) == 0 || value == "true"
		if !is && value != "false" {
			return fmt.Errorf("%s must be true or false, not %s", name, quote(value))
		}
		*f.to = &is
		return nil
	}
	return fmt.Errorf("there is no setting %s%s (one of %s)", quote(name), suggestion(name, CapabilitySettings()),
		strings.Join(CapabilitySettings(), ", "))
}

// check refuses words that mean nothing.
func (c *CapabilityConfig) check() error {
	if c.MaxOutput < 0 {
		return fmt.Errorf("max_output must not be negative")
	}
	if c.Thinking != "" && !slices.Contains(thinkingWords(), c.Thinking) {
		return fmt.Errorf("thinking %s is not one of %s", quote(c.Thinking), strings.Join(thinkingWords(), ", "))
	}
	for _, e := range c.Efforts {
		if !slices.Contains(effortWords(), e) {
			return fmt.Errorf("effort %s is not one of %s", quote(e), strings.Join(effortWords(), ", "))
		}
	}
	return nil
}

// merge takes what another says, which goes first.
func (c *CapabilityConfig) merge(other CapabilityConfig) {
	c.MaxOutput = cmp.Or(other.MaxOutput, c.MaxOutput)
	c.Thinking = cmp.Or(other.Thinking, c.Thinking)
	if other.Efforts != nil {
		c.Efforts = other.Efforts
	}
	theirs := other.flags()
	for i, f := range c.flags() {
		*f.to = cmp.Or(*theirs[i].to, *f.to)
	}
}

func (b *builder) addCapabilities(c Config) {
	for _, k := range c.Capabilities {
		what := "capability " + quote(k.Pattern)
		if k.Pattern == "" || strings.ContainsFunc(k.Pattern, isSpace) {
			b.failf(k.Pos, what, "the pattern is empty or contains a space")
			continue
		}
		if slices.ContainsFunc(b.inv.capabilities, func(have CapabilityConfig) bool { return have.Pattern == k.Pattern }) {
			b.failf(k.Pos, what, "it is declared twice")
			continue
		}
		if err := k.check(); err != nil {
			b.failf(k.Pos, what, "%w", err)
		}
		b.inv.capabilities = append(b.inv.capabilities, k)
	}
}

// Capability returns what the owner says of a model as an account serves it.
func (inv *Inventory) Capability(a *accounts.Account, model string) CapabilityConfig {
	var c CapabilityConfig
	for _, k := range inv.capabilities { // the longest last
		if accounts.Match(k.Pattern, model) || accounts.Match(k.Pattern, a.Name+"/"+model) || accounts.Match(k.Pattern, a.Provider+"/"+model) {
			c.merge(k)
		}
	}
	return c
}
