package credential

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/oauth2"
)

// provider answers logins as its fields say. It keeps what it was asked.
type provider struct {
	*httptest.Server
	asked   url.Values // by the browser
	form    url.Values // by the last token request
	tokens  atomic.Int64
	answer  string // of the token endpoint
	status  int
	pending int // how often a device's owner has not yet agreed
	nonce   string
}

func newProvider(t *testing.T) *provider {
	p := &provider{status: 200, answer: `{"access_token":"access-1","refresh_token":"refresh-1","expires_in":3600}`}
	mux := http.NewServeMux()
	mux.HandleFunc("/token", func(w http.ResponseWriter, r *http.Request) {
		r.ParseForm()
		p.form = r.Form
		p.tokens.Add(1)
		w.Header().Set("Content-Type", "application/json")
		if p.pending > 0 {
			p.pending--
			w.WriteHeader(400)
			io.WriteString(w, `{"error":"authorization_pending"}`)
			return
		}
		w.WriteHeader(p.status)
		io.WriteString(w, p.answer)
	})
	mux.HandleFunc("/device", func(w http.ResponseWriter, r *http.Request) {
		r.ParseForm()
		w.Header().Set("Content-Type", "application/json")
		if r.Form.Get("client_secret") != "secret-of-client" {
			w.WriteHeader(401)
			io.WriteString(w, `{"error":"invalid_client"}`)
			return
		}
		io.WriteString(w, `{"device_code":"d","user_code":"WXYZ","verification_uri":"https://example.com/device","expires_in":600,"interval":1}`)
	})
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

// login returns a login to the account "me" and its store.
func (p *provider) login(t *testing.T, scopes ...string) (*Login, TokenStore) {
	t.Helper()
	store := NewFileStore(t.TempDir())
	o, err := NewOAuth("me", OAuthConfig{ClientID: "client", ClientSecret: "secret-of-client", AuthURL: p.URL + "/auth", TokenURL: p.URL + "/token",
		DeviceURL: p.URL + "/device", Scopes: scopes, AuthParams: map[string]string{"prompt": "consent"}}, Environment{Store: store})
	if err == nil || o == nil {
		t.Fatalf("got %v, %v, want a credential that waits for its login", o, err)
	}
	return o.Login(), store
}

// agree plays the owner's browser: it returns what the provider redirects to.
func (p *provider) agree(t *testing.T, address string, change func(url.Values)) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	p.asked = u.Query()
	if p.asked.Get("nonce") != "" {
		p.nonce = p.asked.Get("nonce")
	}
	answer := url.Values{"state": {p.asked.Get("state")}, "code": {"code-1"}}
	if change != nil {
		change(answer)
	}
	return p.asked.Get("redirect_uri") + "?" + answer.Encode()
}

