package accounts

import "context"

// Renewer is a credential whose token can be replaced without its owner: OAuth 2.0, Google, a command.
type Renewer interface {
	Credential
	// Renew returns a token in place of one that the upstream has refused, although it seemed good. However many requests
	// had the same token refused, it is replaced once. The error is a [*CredentialError] or the context's.
	Renew(ctx context.Context, refused string) (string, error)
}

// CredentialError says why a credential yields no token. It never holds a secret, nor a token endpoint's own words.
type CredentialError struct {
	// Reason says what is wrong, in words for the owner: "the provider no longer accepts the login (invalid_grant)".
	Reason string
	// Hint is what the owner can do: "run `caddy ai login gemini-me`"; "" when there is nothing.
	Hint string
	// Temporary says that a later try may go well without the owner doing anything.
	Temporary bool
}

// Error returns the reason and the hint.
func (e *CredentialError) Error() string {
	if e.Hint == "" {
		return e.Reason
	}
	return e.Reason + "; " + e.Hint
}
