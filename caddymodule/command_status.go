package caddymodule

import (
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/fairway-gateway/fairway/accounts/pool"
	"github.com/fairway-gateway/fairway/caddymodule/exchange"
)

// status is what `caddy ai status --json` writes.
type status struct {
	Accounts  []pool.AccountStatus `json:"accounts"`
	Exchanges []exchange.Past      `json:"exchanges"`
}

// statusCommand is `caddy ai status`.
func statusCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Shows at a glance how the running gateway is: its accounts and the last exchanges",
		Args:  cobra.NoArgs,
	}
	adminFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cmd.SilenceUsage = true
		c, err := newAdminClient(cmd)
		if err != nil {
			return err
		}
		var list accountList
		if _, err := c.ask(http.MethodGet, "/ai/accounts", nil, &list); err != nil {
			return err
		}
		var past trailList
		if _, err := c.ask(http.MethodGet, "/ai/trails?n=5", nil, &past); err != nil {
			return err
		}
		return c.showValue(status{list.Accounts, past.Exchanges}, func(w io.Writer) {
			writeAccounts(w, list.Accounts, time.Now())
			fmt.Fprintln(w)
			writeTrails(w, past.Exchanges)
		})
	}
	return cmd
}
