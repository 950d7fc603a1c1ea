// Package inventory holds what is declared: accounts, providers, routes and pools, as they come from a Caddyfile's JSON and
// from accounts.hcl. [Build] validates all of it together into an immutable [Inventory], which answers where a model may go.
package inventory

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Config is what both a Caddyfile and an accounts file declare. The JSON form may hold placeholders in place of secrets; a
// secret that was read from an accounts file is kept where no encoder finds it.
type Config struct {
	Accounts  []AccountConfig  `json:"accounts,omitempty"`
	Providers []ProviderConfig `json:"providers,omitempty"`
	Routes    []RouteConfig    `json:"routes,omitempty"`
	Pools     []PoolConfig     `json:"pools,omitempty"`
	// Capabilities corrects what is known of models.
	Capabilities []CapabilityConfig `json:"capabilities,omitempty"`
	// Policy is how accounts are chosen where a pool names no policy of its own; default [PolicySticky].
	Policy string `json:"policy,omitzero"`
	// Cooldowns changes the built-in table by outcome name ("rate_limited").
	Cooldowns map[string]CooldownConfig `json:"cooldowns,omitempty"`

	// Policies are the names of selection policies beyond the built-in ones.
	Policies []string `json:"-"`

	literals []string // where the accounts file spells out a secret
	reads    []string // the other files that the accounts file reads
}

// AccountConfig declares an account.
type AccountConfig struct {
	Name     string `json:"name"`
	Provider string `json:"provider"`
	// APIKey is the key or a placeholder for it.
	APIKey string `json:"api_key,omitzero"`
	// OAuth, Google, Command and AWS are the other kinds of credential; an account has one at most.
	OAuth   *OAuthConfig   `json:"oauth,omitempty"`
	Google  *GoogleConfig  `json:"google,omitempty"`
	Command *CommandConfig `json:"command,omitempty"`
	AWS     *AWSConfig     `json:"aws,omitempty"`
	// Dialect chooses one of the provider's dialects, or another one that shares its base URL, in place of the
	// provider's own preference.
	Dialect string `json:"dialect,omitzero"`
	// BaseURL replaces the provider's own; see accounts.Endpoint.
	BaseURL string `json:"base_url,omitzero"`
	// Models are patterns; when given, the account serves only models that fit one of them.
	Models []string `json:"models,omitempty"`
	// CloudConfig says where a cloud has the account's models.
	CloudConfig
	// Weight is the share among accounts of equal priority; 0 means the default 1.
	Weight int `json:"weight,omitzero"`
	// Priority orders tiers, lower first; default 0.
	Priority int `json:"priority,omitzero"`
	// MaxConcurrent, RPM and TPM limit requests in flight, requests per minute and tokens per minute; 0 is no limit.
	MaxConcurrent int `json:"max_concurrent,omitzero"`
	RPM           int `json:"rpm,omitzero"`
	TPM           int `json:"tpm,omitzero"`
	// QuotaFloor is the share of the provider's limits that is left alone, like 0.1; see accounts.Account. Default 0.
	QuotaFloor Share `json:"quota_floor,omitzero"`
	// Proxy is an http, https, socks5 or socks5h URL for all requests to this account.
	Proxy string `json:"proxy,omitzero"`
	// Headers are added to every request to this account; values may be placeholders.
	Headers map[string]string `json:"headers,omitempty"`
	// Disabled keeps the account known but never chosen.
	Disabled bool `json:"disabled,omitzero"`
	// Pos is where the declaration stands, "file:line", for error messages.
	Pos string `json:"-"`

	sealed *sealed
}

// sealed is what an accounts file said about an account that must not be written anywhere again.
type sealed struct {
	key      string
	oauth    *OAuthConfig
	aws      *AWSConfig
	headers  map[string]string
	proxy    string
	unusable string // why the credential could not be read
}

