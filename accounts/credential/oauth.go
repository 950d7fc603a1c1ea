package credential

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/fairway-gateway/fairway/accounts"
)

// OAuthConfig is an OAuth 2.0 client of the owner's own, and where its provider answers.
type OAuthConfig struct {
	ClientID     string
	ClientSecret string // "" for a public client
	// RefreshToken is what the configuration gives; "" if a login is to bring it.
	RefreshToken string
	// AuthURL is where the owner agrees, DeviceURL where a device asks, TokenURL where tokens come from. A login needs one
	// of the first two. They are https, but for loopback addresses.
	AuthURL, DeviceURL, TokenURL string
	Scopes                       []string
	// AuthParams are added to AuthURL, for what a provider wants beyond the standard.
	AuthParams map[string]string
	// BasicAuth sends the client's id and secret in an Authorization header (client_secret_basic of RFC 6749, section
	// 2.3.1) in place of the form. Which one to use is not tried out: a second request could present a single-use refresh
	// token twice.
	BasicAuth bool
	// Proxy is the URL of an outbound proxy for the token endpoint, "" for the process's default.
	Proxy string
}

// Environment is what credentials work with.
type Environment struct {
	// Store keeps what must last; default: a [MemoryStore] of the credential's own.
	Store TokenStore
	// Log hears of refreshed and refused logins; default: nothing does.
	Log *slog.Logger
}

func (e Environment) withDefaults() Environment {
	if e.Store == nil {
		e.Store = new(MemoryStore)
	}
	if e.Log == nil {
		e.Log = slog.New(slog.DiscardHandler)
	}
	return e
}

// OAuth is an OAuth 2.0 login. Its access token is refreshed ahead of its end, by one request at a time among all that share
// the token store; a rotated refresh token is stored before the access token that came with it is used.
type OAuth struct {
	renewal
	account string
	cfg     OAuthConfig
	env     Environment
	client  *http.Client
	began   string // the ID of the grant that was there at first, "" if there was none

	// What only a fetch touches, and fetches follow one after the other.
	unsaved *Grant // a rotated grant that could not be stored yet
	dead    string // the refresh token that the provider has refused
	died    time.Time
}

// How long the token endpoint may take, a refresh with all its waiting, and how long a refused refresh token is not presented
// again (it may have been refused in error).
const (
	endpointTimeout = 30 * time.Second
	fetchTimeout    = 45 * time.Second
	deadFor         = 14 * time.Minute // less than the 15 minutes after which the pool probes an account
)

// NewOAuth returns the credential of an account. Beside it, or in its place, there may be a [*accounts.CredentialError] that
// says why it cannot be used yet; then [OAuth.LoginChanged] tells when that may be over.
func NewOAuth(account string, cfg OAuthConfig, env Environment) (*OAuth, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	o := &OAuth{account: account, cfg: cfg, env: env.withDefaults(), client: newClient(cfg.Proxy)}
	o.renewal.fetch, o.renewal.timeout = o.fetch, fetchTimeout
	g, err := o.load(context.Background())
	if err != nil {
		return o, err
	}
	o.began = g.ID
	if a := g.access(); a.token != "" {
		o.current.Store(&a)
	}
	return o, nil
}

func (c OAuthConfig) check() error {
	if c.ClientID == "" {
		return errors.New("checking oauth: client_id is missing; register an OAuth client of your own with the provider")
	}
	if c.TokenURL == "" {
		return errors.New("checking oauth: token_url is missing, and the provider has none of its own")
	}
	for _, u := range []struct{ name, url string }{{"auth_url", c.AuthURL}, {"device_url", c.DeviceURL}, {"token_url", c.TokenURL}} {
		if u.url == "" {
			continue
		}
		if err := checkEndpointURL(u.url); err != nil {
			return fmt.Errorf("checking oauth: %s %w", u.name, err)
		}
	}
	return nil
}

// checkEndpointURL refuses to send secrets in the clear, but to this machine.
func checkEndpointURL(raw string) error {
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.Fragment != "":
		return errors.New("is no valid URL (write it like https://auth.example.com/oauth/token)")
	case u.Scheme == "https", u.Scheme == "http" && isLoopback(u.Hostname()):
		return nil
	}
	return errors.New("must begin with https://")
}

