package inventory

import (
	stdjson "encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/accounts"
	"github.com/go-json-experiment/json"
)

const testKey = "sk-test-0123456789abcdef"

// build makes an inventory of accounts that are usable.
func build(t *testing.T, cfg Config) *Inventory {
	t.Helper()
	for i := range cfg.Accounts {
		if cfg.Accounts[i].APIKey == "" {
			cfg.Accounts[i].APIKey = testKey
		}
	}
	inv, err := Build([]Config{cfg}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return inv
}

func TestBuildProblemsAreJoined(t *testing.T) {
	_, err := Build([]Config{{
		Accounts: []AccountConfig{
			{Name: "a", Provider: "openai", Pos: "Caddyfile:3"},
			{Name: "a", Provider: "openai", Pos: "Caddyfile:4"},
			{Name: "b", Provider: "antropic"},
			{Name: "c", Provider: "openai", Dialect: "chta"},
			{Name: "d", Provider: "openai", BaseURL: "ftp://x"},
			{Name: "e", Provider: "openai", Weight: -1, RPM: -1, TPM: -1, MaxConcurrent: -1},
			{Name: "f/g", Provider: "openai"},
			{Name: "h%d", Provider: "anthropic", Dialect: "gemini"},
			{Name: "i", Provider: "openai", Proxy: "gopher://x"},
			{Name: "j", Provider: "openai", Headers: map[string]string{"Authorization": "x"}},
			{Name: "k", Provider: "openai", Headers: map[string]string{"X-A": "a\nb"}},
			{Name: "l"},
			{Name: "u", Provider: "openai", BaseURL: "https://user:hunter2@x/v1"},
		},
		Providers: []ProviderConfig{
			{Name: "p"}, {Name: "q", Dialect: "chat"}, {Name: "r", Dialect: "chat", BaseURL: "https://r/v1"},
			{Name: "r", Dialect: "chat", BaseURL: "https://r/v1"},
		},
		Routes: []RouteConfig{
			{Pattern: "x"}, {Pattern: "y", Targets: []string{"gpt-*"}}, {Pattern: "z", Targets: []string{"aa/gpt-5"}},
			{Pattern: "v", Targets: []string{"gemini/gemini-3"}}, {Pattern: "v", Targets: []string{"a/gpt-5"}},
		},
		Pools: []PoolConfig{{Name: "p", Accounts: []string{"aa", "a", "a"}}, {Name: "q"}, {Name: "r", Accounts: []string{"a"}, Policy: "stiky"},
			{Name: "s", Accounts: []string{"a"}, Policy: "round-robin"}},
		Policy:    "sticky",
		Cooldowns: map[string]CooldownConfig{"rate_limit": {}, "ok": {}, "transient": {Scope: "world"}, "overloaded": {Factor: 0.5}},
	}, {Policy: "random"}}, nil)
	if err == nil {
		t.Fatal("no error")
	}
	got := err.Error()
	for _, want := range []string{
		`Caddyfile:4: account "a": it is declared twice`,
		`account "b": there is no provider "antropic"; did you mean "anthropic"? (known: anthropic, azure, bedrock,`,
		`account "c": there is no dialect "chta"; did you mean "chat"?`,
		`account "d": checking base_url: scheme "ftp" is not http or https`,
		`account "e": weight must not be negative`, `account "e": rpm must not be negative`,
		`account "e": tpm must not be negative`, `account "e": max_concurrent must not be negative`,
		`account "f/g": a name must not contain a slash`,
		`account "h%d": provider anthropic has no gemini endpoint; give the base_url of one`,
		`account "i": proxy must be a URL`,
		`account "j": header "Authorization" carries the credential; use api_key`,
		`account "k": header "X-A": its value contains a control character`,
		`account "l": it names no provider`,
		`account "u": checking base_url: it must not contain a user or password`,
		`provider "p": it needs a dialect`, `provider "q": it needs a base_url`, `provider "r": it is declared twice`,
		`model "x": it names no target`, `model "y": target "gpt-*" must name one model`,
		`model "z": target "aa/gpt-5": there is no account or provider "aa"; did you mean "a"`,
		`model "v": target "gemini/gemini-3": there is no account of provider "gemini"`,
		`model "v": it is declared twice`,
		`pool "p": there is no account "aa"; did you mean "a"`, `pool "p": account "a" is named twice`, `pool "q": it names no accounts`,
		`pool "r": there is no policy "stiky"; did you mean "sticky"?`, `pool "s": there is no policy "round-robin"; did you mean "round_robin"?`,
		`policy: both "sticky" and "random" are set as the default`,
		`cooldown "rate_limit": there is no such outcome; did you mean "rate_limited"?`,
		`cooldown "ok": this outcome never cools an account`, `cooldown "transient": scope "world" is neither account nor model`,
		`cooldown "overloaded": base and max must not be negative, and factor must be at least 1`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("missing %s", want)
		}
	}
	if strings.Contains(got, "hunter2") {
		t.Error("the error reveals a password")
	}
	if t.Failed() {
		t.Log(got)
	}
}

