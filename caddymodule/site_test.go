package caddymodule

import (
	"encoding/pem"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"

	"github.com/fairway-gateway/fairway/accounts/inventory"
)

// started provisions a Caddyfile without opening sockets and starts its app, and returns what that logged.
func started(t *testing.T, source string) string {
	t.Helper()
	data, err := adapt(t, source)
	if err != nil {
		t.Fatal(err)
	}
	var cfg *caddy.Config
	if err := caddy.StrictUnmarshalJSON([]byte(data), &cfg); err != nil {
		t.Fatal(err)
	}
	ctx, err := caddy.ProvisionContext(cfg)
	if err != nil {
		t.Fatal(err)
	}
	module, err := ctx.App(appName)
	if err != nil {
		t.Fatal(err)
	}
	app, log := module.(*App), new(syncBuffer)
	defer app.Cleanup() // the context of ProvisionContext has no end that can be called from here
	live := newLiveHandler()
	live.target.Store(&liveTarget{slog.NewTextHandler(log, nil)})
	app.log = live.logger()
	if err := app.Start(); err != nil {
		t.Fatal(err)
	}
	if err := app.Stop(); err != nil {
		t.Fatal(err)
	}
	return log.String()
}

func TestWarningsAtStart(t *testing.T) {
	off := "admin off\npersist_config off\nstorage file_system " + storage + "\n"
	const (
		exposed  = "listens beyond this machine and authenticates nobody"
		trusting = "trust_network is set"
		spelled  = "a secret of an account stands in the configuration"
		alice    = "basic_auth {\nalice $2a$04$ql1keJ7OcJD8RgZTqZLpOuyGfnX2gAzdLu/TcKBcRZBTsKmvPFvBC\n}\n"
	)
	authority := httptest.NewTLSServer(nil)
	defer authority.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	block := &pem.Block{Type: "CERTIFICATE", Bytes: authority.Certificate().Raw}
	if err := os.WriteFile(ca, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name, source string
		want         []string
	}{
		{"bound to loopback", "{\n" + off + "}\nhttp://localhost:8045 {\nbind 127.0.0.1\nai\n}\n", nil},
		{"bound to IPv6's loopback", "{\n" + off + "}\nhttp://localhost:8045 {\nbind ::1\nai\n}\n", nil},
		{"loopback in the address only", "{\n" + off + "}\nhttp://127.0.0.1:8045 {\nai\n}\n", []string{exposed}},
		{"every interface", "{\n" + off + "}\nhttp://:8045 {\nroute {\nai\n}\n}\n", []string{exposed}},
		{"authenticated", "{\n" + off + "}\nhttp://:8045 {\n" + alice + "ai\n}\n", nil},
		{"authenticated in a route", "{\n" + off + "}\nhttp://:8045 {\nroute {\n" + alice + "ai\n}\n}\n", nil},
		{"certificates", "{\n" + off + "}\nhttps://ai.example:8045 {\ntls internal {\nclient_auth {\nmode require_and_verify\n" +
			"trust_pool file " + ca + "\n}\n}\nai\n}\n", nil},
		{"trusting", "{\n" + off + "}\nhttp://:8045 {\nai {\ntrust_network\n}\n}\n", []string{trusting}},
		{"trusting on loopback", "{\n" + off + "}\nhttp://:8045 {\nbind 127.0.0.1\nai {\ntrust_network\n}\n}\n", []string{trusting}},
		{"key spelled out", "{\n" + off + "ai {\naccount a openai " + testKey + "\n}\n}\nhttp://:8045 {\nbind 127.0.0.1\nai\n}\n", []string{spelled}},
		{"key by name", "{\n" + off + "ai {\naccount a openai {env.FAIRWAY_TEST_UNSET}\n}\n}\nhttp://:8045 {\nbind 127.0.0.1\nai\n}\n", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			log := started(t, tc.source)
			var got []string
			for _, warning := range []string{exposed, trusting, spelled} {
				if strings.Contains(log, warning) {
					got = append(got, warning)
				}
			}
			if strings.Join(got, ";") != strings.Join(tc.want, ";") {
				t.Errorf("warnings = %q, want %q; log: %s", got, tc.want, log)
			}
			if strings.Contains(log, testKey) {
				t.Errorf("log holds the key: %s", log)
			}
		})
	}
}

func TestTransportOfASite(t *testing.T) {
	upstream := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Write([]byte(`{"id":"1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"over TLS"},"finish_reason":"stop"}]}`))
	}))
	defer upstream.Close()
	upstream.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	base := mustLoad(t, account("up", upstream), "ai {\ntransport http {\ntls_insecure_skip_verify\n}\n}")
	if res, body := do(t, "POST", base+"/v1/chat/completions", hello); res.StatusCode != 200 || !strings.Contains(body, "over TLS") {
		t.Errorf("with the site's transport: %d %s, want 200", res.StatusCode, body)
	}
	base = mustLoad(t, account("up", upstream), "ai")
	if res, body := do(t, "POST", base+"/v1/chat/completions", hello); res.StatusCode != 502 {
		t.Errorf("with the default transport: %d %s, want 502 for a certificate that nobody knows", res.StatusCode, body)
	}
}

func TestUnknownPoolIsAnError(t *testing.T) {
	_, err := load(t, "", "ai {\npool cheap\n}")
	if want := `there is no pool "cheap"`; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error = %v, want %q", err, want)
	}
}

func TestNegativeSettingsAreErrors(t *testing.T) {
	for _, g := range []*Gateway{{MaxBody: -1}, {Heartbeat: -1}, {Attempts: -1}, {Deadline: -1}, {MaxWait: -1}} {
		if err := g.Validate(); err == nil {
			t.Errorf("Validate of %+v = nil, want an error", g)
		}
	}
}

// TestFailedReloadRestoresTheInventory follows the order in which Caddy starts and stops apps.
func TestFailedReloadRestoresTheInventory(t *testing.T) {
	s, err := loadShared()
	if err != nil {
		t.Fatal(err)
	}
	defer unloadShared()
	holding := func(name string) *tenant {
		inv, err := inventory.Build([]inventory.Config{{Accounts: []inventory.AccountConfig{{Name: name, Provider: "ollama"}}}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return &tenant{inventory: inv, log: &liveTarget{slog.DiscardHandler}}
	}
	inForce := func() string {
		status := s.engine.Accounts()
		if len(status) != 1 {
			t.Fatalf("%d accounts in force, want 1", len(status))
		}
		return status[0].Name
	}
	first, second, third := holding("first"), holding("second"), holding("third")
	s.enter(first)
	s.enter(second)
	s.leave(second) // some other app failed to start
	if got, want := inForce(), "first"; got != want {
		t.Errorf("after a failed reload %s is in force, want %s", got, want)
	}
	s.enter(third)
	s.leave(first)
	if got, want := inForce(), "third"; got != want {
		t.Errorf("after a reload %s is in force, want %s", got, want)
	}
	s.update(first, second.inventory) // too late: it has left
	if got, want := inForce(), "third"; got != want {
		t.Errorf("after a late update %s is in force, want %s", got, want)
	}
	s.update(third, second.inventory)
	if got, want := inForce(), "second"; got != want {
		t.Errorf("after an update %s is in force, want %s", got, want)
	}
}
