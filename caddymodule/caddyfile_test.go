package caddymodule

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig"
	_ "github.com/caddyserver/caddy/v2/modules/standard"
)

// adapt turns a Caddyfile into Caddy's JSON.
func adapt(t *testing.T, source string) (string, error) {
	t.Helper()
	data, warnings, err := caddyconfig.GetAdapter("caddyfile").Adapt([]byte(source), map[string]any{"filename": "Caddyfile"})
	for _, w := range warnings {
		if !strings.Contains(w.Message, "not formatted") {
			t.Errorf("warning: %v", w)
		}
	}
	return string(data), err
}

// adaptParts returns the JSON of the app `ai` and of the first `ai` handler in a Caddyfile.
func adaptParts(t *testing.T, source string) (app, handler string) {
	t.Helper()
	data, err := adapt(t, source)
	if err != nil {
		t.Fatal(err)
	}
	var cfg struct {
		Apps map[string]json.RawMessage `json:"apps"`
	}
	if err := json.Unmarshal([]byte(data), &cfg); err != nil {
		t.Fatal(err)
	}
	var http any
	if err := json.Unmarshal(cfg.Apps["http"], &http); err != nil {
		t.Fatal(err)
	}
	found := findHandler(http)
	delete(found, "handler")
	object, err := json.Marshal(found)
	if err != nil {
		t.Fatal(err)
	}
	return string(cfg.Apps["ai"]), string(object)
}

// findHandler returns the first `ai` handler in decoded JSON.
func findHandler(v any) map[string]any {
	switch v := v.(type) {
	case map[string]any:
		if v["handler"] == "ai" {
			return v
		}
		for _, inner := range v {
			if found := findHandler(inner); found != nil {
				return found
			}
		}
	case []any:
		for _, inner := range v {
			if found := findHandler(inner); found != nil {
				return found
			}
		}
	}
	return nil
}

func global(block string) string { return "{\n\tai {\n" + block + "\n\t}\n}\n:8045 {\n\tai\n}\n" }

func siteOf(block string) string { return ":8045 {\n\tai {\n" + block + "\n\t}\n}\n" }

