package pool

import (
	"time"

	"github.com/fairway-gateway/fairway/accounts/inventory"
)

// groups returns the pools that restrict a target: the site's and the route's own. ok is false when one is gone.
func (s *Selection) groups(v *view, t *inventory.Target) (site, own group, ok bool) {
	site, ok = v.groups[s.query.Pool]
	if !ok || t.Pool == "" {
		return site, group{}, ok
	}
	own, ok = v.groups[t.Pool]
	return site, own, ok
}

// outside says why an account is out of the question for the selection, whatever its state.
func (s *Selection) outside(e *entry, site, own *group) block {
	switch {
	case e == nil:
		return blockedGone
	case !site.Holds(e.account) || !own.Holds(e.account):
		return blockedPool
	case s.query.Pin != "" && s.query.Pin != e.account.Name:
		return blockedPin
	}
	return free
}

// choose picks one of a target's accounts, or nil. What stands in the way of the others goes into the trail, and when they
// could be back into b.
func (s *Selection) choose(v *view, t *inventory.Target, now time.Time, b *back, scratch *[]int32, who asker) (*entry, string) {
	site, own, known := s.groups(v, t)
	g := &site
	if t.Pool != "" {
		g = &own
	}
	restricted := !known || site.Name != "" || own.Name != "" || s.query.Pin != ""
	sticky := g.affine && s.session != 0
	c := Candidates{pool: s.pool, group: g.Name, model: t.Model, session: s.session, now: now, dry: s.dry}
	var home rendezvous // among all accounts that could serve at some time
	avail := tier{v: v, at: (*scratch)[:0]}
	crowded := tier{v: v}
	for _, a := range t.Accounts {
		e := v.current(a)
		if restricted || e == nil {
			out := blockedPool
			if known {
				out = s.outside(e, &site, &own)
			}
			if out != free {
				s.pass(a, t.Model, admission{block: out})
				continue
			}
		}
		plain := e.plain && !e.state.marked.Load()
		if sticky && (plain || e.account.Usable() && !e.state.off()) {
			home.offer(e, s.session)
		}
		if len(s.tried) > 0 && s.wasTried(a.Name, t.Model) {
			continue
		}
		if plain {
			avail.add(e)
			continue
		}
		ad := e.state.admit(e.account, t.Model, now, who)
		switch {
		case ad.block != free:
			s.pass(e.account, t.Model, ad)
			b.note(e.state, ad)
		case ad.crowded:
			crowded.add(e)
		default:
			avail.add(e)
		}
	}
	*scratch = avail.at
	switch {
	case len(avail.at) == 0 && len(crowded.at) == 0:
		return nil, ""
	case len(avail.at) == 0:
		avail = crowded
	default:
		for i := range crowded.at {
			s.pass(crowded.entry(i).account, t.Model, admission{crowded: true})
		}
	}
	c.tier, c.home = avail, home.best
	choice, preferred := s.preferred(avail)
	if !preferred && (len(avail.at) > 1 || sticky) {
		choice = g.policy.Choose(&c)
	}
	if choice.Index < 0 || choice.Index >= len(avail.at) {
		choice.Index = 0
	}
	switch {
	case s.query.Pin != "":
		choice.Why = chosenPin
	case len(avail.at) == 1 && choice.Why == chosenAway:
		choice.Why = chosenOnly
	}
	return avail.entry(choice.Index), choice.Why
}

// preferred returns the candidate that the exchange prefers, if there is a choice.
func (s *Selection) preferred(avail tier) (Choice, bool) {
	if s.query.Prefer != "" && s.query.Pin == "" && len(avail.at) > 1 {
		for i := range avail.at {
			if avail.entry(i).account.Name == s.query.Prefer {
				return Choice{i, chosenPrefer}, true
			}
		}
	}
	return Choice{0, chosenOnly}, false
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

// back says when the accounts that were not tried yet could serve.
type back struct {
	at    time.Time // the earliest known time, zero if none is known
	slot  bool      // some account only has too many requests in flight
	rests bool      // some account is cooling only because its server was in trouble
	lines []*state  // the accounts that are only short of their own limits
}

func (b *back) note(st *state, ad admission) {
	switch ad.block {
	case blockedBusy:
		b.slot = true
	case blockedCooling, blockedRPM, blockedTPM, blockedFloor:
		b.rests = b.rests || ad.rests
		if b.at.IsZero() || ad.until.Before(b.at) {
			b.at = ad.until
		}
	}
	switch ad.block {
	case blockedBusy, blockedRPM, blockedTPM:
		b.lines = append(b.lines, st)
	}
}
