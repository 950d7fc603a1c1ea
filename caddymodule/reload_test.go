package caddymodule

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/caddyserver/caddy/v2"
)

// account declares an account of an OpenAI-compatible server on loopback.
func account(name string, server *httptest.Server) string {
	return fmt.Sprintf("account %s vllm {\nbase_url %s/v1\n}", name, server.URL)
}

// named answers every chat request with its name.
func chatServer(t *testing.T, name string, hits *atomic.Int64) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hits.Add(1)
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,`+
			`"message":{"role":"assistant","content":%q},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}`, name)
	}))
	t.Cleanup(s.Close)
	return s
}

const hello = `{"model":"m","messages":[{"role":"user","content":"Hello"}]}`

func TestReloadKeepsStreamsAndThePreviousEngine(t *testing.T) {
	const first, second = `{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"one"},"finish_reason":null}]}`,
		`{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"two"},"finish_reason":"stop"}]}`
	goOn := make(chan struct{})
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost { // the question for its models
			http.NotFound(w, r)
			return
		}
		io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprintf(w, "data: %s\n\n", first)
		http.NewResponseController(w).Flush()
		select {
		case <-goOn:
		case <-r.Context().Done():
			return
		}
		fmt.Fprintf(w, "data: %s\n\ndata: [DONE]\n\n", second)
	}))
	defer upstream.Close()

	base := mustLoad(t, account("up", upstream), "ai")
	r, err := http.NewRequestWithContext(t.Context(), "POST", base+"/v1/chat/completions", strings.NewReader(`{"stream":true,`+hello[1:]))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	lines := bufio.NewReader(res.Body)
	line, err := lines.ReadString('\n')
	if err != nil || !strings.Contains(line, `"one"`) {
		t.Fatalf("first line = %q, %v", line, err)
	}

	base = mustLoad(t, "", "ai") // the account is gone, and the handler's configuration with it
	if res, body := do(t, "POST", base+"/v1/chat/completions", hello); !strings.Contains(body, "demo account") {
		t.Errorf("after the reload: %d %s, want the demo account", res.StatusCode, body)
	}

	close(goOn)
	rest, err := io.ReadAll(lines)
	if err != nil || !strings.Contains(string(rest), `"two"`) || !strings.HasSuffix(strings.TrimSpace(string(rest)), "data: [DONE]") {
		t.Errorf("the stream went on with %q, %v; want its proper end", rest, err)
	}
}

func TestReloadKeepsCooldowns(t *testing.T) {
	var hits atomic.Int64
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost { // and not the question for its models
			hits.Add(1)
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Retry-After", "600")
		w.WriteHeader(http.StatusTooManyRequests)
		io.WriteString(w, `{"error":{"message":"slow down","type":"rate_limit_error","code":"rate_limit_exceeded"}}`)
	}))
	defer upstream.Close()
	config := account("up", upstream)
	for i := range 2 {
		base := mustLoad(t, config, "ai")
		res, body := do(t, "POST", base+"/v1/chat/completions", hello)
		if got, want := res.StatusCode, http.StatusTooManyRequests; got != want {
			t.Fatalf("load %d: status = %d %s, want %d", i, got, body, want)
		}
	}
	if got, want := hits.Load(), int64(1); got != want {
		t.Errorf("the upstream was asked %d times, want %d: the reload forgot that it is cooling down", got, want)
	}
}

func TestRejectedConfigurationChangesNothing(t *testing.T) {
	var good, bad atomic.Int64
	was, would := chatServer(t, "was", &good), chatServer(t, "would", &bad)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	base := mustLoad(t, account("up", was), "ai")
	for name, config := range map[string]struct{ ai, site string }{
		"at provisioning": {account("up", would) + "\npolicy fancy", "ai"},
		"in a site":       {account("up", would), "ai {\npool none\n}"},
		"at start":        {account("up", would), "ai\n}\nhttp://" + taken.Addr().String() + " {\nbind 127.0.0.1\nai"},
	} {
		if _, err := load(t, config.ai, config.site); err == nil {
			t.Fatalf("%s: the configuration was accepted", name)
		}
		if res, body := do(t, "POST", base+"/v1/chat/completions", hello); !strings.Contains(body, `"was"`) {
			t.Errorf("%s: answered %d %s, want the account of the configuration in force", name, res.StatusCode, body)
		}
	}
	if got := bad.Load(); got != 0 {
		t.Errorf("the account of a rejected configuration was asked %d times", got)
	}
}

func TestEngineEndsWithItsLastUser(t *testing.T) {
	mustLoad(t, "", "ai")
	if _, held := engines.References(engineKey); !held {
		t.Fatal("no engine while a configuration is in force")
	}
	if err := caddy.Stop(); err != nil {
		t.Fatal(err)
	}
	if n, held := engines.References(engineKey); held {
		t.Errorf("%d references to the engine are left", n)
	}
}

func TestLastRequestOutlivesTheConfiguration(t *testing.T) {
	s, err := loadShared()
	if err != nil {
		t.Fatal(err)
	}
	if !s.acquire() {
		t.Fatal("acquire = false while the engine is held")
	}
	if err := unloadShared(); err != nil {
		t.Fatal(err)
	}
	if got, want := s.refs.Load(), int64(1); got != want {
		t.Errorf("refs = %d, want %d: the request's", got, want)
	}
	s.release()
	if s.acquire() {
		t.Error("acquire = true after the engine has been closed")
	}
}

func TestRequestsWaitForTheStart(t *testing.T) {
	s, err := loadShared()
	if err != nil {
		t.Fatal(err)
	}
	defer unloadShared()
	gone, leave := context.WithCancel(t.Context())
	leave()
	closed := make(chan struct{})
	close(closed)
	open := make(chan struct{})
	for _, tc := range []struct {
		name        string
		ready, done chan struct{}
		ctx         context.Context
		want        error
	}{
		{"started", closed, open, t.Context(), nil},
		{"started, and over since", closed, closed, t.Context(), nil},
		{"never started", open, closed, t.Context(), errStopping},
		{"the client leaves first", open, open, gone, context.Canceled},
	} {
		app := &App{shared: s, ready: tc.ready, done: tc.done}
		err := app.enter(tc.ctx)
		if err != tc.want {
			t.Errorf("%s: enter = %v, want %v", tc.name, err, tc.want)
		}
		if err == nil {
			s.release()
		}
	}
	if got, want := s.refs.Load(), int64(1); got != want {
		t.Errorf("refs = %d, want %d", got, want)
	}

	late := make(chan struct{})
	app := &App{shared: s, ready: late, done: open}
	entered := make(chan error)
	go func() { entered <- app.enter(t.Context()) }()
	close(late)
	if err := <-entered; err != nil {
		t.Errorf("enter before the start = %v, want nil", err)
	}
	s.release()
}
