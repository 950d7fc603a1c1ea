package exchange

import (
	"errors"
	"hash/maphash"
	"io"
	"net/http"
	"time"

	"github.com/dgraph-io/ristretto/v2"

	"github.com/fairway-gateway/fairway/accounts"
	"github.com/fairway-gateway/fairway/accounts/pool"
	"github.com/fairway-gateway/fairway/translate"
)

const (
	// countFresh is how long a count is repeated without asking again.
	countFresh = time.Minute
	// countPatience bounds the wait for an upstream's counter, behind which there
	// is always an estimate.
	countPatience = 15 * time.Second
	// maxCountAnswer bounds what is read of a counter's answer, in bytes.
	maxCountAnswer = 64 << 10
	// keptCounts is how many counts are kept.
	keptCounts = 4096
)

var errSlowCounter = errors.New("the upstream's token counter is too slow")

// counts remembers what upstreams counted, because agents count the same prompt
// several times in a row.
type counts struct {
	cache *ristretto.Cache[uint64, count]
	seed  maphash.Seed
}

// count is an upstream's answer.
type count struct {
	tokens int64
	body   []byte // for clients of its own dialect
	at     time.Time
}

func newCounts() counts {
	cache, err := ristretto.NewCache(&ristretto.Config[uint64, count]{
		NumCounters: 10 * keptCounts, MaxCost: keptCounts, BufferItems: 64, IgnoreInternalCost: true,
	})
	if err != nil {
		panic("creating count cache: " + err.Error()) // its configuration is constant
	}
	return counts{cache, maphash.MakeSeed()}
}

// countKey tells requests apart by all that an account's answer depends on.
func (x *exchange) countKey(l *pool.Lease, up translate.Dialect) uint64 {
	var h maphash.Hash
	h.SetSeed(x.counts.seed)
	for _, part := range [...]string{string(x.client.Name()), string(up.Name()), l.Account.Name, l.Model, x.in.Header.Get("Anthropic-Beta")} {
		_, _ = h.WriteString(part)
		_ = h.WriteByte(0)
	}
	_, _ = h.Write(x.body.b)
	return h.Sum64()
}

// countedBefore answers with what the account counted within the last minute.
func (x *exchange) countedBefore(l *pool.Lease, up translate.Dialect) bool {
	c, ok := x.counts.cache.Get(x.countKey(l, up))
	if !ok || x.now().Sub(c.at) >= countFresh {
		return false
	}
	x.describe(l, nil, up.Name() == x.client.Name())
	x.tellCount(c)
	return true
}

// counted gives an upstream's count to the client, or an estimate when the
// answer is none. Its verdict says nothing of the account: a counter has limits
// and ailments of its own.
func (x *exchange) counted(l *pool.Lease, resp *http.Response, up translate.Dialect, same bool) (accounts.Verdict, error) {
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxCountAnswer))
	c := count{at: x.now()}
	if err == nil {
		c.tokens, err = up.DecodeCount(body)
	}
	if err != nil && x.in.Context().Err() != nil {
		return accounts.Verdict{Outcome: accounts.Canceled}, err
	}
	if err != nil {
		return accounts.Verdict{}, x.estimate()
	}
	if same {
		c.body = body
	} else if r, err := x.decode(); err == nil {
		x.measure(r)
		x.calibration.learn(x.lookups.of(l.Model).counts, x.extent, c.tokens)
	}
	x.counts.cache.SetWithTTL(x.countKey(l, up), c, 1, countFresh)
	x.tellCount(c)
	return accounts.Verdict{}, nil
}

func (x *exchange) tellCount(c count) {
	if c.body == nil {
		c.body = x.client.AppendCount(nil, c.tokens)
	}
	x.out.header().Set("Content-Type", "application/json")
	x.out.respond(http.StatusOK, c.body)
}

// estimate answers a token count by guess, and says so.
func (x *exchange) estimate() error {
	r, err := x.decode()
	if err != nil {
		return err
	}
	model := x.record.UpstreamModel
	if model == "" && len(x.targets) > 0 { // no account could be asked
		model = x.targets[0].Model
	}
	x.out.header().Set("X-Token-Count", "estimated")
	x.tellCount(count{tokens: translate.Estimate(r, x.tokenizer(model))})
	return nil
}

// notOfCounting reports whether a counter's refusal is no reason to fail the
// client or to ask another account: it is missing, ails, or has a limit of its
// own; or it does not take the translation of what the client asked. What is
// left is a bad credential, and the client's own fault.
func notOfCounting(status int, o accounts.Outcome, same bool) bool {
	switch status {
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return true
	}
	return o != accounts.CredentialInvalid && (o != accounts.CallerFault || !same)
}

// tokenizer is how a model counts, calibrated.
func (e *Engine) tokenizer(model string) translate.Tokenizer {
	return e.calibration.tokenizer(e.lookups.of(model).counts)
}

// cheapToMeasure is the body's size up to which a request is measured for the
// calibration's sake alone, in bytes.
const cheapToMeasure = 64 << 10

// measure finds the extent of a request, once, where that is cheap.
func (x *exchange) measure(r *translate.Request) {
	if x.extent == (translate.Extent{}) && len(x.body.b) <= cheapToMeasure && !hosted(r) {
		x.extent = translate.Measure(r, translate.ImageRule{})
	}
}

// hosted reports whether the vendor will add to the input by itself.
func hosted(r *translate.Request) bool {
	for i := range r.Tools {
		if r.Tools[i].Kind == translate.HostedTool {
			return true
		}
	}
	return false
}
