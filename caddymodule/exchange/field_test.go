package exchange

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestFieldKeys is the scenario in which docs/failover.md compares gateways: two
// keys of which one is bad, and a single one that is.
func TestFieldKeys(t *testing.T) {
	bodies := map[int]string{
		429: fmt.Sprintf(openAIError, "slow down", "requests", `"rate_limit_exceeded"`),
		500: fmt.Sprintf(openAIError, "boom", "server_error", "null"),
		401: fmt.Sprintf(openAIError, "Incorrect API key provided", "invalid_request_error", `"invalid_api_key"`),
		403: fmt.Sprintf(openAIError, "not allowed", "permission_error", "null"),
		404: fmt.Sprintf(openAIError, "The model `m` does not exist", "invalid_request_error", `"model_not_found"`),
		400: fmt.Sprintf(openAIError, "bad temperature", "invalid_request_error", "null"),
	}
	for _, tc := range []struct {
		status  int
		pair    string // what eight requests get with a good second key
		pairHit int    // how often the bad key is asked
		alone   string // what three requests get without
		hit     int
	}{
		{429, "8×200", 1, "429 429 429", 1},
		{500, "8×200", 2, "500 500 500", 3}, // the first is forgiven; the only key is never blacked out
		{401, "8×200", 1, "502 503 503", 1}, // the client's own key is not to blame
		{403, "8×200", 1, "502 503 503", 1},
		{404, "8×200", 1, "404 404 404", 1},
		{400, "8×400", 8, "400 400 400", 3}, // the client's fault burns no key
	} {
		t.Run(fmt.Sprint(tc.status), func(t *testing.T) {
			f := newFleet(t)
			f.serve("bad", tc.status, "application/json", bodies[tc.status])
			f.serve("good", 200, "application/json", chatAnswer)
			run := func(n int, accounts ...string) (codes []int, hits int) {
				e := f.engine(accounts...)
				before := f.asked("bad")
				for range n {
					w, _ := call(t, e, "POST", "/v1/chat/completions", chatRequest)
					codes = append(codes, w.Code)
				}
				return codes, f.asked("bad") - before
			}
			codes, hits := run(8, "first chat bad", "second chat good")
			same := 0
			for _, c := range codes {
				if c == codes[0] {
					same++
				}
			}
			if got := fmt.Sprintf("%d×%d", same, codes[0]); got != tc.pair || hits != tc.pairHit {
				t.Errorf("two keys: got %v, %d hits, want %s, %d", codes, hits, tc.pair, tc.pairHit)
			}
			codes, hits = run(3, "only chat bad")
			if got := strings.Trim(fmt.Sprint(codes), "[]"); got != tc.alone || hits != tc.hit {
				t.Errorf("one key: got %s, %d hits, want %s, %d", got, hits, tc.alone, tc.hit)
			}
		})
	}
	t.Run("a client's bad request does not disable the only key", func(t *testing.T) {
		f := newFleet(t)
		f.serve("only", 400, "application/json", bodies[400])
		e := f.engine("only chat only")
		for range 5 {
			call(t, e, "POST", "/v1/chat/completions", chatRequest)
		}
		f.serve("only", 200, "application/json", chatAnswer)
		if w, _ := call(t, e, "POST", "/v1/chat/completions", chatRequest); w.Code != 200 {
			t.Errorf("the next good request got %d", w.Code)
		}
	})
}

// TestFieldBreaks is the other scenario: an upstream of the chat dialect that
// breaks after two streamed tokens, in four ways.
func TestFieldBreaks(t *testing.T) {
	begun := chatFrames[:strings.Index(chatFrames, `data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`)]
	stream := func(then func(http.ResponseWriter)) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			w.Header().Set("Content-Type", "text/event-stream")
			io.WriteString(w, begun)
			w.(http.Flusher).Flush()
			then(w)
		}
	}
	reset := stream(func(w http.ResponseWriter) {
		if c, _, err := w.(http.Hijacker).Hijack(); err == nil {
			c.Close()
		}
	})
	end := stream(func(http.ResponseWriter) {})
	firstFrame := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprintf(w, "data: "+openAIError+"\n\n", "slow down", "requests", `"rate_limit_exceeded"`)
	}
	for name, tc := range map[string]struct {
		upstream     http.HandlerFunc
		target, body string
		status       int
		want         []string
		never        []string
	}{
		"reset, chat client":        {reset, "/v1/chat/completions", chatStream, 200, []string{`"content":"lo"`, `data: {"error":`}, []string{"[DONE]", `"finish_reason":"stop"`}},
		"reset, messages client":    {reset, "/v1/messages", messagesStream, 200, []string{`"text":"lo"`, "event: error\n"}, []string{"message_stop", "end_turn"}},
		"end, chat client":          {end, "/v1/chat/completions", chatStream, 200, []string{`"content":"lo"`, `data: {"error":`}, []string{"[DONE]", `"finish_reason":"stop"`}},
		"end, messages client":      {end, "/v1/messages", messagesStream, 200, []string{`"text":"lo"`, "event: error\n"}, []string{"message_stop", "end_turn"}},
		"first frame, chat client":  {firstFrame, "/v1/chat/completions", chatStream, 429, []string{`"code":"rate_limit_exceeded"`}, []string{"[DONE]", "data:"}},
		"first frame, messages one": {firstFrame, "/v1/messages", messagesStream, 429, []string{`"type":"rate_limit_error"`}, []string{"event:", "message_stop"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := httptest.NewServer(tc.upstream)
			defer s.Close()
			e := newFleet(t).engine("only chat " + s.Listener.Addr().String())
			e.transports.direct = NewTransport()
			w, rec := call(t, e, "POST", tc.target, tc.body)
			if w.Code != tc.status || rec.Err == nil {
				t.Errorf("status %d, error %v, want %d and an error", w.Code, rec.Err, tc.status)
			}
			rest := w.Body.String()
			for _, want := range tc.want {
				_, after, ok := strings.Cut(rest, want)
				if !ok {
					t.Fatalf("no %q in\n%s", want, w.Body)
				}
				rest = after
			}
			for _, never := range tc.never {
				if strings.Contains(w.Body.String(), never) {
					t.Errorf("%q in\n%s", never, w.Body)
				}
			}
		})
	}
	t.Run("first frame, with a second account", func(t *testing.T) {
		s := httptest.NewServer(http.HandlerFunc(firstFrame))
		defer s.Close()
		good := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			io.WriteString(w, chatFrames)
		}))
		defer good.Close()
		e := newFleet(t).engine("first chat "+s.Listener.Addr().String(), "second chat "+good.Listener.Addr().String())
		e.transports.direct = NewTransport()
		w, rec := call(t, e, "POST", "/v1/chat/completions", chatStream)
		if w.Code != 200 || w.Body.String() != chatFrames {
			t.Errorf("got %d: %s: %s", w.Code, rec.Trail, w.Body)
		}
	})
}
