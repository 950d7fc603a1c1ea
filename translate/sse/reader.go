// Package sse reads server-sent events as AI upstreams send them.
package sse

import (
	"bytes"
	"errors"
	"io"
)

// DefaultMaxFrame bounds one event: images travel as base64 in a single one.
const DefaultMaxFrame = 16 << 20

// ErrFrameTooLarge is returned for an event larger than the reader's bound.
var ErrFrameTooLarge = errors.New("the event is larger than the limit")

// Frame is one event of a stream. Its slices are valid until the next call of
// Next. A frame of comments or blank lines alone has no Data and no Event: it
// only shows that the upstream is alive.
type Frame struct {
	// Event is the value of the last event field, empty when there was none.
	Event []byte
	// Data is the data fields' values joined by newlines.
	Data []byte
	// Raw is the frame as it came, with the blank line that ended it.
	Raw []byte
	// Cut says that the stream ended before the blank line did, so that nobody
	// but the dialect can tell whether the frame is whole.
	Cut bool
}

// Reader splits a stream into frames. Lines end in LF, CRLF or CR; a byte order
// mark at the start is skipped in Data but kept in Raw. See the "Server-sent
// events" section of the HTML standard, from which Reader departs in one way:
// a last event that the end of the stream cut off before its blank line is
// still delivered, since several compatible servers end that way; whether it
// is whole is for the dialect to say.
type Reader struct {
	src   io.Reader
	max   int
	buf   []byte // buf[r:] is what was read and not yet delivered
	r     int
	scan  int // how far behind r the search for the frame's end has come
	data  []byte
	err   error
	began bool
}

// NewReader returns a Reader of src that refuses events over max bytes
// (DefaultMaxFrame when max is not positive). buf is a buffer to start with, of
// any size; the reader grows it when an event needs it.
func NewReader(src io.Reader, buf []byte, max int) *Reader {
	if max <= 0 {
		max = DefaultMaxFrame
	}
	return &Reader{src: src, max: max, buf: buf[:0]}
}

// Buffer returns the buffer for reuse, when the reader is done with.
func (r *Reader) Buffer() []byte { return r.buf[:0] }

// Ready reports whether Next can deliver a whole frame without reading: a
// relay flushes when it cannot.
func (r *Reader) Ready() bool {
	end, _ := r.frameEnd()
	return end > 0
}

// Next returns the next frame. At the end of the stream it returns io.EOF, and
// any other error as the source gave it.
func (r *Reader) Next() (Frame, error) {
	for {
		if end, scanned := r.frameEnd(); end > 0 {
			f := r.parse(r.buf[r.r:end])
			// A CR at the very end may be half of a CRLF.
			f.Cut = end == len(r.buf) && r.err != nil && f.Raw[len(f.Raw)-1] == '\r'
			r.r, r.scan = end, 0
			return f, nil
		} else {
			r.scan = scanned
		}
		if r.err != nil {
			if r.r < len(r.buf) && r.err == io.EOF {
				f := r.parse(r.buf[r.r:])
				f.Cut = true
				r.r, r.scan = len(r.buf), 0
				return f, nil
			}
			return Frame{}, r.err
		}
		if len(r.buf)-r.r > r.max {
			r.err = ErrFrameTooLarge
			return Frame{}, r.err
		}
		r.fill()
	}
}

func (r *Reader) fill() {
	if r.r > 0 {
		n := copy(r.buf, r.buf[r.r:])
		r.buf, r.r = r.buf[:n], 0
	}
	if len(r.buf) == cap(r.buf) {
		grown := make([]byte, len(r.buf), max(4096, 2*cap(r.buf)))
		copy(grown, r.buf)
		r.buf = grown
	}
	n, err := r.src.Read(r.buf[len(r.buf):cap(r.buf)])
	r.buf = r.buf[:len(r.buf)+n]
	if err != nil {
		r.err = err
	}
}

// frameEnd returns the index in buf behind the blank line that ends the first
// frame, or 0 and how far behind r a later search may begin. A CR that is the
// last byte read so far may be half of a CRLF, and is left for the next read.
func (r *Reader) frameEnd() (end, scanned int) {
	b := r.buf[r.r:]
	i := r.scan
	for {
		j := lineBreak(b[i:])
		if j < 0 {
			return 0, len(b)
		}
		first, ok := lineEnd(b, i+j, r.err != nil)
		if !ok {
			return 0, i
		}
		if i+j == 0 || first >= len(b) {
			// A blank line at the frame's start ends it; at the end of what is
			// buffered the next byte decides.
			if i+j == 0 {
				return r.r + first, 0
			}
			return 0, i
		}
		second, ok := lineEnd(b, first, r.err != nil)
		if !ok {
			return 0, i
		}
		if second > first {
			return r.r + second, 0
		}
		i = first
	}
}

// lineBreak returns the index of the first LF or CR, or -1.
func lineBreak(b []byte) int {
	lf := bytes.IndexByte(b, '\n')
	if lf >= 0 {
		b = b[:lf]
	}
	if cr := bytes.IndexByte(b, '\r'); cr >= 0 {
		return cr
	}
	return lf
}

// lineEnd returns the index behind the line end at i, i itself when there is
// none, and false when that cannot be told yet.
func lineEnd(b []byte, i int, eof bool) (int, bool) {
	switch b[i] {
	case '\n':
		return i + 1, true
	case '\r':
		if i+1 < len(b) {
			if b[i+1] == '\n' {
				return i + 2, true
			}
			return i + 1, true
		}
		return i + 1, eof
	}
	return i, true
}

func (r *Reader) parse(raw []byte) Frame {
	f := Frame{Raw: raw}
	lines := raw
	if !r.began {
		r.began = true
		lines = bytes.TrimPrefix(lines, []byte("\xef\xbb\xbf"))
	}
	n := 0 // data fields so far
	for len(lines) > 0 {
		i := lineBreak(lines)
		line := lines
		if i < 0 {
			lines = nil
		} else {
			line, lines = lines[:i], lines[i+1:]
		}
		name, value, found := bytes.Cut(line, []byte(":"))
		if found && len(value) > 0 && value[0] == ' ' {
			value = value[1:]
		}
		switch string(name) {
		case "event":
			f.Event = value
		case "data":
			switch n {
			case 0:
				f.Data = value
			case 1:
				r.data = append(append(append(r.data[:0], f.Data...), '\n'), value...)
				f.Data = r.data
			default:
				r.data = append(append(r.data, '\n'), value...)
				f.Data = r.data
			}
			n++
		}
	}
	return f
}
