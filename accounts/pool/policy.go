package pool

import (
	"time"

	"github.com/fairway-gateway/fairway/accounts"
	"github.com/fairway-gateway/fairway/accounts/inventory"
)

// Policy chooses one of several accounts that could all serve now. It is called concurrently, must neither block nor do
// I/O, and must not keep the candidates.
type Policy interface {
	// Choose is called with at least one candidate.
	Choose(c *Candidates) Choice
}

// Choice is a policy's answer.
type Choice struct {
	// Index is the chosen candidate's; one that does not exist stands for the first.
	Index int
	// Why says so in a few words, for the trail.
	Why string
}

// Policies maps names to policies.
type Policies map[string]Policy

// BuiltinPolicies returns the policies that need no declaration, by the names of package inventory.
func BuiltinPolicies() Policies {
	return Policies{
		inventory.PolicySticky:     Sticky{},
		inventory.PolicyLeastBusy:  LeastBusy{},
		inventory.PolicyRoundRobin: new(RoundRobin),
		inventory.PolicyMostQuota:  MostQuota{},
		inventory.PolicyFillFirst:  FillFirst{},
		inventory.PolicyRandom:     Random{},
	}
}

// Candidates are accounts of equal priority that could all serve a request now.
type Candidates struct {
	tier
	pool    *Pool
	group   string // the pool's name in the inventory
	model   string
	session uint64
	now     time.Time
	home    *entry // of the session, whether or not it is among the candidates
	dry     bool
}

// Len returns the number of candidates, at least 1.
func (c *Candidates) Len() int { return len(c.at) }

// Account returns a candidate. It must not be changed.
func (c *Candidates) Account(i int) *accounts.Account { return c.entry(i).account }

// Model is the name that would be sent upstream.
func (c *Candidates) Model() string { return c.model }

// Pool is the name of the pool that is chosen from, "" for all accounts.
func (c *Candidates) Pool() string { return c.group }

// InFlight returns the candidate's number of requests under way.
func (c *Candidates) InFlight(i int) int { return int(c.entry(i).state.inFlight.Load()) }

// Latency returns the candidate's usual time to the first byte, 0 while it is unknown.
func (c *Candidates) Latency(i int) time.Duration { return c.entry(i).state.latency.duration() }

// Quota returns what is left of the candidate's scarcest limit, 0 to 1; known is false when its provider has not told.
func (c *Candidates) Quota(i int) (share float64, known bool) {
	return c.entry(i).state.quota.share(c.model, c.now)
}

// Session returns the hash of the request's session; false when it has none.
func (c *Candidates) Session() (uint64, bool) { return c.session, c.session != 0 }

// Rand returns a random number in [0,1).
func (c *Candidates) Rand() float64 { return c.pool.rand() }

// Dry reports that the choice is only to be explained: a policy must not remember it.
func (c *Candidates) Dry() bool { return c.dry }

// Weighted draws a candidate at random, by weight.
func (c *Candidates) Weighted() int { return c.weighted(c.totalWeight()) }

func (c *Candidates) weighted(total int) int {
	r := int(c.pool.rand() * float64(total))
	for i := range c.at {
		if r -= c.entry(i).weight; r < 0 {
			return i
		}
	}
	return len(c.at) - 1
}

// Why an account was chosen, as in a trail.
const (
	chosenPin      = "pinned by the caller"
	chosenOnly     = "the only one available"
	chosenPrefer   = "it has the conversation's reasoning state"
	chosenAgain    = "asked once more"
	chosenAffinity = "the session's own account"
	chosenMoved    = "where the session moved"
	chosenAway     = "the session's next account"
	chosenBusy     = "least busy"
	chosenTurn     = "its turn"
	chosenQuota    = "most quota left"
	chosenRandom   = "weighted choice"
	chosenFirst    = "first in order"
	chosenProbe    = "probe after a cool-down"
	chosenResting  = "resting, but no other is left"
)
