package inventory

import (
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/fairway-gateway/fairway/accounts"
)

// TestCapability declares capabilities in an accounts file and looks up models
// as accounts serve them; want is what is said, as JSON.
func TestCapability(t *testing.T) {
	inv := buildHCL(t, `
capability "claude-*" {
  no_sampling = true
  max_output  = 64000
  thinking    = "adaptive"
  efforts     = ["low", "high"]
}
capability "claude-opus-*" {
  no_sampling = false
  efforts     = ["max"]
}
capability "box/*"   { max_tokens_field = true }
capability "groq/g?" { signatures = "true" }
`)
	for model, want := range map[string]string{
		"one anthropic claude-haiku-5": `{"pattern":"","max_output":64000,"thinking":"adaptive","efforts":["low","high"],"no_sampling":true}`,
		"one anthropic claude-opus-5":  `{"pattern":"","max_output":64000,"thinking":"adaptive","efforts":["max"],"no_sampling":false}`,
		"box ollama gx":                `{"pattern":"","max_tokens_field":true}`,
		"two groq gx":                  `{"pattern":"","signatures":true}`,
		"two groq box/gx":              `{"pattern":"","max_tokens_field":true}`,
		"two groq g":                   `{"pattern":""}`,
	} {
		f := strings.Fields(model)
		got, err := json.Marshal(inv.Capability(&accounts.Account{Name: f[0], Provider: f[1]}, f[2]))
		if err != nil || string(got) != want {
			t.Errorf("%s:\n got %s, %v\nwant %s", model, got, err, want)
		}
	}
}

func TestCapabilityErrors(t *testing.T) {
	for _, tc := range []struct{ name, src, want string }{
		{"an unknown word", `capability "x" { thinking = "deep" }`, `accounts.hcl:1,29: Wrong value: thinking "deep" is not one of none, budget`},
		{"an unknown effort", `capability "x" { efforts = ["low", "ultra"] }`, `effort "ultra" is not one of`},
		{"no effort", `capability "x" { efforts = [] }`, `efforts must name some of`},
		{"no number", `capability "x" { max_output = "many" }`, `max_output must be a number of tokens, not "many"`},
		{"no limit", `capability "x" { max_output = 0 }`, `max_output must be a number`},
		{"no flag", `capability "x" { no_prefill = 1 }`, `no_prefill must be true or false, not "1"`},
		{"an empty flag", `capability "x" { no_prefill = "" }`, `no_prefill must be true or false, not ""`},
		{"an unknown setting", `capability "x" { no_sleep = true }`, `Unsupported argument`},
	} {
		_, err := DecodeHCL("accounts.hcl", []byte(tc.src))
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: got %v, want %q", tc.name, err, tc.want)
		}
	}
	_, err := Build([]Config{
		{Capabilities: []CapabilityConfig{{Pattern: "x"}, {Pattern: "a b"}, {Pattern: "y", Thinking: "deep"}, {Pattern: "z", Efforts: []string{"ultra"}}, {Pattern: "w", MaxOutput: -1}}},
		{Capabilities: []CapabilityConfig{{Pattern: "x", Pos: "f:1"}}},
	}, nil)
	for _, want := range []string{
		`f:1: capability "x": it is declared twice`, `capability "a b": the pattern is empty or contains a space`,
		`capability "y": thinking "deep" is not one of`, `capability "z": effort "ultra" is not one of`, `capability "w": max_output must not be negative`,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error lacks %q: %v", want, err)
		}
	}
	if err := new(CapabilityConfig).Set("no_samplin"); err == nil || !strings.Contains(err.Error(), `did you mean "no_sampling"`) {
		t.Errorf("a slip of the pen: %v", err)
	}
}
