package pool

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fairway-gateway/fairway/accounts"
	"github.com/fairway-gateway/fairway/accounts/inventory"
)

// arrive starts exchanges a millisecond apart; each notes its turn, holds its lease for a second and releases it.
type arrivals struct {
	b     *bench
	mu    sync.Mutex
	order []int
	wait  sync.WaitGroup
}

func (a *arrivals) arrive(n int, q Query) {
	for i := range n {
		a.wait.Go(func() {
			l, err := a.b.Begin(q).Next(context.Background())
			if err != nil {
				a.b.t.Errorf("exchange %d: %v", i, err)
				return
			}
			a.mu.Lock()
			a.order = append(a.order, i)
			a.mu.Unlock()
			time.Sleep(time.Second)
			l.Release(outcome(accounts.OK))
		})
		time.Sleep(time.Millisecond)
	}
}

func TestFirstComeFirstServed(t *testing.T) {
	for _, slots := range []int{1, 2, 3} {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t, limited(func(a *inventory.AccountConfig) { a.MaxConcurrent = slots }))
			a := arrivals{b: b}
			start := time.Now()
			a.arrive(20, Query{Targets: b.targets(model), MaxWait: time.Hour})
			a.wait.Wait()
			for i, got := range a.order {
				if got != i {
					t.Fatalf("%d slots: served in the order %v", slots, a.order)
				}
			}
			if got, most := time.Since(start), time.Duration((20+slots-1)/slots)*time.Second+20*time.Millisecond; got > most {
				t.Errorf("%d slots: took %s, want at most %s: slots stood empty", slots, got, most)
			}
			if st := b.Status()[0]; st.InFlight != 0 || st.Waiting != 0 {
				t.Errorf("left behind: %+v", st)
			}
		})
	}
}

// TestNewcomersDoNotOvertake: a slot that becomes free belongs to who waits, even before he has woken up.
func TestNewcomersDoNotOvertake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, limited(func(a *inventory.AccountConfig) { a.MaxConcurrent = 1 }))
		held := b.next(b.begin(), "a")
		served := make(chan *Lease)
		go func() {
			l, _ := b.Begin(Query{Targets: b.targets(model)}).Next(context.Background())
			served <- l
		}()
		synctest.Wait()
		held.Release(outcome(accounts.OK))
		b.none(b.begin()) // the slot is the waiter's, whether it has taken it yet or not
		(<-served).Release(outcome(accounts.OK))
		b.next(b.begin(), "a").Release(outcome(accounts.OK))
	})
}

func TestThoseWhoWaitTakeWhatIsFree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := accountsNamed("a", "b")
		cfg.Accounts[0].MaxConcurrent, cfg.Accounts[1].MaxConcurrent = 1, 1
		b := newBench(t, cfg)
		onA := b.next(b.Begin(Query{Targets: b.targets(model), Pin: "a"}), "a")
		onB := b.next(b.Begin(Query{Targets: b.targets(model), Pin: "b"}), "b")
		results := make(chan string, 3)
		wait := func(name, pin string) {
			go func() {
				l, err := b.Begin(Query{Targets: b.targets(model), Pin: pin}).Next(context.Background())
				if err != nil {
					results <- name + " failed"
					return
				}
				results <- name + " on " + l.Account.Name
			}()
			synctest.Wait()
		}
		wait("first", "a") // stands in one line
		wait("second", "") // in both
		wait("third", "b")
		onB.Release(outcome(accounts.OK)) // the second's, who came before the third
		synctest.Wait()
		onA.Release(outcome(accounts.OK))
		synctest.Wait()
		for _, want := range []string{"second on b", "first on a"} {
			if got := <-results; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}
		if got := <-results; got != "third failed" { // after its ten seconds
			t.Errorf("got %s", got)
		}
	})
}

// TestWaitersOfOtherModelsAreNotHeldUp: who cannot use a slot after all leaves the line to the next.
func TestWaitersOfOtherModelsAreNotHeldUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, limited(func(a *inventory.AccountConfig) { a.MaxConcurrent = 1 }))
		held := b.next(b.begin(), "a")
		results := make(chan string, 2)
		for _, m := range []string{model, "other"} {
			go func() {
				_, err := b.Begin(Query{Targets: b.targets(m)}).Next(context.Background())
				results <- fmt.Sprint(m, " ", err == nil)
			}()
			synctest.Wait()
		}
		held.Release(accounts.Verdict{Outcome: accounts.RateLimited, Until: time.Now().Add(time.Hour)}) // for the first one's model
		if got := <-results; got != model+" false" {
			t.Errorf("got %s", got)
		}
		if got := <-results; got != "other true" {
			t.Errorf("got %s", got)
		}
	})
}

func TestWaitersForAMinuteLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, limited(func(a *inventory.AccountConfig) { a.RPM = 1 }))
		a := arrivals{b: b}
		a.arrive(4, Query{Targets: b.targets(model), MaxWait: time.Hour})
		a.wait.Wait()
		if got := fmt.Sprint(a.order); got != "[0 1 2 3]" {
			t.Errorf("served in the order %s", got)
		}
	})
}

func TestWaitersAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := New(Options{MaxWaiting: 3})
		defer p.Close()
		b := &bench{t: t, Pool: p, inv: build(t, limited(func(a *inventory.AccountConfig) { a.MaxConcurrent = 1 }))}
		p.Apply(b.inv)
		held := b.next(b.begin(), "a")
		ctx, cancel := context.WithCancel(context.Background())
		results := make(chan error, 3)
		for range 3 {
			go func() {
				_, err := b.Begin(Query{Targets: b.targets(model)}).Next(ctx)
				results <- err
			}()
		}
		synctest.Wait()
		start := time.Now()
		if e := b.none(b.Begin(Query{Targets: b.targets(model)})); e.Status != 429 || time.Since(start) != 0 {
			t.Errorf("one too many: got %d after %s", e.Status, time.Since(start))
		}
		cancel()
		for range 3 {
			if err := <-results; !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
		}
		if got := b.Status()[0].Waiting; got != 0 {
			t.Errorf("%d still stand in line", got)
		}
		held.Release(outcome(accounts.OK))
	})
}
