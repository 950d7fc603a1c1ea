package exchange

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/translate"
)

// TestPassthroughRequests is what reaches the upstream for each operation.
func TestPassthroughRequests(t *testing.T) {
	anthropicHeader := []string{"Anthropic-Version", "2023-06-01", "Anthropic-Beta", "files-api-2025-04-14"}
	for _, tc := range []struct {
		name, dialect  string // of the account
		method, target string
		body           string
		header         []string
		url            string // as the account sees it
		sent           string // body
	}{
		{"images", "chat", "POST", "/v1/images/generations", `{ "prompt":"a cat", "model":"acc/m-1" }`, nil, "http://h/v1/images/generations", `{ "prompt":"a cat", "model":"m-1" }`},
		{"speech", "responses", "POST", "/v1/audio/speech", `{"model":"m","input":"x","voice":"v"}`, nil, "http://h/v1/audio/speech", `{"model":"m","input":"x","voice":"v"}`},
		{"moderations", "chat", "POST", "/moderations", `{"model":"m","input":"x"}`, nil, "http://h/v1/moderations", `{"model":"m","input":"x"}`},
		{"rerank", "chat", "POST", "/v1/rerank", `{"model":"m","query":"q","documents":[]}`, nil, "http://h/v1/rerank", `{"model":"m","query":"q","documents":[]}`},
		{"rerank v2", "chat", "POST", "/v2/rerank", `{"model":"m","query":"q","documents":[]}`, nil, "http://h/v2/rerank", `{"model":"m","query":"q","documents":[]}`},
		{"embeddings", "chat", "POST", "/v1/embeddings", `{"model":"acc/m","input":[1,2],"x":1.0}`, nil, "http://h/v1/embeddings", `{"model":"m","input":[1,2],"x":1.0}`},
		{"file list", "chat", "GET", "/v1/files?purpose=batch&limit=5&api_key=leak&evil=1", "", []string{"Authorization", "Bearer x"}, "http://h/v1/files?limit=5&purpose=batch", ""},
		{"file", "responses", "GET", "/v1/files/file-a%3Fb", "", nil, "http://h/v1/files/file-a%3Fb", ""},
		{"file content", "chat", "GET", "/v1/files/file-a/content", "", nil, "http://h/v1/files/file-a/content", ""},
		{"delete file", "chat", "DELETE", "/v1/files/file-a", "", nil, "http://h/v1/files/file-a", ""},
		{"batch", "chat", "POST", "/v1/batches", `{"input_file_id":"file-a","endpoint":"/v1/responses"}`, nil, "http://h/v1/batches", `{"input_file_id":"file-a","endpoint":"/v1/responses"}`},
		{"cancel batch", "chat", "POST", "/v1/batches/batch_1/cancel", "", nil, "http://h/v1/batches/batch_1/cancel", ""},
		{"response", "responses", "GET", "/v1/responses/resp_1?stream=true&starting_after=3&include[]=x", "", nil, "http://h/v1/responses/resp_1?include%5B%5D=x&starting_after=3&stream=true", ""},
		{"cancel response", "responses", "POST", "/v1/responses/resp_1/cancel", "", nil, "http://h/v1/responses/resp_1/cancel", ""},
		{"input items", "responses", "GET", "/v1/responses/resp_1/input_items", "", nil, "http://h/v1/responses/resp_1/input_items", ""},
		{"compact", "responses", "POST", "/v1/responses/compact", `{"model":"acc/m","input":[]}`, nil, "http://h/v1/responses/compact", `{"model":"m","input":[]}`},
		{"stored completion", "chat", "GET", "/v1/chat/completions/chatcmpl-1", "", nil, "http://h/v1/chat/completions/chatcmpl-1", ""},
		{"stored completions", "chat", "GET", "/v1/chat/completions?metadata[a]=b", "", nil, "http://h/v1/chat/completions?metadata%5Ba%5D=b", ""},
		{"delete completion", "responses", "DELETE", "/v1/chat/completions/chatcmpl-1", "", nil, "http://h/v1/chat/completions/chatcmpl-1", ""},

		{"Anthropic batch", "messages", "POST", "/v1/messages/batches",
			`{"requests":[{"custom_id":"1","params":{"model":"acc/m","messages":[{"model":"x"}]}},{"custom_id":"2","params":{ "model" : "acc/m"}},{"custom_id":"3","params":{"model":"m-3"}}]}`, anthropicHeader, "http://h/v1/messages/batches",
			`{"requests":[{"custom_id":"1","params":{"model":"m","messages":[{"model":"x"}]}},{"custom_id":"2","params":{ "model" : "m"}},{"custom_id":"3","params":{"model":"m-3"}}]}`},
		{"Anthropic batches", "messages", "GET", "/v1/messages/batches?limit=1&after_id=a", "", anthropicHeader, "http://h/v1/messages/batches?after_id=a&limit=1", ""},
		{"Anthropic batch results", "messages", "GET", "/v1/messages/batches/msgbatch_1/results", "", anthropicHeader, "http://h/v1/messages/batches/msgbatch_1/results", ""},
		{"Anthropic file", "messages", "GET", "/v1/files/file_1?beta=true", "", anthropicHeader, "http://h/v1/files/file_1?beta=true", ""},

		{"Gemini embedding", "gemini", "POST", "/v1beta/models/m:embedContent", `{"content":{"parts":[{"text":"x"}]}}`, nil, "http://h/v1beta/models/m:embedContent", `{"content":{"parts":[{"text":"x"}]}}`},
		{"Gemini embeddings", "gemini", "POST", "/v1/models/acc/m:batchEmbedContents", `{"requests":[{"model":"models/acc/m","content":{}},{"model":"models/acc/m"}]}`, nil, "http://h/v1beta/models/m:batchEmbedContents", `{"requests":[{"model":"models/m","content":{}},{"model":"models/m"}]}`},
		{"cache", "gemini", "POST", "/v1beta/cachedContents", `{"model":"models/acc/m","contents":[]}`, nil, "http://h/v1beta/cachedContents", `{"model":"models/m","contents":[]}`},
		{"caches", "gemini", "GET", "/v1beta/cachedContents?pageSize=2&key=leak", "", nil, "http://h/v1beta/cachedContents?pageSize=2", ""},
		{"change cache", "gemini", "PATCH", "/v1beta/cachedContents/c1?updateMask=ttl", `{"ttl":"9s"}`, nil, "http://h/v1beta/cachedContents/c1?updateMask=ttl", `{"ttl":"9s"}`},
		{"Gemini file", "gemini", "GET", "/v1beta/files/f1", "", nil, "http://h/v1beta/files/f1", ""},
		{"Gemini file of a newer client", "gemini", "DELETE", "/v1/files/f1", "", []string{"X-Goog-Api-Key", "k"}, "http://h/v1beta/files/f1", ""},
		{"Gemini download", "gemini", "GET", "/v1beta/files/f1:download?alt=media", "", nil, "http://h/v1beta/files/f1:download?alt=media", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := newFleet(t)
			const answer = `{"id":"x", "object":"y"}`
			f.handle("h", func(r *http.Request, _ []byte) *http.Response {
				if r.Method != tc.method {
					t.Errorf("method = %s, want %s", r.Method, tc.method)
				}
				return jsonAnswer(200, answer)
			})
			e := f.engine("acc " + tc.dialect + " h")
			w, rec := call(t, e, tc.method, tc.target, tc.body, tc.header...)
			if w.Code != 200 || w.Body.String() != answer {
				t.Fatalf("answer = %d %s, want the upstream's bytes", w.Code, w.Body)
			}
			sent := f.last()
			if sent.url != tc.url {
				t.Errorf("url  = %s\nwant = %s", sent.url, tc.url)
			}
			if sent.body != tc.sent {
				t.Errorf("sent = %s\nwant   %s", sent.body, tc.sent)
			}
			wantType := "application/json"
			if tc.body == "" {
				wantType = ""
			}
			if got := sent.header.Get("Content-Type"); got != wantType {
				t.Errorf("Content-Type = %q, want %q", got, wantType)
			}
			if tc.dialect == "messages" && (sent.header.Get("Anthropic-Version") != "2023-06-01" || sent.header.Get("Anthropic-Beta") != "files-api-2025-04-14") {
				t.Errorf("Anthropic's headers did not arrive: %v", sent.header)
			}
			if strings.Contains(fmt.Sprint(sent.header), "Bearer x") {
				t.Error("the client's credential reached the upstream")
			}
			if rec.Operation != translate.Passthrough || rec.Passthrough == "" || rec.Account != "acc" || w.Header().Get("X-Request-Id") == "" {
				t.Errorf("record = %+v, headers %v", rec, w.Header())
			}
		})
	}
}

