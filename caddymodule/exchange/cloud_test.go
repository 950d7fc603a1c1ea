package exchange

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/accounts/inventory"
)

// cloud builds an engine with declared accounts.
func (f *fleet) cloud(list ...inventory.AccountConfig) *Engine {
	f.t.Helper()
	inv, err := inventory.Build([]inventory.Config{{Accounts: list}}, func(s string) (string, error) { return s, nil })
	if err != nil {
		f.t.Fatal(err)
	}
	e := New(Options{Transport: f, Logger: slog.New(slog.NewTextHandler(f.t.Output(), nil))})
	e.Apply(inv)
	f.t.Cleanup(e.Close)
	return e
}

// tell reports what an upstream was sent that differs from what it should have been.
func (s sentRequest) tell(t *testing.T, name, url, body string, header ...string) {
	t.Helper()
	if s.url != url {
		t.Errorf("%s: sent to\n%s, want\n%s", name, s.url, url)
	}
	if body != "" && s.body != body {
		t.Errorf("%s: sent\n%s, want\n%s", name, s.body, body)
	}
	for i := 0; i+1 < len(header); i += 2 {
		if got := strings.Join(s.header.Values(header[i]), "|"); got != header[i+1] {
			t.Errorf("%s: header %s: got %q, want %q", name, header[i], got, header[i+1])
		}
	}
}

const azureAnswer = `{"id":"c","object":"chat.completion","created":1,"model":"gpt-5-2025","choices":[{"index":0,"message":{"role":"assistant","content":"hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}`

