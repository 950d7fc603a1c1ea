package pool

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fairway-gateway/fairway/accounts"
	"github.com/fairway-gateway/fairway/accounts/inventory"
)

func TestRoundRobinIsSmooth(t *testing.T) {
	b := newBench(t, weighted(inventory.PolicyRoundRobin))
	var got strings.Builder
	for range 20 {
		l := b.next(b.begin(), "")
		got.WriteString(l.Account.Name)
		l.Release(outcome(accounts.OK))
	}
	// The same ten twice; the heavy one is spread as evenly as it goes.
	if want := "cbccaccbcc" + "cbccaccbcc"; got.String() != want {
		t.Errorf("got %s, want %s", got.String(), want)
	}
	// Turns survive a reload that reorders the accounts.
	for _, name := range []string{"c", "b"} {
		b.next(b.begin(), name).Release(outcome(accounts.OK))
	}
	cfg := weighted(inventory.PolicyRoundRobin)
	cfg.Accounts[0], cfg.Accounts[2] = cfg.Accounts[2], cfg.Accounts[0]
	b.inv = build(t, cfg)
	policies := BuiltinPolicies()
	policies[inventory.PolicyRoundRobin] = b.view.Load().groups[""].policy
	b.ApplyWith(b.inv, policies)
	got.Reset()
	for range 8 {
		l := b.next(b.begin(), "")
		got.WriteString(l.Account.Name)
		l.Release(outcome(accounts.OK))
	}
	// Of the ten turns that began with c and b, these are left.
	if s := got.String(); strings.Count(s, "c") != 6 || strings.Count(s, "b") != 1 || strings.Count(s, "a") != 1 {
		t.Errorf("after a reload: got %s, want six of c and one each of b and a", s)
	}
}

func TestRoundRobinByPool(t *testing.T) {
	cfg := accountsNamed("a", "b")
	cfg.Policy = inventory.PolicyRoundRobin
	cfg.Pools = []inventory.PoolConfig{{Name: "p", Accounts: []string{"a", "b"}}, {Name: "q", Accounts: []string{"a", "b"}}}
	b := newBench(t, cfg)
	var got strings.Builder
	for _, pool := range []string{"p", "q", "p", "q"} {
		got.WriteString(b.next(b.Begin(Query{Targets: b.targets(model), Pool: pool}), "").Account.Name)
	}
	if got.String() != "aabb" {
		t.Errorf("got %s, want aabb: each pool has its own turns", got.String())
	}
}

// tell makes the account's provider say how many requests of 100 are left, for a minute.
func (b *bench) tell(name string, remaining int) {
	b.t.Helper()
	l := b.next(b.Begin(Query{Targets: b.targets(model), Pin: name, MaxWait: -1}), name)
	l.Saw(http.Header{"X-Ratelimit-Limit-Requests": {"100"}, "X-Ratelimit-Remaining-Requests": {fmt.Sprint(remaining)}, "X-Ratelimit-Reset-Requests": {"1m"}})
	l.Release(outcome(accounts.OK))
}

func TestMostQuota(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := accountsNamed("a", "b", "c")
		cfg.Policy = inventory.PolicyMostQuota
		b := newBench(t, cfg)
		b.tell("a", 40)
		b.tell("b", 80)
		b.tell("c", 10)
		for range 20 {
			l := b.next(b.begin(), "b")
			if l.Why != chosenQuota {
				t.Errorf("got %q", l.Why)
			}
			l.Release(outcome(accounts.OK))
		}
		time.Sleep(time.Second)
		b.tell("b", 38) // nearly what a has: the less busy of both
		got := make(map[string]int)
		for range 400 {
			l := b.next(b.begin(), "")
			got[l.Account.Name]++
			l.Release(outcome(accounts.OK))
		}
		if got["c"] > 0 || got["a"] < 150 || got["b"] < 150 {
			t.Errorf("got %v", got)
		}
		// What an error says counts too, and for that model only.
		b.next(b.Begin(Query{Targets: b.targets(model), Pin: "a"}), "a").Release(accounts.Verdict{Outcome: accounts.CallerFault,
			Limits: []accounts.Limit{{Name: "requests", Remaining: 0, Reset: time.Now().Add(time.Minute), Seen: time.Now()}}})
		for range 20 {
			b.next(b.begin(), "b").Release(outcome(accounts.OK))
		}
		b.next(b.Begin(Query{Targets: b.targets("other"), MaxWait: -1}), "").Release(outcome(accounts.OK))
		time.Sleep(2 * time.Minute) // all limits are whole again
		got = make(map[string]int)
		for range 600 {
			l := b.next(b.begin(), "")
			got[l.Account.Name]++
			l.Release(outcome(accounts.OK))
		}
		if got["a"] < 150 || got["b"] < 150 || got["c"] < 150 {
			t.Errorf("after the resets: got %v", got)
		}
	})
}

