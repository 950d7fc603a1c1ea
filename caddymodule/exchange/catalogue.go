package exchange

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/fairway-gateway/fairway/accounts"
	"github.com/fairway-gateway/fairway/accounts/inventory"
	"github.com/fairway-gateway/fairway/caddymodule/exchange/surface"
	"github.com/fairway-gateway/fairway/translate"
)

// How long lists are believed, and how long a provider that would not tell one
// is left alone.
const (
	listFresh   = 10 * time.Minute
	listRetry   = time.Minute
	listTimeout = 5 * time.Second
	listPages   = 20
)

// catalogue is what providers say of the models they serve, per account. A list
// older than listFresh is used while a new one is fetched. It holds as many
// entries as there are accounts, so that nothing needs to be evicted.
type catalogue struct {
	engine *Engine
	group  singleflight.Group
	ctx    context.Context
	close  context.CancelFunc

	mu    sync.RWMutex
	lists map[string]*list
}

type list struct {
	account *accounts.Account
	models  []translate.Model
	ids     []string
	facts   map[string]translate.Facts // of the models of which the list tells any
	known   bool
	asked   time.Time
}

func newCatalogue(e *Engine) *catalogue {
	c := &catalogue{engine: e, lists: make(map[string]*list)}
	c.ctx, c.close = context.WithCancel(context.Background())
	return c
}

// Models implements inventory.Catalog.
func (c *catalogue) Models(account string) ([]string, bool) {
	l := c.list(account)
	if l == nil {
		return nil, false
	}
	return l.ids, l.known
}

func (c *catalogue) list(account string) *list {
	c.mu.RLock()
	l := c.lists[account]
	c.mu.RUnlock()
	if l != nil && l.known && c.engine.now().Sub(l.asked) > listFresh {
		c.refresh(l.account)
	}
	return l
}

// refresh asks for an account's list in the background.
func (c *catalogue) refresh(a *accounts.Account) {
	c.group.DoChan(a.Name, func() (any, error) { return c.renew(a), nil })
}

// forget drops the lists of accounts that are no longer what they were.
func (c *catalogue) forget() {
	inv := c.engine.inventory.Load()
	c.mu.Lock()
	defer c.mu.Unlock()
	for name, l := range c.lists {
		now := inv.Account(name)
		if now == nil || !slices.Equal(now.Endpoints, l.account.Endpoints) || !now.Credential.Same(l.account.Credential) {
			delete(c.lists, name)
			continue
		}
		l.account = now
	}
}

// learn asks the providers of all usable accounts whose lists are not known,
// and reports whether anything new was learnt. It waits listTimeout at most.
func (c *catalogue) learn(ctx context.Context, inv *inventory.Inventory) bool {
	var wait sync.WaitGroup
	var mu sync.Mutex
	learnt := false
	now := c.engine.now()
	for _, a := range inv.Accounts() {
		if !a.Usable() {
			continue
		}
		if l := c.list(a.Name); l != nil && (l.known || now.Sub(l.asked) < listRetry) {
			continue
		}
		wait.Go(func() {
			if c.fetch(a) {
				mu.Lock()
				learnt = true
				mu.Unlock()
			}
		})
	}
	done := make(chan struct{})
	go func() { wait.Wait(); close(done) }()
	select {
	case <-done:
	case <-ctx.Done():
		return false
	}
	return learnt
}

// fetch asks one account's provider for its list, one request at a time.
func (c *catalogue) fetch(a *accounts.Account) bool {
	known, _, _ := c.group.Do(a.Name, func() (any, error) { return c.renew(a), nil })
	return known.(bool)
}

// renew is fetch without regard to others who ask.
func (c *catalogue) renew(a *accounts.Account) (known bool) {
	models, err := c.ask(a)
	l := &list{account: a, models: models, known: err == nil, asked: c.engine.now()}
	for _, m := range models {
		l.ids = append(l.ids, m.ID)
		if told := m.Told(); told != (translate.Facts{}) {
			if l.facts == nil {
				l.facts = make(map[string]translate.Facts)
			}
			l.facts[m.ID] = told
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if old := c.lists[a.Name]; err != nil && old != nil && old.known {
		// An old list is better than none.
		l.models, l.ids, l.facts, l.known = old.models, old.ids, old.facts, true
	}
	c.lists[a.Name] = l
	if err != nil {
		c.engine.log.Debug("listing models failed", "account", a.Name, "error", err)
	}
	return l.known
}

// ask fetches all pages of a list.
func (c *catalogue) ask(a *accounts.Account) (models []translate.Model, err error) {
	ctx, cancel := context.WithTimeout(c.ctx, listTimeout)
	defer cancel()
	ep := a.Endpoints[0]
	d := c.engine.dialects.Get(translate.Name(ep.Dialect))
	place, ok := surface.Door{Account: a, Endpoint: ep, Operation: translate.ListModels}.Place(d)
	if !ok {
		return nil, &translate.Error{Kind: translate.NotFound, Message: "the provider has no model list"}
	}
	token, err := a.Credential.Token(ctx)
	if err != nil {
		return nil, err
	}
	transport, err := c.engine.transports.forAccount(a, nil)
	if err != nil {
		return nil, err
	}
	query := place.Query
	for range listPages {
		target, err := url.Parse(ep.BaseURL + place.Path)
		if err != nil {
			return nil, err
		}
		target.RawQuery = query
		header := upstreamHeader(nil, a, ep, place.Header, token, false, false)
		header.Del("Content-Type")
		resp, err := transport.RoundTrip((&http.Request{
			Method: http.MethodGet, URL: target, Host: target.Host, Header: header, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		}).WithContext(ctx))
		if err != nil {
			return nil, err
		}
		body, err := io.ReadAll(io.LimitReader(resp.Body, 16<<20))
		resp.Body.Close()
		if err != nil {
			return nil, err
		}
		if resp.StatusCode != http.StatusOK {
			return nil, d.DecodeError(resp.StatusCode, body)
		}
		page, next, err := d.DecodeModels(body)
		if err != nil {
			return nil, err
		}
		models = append(models, page...)
		if next == "" {
			break
		}
		query = next
	}
	return models, nil
}

// all merges the lists of all usable accounts with the routes' own names, in a
// stable order without repetitions.
func (c *catalogue) all(ctx context.Context, inv *inventory.Inventory) []translate.Model {
	c.learn(ctx, inv)
	seen := make(map[string]bool)
	var out []translate.Model
	add := func(m translate.Model) {
		if !seen[m.ID] && m.ID != "" {
			seen[m.ID] = true
			out = append(out, m)
		}
	}
	for _, name := range inv.RouteNames() {
		add(translate.Model{ID: name, OwnedBy: "fairway"})
	}
	for _, a := range inv.Accounts() {
		if !a.Usable() {
			continue
		}
		for _, p := range a.Models {
			if !accounts.IsPattern(p) {
				add(translate.Model{ID: p, OwnedBy: a.Provider})
			}
		}
		l := c.list(a.Name)
		if l == nil {
			continue
		}
		for _, m := range l.models {
			if !a.Allows(m.ID) {
				continue
			}
			if m.OwnedBy == "" {
				m.OwnedBy = a.Provider
			}
			add(m)
		}
	}
	slices.SortStableFunc(out, func(a, b translate.Model) int {
		switch {
		case a.ID < b.ID:
			return -1
		case a.ID > b.ID:
			return 1
		}
		return 0
	})
	return out
}
