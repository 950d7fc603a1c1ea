package translate

import (
	"errors"
	"strings"
	"testing"
)

// TestEveryRowIsFound: for each row there is something that a client can say,
// and Inspect does with it what the row tells, for each target.
func TestEveryRowIsFound(t *testing.T) {
	one := Value("1")
	url, id := &Media{URL: Value(`"u"`)}, &Media{FileID: Value(`"f"`)}
	data := &Media{Data: []byte("AA")}
	part := func(p Part) Request { return Request{Turns: []Turn{{Parts: []Part{p}}}} }
	tool := func(tool Tool) Request { return Request{Tools: []Tool{tool}} }
	search := func(s SearchTool) Request { return tool(Tool{Kind: HostedTool, Name: "web_search", Search: &s}) }
	result := func(r Result) Request { return part(Part{Kind: ToolResult, Result: &r}) }
	format := func(f Format) Request { return Request{Format: f} }
	said := map[string]Request{
		"top_k": {TopK: one}, "frequency_penalty": {FrequencyPenalty: one}, "presence_penalty": {PresencePenalty: one}, "seed": {Seed: one},
		"stop": {Stop: []Value{one}}, "n": {N: 2}, "logprobs": {Logprobs: true}, "temperature_range": {Temperature: Value("1.5")},
		"format_json": format(Format{Kind: FormatJSON}), "format_schema": format(Format{Kind: FormatSchema}),
		"format_text_name": format(Format{Kind: FormatSchema, Name: "n"}), "format_strict": format(Format{Kind: FormatSchema, Strict: True}),
		"verbosity": {Verbosity: "low"}, "reasoning": {Reasoning: Reasoning{Mode: ReasonAdaptive}},
		"parallel_tool_calls": {Parallel: False, Tools: []Tool{{Kind: HostedTool, Name: "x"}}},
		"tools":               tool(Tool{}), "tool_strict": tool(Tool{Strict: True}), "tool_deferred": tool(Tool{Deferred: true}), "custom_tool": tool(Tool{Kind: CustomTool}),
		"hosted_tool": tool(Tool{Kind: HostedTool, Name: "x"}), "tool_search": tool(Tool{Kind: HostedTool, Name: "tool_search"}),
		"web_search": search(SearchTool{}), "web_search_allowed": search(SearchTool{Allowed: []Value{one}}), "web_search_blocked": search(SearchTool{Blocked: []Value{one}}),
		"web_search_limit": search(SearchTool{MaxUses: one}), "web_search_context": search(SearchTool{Context: "low"}), "web_search_location": search(SearchTool{City: one}),
		"tool_choice_subset": {Choice: ToolChoice{Mode: ChooseAny, Names: []string{"f"}}},
		"prompts":            {Prompts: []Value{one, one}}, "echo": {Echo: true}, "user": {User: one}, "prompt_cache_key": {CacheKey: one}, "service_tier": {Tier: "flex"}, "store": {Store: True},
		"cache_breakpoint": part(Part{CacheTTL: "5m"}), "citations": part(Part{Citations: []Citation{{}}}), "thinking_history": part(Part{Kind: Thinking}),
		"mid_system": {Turns: []Turn{{Role: SystemRole}}}, "tool_call": part(Part{Kind: ToolCall, Call: new(Call)}),
		"tool_result_error": result(Result{IsError: true}), "tool_result_media": result(Result{Parts: []Part{{Kind: Image, Media: data}}}),
		"image": part(Part{Kind: Image, Media: data}), "image_url": part(Part{Kind: Image, Media: url}), "image_file_id": part(Part{Kind: Image, Media: id}),
		"image_detail": part(Part{Kind: Image, Media: &Media{Data: data.Data, Detail: "low"}}),
		"audio":        part(Part{Kind: Audio, Media: data}), "audio_url": part(Part{Kind: Audio, Media: url}),
		"video": part(Part{Kind: Video, Media: data}), "video_url": part(Part{Kind: Video, Media: url}),
		"file": part(Part{Kind: File, Media: data}), "file_url": part(Part{Kind: File, Media: url}), "file_id": part(Part{Kind: File, Media: id}),
		"file_text": part(Part{Kind: File, Media: &Media{Text: Value(`"t"`)}}), "file_name": part(Part{Kind: File, Media: &Media{Data: data.Data, Name: Value(`"n"`)}}),
	}
	members := strings.Fields(`message_name previous_response_id conversation prompt background cachedContent container modalities audio_output
		best_of suffix metadata stream_options input.web_search_call include client_metadata context_management safetySettings labels`)
	for _, name := range members {
		said[name] = Request{Dialect: Chat, Extra: []Field{{name, one}}}
	}
	for _, r := range LossTable() {
		request, ok := said[r.Field]
		if !ok {
			t.Errorf("%s: this test does not know how a client says it", r.Field)
			continue
		}
		delete(said, r.Field)
		for _, target := range []Name{Chat, Completions, Responses, Messages, Gemini} {
			var losses Losses
			err := Inspect(&request, target, &losses)
			got := Carried
			for _, n := range losses.notes {
				if n.field == r.Field {
					got = n.action
				}
			}
			var e *Error
			if errors.As(err, &e) {
				got = Refused
			}
			want := r.To(target)
			if want == Silent {
				want = Carried
			}
			// What belongs to a larger whole is refused with it.
			if got != want && !(got == Refused && want != Refused && refusedAs(r.Field, target)) {
				t.Errorf("%s to %s: Inspect found it %s, the table says %s", r.Field, target, got, r.To(target))
			}
		}
	}
	for name := range said {
		t.Errorf("%s has no row any more", name)
	}
}

// refusedAs reports whether a field is a part of another one that is refused.
func refusedAs(field string, target Name) bool {
	whole := map[string]string{"image_detail": "image", "file_name": "file", "file_text": "file", "tool_strict": "tools", "tool_deferred": "tools",
		"tool_result_media": "image", "parallel_tool_calls": "tools"}[field]
	for _, r := range LossTable() {
		if r.Field == whole {
			return r.To(target) == Refused
		}
	}
	return false
}
