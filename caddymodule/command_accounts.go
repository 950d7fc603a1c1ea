package caddymodule

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/spf13/cobra"

	"github.com/fairway-gateway/fairway/accounts/pool"
)

// accountsCommand is `caddy ai accounts`.
func accountsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "accounts",
		Short: "Shows the accounts of the running gateway: state, cool-downs, load and quotas",
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
		answer, err := c.ask(http.MethodGet, "/ai/accounts", nil, &list)
		if err != nil {
			return err
		}
		return c.show(answer, func(w io.Writer) { writeAccounts(w, list.Accounts, time.Now()) })
	}
	return cmd
}

func writeAccounts(w io.Writer, list []pool.AccountStatus, now time.Time) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "ACCOUNT\tPROVIDER\tCREDENTIAL\tIN FLIGHT\tFIRST BYTE\tSTATE")
	for _, a := range list {
		latency := "–"
		if a.LatencyMilliseconds > 0 {
			latency = fmt.Sprintf("%d ms", a.LatencyMilliseconds)
		}
		flight := fmt.Sprint(a.InFlight)
		if a.Waiting > 0 {
			flight += fmt.Sprintf(" (+%d waiting)", a.Waiting)
		}
		states := accountStates(a, now)
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", a.Name, a.Provider, a.Credential, flight, latency, states[0])
		for _, more := range states[1:] {
			fmt.Fprintf(t, "\t\t\t\t\t%s\n", more)
		}
	}
	t.Flush()
}

// accountStates says in a line each what there is to know of an account; at least one.
func accountStates(a pool.AccountStatus, now time.Time) []string {
	var lines []string
	if !a.Usable {
		lines = append(lines, a.Why)
	}
	for _, c := range a.Cooling {
		about := "all models"
		if c.Model != "" {
			about = c.Model
		}
		line := fmt.Sprintf("%s (%s)%s", strings.ReplaceAll(c.Outcome.String(), "_", " "), about, until(c.Until, now))
		if c.HalfOpen {
			line = fmt.Sprintf("half-open after %s (%s)", strings.ReplaceAll(c.Outcome.String(), "_", " "), about)
		}
		if c.Detail != "" {
			line += ": " + c.Detail
		}
		lines = append(lines, line)
	}
	if len(lines) == 0 {
		lines = append(lines, "ok")
	}
	if a.NeedsAttention {
		lines[0] = "NEEDS ATTENTION: " + lines[0]
	}
	for _, q := range a.Quota {
		if !q.Reset.IsZero() && !q.Reset.After(now) {
			continue // whole again since
		}
		about := q.Name
		if q.Model != "" {
			about += " of " + q.Model
		}
		left := fmt.Sprintf("%g left", q.Remaining)
		switch {
		case q.Limit == 1:
			left = fmt.Sprintf("%.0f%% left", 100*q.Remaining)
		case q.Limit > 0:
			left = fmt.Sprintf("%g of %g left", q.Remaining, q.Limit)
		}
		lines = append(lines, about+": "+left+until(q.Reset, now))
	}
	return lines
}

// accountCommand is `caddy ai account`.
func accountCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "account <command>", Short: "Takes accounts of the running gateway out of use, and back"}
	cmd.AddCommand(
		switchCommand("enable", "Takes an account back into use", pool.On),
		switchCommand("disable", "Takes an account out of use until it is enabled again, or the gateway is restarted; its requests go on", pool.Off),
		switchCommand("drain", "Takes an account out of use, and waits until its last request has ended", pool.Draining),
	)
	return cmd
}

// drainEvery is how often a drained account is looked at.
const drainEvery = 500 * time.Millisecond

func switchCommand(name, short string, to pool.Switch) *cobra.Command {
	cmd := &cobra.Command{Use: name + " <account>", Short: short, Args: cobra.ExactArgs(1)}
	adminFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		cmd.SilenceUsage = true
		c, err := newAdminClient(cmd)
		if err != nil {
			return err
		}
		var a pool.AccountStatus
		post := func() error {
			_, err := c.ask(http.MethodPost, "/ai/accounts/"+url.PathEscape(args[0]), switchRequest{&to}, &a)
			return err
		}
		if err := post(); err != nil {
			return err
		}
		for last := -1; to == pool.Draining && a.InFlight > 0; {
			if a.InFlight != last {
				fmt.Fprintf(cmd.ErrOrStderr(), "%s: %d requests in flight\n", a.Name, a.InFlight)
				last = a.InFlight
			}
			select {
			case <-cmd.Context().Done():
				return cmd.Context().Err()
			case <-time.After(drainEvery):
			}
			if err := post(); err != nil {
				return err
			}
		}
		return c.showValue(a, func(w io.Writer) { writeAccounts(w, []pool.AccountStatus{a}, time.Now()) })
	}
	return cmd
}

// showValue is show for what is no answer as it came.
func (c *adminClient) showValue(v any, human func(io.Writer)) error {
	answer, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return c.show(answer, human)
}
