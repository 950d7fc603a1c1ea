package chat

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

const hello = `"messages":[{"role":"user","content":"hi"}]`

func decode(t *testing.T, body string) *translate.Request {
	t.Helper()
	if err := jsonlit.Check([]byte(body)); err != nil {
		t.Fatalf("test body: %v\n%s", err, body)
	}
	r, err := New().DecodeRequest([]byte(body), translate.Hint{})
	if err != nil {
		t.Fatalf("DecodeRequest(%s): %v", body, err)
	}
	return r
}

func lit(s string) translate.Value { return jsonlit.Quote(s) }

func text(s string) translate.Part { return translate.Part{Kind: translate.Text, Text: lit(s)} }

func TestDecodeSettings(t *testing.T) {
	tests := []struct {
		member string
		set    func(*translate.Request)
	}{
		{`"stream":true`, func(r *translate.Request) { r.Stream = true }},
		{`"stream":true,"stream_options":{"include_usage":true}`, func(r *translate.Request) { r.Stream, r.Usage = true, true }},
		{`"stream_options":null`, func(r *translate.Request) {}},
		{`"temperature":0.70`, func(r *translate.Request) { r.Temperature = translate.Value("0.70") }},
		{`"top_p":1`, func(r *translate.Request) { r.TopP = translate.Value("1") }},
		{`"top_k":40`, func(r *translate.Request) { r.TopK = translate.Value("40") }},
		{`"frequency_penalty":-1.5,"presence_penalty":2e0`, func(r *translate.Request) {
			r.FrequencyPenalty, r.PresencePenalty = translate.Value("-1.5"), translate.Value("2e0")
		}},
		{`"seed":9007199254740993`, func(r *translate.Request) { r.Seed = translate.Value("9007199254740993") }},
		{`"stop":"END"`, func(r *translate.Request) { r.Stop = []translate.Value{lit("END")} }},
		{`"stop":["a","b","c","d","e"]`, func(r *translate.Request) {
			r.Stop = []translate.Value{lit("a"), lit("b"), lit("c"), lit("d"), lit("e")}
		}},
		{`"stop":null`, func(r *translate.Request) {}},
		{`"n":3`, func(r *translate.Request) { r.N = 3 }},
		{`"max_tokens":100`, func(r *translate.Request) { r.MaxOutput = translate.Value("100") }},
		{`"max_completion_tokens":200,"max_tokens":100`, func(r *translate.Request) { r.MaxOutput = translate.Value("200") }},
		{`"logprobs":true,"top_logprobs":5`, func(r *translate.Request) { r.Logprobs, r.TopLogprobs = true, 5 }},
		{`"reasoning_effort":"xhigh"`, func(r *translate.Request) {
			r.Reasoning = translate.Reasoning{Mode: translate.ReasonEffort, Effort: "xhigh"}
		}},
		{`"reasoning_effort":"none"`, func(r *translate.Request) {
			r.Reasoning = translate.Reasoning{Mode: translate.ReasonOff, Effort: "none"}
		}},
		{`"verbosity":"low"`, func(r *translate.Request) { r.Verbosity = "low" }},
		{`"user":"u1"`, func(r *translate.Request) { r.User = lit("u1") }},
		{`"user":"u1","safety_identifier":"s1"`, func(r *translate.Request) { r.User = lit("s1") }},
		{`"safety_identifier":"s1","user":"u1"`, func(r *translate.Request) { r.User = lit("s1") }},
		{`"prompt_cache_key":"k"`, func(r *translate.Request) { r.CacheKey = lit("k") }},
		{`"service_tier":"flex","store":true`, func(r *translate.Request) { r.Tier, r.Store = "flex", translate.True }},
		{`"parallel_tool_calls":false`, func(r *translate.Request) { r.Parallel = translate.False }},
		{`"response_format":{"type":"text"}`, func(r *translate.Request) {}},
		{`"response_format":{"type":"json_object"}`, func(r *translate.Request) { r.Format.Kind = translate.FormatJSON }},
		{`"response_format":{"type":"json_schema","json_schema":{"name":"x","description":"d","schema":{"type":"object"},"strict":true}}`, func(r *translate.Request) {
			r.Format = translate.Format{Kind: translate.FormatSchema, Name: "x", Description: lit("d"), Schema: translate.Value(`{"type":"object"}`), Strict: translate.True}
		}},
		{`"response_format":{"type":"json_schema","json_schema":{"name":"x"}}`, func(r *translate.Request) { r.Format.Kind = translate.FormatJSON }},
		{`"logit_bias":{"1":2},"metadata":{"a":"b"},"prediction":null`, func(r *translate.Request) {
			r.Extra = []translate.Field{{Name: "logit_bias", Value: translate.Value(`{"1":2}`)}, {Name: "metadata", Value: translate.Value(`{"a":"b"}`)}}
		}},
		{`"modalities":["text"]`, func(r *translate.Request) {}},
		{`"modalities":["text","audio"],"audio":{"voice":"x"}`, func(r *translate.Request) {
			r.Extra = []translate.Field{{Name: "modalities", Value: translate.Value(`["text","audio"]`)}, {Name: "audio_output", Value: translate.Value(`{"voice":"x"}`)}}
		}},
		{`"tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object"},"strict":false}}]`, func(r *translate.Request) {
			r.Tools = []translate.Tool{{Name: "f", Description: lit("d"), Schema: translate.Value(`{"type":"object"}`), Strict: translate.False}}
		}},
		{`"tools":[{"type":"function","function":{"name":"f","parameters":null},"cache_control":{"type":"ephemeral","ttl":"1h"}}]`, func(r *translate.Request) {
			r.Tools = []translate.Tool{{Name: "f", CacheTTL: "1h"}}
		}},
		{`"tools":[{"type":"custom","custom":{"name":"c","description":"d","format":{"type":"text"}}}]`, func(r *translate.Request) {
			r.Tools = []translate.Tool{{Kind: translate.CustomTool, Name: "c", Description: lit("d"),
				Raw: translate.Value(`{"type":"custom","custom":{"name":"c","description":"d","format":{"type":"text"}}}`)}}
		}},
		{`"tools":[{"type":"web_search"}]`, func(r *translate.Request) {
			r.Tools = []translate.Tool{{Kind: translate.HostedTool, Name: "web_search", Raw: translate.Value(`{"type":"web_search"}`)}}
		}},
		{`"functions":[{"name":"f","parameters":{}}],"function_call":{"name":"f"}`, func(r *translate.Request) {
			r.Tools, r.Functions, r.Parallel = []translate.Tool{{Name: "f", Schema: translate.Value(`{}`)}}, true, translate.False
			r.Choice = translate.ToolChoice{Mode: translate.ChooseNamed, Names: []string{"f"}}
		}},
		{`"web_search_options":{"search_context_size":"low","user_location":{"type":"approximate","approximate":{"city":"Bern","country":"CH"}}}`, func(r *translate.Request) {
			r.Tools = []translate.Tool{{Kind: translate.HostedTool, Name: "web_search", Search: &translate.SearchTool{Context: "low", City: lit("Bern"), Country: lit("CH")},
				Raw: translate.Value(`{"search_context_size":"low","user_location":{"type":"approximate","approximate":{"city":"Bern","country":"CH"}}}`)}}
		}},
		{`"function_call":"none"`, func(r *translate.Request) { r.Choice.Mode = translate.ChooseNone }},
		{`"tool_choice":"auto"`, func(r *translate.Request) { r.Choice.Mode = translate.ChooseAuto }},
		{`"tool_choice":"none"`, func(r *translate.Request) { r.Choice.Mode = translate.ChooseNone }},
		{`"tool_choice":"required"`, func(r *translate.Request) { r.Choice.Mode = translate.ChooseAny }},
		{`"tool_choice":"any"`, func(r *translate.Request) { r.Choice.Mode = translate.ChooseAny }},
		{`"tool_choice":{"type":"function","function":{"name":"f"}}`, func(r *translate.Request) {
			r.Choice = translate.ToolChoice{Mode: translate.ChooseNamed, Names: []string{"f"}}
		}},
		{`"tool_choice":{"type":"custom","custom":{"name":"c"}}`, func(r *translate.Request) {
			r.Choice = translate.ToolChoice{Mode: translate.ChooseNamed, Names: []string{"c"}}
		}},
		{`"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"function","function":{"name":"f"}},{"type":"custom","custom":{"name":"c"}}]}}`, func(r *translate.Request) {
			r.Choice = translate.ToolChoice{Mode: translate.ChooseAny, Names: []string{"f", "c"}}
		}},
	}
	for _, test := range tests {
		want := &translate.Request{Dialect: translate.Chat, Model: "m", Turns: []translate.Turn{{Parts: []translate.Part{text("hi")}}}}
		test.set(want)
		got := decode(t, `{"model":"m",`+hello+`,`+test.member+`}`)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s\n got %+v\nwant %+v", test.member, got, want)
		}
	}
}

