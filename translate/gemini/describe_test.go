package gemini

import (
	"fmt"
	"strings"

	"github.com/fairway-gateway/fairway/translate"
)

// describe renders a request for comparison, leaving out what is unset.
func describe(r *translate.Request) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("model %s", r.Model)
	for _, p := range r.System {
		line("system %s", describePart(p))
	}
	for _, t := range r.Turns {
		var parts []string
		for _, p := range t.Parts {
			parts = append(parts, describePart(p))
		}
		line("%s %s", [...]string{"user", "model", "mid"}[t.Role], strings.Join(parts, " + "))
	}
	for _, t := range r.Tools {
		switch t.Kind {
		case translate.HostedTool:
			line("hosted %s %s", t.Name, t.Raw)
		default:
			line("tool %s %s %s", t.Name, string(t.Description), string(t.Schema))
		}
	}
	if r.Choice.Mode != translate.ChooseUnset {
		line("choice %s %v", [...]string{"", "auto", "none", "any", "named"}[r.Choice.Mode], r.Choice.Names)
	}
	for _, f := range []translate.Field{
		{Name: "temperature", Value: r.Temperature}, {Name: "top_p", Value: r.TopP}, {Name: "top_k", Value: r.TopK},
		{Name: "frequency", Value: r.FrequencyPenalty}, {Name: "presence", Value: r.PresencePenalty},
		{Name: "seed", Value: r.Seed}, {Name: "max", Value: r.MaxOutput},
	} {
		if f.Value != nil {
			line("%s %s", f.Name, f.Value)
		}
	}
	for _, s := range r.Stop {
		line("stop %s", s)
	}
	if r.N != 0 {
		line("n %d", r.N)
	}
	if r.Logprobs {
		line("logprobs %d", r.TopLogprobs)
	}
	switch r.Reasoning.Mode {
	case translate.ReasonEffort:
		line("effort %s", r.Reasoning.Effort)
	case translate.ReasonBudget:
		line("budget %d", r.Reasoning.Budget)
	case translate.ReasonAdaptive:
		line("adaptive %s", r.Reasoning.Effort)
	case translate.ReasonOff:
		line("no thinking")
	}
	if r.Reasoning.Show == translate.True {
		line("show thoughts")
	}
	switch r.Format.Kind {
	case translate.FormatJSON:
		line("format json")
	case translate.FormatSchema:
		line("format %s", r.Format.Schema)
	}
	if r.Tier != "" {
		line("tier %s", r.Tier)
	}
	if r.Store != translate.Unset {
		line("store %t", r.Store == translate.True)
	}
	for _, x := range r.Extra {
		line("extra %s %s", x.Name, x.Value)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func describePart(p translate.Part) string {
	s := p.Kind.String()
	switch {
	case p.Call != nil:
		args, _ := p.Call.AppendObject(nil)
		s = fmt.Sprintf("call(%s %s %s)", p.Call.ID, p.Call.Name, args)
	case p.Result != nil:
		var parts []string
		for _, q := range p.Result.Parts {
			parts = append(parts, describePart(q))
		}
		word := "result"
		if p.Result.IsError {
			word = "failure"
		}
		s = fmt.Sprintf("%s(%s %s: %s)", word, p.Result.CallID, p.Result.Name, strings.Join(parts, ", "))
	case p.Media != nil:
		m := p.Media
		s += fmt.Sprintf("(%s %s%s%s)", m.MIME, m.Data, string(m.URL), string(m.Text))
	default:
		s += fmt.Sprintf("(%s)", p.Text)
	}
	if p.Signature != nil {
		s += fmt.Sprintf(" signed %s", p.Signature)
	}
	return s
}

// describeResponse renders an answer for comparison.
func describeResponse(r *translate.Response) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", r.ID, r.Model)
	for _, c := range r.Choices {
		var parts []string
		for _, p := range c.Parts {
			parts = append(parts, describePart(p))
			if p.Logprobs != nil {
				parts = append(parts, "logprobs"+string(p.Logprobs))
			}
		}
		fmt.Fprintf(&b, "%d stop %d: %s\n", c.Index, c.Stop, strings.Join(parts, " + "))
	}
	if r.Usage != nil {
		fmt.Fprintf(&b, "usage %+v\n", *r.Usage)
	}
	return strings.TrimSuffix(b.String(), "\n")
}
