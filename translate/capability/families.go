package capability

import "github.com/fairway-gateway/fairway/translate"

// family is the models whose names share a prefix.
type family struct {
	prefix string
	word   bool // the prefix must not run on in letters: "o" is not "orca"
	facts  func(name) translate.Capabilities
	counts func(name) translate.Tokenizer // nil: like the average
}

// families lists the families; the first whose prefix fits decides.
func families() []family {
	return []family{
		{"claude-", false, claude, claudeTokens},
		{"gemini-", false, gemini, geminiTokens},
		{"gpt-oss", false, gptOSS, nil},
		{"gpt-", false, gpt, gptTokens},
		{"chatgpt-", false, gpt, gptTokens},
		{"codex-", false, reasoning, gptTokens},
		{"o1", true, reasoning, gptTokens},
		{"o3", true, reasoning, gptTokens},
		{"o4", true, reasoning, gptTokens},
		{"llama", false, open, nil},
		{"meta-llama", false, open, nil},
		{"mistral", false, open, nil},
		{"ministral", false, open, nil},
		{"magistral", false, open, nil},
		{"codestral", false, open, nil},
		{"devstral", false, open, nil},
		{"mixtral", false, open, nil},
		{"pixtral", false, open, nil},
		{"deepseek", false, deepseek, nil},
		{"qwen", false, open, nil},
		{"qwq", false, open, nil},
		{"gemma", false, open, nil},
		{"phi", false, open, nil},
		{"glm", false, open, nil},
		{"kimi", false, open, nil},
		{"command", false, open, nil},
	}
}

// The words for how much to think, as vendors know them.
const (
	lowToHigh     = translate.EffortLow | translate.EffortMedium | translate.EffortHigh
	minimalToHigh = translate.EffortMinimal | lowToHigh
	lowToXHigh    = lowToHigh | translate.EffortXHigh
	mediumToXHigh = translate.EffortMedium | translate.EffortHigh | translate.EffortXHigh
	noneToHigh    = translate.EffortNone | lowToHigh
	noneToXHigh   = translate.EffortNone | lowToXHigh
)

// claude: limits from Anthropic's model pages, refusals from its migration
// guides ("What's new in Claude Opus 5.5", "… Sonnet 5.5", "… Haiku 5.5") and
// from "Adaptive thinking"; efforts from its page "Effort".
func claude(n name) translate.Capabilities {
	opus, haiku := n.is("opus"), n.is("haiku")
	// The models above Opus; a name nobody knows yet is treated as one of them,
	// as the newest refuse the most.
	top := !opus && !haiku && !n.is("sonnet") && n.from(5, 0)

	c := translate.Capabilities{
		NoSampling: n.from(5, 0) || opus && n.from(4, 7),
		NoPrefill:  n.from(4, 6),
		MidSystem:  n.from(5, 0) || opus && n.from(4, 8),
	}
	switch {
	case n.from(4, 6):
		c.MaxOutput, c.Thinking = 128_000, translate.ThinkingAdaptive
		c.Efforts = lowToHigh | translate.EffortMax
		if c.NoSampling { // they came together
			c.Efforts |= translate.EffortXHigh
		}
	case n.from(4, 2), n.from(4, 0) && n.is("sonnet"), n.from(3, 7) && n.major == 3:
		c.MaxOutput, c.Thinking = 64_000, translate.ThinkingBudget
	case n.from(4, 0):
		c.MaxOutput, c.Thinking = 32_000, translate.ThinkingBudget
	case n.from(3, 5):
		c.MaxOutput, c.Thinking = 8192, translate.ThinkingNone
	default:
		c.MaxOutput, c.Thinking = 4096, translate.ThinkingNone
	}
	// Haiku 5.5 can still be told not to think.
	c.NoThinkingOff = top || !haiku && n.from(5, 5)
	c.NoForcedTool = top && n.from(5, 1) || !haiku && n.from(5, 5)
	return c
}

// gemini: Google's pages "Gemini thinking" and "Thought signatures".
func gemini(n name) translate.Capabilities {
	switch {
	case n.from(3, 0):
		// The lowest level is still thinking; the Pro models do not know MINIMAL.
		c := translate.Capabilities{MaxOutput: 65_536, Thinking: translate.ThinkingLevel, Efforts: minimalToHigh, NoThinkingOff: true, Signatures: true, Continues: n.from(4, 0)}
		if n.is("pro") {
			c.Efforts = lowToHigh
		}
		return c
	case n.from(2, 5) && n.is("image", "tts"):
		return translate.Capabilities{MaxOutput: 32_768, Thinking: translate.ThinkingNone}
	case n.from(2, 5):
		return translate.Capabilities{MaxOutput: 65_536, Thinking: translate.ThinkingBudget, NoThinkingOff: n.is("pro")}
	}
	return translate.Capabilities{MaxOutput: 8192, Thinking: translate.ThinkingNone}
}

// gpt: OpenAI's guide "Using GPT-5", those of its successors, and its reference
// of reasoning effort (openai-go's shared.ReasoningEffort). The chat variants
// are models without reasoning; Codex and Pro always reason.
func gpt(n name) translate.Capabilities {
	if !n.from(5, 0) || n.major == newest || n.major >= 30 || n.is("chat") {
		return translate.Capabilities{Thinking: translate.ThinkingNone, SearchOptions: n.is("search")}
	}
	c := translate.Capabilities{NoSampling: true, Efforts: noneToXHigh, SearchOptions: n.is("search"), CacheBreakpoints: n.from(5, 6)}
	switch {
	case n.from(5, 6):
		c.Efforts |= translate.EffortMax
	case n.from(5, 2) && n.is("pro"):
		c.Efforts = mediumToXHigh
	case n.is("pro"):
		c.Efforts = translate.EffortHigh
	case n.is("codex") && (n.from(5, 2) || n.is("max")):
		c.Efforts = lowToXHigh
	case n.is("codex"):
		c.Efforts = lowToHigh
	case n.from(5, 2):
	case n.from(5, 1):
		c.Efforts = noneToHigh
	default:
		c.Efforts = minimalToHigh
	}
	c.NoThinkingOff = c.Efforts&translate.EffortNone == 0
	return c
}

// reasoning: OpenAI's first reasoning models take the default temperature alone
// and always reason.
func reasoning(name) translate.Capabilities {
	return translate.Capabilities{NoSampling: true, Efforts: lowToHigh, NoThinkingOff: true}
}

// gptOSS: the harmony format's three levels (OpenAI's gpt-oss model card).
func gptOSS(n name) translate.Capabilities {
	c := open(n)
	c.Efforts, c.NoThinkingOff = lowToHigh, true
	return c
}

// deepseek: DeepSeek's guide "Thinking mode", tool calls. The distilled models
// are others' and run on others' servers.
func deepseek(n name) translate.Capabilities {
	c := open(n)
	c.EchoReasoning = !n.is("distill")
	return c
}

// open: models that run on compatible servers, of which all know max_tokens and
// some refuse max_completion_tokens (Mistral's API reference).
func open(name) translate.Capabilities {
	return translate.Capabilities{MaxTokensField: true}
}
