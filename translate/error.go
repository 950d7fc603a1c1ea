package translate

import (
	"fmt"
	"time"
)

// Error is what went wrong in the neutral form: an upstream's report, or the
// gateway's own answer to a client. Each dialect writes it in its own envelope.
type Error struct {
	Kind    ErrorKind
	Status  int    // the upstream's HTTP status; 0 for the gateway's own
	Type    string // the upstream's own words, "" for the gateway's own
	Code    string
	Param   string // the offending member, in the client's own terms: "messages[2].content"
	Message string // for people; holds no secret

	// RetryAfter is when to try again, as the body tells it (Google's RetryInfo);
	// headers are read elsewhere. 0 when unknown.
	RetryAfter time.Duration

	// NoRetry is set where trying again cannot help: a spent budget.
	NoRetry bool

	// BadState is set where the upstream refuses the reasoning state that the
	// request brings back: without it the request may do.
	BadState bool

	// QuotaIDs are Google's QuotaFailure violations.
	QuotaIDs []string
}

func (e *Error) Error() string {
	if e.Param != "" {
		return fmt.Sprintf("%s: %s", e.Param, e.Message)
	}
	return e.Message
}

// BadRequest returns an Error that blames the client's member param.
func BadRequest(param, format string, args ...any) *Error {
	return &Error{Kind: InvalidRequest, Param: param, Message: fmt.Sprintf(format, args...)}
}

// ErrorKind is what an error means to a client.
type ErrorKind uint8

// The kinds, with the HTTP status that HTTPStatus gives them. Messages renders
// Overloaded as 529 and Billing as 402; the dialects know their own deviations.
const (
	Internal        ErrorKind = iota // 500: the gateway's own fault
	InvalidRequest                   // 400
	ContextTooLong                   // 400: the prompt does not fit the model
	Unauthenticated                  // 401: the client's key
	Forbidden                        // 403
	NotFound                         // 404: the path or the model
	TooLarge                         // 413
	Unsupported                      // 415: the content type
	RateLimited                      // 429
	Billing                          // 429: quota or budget spent
	Overloaded                       // 503
	Unavailable                      // 503: no account can serve
	Upstream                         // 502: the upstream failed or answered nonsense
	Timeout                          // 504
	Truncated                        // 502: the upstream's stream broke off
)

// HTTPStatus is the status of an error of this kind.
func (k ErrorKind) HTTPStatus() int {
	return [...]int{500, 400, 400, 401, 403, 404, 413, 415, 429, 429, 503, 503, 502, 504, 502}[k]
}

// KindOfStatus is the kind that an upstream's bare status speaks of.
func KindOfStatus(status int) ErrorKind {
	switch status {
	case 401:
		return Unauthenticated
	case 402:
		return Billing
	case 403:
		return Forbidden
	case 404:
		return NotFound
	case 408, 504:
		return Timeout
	case 413:
		return TooLarge
	case 415:
		return Unsupported
	case 429:
		return RateLimited
	case 503, 529:
		return Overloaded
	}
	switch {
	case status >= 500:
		return Upstream
	case status >= 400:
		return InvalidRequest
	}
	return Upstream
}
