package exchange

import (
	"bytes"
	"cmp"
	"context"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/fairway-gateway/fairway/accounts"
	"github.com/fairway-gateway/fairway/accounts/inventory"
	"github.com/fairway-gateway/fairway/accounts/pool"
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/embeddings"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// passage is a passthrough request under way.
type passage struct {
	*Passthrough
	model string              // as requested, "" when the request names none
	spans [][2]int            // where it stands in the body
	up    *upload             // a body that is not read whole; nil when it is, or there is none
	embed *embeddings.Request // decoded when an account of the other form is chosen
	lost  *translate.Losses   // what that form has no place for
}

// pass serves an operation that is passed through to accounts of its vendor.
func (x *exchange) pass(ctx context.Context, cancel context.CancelCauseFunc) error {
	p := &passage{Passthrough: x.call.Passthrough}
	x.passage = p
	x.record.Passthrough = p.Name
	if err := x.take(p); err != nil {
		return err
	}
	x.record.Model = p.model
	targets, err := x.holders(ctx, p)
	if err != nil {
		return err
	}
	attempts := x.settings.Attempts
	if p.ID != "" {
		attempts = max(attempts, len(targets)) // any of them may be the one that has it
	}
	selection := x.pool.Begin(pool.Query{
		Targets: targets, Pin: x.pin(), Pool: x.settings.Pool, Attempts: attempts, MaxWait: x.settings.MaxWait,
	})
	defer func() { x.record.Trail = selection.Trail() }()
	return x.attempts(ctx, cancel, selection, x.forward)
}

// take reads the request's body, or as much of it as must be known, and finds
// the model that it names.
func (x *exchange) take(p *passage) (err error) {
	if p.op.model == pathModel {
		p.model = strings.TrimPrefix(x.call.Hint.Model, "models/")
	}
	if x.in.Method == http.MethodGet || x.in.Method == http.MethodDelete {
		return nil
	}
	media, params, _ := mime.ParseMediaType(x.in.Header.Get("Content-Type"))
	switch {
	case p.op.raw || p.op.upload && media == "multipart/form-data":
		if p.up, err = x.receive(params["boundary"], p.op); err != nil {
			return err
		}
		p.model = p.up.model
	default:
		if x.body, err = x.readBody(x.in, x.settings.MaxBody); err != nil {
			return err
		}
		if len(bytes.TrimSpace(x.body.b)) == 0 && p.op.model == noModel {
			return nil // to cancel something, nothing needs to be said
		}
		if x.envelope, err = translate.Scan(x.body.b, ""); err != nil {
			return err
		}
		x.record.Stream = x.envelope.Stream
		if p.op.model != noModel {
			var named string
			named, p.spans = namesModel(p.op, x.body.b)
			p.model = cmp.Or(p.model, strings.TrimPrefix(named, "models/"))
		}
	}
	if p.model == "" && (p.op.model == batchModel || p.op.model == requiredModel && (p.up == nil || p.up.whole)) &&
		x.in.Method == http.MethodPost {
		return translate.BadRequest("model", "is required")
	}
	return nil
}

// holders returns the accounts that may serve, in order. A request that names a
// model goes where the model goes. One that names a resource goes to the
// account that has it, or, where nobody remembers which one that is, to one
// after the other. A list is the first account's. For all others the order is
// that of priority.
func (x *exchange) holders(ctx context.Context, p *passage) ([]inventory.Target, error) {
	owner := x.owner(p)
	if p.model != "" {
		targets, err := x.serving(ctx, p)
		return onlyOn(targets, owner), err
	}
	inv := x.inventory.Load()
	if inv == nil {
		return nil, &translate.Error{Kind: translate.Unavailable, Message: "the gateway is starting; try again"}
	}
	all := slices.Clone(inv.Accounts())
	slices.SortStableFunc(all, func(a, b *accounts.Account) int { return a.Priority - b.Priority })
	group, _ := inv.Pool(x.settings.Pool)
	var targets []inventory.Target
	limited := false
	for _, a := range all {
		if _, _, ok := p.endpoint(a); !ok || !a.Usable() || group.Name != "" && !group.Has(a.Name) || x.pin() != "" && x.pin() != a.Name {
			continue
		}
		if p.op.model != noModel && x.in.Method == http.MethodPost && !servesAny(a) {
			limited = true // the model that its server would choose may be none of these
			continue
		}
		t := inventory.Target{Model: p.Family(), Accounts: []*accounts.Account{a}}
		if a.Name == owner {
			return []inventory.Target{t}, nil
		}
		targets = append(targets, t)
	}
	switch {
	case len(targets) == 0 && limited:
		hint := ""
		if p.up != nil {
			hint = "; in a form, put it before the file"
		}
		return nil, translate.BadRequest("model", "is required, because the accounts here serve only certain models%s", hint)
	case len(targets) == 0:
		return nil, x.nobodyHas(inv, p)
	case x.in.Method == http.MethodGet && p.ID == "":
		targets = targets[:1]
	}
	return targets, nil
}

// serving routes a model, and keeps the accounts that have the operation.
func (x *exchange) serving(ctx context.Context, p *passage) ([]inventory.Target, error) {
	routed, err := x.route(ctx, p.model)
	if err != nil {
		return nil, err
	}
	var targets []inventory.Target
	for _, t := range routed {
		var have []*accounts.Account
		for _, a := range t.Accounts {
			if _, _, ok := p.endpoint(a); ok {
				have = append(have, a)
			}
		}
		if t.Accounts = have; have != nil {
			targets = append(targets, t)
		}
	}
	if targets == nil {
		return nil, x.nobodyHas(x.inventory.Load(), p)
	}
	return targets, nil
}

// onlyOn narrows targets to the account that has what a request refers to, if
// it is among them.
func onlyOn(targets []inventory.Target, owner string) []inventory.Target {
	for _, t := range targets {
		for i, a := range t.Accounts {
			if a.Name == owner {
				t.Accounts = t.Accounts[i : i+1]
				return []inventory.Target{t}
			}
		}
	}
	return targets
}

// servesAny reports whether an account is not limited to certain models.
func servesAny(a *accounts.Account) bool { return len(a.Models) == 0 || slices.Contains(a.Models, "*") }

// nobodyHas says which accounts have an operation, those of this gateway first.
func (x *exchange) nobodyHas(inv *inventory.Inventory, p *passage) error {
	what := "no account here has the operation " + p.Name
	if p.model != "" {
		what = "no account that serves the model " + p.model + " has the operation " + p.Name
	}
	var names []string
	for _, a := range inv.Accounts() {
		if _, _, ok := p.endpoint(a); ok && a.Usable() && !slices.Contains(names, a.Provider) {
			names = append(names, a.Provider)
		}
	}
	who := "accounts of " + p.op.vendor.who() + " have it"
	if p.form != nil {
		who = "accounts of " + openAI.who() + ", and of " + google.who() + ", have it"
	}
	if names != nil {
		who = "accounts of these providers have it: " + strings.Join(names, ", ")
	}
	return &translate.Error{Kind: translate.NotFound, Message: what + "; " + who}
}

// content returns the body for an account of the operation's own form.
func (x *exchange) content(p *passage, model string) payload {
	b := x.body.b
	for _, s := range p.spans {
		if strings.TrimPrefix(jsonlit.Str(b[s[0]:s[1]]), "models/") != model {
			held := &buffer{b: renamed(b, p.spans, model)}
			held.refs.Store(1)
			return newPayload(held, held.b)
		}
	}
	return newPayload(x.body, b)
}

// translated returns the body for an account that takes embeddings in the other
// form.
func (x *exchange) translated(p *passage, form embeddings.Form, model string) (payload, error) {
	if p.embed == nil {
		r, err := p.form.DecodeRequest(x.body.b)
		if err != nil {
			return payload{}, cannotCarry(err)
		}
		x.body.keep()
		p.embed = r
	}
	p.lost = new(translate.Losses)
	held := &buffer{b: form.AppendRequest(nil, p.embed, model, p.lost)}
	held.refs.Store(1)
	if x.settings.Strict {
		if err := p.lost.Strict(); err != nil {
			return payload{}, cannotCarry(err)
		}
	}
	return newPayload(held, held.b), nil
}

// usageOf reads the tokens that an answer reports, in whichever vendor's words.
func usageOf(body []byte) (u translate.Usage) {
	usage := jsonlit.Get(body, "usage")
	if jsonlit.Null(usage) {
		usage = jsonlit.Get(body, "usageMetadata")
	}
	first := func(names ...string) int64 {
		for _, name := range names {
			if n, ok := jsonlit.Int(jsonlit.Get(usage, name)); ok && n > 0 {
				return n
			}
		}
		return 0
	}
	u.Output = first("completion_tokens", "output_tokens")
	u.Input = first("prompt_tokens", "input_tokens", "promptTokenCount")
	if u.Input == 0 && u.Output == 0 {
		u.Input = first("total_tokens")
	}
	return u
}
