package exchange

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"

	"github.com/fairway-gateway/fairway/accounts"
	"github.com/fairway-gateway/fairway/accounts/pool"
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/embeddings"
)

// forward passes the request on to one account and, if that goes well, the
// answer to the client. A nil error means that the client has its answer.
func (x *exchange) forward(ctx context.Context, l *pool.Lease) (accounts.Verdict, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	p := x.passage
	ep, v, ok := p.endpoint(l.Account)
	if !ok { // the accounts were exchanged since they were chosen
		return accounts.Verdict{Outcome: accounts.CallerFault, Detail: "does not have the operation"},
			&elsewhereError{&translate.Error{Kind: translate.NotFound, Message: "no account has the operation " + p.Name}}
	}
	up := x.dialects.Get(translate.Name(ep.Dialect))
	x.record.Account, x.record.Provider, x.record.Upstream = l.Account.Name, l.Account.Provider, up.Name()
	if p.model != "" {
		x.record.UpstreamModel = l.Model
	}
	token, transport, verdict, err := x.reach(ctx, l.Account)
	if err != nil {
		return verdict, err
	}
	model := l.Account.Deployment(l.Model)
	target, err := url.Parse(p.target(ep, v, model))
	if err != nil {
		return accounts.Verdict{Outcome: accounts.Transient, Detail: "the account's base URL is not valid"}, err
	}
	same := v == p.op.vendor
	var sent atomic.Bool
	req := &http.Request{
		Method: x.in.Method, URL: target, Host: target.Host, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: x.passedHeader(l.Account, ep, v, up, token, same),
	}
	if same {
		target.RawQuery = passedQuery(v, x.in.URL.Query())
	}
	if ep.APIVersion != "" {
		query := target.Query()
		query.Set("api-version", ep.APIVersion)
		target.RawQuery = query.Encode()
	}
	switch {
	case p.up != nil:
		body, size := p.up.open(model)
		if p.model == "" {
			body, size = p.up.open("")
		}
		defer body.Close()
		req.Body, req.ContentLength = body, size
	case x.body != nil:
		body := x.content(p, model)
		if !same {
			if body, err = x.translated(p, otherForm(v), model); err != nil {
				return accounts.Verdict{Outcome: accounts.CallerFault, Detail: "the request cannot be sent to this account"}, err
			}
		}
		req.Body, req.ContentLength = body.open(), body.size
		req.GetBody = func() (io.ReadCloser, error) { return body.open(), nil }
	}
	if req.ContentLength == 0 && req.Body != nil {
		req.Body.Close()
		req.Body = nil
	}
	req = req.WithContext(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { sent.Store(true) }}))
	resp, err := transport.RoundTrip(req)
	if err != nil {
		verdict, err = x.unreachable(ctx, err, sent.Load())
	} else {
		defer resp.Body.Close()
		sent.Store(true)
		x.upstreamID = requestID(resp.Header)
		if resp.StatusCode >= 200 && resp.StatusCode < 300 {
			l.Saw(resp.Header)
			verdict, err = x.deliver(ctx, cancel, l, resp, v)
		} else {
			verdict, err = x.refused(ctx, resp, up, same)
			verdict, err = x.absent(verdict, resp.StatusCode, err)
		}
	}
	if err == nil || x.out.sent() {
		return verdict, err
	}
	return x.settle(verdict, err, sent.Load())
}

// otherForm is the form in which a vendor wants embeddings.
func otherForm(v vendor) embeddings.Form {
	if v == google {
		return embeddings.Gemini{Batch: true}
	}
	return embeddings.OpenAI{}
}

// absent turns an answer that says "not here" into one that cools nothing down
// and lets other accounts be asked: a resource that nobody remembers, or an
// operation or model that this server does not have. Google says 403 of
// resources that another account owns.
func (x *exchange) absent(v accounts.Verdict, status int, err error) (accounts.Verdict, error) {
	p := x.passage
	what := cmp.Or(p.ID, uploadID(x.in.URL))
	var e *translate.Error
	refers := p.op.refers != "" && errors.As(err, &e) && e.Param == p.op.refers
	switch {
	case v.Outcome == accounts.ModelUnavailable, status == http.StatusNotFound && v.Outcome == accounts.CallerFault, refers:
	case what != "" && v.Outcome == accounts.PermissionDenied:
		err = &translate.Error{Kind: translate.NotFound, Message: "no account has " + what + ", or may use it"}
	default:
		return v, err
	}
	return accounts.Verdict{Outcome: accounts.CallerFault, Detail: "does not have it"}, &elsewhereError{err}
}

// settle decides whether the failed request may be sent again. It may not when
// its body is gone, nor when it may have taken effect although the answer did
// not say so.
func (x *exchange) settle(v accounts.Verdict, err error, sent bool) (accounts.Verdict, error) {
	p := x.passage
	if p.up != nil {
		gone, broken := p.up.spent()
		x.spent = gone
		if broken != nil {
			if errors.Is(broken, errUploadBroken) {
				broken = io.ErrUnexpectedEOF
			}
			return accounts.Verdict{Outcome: accounts.CallerFault}, bodyError(broken, x.settings.MaxBody)
		}
		sent = sent || gone
	}
	again := x.in.Method == http.MethodGet || x.in.Method == http.MethodDelete || !p.op.makes && p.ID == ""
	if v.Outcome == accounts.Transient && sent && !again {
		x.spent = true
	}
	return v, err
}

// passedHeader builds the upstream request's header.
func (x *exchange) passedHeader(a *accounts.Account, ep accounts.Endpoint, v vendor, up translate.Dialect, token string, same bool) http.Header {
	place, _ := up.Endpoint(translate.ListModels, "", false)
	h := upstreamHeader(x.in.Header, a, ep, place.Header, token, same, false)
	if !same {
		return h
	}
	h.Set("Accept", "*/*")
	switch {
	case x.passage.up != nil:
		h.Del("Content-Type")
		if sent := x.in.Header["Content-Type"]; len(sent) > 0 {
			h["Content-Type"] = sent
		}
	case x.body == nil || len(x.body.b) == 0:
		h.Del("Content-Type")
	}
	if v == google {
		for name, values := range x.in.Header {
			if strings.HasPrefix(name, "X-Goog-Upload-") {
				h[name] = values
			}
		}
	}
	return h
}

// passedQueries are the parameters of a query that reach an upstream, by vendor;
// keys that clients put there stay behind.
var passedQueries = [...][]string{
	openAI: {"after", "before", "include", "include[]", "include_obfuscation", "limit", "model", "order", "purpose",
		"starting_after", "stream"},
	anthropic: {"after_id", "before_id", "beta", "limit", "scope_id"},
	google:    {"alt", "pageSize", "pageToken", "updateMask", "upload_id", "upload_protocol", "uploadType"},
}

func passedQuery(v vendor, in url.Values) string {
	out := make(url.Values, len(in))
	for _, name := range passedQueries[v] {
		if values := in[name]; values != nil {
			out[name] = values
		}
	}
	if v == openAI {
		for name, values := range in {
			if strings.HasPrefix(name, "metadata[") {
				out[name] = values
			}
		}
	}
	return out.Encode()
}
