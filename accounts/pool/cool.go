package pool

import (
	"time"

	"github.com/fairway-gateway/fairway/accounts"
)

// cool is the cool-down of an account or of account × model. It is set, runs out, and then waits half-open for one request
// to prove that the account is well again.
type cool struct {
	outcome accounts.Outcome
	detail  string
	until   time.Time
	since   time.Time // of the last strike
	strikes [accounts.NumOutcomes]uint16
	probing bool // a request is under way since it ran out
}

// active reports whether the cool-down runs or waits for its probe.
func (c *cool) active() bool { return !c.until.IsZero() }

// cooling reports whether the account is out of use.
func (c *cool) cooling(now time.Time) bool { return c.until.After(now) }

// strike counts one failure and sets the cool-down that follows from it.
func (c *cool) strike(rule accounts.Cooldown, v accounts.Verdict, started, now time.Time, spare bool) {
	n := &c.strikes[slot(v.Outcome)]
	// Attempts that were under way together fail together: that is one event, not a row of them.
	if c.since.IsZero() || !started.Before(c.since) {
		if *n < 1<<15 {
			*n++
		}
		c.since = now
	}
	if spare {
		return
	}
	until := time.Time{}
	if d := rule.For(int(*n)); d > 0 {
		until = now.Add(d)
	}
	if v.Until.After(now) && rule.Base > 0 {
		until = v.Until
		if limit := now.Add(accounts.MaxCooldown); until.After(limit) {
			until = limit
		}
	}
	if until.After(c.until) {
		c.until, c.outcome, c.detail = until, v.Outcome, v.Detail
	}
}

// slot is where an outcome is counted: a broken stream is a transient failure that came late.
func slot(o accounts.Outcome) accounts.Outcome {
	if o == accounts.BrokenStream {
		return accounts.Transient
	}
	return o
}
