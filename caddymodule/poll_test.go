package caddymodule

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
)

// appWithFile provisions and starts an app with one accounts file, without servers.
func appWithFile(t *testing.T, content string) (app *App, write func(string), log *syncBuffer) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "accounts.hcl")
	var when time.Time
	write = func(content string) {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		when = when.Add(time.Hour) // whatever the file system's clock can resolve
		if err := os.Chtimes(path, when, when); err != nil {
			t.Fatal(err)
		}
	}
	write(content)
	ctx, cancel := caddy.NewContext(caddy.Context{Context: t.Context()})
	t.Cleanup(cancel)
	app = &App{AccountsFiles: []string{path}}
	if err := app.Provision(ctx); err != nil {
		t.Fatal(err)
	}
	log = new(syncBuffer)
	live := newLiveHandler()
	live.target.Store(&liveTarget{slog.NewTextHandler(log, nil)})
	app.log = live.logger()
	if err := app.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := app.Stop(); err != nil {
			t.Error(err)
		}
		if err := app.Cleanup(); err != nil {
			t.Error(err)
		}
	})
	return app, write, log
}

type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func (a *App) names() string {
	a.shared.mu.Lock()
	defer a.shared.mu.Unlock()
	var names []string
	for _, account := range a.tenant.inventory.Accounts() {
		names = append(names, account.Name)
	}
	return strings.Join(names, " ")
}

func server(name string) string {
	return fmt.Sprintf("account %q {\n  provider = \"ollama\"\n}\n", name)
}

func TestAccountsFileIsFollowed(t *testing.T) {
	app, write, log := appWithFile(t, server("one"))
	if got, want := app.names(), "one"; got != want {
		t.Fatalf("accounts = %s, want %s", got, want)
	}
	if got, want := log.String(), "account is usable\" account=one provider=ollama"; !strings.Contains(got, want) {
		t.Errorf("log at start = %s, want %q", got, want)
	}

	write(server("one") + server("two"))
	app.poll()
	if got, want := app.names(), "one two"; got != want {
		t.Errorf("accounts after a change = %s, want %s", got, want)
	}

	write(`account "three" { provider = "ollama", wieght = 2 }`)
	app.poll()
	if got, want := app.names(), "one two"; got != want {
		t.Errorf("accounts after a broken file = %s, want %s as before", got, want)
	}
	if got := log.String(); !strings.Contains(got, "accounts file is broken") || !strings.Contains(got, "accounts.hcl:1") {
		t.Errorf("log = %s, want the place of the error", got)
	}
	before := log.String()
	app.poll()
	if got := strings.TrimPrefix(log.String(), before); got != "" {
		t.Errorf("the same error was logged again: %s", got)
	}

	write(server("one") + "model \"x\" {\n  targets = [\"nobody/x\"]\n}\n" + "pool \"p\" {\n  accounts = [\"nobody\"]\n}\n")
	app.poll()
	if got, want := app.names(), "one two"; got != want {
		t.Errorf("accounts after a file that does not fit = %s, want %s as before", got, want)
	}
	if got := log.String(); !strings.Contains(got, "do not fit together") || !strings.Contains(got, "nobody") {
		t.Errorf("log = %s, want what does not fit", got)
	}

	write(server("four"))
	app.poll()
	if got, want := app.names(), "four"; got != want {
		t.Errorf("accounts after the repair = %s, want %s", got, want)
	}
}

func TestBrokenAccountsFileIsAnErrorAtStart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "accounts.hcl")
	if err := os.WriteFile(path, []byte("account {"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct{ path, want string }{
		"broken":  {path, "accounts.hcl:1"},
		"missing": {path + "x", "reading accounts file"},
		"unset":   {"{env.FAIRWAY_TEST_UNSET}/accounts.hcl", "environment variable FAIRWAY_TEST_UNSET is not set"},
	} {
		_, err := load(t, "accounts "+tc.path, "ai")
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s file: error = %v, want %q", name, err, tc.want)
		}
	}
}

func TestStartSaysWhatIsUsable(t *testing.T) {
	t.Setenv("FAIRWAY_TEST_KEY", testKey)
	_, _, log := appWithFile(t, `
account "good"  { 
  provider = "anthropic"
  api_key = env("FAIRWAY_TEST_KEY")
}
account "unset" { 
  provider = "openai"
  api_key = env("FAIRWAY_TEST_UNSET")
}
account "off" { 
  provider = "ollama"
  disabled = true
}
`)
	got := log.String()
	for _, want := range []string{`account=good provider=anthropic credential=sk-…cdef`, `account=unset provider=openai reason=`,
		"FAIRWAY_TEST_UNSET", `"account is disabled" account=off`} {
		if !strings.Contains(got, want) {
			t.Errorf("log = %s, want %q", got, want)
		}
	}
	if strings.Contains(got, testKey) || strings.Contains(got, "demo") {
		t.Errorf("log = %s, want no key and no demo account", got)
	}
}

func TestStartTellsOfTheDemoAccount(t *testing.T) {
	_, _, log := appWithFile(t, "")
	if got, want := log.String(), "no account is usable, so the built-in demo account answers"; !strings.Contains(got, want) {
		t.Errorf("log = %s, want %q", got, want)
	}
}
