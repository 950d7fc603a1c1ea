package exchange

import (
	"errors"
	"io"
	"sync"

	"github.com/fairway-gateway/fairway/translate"
)

// upload is a request body that is passed on as it comes in. Its beginning is
// kept, so that another account may be asked as long as no more than that has
// been taken from the client.
type upload struct {
	prefix []byte
	whole  bool   // the prefix is all there is
	size   int64  // in bytes; -1 when it is not known
	model  string // the form field; "" when the prefix has none
	span   [2]int // of its value in the prefix

	mu    sync.Mutex
	in    io.Reader
	left  int64         // what may still be read
	taker *uploadReader // the one attempt that has read beyond the prefix
	err   error         // why the client's body could not be read to its end
}

// How much of a body is kept. A form that names its model behind a file larger
// than peekMost is passed on without knowing it.
const (
	keepLeast = 64 << 10
	peekMost  = 1 << 20
)

var (
	errSuperseded   = errors.New("the attempt is over")
	errUploadBroken = errors.New("the client's upload ended before its announced length")
)

// receive begins to read a body that need not be JSON.
func (x *exchange) receive(boundary string, op *operation) (*upload, error) {
	r := x.in
	if enc := r.Header.Get("Content-Encoding"); enc != "" && enc != "identity" {
		return nil, compressedError()
	}
	if r.ContentLength > x.settings.MaxBody {
		return nil, bodyError(errTooLarge, x.settings.MaxBody)
	}
	if !op.raw && boundary == "" {
		return nil, translate.BadRequest("", "the Content-Type multipart/form-data lacks its boundary")
	}
	u := &upload{in: r.Body, left: x.settings.MaxBody, size: r.ContentLength}
	wanted, seen := op.model != noModel, 0
	for {
		last := u.whole || len(u.prefix) >= peekMost
		if wanted && (last || len(u.prefix) >= 2*seen) {
			seen = len(u.prefix)
			if span, found := formField(u.prefix, boundary, "model"); found {
				u.model, u.span, wanted = string(u.prefix[span[0]:span[1]]), span, false
			}
		}
		if last || !wanted && len(u.prefix) >= keepLeast {
			return u, nil
		}
		if err := u.more(); err != nil {
			return nil, bodyError(err, x.settings.MaxBody)
		}
	}
}

// more reads on into the prefix.
func (u *upload) more() error {
	if len(u.prefix) == cap(u.prefix) {
		u.prefix = append(make([]byte, 0, min(max(16<<10, 2*cap(u.prefix)), peekMost)), u.prefix...)
	}
	n, err := u.read(u.prefix[len(u.prefix):cap(u.prefix)])
	u.prefix = u.prefix[:len(u.prefix)+n]
	if errors.Is(err, io.EOF) {
		u.whole = true
		return nil
	}
	return err
}

// read reads from the client, within the limit.
func (u *upload) read(p []byte) (int, error) {
	if int64(len(p)) > u.left+1 {
		p = p[:u.left+1]
	}
	n, err := u.in.Read(p)
	if u.left -= int64(n); u.left < 0 {
		return 0, errTooLarge
	}
	return n, err
}

// open returns a reader of the body with another model in the form's field, ""
// for none, and the size of what it yields, -1 when that is not known.
func (u *upload) open(model string) (*uploadReader, int64) {
	r := &uploadReader{u: u, kept: [][]byte{u.prefix}}
	size := u.size
	if u.whole {
		size = int64(len(u.prefix))
	}
	if model != "" && model != u.model && u.span[1] > 0 {
		r.kept = [][]byte{u.prefix[:u.span[0]], []byte(model), u.prefix[u.span[1]:]}
		if size >= 0 {
			size += int64(len(model) - len(u.model))
		}
	}
	return r, size
}

// spent reports whether the body cannot be sent again, and why the client's
// connection broke, if it did.
func (u *upload) spent() (bool, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.taker != nil, u.err
}

// uploadReader is the body of one attempt.
type uploadReader struct {
	u      *upload
	kept   [][]byte
	begun  bool
	closed bool // guarded by u.mu
}

func (r *uploadReader) Read(p []byte) (int, error) {
	for len(r.kept) > 0 {
		if len(r.kept[0]) > 0 {
			n := copy(p, r.kept[0])
			r.kept[0] = r.kept[0][n:]
			return n, nil
		}
		r.kept = r.kept[1:]
	}
	if r.u.whole {
		return 0, io.EOF
	}
	if !r.goOn() {
		return 0, errSuperseded
	}
	n, err := r.u.read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		if !errors.Is(err, errTooLarge) && bodyError(err, 0).Kind != translate.TooLarge {
			err = errUploadBroken
		}
		r.u.mu.Lock()
		if !r.closed { // reading fails, too, once the exchange is over
			r.u.err = err
		}
		r.u.mu.Unlock()
	}
	return n, err
}

// goOn reports whether the reader may read what the client sends: the first one
// to want it may, and then no other.
func (r *uploadReader) goOn() bool {
	r.u.mu.Lock()
	defer r.u.mu.Unlock()
	if r.closed || r.u.taker != nil && r.u.taker != r {
		return false
	}
	r.u.taker = r
	return true
}

// Close ends the attempt's claim on the body.
func (r *uploadReader) Close() error {
	r.u.mu.Lock()
	defer r.u.mu.Unlock()
	r.closed = true
	return nil
}
