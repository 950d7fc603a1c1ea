// Package credential holds the kinds of credential that an account may have.
package credential

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"unicode/utf8"

	"github.com/fairway-gateway/fairway/accounts"
	"github.com/go-json-experiment/json"
)

// Key is a static API key. Its secret leaves it by [Key.Token] alone.
type Key struct{ secret string }

// None is the credential of an account whose provider wants none.
func None() *Key { return &Key{} }

// NewKey returns a key, after removing surrounding white space. It refuses a key that could not stand in a header.
func NewKey(value string) (*Key, error) {
	value = strings.TrimSpace(value)
	if value == "" {
		return nil, errors.New("reading API key: it is empty")
	}
	for _, r := range value {
		if r <= ' ' || r >= 0x7f {
			return nil, errors.New("reading API key: it contains a space, a line break or a character that no key has")
		}
	}
	return &Key{secret: value}, nil
}

// Token returns the key, "" for [None].
func (k *Key) Token(context.Context) (string, error) { return k.secret, nil }

// Fingerprint shows a key's vendor prefix and its last four characters ("sk-…a1b2"), and of a key that is too short for
// that only its length class, so that at least twelve characters always stay unknown.
func (k *Key) Fingerprint() string {
	const shown, hidden = 4, 12
	n := utf8.RuneCountInString(k.secret)
	switch {
	case n == 0:
		return ""
	case n < shown+hidden:
		return "…"
	}
	prefix := ""
	if i := strings.IndexByte(k.secret, '-'); i > 0 && i <= shown && n >= i+1+shown+hidden {
		prefix = k.secret[:i+1]
	}
	return prefix + "…" + k.secret[len(k.secret)-shown:]
}

// Same reports whether the other credential is the same key.
func (k *Key) Same(other accounts.Credential) bool {
	o, ok := other.(*Key)
	return ok && subtle.ConstantTimeCompare([]byte(k.secret), []byte(o.secret)) == 1
}

// String returns the fingerprint.
func (k *Key) String() string { return k.Fingerprint() }

// GoString returns the fingerprint.
func (k *Key) GoString() string { return k.Fingerprint() }

// Format writes the fingerprint whatever the verb, as %d would spell out the field.
func (k *Key) Format(s fmt.State, _ rune) { io.WriteString(s, k.Fingerprint()) }

// LogValue is the fingerprint.
func (k *Key) LogValue() slog.Value { return slog.StringValue(k.Fingerprint()) }

// MarshalJSON writes the fingerprint.
func (k *Key) MarshalJSON() ([]byte, error) { return json.Marshal(k.Fingerprint()) }
