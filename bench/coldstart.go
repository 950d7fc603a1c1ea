package main

import (
	"context"
	"fmt"
	"time"
)

// startRow measures the time from starting the process to the end of its first right answer.
func (b *bench) startRow(name string, ours site, want target) row {
	return row{name: name, unit: "ms", target: want, measure: func(ctx context.Context, r *result) error {
		chat := chatDialect()
		s := promptScenario(pair{chat, chat}, smallPrompt, false)
		b.up.script.Store(&s.script)
		a, z, err := alternate(ctx, b.startRounds, func(first bool) (float64, error) {
			if first {
				return b.startRound(ctx, ours, s.call)
			}
			return b.startRound(ctx, b.baseline, s.call)
		})
		if err != nil {
			return err
		}
		r.Ours = figures{Value: median(a), Samples: len(a)}
		r.Baseline = figures{Value: median(z), Samples: len(z)}
		r.Ratio = pairwise(a, z)
		return nil
	}}
}

func (b *bench) startRound(ctx context.Context, s site, call call) (float64, error) {
	start := time.Now()
	p, err := b.launcher.launch(s)
	if err != nil {
		return 0, err
	}
	defer p.stop()
	c := client{address: p.address}
	defer c.close()
	var last error
	err = p.await(ctx, func() bool {
		_, last = c.do(call)
		return last == nil
	})
	if err != nil {
		return 0, fmt.Errorf("%w (last try: %w)", err, last)
	}
	return time.Since(start).Seconds() * 1000, nil
}
