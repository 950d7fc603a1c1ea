package caddymodule

import (
	"os"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
)

// TestExample does in process what `caddy fmt --diff`, `caddy adapt` and `caddy validate` do.
func TestExample(t *testing.T) {
	const path = "../Caddyfile.example"
	source, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(caddyfile.Format(source)), string(source); got != want {
		t.Errorf("caddy fmt would change %s to:\n%s", path, got)
	}
	data, warnings, err := caddyconfig.GetAdapter("caddyfile").Adapt(source, map[string]any{"filename": path})
	if err != nil || len(warnings) > 0 {
		t.Fatalf("adapting: error %v, warnings %v", err, warnings)
	}
	var cfg *caddy.Config
	if err := caddy.StrictUnmarshalJSON(data, &cfg); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY"} {
		t.Setenv(key, "") // as on a machine where nothing has been set up
	}
	if err := caddy.Validate(cfg); err != nil {
		t.Errorf("validating: %v", err)
	}
}
