// Package oauth is an OAuth 2.0 and OpenID Connect provider on loopback: that of github.com/zitadel/oidc, with the storage
// of its example, whose refresh tokens can be used once. What this package adds is what tests need: a client, an owner who
// agrees, lives of tokens, faults, and counts.
package oauth

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// The client that is registered with the server, and its owner's name and password there.
const (
	ClientID     = "fairway-of-mine"
	ClientSecret = "client-secret-0123456789"
	Redirect     = "http://127.0.0.1:1/callback"
	userID       = "id2"
	user         = "test-user2"
	password     = "verysecure"
)

// Server is a running provider.
type Server struct {
	// URL is its issuer.
	URL string

	handler http.Handler
	store   *store

	mu        sync.Mutex
	life      time.Duration
	fault     func(http.ResponseWriter, *http.Request) bool
	refreshes int
	refused   int
	redirects []string
	accepted  string // the last access token that was good
	revoked   bool   // every refresh token until the next login
}

// New starts a server that ends with the test.
func New(t *testing.T) *Server {
	t.Helper()
	s := &Server{life: time.Hour, redirects: []string{Redirect}}
	var inner http.Handler
	ts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.serve(inner, w, r) }))
	t.Cleanup(ts.Close)
	s.URL = ts.URL
	web := storage.WebClient(ClientID, ClientSecret, Redirect)
	s.store = &store{storage.NewStorageWithClients(storage.NewUserStore(ts.URL), map[string]*storage.Client{ClientID: web}), s}
	inner = exampleop.SetupServer(ts.URL, s.store, slog.New(slog.DiscardHandler), false)
	s.handler = inner
	return s
}

// AuthURL, DeviceURL and TokenURL are the server's endpoints.
func (s *Server) AuthURL() string   { return s.URL + "/auth" }
func (s *Server) DeviceURL() string { return s.URL + "/device_authorization" }
func (s *Server) TokenURL() string  { return s.URL + "/oauth/token" }

// SetLife sets how long access tokens are said to live from now on, in seconds rounded down.
func (s *Server) SetLife(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.life = d
}

// SetFault sets what is asked before the token endpoint answers: it returns true when it has answered itself. nil is no
// fault.
func (s *Server) SetFault(f func(http.ResponseWriter, *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

// Refreshes returns how many refresh tokens were presented, and how many of them were refused by the provider itself.
func (s *Server) Refreshes() (presented, refused int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refreshes, s.refused
}

func (s *Server) serve(inner http.Handler, w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/oauth/token" {
		inner.ServeHTTP(w, r)
		return
	}
	_ = r.ParseForm()
	refreshing := r.Form.Get("grant_type") == "refresh_token"
	s.mu.Lock()
	fault := s.fault
	if refreshing {
		s.refreshes++
	}
	s.mu.Unlock()
	if fault != nil && fault(w, r) {
		return
	}
	answer := httptest.NewRecorder()
	inner.ServeHTTP(answer, r)
	if refreshing && answer.Code != http.StatusOK {
		s.mu.Lock()
		s.refused++
		s.mu.Unlock()
	}
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

// Accepts reports whether an access token is good: whether it opens the provider's userinfo.
func (s *Server) Accepts(token string) bool {
	r := httptest.NewRequest(http.MethodGet, s.URL+"/userinfo", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.accepted = token
	return true
}

// LastAccepted returns the last access token for which [Server.Accepts] was true.
func (s *Server) LastAccepted() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.accepted
}

// AddRedirect registers another redirect URL with the client.
func (s *Server) AddRedirect(url string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.redirects = append(s.redirects, url)
}

// RevokeAll ends all logins that there are.
func (s *Server) RevokeAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.revoked = true
}

// browser is the owner's browser.
func browser() *http.Client {
	jar, _ := cookiejar.New(nil)
	return &http.Client{Jar: jar, Timeout: 10 * time.Second}
}

// Agree opens the page that a login shows, as the owner with a browser, and agrees. It returns the address to which the
// provider then sends the browser, without going there.
func Agree(address string) (string, error) {
	b := browser()
	page, err := b.Get(address)
	if err != nil {
		return "", err
	}
	defer page.Body.Close()
	if page.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(page.Body)
		return "", fmt.Errorf("the login page: %s %s", page.Status, body)
	}
	provider := page.Request.URL.Host
	b.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if r.URL.Host != provider {
			return http.ErrUseLastResponse
		}
		return nil
	}
	form := url.Values{"username": {user}, "password": {password}, "id": {page.Request.URL.Query().Get("authRequestID")}}
	back, err := b.PostForm("http://"+provider+"/login/username", form)
	if err != nil {
		return "", err
	}
	defer back.Body.Close()
	if to := back.Header.Get("Location"); to != "" {
		return to, nil
	}
	body, _ := io.ReadAll(back.Body)
	return "", fmt.Errorf("agreeing: %s %s", back.Status, body)
}

