package main

import "fmt"

// target is what the project wants of a row. The ratio counts where there is one, because it holds on any machine; the
// absolute numbers are those of the machine on which the rivals were measured.
type target struct {
	value float64 // at most, in the row's unit; 0: none
	ratio float64 // at most, to the baseline; 0: none
}

func (t target) String() string {
	switch {
	case t.value == 0 && t.ratio == 0:
		return ""
	case t.ratio == 0:
		return fmt.Sprintf("<= %g", t.value)
	case t.value == 0:
		return fmt.Sprintf("<= %gx", t.ratio)
	}
	return fmt.Sprintf("<= %g, %gx", t.value, t.ratio)
}

// verdict is "met" or "missed", or nothing without a target.
func (t target) verdict(value, ratio float64) string {
	switch {
	case t.ratio > 0 && ratio > 0:
		return metIf(ratio <= t.ratio)
	case t.value > 0:
		return metIf(value <= t.value)
	}
	return ""
}

func metIf(ok bool) string {
	if ok {
		return "met"
	}
	return "missed"
}

const (
	smallPrompt = 1 << 10
	largePrompt = 100 << 10
)

// requestTarget is the processor time wanted for a plain request; streams have their target for each event.
func requestTarget(p pair, size int, stream bool) target {
	switch {
	case stream:
		return target{}
	case p.translated() && size == smallPrompt:
		return target{value: 150}
	case p.translated():
		return target{value: 1000}
	case size == smallPrompt:
		return target{value: 75, ratio: 0.87}
	}
	return target{value: 300, ratio: 2}
}

// eventTarget is the processor time wanted for a paced event. What an event costs anybody depends on how idle the
// processor is between two of them, so the ratios are the wanted numbers over the 15 us of the reverse_proxy measured
// beside the rivals.
func eventTarget(p pair) target {
	if p.translated() {
		return target{value: 22, ratio: 1.47}
	}
	return target{value: 17, ratio: 1.13}
}

var (
	agentTarget  = target{value: 1500}
	memoryTarget = target{value: 75}
	startTarget  = target{value: 250}
)
