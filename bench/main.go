// Command bench compares the gateway with reverse_proxy of the same binary, on this machine, in one interleaved run.
//
//	go run ./bench            # everything, under four minutes
//	go run ./bench -quick     # everything, coarsely
//	go run ./bench -run agent # the rows whose name matches
//	go run ./bench -noise     # reverse_proxy against itself: what this machine calls a difference
//
// It builds cmd/caddy (or takes -caddy), starts both sides as processes pinned to one processor, plays the upstream and
// the clients itself on the others, checks every answer, and prints processor time per request, rates, latencies, memory
// for each open stream and cold starts. README.md beside it says what each row means.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// options are the command line.
type options struct {
	settings
	caddy   string
	json    bool
	noise   bool
	only    *regexp.Regexp
	pairs   []pair
	core    int
	timeout time.Duration
}

func parse(args []string, stderr io.Writer) (options, error) {
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.SetOutput(stderr)
	var o options
	f.StringVar(&o.caddy, "caddy", "", "gateway `binary` to measure (default: build ./cmd/caddy)")
	f.BoolVar(&o.json, "json", false, "print JSON instead of a table")
	f.BoolVar(&o.noise, "noise", false, "measure reverse_proxy against itself, to see how far its ratio is from 1")
	quick := f.Bool("quick", false, "fewer and shorter rounds")
	run := f.String("run", "", "measure only rows whose name matches this `pattern`")
	pairs := f.String("pairs", "chat:chat,messages:messages,messages:chat,chat:messages",
		"client:upstream dialects, or all (chat, messages, responses, gemini)")
	concurrency := f.Int("c", 8, "`connections` that ask at the same time")
	rounds := f.Int("rounds", 0, "pairs of batches for each request row (default 7, with -quick 3)")
	length := f.Duration("batch", 0, "`length` of a batch (default 250ms, with -quick 80ms)")
	f.IntVar(&o.core, "core", -1, "`processor` for the gateways (default: the last one allowed; the rest is the driver's)")
	f.DurationVar(&o.timeout, "timeout", 4*time.Minute, "stop measuring after this `time` and report what there is")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("reading the command line: unexpected %q", f.Arg(0))
	}
	o.settings = defaultSettings()
	if *quick {
		o.settings = quickSettings()
	}
	if *concurrency < 1 || *rounds < 0 || *length < 0 {
		return o, errors.New("reading the command line: -c, -rounds and -batch take positive values")
	}
	o.concurrency = *concurrency
	if *rounds > 0 {
		o.rounds = *rounds
	}
	if *length > 0 {
		o.batch = *length
	}
	var err error
	if o.only, err = regexp.Compile(*run); err != nil {
		return o, fmt.Errorf("reading -run: %w", err)
	}
	if o.pairs, err = parsePairs(*pairs); err != nil {
		return o, err
	}
	if o.noise {
		o.pairs = untranslated(o.pairs)
	}
	return o, nil
}

// untranslated keeps the pairs that a proxy can serve.
func untranslated(pairs []pair) []pair {
	var kept []pair
	for _, p := range pairs {
		if !p.translated() {
			kept = append(kept, p)
		}
	}
	return kept
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parse(args, stderr)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "fairway-bench-")
	if err != nil {
		return fmt.Errorf("making a temporary directory: %w", err)
	}
	defer os.RemoveAll(dir)
	if o.caddy == "" {
		fmt.Fprintln(stderr, "building ./cmd/caddy")
		if o.caddy, err = buildCaddy(ctx, dir); err != nil {
			return err
		}
	}
	version, err := caddyVersion(ctx, o.caddy)
	if err != nil {
		return err
	}
	cpu, pinning, err := pin(o.core)
	if err != nil {
		return err
	}
	debug.SetGCPercent(400) // the driver's own collections would only disturb
	up, err := listenUpstream()
	if err != nil {
		return err
	}
	defer up.close()
	b := &bench{
		settings: o.settings, up: up, noise: o.noise,
		launcher: &launcher{binary: o.caddy, dir: dir, cpu: cpu, upstream: up.address()},
		ours:     gatewaySite("fairway", 0), moreOurs: gatewaySite("fairway", 1000), baseline: proxySite("reverse_proxy"),
	}
	if o.noise {
		b.ours = proxySite("reverse_proxy again")
	}
	rep := &report{
		Binary: version, Go: runtime.Version(), Processor: processorName(), Pinning: pinning,
		Concurrency: b.concurrency, Ours: b.ours.name, Baseline: b.baseline.name,
	}
	measureErr := b.measure(ctx, o, rep, stderr)
	switch {
	case len(rep.Results) == 0:
		return measureErr
	case o.json:
		err = rep.writeJSON(stdout)
	default:
		err = rep.writeTable(stdout)
	}
	if measureErr == nil && rep.failed() > 0 {
		measureErr = fmt.Errorf("measuring: %d of %d rows failed", rep.failed(), len(rep.Results))
	}
	return errors.Join(measureErr, err)
}

// measure fills the report row by row. A row that fails is reported as such and does not keep the others from being
// measured; an interrupt or the time limit ends the run with what there is.
func (b *bench) measure(ctx context.Context, o options, rep *report, progress io.Writer) error {
	ctx, cancel := context.WithTimeoutCause(ctx, o.timeout, fmt.Errorf("measuring: not done after %v", o.timeout))
	defer cancel()
	duo, err := b.startDuo(ctx)
	if err != nil {
		return err
	}
	defer duo.stop()
	var rows []row
	for _, r := range b.rows(duo, o.pairs) {
		if !o.only.MatchString(r.name) {
			continue
		}
		if b.noise {
			r.target = target{} // they are the gateway's
		}
		rows = append(rows, r)
	}
	if len(rows) == 0 {
		return errors.New("choosing rows: -run matches none")
	}
	for i, row := range rows {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		fmt.Fprintf(progress, "[%d/%d] %s\n", i+1, len(rows), row.name)
		r := result{Name: row.name, Unit: row.unit, Target: row.target.String()}
		if err := row.measure(ctx, &r); err != nil {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			r.Error = err.Error()
		} else {
			r.Verdict = row.target.verdict(r.Ours.Value, r.Ratio.Median)
		}
		rep.Results = append(rep.Results, r)
	}
	return nil
}

// pin chooses a processor for the gateways and moves this process to the others. It returns -1 where there is only one.
func pin(core int) (int, string, error) {
	cpus, err := allowedCPUs()
	if err != nil {
		return 0, "", err
	}
	if len(cpus) < 2 {
		return -1, "not pinned, one processor for gateway, upstream and clients", nil
	}
	if core < 0 {
		core = cpus[len(cpus)-1]
	}
	var others []int
	for _, c := range cpus {
		if c != core {
			others = append(others, c)
		}
	}
	if len(others) == len(cpus) {
		return 0, "", fmt.Errorf("choosing a processor: %d is not among the allowed %v", core, cpus)
	}
	if err := pinSelf(others); err != nil {
		return 0, "", err
	}
	runtime.GOMAXPROCS(len(others))
	return core, fmt.Sprintf("gateways on processor %d, upstream and clients on %v", core, others), nil
}
