package translate_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// frames makes a stream of data lines, as OpenAI's Chat and Google send them.
func frames(data ...string) string { return "data: " + strings.Join(data, "\n\ndata: ") + "\n\n" }

// named makes a stream of events that are named after their type.
func named(data ...string) string {
	var b strings.Builder
	for _, d := range data {
		fmt.Fprintf(&b, "event: %s\ndata: %s\n\n", jsonlit.Str(jsonlit.Get(translate.Value(d), "type")), d)
	}
	return b.String()
}

func chunk(delta string) string {
	return `{"id":"x","object":"chat.completion.chunk","created":7,"model":"m","choices":[{"index":0,"delta":` + delta + `,"finish_reason":null}]}`
}

func finish(reason string) string {
	return `{"id":"x","object":"chat.completion.chunk","created":7,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":` + reason + `}]}`
}

// everyClient takes an upstream's stream to a client of each dialect that has
// tools, and compares what it hears, the usage aside.
func everyClient(t *testing.T, up translate.Name, stream string, want ...string) {
	t.Helper()
	for _, client := range dialects() {
		if !answersOf(client.Name()).calls {
			continue
		}
		t.Run(string(client.Name()), func(t *testing.T) {
			out := relay(t, dialect(up), client, strings.NewReader(stream))
			got, err := gather(t, client, out)
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			compare(t, withoutUsage(told(got)), want, out)
		})
	}
}

const (
	endStop  = "0 stops for 1"
	toolStop = "0 stops for 4"
)

// Of parallel calls Gemini signs the first alone; the signature must stay on it,
// and the calls in one turn, though they come in chunks of their own.
func TestPitfall04SignatureOfParallelCalls(t *testing.T) {
	stream := frames(
		`{"candidates":[{"content":{"role":"model","parts":[{"functionCall":{"id":"c1","name":"f","args":{}},"thoughtSignature":"c2ln"}]},"index":0}]}`,
		`{"candidates":[{"content":{"role":"model","parts":[{"functionCall":{"id":"c2","name":"g","args":{}}}]},"index":0,"finishReason":"STOP"}]}`)
	whole, err := gather(t, dialect(translate.Gemini), []byte(stream))
	if err != nil {
		t.Fatal(err)
	}
	parts := whole.Choices[0].Parts
	if len(parts) != 2 || string(parts[0].Signature) != `"c2ln"` || parts[1].Signature != nil {
		t.Errorf("got %+v, want two calls, the first of them signed", parts)
	}
}

// The chunk that ends the text and begins a call holds a piece of both.
func TestPitfall11TextToToolSwitch(t *testing.T) {
	everyClient(t, translate.Chat, frames(
		chunk(`{"role":"assistant","content":"a"}`),
		chunk(`{"content":"b","tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"f","arguments":"{\"x\""}}]}`),
		chunk(`{"tool_calls":[{"index":0,"function":{"arguments":":1}"}}]}`),
		finish(`"tool_calls"`), "[DONE]"),
		`0 text "ab"`, `0 calls c1 f {"x":1}`, toolStop)
}

const (
	anStart = `{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":10,"cache_read_input_tokens":4,"cache_creation_input_tokens":2,"output_tokens":1}}}`
	anCall  = `{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"c1","name":"f","input":{}}}`
	anShut  = `{"type":"content_block_stop","index":0}`
	anStop  = `{"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":5}}`
	anEnd   = `{"type":"message_stop"}`
)

func anArgs(piece string) string {
	return `{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":` + string(jsonlit.Quote(piece)) + `}}`
}

// A block that stops twice must not make the client run its tool twice.
func TestPitfall12SecondStop(t *testing.T) {
	stream := named(anStart, anCall, anArgs(`{"x":1}`), anShut, anShut, anStop, anEnd)
	everyClient(t, translate.Messages, stream, `0 calls c1 f {"x":1}`, toolStop)
	out := relay(t, dialect(translate.Messages), dialect(translate.Messages), strings.NewReader(stream))
	if n := strings.Count(string(out), `"content_block_stop"`); n != 1 {
		t.Errorf("%d stops for one block:\n%s", n, out)
	}
}

