package pool

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fairway-gateway/fairway/accounts"
	"github.com/fairway-gateway/fairway/accounts/inventory"
)

func limited(set func(*inventory.AccountConfig)) inventory.Config {
	cfg := accountsNamed("a")
	set(&cfg.Accounts[0])
	return cfg
}

func TestMaxConcurrent(t *testing.T) {
	b := newBench(t, limited(func(a *inventory.AccountConfig) { a.MaxConcurrent = 2 }))
	first := b.next(b.begin(), "a")
	b.next(b.begin(), "a")
	e := b.none(b.begin())
	if e.Status != 429 || e.RetryAfter != time.Second || e.Reasons[0].Why != "at its limit of 2 requests at a time" {
		t.Errorf("got %d, %s, %v", e.Status, e.RetryAfter, e)
	}
	first.Release(accounts.Verdict{})
	first.Release(accounts.Verdict{}) // frees one slot, not two
	b.next(b.begin(), "a")
	b.none(b.begin())
}

func TestRPM(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, limited(func(a *inventory.AccountConfig) { a.RPM = 3 }))
		start := time.Now()
		for range 3 {
			b.next(b.begin(), "a").Release(outcome(accounts.OK))
			time.Sleep(10 * time.Second)
		}
		e := b.none(b.begin())
		if want := start.Add(61 * time.Second).Sub(time.Now()); e.Status != 429 || e.RetryAfter != want {
			t.Errorf("got %d, %s, want 429, %s", e.Status, e.RetryAfter, want)
		}
		time.Sleep(e.RetryAfter - time.Nanosecond)
		b.none(b.begin())
		time.Sleep(time.Nanosecond)
		b.next(b.begin(), "a").Release(outcome(accounts.OK))
		b.none(b.begin())
		// In no minute were there more than three.
		time.Sleep(time.Hour)
		for range 3 {
			b.next(b.begin(), "a").Release(outcome(accounts.OK))
		}
		b.none(b.begin())
	})
}

func TestTPM(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, limited(func(a *inventory.AccountConfig) { a.TPM = 1000 }))
		l := b.next(b.begin(), "a")
		l.Usage(600)
		l.Release(outcome(accounts.OK))
		time.Sleep(20 * time.Second)
		l = b.next(b.begin(), "a")
		l.Usage(500)
		l.Release(outcome(accounts.OK))
		e := b.none(b.begin())
		if e.Status != 429 || e.RetryAfter != 41*time.Second || e.Reasons[0].Why != "at its limit of 1000 tokens per minute" {
			t.Errorf("got %d, %s, %v", e.Status, e.RetryAfter, e)
		}
		time.Sleep(41 * time.Second)
		b.next(b.begin(), "a")
	})
}

func TestWaitForCooldown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, accountsNamed("a", "b"))
		b.fail("a", accounts.Verdict{Outcome: accounts.RateLimited, Until: time.Now().Add(8 * time.Second)})
		b.fail("b", accounts.Verdict{Outcome: accounts.RateLimited, Until: time.Now().Add(3 * time.Second)})
		start := time.Now()
		b.next(b.Begin(Query{Targets: b.targets(model)}), "b").Release(outcome(accounts.OK))
		if got, want := time.Since(start), 3*time.Second; got != want {
			t.Errorf("waited %s, want %s", got, want)
		}
		// Too far away: answer at once.
		time.Sleep(20 * time.Second)
		for _, name := range []string{"a", "b"} {
			b.fail(name, accounts.Verdict{Outcome: accounts.RateLimited, Until: time.Now().Add(11 * time.Second)})
		}
		start = time.Now()
		e := b.none(b.Begin(Query{Targets: b.targets(model)}))
		if time.Since(start) != 0 || e.RetryAfter != 11*time.Second {
			t.Errorf("waited %s, retry after %s", time.Since(start), e.RetryAfter)
		}
		// Beyond the deadline: likewise.
		time.Sleep(5 * time.Second)
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		start = time.Now()
		var unavailable *UnavailableError
		if _, err := b.Begin(Query{Targets: b.targets(model)}).Next(ctx); !errors.As(err, &unavailable) || time.Since(start) != 0 {
			t.Errorf("got %v after %s", err, time.Since(start))
		}
		// A client that leaves ends the wait.
		gone := errors.New("the client left")
		ctx, leave := context.WithCancelCause(context.Background())
		time.AfterFunc(2*time.Second, func() { leave(gone) })
		if _, err := b.Begin(Query{Targets: b.targets(model)}).Next(ctx); !errors.Is(err, gone) || time.Since(start) != 2*time.Second {
			t.Errorf("got %v after %s", err, time.Since(start))
		}
	})
}

func TestNoWaitForAccountsTried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, accountsNamed("a"))
		s := b.Begin(Query{Targets: b.targets(model)})
		b.next(s, "a").Release(accounts.Verdict{Outcome: accounts.RateLimited, Until: time.Now().Add(time.Second)})
		start := time.Now()
		if e := b.none(s); e.RetryAfter != time.Second || time.Since(start) != 0 {
			t.Errorf("got retry after %s, waited %s", e.RetryAfter, time.Since(start))
		}
	})
}

func TestWaitForSlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, limited(func(a *inventory.AccountConfig) { a.MaxConcurrent = 1 }))
		held := b.next(b.begin(), "a")
		time.AfterFunc(4*time.Second, func() { held.Release(outcome(accounts.OK)) })
		start := time.Now()
		l := b.next(b.Begin(Query{Targets: b.targets(model)}), "a")
		if got, want := time.Since(start), 4*time.Second; got != want {
			t.Errorf("waited %s, want %s", got, want)
		}
		start = time.Now()
		b.none(b.Begin(Query{Targets: b.targets(model), MaxWait: 7 * time.Second}))
		if got, want := time.Since(start), 7*time.Second; got != want {
			t.Errorf("waited %s, want %s", got, want)
		}
		l.Release(outcome(accounts.OK))
	})
}

func TestNothingWaitsWhileAnotherCouldServe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := accountsNamed("a", "b")
		cfg.Routes = []inventory.RouteConfig{{Pattern: "best", Targets: []string{"a/big", "b/small"}}}
		b := newBench(t, cfg)
		s := b.Begin(Query{Targets: b.targets("a/big"), MaxWait: -1})
		b.next(s, "a").Release(accounts.Verdict{Outcome: accounts.RateLimited, Until: time.Now().Add(time.Second)})
		start := time.Now()
		b.next(b.Begin(Query{Targets: b.targets("best")}), "b")
		if time.Since(start) != 0 {
			t.Errorf("waited %s", time.Since(start))
		}
	})
}
