package caddymodule

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/accounts/credential"
)

// runAI runs `caddy ai …` with what is typed, and returns what it printed.
func runAI(t *testing.T, in io.Reader, out io.Writer, args ...string) error {
	t.Helper()
	cmd := loginCommand()
	cmd.SetArgs(args)
	cmd.SetIn(in)
	cmd.SetOut(out)
	cmd.SetErr(out)
	cmd.SilenceUsage = true
	return cmd.ExecuteContext(t.Context())
}

// owner is a terminal whose owner agrees: it types the address on which the browser ends after the page that was printed.
type owner struct {
	bytes.Buffer
	typed *io.PipeWriter
	asked url.Values
}

func (o *owner) Write(p []byte) (int, error) {
	for line := range strings.Lines(string(p)) {
		if page, err := url.Parse(strings.TrimSpace(line)); err == nil && page.Query().Has("redirect_uri") {
			o.asked = page.Query()
			answer := url.Values{"state": {page.Query().Get("state")}, "code": {"c"}}
			go fmt.Fprintln(o.typed, page.Query().Get("redirect_uri")+"?"+answer.Encode())
		}
	}
	return o.Buffer.Write(p)
}

func TestLoginCommand(t *testing.T) {
	for _, name := range []string{"DISPLAY", "WAYLAND_DISPLAY", credential.SecretKeyVariable, "CREDENTIALS_DIRECTORY"} {
		t.Setenv(name, "")
	}
	t.Setenv("XDG_DATA_HOME", t.TempDir())
	t.Setenv("LOGIN_TEST_SECRET", "secret-of-client")
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.FormValue("client_secret") != "secret-of-client" || r.FormValue("code") != "c" {
			w.WriteHeader(http.StatusBadRequest)
			io.WriteString(w, `{"error":"invalid_grant"}`)
			return
		}
		io.WriteString(w, `{"access_token":"access-of-mine","refresh_token":"refresh-of-mine","expires_in":3600}`)
	}))
	defer endpoint.Close()
	dir := t.TempDir()
	accounts := filepath.Join(dir, "accounts.hcl")
	hcl := fmt.Sprintf("account \"mine\" {\n  provider = \"gemini\"\n  oauth {\n    client_id     = \"id\"\n    client_secret = env(\"LOGIN_TEST_SECRET\")\n"+
		"    auth_url      = \"https://login.example/auth\"\n    token_url     = %q\n    scopes        = [\"x\"]\n  }\n}\n", endpoint.URL)
	caddyfile := filepath.Join(dir, "Caddyfile")
	for path, text := range map[string]string{
		accounts:  hcl,
		caddyfile: "{\n\tai {\n\t\taccount keyed openai 0123456789abcdef\n\t\taccount unset gemini {\n\t\t\toauth {\n\t\t\t\tclient_id {env.LOGIN_TEST_UNSET}\n\t\t\t}\n\t\t}\n\t\taccounts " + accounts + "\n\t}\n}\n",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{
		"mien":  `there is no account "mien"; did you mean "mine"?`,
		"keyed": "the account has no oauth block",
		"unset": "environment variable LOGIN_TEST_UNSET is not set",
	} {
		if err := runAI(t, nil, io.Discard, name, "--config", caddyfile); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", name, err, want)
		}
	}

	app, _, log := appWithFile(t, hcl)
	if got := app.names(); got != "mine demo" {
		t.Errorf("before the login: accounts %s, want the demo beside mine", got)
	}
	in, typed := io.Pipe()
	terminal := &owner{typed: typed}
	if err := runAI(t, in, terminal, "mine", "--config", caddyfile); err != nil {
		t.Fatalf("%v\n%s", err, terminal)
	}
	if !strings.Contains(terminal.String(), "Logged in to mine.") || terminal.asked.Get("scope") != "x" || terminal.asked.Get("code_challenge_method") != "S256" {
		t.Errorf("printed %s, asked %v", terminal, terminal.asked)
	}
	app.poll()
	if got := app.names(); got != "mine" {
		t.Errorf("after the login: accounts %s, want mine alone", got)
	}
	account := app.shared.inventory().Account("mine")
	if got, err := account.Credential.Token(t.Context()); err != nil || got != "access-of-mine" {
		t.Errorf("token: got %q, %v", got, err)
	}
	if shown := terminal.String() + log.String(); strings.Contains(shown, "of-mine") || strings.Contains(shown, "secret-of") {
		t.Errorf("a secret is shown: %s", shown)
	}
}
