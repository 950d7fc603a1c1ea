package exchange

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

const (
	openAIError    = `{"error":{"message":"%s","type":"%s","param":null,"code":%s}}`
	anthropicError = `{"type":"error","error":{"type":"%s","message":"%s"}}`
)

// TestFailover has a first account that fails in some way and a second that is
// well: who is asked, what the client gets, and whether the first is asked again.
func TestFailover(t *testing.T) {
	for name, tc := range map[string]struct {
		status      int
		contentType string
		body        string
		header      []string
		want        int  // the client's status
		second      bool // is the second account asked
		again       bool // is the first account asked by the next exchange
	}{
		"rate limited":       {status: 429, body: fmt.Sprintf(openAIError, "slow down", "rate_limit_error", `"rate_limit_exceeded"`), header: []string{"Retry-After", "30"}, want: 200, second: true},
		"quota":              {status: 429, body: fmt.Sprintf(openAIError, "You exceeded your current quota", "insufficient_quota", `"insufficient_quota"`), want: 200, second: true},
		"unauthorised":       {status: 401, body: fmt.Sprintf(openAIError, "Incorrect API key provided: "+canary, "invalid_request_error", `"invalid_api_key"`), want: 200, second: true},
		"forbidden":          {status: 403, body: fmt.Sprintf(openAIError, "not allowed", "permission_error", "null"), want: 200, second: true},
		"model missing":      {status: 404, body: fmt.Sprintf(openAIError, "The model `m` does not exist", "invalid_request_error", `"model_not_found"`), want: 200, second: true},
		"overloaded":         {status: 503, body: fmt.Sprintf(openAIError, "overloaded", "server_error", "null"), want: 200, second: true},
		"failed once":        {status: 500, body: fmt.Sprintf(openAIError, "boom", "server_error", "null"), want: 200, second: true, again: true},
		"web page":           {status: 200, contentType: "text/html", body: "<html><body>log in</body></html>", want: 200, second: true, again: true},
		"web page with 502":  {status: 502, contentType: "text/html", body: "<html><h1>Bad gateway</h1></html>", want: 200, second: true, again: true},
		"error in a 200":     {status: 200, body: fmt.Sprintf(openAIError, "Rate limit reached", "rate_limit_error", `"rate_limit_exceeded"`), want: 200, second: true},
		"redirect":           {status: 302, contentType: "text/html", body: "", header: []string{"Location", "http://evil/"}, want: 200, second: true, again: true},
		"not JSON":           {status: 200, body: "ok", want: 200, second: true, again: true},
		"the client's fault": {status: 400, body: fmt.Sprintf(openAIError, "bad temperature", "invalid_request_error", "null"), want: 400, again: true},
		"too large":          {status: 413, body: fmt.Sprintf(openAIError, "too large", "invalid_request_error", "null"), want: 413, again: true},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFleet(t)
			if tc.contentType == "" {
				tc.contentType = "application/json"
			}
			f.serve("bad", tc.status, tc.contentType, tc.body, tc.header...)
			f.serve("good", 200, "application/json", chatAnswer)
			e := f.engine("first chat bad", "second chat good")
			w, rec := call(t, e, "POST", "/v1/chat/completions", chatRequest)
			if w.Code != tc.want {
				t.Errorf("status = %d, want %d: %s", w.Code, tc.want, w.Body)
			}
			if tc.want != 200 && w.Body.String() != tc.body {
				t.Errorf("body = %s, want the upstream's own", w.Body)
			}
			if got := f.asked("good") > 0; got != tc.second {
				t.Errorf("the second account was asked: %v, want %v (%s)", got, tc.second, rec.Trail)
			}
			before := f.asked("bad")
			call(t, e, "POST", "/v1/chat/completions", chatRequest)
			if got := f.asked("bad") > before; got != tc.again {
				t.Errorf("the first account was asked again: %v, want %v", got, tc.again)
			}
			if f.asked("evil") > 0 {
				t.Error("a redirect was followed")
			}
		})
	}
}

