package credential

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"
)

// Grant is what a provider has granted to an account: the refresh token, the access token that came with it, and what both
// are bound to. It is what has to last; see [TokenStore].
type Grant struct {
	// ID tells one login from the next. Refreshing keeps it, however often the refresh token is rotated.
	ID string
	// Generation counts the grants that were saved for the account, from 1.
	Generation int64
	// ClientID and TokenURL are those that the grant was made for; it is never presented to others.
	ClientID, TokenURL string
	// Seed is the [digest] of the refresh token that the configuration held when the grant began, "" if it held none. A
	// configuration that holds another one means a new beginning.
	Seed string
	// RefreshToken may be single-use: then each refresh replaces it.
	RefreshToken string
	// AccessToken is good from Issued until Expiry; a zero Expiry is unknown.
	AccessToken    string
	Issued, Expiry time.Time
}

// String names the grant without its secrets.
func (g Grant) String() string { return fmt.Sprintf("grant %s, generation %d", g.ID, g.Generation) }

// GoString is [Grant.String].
func (g Grant) GoString() string { return g.String() }

// Format writes [Grant.String] whatever the verb.
func (g Grant) Format(s fmt.State, _ rune) { io.WriteString(s, g.String()) }

// LogValue is [Grant.String].
func (g Grant) LogValue() slog.Value { return slog.StringValue(g.String()) }

// MarshalText writes [Grant.String], so that no encoder can spell out a secret.
func (g Grant) MarshalText() ([]byte, error) { return []byte(g.String()), nil }

// access is the grant's access token.
func (g Grant) access() access { return access{g.AccessToken, g.Issued, g.Expiry} }

// digest names a secret without revealing it.
func digest(secret string) string {
	if secret == "" {
		return ""
	}
	sum := sha256.Sum256([]byte("fairway grant\x00" + secret))
	return hex.EncodeToString(sum[:12])
}

// ErrNoGrant is the error of [TokenStore.Load] when nothing has been saved for an account, and ErrStale that of
// [TokenStore.Save] when somebody else has saved another grant meanwhile.
var (
	ErrNoGrant = errors.New("nothing is stored for the account")
	ErrStale   = errors.New("the stored grant has changed meanwhile")
)

// TokenStore keeps grants by account name. It is shared by all gateways that use the same accounts.
type TokenStore interface {
	// Load returns what was saved last, or [ErrNoGrant].
	Load(ctx context.Context, account string) (Grant, error)
	// Save replaces a grant by its successor, whose Generation must be greater by one (1 for the first), else it is
	// [ErrStale]. When it returns nil, the grant outlives the process and the machine's sudden end.
	Save(ctx context.Context, account string, g Grant) error
	// Lock keeps all others that share the store from refreshing the account until unlock is called or the process ends.
	// It waits until it can, or ctx ends.
	Lock(ctx context.Context, account string) (unlock func(), err error)
}

// MemoryStore is a [TokenStore] that lasts as long as the process. The zero value is ready to use.
type MemoryStore struct {
	mu     sync.Mutex
	grants map[string]Grant
	locks  map[string]chan struct{}
}

// Load implements [TokenStore].
func (m *MemoryStore) Load(_ context.Context, account string) (Grant, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	g, ok := m.grants[account]
	if !ok {
		return Grant{}, ErrNoGrant
	}
	return g, nil
}

// Save implements [TokenStore].
func (m *MemoryStore) Save(_ context.Context, account string, g Grant) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.grants[account].Generation+1 != g.Generation {
		return ErrStale
	}
	if m.grants == nil {
		m.grants = make(map[string]Grant)
	}
	m.grants[account] = g
	return nil
}

// Lock implements [TokenStore].
func (m *MemoryStore) Lock(ctx context.Context, account string) (func(), error) {
	m.mu.Lock()
	if m.locks == nil {
		m.locks = make(map[string]chan struct{})
	}
	lock := m.locks[account]
	if lock == nil {
		lock = make(chan struct{}, 1)
		m.locks[account] = lock
	}
	m.mu.Unlock()
	select {
	case lock <- struct{}{}:
		return func() { <-lock }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
