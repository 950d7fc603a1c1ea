package accounts

import (
	"fmt"
	"net/http"
	"time"
)

// Outcome is what an attempt came to. The zero value means "not judged" and changes nothing.
type Outcome uint8

// The outcomes.
const (
	OK                Outcome = iota + 1 // 2xx and a clean end; clears cool-downs
	CallerFault                          // the request itself is wrong; the error is the client's
	RateLimited                          // a per-minute limit
	QuotaExhausted                       // no money, or a daily or spend limit
	Overloaded                           // the provider has no capacity just now
	Transient                            // a failure of the server or of the way to it
	CredentialInvalid                    // the key is wrong, expired or revoked
	PermissionDenied                     // the key is good but may not do this
	ModelUnavailable                     // the account does not have this model
	BrokenStream                         // the stream ended without a clean end after its first byte
	Canceled                             // the client left

	outcomes // the number of outcomes plus one
)

// NumOutcomes bounds an array that is indexed by [Outcome].
const NumOutcomes = int(outcomes)

var outcomeNames = [NumOutcomes]string{
	"", "ok", "caller_fault", "rate_limited", "quota_exhausted", "overloaded", "transient", "credential_invalid",
	"permission_denied", "model_unavailable", "broken_stream", "canceled",
}

// String returns the outcome's name as in configuration and logs, "" for the zero value.
func (o Outcome) String() string {
	if int(o) < NumOutcomes {
		return outcomeNames[o]
	}
	return ""
}

// MarshalText writes [Outcome.String].
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText reads what [Outcome.MarshalText] writes.
func (o *Outcome) UnmarshalText(text []byte) error {
	parsed, ok := ParseOutcome(string(text))
	if !ok && len(text) > 0 {
		return fmt.Errorf("reading an outcome: there is none called %q", text)
	}
	*o = parsed
	return nil
}

// ParseOutcome is the inverse of [Outcome.String].
func ParseOutcome(name string) (Outcome, bool) {
	for o := OK; o < outcomes; o++ {
		if outcomeNames[o] == name {
			return o, true
		}
	}
	return 0, false
}

// Retryable reports whether another account may be tried after this outcome, as long as no byte has gone to the client.
func (o Outcome) Retryable() bool {
	switch o {
	case RateLimited, QuotaExhausted, Overloaded, Transient, CredentialInvalid, PermissionDenied, ModelUnavailable:
		return true
	}
	return false
}

// Sign is what could be seen of an attempt: status, headers and the error that the upstream's dialect spells out. Fields
// that the dialect does not have stay zero.
type Sign struct {
	// Status is the HTTP status, 0 when no response came.
	Status int
	// Type is error.type (OpenAI, Anthropic) or error.status (Gemini), Code is error.code or error.details.error_code
	// (Anthropic) or the reason of a google.rpc.ErrorInfo, Message is the human text.
	Type, Code, Message string
	// Header is the response's header; may be nil.
	Header http.Header
	// RetryAfter is a delay from the body (google.rpc.RetryInfo), 0 if none.
	RetryAfter time.Duration
	// NoRetry says that the body or x-should-retry rules a quick retry out.
	NoRetry bool
	// QuotaIDs are the quotaId values of google.rpc.QuotaFailure violations.
	QuotaIDs []string
	// Err is the transport's error, if there was no response or its body broke. With a 2xx status it means a stream that
	// broke after its first byte, unless FirstFrame is set.
	Err error
	// FirstFrame says that the status promised success, but the first frame of the stream was the error, or never came.
	FirstFrame bool
}

// Verdict is a judged attempt: what the pool is told when a lease is released.
type Verdict struct {
	Outcome Outcome
	// Until is the provider's own reset time, zero if it gave none; never more than [MaxCooldown] ahead.
	Until time.Time
	// Account says that the whole account is affected rather than account × model. Transient, broken_stream and
	// credential_invalid always affect the whole account, whatever this says.
	Account bool
	// Detail is one short sentence for people, without secrets and without the upstream's own text.
	Detail string
	// Limits are what the provider said of its limits along with an error.
	Limits []Limit
	// MayBeBilled says that the request had been sent whole when the connection failed, so that the provider may charge for
	// it.
	MayBeBilled bool
}
