package exchange

import (
	"context"
	"net/http"

	"github.com/fairway-gateway/fairway/accounts/inventory"
	"github.com/fairway-gateway/fairway/accounts/pool"
	"github.com/fairway-gateway/fairway/translate"
)

// Question is what [Engine.Explain] is asked.
type Question struct {
	Model   string
	Pool    string // of the site; "" for all accounts
	Account string // that the caller pins, if any
	Session string // affinity key, if any
}

// Explain says which account would serve a model now and why not the others,
// without asking any of them. It may ask providers for their lists of models, as
// an exchange would. The error is a [*translate.Error] when nobody serves the
// model, or when there is no such pool.
func (e *Engine) Explain(ctx context.Context, q Question) (pool.Plan, error) {
	inv := e.inventory.Load()
	if inv == nil {
		return pool.Plan{}, &translate.Error{Kind: translate.Unavailable, Message: "the gateway is starting; try again"}
	}
	if _, ok := inv.Pool(q.Pool); !ok {
		return pool.Plan{}, &translate.Error{Kind: translate.NotFound, Param: "pool", Message: "there is no pool " + q.Pool}
	}
	if q.Account != "" && inv.Account(q.Account) == nil {
		return pool.Plan{}, &translate.Error{Kind: translate.NotFound, Param: "account", Message: (&pool.UnknownAccountError{Name: q.Account}).Error()}
	}
	x := &exchange{Engine: e, call: Call{Operation: translate.Generate}, in: &http.Request{}}
	targets, err := x.route(ctx, q.Model)
	if err != nil {
		return pool.Plan{}, err
	}
	return e.pool.Explain(pool.Query{Targets: targets, Session: q.Session, Pin: q.Account, Pool: q.Pool}), nil
}

// Switch turns an account on or off at once, or begins to drain it; see
// pool.Switch. The error is a [*pool.UnknownAccountError].
func (e *Engine) Switch(account string, to pool.Switch) error { return e.pool.Switch(account, to) }

// ApplyWith is [Engine.Apply] with policies beyond the built-in ones.
func (e *Engine) ApplyWith(inv *inventory.Inventory, policies pool.Policies) {
	e.pool.ApplyWith(inv, policies)
	e.inventory.Store(inv)
	e.catalogue.forget()
}
