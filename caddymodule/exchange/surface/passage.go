package surface

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"net/http"

	"github.com/fairway-gateway/fairway/accounts"
)

// maxErrorBody bounds what is read of an error answer.
const maxErrorBody = 256 << 10

// passage is a transport that goes through a door.
type passage struct {
	door Door
	next http.RoundTripper
}

// RoundTrip sends the request in the surface's form, and returns the answer in the dialect's own.
func (p passage) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := readBody(req)
	if err != nil {
		return nil, err
	}
	out := req.Clone(req.Context())
	body = p.door.body(out.Header, body)
	setBody(out, body)
	foreign := p.door.Endpoint.Dialect == accounts.DialectMessages // the API is not of the cloud's own vendor
	if foreign {
		out.URL.RawQuery = "" // beta=true is Anthropic's
	}
	if err := p.door.sign(out, body); err != nil {
		return nil, err
	}
	resp, err := p.next.RoundTrip(out)
	if err != nil || !foreign {
		return resp, err
	}
	media, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	switch {
	case resp.StatusCode >= 400:
		p.door.toldByAnthropic(resp)
	case media == eventStreamType:
		resp.Body = newEventReader(resp.Body)
		resp.Header.Set("Content-Type", "text/event-stream")
		resp.Header.Del("Content-Length")
		resp.ContentLength = -1
	}
	return resp, nil
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