// EnterCode enters a device's code, as the owner with a browser, and agrees or denies.
func (s *Server) EnterCode(code string, agree bool) error {
	b := browser()
	page, err := b.PostForm(s.URL+"/device/login", url.Values{"user_code": {code}, "username": {user}, "password": {password}})
	if err != nil {
		return err
	}
	defer page.Body.Close()
	if body, _ := io.ReadAll(page.Body); !regexp.MustCompile("(?i)grant device").Match(body) {
		return fmt.Errorf("entering the code: %s %s", page.Status, body)
	}
	action := "denied"
	if agree {
		action = "allowed"
	}
	done, err := b.Get(s.URL + "/device/confirm?action=" + action)
	if err != nil {
		return err
	}
	defer done.Body.Close()
	if body, _ := io.ReadAll(done.Body); !strings.Contains(string(body), action) {
		return fmt.Errorf("confirming: %s %s", done.Status, body)
	}
	return nil
}

// store is the example's storage with lives of our own, and a client that may use devices and refresh tokens.
type store struct {
	*storage.Storage
	server *Server
}

// CreateAccessAndRefreshTokens implements op.Storage.
func (s *store) CreateAccessAndRefreshTokens(ctx context.Context, request op.TokenRequest, current string) (string, string, time.Time, error) {
	s.server.mu.Lock()
	s.server.revoked = s.server.revoked && current != ""
	s.server.mu.Unlock()
	id, refresh, _, err := s.Storage.CreateAccessAndRefreshTokens(ctx, request, current)
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	return id, refresh, time.Now().Add(s.server.life), err
}

// TokenRequestByRefreshToken implements op.Storage.
func (s *store) TokenRequestByRefreshToken(ctx context.Context, token string) (op.RefreshTokenRequest, error) {
	s.server.mu.Lock()
	revoked := s.server.revoked
	s.server.mu.Unlock()
	if revoked {
		return nil, op.ErrInvalidRefreshToken
	}
	return s.Storage.TokenRequestByRefreshToken(ctx, token)
}

// CompleteDeviceAuthorization implements the example's device page, which hands on the owner's name where the rest of the
// example wants the id.
func (s *store) CompleteDeviceAuthorization(ctx context.Context, userCode, _ string) error {
	return s.Storage.CompleteDeviceAuthorization(ctx, userCode, userID)
}

// GetClientByClientID implements op.Storage.
func (s *store) GetClientByClientID(ctx context.Context, id string) (op.Client, error) {
	c, err := s.Storage.GetClientByClientID(ctx, id)
	if err != nil {
		return nil, err
	}
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	return client{c, slices.Clone(s.server.redirects)}, nil
}

type client struct {
	op.Client
	redirects []string
}

// RedirectURIs implements op.Client.
func (c client) RedirectURIs() []string { return c.redirects }

// GrantTypes implements op.Client.
func (c client) GrantTypes() []oidc.GrantType {
	return append(slices.Clone(c.Client.GrantTypes()), oidc.GrantTypeDeviceCode)
}

// AuthMethod implements op.Client.
func (client) AuthMethod() oidc.AuthMethod { return oidc.AuthMethodPost }
