package chat

import (
	b64 "encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/translate"
)

// show renders parts for comparison and for messages.
func show(parts []translate.Part) string {
	var b strings.Builder
	for i, p := range parts {
		if i > 0 {
			b.WriteString(" | ")
		}
		fmt.Fprintf(&b, "%s %s", p.Kind, p.Text)
		if m := p.Media; m != nil {
			fmt.Fprintf(&b, " media{%s %s %s %s %s %s %s}", m.MIME, m.Data, m.URL, m.FileID, m.Name, m.Detail, m.Text)
		}
		if c := p.Call; c != nil {
			fmt.Fprintf(&b, " call{%s %s %t %s%s}", c.ID, c.Name, c.Custom, c.Text, c.Object)
		}
		if r := p.Result; r != nil {
			fmt.Fprintf(&b, " result{%s %s %t [%s]}", r.CallID, r.Name, r.IsError, show(r.Parts))
		}
		if len(p.Signature) > 0 {
			fmt.Fprintf(&b, " sig %s", p.Signature)
		}
		if p.CacheTTL != "" {
			fmt.Fprintf(&b, " ttl %s", p.CacheTTL)
		}
		for _, c := range p.Citations {
			fmt.Fprintf(&b, " cite{%s %s %d-%d}", c.URL, c.Title, c.Start, c.End)
		}
		if len(p.Logprobs) > 0 {
			fmt.Fprintf(&b, " logprobs %s", p.Logprobs)
		}
	}
	return b.String()
}

// showEvent renders an event in one line.
func showEvent(ev *translate.Event) string {
	switch ev.Type {
	case translate.EventStart:
		return fmt.Sprintf("start %s %s %d", ev.ID, ev.Model, ev.Created)
	case translate.EventBlockStart:
		if c := ev.Call; c != nil {
			s := fmt.Sprintf("open %d.%d call %s %s custom=%t", ev.Choice, ev.Block, c.ID, c.Name, c.Custom)
			if ev.Signature != nil {
				s += fmt.Sprintf(" signed %s", ev.Signature)
			}
			return s
		}
		if ev.Redacted {
			return fmt.Sprintf("open %d.%d %s redacted", ev.Choice, ev.Block, ev.Kind)
		}
		return fmt.Sprintf("open %d.%d %s", ev.Choice, ev.Block, ev.Kind)
	case translate.EventDelta:
		return fmt.Sprintf("delta %d %s", ev.Block, ev.Text)
	case translate.EventMedia:
		return fmt.Sprintf("media %d %s %s%s", ev.Block, ev.Media.MIME, ev.Media.Data, string(ev.Media.URL))
	case translate.EventSignature:
		return fmt.Sprintf("signature %d %s", ev.Block, ev.Signature)
	case translate.EventCitation:
		return fmt.Sprintf("cite %d %s %s %d-%d", ev.Block, ev.Citation.URL, ev.Citation.Title, ev.Citation.Start, ev.Citation.End)
	case translate.EventLogprobs:
		return fmt.Sprintf("logprobs %d %s", ev.Block, ev.Logprobs)
	case translate.EventBlockStop:
		return fmt.Sprintf("close %d", ev.Block)
	case translate.EventUsage:
		return fmt.Sprintf("usage %+v", *ev.Usage)
	case translate.EventStop:
		return fmt.Sprintf("stop %d %s%s", ev.Choice, stopName(ev.Stop), string(ev.StopSequence))
	case translate.EventError:
		return fmt.Sprintf("error %d %s", ev.Err.Kind, ev.Err.Message)
	}
	return ev.Type.String()
}

func stopName(s translate.StopReason) string {
	return [...]string{"unknown", "end", "length", "sequence", "tool", "refusal", "filter", "context", "pause", "malformed"}[s]
}

// diff reports the first line in which got and want differ.
func diff(t *testing.T, name, got, want string) {
	t.Helper()
	if got == want {
		return
	}
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(g), len(w)) {
		var a, b string
		if i < len(g) {
			a = g[i]
		}
		if i < len(w) {
			b = w[i]
		}
		if a != b {
			t.Errorf("%s: line %d\n got %s\nwant %s\nwhole:\n%s", name, i+1, a, b, got)
			return
		}
	}
}

// stateOf renders the event that carries a server's reasoning_details.
func stateOf(block int, details string) string {
	return fmt.Sprintf("signature %d %q\n", block, b64.RawURLEncoding.EncodeToString([]byte(details)))
}
