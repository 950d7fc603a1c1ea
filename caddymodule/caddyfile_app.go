package caddymodule

import (
	"strconv"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"

	"github.com/fairway-gateway/fairway/accounts"
	"github.com/fairway-gateway/fairway/accounts/inventory"
)

func parseApp(d *caddyfile.Dispenser, existing any) (any, error) {
	if existing != nil {
		d.Next()
		return nil, d.Err("the global option ai is set twice; put everything into one block")
	}
	a := new(App)
	if err := a.UnmarshalCaddyfile(d); err != nil {
		return nil, err
	}
	return httpcaddyfile.App{Name: appName, Value: caddyconfig.JSON(a, nil)}, nil
}

// UnmarshalCaddyfile sets up the app from Caddyfile tokens. Syntax:
//
//	ai {
//	    account <name> <provider> [<api_key>] {
//	        api_key        <key>
//	        dialect        chat|completions|responses|messages|gemini
//	        base_url       <url>
//	        models         <patterns…>
//	        weight         <n>
//	        priority       <n>
//	        max_concurrent <n>
//	        rpm            <n>
//	        tpm            <n>
//	        quota_floor    <share, like 10%>
//	        proxy          <url>
//	        transport      <name> {
//	            …
//	        }
//	        header         <name> <value>
//	        disabled
//	        resource       <name of an Azure OpenAI resource>
//	        api_version    <Azure's, like 2024-10-21>
//	        project        <id of a Google Cloud project>
//	        location       <Vertex AI's, like us-east5; default global>
//	        region         <Amazon's, like us-east-1>
//	        deployment     <model> <the provider's own name for it>
//	    }
//	    provider <name> {
//	        dialect      <dialect>
//	        base_url     <url>
//	        auth_header  <name> [<prefix>]
//	        endpoint     <dialect> <base_url> {
//	            auth_header <name> [<prefix>]
//	        }
//	        families     <patterns…>
//	        key_optional
//	    }
//	    accounts <files…>
//	    model    <pattern> <targets…> {
//	        pool <name>
//	    }
//	    pool     <name> {
//	        accounts <names…>
//	        policy   <policy>
//	    }
//	    capability <model-pattern> {
//	        max_output       <tokens>
//	        thinking         none|budget|adaptive|level
//	        efforts          <words…>
//	        no_sampling      [true|false]
//	        no_thinking_off  [true|false]
//	        between_tools    [true|false]
//	        no_forced_tool   [true|false]
//	        no_prefill       [true|false]
//	        mid_system       [true|false]
//	        max_tokens_field [true|false]
//	        echo_reasoning   [true|false]
//	        signatures       [true|false]
//	    }
//	    policy   sticky|least_busy|round_robin|most_quota|fill_first|random
//	    cooldown <outcome> {
//	        base   <duration>
//	        factor <number>
//	        max    <duration>
//	        scope  account|model
//	    }
//	}
//
// Keys are best written as {env.NAME} or {file./path}. Patterns may hold * and ?. Paths of accounts files are relative to
// the working directory.
func (a *App) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next() // consume option name
	if d.NextArg() {
		return d.Errf("ai takes no argument, got %q; settings go into a block", d.Val())
	}
	once := make(seen)
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		var err error
		switch d.Val() {
		case "account":
			err = a.unmarshalAccount(d, once)
		case "provider":
			err = a.unmarshalProvider(d, once)
		case "accounts":
			err = listArg(d, &a.AccountsFiles)
		case "model":
			err = a.unmarshalModel(d, once)
		case "pool":
			err = a.unmarshalPool(d, once)
		case "capability":
			err = a.unmarshalCapability(d, once)
		case "policy":
			if err = once.check(d, "policy"); err == nil {
				err = a.unmarshalPolicy(d)
			}
		case "cooldown":
			err = a.unmarshalCooldown(d, once)
		case "store", "retention", "user", "cluster":
			err = notYet(d)
		default:
			err = unknown(d, "ai", "account, provider, accounts, model, pool, capability, policy, cooldown")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// notYet refuses what the design has and this version has not, so that nobody takes it for a typing error.
func notYet(d *caddyfile.Dispenser) error { return d.Errf("%s is not supported yet", d.Val()) }

// named reads a block's first argument, its name, and refuses a second block of the kind with the same name.
func named(d *caddyfile.Dispenser, once seen) (string, error) {
	kind := d.Val()
	if !d.NextArg() {
		return "", d.ArgErr()
	}
	name := d.Val()
	return name, once.check(d, kind+" "+strconv.Quote(name))
}

func (a *App) unmarshalModel(d *caddyfile.Dispenser, once seen) error {
	pattern, err := named(d, once)
	if err != nil {
		return err
	}
	route := inventory.RouteConfig{Pattern: pattern}
	if err := listArg(d, &route.Targets); err != nil {
		return err
	}
	once = make(seen)
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		if d.Val() != "pool" {
			return unknown(d, "model", "pool")
		}
		if err := once.check(d, d.Val()); err != nil {
			return err
		}
		if err := oneArg(d, &route.Pool); err != nil {
			return err
		}
	}
	a.Routes = append(a.Routes, route)
	return nil
}