func TestQuotaFloor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, limited(func(a *inventory.AccountConfig) { a.QuotaFloor = 0.1 }))
		b.tell("a", 11)
		b.next(b.begin(), "a").Release(outcome(accounts.OK))
		time.Sleep(time.Second)
		b.tell("a", 10)
		e := b.none(b.begin())
		if e.Status != 429 || e.RetryAfter != time.Minute || !strings.Contains(e.Error(), "no more than 10% of a limit is left") {
			t.Errorf("got %d, %s, %v", e.Status, e.RetryAfter, e)
		}
		if got := b.cooledFor("a", model); got != 0 {
			t.Errorf("a reading cooled the account for %s", got)
		}
		b.next(b.Begin(Query{Targets: b.targets("other"), MaxWait: -1}), "a").Release(outcome(accounts.OK)) // the limit is the model's
		time.Sleep(time.Minute)
		b.next(b.begin(), "a").Release(outcome(accounts.OK))
		// What is said of the account concerns all models.
		l := b.next(b.begin(), "a")
		l.Saw(http.Header{"Anthropic-Ratelimit-Unified-5h-Utilization": {"0.95"}})
		l.Release(outcome(accounts.OK))
		b.none(b.begin())
		b.none(b.Begin(Query{Targets: b.targets("other"), MaxWait: -1}))
		got := b.Status()[0].Quota
		if len(got) != 2 || got[0].Name != "5h" || got[0].Model != "" || got[1].Model != model || got[1].Remaining != 10 {
			t.Errorf("status: got %+v", got)
		}
	})
}

func TestQuotaNeverClearsACooldown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, accountsNamed("a", "other"))
		early := b.next(b.Begin(Query{Targets: b.targets(model), Pin: "a"}), "a")
		b.fail("a", outcome(accounts.RateLimited))
		early.Saw(http.Header{"X-Ratelimit-Limit-Requests": {"100"}, "X-Ratelimit-Remaining-Requests": {"100"}})
		if got, want := b.cooledFor("a", model), 5*time.Second; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		early.Release(accounts.Verdict{})
	})
}

func TestReadingsAreBounded(t *testing.T) {
	var r readings
	now := time.Now()
	for i := range 2 * maxReadings {
		r.learn(fmt.Sprint("m", i), []accounts.Limit{{Name: "requests", Remaining: float64(i), Seen: now.Add(time.Duration(i))}}, now)
	}
	if got := len(r.all()); got != maxReadings {
		t.Errorf("got %d, want %d", got, maxReadings)
	}
	if share, known := r.share(fmt.Sprint("m", 2*maxReadings-1), now); known || share != 0 {
		t.Errorf("a limit of unknown size: got %g, %t", share, known)
	}
}

func TestLeastBusyMindsLatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := accountsNamed("slow", "quick")
		cfg.Policy = inventory.PolicyLeastBusy
		b := newBench(t, cfg)
		for _, name := range []string{"slow", "quick"} {
			l := b.next(b.Begin(Query{Targets: b.targets(model), Pin: name}), name)
			if name == "slow" {
				time.Sleep(2 * time.Second)
			} else {
				time.Sleep(200 * time.Millisecond)
				l.Accepted()
				time.Sleep(time.Minute) // the length of a stream is no latency
			}
			l.Release(outcome(accounts.OK))
		}
		status := b.Status()
		if status[0].LatencyMilliseconds != 2000 || status[1].LatencyMilliseconds != 200 {
			t.Errorf("got latencies of %d and %d ms, want 2000 and 200", status[0].LatencyMilliseconds, status[1].LatencyMilliseconds)
		}
		got := make(map[string]int)
		for range 1000 {
			s := b.begin()
			l := b.next(s, "")
			got[l.Account.Name]++
			l.Release(accounts.Verdict{})
		}
		checkShares(t, got, map[string]float64{"slow": 0.25, "quick": 0.75}) // slow only when drawn twice
		var held []*Lease
		for range 30 { // but it gets work when the quick one is loaded
			held = append(held, b.next(b.Begin(Query{Targets: b.targets(model), Pin: "quick"}), "quick"))
		}
		got = make(map[string]int)
		for range 1000 {
			l := b.next(b.begin(), "")
			got[l.Account.Name]++
			l.Release(accounts.Verdict{})
		}
		checkShares(t, got, map[string]float64{"slow": 0.75, "quick": 0.25})
		for _, l := range held {
			l.Release(outcome(accounts.OK))
		}
	})
}

