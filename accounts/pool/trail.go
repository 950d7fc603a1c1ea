package pool

import (
	"fmt"
	"strings"
	"time"

	"github.com/fairway-gateway/fairway/accounts"
)

// Step is one account that an exchange tried or passed over.
type Step struct {
	Account string `json:"account"`
	Model   string `json:"model"`
	// Tried is false for an account that was passed over.
	Tried bool `json:"tried"`
	// Why says why the account was chosen or passed over.
	Why string `json:"why"`
	// Outcome is what the attempt came to, zero while it is under way; Detail explains it.
	Outcome accounts.Outcome `json:"outcome,omitzero"`
	Detail  string           `json:"detail,omitzero"`
	// Until is when the account can serve again, zero if it can now or nobody knows.
	Until time.Time `json:"until,omitzero"`
	// Start is when the attempt began, Milliseconds how long its lease was held.
	Start        time.Time `json:"start,omitzero"`
	Milliseconds int64     `json:"ms,omitzero"`
	// MayBeBilled says that the provider may charge for an attempt although it came to nothing: the request had been sent
	// whole when the connection failed.
	MayBeBilled bool `json:"may_be_billed,omitzero"`
}

// String writes the step in one line.
func (st Step) String() string {
	what := st.Why
	if st.Tried {
		what = st.Outcome.String()
		if what == "" {
			what = "under way"
		}
		if st.Detail != "" {
			what += ": " + st.Detail
		}
		if st.MayBeBilled {
			what += ", may be billed"
		}
		if st.Milliseconds > 0 {
			what += fmt.Sprintf(", %d ms", st.Milliseconds)
		}
		what += "; " + st.Why
	}
	if st.Account == "" {
		return what
	}
	return st.Account + "/" + st.Model + " (" + what + ")"
}

// Trail is the ordered record of an exchange's attempts and of the accounts that were passed over.
type Trail []Step

// String writes the trail in one line, safe for a header.
func (t Trail) String() string {
	var out strings.Builder
	for i, st := range t {
		if i > 0 {
			out.WriteString(" > ")
		}
		if !st.Tried && st.Account != "" {
			out.WriteString("passed over ")
		}
		out.WriteString(st.String())
	}
	return out.String()
}

// clock writes a time for people; the date only when it is needed.
func clock(t, now time.Time) string {
	if t.Sub(now) >= 24*time.Hour {
		return t.UTC().Format("2006-01-02 15:04:05 UTC")
	}
	return t.UTC().Format("15:04:05 UTC")
}

// why says in words what stands in the way.
func (ad admission) why(a *accounts.Account) string {
	switch ad.block {
	case blockedDisabled:
		return "disabled"
	case blockedUnusable:
		return "not usable: " + a.Unusable
	case blockedOff:
		return "switched off"
	case blockedDraining:
		return "being drained"
	case blockedPool:
		return "not in the pool"
	case blockedPin:
		return "another account is pinned"
	case blockedGone:
		return "no longer configured"
	case blockedCooling:
		return coolingWords(ad.outcome)
	case blockedBusy:
		if ad.queued {
			return "others wait for it already"
		}
		return fmt.Sprintf("at its limit of %d requests at a time", a.MaxConcurrent)
	case blockedRPM:
		return fmt.Sprintf("at its limit of %d requests per minute", a.RPM)
	case blockedTPM:
		return fmt.Sprintf("at its limit of %d tokens per minute", a.TPM)
	case blockedFloor:
		return fmt.Sprintf("its provider says that no more than %g%% of a limit is left", 100*a.QuotaFloor)
	}
	if ad.crowded {
		return probedWords
	}
	return ""
}

// probedWords are for an account that is half-open.
const probedWords = "half-open: another request is probing it"

func coolingWords(o accounts.Outcome) string {
	switch o {
	case accounts.RateLimited:
		return "rate-limited by the provider"
	case accounts.QuotaExhausted:
		return "its quota is used up"
	case accounts.Overloaded:
		return "the provider is overloaded"
	case accounts.CredentialInvalid:
		return "needs attention: the provider refuses its credential"
	case accounts.PermissionDenied:
		return "has no permission for this model"
	case accounts.ModelUnavailable:
		return "does not have this model"
	case accounts.BrokenStream:
		return "resting after broken streams"
	}
	return "resting after failures"
}