// Responses says arguments three times over: in deltas, when they are done, and
// in the item that is done.
func TestPitfall13ArgumentsThrice(t *testing.T) {
	begin := []string{
		`{"type":"response.created","sequence_number":0,"response":{"id":"resp_1","object":"response","created_at":7,"status":"in_progress","model":"m","output":[]}}`,
		`{"type":"response.output_item.added","sequence_number":1,"output_index":0,"item":{"type":"function_call","id":"fc_1","call_id":"c1","name":"f","arguments":"","status":"in_progress"}}`,
	}
	deltas := []string{
		`{"type":"response.function_call_arguments.delta","sequence_number":2,"item_id":"fc_1","output_index":0,"delta":"{\"x\""}`,
		`{"type":"response.function_call_arguments.delta","sequence_number":3,"item_id":"fc_1","output_index":0,"delta":":1}"}`,
	}
	const item = `{"type":"function_call","id":"fc_1","call_id":"c1","name":"f","arguments":"{\"x\":1}","status":"completed"}`
	end := []string{
		`{"type":"response.function_call_arguments.done","sequence_number":4,"item_id":"fc_1","output_index":0,"arguments":"{\"x\":1}"}`,
		`{"type":"response.output_item.done","sequence_number":5,"output_index":0,"item":` + item + `}`,
		`{"type":"response.completed","sequence_number":6,"response":{"id":"resp_1","object":"response","created_at":7,"status":"completed","model":"m","output":[` + item + `],"usage":{"input_tokens":1,"output_tokens":1,"total_tokens":2}}}`,
	}
	everyClient(t, translate.Responses, named(append(append(begin, deltas...), end...)...), `0 calls c1 f {"x":1}`, toolStop)
	everyClient(t, translate.Responses, named(append(begin[:2:2], end...)...), `0 calls c1 f {"x":1}`, toolStop)
	everyClient(t, translate.Responses, named(append(begin[:2:2], end[1:]...)...), `0 calls c1 f {"x":1}`, toolStop)
}

// The empty input in a block's start is no piece of the arguments.
func TestPitfall14EmptyObjectFirst(t *testing.T) {
	everyClient(t, translate.Messages, named(anStart, anCall, anArgs(""), anArgs(`{"x":`), anArgs(`1}`), anShut, anStop, anEnd),
		`0 calls c1 f {"x":1}`, toolStop)
}

// A call without arguments is "" in some streams, which no client can parse.
func TestPitfall15NoArguments(t *testing.T) {
	for up, stream := range map[translate.Name]string{
		translate.Chat: frames(chunk(`{"role":"assistant","tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"f","arguments":""}}]}`),
			finish(`"tool_calls"`), "[DONE]"),
		translate.Messages: named(anStart, anCall, anShut, anStop, anEnd),
		translate.Gemini:   frames(`{"candidates":[{"content":{"role":"model","parts":[{"functionCall":{"id":"c1","name":"f"}}]},"index":0,"finishReason":"STOP"}]}`),
	} {
		for client, want := range map[translate.Name]string{
			translate.Chat: `"arguments":"{}"`, translate.Responses: `"arguments":"{}"`, translate.Messages: `"partial_json":"{}"`, translate.Gemini: `"args":{}`,
		} {
			if out := relay(t, dialect(up), dialect(client), strings.NewReader(stream)); !strings.Contains(string(out), want) {
				t.Errorf("%s→%s: want %s in\n%s", up, client, want, out)
			}
		}
	}
}

// Anthropic's clients take nothing before message_start.
func TestPitfall16BlockBeforeStart(t *testing.T) {
	e := dialect(translate.Messages).NewStreamEncoder(reply(translate.Messages))
	out, err := e.Append(nil, &translate.Event{Type: translate.EventBlockStart, Kind: translate.Text})
	if err != nil {
		t.Fatal(err)
	}
	if first, _, _ := strings.Cut(string(out), "\n"); first != "event: message_start" {
		t.Errorf("the stream begins with %q", first)
	}
	stream := frames(chunk(`{"tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]}`), finish(`"tool_calls"`), "[DONE]")
	out = relay(t, dialect(translate.Chat), dialect(translate.Messages), strings.NewReader(stream))
	if !strings.HasPrefix(string(out), "event: message_start\n") {
		t.Errorf("the stream begins with %.60q", out)
	}
}

