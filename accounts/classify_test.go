package accounts

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"
)

func header(pairs ...string) http.Header {
	h := make(http.Header)
	for i := 0; i < len(pairs); i += 2 {
		h.Set(pairs[i], pairs[i+1])
	}
	return h
}

var html = header("Content-Type", "text/html; charset=utf-8")

func TestClassify(t *testing.T) {
	for _, tt := range []struct {
		name string
		sign Sign
		want Outcome
		wide bool
	}{
		{"ok", Sign{Status: 200}, OK, false},
		{"created", Sign{Status: 201}, OK, false},

		// OpenAI
		{"openai bad key", Sign{Status: 401, Type: "invalid_request_error", Code: "invalid_api_key", Message: "Incorrect API key provided: sk-ab***yz."}, CredentialInvalid, true},
		{"openai rate limit", Sign{Status: 429, Type: "requests", Code: "rate_limit_exceeded", Message: "Rate limit reached for gpt-5"}, RateLimited, false},
		{"openai slow down", Sign{Status: 503, Type: "server_error", Code: "slow_down"}, RateLimited, false},
		{"openai insufficient quota", Sign{Status: 429, Type: "insufficient_quota", Code: "insufficient_quota", Message: "You exceeded your current quota"}, QuotaExhausted, true},
		{"openai credit balance", Sign{Status: 429, Code: "credit_balance_exhausted"}, QuotaExhausted, true},
		{"openai billing limit", Sign{Status: 400, Type: "invalid_request_error", Code: "billing_hard_limit_reached"}, QuotaExhausted, true},
		{"openai overloaded", Sign{Status: 503, Type: "service_unavailable_error", Code: "server_is_overloaded"}, Overloaded, false},
		{"openai engine overloaded", Sign{Status: 429, Message: "The engine is currently overloaded, please try again later"}, Overloaded, false},
		{"openai server error", Sign{Status: 500, Type: "server_error"}, Transient, true},
		{"openai model", Sign{Status: 404, Type: "invalid_request_error", Code: "model_not_found", Message: "The model `x` does not exist or you do not have access to it."}, ModelUnavailable, false},
		{"openai model as 400", Sign{Status: 400, Type: "invalid_request_error", Code: "model_not_found"}, ModelUnavailable, false},
		{"openai model as 403", Sign{Status: 403, Code: "model_not_found"}, ModelUnavailable, false},
		{"openai path", Sign{Status: 404, Type: "invalid_request_error", Message: "Invalid URL (POST /v1/v1/responses)"}, ModelUnavailable, false},
		{"openai context", Sign{Status: 400, Type: "invalid_request_error", Code: "context_length_exceeded"}, CallerFault, false},
		{"openai item", Sign{Status: 404, Type: "invalid_request_error", Message: "Item with id 'rs_1' not found. Items are not persisted when `store` is set to false."}, CallerFault, false},
		{"openai previous response", Sign{Status: 400, Type: "invalid_request_error", Code: "previous_response_not_found"}, CallerFault, false},
		{"openai country", Sign{Status: 403, Code: "unsupported_country_region_territory"}, PermissionDenied, false},
		{"openai deactivated", Sign{Status: 403, Code: "account_deactivated"}, CredentialInvalid, true},
		{"openai validation", Sign{Status: 400, Type: "invalid_request_error", Code: "unsupported_value"}, CallerFault, false},

		// Anthropic
		{"anthropic bad key", Sign{Status: 401, Type: "authentication_error", Message: "invalid x-api-key"}, CredentialInvalid, true},
		{"anthropic rate limit", Sign{Status: 429, Type: "rate_limit_error"}, RateLimited, false},
		{"anthropic spend limit", Sign{Status: 429, Type: "rate_limit_error", Code: "enforced_spend_limit_reached"}, QuotaExhausted, true},
		{"anthropic not to be retried", Sign{Status: 429, Type: "rate_limit_error", NoRetry: true}, QuotaExhausted, true},
		{"anthropic x-should-retry", Sign{Status: 429, Type: "rate_limit_error", Header: header("x-should-retry", "false")}, QuotaExhausted, true},
		{"anthropic billing", Sign{Status: 402, Type: "billing_error"}, QuotaExhausted, true},
		{"anthropic credit as 400", Sign{Status: 400, Type: "invalid_request_error", Message: "Your credit balance is too low to access the Anthropic API."}, QuotaExhausted, true},
		{"anthropic disabled", Sign{Status: 400, Type: "invalid_request_error", Message: "This organization has been disabled."}, CredentialInvalid, true},
		{"anthropic overloaded", Sign{Status: 529, Type: "overloaded_error"}, Overloaded, false},
		{"anthropic overloaded as 500", Sign{Status: 500, Type: "overloaded_error"}, Overloaded, false},
		{"anthropic model", Sign{Status: 404, Type: "not_found_error", Message: "model: claude-x"}, ModelUnavailable, false},
		{"anthropic file", Sign{Status: 404, Type: "not_found_error", Message: "File not found: file_1"}, CallerFault, false},
		{"anthropic permission", Sign{Status: 403, Type: "permission_error"}, PermissionDenied, false},
		{"anthropic too large", Sign{Status: 413, Type: "request_too_large"}, CallerFault, false},
		{"anthropic prompt too long", Sign{Status: 400, Type: "invalid_request_error", Message: "prompt is too long: 210000 tokens > 200000 maximum"}, CallerFault, false},
		{"anthropic timeout", Sign{Status: 504, Type: "timeout_error"}, Transient, true},

		// Gemini
		{"gemini bad key", Sign{Status: 400, Type: "INVALID_ARGUMENT", Message: "API key not valid. Please pass a valid API key."}, CredentialInvalid, true},
		{"gemini bad key by reason", Sign{Status: 400, Type: "INVALID_ARGUMENT", Code: "API_KEY_INVALID"}, CredentialInvalid, true},
		{"gemini leaked key", Sign{Status: 403, Type: "PERMISSION_DENIED", Message: "Your API key was reported as leaked. Please use another API key."}, CredentialInvalid, true},
		{"gemini per minute", Sign{Status: 429, Type: "RESOURCE_EXHAUSTED", Message: "You exceeded your current quota", QuotaIDs: []string{"GenerateRequestsPerMinutePerProjectPerModel-FreeTier"}}, RateLimited, false},
		{"gemini per day and model", Sign{Status: 429, Type: "RESOURCE_EXHAUSTED", QuotaIDs: []string{"GenerateRequestsPerDayPerProjectPerModel-FreeTier"}}, QuotaExhausted, false},
		{"gemini per day", Sign{Status: 429, Type: "RESOURCE_EXHAUSTED", QuotaIDs: []string{"GenerateRequestsPerDayPerProject"}}, QuotaExhausted, true},
		{"gemini overloaded", Sign{Status: 503, Type: "UNAVAILABLE", Message: "The model is overloaded."}, Overloaded, false},
		{"gemini model", Sign{Status: 404, Type: "NOT_FOUND", Message: "models/x is not found for API version v1beta"}, ModelUnavailable, false},
		{"gemini location", Sign{Status: 400, Type: "FAILED_PRECONDITION", Message: "User location is not supported for the API use."}, PermissionDenied, false},
		{"gemini argument", Sign{Status: 400, Type: "INVALID_ARGUMENT", Message: "Invalid JSON payload received."}, CallerFault, false},
		{"gemini internal", Sign{Status: 500, Type: "INTERNAL"}, Transient, true},
		{"gemini cancelled", Sign{Status: 499, Type: "CANCELLED"}, Transient, true},
		{"gemini deadline", Sign{Status: 504, Type: "DEADLINE_EXCEEDED"}, Transient, true},
		{"google quota in a 403", Sign{Status: 403, Type: "PERMISSION_DENIED", Code: "quotaExceeded"}, QuotaExhausted, true},
		{"google rate limit in a 403", Sign{Status: 403, Code: "rateLimitExceeded"}, RateLimited, false},

		// others
		{"xai bad key", Sign{Status: 400, Message: "Incorrect API key provided: xa***yz."}, CredentialInvalid, true},
		{"xai credits", Sign{Status: 403, Message: "Your team has either used all available credits or reached its monthly spending limit."}, QuotaExhausted, true},
		{"deepseek balance", Sign{Status: 402, Type: "unknown_error", Code: "invalid_request_error", Message: "Insufficient Balance"}, QuotaExhausted, true},
		{"deepseek key", Sign{Status: 401, Type: "authentication_error", Message: "Authentication Fails"}, CredentialInvalid, true},
		{"openrouter moderation", Sign{Status: 403, Code: "403", Message: "Your chosen model requires moderation and your input was flagged"}, CallerFault, false},
		{"openrouter model", Sign{Status: 400, Code: "400", Message: "x/y is not a valid model ID"}, ModelUnavailable, false},
		{"zai balance", Sign{Status: 429, Code: "1113"}, QuotaExhausted, true},
		{"groq capacity", Sign{Status: 498}, Overloaded, false},
		{"groq model", Sign{Status: 400, Type: "invalid_request_error", Code: "model_decommissioned"}, ModelUnavailable, false},
		{"ollama model", Sign{Status: 404, Type: "api_error", Message: `model "x" not found, try pulling it first`}, ModelUnavailable, false},
		{"llama.cpp loading", Sign{Status: 503, Type: "unavailable_error", Message: "Loading model"}, Overloaded, false},
		{"llama.cpp context", Sign{Status: 400, Type: "exceed_context_size_error"}, CallerFault, false},

		{"bedrock throttled", Sign{Status: 429, Code: "ThrottlingException"}, RateLimited, false},
		{"bedrock throttled as 400", Sign{Status: 400, Code: "ThrottlingException"}, RateLimited, false},
		{"bedrock quota", Sign{Status: 400, Code: "ServiceQuotaExceededException"}, QuotaExhausted, true},
		{"bedrock key", Sign{Status: 403, Code: "UnrecognizedClientException"}, CredentialInvalid, true},
		{"bedrock expired", Sign{Status: 403, Code: "ExpiredTokenException"}, CredentialInvalid, true},
		{"bedrock access", Sign{Status: 403, Code: "AccessDeniedException"}, PermissionDenied, false},
		{"bedrock model", Sign{Status: 400, Code: "ValidationException", Message: "The provided model identifier is invalid."}, ModelUnavailable, false},
		{"bedrock validation", Sign{Status: 400, Code: "ValidationException", Message: "max_tokens: must be at least 1"}, CallerFault, false},
		{"bedrock model error", Sign{Status: 424, Code: "ModelErrorException"}, Transient, true},
		{"bedrock not ready", Sign{Status: 429, Code: "ModelNotReadyException"}, Overloaded, false},
		{"azure deployment", Sign{Status: 404, Code: "DeploymentNotFound"}, ModelUnavailable, false},
		{"azure filter", Sign{Status: 400, Code: "content_filter"}, CallerFault, false},

		// statuses alone
		{"400", Sign{Status: 400}, CallerFault, false},
		{"401", Sign{Status: 401}, CredentialInvalid, true},
		{"402", Sign{Status: 402}, QuotaExhausted, true},
		{"403", Sign{Status: 403}, PermissionDenied, false},
		{"404", Sign{Status: 404}, ModelUnavailable, false},
		{"405", Sign{Status: 405}, ModelUnavailable, false},
		{"408", Sign{Status: 408}, Transient, true},
		{"409", Sign{Status: 409}, CallerFault, false},
		{"422", Sign{Status: 422}, CallerFault, false},
		{"429", Sign{Status: 429}, RateLimited, false},
		{"502", Sign{Status: 502}, Transient, true},
		{"503", Sign{Status: 503}, Overloaded, false},
		{"302", Sign{Status: 302}, Transient, true},

		// web pages
		{"page as 200", Sign{Status: 200, Header: html}, Transient, true},
		{"challenge", Sign{Status: 403, Header: html}, Transient, true},
		{"page as 404", Sign{Status: 404, Message: "<!DOCTYPE html><title>Not found</title>"}, ModelUnavailable, false},
		{"page as 429", Sign{Status: 429, Header: html}, RateLimited, false},
		{"page as 502", Sign{Status: 502, Header: html}, Transient, true},

		// streams
		{"first frame rate limit", Sign{Status: 200, FirstFrame: true, Type: "rate_limit_error"}, RateLimited, false},
		{"first frame status", Sign{Status: 200, FirstFrame: true, Code: "429", Message: "x"}, RateLimited, false},
		{"first frame bad gateway", Sign{Status: 200, FirstFrame: true, Code: "502"}, Transient, true},
		{"first frame unknown", Sign{Status: 200, FirstFrame: true, Message: "oops"}, Transient, true},
		{"first frame caller", Sign{Status: 200, FirstFrame: true, Type: "invalid_request_error"}, CallerFault, false},
		{"first frame overloaded", Sign{Status: 200, FirstFrame: true, Type: "overloaded_error"}, Overloaded, false},
		{"event inside", Sign{Status: 200, Type: "api_error", Message: "Internal server error"}, Transient, true},

		// no response
		{"left", Sign{Err: fmt.Errorf("asking: %w", context.Canceled)}, Canceled, false},
		{"timeout", Sign{Err: context.DeadlineExceeded}, Transient, true},
		{"refused", Sign{Err: &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}}, Transient, true},
		{"reset before the first byte", Sign{Status: 200, FirstFrame: true, Err: syscall.ECONNRESET}, Transient, true},
		{"cut after the first byte", Sign{Status: 200, Err: io.ErrUnexpectedEOF}, BrokenStream, true},
		{"dead refresh token", Sign{Status: 400, Code: "invalid_grant"}, CredentialInvalid, true},
		{"nothing", Sign{}, Transient, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := Classify(tt.sign, time.Unix(1_800_000_000, 0))
			if got.Outcome != tt.want || got.Account != tt.wide {
				t.Errorf("got %s, account %t; want %s, %t", got.Outcome, got.Account, tt.want, tt.wide)
			}
			if !got.Until.IsZero() {
				t.Errorf("got a reset time: %s", got.Until)
			}
			if got.Detail == "" && tt.want != OK && tt.want != Canceled && tt.name != "nothing" {
				t.Error("no detail")
			}
			if tt.sign.Message != "" && strings.Contains(got.Detail, tt.sign.Message) {
				t.Errorf("the detail quotes the upstream: %s", got.Detail)
			}
		})
	}
}

