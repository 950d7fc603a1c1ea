package surface

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
)

// passage is a transport that goes through a door.
type passage struct {
	door Door
	next http.RoundTripper
}

// RoundTrip sends the request in the surface's form.
func (p passage) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := readBody(req)
	if err != nil {
		return nil, err
	}
	out := req.Clone(req.Context())
	setBody(out, rename(body, p.door.name()))
	return p.next.RoundTrip(out)
}

func readBody(req *http.Request) ([]byte, error) {
	if req.Body == nil {
		return nil, nil
	}
	defer req.Body.Close()
	var buf bytes.Buffer
	buf.Grow(int(max(req.ContentLength, 0)) + bytes.MinRead)
	if _, err := buf.ReadFrom(req.Body); err != nil {
		return nil, fmt.Errorf("reading request body: %w", err)
	}
	return buf.Bytes(), nil
}

func setBody(req *http.Request, body []byte) {
	req.ContentLength = int64(len(body))
	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	req.Body, _ = req.GetBody()
}
