package chat

import (
	"bytes"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
	"github.com/fairway-gateway/fairway/translate/openai"
	"github.com/fairway-gateway/fairway/translate/sse"
)

// DecodeResponse reads a chat.completion. It is read as a stream of one chunk,
// so that an answer comes to the same whichever way it was sent.
func (Dialect) DecodeResponse(body []byte) (*translate.Response, error) {
	body = bytes.TrimSpace(body)
	if !jsonlit.Valid(body) {
		return nil, &translate.Error{Kind: translate.Upstream, Message: "the upstream's answer is not JSON"}
	}
	if e := openai.FrameError(sse.Frame{}, body); e != nil {
		return nil, e
	}
	a := translate.Accumulator{Limit: 2*len(body) + 1<<10}
	d := newStreamDecoder()
	if err := d.chunk(body, a.Push); err != nil {
		return nil, err
	}
	if !d.ended {
		if err := d.end(a.Push); err != nil {
			return nil, err
		}
	}
	return a.Response()
}
