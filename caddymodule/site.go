package caddymodule

import (
	"maps"
	"net/netip"
	"slices"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp/caddyauth"
	"github.com/caddyserver/caddy/v2/modules/caddytls"
)

// site is a top-level route of a server, which is what a site of a Caddyfile becomes, as far as it concerns a gateway.
type site struct {
	listen        []string
	hosts         []caddyhttp.MatchHost
	authenticates bool
	gateways      []*Gateway
}

// findSites returns the sites of an HTTP app that hold gateways. It reads decoded modules, so that it can be called only
// when the whole configuration has been provisioned.
func findSites(app *caddyhttp.App) []site {
	var sites []site
	for _, name := range slices.Sorted(maps.Keys(app.Servers)) {
		server := app.Servers[name]
		certificates := slices.ContainsFunc(server.TLSConnPolicies, func(p *caddytls.ConnectionPolicy) bool {
			return p.ClientAuthentication != nil
		})
		for _, route := range server.Routes {
			s := site{listen: server.Listen, authenticates: certificates}
			s.walk(route)
			if len(s.gateways) > 0 {
				sites = append(sites, s)
			}
		}
	}
	return sites
}

func (s *site) walk(route caddyhttp.Route) {
	for _, set := range route.MatcherSets {
		for _, matcher := range set {
			if m, ok := matcher.(*caddyhttp.MatchHost); ok {
				s.hosts = append(s.hosts, *m)
			}
		}
	}
	for _, handler := range route.Handlers {
		switch h := handler.(type) {
		case *Gateway:
			s.gateways = append(s.gateways, h)
		case *caddyauth.Authentication:
			s.authenticates = true
		case *caddyhttp.Subroute:
			for _, inner := range h.Routes {
				s.walk(inner)
			}
		}
	}
}

// exposed returns the first of the site's addresses that can be reached from other machines.
func (s *site) exposed() (address string, ok bool) {
	for _, listen := range s.listen {
		addr, err := caddy.ParseNetworkAddress(listen)
		if err != nil || addr.IsUnixNetwork() || addr.IsFdNetwork() {
			continue
		}
		if ip, err := netip.ParseAddr(addr.Host); err == nil && ip.IsLoopback() || addr.Host == "localhost" {
			continue
		}
		return listen, true
	}
	return "", false
}
