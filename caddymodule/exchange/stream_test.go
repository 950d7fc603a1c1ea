package exchange

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"
)

// TestTruncation cuts an upstream's stream at every byte: unless the cut falls
// behind the end that the dialect defines, the client is told.
func TestTruncation(t *testing.T) {
	errorMarks := map[string]string{
		"/v1/chat/completions": `data: {"error":`, "/v1/messages": "event: error\n", "/v1/responses": "event: response.failed\n",
		"/v1beta/models/m:streamGenerateContent?alt=sse": `data: {"error":`, "/v1beta/models/m:streamGenerateContent": `"error":`,
		"/v1/completions": `data: {"error":`,
	}
	endMarks := map[string]string{
		"/v1/chat/completions": "data: [DONE]", "/v1/messages": "event: message_stop", "/v1/responses": "event: response.completed",
		"/v1beta/models/m:streamGenerateContent?alt=sse": `"finishReason"`, "/v1beta/models/m:streamGenerateContent": `"finishReason"`,
		"/v1/completions": "data: [DONE]",
	}
	bodies := map[string]string{
		"/v1/chat/completions": chatStream, "/v1/messages": messagesStream, "/v1/responses": `{"model":"m","stream":true,"input":"hi"}`,
		"/v1beta/models/m:streamGenerateContent?alt=sse": `{"contents":[{"parts":[{"text":"hi"}]}]}`,
		"/v1beta/models/m:streamGenerateContent":         `{"contents":[{"parts":[{"text":"hi"}]}]}`,
		"/v1/completions":                                `{"model":"m","stream":true,"prompt":"hi"}`,
	}
	for dialect, up := range map[string]struct{ frames, clean string }{
		// From here on the stream may end: all that follows is usage and the end mark.
		"chat":     {chatFrames, `"finish_reason":"stop"}]}`},
		"messages": {messagesFrames, `"usage":{"output_tokens":2}}`},
	} {
		for target, body := range bodies {
			t.Run(dialect+" to "+target, func(t *testing.T) {
				f := newFleet(t)
				e := f.engine("acc " + dialect + " a")
				cleanFrom := strings.Index(up.frames, up.clean) + len(up.clean)
				for cut := range len(up.frames) {
					for how, failure := range map[string]error{"eof": nil, "reset": io.ErrUnexpectedEOF} {
						if failure != nil && cut%7 != 0 {
							continue // every byte by EOF, some by reset
						}
						f.handle("a", func(*http.Request, []byte) *http.Response {
							resp := answer(200, "text/event-stream", "")
							var src io.Reader = strings.NewReader(up.frames[:cut])
							if failure != nil {
								src = io.MultiReader(src, iotest.ErrReader(failure))
							}
							resp.Body = io.NopCloser(src)
							return resp
						})
						w, rec := call(t, e, "POST", target, body)
						out := w.Body.String()
						failed := w.Code != 200 || strings.Contains(out, errorMarks[target])
						ended := w.Code == 200 && strings.Contains(out, endMarks[target])
						// Behind the finish a cut frame may count either way.
						complete := cut >= cleanFrom && failure == nil && strings.HasSuffix(up.frames[:cut], "\n\n")
						if cut < cleanFrom && (!failed || rec.Err == nil) {
							t.Fatalf("%s at %d: no error (status %d, err %v):\n%s", how, cut, w.Code, rec.Err, out)
						}
						if cut < cleanFrom && ended || failed && ended && !strings.Contains(target, "v1beta") {
							t.Fatalf("%s at %d: a clean end was made up:\n%s", how, cut, out)
						}
						if complete && failed {
							t.Fatalf("%s at %d: an error although all was said:\n%s", how, cut, out)
						}
						if strings.Count(out, errorMarks[target]) > 1 {
							t.Fatalf("%s at %d: two errors:\n%s", how, cut, out)
						}
					}
				}
			})
		}
	}
}

// TestGarbageInMidStream is a frame that is no JSON: it must not reach the
// client, who gets an error instead.
func TestGarbageInMidStream(t *testing.T) {
	half := strings.Index(chatFrames, `data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"lo"}`)
	f := newFleet(t)
	f.serve("a", 200, "text/event-stream", chatFrames[:half]+"data: <html>oops</html>\n\n"+chatFrames[half:])
	e := f.engine("acc chat a")
	for target, body := range map[string]string{"/v1/chat/completions": chatStream, "/v1/messages": messagesStream} {
		w, rec := call(t, e, "POST", target, body)
		out := w.Body.String()
		if strings.Contains(out, "oops") || strings.Contains(out, "[DONE]") || strings.Contains(out, "message_stop") || rec.Err == nil || !strings.Contains(out, "error") {
			t.Errorf("%s: err %v:\n%s", target, rec.Err, out)
		}
	}
}

