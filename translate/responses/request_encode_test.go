package responses

import (
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

func encodeRequest(t testing.TB, r *translate.Request, target translate.Target) (string, string) {
	t.Helper()
	if target.Losses == nil {
		target.Losses = &translate.Losses{}
	}
	if target.Model == "" {
		target.Model = "gpt"
	}
	out, err := New().AppendRequest(nil, r, target)
	if err != nil {
		t.Fatal(err)
	}
	if !jsonlit.Valid(out) {
		t.Fatalf("got invalid JSON %s", out)
	}
	return string(out), target.Losses.Warnings()
}

func textPart(s string) translate.Part {
	return translate.Part{Kind: translate.Text, Text: jsonlit.Quote(s)}
}

func says(role translate.Role, parts ...translate.Part) translate.Turn {
	return translate.Turn{Role: role, Parts: parts}
}

func media(kind translate.Kind, m translate.Media) translate.Part {
	return translate.Part{Kind: kind, Media: &m}
}

func toolResult(id string, failed bool, parts ...translate.Part) translate.Part {
	return translate.Part{Kind: translate.ToolResult, Result: &translate.Result{CallID: id, IsError: failed, Parts: parts}}
}

func toolCall(c translate.Call) translate.Part {
	return translate.Part{Kind: translate.ToolCall, Call: &c}
}

func TestEncodeConversation(t *testing.T) {
	type T = translate.Turn
	object := func(s string) translate.Arguments { return translate.Arguments{Object: value(s)} }
	str := func(s string) translate.Arguments { return translate.Arguments{Text: jsonlit.Quote(s)} }
	tests := []struct {
		name   string
		system []translate.Part
		turns  []T
		want   string // from instructions on
	}{
		{"text", nil, []T{says(translate.UserRole, textPart("hi"))},
			`"input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"hi"}]}]`},
		{"one instruction", []translate.Part{textPart("be")}, []T{says(translate.UserRole, textPart("hi"))},
			`"instructions":"be","input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"hi"}]}]`},
		{"several instructions", []translate.Part{textPart("a"), textPart("b")}, []T{says(translate.UserRole, textPart("hi"))},
			`"input":[{"type":"message","role":"developer","content":[{"type":"input_text","text":"a"},{"type":"input_text","text":"b"}]},{"type":"message","role":"user","content":[{"type":"input_text","text":"hi"}]}]`},
		{"an instruction on the way", nil, []T{says(translate.UserRole, textPart("a")), says(translate.SystemRole, textPart("b"))},
			`"input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"a"}]},{"type":"message","role":"developer","content":[{"type":"input_text","text":"b"}]}]`},
		{"an assistant that thinks, speaks and calls", nil, []T{says(translate.AssistantRole,
			translate.Part{Kind: translate.Thinking, Text: value(`"hm"`), Signature: value(`"s"`)}, textPart(""), textPart("x"), translate.Part{Kind: translate.Refusal, Text: value(`"no"`)},
			toolCall(translate.Call{ID: "a", Name: "f", Arguments: object(`{"k": "v"}`)}),
			toolCall(translate.Call{ID: "b", Name: "g", Namespace: "ns", Arguments: str(`{"k":1}`)}),
			textPart("y"),
			toolCall(translate.Call{ID: "c", Name: "p", Custom: true, Arguments: str("free \"text\"")}),
			toolCall(translate.Call{ID: "d", Name: "f"}),
			toolCall(translate.Call{ID: "e", Name: "p", Custom: true}))},
			`"input":[{"type":"message","role":"assistant","content":[{"type":"output_text","text":"x"},{"type":"refusal","refusal":"no"}]},` +
				`{"type":"function_call","call_id":"a","name":"f","arguments":"{\"k\": \"v\"}"},` +
				`{"type":"function_call","call_id":"b","namespace":"ns","name":"g","arguments":"{\"k\":1}"},` +
				`{"type":"message","role":"assistant","content":[{"type":"output_text","text":"y"}]},` +
				`{"type":"custom_tool_call","call_id":"c","name":"p","input":"free \"text\""},` +
				`{"type":"function_call","call_id":"d","name":"f","arguments":"{}"},` +
				`{"type":"custom_tool_call","call_id":"e","name":"p","input":""}]`},
		{"an assistant without a word", nil, []T{says(translate.AssistantRole, textPart(""))}, `"input":[]`},
		{"a user's empty text", nil, []T{says(translate.UserRole, textPart(""))},
			`"input":[{"type":"message","role":"user","content":[{"type":"input_text","text":""}]}]`},
		{"results", nil, []T{
			says(translate.AssistantRole, toolCall(translate.Call{ID: "a", Name: "f"}), toolCall(translate.Call{ID: "b", Name: "p", Custom: true, Arguments: str("x")})),
			says(translate.UserRole, toolResult("a", false, textPart("ok")), toolResult("b", true, textPart("bad")), textPart("on"))},
			`"input":[{"type":"function_call","call_id":"a","name":"f","arguments":"{}"},{"type":"custom_tool_call","call_id":"b","name":"p","input":"x"},` +
				`{"type":"function_call_output","call_id":"a","output":"ok"},{"type":"custom_tool_call_output","call_id":"b","output":"Error: bad"},` +
				`{"type":"message","role":"user","content":[{"type":"input_text","text":"on"}]}]`},
		{"results of other shapes", nil, []T{says(translate.UserRole,
			toolResult("a", false), toolResult("b", true), toolResult("c", true, textPart("error: x")),
			toolResult("d", false, textPart("1"), textPart("2")),
			toolResult("e", true, media(translate.Image, translate.Media{MIME: "image/png", Data: []byte("iVBO")})),
			toolResult("f", true, textPart("bad"), textPart("worse")))},
			`"input":[{"type":"function_call_output","call_id":"a","output":""},{"type":"function_call_output","call_id":"b","output":"Error: "},` +
				`{"type":"function_call_output","call_id":"c","output":"error: x"},` +
				`{"type":"function_call_output","call_id":"d","output":[{"type":"input_text","text":"1"},{"type":"input_text","text":"2"}]},` +
				`{"type":"function_call_output","call_id":"e","output":[{"type":"input_text","text":"Error: "},{"type":"input_image","image_url":"data:image/png;base64,iVBO","detail":"auto"}]},` +
				`{"type":"function_call_output","call_id":"f","output":[{"type":"input_text","text":"Error: "},{"type":"input_text","text":"bad"},{"type":"input_text","text":"worse"}]}]`},
		{"media", nil, []T{says(translate.UserRole,
			media(translate.Image, translate.Media{MIME: "image/webp", Data: []byte("AA")}),
			media(translate.Image, translate.Media{Data: []byte("AA"), Detail: "high"}),
			media(translate.Image, translate.Media{URL: value(`"https://a.example/x"`)}),
			media(translate.File, translate.Media{MIME: "application/pdf", Data: []byte("JV"), Name: value(`"a.pdf"`)}),
			media(translate.File, translate.Media{MIME: "text/csv", Data: []byte("JV")}),
			media(translate.File, translate.Media{URL: value(`"https://a.example/x.pdf"`)}),
			media(translate.File, translate.Media{Text: value(`"plain"`), Name: value(`"n"`)}),
			media(translate.File, translate.Media{Text: value(`"plain"`)}))},
			`"input":[{"type":"message","role":"user","content":[` +
				`{"type":"input_image","image_url":"data:image/webp;base64,AA","detail":"auto"},` +
				`{"type":"input_image","image_url":"data:image/png;base64,AA","detail":"high"},` +
				`{"type":"input_image","image_url":"https://a.example/x","detail":"auto"},` +
				`{"type":"input_file","filename":"a.pdf","file_data":"data:application/pdf;base64,JV"},` +
				`{"type":"input_file","filename":"document.csv","file_data":"data:text/csv;base64,JV"},` +
				`{"type":"input_file","file_url":"https://a.example/x.pdf"},` +
				`{"type":"input_text","text":"n\n\nplain"},{"type":"input_text","text":"plain"}]}]`},
		{"an assistant's image", nil, []T{says(translate.AssistantRole, media(translate.Image, translate.Media{Data: []byte("AA")}))},
			`"input":[{"type":"message","role":"assistant","content":[{"type":"output_text","text":"[image]"}]}]`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, _ := encodeRequest(t, &translate.Request{Dialect: translate.Messages, System: tt.system, Turns: tt.turns}, translate.Target{})
			if want := `{"model":"gpt",` + tt.want + `,"store":false}`; got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestEncodeSettings(t *testing.T) {
	type R = translate.Request
	fn := translate.Tool{Name: "f", Schema: value(`{"type":"object","properties":{"a":{}}}`)}
	reasoner := translate.Capabilities{NoSampling: true}
	mute := translate.Capabilities{Thinking: translate.ThinkingNone}
	long := jsonlit.Quote(strings.Repeat("u", 65))
	tests := []struct {
		name     string
		r        R
		caps     translate.Capabilities
		stream   bool
		want     string // between input and store
		warnings string
	}{
		{"nothing", R{}, translate.Capabilities{}, false, ``, ``},
		{"sampling", R{Temperature: value("0.30"), TopP: value("0.9"), TopK: value("5")}, translate.Capabilities{}, false, `"temperature":0.30,"top_p":0.9,`, ``},
		{"sampling on a reasoning model", R{Temperature: value("0.30"), TopP: value("0.9")}, reasoner, false, ``, `dropped=temperature,top_p`},
		{"sampling without reasoning", R{Temperature: value("0.30"), Reasoning: translate.Reasoning{Mode: translate.ReasonEffort, Effort: "none"}}, reasoner, false,
			`"reasoning":{"effort":"none"},"temperature":0.30,`, ``},
		{"max output", R{MaxOutput: value("100")}, translate.Capabilities{}, false, `"max_output_tokens":100,`, ``},
		{"too little output", R{MaxOutput: value("1")}, translate.Capabilities{}, false, `"max_output_tokens":16,`, `approximated=max_output_tokens`},
		{"too much output", R{MaxOutput: value("9000")}, translate.Capabilities{MaxOutput: 4096}, false, `"max_output_tokens":4096,`, `approximated=max_output_tokens`},
		{"logprobs", R{Logprobs: true, TopLogprobs: 3}, translate.Capabilities{}, false, `"include":["message.output_text.logprobs"],"top_logprobs":3,`, ``},
		{"stop is left out", R{Stop: []translate.Value{value(`"x"`)}, Seed: value("1")}, translate.Capabilities{}, false, ``, ``},
		{"ids", R{User: value(`"u"`), CacheKey: value(`"k"`)}, translate.Capabilities{}, false, `"safety_identifier":"u","prompt_cache_key":"k",`, ``},
		{"a long id", R{User: long}, translate.Capabilities{}, false, `"safety_identifier":"` + sha65u + `",`, `approximated=user`},
		{"tier", R{Tier: "flex"}, translate.Capabilities{}, false, `"service_tier":"flex",`, ``},
		{"another's default tier", R{Tier: "standard_only"}, translate.Capabilities{}, false, `"service_tier":"default",`, ``},
		{"effort", R{Reasoning: translate.Reasoning{Mode: translate.ReasonEffort, Effort: "high"}}, reasoner, false, `"reasoning":{"effort":"high"},`, ``},
		{"effort and thoughts", R{Reasoning: translate.Reasoning{Mode: translate.ReasonAdaptive, Effort: "max", Show: translate.True}}, reasoner, false, `"reasoning":{"effort":"max","summary":"auto"},`, ``},
		{"adaptive", R{Reasoning: translate.Reasoning{Mode: translate.ReasonAdaptive}}, reasoner, false, ``, ``},
		{"thoughts not wanted", R{Reasoning: translate.Reasoning{Mode: translate.ReasonAdaptive, Show: translate.False, Summary: "auto"}}, reasoner, false, ``, ``},
		{"budget low", R{Reasoning: translate.Reasoning{Mode: translate.ReasonBudget, Budget: 1024}}, reasoner, false, `"reasoning":{"effort":"low"},`, `approximated=reasoning`},
		{"budget medium", R{Reasoning: translate.Reasoning{Mode: translate.ReasonBudget, Budget: 8192}}, reasoner, false, `"reasoning":{"effort":"medium"},`, `approximated=reasoning`},
		{"budget high", R{Reasoning: translate.Reasoning{Mode: translate.ReasonBudget, Budget: 31999}}, reasoner, false, `"reasoning":{"effort":"high"},`, `approximated=reasoning`},
		{"budget zero", R{Reasoning: translate.Reasoning{Mode: translate.ReasonBudget}}, reasoner, false, `"reasoning":{"effort":"none"},`, ``},
		{"budget dynamic", R{Reasoning: translate.Reasoning{Mode: translate.ReasonBudget, Budget: -1}}, reasoner, false, ``, ``},
		{"off", R{Reasoning: translate.Reasoning{Mode: translate.ReasonOff, Show: translate.True}}, reasoner, false, `"reasoning":{"effort":"none"},`, ``},
		{"off and hot where it cannot be", R{Temperature: value("0.3"), Reasoning: translate.Reasoning{Mode: translate.ReasonOff}},
			translate.Capabilities{NoThinkingOff: true, NoSampling: true, Efforts: translate.EffortMinimal | translate.EffortLow}, false, `"reasoning":{"effort":"minimal"},"include":["reasoning.encrypted_content"],`, `dropped=temperature; approximated=reasoning`},
		{"less than it knows", R{Reasoning: translate.Reasoning{Mode: translate.ReasonEffort, Effort: "minimal"}}, translate.Capabilities{}, false, `"reasoning":{"effort":"low"},`, `approximated=reasoning`},
		{"off where it cannot be", R{Reasoning: translate.Reasoning{Mode: translate.ReasonOff}}, translate.Capabilities{NoThinkingOff: true}, false, `"reasoning":{"effort":"low"},`, `approximated=reasoning`},
		{"effort of a model that has none", R{Reasoning: translate.Reasoning{Mode: translate.ReasonEffort, Effort: "high", Show: translate.True}}, mute, false, ``, `dropped=reasoning`},
		{"off of a model that has none", R{Reasoning: translate.Reasoning{Mode: translate.ReasonOff}}, mute, false, ``, ``},
		{"json", R{Format: translate.Format{Kind: translate.FormatJSON}}, translate.Capabilities{}, false, `"text":{"format":{"type":"json_object"}},`, ``},
		{"schema", R{Dialect: translate.Chat, Format: translate.Format{Kind: translate.FormatSchema, Schema: value(`{"type":"object"}`), Description: value(`"d"`)}, Verbosity: "low"}, translate.Capabilities{}, false,
			`"text":{"format":{"type":"json_schema","name":"response","description":"d","schema":{"type":"object"},"strict":false},"verbosity":"low"},`, ``},
		{"strict schema", R{Dialect: translate.Chat, Format: translate.Format{Kind: translate.FormatSchema, Name: "n", Schema: value(`{"type":"object"}`), Strict: translate.True}}, translate.Capabilities{}, false,
			`"text":{"format":{"type":"json_schema","name":"n","schema":{"type":"object"},"strict":true}},`, ``},
		{"a schema that another vendor holds to, and OpenAI can", R{Dialect: translate.Messages, Format: translate.Format{Kind: translate.FormatSchema,
			Schema: value(`{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}`)}}, translate.Capabilities{}, false,
			`"text":{"format":{"type":"json_schema","name":"response","schema":{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false},"strict":true}},`, ``},
		{"a schema that another vendor holds to, and OpenAI cannot", R{Dialect: translate.Gemini, Format: translate.Format{Kind: translate.FormatSchema, Schema: value(`{"type":"object"}`)}}, translate.Capabilities{}, false,
			`"text":{"format":{"type":"json_schema","name":"response","schema":{"type":"object"},"strict":false}},`, `approximated=format_schema`},
		{"tools", R{Tools: []translate.Tool{fn, {Name: "g", Description: value(`"d"`), Strict: translate.True}}, Parallel: translate.False, Choice: translate.ToolChoice{Mode: translate.ChooseAny}}, translate.Capabilities{}, false,
			`"tools":[{"type":"function","name":"f","parameters":{"type":"object","properties":{"a":{}}},"strict":false},{"type":"function","name":"g","description":"d","parameters":{"type":"object","properties":{}},"strict":true}],"tool_choice":"required","parallel_tool_calls":false,`, ``},
		{"choice without tools", R{Parallel: translate.False, Choice: translate.ToolChoice{Mode: translate.ChooseAny}}, translate.Capabilities{}, false, ``, ``},
		{"choice of a tool", R{Tools: []translate.Tool{fn}, Choice: translate.ToolChoice{Mode: translate.ChooseNamed, Names: []string{"f"}}}, translate.Capabilities{}, false,
			`"tools":[{"type":"function","name":"f","parameters":{"type":"object","properties":{"a":{}}},"strict":false}],"tool_choice":{"type":"function","name":"f"},`, ``},
		{"choice among some", R{Tools: []translate.Tool{fn, {Kind: translate.CustomTool, Name: "p"}}, Choice: translate.ToolChoice{Mode: translate.ChooseAuto, Names: []string{"f", "p"}}}, translate.Capabilities{}, false,
			`"tools":[{"type":"function","name":"f","parameters":{"type":"object","properties":{"a":{}}},"strict":false},{"type":"custom","name":"p"}],"tool_choice":{"type":"allowed_tools","mode":"auto","tools":[{"type":"function","name":"f"},{"type":"custom","name":"p"}]},`, ``},
		{"a custom tool of Chat", R{Dialect: translate.Chat, Tools: []translate.Tool{{Kind: translate.CustomTool, Name: "p", Description: value(`"d"`),
			Raw: value(`{"type":"custom","custom":{"name":"p","format":{"type":"grammar","grammar":{"syntax":"lark","definition":"start: x"}}}}`)}}}, translate.Capabilities{}, false,
			`"tools":[{"type":"custom","name":"p","description":"d","format":{"type":"grammar","syntax":"lark","definition":"start: x"}}],`, ``},
		{"another vendor's own tool", R{Dialect: translate.Messages, Tools: []translate.Tool{{Kind: translate.HostedTool, Name: "web_search_20250305", Raw: value(`{"type":"web_search_20250305"}`)}}, Choice: translate.ToolChoice{Mode: translate.ChooseAuto}}, translate.Capabilities{}, false, ``, ``},
		{"another vendor's search", R{Dialect: translate.Messages, Tools: []translate.Tool{{Kind: translate.HostedTool, Name: "web_search_20250305", Raw: value(`{}`),
			Search: &translate.SearchTool{Allowed: []value{value(`"a.example"`)}, City: value(`"Bern"`), MaxUses: value("2")}}}, Choice: translate.ToolChoice{Mode: translate.ChooseAny}}, translate.Capabilities{}, false,
			`"tools":[{"type":"web_search","filters":{"allowed_domains":["a.example"]},"user_location":{"type":"approximate","city":"Bern"}}],"max_tool_calls":2,"tool_choice":"required",`, ``},
		{"a tool that OpenAI runs", R{Dialect: translate.Responses, Tools: []translate.Tool{{Kind: translate.HostedTool, Name: "web_search", Raw: value(`{"type":"web_search"}`)}},
			Extra: []translate.Field{{Name: "tool_choice", Value: value(`{"type":"web_search"}`)}}}, translate.Capabilities{}, false, `"tools":[{"type":"web_search"}],"tool_choice":{"type":"web_search"},`, ``},
		{"stored", R{Store: translate.True}, translate.Capabilities{}, false, ``, ``},
		{"metadata of Chat", R{Dialect: translate.Chat, Extra: []translate.Field{{Name: "metadata", Value: value(`{"a":"b"}`)}, {Name: "prompt", Value: value(`"x"`)}}}, translate.Capabilities{}, false, `"metadata":{"a":"b"},`, ``},
		{"metadata of Messages", R{Dialect: translate.Messages, Extra: []translate.Field{{Name: "metadata", Value: value(`{"user_id":"b"}`)}}}, translate.Capabilities{}, false, ``, ``},
		{"own members", R{Dialect: translate.Responses, Logprobs: true, Extra: []translate.Field{{Name: "previous_response_id", Value: value(`"r"`)}, {Name: "include", Value: value(`["x"]`)}, {Name: "other", Value: value(`1`)}}}, translate.Capabilities{}, false,
			`"include":["x"],"previous_response_id":"r",`, ``},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := tt.r
			r.Turns = []translate.Turn{says(translate.UserRole, textPart("hi"))}
			losses := &translate.Losses{}
			got, warnings := encodeRequest(t, &r, translate.Target{Capabilities: tt.caps, Stream: tt.stream, Losses: losses})
			store := "false"
			if r.Store == translate.True {
				store = "true"
			}
			want := `{"model":"gpt","input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"hi"}]}],` + tt.want + `"store":` + store + `}`
			if got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			if warnings != tt.warnings {
				t.Errorf("got warnings %q, want %q", warnings, tt.warnings)
			}
		})
	}
}

// sha65u is the SHA-256 of 65 letters u.
const sha65u = "f20e249d15fa4b9f44ba21d154f62e1efa76ddfdce5d25139a33a4787cee5a8b"

func TestEncodeStreamAndCount(t *testing.T) {
	r := &translate.Request{Turns: []translate.Turn{says(translate.UserRole, textPart("hi"))}, Temperature: value("1"), MaxOutput: value("20"),
		Tools: []translate.Tool{{Name: "f"}}, Reasoning: translate.Reasoning{Mode: translate.ReasonEffort, Effort: "low"}}
	got, _ := encodeRequest(t, r, translate.Target{Stream: true})
	if want := `"store":false,"stream":true}`; !strings.HasSuffix(got, want) {
		t.Errorf("got %s, want suffix %s", got, want)
	}
	r.Operation = translate.CountTokens
	got, _ = encodeRequest(t, r, translate.Target{Stream: true})
	want := `{"model":"gpt","input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"hi"}]}],"tools":[{"type":"function","name":"f","parameters":{"type":"object","properties":{}},"strict":false}],"reasoning":{"effort":"low"}}`
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestEncodeParameters(t *testing.T) {
	tests := []struct{ schema, want string }{
		{``, `{"type":"object","properties":{}}`},
		{`{}`, `{"type":"object","properties":{}}`},
		{`{ }`, `{"type":"object","properties":{}}`},
		{`{"type":"object"}`, `{"properties":{},"type":"object"}`},
		{`{"properties":{"a":{}}}`, `{"type":"object","properties":{"a":{}}}`},
		{`{"description":"x"}`, `{"type":"object","properties":{},"description":"x"}`},
		{`{"type":"object","properties":{ "a" : 1e2 }}`, `{"type":"object","properties":{ "a" : 1e2 }}`},
		{`{"type":["object","null"]}`, `{"type":["object","null"]}`},
	}
	for _, tt := range tests {
		w := jsonlit.NewWriter(nil)
		appendParameters(&w, value(tt.schema))
		if got := string(w.Bytes()); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.schema, got, tt.want)
		}
	}
}

func TestEncodeRefuses(t *testing.T) {
	tests := []struct {
		name string
		part translate.Part
	}{
		{"audio", media(translate.Audio, translate.Media{MIME: "audio/wav", Data: []byte("AA")})},
		{"video", media(translate.Video, translate.Media{Data: []byte("AA")})},
		{"another vendor's file", media(translate.File, translate.Media{FileID: value(`"file_1"`)})},
		{"another vendor's image", media(translate.Image, translate.Media{FileID: value(`"file_1"`)})},
		{"in a result", toolResult("c", false, textPart("x"), media(translate.Video, translate.Media{}))},
	}
	for _, tt := range tests {
		_, err := New().AppendRequest(nil, &translate.Request{Dialect: translate.Messages, Turns: []translate.Turn{says(translate.UserRole, tt.part)}},
			translate.Target{Model: "m", Losses: &translate.Losses{}})
		if e := asError(t, err); e.Kind != translate.InvalidRequest || e.Param == "" {
			t.Errorf("%s: got kind %d, param %q", tt.name, e.Kind, e.Param)
		}
	}
	r := &translate.Request{Dialect: translate.Chat, Turns: []translate.Turn{says(translate.UserRole,
		media(translate.File, translate.Media{FileID: value(`"file_1"`)}), media(translate.Image, translate.Media{FileID: value(`"file_2"`)}))}}
	got, _ := encodeRequest(t, r, translate.Target{})
	if want := `{"type":"input_file","file_id":"file_1"},{"type":"input_image","file_id":"file_2","detail":"auto"}`; !strings.Contains(got, want) {
		t.Errorf("got %s, want %s in it", got, want)
	}
}
