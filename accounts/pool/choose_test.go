package pool

import (
	"context"
	"fmt"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fairway-gateway/fairway/accounts"
	"github.com/fairway-gateway/fairway/accounts/inventory"
)

// weighted is three accounts of weights 1, 2 and 7.
func weighted(policy string) inventory.Config {
	cfg := accountsNamed("a", "b", "c")
	cfg.Policy = policy
	for i, w := range []int{1, 2, 7} {
		cfg.Accounts[i].Weight = w
	}
	return cfg
}

func checkShares(t *testing.T, got map[string]int, want map[string]float64) {
	t.Helper()
	total := 0
	for _, n := range got {
		total += n
	}
	for name, share := range want {
		if is := float64(got[name]) / float64(total); math.Abs(is-share) > 0.02 {
			t.Errorf("%s: got %.3f of the traffic, want %.3f", name, is, share)
		}
	}
}

func TestWeights(t *testing.T) {
	want := map[string]float64{"a": 0.1, "b": 0.2, "c": 0.7}
	for _, policy := range []string{inventory.PolicySticky, inventory.PolicyLeastBusy, inventory.PolicyRandom} {
		for _, sessions := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/sessions=%t", policy, sessions), func(t *testing.T) {
				b := newBench(t, weighted(policy))
				q := Query{Targets: b.targets(model)}
				got := make(map[string]int)
				for i := range 10_000 {
					if sessions {
						q.Session = fmt.Sprint("session-", i)
					}
					l := b.next(b.Begin(q), "")
					got[l.Account.Name]++
					l.Release(outcome(accounts.OK))
				}
				checkShares(t, got, want)
			})
		}
	}
}

func TestLeastBusyPrefersIdleAccounts(t *testing.T) {
	b := newBench(t, weighted(inventory.PolicyLeastBusy))
	got := make(map[string]int)
	for range 1000 { // nothing is released: load must follow weights
		got[b.next(b.begin(), "").Account.Name]++
	}
	checkShares(t, got, map[string]float64{"a": 0.1, "b": 0.2, "c": 0.7})
	b = newBench(t, accountsNamed("a", "b"))
	busy := b.next(b.Begin(Query{Targets: b.targets(model), Pin: "a"}), "a")
	defer busy.Release(outcome(accounts.OK))
	counts := make(map[string]int)
	for range 1000 {
		l := b.next(b.begin(), "")
		counts[l.Account.Name]++
		l.Release(outcome(accounts.OK))
	}
	checkShares(t, counts, map[string]float64{"a": 0.25, "b": 0.75}) // a only when drawn twice
}

func TestPriority(t *testing.T) {
	cfg := accountsNamed("paid", "free1", "free2")
	cfg.Accounts[0].Priority, cfg.Accounts[0].Weight = 1, 100
	b := newBench(t, cfg)
	for i := range 50 {
		s := b.Begin(Query{Targets: b.targets(model), Session: fmt.Sprint(i), MaxWait: -1})
		if l := b.next(s, ""); l.Account.Name == "paid" {
			t.Error("a lower tier was chosen first")
		}
		b.next(s, "")
		b.next(s, "paid")
	}
}

