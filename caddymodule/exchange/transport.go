package exchange

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fairway-gateway/fairway/accounts"
)

// NewTransport returns the transport that an engine uses by default: shared by
// all accounts, so that connections are reused, with no proxy but the
// environment's, and with no time-out for an answer's headers, as models may
// think for minutes before the first byte.
func NewTransport() *http.Transport {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          512,
		MaxIdleConnsPerHost:   64,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   10 * time.Second,
		ExpectContinueTimeout: time.Second,
		DisableCompression:    true, // streams are read event by event; see the Accept-Encoding we send
		ReadBufferSize:        4 << 10,
		WriteBufferSize:       4 << 10,
	}
}

// transports finds the way to an account's upstream.
type transports struct {
	direct http.RoundTripper
	demo   http.RoundTripper
	own    atomic.Pointer[map[string]http.RoundTripper] // of single accounts, by name

	mu      sync.Mutex
	proxied map[string]*http.Transport // by proxy URL
}

// UseTransports sets how single accounts are reached, by their names, from now
// on; they go before a site's transport. The map must not be changed afterwards.
func (e *Engine) UseTransports(byAccount map[string]http.RoundTripper) {
	e.transports.own.Store(&byAccount)
}

// forAccount returns the transport for an account; site is the one that the
// site's directive set up, or nil.
func (t *transports) forAccount(a *accounts.Account, site http.RoundTripper) (http.RoundTripper, error) {
	if own := t.own.Load(); own != nil {
		if transport := (*own)[a.Name]; transport != nil {
			return transport, nil
		}
	}
	switch {
	case a.Provider == accounts.DemoProvider:
		return t.demo, nil
	case a.Proxy != "":
		return t.through(a.Proxy)
	case site != nil:
		return site, nil
	}
	return t.direct, nil
}

func (t *transports) through(proxy string) (http.RoundTripper, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if tr, ok := t.proxied[proxy]; ok {
		return tr, nil
	}
	u, err := url.Parse(proxy)
	if err != nil {
		return nil, fmt.Errorf("parsing the account's proxy URL")
	}
	tr := NewTransport()
	tr.Proxy = http.ProxyURL(u)
	if t.proxied == nil {
		t.proxied = make(map[string]*http.Transport)
	}
	t.proxied[proxy] = tr
	return tr, nil
}

func (t *transports) closeIdle() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, tr := range t.proxied {
		tr.CloseIdleConnections()
	}
	if c, ok := t.direct.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}
