package messages

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/fairway-gateway/fairway/translate"
)

type (
	value  = translate.Value
	part   = translate.Part
	turn   = translate.Turn
	media  = translate.Media
	call   = translate.Call
	result = translate.Result
)

func lit(s string) value { return value(s) }

func text(s string) part { return part{Kind: translate.Text, Text: lit(`"` + s + `"`)} }

// show renders what is not zero of a value, for messages of tests.
func show(v any) string {
	b, err := json.Marshal(v, json.OmitZeroStructFields(true), json.Deterministic(true))
	if err != nil {
		return err.Error()
	}
	return string(b)
}

func decode(t *testing.T, body string) *translate.Request {
	t.Helper()
	r, err := New().DecodeRequest([]byte(body), translate.Hint{})
	if err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	return r
}

// TestDecodeMembers decodes one member besides those that are required.
func TestDecodeMembers(t *testing.T) {
	schema := lit(`{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}`)
	loose := lit(`{"type":"object","properties":{"a":{"type":"string"}}}`)
	for body, want := range map[string]func(*translate.Request){
		`"stream":true`:  func(r *translate.Request) { r.Stream = true },
		`"stream":false`: func(*translate.Request) {},
		`"stream":null`:  func(*translate.Request) {},
		`"temperature":0.10,"top_p":0.9,"top_k":40`: func(r *translate.Request) {
			r.Temperature, r.TopP, r.TopK = lit("0.10"), lit("0.9"), lit("40")
		},
		`"stop_sequences":["a","\n"]`: func(r *translate.Request) { r.Stop = []value{lit(`"a"`), lit(`"\n"`)} },
		`"system":"Be brief."`:        func(r *translate.Request) { r.System = []part{text("Be brief.")} },
		`"system":""`:                 func(*translate.Request) {},
		`"system":[{"type":"text","text":"A"},{"type":"text","text":""},{"type":"text","text":"B","cache_control":{"type":"ephemeral","ttl":"1h"}}]`: func(r *translate.Request) {
			b := text("B")
			b.CacheTTL = "1h"
			r.System = []part{text("A"), b}
		},
		`"metadata":{"user_id":"{\"device\":1}"}`: func(r *translate.Request) { r.User = lit(`"{\"device\":1}"`) },
		`"metadata":{"user_id":null}`:             func(*translate.Request) {},
		`"service_tier":"auto"`:                   func(r *translate.Request) { r.Tier = "auto" },
		`"service_tier":"standard_only"`:          func(r *translate.Request) { r.Tier = "default" },
		`"context_management":{"edits":[]},"betas":["x"]`: func(r *translate.Request) {
			r.Extra = []translate.Field{{Name: "context_management", Value: lit(`{"edits":[]}`)}, {Name: "betas", Value: lit(`["x"]`)}}
		},
		`"thinking":{"type":"enabled","budget_tokens":4000}`: func(r *translate.Request) {
			r.Reasoning = translate.Reasoning{Mode: translate.ReasonBudget, Budget: 4000, Show: translate.True}
		},
		`"thinking":{"type":"adaptive","display":"omitted"}`: func(r *translate.Request) {
			r.Reasoning = translate.Reasoning{Mode: translate.ReasonAdaptive, Show: translate.False}
		},
		`"thinking":{"type":"adaptive"},"output_config":{"effort":"xhigh"}`: func(r *translate.Request) {
			r.Reasoning = translate.Reasoning{Mode: translate.ReasonAdaptive, Effort: "xhigh", Show: translate.True}
		},
		`"output_config":{"effort":"low"}`: func(r *translate.Request) {
			r.Reasoning = translate.Reasoning{Mode: translate.ReasonEffort, Effort: "low"}
		},
		`"output_config":{"effort":"low"},"thinking":{"type":"disabled"}`: func(r *translate.Request) {
			r.Reasoning = translate.Reasoning{Mode: translate.ReasonOff}
		},
		`"thinking":{"type":"between_tools"}`: func(r *translate.Request) {
			r.Reasoning = translate.Reasoning{Mode: translate.ReasonOff}
		},
		`"output_config":{"format":{"type":"json_schema","schema":` + string(schema) + `}}`: func(r *translate.Request) {
			r.Format = translate.Format{Kind: translate.FormatSchema, Schema: schema, Strict: translate.True}
		},
		`"output_format":{"type":"json_schema","schema":` + string(loose) + `}`: func(r *translate.Request) {
			r.Format = translate.Format{Kind: translate.FormatSchema, Schema: loose}
		},
		`"tools":[{"name":"f","description":"does","input_schema":` + string(loose) + `,"defer_loading":true,"cache_control":{"type":"ephemeral"}},` +
			`{"type":"custom","name":"g","input_schema":` + string(schema) + `,"strict":true},` +
			`{"type":null,"name":"h","input_schema":` + string(loose) + `,"strict":true},` +
			`{"type":"web_search_20250305","name":"web_search","max_uses":2,"blocked_domains":["a.example"],"user_location":{"type":"approximate","city":"Bern","timezone":null}},` +
			`{"type":"bash_20250124","name":"bash"}]`: func(r *translate.Request) {
			r.Tools = []translate.Tool{
				{Name: "f", Description: lit(`"does"`), Schema: loose, CacheTTL: "5m", Deferred: true},
				{Name: "g", Schema: schema, Strict: translate.True},
				{Name: "h", Schema: loose}, // OpenAI's strict mode would refuse it
				{Kind: translate.HostedTool, Name: "web_search_20250305",
					Raw:    lit(`{"type":"web_search_20250305","name":"web_search","max_uses":2,"blocked_domains":["a.example"],"user_location":{"type":"approximate","city":"Bern","timezone":null}}`),
					Search: &translate.SearchTool{MaxUses: lit("2"), Blocked: []value{lit(`"a.example"`)}, City: lit(`"Bern"`)}},
				{Kind: translate.HostedTool, Name: "bash_20250124", Raw: lit(`{"type":"bash_20250124","name":"bash"}`)},
			}
		},
		`"tool_choice":{"type":"auto"}`: func(r *translate.Request) { r.Choice.Mode = translate.ChooseAuto },
		`"tool_choice":{"type":"any","disable_parallel_tool_use":true}`: func(r *translate.Request) {
			r.Choice.Mode, r.Parallel = translate.ChooseAny, translate.False
		},
		`"tool_choice":{"type":"none","disable_parallel_tool_use":false}`: func(r *translate.Request) {
			r.Choice.Mode, r.Parallel = translate.ChooseNone, translate.True
		},
		`"tool_choice":{"type":"tool","name":"f"}`: func(r *translate.Request) {
			r.Choice = translate.ToolChoice{Mode: translate.ChooseNamed, Names: []string{"f"}}
		},
	} {
		t.Run(body, func(t *testing.T) {
			got := decode(t, `{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}],`+body+`}`)
			r := &translate.Request{Dialect: translate.Messages, Usage: true, Model: "m", MaxOutput: lit("9"),
				Turns: []turn{{Parts: []part{text("hi")}}}}
			want(r)
			if !reflect.DeepEqual(got, r) {
				t.Errorf("\n got %s\nwant %s", show(got), show(r))
			}
		})
	}
}

