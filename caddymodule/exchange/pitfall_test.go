package exchange

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/accounts"
)

// These tests are of one row with those of package translate that bear the same
// name: what gateways of this kind have got wrong, as far as the engine is
// concerned.

// A 200 whose first event is an error is no answer: the client gets a status,
// or another account's answer.
func TestPitfall21ErrorFirst(t *testing.T) {
	const errorFrame = "data: {\"error\":{\"message\":\"Rate limit reached\",\"type\":\"rate_limit_error\",\"code\":\"rate_limit_exceeded\"}}\n\n"
	for target, body := range map[string]string{"/v1/chat/completions": chatStream, "/v1/messages": messagesStream} {
		f := newFleet(t)
		f.serve("bad", 200, "text/event-stream", errorFrame)
		f.serve("good", 200, "text/event-stream", chatFrames)
		alone := f.engine("acc chat bad")
		if w, _ := call(t, alone, "POST", target, body); w.Code != http.StatusTooManyRequests || strings.Contains(w.Header().Get("Content-Type"), "event-stream") {
			t.Errorf("%s: status %d %s, want 429 and no stream: %s", target, w.Code, w.Header().Get("Content-Type"), w.Body)
		}
		both := f.engine("first chat bad", "second chat good")
		if w, rec := call(t, both, "POST", target, body); w.Code != 200 || rec.Account != "second" || strings.Contains(w.Body.String(), "Rate limit") {
			t.Errorf("%s: status %d from %s, want the second account's answer: %s", target, w.Code, rec.Account, w.Body)
		}
	}
}

// OpenAI's Chat refuses tools together with reasoning: a request that has to be
// translated goes to Responses, and one of Chat's clients as well.
func TestPitfall26ToolsWithReasoning(t *testing.T) {
	for _, p := range accounts.Builtin() {
		if p.Name == "openai" && p.Endpoints[0].Dialect != accounts.DialectResponses {
			t.Errorf("OpenAI is spoken to by %s, want responses", p.Endpoints[0].Dialect)
		}
	}
	f := newFleet(t)
	f.serve("a", 200, "application/json", `{"id":"r","object":"response","created_at":7,"status":"completed","model":"m","output":[{"type":"message","id":"msg_1","role":"assistant","status":"completed","content":[{"type":"output_text","text":"hello","annotations":[]}]}],"usage":{"input_tokens":3,"output_tokens":2,"total_tokens":5}}`)
	e := f.engine("acc responses a")
	w, _ := call(t, e, "POST", "/v1/chat/completions", `{"model":"m","reasoning_effort":"high","messages":[{"role":"user","content":"hi"}],"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{}}}}]}`)
	if w.Code != 200 || !strings.Contains(w.Body.String(), `"content":"hello"`) {
		t.Fatalf("answer %d: %s", w.Code, w.Body)
	}
	for _, want := range []string{`"reasoning":{"effort":"high"`, `"tools":[{"type":"function","name":"f"`} {
		if sent := f.last(); !strings.HasSuffix(sent.url, "/responses") || !strings.Contains(sent.body, want) {
			t.Errorf("sent to %s, want %s in %s", sent.url, want, sent.body)
		}
	}
}

// A spent budget is a 429 like any other to clients, which then try for ever.
func TestPitfall29SpentBudget(t *testing.T) {
	f := newFleet(t)
	f.serve("a", 429, "application/json", fmt.Sprintf(openAIError, "You exceeded your current quota", "insufficient_quota", `"insufficient_quota"`))
	f.serve("b", 429, "application/json", fmt.Sprintf(openAIError, "slow down", "rate_limit_error", `"rate_limit_exceeded"`), "Retry-After", "7")
	for target, body := range map[string]string{"/v1/chat/completions": chatRequest, "/v1/messages": messagesRequest} {
		if w, _ := call(t, f.engine("acc chat a"), "POST", target, body); w.Header().Get("X-Should-Retry") != "false" {
			t.Errorf("%s: a spent budget: status %d, x-should-retry %q, want false", target, w.Code, w.Header().Get("X-Should-Retry"))
		}
		if w, _ := call(t, f.engine("acc chat b"), "POST", target, body); w.Header().Get("X-Should-Retry") == "false" || w.Header().Get("Retry-After") != "7" {
			t.Errorf("%s: a limit per minute: x-should-retry %q, retry-after %q, want none and 7", target, w.Header().Get("X-Should-Retry"), w.Header().Get("Retry-After"))
		}
	}
}
