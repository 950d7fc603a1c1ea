package exchange

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestRecognise(t *testing.T) {
	google := http.Header{"X-Goog-Api-Key": {"k"}}
	anthropic := http.Header{"Anthropic-Version": {"2023-06-01"}}
	for _, tc := range []struct {
		method, target string
		header         http.Header
		want           string // dialect operation model stream array id allow; "" for not ours
	}{
		{"POST", "/v1/chat/completions", nil, "chat generate"},
		{"POST", "/chat/completions", nil, "chat generate"},
		{"POST", "/v1/v1/chat/completions", nil, "chat generate"},
		{"POST", "/v1/completions", nil, "completions generate"},
		{"POST", "/v1/responses", nil, "responses generate"},
		{"POST", "/v1/responses/", nil, "responses generate"},
		{"POST", "/v1/messages?beta=true", nil, "messages generate"},
		{"POST", "/v1/v1/messages", nil, "messages generate"},
		{"POST", "/v1/messages/count_tokens", nil, "messages count_tokens"},
		{"GET", "/v1/messages", nil, "messages generate allow=POST"},
		{"GET", "/v1/models", nil, "chat list_models"},
		{"GET", "/models", nil, "chat list_models"},
		{"HEAD", "/v1/models", nil, "chat list_models"},
		{"POST", "/v1/models", nil, "chat list_models allow=GET"},
		{"GET", "/v1/models", anthropic, "messages list_models"},
		{"GET", "/v1/models", google, "gemini list_models"},
		{"GET", "/v1/models?key=k", nil, "gemini list_models"},
		{"GET", "/v1beta/models", nil, "gemini list_models"},
		{"GET", "/v1/v1beta/models", nil, "gemini list_models"},
		{"GET", "/v1/models/gpt-4o", nil, "chat get_model id=gpt-4o"},
		{"GET", "/v1/models/meta-llama/llama-4", nil, "chat get_model id=meta-llama/llama-4"},
		{"GET", "/v1/models/claude-x", anthropic, "messages get_model id=claude-x"},
		{"GET", "/v1beta/models/gemini-3", nil, "gemini get_model id=gemini-3"},
		{"POST", "/v1beta/models/gemini-3:generateContent", nil, "gemini generate model=gemini-3"},
		{"POST", "/v1beta/models/gemini-3/generateContent", nil, "gemini generate model=gemini-3"},
		{"POST", "/v1/models/gemini-3:generateContent", nil, "gemini generate model=gemini-3"},
		{"POST", "/v1/v1beta/models/gemini-3:generateContent", nil, "gemini generate model=gemini-3"},
		{"POST", "/v1beta/models/gemini-3:streamGenerateContent?alt=sse", nil, "gemini generate model=gemini-3 stream"},
		{"POST", "/v1beta/models/gemini-3:streamGenerateContent", nil, "gemini generate model=gemini-3 stream array"},
		{"POST", "/v1beta/models/gemini-3:countTokens", nil, "gemini count_tokens model=gemini-3"},
		{"POST", "/v1beta/models/gemini-3/countTokens", nil, "gemini count_tokens model=gemini-3"},
		{"POST", "/v1beta/models/acme/fast:generateContent", nil, "gemini generate model=acme/fast"},
		{"GET", "/v1beta/models/gemini-3:generateContent", nil, "gemini generate model=gemini-3 allow=POST"},
		{"POST", "/v1/responses/input_tokens", nil, "responses count_tokens"},
		{"POST", "/responses/input_tokens", nil, "responses count_tokens"},
		{"GET", "/v1/responses/input_tokens", nil, "responses count_tokens allow=POST"},
		{"OPTIONS", "/v1/messages", nil, ""},
		{"POST", "/v1/embeddings", nil, "chat passthrough"},
		{"GET", "/v1", nil, ""},
		{"GET", "/", nil, ""},
		{"GET", "/index.html", nil, ""},
		{"GET", "/v1/models/", nil, "chat list_models"},
	} {
		t.Run(tc.method+" "+tc.target, func(t *testing.T) {
			r := httptest.NewRequest(tc.method, tc.target, nil)
			for k, v := range tc.header {
				r.Header[k] = v
			}
			got := ""
			if c, ok := Recognise(r); ok {
				got = fmt.Sprintf("%s %s", c.Dialect, c.Operation)
				for _, f := range []struct{ name, v string }{{"model", c.Hint.Model}, {"id", c.ModelID}} {
					if f.v != "" {
						got += " " + f.name + "=" + f.v
					}
				}
				if c.Hint.Stream {
					got += " stream"
				}
				if c.Hint.Array {
					got += " array"
				}
				if c.Allow != "" {
					got += " allow=" + c.Allow
				}
				if c.Hint.Operation != c.Operation {
					t.Errorf("hint says %v, call says %v", c.Hint.Operation, c.Operation)
				}
			}
			if got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}
