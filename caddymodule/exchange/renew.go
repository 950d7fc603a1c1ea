package exchange

import (
	"context"
	"errors"

	"github.com/fairway-gateway/fairway/accounts"
	"github.com/fairway-gateway/fairway/accounts/pool"
	"github.com/fairway-gateway/fairway/translate"
)

// askRenewing makes an attempt, and makes it once more with a new token if the
// upstream refuses one that can be renewed: tokens are revoked, and clocks differ.
func (x *exchange) askRenewing(ctx context.Context, l *pool.Lease, ask func(context.Context, *pool.Lease) (accounts.Verdict, error)) (accounts.Verdict, error) {
	x.token = ""
	verdict, err := ask(ctx, l)
	refused := x.token
	renewer, ok := l.Account.Credential.(accounts.Renewer)
	if err == nil || verdict.Outcome != accounts.CredentialInvalid || refused == "" || !ok || x.out.sent() || x.spent || ctx.Err() != nil {
		return verdict, err
	}
	if _, cause := renewer.Renew(ctx, refused); cause != nil {
		verdict, failed := x.noToken(ctx, cause)
		if ctx.Err() == nil {
			verdict.Detail = "its token was refused, and could not be renewed: " + verdict.Detail
			return verdict, err // the upstream's answer, masked
		}
		return verdict, failed
	}
	x.log.Debug("the upstream refused an access token; asking again with a new one", "account", l.Account.Name, "id", x.record.ID)
	x.record.Attempts++
	return ask(ctx, l)
}

// noToken judges an attempt for which there was no token.
func (x *exchange) noToken(ctx context.Context, err error) (accounts.Verdict, error) {
	if v, interrupted := x.interrupted(ctx); interrupted {
		return v, context.Cause(ctx)
	}
	v := accounts.Verdict{Outcome: accounts.CredentialInvalid, Detail: "the credential could not be read"}
	var cause *accounts.CredentialError
	if errors.As(err, &cause) {
		v.Detail = cause.Error()
		if cause.Temporary {
			v.Outcome = accounts.Transient
		}
	}
	return v, &translate.Error{Kind: translate.Unavailable, Message: "there is no valid credential for the account that serves this model"}
}