func TestAffinity(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, accountsNamed("a", "b", "c", "d"))
		home := make(map[string]string)
		session := func(i int) Query {
			return Query{Targets: b.targets(model), Session: fmt.Sprint("s", i), MaxWait: -1}
		}
		for round := range 3 {
			for i := range 200 {
				q := session(i)
				l := b.next(b.Begin(q), "")
				if round == 0 {
					home[q.Session] = l.Account.Name
				} else if l.Account.Name != home[q.Session] || l.Why != chosenAffinity {
					t.Fatalf("session %d went from %s to %s (%s)", i, home[q.Session], l.Account.Name, l.Why)
				}
				l.Release(outcome(accounts.OK))
			}
		}
		// Another gateway of the fleet chooses alike, whatever the order of its accounts.
		other := newBench(t, accountsNamed("d", "c", "b", "a"))
		for i := range 200 {
			q := session(i)
			q.Targets = other.targets(model)
			if got, want := other.next(other.Begin(q), "").Account.Name, home[q.Session]; got != want {
				t.Fatalf("session %d: another gateway chose %s, want %s", i, got, want)
			}
		}
		// An account in trouble moves its own sessions only, and they stay where they moved.
		b.fail("a", accounts.Verdict{Outcome: accounts.RateLimited, Until: time.Now().Add(time.Minute)})
		moved := make(map[string]string)
		for i := range 200 {
			q := session(i)
			l := b.next(b.Begin(q), "")
			switch {
			case home[q.Session] == "a":
				if l.Account.Name == "a" {
					t.Fatal("a cooling account was chosen")
				}
				moved[q.Session] = l.Account.Name
			case l.Account.Name != home[q.Session]:
				t.Fatalf("session %d left %s for %s", i, home[q.Session], l.Account.Name)
			}
			l.Release(outcome(accounts.OK))
		}
		if len(moved) < 20 {
			t.Fatalf("only %d sessions lived on a", len(moved))
		}
		b.Pool.moved.Wait()
		stayed := func(want map[string]string) (n int) {
			for i := range 200 {
				q := session(i)
				if want[q.Session] == "" {
					continue
				}
				l := b.next(b.Begin(q), "")
				if l.Account.Name == want[q.Session] {
					n++
				}
				l.Release(outcome(accounts.OK))
			}
			return n
		}
		time.Sleep(2 * time.Minute)
		b.fail("a", outcome(accounts.OK))
		for range 3 { // sliding: an hour after the last request
			if got := stayed(moved); got != len(moved) {
				t.Errorf("%d of %d moved sessions stayed", got, len(moved))
			}
			b.Pool.moved.Wait()
			time.Sleep(50 * time.Minute)
		}
		time.Sleep(2 * time.Hour)
		home2 := make(map[string]string)
		for s := range moved {
			home2[s] = "a"
		}
		if got := stayed(home2); got != len(moved) {
			t.Errorf("%d of %d sessions came home after their hour", got, len(moved))
		}
	})
}

func TestAffinityIsNoVeto(t *testing.T) {
	b := newBench(t, accountsNamed("a", "b", "c"))
	for i := range 30 {
		tried, last := b.exchange(Query{Targets: b.targets(model), Session: fmt.Sprint(i), MaxWait: -1},
			map[string]accounts.Verdict{"a": outcome(accounts.CredentialInvalid), "b": outcome(accounts.ModelUnavailable)})
		if last != accounts.OK {
			t.Errorf("session %d: tried %v, got %s", i, tried, last)
		}
	}
}

func TestAddedAccountTakesItsShareOnly(t *testing.T) {
	before, after := newBench(t, accountsNamed("a", "b", "c")), newBench(t, accountsNamed("a", "b", "c", "d"))
	changed := 0
	const sessions = 4000
	for i := range sessions {
		q := Query{Targets: before.targets(model), Session: fmt.Sprint(i)}
		was := before.next(before.Begin(q), "").Account.Name
		q.Targets = after.targets(model)
		is := after.next(after.Begin(q), "").Account.Name
		if was != is {
			changed++
			if is != "d" {
				t.Fatalf("session %d went from %s to %s, want to the new one", i, was, is)
			}
		}
	}
	if share := float64(changed) / sessions; math.Abs(share-0.25) > 0.03 {
		t.Errorf("%.2f of the sessions moved, want 0.25", share)
	}
}

func TestRaceForTheLastSlot(t *testing.T) {
	cfg := accountsNamed("a", "b")
	cfg.Accounts[0].MaxConcurrent = 1
	cfg.Accounts[1].MaxConcurrent = 2
	b := newBench(t, cfg)
	results := make(chan *Lease)
	for range 20 {
		go func() {
			l, _ := b.begin().Next(context.Background())
			results <- l
		}()
	}
	got := make(map[string]int)
	for range 20 {
		if l := <-results; l != nil {
			got[l.Account.Name]++
		}
	}
	if got["a"] != 1 || got["b"] != 2 {
		t.Errorf("got %v, want exactly the limits", got)
	}
}

func BenchmarkChoose(b *testing.B) {
	for _, n := range []int{2, 1000} {
		for _, session := range []string{"", "some-session"} {
			b.Run(fmt.Sprintf("accounts=%d/session=%t", n, session != ""), func(b *testing.B) {
				cfg := inventory.Config{}
				for i := range n {
					cfg.Accounts = append(cfg.Accounts, inventory.AccountConfig{Name: fmt.Sprint("account-", i), Weight: 1 + i%3})
				}
				bench := newBench(b, cfg)
				q := Query{Targets: bench.targets(model), Session: session}
				ctx := context.Background()
				b.ReportAllocs()
				for b.Loop() {
					l, err := bench.Begin(q).Next(ctx)
					if err != nil {
						b.Fatal(err)
					}
					l.Release(outcome(accounts.OK))
				}
			})
		}
	}
}
