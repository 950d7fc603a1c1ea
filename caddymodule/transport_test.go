package caddymodule

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestAccountTransports has an account whose server has a certificate of an authority of its own, and wants one of the
// client.
func TestAccountTransports(t *testing.T) {
	lists := 0
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if strings.HasSuffix(r.URL.Path, "/models") {
			lists++
			w.Write([]byte(`{"object":"list","data":[{"id":"m","object":"model"}]}`))
			return
		}
		w.Write([]byte(`{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"finish_reason":"stop",` +
			`"message":{"role":"assistant","content":"hello"}}]}`))
	}))
	s.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
	s.StartTLS()
	defer s.Close()
	dir := t.TempDir()
	write := func(name, kind string, der []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	key, err := x509.MarshalPKCS8PrivateKey(s.TLS.Certificates[0].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	cert, secret := write("cert.pem", "CERTIFICATE", s.Certificate().Raw), write("key.pem", "PRIVATE KEY", key)
	account := func(more string) string {
		return fmt.Sprintf("account box vllm k {\nbase_url %s/v1\n%s\n}\naccount other vllm k {\nbase_url %s/v1\nmodels n\n}", s.URL, more, s.URL)
	}
	base := mustLoad(t, account(fmt.Sprintf("transport http {\ntls_trust_pool file %s\ntls_client_auth %s %s\n}", cert, cert, secret)), "ai")
	if res, body := do(t, "POST", base+"/v1/chat/completions", `{"model":"m","messages":[]}`); res.StatusCode != 200 {
		t.Errorf("got %d %s", res.StatusCode, body)
	}
	if _, body := do(t, "GET", base+"/v1/models", ""); !strings.Contains(body, `"m"`) || lists == 0 {
		t.Errorf("the model list was not asked for over the account's transport: %s", body)
	}
	if res, body := do(t, "POST", base+"/v1/chat/completions", `{"model":"n","messages":[]}`); res.StatusCode < 500 {
		t.Errorf("an account without the transport: got %d %s", res.StatusCode, body)
	}
	for want, ai := range map[string]string{
		"it has a proxy too":                  account("proxy http://127.0.0.1:1\ntransport http"),
		"transport is set twice":              account("transport http\ntransport http"),
		"http.reverse_proxy.transport.pigeon": account("transport pigeon"),
	} {
		if _, err := load(t, ai, "ai"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