// ProviderConfig declares a provider, or replaces a built-in one of the same name.
type ProviderConfig struct {
	Name string `json:"name"`
	// Dialect and BaseURL are the provider's one endpoint; Endpoints are further ones.
	Dialect string `json:"dialect,omitzero"`
	BaseURL string `json:"base_url,omitzero"`
	// AuthHeader and AuthPrefix replace how the credential travels; by default as the dialect's own vendor wants it.
	AuthHeader string           `json:"auth_header,omitzero"`
	AuthPrefix string           `json:"auth_prefix,omitzero"`
	Endpoints  []EndpointConfig `json:"endpoints,omitempty"`
	// Families are patterns of the model names that the provider is known for.
	Families []string `json:"families,omitempty"`
	// KeyOptional says that accounts need no API key.
	KeyOptional bool   `json:"key_optional,omitzero"`
	Pos         string `json:"-"`

	final bool // from an accounts file, which has functions instead of placeholders
}

// EndpointConfig declares a further dialect that a provider speaks.
type EndpointConfig struct {
	Dialect    string `json:"dialect"`
	BaseURL    string `json:"base_url"`
	AuthHeader string `json:"auth_header,omitzero"`
	AuthPrefix string `json:"auth_prefix,omitzero"`
}

// RouteConfig maps a requested model, or a pattern of such, to targets in order.
type RouteConfig struct {
	Pattern string   `json:"pattern"`
	Targets []string `json:"targets"`
	// Pool restricts the route to the accounts of a pool, chosen by its policy; default: all accounts, by the policy of the
	// site's pool.
	Pool string `json:"pool,omitzero"`
	Pos  string `json:"-"`
}

// PoolConfig names a set of accounts and how to choose among them.
type PoolConfig struct {
	Name     string   `json:"name"`
	Accounts []string `json:"accounts"`
	Policy   string   `json:"policy,omitzero"`
	Pos      string   `json:"-"`
}

// CooldownConfig changes how long an outcome keeps an account out of use; zero fields keep the built-in value.
type CooldownConfig struct {
	Base   Duration `json:"base,omitzero"`
	Factor float64  `json:"factor,omitzero"`
	Max    Duration `json:"max,omitzero"`
	// Scope is "account" or "model" (account × model).
	Scope string `json:"scope,omitzero"`
	Pos   string `json:"-"`
}

// The selection policies.
const (
	PolicySticky     = "sticky"      // session affinity, then least busy
	PolicyLeastBusy  = "least_busy"  // the less busy of two weighted random choices
	PolicyRoundRobin = "round_robin" // in turn, by weight
	PolicyMostQuota  = "most_quota"  // the most left of what the provider grants
	PolicyFillFirst  = "fill_first"  // the first in the order of declaration
	PolicyRandom     = "random"      // weighted random
)

// Policies returns the names of the built-in selection policies.
func Policies() []string {
	return []string{PolicySticky, PolicyLeastBusy, PolicyRoundRobin, PolicyMostQuota, PolicyFillFirst, PolicyRandom}
}

// Share is a part of a whole, 0 to 1, that may be written as a percentage.
type Share float64

// ParseShare reads "0.1" or "10%"; anything but 0 to 1 is an error.
func ParseShare(s string) (Share, error) {
	number, percent := strings.CutSuffix(strings.TrimSpace(s), "%")
	n, err := strconv.ParseFloat(number, 64)
	if percent {
		n /= 100
	}
	if err != nil || !(n >= 0 && n <= 1) {
		return 0, fmt.Errorf("parsing share %q: write it like 10%% or 0.1", s)
	}
	return Share(n), nil
}

// Duration is a time.Duration that is written like "5s", "2m30s" or "90d".
type Duration time.Duration

// ParseDuration reads what [time.ParseDuration] reads, and days.
func ParseDuration(s string) (Duration, error) {
	if days, ok := strings.CutSuffix(s, "d"); ok {
		if n, err := strconv.ParseFloat(days, 64); err == nil && n >= 0 && n < 100_000 {
			return Duration(n * 24 * float64(time.Hour)), nil
		}
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		return 0, fmt.Errorf("parsing duration %q: write it like 5s, 2m30s, 1h or 90d", s)
	}
	return Duration(d), nil
}

// MarshalText writes the duration as [time.Duration.String] does.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText is [ParseDuration].
func (d *Duration) UnmarshalText(text []byte) (err error) {
	*d, err = ParseDuration(string(text))
	return err
}