// last is a policy of a guest's own.
type last struct{}

func (last) Choose(c *Candidates) Choice { return Choice{c.Len() - 1, "the last of " + c.Pool()} }

func TestGuestPolicies(t *testing.T) {
	cfg := accountsNamed("a", "b", "c")
	cfg.Policies = []string{"last", "lost"}
	cfg.Pools = []inventory.PoolConfig{{Name: "ab", Accounts: []string{"a", "b"}, Policy: "last"}, {Name: "x", Accounts: []string{"a"}, Policy: "lost"}}
	cfg.Routes = []inventory.RouteConfig{{Pattern: "routed", Targets: []string{"m"}, Pool: "ab"}}
	b := newBench(t, cfg)
	policies := BuiltinPolicies()
	policies["last"] = last{}
	b.ApplyWith(b.inv, policies)
	l := b.next(b.Begin(Query{Targets: b.targets("routed")}), "b")
	if l.Why != "the last of ab" {
		t.Errorf("got %q", l.Why)
	}
	b.next(b.Begin(Query{Targets: b.targets(model), Pool: "x"}), "a") // a policy that is gone is no reason to fail
	// The site's pool and the route's both hold.
	for _, q := range []Query{{Pool: "x"}, {Pin: "a"}} {
		q.Targets, q.MaxWait = b.targets("routed"), -1
		s := b.Begin(q)
		b.next(s, "a")
		b.none(s)
	}
}

func TestSwitch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, accountsNamed("a", "b"))
		held := b.next(b.Begin(Query{Targets: b.targets(model), Pin: "a"}), "a")
		for _, to := range []Switch{Off, Draining} {
			if err := b.Switch("a", to); err != nil {
				t.Fatal(err)
			}
			for i := range 20 {
				b.next(b.Begin(Query{Targets: b.targets(model), Session: fmt.Sprint(i), MaxWait: -1}), "b").Release(outcome(accounts.OK))
			}
			b.Apply(b.inv) // survives a reload
			e := b.none(b.Begin(Query{Targets: b.targets(model), Pin: "a", MaxWait: -1}))
			if st := b.Status()[0]; st.Usable || st.InFlight != 1 || st.Switch != to || !strings.Contains(e.Error(), "a: "+st.Why+".") {
				t.Errorf("%s: got %+v, %v", to, st, e)
			}
			b.fail("b", outcome(accounts.Transient)) // b is the last one now, and never cooled
			b.fail("b", outcome(accounts.Transient))
			if got := b.cooledFor("b", model); got != 0 {
				t.Errorf("%s: the last account is cooled for %s", to, got)
			}
		}
		held.Release(outcome(accounts.OK))
		// Switching on wakes those who wait.
		go func() { time.Sleep(time.Second); b.Switch("a", On) }()
		b.fail("b", accounts.Verdict{Outcome: accounts.RateLimited, Until: time.Now().Add(9 * time.Second)})
		start := time.Now()
		b.next(b.Begin(Query{Targets: b.targets(model)}), "a")
		if got := time.Since(start); got != time.Second {
			t.Errorf("waited %s, want 1s", got)
		}
		if err := b.Switch("nobody", On); err == nil || err.Error() != `there is no account "nobody"` {
			t.Errorf("got %v", err)
		}
	})
	for _, s := range []Switch{On, Off, Draining} {
		var back Switch
		if err := back.UnmarshalText([]byte(s.String())); err != nil || back != s {
			t.Errorf("%s: got %s, %v", s, back, err)
		}
	}
	if err := new(Switch).UnmarshalText([]byte("gone")); err == nil {
		t.Error("an unknown position is taken")
	}
}

func TestExplain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := accountsNamed("a", "b", "c", "d", "e")
		cfg.Policy = inventory.PolicyFillFirst
		cfg.Accounts[2].Priority, cfg.Accounts[3].Disabled = 1, true
		cfg.Routes = []inventory.RouteConfig{{Pattern: "best", Targets: []string{"m", "e/n"}}}
		b := newBench(t, cfg)
		b.fail("a", outcome(accounts.RateLimited))
		show := func(p Plan) string {
			var out []string
			for _, target := range p.Targets {
				for _, a := range target.Accounts {
					out = append(out, fmt.Sprintf("%s/%s %t: %s", a.Account, target.Model, a.Chosen, a.Why))
				}
			}
			return strings.Join(out, "\n")
		}
		q := Query{Targets: b.targets("best")}
		q.Targets[0].Model = model
		plan := b.Explain(q)
		want := `a/m-1 false: rate-limited by the provider
b/m-1 true: first in order
c/m-1 false: a lower tier (priority 1)
d/m-1 false: disabled
e/m-1 false: could serve; b is preferred (first in order)
e/n false: comes after the targets above`
		if got := show(plan); got != want || plan.Account != "b" || plan.Upstream != model || plan.Why != chosenFirst {
			t.Errorf("got %s/%s (%s)\n%s\nwant\n%s", plan.Account, plan.Upstream, plan.Why, got, want)
		}
		if got, want := plan.Targets[0].Accounts[0].Until, time.Now().Add(5*time.Second); !got.Equal(want) {
			t.Errorf("a: got until %s, want %s", got, want)
		}
		for _, st := range b.Status() {
			if st.InFlight != 0 {
				t.Errorf("%s: %d in flight after an explanation", st.Name, st.InFlight)
			}
		}
		q.Pin = "d"
		if plan := b.Explain(q); plan.Account != "" || !strings.Contains(plan.Why, "d: disabled.") {
			t.Errorf("got %+v", plan)
		}
	})
}

