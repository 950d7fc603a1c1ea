package caddymodule

import (
	"encoding/json"
	"strconv"

	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/fairway-gateway/fairway/accounts/inventory"
)

func (a *App) unmarshalAccount(d *caddyfile.Dispenser, parent seen) error {
	name, err := named(d, parent)
	if err != nil {
		return err
	}
	account := inventory.AccountConfig{Name: name}
	once := make(seen)
	switch args := d.RemainingArgs(); len(args) {
	case 1:
		account.Provider = args[0]
	case 2:
		account.Provider, account.APIKey = args[0], args[1]
		once["api_key"] = true
	default:
		return d.Err("an account is written: account <name> <provider> [<api_key>]")
	}
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		name := d.Val()
		if name != "models" && name != "header" && name != "deployment" {
			if err := once.check(d, name); err != nil {
				return err
			}
		}
		switch name {
		case "api_key":
			err = oneArg(d, &account.APIKey)
		case "dialect":
			err = oneArg(d, &account.Dialect)
		case "base_url":
			err = oneArg(d, &account.BaseURL)
		case "models":
			err = listArg(d, &account.Models)
		case "weight":
			account.Weight, err = countArg(d, 1)
		case "priority":
			account.Priority, err = priorityArg(d)
		case "max_concurrent":
			account.MaxConcurrent, err = countArg(d, 1)
		case "rpm":
			account.RPM, err = countArg(d, 1)
		case "tpm":
			account.TPM, err = countArg(d, 1)
		case "quota_floor":
			account.QuotaFloor, err = shareArg(d)
		case "proxy":
			err = oneArg(d, &account.Proxy)
		case "transport":
			var raw []byte
			if raw, err = unmarshalTransport(d); err == nil {
				if a.TransportsRaw == nil {
					a.TransportsRaw = make(map[string]json.RawMessage)
				}
				a.TransportsRaw[account.Name] = raw
			}
		case "header":
			err = pairArg(d, &account.Headers)
		case "resource":
			err = oneArg(d, &account.Resource)
		case "api_version":
			err = oneArg(d, &account.APIVersion)
		case "project":
			err = oneArg(d, &account.Project)
		case "location":
			err = oneArg(d, &account.Location)
		case "region":
			err = oneArg(d, &account.Region)
		case "aws":
			account.AWS, err = unmarshalAWS(d)
		case "deployment":
			err = pairArg(d, &account.Deployments)
		case "disabled":
			account.Disabled, err = true, noArg(d)
		case "oauth":
			account.OAuth, err = unmarshalOAuth(d)
		case "google":
			account.Google, err = unmarshalGoogle(d)
		case "command":
			account.Command, err = unmarshalCommand(d)
		default:
			err = unknown(d, "account", "api_key, oauth, google, command, aws, dialect, base_url, models, weight, priority, max_concurrent, rpm, tpm, "+
				"quota_floor, proxy, transport, header, disabled, resource, api_version, project, location, region, deployment")
		}
		if err != nil {
			return err
		}
	}
	a.Config.Accounts = append(a.Config.Accounts, account)
	return nil
}

func (a *App) unmarshalProvider(d *caddyfile.Dispenser, parent seen) error {
	name, err := named(d, parent)
	if err != nil {
		return err
	}
	if err := noArg(d); err != nil {
		return err
	}
	provider := inventory.ProviderConfig{Name: name}
	once := make(seen)
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		name := d.Val()
		if name != "families" && name != "endpoint" {
			if err := once.check(d, name); err != nil {
				return err
			}
		}
		switch name {
		case "dialect":
			err = oneArg(d, &provider.Dialect)
		case "base_url":
			err = oneArg(d, &provider.BaseURL)
		case "auth_header":
			err = authArgs(d, &provider.AuthHeader, &provider.AuthPrefix)
		case "endpoint":
			var e inventory.EndpointConfig
			e, err = unmarshalEndpoint(d)
			provider.Endpoints = append(provider.Endpoints, e)
		case "families":
			err = listArg(d, &provider.Families)
		case "key_optional":
			provider.KeyOptional, err = true, noArg(d)
		default:
			err = unknown(d, "provider", "dialect, base_url, auth_header, endpoint, families, key_optional")
		}
		if err != nil {
			return err
		}
	}
	a.Providers = append(a.Providers, provider)
	return nil
}

func unmarshalEndpoint(d *caddyfile.Dispenser) (inventory.EndpointConfig, error) {
	var e inventory.EndpointConfig
	if !d.AllArgs(&e.Dialect, &e.BaseURL) {
		return e, d.ArgErr()
	}
	once := make(seen)
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		if d.Val() != "auth_header" {
			return e, unknown(d, "endpoint", "auth_header")
		}
		if err := once.check(d, d.Val()); err != nil {
			return e, err
		}
		if err := authArgs(d, &e.AuthHeader, &e.AuthPrefix); err != nil {
			return e, err
		}
	}
	return e, nil
}

// authArgs reads the header that carries a key, and what stands before the key.
func authArgs(d *caddyfile.Dispenser, header, prefix *string) error {
	switch args := d.RemainingArgs(); len(args) {
	case 1:
		*header = args[0]
	case 2:
		*header, *prefix = args[0], args[1]
	default:
		return d.ArgErr()
	}
	return nil
}

// pairArg reads a name and its value, of which there may be several.
func pairArg(d *caddyfile.Dispenser, to *map[string]string) error {
	kind := d.Val()
	var name, value string
	if !d.AllArgs(&name, &value) {
		return d.ArgErr()
	}
	if _, dup := (*to)[name]; dup {
		return d.Errf("%s %s is set twice", kind, name)
	}
	if *to == nil {
		*to = make(map[string]string)
	}
	(*to)[name] = value
	return nil
}

// shareArg reads a share like 10% or 0.1.
func shareArg(d *caddyfile.Dispenser) (inventory.Share, error) {
	var arg string
	if !d.AllArgs(&arg) {
		return 0, d.ArgErr()
	}
	share, err := inventory.ParseShare(arg)
	if err != nil {
		return 0, d.WrapErr(err)
	}
	return share, nil
}

// priorityArg reads a whole number, which may be negative.
func priorityArg(d *caddyfile.Dispenser) (int, error) {
	var arg string
	if !d.AllArgs(&arg) {
		return 0, d.ArgErr()
	}
	n, err := strconv.Atoi(arg)
	if err != nil {
		return 0, d.Errf("priority must be a whole number, not %q", arg)
	}
	return n, nil
}
