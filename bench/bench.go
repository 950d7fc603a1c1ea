package main

import (
	"context"
	"fmt"
	"time"
)

// settings are what a run is told; a zero number means "as the mode has it".
type settings struct {
	concurrency int           // connections that ask at the same time
	rounds      int           // pairs of batches for each request row
	batch       time.Duration // length of a batch at most
	batchCount  int           // exchanges in a batch at most
	pacedRounds int
	window      time.Duration // measured part of a paced round
	pacedCount  int           // paced streams at the same time
	pace        time.Duration // between two events of one stream
	heldRounds  int
	heldCount   int // idle streams held open
	startRounds int
}

func defaultSettings() settings {
	return settings{
		concurrency: 8, rounds: 7, batch: 250 * time.Millisecond, batchCount: 5000,
		pacedRounds: 3, window: time.Second, pacedCount: 200, pace: 20 * time.Millisecond,
		heldRounds: 3, heldCount: 200, startRounds: 7,
	}
}

func quickSettings() settings {
	s := defaultSettings()
	s.rounds, s.batch = 3, 80*time.Millisecond
	s.pacedRounds, s.window = 1, 500*time.Millisecond
	s.heldRounds, s.startRounds = 1, 3
	return s
}

// bench is a run's equipment.
type bench struct {
	settings
	up             *upstream
	launcher       *launcher
	ours, baseline site
	// moreOurs is ours with a thousand accounts, for the cold start.
	moreOurs site
	// noise: ours is a second baseline.
	noise bool
}

// row is one line of the report. measure fills a result's figures.
type row struct {
	name    string
	unit    string
	target  target
	measure func(ctx context.Context, r *result) error
}

// rows returns everything there is to measure for the pairs, in the order of the report.
func (b *bench) rows(duo *duo, pairs []pair) []row {
	var rows []row
	for _, size := range []int{smallPrompt, largePrompt} {
		for _, stream := range []bool{false, true} {
			for _, p := range pairs {
				rows = append(rows, b.requestRow(duo, requestName(p, size, stream), requestTarget(p, size, stream),
					func() scenario { return promptScenario(p, size, stream) }))
			}
		}
	}
	chat, messages := chatDialect(), messagesDialect()
	agent := pair{messages, chat}
	if b.noise {
		agent = pair{messages, messages}
	}
	rows = append(rows, b.requestRow(duo, fmt.Sprintf("agent, 75 KB, 25 tools, stream, %s", agent), agentTarget,
		func() scenario { return agentScenario(agent) }))
	for _, p := range pairs {
		rows = append(rows, b.eventRow(duo, p))
	}
	rows = append(rows, b.memoryRow("1 KB, "+pair{chat, chat}.String(), func() scenario { return promptScenario(pair{chat, chat}, smallPrompt, true) }))
	rows = append(rows, b.memoryRow("75 KB, "+pair{messages, messages}.String(), func() scenario { return agentScenario(pair{messages, messages}) }))
	if !b.noise {
		rows = append(rows, b.memoryRow("1 KB, "+pair{messages, chat}.String(), func() scenario { return promptScenario(pair{messages, chat}, smallPrompt, true) }))
		rows = append(rows, b.memoryRow("75 KB, "+pair{messages, chat}.String(), func() scenario { return agentScenario(pair{messages, chat}) }))
	}
	rows = append(rows, b.startRow("cold start to the first 200", b.ours, target{}))
	if !b.noise {
		rows = append(rows, b.startRow("cold start, 1,000 accounts", b.moreOurs, startTarget))
	}
	return rows
}

func requestName(p pair, size int, stream bool) string {
	kind := "plain"
	if stream {
		kind = "stream"
	}
	return fmt.Sprintf("%d KB, %s, %s", size>>10, kind, p)
}

// duo is the pair of long-lived processes that request and event rows share.
type duo struct{ ours, baseline *process }

// startDuo starts both sides.
func (b *bench) startDuo(ctx context.Context) (*duo, error) {
	ours, err := b.launcher.start(ctx, b.ours)
	if err != nil {
		return nil, err
	}
	baseline, err := b.launcher.start(ctx, b.baseline)
	if err != nil {
		ours.stop()
		return nil, err
	}
	return &duo{ours, baseline}, nil
}

func (d *duo) stop() {
	d.ours.stop()
	d.baseline.stop()
}

// alternate calls measure for both sides in each round, in turn first and second, so that neither drift nor the order
// favours one. It returns the values by round.
func alternate[T any](ctx context.Context, rounds int, measure func(ours bool) (T, error)) (ours, baseline []T, err error) {
	for round := range rounds {
		for i := range 2 {
			if err := ctx.Err(); err != nil {
				return nil, nil, err
			}
			first := (round+i)%2 == 0
			v, err := measure(first)
			if err != nil {
				return nil, nil, err
			}
			if first {
				ours = append(ours, v)
			} else {
				baseline = append(baseline, v)
			}
		}
	}
	return ours, baseline, nil
}