func (a *App) unmarshalPool(d *caddyfile.Dispenser, parent seen) error {
	name, err := named(d, parent)
	if err != nil {
		return err
	}
	pool := inventory.PoolConfig{Name: name}
	if err := noArg(d); err != nil {
		return err
	}
	once := make(seen)
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		switch d.Val() {
		case "accounts":
			err = listArg(d, &pool.Accounts)
		case "policy":
			if err = once.check(d, "policy"); err == nil {
				err = oneArg(d, &pool.Policy)
			}
		default:
			err = unknown(d, "pool", "accounts, policy")
		}
		if err != nil {
			return err
		}
	}
	if len(pool.Accounts) == 0 {
		return d.Errf("pool %q names no accounts", name)
	}
	a.Pools = append(a.Pools, pool)
	return nil
}

// unmarshalPolicy reads the default policy, with its settings if it is a module that has any.
func (a *App) unmarshalPolicy(d *caddyfile.Dispenser) error {
	if !d.NextArg() {
		return d.ArgErr()
	}
	a.Policy = d.Val()
	id := policyNamespace + "." + a.Policy
	info, err := caddy.GetModule(id)
	if err == nil {
		if _, ok := info.New().(caddyfile.Unmarshaler); ok {
			module, err := caddyfile.UnmarshalModule(d, id)
			if err != nil {
				return err
			}
			a.PoliciesRaw = caddy.ModuleMap{a.Policy: caddyconfig.JSON(module, nil)}
			return nil
		}
	}
	if err := noArg(d); err != nil {
		return err
	}
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		return d.Errf("policy %s has no settings, got %q", a.Policy, d.Val())
	}
	return nil
}

func (a *App) unmarshalCooldown(d *caddyfile.Dispenser, parent seen) error {
	outcome, err := named(d, parent)
	if err != nil {
		return err
	}
	if _, ok := accounts.ParseOutcome(outcome); !ok {
		return d.Errf("there is no outcome %q", outcome)
	}
	if err := noArg(d); err != nil {
		return err
	}
	var cooldown inventory.CooldownConfig
	once := make(seen)
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		name := d.Val()
		if err := once.check(d, name); err != nil {
			return err
		}
		var arg string
		if err := oneArg(d, &arg); err != nil {
			return err
		}
		switch name {
		case "base":
			cooldown.Base, err = inventory.ParseDuration(arg)
		case "max":
			cooldown.Max, err = inventory.ParseDuration(arg)
		case "factor":
			cooldown.Factor, err = strconv.ParseFloat(arg, 64)
		case "scope":
			cooldown.Scope = arg
		default:
			return d.Errf("unrecognized subdirective: %s (cooldown knows: base, factor, max, scope)", name)
		}
		if err != nil {
			return d.WrapErr(err)
		}
	}
	if a.Cooldowns == nil {
		a.Cooldowns = make(map[string]inventory.CooldownConfig)
	}
	a.Cooldowns[outcome] = cooldown
	return nil
}

// Interface guard
var _ caddyfile.Unmarshaler = (*App)(nil)
