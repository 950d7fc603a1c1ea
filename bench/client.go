package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// exchangeTimeout bounds one exchange, so that a hanging gateway is an error and not a hanging benchmark.
const exchangeTimeout = 10 * time.Second

// call is a prepared request and what a right answer to it holds.
type call struct {
	wire []byte   // header and body as sent; Host is fixed, gateways under test listen on their own ports of one name
	want []string // each must occur in the body
}

// newCall prepares a POST of body to path.
func newCall(path string, headers []string, body []byte, want ...string) call {
	var b bytes.Buffer
	fmt.Fprintf(&b, "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: fairway-bench\r\nAccept: */*\r\n", path)
	for _, h := range headers {
		b.WriteString(h + "\r\n")
	}
	fmt.Fprintf(&b, "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n", len(body))
	b.Write(body)
	return call{wire: b.Bytes(), want: want}
}

// client is one keep-alive connection to a gateway. It is for one goroutine.
type client struct {
	address string
	conn    net.Conn
	in      *bufio.Reader
	body    bytes.Buffer
}

// timing is what one exchange took, from the first byte written.
type timing struct {
	firstByte time.Duration // until the first byte of the answer's body
	total     time.Duration // until its last
}

// do sends a call and reads and checks the whole answer. After an error the connection is closed; the next call dials
// anew.
func (c *client) do(call call) (timing, error) {
	t, reusable, err := c.exchange(call)
	if err != nil || !reusable {
		c.close()
	}
	return t, err
}

func (c *client) exchange(call call) (timing, bool, error) {
	if err := c.dial(); err != nil {
		return timing{}, false, err
	}
	var t timing
	start := time.Now()
	resp, err := c.send(call)
	if err != nil {
		return t, false, err
	}
	c.body.Reset()
	for first := true; ; first = false {
		c.body.Grow(4 << 10)
		n, err := resp.Body.Read(c.body.AvailableBuffer()[:c.body.Available()])
		if first {
			t.firstByte = time.Since(start)
		}
		c.body.Write(c.body.AvailableBuffer()[:n])
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return t, false, fmt.Errorf("reading the answer: %w", err)
		}
	}
	t.total = time.Since(start)
	return t, !resp.Close, check(resp.StatusCode, c.body.Bytes(), call.want)
}

// send writes a call and reads the answer's header.
func (c *client) send(call call) (*http.Response, error) {
	c.conn.SetDeadline(time.Now().Add(exchangeTimeout))
	if _, err := c.conn.Write(call.wire); err != nil {
		return nil, fmt.Errorf("sending the request: %w", err)
	}
	resp, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return nil, fmt.Errorf("reading the answer's header: %w", err)
	}
	return resp, nil
}

func (c *client) dial() error {
	if c.conn != nil {
		return nil
	}
	conn, err := net.DialTimeout("tcp", c.address, exchangeTimeout)
	if err != nil {
		return fmt.Errorf("connecting to the gateway: %w", err)
	}
	c.conn, c.in = conn, bufio.NewReaderSize(conn, 16<<10)
	return nil
}

func (c *client) close() {
	if c.conn != nil {
		c.conn.Close()
		c.conn = nil
	}
}

// check judges an answer: status 200 and every wanted piece in its body.
func check(status int, body []byte, want []string) error {
	if status != http.StatusOK {
		return fmt.Errorf("checking the answer: status %d: %s", status, excerpt(body))
	}
	for _, w := range want {
		if !bytes.Contains(body, []byte(w)) {
			return fmt.Errorf("checking the answer: no %q in its %d bytes, which end with %s", w, len(body), excerpt(body[max(0, len(body)-200):]))
		}
	}
	return nil
}

// excerpt quotes the beginning of a body for an error message.
func excerpt(body []byte) string {
	const most = 300
	if len(body) > most {
		return fmt.Sprintf("%q…", body[:most])
	}
	return fmt.Sprintf("%q", body)
}
