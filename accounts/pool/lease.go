package pool

import (
	"net/http"
	"sync/atomic"
	"time"

	"github.com/fairway-gateway/fairway/accounts"
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
	step      int // in the trail
	started   time.Time
	probe     bool
	proven    bool
	accepted  atomic.Bool
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
	if v.Outcome == accounts.OK && !l.accepted.Swap(true) {
		l.state.latency.add(now.Sub(l.started)) // an answer in one piece
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
	was := st.marked.Load()
	st.note(&l.view.cooldowns, l.Model, v, l.started, now, spare)
	st.quota.learn(l.Model, v.Limits, now)
	ad := st.coolingLocked(l.Model, now)
	is := st.marked.Load()
	st.wakeFirst()
	st.mu.Unlock()
	l.selection.judged(l, v, ad.until, now)
	if was && !is || l.probe {
		p.waiting.wakeAll()
	}
}

// Return gives the lease back untried; the trail says why instead.
func (l *Lease) Return(why string) {
	l.Release(accounts.Verdict{})
	s := l.selection
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trail[l.step] = Step{Account: l.Account.Name, Model: l.Model, Why: why}
}

// Saw tells the pool the headers of a successful response, in which providers say what is left of their limits. What an
// error said comes with its verdict.
func (l *Lease) Saw(h http.Header) {
	st, now := l.state, l.selection.pool.now()
	if !st.quota.due(now) {
		return
	}
	if limits := accounts.ReadQuota(h, now); limits != nil {
		st.mu.Lock()
		st.quota.learn(l.Model, limits, now)
		st.mu.Unlock()
	}
}

// Proven reports whether the account's last judged attempt before this one went well, so that asking it is no shot in the
// dark.
func (l *Lease) Proven() bool { return l.proven }

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
	if l.released.Load() || l.accepted.Swap(true) {
		return
	}
	l.state.latency.add(l.selection.pool.now().Sub(l.started))
	if !l.probe {
		return
	}
	st := l.state
	st.mu.Lock()
	st.clear(l.Model, l.started)
	st.wakeFirst()
	st.mu.Unlock()
	l.selection.pool.waiting.wakeAll()
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

// isLast reports whether no other account could serve the same request now. A pin does not count: what one caller wants
// must not keep a failing account in use for all.
func (l *Lease) isLast(now time.Time) bool {
	s := l.selection
	v := s.pool.view.Load()
	for i := range s.query.Targets {
		t := &s.query.Targets[i]
		site, own, ok := s.groups(v, t)
		if !ok {
			continue
		}
		for _, a := range t.Accounts {
			e := v.current(a)
			if e == nil || a.Name == l.Account.Name || !e.account.Usable() || e.state.off() || !site.Holds(e.account) || !own.Holds(e.account) {
				continue
			}
			e.state.mu.Lock()
			ad := e.state.coolingLocked(t.Model, now)
			e.state.mu.Unlock()
			if ad.block == free {
				return false
			}
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
	st.Outcome, st.Detail, st.Until, st.MayBeBilled = v.Outcome, v.Detail, until, v.MayBeBilled
	st.Milliseconds = now.Sub(st.Start).Milliseconds()
}
