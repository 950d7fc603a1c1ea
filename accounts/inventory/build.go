package inventory

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/fairway-gateway/fairway/accounts"
	"github.com/fairway-gateway/fairway/accounts/credential"
)

// Resolver turns a value that may be a placeholder into what it stands for. Its error says in words for the owner what is
// missing ("environment variable X is not set"), without a secret.
type Resolver func(value string) (string, error)

// Build validates all configurations together and joins every problem that it finds. resolve is asked for API keys, base
// URLs, proxies and header values that did not come from an accounts file; nil leaves them as they are. An account whose
// values cannot be resolved is unusable and says why; that is no error. Build asks no network; it does no I/O but through
// resolve, and to find out whether credentials are there (stored logins, Google's credentials files, commands).
func Build(cfgs []Config, resolve Resolver, options ...Option) (*Inventory, error) {
	if resolve == nil {
		resolve = asWritten
	}
	b := builder{
		resolve:  resolve,
		declared: make(map[string]bool),
		inv: &Inventory{
			byName:    make(map[string]*accounts.Account),
			providers: make(map[string]accounts.Provider),
			exact:     make(map[string]*route),
			pools:     make(map[string]Pool),
			policy:    PolicySticky,
			cooldowns: accounts.DefaultCooldowns(),
		},
	}
	for _, option := range options {
		option(&b)
	}
	for _, c := range cfgs {
		b.policies = append(b.policies, c.Policies...)
	}
	for _, p := range accounts.Builtin() {
		b.inv.providers[p.Name] = p
	}
	each := func(add func(Config)) {
		for _, c := range cfgs {
			add(c)
		}
	}
	each(b.addProviders)
	each(b.addAccounts)
	each(b.addPools)
	each(b.addRoutes)
	each(b.addCapabilities)
	b.addDefaults(cfgs)
	if len(b.problems) > 0 {
		return nil, errors.Join(b.problems...)
	}
	b.finish()
	return b.inv, nil
}

type builder struct {
	environment credential.Environment
	previous    *Inventory

	resolve  Resolver
	inv      *Inventory
	declared map[string]bool // providers
	policies []string        // beyond the built-in ones
	problems []error
}

// failf notes a problem with something declared at pos, e.g. with what = `account "x"`.
func (b *builder) failf(pos, what, format string, args ...any) {
	err := fmt.Errorf("%s: %w", what, fmt.Errorf(format, args...))
	if pos != "" {
		err = fmt.Errorf("%s: %w", pos, err)
	}
	b.problems = append(b.problems, err)
}

func (b *builder) addPools(c Config) {
	for _, p := range c.Pools {
		what := "pool " + quote(p.Name)
		if err := checkName(p.Name); err != nil {
			b.failf(p.Pos, what, "%w", err)
			continue
		}
		if _, dup := b.inv.pools[p.Name]; dup {
			b.failf(p.Pos, what, "it is declared twice")
			continue
		}
		if len(p.Accounts) == 0 {
			b.failf(p.Pos, what, "it names no accounts")
		}
		for i, name := range p.Accounts {
			if b.inv.byName[name] == nil {
				b.failf(p.Pos, what, "there is no account %s%s", quote(name), suggestion(name, b.accountNames()))
			}
			if slices.Contains(p.Accounts[:i], name) {
				b.failf(p.Pos, what, "account %s is named twice", quote(name))
			}
		}
		if err := b.checkPolicy(p.Policy); err != nil {
			b.failf(p.Pos, what, "%w", err)
		}
		pool := Pool{Name: p.Name, Policy: p.Policy, Accounts: slices.Clone(p.Accounts), members: make([]bool, len(b.inv.accounts))}
		for _, name := range p.Accounts {
			if a := b.inv.byName[name]; a != nil {
				pool.members[a.Index] = true
			}
		}
		b.inv.pools[p.Name] = pool
	}
}

func (b *builder) addRoutes(c Config) {
	for _, r := range c.Routes {
		what := "model " + quote(r.Pattern)
		if r.Pattern == "" || strings.ContainsFunc(r.Pattern, isSpace) {
			b.failf(r.Pos, what, "the name is empty or contains a space")
			continue
		}
		if len(r.Targets) == 0 {
			b.failf(r.Pos, what, "it names no target (write: model %s <model or account/model> …)", r.Pattern)
		}
		for _, t := range r.Targets {
			if err := b.checkTarget(t); err != nil {
				b.failf(r.Pos, what, "%w", err)
			}
		}
		if r.Pool != "" {
			if _, ok := b.inv.pools[r.Pool]; !ok {
				b.failf(r.Pos, what, "there is no pool %s%s", quote(r.Pool), suggestion(r.Pool, sortedKeys(b.inv.pools)))
			}
		}
		rt := &route{pattern: r.Pattern, targets: slices.Clone(r.Targets), pool: r.Pool}
		same := func(have *route) bool { return have.pattern == rt.pattern }
		switch {
		case b.inv.exact[r.Pattern] != nil || slices.ContainsFunc(b.inv.patterns, same):
			b.failf(r.Pos, what, "it is declared twice; give one route all the targets")
		case accounts.IsPattern(r.Pattern):
			b.inv.patterns = append(b.inv.patterns, rt)
		default:
			b.inv.exact[r.Pattern] = rt
			b.inv.names = append(b.inv.names, r.Pattern)
		}
	}
}