// TestExplainChangesNothing: neither turns nor the place of a session.
func TestExplainChangesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, policy := range []string{inventory.PolicyRoundRobin, inventory.PolicySticky} {
			cfg := accountsNamed("a", "b", "c")
			cfg.Policy = policy
			b := newBench(t, cfg)
			q := Query{Targets: b.targets(model), Session: "s"}
			first := b.Explain(q).Account
			b.fail(first, outcome(accounts.RateLimited))
			second := b.Explain(q).Account
			if first == second {
				t.Fatalf("%s: a cooling account would be chosen", policy)
			}
			b.Pool.moved.Wait()
			time.Sleep(5 * time.Second)
			if got := b.Explain(q).Account; got != first {
				t.Errorf("%s: got %s, want %s again", policy, got, first)
			}
			b.next(b.Begin(q), first)
		}
	})
}

func TestRestingAccountsAreAskedBeforeFailing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, two())
		for range 4 { // rests for a while, as good is there
			b.fail("bad", outcome(accounts.Transient))
			time.Sleep(b.cooledFor("bad", model))
		}
		b.fail("bad", outcome(accounts.Transient))
		b.fail("good", accounts.Verdict{Outcome: accounts.RateLimited, Until: time.Now().Add(time.Hour)})
		if b.cooledFor("bad", model) == 0 {
			t.Fatal("bad is not resting")
		}
		for range 3 {
			s := b.begin()
			l := b.next(s, "bad")
			if l.Why != chosenResting {
				t.Errorf("got %q", l.Why)
			}
			l.Release(outcome(accounts.Transient))
			b.none(s)
		}
		if plan := b.Explain(Query{Targets: b.targets(model)}); plan.Account != "bad" || plan.Why != chosenResting {
			t.Errorf("explained as %s (%s)", plan.Account, plan.Why)
		}
		b.next(b.begin(), "bad").Release(outcome(accounts.OK))
		if got := b.cooledFor("bad", model); got != 0 {
			t.Errorf("after a success: cooled for %s", got)
		}
		// A limit is no trouble of the server: it holds.
		b.fail("bad", outcome(accounts.RateLimited))
		b.none(b.begin())
	})
	synctest.Test(t, func(t *testing.T) {
		cfg := two()
		cfg.Accounts[1].MaxConcurrent = 1
		b := newBench(t, cfg)
		for range 6 {
			b.fail("bad", outcome(accounts.Transient))
			time.Sleep(b.cooledFor("bad", model))
		}
		b.fail("bad", outcome(accounts.Transient)) // for half a minute
		held := b.next(b.begin(), "good")
		start := time.Now()
		l := b.next(b.Begin(Query{Targets: b.targets(model), MaxWait: 3 * time.Second}), "bad")
		if got := time.Since(start); got != 3*time.Second || l.Why != chosenResting {
			t.Errorf("got %q after %s, want a resting account once waiting for the busy one has come to nothing", l.Why, got)
		}
		held.Release(outcome(accounts.OK))
	})
}

func TestProven(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, accountsNamed("a", "b"))
		proven := func() bool {
			l, err := b.Begin(Query{Targets: b.targets(model), Pin: "a"}).Next(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			defer l.Release(accounts.Verdict{})
			return l.Proven()
		}
		for _, step := range []struct {
			o    accounts.Outcome
			want bool
		}{{0, false}, {accounts.OK, true}, {accounts.CallerFault, true}, {accounts.Transient, false}, {accounts.Canceled, false}, {accounts.OK, true}} {
			b.fail("a", outcome(step.o))
			if got := proven(); got != step.want {
				t.Errorf("after %q: got %t, want %t", step.o, got, step.want)
			}
		}
	})
}
