package caddymodule

import (
	"context"
	"fmt"
	"net/http"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
)

// transportNamespace is where transports are found: those of `reverse_proxy`.
const transportNamespace = "http.reverse_proxy.transport"

// unmarshalTransport reads `transport <name> { … }` into a module's JSON.
func unmarshalTransport(d *caddyfile.Dispenser) ([]byte, error) {
	if !d.NextArg() {
		return nil, d.ArgErr()
	}
	name := d.Val()
	module, err := caddyfile.UnmarshalModule(d, transportNamespace+"."+name)
	if err != nil {
		return nil, err
	}
	transport, ok := module.(http.RoundTripper)
	if !ok {
		return nil, d.Errf("%s (%T) is no transport", name, module)
	}
	return caddyconfig.JSONModuleObject(transport, "protocol", name, nil), nil
}

// loadTransports sets up the transports of single accounts, by their names.
func (a *App) loadTransports(ctx caddy.Context) (map[string]http.RoundTripper, error) {
	if a.TransportsRaw == nil {
		return nil, nil
	}
	modules, err := ctx.LoadModule(a, "TransportsRaw")
	if err != nil {
		return nil, fmt.Errorf("loading transports of accounts: %w", err)
	}
	out := make(map[string]http.RoundTripper)
	for name, module := range modules.(map[string]any) {
		transport, ok := module.(http.RoundTripper)
		if !ok {
			return nil, fmt.Errorf("loading the transport of account %q: %T is no transport", name, module)
		}
		if account := a.tenant.inventory.Account(name); account == nil {
			return nil, fmt.Errorf("loading transports of accounts: there is no account %q", name)
		} else if account.Proxy != "" {
			return nil, fmt.Errorf("loading the transport of account %q: it has a proxy too; set the proxy inside transport", name)
		}
		out[name] = withReplacer{transport}
	}
	return out, nil
}

// withReplacer gives requests that no client's request stands behind what Caddy's transports expect in their context.
type withReplacer struct{ http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (t withReplacer) RoundTrip(r *http.Request) (*http.Response, error) {
	if _, ok := r.Context().Value(caddy.ReplacerCtxKey).(*caddy.Replacer); !ok {
		r = r.WithContext(context.WithValue(r.Context(), caddy.ReplacerCtxKey, caddy.NewReplacer()))
	}
	return t.RoundTripper.RoundTrip(r)
}
