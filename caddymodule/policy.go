package caddymodule

import (
	"fmt"
	"slices"

	"github.com/caddyserver/caddy/v2"

	"github.com/fairway-gateway/fairway/accounts/inventory"
	"github.com/fairway-gateway/fairway/accounts/pool"
)

func init() {
	caddy.RegisterModule(StickyPolicy{})
	caddy.RegisterModule(LeastBusyPolicy{})
	caddy.RegisterModule(new(RoundRobinPolicy))
	caddy.RegisterModule(MostQuotaPolicy{})
	caddy.RegisterModule(FillFirstPolicy{})
	caddy.RegisterModule(RandomPolicy{})
}

// policyNamespace is where selection policies are found. A module there is a pool.Policy; what its name is there it is
// called by in `policy` directives.
const policyNamespace = "ai.policies"

// StickyPolicy keeps a session on one account, so that its prompt cache survives: a new session goes to the account that
// its hash points to, by weight, and one that had to move stays where it moved. Requests without a session go to the less
// busy of two accounts. This is the default.
type StickyPolicy struct{ pool.Sticky }

// LeastBusyPolicy draws two accounts by weight and takes the one with fewer requests in flight, or the faster one.
type LeastBusyPolicy struct{ pool.LeastBusy }

// RoundRobinPolicy takes the accounts in turn, heavier ones more often.
type RoundRobinPolicy struct{ pool.RoundRobin }

// MostQuotaPolicy takes the account with the most left of what its provider grants, as told by the headers of earlier
// answers.
type MostQuotaPolicy struct{ pool.MostQuota }

// FillFirstPolicy takes the first account that can serve, in the order of declaration.
type FillFirstPolicy struct{ pool.FillFirst }

// RandomPolicy draws an account by weight.
type RandomPolicy struct{ pool.Random }

// CaddyModule returns the Caddy module information.
func (StickyPolicy) CaddyModule() caddy.ModuleInfo {
	return policyInfo(inventory.PolicySticky, func() caddy.Module { return new(StickyPolicy) })
}

// CaddyModule returns the Caddy module information.
func (LeastBusyPolicy) CaddyModule() caddy.ModuleInfo {
	return policyInfo(inventory.PolicyLeastBusy, func() caddy.Module { return new(LeastBusyPolicy) })
}

// CaddyModule returns the Caddy module information.
func (*RoundRobinPolicy) CaddyModule() caddy.ModuleInfo {
	return policyInfo(inventory.PolicyRoundRobin, func() caddy.Module { return new(RoundRobinPolicy) })
}

// CaddyModule returns the Caddy module information.
func (MostQuotaPolicy) CaddyModule() caddy.ModuleInfo {
	return policyInfo(inventory.PolicyMostQuota, func() caddy.Module { return new(MostQuotaPolicy) })
}

// CaddyModule returns the Caddy module information.
func (FillFirstPolicy) CaddyModule() caddy.ModuleInfo {
	return policyInfo(inventory.PolicyFillFirst, func() caddy.Module { return new(FillFirstPolicy) })
}

// CaddyModule returns the Caddy module information.
func (RandomPolicy) CaddyModule() caddy.ModuleInfo {
	return policyInfo(inventory.PolicyRandom, func() caddy.Module { return new(RandomPolicy) })
}

func policyInfo(name string, make func() caddy.Module) caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: caddy.ModuleID(policyNamespace + "." + name), New: make}
}

// policyNames are the policies of this build beyond the built-in ones.
func policyNames() []string {
	var names []string
	for _, m := range caddy.GetModules(policyNamespace) {
		if name := m.ID.Name(); !slices.Contains(inventory.Policies(), name) {
			names = append(names, name)
		}
	}
	return names
}

// loadPolicies makes one policy of each module, with its settings if it has any.
func (a *App) loadPolicies(ctx caddy.Context) (pool.Policies, error) {
	loaded := make(map[string]any)
	if a.PoliciesRaw != nil {
		modules, err := ctx.LoadModule(a, "PoliciesRaw")
		if err != nil {
			return nil, fmt.Errorf("loading policies: %w", err)
		}
		loaded = modules.(map[string]any)
	}
	policies := make(pool.Policies)
	for _, m := range caddy.GetModules(policyNamespace) {
		name := m.ID.Name()
		module, ok := loaded[name]
		if !ok {
			var err error
			if module, err = ctx.LoadModuleByID(string(m.ID), nil); err != nil {
				return nil, fmt.Errorf("loading policy %s: %w", name, err)
			}
		}
		policy, ok := module.(pool.Policy)
		if !ok {
			return nil, fmt.Errorf("loading policy %s: %T is no selection policy", name, module)
		}
		policies[name] = policy
	}
	return policies, nil
}

// Interface guards
var (
	_ pool.Policy = (*StickyPolicy)(nil)
	_ pool.Policy = (*LeastBusyPolicy)(nil)
	_ pool.Policy = (*RoundRobinPolicy)(nil)
	_ pool.Policy = (*MostQuotaPolicy)(nil)
	_ pool.Policy = (*FillFirstPolicy)(nil)
	_ pool.Policy = (*RandomPolicy)(nil)
)
