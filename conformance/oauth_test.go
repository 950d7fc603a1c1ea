package conformance

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fairway-gateway/fairway/conformance/oauth"
)

// loginHouse is an OAuth provider, a service that takes its access tokens, and gateways with an account there which share
// one data directory.
type loginHouse struct {
	t       *testing.T
	oauth   *oauth.Server
	service string
	data    string
	style   string       // auth_style
	refused atomic.Int64 // requests with a token that the provider does not know
	dead    sync.Map     // tokens that the service refuses, whatever the provider says
}

func newLoginHouse(t *testing.T) *loginHouse {
	t.Helper()
	h := &loginHouse{t: t, oauth: oauth.New(t), data: t.TempDir(), style: "post"}
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if _, dead := h.dead.Load(token); dead || !h.oauth.Accepts(token) {
			h.refused.Add(1)
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = io.WriteString(w, `{"error":{"message":"token refused","type":"authentication_error","code":null}}`)
			return
		}
		_, _ = io.WriteString(w, `{"id":"c1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"hello"}}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}`)
	}))
	t.Cleanup(service.Close)
	h.service = service.URL
	return h
}

// gateway starts a gateway with the account.
func (h *loginHouse) gateway() *gateway {
	h.t.Helper()
	return start(h.t, config{hcl: h.hcl(), env: []string{"XDG_DATA_HOME=" + h.data}})
}

func (h *loginHouse) hcl() string {
	return fmt.Sprintf(`
provider "acme" {
  dialect  = "chat"
  base_url = "%s/v1"
}
account "mine" {
  provider = "acme"
  models   = ["m"]
  oauth {
    client_id     = %q
    client_secret = %q
    auth_url      = %q
    device_url    = %q
    token_url     = %q
    scopes        = ["openid", "offline_access"]
    auth_style    = %q
  }
}
`, h.service, oauth.ClientID, oauth.ClientSecret, h.oauth.AuthURL(), h.oauth.DeviceURL(), h.oauth.TokenURL(), h.style)
}

// login runs `caddy ai login`. talk is given each line that it prints, and returns what to type.
func (h *loginHouse) login(g *gateway, talk func(line string) string, flags ...string) (string, error) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, built.path, append([]string{"ai", "login", "mine", "--config", filepath.Join(g.dir, "Caddyfile")}, flags...)...)
	cmd.Env = append(os.Environ(), "XDG_DATA_HOME="+h.data, "HOME="+g.dir, "DISPLAY=", "WAYLAND_DISPLAY=")
	in, err := cmd.StdinPipe()
	if err != nil {
		h.t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		h.t.Fatal(err)
	}
	var printed, errors bytes.Buffer
	cmd.Stderr = &errors
	if err := cmd.Start(); err != nil {
		h.t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		printed.WriteString(lines.Text() + "\n")
		if typed := talk(lines.Text()); typed != "" {
			_, _ = io.WriteString(in, typed+"\n")
		}
	}
	err = cmd.Wait()
	return printed.String() + errors.String(), err
}

// paste logs in by pasting, and fails the test if that fails.
func (h *loginHouse) paste(g *gateway) {
	h.t.Helper()
	out, err := h.login(g, func(line string) string {
		if !strings.HasPrefix(line, "http://") {
			return ""
		}
		back, err := oauth.Agree(line)
		if err != nil {
			h.t.Error(err)
			return "nothing"
		}
		return back
	}, "--paste", "--redirect", oauth.Redirect)
	if err != nil {
		h.t.Fatalf("logging in: %v\n%s", err, out)
	}
}

// ask sends a chat request and returns its status and body.
func (h *loginHouse) ask(g *gateway) (int, string) {
	resp, err := http.Post(g.URL+"/v1/chat/completions", "application/json",
		strings.NewReader(`{"model":"mine/m","messages":[{"role":"user","content":"hi"}]}`))
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(body)
}

// until asks until the gateway has noticed that the account is usable.
func (h *loginHouse) until(g *gateway) {
	h.t.Helper()
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		status, body := h.ask(g)
		if status == http.StatusOK && strings.Contains(body, "hello") && !strings.Contains(body, "demo") {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			h.t.Fatalf("the account is not usable: %d %s", status, body)
		}
	}
}

// askAll sends n requests at once to the gateways in turn, which must all be answered.
func (h *loginHouse) askAll(n int, gateways ...*gateway) {
	h.t.Helper()
	var wait sync.WaitGroup
	begin := make(chan struct{})
	for i := range n {
		wait.Go(func() {
			<-begin
			if status, body := h.ask(gateways[i%len(gateways)]); status != http.StatusOK {
				h.t.Errorf("got %d %s", status, body)
			}
		})
	}
	close(begin)
	wait.Wait()
}

