package exchange

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/url"

	"github.com/fairway-gateway/fairway/accounts"
	"github.com/fairway-gateway/fairway/accounts/inventory"
	"github.com/fairway-gateway/fairway/accounts/pool"
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/carrier"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// scopeOf stands for an account in the state that its answers carry: a hash of
// the provider's host and the account's name, which survives a new key.
func scopeOf(a *accounts.Account, ep accounts.Endpoint) string {
	host := ep.BaseURL
	if u, err := url.Parse(ep.BaseURL); err == nil && u.Host != "" {
		host = u.Host
	}
	sum := sha256.Sum256([]byte(host + "\x00" + a.Name))
	return hex.EncodeToString(sum[:4])
}

// stateKeeper is the account that made the last of the reasoning state in the
// request, "" when there is none or it is gone.
func (x *exchange) stateKeeper(targets []inventory.Target) string {
	if !carrier.In(x.body.b) {
		return ""
	}
	scope := carrier.LastScope(x.body.b)
	if scope == "" {
		return ""
	}
	for i := range targets {
		for _, a := range targets[i].Accounts {
			if scopeOf(a, a.Endpoint(string(x.client.Name()), targets[i].Model)) == scope {
				return a.Name
			}
		}
	}
	return ""
}

// purged returns the client's body as an upstream of its own dialect may see it,
// with the model's name: without the state that upstreams of other dialects left
// in it, or without any. Nil when the body can go as it is.
func (x *exchange) purged(up translate.Dialect, model string) *buffer {
	body := x.body.b
	judge := translate.OwnState(x.origin)
	switch {
	case x.stateless:
		judge = translate.NoState
	case !carrier.In(body) && (up.Name() != translate.Messages || !holdsUnsigned(body)):
		return nil
	}
	edits := up.EditState(body, judge)
	if len(edits) == 0 {
		return nil
	}
	if span := x.envelope.Span; span[1] > 0 && x.envelope.Model != model {
		name := translate.Edit{Start: span[0], End: span[1], With: jsonlit.Quote(model)}
		at := 0
		for at < len(edits) && edits[at].Start < name.Start {
			at++
		}
		edits = append(edits[:at:at], append([]translate.Edit{name}, edits[at:]...)...)
	}
	out := new(buffer)
	out.refs.Store(1)
	out.b = translate.AppendEdited(make([]byte, 0, len(body)), body, edits)
	return out
}

// holdsUnsigned reports whether a Messages body may hold thinking that nobody
// has signed.
func holdsUnsigned(body []byte) bool {
	const name = `signature"`
	for {
		i := bytes.Index(body, []byte(name))
		if i < 0 {
			return false
		}
		body = body[i+len(name):]
		value := bytes.TrimLeft(body[:min(len(body), 16)], ": \t\r\n")
		if bytes.HasPrefix(value, []byte(`""`)) {
			return true
		}
	}
}

// refusesState reports whether an upstream has refused the request for the
// reasoning state in it, and the request could do without.
func (x *exchange) refusesState(err error) bool {
	var e *translate.Error
	if err == nil || x.stateless || x.out.sent() || x.body == nil || !errors.As(err, &e) || !e.BadState {
		return false
	}
	if x.origin.Dialect != x.client.Name() {
		return x.encoded != nil && x.encoded.restored > 0
	}
	return len(x.client.EditState(x.body.b, translate.NoState)) > 0
}

// attemptRemembering is an attempt that is made once more, at the same account,
// when only the reasoning state of earlier answers was in its way.
func (x *exchange) attemptRemembering(ctx context.Context, l *pool.Lease) (accounts.Verdict, error) {
	v, err := x.attempt(ctx, l)
	if !x.refusesState(err) {
		return v, err
	}
	x.stateless = true
	l.Again("refused the reasoning state of earlier answers")
	return x.attempt(ctx, l)
}

// remembered returns the request as it is sent to the present account: with the
// reasoning state of its own, of which there are so many pieces. bound says that
// there is state, whoever made it, so that another account is sent something
// else.
func (x *exchange) remembered(r *translate.Request) (out *translate.Request, pieces int, bound bool) {
	if x.stateless {
		return translate.WithoutState(r), 0, false
	}
	r = x.turns.recall(x.call.User, r)
	out, pieces = translate.RestoreState(r, x.origin)
	return out, pieces, translate.HoldsState(r)
}
