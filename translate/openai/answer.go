package openai

import (
	"strconv"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// StopOf reads a finish_reason of Chat or Completions; StopUnknown when it is
// absent. Whether the answer calls tools is told by its calls, not by this.
func StopOf(v jsonlit.Value) translate.StopReason {
	switch string(jsonlit.Inner(v)) {
	case "":
		return translate.StopUnknown
	case "length", "max_tokens", "model_length":
		return translate.StopLength
	case "content_filter", "content-filter", "safety":
		return translate.StopFilter
	case "stop_sequence":
		return translate.StopSequence
	case "model_context_window_exceeded":
		return translate.StopContext
	}
	return translate.StopEnd
}

// Finish is the finish_reason of Chat for a stop reason. Completions has no
// calls, so that it never says "tool_calls" there.
func Finish(s translate.StopReason) string {
	switch s {
	case translate.StopLength, translate.StopContext:
		return "length"
	case translate.StopToolUse:
		return "tool_calls"
	case translate.StopRefusal, translate.StopFilter:
		return "content_filter"
	}
	return "stop"
}

// MalformedCall is the error that an answer of StopMalformedCall becomes: the
// dialects have no finish_reason for it, and "stop" would be a lie.
func MalformedCall() *translate.Error {
	return &translate.Error{Kind: translate.Upstream, Code: "upstream_malformed_tool_call",
		Message: "the model wrote a tool call that cannot be used; try again"}
}

// UsageOf reads the usage object of Chat or Completions; nil when it is none.
// Deviations: DeepSeek counts cache hits in prompt_cache_hit_tokens, Moonshot
// in cached_tokens; xAI and Google leave the reasoning out of
// completion_tokens, which shows in total_tokens.
func UsageOf(v jsonlit.Value) *translate.Usage {
	if !jsonlit.IsObject(v) {
		return nil
	}
	var u translate.Usage
	var total int64
	for name, val := range jsonlit.Fields(v) {
		switch string(name) {
		case "prompt_tokens":
			u.Input = limit(val)
		case "completion_tokens":
			u.Output = limit(val)
		case "total_tokens":
			total = limit(val)
		case "prompt_cache_hit_tokens", "cached_tokens":
			u.CacheRead = max(u.CacheRead, limit(val))
		case "prompt_tokens_details":
			u.CacheRead = max(u.CacheRead, limit(jsonlit.Get(val, "cached_tokens")))
			u.CacheWrite = limit(jsonlit.Get(val, "cache_write_tokens"))
		case "completion_tokens_details":
			u.Reasoning = limit(jsonlit.Get(val, "reasoning_tokens"))
		}
	}
	if more := total - u.Input - u.Output; more > 0 && (u.Reasoning == 0 || u.Reasoning == more) {
		u.Output, u.Reasoning = u.Output+more, more
	}
	u.CacheRead = min(u.CacheRead, u.Input)
	u.CacheWrite = min(u.CacheWrite, u.Input-u.CacheRead)
	u.Reasoning = min(u.Reasoning, u.Output)
	return &u
}

// AppendUsage appends the usage object (openai-go's CompletionUsage).
func AppendUsage(dst []byte, u translate.Usage) []byte {
	dst = append(dst, `{"prompt_tokens":`...)
	dst = strconv.AppendInt(dst, u.Input, 10)
	dst = append(dst, `,"completion_tokens":`...)
	dst = strconv.AppendInt(dst, u.Output, 10)
	dst = append(dst, `,"total_tokens":`...)
	dst = strconv.AppendInt(dst, u.Input+u.Output, 10)
	dst = append(dst, `,"prompt_tokens_details":{"cached_tokens":`...)
	dst = strconv.AppendInt(dst, u.CacheRead, 10)
	if u.CacheWrite > 0 {
		dst = append(dst, `,"cache_write_tokens":`...)
		dst = strconv.AppendInt(dst, u.CacheWrite, 10)
	}
	dst = append(dst, `},"completion_tokens_details":{"reasoning_tokens":`...)
	dst = strconv.AppendInt(dst, u.Reasoning, 10)
	return append(dst, `}}`...)
}

// ID makes an answer's id of the upstream's, or of fallback when that is empty:
// the vendor's prefix is exchanged for prefix.
func ID(prefix, upstream, fallback string) string {
	id := translate.BareID(upstream, maxID-len(prefix))
	if id == "" {
		id = fallback
	}
	return prefix + id
}

// maxID bounds the ids that are made of an upstream's.
const maxID = 128