// Usage on every chunk must not close the call that is being written.
func TestPitfall17UsageOnEveryChunk(t *testing.T) {
	usage := func(c string) string {
		return strings.TrimSuffix(c, "}") + `,"usage":{"prompt_tokens":9,"completion_tokens":1,"total_tokens":10}}`
	}
	everyClient(t, translate.Chat, frames(
		usage(chunk(`{"role":"assistant","tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"f","arguments":"{\"x\""}}]}`)),
		usage(chunk(`{}`)),
		usage(chunk(`{"tool_calls":[{"index":0,"function":{"arguments":":1}"}}]}`)),
		usage(finish(`"tool_calls"`)), "[DONE]"),
		`0 calls c1 f {"x":1}`, toolStop)
}

// Anthropic tells the input twice and without the cached tokens; it is neither
// added up nor left at that.
func TestPitfall18CachedTokens(t *testing.T) {
	last := `{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"input_tokens":10,"cache_read_input_tokens":4,"cache_creation_input_tokens":0,"output_tokens":5}}`
	stream := named(anStart, last, anEnd)
	want := translate.Usage{Input: 16, CacheRead: 4, CacheWrite: 2, Output: 5}
	for _, client := range dialects() {
		out := relay(t, dialect(translate.Messages), client, strings.NewReader(stream))
		got, err := gather(t, client, out)
		if err != nil || got.Usage == nil {
			t.Fatalf("%s: %v, %+v\n%s", client.Name(), err, got, out)
		}
		expected := want
		if !answersOf(client.Name()).cacheWrites {
			expected.CacheWrite = 0
		}
		if u := *got.Usage; u != expected {
			t.Errorf("%s: got %+v, want %+v", client.Name(), u, expected)
		}
	}
}

// A stream that breaks off is no answer that ended, nor one that was cut by the
// output limit.
func TestPitfall19BrokenOff(t *testing.T) {
	for up, stream := range map[translate.Name]string{
		translate.Chat:        frames(chunk(`{"role":"assistant","content":"a"}`)),
		translate.Completions: frames(`{"id":"x","object":"text_completion","created":7,"model":"m","choices":[{"text":"a","index":0,"finish_reason":null}]}`),
		translate.Messages: named(anStart, `{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}`,
			`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"}}`, anShut),
		translate.Responses: named(`{"type":"response.created","sequence_number":0,"response":{"id":"resp_1","status":"in_progress","model":"m","output":[]}}`,
			`{"type":"response.output_item.added","sequence_number":1,"output_index":0,"item":{"type":"message","id":"msg_1","role":"assistant","content":[]}}`,
			`{"type":"response.output_text.delta","sequence_number":2,"item_id":"msg_1","output_index":0,"content_index":0,"delta":"a"}`),
		translate.Gemini: frames(`{"candidates":[{"content":{"role":"model","parts":[{"text":"a"}]},"index":0}]}`),
	} {
		for _, client := range dialects() {
			out := relay(t, dialect(up), client, strings.NewReader(stream))
			if !strings.Contains(string(out), `"a"`) {
				t.Errorf("%s→%s: what came is gone: %s", up, client.Name(), out)
			}
			for _, v := range []string{"[DONE]", `"finish_reason":"`, "message_stop", "stop_reason\":\"", "response.completed", "response.incomplete", "finishReason"} {
				if strings.Contains(string(out), v) {
					t.Errorf("%s→%s: %s is in %s", up, client.Name(), v, out)
				}
			}
			if _, err := gather(t, client, out); err == nil {
				t.Errorf("%s→%s: no error in %s", up, client.Name(), out)
			}
		}
	}
}

// Many servers leave out the finish_reason; [DONE] is an end all the same, and
// the calls tell what is waited for.
func TestPitfall20NoFinishReason(t *testing.T) {
	everyClient(t, translate.Chat, frames(chunk(`{"role":"assistant","content":"a"}`), "[DONE]"), `0 text "a"`, endStop)
	everyClient(t, translate.Chat, frames(chunk(`{"tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]}`), "[DONE]"),
		`0 calls c1 f {}`, toolStop)
}

