package pool

import (
	"fmt"
	"time"

	"github.com/fairway-gateway/fairway/accounts/inventory"
)

// Plan explains a choice without making it.
type Plan struct {
	// Account and Upstream are who would serve now and the model that would be asked for; "" when nobody can.
	Account  string `json:"account,omitzero"`
	Upstream string `json:"upstream_model,omitzero"`
	// Why says why that account, or why none.
	Why     string       `json:"why"`
	Targets []PlanTarget `json:"targets"`
}

// PlanTarget is one place where the model may go, in order.
type PlanTarget struct {
	Model string `json:"model"`
	// Pool is the pool that is chosen from, "" for all accounts; Policy is how.
	Pool     string        `json:"pool,omitzero"`
	Policy   string        `json:"policy"`
	Accounts []PlanAccount `json:"accounts"`
}

// PlanAccount is one account of a target.
type PlanAccount struct {
	Account  string `json:"account"`
	Provider string `json:"provider"`
	// Could is true when the account could serve now; Chosen when it would.
	Could  bool `json:"could"`
	Chosen bool `json:"chosen,omitzero"`
	// Why says why the account would be chosen, or why not, or why it cannot serve.
	Why string `json:"why"`
	// Until is when it can serve again, zero if it can now or nobody knows.
	Until time.Time `json:"until,omitzero"`
}

// Explain says what [Selection.Next] would answer now. Where a policy draws lots, that is one possible answer.
func (p *Pool) Explain(q Query) Plan {
	s := p.Begin(q)
	s.dry = true
	v, now := p.view.Load(), p.now()
	var plan Plan
	winner, target, why := s.wouldChoose(v, now)
	for i := range q.Targets {
		plan.Targets = append(plan.Targets, s.explainTarget(v, &q.Targets[i], now, i-target, winner, why))
	}
	if winner == nil {
		plan.Why = s.unavailable(now).Error()
		return plan
	}
	plan.Account, plan.Upstream, plan.Why = winner.account.Name, q.Targets[target].Model, why
	return plan
}

// wouldChoose returns the account that would be chosen, nil for none, and the index of its target.
func (s *Selection) wouldChoose(v *view, now time.Time) (*entry, int, string) {
	scratch := new([]int32)
	for _, who := range [...]asker{{}, {force: true}} {
		var b back
		for i := range s.query.Targets {
			if e, why := s.choose(v, &s.query.Targets[i], now, &b, scratch, who); e != nil {
				if who.force {
					why = chosenResting
				}
				return e, i, why
			}
		}
		if b.slot || !b.rests {
			break
		}
	}
	return nil, 0, ""
}

// explainTarget describes a target; after is its place behind the winner's.
func (s *Selection) explainTarget(v *view, t *inventory.Target, now time.Time, after int, winner *entry, why string) PlanTarget {
	site, own, known := s.groups(v, t)
	g := &site
	if t.Pool != "" {
		g = &own
	}
	out := PlanTarget{Model: t.Model, Pool: g.Name, Policy: g.Policy}
	for _, a := range t.Accounts {
		e := v.current(a)
		block := s.outside(e, &site, &own)
		if block == free && !known {
			block = blockedPool
		}
		ad := admission{block: block}
		if e != nil {
			a = e.account
		}
		if block == free {
			ad = e.state.admit(a, t.Model, now, asker{})
		}
		pa := PlanAccount{Account: a.Name, Provider: a.Provider, Could: ad.block == free, Why: ad.why(a), Until: ad.until}
		switch {
		case winner == nil:
		case e == winner && after == 0:
			pa.Chosen, pa.Why = true, why
		case !pa.Could:
		case after > 0:
			pa.Why = "comes after the targets above"
		case a.Priority > winner.priority:
			pa.Why = fmt.Sprintf("a lower tier (priority %d)", a.Priority)
		case ad.crowded:
			pa.Why = probedWords
		default:
			pa.Why = fmt.Sprintf("could serve; %s is preferred (%s)", winner.account.Name, why)
		}
		out.Accounts = append(out.Accounts, pa)
	}
	return out
}
