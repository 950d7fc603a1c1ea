package credential

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/fairway-gateway/fairway/accounts"
)

// Login asks an account's owner to agree, and stores what the provider then grants. The browser, a device code and a pasted
// URL are three ways to the same end.
type Login struct {
	account string
	cfg     OAuthConfig
	store   TokenStore
	client  *http.Client
}

// Login returns a login to the credential's account. It works with the owner's own OAuth client.
func (o *OAuth) Login() *Login {
	return &Login{account: o.account, cfg: o.cfg, store: o.env.Store, client: o.client}
}

// CanBrowse and CanDevice report whether the provider's URLs for [Login.Browser] (and [Login.Paste]) and for [Login.Device]
// are known.
func (l *Login) CanBrowse() bool { return l.cfg.AuthURL != "" }

// CanDevice is described at [Login.CanBrowse].
func (l *Login) CanDevice() bool { return l.cfg.DeviceURL != "" }

// request is an authorization request under way (RFC 6749, section 4.1, with the PKCE of RFC 7636).
type request struct {
	redirect, state, nonce, verifier string
}

// begin returns the URL at which the owner agrees.
func (l *Login) begin(redirect string) (string, request, error) {
	if !l.CanBrowse() {
		return "", request{}, errors.New("logging in: auth_url is missing, and the provider has none of its own")
	}
	r := request{redirect: redirect, state: rand.Text(), verifier: oauth2.GenerateVerifier()}
	cfg := l.cfg.oauth2()
	cfg.RedirectURL = redirect
	options := []oauth2.AuthCodeOption{oauth2.S256ChallengeOption(r.verifier)}
	for _, name := range slices.Sorted(maps.Keys(l.cfg.AuthParams)) {
		options = append(options, oauth2.SetAuthURLParam(name, l.cfg.AuthParams[name]))
	}
	if l.identifies() {
		r.nonce = rand.Text()
		options = append(options, oauth2.SetAuthURLParam("nonce", r.nonce))
	}
	return cfg.AuthCodeURL(r.state, options...), r, nil
}

// identifies reports whether an ID token comes with the grant (OpenID Connect).
func (l *Login) identifies() bool { return slices.Contains(l.cfg.Scopes, "openid") }

var errState = errors.New("logging in: the answer belongs to another login (its state does not match); start again")

// matches reports whether an answer belongs to the request.
func (r request) matches(answer url.Values) bool {
	return subtle.ConstantTimeCompare([]byte(answer.Get("state")), []byte(r.state)) == 1
}

// finish takes the provider's answer, as it stands in the query of the redirect.
func (l *Login) finish(ctx context.Context, r request, answer url.Values) error {
	if !r.matches(answer) {
		return errState
	}
	if code := answer.Get("error"); code != "" {
		return fmt.Errorf("logging in: the provider refused (%s)", identifier(code))
	}
	code := answer.Get("code")
	if code == "" {
		return errors.New("logging in: the provider's answer holds no code")
	}
	cfg := l.cfg.oauth2()
	cfg.RedirectURL = r.redirect
	issued := time.Now().Round(0)
	t, err := cfg.Exchange(context.WithValue(ctx, oauth2.HTTPClient, l.client), code, oauth2.VerifierOption(r.verifier))
	if err != nil {
		return fmt.Errorf("logging in: %w", ungranted(endpointError(err), "the code may have expired or been used; start again"))
	}
	return l.accept(ctx, t, issued, r.nonce)
}

// accept checks and stores a first grant.
func (l *Login) accept(ctx context.Context, t *oauth2.Token, issued time.Time, nonce string) error {
	if raw, ok := t.Extra("id_token").(string); ok && raw != "" {
		if err := checkIDToken(raw, l.cfg.ClientID, nonce, time.Now()); err != nil {
			return fmt.Errorf("logging in: %w", err)
		}
	} else if nonce != "" {
		return errors.New("logging in: the scope openid was asked for, but no ID token came")
	}
	if t.RefreshToken == "" {
		return errors.New("logging in: the provider granted no refresh token, so that the login would end within the hour; " +
			"providers want a scope for it (often offline_access) or that offline use is allowed for the client")
	}
	unlock, err := l.store.Lock(ctx, l.account)
	if err != nil {
		return fmt.Errorf("storing login: %w", err)
	}
	defer unlock()
	// What cannot be read any more is replaced.
	had, err := l.store.Load(ctx, l.account)
	if err != nil {
		had = Grant{}
	}
	g := Grant{ID: rand.Text(), Generation: had.Generation, ClientID: l.cfg.ClientID, TokenURL: l.cfg.TokenURL,
		Seed: digest(l.cfg.RefreshToken)}
	if err := l.store.Save(ctx, l.account, g.successor(t, issued)); err != nil {
		return fmt.Errorf("storing login: %w", err)
	}
	return nil
}