// TestFailoverAcrossDialects has three accounts of three dialects, of which the
// last one answers.
func TestFailoverAcrossDialects(t *testing.T) {
	for _, stream := range []bool{false, true} {
		f := newFleet(t)
		f.serve("g", 429, "application/json", `{"error":{"code":429,"message":"Resource has been exhausted","status":"RESOURCE_EXHAUSTED"}}`)
		f.serve("c", 200, "text/event-stream", "data: {\"error\":{\"message\":\"busy\",\"type\":\"server_error\",\"code\":null}}\n\n")
		body, want := messagesRequest, messagesAnswer
		f.serve("m", 200, "application/json", messagesAnswer)
		if stream {
			body, want = messagesStream, messagesFrames
			f.serve("m", 200, "text/event-stream", messagesFrames)
		}
		e := f.engine("one gemini g", "two chat c", "three messages m")
		w, rec := call(t, e, "POST", "/v1/messages", body, "X-Ai-Debug", "1")
		if w.Code != 200 || w.Body.String() != want {
			t.Errorf("stream %v: answer %d = %s, want the third account's bytes", stream, w.Code, w.Body)
		}
		if rec.Attempts != 3 {
			t.Errorf("attempts = %d, want 3: %s", rec.Attempts, rec.Trail)
		}
		trail := w.Header().Get("X-Ai-Trail")
		for _, s := range []string{"one/m (rate_limited", "two/m (", "three/m"} {
			if !strings.Contains(trail, s) {
				t.Errorf("trail %q lacks %q", trail, s)
			}
		}
	}
}

// TestNobodyLeft is what the client hears when no account can serve.
func TestNobodyLeft(t *testing.T) {
	limited := fmt.Sprintf(openAIError, "slow down", "rate_limit_error", `"rate_limit_exceeded"`)
	t.Run("one account, its own words", func(t *testing.T) {
		f := newFleet(t)
		f.serve("a", 429, "application/json", limited, "Retry-After", "30")
		e := f.engine("one chat a")
		for i := range 2 {
			w, _ := call(t, e, "POST", "/v1/chat/completions", chatRequest)
			if w.Code != 429 {
				t.Errorf("exchange %d: status = %d, want 429", i, w.Code)
			}
			if got := w.Header().Get("Retry-After"); got != "30" && got != "29" {
				t.Errorf("exchange %d: Retry-After = %q, want 30", i, got)
			}
		}
		if got := f.asked("a"); got != 1 {
			t.Errorf("a limited account was asked %d times, want 1", got)
		}
	})
	t.Run("translated", func(t *testing.T) {
		f := newFleet(t)
		f.serve("a", 429, "application/json", limited, "Retry-After", "30")
		e := f.engine("one chat a")
		w, _ := call(t, e, "POST", "/v1/messages", messagesRequest)
		if w.Code != 429 || !strings.Contains(w.Body.String(), `"rate_limit_error"`) || w.Header().Get("Retry-After") != "30" {
			t.Errorf("answer = %d %v %s", w.Code, w.Header(), w.Body)
		}
	})
	t.Run("several reasons, a sentence each", func(t *testing.T) {
		f := newFleet(t)
		f.serve("a", 429, "application/json", limited, "Retry-After", "30")
		f.serve("b", 401, "application/json", fmt.Sprintf(openAIError, "bad key "+canary, "invalid_request_error", `"invalid_api_key"`))
		e := f.engine("one chat a", "two chat b")
		w, _ := call(t, e, "POST", "/v1/chat/completions", chatRequest)
		if w.Code != 429 || !strings.Contains(w.Body.String(), "one: ") || !strings.Contains(w.Body.String(), "two: ") {
			t.Errorf("answer = %d %s, want 429 with a sentence per account", w.Code, w.Body)
		}
	})
	t.Run("a wrong key of ours is not the client's", func(t *testing.T) {
		for _, target := range []string{"/v1/chat/completions", "/v1/messages"} {
			f := newFleet(t)
			f.serve("a", 401, "application/json", fmt.Sprintf(openAIError, "Incorrect API key provided: "+canary, "invalid_request_error", `"invalid_api_key"`))
			e := f.engine("one chat a")
			w, _ := call(t, e, "POST", target, messagesRequest)
			if w.Code < 500 {
				t.Errorf("%s: status = %d, want 5xx: %s", target, w.Code, w.Body)
			}
		}
	})
	t.Run("the last account is never blacked out by a hiccup", func(t *testing.T) {
		f := newFleet(t)
		f.serve("a", 500, "application/json", fmt.Sprintf(openAIError, "boom", "server_error", "null"))
		e := f.engine("one chat a")
		for range 5 {
			call(t, e, "POST", "/v1/chat/completions", chatRequest)
		}
		f.serve("a", 200, "application/json", chatAnswer)
		if w, _ := call(t, e, "POST", "/v1/chat/completions", chatRequest); w.Code != 200 {
			t.Errorf("status = %d after the upstream recovered, want 200", w.Code)
		}
		if got := f.asked("a"); got != 6 {
			t.Errorf("asked %d times, want 6", got)
		}
	})
	t.Run("unreachable", func(t *testing.T) {
		f := newFleet(t)
		e := f.engine("one chat nowhere")
		w, _ := call(t, e, "POST", "/v1/messages", messagesRequest)
		if w.Code < 500 || !strings.Contains(w.Body.String(), `"type":"error"`) {
			t.Errorf("answer = %d %s", w.Code, w.Body)
		}
	})
}

