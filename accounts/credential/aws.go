package credential

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/fairway-gateway/fairway/accounts"
)

// AWS is an access key of Amazon Web Services, which signs requests (AWS "Signature Version 4 for API requests"). Its secrets
// never leave it.
type AWS struct {
	keys   aws.Credentials
	signer *v4.Signer
}

// NewAWS returns the credential of an access key. session is the token of temporary credentials, "" for lasting ones.
func NewAWS(id, secret, session string) (*AWS, error) {
	id, secret, session = strings.TrimSpace(id), strings.TrimSpace(secret), strings.TrimSpace(session)
	if id == "" || secret == "" {
		return nil, errors.New("reading aws: it needs both access_key_id and secret_access_key")
	}
	if strings.ContainsFunc(id+secret+session, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return nil, errors.New("reading aws: a key contains a space, a line break or a character that no key has")
	}
	return &AWS{keys: aws.Credentials{AccessKeyID: id, SecretAccessKey: secret, SessionToken: session}, signer: v4.NewSigner()}, nil
}

// Token returns "": nothing is sent but signatures.
func (a *AWS) Token(context.Context) (string, error) { return "", nil }

// Sign signs the host, the length and type of the body, and what the signature itself brings; headers that somebody on the
// way may change are left out.
func (a *AWS) Sign(ctx context.Context, r *http.Request, bodyHash, service, region string, at time.Time) error {
	signed := r.WithContext(ctx)
	signed.Header = http.Header{"Content-Type": r.Header["Content-Type"]}
	if err := a.signer.SignHTTP(ctx, a.keys, signed, bodyHash, service, region, at); err != nil {
		return fmt.Errorf("signing request: %w", err)
	}
	for name, values := range signed.Header {
		r.Header[name] = values
	}
	return nil
}

// Fingerprint shows the end of the access key's id, which is no secret.
func (a *AWS) Fingerprint() string {
	id := a.keys.AccessKeyID
	return "aws:…" + id[max(0, len(id)-4):]
}

// Same reports whether the other credential is the same access key.
func (a *AWS) Same(other accounts.Credential) bool {
	o, ok := other.(*AWS)
	return ok && subtle.ConstantTimeCompare([]byte(a.all()), []byte(o.all())) == 1
}

func (a *AWS) all() string {
	return a.keys.AccessKeyID + "\x00" + a.keys.SecretAccessKey + "\x00" + a.keys.SessionToken
}

// String returns the fingerprint.
func (a *AWS) String() string { return a.Fingerprint() }

// GoString returns the fingerprint.
func (a *AWS) GoString() string { return a.Fingerprint() }

// Format writes the fingerprint whatever the verb.
func (a *AWS) Format(s fmt.State, _ rune) { io.WriteString(s, a.Fingerprint()) }

// LogValue is the fingerprint.
func (a *AWS) LogValue() slog.Value { return slog.StringValue(a.Fingerprint()) }

// MarshalText writes the fingerprint.
func (a *AWS) MarshalText() ([]byte, error) { return []byte(a.Fingerprint()), nil }

// Interface guard
var _ accounts.Signer = (*AWS)(nil)
