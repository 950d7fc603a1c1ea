package inventory

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fairway-gateway/fairway/accounts"
	"github.com/go-json-experiment/json"
)

// token returns the key of an account.
func token(t *testing.T, inv *Inventory, name string) string {
	t.Helper()
	a := inv.Account(name)
	if a == nil {
		t.Fatalf("account %q is missing", name)
	}
	key, err := a.Credential.Token(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func buildHCL(t *testing.T, src string) *Inventory {
	t.Helper()
	cfg, err := DecodeHCL(filepath.Join(t.TempDir(), "accounts.hcl"), []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	inv, err := Build([]Config{cfg}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return inv
}

func TestDecodeHCLWhole(t *testing.T) {
	t.Setenv("WORK_KEY", "sk-work-0123456789abcdef")
	dir := t.TempDir()
	t.Setenv("HOME", dir)
	if err := os.WriteFile(filepath.Join(dir, "gem.key"), []byte("AIza-home-key-0123\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	inv := buildHCL(t, `
account "claude-work" {
  provider       = "anthropic"
  api_key        = env("WORK_KEY")
  models         = ["claude-*"]
  weight         = 2
  priority       = 1
  max_concurrent = 4
  rpm            = 60
  tpm            = 400000
  quota_floor    = "10%"
  proxy          = "socks5://127.0.0.1:1080"
  headers        = { "X-Team" = "blue" }
}
account "gem" {
  provider = "gemini"
  api_key  = file("~/gem.key")
}
provider "acme" {
  dialect  = "chat"
  base_url = "https://llm.acme.example/v1/"
  families = ["acme-*"]
  endpoint "messages" { base_url = "https://llm.acme.example/anthropic/v1" }
}
account "acme" {
  provider = "acme"
  api_key  = trimspace(" k-${env("WORK_KEY")} ")
  disabled = true
}
model "fast" {
  targets = ["gemini-3-flash", "claude-work/claude-haiku-5"]
  pool    = "cheap"
}
pool "cheap" {
  accounts = ["gem"]
  policy   = "least_busy"
}
policy = "random"
cooldown "rate_limited" {
  base = "7s"
  max  = "1m"
}
`)
	a := inv.Account("claude-work")
	got := fmt.Sprintf("%s %s %d %d %d %d %d %g %s %v %q %t", a.Provider, a.Models, a.Weight, a.Priority, a.MaxConcurrent, a.RPM, a.TPM, a.QuotaFloor, a.Proxy,
		a.Headers, a.Unusable, a.Disabled)
	want := `anthropic [claude-*] 2 1 4 60 400000 0.1 socks5://127.0.0.1:1080 map[X-Team:[blue]] "" false`
	if got != want {
		t.Errorf("account: got %s, want %s", got, want)
	}
	for name, want := range map[string]string{
		"claude-work": "sk-work-0123456789abcdef", "gem": "AIza-home-key-0123", "acme": "k-sk-work-0123456789abcdef",
	} {
		if got := token(t, inv, name); got != want {
			t.Errorf("key of %s: got %q, want %q", name, got, want)
		}
	}
	acme := inv.Account("acme")
	if got, want := fmt.Sprint(acme.Endpoints), "[{chat https://llm.acme.example/v1 {Authorization Bearer }    } {messages https://llm.acme.example/anthropic {X-Api-Key }    }]"; got != want {
		t.Errorf("endpoints: got %s, want %s", got, want)
	}
	if !acme.Disabled || inv.Demo() {
		t.Errorf("disabled: got %t, demo: got %t", acme.Disabled, inv.Demo())
	}
	pool, ok := inv.Pool("cheap")
	if got, want := fmt.Sprint(pool.Name, pool.Policy, pool.Accounts, pool.Holds(inv.Account("gem")), pool.Holds(a), ok), "cheapleast_busy[gem] true false true"; got != want {
		t.Errorf("pool: got %s, want %s", got, want)
	}
	if all, _ := inv.Pool(""); all.Policy != PolicyRandom {
		t.Errorf("default policy: got %s", all.Policy)
	}
	if got, want := inv.RouteNames(), []string{"fast"}; !slices.Equal(got, want) {
		t.Errorf("routes: got %v, want %v", got, want)
	}
	rule := inv.Cooldowns()[accounts.RateLimited]
	if want := (accounts.Cooldown{Base: 7 * time.Second, Factor: 2, Max: time.Minute}); rule != want {
		t.Errorf("cooldown: got %+v, want %+v", rule, want)
	}
}

func TestDecodeHCLManyAccounts(t *testing.T) {
	t.Setenv("KEYS", "key-one-0123456789,key-two-0123456789")
	inv := buildHCL(t, `
accounts = { for i, key in split(",", env("KEYS")) : "gem-${i + 1}" => { provider = "gemini", api_key = key, rpm = 10 } }
`)
	for name, want := range map[string]string{"gem-1": "key-one-0123456789", "gem-2": "key-two-0123456789"} {
		if got := token(t, inv, name); got != want || inv.Account(name).RPM != 10 {
			t.Errorf("%s: got key %q, rpm %d", name, got, inv.Account(name).RPM)
		}
	}
	t.Setenv("JSON", `{"a":{"key":"json-key-0123456789"}}`)
	inv = buildHCL(t, `accounts = { for name, v in jsondecode(env("JSON")) : name => { provider = "openai", api_key = v.key } }`)
	if got, want := token(t, inv, "a"), "json-key-0123456789"; got != want {
		t.Errorf("jsondecode: got %q, want %q", got, want)
	}
}

func TestDecodeHCLUnusable(t *testing.T) {
	t.Setenv("EMPTY", "")
	os.Unsetenv("FAIRWAY_TEST_UNSET")
	for _, tt := range []struct{ key, want string }{
		{`env("FAIRWAY_TEST_UNSET")`, "environment variable FAIRWAY_TEST_UNSET is not set"},
		{`trimspace(env("FAIRWAY_TEST_UNSET"))`, "environment variable FAIRWAY_TEST_UNSET is not set"},
		{`"x${env("FAIRWAY_TEST_UNSET")}"`, "environment variable FAIRWAY_TEST_UNSET is not set"},
		{`jsondecode(env("FAIRWAY_TEST_UNSET")).key`, "environment variable FAIRWAY_TEST_UNSET is not set"},
		{`split(",", env("FAIRWAY_TEST_UNSET"))[0]`, "environment variable FAIRWAY_TEST_UNSET is not set"},
		{`env("EMPTY")`, "environment variable EMPTY is empty"},
		{`file("/nonexistent/key")`, "file /nonexistent/key cannot be read: no such file or directory"},
		{`file("/dev/zero")`, "file /dev/zero cannot be read: it is not a regular file"},
		{`""`, "api_key is empty"},
		{`"two words here and there"`, "reading API key: it contains a space, a line break or a character that no key has"},
		{`null`, "it has no api_key"},
	} {
		inv := buildHCL(t, `account "a" {
  provider = "anthropic"
  api_key  = `+tt.key+`
}`)
		if got := inv.Account("a").Unusable; got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.key, got, tt.want)
		}
		if !inv.Demo() {
			t.Errorf("%s: the demo account does not stand in", tt.key)
		}
	}
}

func TestDecodeHCLErrors(t *testing.T) {
	os.Unsetenv("FAIRWAY_TEST_UNSET")
	t.Setenv("SECRET", "sk-secret-0123456789")
	for _, tt := range []struct{ name, src, want string }{
		{"syntax", "account \"a\" {\n  provider = \n}", "accounts.hcl:2,"},
		{"misspelt attribute", "account \"a\" {\n  provider = \"openai\"\n  wieght = 2\n}", `Did you mean "weight"`},
		{"misspelt attribute in a map", `accounts = { a = { provder = "openai" } }`, `did you mean "provider"`},
		{"misspelt block", `acount "a" {}`, `Did you mean "account"`},
		{"misspelt function", "account \"a\" {\n  provider = \"openai\"\n  api_key = evn(\"X\")\n}", `Did you mean "env"`},
		{"env elsewhere", "account \"a\" {\n  provider = \"openai\"\n  base_url = env(\"FAIRWAY_TEST_UNSET\")\n}", "accounts.hcl:3,14: Value not available: base_url needs it: environment variable FAIRWAY_TEST_UNSET is not set"},
		{"env as the list", `accounts = { for k in split(",", env("FAIRWAY_TEST_UNSET")) : k => { provider = "openai" } }`, "FAIRWAY_TEST_UNSET is not set"},
		{"oauth", "account \"a\" {\n  provider = \"gemini\"\n  oauth {\n    client_idd = \"x\"\n  }\n}", `accounts.hcl:4,5: Unsupported argument: An argument named "client_idd" is not expected here. Did you mean "client_id"?`},
		{"two oauth", "account \"a\" {\n  provider = \"gemini\"\n  oauth {}\n  oauth {}\n}", `accounts.hcl:4,3: Duplicate block: The block "oauth" stands twice`},
		{"oauth object", `accounts = { a = { provider = "gemini", oauth = { clientid = "x" } } }`, `An argument named "clientid" is not expected in oauth; did you mean "client_id"?`},
		{"oauth text", `accounts = { a = { provider = "gemini", oauth = "x" } }`, `oauth must be an object`},
		{"command text", "account \"a\" {\n  provider = \"gemini\"\n  command = \"pass show\"\n}", `accounts.hcl:3,13: Wrong type: command:`},
		{"no command", "account \"a\" {\n  provider = \"gemini\"\n  command = []\n}", `accounts.hcl:3,13: Invalid command`},
		{"ttl alone", "account \"a\" {\n  provider = \"gemini\"\n  command_ttl = \"1m\"\n}", `accounts.hcl:3,17: Missing command: command_ttl needs command`},
		{"user", `user "alice" { key = "sha256:00" }`, `The block "user" is not supported yet`},
		{"no provider", `account "a" {}`, `Account "a" needs provider`},
		{"weight 0", "account \"a\" {\n  provider = \"openai\"\n  weight = 0\n}", "A weight is at least 1"},
		{"fraction", "account \"a\" {\n  provider = \"openai\"\n  rpm = 1.5\n}", "rpm must be a whole number"},
		{"secret in a number", "account \"a\" {\n  provider = \"openai\"\n  rpm = env(\"SECRET\")\n}", "rpm: a number is required"},
		{"bad duration", "cooldown \"transient\" {\n  base = \"soon\"\n}", "write it like 5s"},
		{"list of accounts", `accounts = ["a"]`, "Invalid accounts"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := DecodeHCL("accounts.hcl", []byte(tt.src))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got %v, want it to contain %q", err, tt.want)
			}
			if strings.Contains(err.Error(), "sk-secret") {
				t.Errorf("the error reveals a value: %v", err)
			}
		})
	}
}

func TestHCLSecretsAreNeverEncoded(t *testing.T) {
	t.Setenv("SECRET", "sk-secret-0123456789")
	cfg, err := DecodeHCL("accounts.hcl", []byte(`account "a" {
  provider = "openai"
  api_key  = env("SECRET")
  proxy    = "http://u:${env("SECRET")}@proxy.example:1"
  headers  = { "X-Token" = env("SECRET") }
}`))
	if err != nil {
		t.Fatal(err)
	}
	inv, err := Build([]Config{cfg}, nil)
	if err != nil {
		t.Fatal(err)
	}
	a := inv.Account("a")
	encodedConfig, _ := json.Marshal(cfg)
	encodedAccount, _ := json.Marshal(a)
	for _, s := range []string{string(encodedConfig), string(encodedAccount), fmt.Sprintf("%v %+v %#v", a, a, a),
		fmt.Sprintf("%v %+v %#v", a.Credential, a.Credential, a.Credential)} {
		if strings.Contains(s, "sk-secret") {
			t.Errorf("a secret is shown: %s", s)
		}
	}
	if a.Headers.Get("X-Token") != "sk-secret-0123456789" || !strings.Contains(a.Proxy, "sk-secret") {
		t.Error("header and proxy did not get their values")
	}
}

func FuzzDecodeHCL(f *testing.F) {
	f.Add(`account "a" { provider = "openai" }`)
	f.Add(`accounts = { for i, k in split(",", env("HOME")) : "a${i}" => { provider = "gemini", api_key = k, models = ["*"] } }`)
	f.Add("model \"x\" { targets = [\"a/b\", null] }\npool \"p\" { accounts = [env(\"NOPE\")] }\ncooldown \"transient\" { factor = 1e400 }")
	f.Add(`accounts = { a = { provider = "openai", weight = -1e30, headers = { a = null } } }`)
	f.Add(`account "a" { api_key = jsondecode("[1,{}]")[1].x }`)
	f.Fuzz(func(t *testing.T, src string) {
		if strings.Contains(src, "file") {
			return // reads nothing but what the test gave it
		}
		cfg, err := DecodeHCL("accounts.hcl", []byte(src))
		if err != nil {
			return
		}
		if inv, err := Build([]Config{cfg}, nil); err == nil {
			for _, r := range cfg.Routes {
				if targets, err := inv.Resolve(r.Pattern, nil); err == nil && len(targets[0].Accounts) == 0 {
					t.Error("a target without accounts")
				}
			}
		}
	})
}
