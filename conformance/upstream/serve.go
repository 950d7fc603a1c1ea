package upstream

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// dialect is what a wire protocol must know how to do.
type dialect interface {
	name() Dialect
	// key reads the credential; badKey is the vendor's sentence about a wrong one.
	key(r *http.Request) string
	badKey(key string) string
	// check refuses what the vendor refuses and fills rec.Seen.
	check(rec *Record) *Fault
	noModel(id string) string
	// plain and stream render a turn; fault renders an error.
	plain(t turn) []byte
	stream(t turn) []frame
	fault(f Fault, requestID string) (int, []byte)
	count(tokens int) []byte
	models(list []Model) []byte
	model(m Model) []byte
	// streamType and idHeader are the content type of streams and the header that names a request.
	streamType(rec *Record) string
	idHeader() string
}

// turn is a reply about to be rendered for one request.
type turn struct {
	Reply
	rec *Record
	// n numbers the account's requests from 1, so that ids are unique and reproducible.
	n int
}

func (t turn) id(prefix string) string { return fmt.Sprintf("%s%024d", prefix, t.n) }

// frame is one flush of a stream.
type frame struct {
	data []byte
	wait <-chan struct{}
}

func (a *Account) serve(w http.ResponseWriter, r *http.Request, d dialect, rec *Record, known bool) {
	if rec.Op == Generate || rec.Op == CountTokens {
		rec.Refused = a.refuse(d, rec)
	}
	if !known {
		rec.Refused = &Fault{Class: NotFound, Message: fmt.Sprintf("Invalid URL (%s %s)", r.Method, r.URL.Path)}
	}
	n := a.keep(rec)
	a.server.observe(rec)
	requestID := fmt.Sprintf("req_%024d", n)
	if rec.Refused != nil {
		fail(w, d, rec, *rec.Refused, requestID)
		return
	}
	w.Header().Set(d.idHeader(), requestID)
	switch rec.Op {
	case ListModels:
		send(w, d.models(a.list(rec.Dialect)))
		return
	case GetModel:
		m, ok := a.model(rec.Model)
		if !ok {
			fail(w, d, rec, Fault{Class: NoModel, Message: d.noModel(rec.Model)}, requestID)
			return
		}
		send(w, d.model(m))
		return
	case CountTokens:
		reply := a.script(rec)
		if reply.Fault != nil {
			fail(w, d, rec, *reply.Fault, requestID)
			return
		}
		send(w, d.count(reply.Usage.In))
		return
	}
	a.generate(w, r, d, turn{Reply: a.script(rec), rec: rec, n: n}, requestID)
}

func (a *Account) refuse(d dialect, rec *Record) *Fault {
	if rec.Method != http.MethodPost {
		return &Fault{Class: NotFound, Message: "Invalid method " + rec.Method}
	}
	if !jsontext.Value(rec.Body).IsValid() {
		return bad("", "We could not parse the JSON body of your request.")
	}
	if f := d.check(rec); f != nil {
		return f
	}
	if _, ok := a.model(rec.Model); !ok {
		return &Fault{Class: NoModel, Message: d.noModel(rec.Model), Param: "model"}
	}
	return a.foreignState(rec)
}

func (a *Account) generate(w http.ResponseWriter, r *http.Request, d dialect, t turn, requestID string) {
	ctx := r.Context()
	a.issue(t.Pieces)
	for name, values := range t.Header {
		w.Header()[name] = values
	}
	switch {
	case t.Fault != nil:
		fail(w, d, t.rec, *t.Fault, requestID)
	case t.Raw != nil:
		w.Header().Set("Content-Type", t.Raw.ContentType)
		w.WriteHeader(t.Raw.Status)
		a.write(w, ctx.Done(), t, []frame{{data: t.Raw.Body}})
	case t.rec.Stream:
		w.Header().Set("Content-Type", d.streamType(t.rec))
		w.Header().Set("Cache-Control", "no-cache")
		a.write(w, ctx.Done(), t, d.stream(t))
	case t.Broken != nil:
		fail(w, d, t.rec, *t.Broken, requestID)
	default:
		w.Header().Set("Content-Type", "application/json")
		a.write(w, ctx.Done(), t, waited(t, d.plain(t)))
	}
}

// waited sends a plain body when the last gate of its pieces has opened.
func waited(t turn, body []byte) []frame {
	var out []frame
	for _, p := range t.Pieces {
		if p.Wait != nil {
			out = append(out, frame{wait: p.Wait})
		}
	}
	return append(out, frame{data: body})
}

// write sends the frames one flush each, until the cut or until the caller leaves.
func (a *Account) write(w http.ResponseWriter, left <-chan struct{}, t turn, frames []frame) {
	control := http.NewResponseController(w)
	sent := 0
	for _, f := range frames {
		if f.wait != nil {
			if control.Flush() != nil || !pause(left, f.wait) {
				t.rec.leave()
				return
			}
		}
		data := f.data
		if t.Cut != nil && sent+len(data) > t.Cut.At {
			data = data[:t.Cut.At-sent]
		}
		if _, err := w.Write(data); err != nil {
			t.rec.leave()
			return
		}
		if t.rec.Stream || t.Cut != nil {
			if control.Flush() != nil {
				t.rec.leave()
				return
			}
		}
		sent += len(data)
		if t.Cut != nil && len(data) < len(f.data) {
			if t.Cut.Clean {
				return
			}
			panic(http.ErrAbortHandler)
		}
	}
}

func (r *Record) leave() { r.once.Do(func() { close(r.gone) }) }

// pause waits for a gate; false means that the caller left first.
func pause(left <-chan struct{}, gate <-chan struct{}) bool {
	if gate == nil {
		return true
	}
	select {
	case <-gate:
		return true
	case <-left:
		return false
	}
}

func fail(w http.ResponseWriter, d dialect, rec *Record, f Fault, requestID string) {
	status, body := d.fault(f, requestID)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set(d.idHeader(), requestID)
	if f.RetryAfter != "" && d.name() != Gemini {
		w.Header().Set("Retry-After", f.RetryAfter)
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

func send(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(body)
}
