// Package grammar judges streamed answers byte by byte against the stream grammars that the vendors' services keep and
// their clients rely on. The vendors' own SDK accumulators accept much that other clients do not (a missing role, a
// second finish, a stream that just ends), so a stream has to pass both.
package grammar

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/tidwall/gjson"
)

// Ending is how a stream is supposed to end.
type Ending int

const (
	// Clean is the dialect's own terminal.
	Clean Ending = iota
	// Failed is the dialect's error event, without any terminal that would claim success.
	Failed
)

// Event is one server-sent event.
type Event struct {
	Name string
	Data string
}

// JSON is the event's data.
func (e Event) JSON() gjson.Result { return gjson.Parse(e.Data) }

// Parse splits a stream into events, as https://html.spec.whatwg.org/multipage/server-sent-events.html says. Comments
// are skipped. A last event without its blank line is an error, and so is a line that is no field at all.
func Parse(raw []byte) ([]Event, error) {
	var out []Event
	var e Event
	var data []string
	open := false
	rest := bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n"))
	if len(rest) > 0 && rest[len(rest)-1] != '\n' {
		return nil, fmt.Errorf("the stream ends inside a line: %q", tail(rest))
	}
	for _, line := range strings.Split(strings.TrimSuffix(string(rest), "\n"), "\n") {
		field, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case line == "":
			if open {
				e.Data = strings.Join(data, "\n")
				out = append(out, e)
			}
			e, data, open = Event{}, nil, false
		case field == "":
		case field == "data":
			data, open = append(data, value), true
		case field == "event":
			e.Name, open = value, true
		default:
			return nil, fmt.Errorf("a line that is no field of server-sent events: %q", line)
		}
	}
	if open {
		return nil, fmt.Errorf("the last event lacks its blank line: %q", tail(rest))
	}
	return out, nil
}

func tail(b []byte) []byte {
	if len(b) > 200 {
		return b[len(b)-200:]
	}
	return b
}

// findings collects departures.
type findings struct{ errs []error }

func (f *findings) addf(format string, args ...any) {
	f.errs = append(f.errs, fmt.Errorf(format, args...))
}

func (f *findings) check(ok bool, format string, args ...any) bool {
	if !ok {
		f.addf(format, args...)
	}
	return ok
}

// constant wants one value for a field throughout a stream.
func (f *findings) constant(held *string, name, value string, n int) {
	if !f.check(value != "", "event %d: %s is missing or empty", n, name) {
		return
	}
	if *held == "" {
		*held = value
	}
	f.check(*held == value, "event %d: %s changed from %q to %q", n, name, *held, value)
}

func (f *findings) err() error { return errors.Join(f.errs...) }