func TestBuildResolver(t *testing.T) {
	env := map[string]string{"{env.KEY}": testKey, "{env.EMPTY}": "", "{env.URL}": "http://10.0.0.1:8000"}
	resolve := func(s string) (string, error) {
		if !strings.HasPrefix(s, "{env.") {
			return s, nil
		}
		if v, ok := env[s]; ok {
			return v, nil
		}
		return "", errors.New("environment variable " + strings.Trim(s, "{}")[4:] + " is not set")
	}
	inv, err := Build([]Config{{Accounts: []AccountConfig{
		{Name: "good", Provider: "openai", APIKey: "{env.KEY}", Headers: map[string]string{"x-org": "{env.KEY}"}},
		{Name: "unset", Provider: "openai", APIKey: "{env.NOPE}"},
		{Name: "empty", Provider: "openai", APIKey: "{env.EMPTY}"},
		{Name: "url", Provider: "vllm", BaseURL: "{env.URL}"},
		{Name: "nourl", Provider: "vllm", BaseURL: "{env.NOPE}"},
		{Name: "noheader", Provider: "vllm", Headers: map[string]string{"X-A": "{env.NOPE}"}},
		{Name: "nokey", Provider: "mistral"},
	}}}, resolve)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"good": "", "unset": "environment variable NOPE is not set", "empty": "api_key is empty", "url": "",
		"nourl": "environment variable NOPE is not set", "noheader": "environment variable NOPE is not set", "nokey": "it has no api_key",
	} {
		if got := inv.Account(name).Unusable; got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if got := token(t, inv, "good"); got != testKey {
		t.Errorf("key: got %q", got)
	}
	if got, want := inv.Account("url").Endpoints[0].BaseURL, "http://10.0.0.1:8000/v1"; got != want {
		t.Errorf("base_url: got %q, want %q", got, want)
	}
	if inv.Demo() {
		t.Error("the demo account stands in although there is a usable one")
	}
}

func TestBuildEndpoints(t *testing.T) {
	for _, tt := range []struct {
		name string
		ac   AccountConfig
		want string // dialect=base …
		open bool
	}{
		{"anthropic", AccountConfig{Provider: "anthropic"}, "messages=https://api.anthropic.com", false},
		{"pasted version", AccountConfig{Provider: "anthropic", BaseURL: "https://api.anthropic.com/v1/"}, "messages=https://api.anthropic.com", false},
		{"gemini pasted version", AccountConfig{Provider: "gemini", BaseURL: "https://generativelanguage.googleapis.com/v1beta"}, "gemini=https://generativelanguage.googleapis.com", false},
		{"openai", AccountConfig{Provider: "openai"}, "responses=https://api.openai.com/v1", false},
		{"openai as chat", AccountConfig{Provider: "openai", Dialect: "chat"}, "chat=https://api.openai.com/v1", false},
		{"openai elsewhere", AccountConfig{Provider: "openai", BaseURL: "https://proxy.example/openai/v1"}, "responses=https://proxy.example/openai/v1", true},
		{"ollama by its address", AccountConfig{Provider: "ollama", BaseURL: "http://box:11434"}, "chat=http://box:11434/v1 completions=http://box:11434/v1", true},
		{"ollama with version", AccountConfig{Provider: "ollama", BaseURL: "http://box:11434/v1"}, "chat=http://box:11434/v1 completions=http://box:11434/v1", true},
		{"ollama as messages", AccountConfig{Provider: "ollama", Dialect: "messages"}, "messages=http://127.0.0.1:11434", false},
		{"ollama as messages elsewhere", AccountConfig{Provider: "ollama", Dialect: "messages", BaseURL: "http://box:11434/v1"}, "messages=http://box:11434", true},
		{"deepseek", AccountConfig{Provider: "deepseek"}, "chat=https://api.deepseek.com messages=https://api.deepseek.com/anthropic", false},
		{"deepseek as messages", AccountConfig{Provider: "deepseek", Dialect: "messages"}, "messages=https://api.deepseek.com/anthropic", false},
		{"deepseek elsewhere", AccountConfig{Provider: "deepseek", BaseURL: "https://corp.example/llm/v1"}, "chat=https://corp.example/llm/v1", true},
		{"whole URL pasted", AccountConfig{Provider: "groq", BaseURL: "https://api.groq.com/openai/v1/chat/completions"}, "chat=https://api.groq.com/openai/v1", false},
		{"version twice", AccountConfig{Provider: "vllm", BaseURL: "http://gpu:8000/v1/v1"}, "chat=http://gpu:8000/v1 completions=http://gpu:8000/v1", true},
		{"another dialect", AccountConfig{Provider: "anthropic", Dialect: "chat", BaseURL: "https://x.example/v1"}, "chat=https://x.example/v1", true},
		{"demo", AccountConfig{Provider: "demo"}, "messages=demo://local", false},
	} {
		tt.ac.Name = "a"
		a := build(t, Config{Accounts: []AccountConfig{tt.ac}}).Account("a")
		var got []string
		for _, e := range a.Endpoints {
			got = append(got, e.Dialect+"="+e.BaseURL)
			if e.Auth.Header == "" {
				t.Errorf("%s: no auth header", tt.name)
			}
		}
		if strings.Join(got, " ") != tt.want || a.Open != tt.open {
			t.Errorf("%s: got %v open %t, want %s open %t", tt.name, got, a.Open, tt.want, tt.open)
		}
	}
}

