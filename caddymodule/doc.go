// Package caddymodule makes Fairway a set of Caddy modules. It is the only package that imports Caddy: it turns
// configuration into an inventory, decides who may ask, and leaves the rest to package exchange.
//
// The modules:
//
//	ai                          the app: accounts, pools and routes, shared by all sites
//	http.handlers.ai            the directive `ai`: answers AI clients in their own protocol
//	caddy.logging.encoders.ai   the log format `ai`: leaves client keys out of Caddy's logs
package caddymodule

// The IDs of the modules, in one place so that a rename is one edit.
const (
	appName   = "ai"
	handlerID = "http.handlers.ai"
	formatID  = "caddy.logging.encoders.ai"
)
