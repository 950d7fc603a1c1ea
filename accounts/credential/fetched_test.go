package credential

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fairway-gateway/fairway/accounts"
	"github.com/go-json-experiment/json"
)

// TestMain also plays the command that prints a token.
func TestMain(m *testing.M) {
	print, ok := os.LookupEnv("CREDENTIAL_TEST_PRINT")
	if !ok {
		os.Exit(m.Run())
	}
	switch {
	case print == "hang":
		select {}
	case print == "fail":
		fmt.Println("secret-token")
		fmt.Fprintln(os.Stderr, "secret-words")
		os.Exit(3)
	case print == "much":
		fmt.Println(strings.Repeat("x", maxCommandOutput+1))
	case print == "key":
		fmt.Println("key=" + os.Getenv(SecretKeyVariable) + ".")
	case strings.HasPrefix(print, "count "):
		f, _ := os.OpenFile(print[6:], os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		f.WriteString("x")
		f.Close()
		data, _ := os.ReadFile(print[6:])
		fmt.Printf("token-%d\n", len(data))
	default:
		fmt.Println(print)
	}
	os.Exit(0)
}

func command(t *testing.T, print string, cfg CommandConfig) *Fetched {
	t.Helper()
	t.Setenv("CREDENTIAL_TEST_PRINT", print)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cfg.Args = []string{self, "an argument; with $SHELL `characters`"}
	f, err := NewCommand(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestCommand(t *testing.T) {
	t.Setenv(SecretKeyVariable, "must not be handed on")
	later := time.Now().Add(time.Hour).Truncate(time.Second).UTC()
	for _, tt := range []struct {
		print, token string
		expiry       time.Time // zero: from the ttl
		err          string
		temporary    bool
	}{
		{print: "  tok-1 ", token: "tok-1"},
		{print: `{"token":"tok-2","expiry":"` + later.Format(time.RFC3339) + `","more":1}`, token: "tok-2", expiry: later},
		{print: fmt.Sprintf(`{"token":"tok-3","expiry":%d}`, later.Unix()), token: "tok-3", expiry: later},
		{print: `{"token":"tok-4","expiry":null}`, token: "tok-4"},
		{print: "key", token: "key=."},
		{print: "", err: "prints no token"},
		{print: "secret-token with words", err: "prints no token"},
		{print: `{"token":""}`, err: "prints no token"},
		{print: `{"token":"secret-token"`, err: "neither a token nor a JSON object"},
		{print: `{"token":"secret-token","expiry":"soon"}`, err: "expiry that is neither"},
		{print: `{"token":"secret-token","expiry":1}`, err: "already expired", temporary: true},
		{print: "fail", err: "failed (exit status 3)", temporary: true},
		{print: "hang", err: "did not end within 100ms", temporary: true},
		{print: "much", err: "more than 65536 bytes"},
	} {
		cfg := CommandConfig{TTL: time.Minute}
		if tt.print == "hang" {
			cfg.Timeout = 100 * time.Millisecond
		}
		f := command(t, tt.print, cfg)
		before := time.Now()
		got, err := f.Token(t.Context())
		if tt.err != "" {
			var e *accounts.CredentialError
			if !errors.As(err, &e) || !strings.Contains(err.Error(), tt.err) || e.Temporary != tt.temporary || strings.Contains(err.Error(), "secret") {
				t.Errorf("%s: got %v, want %q, temporary %t", tt.print, err, tt.err, tt.temporary)
			}
			continue
		}
		if err != nil || got != tt.token {
			t.Errorf("%s: got %q, %v, want %q", tt.print, got, err, tt.token)
			continue
		}
		expiry := f.current.Load().expiry
		if !tt.expiry.IsZero() && !expiry.Equal(tt.expiry) || tt.expiry.IsZero() && (expiry.Before(before.Add(time.Minute).Round(0)) || expiry.After(time.Now().Add(time.Minute))) {
			t.Errorf("%s: expires at %s, want %s", tt.print, expiry, tt.expiry)
		}
	}
	if _, err := NewCommand(CommandConfig{Args: []string{"no-such-program-of-fairway"}}); err == nil || !strings.Contains(err.Error(), "cannot be found") {
		t.Errorf("got %v", err)
	}
	for _, cfg := range []CommandConfig{{}, {Args: []string{""}}, {Args: []string{"sh"}, TTL: -1}, {Args: []string{"sh"}, Timeout: time.Hour}} {
		if _, err := NewCommand(cfg); err == nil {
			t.Errorf("%+v is taken", cfg)
		}
	}
}

func TestCommandIsCached(t *testing.T) {
	f := command(t, "count "+filepath.Join(t.TempDir(), "n"), CommandConfig{})
	wantToken(t, f, "token-1")
	wantToken(t, f, "token-1")
	if got, err := f.Renew(t.Context(), "token-1"); err != nil || got != "token-2" {
		t.Errorf("after a refusal: got %q, %v", got, err)
	}
	if got := fmt.Sprintf("%v %+v %#v %d", f, f, f, f); strings.Contains(got, "token-") || !strings.Contains(got, "command:") {
		t.Errorf("shown: %s", got)
	}
}

// googleFile writes the key file of a service account whose tokens come from url.
func googleFile(t *testing.T, url string) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(map[string]string{"type": "service_account", "client_email": "robot@project.example", "private_key_id": "k",
		"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), "token_uri": url})
	if err != nil {
		t.Fatal(err)
	}
	return writeFile(t, string(data))
}

func writeFile(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "credentials.json")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestGoogle(t *testing.T) {
	asked, status := 0, 200
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		if status != 200 {
			io.WriteString(w, `{"error":"invalid_grant","error_description":"secret: check iat and exp"}`)
			return
		}
		if r.FormValue("assertion") == "" && r.FormValue("refresh_token") != "user-refresh" {
			t.Errorf("asked with %v", r.Form)
		}
		fmt.Fprintf(w, `{"access_token":"google-%d","token_type":"Bearer","expires_in":3600}`, asked)
	}))
	defer endpoint.Close()
	path := googleFile(t, endpoint.URL)
	g, err := NewGoogle(GoogleConfig{File: path})
	if err != nil {
		t.Fatal(err)
	}
	wantToken(t, g, "google-1")
	wantToken(t, g, "google-1")
	if got, err := g.Renew(t.Context(), "google-1"); err != nil || got != "google-2" {
		t.Errorf("renewing: got %q, %v", got, err)
	}
	if got := g.Fingerprint(); got != "google:robot@project.example" {
		t.Errorf("fingerprint: got %s", got)
	}
	same, err := NewGoogle(GoogleConfig{File: path})
	if err != nil || !g.Same(same) {
		t.Errorf("one file is taken for two: %v", err)
	}

	// Application Default Credentials that name the same file.
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", path)
	adc, err := NewGoogle(GoogleConfig{Default: true})
	if err != nil {
		t.Fatal(err)
	}
	wantToken(t, adc, "google-3")
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", filepath.Join(t.TempDir(), "none"))
	if adc, err = NewGoogle(GoogleConfig{Default: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := adc.Token(t.Context()); err == nil || !strings.Contains(err.Error(), "gcloud auth application-default login") {
		t.Errorf("without any: got %v", err)
	}

	status = 400
	var e *accounts.CredentialError
	if _, err := same.Token(t.Context()); !errors.As(err, &e) || e.Temporary || !strings.Contains(err.Error(), "clock") || strings.Contains(err.Error(), "secret") {
		t.Errorf("refused: got %v", err)
	}
	for content, want := range map[string]string{
		"":                           "no JSON object",
		"{}":                         "type is not one of",
		`{"type":"web"}`:             "type is not one of",
		`{"type":"service_account"}`: "not in PEM form",
		`{"type":"service_account","token_uri":"http://example.com/","private_key":"x"}`: "must begin with https",
	} {
		if _, err := NewGoogle(GoogleConfig{File: writeFile(t, content)}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", content, err, want)
		}
	}
	for _, cfg := range []GoogleConfig{{}, {File: path, Default: true}, {File: "/nonexistent"}} {
		if _, err := NewGoogle(cfg); err == nil {
			t.Errorf("%+v is taken", cfg)
		}
	}
}

func TestClientCredentials(t *testing.T) {
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		id, secret, basic := r.BasicAuth()
		if r.FormValue("grant_type") != "client_credentials" || r.FormValue("scope") != "a b" || !basic || id != "client" || secret != "s" {
			w.WriteHeader(401)
			io.WriteString(w, `{"error":"invalid_client"}`)
			return
		}
		io.WriteString(w, `{"access_token":"for-itself","expires_in":3600}`)
	}))
	defer endpoint.Close()
	cfg := OAuthConfig{ClientID: "client", ClientSecret: "s", TokenURL: endpoint.URL, Scopes: []string{"a", "b"}, BasicAuth: true}
	f, err := NewClientCredentials(cfg)
	if err != nil {
		t.Fatal(err)
	}
	wantToken(t, f, "for-itself")
	cfg.ClientSecret = "other"
	if f, err = NewClientCredentials(cfg); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Token(t.Context()); err == nil || !strings.Contains(err.Error(), "invalid_client") {
		t.Errorf("got %v", err)
	}
	cfg.ClientSecret = ""
	if _, err := NewClientCredentials(cfg); err == nil {
		t.Error("a client without a secret is taken")
	}
}
