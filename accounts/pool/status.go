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
	// NeedsAttention says that the provider refuses the credential.
	NeedsAttention bool `json:"needs_attention,omitzero"`
	InFlight       int  `json:"in_flight"`
	// Requests and Tokens are those of the last minute; counted only where rpm or tpm limits them.
	Requests int64        `json:"requests_last_minute,omitzero"`
	Tokens   int64        `json:"tokens_last_minute,omitzero"`
	Cooling  []CoolStatus `json:"cooling,omitempty"`
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

// Status describes all accounts in the order of the inventory.
func (p *Pool) Status() []AccountStatus {
	v, now := p.view.Load(), p.now()
	out := make([]AccountStatus, 0, len(v.entries))
	for _, e := range v.entries {
		a, st := e.account, e.state
		s := AccountStatus{Name: a.Name, Provider: a.Provider, Credential: a.Credential.Fingerprint(), Weight: a.Weight,
			Priority: a.Priority, Usable: a.Usable(), Why: a.Unusable, InFlight: int(st.inFlight.Load())}
		if a.Disabled {
			s.Why = "disabled"
		}
		st.mu.Lock()
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
		st.mu.Unlock()
		slices.SortFunc(s.Cooling, func(a, b CoolStatus) int { return cmp.Compare(a.Model, b.Model) })
		out = append(out, s)
	}
	return out
}
