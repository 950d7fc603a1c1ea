package pool

import (
	"cmp"
	"slices"
	"time"

	"github.com/fairway-gateway/fairway/accounts"
)

// AccountStatus is what can be told about an account without a secret.
type AccountStatus struct {
	Name       string `json:"name"`
	Provider   string `json:"provider"`
	Credential string `json:"credential,omitzero"` // fingerprint
	Weight     int    `json:"weight"`
	Priority   int    `json:"priority"`
	Usable     bool   `json:"usable"`
	// Why says why the account is not usable.
	Why string `json:"why,omitzero"`
	// Switch is what the operator has said of the account since the start.
	Switch Switch `json:"switch"`
	// NeedsAttention says that the provider refuses the credential.
	NeedsAttention bool `json:"needs_attention,omitzero"`
	InFlight       int  `json:"in_flight"`
	// Waiting is the number of requests that wait for one of the account's own limits.
	Waiting int `json:"waiting,omitzero"`
	// Requests and Tokens are those of the last minute; counted only where rpm or tpm limits them.
	Requests int64 `json:"requests_last_minute,omitzero"`
	Tokens   int64 `json:"tokens_last_minute,omitzero"`
	// LatencyMilliseconds is the usual time to the first byte, 0 while it is unknown.
	LatencyMilliseconds int64         `json:"latency_ms,omitzero"`
	Cooling             []CoolStatus  `json:"cooling,omitempty"`
	Quota               []QuotaStatus `json:"quota,omitempty"`
}

// CoolStatus is one cool-down.
type CoolStatus struct {
	// Model is "" for the whole account.
	Model   string           `json:"model,omitzero"`
	Outcome accounts.Outcome `json:"outcome"`
	Detail  string           `json:"detail,omitzero"`
	Until   time.Time        `json:"until"`
	// HalfOpen says that the time is over and a request has yet to prove the account well.
	HalfOpen bool `json:"half_open,omitzero"`
}

// QuotaStatus is what the provider last said of one of its limits.
type QuotaStatus struct {
	// Model is "" for the whole account.
	Model     string    `json:"model,omitzero"`
	Name      string    `json:"name"`
	Limit     float64   `json:"limit,omitzero"` // 0 when unknown
	Remaining float64   `json:"remaining"`
	Reset     time.Time `json:"reset,omitzero"`
	Seen      time.Time `json:"seen"`
}

// Status describes all accounts in the order of the inventory.
func (p *Pool) Status() []AccountStatus {
	v, now := p.view.Load(), p.now()
	out := make([]AccountStatus, 0, len(v.entries))
	for i := range v.entries {
		out = append(out, v.entries[i].status(now))
	}
	return out
}

func (e *entry) status(now time.Time) AccountStatus {
	a, st := e.account, e.state
	s := AccountStatus{Name: a.Name, Provider: a.Provider, Credential: a.Credential.Fingerprint(), Weight: a.Weight,
		Priority: a.Priority, Usable: a.Usable() && !st.off(), Why: a.Unusable, Switch: Switch(st.position.Load()),
		InFlight: int(st.inFlight.Load()), Waiting: int(st.queued.Load()), LatencyMilliseconds: st.latency.duration().Milliseconds()}
	switch {
	case a.Disabled:
		s.Why = admission{block: blockedDisabled}.why(a)
	case s.Switch == Off:
		s.Why = admission{block: blockedOff}.why(a)
	case s.Switch == Draining:
		s.Why = admission{block: blockedDraining}.why(a)
	}
	for _, r := range st.quota.all() {
		s.Quota = append(s.Quota, QuotaStatus{r.model, r.Name, r.Max, r.Remaining, r.Reset, r.Seen})
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	if w := st.window; w != nil {
		w.at(now)
		s.Requests, s.Tokens = w.requests, w.tokens
	}
	add := func(model string, c *cool) {
		if c.active() {
			s.Cooling = append(s.Cooling, CoolStatus{model, c.outcome, c.detail, c.until, !c.cooling(now)})
			s.NeedsAttention = s.NeedsAttention || c.outcome == accounts.CredentialInvalid
		}
	}
	add("", &st.whole)
	for model, c := range st.models {
		add(model, c)
	}
	slices.SortFunc(s.Cooling, func(a, b CoolStatus) int { return cmp.Compare(a.Model, b.Model) })
	return s
}
