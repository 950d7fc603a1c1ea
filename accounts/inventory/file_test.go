package inventory

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// write puts text into a file with a modification time of its own, as clocks of file systems are coarse.
func write(t *testing.T, path, text string, mode os.FileMode, minute int) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 1, 1, 0, minute, 0, 0, time.UTC)
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
}

func names(cfg Config) string {
	var out []string
	for _, a := range cfg.Accounts {
		out = append(out, a.Name)
	}
	return strings.Join(out, " ")
}

func TestFilePoll(t *testing.T) {
	dir := t.TempDir()
	path, key := filepath.Join(dir, "accounts.hcl"), filepath.Join(dir, "key")
	account := func(name string) string {
		return `account "` + name + "\" {\n provider = \"openai\"\n api_key = file(\"key\")\n}\n"
	}
	write(t, key, "key-0123456789", 0o600, 0)
	write(t, path, account("a"), 0o644, 0)
	f := NewFile(path)
	poll := func(step, wantNames string, wantChanged bool, wantErr string) {
		t.Helper()
		cfg, changed, err := f.Poll()
		got := ""
		if err != nil {
			got = err.Error()
		}
		if names(cfg) != wantNames || changed != wantChanged || (wantErr == "") != (err == nil) || !strings.Contains(got, wantErr) {
			t.Errorf("%s: got %q, changed %t, error %v; want %q, %t, %q", step, names(cfg), changed, err, wantNames, wantChanged, wantErr)
		}
	}
	poll("first", "a", true, "")
	poll("untouched", "a", false, "")
	write(t, path, account("a"), 0o644, 1)
	poll("touched, same content", "a", false, "")
	write(t, path, account("b"), 0o644, 2)
	poll("changed", "b", true, "")
	write(t, key, "key-9876543210", 0o600, 3)
	poll("a file that it reads changed", "b", true, "")
	write(t, path, "account {", 0o644, 4)
	poll("broken", "b", false, "accounts.hcl:1")
	poll("still broken is told once", "b", false, "")
	write(t, path, account("c")+account("d"), 0o644, 5)
	poll("mended", "c d", true, "")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	poll("removed", "c d", false, "no such file")
	if got := names(f.Config()); got != "c d" {
		t.Errorf("last good: got %q", got)
	}
}

func TestFileWithLiteralSecret(t *testing.T) {
	path := filepath.Join(t.TempDir(), "accounts.hcl")
	literal := "account \"a\" {\n  provider = \"openai\"\n  api_key = \"sk-literal-0123456789\"\n}\n"
	for _, tt := range []struct {
		src    string
		mode   os.FileMode
		refuse bool
	}{
		{literal, 0o600, false},
		{literal, 0o400, false},
		{literal, 0o640, true},
		{literal, 0o604, true},
		{"account \"a\" {\n  provider = \"openai\"\n  api_key = env(\"X\")\n}\n", 0o644, false},
		{"account \"a\" {\n  provider = \"ollama\"\n  proxy = \"http://u:pw@127.0.0.1:1\"\n}\n", 0o644, true},
	} {
		if err := os.RemoveAll(path); err != nil {
			t.Fatal(err)
		}
		write(t, path, tt.src, tt.mode, 0)
		_, err := NewFile(path).Load()
		if (err != nil) != tt.refuse {
			t.Errorf("mode %o: got %v, want refused %t", tt.mode, err, tt.refuse)
		}
		if err != nil && (!strings.Contains(err.Error(), "chmod 600") || strings.Contains(err.Error(), "sk-literal") || strings.Contains(err.Error(), "pw@")) {
			t.Errorf("mode %o: got %v", tt.mode, err)
		}
	}
	// A chmod is enough to mend it, although neither content nor time changes.
	write(t, path, literal, 0o644, 0)
	f := NewFile(path)
	if _, err := f.Load(); err == nil {
		t.Fatal("a readable secret was accepted")
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if cfg, changed, err := f.Poll(); err != nil || !changed || names(cfg) != "a" {
		t.Errorf("after chmod: got %q, %t, %v", names(cfg), changed, err)
	}
}
