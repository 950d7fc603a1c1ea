package inventory

import (
	"fmt"
	"slices"

	"github.com/fairway-gateway/fairway/accounts"
	"github.com/fairway-gateway/fairway/accounts/credential"
)

// Inventory is everything declared, validated. It is immutable and safe for concurrent use; a change of configuration
// builds a new one.
type Inventory struct {
	accounts     []*accounts.Account
	byName       map[string]*accounts.Account
	providers    map[string]accounts.Provider
	exact        map[string]*route
	patterns     []*route // longest first
	names        []string // of exact routes, in order of declaration
	pools        map[string]Pool
	policy       string
	cooldowns    accounts.Cooldowns
	capabilities []CapabilityConfig // shortest pattern first
	demo         *accounts.Account  // set when no declared account is usable
}

type route struct {
	pattern string
	targets []string
	pool    string
}

// Pool is a named set of accounts with a selection policy.
type Pool struct {
	Name     string
	Policy   string
	Accounts []string

	members []bool // by accounts.Account.Index
}

// Has reports whether the account belongs to the pool; the pool without a name has all.
func (p Pool) Has(account string) bool { return p.Name == "" || slices.Contains(p.Accounts, account) }

// Holds is [Pool.Has] for an account of the pool's own inventory, in constant time.
func (p Pool) Holds(a *accounts.Account) bool {
	return p.Name == "" || a.Index < len(p.members) && p.members[a.Index]
}

// Accounts returns all accounts in order of declaration; the caller must not change the slice. When none of the declared
// ones is usable, the built-in demo account stands at the end.
func (inv *Inventory) Accounts() []*accounts.Account { return inv.accounts }

// Account returns the account of that name, or nil.
func (inv *Inventory) Account(name string) *accounts.Account { return inv.byName[name] }

// NoAccount is the error that there is no account of that name; it names a similar one.
func (inv *Inventory) NoAccount(name string) error {
	names := make([]string, 0, len(inv.accounts))
	for _, a := range inv.accounts {
		names = append(names, a.Name)
	}
	return fmt.Errorf("there is no account %s%s", quote(name), suggestion(name, names))
}

// Provider returns the provider of that name, built in or declared.
func (inv *Inventory) Provider(name string) (accounts.Provider, bool) {
	p, ok := inv.providers[name]
	return p, ok
}

// Pool returns the pool of that name. The name "" stands for all accounts under the default policy.
func (inv *Inventory) Pool(name string) (Pool, bool) {
	if name == "" {
		return Pool{Policy: inv.policy}, true
	}
	p, ok := inv.pools[name]
	return p, ok
}

// Pools returns all pools in the order of their names, the nameless one of all accounts first.
func (inv *Inventory) Pools() []Pool {
	out := []Pool{{Policy: inv.policy}}
	for _, name := range sortedKeys(inv.pools) {
		out = append(out, inv.pools[name])
	}
	return out
}

// Cooldowns returns the table of cool-downs.
func (inv *Inventory) Cooldowns() accounts.Cooldowns { return inv.cooldowns }

// RouteNames returns the names of routes that are no patterns, in order of declaration; they appear in model lists.
func (inv *Inventory) RouteNames() []string { return slices.Clone(inv.names) }

// Demo reports whether the built-in demo account answers everything, because no declared account is usable.
func (inv *Inventory) Demo() bool { return inv.demo != nil }

// demoAccount is the account that serves any model when there is no other.
func demoAccount(name string, index int) *accounts.Account {
	var provider accounts.Provider
	for _, p := range accounts.Builtin() {
		if p.Name == accounts.DemoProvider {
			provider = p
		}
	}
	return &accounts.Account{
		Name: name, Provider: provider.Name, Endpoints: provider.Endpoints, Families: provider.Families,
		Models: []string{"*"}, Weight: 1, Credential: credential.None(), Index: index,
	}
}
