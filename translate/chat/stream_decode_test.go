package chat

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/sse"
)

// read decodes a stream as the exchange does, with the event order checked.
func read(t testing.TB, src io.Reader) []string {
	t.Helper()
	d := New().NewStreamDecoder()
	var lines []string
	var v translate.Validator
	emit := func(ev *translate.Event) error {
		if err := v.Check(ev); err != nil {
			t.Fatalf("%s: %v after\n%s", showEvent(ev), err, strings.Join(lines, "\n"))
		}
		lines = append(lines, showEvent(ev))
		return nil
	}
	r := sse.NewReader(src, nil, 0)
	for {
		frame, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("Next: %v", err)
		}
		if err := d.Decode(frame, emit); err != nil {
			t.Fatalf("Decode: %v", err)
		}
	}
	if err := d.Close(emit); err != nil {
		t.Fatalf("Close: %v", err)
	}
	if !v.Ended() {
		t.Fatalf("no end after\n%s", strings.Join(lines, "\n"))
	}
	return lines
}

// stream makes a stream of chunks, each the value of choices, or a whole event
// when it begins with a brace or is [DONE].
func stream(chunks ...string) string {
	var b strings.Builder
	for _, c := range chunks {
		b.WriteString("data: ")
		switch {
		case c == "[DONE]", strings.HasPrefix(c, "{"):
			b.WriteString(c)
		default:
			b.WriteString(`{"id":"chatcmpl-1","object":"chat.completion.chunk","created":7,"model":"m","choices":` + c + `}`)
		}
		b.WriteString("\n\n")
	}
	return b.String()
}

func one(delta string) string {
	return `[{"index":0,"delta":` + delta + `,"logprobs":null,"finish_reason":null}]`
}

func end(reason string) string {
	return `[{"index":0,"delta":{},"logprobs":null,"finish_reason":` + reason + `}]`
}

func callDelta(args string) string { return one(`{"tool_calls":[` + args + `]}`) }

// usage is a usage event as OpenAI sends it.
const usage = `{"id":"chatcmpl-1","object":"chat.completion.chunk","created":7,"model":"m","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,"prompt_tokens_details":{"cached_tokens":4,"cache_write_tokens":2},"completion_tokens_details":{"reasoning_tokens":3}}}`

const showUsage = "usage {Input:10 CacheRead:4 CacheWrite:2 CacheWrite1h:0 Output:5 Reasoning:3}"

// faithful are streams as OpenAI and well-behaved servers send them.
var faithful = []struct {
	name, stream, want string
}{
	{"text", stream(one(`{"role":"assistant","content":"","refusal":null}`), one(`{"content":"Hel"}`), one(`{"content":"lo\n\u2028"}`), end(`"stop"`), usage, "[DONE]"),
		"start chatcmpl-1 m 7\nopen 0.0 text\ndelta 0 \"Hel\"\ndelta 0 \"lo\\n\\u2028\"\n" + showUsage + "\nclose 0\nstop 0 end\nend"},
	{"reasoning, text, calls", stream(one(`{"role":"assistant","content":null,"reasoning_content":"hm"}`), one(`{"reasoning_content":" yes","content":null}`), one(`{"content":"I call","reasoning_content":null}`),
		callDelta(`{"index":0,"id":"c1","type":"function","function":{"name":"f","arguments":""}}`), callDelta(`{"index":0,"function":{"arguments":"{\"a\":"}}`), callDelta(`{"index":0,"function":{"arguments":"1}"}}`),
		callDelta(`{"index":1,"id":"c2","type":"function","function":{"name":"g","arguments":""}}`), end(`"tool_calls"`), usage, "[DONE]"),
		"start chatcmpl-1 m 7\nopen 0.0 thinking\ndelta 0 \"hm\"\ndelta 0 \" yes\"\nclose 0\nopen 0.1 text\ndelta 1 \"I call\"\nclose 1\nopen 0.2 call c1 f custom=false\ndelta 2 \"{\\\"a\\\":\"\ndelta 2 \"1}\"\nclose 2\nopen 0.3 call c2 g custom=false\n" + showUsage + "\nclose 3\nstop 0 tool\nend"},
	{"two choices", stream(`[{"index":0,"delta":{"role":"assistant","content":"a"},"finish_reason":null}]`, `[{"index":1,"delta":{"role":"assistant","content":"b"},"finish_reason":null}]`, `[{"index":0,"delta":{"content":"A"},"finish_reason":null}]`,
		`[{"index":1,"delta":{},"finish_reason":"length"},{"index":0,"delta":{},"finish_reason":"stop"}]`, usage, "[DONE]"),
		"start chatcmpl-1 m 7\nopen 0.0 text\ndelta 0 \"a\"\nopen 1.1 text\ndelta 1 \"b\"\ndelta 0 \"A\"\n" + showUsage + "\nclose 0\nclose 1\nstop 0 end\nstop 1 length\nend"},
	{"refusal", stream(one(`{"role":"assistant","content":"","refusal":null}`), one(`{"refusal":"I "}`), one(`{"refusal":"won't"}`), end(`"stop"`), usage, "[DONE]"),
		"start chatcmpl-1 m 7\nopen 0.0 refusal\ndelta 0 \"I \"\ndelta 0 \"won't\"\n" + showUsage + "\nclose 0\nstop 0 refusal\nend"},
}

