package exchange

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/fairway-gateway/fairway/accounts"
	"github.com/fairway-gateway/fairway/accounts/pool"
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/gemini"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
	"github.com/fairway-gateway/fairway/translate/sse"
)

// stream is an upstream's stream on its way to the client. Between equal
// dialects frames are relayed as they are, and the decoder only watches for
// usage and for the proper end; otherwise its events are told in the client's
// dialect.
type stream struct {
	x       *exchange
	lease   *pool.Lease
	decoder translate.StreamDecoder
	names   *translate.Names
	array   *gemini.ArrayRelay // relays frames as elements of an array
	relay   bool
	carry   *translate.Carry             // of reasoning state; nil for a relay
	turn    *turnWriter                  // keeps it for clients that do not
	encode  func(*translate.Event) error // takes what the client is told
	course  *course                      // the streams that follow this one; nil for none
	emit    func(*translate.Event) error // takes what the decoder says

	meant bool // something other than the start was said
	ended bool // the stream came to its proper end
	shut  bool // the client has been told its end by the gateway
	err   *translate.Error
	usage translate.Usage
}

// stream pumps an upstream's stream to the client.
func (x *exchange) stream(ctx context.Context, cancel context.CancelCauseFunc, l *pool.Lease, resp *http.Response, up translate.Dialect, same bool, names *translate.Names) (accounts.Verdict, error) {
	s := &stream{x: x, lease: l, decoder: x.course.decoder(up), names: names, relay: same, course: x.course}
	s.emit = s.course.through(s.event)
	switch {
	case !same:
		reply, err := x.reply()
		if err != nil {
			return accounts.Verdict{}, err
		}
		s.carry, s.turn, s.encode = translate.NewCarry(x.origin, x.client.Name()), x.turns.watch(x.call.User, reply.Request), s.tell
		x.out.open(x.client.NewStreamEncoder(reply))
	default:
		x.out.open(nil)
		if x.call.Hint.Array {
			s.array = gemini.New().NewArrayRelay()
		}
	}
	start, _ := x.frames.Get().(*[]byte)
	if start == nil {
		b := make([]byte, 0, 4<<10)
		start = &b
	}
	reader := sse.NewReader(resp.Body, *start, 0)
	defer func() {
		if b := reader.Buffer(); cap(b) <= 64<<10 {
			*start = b
			x.frames.Put(start)
		}
	}()
	failure := s.pump(reader)
	for failure == nil && s.err == nil && s.course.waits() {
		failure = s.goOn(ctx, cancel, reader.Buffer())
	}
	x.used(l, s.usage)
	if s.ended && s.err == nil && failure == nil {
		// The rest is the end of the body: reading it lets the connection be
		// used again, and must not take long.
		t := time.AfterFunc(200*time.Millisecond, func() { cancel(nil) })
		_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
		t.Stop()
		return accounts.Verdict{Outcome: accounts.OK}, nil
	}
	return s.judge(ctx, resp.Header, failure)
}

// pump reads frames until the stream is over. The error is the client's
// connection's, or the source's.
func (s *stream) pump(reader *sse.Reader) error {
	out := s.x.out
	for {
		frame, err := reader.Next()
		out.mu.Lock()
		if err == nil {
			out.heard = s.x.now()
			s.frame(frame)
		} else if !s.over() {
			s.close(err)
		}
		var failure error
		if s.meant && (s.over() || err != nil || len(out.pending) >= maxPending || !reader.Ready()) {
			failure = out.flushLocked()
			if out.content {
				s.x.closeRetryWindow()
			}
		}
		out.mu.Unlock()
		switch {
		case failure != nil:
			return failure
		case err == io.EOF || s.ended || s.shut || s.err != nil && !s.relay:
			return nil
		case err != nil:
			return err
		case s.err != nil && !s.meant:
			return nil
		}
	}
}

func (s *stream) over() bool { return s.ended || s.err != nil }

// frame takes one frame of the upstream.
func (s *stream) frame(f sse.Frame) {
	out := s.x.out
	if s.relay && s.err != nil {
		// The upstream has reported an error and its client has seen it; what
		// else it says is the client's too.
		s.relayed(f)
		return
	}
	if err := s.decoder.Decode(f, s.emit); err != nil {
		s.fail(err)
	}
	if !s.relay {
		return
	}
	if s.err != nil && (!s.meant || !jsonlit.Valid(f.Data)) {
		if s.meant { // not the upstream's own error event: end the stream in its stead
			out.pending, s.shut = s.broken(out.pending), true
		}
		return
	}
	s.relayed(f)
	if s.ended && s.array != nil {
		out.pending = s.array.End(out.pending)
	}
}

