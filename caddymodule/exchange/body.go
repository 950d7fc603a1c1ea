package exchange

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/fairway-gateway/fairway/translate"
)

// buffer is a reference-counted byte slice. A request's bytes are wanted by the
// exchange until its retry window closes, and by the transport until it has
// sent them, which may be later than the answer's first byte: the last of them
// gives the memory back.
type buffer struct {
	b    []byte
	refs atomic.Int32
	pool *sync.Pool // nil: leave it to the garbage collector
}

// maxPooled keeps a single large request from pinning its memory for ever.
const maxPooled = 1 << 20

func newBuffer(pool *sync.Pool) *buffer {
	b, _ := pool.Get().(*buffer)
	if b == nil {
		b = new(buffer)
	}
	b.pool = pool
	b.refs.Store(1)
	return b
}

// keep leaves the memory to the garbage collector: something points into it
// whose life is not known.
func (b *buffer) keep() { b.pool = nil }

func (b *buffer) release() {
	if b.refs.Add(-1) > 0 || b.pool == nil {
		return
	}
	if cap(b.b) > maxPooled {
		b.b = nil
	}
	b.b = b.b[:0]
	b.pool.Put(b)
}

// readBody reads the request's whole body, at most limit bytes.
func (e *Engine) readBody(r *http.Request, limit int64) (*buffer, error) {
	if enc := r.Header.Get("Content-Encoding"); enc != "" && enc != "identity" {
		return nil, compressedError()
	}
	if r.ContentLength > limit {
		return nil, bodyError(errTooLarge, limit)
	}
	b := newBuffer(&e.requests)
	err := b.readFrom(r.Body, r.ContentLength, limit)
	if err == nil {
		return b, nil
	}
	b.release()
	return nil, bodyError(err, limit)
}

func compressedError() *translate.Error {
	return &translate.Error{Kind: translate.Unsupported, Message: "the request body is compressed; send it with no Content-Encoding"}
}

// bodyError is what the client is told when its body could not be read.
func bodyError(err error, limit int64) *translate.Error {
	var over *http.MaxBytesError // set by a request_body directive in front
	switch {
	case errors.Is(err, errTooLarge):
		return &translate.Error{Kind: translate.TooLarge, Message: "the request body is larger than this gateway accepts (" + byteSize(limit) + ")"}
	case errors.As(err, &over):
		return &translate.Error{Kind: translate.TooLarge, Message: "the request body is larger than this site accepts (" + byteSize(over.Limit) + ")"}
	}
	return &translate.Error{Kind: translate.InvalidRequest, Message: "reading the request body: it ended before its announced length"}
}

func byteSize(n int64) string {
	switch {
	case n >= 1<<20:
		return strconv.FormatInt(n>>20, 10) + " MiB"
	case n >= 1<<10:
		return strconv.FormatInt(n>>10, 10) + " KiB"
	}
	return strconv.FormatInt(n, 10) + " bytes"
}

// payload is the body of an upstream request, made of pieces of a buffer: the
// client's bytes with the model's name replaced need no copy.
type payload struct {
	held  *buffer
	parts [3][]byte
	size  int64
}

func newPayload(held *buffer, parts ...[]byte) payload {
	p := payload{held: held}
	for i, part := range parts {
		p.parts[i] = part
		p.size += int64(len(part))
	}
	return p
}

// smallPayload is the size up to which a copy is cheaper than what net/http does
// for a body of a type it does not know: it sends the headers in a packet of
// their own.
const smallPayload = 8 << 10

// open returns a reader that holds the buffer until it is closed.
func (p payload) open() io.ReadCloser {
	if p.size <= smallPayload {
		all := make([]byte, 0, p.size)
		for _, part := range p.parts {
			all = append(all, part...)
		}
		return io.NopCloser(bytes.NewReader(all))
	}
	p.held.refs.Add(1)
	return &payloadReader{parts: p.parts, held: p.held}
}

type payloadReader struct {
	parts [3][]byte
	held  *buffer
	once  sync.Once
}

func (r *payloadReader) Read(p []byte) (n int, err error) {
	for i := range r.parts {
		if len(r.parts[i]) > 0 {
			n = copy(p, r.parts[i])
			r.parts[i] = r.parts[i][n:]
			return n, nil
		}
	}
	return 0, io.EOF
}

func (r *payloadReader) Close() error {
	r.once.Do(r.held.release)
	return nil
}

// readFrom reads all of r into the buffer, at most limit bytes. size is what r
// claims to hold; a claim is believed up to a point only.
func (b *buffer) readFrom(r io.Reader, size, limit int64) error {
	if size > 0 && size <= 4<<20 && int64(cap(b.b)) <= size {
		b.b = make([]byte, 0, size+1)
	}
	for {
		if len(b.b) == cap(b.b) {
			b.b = append(b.b, 0)[:len(b.b)]
		}
		n, err := r.Read(b.b[len(b.b):cap(b.b)])
		b.b = b.b[:len(b.b)+n]
		if int64(len(b.b)) > limit {
			return errTooLarge
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

var errTooLarge = errors.New("the body is larger than the limit")
