package grammar

import (
	"bytes"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// Gemini judges a streamGenerateContent?alt=sse stream. Google's own SDKs take nothing but data lines and blank lines.
func Gemini(raw []byte, end Ending) error {
	f := &findings{}
	for _, line := range strings.Split(strings.ReplaceAll(string(raw), "\r\n", "\n"), "\n") {
		f.check(line == "" || strings.HasPrefix(line, "data: "), "Google's SDKs stumble over the line %.80q", line)
	}
	events, err := Parse(raw)
	if err != nil {
		f.errs = append(f.errs, err)
		return f.err()
	}
	var fragments []gjson.Result
	for n, e := range events {
		if f.check(gjson.Valid(e.Data) && e.JSON().IsObject(), "event %d is no JSON object: %.120q", n, e.Data) {
			fragments = append(fragments, e.JSON())
		}
	}
	geminiFragments(f, fragments, end)
	return f.err()
}

// GeminiArray judges a streamGenerateContent stream without alt=sse: one JSON array of fragments.
func GeminiArray(raw []byte, end Ending) error {
	f := &findings{}
	if f.check(gjson.ValidBytes(raw) && gjson.ParseBytes(raw).IsArray(), "the stream is no JSON array: %.200q", bytes.TrimSpace(raw)) {
		geminiFragments(f, gjson.ParseBytes(raw).Array(), end)
	}
	return f.err()
}

func geminiFragments(f *findings, fragments []gjson.Result, end Ending) {
	var id, model string
	finish := map[int64]string{}
	calls := map[string]bool{}
	failed := 0
	for n, v := range fragments {
		f.check(failed == 0, "fragment %d comes after the error", n)
		if e := v.Get("error"); e.Exists() {
			failed++
			geminiErrorShape(f, e)
			continue
		}
		f.constant(&id, "responseId", v.Get("responseId").String(), n)
		f.constant(&model, "modelVersion", v.Get("modelVersion").String(), n)
		blocked := v.Get("promptFeedback.blockReason").Exists()
		f.check(blocked || len(v.Get("candidates").Array()) > 0, "fragment %d has neither candidates nor a block reason", n)
		if blocked {
			finish[0] = "blocked"
		}
		for _, c := range v.Get("candidates").Array() {
			i := c.Get("index").Int()
			f.check(finish[i] == "", "fragment %d: candidate %d goes on after finishReason %s", n, i, finish[i])
			if c.Get("content").Exists() {
				f.check(c.Get("content.role").String() == "model", "fragment %d: role is %q", n, c.Get("content.role").String())
			}
			for _, p := range c.Get("content.parts").Array() {
				if call := p.Get("functionCall"); call.Exists() {
					f.check(call.Get("name").String() != "", "fragment %d: a function call without a name", n)
					f.check(call.Get("args").IsObject() || !call.Get("args").Exists(), "fragment %d: args are no object: %s", n, call.Get("args").Raw)
					if id := call.Get("id").String(); id != "" {
						f.check(!calls[id], "fragment %d: call id %q comes twice", n, id)
						calls[id] = true
					}
				}
			}
			finish[i] = c.Get("finishReason").String()
			if finish[i] != "" {
				known := []string{"STOP", "MAX_TOKENS", "SAFETY", "RECITATION", "LANGUAGE", "OTHER", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "MALFORMED_FUNCTION_CALL",
					"UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS", "IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION", "IMAGE_OTHER", "NO_IMAGE", "CONTINUATION"}
				f.check(slices.Contains(known, finish[i]), "fragment %d: finishReason %q is none of Google's", n, finish[i])
				f.check(len(calls) == 0 || finish[i] == "STOP" || finish[i] == "MAX_TOKENS", "calls must finish with STOP, got %q", finish[i])
			}
		}
		if u := v.Get("usageMetadata"); u.Exists() {
			geminiUsage(f, n, u)
		}
	}
	if end == Failed {
		f.check(failed == 1, "the stream ended with %d errors, want 1", failed)
		for i, r := range finish {
			f.check(r == "", "the failed stream finished candidate %d with %q", i, r)
		}
		return
	}
	f.check(failed == 0, "the stream has an error")
	f.check(len(finish) > 0, "the stream has no candidate")
	for i, r := range finish {
		f.check(r != "", "candidate %d never finished", i)
	}
	if n := len(fragments); n > 0 {
		f.check(fragments[n-1].Get("usageMetadata").Exists(), "the last fragment has no usageMetadata")
	}
}

func geminiUsage(f *findings, n int, u gjson.Result) {
	sum := u.Get("promptTokenCount").Int() + u.Get("candidatesTokenCount").Int() + u.Get("thoughtsTokenCount").Int() + u.Get("toolUsePromptTokenCount").Int()
	f.check(u.Get("totalTokenCount").Int() == sum, "fragment %d: usage does not add up: %s", n, u.Raw)
}

// geminiErrorShape wants google.rpc.Status.
func geminiErrorShape(f *findings, e gjson.Result) {
	f.check(e.Get("code").Type == gjson.Number, "the error has no code")
	f.check(e.Get("message").String() != "", "the error has no message")
	f.check(e.Get("status").String() != "", "the error has no status")
}
