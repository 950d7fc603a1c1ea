package accounts

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

func TestReadQuota(t *testing.T) {
	now := time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name   string
		header http.Header
		want   string
	}{
		{"none", header("content-type", "application/json", "x-request-id", "r"), "[]"},
		{"anthropic", header(
			"anthropic-ratelimit-requests-limit", "50", "anthropic-ratelimit-requests-remaining", "49", "anthropic-ratelimit-requests-reset", "2026-11-22T14:00:01Z",
			"anthropic-ratelimit-input-tokens-limit", "30000", "anthropic-ratelimit-input-tokens-remaining", "3000", "anthropic-ratelimit-input-tokens-reset", "2026-11-22T14:00:54Z"),
			"[{input_tokens false 30000 3000 54s} {requests false 50 49 1s}]"},
		{"anthropic unified", header("anthropic-ratelimit-unified-status", "allowed", "anthropic-ratelimit-unified-reset", "1795359600",
			"anthropic-ratelimit-unified-5h-utilization", "0.25", "anthropic-ratelimit-unified-5h-reset", "1795359600", "anthropic-ratelimit-unified-5h-status", "allowed",
			"anthropic-ratelimit-unified-7d-utilization", "1.01", "anthropic-ratelimit-unified-7d-reset", "1795442400"),
			"[{5h true 1 0.75 1h0m0s} {7d true 1 0 24h0m0s}]"},
		{"openai", header("x-ratelimit-limit-requests", "500", "x-ratelimit-remaining-requests", "499", "x-ratelimit-reset-requests", "120ms",
			"x-ratelimit-limit-tokens", "200000", "x-ratelimit-remaining-tokens", "0", "x-ratelimit-reset-tokens", "6m0s"),
			"[{requests false 500 499 120ms} {tokens false 200000 0 6m0s}]"},
		{"groq", header("x-ratelimit-limit-requests", "14400", "x-ratelimit-remaining-requests", "14370", "x-ratelimit-reset-requests", "2m59.56s"),
			"[{requests false 14400 14370 2m59.56s}]"},
		{"cerebras", header("x-ratelimit-limit-tokens-minute", "60000", "x-ratelimit-remaining-tokens-minute", "59000", "x-ratelimit-reset-tokens-minute", "11.4"),
			"[{tokens_minute false 60000 59000 11.4s}]"},
		{"mistral", header("x-ratelimit-limit-req-minute", "60", "x-ratelimit-remaining-req-minute", "58"), "[{requests_minute false 60 58 0s}]"},
		{"openrouter", header("x-ratelimit-limit", "20", "x-ratelimit-remaining", "0", "x-ratelimit-reset", "1795356060000"), "[{requests true 20 0 1m0s}]"},
		{"ietf", header("ratelimit-limit", "100", "ratelimit-remaining", "40", "ratelimit-reset", "13"), "[{requests true 100 40 13s}]"},
		{"no rest", header("x-ratelimit-limit-requests", "500"), "[]"},
		{"garbage", header("x-ratelimit-remaining-requests", "many", "x-ratelimit-remaining-tokens", "-4", "x-ratelimit-remaining-x", "NaN"), "[]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := limits(ReadQuota(tt.header, now), now); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// limits writes limits in one line, resets as the time until them.
func limits(ls []Limit, now time.Time) string {
	out := []string{}
	for _, l := range ls {
		var reset time.Duration
		if !l.Reset.IsZero() {
			reset = l.Reset.Sub(now)
		}
		out = append(out, fmt.Sprintf("{%s %t %g %g %s}", l.Name, l.Account, l.Max, l.Remaining, reset))
	}
	return fmt.Sprint(out)
}

func TestQuotaOfGoogleErrors(t *testing.T) {
	now := time.Now()
	s := Sign{Status: 429, RetryAfter: 34 * time.Second, QuotaIDs: []string{
		"GenerateRequestsPerMinutePerProjectPerModel-FreeTier", "GenerateRequestsPerDayPerProject-FreeTier"}}
	want := "[{GenerateRequestsPerMinutePerProjectPerModel-FreeTier false 0 0 34s} {GenerateRequestsPerDayPerProject-FreeTier true 0 0 0s}]"
	if got := limits(s.Quota(now), now); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestShare(t *testing.T) {
	now := time.Now()
	for _, tt := range []struct {
		l     Limit
		share float64
		known bool
	}{
		{Limit{Max: 100, Remaining: 25, Reset: now.Add(time.Second)}, 0.25, true},
		{Limit{Max: 100, Remaining: 25, Reset: now}, 0, false}, // whole again
		{Limit{Max: 100, Remaining: 25, Seen: now.Add(-staleQuota)}, 0.25, true},
		{Limit{Max: 100, Remaining: 25, Seen: now.Add(-staleQuota - 1)}, 0, false},
		{Limit{Remaining: 25, Seen: now}, 0, false},
		{Limit{Remaining: 0, Seen: now}, 0, true},
		{Limit{Max: 10, Remaining: 20, Seen: now}, 1, true},
	} {
		if share, known := tt.l.Share(now); share != tt.share || known != tt.known {
			t.Errorf("%+v: got %g, %t, want %g, %t", tt.l, share, known, tt.share, tt.known)
		}
	}
}

func BenchmarkReadQuota(b *testing.B) {
	h := header("content-type", "application/json", "date", "x", "server", "x", "cf-ray", "x", "x-request-id", "x", "openai-version", "x",
		"openai-processing-ms", "x", "x-ratelimit-limit-requests", "500", "x-ratelimit-remaining-requests", "499", "x-ratelimit-reset-requests", "120ms",
		"x-ratelimit-limit-tokens", "200000", "x-ratelimit-remaining-tokens", "0", "x-ratelimit-reset-tokens", "6m0s")
	now := time.Now()
	b.ReportAllocs()
	for b.Loop() {
		ReadQuota(h, now)
	}
}