func TestDecodeStream(t *testing.T) {
	for _, test := range faithful {
		diff(t, test.name, strings.Join(read(t, strings.NewReader(test.stream)), "\n"), test.want)
	}
}

func TestDecodeStreamQuirks(t *testing.T) {
	const start = "start chatcmpl-1 m 7\n"
	const f = "open 0.0 call c1 f custom=false\n"
	tests := []struct {
		name   string
		chunks []string
		want   string // behind start
	}{
		{"usage in between and growing", []string{one(`{"content":"a"}`), `{"id":"chatcmpl-1","model":"m","created":7,"choices":[{"index":0,"delta":{"content":"b"}}],"usage":{"prompt_tokens":3,"completion_tokens":1}}`, `{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}}`, `{"choices":[],"usage":{"prompt_tokens":0,"completion_tokens":0}}`, end(`"stop"`), "[DONE]"},
			"open 0.0 text\ndelta 0 \"a\"\ndelta 0 \"b\"\nusage {Input:3 CacheRead:0 CacheWrite:0 CacheWrite1h:0 Output:1 Reasoning:0}\nusage {Input:3 CacheRead:0 CacheWrite:0 CacheWrite1h:0 Output:2 Reasoning:0}\nusage {Input:3 CacheRead:0 CacheWrite:0 CacheWrite1h:0 Output:2 Reasoning:0}\nclose 0\nstop 0 end\nend"},
		{"usage does not close a call", []string{callDelta(`{"index":0,"id":"c1","function":{"name":"f","arguments":"{"}}`), `{"choices":[],"usage":{"prompt_tokens":3}}`, callDelta(`{"index":0,"function":{"arguments":"}"}}`), end(`"tool_calls"`), "[DONE]"},
			f + "delta 0 \"{\"\nusage {Input:3 CacheRead:0 CacheWrite:0 CacheWrite1h:0 Output:0 Reasoning:0}\ndelta 0 \"}\"\nclose 0\nstop 0 tool\nend"},
		{"no finish_reason but [DONE]", []string{one(`{"content":"a"}`), "[DONE]"}, "open 0.0 text\ndelta 0 \"a\"\nclose 0\nstop 0 end\nend"},
		{"no [DONE] but finish_reason", []string{one(`{"content":"a"}`), end(`"length"`)}, "open 0.0 text\ndelta 0 \"a\"\nclose 0\nstop 0 length\nend"},
		{"nothing said", []string{one(`{"role":"assistant","content":""}`), end(`"stop"`), "[DONE]"}, "stop 0 end\nend"},
		{"finish with the last content", []string{`[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]`, "[DONE]"}, "open 0.0 text\ndelta 0 \"a\"\nclose 0\nstop 0 end\nend"},
		{"content behind the finish", []string{end(`"stop"`), one(`{"content":"a"}`), "[DONE]"}, "open 0.0 text\ndelta 0 \"a\"\nclose 0\nstop 0 end\nend"},
		{"empty finish_reason", []string{end(`""`), one(`{"content":"a"}`), end(`"content_filter"`)}, "open 0.0 text\ndelta 0 \"a\"\nclose 0\nstop 0 filter\nend"},
		{"stop although there are calls", []string{callDelta(`{"index":0,"id":"c1","function":{"name":"f","arguments":"{}"}}`), end(`"stop"`), "[DONE]"}, f + "close 0\nstop 0 tool\nend"},
		{"tool-calls although there are none", []string{one(`{"content":"a"}`), end(`"tool-calls"`), "[DONE]"}, "open 0.0 text\ndelta 0 \"a\"\nclose 0\nstop 0 end\nend"},
		{"calls cut off by the limit", []string{callDelta(`{"index":0,"id":"c1","function":{"name":"f","arguments":"{\"a"}}`), end(`"length"`), "[DONE]"}, f + "delta 0 \"{\\\"a\"\nclose 0\nstop 0 length\nend"},
		{"vLLM tells the stop sequence", []string{one(`{"content":"a"}`), `[{"index":0,"delta":{},"finish_reason":"stop","stop_reason":"END"}]`, "[DONE]"}, "open 0.0 text\ndelta 0 \"a\"\nclose 0\nstop 0 sequence\"END\"\nend"},
		{"both names of reasoning", []string{one(`{"reasoning":"hm","reasoning_content":"hm"}`), end(`"stop"`)}, "open 0.0 thinking\ndelta 0 \"hm\"\nclose 0\nstop 0 end\nend"},
		{"reasoning and its details", []string{one(`{"reasoning":"hm","reasoning_details":[{"type":"reasoning.text","text":"hm"}]}`), end(`"stop"`)}, "open 0.0 thinking\ndelta 0 \"hm\"\nclose 0\nstop 0 end\nend"},
		{"details alone", []string{one(`{"reasoning_details":[{"type":"reasoning.text","text":"hm"},{"type":"reasoning.summary","summary":"so"},{"type":"reasoning.encrypted","data":"x"}]}`), end(`"stop"`)}, "open 0.0 thinking\ndelta 0 \"hm\"\ndelta 0 \"so\"\n" +
			stateOf(0, `[{"type":"reasoning.text","text":"hm"},{"type":"reasoning.summary","summary":"so"},{"type":"reasoning.encrypted","data":"x"}]`) + "close 0\nstop 0 end\nend"},
		{"details in pieces", []string{one(`{"reasoning":"hm","reasoning_details":[{"type":"reasoning.text","text":"h","index":0,"format":"f"}]}`), one(`{"reasoning_details":[{"type":"reasoning.text","text":"m","signature":"s","index":0}]}`), one(`{"content":"a"}`), end(`"stop"`)},
			"open 0.0 thinking\ndelta 0 \"hm\"\ndelta 0 \"m\"\n" + stateOf(0, `[{"type":"reasoning.text","format":"f","index":0,"text":"hm","signature":"s"}]`) + "close 0\nopen 0.1 text\ndelta 1 \"a\"\nclose 1\nstop 0 end\nend"},
		{"details without thoughts", []string{one(`{"reasoning_details":[{"type":"reasoning.encrypted","data":"x","id":"c1"}]}`), callDelta(`{"index":0,"id":"c1","function":{"name":"f","arguments":"{}"}}`), end(`"tool_calls"`)},
			"open 0.0 thinking redacted\n" + stateOf(0, `[{"type":"reasoning.encrypted","id":"c1","data":"x"}]`) + "close 0\nopen 0.1 call c1 f custom=false\nclose 1\nstop 0 tool\nend"},
		{"content as parts", []string{one(`{"content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]},{"type":"text","text":"a"},"b"]}`), end(`"stop"`)}, "open 0.0 thinking\ndelta 0 \"hm\"\nclose 0\nopen 0.1 text\ndelta 1 \"a\"\ndelta 1 \"b\"\nclose 1\nstop 0 end\nend"},
		{"Google's thoughts", []string{one(`{"content":"hm","extra_content":{"google":{"thought":true}}}`), one(`{"content":"a","extra_content":{"google":{"thought_signature":"s"}}}`), end(`"stop"`)}, "open 0.0 thinking\ndelta 0 \"hm\"\nclose 0\nopen 0.1 text\ndelta 1 \"a\"\nsignature 1 \"s\"\nclose 1\nstop 0 end\nend"},
		{"Google's signature of a call", []string{callDelta(`{"index":0,"id":"c1","function":{"name":"f","arguments":"{\"a\":1}"},"extra_content":{"google":{"thought_signature":"s"}}}`), end(`"stop"`)}, strings.TrimSuffix(f, "\n") + " signed \"s\"\ndelta 0 \"{\\\"a\\\":1}\"\nclose 0\nstop 0 tool\nend"},
		{"id and name again", []string{callDelta(`{"index":0,"id":"c1","function":{"name":"f","arguments":"{\"a"}}`), callDelta(`{"index":0,"id":"c1","type":"function","function":{"name":"f","arguments":"\":1}"}}`), end(`"tool_calls"`)}, f + "delta 0 \"{\\\"a\"\ndelta 0 \"\\\":1}\"\nclose 0\nstop 0 tool\nend"},
		{"an id for every chunk", []string{callDelta(`{"index":0,"id":"c1","function":{"name":"f","arguments":"{"}}`), callDelta(`{"index":0,"id":"c9","function":{"arguments":"}"}}`), end(`"tool_calls"`)}, f + "delta 0 \"{\"\ndelta 0 \"}\"\nclose 0\nstop 0 tool\nend"},
		{"no index", []string{callDelta(`{"id":"c1","function":{"name":"f","arguments":"{"}}`), callDelta(`{"function":{"arguments":"}"}}`), callDelta(`{"id":"c2","function":{"name":"g","arguments":"{\"b\":2}"}}`), end(`"tool_calls"`)}, f + "delta 0 \"{\"\ndelta 0 \"}\"\nclose 0\nopen 0.1 call c2 g custom=false\ndelta 1 \"{\\\"b\\\":2}\"\nclose 1\nstop 0 tool\nend"},
		{"index -1", []string{callDelta(`{"index":-1,"id":"c1","function":{"name":"f","arguments":"{\"b\":2}"}},{"index":-1,"id":"c2","function":{"name":"g","arguments":"{}"}}`), end(`"tool_calls"`)}, f + "delta 0 \"{\\\"b\\\":2}\"\nclose 0\nopen 0.1 call c2 g custom=false\nclose 1\nstop 0 tool\nend"},
		{"index 0 for all", []string{callDelta(`{"index":0,"id":"c1","function":{"name":"f","arguments":"{\"b\":2}"}}`), callDelta(`{"index":0,"id":"c2","function":{"name":"g","arguments":"{}"}}`), end(`"stop"`)}, f + "delta 0 \"{\\\"b\\\":2}\"\nclose 0\nopen 0.1 call c2 g custom=false\nclose 1\nstop 0 tool\nend"},
		{"interleaved", []string{callDelta(`{"index":0,"id":"c1","function":{"name":"f","arguments":"{"}}`), callDelta(`{"index":1,"id":"c2","function":{"name":"g","arguments":"{"}}`), callDelta(`{"index":0,"function":{"arguments":"}"}},{"index":1,"function":{"arguments":"}"}}`), end(`"tool_calls"`)}, f + "delta 0 \"{\"\nopen 0.1 call c2 g custom=false\ndelta 1 \"{\"\ndelta 0 \"}\"\ndelta 1 \"}\"\nclose 0\nclose 1\nstop 0 tool\nend"},
		{"arguments as an object", []string{callDelta(`{"index":0,"id":"c1","function":{"name":"f","arguments":{"a":"x"}}}`), end(`"tool_calls"`)}, f + "delta 0 \"{\\\"a\\\":\\\"x\\\"}\"\nclose 0\nstop 0 tool\nend"},
		{"arguments whole again", []string{callDelta(`{"index":0,"id":"c1","function":{"name":"f","arguments":"{\"a\":"}}`), callDelta(`{"index":0,"function":{"arguments":"1}"}}`), callDelta(`{"index":0,"function":{"arguments":"{\"a\":1}"}}`), end(`"tool_calls"`)}, f + "delta 0 \"{\\\"a\\\":\"\ndelta 0 \"1}\"\nclose 0\nstop 0 tool\nend"},
		{"arguments as growing wholes", []string{callDelta(`{"index":0,"id":"c1","function":{"name":"f","arguments":"{\"a\""}}`), callDelta(`{"index":0,"function":{"arguments":"{\"a\":1"}}`), callDelta(`{"index":0,"function":{"arguments":"{\"a\":1}"}}`), end(`"tool_calls"`)}, f + "delta 0 \"{\\\"a\\\"\"\ndelta 0 \":1\"\ndelta 0 \"}\"\nclose 0\nstop 0 tool\nend"},
		{"arguments that look like their surroundings", []string{callDelta(`{"index":0,"id":"c1","function":{"name":"f","arguments":"{\"a\":"}}`), callDelta(`{"index":0,"function":{"arguments":"{\"a\":"}}`), callDelta(`{"index":0,"function":{"arguments":"1}}"}}`), end(`"tool_calls"`)}, f + "delta 0 \"{\\\"a\\\":\"\ndelta 0 \"{\\\"a\\\":\"\ndelta 0 \"1}}\"\nclose 0\nstop 0 tool\nend"},
		{"name behind the arguments", []string{callDelta(`{"index":0,"id":"c1","function":{"arguments":"{\"a\":"}}`), callDelta(`{"index":0,"function":{"name":"f","arguments":"1}"}}`), end(`"tool_calls"`)}, f + "delta 0 \"{\\\"a\\\":\"\ndelta 0 \"1}\"\nclose 0\nstop 0 tool\nend"},
		{"no id", []string{callDelta(`{"index":0,"function":{"name":"f","arguments":"{}"}}`), end(`"tool_calls"`)}, "open 0.0 call " + translate.CallID(0, 0, "f") + " f custom=false\nclose 0\nstop 0 tool\nend"},
		{"the same id twice", []string{callDelta(`{"index":0,"id":"c1","function":{"name":"f","arguments":"{}"}}`), callDelta(`{"index":1,"id":"c1","function":{"name":"f","arguments":"{}"}}`), end(`"tool_calls"`)}, f + "open 0.1 call " + translate.CallID(0, 1, "f") + " f custom=false\nclose 0\nclose 1\nstop 0 tool\nend"},
		{"custom call", []string{callDelta(`{"index":0,"id":"c1","type":"custom","custom":{"name":"p","input":""}}`), callDelta(`{"index":0,"custom":{"input":"say \"hi\"\n"}}`), callDelta(`{"index":0,"custom":{"input":"x"}}`), end(`"tool_calls"`)},
			"open 0.0 call c1 p custom=true\ndelta 0 \"{\\\"input\\\":\\\"\"\ndelta 0 \"say \\\\\\\"hi\\\\\\\"\\\\n\"\ndelta 0 \"x\"\ndelta 0 \"\\\"}\"\nclose 0\nstop 0 tool\nend"},
		{"legacy function_call", []string{one(`{"function_call":{"name":"f","arguments":"{"}}`), one(`{"function_call":{"arguments":"}"}}`), end(`"function_call"`)}, "open 0.0 call " + translate.CallID(0, 0, "f") + " f custom=false\ndelta 0 \"{\"\ndelta 0 \"}\"\nclose 0\nstop 0 tool\nend"},
		{"text between calls", []string{callDelta(`{"index":0,"id":"c1","function":{"name":"f","arguments":"{"}}`), one(`{"content":"x"}`), callDelta(`{"index":0,"function":{"arguments":"}"}}`), end(`"tool_calls"`)}, f + "delta 0 \"{\"\nopen 0.1 text\ndelta 1 \"x\"\ndelta 0 \"}\"\nclose 1\nclose 0\nstop 0 tool\nend"},
		{"a whole message for a stream", []string{`{"id":"chatcmpl-1","created":7,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"a"},"finish_reason":"stop"}]}`, "[DONE]"}, "open 0.0 text\ndelta 0 \"a\"\nclose 0\nstop 0 end\nend"},
		{"the whole message again at the end", []string{one(`{"content":"a"}`), `[{"index":0,"message":{"role":"assistant","content":"a"},"finish_reason":"stop"}]`, "[DONE]"}, "open 0.0 text\ndelta 0 \"a\"\nclose 0\nstop 0 end\nend"},
		{"citations", []string{one(`{"content":"a"}`), one(`{"annotations":[{"type":"url_citation","url_citation":{"url":"https://x","title":"X","start_index":0,"end_index":1}}]}`), end(`"stop"`)}, "open 0.0 text\ndelta 0 \"a\"\ncite 0 \"https://x\" \"X\" 0-1\nclose 0\nstop 0 end\nend"},
		{"logprobs", []string{`[{"index":0,"delta":{"content":"a"},"logprobs":{"content":[{"token":"a","logprob":-1,"bytes":[97],"top_logprobs":[]}]},"finish_reason":null}]`, end(`"stop"`)}, "open 0.0 text\ndelta 0 \"a\"\nlogprobs 0 [{\"token\":\"a\",\"logprob\":-1,\"bytes\":[97],\"top_logprobs\":[]}]\nclose 0\nstop 0 end\nend"},
		{"image", []string{one(`{"content":"a","images":[{"type":"image_url","image_url":{"url":"data:image/png;base64,QQ=="}}]}`), end(`"stop"`)}, "open 0.0 text\ndelta 0 \"a\"\nclose 0\nopen 0.1 image\nmedia 1 image/png QQ==\nclose 1\nstop 0 end\nend"},
		{"Azure's first event, Groq's last", []string{`{"id":"","choices":[],"prompt_filter_results":[]}`, one(`{"content":"a"}`), `{"id":"chatcmpl-1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"x_groq":{"usage":{"prompt_tokens":1,"completion_tokens":2}}}`, "[DONE]"}, "open 0.0 text\ndelta 0 \"a\"\nusage {Input:1 CacheRead:0 CacheWrite:0 CacheWrite1h:0 Output:2 Reasoning:0}\nclose 0\nstop 0 end\nend"},
		{"an error in mid-stream", []string{one(`{"content":"a"}`), `{"error":{"message":"overloaded","type":"overloaded_error"}}`, one(`{"content":"b"}`), "[DONE]"}, "open 0.0 text\ndelta 0 \"a\"\nerror 10 overloaded"},
		{"an error beside choices", []string{one(`{"content":"a"}`), `{"id":"x","error":{"code":502,"message":"provider"},"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}]}`}, "open 0.0 text\ndelta 0 \"a\"\nerror 12 provider"},
		{"finish_reason error", []string{one(`{"content":"a"}`), end(`"error"`), "[DONE]"}, "open 0.0 text\ndelta 0 \"a\"\nerror 12 the upstream broke off with finish_reason error"},
		{"error: null is none", []string{`{"id":"chatcmpl-1","created":7,"model":"m","error":null,"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]}`}, "open 0.0 text\ndelta 0 \"a\"\nclose 0\nstop 0 end\nend"},
		{"a call without a name", []string{callDelta(`{"index":0,"id":"c1","function":{"arguments":"{}"}}`), "[DONE]"}, "error 12 the upstream sent a tool call without a name"},
		{"an empty call", []string{one(`{"content":"a"}`), callDelta(`{"index":0}`), end(`"stop"`)}, "open 0.0 text\ndelta 0 \"a\"\nclose 0\nstop 0 end\nend"},
		{"not JSON", []string{one(`{"content":"a"}`), `{"content`}, "open 0.0 text\ndelta 0 \"a\"\nerror 12 the upstream sent an event that is not JSON"},
	}
	for _, test := range tests {
		got := strings.Join(read(t, strings.NewReader(stream(test.chunks...))), "\n")
		diff(t, test.name, got, start+test.want)
	}
}

