package caddymodule

import (
	"path/filepath"

	"github.com/caddyserver/caddy/v2"

	"github.com/fairway-gateway/fairway/accounts/credential"
)

// tokenStore is where the tokens of logins are kept, sealed: in Caddy's data directory, so that `caddy ai login` and the
// gateway share them.
func tokenStore() *credential.FileStore {
	return credential.NewFileStore(filepath.Join(caddy.AppDataDir(), "ai", "tokens"))
}
