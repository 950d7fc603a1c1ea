package chat

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

func encode(t *testing.T, r *translate.Request, target translate.Target) string {
	t.Helper()
	if target.Model == "" {
		target.Model = "up"
	}
	if target.Losses == nil {
		target.Losses = new(translate.Losses)
	}
	b, err := New().AppendRequest(nil, r, target)
	if err != nil {
		t.Fatalf("AppendRequest: %v", err)
	}
	if err := jsonlit.Check(b); err != nil {
		t.Fatalf("AppendRequest wrote %v:\n%s", err, b)
	}
	return string(b)
}

func TestEncodeSettings(t *testing.T) {
	tool := translate.Tool{Name: "f", Description: lit("d"), Schema: translate.Value(`{"type":"object"}`)}
	const fn = `"tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object"}}}]`
	tests := []struct {
		name     string
		r        translate.Request
		target   translate.Target
		want     string // behind messages
		warnings string
	}{
		{name: "nothing"},
		{name: "web search", r: translate.Request{Tools: []translate.Tool{{Kind: translate.HostedTool, Search: &translate.SearchTool{Context: "low", City: lit("Bern")}}, tool}},
			target: translate.Target{Capabilities: translate.Capabilities{SearchOptions: true}},
			want:   `,"web_search_options":{"search_context_size":"low","user_location":{"type":"approximate","approximate":{"city":"Bern"}}},` + fn},
		{name: "no web search", r: translate.Request{Tools: []translate.Tool{{Kind: translate.HostedTool, Search: &translate.SearchTool{}}}}, warnings: "dropped=web_search"},
		{name: "stream", r: translate.Request{Stream: true}, target: translate.Target{Stream: true},
			want: `,"stream":true,"stream_options":{"include_usage":true}`},
		{name: "only the target decides on the stream", r: translate.Request{Stream: true}},
		{name: "sampling", r: translate.Request{Temperature: translate.Value("0.70"), TopP: translate.Value("1"),
			FrequencyPenalty: translate.Value("1e0"), PresencePenalty: translate.Value("-1"), Seed: translate.Value("7"), N: 2},
			want: `,"temperature":0.70,"top_p":1,"frequency_penalty":1e0,"presence_penalty":-1,"seed":7,"n":2`},
		{name: "no sampling", r: translate.Request{Temperature: translate.Value("0.7"), TopP: translate.Value("1")},
			target: translate.Target{Capabilities: translate.Capabilities{NoSampling: true}}, warnings: "dropped=temperature,top_p"},
		{name: "stops", r: translate.Request{Stop: []translate.Value{lit("a"), lit("b"), lit("c"), lit("d"), lit("e")}},
			want: `,"stop":["a","b","c","d"]`, warnings: "approximated=stop"},
		{name: "limit", r: translate.Request{MaxOutput: translate.Value("9")}, want: `,"max_completion_tokens":9`},
		{name: "limit, old name", r: translate.Request{MaxOutput: translate.Value("9")},
			target: translate.Target{Capabilities: translate.Capabilities{MaxTokensField: true}}, want: `,"max_tokens":9`},
		{name: "logprobs", r: translate.Request{Logprobs: true, TopLogprobs: 3}, want: `,"logprobs":true,"top_logprobs":3`},
		{name: "json", r: translate.Request{Format: translate.Format{Kind: translate.FormatJSON}}, want: `,"response_format":{"type":"json_object"}`},
		{name: "schema without a name", r: translate.Request{Format: translate.Format{Kind: translate.FormatSchema, Schema: translate.Value(`{"type":"object"}`)}},
			want: `,"response_format":{"type":"json_schema","json_schema":{"name":"response","schema":{"type":"object"}}}`},
		{name: "schema", r: translate.Request{Format: translate.Format{Kind: translate.FormatSchema, Name: "a b", Description: lit("d"), Schema: translate.Value(`{}`), Strict: translate.True}},
			want: `,"response_format":{"type":"json_schema","json_schema":{"name":"a_b","description":"d","schema":{},"strict":true}}`},
		{name: "effort", r: translate.Request{Reasoning: translate.Reasoning{Mode: translate.ReasonEffort, Effort: "medium"}}, want: `,"reasoning_effort":"medium"`},
		{name: "more effort than servers know", r: translate.Request{Reasoning: translate.Reasoning{Mode: translate.ReasonEffort, Effort: "max"}},
			want: `,"reasoning_effort":"high"`, warnings: "approximated=reasoning"},
		{name: "an effort that the model knows", r: translate.Request{Reasoning: translate.Reasoning{Mode: translate.ReasonEffort, Effort: "xhigh"}},
			target: translate.Target{Capabilities: translate.Capabilities{Efforts: translate.EffortHigh | translate.EffortXHigh}}, want: `,"reasoning_effort":"xhigh"`},
		{name: "off where it cannot be", r: translate.Request{Reasoning: translate.Reasoning{Mode: translate.ReasonOff}},
			target: translate.Target{Capabilities: translate.Capabilities{NoThinkingOff: true}}, want: `,"reasoning_effort":"low"`, warnings: "approximated=reasoning"},
		{name: "less effort than servers know", r: translate.Request{Reasoning: translate.Reasoning{Mode: translate.ReasonEffort, Effort: "minimal"}},
			want: `,"reasoning_effort":"low"`, warnings: "approximated=reasoning"},
		{name: "no reasoning", r: translate.Request{Reasoning: translate.Reasoning{Mode: translate.ReasonOff}}, want: `,"reasoning_effort":"none"`},
		{name: "budget", r: translate.Request{Reasoning: translate.Reasoning{Mode: translate.ReasonBudget, Budget: 8000}}, want: `,"reasoning_effort":"medium"`},
		{name: "adaptive", r: translate.Request{Reasoning: translate.Reasoning{Mode: translate.ReasonAdaptive}}},
		{name: "a model that does not think", r: translate.Request{Reasoning: translate.Reasoning{Mode: translate.ReasonEffort, Effort: "low"}},
			target: translate.Target{Capabilities: translate.Capabilities{Thinking: translate.ThinkingNone}}, warnings: "dropped=reasoning"},
		{name: "a model that does not think, asked not to", r: translate.Request{Reasoning: translate.Reasoning{Mode: translate.ReasonOff}},
			target: translate.Target{Capabilities: translate.Capabilities{Thinking: translate.ThinkingNone}}},
		{name: "the rest", r: translate.Request{Verbosity: "low", User: lit("u"), CacheKey: lit("k"), Tier: "flex", Store: translate.True},
			want: `,"user":"u","verbosity":"low","prompt_cache_key":"k","service_tier":"flex","store":true`},
		{name: "what is the default anyway", r: translate.Request{Tier: "auto", Store: translate.False, N: 1}},
		{name: "long user", r: translate.Request{User: lit(strings.Repeat("x", 65))}, want: `,"user":"user_9537c5fdf120482f7d58d25e9ed583f5"`, warnings: "approximated=user"},
		{name: "tool choice without tools", r: translate.Request{Choice: translate.ToolChoice{Mode: translate.ChooseAuto}, Parallel: translate.False}},
		{name: "tools", r: translate.Request{Tools: []translate.Tool{tool}, Parallel: translate.False}, want: `,` + fn + `,"parallel_tool_calls":false`},
		{name: "strict tool without a schema", r: translate.Request{Tools: []translate.Tool{{Name: "g", Strict: translate.True}}},
			want: `,"tools":[{"type":"function","function":{"name":"g","parameters":{"type":"object","properties":{}},"strict":true}}]`},
		{name: "hosted tools alone", r: translate.Request{Tools: []translate.Tool{{Kind: translate.HostedTool, Name: "web_search"}}, Choice: translate.ToolChoice{Mode: translate.ChooseAuto}}},
		{name: "auto", r: translate.Request{Tools: []translate.Tool{tool}, Choice: translate.ToolChoice{Mode: translate.ChooseAuto}}, want: `,` + fn + `,"tool_choice":"auto"`},
		{name: "none", r: translate.Request{Tools: []translate.Tool{tool}, Choice: translate.ToolChoice{Mode: translate.ChooseNone}}, want: `,` + fn + `,"tool_choice":"none"`},
		{name: "any", r: translate.Request{Tools: []translate.Tool{tool}, Choice: translate.ToolChoice{Mode: translate.ChooseAny}}, want: `,` + fn + `,"tool_choice":"required"`},
		{name: "named", r: translate.Request{Tools: []translate.Tool{tool}, Choice: translate.ToolChoice{Mode: translate.ChooseNamed, Names: []string{"f"}}},
			want: `,` + fn + `,"tool_choice":{"type":"function","function":{"name":"f"}}`},
		{name: "forced, where the model refuses it", r: translate.Request{Tools: []translate.Tool{tool}, Choice: translate.ToolChoice{Mode: translate.ChooseAny}},
			target: translate.Target{Capabilities: translate.Capabilities{NoForcedTool: true}}, want: `,` + fn + `,"tool_choice":"auto"`, warnings: "approximated=tool_choice"},
		{name: "subset", r: translate.Request{Tools: []translate.Tool{tool}, Choice: translate.ToolChoice{Mode: translate.ChooseAny, Names: []string{"f"}}},
			want: `,` + fn + `,"tool_choice":"required"`, warnings: "approximated=tool_choice_subset"},
	}
	for _, test := range tests {
		test.r.Turns = []translate.Turn{{Parts: []translate.Part{text("hi")}}}
		test.target.Losses = new(translate.Losses)
		got := encode(t, &test.r, test.target)
		want := `{"model":"up","messages":[{"role":"user","content":"hi"}]` + test.want + `}`
		if got != want {
			t.Errorf("%s\n got %s\nwant %s", test.name, got, want)
		}
		if got := test.target.Losses.Warnings(); got != test.warnings {
			t.Errorf("%s: got warnings %q, want %q", test.name, got, test.warnings)
		}
	}
}

