package exchange

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/fairway-gateway/fairway/translate"
)

// patience is how long a client of a stream waits for the first byte before it
// gets its headers and a sign of life. Until then an upstream's error can still
// become an HTTP status.
const patience = 20 * time.Second

// clientWriter writes to the client. Until content has gone out, another
// account may be tried; headers and heartbeats alone do not hinder that.
//
// mu guards everything below it: the exchange's goroutine holds it while it
// handles a frame, the timer's while it shows life.
type clientWriter struct {
	w  http.ResponseWriter
	rc *http.ResponseController
	x  *exchange

	mu      sync.Mutex
	status  int                     // sent to the client; 0 before the headers
	content bool                    // bytes of an answer have gone out
	ended   bool                    // nothing more may be written
	encoder translate.StreamEncoder // of the answer that is told; nil while it is relayed
	idle    translate.StreamEncoder // makes heartbeats while no encoder has told anything
	pending []byte                  // frames not yet written
	first   time.Time               // of the answer's first byte
	err     error                   // the client's connection broke

	timer   *time.Timer
	begun   time.Time // the wait for the stream
	written time.Time
	heard   time.Time               // the upstream's last sign of life
	cancel  context.CancelCauseFunc // of the attempt
}

func newClientWriter(w http.ResponseWriter, x *exchange) *clientWriter {
	return &clientWriter{w: w, rc: http.NewResponseController(w), x: x}
}

func (c *clientWriter) header() http.Header { return c.w.Header() }

// committed reports whether the headers are out.
func (c *clientWriter) committed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.status != 0
}

// sent reports whether bytes of an answer are out.
func (c *clientWriter) sent() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.content
}

// respond writes a whole answer.
func (c *clientWriter) respond(status int, body []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.status != 0 || c.ended {
		return
	}
	c.ended, c.content = true, true
	c.header().Set("Content-Length", strconv.Itoa(len(body)))
	c.commitLocked(status)
	c.first = c.written
	if c.x.in.Method != http.MethodHead {
		_, c.err = c.w.Write(body)
	}
}

func (c *clientWriter) commitLocked(status int) {
	c.status = status
	c.written = c.x.now()
	c.w.WriteHeader(status)
}

// awaitStream begins the wait for an attempt's stream: the client will be shown
// life, and an upstream that is silent for too long will be given up.
func (c *clientWriter) awaitStream(cancel context.CancelCauseFunc) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.x.now()
	if c.begun.IsZero() {
		c.begun, c.written = now, now
	}
	c.heard, c.cancel = now, cancel
	if c.timer == nil {
		c.timer = time.AfterFunc(min(patience, c.x.settings.Heartbeat), c.tick)
	}
}

// tick shows life to a silent stream's client.
func (c *clientWriter) tick() {
	if !c.mu.TryLock() { // the exchange is at work: that is life enough
		c.timer.Reset(c.x.settings.Heartbeat)
		return
	}
	defer c.mu.Unlock()
	if c.ended {
		return
	}
	now := c.x.now()
	if now.Sub(c.heard) >= c.x.settings.Idle && c.cancel != nil {
		c.cancel(errIdle)
		return
	}
	interval := c.x.settings.Heartbeat
	switch {
	case c.status == 0:
		if wait := patience - now.Sub(c.begun); wait > 0 {
			c.timer.Reset(wait)
			return
		}
		c.startStreamLocked()
		c.heartbeatLocked(now)
	case now.Sub(c.written) >= interval:
		c.heartbeatLocked(now)
	}
	c.timer.Reset(max(interval-now.Sub(c.written), time.Millisecond))
}

func (c *clientWriter) heartbeatLocked(now time.Time) {
	from := c.encoder
	if from == nil || !c.content {
		if c.idle == nil {
			c.idle = c.x.client.NewStreamEncoder(c.x.bareReply())
		}
		from = c.idle
	}
	c.written = now
	if _, err := c.w.Write(from.Heartbeat(nil)); err == nil {
		c.err = c.rc.Flush()
	}
}

// startStreamLocked sends the headers of a stream.
func (c *clientWriter) startStreamLocked() {
	if c.status != 0 {
		return
	}
	h := c.header()
	contentType := "text/event-stream"
	if c.x.call.Hint.Array {
		contentType = "application/json"
	}
	h.Set("Content-Type", contentType)
	h.Set("Cache-Control", "no-cache")
	h.Set("X-Accel-Buffering", "no")
	c.commitLocked(http.StatusOK)
}

// open sets the encoder of an answer that is told rather than relayed.
func (c *clientWriter) open(enc translate.StreamEncoder) {
	c.mu.Lock()
	c.encoder, c.pending = enc, c.pending[:0]
	c.mu.Unlock()
}

// event encodes an event of a whole answer.
func (c *clientWriter) event(ev *translate.Event) (err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pending, err = c.encoder.Append(c.pending, ev)
	return err
}

// flush writes what is pending.
func (c *clientWriter) flush() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.flushLocked()
}

func (c *clientWriter) flushLocked() error {
	if c.err != nil || len(c.pending) == 0 {
		return c.err
	}
	c.startStreamLocked()
	c.written = c.x.now()
	if !c.content {
		c.content, c.first = true, c.written
	}
	if _, c.err = c.w.Write(c.pending); c.err == nil {
		c.err = c.rc.Flush()
	}
	if cap(c.pending) > maxPending {
		c.pending = nil // one large event must not be held for the rest of the stream
	}
	c.pending = c.pending[:0]
	return c.err
}

// maxPending is how much a stream gathers before it writes, and how much it
// keeps for the next events.
const maxPending = 32 << 10

// fail ends a stream with the dialect's error event.
func (c *clientWriter) fail(e *translate.Error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended {
		return
	}
	enc := c.encoder
	if enc == nil || !c.content {
		enc = c.x.client.NewStreamEncoder(c.x.bareReply())
		c.pending = c.pending[:0]
	}
	c.pending, _ = enc.Append(c.pending, &translate.Event{Type: translate.EventError, Err: e})
	_ = c.flushLocked()
	c.ended = true
}

// stop ends all writing; the heartbeat is silent when it returns.
func (c *clientWriter) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = true
	if c.timer != nil {
		c.timer.Stop()
	}
}

// abandon notes that the client has left.
func (c *clientWriter) abandon() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = true
	if c.status == 0 {
		c.status = statusClientClosed
	}
}

// statusClientClosed is what logs show for a client that left before an answer,
// as Caddy's reverse_proxy and nginx have it. It is never sent.
const statusClientClosed = 499

// bareReply serves encoders that only show life or an error.
func (x *exchange) bareReply() translate.Reply {
	return translate.Reply{
		Request: &translate.Request{Dialect: x.call.Dialect, Model: x.record.Model, Stream: true, Array: x.call.Hint.Array},
		Model:   x.record.Model, ID: x.record.ID[len("req_"):], Created: x.started.Unix(),
	}
}
