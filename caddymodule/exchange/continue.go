package exchange

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"

	"github.com/fairway-gateway/fairway/accounts/pool"
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
	"github.com/fairway-gateway/fairway/translate/sse"
)

// maxResumes bounds how often a paused answer is made to go on.
const maxResumes = 16

// course is an answer that takes several requests to one account: because the
// upstream pauses it and goes on with it in another request, which clients of
// other dialects cannot ask for, or because the client asked several prompts at
// once. The answers become one.
//
// A nil course is the usual answer to one request.
type course struct {
	x      *exchange
	up     translate.Dialect
	send   func(payload) (*http.Response, error)
	splice translate.Splicer

	held   *buffer // the body of the present prompt's first request
	base   []byte
	paused []translate.Resume // what its answers left behind

	request *translate.Request // with several prompts
	prompt  int                // the present one
	model   string
	caps    translate.Capabilities
}

// newCourse returns what an answer that may take several requests needs, or nil.
func (x *exchange) newCourse(up translate.Dialect, l *pool.Lease, body payload, send func(payload) (*http.Response, error)) *course {
	r := x.request
	if r == nil || x.call.Operation != translate.Generate || up.Name() == x.client.Name() {
		return nil
	}
	caps := x.capabilities(l.Account, l.Model)
	resumer, ok := up.(translate.Resumer)
	resumable := ok && resumer.MayPause(r, caps)
	if !resumable && len(r.Prompts) < 2 {
		return nil
	}
	c := &course{x: x, up: up, send: send, model: l.Model, caps: caps, base: body.parts[0], held: body.held}
	c.held.refs.Add(1)
	c.splice.Resumable = resumable
	if len(r.Prompts) > 1 {
		c.request, c.splice.More = r, true
	}
	return c
}

// end gives back what the course holds.
func (c *course) end() {
	if c != nil {
		c.held.release()
	}
}

// decoder returns a decoder for the next stream, one that remembers the answer
// if that may be wanted.
func (c *course) decoder(up translate.Dialect) translate.StreamDecoder {
	d := up.NewStreamDecoder()
	if r, ok := d.(translate.Rememberer); ok && c != nil && c.splice.Resumable {
		r.Remember()
	}
	return d
}

// through returns emit for the events of the whole course.
func (c *course) through(emit func(*translate.Event) error) func(*translate.Event) error {
	if c == nil {
		return emit
	}
	return func(ev *translate.Event) error { return c.splice.Push(ev, emit) }
}

// waits reports that the present answer has ended and another request follows.
func (c *course) waits() bool { return c != nil && c.splice.Waits() }

// next sends the request that the course waits for.
func (c *course) next(ctx context.Context) (*http.Response, error) {
	body, offset, err := c.body()
	if err != nil {
		return nil, err
	}
	c.splice.Next(offset)
	c.x.extent = translate.Extent{} // the usage is no longer that of one request
	resp, err := c.send(body)
	if err != nil {
		_, err = c.x.unreachable(ctx, err, true)
		return nil, err
	}
	if resp.StatusCode < 200 || resp.StatusCode >= 300 {
		defer resp.Body.Close()
		_, err = c.x.refused(ctx, resp, c.up, false)
		return nil, err
	}
	return resp, nil
}

// body makes the next request's body, and tells what is added to the indices of
// the choices that answer it.
func (c *course) body() (payload, int, error) {
	if p := c.splice.Paused(); p != nil {
		c.paused = append(c.paused, *p)
		c.splice.Resumable = len(c.paused) < maxResumes
		buf := &buffer{b: c.up.(translate.Resumer).AppendResume(nil, c.base, c.paused)}
		buf.refs.Store(1) // the transport may be the last to let go
		return newPayload(buf, buf.b), c.offset(), nil
	}
	c.prompt++
	c.splice.More = c.prompt+1 < len(c.request.Prompts)
	r := *c.request
	r.Turns = []translate.Turn{{Role: translate.UserRole, Parts: []translate.Part{{Kind: translate.Text, Text: r.Prompts[c.prompt]}}}}
	enc, err := c.x.encodeRequest(&r, c.up, c.model, c.caps)
	if err != nil {
		return payload{}, 0, err
	}
	c.held.release()
	c.held, c.base, c.paused = enc.body, enc.body.b, nil
	return newPayload(c.held, c.base), c.offset(), nil
}

func (c *course) offset() int {
	if c.request == nil {
		return 0
	}
	return c.prompt * max(1, c.request.N)
}

// whole returns the whole answer of a course that begins with the given one.
func (c *course) whole(ctx context.Context, answer *translate.Response) (*translate.Response, error) {
	if c == nil {
		return answer, nil
	}
	var all translate.Accumulator
	for {
		if err := translate.Replay(answer, c.through(all.Push)); err != nil {
			return nil, err
		}
		if !c.waits() {
			return all.Response()
		}
		resp, err := c.next(ctx)
		if err != nil {
			return nil, err
		}
		if answer, err = c.read(resp); err != nil {
			return nil, err
		}
	}
}

// read reads one of the answers of a course.
func (c *course) read(resp *http.Response) (*translate.Response, error) {
	defer resp.Body.Close()
	buf := new(buffer) // the answer points into it
	if err := buf.readFrom(resp.Body, resp.ContentLength, maxAnswer); err != nil {
		return nil, &translate.Error{Kind: translate.Truncated, Message: "the upstream's answer ended before completion"}
	}
	if jsonlit.Check(buf.b) != nil {
		return nil, &translate.Error{Kind: translate.Upstream, Message: "the upstream went on with something that is not JSON"}
	}
	return c.up.DecodeResponse(buf.b)
}

// goOn pumps the next stream of a course to the client. The error is the
// client's connection's, or the source's.
func (s *stream) goOn(ctx context.Context, cancel context.CancelCauseFunc, frames []byte) error {
	s.x.out.awaitStream(cancel)
	resp, err := s.course.next(ctx)
	if err == nil {
		defer resp.Body.Close()
		if media, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")); media != "" && media != "text/event-stream" {
			err = &translate.Error{Kind: translate.Upstream, Message: "the upstream went on with something that is no stream"}
		}
	}
	if err == nil {
		s.decoder = s.course.decoder(s.course.up)
		return s.pump(sse.NewReader(resp.Body, frames, 0))
	}
	if ctx.Err() != nil {
		return err
	}
	s.x.out.mu.Lock()
	defer s.x.out.mu.Unlock()
	s.fail(err)
	return s.x.out.flushLocked()
}

// gathered reads the stream of an answer that nobody asked to be streamed, and
// those that follow it.
func (c *course) gathered(ctx context.Context, up translate.Dialect, body io.Reader) (*translate.Response, error) {
	var all translate.Accumulator
	emit := c.through(all.Push)
	for {
		if err := gatherStream(c.decoder(up), body, emit); err != nil {
			return nil, err
		}
		if !c.waits() {
			return all.Response()
		}
		resp, err := c.next(ctx)
		if err != nil {
			return nil, err
		}
		defer resp.Body.Close()
		body = resp.Body
	}
}

func gatherStream(decoder translate.StreamDecoder, body io.Reader, emit func(*translate.Event) error) error {
	reader := sse.NewReader(body, nil, 0)
	for {
		frame, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return decoder.Close(emit)
		}
		if err == nil {
			err = decoder.Decode(frame, emit)
		}
		if err != nil {
			return err
		}
	}
}