func TestDecodeHint(t *testing.T) {
	got, err := New().DecodeRequest([]byte(`{`+hello+`}`), translate.Hint{Operation: translate.CountTokens, Model: "path", Stream: true})
	if err != nil || got.Model != "path" || !got.Stream || got.Operation != translate.CountTokens {
		t.Errorf("got %+v, %v; want the hint's model, stream and operation", got, err)
	}
}

func TestDecodeMessages(t *testing.T) {
	call := func(id, name, args string) translate.Part {
		return translate.Part{Kind: translate.ToolCall, Call: &translate.Call{ID: id, Name: name, Arguments: translate.Arguments{Text: lit(args)}}}
	}
	result := func(id, name, s string) translate.Part {
		return translate.Part{Kind: translate.ToolResult, Result: &translate.Result{CallID: id, Name: name, Parts: []translate.Part{text(s)}}}
	}
	user := func(parts ...translate.Part) translate.Turn {
		return translate.Turn{Role: translate.UserRole, Parts: parts}
	}
	model := func(parts ...translate.Part) translate.Turn {
		return translate.Turn{Role: translate.AssistantRole, Parts: parts}
	}
	media := func(kind translate.Kind, m translate.Media) translate.Part {
		return translate.Part{Kind: kind, Media: &m}
	}
	tests := []struct {
		name     string
		messages string
		system   []translate.Part
		turns    []translate.Turn
	}{
		{"leading instructions of both roles", `{"role":"system","content":"a"},{"role":"developer","content":[{"type":"text","text":"b"}]},{"role":"user","content":"hi"}`,
			[]translate.Part{text("a"), text("b")}, []translate.Turn{user(text("hi"))}},
		{"later instructions stay in their place", `{"role":"user","content":"hi"},{"role":"system","content":"now"}`,
			nil, []translate.Turn{user(text("hi")), {Role: translate.SystemRole, Parts: []translate.Part{text("now")}}}},
		{"assistant without anything", `{"role":"user","content":"hi"},{"role":"assistant","content":null}`,
			nil, []translate.Turn{user(text("hi")), model(text(""))}},
		{"refusal and parts", `{"role":"user","content":"hi"},{"role":"assistant","content":[{"type":"text","text":"a"},{"type":"refusal","refusal":"no"}],"refusal":"never"}`,
			nil, []translate.Turn{user(text("hi")), model(text("a"), translate.Part{Kind: translate.Refusal, Text: lit("no")}, translate.Part{Kind: translate.Refusal, Text: lit("never")})}},
		{"reasoning", `{"role":"user","content":"hi"},{"role":"assistant","reasoning_content":"hm","content":"a"},{"role":"user","content":"b"},{"role":"assistant","reasoning":"so","content":"c"}`,
			nil, []translate.Turn{user(text("hi")), model(translate.Part{Kind: translate.Thinking, Text: lit("hm")}, text("a")), user(text("b")), model(translate.Part{Kind: translate.Thinking, Text: lit("so")}, text("c"))}},
		{"calls and results, in the order of the calls", `{"role":"user","content":"hi"},{"role":"assistant","content":"","tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"2","function":{"name":"g","arguments":"{\"a\":1}"}}]},{"role":"tool","tool_call_id":"2","content":"two"},{"role":"tool","tool_call_id":"1","content":[{"type":"text","text":"one"}]},{"role":"user","content":"go on"}`,
			nil, []translate.Turn{user(text("hi")), model(call("1", "f", "{}"), call("2", "g", `{"a":1}`)), user(result("1", "f", "one"), result("2", "g", "two"), text("go on"))}},
		{"arguments as an object", `{"role":"user","content":"hi"},{"role":"assistant","tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":{"a":1}}}]}`,
			nil, []translate.Turn{user(text("hi")), model(translate.Part{Kind: translate.ToolCall, Call: &translate.Call{ID: "1", Name: "f", Arguments: translate.Arguments{Object: translate.Value(`{"a":1}`)}}})}},
		{"custom call", `{"role":"user","content":"hi"},{"role":"assistant","tool_calls":[{"id":"1","type":"custom","custom":{"name":"p","input":"free \"text\""}}]}`,
			nil, []translate.Turn{user(text("hi")), model(translate.Part{Kind: translate.ToolCall, Call: &translate.Call{ID: "1", Name: "p", Custom: true, Arguments: translate.Arguments{Text: lit(`free "text"`)}}})}},
		{"Google's signature", `{"role":"user","content":"hi"},{"role":"assistant","tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"},"extra_content":{"google":{"thought_signature":"sig"}}}]}`,
			nil, []translate.Turn{user(text("hi")), model(translate.Part{Kind: translate.ToolCall, Signature: lit("sig"), Call: &translate.Call{ID: "1", Name: "f", Arguments: translate.Arguments{Text: lit("{}")}}})}},
		{"legacy function call", `{"role":"user","content":"hi"},{"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"}},{"role":"function","name":"f","content":"r"}`,
			nil, []translate.Turn{user(text("hi")), model(call(translate.CallID(1, 0, "f"), "f", "{}")), user(result(translate.CallID(1, 0, "f"), "f", "r"))}},
		{"media", `{"role":"user","content":[{"type":"text","text":"see"},{"type":"image_url","image_url":{"url":"data:image/PNG;base64,QUJD","detail":"low"}},{"type":"image_url","image_url":{"url":"https://x/y.png"}},{"type":"image_url","image_url":"https://x/z.png"},{"type":"input_audio","input_audio":{"data":"QQ==","format":"mp3"}},{"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,QQ=="}},{"type":"file","file":{"file_id":"file-1"}},{"type":"file","file":{"filename":"a.txt","file_data":"QQ=="}},{"type":"video_url","video_url":{"url":"https://x/v.mp4"}}]}`,
			nil, []translate.Turn{user(text("see"),
				media(translate.Image, translate.Media{MIME: "image/png", Data: []byte("QUJD"), Detail: "low"}),
				media(translate.Image, translate.Media{URL: lit("https://x/y.png")}),
				media(translate.Image, translate.Media{URL: lit("https://x/z.png")}),
				media(translate.Audio, translate.Media{MIME: "audio/mpeg", Data: []byte("QQ==")}),
				media(translate.File, translate.Media{MIME: "application/pdf", Data: []byte("QQ=="), Name: lit("a.pdf")}),
				media(translate.File, translate.Media{FileID: lit("file-1")}),
				media(translate.File, translate.Media{MIME: "text/plain", Data: []byte("QQ=="), Name: lit("a.txt")}),
				media(translate.Video, translate.Media{URL: lit("https://x/v.mp4")}))}},
		{"escaped slashes", `{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image\/png;base64,A\/B="}}]}`,
			nil, []translate.Turn{user(media(translate.Image, translate.Media{MIME: "image/png", Data: []byte("A/B=")}))}},
		{"image in a tool message", `{"role":"user","content":"hi"},{"role":"assistant","tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"1","content":[{"type":"image_url","image_url":{"url":"https://x/y.png"}}]}`,
			nil, []translate.Turn{user(text("hi")), model(call("1", "f", "{}")), user(translate.Part{Kind: translate.ToolResult, Result: &translate.Result{CallID: "1", Name: "f", Parts: []translate.Part{media(translate.Image, translate.Media{URL: lit("https://x/y.png")})}}})}},
		{"cache breakpoints", `{"role":"user","content":[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}},{"type":"text","text":"b","prompt_cache_breakpoint":{"mode":"explicit","ttl":"12h"}},{"type":"text","text":"c","prompt_cache_breakpoint":{"mode":"explicit"}},{"type":"text","text":"d","cache_control":null}]}`,
			nil, []translate.Turn{user(
				translate.Part{Text: lit("a"), CacheTTL: "5m"}, translate.Part{Text: lit("b"), CacheTTL: "12h"},
				translate.Part{Text: lit("c"), CacheTTL: "30m"}, text("d"))}},
	}
	for _, test := range tests {
		got := decode(t, `{"model":"m","messages":[`+test.messages+`]}`)
		if !reflect.DeepEqual(got.System, test.system) {
			t.Errorf("%s: System\n got %s\nwant %s", test.name, show(got.System), show(test.system))
		}
		if !reflect.DeepEqual(got.Turns, test.turns) {
			t.Errorf("%s: Turns", test.name)
			for i := range max(len(got.Turns), len(test.turns)) {
				if i < len(got.Turns) {
					t.Logf(" got %d %d %s", i, got.Turns[i].Role, show(got.Turns[i].Parts))
				}
				if i < len(test.turns) {
					t.Logf("want %d %d %s", i, test.turns[i].Role, show(test.turns[i].Parts))
				}
			}
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	user := func(part string) string { return `{"model":"m","messages":[{"role":"user","content":[` + part + `]}]}` }
	with := func(member string) string { return `{"model":"m",` + hello + `,` + member + `}` }
	said := func(message string) string {
		return `{"model":"m","messages":[{"role":"user","content":"hi"},` + message + `]}`
	}
	tests := []struct{ body, param string }{
		{`[]`, ""},
		{`{` + hello + `}`, "model"},
		{`{"model":"",` + hello + `}`, "model"},
		{`{"model":1,` + hello + `}`, "model"},
		{`{"model":"m"}`, "messages"},
		{`{"model":"m","messages":null}`, "messages"},
		{`{"model":"m","messages":{}}`, "messages"},
		{`{"model":"m","messages":[]}`, "messages"},
		{`{"model":"m","messages":["hi"]}`, "messages[0]"},
		{`{"model":"m","messages":[{"content":"x"}]}`, "messages[0].role"},
		{`{"model":"m","messages":[{"role":"bot","content":"x"}]}`, "messages[0].role"},
		{`{"model":"m","messages":[{"role":"user"}]}`, "messages[0].content"},
		{`{"model":"m","messages":[{"role":"user","content":[]}]}`, "messages[0].content"},
		{`{"model":"m","messages":[{"role":"user","content":7}]}`, "messages[0].content"},
		{`{"model":"m","messages":[{"role":"system","content":null}]}`, "messages[0].content"},
		{`{"model":"m","messages":[{"role":"system","content":[{"type":"image_url","image_url":{"url":"x"}}]}]}`, "messages[0].content[0].type"},
		{user(`"x"`), "messages[0].content[0]"},
		{user(`{"text":"x"}`), "messages[0].content[0].type"},
		{user(`{"type":"hologram"}`), "messages[0].content[0].type"},
		{user(`{"type":"text","text":"a"},{"type":"text"}`), "messages[0].content[1].text"},
		{user(`{"type":"text","text":1}`), "messages[0].content[0].text"},
		{user(`{"type":"refusal","refusal":"x"}`), "messages[0].content[0].type"},
		{user(`{"type":"image_url"}`), "messages[0].content[0].image_url"},
		{user(`{"type":"image_url","image_url":{"url":""}}`), "messages[0].content[0].image_url.url"},
		{user(`{"type":"image_url","image_url":{"url":"data:image/png,abc"}}`), "messages[0].content[0].image_url.url"},
		{user(`{"type":"image_url","image_url":{"url":"data:image/png;base64"}}`), "messages[0].content[0].image_url.url"},
		{user(`{"type":"image_url","image_url":{"url":"data:image/png;base64,A\"}"}}`), "messages[0].content[0].image_url.url"},
		{user(`{"type":"input_audio","input_audio":{"data":"QQ=="}}`), "messages[0].content[0].input_audio.format"},
		{user(`{"type":"input_audio","input_audio":{"format":"wav"}}`), "messages[0].content[0].input_audio.data"},
		{user(`{"type":"file","file":{}}`), "messages[0].content[0].file"},
		{said(`{"role":"assistant","audio":{"id":"a"}}`), "messages[1].audio"},
		{said(`{"role":"assistant","content":"","refusal":1}`), "messages[1].refusal"},
		{said(`{"role":"assistant","tool_calls":{}}`), "messages[1].tool_calls"},
		{said(`{"role":"assistant","tool_calls":[1]}`), "messages[1].tool_calls[0]"},
		{said(`{"role":"assistant","tool_calls":[{"type":"function","function":{"name":"f"}}]}`), "messages[1].tool_calls[0].id"},
		{said(`{"role":"assistant","tool_calls":[{"id":"1","type":"magic"}]}`), "messages[1].tool_calls[0].type"},
		{said(`{"role":"assistant","tool_calls":[{"id":"1","type":"function"}]}`), "messages[1].tool_calls[0].function"},
		{said(`{"role":"assistant","tool_calls":[{"id":"1","type":"function","function":{}}]}`), "messages[1].tool_calls[0].function.name"},
		{said(`{"role":"assistant","tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":[]}}]}`), "messages[1].tool_calls[0].function.arguments"},
		{said(`{"role":"assistant","tool_calls":[{"id":"1","type":"custom"}]}`), "messages[1].tool_calls[0].custom"},
		{said(`{"role":"assistant","tool_calls":[{"id":"1","type":"custom","custom":{"input":"x"}}]}`), "messages[1].tool_calls[0].custom.name"},
		{said(`{"role":"tool","content":"x"}`), "messages[1].tool_call_id"},
		{said(`{"role":"tool","tool_call_id":"nobody","content":"x"}`), ""},
		{said(`{"role":"function","name":"f","content":"x"}`), "messages[1].name"},
		{with(`"stream":"yes"`), "stream"},
		{with(`"stream_options":true`), "stream_options"},
		{with(`"temperature":"hot"`), "temperature"},
		{with(`"seed":1.5`), "seed"},
		{with(`"stop":[1]`), "stop"},
		{with(`"stop":{}`), "stop"},
		{with(`"n":0`), "n"},
		{with(`"max_tokens":0`), "max_tokens"},
		{with(`"max_completion_tokens":"9"`), "max_completion_tokens"},
		{with(`"top_logprobs":21`), "top_logprobs"},
		{with(`"reasoning_effort":"extreme"`), "reasoning_effort"},
		{with(`"verbosity":"loud"`), "verbosity"},
		{with(`"user":7`), "user"},
		{with(`"response_format":"json"`), "response_format"},
		{with(`"response_format":{}`), "response_format.type"},
		{with(`"response_format":{"type":"xml"}`), "response_format.type"},
		{with(`"response_format":{"type":"json_schema"}`), "response_format.json_schema"},
		{with(`"response_format":{"type":"json_schema","json_schema":{"schema":[]}}`), "response_format.json_schema.schema"},
		{with(`"tools":{}`), "tools"},
		{with(`"tools":[{}]`), "tools[0].type"},
		{with(`"tools":[{"type":"function"}]`), "tools[0].function"},
		{with(`"tools":[{"type":"function","function":{}}]`), "tools[0].function.name"},
		{with(`"tools":[{"type":"function","function":{"name":"f","parameters":"x"}}]`), "tools[0].function.parameters"},
		{with(`"functions":[{}]`), "functions[0].name"},
		{with(`"tool_choice":"maybe"`), "tool_choice"},
		{with(`"tool_choice":7`), "tool_choice"},
		{with(`"tool_choice":{"type":"x"}`), "tool_choice.type"},
		{with(`"tool_choice":{"type":"function"}`), "tool_choice.function.name"},
		{with(`"tool_choice":{"type":"allowed_tools","allowed_tools":{"tools":[]}}`), "tool_choice.allowed_tools.tools"},
		{with(`"tool_choice":{"type":"allowed_tools","allowed_tools":{"tools":[{"type":"function"}]}}`), "tool_choice.allowed_tools.tools[0]"},
		{with(`"function_call":"always"`), "function_call"},
		{with(`"function_call":{}`), "function_call.name"},
	}
	for _, test := range tests {
		if err := jsonlit.Check([]byte(test.body)); err != nil {
			t.Fatalf("test body %s: %v", test.body, err)
		}
		_, err := New().DecodeRequest([]byte(test.body), translate.Hint{})
		var e *translate.Error
		if !errors.As(err, &e) || e.Kind != translate.InvalidRequest {
			t.Errorf("%s\n got %v, want an invalid request", test.body, err)
			continue
		}
		if e.Param != test.param {
			t.Errorf("%s\n got param %q (%s), want %q", test.body, e.Param, e.Message, test.param)
		}
		if strings.TrimSpace(e.Message) == "" {
			t.Errorf("%s: no message", test.body)
		}
	}
}