func (s *stream) relayed(f sse.Frame) {
	out := s.x.out
	switch {
	case f.Cut && !whole(f.Data): // half a frame is worse than none
	case s.array != nil:
		out.pending = s.array.Append(out.pending, f)
	case f.Cut:
		blank := "\n\n"
		if bytes.Contains(f.Raw, []byte("\r\n")) {
			blank = "\r\n\r\n" // some clients cannot bear both kinds in a stream
		}
		out.pending = append(append(out.pending, bytes.TrimRight(f.Raw, "\r\n")...), blank...)
	default:
		out.pending = append(out.pending, f.Raw...)
	}
}

// whole reports whether the data of a frame that the end of the stream cut off
// is all there.
func whole(data []byte) bool { return jsonlit.Valid(data) || string(data) == "[DONE]" }

// close takes the end of the upstream's body, or what broke it.
func (s *stream) close(err error) {
	out := s.x.out
	if err == io.EOF {
		if err := s.decoder.Close(s.emit); err != nil {
			s.fail(err)
		}
	} else {
		s.fail(s.broke(err))
	}
	if !s.relay {
		return
	}
	switch {
	case s.err != nil && s.meant:
		out.pending = s.broken(out.pending)
	case s.ended && s.array != nil:
		out.pending = s.array.End(out.pending)
	}
}

// broke is what the client is told of a source that broke.
func (s *stream) broke(err error) *translate.Error {
	if errors.Is(err, sse.ErrFrameTooLarge) {
		return &translate.Error{Kind: translate.Upstream, Message: "the upstream sent an event larger than the gateway accepts"}
	}
	return &translate.Error{Kind: translate.Truncated, Message: "the upstream's stream ended before completion"}
}

func (s *stream) broken(dst []byte) []byte {
	if s.array != nil {
		return s.array.Break(dst, s.err)
	}
	return s.decoder.AppendBreak(dst, s.err)
}

// event takes one event of the decoder.
func (s *stream) event(ev *translate.Event) error {
	switch ev.Type {
	case translate.EventUsage, translate.EventStart:
		if ev.Usage != nil {
			s.usage.Merge(*ev.Usage)
		}
		if ev.Type == translate.EventStart && s.relay {
			s.x.answered(ev.ID)
		}
	case translate.EventError:
		s.err = ev.Err
		if !s.meant || s.relay {
			return nil // another account may do better
		}
	case translate.EventEnd:
		s.ended, s.meant = true, true
	case translate.EventPing:
	default:
		if !s.meant {
			s.meant = true
			s.lease.Accepted()
		}
	}
	if s.relay {
		return nil
	}
	s.names.Restore(ev)
	return s.carry.Event(ev, s.encode)
}

// tell writes an event for the client.
func (s *stream) tell(ev *translate.Event) (err error) {
	s.turn.event(ev)
	s.x.out.pending, err = s.x.out.encoder.Append(s.x.out.pending, ev)
	return err
}

// fail ends a stream that cannot be told further.
func (s *stream) fail(err error) {
	e := neutralError(err)
	s.err = e
	if !s.relay && s.meant {
		s.x.out.pending, _ = s.x.out.encoder.Append(s.x.out.pending, &translate.Event{Type: translate.EventError, Err: e})
	}
}

// judge is the verdict on a stream that did not end well.
func (s *stream) judge(ctx context.Context, header http.Header, failure error) (accounts.Verdict, error) {
	x := s.x
	if v, interrupted := x.interrupted(ctx); interrupted {
		if v.Outcome == accounts.Canceled {
			return v, context.Cause(ctx)
		}
		if s.err == nil {
			s.err = &translate.Error{Kind: translate.Timeout, Message: v.Detail}
		}
	} else if failure != nil && x.out.err != nil {
		x.record.Canceled = true
		return accounts.Verdict{Outcome: accounts.Canceled}, failure
	}
	if s.err == nil {
		s.err = s.broke(failure)
	}
	if !x.out.sent() {
		return x.failed(s.err, header)
	}
	x.record.Err = s.err
	x.out.mu.Lock()
	x.out.ended = true // its end has been told
	x.out.mu.Unlock()
	v := accounts.Verdict{Outcome: accounts.BrokenStream, Detail: "the stream broke off"}
	if s.err.Kind != translate.Truncated {
		if c := accounts.Classify(sign(s.err, header, true), x.now()); c.Outcome != accounts.CallerFault {
			v.Detail = c.Detail
		}
	}
	return v, s.err
}
