package inventory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/fairway-gateway/fairway/accounts"
	"github.com/fairway-gateway/fairway/accounts/credential"
)

// OAuthConfig declares an OAuth 2.0 credential. Every value may be a placeholder.
type OAuthConfig struct {
	// ClientID and ClientSecret are those of the owner's own OAuth client; a public client has no secret.
	ClientID     string `json:"client_id,omitzero"`
	ClientSecret string `json:"client_secret,omitzero"`
	// RefreshToken may be left out: then `caddy ai login` brings one.
	RefreshToken string `json:"refresh_token,omitzero"`
	// AuthURL, DeviceURL and TokenURL are the provider's; those that the gateway knows (Google's) need not be given.
	AuthURL   string   `json:"auth_url,omitzero"`
	DeviceURL string   `json:"device_url,omitzero"`
	TokenURL  string   `json:"token_url,omitzero"`
	Scopes    []string `json:"scopes,omitempty"`
	// AuthStyle says how the client names itself to the token endpoint: "post" (in the form, the default) or "basic".
	AuthStyle string `json:"auth_style,omitzero"`
	// Grant is "refresh_token" (the default) or "client_credentials", for a client that acts for itself.
	Grant string `json:"grant,omitzero"`
}

// GoogleConfig declares a Google credential: a credentials file, or Application Default Credentials.
type GoogleConfig struct {
	CredentialsFile string   `json:"credentials_file,omitzero"`
	ADC             bool     `json:"adc,omitzero"`
	Scopes          []string `json:"scopes,omitempty"`
}

// CommandConfig declares a command that prints a token; see credential.CommandConfig.
type CommandConfig struct {
	Args    []string `json:"args"`
	TTL     Duration `json:"ttl,omitzero"`
	Timeout Duration `json:"timeout,omitzero"`
	// Bearer sends the token as Authorization: Bearer, whatever header the provider has for its API keys.
	Bearer bool `json:"bearer,omitzero"`
}

// Option changes how [Build] builds.
type Option func(*builder)

// WithCredentials gives the credentials what they work with: where tokens are kept, and who hears of them. Without it,
// refreshed tokens last as long as the inventory.
func WithCredentials(env credential.Environment) Option {
	return func(b *builder) { b.environment = env }
}

// WithPrevious lets accounts whose credential has not changed keep the one of an earlier inventory, with the tokens that it
// has fetched. inv may be nil.
func WithPrevious(inv *Inventory) Option { return func(b *builder) { b.previous = inv } }

// setCredential sets the account's credential, or says why it cannot be used, and reports whether its token travels as a
// bearer token. value resolves what is written; key is the API key as written.
func (b *builder) setCredential(a *accounts.Account, ac AccountConfig, provider accounts.Provider, what, key string, value valueFunc) (bearer bool) {
	a.Credential = credential.None()
	oauth := ac.OAuth
	if ac.sealed != nil {
		oauth = ac.sealed.oauth
	}
	kinds := make([]string, 0, 4)
	for _, kind := range []struct {
		name  string
		given bool
	}{{"api_key", key != ""}, {"oauth", oauth != nil}, {"google", ac.Google != nil}, {"command", ac.Command != nil}, {"aws", ac.access() != nil}} {
		if kind.given {
			kinds = append(kinds, kind.name)
		}
	}
	if len(kinds) > 1 {
		b.failf(ac.Pos, what, "it has more than one credential: %s", strings.Join(kinds, ", "))
		return false
	}
	var made accounts.Credential
	var err error
	switch {
	case oauth != nil:
		bearer = true
		made, err = b.oauth(a, *oauth, provider, value, func(format string, args ...any) { b.failf(ac.Pos, what, format, args...) })
	case ac.Google != nil:
		bearer = true
		cfg := credential.GoogleConfig{File: value("credentials_file", ac.Google.CredentialsFile), Default: ac.Google.ADC,
			Scopes: slices.Clone(ac.Google.Scopes), Proxy: a.Proxy}
		if ac.Google.ADC == (ac.Google.CredentialsFile != "") {
			b.failf(ac.Pos, what, "google needs either credentials_file or adc")
			return
		}
		if a.Unusable == "" {
			made, err = present(credential.NewGoogle(cfg))
		}
	case ac.access() != nil:
		c := ac.access()
		id, secret := value("access_key_id", c.AccessKeyID), value("secret_access_key", c.SecretAccessKey)
		session := value("session_token", c.SessionToken)
		if a.Unusable == "" {
			made, err = present(credential.NewAWS(id, secret, session))
		}
	case ac.Command != nil:
		bearer = ac.Command.Bearer
		cfg := credential.CommandConfig{TTL: ac.Command.TTL.std(), Timeout: ac.Command.Timeout.std()}
		for i, arg := range ac.Command.Args {
			cfg.Args = append(cfg.Args, value(fmt.Sprintf("argument %d of command", i), arg))
		}
		if a.Unusable == "" {
			made, err = present(credential.NewCommand(cfg))
		}
	default:
		secret := value("api_key", key)
		switch {
		case secret != "":
			made, err = present(credential.NewKey(secret))
		case key == "" && a.Unusable == "" && !provider.KeyOptional:
			a.Unusable = "it has no api_key"
		}
	}
	if err != nil {
		a.Unusable = cmp.Or(a.Unusable, err.Error())
	}
	if made != nil {
		a.Credential = made
		if b.previous == nil {
			return bearer
		}
		if old := b.previous.Account(a.Name); old != nil && old.Credential.Same(made) {
			a.Credential = old.Credential
		}
	}
	return bearer
}