// oauth2 is the configuration in the library's terms.
func (c OAuthConfig) oauth2() *oauth2.Config {
	style := oauth2.AuthStyleInParams
	if c.BasicAuth {
		style = oauth2.AuthStyleInHeader
	}
	return &oauth2.Config{
		ClientID: c.ClientID, ClientSecret: c.ClientSecret, Scopes: c.Scopes,
		Endpoint: oauth2.Endpoint{AuthURL: c.AuthURL, DeviceAuthURL: c.DeviceURL, TokenURL: c.TokenURL, AuthStyle: style},
	}
}

// load returns the grant that is to be used now.
func (o *OAuth) load(ctx context.Context) (Grant, error) {
	saved, err := o.env.Store.Load(ctx, o.account)
	if err != nil && !errors.Is(err, ErrNoGrant) {
		return Grant{}, temporary(err.Error())
	}
	stored := err == nil
	seed := digest(o.cfg.RefreshToken)
	ours := stored && saved.ClientID == o.cfg.ClientID && saved.TokenURL == o.cfg.TokenURL
	switch {
	case ours && (seed == "" || seed == saved.Seed):
		return saved, nil
	case seed != "":
		return Grant{ID: seed, Generation: saved.Generation, ClientID: o.cfg.ClientID, TokenURL: o.cfg.TokenURL,
			Seed: seed, RefreshToken: o.cfg.RefreshToken}, nil
	case stored:
		return Grant{}, &accounts.CredentialError{Reason: "the stored login belongs to another client_id or token_url", Hint: o.hint()}
	}
	return Grant{}, &accounts.CredentialError{Reason: "nobody has logged in to it yet", Hint: o.hint()}
}

func (o *OAuth) hint() string { return "run `caddy ai login " + o.account + "`" }

// fetch refreshes the access token, unless somebody else who shares the store has done so already.
func (o *OAuth) fetch(ctx context.Context, refused string) (access, error) {
	unlock, err := o.env.Store.Lock(ctx, o.account)
	if err != nil {
		o.env.Log.Warn("locking the stored token failed", "account", o.account, "error", err)
		return access{}, temporary("the stored token could not be locked")
	}
	defer unlock()
	g, err := o.load(ctx)
	if err != nil {
		return access{}, err
	}
	if o.unsaved != nil {
		if o.unsaved.Generation != g.Generation+1 {
			o.unsaved = nil // somebody has logged in meanwhile
		} else if g, err = o.save(ctx, *o.unsaved); err != nil {
			return access{}, err
		}
	}
	a := g.access()
	if usable, ageing := a.left(time.Now()); usable && !ageing && a.token != refused {
		return a, nil
	}
	if o.dead != "" && o.dead == g.RefreshToken && time.Since(o.died) < deadFor {
		return access{}, o.refused()
	}
	next, err := o.refresh(ctx, g)
	if errors.Is(err, errInvalidGrant) {
		// Somebody who did not hold the lock may have rotated it.
		again, loading := o.load(ctx)
		if loading == nil && again.RefreshToken != g.RefreshToken {
			g = again
			next, err = o.refresh(ctx, g)
		}
	}
	if errors.Is(err, errInvalidGrant) {
		o.dead, o.died = g.RefreshToken, time.Now()
		o.env.Log.Warn("the provider no longer accepts the login", "account", o.account, "hint", o.hint())
		return access{}, o.refused()
	}
	if err != nil {
		return access{}, err
	}
	rotated := next.RefreshToken != g.RefreshToken
	if _, err := o.save(ctx, next); err != nil {
		if rotated {
			o.unsaved = &next
			return access{}, err
		}
		// Nothing is lost if only the access token is forgotten.
	}
	o.dead = ""
	o.env.Log.Debug("access token refreshed", "account", o.account, "expiry", next.Expiry, "rotated", rotated)
	return next.access(), nil
}

