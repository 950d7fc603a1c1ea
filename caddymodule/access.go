package caddymodule

import (
	"net/http"
	"net/netip"
	"strings"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/fairway-gateway/fairway/translate"
)

// access decides who may ask. A site address like http://127.0.0.1:8045 only matches the Host header while Caddy listens
// on every interface, so that the handler cannot rely on it.
type access struct {
	trustNetwork bool
	hosts        []caddyhttp.MatchHost // of the site that holds the handler
}

// check returns the name of an authenticated caller, "" for a local one, or what to answer instead. uploads says that the
// path takes bodies that are not JSON.
func (a *access) check(w http.ResponseWriter, r *http.Request, uploads bool) (user string, refusal *translate.Error) {
	user, known := authenticated(r)
	switch {
	case known:
	case a.trustNetwork:
		if a.rebound(r) {
			return "", forbidden("a web page sent this request to a host name that is not one of the site's; if the name is " +
				"yours, write it into the site's address in the Caddyfile")
		}
	default:
		if reason := a.foreign(r); reason != "" {
			return "", forbidden(reason + "; " + howToAllow)
		}
	}
	if crossSite(w, r, known) {
		return "", forbidden("a web page of another site sent this request; to allow that site, put " +
			"`header Access-Control-Allow-Origin <its origin>` before `ai` in the Caddyfile and answer its preflight requests")
	}
	if r.Method != http.MethodPost || jsonContent(r.Header.Get("Content-Type")) {
		return user, nil
	}
	switch {
	case !uploads && !bodiless(r), uploads && !bodiless(r) && !uploadContent(r.Header):
		return "", &translate.Error{Kind: translate.Unsupported, Message: "the request must be sent with the header " +
			"`Content-Type: application/json`, " + contentSent(r.Header)}
	case simple(w, r):
		return "", forbidden("a web page may have sent this request without the browser asking first; send the key as a bearer " +
			"token or in x-api-key, which a page cannot do unasked")
	}
	return user, nil
}

const howToAllow = "this gateway serves only authenticated callers and those on its own machine. To let others in, put an " +
	"authentication such as `basic_auth` before `ai` in the Caddyfile or require TLS client certificates; on a network where " +
	"everyone may use your accounts, write `ai { trust_network }`"

func forbidden(message string) *translate.Error {
	return &translate.Error{Kind: translate.Forbidden, Message: message}
}

// authenticated reports who the caller is, if an authentication of the site or a verified client certificate says so.
func authenticated(r *http.Request) (user string, ok bool) {
	if repl, _ := r.Context().Value(caddy.ReplacerCtxKey).(*caddy.Replacer); repl != nil {
		if user, _ := repl.GetString("http.auth.user.id"); user != "" {
			return user, true
		}
	}
	if r.TLS != nil && len(r.TLS.VerifiedChains) > 0 && len(r.TLS.VerifiedChains[0]) > 0 {
		return r.TLS.VerifiedChains[0][0].Subject.CommonName, true
	}
	return "", false
}

// foreign says why a request does not come from this machine, "" when it does. In doubt it does not.
func (a *access) foreign(r *http.Request) string {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !peer.Addr().Unmap().IsLoopback() {
		return "the caller is not on this machine"
	}
	// A proxy on this machine passes on what strangers ask.
	for name := range r.Header {
		if forwarding(name) {
			return "the header " + name + " says that a proxy passed the request on"
		}
	}
	// A page whose name was made to resolve to 127.0.0.1 names itself here (DNS rebinding).
	if !loopbackHost(r.Host) && !a.ownHost(r) {
		return "the host name that was asked for is neither a loopback name nor one of the site's"
	}
	return ""
}

// forwarding reports whether proxies and tunnels add a header of this canonical name.
func forwarding(name string) bool {
	switch name {
	case "Forwarded", "Via", "X-Real-Ip", "X-Client-Ip", "X-Cluster-Client-Ip", "True-Client-Ip", "Cf-Connecting-Ip":
		return true
	}
	return strings.HasPrefix(name, "X-Forwarded-")
}

