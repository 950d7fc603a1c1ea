package pool

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fairway-gateway/fairway/accounts"
	"github.com/fairway-gateway/fairway/accounts/inventory"
)

// cooledFor returns for how long the account is out of use for the model.
func (b *bench) cooledFor(name, model string) time.Duration {
	b.t.Helper()
	v := b.view.Load()
	e := v.entries[b.inv.Account(name).Index]
	e.state.mu.Lock()
	defer e.state.mu.Unlock()
	until := e.state.coolingLocked(model, b.now()).until
	if until.IsZero() {
		return 0
	}
	return until.Sub(b.now())
}

// fail makes one attempt of its own on the account come to the verdict.
func (b *bench) fail(name string, v accounts.Verdict) {
	b.t.Helper()
	b.next(b.Begin(Query{Targets: b.targets(model), Pin: name, MaxWait: -1}), name).Release(v)
}

func TestCooldownsGrow(t *testing.T) {
	const s, m, h = time.Second, time.Minute, time.Hour
	for _, tt := range []struct {
		o    accounts.Outcome
		want []time.Duration
	}{
		{accounts.RateLimited, []time.Duration{5 * s, 10 * s, 20 * s, 40 * s, 80 * s, 160 * s, 5 * m, 5 * m}},
		{accounts.Overloaded, []time.Duration{2 * s, 4 * s, 8 * s, 16 * s, 30 * s, 30 * s}},
		{accounts.Transient, []time.Duration{0, 1 * s, 2 * s, 4 * s, 8 * s, 16 * s, 32 * s, 1 * m, 1 * m}},
		{accounts.BrokenStream, []time.Duration{0, 1 * s, 2 * s}},
		{accounts.QuotaExhausted, []time.Duration{h, h}},
		{accounts.CredentialInvalid, []time.Duration{15 * m, 15 * m}},
		{accounts.PermissionDenied, []time.Duration{30 * m, 30 * m}},
		{accounts.ModelUnavailable, []time.Duration{5 * m, 5 * m}},
		{accounts.CallerFault, []time.Duration{0, 0, 0}},
		{accounts.Canceled, []time.Duration{0, 0, 0}},
		{0, []time.Duration{0, 0}},
	} {
		t.Run(tt.o.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, accountsNamed("a", "other"))
				for i, want := range tt.want {
					b.fail("a", outcome(tt.o))
					got := b.cooledFor("a", model)
					if got != want {
						t.Errorf("failure %d: got %s, want %s", i+1, got, want)
					}
					time.Sleep(got)
				}
				b.fail("a", outcome(accounts.OK)) // clears, so that it starts over
				b.fail("a", outcome(tt.o))
				if got := b.cooledFor("a", model); got != tt.want[0] {
					t.Errorf("after a success: got %s, want %s", got, tt.want[0])
				}
			})
		})
	}
}

func TestCooldownScope(t *testing.T) {
	for _, tt := range []struct {
		v    accounts.Verdict
		wide bool
	}{
		{outcome(accounts.RateLimited), false},
		{accounts.Verdict{Outcome: accounts.RateLimited, Account: true}, true},
		{accounts.Verdict{Outcome: accounts.QuotaExhausted, Account: true}, true},
		{outcome(accounts.QuotaExhausted), false},
		{outcome(accounts.Overloaded), false},
		{outcome(accounts.CredentialInvalid), true},
		{outcome(accounts.PermissionDenied), false},
		{outcome(accounts.ModelUnavailable), false},
	} {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t, accountsNamed("a", "other"))
			b.fail("a", tt.v)
			if got := b.cooledFor("a", model) > 0; !got {
				t.Errorf("%s: the account is not cooled", tt.v.Outcome)
			}
			if got := b.cooledFor("a", "another-model") > 0; got != tt.wide {
				t.Errorf("%s: another model is cooled: got %t, want %t", tt.v.Outcome, got, tt.wide)
			}
		})
	}
}

func TestCooldownTableIsConfigurable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := accountsNamed("a", "other")
		cfg.Cooldowns = map[string]inventory.CooldownConfig{"rate_limited": {Base: inventory.Duration(time.Minute), Factor: 3,
			Max: inventory.Duration(4 * time.Minute), Scope: "account"}}
		b := newBench(t, cfg)
		for _, want := range []time.Duration{time.Minute, 3 * time.Minute, 4 * time.Minute} {
			b.fail("a", outcome(accounts.RateLimited))
			if got := b.cooledFor("a", "another-model"); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			time.Sleep(want)
		}
	})
}

func TestProviderResetIsHonoured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, accountsNamed("a", "other"))
		for _, tt := range []struct{ in, want time.Duration }{
			{2 * time.Second, 2 * time.Second}, // also when shorter than the default
			{3 * time.Hour, 3 * time.Hour},
			{48 * time.Hour, 24 * time.Hour},
		} {
			b.fail("a", accounts.Verdict{Outcome: accounts.RateLimited, Until: time.Now().Add(tt.in)})
			if got := b.cooledFor("a", model); got != tt.want {
				t.Errorf("%s: got %s, want %s", tt.in, got, tt.want)
			}
			time.Sleep(tt.want)
		}
	})
}

func TestFailuresTogetherCountOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, accountsNamed("a", "other"))
		var leases []*Lease
		for range 10 {
			leases = append(leases, b.next(b.Begin(Query{Targets: b.targets(model), Pin: "a"}), "a"))
		}
		stale := b.next(b.Begin(Query{Targets: b.targets(model), Pin: "a"}), "a")
		time.Sleep(time.Second)
		for _, l := range leases {
			l.Release(outcome(accounts.RateLimited))
		}
		if got, want := b.cooledFor("a", model), 5*time.Second; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		time.Sleep(time.Second)
		stale.Release(outcome(accounts.OK)) // began before the limit was hit: no proof against it
		if got, want := b.cooledFor("a", model), 4*time.Second; got != want {
			t.Errorf("after a success that began earlier: got %s, want %s", got, want)
		}
	})
}

func TestLastAccountIsSpared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, two())
		for range 5 {
			b.fail("good", outcome(accounts.Transient))
			time.Sleep(b.cooledFor("good", model))
		}
		b.fail("bad", outcome(accounts.RateLimited)) // now only good is left
		for range 5 {
			b.fail("good", outcome(accounts.Transient))
			b.fail("good", accounts.Verdict{Outcome: accounts.Overloaded, Until: time.Now().Add(time.Hour)})
			b.fail("good", outcome(accounts.BrokenStream))
			if got := b.cooledFor("good", model); got != 0 {
				t.Fatalf("the last account is cooled for %s", got)
			}
		}
		b.fail("good", outcome(accounts.RateLimited))
		if got := b.cooledFor("good", model); got == 0 {
			t.Error("a rate limit holds for the last account too")
		}
	})
}

func TestHalfOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, two())
		b.fail("bad", outcome(accounts.RateLimited))
		b.next(b.begin(), "good").Release(outcome(accounts.OK))
		time.Sleep(5 * time.Second)
		probe := b.next(b.begin(), "bad")
		if probe.Why != chosenProbe {
			t.Errorf("got %q, want a probe", probe.Why)
		}
		for range 3 { // others prefer other accounts
			b.next(b.begin(), "good").Release(outcome(accounts.OK))
		}
		// but are not refused when there is none
		b.next(b.Begin(Query{Targets: b.targets(model), Pin: "bad"}), "bad").Release(outcome(accounts.Canceled))
		b.next(b.begin(), "good").Release(outcome(accounts.OK))
		probe.Release(outcome(accounts.RateLimited))
		if got, want := b.cooledFor("bad", model), 10*time.Second; got != want {
			t.Errorf("after a failed probe: got %s, want %s", got, want)
		}
		time.Sleep(10 * time.Second)
		b.next(b.begin(), "bad").Release(outcome(accounts.Canceled)) // proves nothing: the next one probes
		probe = b.next(b.begin(), "bad")
		if probe.Why != chosenProbe {
			t.Errorf("after a cancelled probe: got %q", probe.Why)
		}
		b.next(b.begin(), "good").Release(outcome(accounts.OK))
		probe.Accepted() // a long stream has begun well
		b.next(b.begin(), "bad").Release(outcome(accounts.OK))
		probe.Release(outcome(accounts.OK))
		if got := b.Status()[0].Cooling; len(got) != 0 {
			t.Errorf("after a good probe: got %v", got)
		}
	})
}

func TestStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := accountsNamed("a", "b")
		cfg.Accounts[0].RPM = 10
		cfg.Accounts[0].TPM = 1000
		b := newBench(t, cfg)
		l := b.next(b.Begin(Query{Targets: b.targets(model), Pin: "a"}), "a")
		l.Usage(70)
		l.Usage(-5)
		b.fail("b", accounts.Verdict{Outcome: accounts.CredentialInvalid, Detail: "HTTP 401"})
		got := fmt.Sprintf("%+v", b.Status())
		want := fmt.Sprintf("[{Name:a Provider:vllm Credential:…of-a Weight:1 Priority:0 Usable:true Why: Switch:on NeedsAttention:false InFlight:1 Waiting:0 Requests:1 Tokens:70 LatencyMilliseconds:0 Cooling:[] Quota:[]} "+
			"{Name:b Provider:vllm Credential:…of-b Weight:1 Priority:0 Usable:true Why: Switch:on NeedsAttention:true InFlight:0 Waiting:0 Requests:0 Tokens:0 LatencyMilliseconds:0 "+
			"Cooling:[{Model: Outcome:credential_invalid Detail:HTTP 401 Until:%s HalfOpen:false}] Quota:[]}]", time.Now().Add(15*time.Minute))
		if got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		l.Release(outcome(accounts.OK))
	})
}

func TestModelNamesAreBounded(t *testing.T) {
	b := newBench(t, accountsNamed("a", "other"))
	for i := range 3 * maxModels {
		s := b.Begin(Query{Targets: b.targets(fmt.Sprint("made-up-", i)), Pin: "a", MaxWait: -1})
		if l, err := s.Next(context.Background()); err == nil {
			l.Release(outcome(accounts.ModelUnavailable))
		}
	}
	if got := len(b.Status()[0].Cooling); got != maxModels {
		t.Errorf("got %d models, want %d", got, maxModels)
	}
}
