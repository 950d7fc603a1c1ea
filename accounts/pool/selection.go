package pool

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/fairway-gateway/fairway/accounts"
	"github.com/fairway-gateway/fairway/accounts/inventory"
)

// Query says what an exchange wants.
type Query struct {
	// Targets are tried in order, each over all its accounts, before the next.
	Targets []inventory.Target
	// Session is the affinity key, "" for none.
	Session string
	// Pin is the only account that may serve, "" for any. A pin overrides neither a cool-down nor a limit.
	Pin string
	// Prefer is the account that made what the conversation depends on, "" for none. It goes before affinity where it is
	// among the candidates of the best priority, and does not matter where it is not.
	Prefer string
	// Pool restricts the accounts and sets the policy; "" stands for all accounts under the default policy.
	Pool string
	// Attempts is the number of leases that the exchange may take; default [DefaultAttempts].
	Attempts int
	// MaxWait is how long the exchange may wait, in all, for an account to come back; default [DefaultMaxWait], negative
	// for not at all.
	MaxWait time.Duration
}

// The defaults of a [Query].
const (
	DefaultAttempts = 4
	DefaultMaxWait  = 10 * time.Second
)

// Selection is the choice of accounts for one exchange. Next must not be called concurrently with itself; leases may be
// released, and the trail read, from other goroutines.
type Selection struct {
	pool    *Pool
	query   Query
	session uint64
	waited  time.Duration
	passes  int  // steps of the trail that are no attempts
	dry     bool // only to be explained

	mu    sync.Mutex
	tried []*Lease
	trail Trail
}

// Begin starts an exchange. It chooses nothing yet.
func (p *Pool) Begin(q Query) *Selection {
	q.Attempts = cmp.Or(q.Attempts, DefaultAttempts)
	q.MaxWait = cmp.Or(q.MaxWait, DefaultMaxWait)
	s := &Selection{pool: p, query: q}
	if q.Session != "" {
		s.session = hash(q.Session)
	}
	return s
}

// Next returns a lease on the next account to try: never one that was already tried for the same model in this exchange.
// When all that are left will be back soon, it waits. The error is an [*UnavailableError] when nobody is left, or wraps the
// context's error.
func (s *Selection) Next(ctx context.Context) (*Lease, error) {
	p := s.pool
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("choosing an account: %w", context.Cause(ctx))
	}
	s.mu.Lock()
	attempts := len(s.tried)
	s.mu.Unlock()
	if attempts >= s.query.Attempts {
		return nil, s.unavailable(p.now())
	}
	lease, back := s.try(p.now(), nil)
	if lease != nil {
		return lease, nil
	}
	if _, ok := s.mayWait(ctx, back, p.now()); !ok {
		return nil, s.unavailable(p.now())
	}
	w := p.waiting.join(p.maxWaiting)
	if w == nil {
		return nil, s.unavailable(p.now())
	}
	defer p.waiting.leave(w)
	return s.await(ctx, w, back)
}

// await looks again whenever something has changed.
func (s *Selection) await(ctx context.Context, w *waiter, b back) (*Lease, error) {
	p := s.pool
	for {
		if w.lineUp(b.lines) {
			var lease *Lease
			if lease, b = s.try(p.now(), w); lease != nil {
				return lease, nil
			}
			w.lineUp(b.lines)
		}
		now := p.now()
		wait, ok := s.mayWait(ctx, b, now)
		if !ok {
			return nil, s.unavailable(now)
		}
		timer := time.NewTimer(wait)
		select {
		case <-w.woken:
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
		s.waited += p.now().Sub(now)
		if ctx.Err() != nil {
			return nil, fmt.Errorf("waiting for an account: %w", context.Cause(ctx))
		}
		var lease *Lease
		if lease, b = s.try(p.now(), w); lease != nil {
			return lease, nil
		}
	}
}

// mayWait returns for how long to wait before looking again; false when nobody can be expected in time.
func (s *Selection) mayWait(ctx context.Context, b back, now time.Time) (time.Duration, bool) {
	budget := s.query.MaxWait - s.waited
	if budget <= 0 {
		return 0, false
	}
	latest := now.Add(budget)
	if deadline, ok := ctx.Deadline(); ok && deadline.Before(latest) {
		latest = deadline
	}
	switch {
	case !b.at.IsZero() && b.at.Before(latest):
		return b.at.Sub(now), true
	case b.slot:
		return latest.Sub(now), true
	}
	return 0, false
}

// try goes through the targets once, and a second time if nobody is left but accounts that rest. What troubled their servers
// may be over, and the last ones are never kept from being asked; but one that is only busy is better.
func (s *Selection) try(now time.Time, w *waiter) (*Lease, back) {
	v := s.pool.view.Load()
	scratch, _ := s.pool.scratch.Get().(*[]int32)
	if scratch == nil {
		scratch = new([]int32)
	}
	defer s.pool.scratch.Put(scratch)
	lease, b := s.look(v, now, scratch, asker{waiter: w})
	if lease == nil && b.rests && (!b.slot || s.waited >= s.query.MaxWait) {
		lease, _ = s.look(v, now, scratch, asker{waiter: w, force: true})
	}
	return lease, b
}

func (s *Selection) look(v *view, now time.Time, scratch *[]int32, who asker) (*Lease, back) {
	var b back
	for i := range s.query.Targets {
		t := &s.query.Targets[i]
		// A candidate can be lost to another request between looking and taking; look again a few times.
		for range 8 {
			chosen, why := s.choose(v, t, now, &b, scratch, who)
			if chosen == nil {
				break
			}
			ad, ok := chosen.state.take(chosen.account, t.Model, now, who)
			if !ok {
				s.pass(chosen.account, t.Model, ad)
				b.note(chosen.state, ad)
				continue
			}
			switch {
			case who.force:
				why = chosenResting
			case ad.probe:
				why = chosenProbe
			}
			return s.lease(v, chosen, t, i, why, ad, now), b
		}
	}
	return nil, b
}

func (s *Selection) wasTried(name, model string) bool {
	for _, l := range s.tried {
		if l.Account.Name == name && l.Model == model {
			return true
		}
	}
	return false
}

func (s *Selection) lease(v *view, c *entry, t *inventory.Target, index int, why string, ad admission, now time.Time) *Lease {
	l := &Lease{Account: c.account, Model: t.Model, Target: index, Why: why,
		selection: s, view: v, state: c.state, probe: ad.probe, proven: c.state.proven.Load(), started: now}
	s.mu.Lock()
	s.tried = append(s.tried, l)
	l.step = len(s.trail)
	s.trail = append(s.trail, Step{Account: l.Account.Name, Model: l.Model, Tried: true, Why: why, Start: now})
	s.mu.Unlock()
	return l
}

// Trail returns what has been tried and passed over so far, in order.
func (s *Selection) Trail() Trail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append(Trail(nil), s.trail...)
}

// Note adds to the trail why the exchange goes on, or does not, where that is not about one account.
func (s *Selection) Note(why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trail = append(s.trail, Step{Why: why})
}

// maxPasses bounds the accounts that a trail remembers as passed over.
const maxPasses = 64

// pass writes down that an account was passed over, once for each reason.
func (s *Selection) pass(a *accounts.Account, model string, ad admission) {
	if s.passes >= maxPasses && !s.dry {
		return
	}
	why := ad.why(a)
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.trail {
		if st := &s.trail[i]; !st.Tried && st.Account == a.Name && st.Model == model && st.Why == why {
			return
		}
	}
	s.passes++
	s.trail = append(s.trail, Step{Account: a.Name, Model: model, Why: why, Until: ad.until})
}
