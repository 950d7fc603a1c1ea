package gemini

import (
	"strings"
	"testing"
	"time"

	"github.com/fairway-gateway/fairway/translate"
)

func TestDecodeError(t *testing.T) {
	google := func(code, status, message, details string) string {
		return `{"error":{"code":` + code + `,"message":"` + message + `","status":"` + status + `","details":[` + details + `]}}`
	}
	quota := `{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaMetric":"m","quotaId":"RequestsPerDay"},{"quotaId":"TokensPerMinute"}]},` +
		`{"@type":"type.googleapis.com/google.rpc.Help"},{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.4s"}`
	tests := []struct {
		name    string
		status  int
		body    string
		kind    translate.ErrorKind
		message string
	}{
		{"quota", 429, google("429", "RESOURCE_EXHAUSTED", "You exceeded your current quota", quota), translate.RateLimited, "You exceeded your current quota"},
		{"in a list", 429, "[" + google("429", "RESOURCE_EXHAUSTED", "slow", quota) + "\n]\n", translate.RateLimited, "slow"},
		{"bad key", 400, google("400", "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", `{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID"}`), translate.Unauthenticated, "API key not valid. Please pass a valid API key."},
		{"country", 400, google("400", "FAILED_PRECONDITION", "User location is not supported for the API use.", ""), translate.Forbidden, "User location is not supported for the API use."},
		{"billing", 400, google("400", "FAILED_PRECONDITION", "Please enable billing on your project", ""), translate.Billing, "Please enable billing on your project"},
		{"context", 400, google("400", "INVALID_ARGUMENT", "The input token count (9) exceeds the maximum number of tokens allowed (8).", ""), translate.ContextTooLong, "The input token count (9) exceeds the maximum number of tokens allowed (8)."},
		{"invalid", 400, google("400", "INVALID_ARGUMENT", "Unknown name", `{"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[{"field":"tools[0]","description":"d"}]}`), translate.InvalidRequest, "Unknown name"},
		{"forbidden", 403, google("403", "PERMISSION_DENIED", "no", ""), translate.Forbidden, "no"},
		{"not found", 404, google("404", "NOT_FOUND", "models/x is not found", ""), translate.NotFound, "models/x is not found"},
		{"internal", 500, google("500", "INTERNAL", "oops", ""), translate.Upstream, "oops"},
		{"overloaded", 503, google("503", "UNAVAILABLE", "The model is overloaded.", ""), translate.Overloaded, "The model is overloaded."},
		{"deadline", 504, google("504", "DEADLINE_EXCEEDED", "late", ""), translate.Timeout, "late"},
		{"cancelled", 499, google("499", "CANCELLED", "gone", ""), translate.Upstream, "gone"},
		{"spent", 402, google("402", "RESOURCE_EXHAUSTED", "no credit", ""), translate.Billing, "no credit"},
		{"key in the message", 403, google("403", "PERMISSION_DENIED", "Consumer 'api_key:AIzaSyA0123456789abcdefghijklmnopqrstuv' has been suspended.", ""), translate.Forbidden, "Consumer 'api_key:[key]' has been suspended."},
		{"string", 500, `{"error":"boom"}`, translate.Upstream, "boom"},
		{"message alone", 500, `{"message":"boom"}`, translate.Upstream, "boom"},
		{"no message", 500, `{"error":{}}`, translate.Upstream, "the upstream reported an error without a message"},
		{"other JSON", 502, `{"a":1}`, translate.Upstream, "the upstream answered with status 502"},
		{"markup", 502, "<!doctype html>\n<h1>Bad gateway</h1>", translate.Upstream, "the upstream answered with status 502"},
		{"plain text", 503, "no healthy upstream\nmore", translate.Overloaded, "the upstream answered with status 503: no healthy upstream"},
		{"nothing", 429, "", translate.RateLimited, "the upstream answered with status 429"},
		{"control characters", 500, "{\"error\":{\"message\":\"a\\u0007\\nb\"}}", translate.Upstream, "a b"},
	}
	for _, test := range tests {
		e := New().DecodeError(test.status, []byte(test.body))
		if e.Kind != test.kind || e.Message != test.message || e.Status != test.status {
			t.Errorf("%s: got kind %d, status %d, %q, want kind %d, %q", test.name, e.Kind, e.Status, e.Message, test.kind, test.message)
		}
	}
	e := New().DecodeError(429, []byte("["+tests[0].body+"]"))
	if got, want := strings.Join(e.QuotaIDs, " "), "RequestsPerDay TokensPerMinute"; got != want || e.RetryAfter != 34400*time.Millisecond {
		t.Errorf("got quotas %s, retry after %s, want %s, 34.4s", got, e.RetryAfter, want)
	}
	if e := New().DecodeError(400, []byte(tests[2].body)); e.Code != "API_KEY_INVALID" || e.Type != "INVALID_ARGUMENT" {
		t.Errorf("got %+v", e)
	}
	if e := New().DecodeError(400, []byte(tests[6].body)); e.Param != "tools[0]" {
		t.Errorf("got param %q, want tools[0]", e.Param)
	}
	if e := New().DecodeError(500, []byte(`{"error":{"message":"`+strings.Repeat("é", 3000)+`"}}`)); len(e.Message) > maxMessage+3 {
		t.Errorf("got a message of %d bytes", len(e.Message))
	}
}

