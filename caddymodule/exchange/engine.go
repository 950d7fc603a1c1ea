// Package exchange carries one client request to an account of a pool and the
// answer back: reading, routing, attempts, failover, translation, streaming and
// accounting. It knows nothing of Caddy; it takes a pool, dialects, a
// http.RoundTripper and a http.ResponseWriter.
package exchange

import (
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fairway-gateway/fairway/accounts/inventory"
	"github.com/fairway-gateway/fairway/accounts/pool"
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/chat"
	"github.com/fairway-gateway/fairway/translate/completions"
	"github.com/fairway-gateway/fairway/translate/gemini"
	"github.com/fairway-gateway/fairway/translate/messages"
	"github.com/fairway-gateway/fairway/translate/responses"
)

// Options are what an Engine is made of.
type Options struct {
	Logger    *slog.Logger      // default: discards
	Now       func() time.Time  // default: time.Now
	Transport http.RoundTripper // to upstreams; default: NewTransport()
	Demo      http.RoundTripper // answers for accounts of the provider demo
}

// Engine serves exchanges. One Engine is meant to live as long as the process:
// accounts are swapped below it with Apply, and what the pool has learnt stays.
type Engine struct {
	log         *slog.Logger
	now         func() time.Time
	dialects    *translate.Dialects
	pool        *pool.Pool
	inventory   atomic.Pointer[inventory.Inventory]
	catalogue   *catalogue
	budget      retryBudget
	past        ring
	counts      counts
	lookups     lookups
	calibration calibration
	owners      owners
	turns       turns
	transports  transports
	requests    sync.Pool // of *buffer: clients' bodies
	answers     sync.Pool // of *buffer: upstreams', and translations; mostly of other sizes
	frames      sync.Pool // of *[]byte: what stream readers start with
}

// New returns an Engine that has no accounts yet; see Apply.
func New(o Options) *Engine {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Transport == nil {
		o.Transport = NewTransport()
	}
	e := &Engine{
		log: o.Logger,
		now: o.Now,
		// The one place where the set of dialects is assembled.
		dialects:   translate.NewDialects(chat.New(), completions.New(), responses.New(), messages.New(), gemini.New()),
		pool:       pool.New(pool.Options{Now: o.Now}),
		transports: transports{direct: o.Transport, demo: o.Demo},
	}
	e.catalogue = newCatalogue(e)
	e.counts = newCounts()
	e.owners = newOwners()
	e.turns = newTurns()
	return e
}

// Apply swaps the accounts, atomically and while exchanges run. Cool-downs,
// requests in flight and affinity stay with the accounts that keep their names.
func (e *Engine) Apply(inv *inventory.Inventory) { e.ApplyWith(inv, pool.BuiltinPolicies()) }

// Accounts tells the state of every account.
func (e *Engine) Accounts() []pool.AccountStatus { return e.pool.Status() }

// Close gives idle connections back. Exchanges under way are not disturbed.
func (e *Engine) Close() {
	e.transports.closeIdle()
	e.catalogue.close()
	e.pool.Close()
	e.owners.cache.Close()
	e.counts.cache.Close()
	e.turns.cache.Close()
}