func jsonAnswer(status int, body string, header ...string) *http.Response {
	return answer(status, "application/json", body, header...)
}

// TestPassthroughUsage counts what an answer reports once, when it is made.
func TestPassthroughUsage(t *testing.T) {
	for target, tc := range map[string]struct{ method, body, answer, want string }{
		"/v1/embeddings":         {"POST", `{"model":"m","input":"x"}`, `{"data":[],"usage":{"prompt_tokens":7,"total_tokens":7}}`, "7 0"},
		"/v1/images/generations": {"POST", `{"model":"m","prompt":"x"}`, `{"data":[],"usage":{"input_tokens":7,"output_tokens":9,"total_tokens":16}}`, "7 9"},
		"/v1/rerank":             {"POST", `{"model":"m","query":"x"}`, `{"results":[],"usage":{"total_tokens":5}}`, "5 0"},
		"/v1/responses/resp_1":   {"GET", "", `{"id":"resp_1","usage":{"input_tokens":7,"output_tokens":9}}`, "0 0"},
	} {
		f := newFleet(t)
		f.serve("h", 200, "application/json", tc.answer)
		_, rec := call(t, f.engine("acc responses h"), tc.method, target, tc.body)
		if got := fmt.Sprint(rec.Usage.Input, rec.Usage.Output); got != tc.want {
			t.Errorf("%s: usage = %s, want %s", target, got, tc.want)
		}
	}
}

