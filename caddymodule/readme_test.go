package caddymodule

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/fairway-gateway/fairway/accounts/inventory"
)

// TestReadme checks that what the README shows can be used as it stands.
func TestReadme(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, m := range regexp.MustCompile("(?s)```(caddyfile|hcl)\n(.*?)```").FindAllStringSubmatch(string(readme), -1) {
		language, code := m[1], m[2]
		seen[language]++
		switch language {
		case "hcl":
			if _, err := inventory.DecodeHCL("README.md", []byte(secretFiles.Replace(code))); err != nil {
				t.Errorf("%v in\n%s", err, code)
			}
		case "caddyfile":
			if _, err := adapt(t, code); err != nil {
				t.Errorf("%v in\n%s", err, code)
			}
			if got := string(caddyfile.Format([]byte(code))); got != code {
				t.Errorf("caddy fmt makes of\n%s\nthis:\n%s", code, got)
			}
		}
	}
	if seen["caddyfile"] < 3 || seen["hcl"] < 1 {
		t.Errorf("the README shows %v, want at least 3 Caddyfiles and an accounts file", seen)
	}
}

// secretFiles puts texts in place of the secrets that the README's accounts file reads.
var secretFiles = strings.NewReplacer(`file("~/.secrets/gemini")`, `"one"`, `file("~/.secrets/groq")`, `"one\ntwo"`)
