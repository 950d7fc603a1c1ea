package exchange

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// serverThat starts a server on loopback and returns its address.
func serverThat(t *testing.T, h http.HandlerFunc) string {
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

// hangUp reads the request whole and closes the connection without a word.
func hangUp(w http.ResponseWriter, r *http.Request) {
	io.Copy(io.Discard, r.Body)
	if c, _, err := w.(http.Hijacker).Hijack(); err == nil {
		c.Close()
	}
}

func TestRequestsThatMayBeBilled(t *testing.T) {
	good := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, chatAnswer)
	}
	cutShort := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", "5000")
		io.WriteString(w, chatAnswer[:20])
	}
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	refusing := closed.Addr().String()
	large := strings.Repeat("x", 200<<10)
	for name, tc := range map[string]struct {
		bad    http.HandlerFunc // nil: nobody listens
		body   string
		no     bool // no_repeat
		second bool // is the second account asked
		billed bool
	}{
		"connection refused":           {body: chatRequest, second: true},
		"refused, no_repeat":           {body: chatRequest, no: true, second: true},
		"hung up":                      {bad: hangUp, body: chatRequest, second: true, billed: true},
		"hung up, large":               {bad: hangUp, body: `{"model":"m","messages":[{"role":"user","content":"` + large + `"}]}`, second: true, billed: true},
		"hung up, no_repeat":           {bad: hangUp, body: chatRequest, no: true, billed: true},
		"hung up on a background job":  {bad: hangUp, body: `{"model":"m","messages":[],"background":true}`, billed: true},
		"hung up on a call of a tool":  {bad: hangUp, body: `{"model":"m","messages":[],"tools":[{"type":"function"},{"type":"mcp"}]}`, billed: true},
		"hung up with MCP servers":     {bad: hangUp, body: `{"model":"m","messages":[],"mcp_servers":[{}]}`, billed: true},
		"hung up, no MCP server after": {bad: hangUp, body: `{"model":"m","messages":[],"mcp_servers":[],"background":false}`, second: true, billed: true},
		"cut short":                    {bad: cutShort, body: chatRequest, second: true, billed: true},
		"cut short, no_repeat":         {bad: cutShort, body: chatRequest, no: true, billed: true},
	} {
		t.Run(name, func(t *testing.T) {
			first := refusing
			if tc.bad != nil {
				first = serverThat(t, tc.bad)
			}
			e := newFleet(t).engine("first chat "+first, "second chat "+serverThat(t, good))
			e.transports.direct = NewTransport()
			w, rec := callCtx(t, t.Context(), e, Settings{NoRepeat: tc.no}, "POST", "/v1/chat/completions", tc.body, "X-Ai-Debug", "1")
			if got := w.Code == 200; got != tc.second {
				t.Errorf("answered %d, asked the second account: want %t: %s", w.Code, tc.second, rec.Trail)
			}
			if got := rec.Trail[0].MayBeBilled; got != tc.billed {
				t.Errorf("may be billed: got %t, want %t", got, tc.billed)
			}
			trail := w.Header().Get("X-Ai-Trail")
			if got := strings.Contains(trail, "may be billed"); got != tc.billed {
				t.Errorf("the trail says that it may be billed: got %t, want %t: %s", got, tc.billed, trail)
			}
			if got := strings.Contains(trail, "not sent again, as it may have taken effect"); got == tc.second {
				t.Errorf("the trail says why it was not repeated: got %t: %s", got, trail)
			}
		})
	}
}
