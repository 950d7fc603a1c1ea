package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// requestRow measures whole exchanges, as many as the connections can ask for.
func (b *bench) requestRow(d *duo, name string, want target, build func() scenario) row {
	return row{name: name, unit: "us CPU per request", target: want, measure: func(ctx context.Context, r *result) error {
		s := build()
		if err := s.preflight(b.up, d.ours, d.baseline); err != nil {
			return err
		}
		b.up.script.Store(&s.script)
		ours, baseline := b.newLoad(d.ours, s.call), b.newLoad(d.baseline, s.call)
		defer ours.close()
		defer baseline.close()
		for _, l := range []*load{ours, baseline} { // pools, connections and heap find their size
			if _, err := l.batch(b.batch, b.batchCount); err != nil {
				return err
			}
		}
		a, z, err := alternate(ctx, b.rounds, func(first bool) (batch, error) {
			if first {
				return ours.batch(b.batch, b.batchCount)
			}
			return baseline.batch(b.batch, b.batchCount)
		})
		if err != nil {
			return err
		}
		r.Ours, r.Baseline = requestFigures(a), requestFigures(z)
		r.Ratio = pairwise(each(a, batch.cpuEach), each(z, batch.cpuEach))
		return nil
	}}
}

// load is a set of keep-alive connections to one process.
type load struct {
	process *process
	clients []*client
	call    call
}

func (b *bench) newLoad(p *process, c call) *load {
	l := &load{process: p, call: c}
	for range b.concurrency {
		l.clients = append(l.clients, &client{address: p.address})
	}
	return l
}

func (l *load) close() {
	for _, c := range l.clients {
		c.close()
	}
}

// batch is what one burst of exchanges cost and took.
type batch struct {
	count int
	cpu   time.Duration // of the gateway's process
	wall  time.Duration
	total []time.Duration // sorted
	first []time.Duration // sorted
}

func (b batch) cpuEach() float64   { return microseconds(b.cpu) / float64(b.count) }
func (b batch) perSecond() float64 { return float64(b.count) / b.wall.Seconds() }
func (b batch) busy() float64      { return b.cpu.Seconds() / b.wall.Seconds() }

// batch lets every connection ask again and again for the time given, or until most exchanges were made together. The
// first answer that is not right ends it with an error.
func (l *load) batch(limit time.Duration, most int) (batch, error) {
	var left atomic.Int64
	left.Store(int64(most))
	timings := make([][]timing, len(l.clients))
	errs := make([]error, len(l.clients))
	before, err := cpuTime(l.process.pid())
	if err != nil {
		return batch{}, err
	}
	start := time.Now()
	var group sync.WaitGroup
	for i, c := range l.clients {
		group.Go(func() {
			for errs[i] == nil && time.Since(start) < limit && left.Add(-1) >= 0 {
				var t timing
				if t, errs[i] = c.do(l.call); errs[i] != nil {
					left.Store(0)
					return
				}
				timings[i] = append(timings[i], t)
			}
		})
	}
	group.Wait()
	b := batch{wall: time.Since(start)}
	after, err := cpuTime(l.process.pid())
	if err != nil {
		return batch{}, err
	}
	b.cpu = after - before
	for i, err := range errs {
		if err != nil {
			return batch{}, fmt.Errorf("loading %s: %w", l.process.name, err)
		}
		for _, t := range timings[i] {
			b.total = append(b.total, t.total)
			b.first = append(b.first, t.firstByte)
		}
	}
	b.count = len(b.total)
	slices.Sort(b.total)
	slices.Sort(b.first)
	return b, nil
}

// requestFigures are medians over the batches of one side.
func requestFigures(batches []batch) figures {
	of := func(f func(batch) float64) float64 { return median(each(batches, f)) }
	at := func(pick func(batch) []time.Duration, p float64) float64 {
		return of(func(b batch) float64 { return microseconds(percentile(pick(b), p)) })
	}
	total := func(b batch) []time.Duration { return b.total }
	first := func(b batch) []time.Duration { return b.first }
	f := figures{
		Value: of(batch.cpuEach), PerSecond: of(batch.perSecond), Busy: of(batch.busy),
		P50: at(total, 50), P99: at(total, 99), FirstByte: at(first, 50),
	}
	for _, b := range batches {
		f.Samples += b.count
	}
	return f
}

func each[T any](v []T, f func(T) float64) []float64 {
	out := make([]float64, len(v))
	for i := range v {
		out[i] = f(v[i])
	}
	return out
}