// TestPassthroughFailover has a first account that fails and a second that is
// well. What may have taken effect is not done twice.
func TestPassthroughFailover(t *testing.T) {
	const (
		images = "POST /v1/images/generations"
		create = "POST /v1/batches"
		read   = "GET /v1/batches/batch_1"
	)
	fail := func(status int, message, typ, code string, header ...string) func() *http.Response {
		return func() *http.Response {
			return jsonAnswer(status, fmt.Sprintf(openAIError, message, typ, code), header...)
		}
	}
	limited := fail(429, "slow down", "rate_limit_error", `"rate_limit_exceeded"`, "Retry-After", "30")
	broken := fail(500, "boom", "server_error", "null")
	badKey := fail(401, "Incorrect API key provided: "+canary, "invalid_request_error", `"invalid_api_key"`)
	page := func() *http.Response { return answer(200, "text/html", "<html>") }
	cut := func() *http.Response {
		r := jsonAnswer(200, `{"id":"x`)
		r.ContentLength = 100
		return r
	}
	for _, tc := range []struct {
		name, what string
		first      func() *http.Response
		want       int
		second     bool
	}{
		{"limited", images, limited, 200, true},
		{"limited", create, limited, 200, true},
		{"broken", images, broken, 200, true},
		{"broken", create, broken, 500, false},
		{"broken", read, broken, 200, true},
		{"bad key", images, badKey, 200, true},
		{"bad key", create, badKey, 200, true},
		{"overloaded", create, fail(503, "overloaded", "server_error", "null"), 200, true},
		{"page", images, page, 200, true},
		{"page", create, page, 502, false},
		{"cut", images, cut, 200, true},
		{"cut", create, cut, 502, false},
		{"caller's fault", images, fail(400, "no", "invalid_request_error", "null"), 400, false},
		{"unknown there", images, fail(404, "The model `m` does not exist", "invalid_request_error", `"model_not_found"`), 200, true},
		{"unreachable", create, nil, 200, true},
	} {
		t.Run(tc.name+" "+tc.what, func(t *testing.T) {
			f := newFleet(t)
			if tc.first != nil {
				f.handle("bad", func(*http.Request, []byte) *http.Response { return tc.first() })
			}
			f.serve("good", 200, "application/json", `{"id":"x"}`)
			e := f.engine("first chat bad", "second chat good")
			method, target, _ := strings.Cut(tc.what, " ")
			body := ""
			if method == "POST" {
				body = `{"model":"m"}`
			}
			w, rec := call(t, e, method, target, body)
			if w.Code != tc.want {
				t.Errorf("status = %d, want %d: %s", w.Code, tc.want, w.Body)
			}
			if got := f.asked("good") > 0; got != tc.second {
				t.Errorf("the second account was asked: %v, want %v (%s)", got, tc.second, rec.Trail)
			}
		})
	}
}

