package caddymodule

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/go-json-experiment/json"
	"github.com/spf13/cobra"

	"github.com/fairway-gateway/fairway/accounts/pool"
)

const adminKey = "sk-admin-canary-0123456789"

// withAdmin runs a gateway of two accounts with an admin endpoint on a socket: the first limits, the second answers. It
// returns the gateway's base URL and the admin endpoint's address.
func withAdmin(t *testing.T) (base, admin string) {
	t.Helper()
	limits := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Retry-After", "60")
		w.WriteHeader(http.StatusTooManyRequests)
		w.Write([]byte(`{"error":{"message":"slow down","type":"rate_limit_error","code":"rate_limit_exceeded"}}`))
	}))
	t.Cleanup(limits.Close)
	answers := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Ratelimit-Limit-Requests", "100")
		w.Header().Set("X-Ratelimit-Remaining-Requests", "42")
		w.Header().Set("X-Ratelimit-Reset-Requests", "1h")
		w.Write([]byte(`{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"finish_reason":"stop",` +
			`"message":{"role":"assistant","content":"hello"}}]}`))
	}))
	t.Cleanup(answers.Close)
	dir, err := os.MkdirTemp("", "fw") // t.TempDir may be too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket := "unix/" + filepath.Join(dir, "admin.sock")
	base = mustLoadWith(t, "admin "+socket, fmt.Sprintf(`
		account one vllm %s {
			base_url %s/v1
			models m
		}
		account two vllm %s {
			base_url %s/v1
			models m
		}
		policy fill_first`, adminKey, limits.URL, adminKey, answers.URL), "ai")
	return base, socket
}

// ai runs a command below `caddy ai` and returns what it writes.
func ai(t *testing.T, admin string, args ...string) (string, error) {
	t.Helper()
	root := &cobra.Command{Use: "ai", SilenceErrors: true}
	root.AddCommand(subcommands()...)
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetErr(&out)
	root.SetArgs(append(args, "--address", admin))
	err := root.ExecuteContext(t.Context())
	if strings.Contains(out.String(), adminKey) {
		t.Errorf("%v tells a key: %s", args, out.String())
	}
	return out.String(), err
}

func mustAI(t *testing.T, admin string, args ...string) string {
	t.Helper()
	out, err := ai(t, admin, args...)
	if err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	return out
}

// match reports whether text fits a pattern, in which spaces stand for any run of spaces.
func match(t *testing.T, text, pattern string) {
	t.Helper()
	if !regexp.MustCompile(strings.ReplaceAll(pattern, " ", ` +`)).MatchString(text) {
		t.Errorf("no %q in\n%s", pattern, text)
	}
}

