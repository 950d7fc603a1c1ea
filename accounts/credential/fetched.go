package credential

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/fairway-gateway/fairway/accounts"
)

// Fetched is a credential whose tokens come from somewhere else that needs nothing to be remembered: a Google service
// account, Application Default Credentials, OAuth 2.0 client credentials, or a command.
type Fetched struct {
	renewal
	shown  string // the fingerprint
	source string // a digest of what the tokens are fetched with
}

func newFetched(shown, source string, fetch func(context.Context) (access, error)) *Fetched {
	f := &Fetched{shown: shown, source: digest(source)}
	f.renewal.timeout = fetchTimeout
	f.renewal.fetch = func(ctx context.Context, _ string) (access, error) { return fetch(ctx) }
	return f
}

// NewClientCredentials returns the credential of an OAuth 2.0 client that acts for itself (RFC 6749, section 4.4), as Microsoft
// Entra's service principals do. cfg needs a client secret and no refresh token.
func NewClientCredentials(cfg OAuthConfig) (*Fetched, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	if cfg.ClientSecret == "" {
		return nil, fmt.Errorf("checking oauth: client_secret is missing")
	}
	client := newClient(cfg.Proxy)
	source := clientcredentials.Config{
		ClientID: cfg.ClientID, ClientSecret: cfg.ClientSecret, TokenURL: cfg.TokenURL, Scopes: cfg.Scopes,
		AuthStyle: cfg.oauth2().Endpoint.AuthStyle,
	}
	return newFetched("oauth:"+digest(cfg.ClientID)[:8], strings.Join([]string{"client credentials", cfg.ClientID, cfg.ClientSecret, cfg.TokenURL,
		cfg.Proxy, strings.Join(cfg.Scopes, " ")}, "\x00"), func(ctx context.Context) (access, error) {
		issued := time.Now().Round(0)
		t, err := source.Token(context.WithValue(ctx, oauth2.HTTPClient, client))
		if err != nil {
			return access{}, ungranted(endpointError(err), "check client_id, client_secret and scopes")
		}
		g := Grant{}.successor(t, issued)
		return g.access(), nil
	}), nil
}

// ungranted words invalid_grant where nobody has logged in.
func ungranted(err error, hint string) error {
	if err == errInvalidGrant {
		return &accounts.CredentialError{Reason: "the token endpoint refused: invalid_grant", Hint: hint}
	}
	return err
}

// Fingerprint names where the tokens come from.
func (f *Fetched) Fingerprint() string { return f.shown }

// Same reports whether the other credential fetches with the same secret from the same place.
func (f *Fetched) Same(other accounts.Credential) bool {
	o, ok := other.(*Fetched)
	return ok && f.source == o.source
}

// String returns the fingerprint.
func (f *Fetched) String() string { return f.shown }

// GoString returns the fingerprint.
func (f *Fetched) GoString() string { return f.shown }

// Format writes the fingerprint whatever the verb.
func (f *Fetched) Format(s fmt.State, _ rune) { io.WriteString(s, f.shown) }

// LogValue is the fingerprint.
func (f *Fetched) LogValue() slog.Value { return slog.StringValue(f.shown) }

// MarshalText writes the fingerprint.
func (f *Fetched) MarshalText() ([]byte, error) { return []byte(f.shown), nil }
