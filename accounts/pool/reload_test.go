package pool

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fairway-gateway/fairway/accounts"
)

func (b *bench) reload(change func(key *string, url *string)) {
	cfg := two()
	for i := range cfg.Accounts {
		if cfg.Accounts[i].Name == "bad" {
			change(&cfg.Accounts[i].APIKey, &cfg.Accounts[i].BaseURL)
		}
	}
	b.inv = build(b.t, cfg)
	b.Apply(b.inv)
}

func TestReloadKeepsState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, two())
		held := b.next(b.Begin(Query{Targets: b.targets(model), Pin: "bad"}), "bad")
		b.fail("bad", accounts.Verdict{Outcome: accounts.CredentialInvalid})
		old := b.targets(model)
		b.reload(func(key, url *string) {})
		if got, want := b.cooledFor("bad", model), 15*time.Minute; got != want {
			t.Errorf("after a reload: cooled for %s, want %s", got, want)
		}
		if got := b.Status()[0].InFlight; got != 1 {
			t.Errorf("in flight: got %d, want 1", got)
		}
		// Exchanges that began before the reload go on, with the accounts as they are now.
		if l := b.next(b.Begin(Query{Targets: old, MaxWait: -1}), "good"); l.Account != b.inv.Account("good") {
			t.Error("the lease is on the old declaration")
		}
		b.reload(func(key, url *string) { *key = "sk-another-key-of-bad" })
		if got := b.cooledFor("bad", model); got != 0 {
			t.Errorf("with a new key: cooled for %s", got)
		}
		b.fail("bad", outcome(accounts.RateLimited))
		b.reload(func(key, url *string) { *key, *url = "sk-another-key-of-bad", "http://elsewhere:8000" })
		if got := b.cooledFor("bad", model); got != 0 {
			t.Errorf("with a new base URL: cooled for %s", got)
		}
		held.Release(outcome(accounts.OK))
		if got := b.Status()[0].InFlight; got != 0 {
			t.Errorf("in flight: got %d, want 0", got)
		}
	})
}

func TestReloadRemovesAccounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, two())
		old := b.targets(model)
		held := b.next(b.begin(), "bad")
		b.fail("good", outcome(accounts.QuotaExhausted))
		b.inv = build(t, accountsNamed("other"))
		b.Apply(b.inv)
		e := b.none(b.Begin(Query{Targets: old, MaxWait: -1}))
		if e.Status != 404 || e.Reasons[0].Why != "no longer configured" {
			t.Errorf("got %d, %v", e.Status, e)
		}
		if got := len(b.states); got != 3 {
			t.Errorf("got %d states, want those in use kept", got)
		}
		held.Release(outcome(accounts.OK))
		// What comes back meets its cool-down again.
		b.inv = build(t, two())
		b.Apply(b.inv)
		if got := b.cooledFor("good", model); got == 0 {
			t.Error("removing and adding an account cleared its cool-down")
		}
		time.Sleep(2 * time.Hour)
		b.inv = build(t, accountsNamed("other"))
		b.Apply(b.inv)
		if got := len(b.states); got != 1 {
			t.Errorf("got %d states, want 1", got)
		}
	})
}

func TestReloadWakesThoseWhoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, accountsNamed("bad"))
		b.fail("bad", accounts.Verdict{Outcome: accounts.RateLimited, Until: time.Now().Add(9 * time.Second)})
		s := b.Begin(Query{Targets: b.targets(model)})
		time.AfterFunc(time.Second, func() { b.reload(func(key, url *string) { *key = "sk-a-better-key-of-bad" }) })
		start := time.Now()
		b.next(s, "bad")
		if got := time.Since(start); got != time.Second {
			t.Errorf("waited %s, want 1s", got)
		}
	})
}

func TestConcurrentUse(t *testing.T) {
	cfg := accountsNamed("a", "b", "c", "d", "e")
	cfg.Accounts[0].MaxConcurrent = 2
	cfg.Accounts[1].RPM = 50
	cfg.Accounts[2].TPM = 5000
	b := newBench(t, cfg)
	targets := b.targets(model)
	verdicts := []accounts.Outcome{accounts.OK, accounts.OK, accounts.Transient, accounts.RateLimited, accounts.CredentialInvalid, accounts.Canceled}
	var group sync.WaitGroup
	for g := range 8 {
		group.Go(func() {
			for i := range 200 {
				s := b.Begin(Query{Targets: targets, Session: fmt.Sprint(i % 17), MaxWait: -1})
				for {
					l, err := s.Next(context.Background())
					if err != nil {
						break
					}
					l.Usage(i)
					o := verdicts[(g+i)%len(verdicts)]
					done := make(chan struct{})
					go func() {
						l.Accepted()
						l.Release(accounts.Verdict{Outcome: o, Until: time.Now().Add(time.Millisecond)})
						close(done)
					}()
					_ = s.Trail().String()
					<-done
					if !o.Retryable() {
						break
					}
				}
			}
		})
	}
	group.Go(func() {
		for range 50 {
			b.Apply(build(t, cfg))
			b.Status()
		}
	})
	group.Wait()
	for _, st := range b.Status() {
		if st.InFlight != 0 {
			t.Errorf("%s: %d leases were lost", st.Name, st.InFlight)
		}
	}
}
