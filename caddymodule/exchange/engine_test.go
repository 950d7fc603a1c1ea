package exchange

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/fairway-gateway/fairway/accounts/inventory"
)

// canary stands for every secret of ours: it must never be seen by a client.
const canary = "sk-canary-3f9a1c"

// fleet is a set of upstreams in process, by host name, and what they were sent.
type fleet struct {
	t     *testing.T
	mu    sync.Mutex
	hosts map[string]func(*http.Request, []byte) *http.Response
	sent  []sentRequest
}

type sentRequest struct {
	host   string
	header http.Header
	url    string
	body   string
}

func newFleet(t *testing.T) *fleet {
	return &fleet{t: t, hosts: make(map[string]func(*http.Request, []byte) *http.Response)}
}

func (f *fleet) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
		r.Body.Close()
	}
	f.mu.Lock()
	f.sent = append(f.sent, sentRequest{r.URL.Host, r.Header, r.URL.String(), string(body)})
	serve := f.hosts[r.URL.Host]
	f.mu.Unlock()
	if serve == nil {
		return nil, fmt.Errorf("dial tcp: lookup %s: no such host", r.URL.Host)
	}
	return serve(r, body), nil
}

// asked counts the requests that a host got, model lists aside.
func (f *fleet) asked(host string) (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, s := range f.sent {
		if s.host == host && !s.lists() {
			n++
		}
	}
	return n
}

// last is the last request that asked for no model list: the gateway asks for
// lists when it pleases.
func (f *fleet) last() (last sentRequest) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, s := range f.sent {
		if !s.lists() {
			last = s
		}
	}
	return last
}

func (s sentRequest) lists() bool {
	path, _, _ := strings.Cut(s.url, "?")
	return strings.HasSuffix(path, "/models")
}

// serve sets what a host answers.
func (f *fleet) serve(host string, status int, contentType, body string, header ...string) {
	f.handle(host, func(*http.Request, []byte) *http.Response { return answer(status, contentType, body, header...) })
}

func (f *fleet) handle(host string, h func(*http.Request, []byte) *http.Response) {
	f.mu.Lock()
	f.hosts[host] = h
	f.mu.Unlock()
}

func answer(status int, contentType, body string, header ...string) *http.Response {
	h := http.Header{"Content-Type": {contentType}}
	for i := 0; i+1 < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), ContentLength: -1}
}

// engine builds an Engine over the fleet. Accounts are written
// "name dialect host", in order of preference.
func (f *fleet) engine(accounts ...string) *Engine {
	f.t.Helper()
	var cfg inventory.Config
	for i, a := range accounts {
		var name, dialect, host string
		if _, err := fmt.Sscan(a, &name, &dialect, &host); err != nil {
			f.t.Fatal(err)
		}
		base := "http://" + host
		if dialect == "chat" || dialect == "responses" || dialect == "completions" {
			base += "/v1"
		}
		provider := "p_" + name
		cfg.Providers = append(cfg.Providers, inventory.ProviderConfig{Name: provider, Dialect: dialect, BaseURL: base})
		cfg.Accounts = append(cfg.Accounts, inventory.AccountConfig{
			Name: name, Provider: provider, APIKey: canary + name, Models: []string{"m", "m-*"}, Priority: i,
		})
	}
	inv, err := inventory.Build([]inventory.Config{cfg}, func(s string) (string, error) { return s, nil })
	if err != nil {
		f.t.Fatal(err)
	}
	e := New(Options{Transport: f, Logger: slog.New(slog.NewTextHandler(f.t.Output(), nil))})
	e.Apply(inv)
	f.t.Cleanup(e.Close)
	return e
}

// call sends a request through the engine.
func call(t *testing.T, e *Engine, method, target, body string, header ...string) (*httptest.ResponseRecorder, Record) {
	t.Helper()
	return callCtx(t, context.Background(), e, Settings{MaxWait: -1}, method, target, body, header...)
}

