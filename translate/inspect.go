package translate

import (
	"strings"

	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// Inspect finds what r holds that target cannot carry, by the loss table:
// what is dropped, approximated or emulated is noted in losses, what is refused
// is returned as an error of kind InvalidRequest.
func Inspect(r *Request, target Name, losses *Losses) error {
	in := inspection{client: r.Dialect, target: target, table: LossTable(), losses: losses}
	in.settings(r)
	for _, f := range r.Extra {
		in.member(f)
	}
	for i := range r.System {
		in.part(&r.System[i])
	}
	for i := range r.Turns {
		t := &r.Turns[i]
		in.has(t.Role == SystemRole, "mid_system", "")
		for j := range t.Parts {
			in.part(&t.Parts[j])
			if t.Parts[j].Kind == Thinking {
				in.has(true, "thinking_history", "")
			}
		}
	}
	return in.err
}

type inspection struct {
	client Name // in whose terms members are named
	target Name
	table  []Row
	losses *Losses
	err    error
}

func (in *inspection) row(field string) (Row, bool) {
	for _, r := range in.table {
		if r.Field == field {
			return r, true
		}
	}
	return Row{}, false
}

// has consults the table for a field that is present; param is the member that
// holds it, in Chat's terms, field when empty.
func (in *inspection) has(present bool, field, param string) {
	if !present || in.err != nil {
		return
	}
	row, ok := in.row(field)
	if !ok {
		return
	}
	if param == "" {
		param = field
	}
	if action := row.To(in.target); action == Refused {
		in.err = BadRequest(ownName(in.client, param), "the account chosen for this model speaks the %s protocol, which cannot carry it: %s", in.target, row.Why)
	} else {
		in.losses.Note(field, action)
	}
}

// member judges a top-level member that the neutral form does not model.
func (in *inspection) member(f Field) {
	if jsonlit.Null(f.Value) {
		return
	}
	if f.Name == "metadata" && in.client != Chat && in.client != Responses {
		in.losses.Note(f.Name, Dropped)
		return
	}
	if _, ok := in.row(f.Name); ok {
		in.has(!isFalse(f.Value), f.Name, f.Name)
		return
	}
	in.losses.Note(f.Name, Dropped)
}

// ownName is what a dialect's clients call a member that Chat's clients call
// param, of those that some dialect refuses.
func ownName(client Name, param string) string {
	type member struct {
		client Name
		param  string
	}
	switch (member{client, param}) {
	case member{Responses, "messages"}:
		return "input"
	case member{Completions, "messages"}:
		return "prompt"
	case member{Gemini, "messages"}:
		return "contents"
	case member{Gemini, "n"}:
		return "generationConfig.candidateCount"
	case member{Gemini, "tool_choice"}:
		return "toolConfig.functionCallingConfig"
	case member{Messages, "parallel_tool_calls"}:
		return "tool_choice.disable_parallel_tool_use"
	}
	return param
}

func isFalse(v Value) bool { return v.Kind() == 'f' }

func (in *inspection) settings(r *Request) {
	in.has(len(r.TopK) > 0, "top_k", "")
	in.has(nonZero(r.FrequencyPenalty), "frequency_penalty", "")
	in.has(nonZero(r.PresencePenalty), "presence_penalty", "")
	in.has(len(r.Seed) > 0, "seed", "")
	in.has(len(r.Stop) > 0, "stop", "")
	in.has(r.N > 1, "n", "")
	in.has(r.Logprobs, "logprobs", "")
	if t, ok := jsonlit.Float(r.Temperature); ok {
		in.has(t > 1, "temperature_range", "temperature")
	}
	in.has(r.Format.Kind == FormatJSON, "format_json", "")
	in.has(r.Format.Kind == FormatSchema, "format_schema", "")
	in.has(r.Format.Kind == FormatSchema && r.Format.Strict != Unset, "format_strict", "")
	in.has(r.Format.Kind == FormatSchema && r.Format.Name != "", "format_text_name", "")
	in.has(r.Verbosity != "", "verbosity", "")
	in.has(r.Reasoning.Mode != ReasonUnset && r.Reasoning.Effort != "none", "reasoning", "")
	in.has(r.Parallel == False && len(r.Tools) > 0 && !r.Functions, "parallel_tool_calls", "")
	for i := range r.Tools {
		switch r.Tools[i].Kind {
		case CustomTool:
			in.has(true, "custom_tool", "tools")
		case HostedTool:
			in.hosted(&r.Tools[i], r.Dialect)
		default:
			in.has(true, "tools", "")
			in.has(r.Tools[i].Strict == True, "tool_strict", "tools")
			in.has(r.Tools[i].Deferred, "tool_deferred", "tools")
		}
	}
	in.has(len(r.Choice.Names) > 0 && r.Choice.Mode != ChooseNamed, "tool_choice_subset", "tool_choice")
	in.has(len(r.Prompts) > 1, "prompts", "prompt")
	in.has(r.Echo, "echo", "")
	in.has(len(r.User) > 0, "user", "")
	in.has(len(r.CacheKey) > 0, "prompt_cache_key", "")
	in.has(r.Tier != "" && r.Tier != "auto" && r.Tier != "default" && r.Tier != "standard", "service_tier", "")
	in.has(r.Store == True, "store", "")
}

// hosted judges a tool that the vendor runs.
func (in *inspection) hosted(t *Tool, from Name) {
	switch s := t.Search; {
	case from == in.target:
	case s != nil:
		in.has(true, "web_search", "tools")
		in.has(len(s.Allowed) > 0, "web_search_allowed", "tools")
		in.has(len(s.Blocked) > 0, "web_search_blocked", "tools")
		in.has(len(s.MaxUses) > 0, "web_search_limit", "tools")
		in.has(s.Context != "" && s.Context != "medium", "web_search_context", "tools")
		in.has(len(s.City)+len(s.Region)+len(s.Country)+len(s.Timezone) > 0, "web_search_location", "tools")
	case strings.HasPrefix(t.Name, "tool_search"):
		in.has(true, "tool_search", "tools")
	default:
		in.has(true, "hosted_tool", "tools")
	}
}

func nonZero(v Value) bool {
	f, ok := jsonlit.Float(v)
	return ok && f != 0
}

func (in *inspection) part(p *Part) {
	in.has(p.CacheTTL != "", "cache_breakpoint", "")
	in.has(len(p.Citations) > 0, "citations", "")
	switch p.Kind {
	case ToolCall:
		in.has(true, "tool_call", "messages")
	case ToolResult:
		in.has(p.Result.IsError, "tool_result_error", "")
		for i := range p.Result.Parts {
			in.has(p.Result.Parts[i].Media != nil, "tool_result_media", "")
			in.part(&p.Result.Parts[i])
		}
	case Image, Audio, Video, File:
		m := p.Media
		name := p.Kind.String()
		switch {
		case len(m.FileID) > 0 && p.Kind == Image:
			in.has(true, "image_file_id", "messages")
		case len(m.FileID) > 0:
			in.has(true, "file_id", "messages")
		case len(m.URL) > 0:
			in.has(true, name+"_url", "messages")
		default:
			in.has(true, name, "messages")
		}
		in.has(m.Detail != "" && m.Detail != "auto", "image_detail", "")
		in.has(p.Kind == File && len(m.Name) > 2, "file_name", "")
		in.has(p.Kind == File && len(m.Text) > 0, "file_text", "messages")
	}
}