func TestAccountEndpoint(t *testing.T) {
	a := build(t, Config{Accounts: []AccountConfig{{Name: "a", Provider: "deepseek"}}}).Account("a")
	for client, want := range map[string]string{"messages": "messages", "chat": "chat", "gemini": "chat"} {
		if got := a.Endpoint(client, "deepseek-chat").Dialect; got != want {
			t.Errorf("%s: got %s, want %s", client, got, want)
		}
	}
	a = build(t, Config{Accounts: []AccountConfig{{Name: "a", Provider: "vertex", CloudConfig: CloudConfig{Project: "p",
		Deployments: map[string]string{"best": "claude-opus-4-1@20250805", "claude-like": "gemini-3-pro"}}}}}).Account("a")
	for _, tt := range []struct{ client, model, want string }{
		{"messages", "claude-opus-5", "messages"}, {"gemini", "claude-opus-5", "messages"}, {"chat", "claude-opus-5", "messages"},
		{"messages", "gemini-3-pro", "gemini"}, {"gemini", "gemini-3-pro", "gemini"}, {"chat", "llama", "gemini"},
		{"gemini", "best", "messages"}, {"messages", "claude-like", "gemini"},
	} {
		if got := a.Endpoint(tt.client, tt.model).Dialect; got != tt.want {
			t.Errorf("%s for %s: got %s, want %s", tt.client, tt.model, got, tt.want)
		}
	}
}

func TestConfigJSON(t *testing.T) {
	want := Config{
		Accounts:  []AccountConfig{{Name: "a", Provider: "openai", APIKey: "{env.X}", Models: []string{"gpt-*"}, Weight: 2, Headers: map[string]string{"A": "b"}}},
		Providers: []ProviderConfig{{Name: "p", Dialect: "chat", BaseURL: "https://p/v1", Endpoints: []EndpointConfig{{Dialect: "messages", BaseURL: "https://p"}}}},
		Routes:    []RouteConfig{{Pattern: "x", Targets: []string{"a/gpt-5"}}},
		Pools:     []PoolConfig{{Name: "q", Accounts: []string{"a"}}},
		Cooldowns: map[string]CooldownConfig{"transient": {Base: Duration(5e9), Factor: 2}},
	}
	// Caddy encodes and decodes with the standard library, strictly.
	text, err := stdjson.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), `"base":"5s"`) || strings.Contains(string(text), "weight\":0") {
		t.Errorf("got %s", text)
	}
	dec := stdjson.NewDecoder(strings.NewReader(string(text)))
	dec.DisallowUnknownFields()
	var got Config
	if err := dec.Decode(&got); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v\nwant %+v", got, err, want)
	}
	var second Config
	if err := json.Unmarshal(text, &second, json.RejectUnknownMembers(true)); err != nil || !reflect.DeepEqual(second, want) {
		t.Errorf("got %+v, %v", second, err)
	}
}

func TestBuiltinProviders(t *testing.T) {
	seen := make(map[string]bool)
	for _, p := range accounts.Builtin() {
		seen[p.Name] = true
		for _, e := range p.Endpoints {
			base, err := accounts.NormalizeBaseURL(e.Dialect, e.BaseURL)
			if e.Surface != "" && e.BaseURL == "" {
				continue // set per account
			}
			if err != nil || base != e.BaseURL {
				t.Errorf("%s: base URL %q is not normal: %q, %v", p.Name, e.BaseURL, base, err)
			}
		}
	}
	for _, name := range strings.Fields("anthropic openai gemini openrouter deepseek mistral groq xai zai azure vertex bedrock ollama llamacpp vllm lmstudio demo") {
		if !seen[name] {
			t.Errorf("provider %s is missing", name)
		}
	}
}

func TestDemo(t *testing.T) {
	inv, err := Build([]Config{{Accounts: []AccountConfig{{Name: "demo", Provider: "openai"}, {Name: "off", Provider: "ollama", Disabled: true}}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, model := range []string{"gpt-5", "claude-opus-5", "off/x", "whatever/it/is"} {
		targets, err := inv.Resolve(model, nil)
		if err != nil || len(targets) != 1 {
			t.Fatalf("%s: got %v, %v", model, targets, err)
		}
		got := fmt.Sprint(targets[0].Model, " ", targets[0].Accounts[0], " ", targets[0].Accounts[0].Endpoints[0].BaseURL)
		if want := model + " demo-builtin (demo) demo://local"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if got, want := len(inv.Accounts()), 3; got != want {
		t.Errorf("accounts: got %d, want %d", got, want)
	}
}