func (h *loginHouse) wantRefreshes(want int) {
	h.t.Helper()
	if presented, refused := h.oauth.Refreshes(); presented != want || refused != 0 {
		h.t.Errorf("%d refresh tokens were presented and %d refused, want %d and none", presented, refused, want)
	}
}

// wantNoSecrets looks for secrets in a log.
func (h *loginHouse) wantNoSecrets(texts ...string) {
	h.t.Helper()
	for _, text := range texts {
		if strings.Contains(text, oauth.ClientSecret) || strings.Contains(text, "access_token") {
			h.t.Errorf("a secret is shown in %s", text)
		}
	}
}

func TestOAuthLogins(t *testing.T) {
	t.Run("paste", func(t *testing.T) {
		h := newLoginHouse(t)
		g := h.gateway()
		h.paste(g)
		h.until(g)
		h.wantRefreshes(0)
	})
	t.Run("browser", func(t *testing.T) {
		h := newLoginHouse(t)
		g := h.gateway()
		port, err := freePort()
		if err != nil {
			t.Fatal(err)
		}
		redirect := fmt.Sprintf("http://127.0.0.1:%d/callback", port)
		h.oauth.AddRedirect(redirect)
		out, err := h.login(g, func(line string) string {
			if strings.HasPrefix(line, "http://") {
				back, err := oauth.Agree(line)
				if err != nil {
					t.Error(err)
					return ""
				}
				page, err := http.Get(back)
				if err != nil {
					t.Error(err)
					return ""
				}
				page.Body.Close()
			}
			return ""
		}, "--browser", "--redirect", redirect)
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		h.until(g)
	})
	t.Run("device", func(t *testing.T) {
		h := newLoginHouse(t)
		h.style = "basic" // the only one that this provider takes from devices
		g := h.gateway()
		enter := func(agree bool) func(string) string {
			return func(line string) string {
				if m := regexp.MustCompile(`enter the code (\S+)`).FindStringSubmatch(line); m != nil {
					if err := h.oauth.EnterCode(m[1], agree); err != nil {
						t.Error(err)
					}
				}
				return ""
			}
		}
		if out, err := h.login(g, enter(false), "--device"); err == nil || !strings.Contains(out, "access_denied") {
			t.Errorf("denied: got %v\n%s", err, out)
		}
		if out, err := h.login(g, enter(true), "--device"); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		h.until(g)
	})
	t.Run("another login's answer", func(t *testing.T) {
		h := newLoginHouse(t)
		g := h.gateway()
		out, err := h.login(g, func(line string) string {
			if !strings.HasPrefix(line, "http://") {
				return ""
			}
			back, err := oauth.Agree(line)
			if err != nil {
				t.Error(err)
			}
			u, _ := url.Parse(back)
			q := u.Query()
			q.Set("state", "another")
			u.RawQuery = q.Encode()
			return u.String()
		}, "--paste", "--redirect", oauth.Redirect)
		if err == nil || !strings.Contains(out, "state does not match") {
			t.Errorf("got %v\n%s", err, out)
		}
	})
}

// TestOAuthExpiry has a thousand requests arrive when the token has expired, at one gateway and at two that share a data
// directory. Refresh tokens can be used once: a second refresh would be the end of the login.
func TestOAuthExpiry(t *testing.T) {
	for _, gateways := range []int{1, 2} {
		t.Run(fmt.Sprint(gateways, " gateways"), func(t *testing.T) {
			h := newLoginHouse(t)
			var all []*gateway
			for range gateways {
				all = append(all, h.gateway())
			}
			h.oauth.SetLife(2 * time.Second)
			h.paste(all[0])
			h.oauth.SetLife(time.Hour)
			expired := time.After(1100 * time.Millisecond)
			<-expired
			for _, g := range all {
				h.untilKnown(g)
			}
			h.askAll(1000, all...)
			h.wantRefreshes(1)
			if n := h.refused.Load(); n != 0 {
				t.Errorf("%d requests went out with a token that is no good", n)
			}
			for _, g := range all {
				h.wantNoSecrets(g.log.String())
			}
		})
	}
}

