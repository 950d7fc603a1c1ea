package inventory

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"

	"github.com/fairway-gateway/fairway/accounts"
)

func (b *builder) addProviders(c Config) {
	for _, p := range c.Providers {
		what := "provider " + quote(p.Name)
		if err := checkName(p.Name); err != nil {
			b.failf(p.Pos, what, "%w", err)
			continue
		}
		if b.declared[p.Name] {
			b.failf(p.Pos, what, "it is declared twice")
			continue
		}
		b.declared[p.Name] = true
		endpoints := p.Endpoints
		if p.Dialect != "" || p.BaseURL != "" || len(endpoints) == 0 {
			first := EndpointConfig{p.Dialect, p.BaseURL, p.AuthHeader, p.AuthPrefix}
			endpoints = append([]EndpointConfig{first}, endpoints...)
		}
		provider := accounts.Provider{Name: p.Name, Families: slices.Clone(p.Families), KeyOptional: p.KeyOptional}
		resolve := b.resolve
		if p.final {
			resolve = asWritten
		}
		for _, e := range endpoints {
			endpoint, err := endpointOf(e, resolve)
			if err != nil {
				b.failf(p.Pos, what, "%w", err)
				continue
			}
			if slices.ContainsFunc(provider.Endpoints, func(have accounts.Endpoint) bool { return have.Dialect == endpoint.Dialect }) {
				b.failf(p.Pos, what, "dialect %s is declared twice", endpoint.Dialect)
			}
			provider.Endpoints = append(provider.Endpoints, endpoint)
		}
		b.inv.providers[p.Name] = provider
	}
}

// asWritten is the resolver of what is no placeholder.
func asWritten(s string) (string, error) { return s, nil }

func endpointOf(e EndpointConfig, resolve Resolver) (accounts.Endpoint, error) {
	switch {
	case e.Dialect == "":
		return accounts.Endpoint{}, fmt.Errorf("it needs a dialect (one of %s)", strings.Join(accounts.Dialects(), ", "))
	case e.BaseURL == "":
		return accounts.Endpoint{}, errors.New("it needs a base_url")
	}
	if err := checkDialect(e.Dialect); err != nil {
		return accounts.Endpoint{}, err
	}
	raw, err := resolve(e.BaseURL)
	if err != nil {
		return accounts.Endpoint{}, fmt.Errorf("reading base_url: %w", err)
	}
	base, err := accounts.NormalizeBaseURL(e.Dialect, raw)
	if err != nil {
		return accounts.Endpoint{}, err
	}
	auth := accounts.DefaultAuth(e.Dialect)
	if e.AuthHeader != "" {
		auth = accounts.AuthScheme{Header: textproto.CanonicalMIMEHeaderKey(e.AuthHeader), Prefix: e.AuthPrefix}
	} else if e.AuthPrefix != "" {
		return accounts.Endpoint{}, errors.New("auth_prefix needs auth_header")
	}
	return accounts.Endpoint{Dialect: e.Dialect, BaseURL: base, Auth: auth}, nil
}

func (b *builder) addAccounts(c Config) {
	for _, ac := range c.Accounts {
		what := "account " + quote(ac.Name)
		if err := checkName(ac.Name); err != nil {
			b.failf(ac.Pos, what, "%w", err)
			continue
		}
		if b.inv.byName[ac.Name] != nil {
			b.failf(ac.Pos, what, "it is declared twice")
			continue
		}
		if ac.Provider == "" {
			b.failf(ac.Pos, what, "it names no provider (one of %s)", strings.Join(b.providerNames(), ", "))
			continue
		}
		provider, ok := b.inv.providers[ac.Provider]
		if !ok {
			b.failf(ac.Pos, what, "there is no provider %s%s (known: %s)", quote(ac.Provider),
				suggestion(ac.Provider, b.providerNames()), strings.Join(b.providerNames(), ", "))
			continue
		}
		a := &accounts.Account{
			Name: ac.Name, Provider: provider.Name, Endpoints: provider.Endpoints, Families: provider.Families,
			Models: slices.Clone(ac.Models), Weight: cmp.Or(ac.Weight, 1), Priority: ac.Priority,
			MaxConcurrent: ac.MaxConcurrent, RPM: ac.RPM, TPM: ac.TPM, QuotaFloor: float64(ac.QuotaFloor), Disabled: ac.Disabled,
			Index: len(b.inv.accounts),
		}
		for _, limit := range []struct {
			name  string
			value int
		}{{"weight", ac.Weight}, {"max_concurrent", ac.MaxConcurrent}, {"rpm", ac.RPM}, {"tpm", ac.TPM}} {
			if limit.value < 0 {
				b.failf(ac.Pos, what, "%s must not be negative", limit.name)
			}
		}
		if !(ac.QuotaFloor >= 0 && ac.QuotaFloor < 1) {
			b.failf(ac.Pos, what, "quota_floor must be at least 0 and less than 1 (or 100%%)")
		}
		if slices.Contains(ac.Models, "") {
			b.failf(ac.Pos, what, "models contains an empty name")
		}
		if ac.Dialect != "" {
			if err := checkDialect(ac.Dialect); err != nil {
				b.failf(ac.Pos, what, "%w", err)
				ac.Dialect = "" // said once is enough
			}
		}
		b.fill(a, ac, provider, what)
		b.inv.accounts = append(b.inv.accounts, a)
		b.inv.byName[a.Name] = a
	}
}

