package accounts

import (
	"math"
	"time"
)

// MaxCooldown caps every cool-down, including one that a provider asks for.
const MaxCooldown = 24 * time.Hour

// Scope says what a cool-down keeps out of use.
type Scope uint8

// The scopes.
const (
	ScopeDefault Scope = iota // as the outcome and the verdict say
	ScopeModel                // account × model
	ScopeAccount              // the whole account
)

// Cooldown says how long an outcome keeps an account out of use when the provider gives no time of its own.
type Cooldown struct {
	Base   time.Duration // the first cool-down; 0 cools nothing
	Factor float64       // growth for each further one in a row, at least 1
	Max    time.Duration // where the growth ends
	Scope  Scope
	// After is the number of such outcomes in a row that are forgiven first.
	After int
}

// Cooldowns is the table of cool-downs, indexed by [Outcome].
type Cooldowns [NumOutcomes]Cooldown

// DefaultCooldowns returns the built-in table.
func DefaultCooldowns() Cooldowns {
	var t Cooldowns
	t[RateLimited] = Cooldown{Base: 5 * time.Second, Factor: 2, Max: 5 * time.Minute}
	t[QuotaExhausted] = Cooldown{Base: time.Hour, Factor: 1, Max: time.Hour}
	t[Overloaded] = Cooldown{Base: 2 * time.Second, Factor: 2, Max: 30 * time.Second}
	t[Transient] = Cooldown{Base: time.Second, Factor: 2, Max: time.Minute, After: 1}
	t[BrokenStream] = t[Transient]
	t[CredentialInvalid] = Cooldown{Base: 15 * time.Minute, Factor: 1, Max: 15 * time.Minute}
	t[PermissionDenied] = Cooldown{Base: 30 * time.Minute, Factor: 1, Max: 30 * time.Minute}
	t[ModelUnavailable] = Cooldown{Base: 5 * time.Minute, Factor: 1, Max: 5 * time.Minute}
	return t
}

// For returns the length of the n-th cool-down in a row, counted from 1; 0 when that one is forgiven.
func (c Cooldown) For(n int) time.Duration {
	n -= c.After
	if n < 1 || c.Base <= 0 {
		return 0
	}
	limit := min(max(c.Max, c.Base), MaxCooldown)
	d := float64(c.Base) * math.Pow(max(c.Factor, 1), float64(n-1))
	if d >= float64(limit) {
		return limit
	}
	return time.Duration(d)
}

// AccountWide reports whether the outcome of a verdict keeps the whole account out of use.
func (c Cooldown) AccountWide(v Verdict) bool {
	switch c.Scope {
	case ScopeModel:
		return false
	case ScopeAccount:
		return true
	}
	switch v.Outcome {
	case Transient, BrokenStream, CredentialInvalid:
		return true
	}
	return v.Account
}
