package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// upstream plays the AI services behind both gateways: one server for all dialects, told apart by path as theirs are. It
// sends prebuilt bytes, so that it costs the driver's processor little and the same for both sides.
type upstream struct {
	listener net.Listener
	dialects []*dialect
	script   atomic.Pointer[script]
	sent     atomic.Int64 // paced deltas written so far, over all connections

	mu    sync.Mutex
	conns map[net.Conn]struct{}
	last  received
}

// received is a generation request as it reached the upstream.
type received struct {
	dialect string
	path    string
	body    []byte
}

// script says how the upstream answers until it is given another one. The scenario knows what is asked for, so the
// upstream need not parse requests.
type script struct {
	answers map[string]answer // by dialect
	// keep holds the last request's body for inspection; without it bodies are counted and thrown away.
	keep bool
	// minBody is the length below which a request is refused with a 400: a gateway that drops half of the prompt is not
	// to be measured.
	minBody int64
	// pace is the time between two deltas of a stream; 0 sends them as fast as the connection takes them.
	pace time.Duration
	// hold leaves a stream open, silent, after its last delta until the gateway closes it.
	hold bool
}

// answer is one dialect's answer in HTTP's framing: the first write, which has the header and the first events (or a whole
// plain answer), then one write for each later event.
type answer struct {
	first []byte
	next  [][]byte
	end   []byte
}

// plainAnswer frames a JSON body.
func plainAnswer(body []byte) answer {
	return answer{first: fmt.Appendf(nil,
		"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Request-Id: req_bench\r\nContent-Length: %d\r\n\r\n%s", len(body), body)}
}

// streamAnswer frames a stream: one chunk and one write for each event, as services that generate token by token send.
func streamAnswer(e events) answer {
	a := answer{first: []byte("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n" +
		"X-Request-Id: req_bench\r\nTransfer-Encoding: chunked\r\n\r\n")}
	for _, event := range e.open {
		a.first = append(a.first, chunk(event)...)
	}
	for _, event := range e.deltas {
		a.next = append(a.next, chunk(event))
	}
	for _, event := range e.end {
		a.end = append(a.end, chunk(event)...)
	}
	a.end = append(a.end, "0\r\n\r\n"...)
	return a
}

func chunk(payload []byte) []byte {
	return fmt.Appendf(nil, "%x\r\n%s\r\n", len(payload), payload)
}

// listenUpstream starts the upstream on a loopback port of the kernel's choice.
func listenUpstream() (*upstream, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("starting the scripted upstream: %w", err)
	}
	u := &upstream{listener: l, dialects: dialects(), conns: map[net.Conn]struct{}{}}
	go u.accept()
	return u, nil
}

func (u *upstream) address() string { return u.listener.Addr().String() }

// close stops listening and cuts every connection.
func (u *upstream) close() {
	u.listener.Close()
	u.mu.Lock()
	defer u.mu.Unlock()
	for c := range u.conns {
		c.Close()
	}
}

// lastReceived returns the last request of a script that keeps them, and forgets it.
func (u *upstream) lastReceived() received {
	u.mu.Lock()
	defer u.mu.Unlock()
	last := u.last
	u.last = received{}
	return last
}

func (u *upstream) accept() {
	for {
		c, err := u.listener.Accept()
		if err != nil {
			return
		}
		u.mu.Lock()
		u.conns[c] = struct{}{}
		u.mu.Unlock()
		go func() {
			u.serve(c)
			c.Close()
			u.mu.Lock()
			delete(u.conns, c)
			u.mu.Unlock()
		}()
	}
}

// serve answers requests on one connection until it fails or a held stream ends it.
func (u *upstream) serve(c net.Conn) {
	in := bufio.NewReaderSize(c, 32<<10)
	for {
		r, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		s := u.script.Load()
		d := dialectServing(u.dialects, r)
		if s == nil || d == nil {
			io.Copy(io.Discard, r.Body)
			refuse(c, http.StatusNotFound, "the scripted upstream does not serve "+r.Method+" "+r.URL.Path)
			continue
		}
		length, err := u.take(s, d, r)
		if err != nil {
			return
		}
		a, scripted := s.answers[d.name]
		switch {
		case !scripted:
			refuse(c, http.StatusNotFound, "the scripted upstream was not to be asked in "+d.name)
		case length < s.minBody:
			refuse(c, http.StatusBadRequest, fmt.Sprintf("the request that arrived has %d bytes, want %d or more", length, s.minBody))
		case !u.play(c, in, s, a):
			return
		}
	}
}

// take reads the request's body and returns its length.
func (u *upstream) take(s *script, d *dialect, r *http.Request) (int64, error) {
	if !s.keep {
		return io.Copy(io.Discard, r.Body)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return 0, err
	}
	u.mu.Lock()
	u.last = received{dialect: d.name, path: r.URL.Path, body: body}
	u.mu.Unlock()
	return int64(len(body)), nil
}

// play writes an answer and reports whether the connection can take another request.
func (u *upstream) play(c net.Conn, in *bufio.Reader, s *script, a answer) bool {
	if _, err := c.Write(a.first); err != nil {
		return false
	}
	var tick <-chan time.Time
	if s.pace > 0 {
		ticker := time.NewTicker(s.pace)
		defer ticker.Stop()
		tick = ticker.C
	}
	for _, event := range a.next {
		if tick != nil {
			<-tick
		}
		if _, err := c.Write(event); err != nil {
			return false
		}
		if tick != nil {
			u.sent.Add(1)
		}
	}
	if s.hold {
		in.Peek(1) // returns when the gateway hangs up
		return false
	}
	if len(a.end) == 0 {
		return true
	}
	_, err := c.Write(a.end)
	return err == nil
}

// refuse answers with an error in OpenAI's shape, which gateways of every dialect understand.
func refuse(c net.Conn, status int, message string) {
	body := encode(object{"error": object{"message": message, "type": "invalid_request_error", "param": nil, "code": nil}})
	fmt.Fprintf(c, "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		status, http.StatusText(status), len(body), body)
}
