package capability

import "testing"

// TestTokenizer tells by what a model counts text and pictures.
func TestTokenizer(t *testing.T) {
	for model, want := range map[string]struct {
		family string
		factor float64
		most   int // of squares
		base   float64
	}{
		"claude-opus-4-6":          {"claude", 1.04, 1568, 0},
		"claude-3-5-sonnet-2024":   {"claude", 1.04, 1568, 0},
		"claude-opus-4-7":          {"claude-4.7", 1.35, 4784, 0},
		"anthropic/claude-fable-5": {"claude-4.7", 1.35, 4784, 0},
		"gemini-2.5-pro":           {"gemini", 1.05, 0, 0},
		"models/gemini-3-flash":    {"gemini", 1.05, 0, 1120},
		"gpt-4o":                   {"gpt", 0, 0, 85},
		"gpt-4o-mini":              {"gpt", 0, 0, 2833},
		"gpt-4.1-nano":             {"gpt", 0, 1536, 0},
		"gpt-5":                    {"gpt", 0, 0, 70},
		"gpt-5.6-terra":            {"gpt", 0, 2500, 0},
		"o4-mini":                  {"gpt", 0, 1536, 0},
		"qwen3-coder":              {"qwen", 0, 0, 0},
		"my-own":                   {"", 0, 0, 0},
	} {
		got := Tokenizer(model)
		if got.Family != want.family || got.Factor != want.factor || got.Image.Most != want.most || got.Image.Base != want.base {
			t.Errorf("Tokenizer(%q) = %+v, want %+v", model, got, want)
		}
	}
}
