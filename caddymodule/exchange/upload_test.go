package exchange

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
)

const boundary = "----x--y"

// form builds a multipart/form-data body of name, value pairs; a name that
// begins with @ is a file's.
func form(fields ...string) string {
	var b strings.Builder
	for i := 0; i+1 < len(fields); i += 2 {
		b.WriteString("--" + boundary + "\r\n")
		if name, ok := strings.CutPrefix(fields[i], "@"); ok {
			fmt.Fprintf(&b, "Content-Disposition: form-data; name=%q; filename=\"a.mp3\"\r\nContent-Type: audio/mpeg\r\n\r\n", name)
		} else {
			fmt.Fprintf(&b, "Content-Disposition: form-data; name=%q\r\n\r\n", fields[i])
		}
		b.WriteString(fields[i+1] + "\r\n")
	}
	return b.String() + "--" + boundary + "--\r\n"
}

// send makes an upload of unknown length.
func send(t *testing.T, e *Engine, s Settings, target string, body io.Reader, length int64, header ...string) (*httptest.ResponseRecorder, Record) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), "POST", target, body)
	r.ContentLength = length
	r.Header.Set("Content-Type", "multipart/form-data; boundary="+boundary)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	c, ok := Recognise(r)
	if !ok {
		t.Fatalf("%s is not recognised", target)
	}
	s.MaxWait = -1
	c.Settings = s
	w := httptest.NewRecorder()
	rec := e.Serve(w, r, c)
	if out := w.Body.String() + fmt.Sprint(w.Header()) + fmt.Sprintf("%+v", rec); strings.Contains(out, canary) {
		t.Errorf("the credential reached the client: %s", out)
	}
	return w, rec
}

func TestFormModel(t *testing.T) {
	f := newFleet(t)
	f.serve("h", 200, "application/json", `{"text":"hi"}`)
	e := f.engine("acc chat h")
	audio := strings.Repeat("\x00\xff\r\n--almost\r\n--"+boundary+"z", 200)
	for name, tc := range map[string]struct{ body, want string }{
		"first":        {form("model", "m", "@file", audio), form("model", "m", "@file", audio)},
		"last":         {form("@file", audio, "model", "m"), form("@file", audio, "model", "m")},
		"renamed":      {form("@file", audio, "model", "acc/m-1", "x", "y"), form("@file", audio, "model", "m-1", "x", "y")},
		"preamble":     {"hello\r\n" + form("model", "acc/m"), "hello\r\n" + form("model", "m")},
		"as a default": {form("prompt", "model", "model", "m"), form("prompt", "model", "model", "m")},
	} {
		for _, known := range []bool{true, false} {
			length := int64(-1)
			if known {
				length = int64(len(tc.body))
			}
			w, rec := send(t, e, Settings{}, "/v1/audio/transcriptions", iotest.HalfReader(strings.NewReader(tc.body)), length)
			if w.Code != 200 || rec.Account != "acc" {
				t.Errorf("%s: %d %s", name, w.Code, w.Body)
				continue
			}
			sent := f.last()
			if sent.body != tc.want {
				t.Errorf("%s: sent %q\nwant %q", name, sent.body, tc.want)
			}
			if got, want := sent.header.Get("Content-Type"), "multipart/form-data; boundary="+boundary; got != want {
				t.Errorf("%s: Content-Type = %q, want %q", name, got, want)
			}
		}
	}
	for name, tc := range map[string]struct {
		body, target string
		status       int
		want         string
	}{
		"no model":             {form("@file", "x"), "/v1/audio/transcriptions", 400, "model"},
		"unknown model":        {form("model", "nope"), "/v1/audio/transcriptions", 404, "nope"},
		"cut in the model":     {form("model", "m")[:70], "/v1/audio/transcriptions", 400, "model"},
		"empty":                {"", "/v1/audio/translations", 400, "model"},
		"file, no model known": {form("image", "x"), "/v1/images/variations", 400, "certain models"},
	} {
		w, _ := send(t, e, Settings{}, tc.target, strings.NewReader(tc.body), -1)
		if w.Code != tc.status || !strings.Contains(w.Body.String(), tc.want) {
			t.Errorf("%s: %d %s, want %d with %q", name, w.Code, w.Body, tc.status, tc.want)
		}
	}
	if w, _ := send(t, e, Settings{}, "/v1/files", strings.NewReader("x"), -1, "Content-Type", "multipart/form-data"); w.Code != 400 {
		t.Errorf("no boundary: %d, want 400", w.Code)
	}
	if w, _ := send(t, e, Settings{}, "/v1/files", strings.NewReader("x"), -1, "Content-Encoding", "gzip"); w.Code != 415 {
		t.Errorf("compressed: %d, want 415", w.Code)
	}
}