// TestClassifyIsNotTalkedInto: what a client writes is quoted in upstream errors, and must not cool an account.
func TestClassifyIsNotTalkedInto(t *testing.T) {
	for _, s := range []Sign{
		{Status: 400, Type: "invalid_request_error", Message: "Invalid value: 'API key not valid'. Supported values are: 'user'."},
		{Status: 400, Type: "INVALID_ARGUMENT", Message: "Unknown name \"your credit balance is too low\""},
		{Status: 422, Message: "messages.0.role: this organization has been disabled"},
		{Status: 413, Message: "insufficient balance"[3:]},
	} {
		if got := Classify(s, time.Now()).Outcome; got != CallerFault {
			t.Errorf("%s: got %s", s.Message, got)
		}
	}
	s := Sign{Status: 404, Code: "model_not_found", Message: "The model `incorrect api key` does not exist"}
	if got := Classify(s, time.Now()).Outcome; got != ModelUnavailable {
		t.Errorf("got %s", got)
	}
}

func TestResetTime(t *testing.T) {
	now := time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)
	const day = 24 * time.Hour
	for _, tt := range []struct {
		name string
		sign Sign
		want time.Duration // 0: none
	}{
		{"seconds", Sign{Header: header("retry-after", "20")}, 20 * time.Second},
		{"float", Sign{Header: header("retry-after", "1.5")}, 1500 * time.Millisecond},
		{"date", Sign{Header: header("retry-after", "Sun, 22 Nov 2026 14:03:00 GMT")}, 3 * time.Minute},
		{"past date", Sign{Header: header("retry-after", "Sun, 22 Nov 2026 13:00:00 GMT")}, 0},
		{"milliseconds first", Sign{Header: header("retry-after-ms", "250", "retry-after", "20")}, 250 * time.Millisecond},
		{"negative", Sign{Header: header("retry-after", "-5")}, 0},
		{"garbage", Sign{Header: header("retry-after", "soon")}, 0},
		{"NaN", Sign{Header: header("retry-after", "NaN")}, 0},
		{"infinite", Sign{Header: header("retry-after", "Inf")}, day},
		{"cap", Sign{Header: header("retry-after", "999999")}, day},
		{"body", Sign{RetryAfter: 34400 * time.Millisecond}, 34400 * time.Millisecond},
		{"body cap", Sign{RetryAfter: 100 * day}, day},
		{"anthropic", Sign{Header: header("anthropic-ratelimit-requests-remaining", "12", "anthropic-ratelimit-requests-reset", "2026-11-22T15:00:00Z",
			"anthropic-ratelimit-input-tokens-remaining", "0", "anthropic-ratelimit-input-tokens-reset", "2026-11-22T14:00:42Z")}, 42 * time.Second},
		{"anthropic latest of the exhausted", Sign{Header: header("anthropic-ratelimit-requests-remaining", "0", "anthropic-ratelimit-requests-reset", "2026-11-22T14:00:10Z",
			"anthropic-ratelimit-tokens-remaining", "0", "anthropic-ratelimit-tokens-reset", "2026-11-22T14:00:42Z")}, 42 * time.Second},
		{"anthropic unified", Sign{Header: header("anthropic-ratelimit-unified-status", "rejected", "anthropic-ratelimit-unified-reset", "1795359600")}, time.Hour},
		{"anthropic unified allowed", Sign{Header: header("anthropic-ratelimit-unified-status", "allowed", "anthropic-ratelimit-unified-reset", "1795359600")}, 0},
		{"openai duration", Sign{Header: header("x-ratelimit-remaining-tokens", "0", "x-ratelimit-reset-tokens", "6m0s", "x-ratelimit-remaining-requests", "3", "x-ratelimit-reset-requests", "20h")}, 6 * time.Minute},
		{"openai milliseconds", Sign{Header: header("x-ratelimit-remaining-requests", "0", "x-ratelimit-reset-requests", "120ms")}, 120 * time.Millisecond},
		{"nothing exhausted", Sign{Header: header("x-ratelimit-remaining-tokens", "5", "x-ratelimit-reset-tokens", "6m0s")}, 0},
		{"seconds in a reset", Sign{Header: header("ratelimit-remaining", "0", "ratelimit-reset", "13")}, 13 * time.Second},
		{"openrouter milliseconds since 1970", Sign{Header: header("x-ratelimit-remaining", "0", "x-ratelimit-reset", "1795356030000")}, 30 * time.Second},
		{"openai text", Sign{Message: "Rate limit reached for gpt-5. Please try again in 1m2.5s. Visit"}, 62500 * time.Millisecond},
		{"google text", Sign{Message: "You exceeded your current quota. Please retry in 34.074824224s."}, 34074824224},
		{"azure text", Sign{Message: "Requests have exceeded the call rate limit. Please retry after 26 seconds."}, 26 * time.Second},
		{"minutes in a text", Sign{Message: "Try again in 2 minutes."}, 2 * time.Minute},
		{"no time in a text", Sign{Message: "Please retry after the next release, in 5 years"}, 0},
		{"days", Sign{Header: header("x-ratelimit-remaining-requests", "0", "x-ratelimit-reset-requests", "0d1h30m")}, 90 * time.Minute},
		{"a date in a reset", Sign{Header: header("x-ratelimit-remaining", "0", "x-ratelimit-reset", "Sun, 22 Nov 2026 14:03:00 GMT")}, 3 * time.Minute},
		{"a limit per minute", Sign{Header: header("x-ratelimit-remaining-tokens-minute", "0", "x-ratelimit-reset-tokens-minute", "11.5")}, 11500 * time.Millisecond},
		{"nothing", Sign{}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.sign.Status = 429
			got := Classify(tt.sign, now).Until
			want := time.Time{}
			if tt.want > 0 {
				want = now.Add(tt.want)
			}
			if !got.Equal(want) {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
	daily := Sign{Status: 429, Type: "RESOURCE_EXHAUSTED", RetryAfter: 20 * time.Second, QuotaIDs: []string{"RequestsPerDayPerModel"}}
	if got := Classify(daily, now).Until; !got.IsZero() {
		t.Errorf("a quota per day is back at %s", got)
	}
	if got := Classify(Sign{Status: 400, Header: header("retry-after", "20")}, now).Until; !got.IsZero() {
		t.Errorf("a caller's fault has a reset time: %s", got)
	}
}

func TestDetail(t *testing.T) {
	for _, tt := range []struct {
		sign Sign
		want string
	}{
		{Sign{Status: 429, Type: "rate_limit_error", Message: "secret"}, "HTTP 429 rate_limit_error"},
		{Sign{Status: 400, Type: "invalid_request_error", Code: "bad code with sk-123"}, "HTTP 400 invalid_request_error"},
		{Sign{Status: 200, FirstFrame: true, Type: "api_error"}, "HTTP 200 api_error as the first event of a stream"},
		{Sign{Status: 404, Message: "404 page not found"}, "HTTP 404, the server has no such path; check base_url and dialect"},
		{Sign{Status: 404, Message: "models/x is not found"}, "HTTP 404"},
		{Sign{Status: 200, Header: html}, "HTTP 200, a web page instead of an API answer; check base_url and proxies in between"},
		{Sign{Status: 301}, "HTTP 301, a redirect, which is not followed; check base_url"},
		{Sign{Err: &net.OpError{Err: syscall.ECONNREFUSED}}, "the connection was refused"},
		{Sign{Err: &net.DNSError{Name: "secret.example"}}, "the host name could not be resolved"},
		{Sign{Err: context.DeadlineExceeded}, "no answer in time"},
		{Sign{Err: errors.New("Get \"https://x/?key=secret\": odd")}, "the connection failed"},
	} {
		if got := Classify(tt.sign, time.Now()).Detail; got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}
