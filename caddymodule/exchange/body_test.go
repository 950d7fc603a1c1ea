package exchange

import (
	"errors"
	"io"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/fairway-gateway/fairway/translate"
)

func TestReadBody(t *testing.T) {
	e := &Engine{}
	for name, tc := range map[string]struct {
		body     io.Reader
		length   int64
		encoding string
		want     string
		kind     translate.ErrorKind
	}{
		"known length":     {body: strings.NewReader("hello"), length: 5, want: "hello"},
		"unknown length":   {body: iotest.OneByteReader(strings.NewReader("hello")), length: -1, want: "hello"},
		"at the limit":     {body: strings.NewReader("0123456789"), length: 10, want: "0123456789"},
		"announced larger": {body: strings.NewReader(""), length: 11, kind: translate.TooLarge},
		"turns out larger": {body: strings.NewReader("0123456789x"), length: -1, kind: translate.TooLarge},
		"cut":              {body: iotest.ErrReader(io.ErrUnexpectedEOF), length: 9, kind: translate.InvalidRequest},
		"compressed":       {body: strings.NewReader("x"), length: 1, encoding: "gzip", kind: translate.Unsupported},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest("POST", "/v1/messages", tc.body)
			r.ContentLength = tc.length
			if tc.encoding != "" {
				r.Header.Set("Content-Encoding", tc.encoding)
			}
			b, err := e.readBody(r, 10)
			var te *translate.Error
			if errors.As(err, &te) {
				if te.Kind != tc.kind {
					t.Errorf("kind = %v, want %v", te.Kind, tc.kind)
				}
				return
			}
			if err != nil || tc.want == "" {
				t.Fatalf("err = %v, want one of kind %v", err, tc.kind)
			}
			if got := string(b.b); got != tc.want {
				t.Errorf("body = %q, want %q", got, tc.want)
			}
			b.release()
		})
	}
}

// TestPayloadHoldsItsBuffer is what keeps a transport that still sends from
// reading another exchange's bytes.
func TestPayloadHoldsItsBuffer(t *testing.T) {
	e := &Engine{}
	b := newBuffer(&e.requests)
	rest := strings.Repeat(" ", smallPayload) + `"x":1}`
	b.b = append(b.b, `{"model":"a",`+rest...)
	p := newPayload(b, b.b[:9], []byte(`"other"`), b.b[12:])
	r := p.open()
	b.release() // the exchange is done with it
	if got := b.refs.Load(); got != 1 {
		t.Fatalf("refs = %d while the payload is open, want 1", got)
	}
	got, err := io.ReadAll(iotest.OneByteReader(r))
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"model":"other",` + rest; string(got) != want {
		t.Errorf("payload = %.40s…, want %.40s…", got, want)
	}
	if want := int64(len(got)); p.size != want {
		t.Errorf("size = %d, want %d", p.size, want)
	}
	r.Close()
	r.Close()
	if got := b.refs.Load(); got != 0 {
		t.Errorf("refs = %d at the end, want 0", got)
	}
}

// TestSmallPayloadIsInMemory is what lets net/http send it together with the
// headers.
func TestSmallPayloadIsInMemory(t *testing.T) {
	b := newBuffer(new(sync.Pool))
	b.b = append(b.b, `{"model":"a"}`...)
	p := newPayload(b, b.b[:9], []byte(`"b"`), b.b[12:])
	got, err := io.ReadAll(p.open())
	if want := `{"model":"b"}`; err != nil || string(got) != want {
		t.Errorf("payload = %s, %v, want %s", got, err, want)
	}
	if got := b.refs.Load(); got != 1 {
		t.Errorf("refs = %d, want 1: a copy holds nothing", got)
	}
}
