package caddymodule

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/fairway-gateway/fairway/translate"
)

// caller describes a request for the rules about who may ask.
type caller struct {
	peer, host, contentType string // defaults: 127.0.0.1:1, localhost:8045, application/json
	method                  string // default POST
	header                  map[string]string
	user                    string
	certificate             bool
	allowOrigin             string // what a `header` directive has set
	trustNetwork            bool
	uploads                 bool // the path takes forms
	empty                   bool // there is no body
}

func (c caller) check() (string, *translate.Error) {
	or := func(s, def string) string {
		if s == "" {
			return def
		}
		return s
	}
	repl := caddy.NewReplacer()
	if c.user != "" {
		repl.Set("http.auth.user.id", c.user)
	}
	r := httptest.NewRequestWithContext(context.WithValue(context.Background(), caddy.ReplacerCtxKey, repl),
		or(c.method, "POST"), "/v1/messages", nil)
	r.ContentLength = 2
	if c.empty {
		r.ContentLength = 0
	}
	r.RemoteAddr, r.Host = or(c.peer, "127.0.0.1:50000"), or(c.host, "localhost:8045")
	if c.contentType != "none" {
		r.Header.Set("Content-Type", or(c.contentType, "application/json"))
	}
	for name, value := range c.header {
		r.Header.Set(name, value)
	}
	if c.certificate {
		leaf := &x509.Certificate{Subject: pkix.Name{CommonName: "alice"}}
		r.TLS = &tls.ConnectionState{VerifiedChains: [][]*x509.Certificate{{leaf}}}
	}
	w := httptest.NewRecorder()
	if c.allowOrigin != "" {
		w.Header().Set("Access-Control-Allow-Origin", c.allowOrigin)
	}
	a := access{trustNetwork: c.trustNetwork, hosts: []caddyhttp.MatchHost{{"ai.lan", "*.example.com"}}}
	return a.check(w, r, c.uploads)
}

