package exchange

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

const (
	messagesCount  = `{"model":"m","messages":[{"role":"user","content":"hi"}]}`
	responsesCount = `{"model":"m","input":"hi"}`
	geminiCount    = `{"contents":[{"parts":[{"text":"hi"}]}]}`
)

// counters are the clients that can ask for a count.
var counters = map[string]struct{ target, body, answer string }{
	"messages":  {"/v1/messages/count_tokens", messagesCount, `{"input_tokens":%s}`},
	"responses": {"/v1/responses/input_tokens", responsesCount, `{"object":"response.input_tokens","input_tokens":%s}`},
	"gemini":    {"/v1beta/models/m:countTokens", geminiCount, `{"totalTokens":%s}`},
}

// TestCountTokens counts for every client on every upstream: by the upstream's
// counter where it has one.
func TestCountTokens(t *testing.T) {
	for up, native := range map[string]struct{ url, answer string }{
		"messages":    {"http://u/v1/messages/count_tokens", `{"input_tokens":42}`},
		"responses":   {"http://u/v1/responses/input_tokens", `{"object":"response.input_tokens","input_tokens":42}`},
		"gemini":      {"http://u/v1beta/models/m:countTokens", `{"totalTokens":42,"promptTokensDetails":[]}`},
		"chat":        {},
		"completions": {},
	} {
		for name, client := range counters {
			t.Run(name+" on "+up, func(t *testing.T) {
				f := newFleet(t)
				f.serve("u", 200, "application/json", native.answer)
				e := f.engine("acc " + up + " u")
				w, rec := call(t, e, "POST", client.target, client.body)
				got := w.Body.String()
				if native.answer == "" {
					if want := fmt.Sprintf(client.answer, "5"); w.Code != 200 || got != want || w.Header().Get("X-Token-Count") != "estimated" || f.asked("u") != 0 {
						t.Errorf("got %d %s (%s), want the estimate %s", w.Code, got, w.Header().Get("X-Token-Count"), want)
					}
					return
				}
				want := fmt.Sprintf(client.answer, "42")
				if name == up {
					want = native.answer
				}
				if w.Code != 200 || got != want || w.Header().Get("X-Token-Count") != "" {
					t.Errorf("got %d %s (%s), want %s", w.Code, got, w.Header().Get("X-Token-Count"), want)
				}
				if sent := f.last(); sent.url != native.url || name == up && sent.body != client.body {
					t.Errorf("sent %s %s, want it at %s", sent.url, sent.body, native.url)
				}
				if rec.Operation.String() != "count_tokens" || rec.Account != "acc" {
					t.Errorf("record = %+v", rec)
				}
			})
		}
	}
}