func get(t *testing.T, address string) (int, string) {
	t.Helper()
	resp, err := http.Get(address)
	if err != nil {
		t.Error(err)
		return 0, ""
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(body)
}

func TestBrowserLogin(t *testing.T) {
	p := newProvider(t)
	l, store := p.login(t)
	err := l.Browser(t.Context(), "", func(address string) {
		go func() {
			// Another page's answer and other paths change nothing.
			if status, _ := get(t, p.agree(t, address, func(v url.Values) { v.Set("state", "guessed") })); status != 400 {
				t.Errorf("wrong state: got %d", status)
			}
			back, _ := url.Parse(p.agree(t, address, nil))
			back.Path = "/elsewhere"
			if status, _ := get(t, back.String()); status != 404 {
				t.Errorf("wrong path: got %d", status)
			}
			if status, page := get(t, p.agree(t, address, nil)); status != 200 || !strings.Contains(page, "logged in") {
				t.Errorf("got %d %s", status, page)
			}
		}()
	})
	if err != nil {
		t.Fatal(err)
	}
	if p.tokens.Load() != 1 {
		t.Errorf("the token endpoint was asked %d times, want 1", p.tokens.Load())
	}
	want := oauth2.S256ChallengeFromVerifier(p.form.Get("code_verifier"))
	if got := p.asked.Get("code_challenge"); got != want || p.asked.Get("code_challenge_method") != "S256" || p.form.Get("code") != "code-1" ||
		p.form.Get("redirect_uri") != p.asked.Get("redirect_uri") || p.asked.Get("prompt") != "consent" {
		t.Errorf("asked %v and %v", p.asked, p.form)
	}
	g, err := store.Load(t.Context(), "me")
	if err != nil || g.RefreshToken != "refresh-1" || g.AccessToken != "access-1" || g.Generation != 1 {
		t.Errorf("stored: got %v, %v", g, err)
	}
}

func TestPasteLogin(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(url.Values)
		paste  string // in place of the answer
		answer string // of the token endpoint
		status int
		want   string // "" for success
	}{
		{name: "good"},
		{name: "state", change: func(v url.Values) { v.Set("state", "x") }, want: "its state does not match"},
		{name: "refused", change: func(v url.Values) { v.Del("code"); v.Set("error", "access_denied") }, want: "refused (access_denied)"},
		{name: "strange", change: func(v url.Values) { v.Set("error", "<script> secret") }, want: "refused (an unknown error)"},
		{name: "no code", change: func(v url.Values) { v.Del("code") }, want: "no code"},
		{name: "bare code", paste: "code-1", want: "paste all of it"},
		{name: "used", answer: `{"error":"invalid_grant"}`, status: 400, want: "start again"},
		{name: "no refresh token", answer: `{"access_token":"a","expires_in":1}`, want: "offline_access"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newProvider(t)
			if tt.answer != "" {
				p.answer = tt.answer
			}
			if tt.status != 0 {
				p.status = tt.status
			}
			l, store := p.login(t)
			var address string
			err := l.Paste(t.Context(), "", func(u string) { address = u }, func(context.Context) (string, error) {
				if tt.paste != "" {
					return tt.paste, nil
				}
				return " " + p.agree(t, address, tt.change) + "\n", nil
			})
			_, missing := store.Load(t.Context(), "me")
			switch {
			case tt.want == "":
				if err != nil || missing != nil {
					t.Errorf("got %v, stored %v", err, missing)
				}
			case err == nil || !strings.Contains(err.Error(), tt.want) || !errors.Is(missing, ErrNoGrant):
				t.Errorf("got %v, stored %v, want %q", err, missing, tt.want)
			}
		})
	}
}

func TestLoginChecksTheIDToken(t *testing.T) {
	idToken := func(claims string) string {
		return `{"access_token":"a","refresh_token":"r","id_token":"` + strings.Join([]string{"e30", base64.RawURLEncoding.EncodeToString([]byte(claims)), "x"}, ".") + `"}`
	}
	later := time.Now().Add(time.Hour).Unix()
	for _, tt := range []struct{ claims, want string }{
		{fmt.Sprintf(`{"aud":"client","exp":%d,"nonce":"NONCE"}`, later), ""},
		{fmt.Sprintf(`{"aud":["x","client"],"exp":%d,"nonce":"NONCE"}`, time.Now().Add(-time.Minute).Unix()), ""}, // clocks differ
		{fmt.Sprintf(`{"aud":"client","exp":%d,"nonce":"other"}`, later), "its nonce does not match"},
		{fmt.Sprintf(`{"aud":"client","exp":%d}`, later), "its nonce does not match"},
		{fmt.Sprintf(`{"aud":"another","exp":%d,"nonce":"NONCE"}`, later), "another client"},
		{fmt.Sprintf(`{"exp":%d,"nonce":"NONCE"}`, later), "another client"},
		{`{"aud":"client","exp":1,"nonce":"NONCE"}`, "has expired"},
		{`[]`, "known form"},
		{``, "no ID token"},
	} {
		p := newProvider(t)
		l, _ := p.login(t, "openid", "x")
		var address string
		err := l.Paste(t.Context(), "", func(u string) { address = u }, func(context.Context) (string, error) {
			back := p.agree(t, address, nil)
			p.answer = idToken(strings.ReplaceAll(tt.claims, "NONCE", p.nonce))
			if tt.claims == "" {
				p.answer = `{"access_token":"a","refresh_token":"r"}`
			}
			return back, nil
		})
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: got %v, want %q", tt.claims, err, tt.want)
		}
	}
}

