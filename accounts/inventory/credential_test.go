package inventory

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/fairway-gateway/fairway/accounts/credential"
)

func TestCredentialsInHCL(t *testing.T) {
	t.Setenv("OAUTH_ID", "id-of-mine")
	t.Setenv("OAUTH_SECRET", "secret-of-mine")
	t.Setenv("OAUTH_REFRESH", "refresh-of-mine")
	os.Unsetenv("FAIRWAY_TEST_UNSET")
	const src = `
account "gemini-me" {
  provider = "gemini"
  oauth {
    client_id     = env("OAUTH_ID")
    client_secret = env("OAUTH_SECRET")
    refresh_token = env("OAUTH_REFRESH")
  }
}
account "waits" {
  provider = "gemini"
  oauth { client_id = env("OAUTH_ID") }
}
account "unset" {
  provider = "gemini"
  oauth {
    client_id     = env("FAIRWAY_TEST_UNSET")
    client_secret = "x"
  }
}
account "nowhere" {
  provider = "anthropic"
  oauth { client_id = "x" }
}
account "robot" {
  provider = "gemini"
  google { credentials_file = "robot.json" }
}
account "machine" {
  provider = "gemini"
  google { adc = true }
}
account "printed" {
  provider        = "anthropic"
  command         = ["sh", "-c", "echo printed-token"]
  command_ttl     = "1m"
  command_timeout = "9s"
}
account "bearer" {
  provider       = "anthropic"
  command        = ["sh", "-c", "echo printed-token"]
  command_bearer = true
}
account "nothing" {
  provider = "anthropic"
  command  = ["no-such-program-of-fairway"]
}
account "service" {
  provider = "openai"
  oauth {
    client_id     = "x"
    client_secret = env("OAUTH_SECRET")
    token_url     = "https://login.example/token"
    grant         = "client_credentials"
    auth_style    = "basic"
    scopes        = ["a", "b"]
  }
}
accounts = { for n in ["one", "two"] : n => { provider = "gemini", oauth = { client_id = env("OAUTH_ID"), client_secret = env("OAUTH_SECRET"), refresh_token = "r-${env("OAUTH_REFRESH")}-${n}" } } }
`
	path := filepath.Join(t.TempDir(), "accounts.hcl")
	cfg, err := DecodeHCL(path, []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	inv, err := Build([]Config{cfg}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, unusable, header, fingerprint string }{
		{"gemini-me", "", "Authorization", "oauth:"},
		{"waits", "nobody has logged in to it yet; run `caddy ai login waits`", "Authorization", ""},
		{"unset", "environment variable FAIRWAY_TEST_UNSET is not set", "Authorization", ""},
		{"nowhere", "token_url is missing", "Authorization", ""},
		{"robot", "robot.json: no such file", "Authorization", ""},
		{"machine", "", "Authorization", "google:adc"},
		{"printed", "", "X-Api-Key", "command:sh"},
		{"bearer", "", "Authorization", "command:sh"},
		{"nothing", "no-such-program-of-fairway cannot be found", "X-Api-Key", ""},
		{"service", "", "Authorization", "oauth:"},
		{"one", "", "Authorization", "oauth:"},
		{"two", "", "Authorization", "oauth:"},
	} {
		a := inv.Account(tt.name)
		if a.Unusable != tt.unusable && (tt.unusable == "" || !strings.Contains(a.Unusable, tt.unusable)) {
			t.Errorf("%s: unusable %q, want %q", tt.name, a.Unusable, tt.unusable)
		}
		if got := a.Endpoints[0].Auth.Header; got != tt.header {
			t.Errorf("%s: the token travels as %s, want %s", tt.name, got, tt.header)
		}
		if got := a.Credential.Fingerprint(); !strings.HasPrefix(got, tt.fingerprint) || tt.fingerprint == "" && got != "" {
			t.Errorf("%s: fingerprint %q, want %q…", tt.name, got, tt.fingerprint)
		}
	}
	if got, want := token(t, inv, "printed"), "printed-token"; got != want {
		t.Errorf("printed: got %q, want %q", got, want)
	}
	if gem, _ := inv.Provider("gemini"); gem.Endpoints[0].Auth.Header != "X-Goog-Api-Key" {
		t.Errorf("the provider's own scheme has changed to %+v", gem.Endpoints[0].Auth)
	}
	if !inv.HasLogins() {
		t.Error("there are logins")
	}
	// A literal secret is noticed, and none is written anywhere.
	if len(cfg.literals) != 1 || !strings.HasSuffix(cfg.literals[0], ":18") {
		t.Errorf("literals: got %v, want the client_secret of unset", cfg.literals)
	}
	data, err := json.Marshal(cfg)
	if err != nil || strings.Contains(string(data), "of-mine") {
		t.Errorf("encoded: %s, %v", data, err)
	}
}

func TestCredentialsWithPlaceholders(t *testing.T) {
	resolve := func(s string) (string, error) {
		if s == "{env.NONE}" {
			return "", errors.New("environment variable NONE is not set")
		}
		return strings.Trim(s, "{}"), nil
	}
	oauth := &OAuthConfig{ClientID: "{id}", ClientSecret: "{secret}", RefreshToken: "{refresh}"}
	build := func(a AccountConfig, options ...Option) (*Inventory, error) {
		a.Name = "a"
		if a.Provider == "" {
			a.Provider = "gemini"
		}
		return Build([]Config{{Accounts: []AccountConfig{a}}}, resolve, options...)
	}
	inv, err := build(AccountConfig{OAuth: oauth})
	if err != nil || !inv.Account("a").Usable() {
		t.Fatalf("got %v, %v", inv, err)
	}
	// An unchanged credential stays the same object, with its token; a changed one does not.
	again, err := build(AccountConfig{OAuth: oauth, Weight: 2}, WithPrevious(inv))
	if err != nil || again.Account("a").Credential != inv.Account("a").Credential {
		t.Errorf("an unchanged credential was made anew: %v", err)
	}
	changed := *oauth
	changed.RefreshToken = "{another}"
	if again, err = build(AccountConfig{OAuth: &changed}, WithPrevious(inv)); err != nil || again.Account("a").Credential == inv.Account("a").Credential {
		t.Errorf("a changed credential was kept: %v", err)
	}
	unset := *oauth
	unset.ClientSecret = "{env.NONE}"
	if inv, err = build(AccountConfig{OAuth: &unset}); err != nil || inv.Account("a").Unusable != "environment variable NONE is not set" {
		t.Errorf("got %q, %v", inv.Account("a").Unusable, err)
	}
	for _, tt := range []struct {
		account AccountConfig
		want    string
	}{
		{AccountConfig{APIKey: "k", OAuth: oauth}, "more than one credential: api_key, oauth"},
		{AccountConfig{Google: &GoogleConfig{ADC: true}, Command: &CommandConfig{Args: []string{"sh"}}}, "more than one credential: google, command"},
		{AccountConfig{Google: &GoogleConfig{}}, "google needs either credentials_file or adc"},
		{AccountConfig{Google: &GoogleConfig{ADC: true, CredentialsFile: "x"}}, "google needs either credentials_file or adc"},
		{AccountConfig{OAuth: &OAuthConfig{ClientID: "x", AuthStyle: "Basic"}}, `auth_style "Basic" is neither post nor basic`},
		{AccountConfig{OAuth: &OAuthConfig{ClientID: "x", Grant: "password"}}, `grant "password" is neither`},
	} {
		if _, err := build(tt.account); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v", tt.want, err)
		}
	}
}