// untilKnown waits until a gateway has noticed a login, without asking for anything.
func (h *loginHouse) untilKnown(g *gateway) {
	h.t.Helper()
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !strings.Contains(g.log.String(), "somebody has logged in") {
		select {
		case <-tick.C:
		case <-deadline:
			h.t.Fatal("the gateway does not notice the login")
		}
	}
}

// TestOAuthRefusedToken has the service refuse a token long before its end, as clocks differ and tokens are revoked.
func TestOAuthRefusedToken(t *testing.T) {
	h := newLoginHouse(t)
	g := h.gateway()
	h.paste(g)
	h.until(g)
	h.dead.Store(h.lastToken(g), true)
	h.askAll(1000, g)
	h.wantRefreshes(1)
}

// lastToken returns the access token that the gateway uses.
func (h *loginHouse) lastToken(g *gateway) string {
	h.t.Helper()
	seen := h.oauth.LastAccepted()
	if status, body := h.ask(g); status != http.StatusOK {
		h.t.Fatalf("got %d %s", status, body)
	}
	if seen = h.oauth.LastAccepted(); seen == "" {
		h.t.Fatal("no token was seen")
	}
	return seen
}

// TestOAuthEndpointAilments has a token endpoint that fails, is slow, and loses its answer.
func TestOAuthEndpointAilments(t *testing.T) {
	h := newLoginHouse(t)
	g := h.gateway()
	h.oauth.SetLife(2 * time.Second)
	h.paste(g)
	h.untilKnown(g)
	expired := time.After(1100 * time.Millisecond)
	<-expired
	h.oauth.SetLife(time.Hour)
	h.oauth.SetFault(func(w http.ResponseWriter, _ *http.Request) bool {
		http.Error(w, "down for maintenance", http.StatusServiceUnavailable)
		return true
	})
	if status, body := h.ask(g); status < 500 || !strings.Contains(body, "credential") {
		t.Errorf("failing: got %d %s", status, body)
	}
	// It is slow, and a client that does not wait changes nothing for those who do.
	entered, leave := make(chan struct{}), make(chan struct{})
	var once sync.Once
	h.oauth.SetFault(func(http.ResponseWriter, *http.Request) bool {
		once.Do(func() { close(entered) })
		<-leave
		return false
	})
	impatient, cancel := context.WithCancel(t.Context())
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		for impatient.Err() == nil {
			r, _ := http.NewRequestWithContext(impatient, http.MethodPost, g.URL+"/v1/chat/completions",
				strings.NewReader(`{"model":"mine/m","messages":[{"role":"user","content":"hi"}]}`))
			r.Header.Set("Content-Type", "application/json")
			if resp, err := http.DefaultClient.Do(r); err == nil {
				resp.Body.Close()
			}
		}
	}()
	<-entered
	cancel()
	<-gone
	before, _ := h.oauth.Refreshes()
	go func() {
		patience := time.After(300 * time.Millisecond)
		<-patience
		close(leave)
	}()
	h.askAll(50, g)
	if after, refused := h.oauth.Refreshes(); after != before || refused != 0 {
		t.Errorf("%d refreshes beside the slow one, %d refused", after-before, refused)
	}
	h.oauth.SetFault(nil)
	h.wantNoSecrets(g.log.String())
}

// TestOAuthSurvivesKill has a gateway killed right after a rotation: the next one must know the new refresh token.
func TestOAuthSurvivesKill(t *testing.T) {
	h := newLoginHouse(t)
	g := h.gateway()
	h.oauth.SetLife(2 * time.Second)
	h.paste(g)
	h.untilKnown(g)
	for n := 1; n <= 3; n++ {
		expired := time.After(1100 * time.Millisecond)
		<-expired
		if status, body := h.ask(g); status != http.StatusOK {
			t.Fatalf("got %d %s", status, body)
		}
		g.stop()
		g = h.gateway()
		h.wantRefreshes(n)
	}
}

// TestOAuthLoginOver has a login revoked while the gateway runs, and made anew.
func TestOAuthLoginOver(t *testing.T) {
	h := newLoginHouse(t)
	g := h.gateway()
	h.paste(g)
	h.until(g)
	token := h.lastToken(g)
	h.dead.Store(token, true)
	h.oauth.RevokeAll()
	status, body := h.ask(g)
	if status < 500 || strings.Contains(body, "token refused") {
		t.Errorf("got %d %s", status, body)
	}
	if log := g.log.String(); !strings.Contains(log, "caddy ai login mine") {
		t.Errorf("the log does not say what to do: %s", log)
	}
	h.paste(g)
	h.until(g)
	h.wantNoSecrets(g.log.String())
}
