package pool

import (
	"sync/atomic"
	"time"

	"github.com/fairway-gateway/fairway/accounts"
	"github.com/fairway-gateway/fairway/accounts/inventory"
)

// Lease is the right to use one account for one attempt. It must be released.
type Lease struct {
	Account *accounts.Account
	// Model is the name to send upstream.
	Model string
	// Target is the index of the query's target.
	Target int
	// Why says why this account was chosen.
	Why string

	selection *Selection
	view      *view
	state     *state
	target    *inventory.Target
	step      int // in the trail
	started   time.Time
	probe     bool
	released  atomic.Bool
}

// Release ends the lease with what the attempt came to; calls after the first do nothing. A zero verdict changes nothing
// but the number of requests in flight.
func (l *Lease) Release(v accounts.Verdict) {
	if l.released.Swap(true) {
		return
	}
	p := l.selection.pool
	now := p.now()
	spare := false
	switch v.Outcome {
	case accounts.Transient, accounts.Overloaded, accounts.BrokenStream:
		spare = l.isLast(now)
	}
	st := l.state
	st.mu.Lock()
	st.inFlight.Add(-1)
	if l.probe {
		st.whole.probing = false
		if c := st.models[l.Model]; c != nil {
			c.probing = false
		}
	}
	st.note(&l.view.cooldowns, l.Model, v, l.started, now, spare)
	ad := st.coolingLocked(l.Model, now)
	st.mu.Unlock()
	l.selection.judged(l, v, ad.until, now)
	p.wake.broadcast()
}

// Again says that the account is asked once more under this lease, as it refused something that can be left out. The trail
// gets a step for what has been; nothing cools.
func (l *Lease) Again(detail string) {
	now := l.selection.pool.now()
	l.selection.judged(l, accounts.Verdict{Outcome: accounts.CallerFault, Detail: detail}, time.Time{}, now)
	s := l.selection
	s.mu.Lock()
	defer s.mu.Unlock()
	l.step = len(s.trail)
	s.trail = append(s.trail, Step{Account: l.Account.Name, Model: l.Model, Tried: true, Why: chosenAgain, Start: now})
}

// Accepted says that the upstream has begun to answer well. It ends a probe early, so that a long stream does not keep
// others away from an account that is well again. The lease must still be released.
func (l *Lease) Accepted() {
	if !l.probe || l.released.Load() {
		return
	}
	st := l.state
	st.mu.Lock()
	st.clear(l.Model, l.started)
	st.mu.Unlock()
	l.selection.pool.wake.broadcast()
}

// Usage counts the tokens of the attempt against the account's tpm. It may be called more than once.
func (l *Lease) Usage(tokens int) {
	if tokens <= 0 || l.Account.TPM == 0 {
		return
	}
	now := l.selection.pool.now()
	l.state.mu.Lock()
	if w := l.state.window; w != nil {
		w.addTokens(now, tokens)
	}
	l.state.mu.Unlock()
}

// isLast reports whether no other account could serve the same model now. A pin does not count: what one caller wants must
// not keep a failing account in use for all.
func (l *Lease) isLast(now time.Time) bool {
	s := l.selection
	v := s.pool.view.Load()
	if v.inv == nil {
		return true
	}
	pool, _ := v.inv.Pool(s.query.Pool)
	for _, a := range l.target.Accounts {
		e := v.current(a)
		if e == nil || a.Name == l.Account.Name || !e.account.Usable() || pool.Name != "" && !pool.Has(a.Name) {
			continue
		}
		e.state.mu.Lock()
		ad := e.state.coolingLocked(l.Model, now)
		e.state.mu.Unlock()
		if ad.block == free {
			return false
		}
	}
	return true
}

// coolingLocked returns the cool-down that keeps the account from the model, if any.
func (st *state) coolingLocked(model string, now time.Time) admission {
	var result admission
	for _, c := range [...]*cool{&st.whole, st.models[model]} {
		if c != nil && c.cooling(now) && c.until.After(result.until) {
			result = admission{block: blockedCooling, outcome: c.outcome, until: c.until}
		}
	}
	return result
}

// judged completes the lease's step of the trail.
func (s *Selection) judged(l *Lease, v accounts.Verdict, until, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := &s.trail[l.step]
	st.Outcome, st.Detail, st.Until = v.Outcome, v.Detail, until
	st.Milliseconds = now.Sub(st.Start).Milliseconds()
}
