package accounts

import (
	"context"
	"net/http"
	"time"
)

// Signer is a credential that signs requests in place of sending a token: its Token is "".
type Signer interface {
	Credential
	// Sign adds a signature to the request's headers, over those of its headers that it needs, its URL and its body, whose
	// SHA-256 digest bodyHash is in hexadecimal. service and region are the scope of the signature.
	Sign(ctx context.Context, r *http.Request, bodyHash, service, region string, at time.Time) error
}
