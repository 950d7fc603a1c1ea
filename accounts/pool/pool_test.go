package pool

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fairway-gateway/fairway/accounts"
	"github.com/fairway-gateway/fairway/accounts/inventory"
)

const model = "m-1"

// bench is a pool under test with its inventory.
type bench struct {
	t testing.TB
	*Pool
	inv *inventory.Inventory
}

func build(t testing.TB, cfg inventory.Config) *inventory.Inventory {
	t.Helper()
	for i := range cfg.Accounts {
		a := &cfg.Accounts[i]
		if a.Provider == "" {
			a.Provider = "vllm"
		}
		if a.APIKey == "" {
			a.APIKey = "sk-test-key-of-" + a.Name
		}
	}
	inv, err := inventory.Build([]inventory.Config{cfg}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return inv
}

func newBench(t testing.TB, cfg inventory.Config) *bench {
	t.Helper()
	var mu sync.Mutex
	source := rand.New(rand.NewPCG(1, 2))
	random := func() float64 {
		mu.Lock()
		defer mu.Unlock()
		return source.Float64()
	}
	b := &bench{t: t, Pool: New(Options{Rand: random}), inv: build(t, cfg)}
	t.Cleanup(b.Close)
	b.Apply(b.inv)
	return b
}

// two is the inventory of FIELD-like scenarios: a bad and a good key.
func two() inventory.Config {
	return inventory.Config{Policy: "fill_first", Accounts: []inventory.AccountConfig{{Name: "bad"}, {Name: "good"}}}
}

func accountsNamed(names ...string) inventory.Config {
	cfg := inventory.Config{}
	for _, n := range names {
		cfg.Accounts = append(cfg.Accounts, inventory.AccountConfig{Name: n})
	}
	return cfg
}

func (b *bench) targets(model string) []inventory.Target {
	b.t.Helper()
	targets, err := b.inv.Resolve(model, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return targets
}

func (b *bench) begin() *Selection { return b.Begin(Query{Targets: b.targets(model), MaxWait: -1}) }

// next must get a lease on the account.
func (b *bench) next(s *Selection, want string) *Lease {
	b.t.Helper()
	l, err := s.Next(context.Background())
	if err != nil {
		b.t.Fatalf("got %v, want account %s", err, want)
	}
	if want != "" && l.Account.Name != want {
		b.t.Fatalf("got account %s, want %s", l.Account.Name, want)
	}
	return l
}

// none must get no lease.
func (b *bench) none(s *Selection) *UnavailableError {
	b.t.Helper()
	l, err := s.Next(context.Background())
	var e *UnavailableError
	if !errors.As(err, &e) {
		b.t.Fatalf("got lease %v, error %v, want an UnavailableError", l, err)
	}
	return e
}

func outcome(o accounts.Outcome) accounts.Verdict { return accounts.Verdict{Outcome: o} }

// exchange runs one exchange as the engine does. Each account answers with the outcome that answers holds for it, or ok. It
// returns the accounts that were tried, and the last outcome.
func (b *bench) exchange(q Query, answers map[string]accounts.Verdict) (tried []string, last accounts.Outcome) {
	b.t.Helper()
	s := b.Begin(q)
	for {
		l, err := s.Next(context.Background())
		if err != nil {
			return tried, last
		}
		tried = append(tried, l.Account.Name)
		v, bad := answers[l.Account.Name]
		if !bad {
			v = outcome(accounts.OK)
		}
		l.Release(v)
		last = v.Outcome
		if !last.Retryable() {
			return tried, last
		}
	}
}

// TestTwoKeys is what happens with a bad and a good key, request by request.
func TestTwoKeys(t *testing.T) {
	for _, tt := range []struct {
		bad  accounts.Verdict
		hits int // on the bad key, in 8 requests
	}{
		{outcome(accounts.RateLimited), 1},
		{outcome(accounts.QuotaExhausted), 1},
		{outcome(accounts.Overloaded), 1},
		{outcome(accounts.Transient), 2}, // the first is forgiven
		{outcome(accounts.CredentialInvalid), 1},
		{outcome(accounts.PermissionDenied), 1},
		{outcome(accounts.ModelUnavailable), 1},
	} {
		t.Run(tt.bad.Outcome.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, two())
				hits := 0
				for i := range 8 {
					tried, last := b.exchange(Query{Targets: b.targets(model), MaxWait: -1}, map[string]accounts.Verdict{"bad": tt.bad})
					if last != accounts.OK {
						t.Errorf("request %d failed: %s", i, last)
					}
					if tried[0] == "bad" {
						hits++
					}
				}
				if hits != tt.hits {
					t.Errorf("the bad key was hit %d times, want %d", hits, tt.hits)
				}
			})
		})
	}
	t.Run("caller fault", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t, two())
			for range 8 { // the error is the client's at once, and the key stays good
				tried, last := b.exchange(Query{Targets: b.targets(model)}, map[string]accounts.Verdict{"bad": outcome(accounts.CallerFault)})
				if got, want := fmt.Sprint(tried, last), "[bad] caller_fault"; got != want {
					t.Errorf("got %s, want %s", got, want)
				}
			}
		})
	})
}

