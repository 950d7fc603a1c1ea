package caddymodule

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/fairway-gateway/fairway/accounts/credential"
	"github.com/fairway-gateway/fairway/accounts/inventory"
)

func init() { caddy.RegisterModule(App{}) }

// App declares the accounts that AI requests may go to, the pools that they form and the routes that lead to them. All
// sites of the process share them, and what the gateway has learnt about them (cool-downs, session affinity) survives a
// reload. Without any usable account a built-in demo account answers.
//
// API keys, base URLs, proxies and header values may be placeholders: `{env.NAME}` or `{file./path}`. An account whose
// placeholder stands for nothing is unusable and says so in the log; it is no error.
type App struct {
	inventory.Config

	// Files with further accounts, in HCL; see the README for their syntax. They are read again within two seconds of a
	// change. A file that cannot be read is an error at start, and later leaves the accounts as they are.
	AccountsFiles []string `json:"accounts_files,omitempty"`

	// Settings of selection policies, by their names. Those that come with the gateway have none.
	PoliciesRaw caddy.ModuleMap `json:"policies,omitempty" caddy:"namespace=ai.policies"`

	// How the upstreams of single accounts are reached, by the accounts' names: transports of `reverse_proxy`, for a
	// certificate authority of one's own, client certificates, a resolver or a network proxy. They go before a site's.
	TransportsRaw map[string]json.RawMessage `json:"transports,omitempty" caddy:"namespace=http.reverse_proxy.transport inline_key=protocol"`

	log      *slog.Logger
	done     <-chan struct{} // closed when this configuration is over
	shared   *shared
	tenant   *tenant
	files    []*inventory.File
	https    []*caddyhttp.App // that hold gateways
	ready    chan struct{}    // closed when started
	stopPoll context.CancelFunc
	polled   chan struct{} // closed when nobody polls any more
}

// CaddyModule returns the Caddy module information.
func (App) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: appName, New: func() caddy.Module { return new(App) }}
}

// Provision reads and checks everything that is declared. It changes nothing outside the app.
func (a *App) Provision(ctx caddy.Context) error {
	target := ctx.Slogger()
	live := newLiveHandler()
	live.target.Store(&liveTarget{target.Handler()})
	a.log = live.logger()
	a.done = ctx.Done()
	a.ready = make(chan struct{})
	err := a.readFiles()
	if err != nil {
		return err
	}
	if a.shared, err = loadShared(); err != nil {
		return err
	}
	inv, err := a.build(a.shared.inventory())
	if err != nil {
		return err
	}
	policies, err := a.loadPolicies(ctx)
	if err != nil {
		return err
	}
	a.tenant = &tenant{inventory: inv, policies: policies, log: &liveTarget{target.Handler()}}
	a.tenant.transports, err = a.loadTransports(ctx)
	return err
}

// readFiles reads the accounts files.
func (a *App) readFiles() error {
	for _, written := range a.AccountsFiles {
		path, err := resolve(written)
		if err != nil {
			return fmt.Errorf("finding accounts file %s: %w", written, err)
		}
		file := inventory.NewFile(path)
		if _, err := file.Load(); err != nil {
			return err
		}
		a.files = append(a.files, file)
	}
	return nil
}

// Cleanup gives up the configuration's hold on the engine.
func (a *App) Cleanup() error {
	if a.shared == nil {
		return nil
	}
	return unloadShared()
}

// build makes an inventory of everything declared, as the accounts files were last good. Credentials that have not changed
// since the previous inventory, which may be nil, keep their tokens.
func (a *App) build(previous *inventory.Inventory) (*inventory.Inventory, error) {
	a.Config.Policies = policyNames()
	configs := []inventory.Config{a.Config}
	for _, file := range a.files {
		configs = append(configs, file.Config())
	}
	env := credential.Environment{Store: tokenStore()}
	if a.shared != nil {
		env.Log = a.shared.log.logger()
	}
	return inventory.Build(configs, resolve, inventory.WithCredentials(env), inventory.WithPrevious(previous))
}

