package caddymodule

import (
	"context"
	"time"
)

// pollInterval is how often the accounts files are looked at. Looking costs one stat a file; file events would miss what
// network file systems and editors that replace files do.
const pollInterval = 2 * time.Second

// pollFiles follows the accounts files, and logins, until ctx ends.
func (a *App) pollFiles(ctx context.Context) {
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			a.poll()
		}
	}
}

// poll takes over what has changed in the accounts files. What is wrong with them is logged once, and the accounts stay
// as they are.
func (a *App) poll() {
	changed := false
	for _, file := range a.files {
		_, isNew, err := file.Poll()
		if err != nil {
			a.log.Error("accounts file is broken; the accounts stay as they are", "file", file.Path(), "error", err)
		}
		changed = changed || isNew
	}
	current := a.tenant.inventory
	login := current.LoginChanged(context.Background())
	if !changed && !login {
		return
	}
	inv, err := a.build(current)
	if err != nil {
		a.log.Error("accounts files do not fit together; the accounts stay as they are", "error", err)
		return
	}
	a.shared.update(a.tenant, inv)
	if changed {
		a.log.Info("accounts files have been read again")
	}
	if login {
		a.log.Info("somebody has logged in to an account")
	}
	a.logAccounts(inv)
}