func TestAccess(t *testing.T) {
	cross := func(more ...string) map[string]string {
		h := map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://chat.example"}
		for i := 0; i < len(more); i += 2 {
			h[more[i]] = more[i+1]
		}
		return h
	}
	const forbidden, unsupported = translate.Forbidden, translate.Unsupported
	for _, tc := range []struct {
		name    string
		caller  caller
		user    string
		refused string // a word of the message, "" when served
		kind    translate.ErrorKind
	}{
		{"local", caller{}, "", "", 0},
		{"local by address", caller{host: "127.0.0.1:8045"}, "", "", 0},
		{"local without port", caller{host: "localhost"}, "", "", 0},
		{"local in other letters", caller{host: "LOCALHOST.:8045"}, "", "", 0},
		{"local below localhost", caller{host: "ai.localhost:8045"}, "", "", 0},
		{"local over IPv6", caller{peer: "[::1]:50000", host: "[::1]:8045"}, "", "", 0},
		{"local over IPv6 without port", caller{peer: "[::1]:50000", host: "[::1]"}, "", "", 0},
		{"local mapped to IPv6", caller{peer: "[::ffff:127.0.0.1]:50000"}, "", "", 0},
		{"local for the site's name", caller{host: "ai.lan:8045"}, "", "", 0},
		{"local for the site's wildcard", caller{host: "x.example.com"}, "", "", 0},

		{"from the network", caller{peer: "192.0.2.2:50000"}, "", "not on this machine", forbidden},
		{"from the network with a loopback name", caller{peer: "192.0.2.2:50000", host: "127.0.0.1:8045"}, "", "not on this machine", forbidden},
		{"over a unix socket", caller{peer: "@"}, "", "not on this machine", forbidden},
		{"from nowhere", caller{peer: "-"}, "", "not on this machine", forbidden},
		{"rebound name", caller{host: "evil.example:8045"}, "", "host name", forbidden},
		{"name that begins like localhost", caller{host: "localhost.evil.example"}, "", "host name", forbidden},
		{"other address", caller{host: "192.0.2.1:8045"}, "", "host name", forbidden},
		{"wildcard of two labels", caller{host: "a.b.example.com"}, "", "host name", forbidden},

		{"through a proxy", caller{header: map[string]string{"X-Forwarded-For": "192.0.2.2"}}, "", "X-Forwarded-For", forbidden},
		{"through a proxy that says so", caller{header: map[string]string{"Forwarded": "for=192.0.2.2"}}, "", "Forwarded", forbidden},
		{"through a proxy that tells the host", caller{header: map[string]string{"X-Forwarded-Host": "localhost"}}, "", "X-Forwarded-Host", forbidden},
		{"through a proxy with an empty header", caller{header: map[string]string{"X-Forwarded-For": ""}}, "", "X-Forwarded-For", forbidden},
		{"through nginx", caller{header: map[string]string{"X-Real-IP": "192.0.2.2"}}, "", "X-Real-Ip", forbidden},
		{"through Via", caller{header: map[string]string{"Via": "1.1 x"}}, "", "Via", forbidden},
		{"through a tunnel", caller{header: map[string]string{"CF-Connecting-IP": "192.0.2.2"}}, "", "Cf-Connecting-Ip", forbidden},

		{"authenticated from the network", caller{peer: "192.0.2.2:50000", host: "ai.example", user: "bob"}, "bob", "", 0},
		{"authenticated through a proxy", caller{user: "bob", header: map[string]string{"Via": "1.1 x"}}, "bob", "", 0},
		{"with a certificate", caller{peer: "192.0.2.2:50000", host: "ai.example", certificate: true}, "alice", "", 0},
		{"trusted network", caller{peer: "192.0.2.2:50000", host: "ai.example", trustNetwork: true}, "", "", 0},
		{"trusted network, page at an address", caller{peer: "192.0.2.2:50000", host: "192.0.2.1:8045", trustNetwork: true, header: map[string]string{"Origin": "http://192.0.2.1:8045"}}, "", "", 0},
		{"trusted network, page at an IPv6 address", caller{peer: "192.0.2.2:50000", host: "[2001:db8::1]:8045", trustNetwork: true, header: map[string]string{"Origin": "http://[2001:db8::1]:8045"}}, "", "", 0},
		{"trusted network, page at the site's name", caller{peer: "192.0.2.2:50000", host: "ai.lan:8045", trustNetwork: true, header: map[string]string{"Origin": "http://ai.lan:8045"}}, "", "", 0},
		{"trusted network, page at a bare name", caller{peer: "192.0.2.2:50000", host: "nas:8045", trustNetwork: true, header: map[string]string{"Origin": "http://nas:8045"}}, "", "", 0},
		{"trusted network, rebound name", caller{peer: "192.0.2.2:50000", host: "evil.example:8045", trustNetwork: true, header: map[string]string{"Origin": "http://evil.example:8045"}}, "", "not one of the site's", forbidden},

		{"other site's page", caller{header: cross()}, "", "another site", forbidden},
		{"other site's page, GET", caller{method: "GET", header: cross()}, "", "another site", forbidden},
		{"other site's page on a trusted network", caller{trustNetwork: true, header: cross()}, "", "another site", forbidden},
		{"other site's page, authenticated", caller{user: "bob", header: cross()}, "", "another site", forbidden},
		{"allowed page", caller{allowOrigin: "https://chat.example", header: cross()}, "", "", 0},
		{"page that is not the allowed one", caller{allowOrigin: "https://chat.example", header: cross("Origin", "https://evil.example")}, "", "another site", forbidden},
		{"every page allowed, nobody known", caller{allowOrigin: "*", header: cross()}, "", "another site", forbidden},
		{"every page allowed, authenticated", caller{allowOrigin: "*", user: "bob", header: cross()}, "bob", "", 0},
		{"own page", caller{header: map[string]string{"Sec-Fetch-Site": "same-origin"}}, "", "", 0},

		{"JSON with parameters", caller{contentType: "Application/JSON; charset=utf-8"}, "", "", 0},
		{"JSON of a kind", caller{contentType: "application/vnd.api+json"}, "", "", 0},
		{"form", caller{contentType: "application/x-www-form-urlencoded"}, "", "not application/x-www-form-urlencoded", unsupported},
		{"text", caller{contentType: "text/plain"}, "", "not text/plain", unsupported},
		{"text that speaks of JSON", caller{contentType: "text/plain; application/json"}, "", "not text/plain", unsupported},
		{"text of a kind", caller{contentType: "text/x+json"}, "", "application/json", unsupported},
		{"nothing", caller{contentType: "none"}, "", "it has none", unsupported},
		{"form, authenticated", caller{user: "bob", contentType: "text/plain"}, "", "application/json", unsupported},
		{"GET without content type", caller{method: "GET", contentType: "none"}, "", "", 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			user, refusal := tc.caller.check()
			switch {
			case refusal == nil && tc.refused != "":
				t.Fatalf("served, want a refusal with %q", tc.refused)
			case refusal != nil && tc.refused == "":
				t.Fatalf("refused: %s", refusal.Message)
			case refusal != nil && (refusal.Kind != tc.kind || !strings.Contains(refusal.Message, tc.refused)):
				t.Errorf("refusal = %d %s, want kind %d with %q", refusal.Kind, refusal.Message, tc.kind, tc.refused)
			case user != tc.user:
				t.Errorf("user = %q, want %q", user, tc.user)
			}
		})
	}
}