// present keeps a nil pointer from becoming a credential.
func present[C accounts.Credential](c C, err error) (accounts.Credential, error) {
	if err != nil {
		return nil, err
	}
	return c, nil
}

// valueFunc resolves a value; one that is not there makes the account unusable.
type valueFunc func(name, written string) string

// oauth makes an OAuth credential. There is one even where nobody has logged in, so that it can tell when somebody has.
func (b *builder) oauth(a *accounts.Account, c OAuthConfig, provider accounts.Provider, value valueFunc, failf func(string, ...any)) (accounts.Credential, error) {
	cfg := credential.OAuthConfig{
		ClientID: value("client_id", c.ClientID), ClientSecret: value("client_secret", c.ClientSecret),
		RefreshToken: value("refresh_token", c.RefreshToken), AuthURL: value("auth_url", c.AuthURL),
		DeviceURL: value("device_url", c.DeviceURL), TokenURL: value("token_url", c.TokenURL),
		Scopes: slices.Clone(c.Scopes), Proxy: a.Proxy,
	}
	if known := provider.OAuth; known != nil && cfg.TokenURL == "" {
		cfg.TokenURL = known.TokenURL
		cfg.AuthURL, cfg.DeviceURL = cmp.Or(cfg.AuthURL, known.AuthURL), cmp.Or(cfg.DeviceURL, known.DeviceURL)
		cfg.AuthParams = known.AuthParams
		if len(cfg.Scopes) == 0 {
			cfg.Scopes = known.Scopes
		}
	}
	switch c.AuthStyle {
	case "", "post":
	case "basic":
		cfg.BasicAuth = true
	default:
		failf("oauth: auth_style %s is neither post nor basic", quote(c.AuthStyle))
	}
	if a.Unusable != "" {
		return nil, errors.New(a.Unusable)
	}
	switch c.Grant {
	case "", "refresh_token":
		made, err := credential.NewOAuth(a.Name, cfg, b.environment)
		if made == nil {
			return nil, err
		}
		return made, err
	case "client_credentials":
		return present(credential.NewClientCredentials(cfg))
	}
	failf("oauth: grant %s is neither refresh_token nor client_credentials", quote(c.Grant))
	return nil, nil
}

// LoginChanged reports whether somebody has logged in to an account since the inventory was built, so that it should be built
// anew.
func (inv *Inventory) LoginChanged(ctx context.Context) bool {
	return slices.ContainsFunc(inv.accounts, func(a *accounts.Account) bool {
		login, ok := a.Credential.(*credential.OAuth)
		return ok && login.LoginChanged(ctx)
	})
}

// HasLogins reports whether there are accounts to which people log in.
func (inv *Inventory) HasLogins() bool {
	return slices.ContainsFunc(inv.accounts, func(a *accounts.Account) bool {
		_, ok := a.Credential.(*credential.OAuth)
		return ok
	})
}

// asBearer returns the endpoints with the token sent as RFC 6750 has it, in place of an API key.
func asBearer(endpoints []accounts.Endpoint) []accounts.Endpoint {
	out := slices.Clone(endpoints)
	for i := range out {
		out[i].Auth = accounts.AuthScheme{Header: "Authorization", Prefix: "Bearer "}
	}
	return out
}
