package inventory

import (
	"cmp"
	"slices"
	"strings"

	"github.com/fairway-gateway/fairway/accounts"
)

// Target is one place where a request may go: a model, and the accounts that may serve it.
type Target struct {
	// Account and Provider are set when the request or the route named one.
	Account, Provider string
	// Model is the name to send upstream.
	Model string
	// Pool restricts the accounts and sets the policy, because the route says so; "" where it says nothing.
	Pool string
	// Accounts are the candidates in the order of the inventory, usable or not, so that an error can say why not. Never
	// empty.
	Accounts []*accounts.Account
}

// Catalog tells which models accounts list, from what their providers said.
type Catalog interface {
	// Models returns the models that the account lists; known is false while nothing could be learned.
	Models(account string) (models []string, known bool)
}

// UnknownModelError says that no account serves a model.
type UnknownModelError struct {
	Model string
	// Close are up to three known names that look alike.
	Close []string
}

func (e *UnknownModelError) Error() string {
	s := "model " + quote(e.Model) + " is not served by any account"
	if len(e.Close) > 0 {
		s += "; did you mean " + orList(e.Close) + "?"
	}
	return s
}

// Resolve returns where a request for the model may go, in order; each target is to be tried over all its accounts before
// the next. cat may be nil. In order:
//
//  1. an explicit "account/model" or "provider/model", if there is such an account or an account of such a provider.
//     Account names win over provider names. If that account is known not to list the model while another lists the whole
//     name (model names of routers contain slashes), the other is meant;
//  2. the route of exactly that name, then the longest matching pattern. A target is resolved in the same way, but a route
//     never applies to itself again;
//  3. the accounts that list the model: by their own patterns, by their catalogue, or, while no catalogue is known, by
//     their provider's families;
//  4. the accounts whose provider's families fit, although their catalogue does not list the model;
//  5. the accounts that list nothing and may serve any name (accounts.Account.Open, or a provider without families);
//  6. an [*UnknownModelError].
//
// An account with patterns of its own serves nothing else, however it is named. A step that finds only unusable accounts is
// passed over if a later one, except 5, finds a usable one.
func (inv *Inventory) Resolve(model string, cat Catalog) ([]Target, error) {
	if inv.demo != nil {
		return []Target{{Account: inv.demo.Name, Provider: inv.demo.Provider, Model: model,
			Accounts: []*accounts.Account{inv.demo}}}, nil
	}
	r := resolution{inv: inv, cat: cat}
	r.resolve(model)
	if len(r.targets) == 0 {
		return nil, &UnknownModelError{Model: model, Close: closest(model, inv.knownModels(cat))}
	}
	return r.targets, nil
}

type resolution struct {
	inv     *Inventory
	cat     Catalog
	targets []Target
	routes  map[*route]bool // true while it is being expanded, false when done
	pool    string          // of the route that is being expanded
}

func (r *resolution) resolve(model string) {
	if t, ok := r.explicit(model); ok {
		r.add(t)
		return
	}
	if rt := r.inv.route(model, r.routes); rt != nil {
		if _, done := r.routes[rt]; done {
			return // its targets are there already
		}
		if r.routes == nil {
			r.routes = make(map[*route]bool)
		}
		r.routes[rt] = true
		outer := r.pool
		r.pool = cmp.Or(rt.pool, outer)
		for _, target := range rt.targets {
			r.resolve(target)
		}
		r.pool = outer
		r.routes[rt] = false
		return
	}
	if t, ok := r.serving(model); ok {
		r.add(t)
	}
}

func (r *resolution) add(t Target) {
	t.Pool = r.pool
	for _, have := range r.targets {
		if have.Model == t.Model && have.Pool == t.Pool && slices.Equal(have.Accounts, t.Accounts) {
			return
		}
	}
	r.targets = append(r.targets, t)
}

// route returns the route for a model, leaving out those that are being expanded.
func (inv *Inventory) route(model string, expanding map[*route]bool) *route {
	if rt := inv.exact[model]; rt != nil && !expanding[rt] {
		return rt
	}
	for _, rt := range inv.patterns {
		if !expanding[rt] && accounts.Match(rt.pattern, model) {
			return rt
		}
	}
	return nil
}

// explicit reads "account/model" and "provider/model".
func (r *resolution) explicit(name string) (Target, bool) {
	prefix, model, ok := strings.Cut(name, "/")
	if !ok || model == "" {
		return Target{}, false
	}
	t := Target{Model: model}
	if a := r.inv.byName[prefix]; a != nil {
		t.Account, t.Provider = a.Name, a.Provider
		if a.Allows(model) {
			t.Accounts = []*accounts.Account{a}
		}
	} else {
		t.Provider = prefix
		for _, a := range r.inv.accounts {
			if a.Provider == prefix && a.Allows(model) {
				t.Accounts = append(t.Accounts, a)
			}
		}
	}
	if len(t.Accounts) == 0 || r.meansWholeName(t.Accounts, model, name) {
		return Target{}, false
	}
	return t, true
}

// meansWholeName reports whether all named accounts are known not to list the model, while some account lists the whole
// name: "openai/gpt-oss-120b" is a model of Groq.
func (r *resolution) meansWholeName(named []*accounts.Account, model, whole string) bool {
	for _, a := range named {
		if lists, known := r.lists(a, model); lists || !known {
			return false
		}
	}
	return slices.ContainsFunc(r.inv.accounts, func(a *accounts.Account) bool {
		lists, _ := r.lists(a, whole)
		return lists && a.Usable()
	})
}

// serving finds the accounts for a model that nothing else says anything about.
func (r *resolution) serving(model string) (Target, bool) {
	var listed, family, open []*accounts.Account
	for _, a := range r.inv.accounts {
		if !a.Allows(model) {
			continue
		}
		lists, known := r.lists(a, model)
		fits := accounts.MatchAny(a.Families, model)
		switch {
		case lists, !known && fits:
			listed = append(listed, a)
		case fits:
			family = append(family, a)
		case !known && (a.Open || len(a.Families) == 0):
			open = append(open, a)
		}
	}
	for _, found := range [][]*accounts.Account{listed, family} {
		if slices.ContainsFunc(found, (*accounts.Account).Usable) {
			return Target{Model: model, Accounts: found}, true
		}
	}
	for _, found := range [][]*accounts.Account{listed, family, open} {
		if len(found) > 0 {
			return Target{Model: model, Accounts: found}, true
		}
	}
	return Target{}, false
}

// lists reports whether the account lists the model, and whether that is known at all.
func (r *resolution) lists(a *accounts.Account, model string) (lists, known bool) {
	if len(a.Models) > 0 {
		return accounts.MatchAny(a.Models, model), true
	}
	if r.cat == nil {
		return false, false
	}
	models, known := r.cat.Models(a.Name)
	return known && slices.Contains(models, model), known
}

// knownModels returns every model name that is written down somewhere.
func (inv *Inventory) knownModels(cat Catalog) []string {
	names := slices.Clone(inv.names)
	for _, a := range inv.accounts {
		for _, m := range a.Models {
			if !accounts.IsPattern(m) {
				names = append(names, m)
			}
		}
		if cat != nil {
			models, _ := cat.Models(a.Name)
			names = append(names, models...)
		}
	}
	return names
}