func TestEncodeMessages(t *testing.T) {
	media := func(kind translate.Kind, m translate.Media) translate.Part {
		return translate.Part{Kind: kind, Media: &m}
	}
	result := func(id string, isError bool, parts ...translate.Part) translate.Part {
		return translate.Part{Kind: translate.ToolResult, Result: &translate.Result{CallID: id, Name: "f", IsError: isError, Parts: parts}}
	}
	png := media(translate.Image, translate.Media{MIME: "image/png", Data: []byte("QUJD")})
	tests := []struct {
		name   string
		system []translate.Part
		role   translate.Role
		parts  []translate.Part
		want   string
	}{
		{name: "instructions", system: []translate.Part{text("a"), text("b\n")}, parts: []translate.Part{text("hi")},
			want: `{"role":"system","content":"a\n\nb\n"},{"role":"user","content":"hi"}`},
		{name: "later instructions", role: translate.SystemRole, parts: []translate.Part{text("now")}, want: `{"role":"system","content":"now"}`},
		{name: "several texts", parts: []translate.Part{text("a"), text("b")}, want: `{"role":"user","content":"a\n\nb"}`},
		{name: "text as it was written", parts: []translate.Part{{Text: translate.Value(`"\u00e9\/"`)}}, want: `{"role":"user","content":"\u00e9\/"}`},
		{name: "image", parts: []translate.Part{text("a"), png},
			want: `{"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"data:image/png;base64,QUJD"}}]}`},
		{name: "image by URL", parts: []translate.Part{media(translate.Image, translate.Media{URL: lit("https://x/y"), Detail: "high"})},
			want: `{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://x/y","detail":"high"}}]}`},
		{name: "details that servers do not know", parts: []translate.Part{media(translate.Image, translate.Media{URL: lit("https://x/y"), Detail: "original"}), media(translate.Image, translate.Media{URL: lit("https://x/y"), Detail: "ultra"})},
			want: `{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://x/y","detail":"high"}},{"type":"image_url","image_url":{"url":"https://x/y"}}]}`},
		{name: "audio", parts: []translate.Part{media(translate.Audio, translate.Media{MIME: "audio/mpeg", Data: []byte("QQ==")}), media(translate.Audio, translate.Media{MIME: "audio/x-wav", Data: []byte("QQ==")})},
			want: `{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"QQ==","format":"mp3"}},{"type":"input_audio","input_audio":{"data":"QQ==","format":"wav"}}]}`},
		{name: "files", parts: []translate.Part{
			media(translate.File, translate.Media{MIME: "application/pdf", Data: []byte("QQ=="), Name: lit("a.pdf")}),
			media(translate.File, translate.Media{Data: []byte("QQ==")}),
			media(translate.File, translate.Media{MIME: "text/csv", Data: []byte("QQ==")}),
			media(translate.File, translate.Media{FileID: lit("file-1")}),
			media(translate.File, translate.Media{Text: lit("plain"), Name: lit("n.txt")})},
			want: `{"role":"user","content":[{"type":"file","file":{"file_data":"data:application/pdf;base64,QQ==","filename":"a.pdf"}},` +
				`{"type":"file","file":{"file_data":"data:application/pdf;base64,QQ==","filename":"document.pdf"}},` +
				`{"type":"file","file":{"file_data":"data:text/csv;base64,QQ==","filename":"document"}},` +
				`{"type":"file","file":{"file_id":"file-1"}},{"type":"text","text":"n.txt:\n\nplain"}]}`},
		{name: "assistant", role: translate.AssistantRole, parts: []translate.Part{{Kind: translate.Thinking, Text: lit("hm")}, text("a"), {Kind: translate.Refusal, Text: lit("b")}},
			want: `{"role":"assistant","content":"ab"}`},
		{name: "calls", role: translate.AssistantRole, parts: []translate.Part{
			{Kind: translate.ToolCall, Call: &translate.Call{ID: "1", Name: "f", Arguments: translate.Arguments{Object: translate.Value(`{"a": "x"}`)}}},
			{Kind: translate.ToolCall, Call: &translate.Call{ID: "2", Name: "g", Arguments: translate.Arguments{Text: lit(`{"b":1}`)}}},
			{Kind: translate.ToolCall, Call: &translate.Call{ID: "3", Name: "h"}}},
			want: `{"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{\"a\": \"x\"}"}},` +
				`{"id":"2","type":"function","function":{"name":"g","arguments":"{\"b\":1}"}},{"id":"3","type":"function","function":{"name":"h","arguments":"{}"}}]}`},
		{name: "assistant with reasoning alone", role: translate.AssistantRole, parts: []translate.Part{{Kind: translate.Thinking, Text: lit("hm")}},
			want: `{"role":"assistant","content":""}`},
		{name: "results", parts: []translate.Part{result("1", false, text("a"), text("b")), result("2", true, text("boom")), result("3", false), text("go on")},
			want: `{"role":"tool","tool_call_id":"1","content":"a\nb"},{"role":"tool","tool_call_id":"2","content":"Error: boom"},{"role":"tool","tool_call_id":"3","content":""},{"role":"user","content":"go on"}`},
		{name: "results alone", parts: []translate.Part{result("1", false, text("a"))}, want: `{"role":"tool","tool_call_id":"1","content":"a"}`},
		{name: "results with media", parts: []translate.Part{result("1", false, text("a"), png), text("go on")},
			want: `{"role":"tool","tool_call_id":"1","content":"a\n[image attached below]"},{"role":"user","content":[{"type":"text","text":"From the result of the tool f (call 1):"},{"type":"image_url","image_url":{"url":"data:image/png;base64,QUJD"}},{"type":"text","text":"go on"}]}`},
		{name: "a document in a result", parts: []translate.Part{result("1", false, media(translate.File, translate.Media{Text: lit("plain")}))},
			want: `{"role":"tool","tool_call_id":"1","content":"plain"}`},
	}
	for _, test := range tests {
		r := &translate.Request{System: test.system, Turns: []translate.Turn{{Role: test.role, Parts: test.parts}}}
		got := encode(t, r, translate.Target{})
		if want := `{"model":"up","messages":[` + test.want + `]}`; got != want {
			t.Errorf("%s\n got %s\nwant %s", test.name, got, want)
		}
	}
}