func callCtx(t *testing.T, ctx context.Context, e *Engine, s Settings, method, target, body string, header ...string) (*httptest.ResponseRecorder, Record) {
	t.Helper()
	r := httptest.NewRequestWithContext(ctx, method, target, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	c, ok := Recognise(r)
	if !ok {
		t.Fatalf("%s %s is not recognised", method, target)
	}
	c.Settings = s
	w := httptest.NewRecorder()
	rec := e.Serve(w, r, c)
	if out := w.Body.String() + fmt.Sprint(w.Header()) + fmt.Sprintf("%+v", rec); strings.Contains(out, canary) {
		t.Errorf("the credential reached the client: %s", out)
	}
	return w, rec
}

const (
	chatRequest     = `{"model":"m","messages":[{"role":"user","content":"hi"}]}`
	chatStream      = `{"model":"m","stream":true,"messages":[{"role":"user","content":"hi"}]}`
	messagesRequest = `{"model":"m","max_tokens":50,"messages":[{"role":"user","content":"hi"}]}`
	messagesStream  = `{"model":"m","max_tokens":50,"stream":true,"messages":[{"role":"user","content":"hi"}]}`

	chatAnswer = `{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"hello"}}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}`
	chatFrames = `data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"hel"},"finish_reason":null}]}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"lo"},"finish_reason":null}]}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}

data: [DONE]

`
	messagesAnswer = `{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"hello"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":2}}`
	messagesFrames = `event: message_start
data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":1}}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"hel"}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"lo"}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":2}}

event: message_stop
data: {"type":"message_stop"}

`
)

func TestSameDialectPassesBytes(t *testing.T) {
	f := newFleet(t)
	f.serve("a", 200, "application/json", chatAnswer, "X-Ratelimit-Remaining-Requests", "7", "Set-Cookie", "s=1", "X-Request-Id", "up_1")
	e := f.engine("acc chat a")
	body := "{ \"messages\" : [ {\"role\":\"user\",\"content\":\"h\\u0069\"}] ,\n\"model\":\"m\", \"future\":{\"x\":1.50} }"
	w, rec := call(t, e, "POST", "/v1/chat/completions", body, "Cookie", "c=1", "Authorization", "Bearer client-key", "Openai-Beta", "b=1", "X-Forwarded-For", "1.2.3.4")
	if w.Code != 200 || w.Body.String() != chatAnswer {
		t.Errorf("answer = %d %s, want the upstream's bytes", w.Code, w.Body)
	}
	sent := f.last()
	if sent.body != body {
		t.Errorf("sent  %s\nwant %s", sent.body, body)
	}
	if got, want := sent.url, "http://a/v1/chat/completions"; got != want {
		t.Errorf("url = %s, want %s", got, want)
	}
	for name, want := range map[string]string{
		"Authorization": "Bearer " + canary + "acc", "Openai-Beta": "b=1", "Cookie": "", "X-Forwarded-For": "", "Content-Type": "application/json", "Accept-Encoding": "identity",
	} {
		if got := sent.header.Get(name); got != want {
			t.Errorf("%s = %q reached the upstream, want %q", name, got, want)
		}
	}
	for name, want := range map[string]string{
		"X-Ratelimit-Remaining-Requests": "7", "Set-Cookie": "", "X-Upstream-Request-Id": "up_1", "X-Ai-Account": "acc", "X-Ai-Model": "m", "Content-Type": "application/json",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s = %q reached the client, want %q", name, got, want)
		}
	}
	if got, want := fmt.Sprintln(rec.Usage.Input, rec.Usage.Output, rec.Attempts, rec.Account, rec.Status), "3 2 1 acc 200\n"; got != want {
		t.Errorf("record = %s, want %s", got, want)
	}
}

func TestModelIsSpliced(t *testing.T) {
	f := newFleet(t)
	f.serve("a", 200, "application/json", chatAnswer)
	e := f.engine("acc chat a")
	_, rec := call(t, e, "POST", "/v1/chat/completions", `{"messages":[{"role":"user","content":"hi"}], "model" : "acc/m-\u0031" ,"z":0}`)
	if got, want := f.last().body, `{"messages":[{"role":"user","content":"hi"}], "model" : "m-1" ,"z":0}`; got != want {
		t.Errorf("sent %s, want %s", got, want)
	}
	if got, want := rec.Model+" "+rec.UpstreamModel, "acc/m-1 m-1"; got != want {
		t.Errorf("record = %s, want %s", got, want)
	}
}