func TestDecodeStreamThatNeverStarts(t *testing.T) {
	tests := []struct{ name, stream, want string }{
		{"nothing", "", "error 14 the upstream's stream ended before completion"},
		{"comments", ": hold on\n\n", "error 14 the upstream's stream ended before completion"},
		{"[DONE] alone", "data: [DONE]\n\n", "error 12 the upstream's answer holds no choices"},
		{"an error first", `data: {"error":{"message":"slow","type":"requests","code":"rate_limit_exceeded"}}` + "\n\n", "error 8 slow"},
		{"an error event", "event: error\ndata: {\"message\":\"bad\",\"code\":400}\n\n", "error 1 bad"},
		{"vLLM's bare error", `data: {"object":"error","message":"maximum context length is 10","type":"BadRequestError","code":400}` + "\n\n", "error 2 maximum context length is 10"},
		{"Google's array", `data: [{"error":{"code":429,"message":"quota","status":"RESOURCE_EXHAUSTED"}}]` + "\n\n", "error 8 quota"},
		{"HTML", "<html><body>502</body></html>\n\n", "error 14 the upstream's stream ended before completion"},
		{"a number", "data: 5\n\n", "error 12 the upstream sent an event that is no object"},
	}
	for _, test := range tests {
		diff(t, test.name, strings.Join(read(t, strings.NewReader(test.stream)), "\n"), test.want)
	}
}