// TestUploads is about bodies that a page of another site can make a browser send without asking.
func TestUploads(t *testing.T) {
	const form = "multipart/form-data; boundary=x"
	header := func(kv ...string) map[string]string {
		h := map[string]string{}
		for i := 0; i < len(kv); i += 2 {
			h[kv[i]] = kv[i+1]
		}
		return h
	}
	for _, tc := range []struct {
		name    string
		caller  caller
		refused string // a word of the message, "" when served
	}{
		{"form of a program", caller{}, ""},
		{"form where none belongs", caller{uploads: false, header: header("X-None", "1")}, "application/json"},
		{"other form", caller{contentType: "application/x-www-form-urlencoded"}, "application/json"},
		{"text", caller{contentType: "text/plain"}, "application/json"},
		{"form of another site's page", caller{header: header("Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example")}, "another site"},
		{"form of a page on another port", caller{header: header("Sec-Fetch-Site", "same-site", "Origin", "http://localhost:3000")}, "without the browser asking"},
		{"form of the own page", caller{header: header("Sec-Fetch-Site", "same-origin", "Origin", "http://localhost:8045")}, ""},
		{"form sent by hand", caller{header: header("Sec-Fetch-Site", "none")}, ""},
		{"form of another page, older browser", caller{header: header("Origin", "http://evil.example")}, "without the browser asking"},
		{"form of a sandboxed page, older browser", caller{header: header("Origin", "null")}, "without the browser asking"},
		{"form of the own page, older browser", caller{header: header("Origin", "http://localhost:8045")}, ""},
		{"form of another port with a key", caller{header: header("Sec-Fetch-Site", "same-site", "Origin", "http://localhost:3000", "Authorization", "Bearer k")}, ""},
		{"form of another port with Google's key", caller{header: header("Sec-Fetch-Site", "same-site", "X-Goog-Api-Key", "k")}, ""},
		{"form of another port with a password that browsers add", caller{header: header("Sec-Fetch-Site", "same-site", "Authorization", "Basic eDp5")}, "without the browser asking"},
		{"form of an allowed page", caller{allowOrigin: "https://chat.example", header: header("Sec-Fetch-Site", "cross-site", "Origin", "https://chat.example")}, ""},
		{"form of another port, named", caller{user: "bob", header: header("Sec-Fetch-Site", "same-site", "Origin", "http://localhost:3000")}, "without the browser asking"},
		{"chunk of an upload", caller{contentType: "image/png", header: header("X-Goog-Upload-Command", "upload, finalize")}, ""},
		{"chunk that says nothing", caller{contentType: "image/png"}, "application/json"},
		{"nothing to send", caller{contentType: "none", empty: true}, ""},
		{"nothing to send, other page", caller{contentType: "none", empty: true, header: header("Origin", "http://evil.example")}, "without the browser asking"},
		{"something unnamed", caller{contentType: "none"}, "it has none"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := tc.caller
			if c.contentType == "" {
				c.contentType = form
			}
			c.uploads = c.header["X-None"] == ""
			_, refusal := c.check()
			switch {
			case refusal == nil && tc.refused != "":
				t.Fatalf("served, want a refusal with %q", tc.refused)
			case refusal != nil && (tc.refused == "" || !strings.Contains(refusal.Message, tc.refused)):
				t.Errorf("refused: %s, want %q", refusal.Message, tc.refused)
			}
		})
	}
}

func TestRefusalSaysWhatToAdd(t *testing.T) {
	_, refusal := caller{peer: "192.0.2.2:50000"}.check()
	for _, want := range []string{"basic_auth", "trust_network", "Caddyfile"} {
		if !strings.Contains(refusal.Message, want) {
			t.Errorf("refusal %q lacks %q", refusal.Message, want)
		}
	}
	if got, want := refusal.Kind.HTTPStatus(), http.StatusForbidden; got != want {
		t.Errorf("status = %d, want %d", got, want)
	}
}
