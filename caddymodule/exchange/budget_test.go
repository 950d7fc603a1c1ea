package exchange

import (
	"fmt"
	"testing"
	"time"
)

func TestRetryBudget(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	var b retryBudget
	b.begin(now)
	if !b.spend(now) {
		t.Error("the first retry of an idle gateway is refused")
	}
	// Everything fails: a fifth of the traffic, and the reserve.
	const exchanges = 10_000
	retries := 1
	for range exchanges {
		b.begin(now)
		for b.spend(now) {
			retries++
		}
	}
	if most := exchanges/5 + retryReserve + 1; retries > most || retries < exchanges/5 {
		t.Errorf("%d retries in %d exchanges, want a fifth", retries, exchanges)
	}
	// What helped is given back.
	for i := range exchanges {
		b.giveBack(1)
		if !b.spend(now) {
			t.Fatalf("exchange %d: refused, though the one before was given back", i)
		}
	}
	// A pause refills it, but not beyond the reserve.
	now = now.Add(24 * time.Hour)
	n := 0
	for b.spend(now) {
		n++
	}
	if n != retryReserve {
		t.Errorf("after a day: %d retries, want %d", n, retryReserve)
	}
	if b.begin(now.Add(-time.Hour)); b.spend(now) {
		t.Error("a clock that goes back fills the budget")
	}
}

// TestMeltdown has four accounts that all fail: every exchange asks, but few ask
// again.
func TestMeltdown(t *testing.T) {
	f := newFleet(t)
	var accounts []string
	for i := range 4 {
		host := fmt.Sprint("h", i)
		f.serve(host, 500, "application/json", fmt.Sprintf(openAIError, "boom", "server_error", "null"))
		accounts = append(accounts, fmt.Sprintf("a%d chat %s", i, host))
	}
	e := f.engine(accounts...)
	now := time.Unix(1_800_000_000, 0)
	e.now = func() time.Time { return now } // of the budget; the pool has its own
	const exchanges = 500
	attempts, refused := 0, 0
	for range exchanges {
		w, rec := call(t, e, "POST", "/v1/chat/completions", chatRequest)
		if w.Code != 500 {
			t.Fatalf("status %d: %s", w.Code, w.Body)
		}
		if rec.Attempts == 0 {
			t.Fatalf("an exchange asked nobody: %s", rec.Trail)
		}
		attempts += rec.Attempts
		for _, st := range rec.Trail {
			if !st.Tried && st.Why == "not tried: too many requests are failing just now for another retry" {
				refused++
			}
		}
	}
	if most := exchanges*6/5 + retryReserve + 1; attempts > most {
		t.Errorf("%d attempts in %d exchanges, want at most %d", attempts, exchanges, most)
	}
	if refused < exchanges/2 {
		t.Errorf("the trail tells of %d refused retries only", refused)
	}
	// A failover to an account that is known to be well needs no budget.
	f.serve("h3", 200, "application/json", chatAnswer)
	if w, rec := call(t, e, "POST", "/v1/chat/completions", chatRequest, "X-Ai-Account", "a3"); w.Code != 200 {
		t.Fatalf("status %d: %s", w.Code, rec.Trail)
	}
	for i := range 50 {
		body := fmt.Sprintf(`{"model":"m-%d","messages":[]}`, i)
		if w, rec := call(t, e, "POST", "/v1/chat/completions", body); w.Code != 200 {
			t.Fatalf("exchange %d: status %d: %s", i, w.Code, rec.Trail)
		}
	}
}
