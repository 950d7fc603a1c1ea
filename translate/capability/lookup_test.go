package capability

import (
	"testing"

	"github.com/fairway-gateway/fairway/translate"
)

func TestLookup(t *testing.T) {
	type caps = translate.Capabilities
	const (
		none, budget, adaptive, level = translate.ThinkingNone, translate.ThinkingBudget, translate.ThinkingAdaptive, translate.ThinkingLevel
	)
	const (
		low3     = translate.EffortLow | translate.EffortMedium | translate.EffortHigh
		minimal4 = translate.EffortMinimal | low3
		xhigh    = translate.EffortXHigh
		max      = translate.EffortMax
		off      = translate.EffortNone
	)
	reasons := func(e translate.Efforts) caps { return caps{NoSampling: true, Efforts: e, NoThinkingOff: e&off == 0} }
	haiku45 := caps{MaxOutput: 64_000, Thinking: budget}
	opus46 := caps{MaxOutput: 128_000, Thinking: adaptive, NoPrefill: true, Efforts: low3 | max}
	opus47 := caps{MaxOutput: 128_000, Thinking: adaptive, NoPrefill: true, NoSampling: true, Efforts: low3 | xhigh | max}
	five := caps{MaxOutput: 128_000, Thinking: adaptive, NoPrefill: true, NoSampling: true, MidSystem: true, Efforts: low3 | xhigh | max}
	fable5 := five
	fable5.NoThinkingOff = true
	latest := fable5
	latest.NoForcedTool = true
	gemini3 := caps{MaxOutput: 65_536, Thinking: level, NoThinkingOff: true, Signatures: true, Efforts: minimal4}
	gemini3pro := gemini3
	gemini3pro.Efforts = low3

	gemini4 := gemini3
	gemini4.Continues = true
	terra := reasons(off | low3 | xhigh | max)
	terra.CacheBreakpoints = true

	for model, want := range map[string]caps{
		"claude-2.1":                                  {MaxOutput: 4096, Thinking: none},
		"claude-instant-1.2":                          {MaxOutput: 4096, Thinking: none},
		"claude-3-haiku-20240307":                     {MaxOutput: 4096, Thinking: none},
		"claude-3-5-sonnet-20241022":                  {MaxOutput: 8192, Thinking: none},
		"claude-3-7-sonnet-latest":                    {MaxOutput: 64_000, Thinking: budget},
		"claude-opus-4-20250514":                      {MaxOutput: 32_000, Thinking: budget},
		"claude-opus-4-1-20250805":                    {MaxOutput: 32_000, Thinking: budget},
		"claude-sonnet-4-20250514":                    {MaxOutput: 64_000, Thinking: budget},
		"claude-haiku-4-5-20251001":                   haiku45,
		"claude-haiku-4-5@20251001":                   haiku45,
		"anthropic/claude-haiku-4.5":                  haiku45,
		"eu.anthropic.claude-haiku-4-5-20251001-v1:0": haiku45,
		"claude-opus-4-5-20251101":                    haiku45,
		"claude-opus-4-6":                             opus46,
		"claude-sonnet-4-6":                           opus46,
		"us.anthropic.claude-opus-4-6-v1":             opus46,
		"claude-opus-4-7":                             opus47,
		"Claude-Opus-4-7":                             opus47,
		"claude-opus-4-8":                             five,
		"claude-opus-5":                               five,
		"openrouter/anthropic/claude-sonnet-5:beta":   five,
		"claude-haiku-5-5":                            five,
		"claude-haiku-6":                              five,
		"claude-fable-5":                              fable5,
		"claude-fable-5-1":                            latest,
		"claude-mythos-5-1":                           latest,
		"claude-mythos-preview":                       latest,
		"claude-opus-5-5":                             latest,
		"claude-sonnet-5-5-20260928":                  latest,
		"claude-opus-6":                               latest,
		"~anthropic/claude-opus-latest":               latest,
		"claude-saga-7-2":                             latest,
		"publishers/anthropic/models/claude-opus-5-5": latest,
		"gemini-1.5-pro-002":                          {MaxOutput: 8192, Thinking: none},
		"gemini-2.0-flash":                            {MaxOutput: 8192, Thinking: none},
		"models/gemini-2.5-flash":                     {MaxOutput: 65_536, Thinking: budget},
		"gemini-2.5-pro-preview-06-05":                {MaxOutput: 65_536, Thinking: budget, NoThinkingOff: true},
		"gemini-2.5-flash-image":                      {MaxOutput: 32_768, Thinking: none},
		"google/gemini-3-flash":                       gemini3,
		"gemini-3.1-pro-preview":                      gemini3pro,
		"gemini-4-flash":                              gemini4,
		"gemini-flash-latest":                         gemini4,
		"gpt-3.5-turbo":                               {Thinking: none},
		"gpt-35-turbo":                                {Thinking: none},
		"gpt-4o-mini":                                 {Thinking: none},
		"gpt-4.1":                                     {Thinking: none},
		"chatgpt-4o-latest":                           {Thinking: none},
		"gpt-5-chat-latest":                           {Thinking: none},
		"gpt-5":                                       reasons(minimal4),
		"gpt-5-mini-2025-08-07":                       reasons(minimal4),
		"gpt-5-codex":                                 reasons(low3),
		"gpt-5-pro":                                   reasons(translate.EffortHigh),
		"gpt-5.1":                                     reasons(off | low3),
		"gpt-5.1-codex":                               reasons(low3),
		"gpt-5.1-codex-max":                           reasons(low3 | xhigh),
		"gpt-5.2":                                     reasons(off | low3 | xhigh),
		"gpt-5.2-pro":                                 reasons(translate.EffortMedium | translate.EffortHigh | xhigh),
		"gpt-5.3-codex":                               reasons(low3 | xhigh),
		"gpt-5.4-mini":                                reasons(off | low3 | xhigh),
		"openai/gpt-5.6-terra":                        terra,
		"gpt-4o-search-preview":                       {Thinking: none, SearchOptions: true},
		"gpt-6":                                       terra,
		"o3-mini":                                     reasons(low3),
		"o1":                                          reasons(low3),
		"o4-mini-2025-04-16":                          reasons(low3),
		"codex-mini-latest":                           reasons(low3),
		"gpt-oss-120b":                                {MaxTokensField: true, Efforts: low3, NoThinkingOff: true},
		"openai/gpt-oss:20b":                          {MaxTokensField: true, Efforts: low3, NoThinkingOff: true},
		"mistral-large-latest":                        {MaxTokensField: true},
		"deepseek-chat":                               {MaxTokensField: true, EchoReasoning: true},
		"deepseek-r1-distill-llama-70b":               {MaxTokensField: true},
		"Qwen/Qwen3-Coder-480B":                       {MaxTokensField: true},
		"llama3.2:3b":                                 {MaxTokensField: true},
		"my-own-model":                                {},
		"o1rca":                                       {},
		"":                                            {},
		"/":                                           {},
		"claude":                                      {},
		"99999999999999999999":                        {},
	} {
		if got := Lookup(model); got != want {
			t.Errorf("Lookup(%q)\n got %+v\nwant %+v", model, got, want)
		}
	}
}

func FuzzLookup(f *testing.F) {
	f.Add("anthropic/claude-opus-4-7@20260101")
	f.Add("claude-99999999999999999999-5")
	f.Fuzz(func(t *testing.T, model string) { Lookup(model) })
}