// TestPassthroughMasksCredentials: a key of ours that is wrong is not the
// client's, and is not shown.
func TestPassthroughMasksCredentials(t *testing.T) {
	f := newFleet(t)
	f.serve("h", 401, "application/json", fmt.Sprintf(openAIError, "Incorrect API key provided: "+canary, "invalid_request_error", `"invalid_api_key"`))
	e := f.engine("acc chat h")
	for _, what := range []string{"GET /v1/files", "GET /v1/files/file-1", "POST /v1/images/generations", "POST /v1/audio/speech", "POST /v1/batches"} {
		method, target, _ := strings.Cut(what, " ")
		w, _ := call(t, e, method, target, `{"model":"m"}`)
		if w.Code < 500 || !strings.Contains(w.Body.String(), `"error"`) {
			t.Errorf("%s: %d %s, want a 5xx", what, w.Code, w.Body)
		}
	}
}

// TestPassthroughCoolsNothing: to ask for what an account does not have says
// nothing about its health.
func TestPassthroughCoolsNothing(t *testing.T) {
	f := newFleet(t)
	f.handle("h", func(r *http.Request, _ []byte) *http.Response {
		if strings.HasSuffix(r.URL.Path, "/chat/completions") {
			return jsonAnswer(200, chatAnswer)
		}
		return jsonAnswer(404, fmt.Sprintf(openAIError, "The model `m` does not exist", "invalid_request_error", `"model_not_found"`))
	})
	e := f.engine("acc chat h")
	for range 2 {
		w, _ := call(t, e, "POST", "/v1/audio/speech", `{"model":"m","input":"x","voice":"v"}`)
		if w.Code != 404 || !strings.Contains(w.Body.String(), "The model `m` does not exist") {
			t.Errorf("speech: %d %s, want the upstream's 404", w.Code, w.Body)
		}
	}
	if w, _ := call(t, e, "POST", "/v1/chat/completions", chatRequest); w.Code != 200 {
		t.Errorf("chat: %d %s, want 200", w.Code, w.Body)
	}
}