// counted counts what has been read of an endless file.
type counted struct {
	head   io.Reader
	read   atomic.Int64
	size   int64
	broken error // what the end is, nil for the end
	tail   io.Reader
}

func (c *counted) Read(p []byte) (int, error) {
	if n, err := c.head.Read(p); err == nil {
		c.read.Add(int64(n))
		return n, nil
	}
	left := c.size - c.read.Load()
	if left <= 0 {
		if c.broken != nil {
			return 0, c.broken
		}
		return c.tail.Read(p)
	}
	p = p[:min(int64(len(p)), left)]
	for i := range p {
		p[i] = 'a'
	}
	c.read.Add(int64(len(p)))
	return len(p), nil
}

func upload20MB(before string) *counted {
	head := before + "--" + boundary + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n"
	return &counted{head: strings.NewReader(head), size: 20 << 20, tail: strings.NewReader("\r\n--" + boundary + "--\r\n")}
}

// TestUploadStreams sends 20 MB, of which the gateway never holds more than
// what it keeps of the beginning.
func TestUploadStreams(t *testing.T) {
	for _, tc := range []struct {
		name, target, before string
		bound                int64 // of what is read ahead of the upstream
	}{
		{"model first", "/v1/audio/transcriptions", strings.TrimSuffix(form("model", "acc/m"), "--"+boundary+"--\r\n"), 2*keepLeast + 64<<10},
		{"no model", "/v1/files", "", 2*keepLeast + 64<<10},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := newFleet(t)
			body := upload20MB(tc.before)
			e := f.engine("acc chat h")
			ahead := int64(0)
			total := int64(0)
			site := roundTripper(func(r *http.Request) (*http.Response, error) {
				buf := make([]byte, 8<<10)
				for {
					n, err := r.Body.Read(buf)
					total += int64(n)
					ahead = max(ahead, body.read.Load()-total)
					if err != nil {
						break
					}
				}
				return jsonAnswer(200, `{"id":"x"}`), nil
			})
			w, _ := send(t, e, Settings{Transport: site}, tc.target, body, -1)
			if w.Code != 200 || total < 20<<20 {
				t.Fatalf("status %d, %d bytes arrived: %s", w.Code, total, w.Body)
			}
			if ahead > tc.bound {
				t.Errorf("%d bytes were held, want at most %d", ahead, tc.bound)
			}
		})
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestModelBehindALargeFile: what is not found within the bound is not waited
// for. Accounts that serve only certain models do not get such a form.
func TestModelBehindALargeFile(t *testing.T) {
	f := newFleet(t)
	e := f.engine("acc chat h")
	body := upload20MB("")
	body.tail = strings.NewReader("\r\n" + form("model", "m"))
	w, _ := send(t, e, Settings{}, "/v1/audio/transcriptions", body, -1)
	if w.Code != 400 || !strings.Contains(w.Body.String(), "before the file") {
		t.Errorf("answer = %d %s, want 400 with a hint", w.Code, w.Body)
	}
	if got := body.read.Load(); got > peekMost {
		t.Errorf("%d bytes were read, want at most %d", got, peekMost)
	}
}