func TestAdminCommands(t *testing.T) {
	base, admin := withAdmin(t)
	match(t, mustAI(t, admin, "route", "m"), `^m → one/m: first in order`)
	match(t, mustAI(t, admin, "trails"), `no exchanges yet`)
	res, _ := do(t, "POST", base+"/v1/chat/completions", `{"model":"m","messages":[{"role":"user","content":"hi"}]}`)
	if res.StatusCode != 200 {
		t.Fatalf("status %d", res.StatusCode)
	}
	route := mustAI(t, admin, "route", "m")
	match(t, route, `^m → two/m: the only one available`)
	match(t, route, `✗ one vllm rate-limited by the provider until \d\d:\d\d:\d\d`)
	match(t, route, `→ two vllm the only one available`)
	var plan pool.Plan
	if err := json.Unmarshal([]byte(mustAI(t, admin, "route", "m", "--json")), &plan); err != nil || plan.Account != "two" || len(plan.Targets) != 1 {
		t.Errorf("got %+v, %v", plan, err)
	}
	match(t, mustAI(t, admin, "route", "m", "--account", "one"), `^m: no account can serve this request now: one: rate-limited by the provider until`)

	accounts := mustAI(t, admin, "accounts")
	match(t, accounts, `one vllm sk-…6789 0 – rate limited \(m\) until \d\d:\d\d:\d\d: HTTP 429 rate_limit_exceeded`)
	match(t, accounts, `two vllm sk-…6789 0 \S+( ms)? ok`)
	match(t, accounts, `requests of m: 42 of 100 left until`)

	trails := mustAI(t, admin, "trails")
	match(t, trails, `✗ one/m \(rate_limited: HTTP 429 rate_limit_exceeded.*; first in order\)`)
	match(t, trails, `→ two/m \(ok`)
	id := res.Header.Get("X-Request-Id")
	match(t, mustAI(t, admin, "trails", id), id)
	if _, err := ai(t, admin, "trails", "req_nothing"); err == nil || !strings.Contains(err.Error(), "does not remember it") {
		t.Errorf("got %v", err)
	}
	match(t, mustAI(t, admin, "status"), `(?s)ACCOUNT.*two vllm.*→ two/m`)

	match(t, mustAI(t, admin, "account", "disable", "two"), `two vllm .* switched off`)
	res, _ = do(t, "POST", base+"/v1/chat/completions", `{"model":"m","messages":[]}`)
	if res.StatusCode != 429 {
		t.Errorf("without an account: status %d, want 429", res.StatusCode)
	}
	match(t, mustAI(t, admin, "account", "drain", "two"), `two vllm .* being drained`)
	match(t, mustAI(t, admin, "account", "enable", "two"), `two vllm .* ok`)
	res, _ = do(t, "POST", base+"/v1/chat/completions", `{"model":"m","messages":[]}`)
	if res.StatusCode != 200 {
		t.Errorf("enabled again: status %d", res.StatusCode)
	}
	for want, args := range map[string][]string{
		`there is no account \"three\"`:  {"account", "disable", "three"},
		`model \"nope\" is not served`:   {"route", "nope"},
		"there is no pool p":             {"route", "m", "--pool", "p"},
		"n must be a whole number of at": {"trails", "-n", "-3"},
		`accepts 1 arg(s), received 0`:   {"route"},
		`unknown flag: --frobnicate`:     {"accounts", "--frobnicate"},
	} {
		if out, err := ai(t, admin, args...); err == nil || !strings.Contains(strings.ReplaceAll(err.Error(), `\\"`, `\"`), want) {
			t.Errorf("%v: got %v, want %s\n%s", args, err, want, out)
		}
	}
}

