package credential

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// Browser logs in with a browser on this machine. open is given the URL to open; the provider sends the browser back to a
// server that listens on this machine alone, at redirect (default: [DefaultRedirect]; port 0 is a free one), until the login
// has succeeded or failed, or ctx ends.
func (l *Login) Browser(ctx context.Context, redirect string, open func(url string)) error {
	u, err := checkRedirect(redirect)
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", u.Host)
	if err != nil {
		return fmt.Errorf("listening for the browser: %w", err)
	}
	defer listener.Close()
	if _, port, err := net.SplitHostPort(listener.Addr().String()); err == nil {
		u.Host = net.JoinHostPort(u.Hostname(), port)
	}
	address, r, err := l.begin(u.String())
	if err != nil {
		return err
	}
	done := make(chan error, 1)
	server := &http.Server{
		Handler:           &callback{login: l, request: r, at: u, done: done},
		ReadHeaderTimeout: 10 * time.Second,
		MaxHeaderBytes:    64 << 10,
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	defer func() {
		// The browser gets its page before the server goes.
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		if server.Shutdown(closing) != nil {
			server.Close()
		}
		<-served
	}()
	open(address)
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("waiting for the browser: %w", context.Cause(ctx))
	}
}

// callback answers the browser that the provider has sent back.
type callback struct {
	login   *Login
	request request
	at      *url.URL
	done    chan error
	once    sync.Once // a code can be used once, however often the page is loaded
	err     error
}

// ServeHTTP takes the first answer that belongs to the login. Others, which any web page could send, change nothing.
func (c *callback) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Connection", "close")
	if r.Host != c.at.Host || r.URL.Path != c.at.Path || r.Method != http.MethodGet {
		http.NotFound(w, r)
		return
	}
	answer := r.URL.Query()
	if !c.request.matches(answer) {
		w.WriteHeader(http.StatusBadRequest)
		io.WriteString(w, errState.Error()+"\n")
		return
	}
	c.once.Do(func() {
		// The code is used up even if the browser goes away meanwhile.
		c.err = c.login.finish(context.WithoutCancel(r.Context()), c.request, answer)
		c.done <- c.err
	})
	if c.err != nil {
		w.WriteHeader(http.StatusBadRequest)
		io.WriteString(w, "The login has failed. The terminal says why.\n")
	} else {
		io.WriteString(w, "You are logged in. You can close this page.\n")
	}
}
