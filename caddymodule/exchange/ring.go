package exchange

import (
	"strings"
	"sync"
	"time"

	"github.com/fairway-gateway/fairway/accounts/pool"
	"github.com/fairway-gateway/fairway/translate"
)

// Past is what is remembered of an exchange that is over: why it went as it did,
// and nothing of what was said in it.
type Past struct {
	ID        string         `json:"id"`
	Time      time.Time      `json:"time"` // of its beginning
	Dialect   translate.Name `json:"dialect"`
	Operation string         `json:"operation"`
	User      string         `json:"user,omitzero"`
	Model     string         `json:"model,omitzero"`          // as requested
	Upstream  string         `json:"upstream_model,omitzero"` // as asked of the account that answered
	Account   string         `json:"account,omitzero"`
	Status    int            `json:"status"`
	Canceled  bool           `json:"canceled,omitzero"`
	Attempts  int            `json:"attempts"`
	// FirstByte and Duration are in milliseconds.
	FirstByte int64 `json:"first_byte_ms,omitzero"`
	Duration  int64 `json:"ms"`
	// Error is the gateway's own message, or the type and code of an upstream's,
	// whose message may quote the prompt; "" when all went well.
	Error string     `json:"error,omitzero"`
	Trail pool.Trail `json:"trail,omitempty"`
}

// pastExchanges is how many exchanges are remembered.
const pastExchanges = 512

// ring remembers the last exchanges.
type ring struct {
	mu   sync.Mutex
	past [pastExchanges]Past
	n    uint64 // how many there have been
}

func (r *ring) add(p Past) {
	r.mu.Lock()
	r.past[r.n%pastExchanges] = p
	r.n++
	r.mu.Unlock()
}

// last returns up to n exchanges, the newest first.
func (r *ring) last(n int) []Past {
	r.mu.Lock()
	defer r.mu.Unlock()
	n = min(n, int(min(r.n, pastExchanges)))
	out := make([]Past, 0, max(n, 0))
	for i := range n {
		out = append(out, r.past[(r.n-1-uint64(i))%pastExchanges])
	}
	return out
}

// Trails returns up to n of the last exchanges, the newest first. The gateway
// remembers 512 of them, until it ends.
func (e *Engine) Trails(n int) []Past { return e.past.last(n) }

func withoutPrompt(err error) string {
	e := neutralError(err)
	if e.Status == 0 && e.Type == "" {
		return e.Error()
	}
	return strings.TrimSpace("the upstream's error " + e.Type + " " + e.Code)
}

// remember keeps what an exchange came to.
func (x *exchange) remember() {
	r := &x.record
	p := Past{
		ID: r.ID, Time: x.started, Dialect: r.Dialect, Operation: r.Operation.String(), User: x.call.User,
		Model: r.Model, Upstream: r.UpstreamModel, Account: r.Account, Status: r.Status, Canceled: r.Canceled,
		Attempts: r.Attempts, FirstByte: r.FirstByte.Milliseconds(), Duration: r.Duration.Milliseconds(), Trail: r.Trail,
	}
	if r.Err != nil {
		p.Error = withoutPrompt(r.Err)
	}
	x.past.add(p)
}
