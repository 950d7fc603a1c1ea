package caddymodule

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestResolve(t *testing.T) {
	dir := t.TempDir()
	key, empty := filepath.Join(dir, "key"), filepath.Join(dir, "empty")
	for path, content := range map[string]string{key: "from-file\n", empty: ""} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("FAIRWAY_TEST_SET", "from-env")
	t.Setenv("FAIRWAY_TEST_EMPTY", "")
	for _, tc := range []struct{ value, want, fault string }{
		{"literal", "literal", ""},
		{"{env.FAIRWAY_TEST_SET}", "from-env", ""},
		{"a-{env.FAIRWAY_TEST_SET}-z", "a-from-env-z", ""},
		{"{file." + key + "}", "from-file", ""},
		{"{env.FAIRWAY_TEST_UNSET}", "", "environment variable FAIRWAY_TEST_UNSET is not set"},
		{"{env.FAIRWAY_TEST_EMPTY}", "", "environment variable FAIRWAY_TEST_EMPTY is empty"},
		{"{file." + empty + "}", "", "is empty"},
		{"{file." + dir + "/none}", "", "cannot be read"},
		{"{http.request.uri}", "", "placeholder {http.request.uri} is unknown here"},
	} {
		got, err := resolve(tc.value)
		fault := ""
		if err != nil {
			fault = err.Error()
		}
		if got != tc.want || tc.fault == "" && err != nil || !strings.Contains(fault, tc.fault) {
			t.Errorf("resolve(%q) = %q, %q; want %q, %q", tc.value, got, fault, tc.want, tc.fault)
		}
	}
}

func TestSpelledOut(t *testing.T) {
	for key, want := range map[string]bool{testKey: true, "{env.X}": false, "{file./run/secrets/anthropic}": false, "ollama": false, "": false} {
		if got := spelledOut(key); got != want {
			t.Errorf("spelledOut(%q) = %t, want %t", key, got, want)
		}
	}
}