// TestEncodeEchoesReasoning sends the reasoning before tool calls back where
// the model wants it, and no other.
func TestEncodeEchoesReasoning(t *testing.T) {
	think := func(s string) translate.Part { return translate.Part{Kind: translate.Thinking, Text: lit(s)} }
	call := translate.Part{Kind: translate.ToolCall, Call: &translate.Call{ID: "1", Name: "f", Arguments: translate.Arguments{Object: translate.Value(`{}`)}}}
	const calls = `"tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}}]}]}`
	for name, tc := range map[string]struct {
		echo  bool
		parts []translate.Part
		want  string
	}{
		"wanted":         {true, []translate.Part{think("a"), think("b"), call}, `{"role":"assistant","content":null,"reasoning_content":"a\n\nb",` + calls},
		"not wanted":     {false, []translate.Part{think("a"), call}, `{"role":"assistant","content":null,` + calls},
		"none there":     {true, []translate.Part{text("x"), call}, `{"role":"assistant","content":"x",` + calls},
		"before no call": {true, []translate.Part{think("a"), text("x")}, `{"role":"assistant","content":"x"}]}`},
	} {
		r := &translate.Request{Turns: []translate.Turn{{Role: translate.AssistantRole, Parts: tc.parts}}}
		got := encode(t, r, translate.Target{Capabilities: translate.Capabilities{EchoReasoning: tc.echo}, Losses: new(translate.Losses)})
		if want := `{"model":"up","messages":[` + tc.want; got != want {
			t.Errorf("%s\n got %s\nwant %s", name, got, want)
		}
	}
}