// DefaultRedirect is where a browser is sent to after [Login.Browser]: a port of this machine that is free. A provider that
// wants to know the whole URL beforehand needs one of the owner's own.
const DefaultRedirect = "http://127.0.0.1:0/callback"

// checkRedirect refuses redirects to other machines, which would learn the code.
func checkRedirect(raw string) (*url.URL, error) {
	u, err := url.Parse(cmp.Or(raw, DefaultRedirect))
	if err != nil || u.Scheme != "http" || !isLoopback(u.Hostname()) || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return nil, errors.New("checking redirect: it must be a URL of this machine like http://127.0.0.1:8976/callback")
	}
	if u.Port() == "" {
		u.Host += ":80"
	}
	if u.Path == "" {
		u.Path = "/"
	}
	return u, nil
}

// Paste logs in from a machine without a browser. show is given the URL to open elsewhere; after agreeing there, the browser
// is sent to a page that it cannot reach, whose whole address read returns. redirect must be registered with the provider;
// default: http://127.0.0.1:1/callback, where nobody listens.
func (l *Login) Paste(ctx context.Context, redirect string, show func(url string), read func(context.Context) (string, error)) error {
	u, err := checkRedirect(cmp.Or(redirect, "http://127.0.0.1:1/callback"))
	if err != nil {
		return err
	}
	address, r, err := l.begin(u.String())
	if err != nil {
		return err
	}
	show(address)
	pasted, err := read(ctx)
	if err != nil {
		return fmt.Errorf("logging in: %w", err)
	}
	answer, err := url.Parse(strings.TrimSpace(pasted))
	if err != nil || !answer.Query().Has("state") {
		return errors.New("logging in: that is not the address of the page; paste all of it, from http:// on")
	}
	return l.finish(ctx, r, answer.Query())
}

// DeviceCode is what the owner enters elsewhere (RFC 8628).
type DeviceCode struct {
	URL     string    // to open
	Code    string    // to enter there
	FullURL string    // holds the code already; "" if the provider has none
	Expiry  time.Time // zero if unknown
}

// Device logs in with a code that the owner enters on another device. show is given the code; Device returns when the owner
// has agreed or refused, the code has expired, or ctx has ended.
func (l *Login) Device(ctx context.Context, show func(DeviceCode)) error {
	if !l.CanDevice() {
		return errors.New("logging in: device_url is missing, and the provider has none of its own")
	}
	client := *l.client
	var options []oauth2.AuthCodeOption
	switch {
	case l.cfg.BasicAuth:
		client.Transport = basicAuth{client.Transport, l.cfg}
	case l.cfg.ClientSecret != "":
		options = append(options, oauth2.SetAuthURLParam("client_secret", l.cfg.ClientSecret))
	}
	asking := context.WithValue(ctx, oauth2.HTTPClient, &client)
	cfg := l.cfg.oauth2()
	code, err := cfg.DeviceAuth(asking, options...)
	if err != nil {
		return fmt.Errorf("logging in: %w", ungranted(endpointError(err), ""))
	}
	if code.DeviceCode == "" || code.UserCode == "" {
		return errors.New("logging in: the provider gave no device code; check device_url")
	}
	show(DeviceCode{code.VerificationURI, code.UserCode, code.VerificationURIComplete, code.Expiry})
	for {
		issued := time.Now().Round(0)
		t, err := cfg.DeviceAccessToken(context.WithValue(ctx, oauth2.HTTPClient, l.client), code)
		if err == nil {
			return l.accept(ctx, t, issued, "")
		}
		if ctx.Err() != nil {
			return fmt.Errorf("logging in: %w", context.Cause(ctx))
		}
		if !code.Expiry.IsZero() && !time.Now().Before(code.Expiry) {
			return errors.New("logging in: the code has expired; start again")
		}
		var failed *accounts.CredentialError
		if refused := ungranted(endpointError(err), "start again"); !errors.As(refused, &failed) || !failed.Temporary {
			return fmt.Errorf("logging in: %w", refused)
		}
		// The owner may be typing: an endpoint that is away for a moment is asked again.
	}
}

// basicAuth names the client to the device endpoint, which the library does not.
type basicAuth struct {
	http.RoundTripper
	cfg OAuthConfig
}

// RoundTrip implements [http.RoundTripper].
func (b basicAuth) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.SetBasicAuth(url.QueryEscape(b.cfg.ClientID), url.QueryEscape(b.cfg.ClientSecret))
	return b.RoundTripper.RoundTrip(r)
}
