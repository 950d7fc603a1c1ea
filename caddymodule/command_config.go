package caddymodule

import (
	"errors"
	"fmt"

	caddycmd "github.com/caddyserver/caddy/v2/cmd"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"

	"github.com/fairway-gateway/fairway/accounts/inventory"
)

// configFlags adds the flags that say which configuration a command works with.
func configFlags(cmd *cobra.Command) {
	cmd.Flags().StringP("config", "c", "", "Configuration file (default: Caddyfile in this directory)")
	cmd.Flags().StringP("adapter", "a", "", "Name of the config adapter to apply, if it is no Caddyfile")
}

// declared reads the accounts of a configuration that need not be running: those of the ai block and of the accounts files.
func declared(cmd *cobra.Command) (*inventory.Inventory, error) {
	file, err := cmd.Flags().GetString("config")
	if err != nil {
		return nil, err
	}
	adapter, err := cmd.Flags().GetString("adapter")
	if err != nil {
		return nil, err
	}
	raw, found, _, err := caddycmd.LoadConfig(file, adapter)
	if err != nil {
		return nil, fmt.Errorf("reading configuration: %w", err)
	}
	if raw == nil {
		return nil, errors.New("reading configuration: there is no Caddyfile here; name one with --config")
	}
	var config struct {
		Apps map[string]jsontext.Value `json:"apps"`
	}
	if err := json.Unmarshal(raw, &config); err != nil {
		return nil, fmt.Errorf("reading configuration %s: %w", found, err)
	}
	app := new(App)
	if part := config.Apps[appName]; part != nil {
		if err := json.Unmarshal(part, app); err != nil {
			return nil, fmt.Errorf("reading configuration %s: %w", found, err)
		}
	}
	if err := app.readFiles(); err != nil {
		return nil, err
	}
	return app.build(nil)
}
