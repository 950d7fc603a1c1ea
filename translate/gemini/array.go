package gemini

import (
	"bytes"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/sse"
)

// NewArrayRelay returns a relay for a client that asked a Gemini upstream for a
// stream without alt=sse: upstreams are always asked for server-sent events.
func (Dialect) NewArrayRelay() *ArrayRelay { return new(ArrayRelay) }

// ArrayRelay turns a stream of server-sent events into the one JSON array that
// it would have been, the fragments unchanged. It is used by one goroutine.
type ArrayRelay struct{ chunks int }

// Append appends a frame's data as the next element. Frames without data, and
// the end marker that some compatible servers send, append nothing.
func (r *ArrayRelay) Append(dst []byte, frame sse.Frame) []byte {
	data := bytes.TrimSpace(frame.Data)
	if len(data) == 0 || string(data) == "[DONE]" {
		return dst
	}
	return append(r.next(dst), data...)
}

// End appends the end of the array.
func (r *ArrayRelay) End(dst []byte) []byte {
	if r.chunks == 0 {
		dst = append(dst, '[')
	}
	return append(dst, ']')
}

// Break appends the error as the last element, and the end of the array.
func (r *ArrayRelay) Break(dst []byte, e *translate.Error) []byte {
	_, dst = New().AppendError(r.next(dst), e)
	return append(dst, ']')
}

func (r *ArrayRelay) next(dst []byte) []byte {
	if r.chunks++; r.chunks == 1 {
		return append(dst, '[')
	}
	return append(dst, ",\r\n"...)
}