// TestPassthroughRefusals is what is answered without asking anyone.
func TestPassthroughRefusals(t *testing.T) {
	f := newFleet(t)
	e := f.engine("open chat c", "claude messages m")
	for _, tc := range []struct {
		method, target, body string
		status               int
		want                 []string
	}{
		{"POST", "/v1/images/generations", `{"model":"nope","prompt":"x"}`, 404, []string{`"error"`, "model_not_found", "nope"}},
		{"POST", "/v1/images/generations", `{"model":"claude/m","prompt":"x"}`, 404, []string{"images.generations", "p_open"}},
		{"POST", "/v1/images/generations", `{"prompt":"x"}`, 400, []string{"model", "certain models"}},
		{"POST", "/v1/audio/speech", `{"input":"x"}`, 400, []string{"model", "required"}},
		{"POST", "/v1/embeddings", `{"model":"claude/m","input":"x"}`, 404, []string{"embeddings", "p_open"}},
		{"POST", "/v1/responses/compact", `{"model":"m","input":[]}`, 404, []string{"responses.compact", "OpenAI"}},
		{"GET", "/v1/responses/resp_1", ``, 404, []string{"responses", "OpenAI"}},
		{"POST", "/v1beta/cachedContents", `{"model":"models/m"}`, 404, []string{"cachedContents", "Google", `"status"`}},
		{"POST", "/v1/embeddings", `{"model":"m","model":"n"}`, 400, []string{"occurs twice"}},
		{"POST", "/v1/embeddings", `[]`, 400, []string{"object"}},
		{"POST", "/v1/messages/batches", `{"requests":[]}`, 400, []string{"model", `"type":"error"`}},
		{"PUT", "/v1/files", ``, 405, []string{"GET, POST"}},
		{"POST", "/v1/files", `{"a":1`, 400, []string{"JSON"}},
	} {
		w, _ := call(t, e, tc.method, tc.target, tc.body)
		if w.Code != tc.status {
			t.Errorf("%s %s: status %d, want %d: %s", tc.method, tc.target, w.Code, tc.status, w.Body)
		}
		for _, want := range tc.want {
			if !strings.Contains(w.Body.String(), want) {
				t.Errorf("%s %s: %s lacks %q", tc.method, tc.target, w.Body, want)
			}
		}
	}
	for _, s := range f.sent {
		if !strings.Contains(s.url, "/models") {
			t.Errorf("an upstream was asked: %s", s.url)
		}
	}
}

// TestAnswerHeaders is what a passed answer may and may not bring along.
func TestAnswerHeaders(t *testing.T) {
	f := newFleet(t)
	f.serve("h", 200, "text/html", "<script>", "Content-Disposition", `attachment; filename="a.html"`, "Set-Cookie", "a=b", "X-Ratelimit-Remaining-Requests", "3", "X-Request-Id", "up")
	w, _ := call(t, f.engine("acc chat h"), "GET", "/v1/files/file-1/content", "")
	if w.Code != 200 || w.Body.String() != "<script>" {
		t.Fatalf("answer = %d %s", w.Code, w.Body)
	}
	for name, want := range map[string]string{
		"Content-Type": "text/html", "Content-Disposition": `attachment; filename="a.html"`, "Set-Cookie": "", "X-Ratelimit-Remaining-Requests": "3",
		"X-Upstream-Request-Id": "up", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox", "X-Ai-Account": "acc", "X-Ai-Model": "",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
}

// TestBatchResultsLeadHome: clients follow results_url with their own key.
func TestBatchResultsLeadHome(t *testing.T) {
	const one = `{ "id":"msgbatch_1", "results_url" : "https://api.anthropic.com/v1/messages/batches/msgbatch_1/results" ,"x":1}`
	const home = `{ "id":"msgbatch_1", "results_url" : "http://example.com/v1/messages/batches/msgbatch_1/results" ,"x":1}`
	for target, tc := range map[string]struct{ answer, want string }{
		"/v1/messages/batches/msgbatch_1": {one, home},
		"/v1/messages/batches":            {`{"data":[` + one + `,{"results_url":null},` + one + `]}`, `{"data":[` + home + `,{"results_url":null},` + home + `]}`},
	} {
		f := newFleet(t)
		f.serve("h", 200, "application/json", tc.answer)
		w, _ := call(t, f.engine("acc messages h"), "GET", target, "", "Anthropic-Version", "2023-06-01")
		if w.Body.String() != tc.want {
			t.Errorf("answer = %s\nwant     %s", w.Body, tc.want)
		}
	}
}