func TestDecodeTurns(t *testing.T) {
	user := func(parts ...part) turn { return turn{Role: translate.UserRole, Parts: parts} }
	assistant := func(parts ...part) turn { return turn{Role: translate.AssistantRole, Parts: parts} }
	use := func(id, name, input string) part {
		return part{Kind: translate.ToolCall, Call: &call{ID: id, Name: name, Arguments: translate.Arguments{Object: lit(input)}}}
	}
	answer := func(id, name string, parts ...part) part {
		return part{Kind: translate.ToolResult, Result: &result{CallID: id, Name: name, Parts: parts}}
	}
	cached := func(p part, ttl string) part { p.CacheTTL = ttl; return p }
	failed := answer("t2", "g")
	failed.Result.IsError = true
	image := part{Kind: translate.Image, Media: &media{MIME: "image/png", Data: []byte("aGk=")}}
	const imageBlock = `{"type":"image","source":{"type":"base64","media_type":"image/png","data":"aGk="}}`

	for name, tc := range map[string]struct {
		messages string
		system   []part
		want     []turn
	}{
		"text blocks": {
			messages: `{"role":"user","content":[{"type":"text","text":""},{"type":"text","text":"a","cache_control":{"type":"ephemeral"}}]}`,
			want:     []turn{user(cached(text("a"), "5m"))},
		},
		"nothing said": {
			messages: `{"role":"user","content":[]},{"role":"assistant","content":""}`,
			want:     []turn{user(text("")), assistant(text(""))},
		},
		"content before the role": {
			messages: `{"content":[{"type":"text","text":"a"}],"role":"user"},{"content":"b","role":"assistant"}`,
			want:     []turn{user(text("a")), assistant(text("b"))},
		},
		"spaces": {
			messages: " { \"role\" : \"user\" , \"content\" : [ { \"type\" : \"text\" , \"te\\u0078t\" : \"a\" } , { \"text\":\"b\",\"type\":\"text\", \"x\" : [ 1 , { } ] } ] } ",
			want:     []turn{user(text("a"), text("b"))},
		},
		"one role twice": {
			messages: `{"role":"user","content":"a"},{"role":"user","content":"b"}`,
			want:     []turn{user(text("a"), text("b"))},
		},
		"system in the middle": {
			messages: `{"role":"system","content":"first"},{"role":"user","content":"a"},{"role":"system","content":[{"type":"text","text":"b"}]},{"role":"assistant","content":"c"}`,
			system:   []part{text("first")},
			want:     []turn{user(text("a")), {Role: translate.SystemRole, Parts: []part{text("b")}}, assistant(text("c"))},
		},
		"images": {
			messages: `{"role":"user","content":[` + imageBlock + `,{"type":"image","source":{"type":"url","url":"https://e.example/a.png"}},{"type":"image","source":{"type":"file","file_id":"file_1"}}]}`,
			want: []turn{user(image,
				part{Kind: translate.Image, Media: &media{URL: lit(`"https://e.example/a.png"`)}},
				part{Kind: translate.Image, Media: &media{FileID: lit(`"file_1"`)}})},
		},
		"documents": {
			messages: `{"role":"user","content":[
				{"type":"document","title":"T","context":"c","citations":{"enabled":true},"source":{"type":"base64","media_type":"application/pdf","data":"JVBERi0="}},
				{"type":"document","source":{"type":"text","media_type":"text/plain","data":"plain"}},
				{"type":"document","source":{"type":"url","url":"https://e.example/a.pdf"}},
				{"type":"document","source":{"type":"file","file_id":"file_1"}},
				{"type":"document","source":{"type":"content","content":"words"}},
				{"type":"document","cache_control":{"type":"ephemeral"},"source":{"type":"content","content":[{"type":"text","text":"a"},` + imageBlock + `,{"type":"text","text":"b"}]}}]}`,
			want: []turn{user(
				part{Kind: translate.File, Media: &media{MIME: "application/pdf", Data: []byte("JVBERi0="), Name: lit(`"T"`)}},
				part{Kind: translate.File, Media: &media{MIME: "text/plain", Text: lit(`"plain"`)}},
				part{Kind: translate.File, Media: &media{MIME: "application/pdf", URL: lit(`"https://e.example/a.pdf"`)}},
				part{Kind: translate.File, Media: &media{FileID: lit(`"file_1"`)}},
				part{Kind: translate.File, Media: &media{MIME: "text/plain", Text: lit(`"words"`)}},
				part{Kind: translate.File, Media: &media{MIME: "text/plain", Text: lit(`"a\nb"`)}},
				cached(image, "5m"),
			)},
		},
		"search result": {
			messages: `{"role":"user","content":[{"type":"search_result","source":"https://e.example","title":"T \"x\"","content":[{"type":"text","text":"one"},{"type":"text","text":"two"}]}]}`,
			want:     []turn{user(text(`T \"x\"\nhttps://e.example\n\none\n\ntwo`))},
		},
		"thinking": {
			messages: `{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"thinking","thinking":"","signature":"Eq"},{"type":"redacted_thinking","data":"Em"},{"type":"text","text":"b"}]}`,
			want: []turn{user(text("a")), assistant(
				part{Kind: translate.Thinking, Text: lit(`""`), Signature: lit(`"Eq"`)},
				part{Kind: translate.Thinking, Signature: lit(`"Em"`)},
				text("b"))},
		},
		"tools": {
			messages: `{"role":"user","content":"a"},
				{"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"f","input":{"x":1.0}},{"type":"tool_use","id":"t2","name":"g","input":{}},{"type":"tool_use","id":"t3","name":"h","input":{}}]},
				{"role":"user","content":[{"type":"text","text":"now"},
					{"type":"tool_result","tool_use_id":"t3","content":[{"type":"text","text":"see"},` + imageBlock + `,{"type":"tool_reference","tool_name":"grep"}],"cache_control":{"type":"ephemeral"}},
					{"type":"tool_result","tool_use_id":"t2","is_error":true},
					{"type":"tool_result","tool_use_id":"t1","content":"done"}]}`,
			want: []turn{user(text("a")),
				assistant(use("t1", "f", `{"x":1.0}`), use("t2", "g", `{}`), use("t3", "h", `{}`)),
				user(answer("t1", "f", text("done")), failed, cached(answer("t3", "h", text("see"), image, text("grep")), "5m"), text("now"))},
		},
		"server tools": {
			messages: `{"role":"user","content":"a"},{"role":"assistant","content":[
				{"type":"server_tool_use","id":"s1","name":"web_search","input":{"query":"q"}},
				{"type":"web_search_tool_result","tool_use_id":"s1","content":[{"type":"web_search_result","title":"T","url":"https://e.example","encrypted_content":"Eo"}]},
				{"type":"code_execution_tool_result","tool_use_id":"s2","content":{"type":"code_execution_result","stdout":"1\n","stderr":"","return_code":0,"content":[]}},
				{"type":"web_fetch_tool_result","tool_use_id":"s3","content":{"type":"web_fetch_result","content":{"type":"document","source":{"type":"text","media_type":"text/plain","data":"page"}}}},
				{"type":"tool_search_tool_result","tool_use_id":"s4","content":{"tool_references":[]}},
				{"type":"compaction","content":"so far"},
				{"type":"text","text":"b","citations":[{"type":"char_location"}]}]}`,
			want: []turn{user(text("a")), assistant(
				text(`[web_search_tool_result]\nT\nhttps://e.example`),
				text(`[code_execution_tool_result]\n1\n`),
				text(`[web_fetch_tool_result]\npage`),
				text(`so far`), text("b"))},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := decode(t, `{"model":"m","max_tokens":9,"messages":[`+tc.messages+`]}`)
			if !reflect.DeepEqual(got.Turns, tc.want) {
				t.Errorf("turns\n got %s\nwant %s", show(got.Turns), show(tc.want))
			}
			if !reflect.DeepEqual(got.System, tc.system) {
				t.Errorf("system\n got %s\nwant %s", show(got.System), show(tc.system))
			}
		})
	}
}

