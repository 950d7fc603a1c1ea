package main

import (
	"math"
	"slices"
	"time"
)

// median returns the middle of v, or the mean of the two in the middle; NaN for none.
func median(v []float64) float64 { return quantile(v, 0.5) }

// quantile returns the q-quantile (0 to 1) of v by linear interpolation between neighbours; NaN for none. It leaves v as
// it is.
func quantile(v []float64, q float64) float64 {
	if len(v) == 0 {
		return math.NaN()
	}
	s := slices.Sorted(slices.Values(v))
	at := q * float64(len(s)-1)
	low := int(math.Floor(at))
	high := int(math.Ceil(at))
	return s[low] + (s[high]-s[low])*(at-float64(low))
}

// percentile returns the p-th percentile (0 to 100) of sorted durations by nearest rank, so that it is one that really
// occurred; 0 for none.
func percentile(sorted []time.Duration, p float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	rank := int(math.Ceil(p / 100 * float64(len(sorted))))
	return sorted[min(max(rank, 1), len(sorted))-1]
}

// ratio says how one side compares with the other over pairs of neighbouring measurements.
type ratio struct {
	Median float64 `json:"median"`
	Low    float64 `json:"low"`  // lower quartile
	High   float64 `json:"high"` // upper quartile
}

// pairwise divides each of ours by the baseline measured beside it. Both have the same length; pairs with a baseline of
// zero or less (a resident set may shrink) say nothing and are left out. Without a pair, all is zero.
func pairwise(ours, baseline []float64) ratio {
	var r []float64
	for i := range ours {
		if baseline[i] > 0 {
			r = append(r, ours[i]/baseline[i])
		}
	}
	if len(r) == 0 {
		return ratio{}
	}
	return ratio{Median: median(r), Low: quantile(r, 0.25), High: quantile(r, 0.75)}
}

func microseconds(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
