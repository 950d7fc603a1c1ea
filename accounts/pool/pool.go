// Package pool chooses accounts: it keeps what changes at run time (cool-downs, requests in flight, rate windows, session
// affinity) and hands out leases.
package pool

import (
	"cmp"
	"hash/fnv"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dgraph-io/ristretto/v2"

	"github.com/fairway-gateway/fairway/accounts"
	"github.com/fairway-gateway/fairway/accounts/inventory"
)

// Options configures a [Pool]. The zero value is right for production.
type Options struct {
	// Now is the clock; default time.Now. Waiting uses real timers (or those of testing/synctest).
	Now func() time.Time
	// Rand yields numbers in [0,1) and is called concurrently; default math/rand/v2.
	Rand func() float64
	// MaxWaiting bounds the exchanges that wait for an account at the same time; default [DefaultMaxWaiting]. Those beyond
	// are told at once that none is free.
	MaxWaiting int
}

// DefaultMaxWaiting is the default of Options.MaxWaiting. Each holds its request's body.
const DefaultMaxWaiting = 1000

// Pool is safe for concurrent use. Create one with [New], give it accounts with [Pool.Apply] and end it with [Pool.Close].
type Pool struct {
	now   func() time.Time
	rand  func() float64
	view  atomic.Pointer[view]
	moved *ristretto.Cache[uint64, string] // where sessions went that had to leave their own account

	waiting    waiters
	maxWaiting int

	scratch sync.Pool // of *[]int32

	mu     sync.Mutex        // serialises Apply
	states map[string]*state // by account name, including accounts that are gone but still in use
}

// view is one inventory with the states of its accounts, swapped whole.
type view struct {
	inv       *inventory.Inventory
	cooldowns accounts.Cooldowns
	entries   []entry          // by accounts.Account.Index
	groups    map[string]group // by name, "" for all accounts
}

// group is a pool of the inventory with its policy.
type group struct {
	inventory.Pool
	policy Policy
	affine bool
}

// entry is an account with its state, and beside them what choosing among many looks at first.
type entry struct {
	account  *accounts.Account
	state    *state
	hash     uint64
	weight   int
	priority int
	plain    bool // usable and without limits of its own
}

const (
	movedSessions = 100_000   // sessions remembered by affinity
	movedFor      = time.Hour // after their last request
)

// New returns a pool without accounts.
func New(o Options) *Pool {
	p := &Pool{now: o.Now, rand: o.Rand, states: make(map[string]*state), maxWaiting: cmp.Or(o.MaxWaiting, DefaultMaxWaiting)}
	if p.now == nil {
		p.now = time.Now
	}
	if p.rand == nil {
		p.rand = rand.Float64
	}
	moved, err := ristretto.NewCache(&ristretto.Config[uint64, string]{
		NumCounters: 10 * movedSessions, MaxCost: movedSessions, BufferItems: 64, IgnoreInternalCost: true,
	})
	if err != nil {
		panic("creating affinity cache: " + err.Error()) // its configuration is constant
	}
	p.moved = moved
	p.view.Store(&view{})
	return p
}

// Close frees the pool's background work. Leases that are still out may be released afterwards.
func (p *Pool) Close() { p.moved.Close() }

// Apply takes over an inventory at once. State is kept by account name: cool-downs, requests in flight and rate windows
// survive, but an account whose provider, base URL or credential changed starts without cool-downs.
func (p *Pool) Apply(inv *inventory.Inventory) { p.ApplyWith(inv, BuiltinPolicies()) }

// ApplyWith is [Pool.Apply] with the policies that the inventory names. One that is missing is replaced by [Sticky].
func (p *Pool) ApplyWith(inv *inventory.Inventory, policies Policies) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	next := &view{inv: inv, cooldowns: inv.Cooldowns(), groups: make(map[string]group)}
	for _, declared := range inv.Pools() {
		g := group{Pool: declared, policy: policies[declared.Policy]}
		if g.policy == nil {
			g.policy = Sticky{}
		}
		_, g.affine = g.policy.(affine)
		next.groups[declared.Name] = g
	}
	present := make(map[string]bool)
	for _, a := range inv.Accounts() {
		st := p.states[a.Name]
		if st == nil {
			st = &state{}
			p.states[a.Name] = st
		}
		st.adopt(a)
		present[a.Name] = true
		next.entries = append(next.entries, entry{account: a, state: st, hash: hash(a.Name), weight: a.Weight,
			priority: a.Priority, plain: a.Usable() && a.MaxConcurrent == 0 && a.RPM == 0 && a.TPM == 0 && a.QuotaFloor == 0})
	}
	for name, st := range p.states {
		if !present[name] && st.idle(now) {
			delete(p.states, name)
		}
	}
	p.view.Store(next)
	p.waiting.wakeAll()
}

// current returns the account as it is declared now, and its state; nil when it is gone.
func (v *view) current(a *accounts.Account) *entry {
	if a.Index < len(v.entries) && v.entries[a.Index].account == a {
		return &v.entries[a.Index]
	}
	if v.inv == nil {
		return nil
	}
	if now := v.inv.Account(a.Name); now != nil {
		return &v.entries[now.Index]
	}
	return nil
}

// hash is the same in every process, because all gateways of a fleet must choose alike.
func hash(s string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(s))
	return mix(h.Sum64())
}

// mix is the finaliser of SplitMix64: every input bit affects every output bit.
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}
