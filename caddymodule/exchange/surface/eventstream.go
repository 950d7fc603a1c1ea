package surface

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream"
	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream/eventstreamapi"

	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// eventReader tells Amazon's event stream of Messages as the server-sent events that Anthropic sends: each frame "chunk" holds
// one of them (aws-sdk-go-v2's bedrockruntime types.PayloadPart), and an exception is an event "error".
type eventReader struct {
	body    io.Closer
	src     counted
	decoder *eventstream.Decoder
	payload []byte // reused
	ready   bytes.Buffer
	ended   bool // its last event has been told
	err     error
}

// counted knows whether it has been read from since it was last asked.
type counted struct {
	*bufio.Reader
	begun bool
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.begun = c.begun || n > 0
	return n, err
}

func newEventReader(body io.ReadCloser) *eventReader {
	return &eventReader{body: body, src: counted{Reader: bufio.NewReader(body)}, decoder: eventstream.NewDecoder()}
}

// Read returns events as far as they are there. The error is io.EOF only after the last; a stream that ends before, a frame
// that is cut short and one whose checksum is wrong break it off.
func (r *eventReader) Read(p []byte) (int, error) {
	for r.ready.Len() == 0 {
		if r.err != nil {
			return 0, r.err
		}
		r.err = r.next()
	}
	return r.ready.Read(p)
}

// Close closes the answer's body.
func (r *eventReader) Close() error { return r.body.Close() }

func (r *eventReader) next() error {
	r.src.begun = false
	message, err := r.decoder.Decode(&r.src, r.payload)
	switch {
	case errors.Is(err, io.EOF) && (r.src.begun || !r.ended):
		return io.ErrUnexpectedEOF
	case errors.Is(err, io.EOF):
		return io.EOF
	case err != nil:
		return fmt.Errorf("reading event stream: %w", err)
	}
	r.payload = message.Payload[:0]
	header := func(name string) string {
		if v := message.Headers.Get(name); v != nil {
			return v.String()
		}
		return ""
	}
	switch kind := header(eventstreamapi.MessageTypeHeader); kind {
	case eventstreamapi.EventMessageType:
		if header(eventstreamapi.EventTypeHeader) == "chunk" {
			return r.chunk(message.Payload)
		}
		return nil // of a kind that is not known yet
	case eventstreamapi.ExceptionMessageType:
		word := header(eventstreamapi.ExceptionTypeHeader)
		text := ""
		if jsonlit.Valid(message.Payload) {
			text = jsonlit.Str(jsonlit.Get(message.Payload, "message"))
		}
		r.tell("error", envelope(amazonKind(0, word, text), word))
		return nil
	case eventstreamapi.ErrorMessageType:
		word := header(eventstreamapi.ErrorCodeHeader)
		r.tell("error", envelope(amazonKind(0, word, header(eventstreamapi.ErrorMessageHeader)), word))
		return nil
	default:
		return fmt.Errorf("reading event stream: a message is of no known type")
	}
}

func (r *eventReader) chunk(payload []byte) error {
	if !jsonlit.Valid(payload) {
		return errors.New("reading event stream: a chunk is not JSON")
	}
	event, err := base64.StdEncoding.DecodeString(jsonlit.Str(jsonlit.Get(payload, "bytes")))
	if err != nil || !jsonlit.Valid(event) {
		return errors.New("reading event stream: a chunk holds no event")
	}
	r.tell(jsonlit.Str(jsonlit.Get(event, "type")), event)
	return nil
}

// tell appends a server-sent event. Line breaks in JSON are white space, but end a line of the stream.
func (r *eventReader) tell(name string, data []byte) {
	r.ended = r.ended || name == "message_stop" || name == "error"
	r.ready.WriteString("event: ")
	r.ready.WriteString(name)
	r.ready.WriteString("\ndata: ")
	for _, c := range data {
		if c == '\n' || c == '\r' {
			c = ' '
		}
		r.ready.WriteByte(c)
	}
	r.ready.WriteString("\n\n")
}
