package pool

import (
	"cmp"
	"slices"
	"sync/atomic"
	"time"

	"github.com/fairway-gateway/fairway/accounts"
)

// reading is what a provider said of one limit. It never touches a cool-down.
type reading struct {
	model string // "" for the account
	accounts.Limit
}

// readings is what is known of an account's limits: an immutable list, swapped whole, so that choosing among many reads it
// without a lock.
type readings struct {
	list atomic.Pointer[[]reading]
	last atomic.Int64 // unix milliseconds of the newest
}

const (
	maxReadings  = 256                    // per account; the oldest go first
	readingsKept = 25 * time.Hour         // since they were seen
	readEvery    = 200 * time.Millisecond // successes, as reading more often costs more than the news is worth
)

// due reports whether it is worth reading a success's headers.
func (r *readings) due(now time.Time) bool {
	return now.UnixMilli()-r.last.Load() >= int64(readEvery/time.Millisecond)
}

// learn takes over what a response for the model said. The caller holds the state's lock.
func (r *readings) learn(model string, limits []accounts.Limit, now time.Time) {
	if len(limits) == 0 {
		return
	}
	r.last.Store(now.UnixMilli())
	var next []reading
	for _, l := range limits {
		n := reading{model, l}
		if l.Account {
			n.model = ""
		}
		next = append(next, n)
	}
	fresh := len(next)
	for _, old := range r.all() {
		replaced := slices.ContainsFunc(next[:fresh], func(n reading) bool { return n.model == old.model && n.Name == old.Name })
		if !replaced && now.Sub(old.Seen) < readingsKept {
			next = append(next, old)
		}
	}
	if len(next) > maxReadings {
		slices.SortStableFunc(next, func(a, b reading) int { return b.Seen.Compare(a.Seen) })
		next = next[:maxReadings]
	}
	slices.SortFunc(next, func(a, b reading) int {
		return cmp.Or(cmp.Compare(a.model, b.model), cmp.Compare(a.Name, b.Name))
	})
	r.list.Store(&next)
}

func (r *readings) forget() { r.list.Store(nil) }

func (r *readings) all() []reading {
	if list := r.list.Load(); list != nil {
		return *list
	}
	return nil
}

// share returns what is left of the scarcest limit that concerns the model.
func (r *readings) share(model string, now time.Time) (least float64, known bool) {
	for i, all := 0, r.all(); i < len(all); i++ {
		if l := &all[i]; l.model == "" || l.model == model {
			if s, ok := l.Share(now); ok && (!known || s < least) {
				least, known = s, true
			}
		}
	}
	return least, known
}

// above returns when no limit will be at or below the floor any more, zero if none is now.
func (r *readings) above(floor float64, model string, now time.Time) time.Time {
	var until time.Time
	for _, l := range r.all() {
		if l.model != "" && l.model != model {
			continue
		}
		if s, ok := l.Share(now); ok && s <= floor && l.Until().After(until) {
			until = l.Until()
		}
	}
	return until
}