// Start puts the configuration in force.
func (a *App) Start() error {
	for _, account := range a.Config.Accounts {
		if spelledOut(account.APIKey) || account.OAuth != nil && (spelledOut(account.OAuth.ClientSecret) || spelledOut(account.OAuth.RefreshToken)) ||
			account.AWS != nil && (spelledOut(account.AWS.SecretAccessKey) || spelledOut(account.AWS.SessionToken)) {
			a.log.Warn("a secret of an account stands in the configuration, where Caddy's admin API shows it; "+
				"write {env.NAME} or {file./path} instead", "account", account.Name)
		}
	}
	a.logAccounts(a.tenant.inventory)
	a.surveySites()
	a.shared.enter(a.tenant)
	close(a.ready)
	if len(a.files) > 0 || a.tenant.inventory.HasLogins() {
		ctx, cancel := context.WithCancel(context.Background())
		a.stopPoll, a.polled = cancel, make(chan struct{})
		go func() {
			defer close(a.polled)
			a.pollFiles(ctx)
		}()
	}
	return nil
}

// Stop takes the configuration out of force; the engine lives on in the next one.
func (a *App) Stop() error {
	if a.stopPoll != nil {
		a.stopPoll()
		<-a.polled
	}
	a.shared.leave(a.tenant)
	return nil
}

// logAccounts says of every account whether it can be used.
func (a *App) logAccounts(inv *inventory.Inventory) {
	for _, account := range inv.Accounts() {
		switch {
		case inv.Demo() && account == inv.Accounts()[len(inv.Accounts())-1]:
			a.log.Warn("no account is usable, so the built-in demo account answers; to add one, set the variable that an "+
				"account above wants, or write `account <name> <provider> {env.NAME}` in the global ai block",
				"account", account.Name)
		case account.Disabled:
			a.log.Info("account is disabled", "account", account.Name, "provider", account.Provider)
		case account.Unusable != "":
			a.log.Warn("account is unusable", "account", account.Name, "provider", account.Provider, "reason", account.Unusable)
		default:
			a.log.Info("account is usable", "account", account.Name, "provider", account.Provider,
				"credential", account.Credential.Fingerprint())
		}
	}
}

// surveySites tells each gateway the host names of its site, and warns of sites that are reachable from elsewhere while
// nothing says who asks.
func (a *App) surveySites() {
	for _, app := range a.https {
		for _, s := range findSites(app) {
			address, exposed := s.exposed()
			for _, g := range s.gateways {
				g.access.hosts = s.hosts
				switch {
				case g.TrustNetwork:
					a.log.Warn("trust_network is set: everyone who reaches this address may use the accounts",
						"listen", s.listen)
				case exposed && !s.authenticates:
					a.log.Warn("a site with ai listens beyond this machine and authenticates nobody; callers from "+
						"elsewhere are refused (add `bind 127.0.0.1`, or an authentication such as basic_auth)", "listen", address)
				}
			}
		}
	}
}

// register announces a gateway while it is provisioned, together with the HTTP app that holds it.
func (a *App) register(http *caddyhttp.App) {
	if http != nil && !slices.Contains(a.https, http) {
		a.https = append(a.https, http)
	}
}

var errStopping = errors.New("the gateway is stopping")

// enter holds the engine for one request, which must call a.shared.release when it is through, unless there was an error.
// Caddy starts its apps in any order, so that requests may come before Start; they wait.
func (a *App) enter(ctx context.Context) error {
	select {
	case <-a.ready:
	default:
		select {
		case <-a.ready:
		case <-a.done:
			return errStopping
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	if !a.shared.acquire() {
		return errStopping
	}
	return nil
}

// Interface guards
var (
	_ caddy.App          = (*App)(nil)
	_ caddy.Provisioner  = (*App)(nil)
	_ caddy.CleanerUpper = (*App)(nil)
)
