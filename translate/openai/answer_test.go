package openai

import (
	"testing"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
	"github.com/fairway-gateway/fairway/translate/sse"
)

func TestUsageOf(t *testing.T) {
	tests := []struct {
		name, body string
		want       translate.Usage
	}{
		{"OpenAI", `{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,"prompt_tokens_details":{"cached_tokens":4,"cache_write_tokens":2},"completion_tokens_details":{"reasoning_tokens":3}}`,
			translate.Usage{Input: 10, CacheRead: 4, CacheWrite: 2, Output: 5, Reasoning: 3}},
		{"details null", `{"prompt_tokens":10,"completion_tokens":5,"prompt_tokens_details":null,"completion_tokens_details":null}`, translate.Usage{Input: 10, Output: 5}},
		{"DeepSeek", `{"prompt_tokens":10,"completion_tokens":5,"prompt_cache_hit_tokens":8,"prompt_cache_miss_tokens":2}`, translate.Usage{Input: 10, CacheRead: 8, Output: 5}},
		{"Moonshot", `{"prompt_tokens":10,"completion_tokens":5,"cached_tokens":8}`, translate.Usage{Input: 10, CacheRead: 8, Output: 5}},
		{"xAI", `{"prompt_tokens":10,"completion_tokens":5,"total_tokens":22,"completion_tokens_details":{"reasoning_tokens":7}}`, translate.Usage{Input: 10, Output: 12, Reasoning: 7}},
		{"Google", `{"prompt_tokens":10,"completion_tokens":5,"total_tokens":22}`, translate.Usage{Input: 10, Output: 12, Reasoning: 7}},
		{"nonsense", `{"prompt_tokens":-1,"completion_tokens":"x","cached_tokens":5,"completion_tokens_details":{"reasoning_tokens":7}}`, translate.Usage{}},
	}
	for _, test := range tests {
		got := UsageOf(jsonlit.Value(test.body))
		if got == nil || *got != test.want {
			t.Errorf("%s: got %+v, want %+v", test.name, got, test.want)
			continue
		}
		if back := UsageOf(AppendUsage(nil, *got)); *back != test.want {
			t.Errorf("%s: written and read: got %+v, want %+v", test.name, *back, test.want)
		}
	}
	for _, body := range []string{"null", "7", ""} {
		if got := UsageOf(jsonlit.Value(body)); got != nil {
			t.Errorf("%q: got %+v, want none", body, got)
		}
	}
}

func TestStopOf(t *testing.T) {
	tests := []struct {
		finish string
		want   translate.StopReason
	}{
		{`null`, translate.StopUnknown}, {`""`, translate.StopUnknown}, {`"stop"`, translate.StopEnd}, {`"eos"`, translate.StopEnd}, {`"tool_calls"`, translate.StopEnd}, {`"tool-calls"`, translate.StopEnd},
		{`"length"`, translate.StopLength}, {`"max_tokens"`, translate.StopLength}, {`"model_length"`, translate.StopLength}, {`"content_filter"`, translate.StopFilter}, {`"stop_sequence"`, translate.StopSequence},
		{`"model_context_window_exceeded"`, translate.StopContext},
	}
	for _, test := range tests {
		if got := StopOf(jsonlit.Value(test.finish)); got != test.want {
			t.Errorf("%s: got %d, want %d", test.finish, got, test.want)
		}
	}
}

func TestID(t *testing.T) {
	long := make([]byte, 200)
	for i := range long {
		long[i] = 'a'
	}
	tests := []struct{ upstream, want string }{
		{"", "chatcmpl-fallback"}, {"chatcmpl-x", "chatcmpl-x"}, {"msg_1", "chatcmpl-1"}, {"a\"b\n", "chatcmpl-ab"}, {"\x00é", "chatcmpl-fallback"},
		{string(long), "chatcmpl-" + string(long[:128-len("chatcmpl-")])},
	}
	for _, test := range tests {
		if got := ID("chatcmpl-", test.upstream, "fallback"); got != test.want {
			t.Errorf("%q: got %q, want %q", test.upstream, got, test.want)
		}
	}
}