// TestCannotCarry is a request that one account's dialect has no place for.
func TestCannotCarry(t *testing.T) {
	video := `{"contents":[{"parts":[{"inlineData":{"mimeType":"video/mp4","data":"AAAA"}},{"text":"what is this"}]}]}`
	geminiAnswer := `{"candidates":[{"index":0,"content":{"role":"model","parts":[{"text":"a cat"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":2,"totalTokenCount":5}}`
	f := newFleet(t)
	f.serve("c", 200, "application/json", chatAnswer)
	f.serve("g", 200, "application/json", geminiAnswer)
	both := f.engine("one chat c", "two gemini g")
	w, _ := call(t, both, "POST", "/v1beta/models/m:generateContent", video)
	if w.Code != 200 || w.Body.String() != geminiAnswer {
		t.Errorf("answer = %d %s, want the other account's", w.Code, w.Body)
	}
	if f.asked("c") != 0 {
		t.Error("a request that cannot be carried was sent")
	}
	only := f.engine("one chat c")
	w, _ = call(t, only, "POST", "/v1beta/models/m:generateContent", video)
	if w.Code != 400 || !strings.Contains(w.Body.String(), "video") || !strings.Contains(w.Body.String(), "INVALID_ARGUMENT") {
		t.Errorf("answer = %d %s, want a 400 in Gemini's envelope that names the video", w.Code, w.Body)
	}
}

func TestBadInput(t *testing.T) {
	f := newFleet(t)
	f.serve("c", 200, "application/json", chatAnswer)
	e := f.engine("one chat c")
	envelopes := map[string]string{
		"/v1/chat/completions": `"error":{`, "/v1/responses": `"error":{`, "/v1/messages": `"type":"error"`,
		"/v1beta/models/m:generateContent": `"status":"`, "/v1/completions": `"error":{`,
	}
	for name, tc := range map[string]struct {
		body   string
		status int
	}{
		"empty":           {"", 400},
		"not JSON":        {"hello", 400},
		"an array":        {"[]", 400},
		"invalid UTF-8":   {"{\"model\":\"m\",\"x\":\"\xff\"}", 400},
		"two models":      {`{"model":"m","model":"n","messages":[]}`, 400},
		"escaped name":    {`{"mod\u0065l":"m"}`, 400},
		"unknown model":   {`{"model":"nope","messages":[{"role":"user","content":"x"}]}`, 404},
		"missing members": {`{"model":"m"}`, 400},
	} {
		for target, envelope := range envelopes {
			if strings.HasPrefix(target, "/v1beta") && name == "unknown model" {
				continue // Gemini names it in the path
			}
			if target == "/v1/chat/completions" && name == "missing members" {
				continue // the same dialect: the upstream's to judge
			}
			t.Run(name+" "+target, func(t *testing.T) {
				w, _ := call(t, e, "POST", target, tc.body)
				if w.Code != tc.status || !strings.Contains(w.Body.String(), envelope) {
					t.Errorf("answer = %d %s, want %d in %s", w.Code, w.Body, tc.status, envelope)
				}
			})
		}
	}
	w, _ := callCtx(t, t.Context(), e, Settings{MaxBody: 20}, "POST", "/v1/messages", messagesRequest)
	if w.Code != http.StatusRequestEntityTooLarge || !strings.Contains(w.Body.String(), "request_too_large") {
		t.Errorf("too large: %d %s, want 413 request_too_large", w.Code, w.Body)
	}
	w, _ = call(t, e, "GET", "/v1/messages", "")
	if w.Code != 405 || w.Header().Get("Allow") != "POST" {
		t.Errorf("GET: %d, Allow %q, want 405 and POST", w.Code, w.Header().Get("Allow"))
	}
}

func TestStrictRefuses(t *testing.T) {
	f := newFleet(t)
	f.serve("c", 200, "application/json", chatAnswer)
	e := f.engine("one chat c")
	body := `{"model":"m","max_tokens":50,"top_k":5,"messages":[{"role":"user","content":"hi"}]}`
	w, _ := call(t, e, "POST", "/v1/messages", body)
	if got, want := w.Header().Get("X-Ai-Warnings"), "dropped=top_k"; w.Code != 200 || got != want {
		t.Errorf("answer %d with warnings %q, want 200 and %q", w.Code, got, want)
	}
	w, _ = callCtx(t, t.Context(), e, Settings{Strict: true}, "POST", "/v1/messages", body)
	if w.Code != 400 || !strings.Contains(w.Body.String(), "top_k") {
		t.Errorf("strict: %d %s, want a 400 about top_k", w.Code, w.Body)
	}
}