// OpenAI's documentation and its servers disagree on the shape of the error
// event: both are read, and both written in one.
func TestPitfall22ResponsesErrors(t *testing.T) {
	up := dialect(translate.Responses)
	for _, event := range []string{
		`{"type":"error","sequence_number":0,"code":"rate_limit_exceeded","message":"slow down","param":null}`,
		`{"type":"error","sequence_number":0,"error":{"type":"tokens","code":"rate_limit_exceeded","message":"slow down","param":null}}`,
	} {
		out := relay(t, up, dialect(translate.Responses), strings.NewReader(named(event)))
		var data []string
		for line := range strings.Lines(string(out)) {
			if d, ok := strings.CutPrefix(line, "data: "); ok {
				data = append(data, d)
			}
		}
		if len(data) < 2 {
			t.Fatalf("%s: got %s", event, out)
		}
		e, failed := data[len(data)-2], data[len(data)-1]
		for _, path := range [][]string{{"message"}, {"error", "message"}} {
			equal(t, member(e, path...), `"slow down"`)
		}
		equal(t, member(failed, "type")+member(failed, "response", "status"), `"response.failed""failed"`)
	}
}

// Google's Go library takes data lines alone: no comments, no event names, no
// [DONE].
func TestPitfall27GeminiFraming(t *testing.T) {
	e := dialect(translate.Gemini).NewStreamEncoder(reply(translate.Gemini))
	equal(t, string(e.Heartbeat(nil)), "\n\n")
	out := relay(t, dialect(translate.Messages), dialect(translate.Gemini), strings.NewReader(
		named(anStart, `{"type":"ping"}`, anCall, anShut, anStop, anEnd)+": comment\n\n"))
	for line := range strings.Lines(string(out)) {
		if line != "\n" && (!strings.HasPrefix(line, "data: {") || strings.Contains(line, "\r")) {
			t.Errorf("the line %q is in the stream", line)
		}
	}
}

// What compatible servers make of Chat.
func TestPitfall28ServersQuirks(t *testing.T) {
	call := func(fields string) string { return chunk(`{"content":null,"tool_calls":[{` + fields + `}]}`) }
	for name, stream := range map[string]string{
		"no index":                call(`"id":"c1","type":"function","function":{"name":"f","arguments":"{\"x\""}`) + "|" + call(`"function":{"arguments":":1}"}`),
		"index -1":                call(`"index":-1,"id":"c1","function":{"name":"f","arguments":"{\"x\""}`) + "|" + call(`"index":-1,"function":{"arguments":":1}"}`),
		"id and name every time":  call(`"index":0,"id":"c1","function":{"name":"f","arguments":"{\"x\""}`) + "|" + call(`"index":0,"id":"c1","function":{"name":"f","arguments":":1}"}`),
		"arguments as an object":  call(`"index":0,"id":"c1","function":{"name":"f","arguments":{"x":1}}`),
		"arguments whole again":   call(`"index":0,"id":"c1","function":{"name":"f","arguments":"{\"x\""}`) + "|" + call(`"index":0,"function":{"arguments":"{\"x\":1}"}`),
		"nothing but null before": chunk(`{"role":"assistant","content":null,"tool_calls":null}`) + "|" + call(`"index":0,"id":"c1","function":{"name":"f","arguments":"{\"x\":1}"}`),
	} {
		for _, reason := range []string{`"tool-calls"`, `"stop"`, `"tool_calls"`} {
			t.Run(name+" "+reason, func(t *testing.T) {
				data := append(strings.Split(stream, "|"), finish(reason), "[DONE]")
				everyClient(t, translate.Chat, frames(data...), `0 calls c1 f {"x":1}`, toolStop)
				everyClient(t, translate.Chat, strings.ReplaceAll(frames(data...), "\n", "\r\n"), `0 calls c1 f {"x":1}`, toolStop)
			})
		}
	}
}

// A server that pretty-prints must not tear a client's event in two.
func TestRawMembersStayOnOneLine(t *testing.T) {
	// An event of several data lines is one value with line ends in it.
	printed := "data: {\"id\":\"x\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},\ndata: \"logprobs\":{\"content\":[\ndata: {\"token\":\"a\",\ndata: \"logprob\":-1,\"bytes\":[97],\"top_logprobs\":[]}\ndata: ]}}]}\n\n"
	stream := printed + frames(finish(`"stop"`), "[DONE]")
	for _, client := range dialects() {
		out := relay(t, dialect(translate.Chat), client, strings.NewReader(stream))
		for line := range strings.Lines(string(out)) {
			if line != "\n" && !strings.HasPrefix(line, "data: ") && !strings.HasPrefix(line, "event: ") {
				t.Errorf("%s: an event is torn at %q", client.Name(), line)
			}
		}
		if client.Name() != translate.Messages && !strings.Contains(string(out), `-1`) {
			t.Errorf("%s: the probability is gone: %s", client.Name(), out)
		}
	}
}
