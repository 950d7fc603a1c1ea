package exchange

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/fairway-gateway/fairway/accounts"
	"github.com/fairway-gateway/fairway/accounts/pool"
	"github.com/fairway-gateway/fairway/translate"
)

// relay passes an answer on as it comes in.
func (x *exchange) relay(ctx context.Context, cancel context.CancelCauseFunc, l *pool.Lease, resp *http.Response) (accounts.Verdict, error) {
	h := x.out.header()
	// What a vendor's user has uploaded must not act as a page of this site.
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "sandbox")
	idle := time.AfterFunc(x.settings.Idle, func() { cancel(errIdle) })
	defer idle.Stop()
	err := x.out.relay(resp.StatusCode, resp.ContentLength, resp.Body, func() {
		idle.Reset(x.settings.Idle)
		l.Accepted()
		if x.deadline != nil {
			x.deadline.Stop()
		}
	})
	if err == nil {
		return accounts.Verdict{Outcome: accounts.OK}, nil
	}
	v, interrupted := x.interrupted(ctx)
	switch {
	case interrupted && !x.out.sent():
		return v, context.Cause(ctx)
	case interrupted && v.Outcome == accounts.Canceled, errors.Is(err, errClientGone):
		x.record.Canceled = true
		x.out.abort()
		return accounts.Verdict{Outcome: accounts.Canceled}, err
	}
	broken := &translate.Error{Kind: translate.Truncated, Message: "the upstream's answer ended before completion"}
	if !x.out.sent() {
		return accounts.Classify(accounts.Sign{Err: err, Status: resp.StatusCode, FirstFrame: true}, x.now()), broken
	}
	x.out.abort()
	return accounts.Verdict{Outcome: accounts.BrokenStream, Detail: "the answer broke off"}, broken
}

// errClientGone says that the client's connection broke while it was written to.
var errClientGone = errors.New("the client has left")

// relay writes an answer as it comes from src. The error is src's, or
// errClientGone.
func (c *clientWriter) relay(status int, size int64, src io.Reader, heard func()) error {
	if size >= 0 {
		c.header().Set("Content-Length", strconv.FormatInt(size, 10))
	}
	buf := make([]byte, 16<<10)
	for {
		n, err := src.Read(buf)
		if n > 0 || errors.Is(err, io.EOF) {
			heard()
			if failed := c.relayed(status, buf[:n]); failed != nil {
				return errClientGone
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			c.stop()
			return nil
		case err != nil:
			return err
		}
	}
}

func (c *clientWriter) relayed(status int, p []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.status == 0 {
		c.commitLocked(status)
	}
	c.written = c.x.now()
	if !c.content {
		c.content, c.first = true, c.written
	}
	if len(p) == 0 {
		return c.err
	}
	if _, c.err = c.w.Write(p); c.err == nil {
		c.err = c.rc.Flush()
	}
	return c.err
}

// abort breaks the client's connection off, so that a cut answer does not look
// like a whole one.
func (c *clientWriter) abort() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = true
	_ = c.rc.SetWriteDeadline(time.Unix(1, 0))
}