func TestGlobalOption(t *testing.T) {
	for _, tc := range []struct{ name, block, want string }{
		{"empty", "", `{}`},
		{"account on one line", `account a anthropic {env.K}`,
			`{"accounts":[{"name":"a","provider":"anthropic","api_key":"{env.K}"}]}`},
		{"account without key", `account a ollama`, `{"accounts":[{"name":"a","provider":"ollama"}]}`},
		{"account with everything", `account a gemini {
				api_key {file./k}
				dialect chat
				base_url http://127.0.0.1:1/v1
				models gemini-* gemma-*
				models other
				weight 2
				priority -1
				max_concurrent 4
				quota_floor 10%
				rpm 60
				tpm 400000
				proxy socks5://127.0.0.1:1080
				header X-A "b c"
				header X-D e
				disabled
			}`, `{"accounts":[{"name":"a","provider":"gemini","api_key":"{file./k}","dialect":"chat",` +
			`"base_url":"http://127.0.0.1:1/v1","models":["gemini-*","gemma-*","other"],"weight":2,"priority":-1,` +
			`"max_concurrent":4,"rpm":60,"tpm":400000,"quota_floor":0.1,"proxy":"socks5://127.0.0.1:1080","headers":{"X-A":"b c","X-D":"e"},"disabled":true}]}`},
		{"Azure", "account az azure {env.K} {\nresource blue\napi_version 2024-10-21\ndeployment gpt-5 prod\ndeployment o3 thinker\n}",
			`{"accounts":[{"name":"az","provider":"azure","api_key":"{env.K}","resource":"blue","api_version":"2024-10-21",` +
				`"deployments":{"gpt-5":"prod","o3":"thinker"}}]}`},
		{"Vertex AI", "account vx vertex {\ngoogle {\nadc\n}\nproject p\nlocation us-east5\n}",
			`{"accounts":[{"name":"vx","provider":"vertex","google":{"adc":true},"project":"p","location":"us-east5"}]}`},
		{"Bedrock", "account br bedrock {\nregion us-east-1\naws {\naccess_key_id {env.A}\nsecret_access_key {env.B}\nsession_token {env.C}\n}\n}",
			`{"accounts":[{"name":"br","provider":"bedrock","aws":{"access_key_id":"{env.A}","secret_access_key":"{env.B}","session_token":"{env.C}"},"region":"us-east-1"}]}`},
		{"key on the line and a block", "account a openai {env.K} {\nweight 3\n}",
			`{"accounts":[{"name":"a","provider":"openai","api_key":"{env.K}","weight":3}]}`},
		{"provider", `provider acme {
				dialect chat
				base_url https://llm.acme.example/v1
				auth_header Authorization "Token "
				endpoint messages https://llm.acme.example
				endpoint gemini https://g.acme.example {
					auth_header X-Key
				}
				families acme-*
				key_optional
			}`, `{"providers":[{"name":"acme","dialect":"chat","base_url":"https://llm.acme.example/v1",` +
			`"auth_header":"Authorization","auth_prefix":"Token ","endpoints":[{"dialect":"messages","base_url":"https://llm.acme.example"},` +
			`{"dialect":"gemini","base_url":"https://g.acme.example","auth_header":"X-Key"}],"families":["acme-*"],"key_optional":true}]}`},
		{"accounts files", "accounts a.hcl b.hcl\naccounts c.hcl", `{"accounts_files":["a.hcl","b.hcl","c.hcl"]}`},
		{"models", "model gpt-4o* gemini-3-flash\nmodel best a/x b/y {\npool p\n}",
			`{"routes":[{"pattern":"gpt-4o*","targets":["gemini-3-flash"]},{"pattern":"best","targets":["a/x","b/y"],"pool":"p"}]}`},
		{"pool", "pool cheap {\naccounts a b\naccounts c\npolicy least_busy\n}",
			`{"pools":[{"name":"cheap","accounts":["a","b","c"],"policy":"least_busy"}]}`},
		{"policy", "policy random", `{"policy":"random"}`},
		{"capability", "capability claude-opus-* {\nno_sampling\nno_prefill false\nmax_output 64000\nthinking adaptive\nefforts low high\n}\ncapability box/* {\nmax_tokens_field true\n}",
			`{"capabilities":[{"pattern":"claude-opus-*","max_output":64000,"thinking":"adaptive","efforts":["low","high"],"no_sampling":true,"no_prefill":false},{"pattern":"box/*","max_tokens_field":true}]}`},
		{"cooldown", "cooldown rate_limited {\nbase 5s\nfactor 1.5\nmax 1d\nscope account\n}",
			`{"cooldowns":{"rate_limited":{"base":"5s","factor":1.5,"max":"24h0m0s","scope":"account"}}}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, _ := adaptParts(t, global(tc.block))
			if got != tc.want {
				t.Errorf("app = %s\nwant  %s", got, tc.want)
			}
			if err := caddy.StrictUnmarshalJSON([]byte(got), new(App)); err != nil {
				t.Errorf("the app does not read its own JSON: %v", err)
			}
		})
	}
}

func TestSiteDirective(t *testing.T) {
	for _, tc := range []struct{ name, source, want string }{
		{"bare", ":8045 {\n\tai\n}\n", `{}`},
		{"with a matcher", ":8045 {\n\tai /v1/* {\n\t\tstrict\n\t}\n}\n", `{"strict":true}`},
		{"with everything", siteOf(`pool cheap
			strict
			auto_cache
			max_body 2MiB
			heartbeat 5s
			attempts 2
			deadline 1m
			max_wait 3s
			no_repeat
			trust_network`), `{"attempts":2,"auto_cache":true,"deadline":60000000000,"heartbeat":5000000000,"max_body":2097152,` +
			`"max_wait":3000000000,"no_repeat":true,"pool":"cheap","strict":true,"trust_network":true}`},
		{"transport", siteOf("transport http {\ndial_timeout 5s\n}"),
			`{"transport":{"dial_timeout":5000000000,"protocol":"http"}}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if _, got := adaptParts(t, tc.source); got != tc.want {
				t.Errorf("handler = %s\nwant      %s", got, tc.want)
			}
		})
	}
}

func TestDirectiveOrder(t *testing.T) {
	data, err := adapt(t, ":8045 {\n\treverse_proxy 127.0.0.1:1\n\tai\n\tbasic_auth {\n\t\tu $2a$14$Zkx19XLiW6VYouLHR5NmfOFU0z2GTNmpkT/5qqR7hx4IjWJPDhjvG\n\t}\n}\n")
	if err != nil {
		t.Fatal(err)
	}
	auth, ai, proxy := strings.Index(data, `"handler":"authentication"`), strings.Index(data, `"handler":"ai"`), strings.Index(data, `"handler":"reverse_proxy"`)
	if !(0 <= auth && auth < ai && ai < proxy) {
		t.Errorf("positions of authentication, ai, reverse_proxy = %d, %d, %d, want them ascending", auth, ai, proxy)
	}
}