// TestErrorInMidStream is the upstream's own error event.
func TestErrorInMidStream(t *testing.T) {
	half := strings.Index(messagesFrames, "event: content_block_stop")
	own := "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n"
	f := newFleet(t)
	f.serve("a", 200, "text/event-stream", messagesFrames[:half]+own)
	e := f.engine("acc messages a")
	w, rec := call(t, e, "POST", "/v1/messages", messagesStream)
	if got, want := w.Body.String(), messagesFrames[:half]+own; got != want {
		t.Errorf("relayed\n%s\nwant\n%s", got, want)
	}
	if rec.Err == nil {
		t.Error("the record knows of no error")
	}
	w, _ = call(t, e, "POST", "/v1/chat/completions", chatStream)
	if out := w.Body.String(); strings.Count(out, `data: {"error":`) != 1 || strings.Contains(out, "[DONE]") || !strings.Contains(out, "Overloaded") {
		t.Errorf("told\n%s", out)
	}
}

// pipe is an upstream whose body the test writes.
type pipe struct {
	*io.PipeWriter
	gone chan struct{} // closed when the exchange has cancelled the request
}

func (f *fleet) pipe(host string) *pipe {
	pr, pw := io.Pipe()
	p := &pipe{pw, make(chan struct{})}
	f.handle(host, func(r *http.Request, _ []byte) *http.Response {
		resp := answer(200, "text/event-stream", "")
		resp.Body = pr
		context.AfterFunc(r.Context(), func() {
			pr.CloseWithError(r.Context().Err())
			close(p.gone)
		})
		return resp
	})
	return p
}

// recorder is a ResponseWriter that may be read while it is written.
type recorder struct {
	mu     sync.Mutex
	header http.Header
	status int
	body   strings.Builder
	flushed,
	writes int
	fail error
}

func (r *recorder) Header() http.Header { return r.header }
func (r *recorder) WriteHeader(s int)   { r.mu.Lock(); r.status = s; r.mu.Unlock() }
func (r *recorder) Flush()              { r.mu.Lock(); r.flushed = r.body.Len(); r.mu.Unlock() }
func (r *recorder) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.writes++
	if r.fail != nil {
		return 0, r.fail
	}
	return r.body.Write(p)
}
func (r *recorder) code() int { r.mu.Lock(); defer r.mu.Unlock(); return r.status }
func (r *recorder) seen() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.body.String()[:r.flushed]
}

func begin(t *testing.T, ctx context.Context, e *Engine, target, body string) (*recorder, chan Record) {
	t.Helper()
	r := httptest.NewRequestWithContext(ctx, "POST", target, strings.NewReader(body))
	c, _ := Recognise(r)
	c.Settings = Settings{MaxWait: -1, Heartbeat: 10 * time.Second, Idle: 5 * time.Minute, Deadline: 2 * time.Minute}
	w := &recorder{header: http.Header{}}
	done := make(chan Record, 1)
	go func() { done <- e.Serve(w, r, c) }()
	return w, done
}

var heartbeatTargets = map[string]struct{ body, before, after string }{
	"/v1/chat/completions": {chatStream, ": keep-alive\n\n", ": keep-alive\n\n"},
	"/v1/messages":         {messagesStream, ":", "event: ping\n"},
	"/v1/responses":        {`{"model":"m","stream":true,"input":"hi"}`, ": keep-alive\n\n", ": keep-alive\n\n"},
	"/v1beta/models/m:streamGenerateContent?alt=sse": {`{"contents":[{"parts":[{"text":"hi"}]}]}`, "\n", "\n\n"},
}

// TestHeartbeat holds that a silent stream shows life, before and after its
// first event, and that a late failure before the first event still fails over.
func TestHeartbeat(t *testing.T) {
	first, _, _ := strings.Cut(chatFrames, `data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"lo"}`)
	for target, tc := range heartbeatTargets {
		t.Run(target, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFleet(t)
				p := f.pipe("a")
				e := f.engine("acc chat a")
				w, done := begin(t, t.Context(), e, target, tc.body)
				time.Sleep(patience - time.Millisecond)
				synctest.Wait()
				if w.code() != 0 {
					t.Fatalf("headers were sent after %v", patience-time.Millisecond)
				}
				time.Sleep(2 * time.Millisecond)
				synctest.Wait()
				if got := w.seen(); w.code() != 200 || !strings.HasPrefix(got, tc.before) {
					t.Fatalf("after %v: status %d, body %q", patience, w.code(), got)
				}
				io.WriteString(p, first)
				synctest.Wait()
				said := w.seen()
				if !strings.Contains(said, "hel") {
					t.Fatalf("an event was not flushed: %q", said)
				}
				time.Sleep(31 * time.Second)
				synctest.Wait()
				if got := strings.Count(w.seen()[len(said):], tc.after); got != 3 {
					t.Errorf("%d heartbeats in 31 s of silence, want 3: %q", got, w.seen()[len(said):])
				}
				io.WriteString(p, chatFrames[len(first):])
				p.Close()
				rec := <-done
				if rec.Err != nil {
					t.Errorf("err = %v", rec.Err)
				}
			})
		})
	}
}

func TestFailoverAfterHeartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t)
		p := f.pipe("a")
		f.serve("b", 200, "text/event-stream", chatFrames)
		e := f.engine("one chat a", "two chat b")
		w, done := begin(t, t.Context(), e, "/v1/chat/completions", chatStream)
		time.Sleep(30 * time.Second)
		p.CloseWithError(errors.New("connection reset by peer"))
		rec := <-done
		if rec.Err != nil || rec.Account != "two" || !strings.HasSuffix(w.seen(), chatFrames) {
			t.Errorf("err %v, account %s:\n%s", rec.Err, rec.Account, w.seen())
		}
	})
}

// TestSilence holds the limits of patience: no first byte within the deadline,
// and a stream that falls silent for ever.
func TestSilence(t *testing.T) {
	t.Run("before the first byte", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := newFleet(t)
			f.pipe("a")
			e := f.engine("acc chat a")
			w, done := begin(t, t.Context(), e, "/v1/messages", messagesStream)
			rec := <-done
			if rec.Duration != 2*time.Minute || !strings.Contains(w.seen(), "event: error") {
				t.Errorf("after %v: %q", rec.Duration, w.seen())
			}
		})
	})
	t.Run("in mid-stream", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := newFleet(t)
			p := f.pipe("a")
			e := f.engine("acc messages a")
			w, done := begin(t, t.Context(), e, "/v1/messages", messagesStream)
			io.WriteString(p, messagesFrames[:strings.Index(messagesFrames, "event: content_block_stop")])
			rec := <-done
			if rec.Duration < 5*time.Minute || rec.Duration > 6*time.Minute || !strings.Contains(w.seen(), "event: error") || rec.Err == nil {
				t.Errorf("after %v: err %v, %q", rec.Duration, rec.Err, w.seen())
			}
		})
	})
}

// TestClientLeaves cancels the upstream at once, cools nothing, leaks nothing.
func TestClientLeaves(t *testing.T) {
	for name, when := range map[string]int{"before the first event": 0, "in mid-stream": 400} {
		t.Run(name, func(t *testing.T) {
			before := runtime.NumGoroutine()
			synctest.Test(t, func(t *testing.T) {
				f := newFleet(t)
				p := f.pipe("a")
				e := f.engine("acc chat a")
				ctx, leave := context.WithCancel(t.Context())
				_, done := begin(t, ctx, e, "/v1/messages", messagesStream)
				if when > 0 {
					io.WriteString(p, chatFrames[:when])
				}
				synctest.Wait()
				start := time.Now()
				leave()
				<-p.gone
				rec := <-done
				if took := time.Since(start); took > 100*time.Millisecond {
					t.Errorf("the upstream was cancelled after %v", took)
				}
				if !rec.Canceled {
					t.Errorf("record = %+v, want canceled", rec)
				}
				for _, a := range e.Accounts() {
					if len(a.Cooling) > 0 || a.InFlight != 0 {
						t.Errorf("account %+v, want it idle and not cooling", a)
					}
				}
			})
			if after := runtime.NumGoroutine(); after > before+1 {
				t.Errorf("%d goroutines before, %d after", before, after)
			}
		})
	}
}

// TestBrokenClient is a client whose connection breaks without a cancellation.
func TestBrokenClient(t *testing.T) {
	f := newFleet(t)
	f.serve("a", 200, "text/event-stream", chatFrames)
	e := f.engine("acc chat a")
	r := httptest.NewRequest("POST", "/v1/messages", strings.NewReader(messagesStream))
	c, _ := Recognise(r)
	w := &recorder{header: http.Header{}, fail: errors.New("broken pipe")}
	rec := e.Serve(w, r, c)
	if !rec.Canceled || w.writes != 1 {
		t.Errorf("canceled %v after %d writes, want true after 1", rec.Canceled, w.writes)
	}
}
