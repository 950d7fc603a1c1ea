package pool

import (
	"fmt"
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/accounts"
	"github.com/fairway-gateway/fairway/accounts/inventory"
)

func TestPreferIsAPreference(t *testing.T) {
	for _, policy := range []string{inventory.PolicySticky, inventory.PolicyLeastBusy, inventory.PolicyFillFirst} {
		t.Run(policy, func(t *testing.T) {
			b := newBench(t, weighted(policy))
			for i := range 50 {
				q := Query{Targets: b.targets(model), Session: fmt.Sprint("session-", i), Prefer: "a"}
				l := b.next(b.Begin(q), "a")
				if l.Why != chosenPrefer {
					t.Errorf("got %q, want %q", l.Why, chosenPrefer)
				}
				l.Release(outcome(accounts.OK))
			}
			// A pin goes before it, and an unknown name means nothing.
			b.next(b.Begin(Query{Targets: b.targets(model), Prefer: "a", Pin: "b"}), "b").Release(outcome(accounts.OK))
			b.next(b.Begin(Query{Targets: b.targets(model), Prefer: "gone"}), "").Release(outcome(accounts.OK))
			// It is no veto: the next account follows when the preferred one fails.
			s := b.Begin(Query{Targets: b.targets(model), Prefer: "a"})
			b.next(s, "a").Release(outcome(accounts.RateLimited))
			if l := b.next(s, ""); l.Account.Name == "a" {
				t.Error("the account that failed was chosen again")
			}
			if l := b.next(b.Begin(Query{Targets: b.targets(model), Prefer: "a"}), ""); l.Account.Name == "a" {
				t.Error("an account that cools was chosen")
			}
		})
	}
}

func TestPreferKeepsToThePriority(t *testing.T) {
	cfg := accountsNamed("first", "second", "last")
	cfg.Accounts[2].Priority = 1
	b := newBench(t, cfg)
	for range 10 {
		if l := b.next(b.Begin(Query{Targets: b.targets(model), Prefer: "last"}), ""); l.Account.Name == "last" {
			t.Error("a preference led out of the best priority")
		}
	}
}

func TestAgainIsAStepOfTheTrail(t *testing.T) {
	b := newBench(t, accountsNamed("a", "b"))
	s := b.Begin(Query{Targets: b.targets(model), Pin: "a"})
	l := b.next(s, "a")
	l.Again("refused it")
	l.Release(outcome(accounts.OK))
	trail := s.Trail()
	var tried []string
	for _, st := range trail {
		if st.Tried {
			tried = append(tried, st.String())
		}
	}
	got := strings.Join(tried, "\n")
	want := "a/" + model + " (caller_fault: refused it; " + chosenPin + ")\na/" + model + " (ok; " + chosenAgain + ")"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	b.next(b.Begin(Query{Targets: b.targets(model), Pin: "a"}), "a").Release(outcome(accounts.OK)) // nothing cools
}