// fill sets what may have to be resolved: credential, base URL, proxy and headers.
func (b *builder) fill(a *accounts.Account, ac AccountConfig, provider accounts.Provider, what string) {
	key, proxy, headers, resolve := ac.APIKey, ac.Proxy, ac.Headers, b.resolve
	if ac.sealed != nil { // an accounts file has functions instead of placeholders
		key, proxy, headers = ac.sealed.key, ac.sealed.proxy, ac.sealed.headers
		resolve = asWritten
		a.Unusable = ac.sealed.unusable
	}
	value := func(name, written string) string {
		if written == "" {
			return ""
		}
		v, err := resolve(written)
		v = strings.TrimSpace(v)
		switch {
		case err != nil && a.Unusable == "":
			a.Unusable = err.Error()
		case v == "" && a.Unusable == "":
			a.Unusable = name + " is empty"
		}
		return v
	}
	a.Proxy = value("proxy", proxy)
	if err := checkProxy(a.Proxy); err != nil {
		b.failf(ac.Pos, what, "%w", err)
	}
	bearer := b.setCredential(a, ac, provider, what, key, value)
	base := value("base_url", ac.BaseURL)
	endpoints, open, err := b.endpoints(a, &ac, provider, base, value)
	if err != nil {
		b.failf(ac.Pos, what, "%w", err)
	}
	if bearer {
		endpoints = asBearer(endpoints)
	}
	a.Endpoints, a.Open = endpoints, open
	a.Headers = make(http.Header)
	for _, name := range sortedKeys(headers) {
		v := value("header "+quote(name), headers[name])
		if err := checkHeader(name, v); err != nil {
			b.failf(ac.Pos, what, "%w", err)
		}
		a.Headers.Set(name, v)
	}
}

// endpoints returns where the account's provider is, and whether the server there is another's.
func (b *builder) endpoints(a *accounts.Account, ac *AccountConfig, provider accounts.Provider, base string, value valueFunc) ([]accounts.Endpoint, bool, error) {
	surface := surfaceOf(provider)
	if err := checkCloud(&ac.CloudConfig, surface); err != nil {
		return provider.Endpoints, false, err
	}
	if ac.access() != nil && surface != accounts.SurfaceBedrock {
		return provider.Endpoints, false, errors.New("aws is a credential of accounts of bedrock")
	}
	if surface == "" {
		return endpointsFor(provider, ac.Dialect, base)
	}
	if err := setDeployments(a, &ac.CloudConfig); err != nil {
		return provider.Endpoints, false, err
	}
	out, err := cloudEndpoints(provider, ac, base, value)
	return out, false, err
}

