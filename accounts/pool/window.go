package pool

import "time"

// window counts requests and tokens over the last minute in buckets of a second. It holds one bucket more than a minute has
// seconds, so that it errs by up to a second on the side of caution.
type window struct {
	buckets          [windowSeconds]bucket
	last             int64 // unix second of the newest bucket
	requests, tokens int64 // sums
}

type bucket struct{ requests, tokens int64 }

const windowSeconds = 61

func (w *window) at(now time.Time) *bucket {
	sec := now.Unix()
	if sec > w.last {
		for s := max(w.last+1, sec-windowSeconds+1); s <= sec; s++ {
			b := &w.buckets[s%windowSeconds]
			w.requests -= b.requests
			w.tokens -= b.tokens
			*b = bucket{}
		}
		w.last = sec
	}
	return &w.buckets[w.last%windowSeconds]
}

func (w *window) addRequest(now time.Time) {
	w.at(now).requests++
	w.requests++
}

func (w *window) addTokens(now time.Time, n int) {
	w.at(now).tokens += int64(n)
	w.tokens += int64(n)
}

// requestsFree returns when fewer than limit requests will have been made within a minute; not after now if already.
func (w *window) requestsFree(now time.Time, limit int) time.Time {
	return w.free(now, int64(limit), func(b bucket) int64 { return b.requests })
}

// tokensFree is requestsFree for tokens.
func (w *window) tokensFree(now time.Time, limit int) time.Time {
	return w.free(now, int64(limit), func(b bucket) int64 { return b.tokens })
}

func (w *window) free(now time.Time, limit int64, of func(bucket) int64) time.Time {
	w.at(now)
	sum := of(bucket{w.requests, w.tokens})
	if sum < limit {
		return now
	}
	for sec := w.last - windowSeconds + 1; sec <= w.last; sec++ {
		if sum -= of(w.buckets[sec%windowSeconds]); sum < limit {
			return time.Unix(sec+windowSeconds, 0)
		}
	}
	return now
}
