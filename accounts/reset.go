package accounts

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// resetTime returns when the provider wants to be asked again, zero if it does not say, at most [MaxCooldown] after now.
// Explicit delays come first, as in the vendors' own SDKs (retry-after-ms, retry-after); then the body's; then the reset
// headers of those limits whose remaining count is zero.
func resetTime(s Sign, now time.Time) time.Time {
	at := explicitReset(s, now)
	if at.IsZero() {
		at = headerReset(s.Header, now)
	}
	if at.IsZero() {
		at = spokenReset(s.Message, now)
	}
	if !at.After(now) {
		return time.Time{}
	}
	if limit := now.Add(MaxCooldown); at.After(limit) {
		return limit
	}
	return at
}

// tryAgainIn is how rate limit errors tell the delay when no header does: "try again in 6m0s" (OpenAI), "Please retry in
// 34.07s" (Google), "retry after 26 seconds" (Azure).
var tryAgainIn = regexp.MustCompile(`(?i)\b(?:try again|retry) (?:in|after) (?:((?:[0-9]+(?:\.[0-9]+)?(?:ms|s|m|h))+)\b|([0-9]{1,6}) (second|minute|hour)s?\b)`)

func spokenReset(message string, now time.Time) time.Time {
	m := tryAgainIn.FindStringSubmatch(message)
	if m == nil {
		return time.Time{}
	}
	if m[1] != "" {
		if d, err := time.ParseDuration(strings.ToLower(m[1])); err == nil {
			return now.Add(d)
		}
		return time.Time{}
	}
	n, _ := strconv.ParseFloat(m[2], 64)
	switch strings.ToLower(m[3]) {
	case "minute":
		return after(now, n, time.Minute)
	case "hour":
		return after(now, n, time.Hour)
	}
	return after(now, n, time.Second)
}

func explicitReset(s Sign, now time.Time) time.Time {
	if ms, err := strconv.ParseFloat(strings.TrimSpace(s.Header.Get("Retry-After-Ms")), 64); err == nil {
		return after(now, ms, time.Millisecond)
	}
	if v := strings.TrimSpace(s.Header.Get("Retry-After")); v != "" {
		if sec, err := strconv.ParseFloat(v, 64); err == nil {
			return after(now, sec, time.Second)
		}
		if at, err := http.ParseTime(v); err == nil {
			return at
		}
	}
	if s.RetryAfter > 0 {
		return now.Add(min(s.RetryAfter, MaxCooldown))
	}
	return time.Time{}
}

// after avoids overflow and NaN: whatever is not a positive number of units within the cap is brought into it.
func after(now time.Time, n float64, unit time.Duration) time.Time {
	if !(n > 0) {
		return time.Time{}
	}
	if n >= float64(MaxCooldown/unit) {
		return now.Add(MaxCooldown)
	}
	return now.Add(time.Duration(n * float64(unit)))
}

// headerReset returns the latest reset among the limits that are used up. The others reset too, but waiting for them would
// be waiting for nothing.
func headerReset(h http.Header, now time.Time) time.Time {
	var latest time.Time
	for _, l := range ReadQuota(h, now) {
		if l.Remaining <= 0 && l.Reset.After(latest) {
			latest = l.Reset
		}
	}
	// Anthropic's unified limits tell by status which one is in the way.
	if strings.EqualFold(h.Get("Anthropic-Ratelimit-Unified-Status"), "rejected") {
		if at := parseReset(h.Get("Anthropic-Ratelimit-Unified-Reset"), now); at.After(latest) {
			latest = at
		}
	}
	return latest
}

// parseReset reads RFC 3339, an HTTP date, a Go-like duration ("6m0s", "1d2h"), seconds, or Unix time in seconds or
// milliseconds.
func parseReset(v string, now time.Time) time.Time {
	v = strings.TrimSpace(v)
	if v == "" {
		return time.Time{}
	}
	if n, err := strconv.ParseFloat(v, 64); err == nil {
		switch {
		case n >= 1e15 || n != n:
			return time.Time{}
		case n >= 1e12:
			return time.UnixMilli(int64(n))
		case n >= 1e9:
			return time.Unix(int64(n), 0)
		}
		return after(now, n, time.Second)
	}
	if d, err := time.ParseDuration(v); err == nil {
		return now.Add(d)
	}
	if days, rest, ok := strings.Cut(v, "d"); ok {
		n, err := strconv.ParseFloat(days, 64)
		d, errRest := time.ParseDuration(rest)
		if err == nil && n >= 0 && (rest == "" || errRest == nil) {
			return after(now, n*24+d.Hours(), time.Hour)
		}
	}
	if at, err := time.Parse(time.RFC3339, v); err == nil {
		return at
	}
	if at, err := http.ParseTime(v); err == nil {
		return at
	}
	return time.Time{}
}