// TestCounterFails has a counter that is missing or ails: the client gets an
// estimate, and the account is as good as before.
func TestCounterFails(t *testing.T) {
	refusal := func(status int, kind string) func(*fleet) {
		return func(f *fleet) {
			f.serve("u", status, "application/json", fmt.Sprintf(anthropicError, kind, "no"))
		}
	}
	for name, fault := range map[string]func(*fleet){
		"404": refusal(404, "not_found_error"), "405": refusal(405, "invalid_request_error"), "501": refusal(501, "api_error"),
		"500": refusal(500, "api_error"), "503": refusal(503, "api_error"), "529": refusal(529, "overloaded_error"),
		"403": refusal(403, "permission_error"), "402": refusal(402, "billing_error"), "429": refusal(429, "rate_limit_error"),
		"a web page": func(f *fleet) { f.serve("u", 200, "text/html", "<html>") },
		"no count":   func(f *fleet) { f.serve("u", 200, "application/json", `{"error":"Unexpected endpoint"}`) },
		"a stream":   func(f *fleet) { f.serve("u", 200, "text/event-stream", messagesFrames) },
		"half a count": func(f *fleet) {
			f.handle("u", func(*http.Request, []byte) *http.Response {
				r := answer(200, "application/json", "")
				r.Body = broken{}
				return r
			})
		},
		"unreachable": func(f *fleet) { f.handle("u", nil) },
	} {
		t.Run(name, func(t *testing.T) {
			f := newFleet(t)
			fault(f)
			e := f.engine("acc messages u", "other messages v")
			for _, client := range counters {
				for range 3 {
					w, _ := call(t, e, "POST", client.target, client.body)
					if want := fmt.Sprintf(client.answer, "5"); w.Code != 200 || w.Body.String() != want || w.Header().Get("X-Token-Count") != "estimated" {
						t.Fatalf("got %d %s, want the estimate %s", w.Code, w.Body, want)
					}
				}
			}
			f.serve("u", 200, "application/json", messagesAnswer)
			if w, rec := call(t, e, "POST", "/v1/messages", messagesRequest); w.Code != 200 || rec.Account != "acc" {
				t.Errorf("then %d by %s, want 200 by acc: %s", w.Code, rec.Account, rec.Trail)
			}
		})
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
func (broken) Close() error             { return nil }

// TestCounterRefuses is what a counter's refusal means to others.
func TestCounterRefuses(t *testing.T) {
	f := newFleet(t)
	e := f.engine("acc messages u", "other messages v")
	bad := fmt.Sprintf(anthropicError, "invalid_request_error", "messages: too few")
	f.serve("u", 400, "application/json", bad)
	w, _ := call(t, e, "POST", "/v1/messages/count_tokens", messagesCount)
	if w.Code != 400 || w.Body.String() != bad {
		t.Errorf("the client's own fault: got %d %s, want it passed on", w.Code, w.Body)
	}
	w, _ = call(t, e, "POST", "/v1/responses/input_tokens", responsesCount)
	if w.Code != 200 || w.Header().Get("X-Token-Count") != "estimated" {
		t.Errorf("a refused translation: got %d %s, want an estimate", w.Code, w.Body)
	}
	w, _ = call(t, e, "POST", "/v1/responses/input_tokens", `{"model":"m","input":7}`)
	if w.Code != 400 {
		t.Errorf("nonsense: got %d %s, want 400", w.Code, w.Body)
	}
	f.serve("u", 401, "application/json", fmt.Sprintf(anthropicError, "authentication_error", "invalid x-api-key"))
	f.serve("v", 200, "application/json", `{"input_tokens":9}`)
	w, rec := call(t, e, "POST", "/v1/messages/count_tokens", messagesCount)
	if w.Body.String() != `{"input_tokens":9}` || rec.Account != "other" {
		t.Errorf("a bad key: got %s by %s, want the other account's count", w.Body, rec.Account)
	}
}

// TestCountWithoutAccounts counts while no account may be asked.
func TestCountWithoutAccounts(t *testing.T) {
	f := newFleet(t)
	f.serve("u", 429, "application/json", fmt.Sprintf(anthropicError, "rate_limit_error", "slow down"), "Retry-After", "3")
	e := f.engine("acc messages u")
	call(t, e, "POST", "/v1/messages", messagesRequest)
	before := time.Now()
	w, _ := callCtx(t, t.Context(), e, Settings{}, "POST", "/v1/messages/count_tokens", messagesCount)
	if w.Code != 200 || w.Header().Get("X-Token-Count") != "estimated" || f.asked("u") != 1 {
		t.Errorf("got %d %s, want an estimate without asking", w.Code, w.Body)
	}
	if waited := time.Since(before); waited > 2*time.Second {
		t.Errorf("the estimate came after %s, want it at once", waited)
	}
}

// TestCountIsRepeated asks the same twice, and a minute later.
func TestCountIsRepeated(t *testing.T) {
	f := newFleet(t)
	f.serve("u", 200, "application/json", `{"input_tokens":42}`)
	e := f.engine("acc messages u")
	begun := time.Now()
	var later atomic.Int64
	e.now = func() time.Time { return begun.Add(time.Duration(later.Load())) }
	asked := 0
	for _, step := range []struct {
		name, client, header string
		later                time.Duration
		body                 string
		asks                 int
	}{
		{"first", "messages", "", 0, messagesCount, 1},
		{"again", "messages", "", 59 * time.Second, messagesCount, 0},
		{"another body", "messages", "", 0, strings.Replace(messagesCount, "hi", "ho", 1), 1},
		{"other betas", "messages", "b", 0, messagesCount, 1},
		{"another dialect", "responses", "", 0, responsesCount, 1},
		{"and again", "responses", "", 0, responsesCount, 0},
		{"a minute later", "messages", "", time.Second, messagesCount, 1},
	} {
		later.Add(int64(step.later))
		c := counters[step.client]
		w, _ := call(t, e, "POST", c.target, step.body, "Anthropic-Beta", step.header)
		if want := fmt.Sprintf(c.answer, "42"); w.Body.String() != want || w.Header().Get("X-Ai-Account") != "acc" {
			t.Errorf("%s: got %s by %s, want %s by acc", step.name, w.Body, w.Header().Get("X-Ai-Account"), want)
		}
		e.counts.cache.Wait()
		if got := f.asked("u") - asked; got != step.asks {
			t.Errorf("%s: asked %d times, want %d", step.name, got, step.asks)
		}
		asked = f.asked("u")
	}
}
