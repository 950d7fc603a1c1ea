package messages

import (
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// thinking is what is sent as thinking and output_config.effort.
type thinking struct {
	kind    string // "" for none, "adaptive", "enabled", "disabled", "between_tools"
	budget  int64
	display string
	effort  string
}

func (t *thinking) on() bool { return t.kind == "adaptive" || t.kind == "enabled" }

func (t *thinking) append(w *jsonlit.Writer) {
	if t.kind == "" {
		return
	}
	w.Key("thinking")
	w.Object()
	w.StringField("type", t.kind)
	if t.kind == "enabled" {
		w.IntField("budget_tokens", t.budget)
	}
	if t.display != "" && t.on() {
		w.StringField("display", t.display)
	}
	w.EndObject()
}

// minBudget is the least budget_tokens (ThinkingConfigEnabledParam).
const minBudget = 1024

// plan maps the client's reasoning settings to the terms of the model.
func (e *requestEncoder) plan() {
	r := e.r.Reasoning
	note := func(a translate.Action) { e.t.Losses.Note("reasoning", a) }
	off := r.Mode == translate.ReasonOff || r.Mode == translate.ReasonEffort && r.Effort == "none" ||
		r.Mode == translate.ReasonBudget && r.Budget == 0
	switch {
	case r.Mode == translate.ReasonUnset, off && e.caps.Thinking == translate.ThinkingNone:
		return
	case e.caps.Thinking == translate.ThinkingNone:
		note(translate.Dropped)
		return
	case off && e.caps.NoThinkingOff && e.caps.BetweenTools:
		e.thinking.kind = "between_tools"
		return
	case off && e.caps.NoThinkingOff:
		e.thinking.effort = "low"
		note(translate.Approximated)
		return
	case off:
		e.thinking.kind = "disabled"
		return
	}
	switch r.Show {
	case translate.True:
		e.thinking.display = "summarized"
	case translate.False:
		e.thinking.display = "omitted"
	}
	if e.caps.Thinking == translate.ThinkingAdaptive {
		e.adaptive(r)
	} else {
		e.enabled(r)
	}
	// Thinking goes neither with a forced call, nor with an answer that is
	// already begun, nor with a step in the middle of a tool loop whose thinking
	// is not there.
	if e.thinking.on() && (e.forced() || e.prefilled() || e.thinking.kind == "enabled" && e.midLoop()) {
		e.thinking = thinking{}
		if e.caps.Thinking == translate.ThinkingAdaptive && !e.caps.NoThinkingOff {
			e.thinking.kind = "disabled"
		}
		note(translate.Dropped)
	}
}

// usualEfforts are the words that every model with efforts knows (OutputConfig).
const usualEfforts = translate.EffortLow | translate.EffortMedium | translate.EffortHigh | translate.EffortMax

// adaptive sets the effort of models that decide for themselves.
func (e *requestEncoder) adaptive(r translate.Reasoning) {
	effort := r.Effort
	switch {
	case r.Mode == translate.ReasonBudget && r.Budget > 0:
		if effort == "" {
			effort = effortOf(r.Budget)
		}
		e.t.Losses.Note("reasoning", translate.Approximated)
	case effort == "minimal", effort == "none":
		effort = "low"
	}
	word := e.caps.Effort(effort, usualEfforts)
	if word != effort {
		e.t.Losses.Note("reasoning", translate.Approximated)
	}
	e.thinking.kind, e.thinking.effort = "adaptive", word
}

// enabled sets the budget of models that want one, below max_tokens: thinking
// counts as output.
func (e *requestEncoder) enabled(r translate.Reasoning) {
	budget := r.Budget
	if r.Mode != translate.ReasonBudget || budget < 0 {
		budget = budgetOf(r.Effort)
	}
	budget = max(budget, minBudget)
	if budget >= e.maxOutput {
		if e.r.MaxOutput == nil && (e.caps.MaxOutput == 0 || budget+minBudget <= e.caps.MaxOutput) {
			e.maxOutput = budget + unknownMaxOutput
			if e.caps.MaxOutput > 0 {
				e.maxOutput = min(e.maxOutput, e.caps.MaxOutput)
			}
		} else {
			budget = e.maxOutput / 4 * 3
			e.t.Losses.Note("reasoning", translate.Approximated)
		}
	}
	if budget < minBudget {
		e.t.Losses.Note("reasoning", translate.Dropped)
		return
	}
	// Models of this kind show their thinking always.
	e.thinking = thinking{kind: "enabled", budget: budget}
}

// budgetOf and effortOf are each other's inverse, to the nearest.
func budgetOf(effort string) int64 {
	switch effort {
	case "none", "minimal":
		return 1024
	case "low":
		return 2048
	case "high":
		return 16_384
	case "xhigh", "max":
		return 32_768
	}
	return 8192
}

func effortOf(budget int64) string {
	switch {
	case budget < (2048+8192)/2:
		return "low"
	case budget < (8192+16_384)/2:
		return "medium"
	case budget < (16_384+32_768)/2:
		return "high"
	}
	return "xhigh"
}

// prefilled reports whether the model shall go on with an answer of its own.
func (e *requestEncoder) prefilled() bool {
	n := len(e.r.Turns)
	return n > 0 && e.r.Turns[n-1].Role == translate.AssistantRole
}

// midLoop reports whether the conversation waits for the model's next step
// after tool results, while the step before them carries no thinking. The API
// then refuses thinking: enabled.
func (e *requestEncoder) midLoop() bool {
	turns := e.r.Turns
	n := len(turns)
	if n < 2 || turns[n-1].Role != translate.UserRole || turns[n-2].Role != translate.AssistantRole {
		return false
	}
	last, before := turns[n-1].Parts, turns[n-2].Parts
	if len(last) == 0 || last[0].Kind != translate.ToolResult || len(before) == 0 {
		return false
	}
	return !(before[0].Kind == translate.Thinking && e.keepsThinking(&before[0]))
}

// keepsThinking reports whether a thinking part of the history is sent: only
// what Anthropic signed.
func (e *requestEncoder) keepsThinking(p *translate.Part) bool {
	return (e.r.Dialect == translate.Messages || e.r.Restored) && len(jsonlit.Inner(p.Signature)) > 0
}
