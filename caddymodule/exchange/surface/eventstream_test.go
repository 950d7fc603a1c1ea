package surface

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream"
)

// chunks encodes events as Bedrock sends them.
func chunks(t *testing.T, events ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	for _, event := range events {
		m := eventstream.Message{Payload: []byte(`{"bytes":"` + base64.StdEncoding.EncodeToString([]byte(event)) + `","p":"ab"}`)}
		m.Headers.Set(":event-type", eventstream.StringValue("chunk"))
		m.Headers.Set(":message-type", eventstream.StringValue("event"))
		if err := eventstream.NewEncoder().Encode(&out, m); err != nil {
			t.Fatal(err)
		}
	}
	return out.Bytes()
}

// However the stream is cut or spoilt, the events before are told and its end is no proper one.
func TestEventReaderTruncated(t *testing.T) {
	events := []string{`{"type":"message_start"}`, "{\n\"type\":\"message_delta\"}", `{"type":"message_stop"}`}
	told := []string{"event: message_start\ndata: {\"type\":\"message_start\"}\n\n", "event: message_delta\ndata: { \"type\":\"message_delta\"}\n\n",
		"event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"}
	whole := chunks(t, events...)
	for cut := range len(whole) + 1 {
		want := ""
		for i := range events {
			if len(chunks(t, events[:i+1]...)) <= cut {
				want = strings.Join(told[:i+1], "")
			}
		}
		r := newEventReader(io.NopCloser(iotest.OneByteReader(bytes.NewReader(whole[:cut]))))
		got, err := io.ReadAll(r)
		if string(got) != want || (err == nil) != (cut == len(whole)) || err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatalf("cut at %d of %d: got %q, %v, want %q", cut, len(whole), got, err, want)
		}
	}
	for i := range whole {
		spoilt := bytes.Clone(whole)
		spoilt[i] ^= 0x10
		if _, err := io.ReadAll(newEventReader(io.NopCloser(bytes.NewReader(spoilt)))); err == nil {
			t.Fatalf("byte %d spoilt: no error", i)
		}
	}
}
