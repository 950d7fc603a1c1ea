package exchange

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/fairway-gateway/fairway/accounts/inventory"
)

// oauthEngine builds an Engine over the fleet with one account at the host "up", whose tokens are canary1, canary2, …
func oauthEngine(t *testing.T, f *fleet, status *atomic.Int64, provider inventory.ProviderConfig) (e *Engine, granted *atomic.Int64) {
	t.Helper()
	granted = new(atomic.Int64)
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if s := status.Load(); s != 0 {
			w.WriteHeader(int(s))
			fmt.Fprint(w, `{"error":"invalid_grant"}`)
			return
		}
		n := granted.Add(1)
		fmt.Fprintf(w, `{"access_token":"%s%d","token_type":"Bearer","expires_in":3600,"refresh_token":"%srefresh%d"}`, canary, n, canary, n)
	}))
	t.Cleanup(endpoint.Close)
	provider.Name = "p"
	inv, err := inventory.Build([]inventory.Config{{
		Providers: []inventory.ProviderConfig{provider},
		Accounts: []inventory.AccountConfig{{Name: "me", Provider: "p", Models: []string{"m"}, OAuth: &inventory.OAuthConfig{
			ClientID: "c", ClientSecret: canary + "client", RefreshToken: canary + "refresh0", TokenURL: endpoint.URL}}},
	}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	e = New(Options{Transport: f, Logger: slog.New(slog.NewTextHandler(t.Output(), nil))})
	e.Apply(inv)
	t.Cleanup(e.Close)
	return e, granted
}

func TestRefusedTokenIsRenewedOnce(t *testing.T) {
	f := newFleet(t)
	var status atomic.Int64
	good := "2"
	f.handle("up", func(r *http.Request, _ []byte) *http.Response {
		if r.Header.Get("Authorization") != "Bearer "+canary+good || r.Header.Get("X-Api-Key") != "" {
			return answer(401, "application/json", fmt.Sprintf(anthropicError, "authentication_error", "invalid bearer token "+canary))
		}
		return answer(200, "application/json", messagesAnswer)
	})
	e, granted := oauthEngine(t, f, &status, inventory.ProviderConfig{Dialect: "messages", BaseURL: "http://up"})
	w, rec := call(t, e, "POST", "/v1/messages", messagesRequest)
	if w.Code != 200 || rec.Attempts != 2 || granted.Load() != 2 || f.asked("up") != 2 {
		t.Fatalf("got %d %s after %d attempts and %d tokens, want 200 after 2 and 2", w.Code, w.Body, rec.Attempts, granted.Load())
	}
	if body := f.last().body; body != messagesRequest {
		t.Errorf("the second request's body is %s", body)
	}
	w, rec = call(t, e, "POST", "/v1/chat/completions", chatRequest) // translated
	if w.Code != 200 || rec.Attempts != 1 {
		t.Errorf("got %d after %d attempts, want 200 after 1", w.Code, rec.Attempts)
	}

	// What is refused with a new token, too, is refused: two requests, and then the account needs attention.
	good = "none"
	w, rec = call(t, e, "POST", "/v1/messages", messagesRequest)
	if w.Code < 500 || rec.Attempts != 2 || granted.Load() != 3 {
		t.Errorf("got %d after %d attempts and %d tokens, want a 5xx after 2 and 3", w.Code, rec.Attempts, granted.Load())
	}
	asked := f.asked("up")
	if w, _ = call(t, e, "POST", "/v1/messages", messagesRequest); f.asked("up") != asked || w.Code < 500 {
		t.Errorf("got %d; the account was asked again", w.Code)
	}
}

func TestTokenEndpointFailures(t *testing.T) {
	for _, tt := range []struct {
		name   string
		status int64
		again  bool // the account is asked again at once
		want   string
	}{
		{"sick", 503, true, "the token endpoint answered HTTP 503"},
		{"login over", 400, false, "run `caddy ai login me`"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFleet(t)
			f.serve("up", 200, "application/json", chatAnswer)
			var status atomic.Int64
			status.Store(tt.status)
			e, _ := oauthEngine(t, f, &status, inventory.ProviderConfig{Dialect: "chat", BaseURL: "http://up/v1"})
			w, rec := call(t, e, "POST", "/v1/chat/completions", chatRequest)
			if w.Code < 500 || f.asked("up") != 0 {
				t.Errorf("got %d, and the upstream was asked %d times", w.Code, f.asked("up"))
			}
			if trail := fmt.Sprint(rec.Trail); !strings.Contains(trail, tt.want) {
				t.Errorf("trail: got %s, want it to contain %q", trail, tt.want)
			}
			seen := e.Accounts()[0]
			if got := seen.Cooling == nil; got != tt.again {
				t.Errorf("usable: got %t, want %t (%+v)", got, tt.again, seen)
			}
		})
	}
}
