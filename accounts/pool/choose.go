package pool

import (
	"math"
	"time"

	"github.com/fairway-gateway/fairway/accounts/inventory"
)

// Why an account was chosen, as in a trail.
const (
	chosenPin      = "pinned by the caller"
	chosenOnly     = "the only one available"
	chosenPrefer   = "it has the conversation's reasoning state"
	chosenAffinity = "the session's own account"
	chosenMoved    = "where the session moved"
	chosenBusy     = "least busy"
	chosenRandom   = "weighted choice"
	chosenFirst    = "first in order"
	chosenAgain    = "asked once more"
	chosenProbe    = "probe after a cool-down"
)

// choose picks one of a target's accounts, or nil. What stands in the way of the others goes into the trail, and when they
// could be back into b.
func (s *Selection) choose(v *view, t *inventory.Target, now time.Time, b *back, scratch *[]int32) (*entry, string) {
	var pool inventory.Pool
	known := v.inv != nil
	if known {
		pool, known = v.inv.Pool(s.query.Pool)
	}
	sticky := pool.Policy == inventory.PolicySticky && s.session != 0
	var home rendezvous // among all accounts that could serve at some time
	avail := tier{v: v, at: (*scratch)[:0]}
	crowded := tier{v: v}
	for _, a := range t.Accounts {
		e := v.current(a)
		switch {
		case e == nil:
			s.pass(a, t.Model, admission{block: blockedGone})
			continue
		case !known || pool.Name != "" && !pool.Has(a.Name):
			s.pass(a, t.Model, admission{block: blockedPool})
			continue
		case s.query.Pin != "" && s.query.Pin != a.Name:
			s.pass(a, t.Model, admission{block: blockedPin})
			continue
		}
		if sticky && (e.plain || e.account.Usable()) {
			home.offer(e, s.session)
		}
		if len(s.tried) > 0 && s.wasTried(a.Name, t.Model) {
			continue
		}
		if e.plain && !e.state.marked.Load() {
			avail.add(e)
			continue
		}
		ad := e.state.admit(e.account, t.Model, now)
		switch {
		case ad.block != free:
			s.pass(e.account, t.Model, ad)
			b.note(ad)
		case ad.crowded:
			crowded.add(e)
		default:
			avail.add(e)
		}
	}
	*scratch = avail.at
	if len(avail.at) == 0 {
		avail = crowded
	}
	if len(avail.at) == 0 {
		return nil, ""
	}
	i, why := s.pick(avail, pool.Policy, sticky, t.Model, home.best)
	return avail.entry(i), why
}

// tier is the candidates of the best priority, as indices so that the collector need not follow them.
type tier struct {
	v  *view
	at []int32
}

func (t *tier) entry(i int) *entry { return &t.v.entries[t.at[i]] }

func (t *tier) add(e *entry) {
	if len(t.at) > 0 {
		switch best := t.entry(0).priority; {
		case e.priority > best:
			return
		case e.priority < best:
			t.at = t.at[:0]
		}
	}
	t.at = append(t.at, int32(e.account.Index))
}

func (t *tier) totalWeight() int {
	total := 0
	for i := range t.at {
		total += t.entry(i).weight
	}
	return total
}

func (b *back) note(ad admission) {
	switch ad.block {
	case blockedBusy:
		b.slot = true
	case blockedCooling, blockedRPM, blockedTPM:
		if b.at.IsZero() || ad.until.Before(b.at) {
			b.at = ad.until
		}
	}
}

// pick chooses among the candidates, of which there is at least one.
func (s *Selection) pick(avail tier, policy string, sticky bool, model string, home *entry) (int, string) {
	if s.query.Prefer != "" && s.query.Pin == "" && len(avail.at) > 1 {
		for i := range avail.at {
			if avail.entry(i).account.Name == s.query.Prefer {
				return i, chosenPrefer
			}
		}
	}
	if sticky {
		return s.pickSticky(avail, model, home)
	}
	switch {
	case s.query.Pin != "":
		return 0, chosenPin
	case len(avail.at) == 1:
		return 0, chosenOnly
	}
	switch policy {
	case inventory.PolicyFillFirst:
		return 0, chosenFirst
	case inventory.PolicyRandom:
		return s.pickWeighted(avail, avail.totalWeight()), chosenRandom
	}
	// The less busy of two: as good as asking all, and it does not send everybody to the same account at once.
	total := avail.totalWeight()
	i, j := s.pickWeighted(avail, total), s.pickWeighted(avail, total)
	if avail.entry(j).load() < avail.entry(i).load() {
		i = j
	}
	return i, chosenBusy
}

func (s *Selection) pickWeighted(avail tier, total int) int {
	r := int(s.pool.rand() * float64(total))
	for i := range avail.at {
		if r -= avail.entry(i).weight; r < 0 {
			return i
		}
	}
	return len(avail.at) - 1
}

// load is the number of requests in flight for each unit of weight.
func (e *entry) load() float64 { return float64(e.state.inFlight.Load()) / float64(e.weight) }

// pickSticky keeps a session where it is: where it had to move before, else on its rendezvous choice.
func (s *Selection) pickSticky(avail tier, model string, home *entry) (int, string) {
	key := s.session ^ hash(model)
	moved, hasMoved := s.pool.moved.Get(key)
	at := -1
	for i := range avail.at {
		e := avail.entry(i)
		if hasMoved && e.account.Name == moved {
			s.pool.moved.SetWithTTL(key, moved, 1, movedFor)
			return i, chosenMoved
		}
		if e == home {
			at = i
		}
	}
	away := at < 0
	if away {
		var best rendezvous
		for i := range avail.at {
			if best.offer(avail.entry(i), s.session) {
				at = i
			}
		}
		s.pool.moved.SetWithTTL(key, avail.entry(at).account.Name, 1, movedFor)
	}
	switch {
	case s.query.Pin != "":
		return at, chosenPin
	case away && len(avail.at) == 1:
		return at, chosenOnly
	}
	return at, chosenAffinity
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