// rebound reports whether a page may have made a name of its own resolve to the gateway's address, which makes it the same
// origin for the browser. Only a name that others can buy serves for that.
func (a *access) rebound(r *http.Request) bool {
	if r.Header.Get("Origin") == "" || loopbackHost(r.Host) || a.ownHost(r) {
		return false
	}
	name, _, _ := strings.Cut(r.Host, ":")
	_, err := netip.ParseAddr(name)
	return err != nil && !strings.HasPrefix(r.Host, "[") && strings.Contains(strings.TrimSuffix(name, "."), ".")
}

func (a *access) ownHost(r *http.Request) bool {
	for _, m := range a.hosts {
		if m.Match(r) {
			return true
		}
	}
	return false
}

// loopbackHost reports whether a Host header names this machine by a name that no DNS server can redefine (RFC 6761 6.3).
func loopbackHost(host string) bool {
	if addr, err := netip.ParseAddrPort(host); err == nil {
		return addr.Addr().Unmap().IsLoopback()
	}
	if addr, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return addr.Unmap().IsLoopback()
	}
	name, _, _ := strings.Cut(host, ":")
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	return name == "localhost" || strings.HasSuffix(name, ".localhost")
}

// crossSite reports whether a browser says that a page of another site asks, and the operator has not allowed that site.
// An allowance for every site does not count for callers without a name: any page could spend the owner's tokens.
func crossSite(w http.ResponseWriter, r *http.Request, known bool) bool {
	if r.Header.Get("Sec-Fetch-Site") != "cross-site" {
		return false
	}
	switch allowed := w.Header().Get("Access-Control-Allow-Origin"); allowed {
	case "":
		return true
	case "*":
		return !known
	default:
		return allowed != r.Header.Get("Origin")
	}
}

// jsonContent reports whether a Content-Type is JSON. Browsers send it across sites only after a preflight request.
func jsonContent(contentType string) bool {
	media, _, _ := strings.Cut(contentType, ";")
	media = strings.ToLower(strings.TrimSpace(media))
	return media == "application/json" ||
		strings.HasPrefix(media, "application/") && strings.HasSuffix(media, "+json")
}

// uploadContent reports whether a body is one that the paths for uploads take: a form, or a chunk of Google's resumable
// uploads, whose headers a browser sends across sites only after a preflight request.
func uploadContent(h http.Header) bool {
	media, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	return strings.EqualFold(strings.TrimSpace(media), "multipart/form-data") ||
		h.Get("X-Goog-Upload-Command") != "" || h.Get("X-Goog-Upload-Protocol") != ""
}

// bodiless reports whether a request has neither a body nor says what it would be, as some clients ask to cancel something.
func bodiless(r *http.Request) bool {
	return r.ContentLength == 0 && r.Header.Get("Content-Type") == ""
}

// simple reports whether a page of another origin may have made a browser send this request without asking first (a "simple
// request", as forms are). Browsers tell in Sec-Fetch-Site, towards plain-text addresses in Origin only. A same-site page is
// another origin too: on localhost, every port is. What no page can make a browser send unasked is a bearer token or a
// vendor's key header; Basic credentials it adds on its own.
func simple(w http.ResponseWriter, r *http.Request) bool {
	h := r.Header
	scheme, _, _ := strings.Cut(h.Get("Authorization"), " ")
	if strings.EqualFold(scheme, "Bearer") || h.Get("X-Api-Key") != "" || h.Get("X-Goog-Api-Key") != "" ||
		h.Get("X-Goog-Upload-Command") != "" || h.Get("X-Goog-Upload-Protocol") != "" {
		return false
	}
	origin, site := h.Get("Origin"), h.Get("Sec-Fetch-Site")
	switch {
	case site == "same-origin", site == "none", site == "" && origin == "":
		return false
	case origin != "" && origin == w.Header().Get("Access-Control-Allow-Origin"):
		return false
	case site == "":
		_, host, _ := strings.Cut(origin, "://")
		return host != r.Host
	}
	return true
}

func contentSent(h http.Header) string {
	const longest = 60
	switch sent := h.Get("Content-Type"); {
	case sent == "":
		return "and it has none"
	case len(sent) > longest:
		return "not with another one"
	default:
		return "not " + sent
	}
}
