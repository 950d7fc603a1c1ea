package main

import (
	"context"
	"fmt"
	"time"
)

// eventRow measures one event of a stream that comes at a model's pace: many streams are open, each event is a read, a
// flush and a wake-up of its own, and only what happens between two looks at the processor time counts, no opening and no
// end.
func (b *bench) eventRow(d *duo, p pair) row {
	kind := "relayed"
	if p.translated() {
		kind = "translated"
	}
	name := fmt.Sprintf("one paced event, %s, %s", kind, p)
	return row{name: name, unit: "us CPU per event", target: eventTarget(p), measure: func(ctx context.Context, r *result) error {
		s := promptScenario(p, smallPrompt, true)
		if err := s.preflight(b.up, d.ours, d.baseline); err != nil {
			return err
		}
		s.pace(b)
		b.up.script.Store(&s.script)
		ours, baseline, err := alternate(ctx, b.pacedRounds, func(first bool) (paced, error) {
			if first {
				return b.pacedRound(ctx, d.ours, s.call)
			}
			return b.pacedRound(ctx, d.baseline, s.call)
		})
		if err != nil {
			return err
		}
		r.Ours, r.Baseline = pacedFigures(ours), pacedFigures(baseline)
		r.Ratio = pairwise(each(ours, paced.cpuEach), each(baseline, paced.cpuEach))
		return nil
	}}
}

// pace makes the scenario's streams paced and long enough for a round.
func (s *scenario) pace(b *bench) {
	texts := replyTexts(int((b.window + 10*time.Second) / b.settings.pace))
	s.answer(func(d *dialect) answer { return streamAnswer(d.stream(s.upstream.model(), texts)) })
	s.script.pace = b.settings.pace
	s.script.hold = true
}

// paced is what a window of paced events cost.
type paced struct {
	count int
	cpu   time.Duration
	wall  time.Duration
}

func (p paced) cpuEach() float64   { return microseconds(p.cpu) / float64(p.count) }
func (p paced) perSecond() float64 { return float64(p.count) / p.wall.Seconds() }
func (p paced) busy() float64      { return p.cpu.Seconds() / p.wall.Seconds() }

func (b *bench) pacedRound(ctx context.Context, p *process, c call) (paced, error) {
	gap := b.settings.pace / time.Duration(b.pacedCount) // so that the streams' events do not come all at once
	open, err := openStreams(ctx, p.address, c, b.pacedCount, gap)
	if err != nil {
		return paced{}, fmt.Errorf("pacing %s: %w", p.name, err)
	}
	defer open.close()
	time.Sleep(100 * time.Millisecond) // what opening left behind
	start, sent, received := time.Now(), b.up.sent.Load(), open.events.Load()
	before, err := cpuTime(p.pid())
	if err != nil {
		return paced{}, err
	}
	time.Sleep(b.window)
	after, err := cpuTime(p.pid())
	if err != nil {
		return paced{}, err
	}
	r := paced{count: int(b.up.sent.Load() - sent), cpu: after - before, wall: time.Since(start)}
	received = open.events.Load() - received
	if err := open.err(); err != nil {
		return paced{}, fmt.Errorf("pacing %s: %w", p.name, err)
	}
	if int(received) < r.count*9/10 {
		return paced{}, fmt.Errorf("pacing %s: %d events were sent in %v, only %d came through", p.name, r.count, b.window, received)
	}
	return r, nil
}

func pacedFigures(rounds []paced) figures {
	f := figures{
		Value: median(each(rounds, paced.cpuEach)), PerSecond: median(each(rounds, paced.perSecond)), Busy: median(each(rounds, paced.busy)),
	}
	for _, r := range rounds {
		f.Samples += r.count
	}
	return f
}
