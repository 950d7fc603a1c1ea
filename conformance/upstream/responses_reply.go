package upstream

import (
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

func responsesUsage(u Usage) object {
	return object{
		{"input_tokens", u.In}, {"input_tokens_details", object{{"cached_tokens", u.CacheRead}, {"cache_write_tokens", u.CacheWrite}}},
		{"output_tokens", u.Out}, {"output_tokens_details", object{{"reasoning_tokens", u.Reason}}}, {"total_tokens", u.In + u.Out},
	}
}

// responsesItems are the output items of a turn, complete.
func responsesItems(t turn) []object {
	out := []object{}
	for i, p := range t.Pieces {
		id := strconv.Itoa(t.n) + "_" + strconv.Itoa(i)
		switch p.Kind {
		case KindText:
			out = append(out, object{{"id", "msg_" + id}, {"type", "message"}, {"status", "completed"},
				{"content", []any{outputText(p.All())}}, {"role", "assistant"}})
		case KindThinking:
			out = append(out, object{{"id", "rs_" + id}, {"type", "reasoning"}, {"encrypted_content", orNull(p.Signature)},
				{"summary", summary(p)}})
		case KindCall:
			if p.Custom {
				out = append(out, object{{"id", "ctc_" + id}, {"type", "custom_tool_call"}, {"status", "completed"},
					{"call_id", p.ID}, {"name", p.Name}, {"input", p.All()}})
				continue
			}
			out = append(out, object{{"id", "fc_" + id}, {"type", "function_call"}, {"status", "completed"},
				{"arguments", p.All()}, {"call_id", p.ID}, {"name", p.Name}})
		}
	}
	return out
}

func outputText(s string) object {
	return object{{"type", "output_text"}, {"annotations", []any{}}, {"logprobs", []any{}}, {"text", s}}
}

func summary(p Piece) []any {
	if p.All() == "" {
		return []any{}
	}
	return []any{object{{"type", "summary_text"}, {"text", p.All()}}}
}

// responseObject is the response in a given state, echoing the request's parameters as the service does.
func responseObject(t turn, status string, output []object, usage any, failure any) object {
	echo := func(path string, otherwise any) any {
		if v := t.rec.Get(path); v.Exists() {
			return jsontext.Value(v.Raw)
		}
		return otherwise
	}
	var incomplete any
	if status == "incomplete" {
		reason := "max_output_tokens"
		if t.stop() == Filtered {
			reason = "content_filter"
		}
		incomplete = object{{"reason", reason}}
	}
	var completed any
	if status == "completed" {
		completed = created + 2
	}
	return object{
		{"id", t.id("resp_")}, {"object", "response"}, {"created_at", created}, {"status", status}, {"background", false},
		{"completed_at", completed}, {"error", failure}, {"incomplete_details", incomplete},
		{"instructions", echo("instructions", nil)}, {"max_output_tokens", echo("max_output_tokens", nil)}, {"max_tool_calls", nil},
		{"model", t.rec.Model}, {"output", output}, {"parallel_tool_calls", echo("parallel_tool_calls", true)},
		{"previous_response_id", nil}, {"prompt_cache_key", echo("prompt_cache_key", nil)},
		{"reasoning", object{{"effort", echo("reasoning.effort", nil)}, {"summary", echo("reasoning.summary", nil)}}},
		{"safety_identifier", nil}, {"service_tier", "default"}, {"store", echo("store", true)},
		{"temperature", echo("temperature", 1.0)},
		{"text", object{{"format", echo("text.format", object{{"type", "text"}})}, {"verbosity", "medium"}}},
		{"tool_choice", echo("tool_choice", "auto")}, {"tools", echo("tools", []any{})}, {"top_logprobs", 0},
		{"top_p", echo("top_p", 1.0)}, {"truncation", "disabled"}, {"usage", usage}, {"user", nil}, {"metadata", echo("metadata", object{})},
	}
}

func responsesStatus(s Stop) string {
	if s == Length || s == Filtered {
		return "incomplete"
	}
	return "completed"
}

func (responsesDialect) plain(t turn) []byte {
	return encode(responseObject(t, responsesStatus(t.stop()), responsesItems(t), responsesUsage(t.Usage), nil))
}
