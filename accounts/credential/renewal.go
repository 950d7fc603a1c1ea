package credential

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fairway-gateway/fairway/accounts"
)

// access is a token that upstreams take, and its life. Times are wall-clock times: the monotonic clock stands still while
// a machine sleeps.
type access struct {
	token          string
	issued, expiry time.Time // a zero expiry is unknown: the token is good until an upstream refuses it
}

// How long before its end a token is replaced: while requests still use it, or, when there is hardly time to reach the
// upstream, before the next request. Tokens of short life are replaced later, so that not every request fetches one.
const (
	earliest = 5 * time.Minute  // or a fifth of the token's life
	latest   = 10 * time.Second // or a twentieth
)

// left reports whether the token can still be used, and whether it is time to replace it.
func (a *access) left(now time.Time) (usable, ageing bool) {
	switch {
	case a == nil || a.token == "":
		return false, true
	case a.expiry.IsZero():
		return true, false
	}
	life := max(a.expiry.Sub(a.issued), 0)
	left := a.expiry.Sub(now.Round(0))
	return left > min(latest, life/20), left <= min(earliest, life/5)
}

// renewal keeps one token and replaces it in time: in the background while the old one is still good, one at a time, and
// never in the context of a request, whose end must not lose a token that has been rotated.
type renewal struct {
	// fetch gets a token other than refused. Its errors are *accounts.CredentialError.
	fetch   func(ctx context.Context, refused string) (access, error)
	timeout time.Duration // of fetch

	current atomic.Pointer[access]

	mu       sync.Mutex
	flight   *flight
	refused  string    // the token that an upstream has refused and that has not been replaced yet
	failures int       // in a row
	failed   error     // the last failure, which is repeated
	again    time.Time // until then
}

// flight is a fetch under way. token and err may be read when done is closed.
type flight struct {
	refused string // what it must not bring
	done    chan struct{}
	token   string
	err     error
}

// Failures are repeated for firstPause, and twice as long after each further one, up to longestPause, so that a sick token
// endpoint is not asked by every request.
const (
	firstPause   = time.Second
	longestPause = 30 * time.Second
)

// Token returns the current token, or waits for the next one.
func (r *renewal) Token(ctx context.Context) (string, error) {
	current := r.current.Load()
	usable, ageing := current.left(time.Now())
	if !usable {
		return r.next(ctx, "")
	}
	if ageing {
		r.start("")
	}
	return current.token, nil
}

// Renew implements [accounts.Renewer].
func (r *renewal) Renew(ctx context.Context, refused string) (string, error) {
	current := r.current.Load()
	if usable, _ := current.left(time.Now()); usable && current.token != refused {
		return current.token, nil
	}
	if current != nil {
		r.mu.Lock()
		// Whoever asks from now on has to wait for its successor, too.
		if r.current.CompareAndSwap(current, nil) {
			r.refused = refused
		}
		r.mu.Unlock()
	}
	return r.next(ctx, refused)
}

// next waits for a token other than refused.
func (r *renewal) next(ctx context.Context, refused string) (string, error) {
	// A flight that began before anybody knew of the refusal may bring the refused token once more.
	for range 2 {
		f := r.start(refused)
		select {
		case <-f.done:
		case <-ctx.Done():
			return "", context.Cause(ctx)
		}
		if f.err != nil {
			return "", f.err
		}
		if f.token != refused {
			return f.token, nil
		}
		if f.refused == refused {
			break
		}
	}
	return "", &accounts.CredentialError{Reason: "the same token was granted again after it had been refused"}
}

// start returns the flight that brings a token, which may have landed already.
func (r *renewal) start(refused string) *flight {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.flight != nil {
		return r.flight
	}
	now := time.Now()
	f := &flight{refused: cmp.Or(refused, r.refused), done: make(chan struct{})}
	current := r.current.Load()
	if usable, ageing := current.left(now); usable && !ageing && current.token != refused {
		f.token = current.token
		close(f.done)
		return f
	}
	if now.Before(r.again) {
		f.err = r.failed
		close(f.done)
		return f
	}
	r.flight = f
	go r.fly(f)
	return f
}

func (r *renewal) fly(f *flight) {
	ctx, cancel := context.WithTimeout(context.Background(), r.timeout)
	defer cancel()
	got, err := r.fetch(ctx, f.refused)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.flight = nil
	if err != nil {
		f.err = err
		pause := min(firstPause<<min(r.failures, 8), longestPause)
		var e *accounts.CredentialError
		if errors.As(err, &e) && !e.Temporary {
			pause = firstPause // the owner may be about to mend it
		}
		r.failures++
		r.failed, r.again = err, time.Now().Add(pause)
	} else {
		r.failures, r.failed, r.again, r.refused = 0, nil, time.Time{}, ""
		r.current.Store(&got)
		f.token = got.token
	}
	close(f.done)
}

// temporary makes an error of something that may go well later.
func temporary(reason string) error {
	return &accounts.CredentialError{Reason: reason, Temporary: true}
}
