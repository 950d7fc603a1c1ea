package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// streams are many answers being read at the same time.
type streams struct {
	conns   []net.Conn
	events  atomic.Int64 // blank lines seen: events received, over all streams
	closing atomic.Bool
	failure atomic.Pointer[error]
	readers sync.WaitGroup
}

// openStreams sends the call on n new connections, the next one gap after the one before, and returns when each has
// received an event.
func openStreams(ctx context.Context, address string, c call, n int, gap time.Duration) (*streams, error) {
	s := &streams{}
	started := make(chan struct{}, n)
	for range n {
		client := &client{address: address}
		if err := client.dial(); err != nil {
			s.close()
			return nil, err
		}
		s.conns = append(s.conns, client.conn)
		s.readers.Go(func() { s.read(client, c, started) })
		time.Sleep(gap)
	}
	limit := time.After(exchangeTimeout)
	for range n {
		select {
		case <-started:
		case <-ctx.Done():
			s.close()
			return nil, ctx.Err()
		case <-limit:
			s.close()
			return nil, fmt.Errorf("opening %d streams: not all had an event after %v", n, exchangeTimeout)
		}
	}
	if err := s.err(); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// read counts the events of one stream until it fails or is closed. It reports on started once, at the first event or
// failure.
func (s *streams) read(c *client, call call, started chan<- struct{}) {
	begun := sync.OnceFunc(func() { started <- struct{}{} })
	if err := s.count(c, call, begun); err != nil && !s.closing.Load() {
		s.failure.CompareAndSwap(nil, &err)
	}
	begun()
}

func (s *streams) count(c *client, call call, begun func()) error {
	resp, err := c.send(call)
	if err != nil {
		return err
	}
	c.conn.SetDeadline(time.Time{})
	buf := make([]byte, 4<<10)
	newline := false
	for {
		n, err := resp.Body.Read(buf)
		if resp.StatusCode != http.StatusOK {
			return check(resp.StatusCode, buf[:n], nil)
		}
		var events int64
		events, newline = blankLines(buf[:n], newline)
		if events > 0 {
			s.events.Add(events)
			begun()
		}
		if errors.Is(err, io.EOF) {
			return errors.New("reading a stream: it ended early")
		}
		if err != nil {
			return fmt.Errorf("reading a stream: %w", err)
		}
	}
}

// blankLines counts the blank lines in b; newline says whether the byte before b ended a line, and is returned for the
// next b. Carriage returns do not count.
func blankLines(b []byte, newline bool) (int64, bool) {
	var n int64
	for _, c := range b {
		switch c {
		case '\n':
			if newline {
				n++
			}
			newline = !newline
		case '\r':
		default:
			newline = false
		}
	}
	return n, newline
}

// err returns the first failure of any stream.
func (s *streams) err() error {
	if err := s.failure.Load(); err != nil {
		return *err
	}
	return nil
}

// close hangs up on all streams and waits for their readers.
func (s *streams) close() {
	s.closing.Store(true)
	for _, c := range s.conns {
		c.Close()
	}
	s.readers.Wait()
}
