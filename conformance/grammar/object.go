package grammar

import (
	"slices"

	"github.com/tidwall/gjson"
)

// ChatObject judges a plain Chat answer (SDK type openai.ChatCompletion).
func ChatObject(raw []byte) error {
	f := &findings{}
	v := gjson.ParseBytes(raw)
	f.check(gjson.ValidBytes(raw) && v.IsObject(), "the body is no JSON object: %.200q", raw)
	f.check(v.Get("object").String() == "chat.completion", "object is %q", v.Get("object").String())
	for _, name := range []string{"id", "created", "model", "choices.0", "usage.prompt_tokens", "usage.completion_tokens", "usage.total_tokens"} {
		f.check(v.Get(name).Exists(), "lacks %q", name)
	}
	f.check(!v.Get("error").Exists(), "has an error member")
	for _, c := range v.Get("choices").Array() {
		m := c.Get("message")
		f.check(c.Get("index").Exists() && c.Get("logprobs").Exists(), "a choice lacks index or logprobs")
		f.check(m.Get("role").String() == "assistant", "role is %q", m.Get("role").String())
		f.check(m.Get("content").Exists() && m.Get("refusal").Exists(), "the message lacks content or refusal: %s", m.Raw)
		reason := c.Get("finish_reason").String()
		f.check(slices.Contains([]string{"stop", "length", "tool_calls", "content_filter"}, reason), "finish_reason is %q", reason)
		f.check(!m.Get("tool_calls.0").Exists() || reason == "tool_calls", "tool calls finish with %q", reason)
		for _, t := range m.Get("tool_calls").Array() {
			f.check(gjson.Valid(t.Get("function.arguments").String()), "arguments are no JSON: %q", t.Get("function.arguments").String())
		}
	}
	return f.err()
}

// CompletionsObject judges a plain Completions answer (SDK type openai.Completion).
func CompletionsObject(raw []byte) error {
	f := &findings{}
	v := gjson.ParseBytes(raw)
	f.check(v.Get("object").String() == "text_completion", "object is %q: %.200s", v.Get("object").String(), raw)
	for _, name := range []string{"id", "created", "model", "choices.0.text", "choices.0.index", "choices.0.logprobs", "choices.0.finish_reason", "usage.total_tokens"} {
		f.check(v.Get(name).Exists(), "lacks %q", name)
	}
	return f.err()
}

// ResponseObject judges a plain Responses answer.
func ResponseObject(raw []byte) error {
	f := &findings{}
	v := gjson.ParseBytes(raw)
	responseObject(f, v)
	f.check(slices.Contains([]string{"completed", "incomplete"}, v.Get("status").String()), "status is %q", v.Get("status").String())
	for _, name := range []string{"input_tokens", "output_tokens", "total_tokens", "input_tokens_details.cached_tokens", "output_tokens_details.reasoning_tokens"} {
		f.check(v.Get("usage."+name).Type == gjson.Number, "usage lacks %q", name)
	}
	for i, item := range v.Get("output").Array() {
		f.check(item.Get("id").String() != "" && item.Get("type").String() != "", "item %d lacks id or type", i)
		if item.Get("type").String() == "message" {
			for _, c := range item.Get("content").Array() {
				f.check(c.Get("type").String() == "refusal" || c.Get("annotations").IsArray(), "item %d: output_text lacks annotations", i)
			}
			f.check(item.Get("role").String() == "assistant" && item.Get("status").Exists(), "item %d lacks role or status", i)
		}
	}
	return f.err()
}

// MessageObject judges a plain Messages answer.
func MessageObject(raw []byte) error {
	f := &findings{}
	v := gjson.ParseBytes(raw)
	messageObject(f, v)
	f.check(v.Get("stop_reason").String() != "", "stop_reason is null")
	for i, b := range v.Get("content").Array() {
		switch b.Get("type").String() {
		case "text":
			f.check(b.Get("text").Type == gjson.String, "block %d has no text", i)
		case "tool_use":
			f.check(b.Get("id").String() != "" && b.Get("name").String() != "" && b.Get("input").IsObject(), "block %d lacks id, name or input object", i)
		case "thinking":
			f.check(b.Get("thinking").Exists() && b.Get("signature").Exists(), "block %d lacks thinking or signature", i)
		}
	}
	return f.err()
}

// GeminiObject judges a plain generateContent answer.
func GeminiObject(raw []byte) error {
	f := &findings{}
	f.check(gjson.ValidBytes(raw), "the body is no JSON: %.200q", raw)
	geminiFragments(f, []gjson.Result{gjson.ParseBytes(raw)}, Clean)
	return f.err()
}
