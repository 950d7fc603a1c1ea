package caddymodule

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/fairway-gateway/fairway/accounts/credential"
	"github.com/fairway-gateway/fairway/accounts/inventory"
)

// loginTimeout is how long the owner may take.
const loginTimeout = 15 * time.Minute

// loginCommand is `caddy ai login`.
func loginCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "login <account>",
		Short: "Logs in to an account that has an OAuth client",
		Long: `
Logs in to an account whose declaration has an oauth block, with the OAuth client that stands there, and keeps the refresh
token, encrypted, where the gateway finds it; a gateway that is running takes it up within two seconds.

There are three ways. With a browser on this machine, which is the default where there is a display: it is sent back to a port
of this machine (--redirect, if the provider wants to know which). With --device, a code is entered on any other device. With
--paste, the page is opened on another machine, and the address on which the browser ends is pasted here.

Run it as the user, and with the FAIRWAY_SECRET_KEY, of the gateway.`,
		Example: "  $ caddy ai login gemini-me\n  $ caddy ai login gemini-me --paste --config /etc/caddy/Caddyfile",
		Args:    cobra.ExactArgs(1),
	}
	configFlags(cmd)
	cmd.Flags().Bool("browser", false, "Open a browser on this machine, even if there seems to be no display")
	cmd.Flags().Bool("device", false, "Enter a code on another device")
	cmd.Flags().Bool("paste", false, "Open the page on another machine and paste the address that it ends on")
	cmd.Flags().String("redirect", "", "URL of this machine to which the provider sends the browser back, as registered there")
	cmd.MarkFlagsMutuallyExclusive("browser", "device", "paste")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt)
		defer stop()
		ctx, cancel := context.WithTimeoutCause(ctx, loginTimeout, errors.New("nobody has agreed in time"))
		defer cancel()
		return runLogin(ctx, cmd, args[0], hasDisplay())
	}
	return cmd
}

func runLogin(ctx context.Context, cmd *cobra.Command, name string, display bool) error {
	inv, err := declared(cmd)
	if err != nil {
		return err
	}
	login, err := loginTo(inv, name)
	if err != nil {
		return err
	}
	if browser, _ := cmd.Flags().GetBool("browser"); browser {
		display = true
	}
	device, _ := cmd.Flags().GetBool("device")
	paste, _ := cmd.Flags().GetBool("paste")
	redirect, _ := cmd.Flags().GetString("redirect")
	if !device && !paste && !display {
		if device = login.CanDevice() && redirect == ""; !device {
			paste = true
		}
	}
	if !device && !paste && !login.CanBrowse() {
		device = true
	}
	out := cmd.OutOrStdout()
	switch {
	case device:
		err = login.Device(ctx, func(code credential.DeviceCode) {
			fmt.Fprintf(out, "Open %s and enter the code %s\n", code.URL, code.Code)
			if code.FullURL != "" {
				fmt.Fprintf(out, "(or open %s)\n", code.FullURL)
			}
			fmt.Fprintln(out, "Waiting for you to agree …")
		})
	case paste:
		err = login.Paste(ctx, redirect, func(url string) {
			fmt.Fprintf(out, "Open this page in a browser and agree:\n\n%s\n\n"+
				"The browser then ends on a page that cannot be reached. Paste its whole address here: ", url)
		}, func(ctx context.Context) (string, error) { return readLine(ctx, cmd.InOrStdin()) })
	default:
		err = login.Browser(ctx, redirect, func(url string) {
			fmt.Fprintf(out, "Open this page, if your browser has not done so, and agree:\n\n%s\n\nWaiting for you to agree …\n", url)
			openBrowser(url)
		})
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Logged in to %s.\n", name)
	return nil
}

// loginTo finds an account's login, or says why it has none.
func loginTo(inv *inventory.Inventory, name string) (*credential.Login, error) {
	account := inv.Account(name)
	if account == nil {
		return nil, fmt.Errorf("finding account: %w", inv.NoAccount(name))
	}
	oauth, ok := account.Credential.(*credential.OAuth)
	switch {
	case ok:
		return oauth.Login(), nil
	case account.Unusable != "":
		return nil, fmt.Errorf("preparing the login to %s: %s", name, account.Unusable)
	}
	return nil, fmt.Errorf("preparing the login to %s: the account has no oauth block with a client_id to log in with", name)
}

// hasDisplay reports whether a browser could open here.
func hasDisplay() bool {
	switch runtime.GOOS {
	case "darwin", "windows":
		return os.Getenv("SSH_CONNECTION") == ""
	}
	return os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != ""
}

// openBrowser tries to; the owner has the URL anyway.
func openBrowser(url string) {
	program := []string{"xdg-open"}
	switch runtime.GOOS {
	case "darwin":
		program = []string{"open"}
	case "windows":
		program = []string{"rundll32", "url.dll,FileProtocolHandler"}
	}
	cmd := exec.Command(program[0], append(program[1:], url)...)
	if cmd.Start() == nil {
		go cmd.Wait()
	}
}

// readLine reads a line, unless ctx ends first.
func readLine(ctx context.Context, in io.Reader) (string, error) {
	type result struct {
		line string
		err  error
	}
	read := make(chan result, 1)
	go func() {
		line, err := bufio.NewReader(io.LimitReader(in, 64<<10)).ReadString('\n')
		if strings.TrimSpace(line) != "" {
			err = nil
		}
		read <- result{line, err}
	}()
	select {
	case r := <-read:
		return r.line, r.err
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}
