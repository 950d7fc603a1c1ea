package pool

import (
	"slices"
	"sync"
)

// FillFirst takes the first account in the order of declaration, so that the next one is used only when it cannot serve.
type FillFirst struct{}

// Choose implements [Policy].
func (FillFirst) Choose(*Candidates) Choice { return Choice{0, chosenFirst} }

// Random draws by weight.
type Random struct{}

// Choose implements [Policy].
func (Random) Choose(c *Candidates) Choice { return Choice{c.Weighted(), chosenRandom} }

// LeastBusy draws two by weight and takes the one with fewer requests in flight for its weight, or the faster one where
// one takes more than half as long again as the other. That is as good as asking all, and does not send everybody to the
// same account at once.
type LeastBusy struct{}

// Choose implements [Policy].
func (LeastBusy) Choose(c *Candidates) Choice {
	total := c.totalWeight()
	i, j := c.weighted(total), c.weighted(total)
	if c.entry(j).cheaper(c.entry(i)) {
		i = j
	}
	return Choice{i, chosenBusy}
}

// A difference in latency is taken for noise below the ratio latencyMatters, and below latencyFloor seconds.
const (
	latencyMatters = 1.5
	latencyFloor   = 0.02
)

// cheaper reports whether a request is served sooner by e than by other, judged by load and latency.
func (e *entry) cheaper(other *entry) bool {
	// One request more on either, in requests per unit of weight.
	next := 1 / float64(max(e.weight, other.weight))
	mine := float64(e.state.inFlight.Load())/float64(e.weight) + next
	its := float64(other.state.inFlight.Load())/float64(other.weight) + next
	a, b := e.state.latency.seconds(), other.state.latency.seconds()
	known := a > 0 && b > 0
	a, b = max(a, latencyFloor), max(b, latencyFloor)
	if known && (a > latencyMatters*b || b > latencyMatters*a) {
		mine, its = mine*a, its*b
	}
	return mine < its
}

// MostQuota takes the account of which the provider says that the largest share of its scarcest limit is left; the less
// busy one where that is nearly the same. An account that has told nothing counts as full.
type MostQuota struct{}

// nearlyTheSame is the difference between shares that is not worth a choice.
const nearlyTheSame = 0.05

// Choose implements [Policy].
func (MostQuota) Choose(c *Candidates) Choice {
	shares := make([]float64, c.Len())
	best, told := 0.0, false
	for i := range shares {
		share, known := c.Quota(i)
		if !known {
			share = 1
		}
		told = told || known
		shares[i], best = share, max(best, share)
	}
	if !told {
		return LeastBusy{}.Choose(c)
	}
	rich := *c
	rich.at = nil
	var index []int
	for i, share := range shares {
		if share >= best-nearlyTheSame {
			rich.at = append(rich.at, c.at[i])
			index = append(index, i)
		}
	}
	return Choice{index[LeastBusy{}.Choose(&rich).Index], chosenQuota}
}

// RoundRobin takes all in turn, heavier ones more often but not in a row (smooth weighted round-robin, as nginx has it).
// Each pool has its own turns.
type RoundRobin struct {
	mu    sync.Mutex
	pools map[string]*turns
}

// turns is how near every account is to its next turn.
type turns struct {
	v      *view
	credit []int // by accounts.Account.Index
}

// Choose implements [Policy].
func (p *RoundRobin) Choose(c *Candidates) Choice {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pools == nil {
		p.pools = make(map[string]*turns)
	}
	t := p.pools[c.group]
	if t == nil || t.v != c.v {
		t = t.carriedOver(c.v)
		p.pools[c.group] = t
	}
	credit := t.credit
	if c.dry {
		credit = slices.Clone(credit)
	}
	best, total := 0, 0
	for i, at := range c.at {
		w := c.entry(i).weight
		credit[at] += w
		total += w
		if credit[at] > credit[c.at[best]] {
			best = i
		}
	}
	credit[c.at[best]] -= total
	return Choice{best, chosenTurn}
}

// carriedOver returns the turns for another inventory.
func (t *turns) carriedOver(v *view) *turns {
	next := &turns{v: v, credit: make([]int, len(v.entries))}
	if t == nil {
		return next
	}
	for i := range t.v.entries {
		if a := v.inv.Account(t.v.entries[i].account.Name); a != nil {
			next.credit[a.Index] = t.credit[i]
		}
	}
	return next
}
