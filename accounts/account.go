package accounts

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
)

// Account is a provider plus one credential that its owner is entitled to use, with weight, priority and limits. It is
// immutable once an inventory has been built; everything that changes at run time lives in the pool.
type Account struct {
	Name     string
	Provider string
	// Endpoints are tried by preference: the first is used when a request has to be translated. Never empty.
	Endpoints []Endpoint
	// Families are the patterns of model names that the provider is known for ("claude-*"). They are a guess, used when no
	// list of models is at hand.
	Families []string
	// Models are patterns; when there are any, the account serves only models that fit one of them, even when a request
	// names the account. Empty: what the provider lists.
	Models []string
	// Deployments are the provider's own names for models, by the names that requests use: an Azure deployment, for instance.
	// A model that is not among them goes by its own name.
	Deployments map[string]string
	// Weight is the share of traffic among accounts of equal priority, at least 1.
	Weight int
	// Priority orders tiers: lower goes first, default 0.
	Priority int
	// MaxConcurrent is the limit of requests in flight, RPM of requests and TPM of tokens per minute; 0 is no limit.
	MaxConcurrent, RPM, TPM int
	// QuotaFloor is the share of every limit, 0 to 1, that is left alone: the account is passed over while its provider says
	// that no more than that remains. 0 is none.
	QuotaFloor float64
	// Proxy is the URL of an outbound proxy, "" for the process's default. It may hold a password: never log it.
	Proxy string
	// Headers are added to every request to this account. Their values may be secret: never log them.
	Headers http.Header
	// Disabled accounts are known but never chosen.
	Disabled bool
	// Credential yields the token; never nil. Where the provider needs no key it yields "".
	Credential Credential
	// Unusable says why the account cannot be used, in words for its owner ("environment variable X is not set");
	// "" when it can.
	Unusable string
	// Open says that the model names of the account's server are unknown beforehand (a declared or self-hosted server, a
	// base URL of the owner's own), so that it may be asked for a model nobody lists.
	Open bool
	// Index is the account's position in its inventory, so that the pool finds its state without hashing a name.
	Index int
}

// Endpoint returns the endpoint for a model: among those that serve it the one that speaks the client's dialect, so that
// bytes can pass through, or else the first.
func (a *Account) Endpoint(clientDialect, model string) Endpoint {
	name := a.Deployment(model)
	own := slices.ContainsFunc(a.Endpoints, func(e Endpoint) bool { return e.Models != "" && Match(e.Models, name) })
	first := -1
	for i, e := range a.Endpoints {
		if own != (e.Models != "" && Match(e.Models, name)) || !own && e.Models != "" {
			continue
		}
		if e.Dialect == clientDialect {
			return e
		}
		if first < 0 {
			first = i
		}
	}
	return a.Endpoints[max(first, 0)]
}

// Usable reports whether the account may be chosen at all: it is enabled and has its credential.
func (a *Account) Usable() bool { return !a.Disabled && a.Unusable == "" }

// Allows reports whether the account's own model patterns permit the model; without patterns every model is permitted.
func (a *Account) Allows(model string) bool { return len(a.Models) == 0 || MatchAny(a.Models, model) }

// String names the account and its provider; it is safe to log.
func (a *Account) String() string { return a.Name + " (" + a.Provider + ")" }

// GoString is [Account.String], so that %#v shows no secret.
func (a *Account) GoString() string { return a.String() }

// LogValue shows name, provider and fingerprint only.
func (a *Account) LogValue() slog.Value {
	return slog.GroupValue(slog.String("name", a.Name), slog.String("provider", a.Provider),
		slog.String("credential", a.Credential.Fingerprint()))
}

// MarshalJSON writes what [Account.LogValue] shows, so that no encoder can spell out a secret.
func (a *Account) MarshalJSON() ([]byte, error) { return marshalPublic(a) }

// Credential yields the token that pays for a request. Implementations reveal their secret by Token alone: String,
// GoString, MarshalJSON and LogValue show the fingerprint.
type Credential interface {
	// Token returns the token to send, refreshing it first where the kind of credential needs that. It may do I/O.
	Token(ctx context.Context) (string, error)
	// Fingerprint names the credential without revealing it, like "sk-…a1b2"; "" when there is none.
	Fingerprint() string
	// Same reports whether the other credential is the same secret, so that a replaced key starts with a clean slate.
	Same(other Credential) bool
}
