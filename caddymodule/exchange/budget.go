package exchange

import (
	"sync"
	"time"
)

// retryBudget keeps retries from multiplying the load on providers that are in
// trouble: when everything fails, at most a fifth of the requests that go out
// are retries, but for a small reserve. It never stands in the way of a
// failover that helps, for a retry on an account that is known to be well is
// free, and what led to an answer is given back.
type retryBudget struct {
	mu     sync.Mutex
	tokens float64
	last   time.Time // of the last refill; zero before the first use
}

const (
	retryShare   = 0.2             // of a token, for each exchange
	retryReserve = 10              // tokens at most; what an idle gateway has
	retryRefill  = 5 * time.Second // for one token, whatever the traffic
)

// begin counts an exchange.
func (b *retryBudget) begin(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refill(now)
	b.tokens = min(b.tokens+retryShare, retryReserve)
}

// spend takes the right to one retry, if there is one.
func (b *retryBudget) spend(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refill(now)
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}

// giveBack returns the rights that an exchange has spent to a good end.
func (b *retryBudget) giveBack(n int) {
	if n == 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tokens = min(b.tokens+float64(n), retryReserve)
}

func (b *retryBudget) refill(now time.Time) {
	if b.last.IsZero() {
		b.tokens, b.last = retryReserve, now
		return
	}
	if d := now.Sub(b.last); d > 0 {
		b.tokens = min(b.tokens+float64(d)/float64(retryRefill), retryReserve)
		b.last = now
	}
}