// TestUploadFailover: another account may be asked as long as the body can be
// sent again, which is when no more than its beginning has been taken.
func TestUploadFailover(t *testing.T) {
	small := form("purpose", "batch", "@file", "x")
	for _, tc := range []struct {
		name   string
		body   func() io.Reader
		first  func(*http.Request) (*http.Response, error)
		want   int
		second bool
	}{
		{"small, limited", func() io.Reader { return strings.NewReader(small) }, readAll(429), 200, true},
		{"small, broken", func() io.Reader { return strings.NewReader(small) }, readAll(500), 500, false},
		{"large, refused unread", func() io.Reader { return upload20MB("") }, readSome(1<<10, 429), 200, true},
		{"large, refused in the middle", func() io.Reader { return upload20MB("") }, readSome(1<<20, 429), 429, false},
		{"large, unreachable", func() io.Reader { return upload20MB("") }, func(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF }, 200, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := newFleet(t)
			e := f.engine("one chat a", "two chat b")
			second, whole := false, int64(0)
			site := roundTripper(func(r *http.Request) (*http.Response, error) {
				if r.URL.Host == "a" {
					return tc.first(r)
				}
				second = true
				whole, _ = io.Copy(io.Discard, r.Body)
				return jsonAnswer(200, `{"id":"file-1"}`), nil
			})
			w, rec := send(t, e, Settings{Transport: site}, "/v1/files", tc.body(), -1)
			if w.Code != tc.want || second != tc.second {
				t.Errorf("answer = %d, second account asked: %v; want %d, %v (%s)", w.Code, second, tc.want, tc.second, rec.Trail)
			}
			if second && strings.HasPrefix(tc.name, "large") && whole < 20<<20 {
				t.Errorf("the second account got %d bytes, want all", whole)
			}
		})
	}
}

func readAll(status int) func(*http.Request) (*http.Response, error) { return readSome(1<<30, status) }

func readSome(n int64, status int) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		_, _ = io.CopyN(io.Discard, r.Body, n)
		return jsonAnswer(status, fmt.Sprintf(openAIError, "no", "x", "null")), nil
	}
}

// TestBrokenUpload: a client that breaks off is no account's fault.
func TestBrokenUpload(t *testing.T) {
	f := newFleet(t)
	e := f.engine("one chat a", "two chat b")
	asked := 0
	site := roundTripper(func(r *http.Request) (*http.Response, error) {
		asked++
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return nil, fmt.Errorf("net/http: HTTP/1.x transport connection broken: %w", err)
		}
		return jsonAnswer(200, `{"id":"file-1"}`), nil
	})
	for range 3 {
		body := upload20MB("")
		body.broken = io.ErrUnexpectedEOF
		w, rec := send(t, e, Settings{Transport: site}, "/v1/files", body, -1)
		if w.Code != 400 || !strings.Contains(w.Body.String(), "ended before") || rec.Attempts != 1 {
			t.Errorf("answer = %d in %d attempts %s, want 400 in one", w.Code, rec.Attempts, w.Body)
		}
	}
	for _, a := range e.Accounts() {
		if strings.Contains(fmt.Sprintf("%+v", a), "transient") {
			t.Errorf("the account is blamed: %+v", a)
		}
	}
	w, _ := send(t, e, Settings{Transport: site, MaxBody: 2 << 20}, "/v1/files", upload20MB(""), -1)
	if w.Code != 413 {
		t.Errorf("too large: %d %s, want 413", w.Code, w.Body)
	}
	before := asked
	if w, _ = send(t, e, Settings{Transport: site, MaxBody: 10}, "/v1/files", strings.NewReader("x"), 11); w.Code != 413 || asked != before {
		t.Errorf("announced too large: %d, want 413 without asking", w.Code)
	}
}

