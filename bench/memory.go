package main

import (
	"context"
	"fmt"
	"time"
)

// memoryRow measures what an open stream keeps in memory while nothing is said on it: a fresh process for each round, its
// resident set before and after so many streams were opened and fell silent, divided by their number.
func (b *bench) memoryRow(what string, build func() scenario) row {
	name := "idle open stream, " + what
	return row{name: name, unit: "KB RSS per stream", target: memoryTarget, measure: func(ctx context.Context, r *result) error {
		s := build()
		ours, baseline, err := alternate(ctx, b.heldRounds, func(first bool) (float64, error) {
			if first {
				return b.heldRound(ctx, b.ours, &s)
			}
			return b.heldRound(ctx, b.baseline, &s)
		})
		if err != nil {
			return err
		}
		streams := b.heldRounds * b.heldCount
		r.Ours = figures{Value: median(ours), Samples: streams}
		r.Baseline = figures{Value: median(baseline), Samples: streams}
		r.Ratio = pairwise(ours, baseline)
		return nil
	}}
}

// hold returns the scenario's script for streams that stop after their first delta.
func (s *scenario) hold() *script {
	held := script{answers: map[string]answer{}, hold: true, minBody: s.script.minBody}
	for name, a := range s.script.answers {
		held.answers[name] = answer{first: a.first, next: a.next[:1]}
	}
	return &held
}

func (b *bench) heldRound(ctx context.Context, s site, scene *scenario) (float64, error) {
	p, err := b.launcher.start(ctx, s)
	if err != nil {
		return 0, err
	}
	defer p.stop()
	// A few requests bring in the code and the pools that any use brings in, and too little garbage to hide streams in.
	b.up.script.Store(&scene.script)
	c := client{address: p.address}
	defer c.close()
	for range 5 {
		if _, err := c.do(scene.call); err != nil {
			return 0, fmt.Errorf("warming up %s: %w", s.name, err)
		}
	}
	b.up.script.Store(scene.hold())
	before, err := settledRSS(ctx, p.pid())
	if err != nil {
		return 0, err
	}
	open, err := openStreams(ctx, p.address, scene.call, b.heldCount, time.Millisecond)
	if err != nil {
		return 0, fmt.Errorf("holding streams of %s: %w", s.name, err)
	}
	defer open.close()
	after, err := settledRSS(ctx, p.pid())
	if err != nil {
		return 0, err
	}
	if err := open.err(); err != nil {
		return 0, fmt.Errorf("holding streams of %s: %w", s.name, err)
	}
	return float64(after-before) / 1024 / float64(b.heldCount), nil
}

// settledRSS waits until a process's resident set has not moved by a hundredth for a fifth of a second, two seconds at
// most, and returns it in bytes.
func settledRSS(ctx context.Context, pid int) (int64, error) {
	last, err := residentBytes(pid)
	for range 10 {
		if err != nil || ctx.Err() != nil {
			break
		}
		time.Sleep(200 * time.Millisecond)
		var now int64
		now, err = residentBytes(pid)
		if moved := now - last; max(moved, -moved) < last/100 {
			return now, err
		}
		last = now
	}
	return last, err
}
