package caddymodule

import (
	"net/http"
	"strings"
	"testing"
)

func TestProbes(t *testing.T) {
	base := mustLoad(t, "", "route {\nai\nrespond 404\n}")
	for _, tc := range []struct {
		method, path, body string
		status             int
	}{
		{"GET", "/healthz", "{\"status\":\"ok\"}\n", 200},
		{"HEAD", "/healthz", "", 200},
		{"HEAD", "/", "", 200},
		{"GET", "/", "", 404},
		{"POST", "/healthz", "", 404},
		{"GET", "/healthz/x", "", 404},
	} {
		res, body := do(t, tc.method, base+tc.path, "", "X-Forwarded-For", "192.0.2.2")
		if res.StatusCode != tc.status || body != tc.body {
			t.Errorf("%s %s = %d %q, want %d %q", tc.method, tc.path, res.StatusCode, body, tc.status, tc.body)
		}
	}
}

func TestUnknownPathsGoToTheNextHandler(t *testing.T) {
	base := mustLoad(t, "", "route {\nai\nrespond next 418\n}")
	for _, path := range []string{"/", "/v1", "/v1/threads", "/v1/files/a/b", "/favicon.ico"} {
		if res, body := do(t, "POST", base+path, "{}"); res.StatusCode != 418 || body != "next" {
			t.Errorf("POST %s = %d %q, want 418 next", path, res.StatusCode, body)
		}
	}
}

// TestEveryEndpointAnswersInItsDialect asks the demo account, which speaks Messages, through all endpoints.
func TestEveryEndpointAnswersInItsDialect(t *testing.T) {
	base := mustLoad(t, "", "ai")
	const (
		chat     = `{"model":"demo","messages":[{"role":"user","content":"Hello"}]}`
		stream   = `,"stream":true}`
		prompt   = `{"model":"demo","prompt":"Hello"}`
		input    = `{"model":"demo","input":"Hello"}`
		messages = `{"model":"demo","max_tokens":500,"messages":[{"role":"user","content":"Hello"}]}`
		contents = `{"contents":[{"role":"user","parts":[{"text":"Hello"}]}]}`
	)
	streaming := func(body string) string { return strings.TrimSuffix(body, "}") + stream }
	for _, tc := range []struct{ method, path, body, contentType, want, end string }{
		{"POST", "/v1/chat/completions", chat, "application/json", `"object":"chat.completion"`, ""},
		{"POST", "/chat/completions", chat, "application/json", `"object":"chat.completion"`, ""},
		{"POST", "/v1/chat/completions", streaming(chat), "text/event-stream", `"object":"chat.completion.chunk"`, "data: [DONE]"},
		{"POST", "/v1/completions", prompt, "application/json", `"object":"text_completion"`, ""},
		{"POST", "/v1/completions", streaming(prompt), "text/event-stream", `"object":"text_completion"`, "data: [DONE]"},
		{"POST", "/v1/responses", input, "application/json", `"object":"response"`, ""},
		{"POST", "/v1/responses", streaming(input), "text/event-stream", "event: response.output_text.delta", "event: response.completed"},
		{"POST", "/v1/messages?beta=true", messages, "application/json", `"type":"message"`, ""},
		{"POST", "/v1/messages", streaming(messages), "text/event-stream", "event: content_block_delta", "event: message_stop"},
		{"POST", "/v1/messages/count_tokens", messages, "application/json", `"input_tokens":`, ""},
		{"POST", "/v1beta/models/demo:generateContent", contents, "application/json", `"candidates":[`, ""},
		{"POST", "/v1/models/demo:generateContent", contents, "application/json", `"candidates":[`, ""},
		{"POST", "/v1beta/models/demo:streamGenerateContent?alt=sse", contents, "text/event-stream", `"candidates":[`, `"finishReason":"STOP"`},
		{"POST", "/v1beta/models/demo:streamGenerateContent", contents, "application/json", `"candidates":[`, `"finishReason":"STOP"`},
		{"POST", "/v1beta/models/demo:countTokens", contents, "application/json", `"totalTokens":`, ""},
		{"POST", "/v1beta/models/demo/countTokens", contents, "application/json", `"totalTokens":`, ""},
		{"GET", "/v1/models", "", "application/json", `"object":"list"`, `"demo"`},
		{"GET", "/v1/models/demo", "", "application/json", `"object":"model"`, ""},
		{"GET", "/v1beta/models", "", "application/json", `"name":"models/`, ""},
		{"GET", "/v1beta/models/demo", "", "application/json", `"name":"models/`, ""},
	} {
		t.Run(tc.method+tc.path, func(t *testing.T) {
			res, body := do(t, tc.method, base+tc.path, tc.body)
			contentType, _, _ := strings.Cut(res.Header.Get("Content-Type"), ";")
			if res.StatusCode != 200 || contentType != tc.contentType || !strings.Contains(body, tc.want) || !strings.Contains(body, tc.end) {
				t.Errorf("%d %s %s\nwant 200 %s with %q and %q", res.StatusCode, contentType, body, tc.contentType, tc.want, tc.end)
			}
		})
	}
	if _, body := do(t, "GET", base+"/v1/models", "", "Anthropic-Version", "2023-06-01"); !strings.Contains(body, `"type":"model"`) {
		t.Errorf("models for Anthropic's SDK = %s, want its shape", body)
	}
}

