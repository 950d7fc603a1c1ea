package upstream

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
)

// Server serves every dialect on one loopback address, for as many accounts as tests ask for.
type Server struct {
	// URL is the address without a path.
	URL string

	http  *httptest.Server
	mu    sync.Mutex
	byKey map[string]*Account
	open  *Account
	stray []*Record
	see   func(*Record)
	next  atomic.Int64
}

// Start listens on a loopback port that the kernel chooses.
func Start() *Server {
	s := New()
	s.http = httptest.NewServer(s)
	s.URL = s.http.URL
	return s
}

// New is a server that does not listen yet: an http.Handler.
func New() *Server { return &Server{byKey: map[string]*Account{}} }

// Close ends the server and every connection.
func (s *Server) Close() {
	s.http.CloseClientConnections()
	s.http.Close()
}

// Open lets any key of any dialect in and answers it from one script.
func (s *Server) Open(answer func(*Record) Reply) *Account {
	a := &Account{server: s, any: true}
	a.Answer(answer)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open = a
	return a
}

// Observe calls f for each request that an account takes, when it has been checked and before it is answered.
func (s *Server) Observe(f func(*Record)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.see = f
}

func (s *Server) observe(rec *Record) {
	s.mu.Lock()
	f := s.see
	s.mu.Unlock()
	if f != nil {
		f(rec)
	}
}

// Strays are the requests that no account's key came with.
func (s *Server) Strays() []*Record {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*Record(nil), s.stray...)
}

// ServeHTTP records the request, checks it as the vendor would, and answers by script.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.serveService(w, r) {
		return
	}
	rec := &Record{Method: r.Method, Path: r.URL.Path, Query: r.URL.Query(), Header: r.Header.Clone(),
		gone: make(chan struct{})}
	body, err := io.ReadAll(r.Body)
	rec.Body = body
	d, known := recognise(r, rec)
	if d == nil {
		s.keepStray(rec)
		http.NotFound(w, r)
		return
	}
	rec.Dialect = d.name()
	rec.Key = d.key(r)
	if err != nil {
		s.keepStray(rec)
		return
	}
	a := s.account(rec)
	if a == nil {
		s.keepStray(rec)
		fail(w, d, rec, Fault{Class: Unauthorized, Message: d.badKey(rec.Key)}, "req_stray")
		return
	}
	a.serve(w, r, d, rec, known)
}

func (s *Server) account(rec *Record) *Account {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a := s.byKey[rec.Key]; a != nil && (a.Dialect == rec.Dialect || rec.Op == ListModels || rec.Op == GetModel) {
		return a
	}
	if rec.Key == "" {
		return nil
	}
	return s.open
}

func (s *Server) keepStray(rec *Record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stray = append(s.stray, rec)
}

// Account is one key of one dialect, with its script and its record.
type Account struct {
	Dialect Dialect
	// Key is the API key that the service expects.
	Key string

	server *Server
	any    bool
	mu     sync.Mutex
	models []Model
	queue  []Reply
	answer func(*Record) Reply
	recs   []*Record
	came   chan struct{}
	served int
	shelf  shelf
	issued map[string]string // the texts of the state handed out; nil for an account that does not look
}

// Account opens an account with a key of its own and the dialect's usual models.
func (s *Server) Account(d Dialect) *Account {
	n := s.next.Add(1)
	a := &Account{Dialect: d, Key: fmt.Sprintf("sk-upstream-%s-%04d", d, n), server: s, models: usualModels(d)}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.byKey[a.Key] = a
	return a
}

// BaseURL is what the vendor's SDK calls its base URL.
func (a *Account) BaseURL() string {
	switch a.Dialect {
	case Chat, Completions, Responses:
		return a.server.URL + "/v1"
	}
	return a.server.URL
}

// Reply appends to the script. A request beyond its end is answered with a 500 that says so.
func (a *Account) Reply(replies ...Reply) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.queue = append(a.queue, replies...)
}

// Answer makes the account answer by function where the script has nothing left. The function must be safe for
// concurrent use.
func (a *Account) Answer(f func(*Record) Reply) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.answer = f
}

// Models replaces the models that the account lists and serves.
func (a *Account) Models(models ...Model) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.models = models
}

// Records are the requests so far, in the order of their arrival.
func (a *Account) Records() []*Record {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]*Record(nil), a.recs...)
}

// Generated are the records of generating requests.
func (a *Account) Generated() []*Record {
	var out []*Record
	for _, r := range a.Records() {
		if r.Op == Generate {
			out = append(out, r)
		}
	}
	return out
}

// Arrived is closed once another request than those of Records has come in.
func (a *Account) Arrived() <-chan struct{} {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.came == nil {
		a.came = make(chan struct{})
	}
	return a.came
}

func (a *Account) keep(rec *Record) (n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.recs = append(a.recs, rec)
	if a.came != nil {
		close(a.came)
		a.came = nil
	}
	return len(a.recs)
}

func (a *Account) script(rec *Record) Reply {
	a.mu.Lock()
	if len(a.queue) > 0 {
		defer a.mu.Unlock()
		r := a.queue[0]
		a.queue = a.queue[1:]
		return r
	}
	f := a.answer
	a.mu.Unlock()
	if f != nil {
		return f(rec)
	}
	return Fail(Internal, "the test's script has no reply left for "+rec.Path)
}

func (a *Account) list(d Dialect) []Model {
	if a.any {
		if d == Chat {
			return append(usualModels(Responses), usualModels(Chat)...)
		}
		return usualModels(d)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.models
}

func (a *Account) model(id string) (Model, bool) {
	if a.any {
		return Model{ID: id}, true
	}
	for _, m := range a.list(a.Dialect) {
		if m.ID == strings.TrimPrefix(id, "models/") {
			return m, true
		}
	}
	return Model{}, false
}
