package caddymodule

import (
	caddycmd "github.com/caddyserver/caddy/v2/cmd"
	"github.com/spf13/cobra"
)

func init() {
	caddycmd.RegisterCommand(caddycmd.Command{
		Name:  appName,
		Usage: "<command>",
		Short: "Works with the accounts of the AI gateway",
		Long: `
Works with the accounts, credentials and routes that the global ai block of a Caddyfile declares.
Run 'caddy ai <command> --help' for what each command does.`,
		CobraFunc: func(cmd *cobra.Command) { cmd.AddCommand(subcommands()...) },
	})
}

// subcommands are the commands below `caddy ai`, each made in a file of its own (command_<name>.go).
func subcommands() []*cobra.Command {
	return []*cobra.Command{loginCommand(), routeCommand(), trailsCommand(), accountsCommand(), accountCommand(), statusCommand()}
}
