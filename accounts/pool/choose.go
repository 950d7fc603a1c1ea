package pool

import (
	"math"
	"time"

	"github.com/fairway-gateway/fairway/accounts"
	"github.com/fairway-gateway/fairway/accounts/inventory"
)

// candidate is an account that may serve.
type candidate struct {
	account *accounts.Account
	state   *state
}

// Why an account was chosen, as in a trail.
const (
	chosenPin      = "pinned by the caller"
	chosenOnly     = "the only one available"
	chosenAffinity = "the session's own account"
	chosenMoved    = "where the session moved"
	chosenBusy     = "least busy"
	chosenRandom   = "weighted choice"
	chosenFirst    = "first in order"
	chosenProbe    = "probe after a cool-down"
)

// choose picks one of a target's accounts, or nil. What stands in the way of the others goes into the trail, and when they
// could be back into b.
func (s *Selection) choose(v *view, t *inventory.Target, now time.Time, b *back) (*candidate, string) {
	var pool inventory.Pool
	known := v.inv != nil
	if known {
		pool, known = v.inv.Pool(s.query.Pool)
	}
	sticky := pool.Policy == inventory.PolicySticky && s.session != 0
	var home rendezvous // among all accounts that could serve at some time
	s.avail = s.avail[:0]
	var crowded []candidate
	for _, a := range t.Accounts {
		e, ok := v.current(a)
		switch {
		case !ok:
			s.pass(a, t.Model, admission{block: blockedGone})
			continue
		case !known || pool.Name != "" && !pool.Has(a.Name):
			s.pass(a, t.Model, admission{block: blockedPool})
			continue
		case s.query.Pin != "" && s.query.Pin != a.Name:
			s.pass(a, t.Model, admission{block: blockedPin})
			continue
		}
		c := candidate(e)
		if sticky && c.account.Usable() {
			home.offer(c, s.session)
		}
		if len(s.tried) > 0 && s.wasTried(a.Name, t.Model) {
			continue
		}
		ad := c.state.admit(c.account, t.Model, now)
		switch {
		case ad.block != free:
			s.pass(c.account, t.Model, ad)
			b.note(ad)
		case ad.crowded:
			crowded = appendTier(crowded, c)
		default:
			s.avail = appendTier(s.avail, c)
		}
	}
	if len(s.avail) == 0 {
		s.avail = append(s.avail, crowded...)
	}
	if len(s.avail) == 0 {
		return nil, ""
	}
	i, why := s.pick(pool.Policy, sticky, t.Model, home.best.account)
	return &s.avail[i], why
}

// appendTier keeps the candidates of the best priority only.
func appendTier(tier []candidate, c candidate) []candidate {
	if len(tier) > 0 {
		switch best := tier[0].account.Priority; {
		case c.account.Priority > best:
			return tier
		case c.account.Priority < best:
			tier = tier[:0]
		}
	}
	return append(tier, c)
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

// pick chooses among s.avail, which is not empty.
func (s *Selection) pick(policy string, sticky bool, model string, home *accounts.Account) (int, string) {
	if sticky {
		return s.pickSticky(model, home)
	}
	switch {
	case s.query.Pin != "":
		return 0, chosenPin
	case len(s.avail) == 1:
		return 0, chosenOnly
	}
	switch policy {
	case inventory.PolicyFillFirst:
		return 0, chosenFirst
	case inventory.PolicyRandom:
		return s.pickWeighted(s.totalWeight()), chosenRandom
	}
	// The less busy of two: as good as asking all, and it does not send everybody to the same account at once.
	total := s.totalWeight()
	i, j := s.pickWeighted(total), s.pickWeighted(total)
	if s.load(j) < s.load(i) {
		i = j
	}
	return i, chosenBusy
}

// pickSticky keeps a session where it is: where it had to move before, else on its rendezvous choice.
func (s *Selection) pickSticky(model string, home *accounts.Account) (int, string) {
	key := s.session ^ hash(model)
	moved, hasMoved := s.pool.moved.Get(key)
	var best rendezvous
	at := 0
	for i, c := range s.avail {
		if hasMoved && c.account.Name == moved {
			s.pool.moved.SetWithTTL(key, moved, 1, movedFor)
			return i, chosenMoved
		}
		if best.offer(c, s.session) {
			at = i
		}
	}
	if s.avail[at].account != home {
		s.pool.moved.SetWithTTL(key, s.avail[at].account.Name, 1, movedFor)
	}
	switch {
	case s.query.Pin != "":
		return at, chosenPin
	case len(s.avail) == 1 && s.avail[at].account != home:
		return at, chosenOnly
	}
	return at, chosenAffinity
}

func (s *Selection) totalWeight() int {
	total := 0
	for _, c := range s.avail {
		total += c.account.Weight
	}
	return total
}

func (s *Selection) pickWeighted(total int) int {
	r := int(s.pool.rand() * float64(total))
	for i, c := range s.avail {
		if r -= c.account.Weight; r < 0 {
			return i
		}
	}
	return len(s.avail) - 1
}

func (s *Selection) load(i int) float64 {
	c := s.avail[i]
	return float64(c.state.inFlight.Load()) / float64(c.account.Weight)
}

// rendezvous finds the account of the best priority to which weighted rendezvous hashing sends a session: the one with the
// least -ln(u)/weight, where u is a hash of session and account in (0,1). Every process finds the same, and an account that
// comes or goes moves only its own sessions.
type rendezvous struct {
	best  candidate
	hash  uint64
	score float64 // of best; computed when weights differ, else 0
}

// offer reports whether c is the best so far.
func (r *rendezvous) offer(c candidate, session uint64) bool {
	h := mix(session ^ c.state.hash)
	if r.best.account != nil {
		switch {
		case c.account.Priority > r.best.account.Priority:
			return false
		case c.account.Priority < r.best.account.Priority:
		case c.account.Weight == r.best.account.Weight:
			if h <= r.hash { // of equal weights the greater hash wins, and logarithms can wait
				return false
			}
		default:
			if r.score == 0 {
				r.score = score(r.hash, r.best.account.Weight)
			}
			if mine := score(h, c.account.Weight); mine >= r.score {
				return false
			}
		}
	}
	r.best, r.hash, r.score = c, h, 0
	return true
}

func score(h uint64, weight int) float64 {
	u := (float64(h>>11) + 0.5) / (1 << 53)
	return -math.Log(u) / float64(weight)
}
