package translate

import (
	"fmt"
	"slices"
	"strings"
)

// Action is what becomes of a field that a dialect may not be able to carry.
type Action uint8

// The actions.
const (
	Carried      Action = iota // the dialect has a place for it
	Silent                     // left out without a word: it changes nothing in the answer
	Approximated               // carried in the nearest form; named in the warnings
	Emulated                   // carried by other means
	Dropped                    // left out; named in the warnings, refused under strict
	Refused                    // the request is refused
)

func (a Action) String() string {
	return [...]string{"carried", "silent", "approximated", "emulated", "dropped", "refused"}[a]
}

// Row is one line of the loss table: a field of the neutral form, or a
// top-level member of a client's request that the neutral form does not model,
// and what becomes of it on the way to an upstream of each dialect.
type Row struct {
	Field                                          string
	Chat, Completions, Responses, Messages, Gemini Action
	Why                                            string
}

// To returns the row's action for a target.
func (r Row) To(target Name) Action {
	switch target {
	case Chat:
		return r.Chat
	case Completions:
		return r.Completions
	case Responses:
		return r.Responses
	case Messages:
		return r.Messages
	case Gemini:
		return r.Gemini
	}
	return Refused
}

// LossTable returns the table: every field that at least one dialect cannot
// carry whatever its value; ValueLosses has the others. What has no row is
// carried everywhere; a top-level member that the neutral form does not model
// and that has no row is dropped everywhere.
func LossTable() []Row {
	const (
		ok, si, ap, em, dr, re = Carried, Silent, Approximated, Emulated, Dropped, Refused
	)
	return []Row{
		// Field                     Chat Compl Resp Mess Gem
		{"top_k", dr, dr, dr, ok, ok, "OpenAI's dialects have no top_k"},
		{"frequency_penalty", ok, ok, dr, dr, ok, "no such parameter"},
		{"presence_penalty", ok, ok, dr, dr, ok, "no such parameter"},
		{"seed", ok, ok, dr, dr, ok, "no such parameter"},
		{"stop", ok, ok, dr, ok, ok, "Responses has no stop sequences"},
		{"n", ok, ok, re, re, ok, "the dialect gives one answer per request"},
		{"logprobs", ok, ok, ok, dr, ok, "Messages tells no probabilities"},
		{"temperature_range", ok, ok, ok, ap, ok, "Messages takes at most 1"},
		{"format_json", ok, dr, ok, dr, ok, "no mode for JSON without a schema"},
		{"format_schema", ok, dr, ok, ok, ok, "no structured output"},
		{"format_text_name", ok, si, ok, si, si, "schemas have no name there"},
		{"format_strict", ok, si, ok, si, si, "the schema always binds there"},
		{"verbosity", ok, dr, ok, dr, dr, "no such parameter"},
		{"reasoning", ok, dr, ok, ok, ok, "no reasoning controls"},
		{"parallel_tool_calls", ok, re, ok, ok, dr, "Gemini cannot limit the model to one call per turn"},
		{"tools", ok, re, ok, ok, ok, "legacy Completions has no tools"},
		{"tool_call", ok, re, ok, ok, ok, "legacy Completions has no tools"},
		{"tool_strict", ok, re, ok, ok, dr, "Gemini does not hold the model to a tool's schema"},
		{"custom_tool", em, re, ok, em, em, "as a function with one string, input"},
		{"hosted_tool", dr, re, dr, dr, dr, "run by the vendor whose dialect names it"},
		{"web_search", ok, dr, ok, ok, ok, "legacy Completions has no tools"},
		{"web_search_allowed", dr, si, ok, ok, dr, "the search cannot be kept to some sites there"},
		{"web_search_blocked", dr, si, dr, ok, dr, "the search cannot be kept from some sites there"},
		{"web_search_limit", dr, si, ap, ok, dr, "Responses counts the uses of all tools that it runs"},
		{"web_search_context", ok, si, ok, si, si, "how much of what it finds the model reads is not set there"},
		{"web_search_location", ok, si, ok, ok, dr, "Gemini takes a place by its coordinates only"},
		{"tool_search", em, re, em, em, em, "all tools are on offer at once"},
		{"tool_deferred", em, re, em, em, em, "all tools are on offer at once"},
		{"tool_choice_subset", ap, re, ok, ap, ok, "the whole set is offered, to keep the prompt's prefix"},
		{"prompts", em, ok, em, em, em, "each is asked in a request of its own"},
		{"echo", em, ok, em, em, em, "the gateway repeats the prompt"},
		{"message_name", ok, dr, dr, dr, dr, "who says a message has no name there"},
		{"user", ok, ok, ok, ok, si, "no place for an end-user id"},
		{"prompt_cache_key", ok, si, ok, si, si, "caching is by prefix; the key still steers the choice of account"},
		{"cache_breakpoint", ok, si, ok, ok, si, "caching is implicit"},
		{"service_tier", ok, dr, ok, dr, ok, "tiers differ by vendor"},
		{"store", ok, si, ok, si, si, "nothing is stored there"},
		{"image", ok, re, ok, ok, ok, "legacy Completions takes text only"},
		{"image_url", ok, re, ok, ok, ap, "Gemini fetches the file by its own rules"},
		{"image_detail", ok, re, ok, si, si, "no such setting"},
		{"image_file_id", re, re, ok, ok, re, "an uploaded file is known to its own vendor only"},
		{"audio", ok, re, re, re, ok, "no audio input"},
		{"audio_url", re, re, re, re, ok, "no audio by URL"},
		{"video", re, re, re, re, ok, "no video input"},
		{"video_url", re, re, re, re, ok, "no video input"},
		{"file", ok, re, ok, ok, ok, "legacy Completions takes text only"},
		{"file_url", re, re, ok, ok, ok, "Chat takes files by content or id"},
		{"file_id", ok, re, ok, ok, re, "an uploaded file is known to its own vendor only"},
		{"file_text", em, re, em, ok, ok, "as a text of the message"},
		{"file_name", ok, re, ok, ok, si, "files have no names there"},
		{"tool_result_media", em, re, ok, ok, ok, "in a user message behind the results: tool messages hold text"},
		{"tool_result_error", ap, re, ap, ok, ok, "said in the text: there is no error flag"},
		{"mid_system", ok, em, ok, ok, em, "as user text in <system> tags"},
		{"thinking_history", si, si, si, si, si, "goes back, state and all, to the account that made it; others get none"},
		{"citations", si, si, si, si, si, "sources of earlier answers are not sent again"},

		// Members that clients send and the neutral form does not model.
		{"previous_response_id", re, re, ok, re, re, "the conversation is stored with the vendor: send it whole"},
		{"conversation", re, re, ok, re, re, "the conversation is stored with the vendor: send it whole"},
		{"prompt", re, ok, ok, re, re, "the template is stored with the vendor"},
		{"background", re, re, ok, re, re, "answers in the background need the vendor's store"},
		{"cachedContent", re, re, re, re, ok, "the content is stored with the vendor"},
		{"container", dr, re, dr, ok, re, "a container belongs to its vendor"},
		{"modalities", ok, re, dr, dr, dr, "the answer is text"},
		{"audio_output", ok, re, re, re, re, "no spoken answers"},
		{"best_of", re, ok, re, re, re, "no sampling of several answers"},
		{"suffix", re, ok, re, re, re, "no insertion"},
		{"metadata", ok, dr, ok, dr, dr, "no place for it; Messages and Gemini mean something else by it"},
		{"stream_options", si, si, si, si, si, "answered by the gateway"},
		{"input.web_search_call", si, si, ok, si, si, "what the search found is told by the text behind it"},
		{"include", si, si, ok, si, si, "asks for what only Responses returns"},
		{"client_metadata", si, si, ok, si, si, "the client's own bookkeeping"},
		{"context_management", dr, dr, dr, ok, dr, "context editing is Anthropic's"},
		{"safetySettings", dr, dr, dr, dr, ok, "safety thresholds are Google's"},
		{"labels", dr, dr, dr, dr, ok, "no place for it"},
	}
}

