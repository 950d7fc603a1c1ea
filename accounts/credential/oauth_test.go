package credential

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fairway-gateway/fairway/accounts"
	"github.com/go-json-experiment/json"
)

// grantor is a token endpoint with single-use refresh tokens r0, r1, …, which brings access tokens a1, a2, ….
type grantor struct {
	*httptest.Server
	mu     sync.Mutex
	n      int    // the number of the good refresh token
	status int    // of a failure, 0 for none
	body   string // of a failure
	keep   bool   // refresh tokens are not rotated
	asked  int
	before func() // is called before an answer, without the lock
}

func newGrantor(t *testing.T) *grantor {
	g := &grantor{}
	g.Server = httptest.NewServer(http.HandlerFunc(g.serve))
	t.Cleanup(g.Close)
	return g
}

func (g *grantor) serve(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	before := g.before
	g.mu.Unlock()
	if before != nil {
		before()
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.asked++
	w.Header().Set("Content-Type", "application/json")
	if g.status != 0 {
		w.WriteHeader(g.status)
		fmt.Fprint(w, g.body)
		return
	}
	if r.FormValue("client_id") != "client" || r.FormValue("client_secret") != "secret-of-client" {
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(w, `{"error":"invalid_client","error_description":"secret-of-client"}`)
		return
	}
	if r.FormValue("refresh_token") != fmt.Sprintf("refresh-%d", g.n) {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"error":"invalid_grant","error_description":"%s is no good"}`, r.FormValue("refresh_token"))
		return
	}
	if !g.keep {
		g.n++
	}
	fmt.Fprintf(w, `{"access_token":"access-%d","token_type":"Bearer","expires_in":3600,"refresh_token":"refresh-%d"}`, g.asked, g.n)
}

func (g *grantor) config(refresh string) OAuthConfig {
	return OAuthConfig{ClientID: "client", ClientSecret: "secret-of-client", RefreshToken: refresh, TokenURL: g.URL + "/token"}
}

func (g *grantor) set(change func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	change()
}

func mustOAuth(t *testing.T, cfg OAuthConfig, env Environment) *OAuth {
	t.Helper()
	o, err := NewOAuth("me", cfg, env)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func wantToken(t *testing.T, c accounts.Credential, want string) {
	t.Helper()
	if got, err := c.Token(t.Context()); err != nil || got != want {
		t.Errorf("token: got %q, %v, want %q", got, err, want)
	}
}

func TestOAuthRotates(t *testing.T) {
	g := newGrantor(t)
	store := NewFileStore(t.TempDir())
	o := mustOAuth(t, g.config("refresh-0"), Environment{Store: store})
	wantToken(t, o, "access-1")
	wantToken(t, o, "access-1")
	if got, err := o.Renew(t.Context(), "access-1"); err != nil || got != "access-2" {
		t.Errorf("renewing: got %q, %v", got, err)
	}
	saved, err := store.Load(t.Context(), "me")
	if err != nil || saved.RefreshToken != "refresh-2" || saved.AccessToken != "access-2" || saved.Generation != 2 {
		t.Errorf("saved: got %v with %s and %s, %v", saved, saved.RefreshToken, saved.AccessToken, err)
	}
	// The next process goes on with what is stored, although its configuration still holds the first refresh token.
	next := mustOAuth(t, g.config("refresh-0"), Environment{Store: store})
	wantToken(t, next, "access-2")
	if got, err := next.Renew(t.Context(), "access-2"); err != nil || got != "access-3" {
		t.Errorf("renewing after a restart: got %q, %v", got, err)
	}
	// This process finds out before it asks.
	if got, err := o.Renew(t.Context(), "access-2"); err != nil || got != "access-3" || g.asked != 3 {
		t.Errorf("renewing what another process has renewed: got %q, %v after %d requests", got, err, g.asked)
	}
	if !o.Same(next) || o.Fingerprint() != next.Fingerprint() {
		t.Error("one login is taken for two after a rotation")
	}
}

// watcher looks at the store when the endpoint is asked, and can refuse to store.
type watcher struct {
	MemoryStore
	fail error
}

func (w *watcher) Save(ctx context.Context, account string, g Grant) error {
	if w.fail != nil {
		return w.fail
	}
	return w.MemoryStore.Save(ctx, account, g)
}

func TestOAuthStoresBeforeItUses(t *testing.T) {
	g := newGrantor(t)
	store := &watcher{fail: errors.New("disk full")}
	o := mustOAuth(t, g.config("refresh-0"), Environment{Store: store})
	_, err := o.Token(t.Context())
	var e *accounts.CredentialError
	if !errors.As(err, &e) || !e.Temporary || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("got %v, want a temporary error that names the disk", err)
	}
	store.fail = nil
	o.again = time.Time{} // the pause is over
	wantToken(t, o, "access-1")
	if g.asked != 1 {
		t.Errorf("the endpoint was asked %d times, want 1: the rotated token was at hand", g.asked)
	}
	if saved, _ := store.Load(t.Context(), "me"); saved.RefreshToken != "refresh-1" {
		t.Errorf("stored: got %q", saved.RefreshToken)
	}

	// What is not rotated need not be stored.
	g.set(func() { g.keep = true })
	store.fail = errors.New("disk full")
	if got, err := o.Renew(t.Context(), "access-1"); err != nil || got != "access-2" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestOAuthInvalidGrant(t *testing.T) {
	g := newGrantor(t)
	g.n = 1
	store := new(MemoryStore)
	o := mustOAuth(t, g.config("refresh-0"), Environment{Store: store})
	// While refresh-0 is being refused, somebody who does not know of locks stores its successor.
	var once sync.Once
	g.before = func() {
		once.Do(func() {
			next := Grant{ID: "x", Generation: 1, ClientID: "client", TokenURL: g.URL + "/token", Seed: digest("refresh-0"), RefreshToken: "refresh-1"}
			if err := store.Save(context.Background(), "me", next); err != nil {
				t.Error(err)
			}
		})
	}
	wantToken(t, o, "access-2")

	// A login that is really over is not tried again and again, until there is a new one.
	g.set(func() { g.n = 100 })
	_, err := o.Renew(t.Context(), "access-2")
	var e *accounts.CredentialError
	if !errors.As(err, &e) || e.Temporary || e.Hint != "run `caddy ai login me`" {
		t.Errorf("got %v, want a lasting error with a hint", err)
	}
	asked := g.asked
	o.again = time.Time{}
	if _, err := o.Token(t.Context()); err == nil || g.asked != asked {
		t.Errorf("got %v; the endpoint was asked %d times more", err, g.asked-asked)
	}
	saved, _ := store.Load(t.Context(), "me")
	saved.ID, saved.RefreshToken, saved.AccessToken = "y", "refresh-100", ""
	saved.Generation++
	if err := store.Save(t.Context(), "me", saved); err != nil {
		t.Fatal(err)
	}
	if !o.LoginChanged(t.Context()) {
		t.Error("a new login is not noticed")
	}
	o.again = time.Time{}
	if got, err := o.Token(t.Context()); err != nil || got == "access-2" {
		t.Errorf("after a new login: got %q, %v", got, err)
	}
}

func TestOAuthEndpointErrors(t *testing.T) {
	for _, tt := range []struct {
		status    int
		body      string
		temporary bool
		want      string
	}{
		{503, "refresh-0 down", true, "HTTP 503"},
		{429, `{"error":"slow_down"}`, true, "HTTP 429"},
		{400, `{"error":"temporarily_unavailable"}`, true, "temporarily_unavailable"},
		{401, `{"error":"invalid_client","error_description":"refresh-0"}`, false, "check client_id and client_secret"},
		{400, `{"error":"invalid_scope"}`, false, "invalid_scope"},
		{400, `{"error":"refresh-0 is secret-of-client"}`, false, "an unknown error"},
		{400, `{"refresh-0":1}`, false, "HTTP 400; check token_url"},
		{302, "", true, "HTTP 302 without an OAuth error"},
		{200, "<html>refresh-0</html>", true, "no proper answer"},
		{200, `{"token_type":"refresh-0"}`, true, "no proper answer"},
	} {
		g := newGrantor(t)
		g.status, g.body = tt.status, tt.body
		var log bytes.Buffer
		o := mustOAuth(t, g.config("refresh-0"), Environment{Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
		_, err := o.Token(t.Context())
		var e *accounts.CredentialError
		if !errors.As(err, &e) || e.Temporary != tt.temporary || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("HTTP %d %s: got %v, want %q, temporary %t", tt.status, tt.body, err, tt.want, tt.temporary)
		}
		if shown := fmt.Sprint(err) + log.String(); strings.Contains(shown, "refresh-0") || strings.Contains(shown, "secret-of") {
			t.Errorf("a secret is shown: %s", shown)
		}
	}
	g := newGrantor(t)
	cfg := g.config("refresh-0")
	g.Close()
	if _, err := mustOAuth(t, cfg, Environment{}).Token(t.Context()); err == nil || !strings.Contains(err.Error(), "could not be reached") {
		t.Errorf("got %v", err)
	}
}

func TestOAuthGrantIsBound(t *testing.T) {
	g := newGrantor(t)
	store := new(MemoryStore)
	env := Environment{Store: store}
	wantToken(t, mustOAuth(t, g.config("refresh-0"), env), "access-1")
	other := g.config("")
	other.ClientID = "another"
	if _, err := NewOAuth("me", other, env); err == nil || !strings.Contains(err.Error(), "another client_id or token_url; run `caddy ai login me`") {
		t.Errorf("another client: got %v", err)
	}
	elsewhere := g.config("")
	elsewhere.TokenURL = "https://elsewhere.example/token"
	if _, err := NewOAuth("me", elsewhere, env); err == nil {
		t.Error("a refresh token would be sent to another host")
	}
	// Another refresh token in the configuration is a new beginning.
	g.set(func() { g.n = 50 })
	wantToken(t, mustOAuth(t, g.config("refresh-50"), env), "access-2")
	o, err := NewOAuth("nobody", g.config(""), env)
	if err == nil || !strings.Contains(err.Error(), "run `caddy ai login nobody`") || o == nil {
		t.Errorf("without a login: got %v, %v", o, err)
	}
	for _, bad := range []OAuthConfig{
		{TokenURL: g.URL}, {ClientID: "x"}, {ClientID: "x", TokenURL: "http://example.com/token"},
		{ClientID: "x", TokenURL: "https://u:p@example.com/"}, {ClientID: "x", TokenURL: g.URL, AuthURL: "ftp://x/"},
	} {
		if o, err := NewOAuth("me", bad, env); err == nil || o != nil {
			t.Errorf("%+v: got %v, %v", bad, o, err)
		}
	}
}

func TestOAuthIsNeverShown(t *testing.T) {
	g := newGrantor(t)
	var log bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	store := new(MemoryStore)
	o := mustOAuth(t, g.config("refresh-0"), Environment{Store: store, Log: logger})
	wantToken(t, o, "access-1")
	saved, _ := store.Load(t.Context(), "me")
	for _, v := range []any{o, saved, &saved, o.cfg, &o.cfg} {
		logger.Info("x", "v", v)
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", "v", v)
		data, err := json.Marshal(v)
		fmt.Fprintf(&log, "%s %v %v %+v %s %q %d", data, err, v, v, v, v, v)
	}
	for _, secret := range []string{"refresh-", "access-", "secret-of", "72656672657368", "616363657373"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("%s is shown in %s", secret, log.String())
		}
	}
}
