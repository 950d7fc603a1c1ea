// Command caddy is Caddy with Fairway, as xcaddy would generate it.
package main

import (
	caddycmd "github.com/caddyserver/caddy/v2/cmd"
	_ "github.com/caddyserver/caddy/v2/modules/standard"

	_ "github.com/fairway-gateway/fairway/caddymodule"
)

func main() { caddycmd.Main() }