func TestAppendError(t *testing.T) {
	tests := []struct {
		e    translate.Error
		code int
		want string
	}{
		{translate.Error{Kind: translate.RateLimited, Message: "slow", RetryAfter: 34400 * time.Millisecond}, 429,
			`{"error":{"code":429,"message":"slow","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.4s"}]}}`},
		{translate.Error{Kind: translate.Billing, Message: "spent", RetryAfter: time.Second, NoRetry: true}, 429,
			`{"error":{"code":429,"message":"spent","status":"RESOURCE_EXHAUSTED"}}`},
		{*translate.BadRequest("contents[0].role", "must be user"), 400,
			`{"error":{"code":400,"message":"contents[0].role: must be user","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[{"field":"contents[0].role","description":"must be user"}]}]}}`},
		{translate.Error{Kind: translate.ContextTooLong, Message: "m"}, 400, `{"error":{"code":400,"message":"m","status":"INVALID_ARGUMENT"}}`},
		{translate.Error{Kind: translate.Unauthenticated, Message: "m"}, 401, `{"error":{"code":401,"message":"m","status":"UNAUTHENTICATED"}}`},
		{translate.Error{Kind: translate.Forbidden, Message: "m"}, 403, `{"error":{"code":403,"message":"m","status":"PERMISSION_DENIED"}}`},
		{translate.Error{Kind: translate.NotFound, Message: "m"}, 404, `{"error":{"code":404,"message":"m","status":"NOT_FOUND"}}`},
		{translate.Error{Kind: translate.TooLarge, Message: "m"}, 413, `{"error":{"code":413,"message":"m","status":"INVALID_ARGUMENT"}}`},
		{translate.Error{Kind: translate.Overloaded, Message: "m"}, 503, `{"error":{"code":503,"message":"m","status":"UNAVAILABLE"}}`},
		{translate.Error{Kind: translate.Unavailable, Message: "m"}, 503, `{"error":{"code":503,"message":"m","status":"UNAVAILABLE"}}`},
		{translate.Error{Kind: translate.Upstream, Message: "m"}, 502, `{"error":{"code":502,"message":"m","status":"INTERNAL"}}`},
		{translate.Error{Kind: translate.Timeout, Message: "m"}, 504, `{"error":{"code":504,"message":"m","status":"DEADLINE_EXCEEDED"}}`},
		{translate.Error{Kind: translate.Truncated, Message: "m"}, 503, `{"error":{"code":503,"message":"m","status":"UNAVAILABLE"}}`},
		{translate.Error{Kind: translate.Internal, Message: "a \"b\"\u2028"}, 500, `{"error":{"code":500,"message":"a \"b\"\u2028","status":"INTERNAL"}}`},
	}
	for _, test := range tests {
		code, body := New().AppendError(nil, &test.e)
		if code != test.code || string(body) != test.want {
			t.Errorf("got %d %s, want %d %s", code, body, test.code, test.want)
		}
	}
	// An error that goes out reads back the same.
	e := &translate.Error{Kind: translate.RateLimited, Message: "slow", RetryAfter: 1500 * time.Millisecond}
	code, body := New().AppendError(nil, e)
	if got := New().DecodeError(code, body); got.Kind != e.Kind || got.RetryAfter != e.RetryAfter || got.Message != e.Message {
		t.Errorf("got %+v, want %+v", got, e)
	}
}
