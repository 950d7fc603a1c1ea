package caddymodule

import (
	"encoding/json"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/caddyserver/caddy/v2/modules/logging"
	"go.uber.org/zap/zapcore"
)

func init() { caddy.RegisterModule(LogFormat{}) }

// LogFormat is a log format that leaves out the keys that AI clients send where Caddy does not expect secrets: the request
// headers `X-Api-Key` and `X-Goog-Api-Key` and the query parameter `key`. (Caddy itself redacts `Authorization` and
// cookies.) It is Caddy's `filter` format with these filters set. Use it for the default logger as well as for access logs,
// because Caddy also describes a request when a handler fails.
type LogFormat struct {
	// The format that writes the entry. Default: `json`, or `console` when the output is a terminal.
	WrapRaw json.RawMessage `json:"wrap,omitempty" caddy:"namespace=caddy.logging.encoders inline_key=format"`

	logging.FilterEncoder `json:"-"`
}

// CaddyModule returns the Caddy module information.
func (LogFormat) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: formatID, New: func() caddy.Module { return new(LogFormat) }}
}

// Provision sets up the filters.
func (f *LogFormat) Provision(ctx caddy.Context) error {
	remove := json.RawMessage(`{"filter":"delete"}`)
	f.FilterEncoder.WrappedRaw = f.WrapRaw
	f.FilterEncoder.FieldsRaw = map[string]json.RawMessage{
		"request>headers>X-Api-Key":      remove,
		"request>headers>X-Goog-Api-Key": remove,
		"request>uri":                    json.RawMessage(`{"filter":"query","actions":[{"type":"delete","parameter":"key"}]}`),
	}
	return f.FilterEncoder.Provision(ctx)
}

// UnmarshalCaddyfile sets up the format from Caddyfile tokens. Syntax:
//
//	ai {
//	    wrap <another format> …
//	}
func (f *LogFormat) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next() // consume format name
	if d.NextArg() {
		return d.ArgErr()
	}
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		if d.Val() != "wrap" {
			return d.Errf("unrecognized subdirective: %s (ai knows: wrap)", d.Val())
		}
		if f.WrapRaw != nil {
			return d.Err("wrap is set twice")
		}
		if !d.NextArg() {
			return d.ArgErr()
		}
		name := d.Val()
		module, err := caddyfile.UnmarshalModule(d, "caddy.logging.encoders."+name)
		if err != nil {
			return err
		}
		encoder, ok := module.(zapcore.Encoder)
		if !ok {
			return d.Errf("%s (%T) is no log format", name, module)
		}
		f.WrapRaw = caddyconfig.JSONModuleObject(encoder, "format", name, nil)
	}
	return nil
}

// Interface guards
var (
	_ caddy.Provisioner                = (*LogFormat)(nil)
	_ caddyfile.Unmarshaler            = (*LogFormat)(nil)
	_ zapcore.Encoder                  = (*LogFormat)(nil)
	_ caddy.ConfiguresFormatterDefault = (*LogFormat)(nil)
)