func TestLoginChanged(t *testing.T) {
	store := new(credential.MemoryStore)
	cfg := Config{Accounts: []AccountConfig{{Name: "a", Provider: "gemini", OAuth: &OAuthConfig{ClientID: "id"}}}}
	inv, err := Build([]Config{cfg}, nil, WithCredentials(credential.Environment{Store: store}))
	if err != nil || inv.Account("a").Usable() || !inv.Demo() {
		t.Fatalf("got %v, %v", inv, err)
	}
	if inv.LoginChanged(t.Context()) {
		t.Error("nobody has logged in")
	}
	g := credential.Grant{ID: "1", Generation: 1, ClientID: "id", TokenURL: "https://oauth2.googleapis.com/token", RefreshToken: "r"}
	if err := store.Save(t.Context(), "a", g); err != nil {
		t.Fatal(err)
	}
	if !inv.LoginChanged(t.Context()) {
		t.Error("somebody has logged in")
	}
	next, err := Build([]Config{cfg}, nil, WithCredentials(credential.Environment{Store: store}), WithPrevious(inv))
	if err != nil || !next.Account("a").Usable() || next.LoginChanged(t.Context()) || next.Account("a").Credential.Same(inv.Account("a").Credential) {
		t.Errorf("after the login: got %v, %v", next.Account("a").Unusable, err)
	}
	if err := inv.NoAccount("quite-another"); fmt.Sprint(err) != `there is no account "quite-another"` {
		t.Errorf("got %v", err)
	}
}
