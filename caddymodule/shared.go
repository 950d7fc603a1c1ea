package caddymodule

import (
	"net/http"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/caddyserver/caddy/v2"

	"github.com/fairway-gateway/fairway/accounts/inventory"
	"github.com/fairway-gateway/fairway/accounts/pool"
	"github.com/fairway-gateway/fairway/caddymodule/demo"
	"github.com/fairway-gateway/fairway/caddymodule/exchange"
)

// engines holds the process's one engine under a constant key, so that cool-downs, affinity and connections survive a
// reload: the new configuration takes its reference before the old one gives up its own.
var engines = caddy.NewUsagePool()

const engineKey = "engine"

// shared is the engine together with those who use it: the configurations that are started, and the requests in flight.
type shared struct {
	engine *exchange.Engine
	log    *liveHandler

	// refs counts the usage pool's hold as one and each request in flight as one. Caddy does not wait for requests when
	// it cleans up a configuration, so the last one out closes the engine.
	refs atomic.Int64

	mu      sync.Mutex // guards tenants and the order of Apply
	tenants []*tenant  // started configurations, the one in force last
}

// tenant is what one configuration wants of the engine.
type tenant struct {
	inventory *inventory.Inventory
	policies  pool.Policies
	log       *liveTarget

	transports map[string]http.RoundTripper // of single accounts
}

func loadShared() (*shared, error) {
	v, _, err := engines.LoadOrNew(engineKey, func() (caddy.Destructor, error) {
		s := &shared{log: newLiveHandler()}
		s.engine = exchange.New(exchange.Options{Logger: s.log.logger(), Demo: demo.Transport{}})
		s.refs.Store(1)
		return s, nil
	})
	if err != nil {
		return nil, err
	}
	return v.(*shared), nil
}

// unloadShared gives up one reference that loadShared took.
func unloadShared() error {
	_, err := engines.Delete(engineKey)
	return err
}

// Destruct is called when no configuration uses the engine any more.
func (s *shared) Destruct() error {
	s.release()
	return nil
}

// acquire holds the engine open for a request; false when it has been closed.
func (s *shared) acquire() bool {
	for {
		n := s.refs.Load()
		if n <= 0 {
			return false
		}
		if s.refs.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

func (s *shared) release() {
	if s.refs.Add(-1) == 0 {
		s.engine.Close()
	}
}

// enter puts a configuration in force. It stays known until leave, so that the one before it comes back into force when
// Caddy takes a failed reload back.
func (s *shared) enter(t *tenant) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tenants = append(s.tenants, t)
	s.inForce()
}

// leave forgets a configuration.
func (s *shared) leave(t *tenant) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.Index(s.tenants, t)
	if i < 0 {
		return
	}
	last := i == len(s.tenants)-1
	s.tenants = slices.Delete(s.tenants, i, i+1)
	if last {
		s.inForce()
	}
}

// inventory returns that of the configuration in force, nil if there is none.
func (s *shared) inventory() *inventory.Inventory {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.tenants); n > 0 {
		return s.tenants[n-1].inventory
	}
	return nil
}

// update gives a configuration another inventory.
func (s *shared) update(t *tenant, inv *inventory.Inventory) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t.inventory = inv
	if n := len(s.tenants); n > 0 && s.tenants[n-1] == t {
		s.inForce()
	}
}

// inForce hands the last tenant's wishes to the engine; s.mu is held.
func (s *shared) inForce() {
	if n := len(s.tenants); n > 0 {
		t := s.tenants[n-1]
		s.log.target.Store(t.log)
		s.engine.UseTransports(t.transports)
		s.engine.ApplyWith(t.inventory, t.policies)
	}
}
