package responses

import (
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// replayed describes a whole answer as the events that would have told it.
func replayed(t testing.TB, r *translate.Response) []string {
	t.Helper()
	var v translate.Validator
	var out []string
	err := translate.Replay(r, func(ev *translate.Event) error {
		if err := v.Check(ev); err != nil {
			t.Fatal(err)
		}
		out = append(out, describe(ev))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestDecodeResponse(t *testing.T) {
	head := `{"id":"resp_1","object":"response","created_at":1760000000.5,"model":"gpt-5.6","error":null,`
	tests := []struct{ name, body, want string }{
		{"all kinds of items", head + `"status":"completed","incomplete_details":null,"output":[
			{"id":"rs_1","type":"reasoning","summary":[{"type":"summary_text","text":"A"},{"type":"summary_text","text":"B"}],"content":null,"encrypted_content":"gAA"},
			{"id":"rs_2","type":"reasoning","summary":[],"content":[{"type":"reasoning_text","text":"raw"}]},
			{"id":"rs_3","type":"reasoning","summary":[]},
			{"id":"ws","type":"web_search_call","status":"completed","action":{"type":"search","query":"q","queries":["q","r"],"sources":[{"type":"url","url":"https://s.example"}]}},
			{"id":"msg","type":"message","role":"assistant","status":"completed","content":[
				{"type":"output_text","text":"","annotations":[]},
				{"type":"output_text","text":"hi","annotations":[{"type":"url_citation","url":"u","title":"t","start_index":1,"end_index":2}],"logprobs":[{"token":"hi"}]},
				{"type":"refusal","refusal":"no"}]},
			{"id":"fc","type":"function_call","call_id":"c1","name":"f","arguments":"{\"a\":1}","namespace":"ns"},
			{"id":"fc2","type":"function_call","call_id":"c2","name":"f","arguments":""},
			{"id":"ct","type":"custom_tool_call","call_id":"c3","name":"p","input":"a\"b"},
			{"id":"ig","type":"image_generation_call","status":"completed","result":"iVBO","output_format":"webp"},
			{"id":"ci","type":"code_interpreter_call","status":"completed","code":"1"}],
			"usage":{"input_tokens":9,"input_tokens_details":{"cached_tokens":4,"cache_write_tokens":3,"cache_write_tokens_details":{"ttl_12h":2}},"output_tokens":7,"output_tokens_details":{"reasoning_tokens":6},"total_tokens":16}}`,
			`
start resp_1 gpt-5.6 1760000000
+0 thinking
 0 "A\n\nB"
 0 signature "gAA"
-0
+1 thinking
 1 "raw"
-1
+2 web_search "q" "r" "https://s.example"
-2
+3 text
 3 "hi"
 3 cites "u" "t" 1-2
 3 logprobs [{"token":"hi"}]
-3
+4 refusal
 4 "no"
-4
+5 tool_call c1 f in ns
 5 "{\"a\":1}"
-5
+6 tool_call c2 f
 6 "{}"
-6
+7 tool_call c3 p custom
 7 "{\"input\":\"a\\\"b\"}"
-7
+8 image
 8 media image/webp iVBO
-8
stop 4
usage {Input:9 CacheRead:4 CacheWrite:3 CacheWrite1h:2 Output:7 Reasoning:6}
end`},
		{"length", head + `"status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"output":[]}`,
			"start resp_1 gpt-5.6 1760000000\nstop 2\nend"},
		{"filter", head + `"status":"incomplete","incomplete_details":{"reason":"content_filter"},"output":[]}`,
			"start resp_1 gpt-5.6 1760000000\nstop 6\nend"},
		{"another reason", head + `"status":"incomplete","incomplete_details":{"reason":"steered"},"output":[]}`,
			"start resp_1 gpt-5.6 1760000000\nstop 8\nend"},
		{"refusal", head + `"status":"completed","output":[{"type":"message","content":[{"type":"refusal","refusal":"no"}]}]}`,
			"start resp_1 gpt-5.6 1760000000\n+0 refusal\n 0 \"no\"\n-0\nstop 5\nend"},
		{"a call of no tool", head + `"status":"completed","output":[{"type":"function_call","call_id":"c","arguments":"{}"}]}`,
			"start resp_1 gpt-5.6 1760000000\nstop 9\nend"},
		{"little", `{"output":[]}`, "start   0\nstop 1\nend"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := New().DecodeResponse([]byte(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			got := replayed(t, r)
			for i, line := range got { // Replay tells the input's size in the start too
				got[i] = strings.TrimRight(line, " ")
			}
			want := lines(tt.want)
			for i := range want {
				want[i] = strings.TrimRight(want[i], " ")
			}
			diff(t, got, want)
		})
	}
}

func TestDecodeResponseErrors(t *testing.T) {
	tests := []struct {
		body    string
		kind    translate.ErrorKind
		message string
	}{
		{`<html>`, translate.Upstream, "the upstream's answer is not JSON"},
		{``, translate.Upstream, "the upstream's answer is not JSON"},
		{`{"output":[`, translate.Upstream, "the upstream's answer is not JSON"},
		{`[]`, translate.Upstream, "the upstream's answer is not a response object"},
		{`{}`, translate.Upstream, "the upstream's answer has no output"},
		{`{"output":"x"}`, translate.Upstream, "the upstream's answer has no output"},
		{`{"error":{"message":"busy","code":"rate_limit_exceeded"}}`, translate.RateLimited, "busy"},
		{`{"status":"failed","error":{"code":"image_too_large","message":"big"},"output":[]}`, translate.InvalidRequest, "big"},
		{`{"status":"failed","error":{"code":"server_error","message":"oh"},"output":[]}`, translate.Upstream, "oh"},
		{`{"status":"failed","output":[]}`, translate.Upstream, "the upstream failed to answer and did not say why"},
		{`{"status":"cancelled","output":[]}`, translate.Upstream, "the upstream cancelled the response"},
		{`{"status":"queued","output":[]}`, translate.Upstream, "the upstream queued the response instead of answering"},
	}
	for _, tt := range tests {
		_, err := New().DecodeResponse([]byte(tt.body))
		if e := asError(t, err); e.Kind != tt.kind || e.Message != tt.message {
			t.Errorf("%s: got %d %q, want %d %q", tt.body, e.Kind, e.Message, tt.kind, tt.message)
		}
	}
}

func TestAppendResponseEcho(t *testing.T) {
	reply := asked(t, `{"model":"m","instructions":"be brief","input":"hi","temperature":0.30,"top_p":1,"max_output_tokens":99,
		"parallel_tool_calls":false,"reasoning":{"effort":"low","summary":"auto"},"text":{"format":{"type":"json_schema","name":"n","schema":{"type":"object"},"strict":true},"verbosity":"low"},
		"tools":[{"type":"function","name":"f","description":"d","parameters":{ "type": "object",
			"properties":{}},"strict":true},{"type":"web_search"},{"type":"custom","name":"p","format":{"type":"grammar","syntax":"lark","definition":"x"}},
			{"type":"namespace","name":"ns","description":"x","tools":[{"type":"function","name":"g"}]}],
		"tool_choice":{"type":"function","name":"f"},"metadata":{ "k": "v" },"prompt_cache_key":"pk","safety_identifier":"u1","store":true,"service_tier":"flex","top_logprobs":2}`)
	out, err := New().AppendResponse(nil, &translate.Response{ID: "gen-7", Choices: []translate.Choice{{Stop: translate.StopEnd}}}, reply)
	if err != nil {
		t.Fatal(err)
	}
	checkResponse(t, out, "completed")
	want := map[string]string{
		"id": `"resp_7"`, "object": `"response"`, "created_at": "1700000000", "model": `"asked-model"`, "output": "[]", "usage": "null",
		"instructions": `"be brief"`, "temperature": "0.30", "top_p": "1", "max_output_tokens": "99", "parallel_tool_calls": "false",
		"reasoning": `{"effort":"low","summary":"auto"}`,
		"text":      `{"format":{"type":"json_schema","name":"n","schema":{"type":"object"},"strict":true},"verbosity":"low"}`,
		"tools": `[{"type":"function","name":"f","description":"d","parameters":{"type":"object","properties":{}},"strict":true},{"type":"web_search"},` +
			`{"type":"custom","name":"p","format":{"type":"grammar","syntax":"lark","definition":"x"}},` +
			`{"type":"namespace","name":"ns","description":"","tools":[{"type":"function","name":"g","parameters":{"type":"object","properties":{}},"strict":false}]}]`,
		"tool_choice": `{"type":"function","name":"f"}`, "metadata": `{"k":"v"}`, "prompt_cache_key": `"pk"`, "safety_identifier": `"u1"`,
		"store": "false", "service_tier": `"flex"`, "top_logprobs": "2", "truncation": `"disabled"`, "previous_response_id": "null",
	}
	for name, w := range want {
		if got := string(jsonlit.Get(out, name)); got != w {
			t.Errorf("%s: got %s, want %s", name, got, w)
		}
	}
}

func TestAppendResponseParts(t *testing.T) {
	reply := asked(t, plainBody)
	tests := []struct {
		name, output, status string
		choice               translate.Choice
	}{
		{"calls with an object, a custom one among them", `[{"id":"fc_0123456789abcdef_0","type":"function_call","status":"completed","call_id":"a","name":"f","arguments":"{\"x\": 1}"},` +
			`{"id":"ctc_0123456789abcdef_1","type":"custom_tool_call","status":"completed","call_id":"b","name":"p","input":"free"},` +
			`{"id":"ctc_0123456789abcdef_2","type":"custom_tool_call","status":"completed","call_id":"c","name":"p","input":""}]`, "completed",
			translate.Choice{Stop: translate.StopToolUse, Parts: []translate.Part{
				{Kind: translate.ToolCall, Call: &translate.Call{ID: "a", Name: "f", Arguments: translate.Arguments{Object: value(`{"x": 1}`)}}},
				{Kind: translate.ToolCall, Call: &translate.Call{ID: "b", Name: "p", Custom: true, Arguments: translate.Arguments{Object: value(`{"input":"free"}`)}}},
				{Kind: translate.ToolCall, Call: &translate.Call{ID: "c", Name: "p", Custom: true}},
			}}},
		{"cut", `[{"id":"msg_0123456789abcdef_0","type":"message","status":"incomplete","role":"assistant","content":[{"type":"output_text","annotations":[],"logprobs":[],"text":"x"}]}]`, "incomplete",
			translate.Choice{Stop: translate.StopLength, Parts: []translate.Part{{Kind: translate.Text, Text: value(`"x"`)}}}},
		{"blocked", `[]`, "incomplete", translate.Choice{Stop: translate.StopFilter}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out, err := New().AppendResponse(nil, &translate.Response{Choices: []translate.Choice{tt.choice}}, reply)
			if err != nil {
				t.Fatal(err)
			}
			checkResponse(t, out, tt.status)
			if got := string(jsonlit.Get(out, "output")); got != tt.output {
				t.Errorf("got %s, want %s", got, tt.output)
			}
		})
	}
	_, err := New().AppendResponse(nil, &translate.Response{Choices: []translate.Choice{{Stop: translate.StopMalformedCall}}}, reply)
	if e := asError(t, err); e.Kind != translate.Upstream {
		t.Errorf("got kind %d, want %d", e.Kind, translate.Upstream)
	}
}

// A whole answer that is decoded and written again says the same.
func TestResponseThereAndBack(t *testing.T) {
	reply := asked(t, plainBody)
	first := checkGrammar(t, encodeStream(t, reply, rich())).last
	r, err := New().DecodeResponse(first)
	if err != nil {
		t.Fatal(err)
	}
	second, err := New().AppendResponse(nil, r, reply)
	if err != nil {
		t.Fatal(err)
	}
	// A reasoning item without text is passed over by the decoder.
	want := strings.Replace(string(first), `,{"id":"rs_A9_6","type":"reasoning","summary":[]},{"id":"msg_A9_7"`, `,{"id":"msg_A9_6"`, 1)
	want = strings.Replace(want, `"ws_A9_8"`, `"ws_A9_7"`, 1)
	if string(second) != want {
		t.Errorf("got\n%s\nwant\n%s", second, want)
	}
}
