package exchange

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/fairway-gateway/fairway/accounts"
	"github.com/fairway-gateway/fairway/accounts/pool"
	"github.com/fairway-gateway/fairway/caddymodule/exchange/surface"
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

var (
	errDeadline = errors.New("no account has answered within the gateway's deadline")
	errIdle     = errors.New("the upstream has been silent for too long")
)

// attempts asks one account after the other until one answers, the pool has
// nobody left, or bytes have gone to the client.
// ask is what an attempt at one account consists of.
func (x *exchange) attempts(ctx context.Context, cancel context.CancelCauseFunc, selection *pool.Selection, ask func(context.Context, *pool.Lease) (accounts.Verdict, error)) error {
	x.selection = selection
	x.deadline = time.AfterFunc(x.settings.Deadline, func() { cancel(errDeadline) })
	defer x.deadline.Stop()
	x.budget.begin(x.now())
	spent := 0
	var failures []error
	for {
		lease, err := selection.Next(ctx)
		if err != nil {
			return x.exhausted(ctx, err, failures)
		}
		if len(failures) > 0 && !lease.Proven() {
			if !x.budget.spend(x.now()) {
				lease.Return("not tried: too many requests are failing just now for another retry")
				return failures[len(failures)-1]
			}
			spent++
		}
		x.record.Attempts++
		verdict, err := x.askRenewing(ctx, lease, ask)
		lease.Release(verdict)
		if err == nil {
			x.budget.giveBack(spent)
			return nil
		}
		if verdict.Outcome != accounts.Canceled && verdict.Outcome != accounts.CallerFault {
			x.logAttempt(lease, verdict.Outcome.String(), verdict.Detail, err)
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		var cannot *cannotCarryError
		var elsewhere *elsewhereError
		if x.out.sent() || x.spent || !verdict.Outcome.Retryable() && !errors.As(err, &cannot) && !errors.As(err, &elsewhere) {
			return err
		}
		if verdict.MayBeBilled && !x.mayRepeat() {
			selection.Note("not sent again, as it may have taken effect")
			return err
		}
		failures = append(failures, err)
	}
}

// exhausted is the answer when nobody is left. If all that was tried failed in
// the same way, the upstream's own words say it best; otherwise each account's
// reason is told.
func (x *exchange) exhausted(ctx context.Context, err error, failures []error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if x.call.Operation == translate.CountTokens {
		return x.estimate()
	}
	var unavailable *pool.UnavailableError
	if !errors.As(err, &unavailable) || len(failures) == 0 {
		return err
	}
	kind := neutralError(failures[0]).Kind
	for _, f := range failures[1:] {
		if neutralError(f).Kind != kind {
			return err
		}
	}
	last := failures[len(failures)-1]
	var cannot *cannotCarryError
	if len(failures) < len(unavailable.Reasons) && !errors.As(last, &cannot) {
		return err // others were not even tried: say why
	}
	var answer *answerError
	if errors.As(last, &answer) {
		answer.retryAfter = unavailable.RetryAfter
		return answer
	}
	if e := neutralError(last); e.Kind != translate.NotFound {
		e.RetryAfter = max(e.RetryAfter, unavailable.RetryAfter)
	}
	return last
}

// answerError is an upstream's error answer that a client of the same dialect
// gets as it is.
type answerError struct {
	cause       *translate.Error
	status      int
	contentType string
	header      http.Header
	body        []byte
	retryAfter  time.Duration
	noRetry     bool
}

func (e *answerError) Error() string { return e.cause.Error() }
func (e *answerError) Unwrap() error { return e.cause }

// cannotCarryError is the loss table's refusal: another account may speak a
// dialect that can carry the request.
type cannotCarryError struct{ cause *translate.Error }

func (e *cannotCarryError) Error() string { return e.cause.Error() }
func (e *cannotCarryError) Unwrap() error { return e.cause }

// elsewhereError is an answer that another account may have what was asked for,
// and that says nothing about the health of the one that was asked.
type elsewhereError struct{ cause error }

func (e *elsewhereError) Error() string { return e.cause.Error() }
func (e *elsewhereError) Unwrap() error { return e.cause }

// attempt sends the request to one account and, if that goes well, the answer
// to the client. A nil error means that the client has its answer.
func (x *exchange) attempt(ctx context.Context, l *pool.Lease) (accounts.Verdict, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	a := l.Account
	ep := a.Endpoint(string(x.client.Name()), l.Model)
	up := x.dialects.Get(translate.Name(ep.Dialect))
	x.record.Account, x.record.Provider, x.record.UpstreamModel, x.record.Upstream = a.Name, a.Provider, l.Model, up.Name()

	door := surface.Door{Account: a, Endpoint: ep, Operation: x.call.Operation, Model: l.Model, Stream: x.record.Stream, Now: x.now}
	place, ok := door.Place(up)
	if !ok { // only counting is not offered everywhere
		return accounts.Verdict{}, x.estimate()
	}
	counting := x.call.Operation == translate.CountTokens
	if counting {
		if x.countedBefore(l, up) {
			return accounts.Verdict{}, nil
		}
		patience := time.AfterFunc(countPatience, func() { cancel(errSlowCounter) })
		defer patience.Stop()
	}
	token, transport, v, err := x.reach(ctx, a)
	if err != nil {
		return v, err
	}
	same := up.Name() == x.client.Name()
	x.origin = translate.Origin{Dialect: up.Name(), Scope: scopeOf(a, ep), Model: l.Model}
	body, names, err := x.payload(up, l, same)
	if err != nil {
		return accounts.Verdict{Outcome: accounts.CallerFault, Detail: "the request cannot be sent to this account"}, err
	}
	target, err := url.Parse(ep.BaseURL + place.Path)
	if err != nil {
		return accounts.Verdict{Outcome: accounts.Transient, Detail: "the account's base URL is not valid"}, err
	}
	target.RawQuery = upstreamQuery(x.in.URL, up.Name(), place.Query)
	transport = door.Through(transport)
	var written atomic.Bool
	traced := httptrace.WithClientTrace(ctx, trace(&written))
	send := func(body payload) (*http.Response, error) {
		return transport.RoundTrip((&http.Request{
			Method: http.MethodPost, URL: target, Host: target.Host,
			Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
			Header: upstreamHeader(x.in.Header, a, ep, place.Header, token, same, x.record.Stream),
			Body:   body.open(), ContentLength: body.size,
			GetBody: func() (io.ReadCloser, error) { return body.open(), nil },
		}).WithContext(traced))
	}
	x.course = x.newCourse(up, l, body, send)
	defer x.course.end()
	if x.record.Stream {
		x.out.awaitStream(cancel)
	}
	resp, err := send(body)
	if err != nil {
		if counting && x.in.Context().Err() == nil {
			return accounts.Verdict{}, x.estimate()
		}
		return x.unreachable(ctx, err, written.Load())
	}
	defer resp.Body.Close()
	x.upstreamID = requestID(resp.Header)
	if resp.StatusCode < 200 || resp.StatusCode >= 300 {
		return x.refused(ctx, resp, up, same)
	}
	return x.answer(ctx, cancel, l, resp, up, same, names)
}

// reach returns what it takes to ask an account: its token and its transport.
func (x *exchange) reach(ctx context.Context, a *accounts.Account) (string, http.RoundTripper, accounts.Verdict, error) {
	token, err := a.Credential.Token(ctx)
	if err != nil {
		v, err := x.noToken(ctx, err)
		return "", nil, v, err
	}
	x.token = token
	transport, err := x.transports.forAccount(a, x.settings.Transport)
	if err != nil {
		return "", nil, accounts.Verdict{Outcome: accounts.Transient, Detail: err.Error()}, &translate.Error{Kind: translate.Unavailable, Message: err.Error()}
	}
	return token, transport, accounts.Verdict{}, nil
}

// answer hands a successful response to the client in the form that it asked for.
func (x *exchange) answer(ctx context.Context, cancel context.CancelCauseFunc, l *pool.Lease, resp *http.Response, up translate.Dialect, same bool, names *translate.Names) (accounts.Verdict, error) {
	media, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	streamed := media == "text/event-stream" || media == "" && x.record.Stream
	x.describe(l, resp.Header, same)
	l.Saw(resp.Header)
	switch {
	case x.call.Operation == translate.CountTokens:
		return x.counted(l, resp, up, same)
	case x.record.Stream && streamed:
		return x.stream(ctx, cancel, l, resp, up, same, names)
	case streamed:
		return x.gather(ctx, l, resp, up, names)
	default:
		return x.plain(ctx, l, resp, up, same, names, media)
	}
}

// describe sets the headers that tell who answered.
func (x *exchange) describe(l *pool.Lease, upstream http.Header, same bool) {
	if x.out.committed() {
		return
	}
	h := x.out.header()
	if same {
		copyResponseHeader(h, upstream)
	}
	h.Set("X-Ai-Model", l.Model)
	if x.call.User == "" {
		h.Set("X-Ai-Account", l.Account.Name)
	}
	if x.upstreamID != "" {
		h.Set("X-Upstream-Request-Id", x.upstreamID)
	}
	h.Del("X-Ai-Warnings")
	if !same && x.encoded != nil {
		if x.record.Warnings = x.encoded.losses.Warnings(); x.record.Warnings != "" {
			h.Set("X-Ai-Warnings", x.record.Warnings)
		}
	}
	x.showTrail()
}

// showTrail tells the client the trail so far, if it asks for it.
func (x *exchange) showTrail() {
	if x.selection != nil && !x.out.committed() && x.in.Header.Get("X-Ai-Debug") == "1" {
		x.out.header().Set("X-Ai-Trail", x.selection.Trail().String())
	}
}

// encoding is a translated request body, kept for the next account of the same
// dialect.
type encoding struct {
	dialect translate.Name
	model   string
	caps    translate.Capabilities
	body    *buffer
	names   *translate.Names
	losses  *translate.Losses

	bound     bool // what is sent depends on whom it is sent to
	origin    translate.Origin
	restored  int // pieces of reasoning state
	stateless bool
}

// payload returns an upstream request's body: the client's own bytes with the
// model's name replaced, or their translation.
func (x *exchange) payload(up translate.Dialect, l *pool.Lease, same bool) (payload, *translate.Names, error) {
	model := l.Model
	if same {
		if held := x.purged(up, model); held != nil {
			return newPayload(held, held.b), nil, nil
		}
		b, span := x.body.b, x.envelope.Span
		if span[1] == 0 || x.envelope.Model == model {
			return newPayload(x.body, b), nil, nil
		}
		return newPayload(x.body, b[:span[0]], jsonlit.Quote(model), b[span[1]:]), nil, nil
	}
	enc, caps := x.encoded, x.capabilities(l.Account, model)
	if enc == nil || enc.dialect != up.Name() || enc.model != model || enc.caps != caps || enc.bound && enc.origin != x.origin || enc.stateless != x.stateless {
		var err error
		if enc, err = x.encode(up, model, caps); err != nil {
			return payload{}, nil, err
		}
		if x.encoded != nil {
			x.encoded.body.release()
		}
		x.encoded = enc
	}
	return newPayload(enc.body, enc.body.b), enc.names, nil
}

// encode translates the request.
func (x *exchange) encode(up translate.Dialect, model string, caps translate.Capabilities) (*encoding, error) {
	r, err := x.decode()
	if err != nil {
		return nil, err
	}
	x.measure(r)
	return x.encodeRequest(r, up, model, caps)
}

// encodeRequest translates a request that is, or is made of, the client's.
func (x *exchange) encodeRequest(r *translate.Request, up translate.Dialect, model string, caps translate.Capabilities) (*encoding, error) {
	losses := new(translate.Losses)
	if err := translate.Inspect(r, up.Name(), losses); err != nil {
		return nil, cannotCarry(err)
	}
	restored, pieces, bound := x.remembered(r)
	adapted, names := translate.Adapt(restored, up.Name())
	buf := newBuffer(&x.answers)
	out, err := up.AppendRequest(buf.b[:0], adapted, translate.Target{
		Model: model, Capabilities: caps, Stream: x.record.Stream, AutoCache: x.settings.AutoCache, Losses: losses,
	})
	if err == nil && x.settings.Strict {
		err = losses.Strict()
	}
	if err != nil {
		buf.release()
		return nil, cannotCarry(err)
	}
	buf.b = out
	return &encoding{
		dialect: up.Name(), model: model, caps: caps, body: buf, names: names, losses: losses,
		bound: bound, origin: x.origin, restored: pieces, stateless: x.stateless,
	}, nil
}

func cannotCarry(err error) error {
	var e *translate.Error
	if errors.As(err, &e) {
		return &cannotCarryError{e}
	}
	return err
}