func TestSingleKey(t *testing.T) {
	for _, tt := range []struct {
		verdict accounts.Verdict
		hits    int // in 3 requests
		status  int
	}{
		{outcome(accounts.RateLimited), 1, 429},
		{outcome(accounts.Transient), 3, 503}, // one failing server must not black out the only account
		{outcome(accounts.Overloaded), 3, 503},
		{outcome(accounts.BrokenStream), 3, 503},
		{outcome(accounts.CredentialInvalid), 1, 503},
		{outcome(accounts.ModelUnavailable), 1, 404},
	} {
		t.Run(tt.verdict.Outcome.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, accountsNamed("only"))
				hits := 0
				var last *UnavailableError
				for range 3 {
					s := b.begin()
					if l, err := s.Next(context.Background()); err == nil {
						l.Release(tt.verdict)
						hits++
					}
					last = b.none(s)
				}
				if hits != tt.hits || last.Status != tt.status {
					t.Errorf("got %d hits and %d, want %d and %d: %v", hits, last.Status, tt.hits, tt.status, last)
				}
			})
		})
	}
}

func TestUnavailableError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := accountsNamed("a", "b", "c", "d", "e")
		cfg.Accounts[3].Disabled = true
		cfg.Accounts[4].APIKey = " "
		b := newBench(t, cfg)
		now := time.Now()
		verdicts := map[string]accounts.Verdict{
			"a": {Outcome: accounts.RateLimited, Until: now.Add(90 * time.Second), Detail: "HTTP 429 rate_limit_error"},
			"b": {Outcome: accounts.QuotaExhausted, Until: now.Add(time.Hour), Account: true},
			"c": {Outcome: accounts.CredentialInvalid, Account: true},
		}
		s := b.begin()
		for range 3 {
			l := b.next(s, "")
			l.Release(verdicts[l.Account.Name])
		}
		e := b.none(s)
		if e.Status != 429 || e.RetryAfter != 90*time.Second || e.Attempts != 3 || len(e.Reasons) != 5 {
			t.Errorf("got status %d, retry after %s, %d attempts, %d reasons", e.Status, e.RetryAfter, e.Attempts, len(e.Reasons))
		}
		for _, want := range []string{
			"a: tried, rate limited (HTTP 429 rate_limit_error) until 00:01:30 UTC.", "b: tried, quota exhausted until 01:00:00 UTC.",
			"c: tried, credential invalid until 00:15:00 UTC.", "d: disabled.", "e: not usable: api_key is empty.",
		} {
			if !strings.Contains(e.Error(), want) {
				t.Errorf("missing %q in %s", want, e)
			}
		}
		// The next exchange tries nobody, and says the same in its own words.
		s = b.begin()
		e = b.none(s)
		if e.Status != 429 || e.Attempts != 0 || !strings.Contains(e.Error(), "c: needs attention: the provider refuses its credential until") {
			t.Errorf("got %d, %d attempts: %v", e.Status, e.Attempts, e)
		}
		if got, want := len(s.Trail()), 5; got != want {
			t.Errorf("trail: got %d steps, want %d: %s", got, want, s.Trail())
		}
	})
}

func TestTrail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := two()
		cfg.Accounts = append([]inventory.AccountConfig{{Name: "off", Disabled: true}}, cfg.Accounts...)
		b := newBench(t, cfg)
		s := b.begin()
		l := b.next(s, "bad")
		time.Sleep(120 * time.Millisecond)
		l.Release(accounts.Verdict{Outcome: accounts.Transient, Detail: "HTTP 500"})
		l.Release(outcome(accounts.CredentialInvalid)) // not counted
		l = b.next(s, "good")
		want := "passed over off/m-1 (disabled) > bad/m-1 (transient: HTTP 500, 120 ms; first in order) > good/m-1 (under way; the only one available)"
		if got := s.Trail().String(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		l.Release(outcome(accounts.OK))
		if got := s.Trail()[2]; got.Outcome != accounts.OK || !got.Tried {
			t.Errorf("got %+v", got)
		}
		for _, st := range b.Status() {
			if st.InFlight != 0 || len(st.Cooling) != 0 {
				t.Errorf("status: got %+v", st)
			}
		}
	})
}

