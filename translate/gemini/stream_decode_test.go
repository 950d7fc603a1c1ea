package gemini

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/sse"
)

// sseOf makes a stream of chunks.
func sseOf(chunks ...string) string {
	return "data: " + strings.Join(chunks, "\r\n\r\ndata: ") + "\r\n\r\n"
}

// run decodes a stream and renders its events, one a line. It fails the test
// when their order is wrong.
func run(t testing.TB, src io.Reader) []string {
	t.Helper()
	var v translate.Validator
	var lines []string
	emit := func(ev *translate.Event) error {
		if err := v.Check(ev); err != nil {
			t.Errorf("%s: %v", ev.Type, err)
		}
		lines = append(lines, describeEvent(ev))
		return nil
	}
	d := New().NewStreamDecoder()
	r := sse.NewReader(src, nil, 0)
	for {
		frame, err := r.Next()
		if err != nil {
			break
		}
		if err := d.Decode(frame, emit); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 { // the second must do nothing
		if err := d.Close(emit); err != nil {
			t.Fatal(err)
		}
	}
	return lines
}

func describeEvent(ev *translate.Event) string {
	s := ev.Type.String()
	switch ev.Type {
	case translate.EventStart:
		s += fmt.Sprintf(" %s %s", ev.ID, ev.Model)
		if ev.Usage != nil {
			s += fmt.Sprintf(" %+v", *ev.Usage)
		}
	case translate.EventBlockStart:
		s += fmt.Sprintf(" %d/%d %s", ev.Choice, ev.Block, ev.Kind)
		if ev.Call != nil {
			s += fmt.Sprintf(" %s %s", ev.Call.ID, ev.Call.Name)
		}
		if ev.Redacted {
			s += " redacted"
		}
		if ev.Signature != nil {
			s += fmt.Sprintf(" signed %s", ev.Signature)
		}
		if ev.Search != nil {
			s += fmt.Sprintf(" %s", ev.Search.Queries)
			for _, found := range ev.Search.Sources {
				s += " " + string(found.URL)
			}
		}
	case translate.EventCitation:
		s += fmt.Sprintf(" %d %s %s %d-%d", ev.Block, ev.Citation.URL, ev.Citation.Title, ev.Citation.Start, ev.Citation.End)
	case translate.EventDelta:
		s += fmt.Sprintf(" %d %s", ev.Block, ev.Text)
	case translate.EventMedia:
		s += fmt.Sprintf(" %d %s %s", ev.Block, ev.Media.MIME, ev.Media.Data)
	case translate.EventSignature:
		s += fmt.Sprintf(" %d %s", ev.Block, ev.Signature)
	case translate.EventLogprobs:
		s += fmt.Sprintf(" %d %s", ev.Block, ev.Logprobs)
	case translate.EventBlockStop:
		s += fmt.Sprintf(" %d", ev.Block)
	case translate.EventUsage:
		s += fmt.Sprintf(" %+v", *ev.Usage)
	case translate.EventStop:
		s += fmt.Sprintf(" %d reason %d", ev.Choice, ev.Stop)
		if ev.Resume != nil {
			s += " resume " + string(ev.Resume.Token)
		}
	case translate.EventError:
		s += fmt.Sprintf(" %d %s", ev.Err.Kind, ev.Err.Message)
	}
	return s
}

type fixture struct {
	name   string
	chunks []string
	want   []string
}

const ids = `,"modelVersion":"gemini-3","responseId":"r1"}`

func fixtures() []fixture {
	id := func(n int, name, args string) string {
		return translate.CallID("r1", "gemini-3", 7, n, name, []byte(args))
	}
	return []fixture{
		{"thoughts, text and signature", []string{
			`{"candidates":[{"content":{"parts":[{"text":"Hm","thought":true}],"role":"model"},"index":0}],"usageMetadata":{"promptTokenCount":7,"totalTokenCount":7}` + ids,
			`{"candidates":[{"content":{"parts":[{"text":"m.","thought":true}],"role":"model"}}],"usageMetadata":{"promptTokenCount":7,"thoughtsTokenCount":3}` + ids,
			`{"candidates":[{"content":{"parts":[{"text":"He"}],"role":"model"}}],"usageMetadata":{"promptTokenCount":7,"thoughtsTokenCount":3}` + ids,
			`{"candidates":[{"content":{"parts":[{"text":"llo \"you\"\n"}],"role":"model"}}]` + ids,
			`{"candidates":[{"content":{"parts":[{"text":"","thoughtSignature":"c2ln"}],"role":"model"},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":7,"candidatesTokenCount":5,"thoughtsTokenCount":3,"cachedContentTokenCount":2,"toolUsePromptTokenCount":1,"totalTokenCount":16}` + ids,
		}, []string{
			"start r1 gemini-3 {Input:7 CacheRead:0 CacheWrite:0 CacheWrite1h:0 Output:0 Reasoning:0}",
			"block_start 0/0 thinking", `delta 0 "Hm"`, `delta 0 "m."`, "usage {Input:7 CacheRead:0 CacheWrite:0 CacheWrite1h:0 Output:3 Reasoning:3}",
			"block_stop 0", "block_start 0/1 text", `delta 1 "He"`, `delta 1 "llo \"you\"\n"`, `signature 1 "c2ln"`,
			"usage {Input:8 CacheRead:2 CacheWrite:0 CacheWrite1h:0 Output:8 Reasoning:3}", "block_stop 1", "stop 0 reason 1", "end",
		}},
		{"parallel calls", []string{
			`{"candidates":[{"content":{"parts":[{"text":"Look"}],"role":"model"},"index":0}],"usageMetadata":{"promptTokenCount":7}` + ids,
			`{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{"a": "x\ny"}},"thoughtSignature":"c2ln"}],"role":"model"}}]` + ids,
			`{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f"}},{"functionCall":{"id":"z","name":"g","args":{}}},{"functionCall":{"id":"z","name":"g","args":{}}}],"role":"model"},"finishReason":"STOP"}]` + ids,
		}, []string{
			"start r1 gemini-3 {Input:7 CacheRead:0 CacheWrite:0 CacheWrite1h:0 Output:0 Reasoning:0}",
			"block_start 0/0 text", `delta 0 "Look"`, "block_stop 0",
			"block_start 0/1 tool_call " + id(0, "f", `{"a": "x\ny"}`) + ` f signed "c2ln"`, `delta 1 "{\"a\": \"x\\ny\"}"`, "block_stop 1",
			"block_start 0/2 tool_call " + id(1, "f", `{}`) + " f", `delta 2 "{}"`, "block_stop 2",
			"block_start 0/3 tool_call z g", `delta 3 "{}"`, "block_stop 3", "block_start 0/4 tool_call z_2 g", `delta 4 "{}"`, "block_stop 4",
			"stop 0 reason 4", "end",
		}},
		{"two candidates", []string{
			`{"candidates":[{"content":{"parts":[{"text":"a"}]},"index":0},{"content":{"parts":[{"text":"b"}]},"index":1}]` + ids,
			`{"candidates":[{"content":{"parts":[{"text":"c"}]},"index":1,"finishReason":"MAX_TOKENS"}]` + ids,
			`{"candidates":[{"content":{"parts":[{"text":"d"}]},"index":0,"finishReason":"STOP"}]` + ids,
		}, []string{
			"start r1 gemini-3", "block_start 0/0 text", `delta 0 "a"`, "block_start 1/1 text", `delta 1 "b"`, `delta 1 "c"`, `delta 0 "d"`,
			"block_stop 0", "stop 0 reason 1", "block_stop 1", "stop 1 reason 2", "end",
		}},
		{"blocked prompt", []string{
			`{"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"},"usageMetadata":{"promptTokenCount":7}` + ids,
		}, []string{"start r1 gemini-3 {Input:7 CacheRead:0 CacheWrite:0 CacheWrite1h:0 Output:0 Reasoning:0}", "stop 0 reason 6", "end"}},
		{"image", []string{
			`{"candidates":[{"content":{"parts":[{"text":"See"},{"inlineData":{"mimeType":"image/png","data":"aGk="}}]},"finishReason":"STOP"}]` + ids,
		}, []string{"start r1 gemini-3", "block_start 0/0 text", `delta 0 "See"`, "block_stop 0", "block_start 0/1 image", "media 1 image/png aGk=", "block_stop 1", "stop 0 reason 1", "end"}},
		{"a finish reason in every chunk", []string{
			`{"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}]` + ids,
			`{"candidates":[{"content":{"parts":[{"text":"b"}]}}]` + ids,
			`{"candidates":[{"content":{"parts":[{"text":"c"}]},"finishReason":"STOP"}]` + ids,
			`{"candidates":[{"finishReason":"STOP"}]` + ids,
		}, []string{"start r1 gemini-3", "block_start 0/0 text", `delta 0 "a"`, `delta 0 "b"`, `delta 0 "c"`, "block_stop 0", "stop 0 reason 1", "end"}},
		{"probabilities", []string{
			`{"candidates":[{"content":{"parts":[{"text":"é"}]},"finishReason":"STOP","logprobsResult":{"chosenCandidates":[{"token":"é","logProbability":-0.50}],"topCandidates":[{"candidates":[{"token":"é","logProbability":-0.50},{"token":"e"}]}]}}]` + ids,
		}, []string{"start r1 gemini-3", "block_start 0/0 text", `delta 0 "é"`,
			`logprobs 0 [{"token":"é","logprob":-0.50,"bytes":[195,169],"top_logprobs":[{"token":"é","logprob":-0.50,"bytes":[195,169]},{"token":"e","logprob":0,"bytes":[101]}]}]`,
			"block_stop 0", "stop 0 reason 1", "end"}},
		{"signed texts", []string{
			`{"candidates":[{"content":{"parts":[{"text":"a","thoughtSignature":"MQ=="},{"text":"b","thoughtSignature":"Mg=="}]},"finishReason":"STOP"}]` + ids,
		}, []string{"start r1 gemini-3", "block_start 0/0 text", `delta 0 "a"`, `signature 0 "MQ=="`, "block_stop 0", "block_start 0/1 text", `delta 1 "b"`, `signature 1 "Mg=="`, "block_stop 1", "stop 0 reason 1", "end"}},
		{"signature behind everything", []string{
			`{"candidates":[{"content":{"parts":[{"functionCall":{"id":"1","name":"f"}},{"text":"","thoughtSignature":"MQ=="}]},"finishReason":"STOP"}]` + ids,
		}, []string{"start r1 gemini-3", "block_start 0/0 tool_call 1 f", `delta 0 "{}"`, "block_stop 0", "block_start 0/1 thinking redacted", `signature 1 "MQ=="`, "block_stop 1", "stop 0 reason 4", "end"}},
		{"nothing said", []string{`{"candidates":[{"finishReason":"OTHER"}]` + ids}, []string{"start r1 gemini-3", "stop 0 reason 0", "end"}},
		{"server-side code", []string{
			`{"candidates":[{"content":{"parts":[{"executableCode":{"code":"1","language":"PYTHON"}},{"codeExecutionResult":{"output":"1"}},{"text":"one"}]},"finishReason":"STOP"}]` + ids,
		}, []string{"start r1 gemini-3", "block_start 0/0 text", "delta 0 \"\\n```python\\n1\\n```\\n\"", "delta 0 \"\\n```\\n1\\n```\\n\"", `delta 0 "one"`, "block_stop 0", "stop 0 reason 1", "end"}},
		{"a search", []string{
			`{"candidates":[{"content":{"parts":[{"text":"Grüße "}]}}]` + ids,
			`{"candidates":[{"content":{"parts":[{"text":"an \u4e16界!"}]},"finishReason":"STOP","groundingMetadata":{"webSearchQueries":["q"],` +
				`"groundingChunks":[{"web":{"uri":"https://a.test","title":"A"}},{"web":{"uri":"https://b.test"}}],` +
				`"groundingSupports":[{"segment":{"startIndex":8,"endIndex":17,"text":"an 世界"},"groundingChunkIndices":[0,1]},{"segment":{"endIndex":900},"groundingChunkIndices":[1,7]}]}}]` + ids,
		}, []string{"start r1 gemini-3", "block_start 0/0 text", `delta 0 "Grüße "`, `delta 0 "an \u4e16界!"`,
			`citation 0 "https://a.test" "A" 6-11`, `citation 0 "https://b.test" null 6-11`, `citation 0 "https://b.test" null 0-12`, "block_stop 0",
			`block_start 0/1 web_search ["q"] "https://a.test" "https://b.test"`, "block_stop 1", "stop 0 reason 1", "end"}},
		{"recitation", []string{
			`{"candidates":[{"content":{"parts":[{"text":"äb"}]},"finishReason":"STOP","citationMetadata":{"citations":[{"startIndex":2,"endIndex":3,"uri":"https://a.test","title":"A"}]}}]` + ids,
		}, []string{"start r1 gemini-3", "block_start 0/0 text", `delta 0 "äb"`, `citation 0 "https://a.test" "A" 1-2`, "block_stop 0", "stop 0 reason 1", "end"}},
		{"to be continued", []string{
			`{"candidates":[{"content":{"parts":[{"text":"a"}]},"continuationToken":"b25l"}]` + ids,
			`{"candidates":[{"content":{"parts":[{"text":"b"}]},"finishReason":"CONTINUATION","continuationToken":"dHdv"}]` + ids,
		}, []string{"start r1 gemini-3", "block_start 0/0 text", `delta 0 "a"`, `delta 0 "b"`, "block_stop 0", `stop 0 reason 2 resume "dHdv"`, "end"}},
		{"snake case and trailing marker", []string{
			`{"candidates":[{"content":{"parts":[{"text":"a"}]},"finish_reason":"STOP"}],"usage_metadata":{"prompt_token_count":"7"},"model_version":"gemini-3","response_id":"r1"}`, `[DONE]`,
		}, []string{"start r1 gemini-3 {Input:7 CacheRead:0 CacheWrite:0 CacheWrite1h:0 Output:0 Reasoning:0}", "block_start 0/0 text", `delta 0 "a"`, "block_stop 0", "stop 0 reason 1", "end"}},
	}
}

func TestDecodeStream(t *testing.T) {
	for _, f := range fixtures() {
		t.Run(f.name, func(t *testing.T) {
			stream := sseOf(f.chunks...)
			want := strings.Join(f.want, "\n")
			for name, src := range map[string]io.Reader{
				"as it is":         strings.NewReader(stream),
				"byte by byte":     iotest.OneByteReader(strings.NewReader(stream)),
				"line feeds":       iotest.HalfReader(strings.NewReader(strings.ReplaceAll(stream, "\r\n", "\n"))),
				"no last line end": strings.NewReader(strings.TrimSpace(stream)),
				"comments between": strings.NewReader(strings.ReplaceAll(stream, "data: ", ": hi\n\ndata: ")),
			} {
				if got := strings.Join(run(t, src), "\n"); got != want {
					t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
				}
			}
		})
	}
}

// TestCutStream cuts each stream at every byte. All but the cuts behind the last
// event's data must end in one error and no end.
func TestCutStream(t *testing.T) {
	for _, f := range fixtures() {
		stream := sseOf(f.chunks...)
		whole := len(strings.TrimSpace(stream))
		if last := f.chunks[len(f.chunks)-1]; last == "[DONE]" || strings.HasPrefix(last, `{"candidates":[{"finishReason":"STOP"}]`) {
			// What comes before says already that the answer is whole.
			whole = len(strings.TrimSpace(sseOf(f.chunks[:len(f.chunks)-1]...)))
		}
		early := -1 // a finish reason in the first chunk cannot be told from the last
		if f.name == "a finish reason in every chunk" {
			early = len(strings.TrimSpace(sseOf(f.chunks[0])))
		}
		for cut := range len(stream) {
			lines := run(t, strings.NewReader(stream[:cut]))
			last, failures := "", 0
			for _, l := range lines {
				last = l
				if strings.HasPrefix(l, "error ") {
					failures++
				}
			}
			complete := cut >= whole || early > 0 && cut >= early && cut <= early+len("\r\n\r\n")
			switch {
			case failures > 1 || failures == 1 && last == "end":
				t.Errorf("%s: cut at %d: got %q", f.name, cut, lines)
			case !complete && last == "end":
				t.Errorf("%s: cut at %d of %d: got an end", f.name, cut, len(stream))
			case complete && cut < whole+2 && failures > 0 && f.chunks[len(f.chunks)-1] != "[DONE]" && early < 0:
				t.Errorf("%s: cut at %d behind the data: got %s", f.name, cut, last)
			case failures == 1 && !strings.HasPrefix(last, fmt.Sprintf("error %d ", translate.Truncated)):
				t.Errorf("%s: cut at %d: got %s, want the kind Truncated", f.name, cut, last)
			}
		}
	}
}

func TestDecodeStreamErrors(t *testing.T) {
	some := `{"candidates":[{"content":{"parts":[{"text":"a"}]}}]}`
	tests := []struct {
		name, stream string
		kind         translate.ErrorKind
		says         string
	}{
		{"nothing", "", translate.Truncated, "before completion"},
		{"no JSON", "data: <html>\n\n", translate.Upstream, "no JSON"},
		{"no object", "data: 1\n\n", translate.Upstream, "no object"},
		{"error first", sseOf(`{"error":{"code":429,"message":"slow down","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"2.5s"}]}}`), translate.RateLimited, "slow down"},
		{"error in a list", sseOf(some, `[{"error":{"code":503,"message":"busy","status":"UNAVAILABLE"}}]`), translate.Overloaded, "busy"},
		{"malformed call", sseOf(some, `{"candidates":[{"finishReason":"MALFORMED_FUNCTION_CALL","finishMessage":"bad f("}]}`), translate.Upstream, "(MALFORMED_FUNCTION_CALL): bad f("},
		{"unexpected call", sseOf(`{"candidates":[{"finishReason":"UNEXPECTED_TOOL_CALL"}]}`), translate.Upstream, "UNEXPECTED_TOOL_CALL"},
		{"call without a name", sseOf(`{"candidates":[{"content":{"parts":[{"functionCall":{}}]},"finishReason":"STOP"}]}`), translate.Upstream, "without a name"},
		{"no finish reason", sseOf(some), translate.Truncated, "before completion"},
		{"one of two unfinished", sseOf(`{"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"},{"index":1,"content":{"parts":[{"text":"a"}]}}]}`), translate.Truncated, "before completion"},
		{"impossible index", sseOf(`{"candidates":[{"index":-1}]}`), translate.Upstream, "impossible"},
		{"usage alone", sseOf(`{"usageMetadata":{"promptTokenCount":1}}`), translate.Truncated, "before completion"},
	}
	for _, test := range tests {
		lines := run(t, strings.NewReader(test.stream))
		last := lines[len(lines)-1]
		if want := fmt.Sprintf("error %d ", test.kind); !strings.HasPrefix(last, want) || !strings.Contains(last, test.says) {
			t.Errorf("%s: got %s, want %s…%s…", test.name, last, want, test.says)
		}
	}
}

func TestStopReasons(t *testing.T) {
	tests := map[string]translate.StopReason{
		"STOP": translate.StopEnd, "MAX_TOKENS": translate.StopLength, "CONTINUATION": translate.StopLength,
		"SAFETY": translate.StopFilter, "RECITATION": translate.StopFilter, "BLOCKLIST": translate.StopFilter, "SPII": translate.StopFilter,
		"PROHIBITED_CONTENT": translate.StopFilter, "LANGUAGE": translate.StopFilter, "IMAGE_SAFETY": translate.StopFilter,
		"OTHER": translate.StopUnknown, "NO_IMAGE": translate.StopUnknown, "SOMETHING_NEW": translate.StopUnknown,
	}
	for reason, want := range tests {
		r, err := New().DecodeResponse([]byte(`{"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"` + reason + `"}]}`))
		if err != nil || r.Choices[0].Stop != want {
			t.Errorf("%s: got %+v, %v, want stop %d", reason, r, err, want)
		}
	}
	r, err := New().DecodeResponse([]byte(`{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f"}}]},"finishReason":"MAX_TOKENS"}]}`))
	if err != nil || r.Choices[0].Stop != translate.StopLength {
		t.Errorf("a call cut at the limit: got %+v, %v, want StopLength", r, err)
	}
}

// TestEmitError shows that the error of the one who takes the events comes back.
func TestEmitError(t *testing.T) {
	stop := errors.New("stop")
	for _, f := range fixtures() {
		for fail := range len(f.want) {
			d, n := New().NewStreamDecoder(), 0
			emit := func(*translate.Event) error {
				if n++; n > fail {
					return stop
				}
				return nil
			}
			var err error
			for _, c := range f.chunks {
				if err = d.Decode(sse.Frame{Data: []byte(c)}, emit); err != nil {
					break
				}
			}
			if err == nil {
				err = d.Close(emit)
			}
			if err != stop {
				t.Errorf("%s: failing at event %d: got %v", f.name, fail, err)
			}
		}
	}
}

func TestAppendBreak(t *testing.T) {
	e := &translate.Error{Kind: translate.Truncated, Message: "cut"}
	const data = `data: {"error":{"code":503,"message":"cut","status":"UNAVAILABLE"}}`
	for _, end := range []string{"\n\n", "\r\n\r\n"} {
		d := New().NewStreamDecoder()
		raw := `data: {"candidates":[{"content":{"parts":[{"text":"a"}]}}]}` + end
		frame, err := sse.NewReader(strings.NewReader(raw), nil, 0).Next()
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Decode(frame, func(*translate.Event) error { return nil }); err != nil {
			t.Fatal(err)
		}
		if got := string(d.AppendBreak(nil, e)); got != data+end {
			t.Errorf("got %q, want %q", got, data+end)
		}
	}
}
