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
		p.level, p.approximated = lowestLevel(t.Model), true
	case off && t.Capabilities.NoThinkingOff:
		p.budget, p.budgeted, p.approximated = 128, true, true
	case off:
		p.budgeted = true
	case r.Mode == translate.ReasonBudget && style == translate.ThinkingLevel:
		p.level, p.approximated = levelOfBudget(r.Budget, t.Model), true
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
		p.level, p.approximated = levelOfEffort(r.Effort, t.Model)
	}
	return p
}

// lowestLevel is the least that a model with levels can be told to think: the
// Pro models refuse MINIMAL.
func lowestLevel(model string) string {
	if strings.Contains(model, "pro") {
		return "LOW"
	}
	return "MINIMAL"
}

func levelOfEffort(effort, model string) (level string, approximated bool) {
	switch effort {
	case "minimal":
		level = lowestLevel(model)
		return level, level != "MINIMAL"
	case "low":
		return "LOW", false
	case "medium":
		return "MEDIUM", false
	case "high":
		return "HIGH", false
	}
	return "HIGH", true
}

func levelOfBudget(tokens int64, model string) string {
	switch {
	case tokens < 1024:
		return lowestLevel(model)
	case tokens <= 4096:
		return "LOW"
	case tokens <= 12288:
		return "MEDIUM"
	}
	return "HIGH"
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
