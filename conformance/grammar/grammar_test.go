package grammar_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/conformance/grammar"
)

// faulty is a stream with one fault, and a word of the finding that it must cause.
type faulty struct {
	name string
	// old and new are the change to the sound stream; an empty old cuts the stream before the text new.
	old, new string
	want     string
}

// run checks that the sound stream passes and that each fault is found.
func run(t *testing.T, sound string, judge func([]byte) error, faults []faulty) {
	t.Helper()
	if err := judge([]byte(sound)); err != nil {
		t.Fatalf("the sound stream: got %v, want nothing", err)
	}
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			broken := strings.Replace(sound, f.old, f.new, 1)
			if f.old == "" {
				broken, _, _ = strings.Cut(sound, f.new)
			}
			if broken == sound {
				t.Fatal("the fault changes nothing")
			}
			err := judge([]byte(broken))
			if err == nil || !strings.Contains(err.Error(), f.want) {
				t.Errorf("got %v, want a finding with %q", err, f.want)
			}
		})
	}
}

func data(list ...string) string {
	var b strings.Builder
	for _, d := range list {
		fmt.Fprintf(&b, "data: %s\n\n", d)
	}
	return b.String()
}

func named(list ...string) string {
	var b strings.Builder
	for _, d := range list {
		name, _, _ := strings.Cut(strings.TrimPrefix(d, `{"type":"`), `"`)
		fmt.Fprintf(&b, "event: %s\ndata: %s\n\n", name, d)
	}
	return b.String()
}

func chunk(choices, usage string) string {
	return `{"id":"chatcmpl-1","object":"chat.completion.chunk","created":5,"model":"m","choices":[` + choices + `],"usage":` + usage + `}`
}

func choice(delta, finish string) string {
	return `{"index":0,"delta":` + delta + `,"finish_reason":` + finish + `}`
}

func TestChat(t *testing.T) {
	sound := data(
		chunk(choice(`{"role":"assistant","content":"a"}`, "null"), "null"),
		chunk(choice(`{"content":"b"}`, "null"), "null"),
		chunk(choice(`{"tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"f","arguments":""}}]}`, "null"), "null"),
		chunk(choice(`{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]}`, "null"), "null"),
		chunk(choice(`{}`, `"tool_calls"`), "null"),
		chunk(``, `{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}`),
		"[DONE]")
	run(t, sound, func(b []byte) error { return grammar.Chat(b, grammar.Clean, true) }, []faulty{
		{"event name", "data: ", "event: x\ndata: ", "no event names"},
		{"role missing", `"role":"assistant",`, ``, "no role"},
		{"id changes", `"id":"chatcmpl-1"`, `"id":"chatcmpl-2"`, "id changed"},
		{"empty model", `"model":"m"`, `"model":""`, "model is missing"},
		{"gap in tool indices", `"index":0,"id":"c1"`, `"index":1,"id":"c1"`, "leaves a gap"},
		{"id repeated", `[{"index":0,"function"`, `[{"index":0,"id":"c1","function"`, "id is repeated"},
		{"function missing", `[{"index":0,"function":{"arguments":"{}"}}]`, `[{"index":0,"extra_content":{}}]`, "has no function"},
		{"arguments broken", `"arguments":"{}"`, `"arguments":"{"`, "no JSON"},
		{"never finished", `"tool_calls"}],"usage"`, `null}],"usage"`, "never finished"},
		{"foreign finish", `:"tool_calls"}]`, `:"tool_use"}]`, "none of OpenAI's"},
		{"finish contradicts calls", `:"tool_calls"}]`, `:"stop"}]`, "has tool calls but"},
		{"delta after finish", "data: [DONE]", "data: " + chunk(choice(`{"content":"x"}`, "null"), "null") + "\n\ndata: [DONE]", "after finish_reason"},
		{"usage with choices", `"choices":[],`, `"choices":[` + choice(`{}`, "null") + `],`, "without choices"},
		{"usage wrong", `"total_tokens":3`, `"total_tokens":4`, "does not add up"},
		{"no usage", chunk(``, `{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}`), chunk(``, "null"), "usage chunks"},
		{"no DONE", "", "data: [DONE]", "0 [DONE]"},
		{"two DONE", "data: [DONE]\n\n", "data: [DONE]\n\ndata: [DONE]\n\n", "after the end"},
		{"torn line", "", "ONE]", "inside a line"},
		{"error inside", "data: [DONE]", `data: {"error":{"message":"m","type":"t","param":null,"code":null}}`, "error event"},
	})
	failed := sound[:strings.Index(sound, "data: "+chunk(choice(`{}`, `"tool_calls"`), "null"))] + data(`{"error":{"message":"m","type":"server_error","param":null,"code":"x"}}`)
	run(t, failed, func(b []byte) error { return grammar.Chat(b, grammar.Failed, true) }, []faulty{
		{"no error", "", `data: {"error"`, "0 error events"},
		{"error without type", `"type":"server_error",`, ``, "no type"},
		{"claims success", `"code":"x"}}` + "\n\n", `"code":"x"}}` + "\n\ndata: [DONE]\n\n", "[DONE]"},
	})
}

