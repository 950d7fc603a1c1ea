package credential

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"golang.org/x/oauth2"

	"github.com/fairway-gateway/fairway/accounts"
)

// errInvalidGrant is RFC 6749's invalid_grant: the refresh token is expired, revoked, used up or of another client.
var errInvalidGrant = errors.New("invalid_grant")

// endpointError makes of a token endpoint's failure what may be shown. The endpoint's own words stay out: they may repeat
// what was sent.
func endpointError(err error) error {
	var answer *oauth2.RetrieveError
	if !errors.As(err, &answer) {
		return temporary("the token endpoint " + transportWords(err))
	}
	status := 0
	if answer.Response != nil {
		status = answer.Response.StatusCode
	}
	busy := status == http.StatusTooManyRequests || status == http.StatusRequestTimeout || status >= 500
	code := answer.ErrorCode
	if code == "" {
		code = errorCode(answer.Body)
	}
	code = identifier(code)
	switch {
	case busy:
		return temporary(fmt.Sprintf("the token endpoint answered HTTP %d", status))
	case code == "invalid_grant":
		return errInvalidGrant
	case code == "temporarily_unavailable", code == "server_error", code == "slow_down":
		return temporary("the token endpoint answered " + code)
	case code == "invalid_client", code == "unauthorized_client":
		return &accounts.CredentialError{Reason: "the token endpoint does not accept the client (" + code + ")",
			Hint: "check client_id and client_secret, and whether auth_style must be \"basic\""}
	case code != "":
		return &accounts.CredentialError{Reason: "the token endpoint refused: " + code}
	case status == http.StatusBadRequest, status == http.StatusUnauthorized:
		return &accounts.CredentialError{Reason: fmt.Sprintf("the token endpoint answered HTTP %d", status), Hint: "check token_url, client_id and client_secret"}
	}
	return temporary(fmt.Sprintf("the token endpoint answered HTTP %d without an OAuth error; check token_url and proxies in between", status))
}

// errorCode reads RFC 6749's `error` where the library has left it in the body.
func errorCode(body []byte) string {
	var answer struct {
		Error string `json:"error"`
	}
	if json.Unmarshal(body, &answer) != nil {
		return ""
	}
	return answer.Error
}

// identifier returns s if it looks like an error code, else a word for one that does not.
func identifier(s string) string {
	if len(s) > 64 || strings.ContainsFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-' || r == '.')
	}) {
		return "an unknown error"
	}
	return s
}

// transportWords names a failure of the way there without the URL that its own text repeats.
func transportWords(err error) string {
	var dns *net.DNSError
	var timeout net.Error
	var request *url.Error
	switch {
	case errors.As(err, &dns):
		return "could not be found: its host name was not resolved"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "did not answer in time"
	case errors.As(err, &request):
		return "could not be reached"
	}
	return "could not be reached, or gave no proper answer"
}

// newClient returns the client for token endpoints. It follows no redirects, as the credential is for one host alone, and
// keeps no connections, as it is used once an hour.
func newClient(proxy string) *http.Client {
	t := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		TLSHandshakeTimeout:   10 * time.Second,
		ForceAttemptHTTP2:     true,
		DisableKeepAlives:     true,
		ResponseHeaderTimeout: endpointTimeout,
	}
	if u, err := url.Parse(proxy); proxy != "" && err == nil {
		t.Proxy = http.ProxyURL(u)
	}
	return &http.Client{
		Transport:     t,
		Timeout:       endpointTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}
