package caddymodule

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/fairway-gateway/fairway/accounts/pool"
	"github.com/fairway-gateway/fairway/caddymodule/exchange"
)

// routeCommand is `caddy ai route`.
func routeCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "route <model>",
		Short: "Says which account would serve a model now, and why not the others",
		Long: `
Asks the running gateway which account would serve a request for a model, and what stands in the way of the others: cool-downs,
limits, quotas, pools, switches. Nothing is sent to any account but, if need be, the question which models it has.`,
		Example: "  $ caddy ai route claude-opus-5\n  $ caddy ai route best --pool cheap",
		Args:    cobra.ExactArgs(1),
	}
	adminFlags(cmd)
	cmd.Flags().String("pool", "", "Pool of the site (default: all accounts)")
	cmd.Flags().String("account", "", "Account that the caller pins with X-Ai-Account")
	cmd.Flags().String("session", "", "Session key, to see where a session would go")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		cmd.SilenceUsage = true
		c, err := newAdminClient(cmd)
		if err != nil {
			return err
		}
		flag := func(name string) string { v, _ := cmd.Flags().GetString(name); return v }
		var plan pool.Plan
		answer, err := c.ask(http.MethodGet, withQuery("/ai/route", "model", args[0], "pool", flag("pool"), "account", flag("account"),
			"session", flag("session")), nil, &plan)
		if err != nil {
			return err
		}
		return c.show(answer, func(w io.Writer) { writePlan(w, args[0], plan, time.Now()) })
	}
	return cmd
}

func writePlan(w io.Writer, model string, plan pool.Plan, now time.Time) {
	if plan.Account == "" {
		fmt.Fprintf(w, "%s: %s\n", model, plan.Why)
	} else {
		fmt.Fprintf(w, "%s → %s/%s: %s\n", model, plan.Account, plan.Upstream, plan.Why)
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for i, target := range plan.Targets {
		from := "all accounts"
		if target.Pool != "" {
			from = "pool " + target.Pool
		}
		fmt.Fprintf(t, "\n%d. %s, of %s, by %s\n", i+1, target.Model, from, target.Policy)
		for _, a := range target.Accounts {
			mark := "✗"
			switch {
			case a.Chosen:
				mark = "→"
			case a.Could:
				mark = "·"
			}
			fmt.Fprintf(t, "  %s %s\t%s\t%s%s\n", mark, a.Account, a.Provider, a.Why, until(a.Until, now))
		}
	}
	t.Flush()
}

// until writes when something ends, in the reader's own time.
func until(at, now time.Time) string {
	switch {
	case at.IsZero():
		return ""
	case at.Sub(now) > 20*time.Hour:
		return " until " + at.Local().Format("2006-01-02 15:04")
	}
	return " until " + at.Local().Format("15:04:05")
}

// trailsCommand is `caddy ai trails`.
func trailsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "trails [<request id>]",
		Short: "Shows the last exchanges: who was asked, what came of it, who was passed over and why",
		Long: `
Shows the last exchanges of the running gateway, the newest first, with every account that was asked or passed over and the
reason. With the id that a client got as X-Request-Id, shows that exchange alone. The gateway remembers the last 512.`,
		Args: cobra.MaximumNArgs(1),
	}
	adminFlags(cmd)
	cmd.Flags().IntP("number", "n", 10, "How many exchanges")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		cmd.SilenceUsage = true
		c, err := newAdminClient(cmd)
		if err != nil {
			return err
		}
		n, _ := cmd.Flags().GetInt("number")
		if len(args) > 0 {
			n = 1 << 20
		}
		var list trailList
		answer, err := c.ask(http.MethodGet, withQuery("/ai/trails", "n", strconv.Itoa(n)), nil, &list)
		if err != nil {
			return err
		}
		if len(args) == 0 {
			return c.show(answer, func(w io.Writer) { writeTrails(w, list.Exchanges) })
		}
		for _, p := range list.Exchanges {
			if p.ID == args[0] {
				return c.showValue(p, func(w io.Writer) { writeTrails(w, []exchange.Past{p}) })
			}
		}
		return fmt.Errorf("finding exchange %s: the gateway does not remember it; it keeps the last %d of this run", args[0], len(list.Exchanges))
	}
	return cmd
}

func writeTrails(w io.Writer, past []exchange.Past) {
	if len(past) == 0 {
		fmt.Fprintln(w, "There have been no exchanges yet.")
	}
	for _, p := range past {
		status := strconv.Itoa(p.Status)
		if p.Canceled {
			status = "the client left"
		}
		fmt.Fprintf(w, "%s  %s  %s  %s  %d ms  %s\n", p.Time.Local().Format("15:04:05"), p.ID, p.Model, status, p.Duration, p.Error)
		for _, st := range p.Trail {
			mark := "✗"
			switch {
			case st.Tried && st.Outcome.String() == "ok":
				mark = "→"
			case !st.Tried:
				mark = "·"
			}
			fmt.Fprintf(w, "  %s %s%s\n", mark, st, until(st.Until, p.Time))
		}
	}
}
