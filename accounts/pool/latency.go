package pool

import (
	"math"
	"sync/atomic"
	"time"
)

// average is a moving average of durations, safe for concurrent use; the zero value knows nothing.
type average struct{ bits atomic.Uint64 }

// newShare is the part of the newest value in the average.
const newShare = 0.2

func (a *average) add(d time.Duration) {
	s := max(d.Seconds(), 1e-6)
	if old := a.seconds(); old > 0 {
		s = old + newShare*(s-old)
	}
	a.bits.Store(math.Float64bits(s)) // a value lost to one that came at the same time is no loss
}

func (a *average) seconds() float64 { return math.Float64frombits(a.bits.Load()) }

func (a *average) duration() time.Duration { return time.Duration(a.seconds() * float64(time.Second)) }
