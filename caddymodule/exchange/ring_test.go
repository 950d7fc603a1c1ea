package exchange

import (
	"fmt"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
)

func TestTrails(t *testing.T) {
	f := newFleet(t)
	f.serve("a", 429, "application/json", fmt.Sprintf(openAIError, "slow down "+canary, "rate_limit_error", `"rate_limit_exceeded"`), "Retry-After", "30")
	f.serve("b", 200, "application/json", chatAnswer)
	e := f.engine("one chat a", "two chat b")
	if got := e.Trails(10); len(got) != 0 {
		t.Errorf("before the first exchange: got %v", got)
	}
	call(t, e, "POST", "/v1/chat/completions", `{"model":"m","messages":[{"role":"user","content":"a secret prompt"}]}`)
	call(t, e, "POST", "/v1/messages", `{"model":"nope","messages":[]}`)
	past := e.Trails(10)
	if len(past) != 2 {
		t.Fatalf("got %d exchanges, want 2", len(past))
	}
	first := past[1] // the newest comes first
	if got, want := fmt.Sprintln(first.Model, first.Account, first.Status, first.Attempts, first.Operation, len(first.Trail)), "m two 200 2 generate 2\n"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if past[0].Status != 404 || past[0].Dialect != "messages" || !strings.Contains(past[0].Error, "nope") {
		t.Errorf("got %+v", past[0])
	}
	f.serve("b", 400, "application/json", fmt.Sprintf(openAIError, "I do not like 'a secret prompt'", "invalid_request_error", "null"))
	call(t, e, "POST", "/v1/chat/completions", chatRequest)
	past = e.Trails(10)
	if got, want := past[0].Error, "the upstream's error invalid_request_error"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	text, err := json.Marshal(past)
	if err != nil {
		t.Fatal(err)
	}
	for _, never := range []string{canary, "secret prompt"} {
		if strings.Contains(string(text), never) {
			t.Errorf("%q is remembered: %s", never, text)
		}
	}
	var r ring
	for i := range 3 * pastExchanges / 2 {
		r.add(Past{Attempts: i})
	}
	past = r.last(1 << 20)
	if len(past) != pastExchanges || past[0].Attempts != 3*pastExchanges/2-1 || past[pastExchanges-1].Attempts != pastExchanges/2 {
		t.Errorf("got %d exchanges from %d to %d", len(past), past[0].Attempts, past[len(past)-1].Attempts)
	}
	if got := r.last(-1); len(got) != 0 {
		t.Errorf("got %v", got)
	}
}

func TestQuotaIsReadFromAnswers(t *testing.T) {
	f := newFleet(t)
	limits := []string{"X-Ratelimit-Limit-Tokens", "1000", "X-Ratelimit-Remaining-Tokens", "400", "X-Ratelimit-Reset-Tokens", "30s"}
	f.serve("plain", 200, "application/json", chatAnswer, limits...)
	f.serve("stream", 200, "text/event-stream", chatFrames, limits...)
	f.serve("limited", 429, "application/json", fmt.Sprintf(openAIError, "slow down", "rate_limit_error", `"rate_limit_exceeded"`),
		"X-Ratelimit-Limit-Tokens", "1000", "X-Ratelimit-Remaining-Tokens", "0", "X-Ratelimit-Reset-Tokens", "30s")
	f.serve("google", 429, "application/json", `{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"x","details":[`+
		`{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":"GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]}]}}`)
	e := f.engine("plain chat plain", "stream chat stream", "limited chat limited", "google gemini google")
	for _, name := range []string{"plain", "stream", "limited", "google"} {
		call(t, e, "POST", "/v1/chat/completions", chatStream, "X-Ai-Account", name)
	}
	var got []string
	for _, a := range e.Accounts() {
		for _, q := range a.Quota {
			got = append(got, fmt.Sprint(a.Name, " ", q.Model, " ", q.Name, " ", q.Remaining, "/", q.Limit))
		}
	}
	want := "[plain m tokens 400/1000 stream m tokens 400/1000 limited m tokens 0/1000 google m GenerateRequestsPerDayPerProjectPerModel-FreeTier 0/0]"
	if fmt.Sprint(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestExplain(t *testing.T) {
	f := newFleet(t)
	e := f.engine("one chat a", "two chat b")
	if err := e.Switch("one", 1); err != nil {
		t.Fatal(err)
	}
	plan, err := e.Explain(t.Context(), Question{Model: "m"})
	if err != nil || plan.Account != "two" || plan.Upstream != "m" || plan.Targets[0].Accounts[0].Why != "switched off" {
		t.Errorf("got %+v, %v", plan, err)
	}
	if f.asked("a")+f.asked("b") != 0 {
		t.Error("an account was asked to explain")
	}
	for want, q := range map[string]Question{
		`model "nope" is not served`: {Model: "nope"}, "there is no pool p": {Model: "m", Pool: "p"},
		`there is no account "three"`: {Model: "m", Account: "three"},
	} {
		if _, err := e.Explain(t.Context(), q); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: got %v, want %s", q, err, want)
		}
	}
}