func TestCaddyfileErrors(t *testing.T) {
	for _, tc := range []struct{ name, source, want string }{
		{"option with an argument", "{\n\tai x\n}\n", "Caddyfile:2: ai takes no argument"},
		{"option twice", "{\n\tai {\n\t}\n\tai {\n\t}\n}\n", "Caddyfile:4: the global option ai is set twice"},
		{"unknown option", global("acount a b"), "Caddyfile:3: unrecognized subdirective: acount (ai knows: account,"},
		{"store", global("store sqlite"), "Caddyfile:3: store is not supported yet"},
		{"retention", global("retention {\n}"), "Caddyfile:3: retention is not supported yet"},
		{"account without provider", global("account a"), "Caddyfile:3: an account is written: account <name> <provider>"},
		{"account without name", global("account"), "Caddyfile:3: wrong argument count"},
		{"account with too much", global("account a b c d"), "Caddyfile:3: an account is written"},
		{"account twice", global("account a ollama\naccount a ollama"), `Caddyfile:4: account "a" is set twice`},
		{"unknown account setting", global("account a ollama {\nwieght 2\n}"), "Caddyfile:4: unrecognized subdirective: wieght (account knows: api_key,"},
		{"setting twice", global("account a ollama {\nweight 2\nweight 3\n}"), "Caddyfile:5: weight is set twice"},
		{"key twice", global("account a openai {env.K} {\napi_key {env.L}\n}"), "Caddyfile:4: api_key is set twice"},
		{"api_key without value", global("account a ollama {\napi_key\n}"), "Caddyfile:4: wrong argument count"},
		{"models without patterns", global("account a ollama {\nmodels\n}"), "Caddyfile:4: wrong argument count"},
		{"weight zero", global("account a ollama {\nweight 0\n}"), "Caddyfile:4: weight must be a whole number of at least 1"},
		{"rpm no number", global("account a ollama {\nrpm many\n}"), `Caddyfile:4: rpm must be a whole number of at least 1, not "many"`},
		{"tpm with too much", global("account a ollama {\ntpm 1 2\n}"), "Caddyfile:4: wrong argument count"},
		{"priority no number", global("account a ollama {\npriority high\n}"), "Caddyfile:4: priority must be a whole number"},
		{"disabled with a value", global("account a ollama {\ndisabled yes\n}"), "Caddyfile:4: wrong argument count"},
		{"header without value", global("account a ollama {\nheader X-A\n}"), "Caddyfile:4: wrong argument count"},
		{"header twice", global("account a ollama {\nheader X-A 1\nheader X-A 2\n}"), "Caddyfile:5: header X-A is set twice"},
		{"deployment twice", global("account a azure {\ndeployment m 1\ndeployment m 2\n}"), "Caddyfile:5: deployment m is set twice"},
		{"deployment of nothing", global("account a azure {\ndeployment m\n}"), "Caddyfile:4: wrong argument count"},
		{"resource twice", global("account a azure {\nresource m\nresource n\n}"), "Caddyfile:5: resource is set twice"},
		{"aws", global("account a bedrock {\naws {\nkey x\n}\n}"), "Caddyfile:5: unrecognized subdirective: key (aws knows: access_key_id"},
		{"oauth", global("account a gemini {\noauth {\nclient x\n}\n}"), "Caddyfile:5: unrecognized subdirective: client (oauth knows: client_id"},
		{"google", global("account a gemini {\ngoogle {\nadc yes\n}\n}"), "Caddyfile:5: wrong argument count"},
		{"command", global("account a gemini {\ncommand\n}"), "Caddyfile:4: wrong argument count"},
		{"command ttl", global("account a gemini {\ncommand pass {\nttl soon\n}\n}"), "Caddyfile:5: ttl must be a duration"},
		{"provider with an argument", global("provider a b"), "Caddyfile:3: wrong argument count"},
		{"provider twice", global("provider a {\n}\nprovider a {\n}"), `Caddyfile:5: provider "a" is set twice`},
		{"quota floor", global("account a ollama {\nquota_floor 10\n}"), "Caddyfile:4"},
		{"unknown route setting", global("model a b {\npols x\n}"), "Caddyfile:4: unrecognized subdirective: pols (model knows: pool"},
		{"unknown provider setting", global("provider a {\nurl x\n}"), "Caddyfile:4: unrecognized subdirective: url (provider knows:"},
		{"endpoint without URL", global("provider a {\nendpoint chat\n}"), "Caddyfile:4: wrong argument count"},
		{"unknown endpoint setting", global("provider a {\nendpoint chat http://x {\nfoo\n}\n}"), "Caddyfile:5: unrecognized subdirective: foo"},
		{"auth_header without name", global("provider a {\nauth_header\n}"), "Caddyfile:4: wrong argument count"},
		{"accounts without file", global("accounts"), "Caddyfile:3: wrong argument count"},
		{"model without target", global("model x"), "Caddyfile:3: wrong argument count"},
		{"model twice", global("model x a\nmodel x b"), `Caddyfile:4: model "x" is set twice`},
		{"pool without accounts", global("pool p"), `Caddyfile:3: pool "p" names no accounts`},
		{"pool with an argument", global("pool p q"), "Caddyfile:3: wrong argument count"},
		{"unknown pool setting", global("pool p {\nmembers a\n}"), "Caddyfile:4: unrecognized subdirective: members"},
		{"pool policy twice", global("pool p {\naccounts a\npolicy random\npolicy sticky\n}"), "Caddyfile:6: policy is set twice"},
		{"policy twice", global("policy random\npolicy sticky"), "Caddyfile:4: policy is set twice"},
		{"policy with too much", global("policy random sticky"), "Caddyfile:3: wrong argument count"},
		{"unknown capability", global("capability x {\nno_sleep\n}"), "Caddyfile:4: unrecognized subdirective: no_sleep (capability knows: max_output"},
		{"capability of a wrong kind", global("capability x {\nno_prefill maybe\n}"), `Caddyfile:4: no_prefill must be true or false, not "maybe"`},
		{"capability twice", global("capability x {\n}\ncapability x {\n}"), `Caddyfile:5: capability "x" is set twice`},
		{"capability setting twice", global("capability x {\nno_prefill\nno_prefill\n}"), "Caddyfile:5: no_prefill is set twice"},
		{"capability without a pattern", global("capability {\n}"), "Caddyfile:3: wrong argument count"},
		{"unknown outcome", global("cooldown bored {\n}"), `Caddyfile:3: there is no outcome "bored"`},
		{"unknown cooldown setting", global("cooldown transient {\nminimum 1s\n}"), "Caddyfile:4: unrecognized subdirective: minimum"},
		{"cooldown no duration", global("cooldown transient {\nbase soon\n}"), "Caddyfile:4: write it like 5s"},
		{"cooldown twice", global("cooldown transient {\n}\ncooldown transient {\n}"), `Caddyfile:5: cooldown "transient" is set twice`},
		{"directive with an argument", ":8045 {\n\tai cheap\n}\n", "Caddyfile:2: ai takes no argument but a matcher"},
		{"unknown setting", siteOf("pols x"), "Caddyfile:3: unrecognized subdirective: pols (ai knows: pool,"},
		{"pool twice", siteOf("pool a\npool b"), "Caddyfile:4: pool is set twice"},
		{"pool without name", siteOf("pool"), "Caddyfile:3: wrong argument count"},
		{"strict with a value", siteOf("strict on"), "Caddyfile:3: wrong argument count"},
		{"trust_network with a value", siteOf("trust_network yes"), "Caddyfile:3: wrong argument count"},
		{"max_body no size", siteOf("max_body huge"), `Caddyfile:3: max_body must be a size like 32MiB, not "huge"`},
		{"max_body zero", siteOf("max_body 0"), "Caddyfile:3: max_body must be a size"},
		{"heartbeat no duration", siteOf("heartbeat often"), `Caddyfile:3: heartbeat must be a duration like 15s or 10m, not "often"`},
		{"heartbeat negative", siteOf("heartbeat -1s"), "Caddyfile:3: heartbeat must be a duration"},
		{"attempts zero", siteOf("attempts 0"), "Caddyfile:3: attempts must be a whole number of at least 1"},
		{"deadline without value", siteOf("deadline"), "Caddyfile:3: wrong argument count"},
		{"max_wait no duration", siteOf("max_wait x"), "Caddyfile:3: max_wait must be a duration"},
		{"transport without name", siteOf("transport"), "Caddyfile:3: wrong argument count"},
		{"unknown transport", siteOf("transport pigeon"), "http.reverse_proxy.transport.pigeon"},
		{"transport twice", siteOf("transport http\ntransport http"), "Caddyfile:4: transport is set twice"},
		{"log format with an argument", "{\n\tlog {\n\t\tformat ai x\n\t}\n}\n", "Caddyfile:3: wrong argument count"},
		{"log format with an unknown setting", "{\n\tlog {\n\t\tformat ai {\n\t\t\tdrop x\n\t\t}\n\t}\n}\n", "Caddyfile:4: unrecognized subdirective: drop"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := adapt(t, tc.source)
			if err == nil {
				t.Fatalf("no error, want %q", tc.want)
			}
			place, text, ok := strings.Cut(tc.want, ": ")
			if !ok {
				place, text = "", tc.want
			}
			if got := err.Error(); !strings.Contains(got, text) || !strings.HasSuffix(got, place) {
				t.Errorf("error = %q, want %q", got, tc.want)
			}
		})
	}
}
