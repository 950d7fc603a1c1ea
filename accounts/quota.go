package accounts

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Limit is what a provider said of one of its limits in a response that passed anyway.
type Limit struct {
	// Name is the provider's own in one form: "requests", "input_tokens", "requests_day", "5h", or a quotaId of Google's.
	Name string
	// Account says that the limit is the account's as a whole; otherwise it is that of account × model.
	Account bool
	// Max is the limit and Remaining what is left of it, in requests or tokens. Where only a share is told, Max is 1. Max is
	// 0 when it is unknown.
	Max, Remaining float64
	// Reset is when the limit is whole again, zero if unknown.
	Reset time.Time
	// Seen is when the provider said so.
	Seen time.Time
}

// staleQuota is for how long a limit without a reset time is believed.
const staleQuota = 5 * time.Minute

// Share returns the share of the limit that is left, 0 to 1; known is false when it cannot be told, or is out of date.
func (l Limit) Share(now time.Time) (share float64, known bool) {
	switch {
	case !l.Reset.IsZero() && !l.Reset.After(now), l.Reset.IsZero() && now.Sub(l.Seen) > staleQuota:
		return 0, false
	case l.Remaining <= 0:
		return 0, true
	case l.Max <= 0:
		return 0, false
	}
	return min(l.Remaining/l.Max, 1), true
}

// ReadQuota returns the limits that a response's headers tell of, in the order of their names; nil when there are none. It
// reads
//
//   - anthropic-ratelimit-<name>-{limit,remaining,reset} (Anthropic "Rate limits: response headers", resets in RFC 3339)
//     and the unified limits of subscriptions, anthropic-ratelimit-unified-<window>-{utilization,reset};
//   - x-ratelimit-{limit,remaining,reset}-<name> (OpenAI "Rate limits: headers", resets like "6m0s"; also Groq, Mistral,
//     Cerebras, Azure, xAI);
//   - x-ratelimit-{limit,remaining,reset} (OpenRouter, milliseconds of Unix time) and ratelimit-{limit,remaining,reset}
//     (IETF draft, seconds).
func ReadQuota(h http.Header, now time.Time) []Limit {
	var out []Limit
	for name, values := range h {
		if len(values) == 0 {
			continue
		}
		limit, field, account := limitHeader(name)
		if field == "" {
			continue
		}
		i := slices.IndexFunc(out, func(l Limit) bool { return l.Name == limit })
		if i < 0 {
			i = len(out)
			out = append(out, Limit{Name: limit, Account: account, Remaining: -1, Seen: now})
		}
		out[i].set(field, strings.TrimSpace(values[0]), now)
	}
	out = slices.DeleteFunc(out, func(l Limit) bool { return l.Remaining < 0 }) // a limit without its rest tells nothing
	if len(out) == 0 {
		return nil
	}
	slices.SortFunc(out, func(a, b Limit) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// limitHeader takes a header's canonical name apart; field is "" when it is about no limit.
func limitHeader(name string) (limit, field string, account bool) {
	if rest, ok := strings.CutPrefix(name, "Anthropic-Ratelimit-"); ok {
		i := strings.LastIndexByte(rest, '-')
		if i < 0 {
			return "", "", false
		}
		limit, field = rest[:i], rest[i+1:]
		window, unified := strings.CutPrefix(limit, "Unified-")
		if limit == "Unified" || unified != (field == "Utilization" || unified && field == "Reset") {
			return "", "", false // the others repeat what a window says
		}
		return limitName(window), knownField(field), unified
	}
	rest, ok := strings.CutPrefix(name, "X-Ratelimit-")
	if !ok {
		if rest, ok = strings.CutPrefix(name, "Ratelimit-"); !ok {
			return "", "", false
		}
	}
	field, limit, _ = strings.Cut(rest, "-")
	// A limit without a name is the key's, whatever the model.
	return cmp.Or(limitName(limit), "requests"), knownField(field), limit == ""
}

func knownField(field string) string {
	switch field {
	case "Limit", "Remaining", "Reset", "Utilization":
		return field
	}
	return ""
}

// limitName is what the headers of all vendors call alike: "req" is "requests".
func limitName(s string) string {
	s = strings.ReplaceAll(strings.ToLower(s), "-", "_")
	if rest, ok := strings.CutPrefix(s, "req_"); ok {
		s = "requests_" + rest
	}
	return s
}

func (l *Limit) set(field, value string, now time.Time) {
	if field == "Reset" {
		if at := parseReset(value, now); at.After(now) {
			l.Reset = at
		}
		return
	}
	n, err := strconv.ParseFloat(value, 64)
	if err != nil || !(n >= 0 && n < 1e18) {
		return
	}
	switch field {
	case "Limit":
		l.Max = n
	case "Remaining":
		l.Remaining = n
	case "Utilization": // a share, which may go over 1
		l.Max, l.Remaining = 1, max(0, 1-n)
	}
}

// Quota returns the limits that an attempt told of: in its headers, and in the QuotaFailure of a Google error, whose quotas
// are used up until its RetryInfo (none is known for those of a day).
func (s Sign) Quota(now time.Time) []Limit {
	out := ReadQuota(s.Header, now)
	for _, id := range s.QuotaIDs {
		l := Limit{Name: id, Account: !strings.Contains(plain(id), "permodel"), Seen: now}
		if s.RetryAfter > 0 && !strings.Contains(plain(id), "perday") {
			l.Reset = now.Add(min(s.RetryAfter, MaxCooldown))
		}
		out = append(out, l)
	}
	return out
}

// Until is when what was said is out of date.
func (l Limit) Until() time.Time {
	if l.Reset.IsZero() {
		return l.Seen.Add(staleQuota)
	}
	return l.Reset
}
