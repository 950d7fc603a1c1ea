package caddymodule

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/go-json-experiment/json"
)

func TestAccessLogTellsWhatHappened(t *testing.T) {
	path := filepath.Join(t.TempDir(), "access.log")
	base := mustLoad(t, "", `log {
		output file `+path+`
		format ai
	}
	log_append p_model {http.ai.model}
	log_append p_upstream_model {http.ai.upstream_model}
	log_append p_account {http.ai.account}
	log_append p_provider {http.ai.provider}
	log_append p_dialect {http.ai.dialect}
	log_append p_attempts {http.ai.attempts}
	log_append p_cached {http.ai.tokens.cached}
	log_append p_input {http.ai.tokens.input}
	log_append p_output {http.ai.tokens.output}
	ai`)
	res, body := do(t, "POST", base+"/v1/chat/completions?key=secret-one&other=kept",
		`{"model":"some-model","messages":[{"role":"user","content":"Hello"}]}`,
		"X-Api-Key", "secret-two", "X-Goog-Api-Key", "secret-three", "Authorization", "Bearer secret-four")
	if res.StatusCode != 200 {
		t.Fatalf("status = %d %s, want 200", res.StatusCode, body)
	}
	if err := caddy.Stop(); err != nil { // waits for what is being logged
		t.Fatal(err)
	}
	line, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(line), "secret-") || !strings.Contains(string(line), "other=kept") {
		t.Errorf("access log holds a client's key, or lacks the rest of the query: %s", line)
	}
	var entry map[string]any
	if err := json.Unmarshal(line, &entry); err != nil {
		t.Fatalf("%v in %s", err, line)
	}
	for name, want := range map[string]any{
		"p_dialect": "chat", "p_model": "some-model", "p_upstream_model": "some-model", "p_account": "demo",
		"p_provider": "demo", "p_attempts": 1.0, "p_cached": 0.0,
		"ai_dialect": "chat", "ai_operation": "generate", "ai_model": "some-model", "ai_upstream_model": "some-model",
		"ai_account": "demo", "ai_provider": "demo", "ai_attempts": 1.0, "ai_tokens_cached": 0.0,
		"ai_tokens_input": entry["p_input"], "ai_tokens_output": entry["p_output"],
	} {
		if got := entry[name]; got != want {
			t.Errorf("%s = %v, want %v", name, got, want)
		}
	}
	if in, _ := entry["p_input"].(float64); in < 2 {
		t.Errorf("input tokens = %v, want those of the question", entry["p_input"])
	}
	if out, _ := entry["p_output"].(float64); out < 20 {
		t.Errorf("output tokens = %v, want those of the demo's answer", entry["p_output"])
	}
}