func TestDecodeStreamInAnyChunks(t *testing.T) {
	for _, test := range faithful {
		want := strings.Join(read(t, strings.NewReader(test.stream)), "\n")
		diff(t, test.name+", byte by byte", strings.Join(read(t, iotest.OneByteReader(strings.NewReader(test.stream))), "\n"), want)
		for _, end := range []string{"\r\n", "\r"} {
			crlf := strings.ReplaceAll(test.stream, "\n", end)
			diff(t, test.name+", other line ends", strings.Join(read(t, iotest.HalfReader(strings.NewReader(crlf))), "\n"), want)
		}
		spaced := ": c\n\n" + strings.ReplaceAll(test.stream, "data: ", "data:")
		diff(t, test.name+", no space and comments", strings.Join(read(t, strings.NewReader(spaced)), "\n"), want)
	}
}

// TestDecodeStreamCut cuts the streams at every byte. A stream is whole once
// every choice has its finish_reason.
func TestDecodeStreamCut(t *testing.T) {
	for _, test := range faithful {
		whole := wholeFrom(test.stream)
		for n := range len(test.stream) {
			lines := read(t, strings.NewReader(test.stream[:n]))
			last := lines[len(lines)-1]
			atFrame := strings.HasSuffix(test.stream[:n], "}\n\n")
			if n >= whole && atFrame && last != "end" {
				t.Errorf("%s, cut at %d behind the last finish_reason: got %q, want end", test.name, n, last)
			}
			if n < whole-len("\n\n") && !strings.HasPrefix(last, "error 14 ") {
				t.Errorf("%s, cut at %d of %d: got %q, want it truncated\n%s", test.name, n, len(test.stream), last, test.stream[:n])
			}
			for _, line := range lines[:len(lines)-1] {
				if strings.HasPrefix(line, "error") || line == "end" || strings.HasPrefix(line, "stop") && last != "end" {
					t.Errorf("%s, cut at %d: got %q before %q", test.name, n, line, last)
				}
			}
		}
	}
}