func TestFrameError(t *testing.T) {
	tests := []struct {
		name, event, raw, data string
		want                   translate.ErrorKind
	}{
		{"cut", "", "data: {\"a", `{"a`, translate.Truncated},
		{"not JSON", "", "data: {\"a\n\n", `{"a`, translate.Upstream},
		{"not JSON, CRLF", "", "data: {\"a\r\n\r\n", `{"a`, translate.Upstream},
		{"no object", "", "data: 1\n\n", `1`, translate.Upstream},
		{"an error event", "error", "", `{"message":"m","type":"rate_limit_error"}`, translate.RateLimited},
	}
	for _, test := range tests {
		got := FrameError(sse.Frame{Event: []byte(test.event), Raw: []byte(test.raw)}, []byte(test.data))
		if got == nil || got.Kind != test.want {
			t.Errorf("%s: got %v, want kind %d", test.name, got, test.want)
		}
	}
	for _, data := range []string{`{"choices":[]}`, `{"error":null,"choices":[]}`, `{"object":"chat.completion.chunk"}`} {
		if got := FrameError(sse.Frame{}, []byte(data)); got != nil {
			t.Errorf("%s: got %v, want none", data, got)
		}
	}
}

func TestCount(t *testing.T) {
	if got, err := DecodeCount([]byte(`{"object":"response.input_tokens","input_tokens":12}`)); got != 12 || err != nil {
		t.Errorf("got %d, %v; want 12", got, err)
	}
	for _, body := range []string{"", "{}", `{"input_tokens":-1}`, `{"input_tokens":"x"}`} {
		if got, err := DecodeCount([]byte(body)); err == nil {
			t.Errorf("%q: got %d, want an error", body, got)
		}
	}
	if got, err := DecodeCount(AppendCount(nil, 34)); got != 34 || err != nil {
		t.Errorf("got %d, %v; want 34", got, err)
	}
}

func TestEffort(t *testing.T) {
	tests := []struct {
		r    translate.Reasoning
		want string
	}{
		{translate.Reasoning{}, ""}, {translate.Reasoning{Mode: translate.ReasonOff}, "none"}, {translate.Reasoning{Mode: translate.ReasonEffort, Effort: "max"}, "max"},
		{translate.Reasoning{Mode: translate.ReasonAdaptive}, ""}, {translate.Reasoning{Mode: translate.ReasonAdaptive, Effort: "low"}, "low"},
		{translate.Reasoning{Mode: translate.ReasonBudget, Budget: 1024}, "minimal"}, {translate.Reasoning{Mode: translate.ReasonBudget, Budget: 2048}, "low"},
		{translate.Reasoning{Mode: translate.ReasonBudget, Budget: 8192}, "medium"}, {translate.Reasoning{Mode: translate.ReasonBudget, Budget: 16384}, "high"},
		{translate.Reasoning{Mode: translate.ReasonBudget, Budget: 32768}, "xhigh"}, {translate.Reasoning{Mode: translate.ReasonBudget, Budget: -1}, ""},
		{translate.Reasoning{Mode: translate.ReasonBudget, Budget: 1, Effort: "high"}, "high"},
	}
	for _, test := range tests {
		if got := Effort(test.r); got != test.want {
			t.Errorf("%+v: got %q, want %q", test.r, got, test.want)
		}
	}
}

func TestUser(t *testing.T) {
	exactly := `"` + string(make64('\u00e9')) + `"`
	if got := User(jsonlit.Value(exactly)); string(got) != exactly {
		t.Errorf("64 characters: got %s, want them as they are", got)
	}
	long := jsonlit.Quote(string(make64('x')) + "y")
	got := User(long)
	if len(jsonlit.Str(got)) > 64 || string(got) != string(User(long)) || string(got) == string(User(jsonlit.Quote(string(make64('x'))+"z"))) {
		t.Errorf("got %s, want a short id that is the same for the same user alone", got)
	}
}

func make64(r rune) (list []rune) {
	for range 64 {
		list = append(list, r)
	}
	return list
}
