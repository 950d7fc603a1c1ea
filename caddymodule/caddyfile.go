package caddymodule

import (
	"strconv"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"github.com/dustin/go-humanize"
)

func init() {
	httpcaddyfile.RegisterGlobalOption(appName, parseApp)
	httpcaddyfile.RegisterHandlerDirective("ai", parseGateway)
	httpcaddyfile.RegisterDirectiveOrder("ai", httpcaddyfile.Before, "reverse_proxy")
}

func parseGateway(h httpcaddyfile.Helper) (caddyhttp.MiddlewareHandler, error) {
	g := new(Gateway)
	return g, g.UnmarshalCaddyfile(h.Dispenser)
}

// UnmarshalCaddyfile sets up the handler from Caddyfile tokens. Syntax:
//
//	ai [<matcher>] {
//	    pool          <name>
//	    strict
//	    auto_cache
//	    max_body      <size>
//	    heartbeat     <duration>
//	    attempts      <n>
//	    deadline      <duration>
//	    max_wait      <duration>
//	    no_repeat
//	    trust_network
//	    transport     <name> {
//	        …
//	    }
//	}
func (g *Gateway) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next() // consume directive name
	if d.NextArg() {
		return d.Errf("ai takes no argument but a matcher, got %q; settings go into a block", d.Val())
	}
	once := make(seen)
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		name := d.Val()
		if err := once.check(d, name); err != nil {
			return err
		}
		var err error
		switch name {
		case "pool":
			err = oneArg(d, &g.Pool)
		case "strict":
			g.Strict, err = true, noArg(d)
		case "auto_cache":
			g.AutoCache, err = true, noArg(d)
		case "max_body":
			g.MaxBody, err = sizeArg(d)
		case "heartbeat":
			g.Heartbeat, err = durationArg(d)
		case "attempts":
			g.Attempts, err = countArg(d, 1)
		case "deadline":
			g.Deadline, err = durationArg(d)
		case "max_wait":
			g.MaxWait, err = durationArg(d)
		case "no_repeat":
			g.NoRepeat, err = true, noArg(d)
		case "trust_network":
			g.TrustNetwork, err = true, noArg(d)
		case "transport":
			g.TransportRaw, err = unmarshalTransport(d)
		default:
			err = unknown(d, "ai", "pool, strict, auto_cache, max_body, heartbeat, attempts, deadline, max_wait, no_repeat, trust_network, transport")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// seen remembers what has been set in a block.
type seen map[string]bool

// check refuses a setting that has been seen; what tells it apart, if it may stand several times under other names.
func (s seen) check(d *caddyfile.Dispenser, what string) error {
	if s[what] {
		return d.Errf("%s is set twice", what)
	}
	s[what] = true
	return nil
}

func unknown(d *caddyfile.Dispenser, where, known string) error {
	return d.Errf("unrecognized subdirective: %s (%s knows: %s)", d.Val(), where, known)
}

func noArg(d *caddyfile.Dispenser) error {
	if d.NextArg() {
		return d.ArgErr()
	}
	return nil
}

func oneArg(d *caddyfile.Dispenser, to *string) error {
	if !d.AllArgs(to) {
		return d.ArgErr()
	}
	return nil
}

// listArg reads one argument or more.
func listArg(d *caddyfile.Dispenser, to *[]string) error {
	args := d.RemainingArgs()
	if len(args) == 0 {
		return d.ArgErr()
	}
	*to = append(*to, args...)
	return nil
}

// countArg reads a whole number that is at least least.
func countArg(d *caddyfile.Dispenser, least int) (int, error) {
	name := d.Val()
	var arg string
	if !d.AllArgs(&arg) {
		return 0, d.ArgErr()
	}
	n, err := strconv.Atoi(arg)
	if err != nil || n < least {
		return 0, d.Errf("%s must be a whole number of at least %d, not %q", name, least, arg)
	}
	return n, nil
}

// durationArg reads a positive duration.
func durationArg(d *caddyfile.Dispenser) (caddy.Duration, error) {
	name := d.Val()
	var arg string
	if !d.AllArgs(&arg) {
		return 0, d.ArgErr()
	}
	duration, err := caddy.ParseDuration(arg)
	if err != nil || duration <= 0 {
		return 0, d.Errf("%s must be a duration like 15s or 10m, not %q", name, arg)
	}
	return caddy.Duration(duration), nil
}

// sizeArg reads a positive size like 32MiB.
func sizeArg(d *caddyfile.Dispenser) (int64, error) {
	const most = 1 << 40
	name := d.Val()
	var arg string
	if !d.AllArgs(&arg) {
		return 0, d.ArgErr()
	}
	size, err := humanize.ParseBytes(arg)
	if err != nil || size == 0 || size > most {
		return 0, d.Errf("%s must be a size like 32MiB, not %q", name, arg)
	}
	return int64(size), nil
}

// Interface guard
var _ caddyfile.Unmarshaler = (*Gateway)(nil)