func TestAttempts(t *testing.T) {
	b := newBench(t, accountsNamed("a", "b", "c", "d", "e", "f"))
	s := b.begin()
	seen := make(map[string]bool)
	for range DefaultAttempts {
		l := b.next(s, "")
		if seen[l.Account.Name] {
			t.Errorf("%s was tried twice", l.Account.Name)
		}
		seen[l.Account.Name] = true
		l.Release(outcome(accounts.Transient))
	}
	e := b.none(s)
	if e.Attempts != DefaultAttempts || !strings.Contains(e.Error(), "not tried: the exchange has used its attempts") {
		t.Errorf("got %v", e)
	}
}

func TestTargetsInOrder(t *testing.T) {
	cfg := accountsNamed("a", "b")
	cfg.Routes = []inventory.RouteConfig{{Pattern: "best", Targets: []string{"a/big", "b/big", "a/small"}}}
	b := newBench(t, cfg)
	s := b.Begin(Query{Targets: b.targets("best"), MaxWait: -1})
	var got []string
	for range 3 {
		l := b.next(s, "")
		got = append(got, fmt.Sprintf("%s/%s#%d", l.Account.Name, l.Model, l.Target))
		l.Release(outcome(accounts.RateLimited))
	}
	if want := "[a/big#0 b/big#1 a/small#2]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
	b.none(s)
}

func TestPinAndPool(t *testing.T) {
	cfg := accountsNamed("a", "b", "c")
	cfg.Pools = []inventory.PoolConfig{{Name: "ab", Accounts: []string{"b", "a"}, Policy: "fill_first"}}
	b := newBench(t, cfg)
	for range 20 {
		s := b.Begin(Query{Targets: b.targets(model), Pin: "b", MaxWait: -1})
		b.next(s, "b").Release(outcome(accounts.OK))
		if e := b.none(s); e.Status != 503 {
			t.Errorf("after the pinned account: got %d", e.Status)
		}
	}
	s := b.Begin(Query{Targets: b.targets(model), Pool: "ab", MaxWait: -1})
	b.next(s, "a").Release(outcome(accounts.RateLimited))
	b.next(s, "b").Release(outcome(accounts.RateLimited))
	b.none(s)
	for _, q := range []Query{{Pin: "nobody"}, {Pool: "nothing"}, {Pool: "ab", Pin: "c"}} {
		q.Targets, q.MaxWait = b.targets(model), -1
		if e := b.none(b.Begin(q)); e.Status != 404 || len(e.Reasons) != 3 {
			t.Errorf("%+v: got %d, %v", q, e.Status, e)
		}
	}
	if e := b.none(b.Begin(Query{})); e.Error() != "no account can serve this request" {
		t.Errorf("without targets: got %v", e)
	}
}

func TestContext(t *testing.T) {
	b := newBench(t, accountsNamed("a"))
	ctx, cancel := context.WithCancelCause(context.Background())
	gone := errors.New("the client left")
	cancel(gone)
	if _, err := b.begin().Next(ctx); !errors.Is(err, gone) {
		t.Errorf("got %v", err)
	}
}

func TestBeforeApply(t *testing.T) {
	inv := build(t, accountsNamed("a"))
	p := New(Options{})
	defer p.Close()
	targets, err := inv.Resolve(model, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Begin(Query{Targets: targets}).Next(context.Background()); err == nil {
		t.Error("a pool without accounts gave a lease")
	}
}

func TestTrailIsBounded(t *testing.T) {
	cfg := inventory.Config{}
	for i := range 3 * maxPasses {
		cfg.Accounts = append(cfg.Accounts, inventory.AccountConfig{Name: fmt.Sprint("off-", i), Disabled: true})
	}
	cfg.Accounts = append(cfg.Accounts, inventory.AccountConfig{Name: "on"})
	b := newBench(t, cfg)
	s := b.begin()
	b.next(s, "on").Release(outcome(accounts.Transient))
	e := b.none(s)
	if got := len(s.Trail()); got != maxPasses+1 {
		t.Errorf("got %d steps, want %d", got, maxPasses+1)
	}
	if got := len(e.Error()); got > 1000 || !strings.Contains(e.Error(), "And 173 more.") {
		t.Errorf("got a text of %d bytes: %s", got, e)
	}
}