func TestStreams(t *testing.T) {
	f := newFleet(t)
	f.serve("c", 200, "text/event-stream", chatFrames)
	f.serve("m", 200, "text/event-stream; charset=utf-8", messagesFrames)
	chat, messages := f.engine("acc chat c"), f.engine("acc messages m")
	for name, tc := range map[string]struct {
		e            *Engine
		target, body string
		want         []string // in order
	}{
		"chat relayed":     {chat, "/v1/chat/completions", chatStream, []string{chatFrames}},
		"messages relayed": {messages, "/v1/messages", messagesStream, []string{messagesFrames}},
		"chat told to messages": {chat, "/v1/messages", messagesStream, []string{
			"event: message_start\n", `"type":"text_delta","text":"hel"`, `"text":"lo"`, `"stop_reason":"end_turn"`, "event: message_stop\n"}},
		"messages told to chat": {messages, "/v1/chat/completions", chatStream, []string{
			`"role":"assistant"`, `"content":"hel"`, `"content":"lo"`, `"finish_reason":"stop"`, "data: [DONE]\n\n"}},
		"chat told to responses": {chat, "/v1/responses", `{"model":"m","stream":true,"input":"hi"}`, []string{
			"event: response.created\n", `"delta":"hel"`, `"text":"hello"`, "event: response.completed\n"}},
		"chat told to gemini": {chat, "/v1beta/models/m:streamGenerateContent?alt=sse", `{"contents":[{"parts":[{"text":"hi"}]}]}`, []string{
			`"text":"hel"`, `"text":"lo"`, `"finishReason":"STOP"`}},
		"chat told to gemini as an array": {chat, "/v1beta/models/m:streamGenerateContent", `{"contents":[{"parts":[{"text":"hi"}]}]}`, []string{
			"[", `"text":"hel"`, `"finishReason":"STOP"`, "]"}},
		"chat told to completions": {chat, "/v1/completions", `{"model":"m","stream":true,"prompt":"hi"}`, []string{
			`"text":"hel"`, `"text":"lo"`, `"finish_reason":"stop"`, "data: [DONE]\n\n"}},
	} {
		t.Run(name, func(t *testing.T) {
			w, rec := call(t, tc.e, "POST", tc.target, tc.body)
			if w.Code != 200 || rec.Err != nil {
				t.Fatalf("status %d, err %v: %s", w.Code, rec.Err, w.Body)
			}
			rest := w.Body.String()
			for _, want := range tc.want {
				_, after, ok := strings.Cut(rest, want)
				if !ok {
					t.Fatalf("no %q in\n%s", want, rest)
				}
				rest = after
			}
			if got, want := fmt.Sprint(rec.Usage.Input, rec.Usage.Output), "3 2"; got != want {
				t.Errorf("usage = %s, want %s", got, want)
			}
		})
	}
}

// TestFormsBridge is an upstream that streams unasked, and one that does not
// stream when asked.
func TestFormsBridge(t *testing.T) {
	f := newFleet(t)
	f.serve("streams", 200, "text/event-stream", chatFrames)
	f.serve("plain", 200, "application/json", chatAnswer)
	streams, plain := f.engine("acc chat streams"), f.engine("acc chat plain")
	for name, tc := range map[string]struct {
		e                  *Engine
		target, body, want string
	}{
		"stream gathered for messages": {streams, "/v1/messages", messagesRequest, `"text":"hello"`},
		"stream gathered for chat":     {streams, "/v1/chat/completions", chatRequest, `"content":"hello"`},
		"answer replayed to messages":  {plain, "/v1/messages", messagesStream, "event: message_stop"},
		"answer replayed to chat":      {plain, "/v1/chat/completions", chatStream, "data: [DONE]"},
	} {
		t.Run(name, func(t *testing.T) {
			w, rec := call(t, tc.e, "POST", tc.target, tc.body)
			if w.Code != 200 || !strings.Contains(w.Body.String(), tc.want) {
				t.Errorf("answer %d lacks %q: %s", w.Code, tc.want, w.Body)
			}
			if rec.Usage.Output != 2 {
				t.Errorf("usage = %+v, want 2 of output", rec.Usage)
			}
		})
	}
}
