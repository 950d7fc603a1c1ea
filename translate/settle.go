package translate

import "github.com/fairway-gateway/fairway/translate/jsonlit"

// noResult is what stands for a tool result that the client did not send.
var noResult = Value(`"[no result]"`)

// Settle brings a decoded conversation into the one order that every dialect
// can express. Consecutive turns of a role become one. The results of an
// assistant turn's calls stand first in the user turn behind it, in the order
// of the calls, with the tool's name; a call that has none gets an error result
// that says so, unless the conversation ends with the call. A result without a
// call is an error of kind InvalidRequest.
//
// Settle looks at one turn and the one after it only, so that a longer
// conversation settles to an extension of the shorter one.
func Settle(r *Request) error {
	turns := make([]Turn, 0, len(r.Turns))
	for _, t := range r.Turns {
		if n := len(turns); n > 0 && turns[n-1].Role == t.Role && t.Role != SystemRole {
			last := &turns[n-1]
			last.Parts = append(last.Parts[:len(last.Parts):len(last.Parts)], t.Parts...)
			continue
		}
		turns = append(turns, t)
	}
	out := turns[:0:0]
	var waiting []*Call // calls of the last assistant turn
	for i := range turns {
		t := turns[i]
		switch t.Role {
		case SystemRole:
			// An instruction between calls and their results moves behind the
			// results: no dialect lets anything stand between the two.
			if waiting != nil && i+1 < len(turns) && turns[i+1].Role == UserRole && hasResults(turns[i+1]) {
				turns[i], turns[i+1] = turns[i+1], turns[i]
				user, err := answer(turns[i], waiting)
				if err != nil {
					return err
				}
				waiting = nil
				out = append(out, user)
				continue
			}
			if waiting != nil {
				user, _ := answer(Turn{Role: UserRole}, waiting)
				waiting = nil
				out = append(out, user)
			}
			out = append(out, t)
		case AssistantRole:
			if waiting != nil {
				user, _ := answer(Turn{Role: UserRole}, waiting)
				out = append(out, user)
			}
			waiting = calls(t)
			out = append(out, t)
		default:
			user, err := answer(t, waiting)
			if err != nil {
				return err
			}
			waiting = nil
			out = append(out, user)
		}
	}
	r.Turns = out
	return nil
}

func calls(t Turn) (list []*Call) {
	for i := range t.Parts {
		if t.Parts[i].Kind == ToolCall {
			list = append(list, t.Parts[i].Call)
		}
	}
	return list
}

func hasResults(t Turn) bool {
	for i := range t.Parts {
		if t.Parts[i].Kind == ToolResult {
			return true
		}
	}
	return false
}

// answer puts the results of calls first in a user turn.
func answer(t Turn, calls []*Call) (Turn, error) {
	if len(calls) == 0 && !hasResults(t) {
		return t, nil
	}
	parts := make([]Part, 0, len(t.Parts)+len(calls))
	used := make([]bool, len(t.Parts))
	for _, c := range calls {
		found := false
		for i, p := range t.Parts {
			if p.Kind != ToolResult || used[i] || p.Result.CallID != c.ID {
				continue
			}
			used[i], found = true, true
			if p.Result.Name == "" {
				named := *p.Result
				named.Name = c.Name
				p.Result = &named
			}
			parts = append(parts, p)
			break
		}
		if !found {
			parts = append(parts, Part{Kind: ToolResult, Result: &Result{
				CallID: c.ID, Name: c.Name, IsError: true, Parts: []Part{{Kind: Text, Text: noResult}},
			}})
		}
	}
	for i, p := range t.Parts {
		if used[i] {
			continue
		}
		if p.Kind == ToolResult && answers(p.Result, calls) {
			continue // said twice, as agents do that restore a session: the first one stands
		}
		if p.Kind == ToolResult {
			return t, BadRequest("", "the tool result for call %q has no matching tool call in the turn before it", clip(p.Result.CallID))
		}
		parts = append(parts, p)
	}
	t.Parts = parts
	return t, nil
}

func answers(r *Result, calls []*Call) bool {
	for _, c := range calls {
		if c.ID == r.CallID {
			return true
		}
	}
	return false
}

func clip(s string) string {
	if len(s) > 64 {
		return s[:64] + "…"
	}
	return s
}

// PlainText returns the concatenated text of parts as one string literal, the
// pieces joined by sep (a fragment that needs no escaping, or is escaped).
func PlainText(parts []Part, sep string) Value {
	out := Value{'"'}
	first := true
	for _, p := range parts {
		if p.Kind != Text {
			continue
		}
		if !first {
			out = append(out, sep...)
		}
		first = false
		out = append(out, jsonlit.Inner(p.Text)...)
	}
	return append(out, '"')
}