// checkTarget refuses what can never be served: a wildcard, and "x/model" where x is neither an account nor a provider in
// use and no account could list a model of that whole name.
func (b *builder) checkTarget(target string) error {
	if target == "" || strings.ContainsFunc(target, isSpace) || accounts.IsPattern(target) {
		return fmt.Errorf("target %s must name one model, without wildcards", quote(target))
	}
	prefix, model, ok := strings.Cut(target, "/")
	if !ok {
		return nil
	}
	if a := b.inv.byName[prefix]; a != nil {
		if !a.Allows(model) {
			return fmt.Errorf("target %s: account %s serves only %s", quote(target), quote(prefix), strings.Join(a.Models, ", "))
		}
		return nil
	}
	if _, isRoute := b.inv.exact[target]; isRoute {
		return nil
	}
	for _, a := range b.inv.accounts {
		if a.Provider == prefix || len(a.Models) > 0 && a.Allows(target) ||
			len(a.Models) == 0 && (a.Open || len(a.Families) == 0 || accounts.MatchAny(a.Families, target)) {
			return nil
		}
	}
	if _, isProvider := b.inv.providers[prefix]; isProvider {
		return fmt.Errorf("target %s: there is no account of provider %s", quote(target), quote(prefix))
	}
	names := append(b.accountNames(), b.providerNames()...)
	return fmt.Errorf("target %s: there is no account or provider %s%s", quote(target), quote(prefix), suggestion(prefix, names))
}

// addDefaults takes the settings that stand for the whole inventory.
func (b *builder) addDefaults(cfgs []Config) {
	chosen := ""
	for _, c := range cfgs {
		if err := b.checkPolicy(c.Policy); err != nil {
			b.failf("", "policy", "%w", err)
		}
		if c.Policy == "" {
			continue
		}
		if chosen != "" && chosen != c.Policy {
			b.failf("", "policy", "both %s and %s are set as the default", quote(chosen), quote(c.Policy))
		}
		chosen = c.Policy
	}
	b.inv.policy = cmp.Or(chosen, b.inv.policy)
	for name, p := range b.inv.pools {
		p.Policy = cmp.Or(p.Policy, b.inv.policy)
		b.inv.pools[name] = p
	}
	seen := make(map[string]bool)
	for _, c := range cfgs {
		for _, name := range sortedKeys(c.Cooldowns) {
			if seen[name] {
				b.failf(c.Cooldowns[name].Pos, "cooldown "+quote(name), "it is declared twice")
			}
			seen[name] = true
			b.addCooldown(name, c.Cooldowns[name])
		}
	}
}

func (b *builder) addCooldown(name string, c CooldownConfig) {
	what := "cooldown " + quote(name)
	o, ok := accounts.ParseOutcome(name)
	if ok {
		switch o {
		case accounts.OK, accounts.CallerFault, accounts.Canceled:
			b.failf(c.Pos, what, "this outcome never cools an account")
			return
		}
	} else {
		var names []string
		for o := accounts.RateLimited; o < accounts.Canceled; o++ {
			names = append(names, o.String())
		}
		b.failf(c.Pos, what, "there is no such outcome%s (one of %s)", suggestion(name, names), strings.Join(names, ", "))
		return
	}
	rule := &b.inv.cooldowns[o]
	if c.Base < 0 || c.Max < 0 || c.Factor < 0 || c.Factor > 0 && c.Factor < 1 {
		b.failf(c.Pos, what, "base and max must not be negative, and factor must be at least 1")
		return
	}
	rule.Base = cmp.Or(c.Base.std(), rule.Base)
	rule.Factor = cmp.Or(c.Factor, rule.Factor)
	if c.Max == 0 && c.Base.std() > rule.Max {
		rule.Max = c.Base.std()
	}
	rule.Max = cmp.Or(c.Max.std(), rule.Max)
	if rule.Max < rule.Base {
		b.failf(c.Pos, what, "max %s is less than base %s", rule.Max, rule.Base)
	}
	switch c.Scope {
	case "":
	case "account":
		rule.Scope = accounts.ScopeAccount
	case "model":
		rule.Scope = accounts.ScopeModel
	default:
		b.failf(c.Pos, what, "scope %s is neither account nor model", quote(c.Scope))
	}
}

// finish orders the patterns and adds the demo account where it is needed.
func (b *builder) finish() {
	inv := b.inv
	slices.SortStableFunc(inv.capabilities, func(a, b CapabilityConfig) int { return len(a.Pattern) - len(b.Pattern) })
	slices.SortStableFunc(inv.patterns, func(a, b *route) int { return len(b.pattern) - len(a.pattern) })
	if slices.ContainsFunc(inv.accounts, (*accounts.Account).Usable) {
		return
	}
	name := accounts.DemoProvider
	for inv.byName[name] != nil {
		name += "-builtin"
	}
	inv.demo = demoAccount(name, len(inv.accounts))
	inv.accounts = append(inv.accounts, inv.demo)
	inv.byName[name] = inv.demo
}