func TestAdminCommandsWithoutGateway(t *testing.T) {
	dir := t.TempDir()
	if _, err := ai(t, "unix/"+filepath.Join(dir, "none.sock"), "accounts"); err == nil || !strings.Contains(err.Error(), "nothing answers at") {
		t.Errorf("got %v", err)
	}
	file := filepath.Join(dir, "off.caddyfile")
	if err := os.WriteFile(file, []byte("{\n\tadmin off\n}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ai(t, "", "route", "m", "--config", file, "--adapter", "caddyfile"); err == nil || !strings.Contains(err.Error(), "turns Caddy's admin endpoint off") {
		t.Errorf("got %v", err)
	}
}

func TestAdminAPI(t *testing.T) {
	caddy.Stop()
	handlers := make(map[string]caddy.AdminHandler)
	for _, r := range (adminAPI{}).Routes() {
		handlers[r.Pattern] = r.Handler
	}
	try := func(method, pattern, target, body, contentType string) (int, string) {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(method, target, strings.NewReader(body))
		r.Header.Set("Content-Type", contentType)
		if err := handlers[pattern].ServeHTTP(w, r); err != nil {
			return err.(caddy.APIError).HTTPStatus, err.Error()
		}
		return w.Code, w.Body.String()
	}
	if code, text := try("GET", "/ai/accounts", "/ai/accounts", "", ""); code != 503 || !strings.Contains(text, "no ai gateway") {
		t.Errorf("without a gateway: got %d %s", code, text)
	}
	withAdmin(t)
	for _, tc := range []struct {
		method, pattern, target, body, contentType string
		want                                       int
	}{
		{"GET", "/ai/accounts", "/ai/accounts", "", "", 200},
		{"POST", "/ai/accounts", "/ai/accounts", "", "", 405},
		{"GET", "/ai/accounts/", "/ai/accounts/one", "", "", 405},
		{"POST", "/ai/accounts/", "/ai/accounts/one", `{"switch":"off"}`, "text/plain", 415},
		{"POST", "/ai/accounts/", "/ai/accounts/one", `{"switch":"gone"}`, "application/json", 400},
		{"POST", "/ai/accounts/", "/ai/accounts/one", `{}`, "application/json", 400},
		{"POST", "/ai/accounts/", "/ai/accounts/one", `{"switch":"on","api_key":"x"}`, "application/json", 400},
		{"POST", "/ai/accounts/", "/ai/accounts/none", `{"switch":"on"}`, "application/json", 404},
		{"POST", "/ai/accounts/", "/ai/accounts/one", `{"switch":"draining"}`, "application/json", 200},
		{"DELETE", "/ai/route", "/ai/route?model=m", "", "", 405},
		{"GET", "/ai/route", "/ai/route", "", "", 400},
		{"GET", "/ai/route", "/ai/route?model=m", "", "", 200},
		{"GET", "/ai/route", "/ai/route?model=nope", "", "", 404},
		{"GET", "/ai/trails", "/ai/trails?n=x", "", "", 400},
		{"GET", "/ai/trails", "/ai/trails", "", "", 200},
	} {
		code, text := try(tc.method, tc.pattern, tc.target, tc.body, tc.contentType)
		if code != tc.want || strings.Contains(text, adminKey) {
			t.Errorf("%s %s %s: got %d %s, want %d", tc.method, tc.target, tc.body, code, text, tc.want)
		}
	}
}

// lastPolicy is a selection policy of a guest's own.
type lastPolicy struct {
	Word string `json:"word,omitempty"`
}

func init() { caddy.RegisterModule(new(lastPolicy)) }

func (*lastPolicy) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "ai.policies.test_last", New: func() caddy.Module { return new(lastPolicy) }}
}

func (p *lastPolicy) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next()
	for d.NextBlock(0) {
		if d.Val() != "word" || !d.AllArgs(&p.Word) {
			return d.ArgErr()
		}
	}
	return nil
}

func (p *lastPolicy) Choose(c *pool.Candidates) pool.Choice {
	return pool.Choice{Index: c.Len() - 1, Why: "the last one" + p.Word}
}

func TestGuestPolicy(t *testing.T) {
	const answers = "account a vllm k {\nbase_url http://127.0.0.1:1\nmodels m\n}\naccount b vllm k {\nbase_url http://127.0.0.1:1\nmodels m\n}\n"
	for settings, want := range map[string]string{
		"policy test_last {\nword !\n}": "b the last one!",
		"policy fill_first":             "a first in order",
		"pool p {\naccounts a b\npolicy test_last\n}\nmodel x m {\npool p\n}": "b the last one",
	} {
		mustLoad(t, answers+settings, "ai")
		engine, release, err := runningEngine()
		if err != nil {
			t.Fatal(err)
		}
		model := "m"
		if strings.Contains(settings, "model x") {
			model = "x"
		}
		plan, err := explain(engine, httptest.NewRequest("GET", "/ai/route?model="+model, nil))
		release()
		if err != nil {
			t.Fatal(err)
		}
		if p := plan.(pool.Plan); p.Account+" "+p.Why != want {
			t.Errorf("%s: got %s %s, want %s", settings, p.Account, p.Why, want)
		}
	}
	if _, err := load(t, answers+"policy fill_first {\nword x\n}", "ai"); err == nil || !strings.Contains(err.Error(), "policy fill_first has no settings") {
		t.Errorf("got %v", err)
	}
	if _, err := load(t, answers+"policy tset_last", "ai"); err == nil || !strings.Contains(err.Error(), `did you mean "test_last"?`) {
		t.Errorf("got %v", err)
	}
}
