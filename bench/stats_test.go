package main

import (
	"math"
	"testing"
	"time"
)

func TestQuantile(t *testing.T) {
	for _, c := range []struct {
		v    []float64
		q    float64
		want float64
	}{
		{[]float64{7}, 0.5, 7},
		{[]float64{3, 1, 2}, 0.5, 2},
		{[]float64{4, 1, 3, 2}, 0.5, 2.5},
		{[]float64{5, 1, 2, 3, 4}, 0.25, 2},
		{[]float64{5, 1, 2, 3, 4}, 1, 5},
		{[]float64{5, 1, 2, 3, 4}, 0, 1},
	} {
		if got := quantile(c.v, c.q); got != c.want {
			t.Errorf("quantile(%v, %v): got %v, want %v", c.v, c.q, got, c.want)
		}
	}
	if got := median(nil); !math.IsNaN(got) {
		t.Errorf("median of nothing: got %v, want NaN", got)
	}
	v := []float64{3, 1, 2}
	median(v)
	if v[0] != 3 || v[1] != 1 {
		t.Errorf("median reordered its argument: %v", v)
	}
}

func TestPercentile(t *testing.T) {
	hundred := make([]time.Duration, 100)
	for i := range hundred {
		hundred[i] = time.Duration(i + 1)
	}
	for _, c := range []struct {
		v    []time.Duration
		p    float64
		want time.Duration
	}{
		{nil, 50, 0},
		{[]time.Duration{9}, 99, 9},
		{hundred, 50, 50},
		{hundred, 99, 99},
		{hundred, 100, 100},
		{hundred, 0, 1},
		{[]time.Duration{1, 2, 3}, 50, 2},
	} {
		if got := percentile(c.v, c.p); got != c.want {
			t.Errorf("percentile of %d values at %v: got %d, want %d", len(c.v), c.p, got, c.want)
		}
	}
}

func TestPairwise(t *testing.T) {
	got := pairwise([]float64{2, 30, 9, 5}, []float64{1, 10, 2, 0})
	if want := (ratio{Median: 3, Low: 2.5, High: 3.75}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := pairwise([]float64{1}, []float64{-1}); got != (ratio{}) {
		t.Errorf("without a usable pair: got %+v, want nothing", got)
	}
}

func TestTarget(t *testing.T) {
	for _, c := range []struct {
		target       target
		value, ratio float64
		text, want   string
	}{
		{target{}, 1, 1, "", ""},
		{target{value: 75}, 75, 9, "<= 75", "met"},
		{target{value: 75}, 76, 0.1, "<= 75", "missed"},
		{target{value: 75, ratio: 0.87}, 100, 0.86, "<= 75, 0.87x", "met"},
		{target{value: 75, ratio: 0.87}, 10, 0.88, "<= 75, 0.87x", "missed"},
		{target{ratio: 2}, 10, 2, "<= 2x", "met"},
	} {
		if got := c.target.verdict(c.value, c.ratio); got != c.want {
			t.Errorf("%+v for %v, %v: got %q, want %q", c.target, c.value, c.ratio, got, c.want)
		}
		if got := c.target.String(); got != c.text {
			t.Errorf("%+v: got %q, want %q", c.target, got, c.text)
		}
	}
}

func TestParseVmRSS(t *testing.T) {
	got, err := parseVmRSS([]byte("Name:\tcaddy\nVmHWM:\t  99999 kB\nVmRSS:\t   51234 kB\nThreads:\t7\n"))
	if want := int64(51234 << 10); err != nil || got != want {
		t.Errorf("got %d, %v; want %d", got, err, want)
	}
	for _, bad := range []string{"", "Name:\tcaddy\n", "VmRSS:\t12\n", "VmRSS:\tmany kB\n", "VmRSS:\t12 MB\n"} {
		if got, err := parseVmRSS([]byte(bad)); err == nil {
			t.Errorf("%q: got %d, want an error", bad, got)
		}
	}
}

func TestBlankLines(t *testing.T) {
	for _, c := range []struct {
		parts []string
		want  int64
	}{
		{[]string{"data: 1\n\ndata: 2\n\n"}, 2},
		{[]string{"data: 1\n", "\ndata: 2", "\n\n"}, 2},
		{[]string{"event: a\ndata: 1\n"}, 0},
		{[]string{"data: 1\r\n\r\ndata: 2\r\n", "\r\n"}, 2},
		{[]string{"data: 1\n\n", "\n", "data: 2\n\n"}, 2},
	} {
		var got int64
		newline := false
		for _, part := range c.parts {
			var n int64
			n, newline = blankLines([]byte(part), newline)
			got += n
		}
		if got != c.want {
			t.Errorf("%q: got %d events, want %d", c.parts, got, c.want)
		}
	}
}