// inProcess answers requests without a network, so that a bubble's clock can run.
type inProcess struct{ http.Handler }

func (h inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result(), nil
}

func TestDeviceLogin(t *testing.T) {
	p := newProvider(t)
	l, store := p.login(t)
	l.client = &http.Client{Transport: inProcess{p.Config.Handler}}
	synctest.Test(t, func(t *testing.T) {
		p.pending = 3
		start := time.Now()
		var shown DeviceCode
		if err := l.Device(t.Context(), func(c DeviceCode) { shown = c }); err != nil {
			t.Fatal(err)
		}
		if waited := time.Since(start); waited != 4*time.Second {
			t.Errorf("waited %s for four answers a second apart", waited)
		}
		if shown.Code != "WXYZ" || shown.URL != "https://example.com/device" || shown.Expiry.IsZero() {
			t.Errorf("shown: got %+v", shown)
		}
		if g, err := store.Load(t.Context(), "me"); err != nil || g.RefreshToken != "refresh-1" {
			t.Errorf("stored: got %v, %v", g, err)
		}
		p.status, p.answer = 400, `{"error":"access_denied"}`
		if err := l.Device(t.Context(), func(DeviceCode) {}); err == nil || !strings.Contains(err.Error(), "access_denied") {
			t.Errorf("got %v", err)
		}
		p.status, p.answer = 503, `down`
		start = time.Now()
		if err := l.Device(t.Context(), func(DeviceCode) {}); err == nil || !strings.Contains(err.Error(), "expired") || time.Since(start) < 599*time.Second {
			t.Errorf("got %v after %s, want that the code expired after 10m", err, time.Since(start))
		}
	})
}

func TestLoginReplacesWhatCannotBeRead(t *testing.T) {
	p := newProvider(t)
	l, store := p.login(t)
	login := func() error {
		var address string
		return l.Paste(t.Context(), "", func(u string) { address = u }, func(context.Context) (string, error) { return p.agree(t, address, nil), nil })
	}
	t.Setenv(SecretKeyVariable, strings.Repeat("one ", 10))
	if err := login(); err != nil {
		t.Fatal(err)
	}
	first, err := store.Load(t.Context(), "me")
	if err != nil {
		t.Fatal(err)
	}
	if err := login(); err != nil {
		t.Fatal(err)
	}
	if second, err := store.Load(t.Context(), "me"); err != nil || second.Generation != 2 || second.ID == first.ID {
		t.Errorf("second login: got %v after %v, %v", second, first, err)
	}
	t.Setenv(SecretKeyVariable, strings.Repeat("two ", 10))
	if _, err := store.Load(t.Context(), "me"); err == nil || !strings.Contains(err.Error(), "sealed with another key") {
		t.Errorf("another key: got %v", err)
	}
	if err := login(); err != nil {
		t.Fatal(err)
	}
	if g, err := store.Load(t.Context(), "me"); err != nil || g.Generation != 1 {
		t.Errorf("after the key was changed: got %v, %v", g, err)
	}
}

func TestRedirectsStayHere(t *testing.T) {
	p := newProvider(t)
	l, _ := p.login(t)
	for _, redirect := range []string{"http://example.com/x", "https://127.0.0.1/x", "http://192.0.2.1:80/", "http://127.0.0.1/?a=b", "x"} {
		if err := l.Browser(t.Context(), redirect, func(string) { t.Error("a browser would be opened") }); err == nil {
			t.Errorf("%s is taken", redirect)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	if err := l.Browser(ctx, "http://localhost:0/a/b", func(address string) {
		if !strings.Contains(address, url.QueryEscape("http://localhost:")) || !strings.Contains(address, url.QueryEscape("/a/b")) {
			t.Errorf("asked for %s", address)
		}
		cancel()
	}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that nobody came", err)
	}
}