func TestEncodeRefuses(t *testing.T) {
	tests := []struct {
		name string
		kind translate.Kind
		m    translate.Media
	}{
		{"audio format", translate.Audio, translate.Media{MIME: "audio/flac", Data: []byte("QQ==")}},
		{"audio by URL", translate.Audio, translate.Media{URL: lit("https://x/y")}},
		{"video", translate.Video, translate.Media{Data: []byte("QQ==")}},
		{"file by URL", translate.File, translate.Media{URL: lit("https://x/y")}},
		{"image by id", translate.Image, translate.Media{FileID: lit("f")}},
	}
	for _, test := range tests {
		r := &translate.Request{Turns: []translate.Turn{{Parts: []translate.Part{{Kind: test.kind, Media: &test.m}}}}}
		_, err := New().AppendRequest(nil, r, translate.Target{Model: "m", Losses: new(translate.Losses)})
		var e *translate.Error
		if !errors.As(err, &e) || e.Kind != translate.InvalidRequest {
			t.Errorf("%s: got %v, want an invalid request", test.name, err)
		}
	}
}

// conversation is a request with everything that survives a round trip.
const conversation = `{"model":"m","messages":[{"role":"system","content":"be brief"},{"role":"user","content":"hi"},` +
	`{"role":"assistant","content":"look","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}},{"id":"c2","type":"function","function":{"name":"g","arguments":"{}"}}]},` +
	`{"role":"tool","tool_call_id":"c1","content":"one"},{"role":"tool","tool_call_id":"c2","content":"two"},` +
	`{"role":"user","content":[{"type":"text","text":"and"},{"type":"image_url","image_url":{"url":"data:image/png;base64,QUJD","detail":"low"}},{"type":"input_audio","input_audio":{"data":"QQ==","format":"wav"}},{"type":"file","file":{"file_data":"data:application/pdf;base64,QQ==","filename":"a.pdf"}}]},` +
	`{"role":"assistant","content":"done"},{"role":"system","content":"later"},{"role":"user","content":"bye"}],` +
	`"tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object"},"strict":true}},{"type":"function","function":{"name":"g","parameters":{"type":"object","properties":{}}}}],` +
	`"tool_choice":{"type":"function","function":{"name":"f"}},"parallel_tool_calls":false,"stream":true,"stream_options":{"include_usage":true},` +
	`"temperature":0.5,"top_p":0.9,"frequency_penalty":0.1,"presence_penalty":0.2,"seed":1,"stop":["x"],"n":2,"user":"u","max_completion_tokens":10,"logprobs":true,"top_logprobs":2,` +
	`"response_format":{"type":"json_schema","json_schema":{"name":"x","schema":{"type":"object"},"strict":true}},"reasoning_effort":"low","verbosity":"high","prompt_cache_key":"k","service_tier":"flex","store":true}`

