package main

import (
	"fmt"
	"io"
	"math"
	"strings"
	"text/tabwriter"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// figures are one side's numbers in one row: medians over its rounds.
type figures struct {
	Value     float64 `json:"value"`               // in the row's unit
	PerSecond float64 `json:"per_second,omitzero"` // exchanges or events
	P50       float64 `json:"p50_us,omitzero"`
	P99       float64 `json:"p99_us,omitzero"`
	FirstByte float64 `json:"first_byte_p50_us,omitzero"`
	Busy      float64 `json:"busy,omitzero"` // share of one processor that the gateway used while measured
	Samples   int     `json:"samples"`       // over all rounds
}

// result is one row of the report.
type result struct {
	Name     string  `json:"name"`
	Unit     string  `json:"unit"`
	Ours     figures `json:"ours"`
	Baseline figures `json:"baseline"`
	Ratio    ratio   `json:"ratio"`
	Target   string  `json:"target,omitzero"`
	Verdict  string  `json:"verdict,omitzero"` // met, missed
	Error    string  `json:"error,omitzero"`   // then there are no figures
}

// report is a whole run.
type report struct {
	Binary      string   `json:"binary"` // what `caddy version` says
	Go          string   `json:"go"`
	Processor   string   `json:"processor"`
	Pinning     string   `json:"pinning"`
	Concurrency int      `json:"concurrency"`
	Ours        string   `json:"ours"`
	Baseline    string   `json:"baseline"`
	Results     []result `json:"results"`
}

// failed counts the rows that could not be measured.
func (r *report) failed() int {
	n := 0
	for _, row := range r.Results {
		if row.Error != "" {
			n++
		}
	}
	return n
}

// writeJSON writes the report as one indented JSON object.
func (r *report) writeJSON(w io.Writer) error {
	if err := json.MarshalWrite(w, r, jsontext.Multiline(true)); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// writeTable writes the report for people.
func (r *report) writeTable(w io.Writer) error {
	fmt.Fprintf(w, "%s, %s, %s\n%s; %d connections; ratio = %s / %s, measured in turn: median (quartiles)\n\n",
		r.Binary, r.Go, r.Processor, r.Pinning, r.Concurrency, r.Ours, r.Baseline)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	unit := ""
	for _, row := range r.Results {
		if row.Unit != unit {
			if unit != "" {
				fmt.Fprintln(t)
			}
			unit = row.Unit
			fmt.Fprintln(t, strings.Join(headings(unit, r.Ours, r.Baseline), "\t"))
		}
		if row.Error != "" {
			fmt.Fprintf(t, "%s\tFAILED, see below\n", row.Name)
			continue
		}
		fmt.Fprintln(t, strings.Join(cells(row), "\t"))
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	for _, row := range r.Results {
		if row.Error != "" {
			fmt.Fprintf(w, "\n%s: %s\n", row.Name, row.Error)
		}
	}
	return nil
}

// hasRate and hasLatency tell by its unit which figures a row has.
func hasRate(unit string) bool    { return strings.Contains(unit, "CPU") }
func hasLatency(unit string) bool { return strings.Contains(unit, "request") }

func headings(unit, ours, baseline string) []string {
	h := []string{unit, ours, baseline, "ratio", "target", ""}
	if hasRate(unit) {
		h = append(h, "per second", "busy")
	}
	if hasLatency(unit) {
		h = append(h, "p50 us", "p99 us", "first byte us")
	}
	return h
}

func cells(r result) []string {
	both := func(pick func(figures) float64) string {
		return number(pick(r.Ours)) + " / " + number(pick(r.Baseline))
	}
	c := []string{
		r.Name, number(r.Ours.Value), number(r.Baseline.Value),
		fmt.Sprintf("%.2f (%.2f-%.2f)", r.Ratio.Median, r.Ratio.Low, r.Ratio.High), r.Target, r.Verdict,
	}
	if hasRate(r.Unit) {
		c = append(c, both(func(f figures) float64 { return f.PerSecond }),
			fmt.Sprintf("%.0f%% / %.0f%%", 100*r.Ours.Busy, 100*r.Baseline.Busy))
	}
	if hasLatency(r.Unit) {
		c = append(c, both(func(f figures) float64 { return f.P50 }), both(func(f figures) float64 { return f.P99 }),
			both(func(f figures) float64 { return f.FirstByte }))
	}
	return c
}

// number writes three significant digits, and whole numbers from a hundred on.
func number(v float64) string {
	switch size := math.Abs(v); {
	case size >= 100:
		return fmt.Sprintf("%.0f", v)
	case size >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}
