package gemini

import (
	"strings"

	"github.com/fairway-gateway/fairway/translate"
)

// thinking writes a genai.ThinkingConfig in the model's own terms. Thoughts are
// asked for where the client wants to see them, or asked for thinking and did
// not say.
func (e *requestEncoder) thinking() {
	r := &e.r.Reasoning
	if e.t.Capabilities.Thinking == translate.ThinkingNone {
		if r.Mode != translate.ReasonUnset && r.Mode != translate.ReasonOff && r.Effort != "none" {
			e.t.Losses.Note("reasoning", translate.Dropped)
		}
		return
	}
	t := plan(r, &e.t)
	if t.approximated {
		e.t.Losses.Note("reasoning", translate.Approximated)
	}
	if !t.budgeted && t.level == "" && !t.show {
		return
	}
	e.w.Key("thinkingConfig")
	e.w.Object()
	if t.budgeted {
		e.w.IntField("thinkingBudget", t.budget)
	}
	if t.level != "" {
		e.w.StringField("thinkingLevel", t.level)
	}
	if t.show {
		e.w.BoolField("includeThoughts", true)
	}
	e.w.EndObject()
}

type thinkingPlan struct {
	level        string
	budget       int64
	budgeted     bool
	show         bool
	approximated bool
}

// plan translates what the client asked for. Of a model of which nothing is
// known, the newer levels are used for an effort and a budget for a budget.
func plan(r *translate.Reasoning, t *translate.Target) (p thinkingPlan) {
	style := t.Capabilities.Thinking
	off := r.Mode == translate.ReasonOff || r.Mode == translate.ReasonEffort && r.Effort == "none"
	p.show = !off && (r.Show == translate.True || r.Show == translate.Unset && r.Mode != translate.ReasonUnset)
	switch {
	case r.Mode == translate.ReasonUnset:
	case off && style == translate.ThinkingLevel:
		p.level, _ = levelOfEffort("none", t)
		p.approximated = true
	case off && t.Capabilities.NoThinkingOff:
		p.budget, p.budgeted, p.approximated = 128, true, true
	case off:
		p.budgeted = true
	case r.Mode == translate.ReasonBudget && r.Budget < 0 && style == translate.ThinkingLevel:
		// As much as the model sees fit, which is what it does unasked.
	case r.Mode == translate.ReasonBudget && style == translate.ThinkingLevel:
		p.level, _ = levelOfEffort(effortOfBudget(r.Budget), t)
		p.approximated = true
	case r.Mode == translate.ReasonBudget:
		p.budget, p.budgeted = r.Budget, true
	case r.Effort == "" && style != translate.ThinkingBudget:
		// Thinking of the model's own choice is what these do unasked.
	case r.Effort == "":
		p.budget, p.budgeted = -1, true
	case style == translate.ThinkingBudget:
		p.budget, p.approximated = budgetOfEffort(r.Effort)
		p.budgeted = true
	default:
		p.level, p.approximated = levelOfEffort(r.Effort, t)
	}
	return p
}

// usualLevels are the levels that models with levels know (genai.ThinkingLevel);
// some know fewer.
const usualLevels = translate.EffortMinimal | translate.EffortLow | translate.EffortMedium | translate.EffortHigh

// levelOfEffort is the level that comes nearest to an effort.
func levelOfEffort(effort string, t *translate.Target) (level string, approximated bool) {
	if _, known := translate.ParseEffort(effort); !known {
		return "HIGH", true
	}
	word := t.Capabilities.Effort(effort, usualLevels)
	return strings.ToUpper(word), word != effort
}

func effortOfBudget(tokens int64) string {
	switch {
	case tokens < 1024:
		return "minimal"
	case tokens <= 4096:
		return "low"
	case tokens <= 12288:
		return "medium"
	}
	return "high"
}

// budgetOfEffort gives an effort in tokens; 24,576 is the most that every model
// with budgets takes.
func budgetOfEffort(effort string) (tokens int64, approximated bool) {
	switch effort {
	case "minimal":
		return 512, false
	case "low":
		return 1024, false
	case "medium":
		return 8192, false
	case "high":
		return 24576, false
	}
	return 24576, true
}