// endpointsFor returns the endpoints of an account: the provider's, narrowed by a dialect and moved by a base URL of the
// account's own. open reports that the server behind them is not the provider's.
func endpointsFor(p accounts.Provider, dialect, base string) (out []accounts.Endpoint, open bool, err error) {
	out = p.Endpoints
	if dialect != "" {
		i := slices.IndexFunc(out, func(e accounts.Endpoint) bool { return e.Dialect == dialect })
		switch {
		case i >= 0:
			out = out[i : i+1]
		case base != "":
			out = []accounts.Endpoint{{Dialect: dialect, Auth: accounts.DefaultAuth(dialect)}}
		case versioned(dialect) && len(out) > 0 && versioned(out[0].Dialect):
			// OpenAI's dialects differ by what is appended to one base URL.
			out = []accounts.Endpoint{{Dialect: dialect, BaseURL: out[0].BaseURL, Auth: out[0].Auth}}
		case len(out) > 0 && selfHosted(p):
			root, err := accounts.NormalizeBaseURL(dialect, out[0].BaseURL)
			if err != nil {
				return nil, false, err
			}
			out = []accounts.Endpoint{{Dialect: dialect, BaseURL: root, Auth: accounts.DefaultAuth(dialect)}}
		default:
			return nil, false, fmt.Errorf("provider %s has no %s endpoint; give the base_url of one", p.Name, dialect)
		}
	}
	if base == "" {
		return out, false, nil
	}
	if len(out) > 1 && !selfHosted(p) {
		out = out[:1] // where the others would be cannot be known
	}
	moved := make([]accounts.Endpoint, len(out))
	for i, e := range out {
		url, err := moveBaseURL(e, base)
		if err != nil {
			return nil, false, err
		}
		moved[i] = accounts.Endpoint{Dialect: e.Dialect, BaseURL: url, Auth: e.Auth}
	}
	return moved, !sameHost(moved, p.Endpoints), nil
}

// versioned reports whether the dialect's base URL contains the version.
func versioned(dialect string) bool {
	return dialect == accounts.DialectChat || dialect == accounts.DialectCompletions || dialect == accounts.DialectResponses
}

// selfHosted reports whether all dialects of the provider live under one root, as servers on one's own machine have them,
// so that one base URL moves them all.
func selfHosted(p accounts.Provider) bool {
	for _, e := range p.Endpoints {
		if !versioned(e.Dialect) || e.BaseURL != p.Endpoints[0].BaseURL {
			return false
		}
	}
	return p.KeyOptional && len(p.Endpoints) > 0
}

// moveBaseURL puts an endpoint at another base URL. A URL without a path keeps the provider's, so that the server's own
// address ("http://127.0.0.1:11434") is enough.
func moveBaseURL(e accounts.Endpoint, base string) (string, error) {
	moved, err := accounts.NormalizeBaseURL(e.Dialect, base)
	if err != nil {
		return "", err
	}
	to, err := url.Parse(moved)
	if err != nil {
		return "", errors.New("parsing base_url: it is no valid URL")
	}
	if from, err := url.Parse(e.BaseURL); err == nil && to.Path == "" {
		return moved + from.EscapedPath(), nil
	}
	return moved, nil
}

func sameHost(a, b []accounts.Endpoint) bool {
	host := func(e accounts.Endpoint) string {
		u, err := url.Parse(e.BaseURL)
		if err != nil {
			return ""
		}
		return u.Host
	}
	return len(a) > 0 && slices.ContainsFunc(b, func(e accounts.Endpoint) bool { return host(e) == host(a[0]) })
}

func checkProxy(proxy string) error {
	if proxy == "" {
		return nil
	}
	u, err := url.Parse(proxy)
	if err != nil || u.Host == "" || !slices.Contains([]string{"http", "https", "socks5", "socks5h"}, u.Scheme) {
		return errors.New("proxy must be a URL like socks5://127.0.0.1:1080 or http://proxy.example:3128")
	}
	return nil
}

// checkHeader refuses headers that belong to the gateway: the connection's own and those that carry a credential.
func checkHeader(name, value string) error {
	canonical := textproto.CanonicalMIMEHeaderKey(name)
	switch canonical {
	case "Authorization", "X-Api-Key", "Api-Key", "X-Goog-Api-Key", "Proxy-Authorization":
		return fmt.Errorf("header %s carries the credential; use api_key", quote(name))
	case "Host", "Content-Length", "Content-Type", "Content-Encoding", "Transfer-Encoding", "Connection", "Accept-Encoding", "Te", "Trailer", "Upgrade":
		return fmt.Errorf("header %s cannot be set", quote(name))
	}
	if name == "" || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r) }) {
		return fmt.Errorf("header %s is no valid name", quote(name))
	}
	if strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
		return fmt.Errorf("header %s: its value contains a control character", quote(name))
	}
	return nil
}
