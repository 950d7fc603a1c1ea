package credential

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fairway-gateway/fairway/accounts"
)

// counter is a source of tokens t1, t2, … that live for an hour and take a second to come.
type counter struct {
	renewal
	fetched atomic.Int64
	life    time.Duration
	err     atomic.Pointer[error]
}

func newCounter(life time.Duration) *counter {
	c := &counter{life: life}
	c.timeout = time.Minute
	c.fetch = func(context.Context, string) (access, error) {
		n := c.fetched.Add(1)
		issued := time.Now().Round(0)
		time.Sleep(time.Second)
		if err := c.err.Load(); err != nil {
			return access{}, *err
		}
		return access{fmt.Sprintf("t%d", n), issued, issued.Add(c.life)}, nil
	}
	return c
}

func (c *counter) fail(err error) { c.err.Store(&err) }

func (c *counter) want(t *testing.T, token string, fetched int64) {
	t.Helper()
	got, err := c.Token(t.Context())
	synctest.Wait()
	if err != nil || got != token || c.fetched.Load() != fetched {
		t.Errorf("at %s: got %q, %v after %d fetches, want %q after %d", time.Now().Format(time.TimeOnly), got, err, c.fetched.Load(), token, fetched)
	}
}

func TestRenewalAheadOfExpiry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCounter(time.Hour)
		start := time.Now()
		c.want(t, "t1", 1)
		time.Sleep(54 * time.Minute)
		c.want(t, "t1", 1)
		time.Sleep(2 * time.Minute)
		before := time.Now()
		c.want(t, "t1", 2) // the old one, while the next is under way
		if waited := time.Since(before); waited != 0 {
			t.Errorf("a request waited %s for a token that was still good", waited)
		}
		time.Sleep(2 * time.Second)
		c.want(t, "t2", 2)
		if time.Since(start) > time.Hour {
			t.Fatal("the test took too long to mean anything")
		}
		time.Sleep(2 * time.Hour)
		before = time.Now()
		c.want(t, "t3", 3)
		if waited := time.Since(before); waited != time.Second {
			t.Errorf("a request waited %s for its token, want 1s", waited)
		}
	})
}

func TestRenewalOfShortLives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCounter(100 * time.Second)
		c.want(t, "t1", 1)
		time.Sleep(70 * time.Second)
		c.want(t, "t1", 1)
		time.Sleep(10 * time.Second)
		c.want(t, "t1", 2)
		time.Sleep(time.Second)
		// A token without an expiry is good until it is refused.
		d := newCounter(0)
		fetch := d.fetch
		d.fetch = func(ctx context.Context, refused string) (access, error) {
			a, err := fetch(ctx, refused)
			a.expiry = time.Time{}
			return a, err
		}
		d.want(t, "t1", 1)
		time.Sleep(1000 * time.Hour)
		d.want(t, "t1", 1)
	})
}

func TestRenewalIsSingleFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCounter(time.Hour)
		each := func(ask func() (string, error), want string) {
			t.Helper()
			var wait sync.WaitGroup
			for range 1000 {
				wait.Go(func() {
					if got, err := ask(); err != nil || got != want {
						t.Errorf("got %q, %v, want %q", got, err, want)
					}
				})
			}
			wait.Wait()
		}
		each(func() (string, error) { return c.Token(t.Context()) }, "t1")
		each(func() (string, error) { return c.Renew(t.Context(), "t1") }, "t2")
		if got := c.fetched.Load(); got != 2 {
			t.Errorf("fetched %d times, want 2", got)
		}
		// One who comes late with the same refusal gets what is there.
		each(func() (string, error) { return c.Renew(t.Context(), "t1") }, "t2")
		if got := c.fetched.Load(); got != 2 {
			t.Errorf("fetched %d times, want 2", got)
		}
	})
}

func TestRenewalOutlivesItsRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCounter(time.Hour)
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if _, err := c.Token(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the context's error", err)
		}
		time.Sleep(time.Second)
		c.want(t, "t1", 1)
	})
}

func TestRenewalFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCounter(time.Hour)
		c.want(t, "t1", 1)
		time.Sleep(57 * time.Minute)
		sick := temporary("the token endpoint answered HTTP 503")
		c.fail(sick)
		c.want(t, "t1", 2) // a failure matters to nobody while the token is good
		time.Sleep(time.Second)
		c.want(t, "t1", 2) // and is not repeated by every request
		time.Sleep(time.Second)
		c.want(t, "t1", 3)
		time.Sleep(3 * time.Minute)
		if _, err := c.Token(t.Context()); err != sick {
			t.Errorf("got %v, want %v", err, sick)
		}
		fetched := c.fetched.Load()
		for range 10 {
			if _, err := c.Token(t.Context()); err != sick {
				t.Errorf("got %v, want %v", err, sick)
			}
		}
		if got := c.fetched.Load(); got != fetched {
			t.Errorf("a sick endpoint was asked %d times more within its pause", got-fetched)
		}
		c.err.Store(nil)
		time.Sleep(longestPause)
		if got, err := c.Token(t.Context()); err != nil || got != fmt.Sprintf("t%d", fetched+1) {
			t.Errorf("after the failures: got %q, %v", got, err)
		}
	})
}

func TestRenewalOfARefusedToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCounter(time.Hour)
		c.want(t, "t1", 1)
		c.fail(temporary("down"))
		if _, err := c.Renew(t.Context(), "t1"); err == nil {
			t.Error("got no error from an endpoint that is down")
		}
		// The refused token does not come back, although its time is not up.
		c.err.Store(nil)
		time.Sleep(2 * time.Second)
		c.want(t, "t3", 3)

		same := newCounter(time.Hour)
		same.fetch = func(context.Context, string) (access, error) {
			return access{"same", time.Now().Round(0), time.Now().Add(time.Hour)}, nil
		}
		if _, err := same.Token(t.Context()); err != nil {
			t.Fatal(err)
		}
		var permanent *accounts.CredentialError
		if _, err := same.Renew(t.Context(), "same"); !errors.As(err, &permanent) || permanent.Temporary {
			t.Errorf("got %v, want a lasting error", err)
		}
	})
}

func TestRenewalFollowsTheWallClock(t *testing.T) {
	// The monotonic clock stands still while a machine sleeps, so that it must not decide.
	now := time.Now()
	a := access{"t", now, now.Add(time.Hour)}
	if usable, _ := (&a).left(now.Round(0).Add(2 * time.Hour)); usable {
		t.Error("a token is usable an hour after its end")
	}
	a = access{"t", now.Round(0), now.Round(0).Add(time.Hour)}
	if usable, ageing := (&a).left(now.Add(30 * time.Minute)); !usable || ageing {
		t.Errorf("half way: got usable %t, ageing %t", usable, ageing)
	}
}
