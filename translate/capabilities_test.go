package translate

import "testing"

func TestFacts(t *testing.T) {
	assumed := Capabilities{MaxOutput: 100, NoSampling: true, Thinking: ThinkingNone, Efforts: EffortLow, NoPrefill: true}
	for name, tc := range map[string]struct {
		told Facts
		want func(*Capabilities)
	}{
		"nothing":          {Facts{}, func(*Capabilities) {}},
		"a limit":          {Facts{MaxOutput: 7}, func(c *Capabilities) { c.MaxOutput = 7 }},
		"no, not refused":  {Facts{NoSampling: False}, func(c *Capabilities) { c.NoSampling = false }},
		"refused":          {Facts{NoForcedTool: True, NoPrefill: True}, func(c *Capabilities) { c.NoForcedTool = true }},
		"a style":          {Facts{Thinking: ThinkingLevel, Thinks: True}, func(c *Capabilities) { c.Thinking = ThinkingLevel }},
		"thinks after all": {Facts{Thinks: True}, func(c *Capabilities) { c.Thinking = ThinkingUnknown }},
		"does not think":   {Facts{Thinks: False}, func(c *Capabilities) { c.Thinking = ThinkingNone }},
		"words":            {Facts{Efforts: EffortHigh | EffortMax}, func(c *Capabilities) { c.Efforts = EffortHigh | EffortMax }},
		"each of the flags": {Facts{NoThinkingOff: True, BetweenTools: True, MidSystem: True, MaxTokensField: True, EchoReasoning: True, Signatures: True},
			func(c *Capabilities) {
				c.NoThinkingOff, c.BetweenTools, c.MidSystem, c.MaxTokensField, c.EchoReasoning, c.Signatures = true, true, true, true, true, true
			}},
	} {
		want := assumed
		tc.want(&want)
		if got := assumed.With(tc.told); got != want {
			t.Errorf("%s:\n got %+v\nwant %+v", name, got, want)
		}
	}
	known := Capabilities{Thinking: ThinkingBudget}
	if got := known.With(Facts{Thinks: True}); got != known {
		t.Errorf("that a model thinks changed how: %+v", got)
	}
}

func TestNearestEffort(t *testing.T) {
	const usual = EffortLow | EffortMedium | EffortHigh
	for _, tc := range []struct {
		set        Efforts
		word, want string
	}{
		{usual, "medium", "medium"},
		{usual, "minimal", "low"},
		{usual, "none", "low"},
		{usual, "max", "high"},
		{usual | EffortNone, "none", "none"},
		{usual | EffortNone, "minimal", "low"}, // not off
		{EffortHigh, "low", "high"},
		{EffortMedium | EffortXHigh, "low", "medium"},
		{EffortMedium | EffortXHigh, "max", "xhigh"},
		{EffortMax, "none", "max"},
		{EffortNone, "high", "high"}, // nothing fits
		{0, "minimal", "minimal"},
		{usual, "", ""},
		{usual, "ultra", "ultra"},
	} {
		if got := tc.set.Nearest(tc.word); got != tc.want {
			t.Errorf("%08b.Nearest(%q) = %q, want %q", tc.set, tc.word, got, tc.want)
		}
	}
	c := Capabilities{NoThinkingOff: true}
	if got := c.Effort("none", usual|EffortNone); got != "low" {
		t.Errorf("off where it cannot be: %q, want low", got)
	}
}

func TestParseThinkingStyle(t *testing.T) {
	for word, want := range map[string]ThinkingStyle{
		"none": ThinkingNone, "budget": ThinkingBudget, "adaptive": ThinkingAdaptive, "level": ThinkingLevel, "": ThinkingUnknown, "x": ThinkingUnknown,
	} {
		if got, ok := ParseThinkingStyle(word); got != want || ok != (want != ThinkingUnknown) {
			t.Errorf("ParseThinkingStyle(%q) = %d, %v, want %d", word, got, ok, want)
		}
	}
}