func TestRoundTrip(t *testing.T) {
	first := decode(t, conversation)
	body := encode(t, first, translate.Target{Model: "m", Stream: true})
	if second := decode(t, body); !reflect.DeepEqual(first, second) {
		t.Errorf("decoding what was encoded\n got %+v\nwant %+v", second, first)
	}
	if body != conversation {
		t.Errorf("encoding\n got %s\nwant %s", body, conversation)
	}
}

func TestEncodeAppends(t *testing.T) {
	r := decode(t, conversation)
	target := translate.Target{Model: "m", Losses: new(translate.Losses)}
	plain, _ := New().AppendRequest(nil, r, target)
	got, _ := New().AppendRequest([]byte("head"), r, target)
	if want := append([]byte("head"), plain...); !bytes.Equal(got, want) {
		t.Errorf("got %s, want what stood before to stay", got)
	}
}

func TestEncodePrefixStable(t *testing.T) {
	whole := decode(t, conversation)
	messages := func(turns int) []string {
		r := *whole
		r.Turns = whole.Turns[:turns]
		var list []string
		for m := range jsonlit.Elements(jsonlit.Get([]byte(encode(t, &r, translate.Target{})), "messages")) {
			list = append(list, string(m))
		}
		return list
	}
	for k := range len(whole.Turns) {
		short, long := messages(k), messages(k+1)
		if len(short) > len(long) || !reflect.DeepEqual(short, long[:len(short)]) {
			t.Errorf("the messages of %d turns are no prefix of those of %d:\n%s\n%s", k, k+1, short, long)
		}
	}
}
