package gemini

import (
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/sse"
)

func TestDecodeResponse(t *testing.T) {
	tests := []struct{ name, body, want string }{
		{"text", `{"candidates":[{"content":{"parts":[{"text":"t","thought":true},{"text":"a"},{"text":"b"}],"role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":4,"candidatesTokenCount":2,"thoughtsTokenCount":1},"modelVersion":"g","responseId":"r"}`,
			"r g\n0 stop 1: thinking(\"t\") + text(\"ab\")\nusage {Input:4 CacheRead:0 CacheWrite:0 CacheWrite1h:0 Output:3 Reasoning:1}"},
		{"call", `{"candidates":[{"content":{"parts":[{"functionCall":{"id":"1","name":"f","args":{"a":1}},"thoughtSignature":"c2ln"}]},"finishReason":"STOP"}]}`,
			" \n0 stop 4: call(1 f {\"a\":1}) signed \"c2ln\""},
		{"no finish reason", `{"candidates":[{"content":{"parts":[{"text":"a"}]}}]}`, " \n0 stop 0: text(\"a\")"},
		{"blocked", `{"promptFeedback":{"blockReason":"SAFETY"}}`, " \n0 stop 6: "},
		{"two", `{"candidates":[{"index":1,"content":{"parts":[{"text":"b"}]},"finishReason":"STOP"},{"content":{"parts":[{"text":"a"}]},"finishReason":"MAX_TOKENS"}]}`,
			" \n0 stop 2: text(\"a\")\n1 stop 1: text(\"b\")"},
		{"list of fragments", `[{"candidates":[{"content":{"parts":[{"text":"a"}]}}]},{"candidates":[{"content":{"parts":[{"text":"b"}]},"finishReason":"STOP"}]}]`,
			" \n0 stop 1: text(\"ab\")"},
	}
	for _, test := range tests {
		r, err := New().DecodeResponse([]byte(test.body))
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if got := describeResponse(r); got != test.want {
			t.Errorf("%s: got\n%s\nwant\n%s", test.name, got, test.want)
		}
	}
}

func TestDecodeResponseErrors(t *testing.T) {
	tests := []struct {
		name, body string
		kind       translate.ErrorKind
	}{
		{"markup", `<html>`, translate.Upstream},
		{"nothing", ``, translate.Upstream},
		{"cut", `{"candidates":[{"content":{"par`, translate.Upstream},
		{"no candidates", `{"usageMetadata":{}}`, translate.Upstream},
		{"a string", `"ok"`, translate.Upstream},
		{"error", `{"error":{"code":400,"message":"bad","status":"INVALID_ARGUMENT"}}`, translate.InvalidRequest},
		{"malformed", `{"candidates":[{"finishReason":"MALFORMED_FUNCTION_CALL"}]}`, translate.Upstream},
	}
	for _, test := range tests {
		_, err := New().DecodeResponse([]byte(test.body))
		if e, ok := err.(*translate.Error); !ok || e.Kind != test.kind {
			t.Errorf("%s: got %v, want an error of kind %d", test.name, err, test.kind)
		}
	}
}

// TestResponseIsStream shows that an answer reads the same, streamed or whole.
func TestResponseIsStream(t *testing.T) {
	for _, f := range fixtures() {
		var acc translate.Accumulator
		d := New().NewStreamDecoder()
		for _, c := range f.chunks {
			if err := d.Decode(sse.Frame{Data: []byte(c)}, acc.Push); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.Close(acc.Push); err != nil {
			t.Fatal(err)
		}
		streamed, err := acc.Response()
		if err != nil {
			t.Fatal(err)
		}
		chunks := f.chunks
		if chunks[len(chunks)-1] == "[DONE]" {
			chunks = chunks[:len(chunks)-1]
		}
		whole, err := New().DecodeResponse([]byte("[" + strings.Join(chunks, ",") + "]"))
		if err != nil {
			t.Fatal(err)
		}
		if got, want := describeResponse(whole), describeResponse(streamed); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", f.name, got, want)
		}
	}
}