func TestAzure(t *testing.T) {
	const host = "blue.openai.azure.com"
	const ask = `{"model":"gpt-5", "n":1,"messages":[{"role":"user","content":"hi"}]}`
	account := func(version, dialect string) inventory.AccountConfig {
		return inventory.AccountConfig{Name: "az", Provider: "azure", APIKey: canary, Dialect: dialect, CloudConfig: inventory.CloudConfig{
			Resource: "blue", APIVersion: version, Deployments: map[string]string{"gpt-5": "prod", "embed": "vectors"}}}
	}
	f := newFleet(t)
	f.serve(host, 200, "application/json", azureAnswer)
	dated := f.cloud(account("2024-10-21", ""))
	w, rec := call(t, dated, "POST", "/v1/chat/completions", ask, "api-key", "the client's own")
	if w.Code != 200 || w.Body.String() != azureAnswer || rec.UpstreamModel != "gpt-5" || w.Header().Get("X-Ai-Model") != "gpt-5" {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	f.last().tell(t, "dated", "https://"+host+"/openai/deployments/prod/chat/completions?api-version=2024-10-21",
		strings.Replace(ask, `"gpt-5"`, `"prod"`, 1), "Api-Key", canary, "Authorization", "")

	newer := f.cloud(account("", "chat"))
	if w, _ := call(t, newer, "POST", "/v1/messages", `{"model":"gpt-5","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}`); w.Code != 200 || !strings.Contains(w.Body.String(), `"text":"hello"`) {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	f.last().tell(t, "v1", "https://"+host+"/openai/v1/chat/completions", "", "Api-Key", canary)
	if got := f.last().body; !strings.Contains(got, `"model":"prod"`) {
		t.Errorf("sent %s, want the deployment as model", got)
	}

	f.serve(host, 200, "application/json", `{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.5]}],"model":"x","usage":{"prompt_tokens":1,"total_tokens":1}}`)
	for version, want := range map[string]string{
		"2024-10-21": "/openai/deployments/vectors/embeddings?api-version=2024-10-21", "preview": "/openai/v1/embeddings?api-version=preview",
	} {
		w, _ := call(t, f.cloud(account(version, "")), "POST", "/v1/embeddings", `{"model":"embed","input":"x"}`)
		if w.Code != 200 {
			t.Errorf("%s: got %d %s", version, w.Code, w.Body)
		}
		f.last().tell(t, version, "https://"+host+want, `{"model":"vectors","input":"x"}`)
	}
	for _, s := range f.sent {
		if s.lists() {
			t.Errorf("asked for a list that says nothing of deployments: %s", s.url)
		}
	}
}

// Azure begins a stream of Chat with the judgement of the prompt and without choices (Microsoft "Content filtering").
func TestAzureStream(t *testing.T) {
	const host = "blue.openai.azure.com"
	f := newFleet(t)
	f.serve(host, 200, "text/event-stream", `data: {"id":"","object":"","created":0,"model":"","choices":[],"prompt_filter_results":[{"prompt_index":0,"content_filter_results":{}}]}

data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"gpt-5","choices":[{"index":0,"delta":{"role":"assistant","content":"hello"},"finish_reason":null}]}

data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"gpt-5","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

data: [DONE]

`)
	e := f.cloud(inventory.AccountConfig{Name: "az", Provider: "azure", APIKey: canary, CloudConfig: inventory.CloudConfig{Resource: "blue", APIVersion: "2024-10-21"}})
	w, rec := call(t, e, "POST", "/v1/messages", `{"model":"az/gpt-5","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"hi"}]}`)
	if w.Code != 200 || !strings.Contains(w.Body.String(), `"text":"hello"`) || !strings.Contains(w.Body.String(), "message_stop") || rec.Err != nil {
		t.Errorf("got %d %v %s", w.Code, rec.Err, w.Body)
	}
}

// Azure's error envelopes (Microsoft "Azure OpenAI REST API reference") say what the account may be asked next.
func TestAzureErrors(t *testing.T) {
	for _, tt := range []struct {
		status     int
		body, want string
		code       int
	}{
		{404, `{"error":{"code":"DeploymentNotFound","message":"The API deployment for this resource does not exist."}}`, "model_unavailable", 404},
		{401, `{"error":{"code":"401","message":"Access denied due to invalid subscription key or wrong API endpoint."}}`, "credential_invalid", 502},
		{401, `{"error":{"code":"PermissionDenied","message":"The principal lacks the required data action."}}`, "permission_denied", 502},
		{429, `{"error":{"code":"429","message":"Requests have exceeded call rate limit. Please retry after 26 seconds."}}`, "rate_limited", 429},
		{400, `{"error":{"code":"OperationNotSupported","message":"The chatCompletion operation does not work with the specified model, x."}}`, "model_unavailable", 400},
		{400, `{"error":{"code":"content_filter","message":"The response was filtered","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation"}}}`, "caller_fault", 400},
	} {
		f := newFleet(t)
		f.serve("blue.openai.azure.com", tt.status, "application/json", tt.body)
		e := f.cloud(inventory.AccountConfig{Name: "az", Provider: "azure", APIKey: canary, CloudConfig: inventory.CloudConfig{Resource: "blue", APIVersion: "2024-10-21"}})
		w, rec := call(t, e, "POST", "/v1/chat/completions", `{"model":"az/gpt-5","messages":[{"role":"user","content":"hi"}]}`)
		if got := rec.Trail.String(); w.Code != tt.code || !strings.Contains(got, tt.want) {
			t.Errorf("%s: got %d, %s, want %d, %s", tt.body, w.Code, got, tt.code, tt.want)
		}
	}
}

func vertexAccount() inventory.AccountConfig {
	return inventory.AccountConfig{Name: "vx", Provider: "vertex", Command: &inventory.CommandConfig{Args: []string{"printf", canary}},
		CloudConfig: inventory.CloudConfig{Project: "p", Location: "us-east5"}}
}

const (
	vertexHost = "us-east5-aiplatform.googleapis.com"
	vertexBase = "https://" + vertexHost + "/v1/projects/p/locations/us-east5/publishers/"
)

func TestClaudeOnVertex(t *testing.T) {
	f := newFleet(t)
	e := f.cloud(vertexAccount())
	const answered = `{"id":"msg_1","type":"message","role":"assistant","model":"claude-opus-5","content":[{"type":"text","text":"hello"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":2}}`
	f.serve(vertexHost, 200, "application/json", answered)
	w, _ := call(t, e, "POST", "/v1/messages?beta=true", `{"max_tokens":9, "model":"claude-opus-5","messages":[{"role":"user","content":"hi"}]}`,
		"Anthropic-Beta", "one,two", "X-Api-Key", "the client's own")
	if w.Code != 200 || w.Body.String() != answered {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	f.last().tell(t, "same dialect", vertexBase+"anthropic/models/claude-opus-5:rawPredict",
		`{"anthropic_version":"vertex-2023-10-16","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}`,
		"Authorization", "Bearer "+canary, "Anthropic-Beta", "one,two", "X-Api-Key", "")

	// A client of Gemini gets Claude's answer, although the account speaks its dialect too.
	w, _ = call(t, e, "POST", "/v1beta/models/claude-opus-5:generateContent", `{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}`)
	if w.Code != 200 || !strings.Contains(w.Body.String(), `"text":"hello"`) {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	f.last().tell(t, "other dialect", vertexBase+"anthropic/models/claude-opus-5:rawPredict", "")
	if got := f.last().body; strings.Contains(got, `"model"`) || !strings.Contains(got, `"anthropic_version":"vertex-2023-10-16"`) {
		t.Errorf("sent %s", got)
	}

	f.serve(vertexHost, 200, "application/json", `{"input_tokens":42}`)
	w, _ = call(t, e, "POST", "/v1/messages/count_tokens", `{"model":"claude-opus-5","messages":[{"role":"user","content":"hi"}]}`)
	if w.Code != 200 || w.Body.String() != `{"input_tokens":42}` {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	f.last().tell(t, "count", vertexBase+"anthropic/models/count-tokens:rawPredict",
		`{"anthropic_version":"vertex-2023-10-16","model":"claude-opus-5","messages":[{"role":"user","content":"hi"}]}`)

	const stream = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"c\",\"content\":[],\"stop_reason\":null,\"usage\":{\"input_tokens\":1,\"output_tokens\":1}}}\n\n" +
		"event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":1}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"
	f.serve(vertexHost, 200, "text/event-stream", stream)
	w, _ = call(t, e, "POST", "/v1/messages", `{"model":"claude-opus-5","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"hi"}]}`)
	if w.Code != 200 || w.Body.String() != stream {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	f.last().tell(t, "stream", vertexBase+"anthropic/models/claude-opus-5:streamRawPredict",
		`{"anthropic_version":"vertex-2023-10-16","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"hi"}]}`)
}

func TestGeminiOnVertex(t *testing.T) {
	const answered = `{"candidates":[{"content":{"role":"model","parts":[{"text":"hello"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":2,"totalTokenCount":5}}`
	f := newFleet(t)
	e := f.cloud(vertexAccount())
	f.serve(vertexHost, 200, "application/json", answered)
	const ask = `{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}`
	w, _ := call(t, e, "POST", "/v1beta/models/gemini-3-pro:generateContent", ask)
	if w.Code != 200 || w.Body.String() != answered {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	f.last().tell(t, "same dialect", vertexBase+"google/models/gemini-3-pro:generateContent", ask, "Authorization", "Bearer "+canary, "X-Goog-Api-Key", "")
	w, _ = call(t, e, "POST", "/v1/messages", `{"model":"gemini-3-pro","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}`)
	if w.Code != 200 || !strings.Contains(w.Body.String(), `"text":"hello"`) {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	f.last().tell(t, "other dialect", vertexBase+"google/models/gemini-3-pro:generateContent", "")

	f.serve(vertexHost, 200, "text/event-stream", "data: "+answered+"\r\n\r\n")
	w, _ = call(t, e, "POST", "/v1/messages", `{"model":"gemini-3-pro","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"hi"}]}`)
	if w.Code != 200 || !strings.Contains(w.Body.String(), "message_stop") {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	f.last().tell(t, "stream", vertexBase+"google/models/gemini-3-pro:streamGenerateContent?alt=sse", "")

	f.serve(vertexHost, 200, "application/json", `{"totalTokens":42}`)
	w, _ = call(t, e, "POST", "/v1/messages/count_tokens", `{"model":"gemini-3-pro","messages":[{"role":"user","content":"hi"}]}`)
	if w.Code != 200 || w.Body.String() != `{"input_tokens":42}` {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	f.last().tell(t, "count", vertexBase+"google/models/gemini-3-pro:countTokens", ask)
	for _, s := range f.sent {
		if s.lists() {
			t.Errorf("asked for a list: %s", s.url)
		}
	}
}

// Google's envelope stands around what is wrong before a request reaches Claude, Anthropic's around what is wrong there.
func TestClaudeOnVertexErrors(t *testing.T) {
	for _, tt := range []struct {
		status        int
		body          string
		code          int
		trail, answer string
	}{
		{429, `[{"error":{"code":429,"message":"Quota exceeded for aiplatform.googleapis.com","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34s"}]}}]`,
			429, "rate_limited", `"type":"rate_limit_error","message":"Quota exceeded for aiplatform.googleapis.com"`},
		{401, `{"error":{"code":401,"message":"Request had invalid authentication credentials.","status":"UNAUTHENTICATED"}}`, 502, "credential_invalid", `"type":"api_error"`},
		{403, `{"error":{"code":403,"message":"Permission 'aiplatform.endpoints.predict' denied","status":"PERMISSION_DENIED"}}`, 502, "permission_denied", `"type":"api_error"`},
		{404, `{"error":{"code":404,"message":"Publisher Model ` + "`claude-x`" + ` was not found","status":"NOT_FOUND"}}`, 404, "model_unavailable", `"type":"not_found_error"`},
		{400, `{"error":{"code":400,"message":"Publisher Model ` + "`claude-x`" + ` is not servable in region us-east5.","status":"FAILED_PRECONDITION"}}`, 400, "model_unavailable", `"type":"invalid_request_error"`},
		{400, `{"type":"error","error":{"type":"invalid_request_error","message":"messages: too short"}}`, 400, "caller_fault", `{"type":"error","error":{"type":"invalid_request_error","message":"messages: too short"}}`},
		{529, `{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}`, 529, "overloaded", `"message":"Overloaded"`},
	} {
		f := newFleet(t)
		f.serve(vertexHost, tt.status, "application/json; charset=UTF-8", tt.body)
		w, rec := call(t, f.cloud(vertexAccount()), "POST", "/v1/messages", `{"model":"vx/claude-opus-5","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}`)
		if got := rec.Trail.String(); w.Code != tt.code || !strings.Contains(got, tt.trail) || !strings.Contains(w.Body.String(), tt.answer) {
			t.Errorf("%s: got %d, %s, %s", tt.body, w.Code, got, w.Body)
		}
		if tt.trail == "rate_limited" && w.Header().Get("Retry-After") != "34" {
			t.Errorf("got Retry-After %q, want what RetryInfo says", w.Header().Get("Retry-After"))
		}
	}
}