func TestCompletions(t *testing.T) {
	one := func(choices, usage string) string {
		return `{"id":"cmpl-1","object":"text_completion","created":5,"model":"m","choices":[` + choices + `],"usage":` + usage + `}`
	}
	sound := data(one(`{"index":0,"text":"a","finish_reason":null}`, "null"), one(`{"index":0,"text":"","finish_reason":"stop"}`, "null"),
		one("", `{"total_tokens":3}`), "[DONE]")
	run(t, sound, func(b []byte) error { return grammar.Completions(b, grammar.Clean, true) }, []faulty{
		{"text missing", `"text":"a",`, "", "no text"},
		{"never finished", `"stop"`, "null", "never finished"},
		{"foreign finish", `"stop"`, `"end_turn"`, "none of OpenAI's"},
		{"no DONE", "", "data: [DONE]", "0 [DONE]"},
		{"wrong object", "text_completion", "chat.completion.chunk", "object is"},
	})
}

func TestMessages(t *testing.T) {
	sound := named(
		`{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}}`,
		`{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}`,
		`{"type":"ping"}`,
		`{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}`,
		`{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"s"}}`,
		`{"type":"content_block_stop","index":0}`,
		`{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"t1","name":"f","input":{}}}`,
		`{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{}"}}`,
		`{"type":"content_block_stop","index":1}`,
		`{"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":9}}`,
		`{"type":"message_stop"}`)
	run(t, sound, func(b []byte) error { return grammar.Messages(b, grammar.Clean) }, []faulty{
		{"no event line", "event: ping\n", "", "the event line says"},
		{"two starts", "event: ping\ndata: {\"type\":\"ping\"}", "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{}}", "second message_start"},
		{"index gap", `"index":1,"content_block"`, `"index":2,"content_block"`, "want index 1"},
		{"delta of the wrong kind", `"thinking_delta"`, `"text_delta"`, "in a thinking block"},
		{"double stop", "event: message_delta", "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":1}\n\nevent: message_delta", "already stopped"},
		{"input in the shell", `"input":{}`, `"input":{"a":1}`, "starts with input"},
		{"broken input", `"partial_json":"{}"`, `"partial_json":"{"`, "no JSON object"},
		{"no signature", `{"type":"signature_delta","signature":"s"}`, `{"type":"thinking_delta","thinking":"s"}`, "no signature"},
		{"stop reason contradicts", `"tool_use","stop_seq`, `"end_turn","stop_seq`, "has tool calls"},
		{"foreign stop reason", `"tool_use","stop_seq`, `"tool_calls","stop_seq`, "none of Anthropic's"},
		{"no message_stop", "", "event: message_stop", "0 message_stop"},
		{"no usage", `"output_tokens":9`, ``, "usage.output_tokens"},
		{"no start", "event: message_start\ndata: {\"type\":\"message_start\"", "event: ping\ndata: {\"type\":\"ping\"", "before message_start"},
	})
}

