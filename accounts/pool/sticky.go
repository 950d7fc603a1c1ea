package pool

import "math"

// Sticky keeps a session on one account, so that prompt caches and thinking signatures survive: where it had to move
// before, else on its rendezvous choice, which every gateway of a fleet computes alike. It is a preference, never a veto.
// Requests without a session go to Else.
type Sticky struct {
	// Else chooses for requests without a session; default [LeastBusy].
	Else Policy `json:"-"`
}

// affine marks policies that want to know a session's home.
type affine interface{ affine() }

func (Sticky) affine() {}

// Choose implements [Policy].
func (p Sticky) Choose(c *Candidates) Choice {
	if c.session == 0 {
		if p.Else != nil {
			return p.Else.Choose(c)
		}
		return LeastBusy{}.Choose(c)
	}
	key := c.session ^ hash(c.model)
	moved, hasMoved := c.pool.moved.Get(key)
	at := -1
	for i := range c.at {
		e := c.entry(i)
		if hasMoved && e.account.Name == moved {
			c.remember(key, moved)
			return Choice{i, chosenMoved}
		}
		if e == c.home {
			at = i
		}
	}
	if at >= 0 {
		return Choice{at, chosenAffinity}
	}
	var best rendezvous
	for i := range c.at {
		if best.offer(c.entry(i), c.session) {
			at = i
		}
	}
	c.remember(key, c.entry(at).account.Name)
	return Choice{at, chosenAway}
}

// remember keeps a session where it is for another hour.
func (c *Candidates) remember(key uint64, account string) {
	if !c.dry {
		c.pool.moved.SetWithTTL(key, account, 1, movedFor)
	}
}

// rendezvous finds the account of the best priority to which weighted rendezvous hashing sends a session: the one with the
// least -ln(u)/weight, where u is a hash of session and account in (0,1). Every process finds the same, and an account that
// comes or goes moves only its own sessions.
type rendezvous struct {
	best  *entry
	score float64
}

// offer reports whether e is the best so far.
func (r *rendezvous) offer(e *entry, session uint64) bool {
	u := (float64(mix(session^e.hash)>>11) + 0.5) / (1 << 53)
	weight := float64(e.weight)
	if r.best != nil && e.priority >= r.best.priority {
		// -ln(u) is at least 1-u, which is enough to turn down nearly all without a logarithm.
		if e.priority > r.best.priority || (1-u)/weight >= r.score {
			return false
		}
		if -math.Log(u)/weight >= r.score {
			return false
		}
	}
	r.best, r.score = e, -math.Log(u)/weight
	return true
}