// Losses collects what an encoder could not carry.
type Losses struct{ notes []note }

type note struct {
	field  string
	action Action
}

// Note records that a field was approximated, emulated or dropped. Each field
// is recorded once.
func (l *Losses) Note(field string, action Action) {
	if action <= Silent || slices.Contains(l.notes, note{field, action}) {
		return
	}
	l.notes = append(l.notes, note{field, action})
}

// Warnings renders the losses for a header: "dropped=top_k,seed;
// approximated=stop", at most 1 KiB with the count of what did not fit, ""
// when nothing was lost.
func (l *Losses) Warnings() string {
	var b strings.Builder
	left := 0
	for _, action := range []Action{Dropped, Approximated, Emulated} {
		first := true
		for _, n := range l.notes {
			if n.action != action {
				continue
			}
			if b.Len()+len(n.field) > 960 {
				left++
				continue
			}
			switch {
			case !first:
				b.WriteByte(',')
			case b.Len() > 0:
				b.WriteString("; " + action.String() + "=")
			default:
				b.WriteString(action.String() + "=")
			}
			first = false
			b.WriteString(headerSafe(n.field))
		}
	}
	if left > 0 {
		fmt.Fprintf(&b, "; more=%d", left)
	}
	return b.String()
}

// headerSafe keeps a client's own member names from breaking the header.
func headerSafe(s string) string {
	if len(s) > 64 {
		s = s[:64]
	}
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r >= 0x7f || strings.ContainsRune(`,;="`, r) {
			return '_'
		}
		return r
	}, s)
}

// Strict returns an error of kind InvalidRequest that names what was dropped,
// or nil: for clients that would rather fail than lose a field.
func (l *Losses) Strict() error {
	var names []string
	for _, n := range l.notes {
		if n.action == Dropped {
			names = append(names, n.field)
		}
	}
	if names == nil {
		return nil
	}
	return BadRequest(names[0], "the account chosen for this model cannot carry %s, and this gateway is set to strict", strings.Join(names, ", "))
}
