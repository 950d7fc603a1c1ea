package accounts

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
)

// detail says in a few words what was seen. It quotes the upstream's type and code but never its message, which may repeat
// a part of the key or of the prompt.
func (c clues) detail(o Outcome) string {
	if o == OK || o == Canceled {
		return ""
	}
	var seen []string
	if c.Status > 0 {
		seen = append(seen, "HTTP "+strconv.Itoa(c.Status))
	}
	for _, w := range []string{c.Code, c.Type} {
		if w = identifier(w); w != "" && w != strconv.Itoa(c.Status) {
			seen = append(seen, w)
			break
		}
	}
	if c.FirstFrame {
		seen = append(seen, "as the first event of a stream")
	}
	text := strings.Join(seen, " ")
	hint := ""
	switch {
	case c.Err != nil:
		hint = transportWords(c.Err)
	case c.page:
		hint = "a web page instead of an API answer; check base_url and proxies in between"
	case c.Status >= 300 && c.Status < 400:
		hint = "a redirect, which is not followed; check base_url"
	case o == ModelUnavailable && c.pathMissing():
		hint = "the server has no such path; check base_url and dialect"
	}
	switch {
	case text == "":
		return hint
	case hint == "":
		return text
	}
	return text + ", " + hint
}

// pathMissing tells a 404 on the path from one on the model: the answer is no API error or names the URL.
func (c clues) pathMissing() bool {
	if c.status != http.StatusNotFound && c.status != http.StatusMethodNotAllowed {
		return false
	}
	return c.message == "" || c.status == http.StatusMethodNotAllowed || strings.HasPrefix(c.message, "invalid url") ||
		strings.HasPrefix(c.message, "404 page not found") || c.message == "not found"
}

// identifier returns s if it looks like an error code, else "".
func identifier(s string) string {
	if len(s) > 64 {
		return ""
	}
	for _, r := range s {
		if !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-' || r == '.') {
			return ""
		}
	}
	return s
}

// transportWords names a transport's failure without the URL that its own text repeats.
func transportWords(err error) string {
	var dns *net.DNSError
	var timeout net.Error
	switch {
	case errors.As(err, &dns):
		return "the host name could not be resolved"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "the connection was refused"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "the connection was reset"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "no answer in time"
	}
	return "the connection failed"
}