// wholeFrom is the length of a stream up to its last finish_reason.
func wholeFrom(s string) int {
	i := max(strings.LastIndex(s, `"finish_reason":"`), 0)
	return i + strings.Index(s[i:], "\n\n") + 2
}

func TestDecodeStreamStopsAtErrors(t *testing.T) {
	broken := errors.New("client gone")
	d := New().NewStreamDecoder()
	frame := sse.Frame{Data: []byte(`{"choices":[{"index":0,"delta":{"content":"a"}}]}`)}
	if got := d.Decode(frame, func(*translate.Event) error { return broken }); got != broken {
		t.Errorf("got %v, want emit's error", got)
	}
}

func TestAppendBreak(t *testing.T) {
	got := string(New().NewStreamDecoder().AppendBreak([]byte("x"), &translate.Error{Kind: translate.Truncated, Message: "cut"}))
	want := "x" + `data: {"error":{"message":"cut","type":"server_error","param":null,"code":"stream_incomplete"}}` + "\n\n"
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func FuzzStreamDecoder(f *testing.F) {
	for _, test := range faithful {
		f.Add([]byte(test.stream))
	}
	f.Add([]byte(stream(callDelta(`{"index":0,"id":"c1","type":"custom","custom":{"name":"p","input":"x"}}`), `{"error":{"message":"x"}}`)))
	f.Fuzz(func(t *testing.T, data []byte) {
		read(t, bytes.NewReader(data))
		checkGrammar(t, frames(t, string(through(t, string(data)))))
	})
}