func TestResponses(t *testing.T) {
	response := func(status, output, usage string) string {
		return `{"id":"resp_1","object":"response","created_at":1,"status":"` + status + `","error":null,"incomplete_details":null,"instructions":null,"metadata":{},"model":"m","output":[` +
			output + `],"parallel_tool_calls":true,"temperature":1,"tool_choice":"auto","tools":[],"top_p":1,"usage":` + usage + `}`
	}
	item := `{"id":"msg_1","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"ab","annotations":[]}]}`
	call := `{"id":"fc_1","type":"function_call","status":"completed","call_id":"c1","name":"f","arguments":"{}"}`
	sound := named(
		`{"type":"response.created","sequence_number":0,"response":`+response("in_progress", "", "null")+`}`,
		`{"type":"response.output_item.added","sequence_number":1,"output_index":0,"item":{"id":"msg_1","type":"message","status":"in_progress","content":[]}}`,
		`{"type":"response.content_part.added","sequence_number":2,"item_id":"msg_1","output_index":0,"content_index":0,"part":{"type":"output_text","text":""}}`,
		`{"type":"response.output_text.delta","sequence_number":3,"item_id":"msg_1","output_index":0,"content_index":0,"delta":"a"}`,
		`{"type":"response.output_text.delta","sequence_number":4,"item_id":"msg_1","output_index":0,"content_index":0,"delta":"b"}`,
		`{"type":"response.output_text.done","sequence_number":5,"item_id":"msg_1","output_index":0,"content_index":0,"text":"ab"}`,
		`{"type":"response.content_part.done","sequence_number":6,"item_id":"msg_1","output_index":0,"content_index":0,"part":{"type":"output_text","text":"ab"}}`,
		`{"type":"response.output_item.done","sequence_number":7,"output_index":0,"item":`+item+`}`,
		`{"type":"response.output_item.added","sequence_number":8,"output_index":1,"item":{"id":"fc_1","type":"function_call","status":"in_progress"}}`,
		`{"type":"response.function_call_arguments.delta","sequence_number":9,"item_id":"fc_1","output_index":1,"delta":"{}"}`,
		`{"type":"response.function_call_arguments.done","sequence_number":10,"item_id":"fc_1","output_index":1,"arguments":"{}"}`,
		`{"type":"response.output_item.done","sequence_number":11,"output_index":1,"item":`+call+`}`,
		`{"type":"response.completed","sequence_number":12,"response":`+response("completed", item+","+call, `{"total_tokens":3}`)+`}`)
	run(t, sound, func(b []byte) error { return grammar.Responses(b, grammar.Clean) }, []faulty{
		{"sequence skips", `"sequence_number":4`, `"sequence_number":5`, "sequence_number is"},
		{"part never added", "event: response.content_part.added\ndata: {\"type\":\"response.content_part.added\"", "event: response.output_text.annotation.added\ndata: {\"type\":\"response.output_text.annotation.added\"", "before its part"},
		{"done differs", `"text":"ab"}`, `"text":"abc"}`, "its deltas were"},
		{"arguments doubled", `"output_index":1,"arguments":"{}"`, `"output_index":1,"arguments":"{}{}"`, "its deltas were"},
		{"index gap", `"output_index":1,"item":{"id":"fc_1","type":"function_call","status":"in_progress"}`, `"output_index":2,"item":{"id":"fc_1","type":"function_call","status":"in_progress"}`, "want output_index 1"},
		{"wrong item", `"item_id":"fc_1"`, `"item_id":"msg_1"`, "item_id is"},
		{"no terminal", "", "event: response.completed", "ends with"},
		{"output lost", item + "," + call, item, "has 1 items"},
		{"output differs", `"name":"f","arguments":"{}"}],`, `"name":"g","arguments":"{}"}],`, "differs from its done"},
		{"status lies", `"status":"completed","error"`, `"status":"in_progress","error"`, "with status"},
		{"field missing", `"parallel_tool_calls":true,`, "", `lacks "parallel_tool_calls"`},
		{"no usage", `{"total_tokens":3}`, "null", "no usage"},
	})
}

func TestGemini(t *testing.T) {
	one := func(parts, finish, usage string) string {
		return `{"candidates":[{"content":{"parts":[` + parts + `],"role":"model"},"index":0` + finish + `}],"usageMetadata":` + usage + `,"modelVersion":"m","responseId":"r"}`
	}
	usage := `{"promptTokenCount":1,"candidatesTokenCount":2,"totalTokenCount":3}`
	sound := data(one(`{"text":"a"}`, "", usage), one(`{"functionCall":{"id":"c1","name":"f","args":{}}}`, "", usage), one(`{"text":""}`, `,"finishReason":"STOP"`, usage))
	run(t, sound, func(b []byte) error { return grammar.Gemini(b, grammar.Clean) }, []faulty{
		{"comment", "data: ", ": ping\n\ndata: ", "stumble"},
		{"event line", "data: ", "event: x\ndata: ", "stumble"},
		{"DONE", `"responseId":"r"}` + "\n\n", `"responseId":"r"}` + "\n\ndata: [DONE]\n\n", "no JSON object"},
		{"never finished", `,"finishReason":"STOP"`, "", "never finished"},
		{"two finishes", `,"index":0}`, `,"index":0,"finishReason":"STOP"}`, "goes on after"},
		{"foreign finish", `"STOP"`, `"TOOL_USE"`, "none of Google's"},
		{"id changes", `"responseId":"r"`, `"responseId":"q"`, "responseId changed"},
		{"usage wrong", `"totalTokenCount":3`, `"totalTokenCount":2`, "does not add up"},
	})
	array := "[" + one(`{"text":"a"}`, `,"finishReason":"STOP"`, usage) + "]"
	run(t, array, func(b []byte) error { return grammar.GeminiArray(b, grammar.Clean) }, []faulty{{"torn", "]", "", "no JSON array"}})
}