func (o *OAuth) refused() error {
	return &accounts.CredentialError{Reason: "the provider no longer accepts the login (invalid_grant)", Hint: o.hint()}
}

// refresh trades a refresh token for an access token.
func (o *OAuth) refresh(ctx context.Context, g Grant) (Grant, error) {
	issued := time.Now().Round(0) // the token may have begun to age before its answer arrives
	ctx = context.WithValue(ctx, oauth2.HTTPClient, o.client)
	t, err := o.cfg.oauth2().TokenSource(ctx, &oauth2.Token{RefreshToken: g.RefreshToken}).Token()
	if err != nil {
		return Grant{}, endpointError(err)
	}
	return g.successor(t, issued), nil
}

// successor is the grant after a token endpoint's answer.
func (g Grant) successor(t *oauth2.Token, issued time.Time) Grant {
	g.Generation++
	g.RefreshToken = cmp.Or(t.RefreshToken, g.RefreshToken)
	g.AccessToken, g.Issued, g.Expiry = t.AccessToken, issued, time.Time{}
	if t.ExpiresIn > 0 {
		g.Expiry = issued.Add(time.Duration(t.ExpiresIn) * time.Second)
	} else if !t.Expiry.IsZero() {
		g.Expiry = t.Expiry.Round(0)
	}
	return g
}

// save stores a grant, which must be done before a rotated one is used.
func (o *OAuth) save(ctx context.Context, g Grant) (Grant, error) {
	if err := o.env.Store.Save(ctx, o.account, g); err != nil {
		o.env.Log.Error("storing a refreshed token failed", "account", o.account, "error", err)
		return g, &accounts.CredentialError{Reason: "the refreshed token could not be stored: " + err.Error(), Temporary: true}
	}
	o.unsaved = nil
	return g, nil
}

// LoginChanged reports whether there is another login than the one with which the credential began, so that an account that
// waited for one can be used. It reads the store.
func (o *OAuth) LoginChanged(ctx context.Context) bool {
	g, err := o.load(ctx)
	return err == nil && g.ID != o.began
}

// Fingerprint names the login.
func (o *OAuth) Fingerprint() string {
	if o.began == "" {
		return ""
	}
	return "oauth:" + digest(o.cfg.ClientID + o.began)[:8]
}

// Same reports whether the other credential is the same login of the same client.
func (o *OAuth) Same(other accounts.Credential) bool {
	p, ok := other.(*OAuth)
	return ok && (o == p || o.began == p.began && o.account == p.account && o.cfg.equal(p.cfg))
}

func (c OAuthConfig) equal(d OAuthConfig) bool {
	return c.ClientID == d.ClientID && c.ClientSecret == d.ClientSecret && c.RefreshToken == d.RefreshToken &&
		c.TokenURL == d.TokenURL && c.BasicAuth == d.BasicAuth && c.Proxy == d.Proxy && slices.Equal(c.Scopes, d.Scopes)
}

// String returns the fingerprint.
func (o *OAuth) String() string { return o.Fingerprint() }

// GoString returns the fingerprint.
func (o *OAuth) GoString() string { return o.Fingerprint() }

// Format writes the fingerprint whatever the verb.
func (o *OAuth) Format(s fmt.State, _ rune) { io.WriteString(s, o.Fingerprint()) }

// LogValue is the fingerprint.
func (o *OAuth) LogValue() slog.Value { return slog.StringValue(o.Fingerprint()) }

// MarshalText writes the fingerprint.
func (o *OAuth) MarshalText() ([]byte, error) { return []byte(o.Fingerprint()), nil }

// String names the client without its secrets.
func (c OAuthConfig) String() string { return "oauth client " + strings.TrimSpace(c.ClientID) }

// Format writes [OAuthConfig.String] whatever the verb.
func (c OAuthConfig) Format(s fmt.State, _ rune) { io.WriteString(s, c.String()) }

// LogValue is [OAuthConfig.String].
func (c OAuthConfig) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalText writes [OAuthConfig.String].
func (c OAuthConfig) MarshalText() ([]byte, error) { return []byte(c.String()), nil }