// TestOverTheWire sends an upload that breaks off, and fetches a file that does,
// through real connections: neither end may take a part for the whole.
func TestOverTheWire(t *testing.T) {
	got := make(chan error, 1)
	up := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == "POST" {
			_, err := io.Copy(io.Discard, r.Body)
			got <- err
			return
		}
		w.Header().Set("Content-Type", "application/octet-stream")
		_, _ = w.Write(bytes.Repeat([]byte("x"), 100<<10))
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}))
	defer up.Close()
	u, _ := url.Parse(up.URL)
	f := newFleet(t)
	e := f.engine("acc chat " + u.Host)
	transport := NewTransport()
	defer transport.CloseIdleConnections()
	gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, _ := Recognise(r)
		c.Settings = Settings{Transport: transport, MaxWait: -1}
		e.Serve(w, r, c)
	}))
	defer gateway.Close()

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	body := upload20MB("")
	body.broken = io.ErrUnexpectedEOF
	req, _ := http.NewRequestWithContext(ctx, "POST", gateway.URL+"/v1/files", body)
	req.Header.Set("Content-Type", "multipart/form-data; boundary="+boundary)
	if resp, err := gateway.Client().Do(req); err == nil {
		resp.Body.Close()
		t.Errorf("status %d for an upload that broke off", resp.StatusCode)
	}
	if err := <-got; err == nil {
		t.Error("the upstream took a part of an upload for the whole")
	}
	resp, err := gateway.Client().Get(gateway.URL + "/v1/files/file-1/content")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if n, err := io.Copy(io.Discard, resp.Body); err == nil {
		t.Errorf("a file that broke off after %d bytes looks whole", n)
	}
}

// TestResumableUpload is Google's: the URL that the upstream gives leads to the
// gateway, and what is sent there to the same account.
func TestResumableUpload(t *testing.T) {
	f := newFleet(t)
	f.handle("a", func(*http.Request, []byte) *http.Response { return jsonAnswer(500, "{}") })
	f.handle("b", func(r *http.Request, body []byte) *http.Response {
		if r.Header.Get("X-Goog-Upload-Command") == "start" {
			return answer(200, "text/plain", "", "X-Goog-Upload-Status", "active", "X-Goog-Upload-Url",
				"https://generativelanguage.googleapis.com/upload/v1beta/files?key="+canary+"&upload_id=u1&upload_protocol=resumable",
				"X-Goog-Upload-Control-Url", "https://generativelanguage.googleapis.com/x?key="+canary)
		}
		if string(body) != "\x00bytes" || r.Header.Get("X-Goog-Upload-Offset") != "0" {
			return jsonAnswer(400, "{}")
		}
		return jsonAnswer(200, `{"file":{"name":"files/f1"}}`, "X-Goog-Upload-Status", "final")
	})
	e := f.engine("one gemini a", "two gemini b")
	w, _ := call(t, e, "POST", "/upload/v1beta/files", `{"file":{"displayName":"x"}}`, "X-Goog-Upload-Command", "start", "X-Goog-Upload-Protocol", "resumable",
		"X-Ai-Account", "two")
	where := w.Header().Get("X-Goog-Upload-Url")
	if want := "http://example.com/upload/v1beta/files?upload_id=u1&upload_protocol=resumable"; w.Code != 200 || where != want {
		t.Fatalf("start: %d, URL %q, want %q", w.Code, where, want)
	}
	e.owners.cache.Wait()
	w, rec := call(t, e, "POST", strings.TrimPrefix(where, "http://example.com"), "\x00bytes", "X-Goog-Upload-Command", "upload, finalize", "X-Goog-Upload-Offset", "0")
	if w.Code != 200 || rec.Account != "two" || w.Header().Get("X-Goog-Upload-Status") != "final" {
		t.Fatalf("upload: %d of %s: %s", w.Code, rec.Account, w.Body)
	}
	if got, want := f.last().url, "http://b/upload/v1beta/files?upload_id=u1&upload_protocol=resumable"; got != want {
		t.Errorf("url = %s, want %s", got, want)
	}
	e.owners.cache.Wait()
	f.serve("b", 200, "application/json", `{"name":"files/f1"}`)
	if _, rec := call(t, e, "GET", "/v1beta/files/f1", ""); rec.Account != "two" || rec.Attempts != 1 {
		t.Errorf("the file was asked of %s in %d attempts, want two in one", rec.Account, rec.Attempts)
	}
}

func FuzzFormField(f *testing.F) {
	f.Add([]byte(form("@file", "x", "model", "m")), boundary)
	f.Add([]byte("--b\r\n\r\n\r\n--b--"), "b")
	f.Fuzz(func(t *testing.T, body []byte, boundary string) {
		span, found := formField(body, boundary, "model")
		if found && (span[0] > span[1] || span[1] > len(body)) {
			t.Errorf("span %v of %d bytes", span, len(body))
		}
	})
}
