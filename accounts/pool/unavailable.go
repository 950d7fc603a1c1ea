package pool

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/fairway-gateway/fairway/accounts"
	"github.com/fairway-gateway/fairway/accounts/inventory"
)

// UnavailableError says that no account can serve now, and why not each of them.
type UnavailableError struct {
	// Status is the HTTP status that says so: 429 when a limit is in the way, 404 when no account has the model, else 503.
	Status int
	// RetryAfter is when the first account can be expected back; 0 if nobody knows. Round it up to seconds.
	RetryAfter time.Duration
	// Attempts is the number of accounts that were tried.
	Attempts int
	Reasons  []Reason
}

// Reason is why one account cannot serve a model.
type Reason struct {
	Account string    `json:"account"`
	Model   string    `json:"model"`
	Why     string    `json:"why"`
	Until   time.Time `json:"until,omitzero"`

	text string
}

func (e *UnavailableError) Error() string {
	if len(e.Reasons) == 0 {
		return "no account can serve this request"
	}
	const most = 20
	var out strings.Builder
	out.WriteString("no account can serve this request now:")
	for i, r := range e.Reasons {
		if i == most {
			fmt.Fprintf(&out, " And %d more.", len(e.Reasons)-most)
			break
		}
		out.WriteString(" " + r.text)
	}
	return out.String()
}

// slotRetryAfter is what callers are told when all slots are taken: nobody knows when one becomes free.
const slotRetryAfter = time.Second

func (s *Selection) unavailable(now time.Time) *UnavailableError {
	v := s.pool.view.Load()
	e := &UnavailableError{}
	s.mu.Lock()
	defer s.mu.Unlock()
	e.Attempts = len(s.tried)
	var soonest time.Time
	limited, missing := false, 0
	seen := make(map[[2]string]bool)
	for _, t := range s.query.Targets {
		for _, a := range t.Accounts {
			if seen[[2]string{a.Name, t.Model}] {
				continue
			}
			seen[[2]string{a.Name, t.Model}] = true
			ad, tried := s.blockNow(v, &t, a, now)
			if e := v.current(a); e != nil {
				a = e.account
			}
			r := Reason{Account: a.Name, Model: t.Model, Why: ad.why(a), Until: ad.until}
			outcome := ad.outcome
			if tried != nil {
				outcome = tried.Outcome
				r.Why = outcomeWords(*tried)
			}
			if r.Why == "" || ad.block == free && tried == nil {
				r.Why = "not tried: the exchange has used its attempts"
			}
			r.text = a.Name + ": " + r.Why
			if !r.Until.IsZero() {
				r.text += " until " + clock(r.Until, now)
			}
			r.text += "."
			e.Reasons = append(e.Reasons, r)

			back := ad.until
			switch {
			case ad.block == blockedBusy:
				back = now.Add(slotRetryAfter)
				limited = true
			case ad.block == blockedRPM, ad.block == blockedTPM, ad.block == blockedFloor, outcome == accounts.RateLimited, outcome == accounts.QuotaExhausted:
				limited = true
			case ad.block == blockedPool, ad.block == blockedPin, ad.block == blockedGone, outcome == accounts.ModelUnavailable:
				missing++
				back = time.Time{}
			case outcome == accounts.CredentialInvalid, outcome == accounts.PermissionDenied:
				back = time.Time{} // time alone does not heal these
			}
			if !back.IsZero() && (soonest.IsZero() || back.Before(soonest)) {
				soonest = back
			}
		}
	}
	if soonest.After(now) {
		e.RetryAfter = soonest.Sub(now)
	}
	switch {
	case limited:
		e.Status = http.StatusTooManyRequests
	case missing == len(e.Reasons):
		e.Status = http.StatusNotFound
	default:
		e.Status = http.StatusServiceUnavailable
	}
	return e
}

// blockNow returns what stands in an account's way now, and the step of the trail if it was tried.
func (s *Selection) blockNow(v *view, t *inventory.Target, a *accounts.Account, now time.Time) (admission, *Step) {
	e := v.current(a)
	site, own, known := s.groups(v, t)
	out := s.outside(e, &site, &own)
	if out == free && !known {
		out = blockedPool
	}
	if out != free {
		return admission{block: out}, nil
	}
	ad := e.state.admit(e.account, t.Model, now, asker{})
	for i := range s.trail {
		if st := &s.trail[i]; st.Tried && st.Account == a.Name && st.Model == t.Model {
			return ad, st
		}
	}
	return ad, nil
}

func outcomeWords(st Step) string {
	words := "tried, " + strings.ReplaceAll(st.Outcome.String(), "_", " ")
	if st.Outcome == 0 {
		words = "tried, and still under way"
	}
	if st.Detail != "" {
		words += " (" + st.Detail + ")"
	}
	return words
}
