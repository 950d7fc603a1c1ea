package main

import (
	"bytes"
	"context"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
)

func TestParseOptions(t *testing.T) {
	o, err := parse([]string{"-quick", "-c", "3", "-rounds", "5", "-pairs", "messages:gemini,chat:chat"}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if o.concurrency != 3 || o.rounds != 5 || o.batch != 80*time.Millisecond {
		t.Errorf("got %+v, want 3 connections, 5 rounds, 80 ms", o.settings)
	}
	if len(o.pairs) != 2 || o.pairs[0].String() != "messages->gemini" || !o.pairs[0].translated() || o.pairs[1].translated() {
		t.Errorf("got pairs %v", o.pairs)
	}
	if o, err := parse([]string{"-noise"}, io.Discard); err != nil || len(o.pairs) != 2 {
		t.Errorf("-noise: got pairs %v, %v; want the two that a proxy can serve", o.pairs, err)
	}
	if o, err := parse([]string{"-pairs", "all"}, io.Discard); err != nil || len(o.pairs) != 16 {
		t.Errorf("-pairs all: got %d, %v; want 16", len(o.pairs), err)
	}
	for _, bad := range [][]string{
		{"-pairs", "chat"}, {"-pairs", "chat:soap"}, {"-pairs", "soap:chat"}, {"-run", "("}, {"-c", "0"}, {"-batch", "-1s"}, {"more"},
	} {
		if _, err := parse(bad, io.Discard); err == nil {
			t.Errorf("%v: got no error", bad)
		}
	}
}

func TestAlternate(t *testing.T) {
	var order []bool
	n := 0
	ours, baseline, err := alternate(context.Background(), 3, func(first bool) (int, error) {
		order = append(order, first)
		n++
		return n, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := []bool{true, false, false, true, true, false}; !slices.Equal(order, want) {
		t.Errorf("got order %v, want %v", order, want)
	}
	if !slices.Equal(ours, []int{1, 4, 5}) || !slices.Equal(baseline, []int{2, 3, 6}) {
		t.Errorf("got %v and %v, want neighbours beside each other", ours, baseline)
	}
}

func TestRequestFigures(t *testing.T) {
	ms := func(n ...int) []time.Duration {
		var d []time.Duration
		for _, n := range n {
			d = append(d, time.Duration(n)*time.Millisecond)
		}
		return d
	}
	got := requestFigures([]batch{
		{count: 2, cpu: 2 * time.Millisecond, wall: 4 * time.Millisecond, total: ms(1, 3), first: ms(1, 2)},
		{count: 2, cpu: 4 * time.Millisecond, wall: 4 * time.Millisecond, total: ms(2, 5), first: ms(2, 2)},
		{count: 4, cpu: 30 * time.Millisecond, wall: 40 * time.Millisecond, total: ms(3, 4, 5, 9), first: ms(3, 3, 3, 3)},
	})
	want := figures{Value: 2000, PerSecond: 500, P50: 2000, P99: 5000, FirstByte: 2000, Busy: 0.75, Samples: 8}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestReports(t *testing.T) {
	rep := report{Binary: "v9", Ours: "fairway", Baseline: "reverse_proxy", Results: []result{
		{Name: "1 KB, plain", Unit: "us CPU per request", Ours: figures{Value: 70.25, PerSecond: 14000, P50: 500}, Baseline: figures{Value: 86},
			Ratio: ratio{0.82, 0.8, 0.84}, Target: "<= 75, 0.87x", Verdict: "met"},
		{Name: "stream", Unit: "KB RSS per stream", Error: "opening: refused"},
	}}
	var table, out bytes.Buffer
	if err := rep.writeTable(&table); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"70.2", "0.82 (0.80-0.84)", "met", "14000 / 0.00", "FAILED", "stream: opening: refused"} {
		if !strings.Contains(table.String(), want) {
			t.Errorf("table: no %q in\n%s", want, table.String())
		}
	}
	if err := rep.writeJSON(&out); err != nil {
		t.Fatal(err)
	}
	var back report
	if err := json.Unmarshal(out.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if len(back.Results) != 2 || back.Results[0] != rep.Results[0] || back.Results[1].Error != "opening: refused" {
		t.Errorf("JSON: got %+v back", back)
	}
	if rep.failed() != 1 {
		t.Errorf("got %d failed rows, want 1", rep.failed())
	}
}

func TestCaddyfiles(t *testing.T) {
	got := gatewayCaddyfile("127.0.0.1:4000", "127.0.0.1:5000", 2)
	for _, want := range []string{
		"account bench-chat vllm {\n\t\t\tbase_url http://127.0.0.1:5000/v1\n",
		"account bench-messages anthropic {\n\t\t\tbase_url http://127.0.0.1:5000\n",
		"\t\t\tmodels bench-gemini\n", "account spare-0001 ", "api_key {env." + keyVariable + "}",
		"http://:4000 {\n\tbind 127.0.0.1\n\tai\n}\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if strings.Contains(got, dummyKey) {
		t.Error("the key itself stands in the Caddyfile")
	}
	if proxy := proxyCaddyfile("127.0.0.1:4000", "127.0.0.1:5000"); !strings.Contains(proxy, "reverse_proxy 127.0.0.1:5000") || strings.Contains(proxy, "\tai") {
		t.Errorf("baseline: got\n%s", proxy)
	}
}