func TestRefusalsAreInTheCallersDialect(t *testing.T) {
	base := mustLoad(t, "", "ai\nhandle_errors {\nrespond \"error route\" 599\n}")
	for path, want := range map[string]string{
		"/v1/chat/completions":                `{"error":{`,
		"/v1/responses":                       `{"error":{`,
		"/v1/messages":                        `{"type":"error"`,
		"/v1beta/models/demo:generateContent": `"status":"PERMISSION_DENIED"`,
	} {
		res, body := do(t, "POST", base+path, "{}", "X-Forwarded-For", "192.0.2.2")
		if res.StatusCode != http.StatusForbidden || !strings.Contains(body, want) || !strings.Contains(body, "basic_auth") {
			t.Errorf("POST %s through a proxy = %d %s, want 403 with %s", path, res.StatusCode, body, want)
		}
		res, body = do(t, "POST", base+path, "{}", "Content-Type", "text/plain")
		if res.StatusCode != http.StatusUnsupportedMediaType || !strings.Contains(body, "application/json") {
			t.Errorf("POST %s as text = %d %s, want 415", path, res.StatusCode, body)
		}
	}
}

func TestAuthenticatedCallersMayComeThroughAProxy(t *testing.T) {
	// The password of alice is "wonderland".
	const alice = "basic_auth {\nalice $2a$04$ql1keJ7OcJD8RgZTqZLpOuyGfnX2gAzdLu/TcKBcRZBTsKmvPFvBC\n}\n"
	base := mustLoad(t, "", alice+"ai")
	res, body := do(t, "GET", base+"/v1/models", "", "X-Forwarded-For", "192.0.2.2", "Authorization", "Basic YWxpY2U6d29uZGVybGFuZA==")
	if res.StatusCode != 200 {
		t.Errorf("authenticated = %d %s, want 200", res.StatusCode, body)
	}
	if res, _ := do(t, "GET", base+"/v1/models", ""); res.StatusCode != 401 {
		t.Errorf("not authenticated = %d, want 401", res.StatusCode)
	}
}

func TestTheSitesNamesAreLocal(t *testing.T) {
	base := mustLoad(t, "", "ai\n}\nhttp://ai.lan:0 {\nbind 127.0.0.1\nai\n}\nhttp://:0 {\nbind 127.0.0.1\nai")
	for host, want := range map[string]int{"ai.lan": 200, "localhost": 200, "127.0.0.1": 200, "evil.example": 403} {
		r, err := http.NewRequestWithContext(t.Context(), "GET", base+"/v1/models", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = host
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if got := res.StatusCode; got != want {
			t.Errorf("GET for host %s = %d, want %d", host, got, want)
		}
	}
}
