package inventory

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

type catalog map[string][]string

func (c catalog) Models(account string) ([]string, bool) {
	models, known := c[account]
	return models, known
}

// show writes targets as model@account,account.
func show(targets []Target) string {
	var out []string
	for _, t := range targets {
		var names []string
		for _, a := range t.Accounts {
			names = append(names, a.Name)
		}
		out = append(out, t.Model+"@"+strings.Join(names, ","))
	}
	return strings.Join(out, " ")
}

func TestResolve(t *testing.T) {
	inv := build(t, Config{
		Accounts: []AccountConfig{
			{Name: "claude", Provider: "anthropic"},
			{Name: "claude2", Provider: "anthropic", Models: []string{"claude-opus-*"}},
			{Name: "gem", Provider: "gemini"},
			{Name: "gpt", Provider: "openai"},
			{Name: "router", Provider: "openrouter"},
			{Name: "fast", Provider: "groq"},
			{Name: "box", Provider: "ollama"},
			{Name: "broken", Provider: "xai", APIKey: " "},
		},
		Routes: []RouteConfig{
			{Pattern: "gpt-4o*", Targets: []string{"gemini-3-flash"}},
			{Pattern: "gpt-4o-mini*", Targets: []string{"gem/gemini-3-lite", "claude-haiku-5"}},
			{Pattern: "gpt-4o-mini-exact", Targets: []string{"anthropic/claude-haiku-5"}},
			{Pattern: "best", Targets: []string{"claude/claude-opus-5", "gem/gemini-3-pro", "nobody-has-this-one"}},
			{Pattern: "better", Targets: []string{"best", "gpt-5", "best"}},
			{Pattern: "gpt-5", Targets: []string{"gpt-5", "claude-opus-5"}},
			{Pattern: "loop-a", Targets: []string{"loop-b"}},
			{Pattern: "loop-b", Targets: []string{"loop-a"}},
			{Pattern: "via-router", Targets: []string{"router/anthropic/claude-opus-5"}},
		},
	})
	full := catalog{
		"claude": {"claude-opus-5", "claude-haiku-5"},
		"gem":    {"gemini-3-flash", "gemini-3-pro"},
		"gpt":    {"gpt-5", "gpt-4o"},
		"router": {"anthropic/claude-opus-5", "meta-llama/llama-4", "openrouter/auto"},
		"fast":   {"openai/gpt-oss-120b", "llama-4-scout"},
		"box":    {"llama-4-scout", "qwen3"},
	}
	for _, tt := range []struct {
		model, want string
		cat         Catalog
	}{
		// explicit
		{"claude/claude-opus-5", "claude-opus-5@claude", full},
		{"anthropic/claude-opus-5", "claude-opus-5@claude,claude2", full},
		{"anthropic/claude-haiku-5", "claude-haiku-5@claude", full},
		{"claude/claude-unlisted", "claude-unlisted@claude", full},
		{"claude2/claude-opus-5", "claude-opus-5@claude2", full},
		{"router/anthropic/claude-opus-5", "anthropic/claude-opus-5@router", full},
		{"openrouter/meta-llama/llama-4", "meta-llama/llama-4@router", full},
		// names with a slash that only look explicit
		{"meta-llama/llama-4", "meta-llama/llama-4@router", full},
		{"openai/gpt-oss-120b", "openai/gpt-oss-120b@fast", full},
		{"openai/gpt-oss-120b", "gpt-oss-120b@gpt", nil},
		{"openrouter/auto", "openrouter/auto@router", full},
		{"xai/grok-5", "grok-5@broken", full},
		// routes
		{"gpt-4o", "gemini-3-flash@gem", full},
		{"gpt-4o-mini-2024", "gemini-3-lite@gem claude-haiku-5@claude", full},
		{"gpt-4o-mini-exact", "claude-haiku-5@claude", full},
		{"best", "claude-opus-5@claude gemini-3-pro@gem", full},
		{"gpt-5", "gpt-5@gpt claude-opus-5@claude,claude2", full},
		{"better", "claude-opus-5@claude gemini-3-pro@gem gpt-5@gpt claude-opus-5@claude,claude2", full},
		{"via-router", "anthropic/claude-opus-5@router", full},
		// listed
		{"claude-opus-5", "claude-opus-5@claude,claude2", full},
		{"llama-4-scout", "llama-4-scout@fast,box", full},
		{"qwen3", "qwen3@box", full},
		// families, also before any list is known
		{"claude-sonnet-9", "claude-sonnet-9@claude", full},
		{"claude-opus-5", "claude-opus-5@claude,claude2", nil},
		{"gemini-9", "gemini-9@gem", nil},
		{"grok-5", "grok-5@broken", full},
		// last resort: whoever tells nothing
		{"strange", "strange@box", catalog{"claude": {}, "gem": {}, "gpt": {}, "router": {}, "fast": {}}},
		{"strange", "strange@router,fast,box", nil},
	} {
		targets, err := inv.Resolve(tt.model, tt.cat)
		if got := show(targets); err != nil || got != tt.want {
			t.Errorf("%s (catalogue %t): got %q, %v; want %q", tt.model, tt.cat != nil, got, err, tt.want)
		}
	}
	for model, want := range map[string]string{
		"bst":            `model "bst" is not served by any account; did you mean "best"?`,
		"loop-a":         `did you mean "loop-a"`,
		"":               `model "" is not served by any account`,
		"claude2/gpt-5x": `model "claude2/gpt-5x" is not served by any account`,
	} {
		targets, err := inv.Resolve(model, full)
		var unknown *UnknownModelError
		if !errors.As(err, &unknown) || unknown.Model != model || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %s, %v, want %s", model, show(targets), err, want)
		}
	}
	targets, _ := inv.Resolve("claude/claude-opus-5", full)
	if got, want := fmt.Sprint(targets[0].Account, targets[0].Provider), "claudeanthropic"; got != want {
		t.Errorf("explicit account: got %s, want %s", got, want)
	}
	targets, _ = inv.Resolve("anthropic/claude-opus-5", full)
	if got, want := fmt.Sprint(targets[0].Account, targets[0].Provider), "anthropic"; got != want {
		t.Errorf("explicit provider: got %s, want %s", got, want)
	}
	if got, want := inv.RouteNames(), []string{"gpt-4o-mini-exact", "best", "better", "gpt-5", "loop-a", "loop-b", "via-router"}; !slices.Equal(got, want) {
		t.Errorf("route names: got %v, want %v", got, want)
	}
}

func TestResolvePrefersUsableAccounts(t *testing.T) {
	inv := build(t, Config{Accounts: []AccountConfig{
		{Name: "claude", Provider: "anthropic", APIKey: " ", Models: []string{"claude-*"}},
		{Name: "claude2", Provider: "anthropic"},
	}})
	targets, err := inv.Resolve("claude-9", catalog{"claude2": {"claude-8"}})
	if got, want := show(targets), "claude-9@claude2"; err != nil || got != want {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
}

func TestUnknownModelCloseNames(t *testing.T) {
	inv := build(t, Config{Accounts: []AccountConfig{{Name: "box", Provider: "ollama", Models: []string{"qwen3-coder", "llama*"}}}})
	_, err := inv.Resolve("qwen3-codr", nil)
	if got, want := fmt.Sprint(err), `model "qwen3-codr" is not served by any account; did you mean "qwen3-coder"?`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	_, err = inv.Resolve(strings.Repeat("x", 10_000), nil)
	if got := len(fmt.Sprint(err)); got > 400 {
		t.Errorf("an absurd name makes an error of %d bytes", got)
	}
}