func TestDecodeHint(t *testing.T) {
	r, err := New().DecodeRequest([]byte(`{"model":"a","messages":[{"role":"user","content":"x"}]}`),
		translate.Hint{Operation: translate.CountTokens, Model: "b", Stream: true})
	if err != nil {
		t.Fatalf("a count needs no max_tokens: %v", err)
	}
	if r.Operation != translate.CountTokens || r.Model != "b" || !r.Stream {
		t.Errorf("got %s", show(r))
	}
}

func TestDecodeErrors(t *testing.T) {
	for body, want := range map[string]string{ // the body's message or member: what the error begins with
		`[]`:                           "the body must be",
		`{}`:                           "model: ",
		`{"model":7}`:                  "model: must be a string",
		`{"model":"m"}`:                "max_tokens: ",
		`{"model":"m","max_tokens":1}`: "messages: a list",
		`{"model":"m","max_tokens":1,"messages":[]}`:                                   "messages: at least one",
		`{"model":"m","max_tokens":1,"messages":[{"role":"system","content":"only"}]}`: "messages: at least one",
		`{"max_tokens":0}`:                               "max_tokens: must be an integer",
		`{"max_tokens":"9"}`:                             "max_tokens: must be an integer",
		`{"max_tokens":1.5}`:                             "max_tokens: must be an integer",
		`{"messages":{}}`:                                "messages: must be a list",
		`{"messages":[{"role":"user","role":"user"}]}`:   "messages[0].role: must be there once",
		`{"messages":[{"content":"x","content":"y"}]}`:   "messages[0].content: must be there once",
		`{"messages":["x"]}`:                             "messages[0]: must be an object",
		`{"messages":[{"content":"x"}]}`:                 "messages[0].role: must be",
		`{"messages":[{"role":"tool"}]}`:                 `messages[0].role: must be "user"`,
		`{"messages":[{"role":"user"}]}`:                 "messages[0].content: must be a string or",
		`{"messages":[{"role":"user","content":7}]}`:     "messages[0].content: must be",
		`{"messages":[{"role":"user","content":["x"]}]}`: "messages[0].content[0]: must be an object",
		`{"messages":[{"role":"user","content":[{}]}]}`:  `messages[0].content[0].type: must be "text"`,
		`{"messages":[{"role":"user","content":"x"},{"role":"user","content":[{"type":"hologram"}]}]}`:                        `messages[1].content[0].type: must be "text"`,
		`{"messages":[{"role":"user","content":[{"type":"text"}]}]}`:                                                          "messages[0].content[0].text: must be a string",
		`{"messages":[{"role":"user","content":[{"type":"text","text":"x","cache_control":7}]}]}`:                             "messages[0].content[0].cache_control: ",
		`{"messages":[{"role":"user","content":[{"type":"text","text":"x","cache_control":{"ttl":"2h"}}]}]}`:                  "messages[0].content[0].cache_control.ttl: ",
		`{"messages":[{"role":"user","content":[{"type":"image"}]}]}`:                                                         "messages[0].content[0].source: must be an object",
		`{"messages":[{"role":"user","content":[{"type":"image","source":{"type":"ftp"}}]}]}`:                                 "messages[0].content[0].source.type: ",
		`{"messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","data":"x"}}]}]}`:                   "messages[0].content[0].source.media_type: ",
		`{"messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png"}}]}]}`:     "messages[0].content[0].source.data: ",
		`{"messages":[{"role":"user","content":[{"type":"image","source":{"type":"url"}}]}]}`:                                 "messages[0].content[0].source.url: ",
		`{"messages":[{"role":"user","content":[{"type":"document","source":{"type":"text"}}]}]}`:                             "messages[0].content[0].source.data: ",
		`{"messages":[{"role":"user","content":[{"type":"document","source":{"type":"content","content":[{}]}}]}]}`:           "messages[0].content[0].source.content[0].type: ",
		`{"messages":[{"role":"user","content":[{"type":"document","source":{"type":"content"}}]}]}`:                          "messages[0].content[0].source.type: ",
		`{"messages":[{"role":"user","content":[{"type":"search_result","source":"s","title":"t"}]}]}`:                        "messages[0].content[0].content: ",
		`{"messages":[{"role":"user","content":[{"type":"search_result","source":"s","title":"t","content":[{"a":1}]}]}]}`:    "messages[0].content[0].content[0]: ",
		`{"messages":[{"role":"user","content":[{"type":"tool_use","id":"a","name":"b","input":{}}]}]}`:                       "messages[0].content[0].type: ",
		`{"messages":[{"role":"user","content":[{"type":"thinking","thinking":"x"}]}]}`:                                       "messages[0].content[0].thinking: ",
		`{"messages":[{"role":"assistant","content":[{"type":"tool_use","name":"b","input":{}}]}]}`:                           "messages[0].content[0].id: ",
		`{"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"a","input":{}}]}]}`:                             "messages[0].content[0].name: ",
		`{"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"b","input":"{}"}]}]}`:                "messages[0].content[0].input: ",
		`{"messages":[{"role":"assistant","content":[{"type":"tool_result","tool_use_id":"a"}]}]}`:                            "messages[0].content[0].type: ",
		`{"messages":[{"role":"assistant","content":[{"type":"redacted_thinking"}]}]}`:                                        "messages[0].content[0].data: ",
		`{"messages":[{"role":"user","content":[{"type":"tool_result"}]}]}`:                                                   "messages[0].content[0].tool_use_id: ",
		`{"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","is_error":"no"}]}]}`:                 "messages[0].content[0].is_error: ",
		`{"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":7}]}]}`:                     "messages[0].content[0].content: ",
		`{"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":[{"type":"thinking"}]}]}]}`: "messages[0].content[0].content[0].type: ",
		`{"messages":[{"role":"user","content":"x"},{"role":"system","content":[{"type":"image"}]}]}`:                         `messages[1].content[0].type: must be "text"`,
		`{"model":"m","max_tokens":1,"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"orphan"}]}]}`: "the tool result for call \"orphan\"",
		`{"system":7}`:                                                  "system: must be",
		`{"system":[{"type":"image"}]}`:                                 `system[0].type: must be "text"`,
		`{"stream":"yes"}`:                                              "stream: must be a boolean",
		`{"temperature":"hot"}`:                                         "temperature: must be a number",
		`{"top_p":[]}`:                                                  "top_p: must be a number",
		`{"top_k":0.5}`:                                                 "top_k: must be an integer",
		`{"stop_sequences":"x"}`:                                        "stop_sequences: must be a list",
		`{"stop_sequences":[1]}`:                                        "stop_sequences: must be a list",
		`{"thinking":true}`:                                             "thinking: must be an object",
		`{"thinking":{"type":"deep"}}`:                                  "thinking.type: must be",
		`{"thinking":{"type":"enabled"}}`:                               "thinking.budget_tokens: must be",
		`{"output_config":"high"}`:                                      "output_config: must be an object",
		`{"output_config":{"effort":"huge"}}`:                           "output_config.effort: must be",
		`{"output_config":{"format":{"type":"text"}}}`:                  "output_config.format.type: must be",
		`{"output_config":{"format":{"type":"json_schema"}}}`:           "output_config.format.schema: must be",
		`{"output_format":{"type":"json_schema","schema":"x"}}`:         "output_format.schema: must be",
		`{"tools":{}}`:                                                  "tools: must be a list",
		`{"tools":[7]}`:                                                 "tools[0]: must be an object",
		`{"tools":[{"type":7}]}`:                                        "tools[0].type: must be a string",
		`{"tools":[{"input_schema":{}}]}`:                               "tools[0].name: must be",
		`{"tools":[{"name":"f"}]}`:                                      "tools[0].input_schema: must be an object",
		`{"tools":[{"name":"f","input_schema":{},"description":[]}]}`:   "tools[0].description: must be a string",
		`{"tool_choice":"auto"}`:                                        "tool_choice: must be an object",
		`{"tool_choice":{"type":"some"}}`:                               "tool_choice.type: must be",
		`{"tool_choice":{"type":"tool"}}`:                               "tool_choice.name: must be",
		`{"tool_choice":{"type":"auto","disable_parallel_tool_use":1}}`: "tool_choice.disable_parallel_tool_use: must be",
		`{"metadata":"x"}`:                                              "metadata: must be an object",
		`{"metadata":{"user_id":7}}`:                                    "metadata.user_id: must be a string",
		`{"service_tier":"gold"}`:                                       "service_tier: must be",
	} {
		_, err := New().DecodeRequest([]byte(body), translate.Hint{})
		var e *translate.Error
		if !errors.As(err, &e) || e.Kind != translate.InvalidRequest {
			t.Errorf("%s: err = %v, want one of kind InvalidRequest", body, err)
			continue
		}
		if !strings.HasPrefix(e.Error(), want) {
			t.Errorf("%s:\n got %q\nwant %q…", body, e.Error(), want)
		}
	}
}
