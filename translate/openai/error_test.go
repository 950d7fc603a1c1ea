package openai

import (
	"strings"
	"testing"
	"time"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

func TestDecodeError(t *testing.T) {
	tests := []struct {
		name    string
		status  int
		body    string
		kind    translate.ErrorKind
		message string
	}{
		{"OpenAI", 400, `{"error":{"message":"Bad thing.","type":"invalid_request_error","param":"x","code":null}}`, translate.InvalidRequest, "Bad thing."},
		{"too long by code", 400, `{"error":{"message":"m","code":"context_length_exceeded"}}`, translate.ContextTooLong, "m"},
		{"too long by words", 400, `{"error":{"message":"This model's maximum context length is 8192 tokens."}}`, translate.ContextTooLong, "This model's maximum context length is 8192 tokens."},
		{"too long, 413", 413, `{"error":{"message":"prompt is too long"}}`, translate.ContextTooLong, "prompt is too long"},
		{"too large", 413, `{"error":{"message":"body"}}`, translate.TooLarge, "body"},
		{"rate limit", 429, `{"error":{"message":"m","type":"tokens","code":"rate_limit_exceeded"}}`, translate.RateLimited, "m"},
		{"quota", 429, `{"error":{"message":"m","type":"insufficient_quota","code":"insufficient_quota"}}`, translate.Billing, "m"},
		{"credit", 429, `{"error":{"message":"m","code":"credit_balance_exhausted"}}`, translate.Billing, "m"},
		{"no key", 401, `{"error":{"message":"m","code":"invalid_api_key"}}`, translate.Unauthenticated, "m"},
		{"no model", 404, `{"error":{"message":"m","code":"model_not_found"}}`, translate.NotFound, "m"},
		{"overloaded", 503, `{"error":{"message":"m","code":"server_is_overloaded"}}`, translate.Overloaded, "m"},
		{"OpenRouter: code is the status", 200, `{"error":{"code":402,"message":"m"}}`, translate.Billing, "m"},
		{"Ollama: a string", 404, `{"error":"model 'x' not found"}`, translate.NotFound, "model 'x' not found"},
		{"vLLM: no envelope", 400, `{"object":"error","message":"m","type":"BadRequestError","param":null,"code":400}`, translate.InvalidRequest, "m"},
		{"llama.cpp", 400, `{"error":{"code":400,"message":"m","type":"exceed_context_size_error","n_ctx":10}}`, translate.ContextTooLong, "m"},
		{"FastAPI, text", 422, `{"detail":"m"}`, translate.InvalidRequest, "m"},
		{"FastAPI, list", 422, `{"detail":[{"loc":["body","messages",0],"msg":"field required","type":"missing"}]}`, translate.InvalidRequest, "body.messages.0: field required"},
		{"Mistral", 422, `{"object":"error","message":{"detail":[{"loc":["body","x"],"msg":"extra forbidden"}]},"type":"invalid_request_error"}`, translate.InvalidRequest, "body.x: extra forbidden"},
		{"Google", 429, `[{"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.5s"}]}}]`, translate.RateLimited, "m"},
		{"Anthropic", 529, `{"type":"error","error":{"type":"overloaded_error","message":"m"}}`, translate.Overloaded, "m"},
		{"in a stream", 0, `{"error":{"type":"invalid_request_error","message":"m"}}`, translate.InvalidRequest, "m"},
		{"in a stream, unknown", 0, `{"error":{"message":"m"}}`, translate.Upstream, "m"},
		{"HTML", 502, "<html>\n<body>Bad gateway</body></html>", translate.Upstream, "the upstream answered with status 502"},
		{"text", 500, "upstream connect error\nmore", translate.Upstream, "the upstream answered with status 500: upstream connect error"},
		{"nothing", 503, "", translate.Overloaded, "the upstream answered with status 503"},
		{"an empty object", 400, "{}", translate.InvalidRequest, "the upstream answered with status 400"},
		{"null", 400, "null", translate.InvalidRequest, "the upstream answered with status 400"},
		{"not UTF-8", 500, "a\xffb", translate.Upstream, "the upstream answered with status 500: a\ufffdb"},
		{"control characters", 400, `{"error":{"message":"a\u0000\u001b[31m\nb"}}`, translate.InvalidRequest, "a[31m b"},
		{"cut JSON", 400, `{"error":{"mess`, translate.InvalidRequest, "the upstream answered with status 400"},
	}
	for _, test := range tests {
		got := DecodeError(test.status, []byte(test.body))
		if got.Kind != test.kind || got.Message != test.message {
			t.Errorf("%s: got kind %d %q, want %d %q", test.name, got.Kind, got.Message, test.kind, test.message)
		}
		if want := test.kind == translate.Billing; got.NoRetry != want {
			t.Errorf("%s: got NoRetry %t, want %t", test.name, got.NoRetry, want)
		}
	}
}

func TestDecodeErrorDetails(t *testing.T) {
	got := DecodeError(400, []byte(`{"error":{"message":"m","type":"t","param":"messages[0]","code":"c"}}`))
	if got.Status != 400 || got.Type != "t" || got.Param != "messages[0]" || got.Code != "c" {
		t.Errorf("got %+v, want the upstream's own words", got)
	}
	got = DecodeError(429, []byte(`{"error":{"message":"m","details":[{"retryDelay":"1.5s"}]}}`))
	if want := 1500 * time.Millisecond; got.RetryAfter != want {
		t.Errorf("got RetryAfter %v, want %v", got.RetryAfter, want)
	}
	long := DecodeError(400, []byte(`{"error":{"message":"`+strings.Repeat("é", 3000)+`"}}`))
	if n := len(long.Message); n > maxMessage+len("…") || !strings.HasSuffix(long.Message, "é…") {
		t.Errorf("got a message of %d bytes that ends in %q, want it cut between characters", n, long.Message[n-5:])
	}
}

func TestAppendError(t *testing.T) {
	tests := []struct {
		e      translate.Error
		status int
		want   string
	}{
		{translate.Error{Kind: translate.InvalidRequest, Param: "model", Message: "is \"required\""}, 400, `{"error":{"message":"is \"required\"","type":"invalid_request_error","param":"model","code":null}}`},
		{translate.Error{Kind: translate.InvalidRequest, Status: 400, Code: "unsupported_value", Message: "m"}, 400, `{"error":{"message":"m","type":"invalid_request_error","param":null,"code":"unsupported_value"}}`},
		{translate.Error{Kind: translate.ContextTooLong, Status: 400, Message: "m"}, 400, `{"error":{"message":"m","type":"invalid_request_error","param":null,"code":"context_length_exceeded"}}`},
		{translate.Error{Kind: translate.Unauthenticated, Message: "m"}, 401, `{"error":{"message":"m","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}`},
		{translate.Error{Kind: translate.Forbidden, Message: "m"}, 403, `{"error":{"message":"m","type":"invalid_request_error","param":null,"code":"permission_denied"}}`},
		{translate.Error{Kind: translate.NotFound, Param: "model", Message: "m"}, 404, `{"error":{"message":"m","type":"invalid_request_error","param":"model","code":"model_not_found"}}`},
		{translate.Error{Kind: translate.NotFound, Message: "m"}, 404, `{"error":{"message":"m","type":"invalid_request_error","param":null,"code":"not_found"}}`},
		{translate.Error{Kind: translate.TooLarge, Message: "m"}, 413, `{"error":{"message":"m","type":"invalid_request_error","param":null,"code":"request_too_large"}}`},
		{translate.Error{Kind: translate.Unsupported, Message: "m"}, 415, `{"error":{"message":"m","type":"invalid_request_error","param":null,"code":"unsupported_media_type"}}`},
		{translate.Error{Kind: translate.RateLimited, Status: 429, Code: "RESOURCE_EXHAUSTED", Message: "m"}, 429, `{"error":{"message":"m","type":"rate_limit_error","param":null,"code":"rate_limit_exceeded"}}`},
		{translate.Error{Kind: translate.Billing, Message: "m"}, 429, `{"error":{"message":"m","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}`},
		{translate.Error{Kind: translate.Overloaded, Message: "m"}, 503, `{"error":{"message":"m","type":"server_error","param":null,"code":"server_is_overloaded"}}`},
		{translate.Error{Kind: translate.Unavailable, Message: "m"}, 503, `{"error":{"message":"m","type":"server_error","param":null,"code":"service_unavailable"}}`},
		{translate.Error{Kind: translate.Upstream, Status: 500, Code: "500", Message: "m"}, 502, `{"error":{"message":"m","type":"server_error","param":null,"code":"upstream_error"}}`},
		{translate.Error{Kind: translate.Upstream, Code: "upstream_malformed_tool_call", Message: "m"}, 502, `{"error":{"message":"m","type":"server_error","param":null,"code":"upstream_malformed_tool_call"}}`},
		{translate.Error{Kind: translate.Timeout, Message: "m"}, 504, `{"error":{"message":"m","type":"server_error","param":null,"code":"timeout"}}`},
		{translate.Error{Kind: translate.Truncated, Message: "m"}, 502, `{"error":{"message":"m","type":"server_error","param":null,"code":"stream_incomplete"}}`},
		{translate.Error{Message: "m"}, 500, `{"error":{"message":"m","type":"server_error","param":null,"code":"internal_error"}}`},
	}
	for _, test := range tests {
		status, got := AppendError([]byte("x"), &test.e)
		if want := "x" + test.want; status != test.status || string(got) != want {
			t.Errorf("got %d %s, want %d %s", status, got, test.status, want)
		}
		// What we write we also read.
		if test.e.Kind == translate.Unavailable || test.e.Kind == translate.Truncated || test.e.Kind == translate.Internal {
			continue // told by status alone, which these share with others
		}
		if back := DecodeError(status, got[1:]); back.Kind != test.e.Kind || back.Message != test.e.Message {
			t.Errorf("%s\n read back as kind %d %q, want %d %q", got[1:], back.Kind, back.Message, test.e.Kind, test.e.Message)
		}
	}
}

func FuzzDecodeError(f *testing.F) {
	f.Add(400, []byte(`{"error":{"message":"m","code":1}}`))
	f.Add(200, []byte(`[{"detail":[{"loc":["a",1],"msg":"x"}],"details":[{"retryDelay":"9s"}]}]`))
	f.Add(502, []byte("<html>"))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		e := DecodeError(status, body)
		if e.Message == "" {
			t.Error("no message")
		}
		_, out := AppendError(nil, e)
		if !jsonlit.Valid(out) {
			t.Errorf("wrote invalid JSON: %s", out)
		}
	})
}
