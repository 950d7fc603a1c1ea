package exchange

import (
	"context"
	"io"
	"net/http"

	"github.com/fairway-gateway/fairway/accounts"
	"github.com/fairway-gateway/fairway/translate"
)

// maxErrorBody bounds what is read of an upstream's error answer.
const maxErrorBody = 256 << 10

// unreachable judges a request that got no response; written says that it had
// been sent.
func (x *exchange) unreachable(ctx context.Context, err error, written bool) (accounts.Verdict, error) {
	if v, canceled := x.interrupted(ctx); canceled {
		return v, context.Cause(ctx)
	}
	v := accounts.Classify(accounts.Sign{Err: err}, x.now())
	v.MayBeBilled = written && x.in.Method == http.MethodPost
	return v, &translate.Error{Kind: translate.Upstream, Message: "the upstream could not be reached: " + v.Detail}
}

// interrupted judges an attempt that ended because its context did.
func (x *exchange) interrupted(ctx context.Context) (accounts.Verdict, bool) {
	switch context.Cause(ctx) {
	case nil:
		return accounts.Verdict{}, false
	case errDeadline, errIdle:
		return accounts.Verdict{Outcome: accounts.Transient, Detail: context.Cause(ctx).Error(), MayBeBilled: true}, true
	}
	return accounts.Verdict{Outcome: accounts.Canceled}, true
}

// refused judges an error answer and makes what the client will see of it, if
// no other account helps.
func (x *exchange) refused(ctx context.Context, resp *http.Response, up translate.Dialect, same bool) (accounts.Verdict, error) {
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody))
	if err != nil {
		if v, canceled := x.interrupted(ctx); canceled {
			return v, context.Cause(ctx)
		}
	}
	status := resp.StatusCode
	e := up.DecodeError(status, body)
	if e.Status == 0 {
		e.Status = status
	}
	v := accounts.Classify(sign(e, resp.Header, false), x.now())
	if x.call.Operation == translate.CountTokens && notOfCounting(status, v.Outcome, same) {
		return accounts.Verdict{}, x.estimate()
	}
	if masked(v.Outcome) || status < 400 {
		return v, &translate.Error{Kind: translate.Upstream, Message: "the account that serves this model failed: " + v.Detail}
	}
	if e.RetryAfter == 0 && !v.Until.IsZero() {
		e.RetryAfter = v.Until.Sub(x.now())
	}
	if same && len(body) < maxErrorBody {
		contentType := resp.Header.Get("Content-Type")
		if isJSON(contentType) {
			return v, &answerError{e, status, contentType, resp.Header, body, e.RetryAfter, e.NoRetry}
		}
	}
	return v, e
}

// masked reports whether an outcome concerns our credential: the client must
// not be told that its own key is bad, nor see what the provider says of ours.
func masked(o accounts.Outcome) bool {
	return o == accounts.CredentialInvalid || o == accounts.PermissionDenied
}

// failed judges an error object that came in place of an answer with a status
// of success, or a body that is no answer.
func (x *exchange) failed(e *translate.Error, header http.Header) (accounts.Verdict, error) {
	v := accounts.Classify(sign(e, header, true), x.now())
	v.MayBeBilled = e.Kind == translate.Truncated // it had begun to answer
	if masked(v.Outcome) {
		return v, &translate.Error{Kind: translate.Upstream, Message: "the account that serves this model failed: " + v.Detail}
	}
	return v, e
}

func sign(e *translate.Error, h http.Header, first bool) accounts.Sign {
	return accounts.Sign{
		Status: e.Status, Type: e.Type, Code: e.Code, Message: e.Message, Header: h,
		RetryAfter: e.RetryAfter, NoRetry: e.NoRetry, QuotaIDs: e.QuotaIDs, FirstFrame: first,
	}
}
