package caddymodule

import (
	"slices"
	"strings"

	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/fairway-gateway/fairway/accounts/inventory"
)

func (a *App) unmarshalCapability(d *caddyfile.Dispenser, parent seen) error {
	pattern, err := named(d, parent)
	if err != nil {
		return err
	}
	if err := noArg(d); err != nil {
		return err
	}
	capability := inventory.CapabilityConfig{Pattern: pattern}
	once := make(seen)
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		name := d.Val()
		if known := inventory.CapabilitySettings(); !slices.Contains(known, name) {
			return unknown(d, "capability", strings.Join(known, ", "))
		}
		if err := once.check(d, name); err != nil {
			return err
		}
		if err := capability.Set(name, d.RemainingArgs()...); err != nil {
			return d.WrapErr(err)
		}
	}
	a.Capabilities = append(a.Capabilities, capability)
	return nil
}
