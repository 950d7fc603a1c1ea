package exchange

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/fairway-gateway/fairway/accounts/inventory"
	"github.com/fairway-gateway/fairway/accounts/pool"
	"github.com/fairway-gateway/fairway/translate"
)

// exchange is one client request under way.
type exchange struct {
	*Engine
	call     Call
	settings Settings
	in       *http.Request
	out      *clientWriter
	client   translate.Dialect
	record   Record
	started  time.Time
	request  *translate.Request // decoded when the first attempt needs it
	body     *buffer
	envelope translate.Envelope
	encoded  *encoding // the last translated body, for accounts alike
	course   *course   // of the last attempt; nil when it takes but one request

	selection  *pool.Selection
	deadline   *time.Timer      // until the first byte
	upstreamID string           // the upstream's own id of the last attempt
	origin     translate.Origin // whom the last attempt asked
	stateless  bool             // an upstream has refused the reasoning state: none is sent any more
	token      string           // that the last attempt was made with
	targets    []inventory.Target
	extent     translate.Extent // of the request, where it is cheap to know

	passage *passage // of a request that is passed through; nil for others
	spent   bool     // the request cannot, or must not, be sent again
}

// Serve answers a recognised call, whatever happens, in the caller's dialect.
func (e *Engine) Serve(w http.ResponseWriter, r *http.Request, call Call) Record {
	x := e.begin(w, r, call)
	defer x.end()
	if call.Allow != "" {
		w.Header().Set("Allow", call.Allow)
		x.failStatus(http.StatusMethodNotAllowed, &translate.Error{Kind: translate.InvalidRequest, Message: "use " + call.Allow + " here"})
		return x.finish()
	}
	ctx, cancel := context.WithCancelCause(r.Context())
	defer cancel(nil)
	var err error
	switch call.Operation {
	case translate.ListModels, translate.GetModel:
		err = x.models(ctx)
	case translate.Passthrough:
		err = x.pass(ctx, cancel)
	default:
		err = x.converse(ctx, cancel)
	}
	if err != nil {
		x.fail(ctx, err)
	}
	return x.finish()
}

// Refuse answers a recognised call with an error, for rules outside the engine.
func (e *Engine) Refuse(w http.ResponseWriter, r *http.Request, call Call, err *translate.Error) Record {
	x := e.begin(w, r, call)
	defer x.end()
	x.fail(r.Context(), err)
	return x.finish()
}

func (e *Engine) begin(w http.ResponseWriter, r *http.Request, call Call) *exchange {
	x := &exchange{
		Engine: e, call: call, settings: call.Settings.withDefaults(), in: r,
		client:  e.dialects.Get(call.Dialect),
		started: e.now(),
	}
	x.record = Record{ID: "req_" + strings.ToLower(rand.Text()[:24]), Dialect: call.Dialect, Operation: call.Operation}
	x.out = newClientWriter(w, x)
	h := w.Header()
	h.Set("X-Request-Id", x.record.ID)
	if call.Dialect == translate.Messages {
		h.Set("Request-Id", x.record.ID) // where Anthropic's SDKs look for it
	}
	return x
}

// end gives back what the exchange holds.
func (x *exchange) end() {
	x.out.stop()
	x.closeRetryWindow()
}

// closeRetryWindow gives the request's bytes back once no further attempt can
// want them, so that an open stream costs the same whatever the prompt's size.
func (x *exchange) closeRetryWindow() {
	if x.deadline != nil {
		x.deadline.Stop()
	}
	if x.body != nil {
		x.body.release()
		x.body = nil
	}
	if x.encoded != nil {
		x.encoded.body.release()
		x.encoded = nil
	}
	x.request = nil
	x.envelope = translate.Envelope{}
}

func (x *exchange) finish() Record {
	x.record.Duration = x.now().Sub(x.started)
	x.record.Status = x.out.status
	if !x.out.first.IsZero() {
		x.record.FirstByte = x.out.first.Sub(x.started)
	}
	x.remember()
	return x.record
}

// converse serves Generate and CountTokens.
func (x *exchange) converse(ctx context.Context, cancel context.CancelCauseFunc) error {
	var err error
	if x.body, err = x.readBody(x.in, x.settings.MaxBody); err != nil {
		return err
	}
	if x.envelope, err = translate.Scan(x.body.b, x.client.Turns()); err != nil {
		return err
	}
	model := x.envelope.Model
	if x.call.Hint.Model != "" {
		model = strings.TrimPrefix(x.call.Hint.Model, "models/")
	}
	if model == "" {
		return translate.BadRequest("model", "is required")
	}
	x.record.Model = model
	x.record.Stream = x.call.Operation == translate.Generate && (x.envelope.Stream || x.call.Hint.Stream)
	targets, err := x.route(ctx, model)
	if err != nil {
		return err
	}
	targets = onlyOn(targets, x.keeper())
	x.targets = targets
	wait := x.settings.MaxWait
	if x.call.Operation == translate.CountTokens {
		wait = -1 // an estimate at once is better than a count later
	}
	selection := x.pool.Begin(pool.Query{
		Targets: targets, Session: x.session(), Pin: x.pin(), Prefer: x.stateKeeper(targets), Pool: x.settings.Pool,
		Attempts: x.settings.Attempts, MaxWait: wait,
	})
	defer func() { x.record.Trail = selection.Trail() }()
	return x.attempts(ctx, cancel, selection, x.attemptRemembering)
}

// route finds the targets of a model, asking providers for their lists only
// when what is known does not settle it.
func (x *exchange) route(ctx context.Context, model string) ([]inventory.Target, error) {
	inv := x.inventory.Load()
	if inv == nil {
		return nil, &translate.Error{Kind: translate.Unavailable, Message: "the gateway is starting; try again"}
	}
	targets, err := inv.Resolve(model, x.catalogue)
	if (err != nil || guessed(targets, inv, x.catalogue)) && x.catalogue.learn(ctx, inv) {
		targets, err = inv.Resolve(model, x.catalogue)
	}
	var unknown *inventory.UnknownModelError
	if errors.As(err, &unknown) {
		return nil, &translate.Error{Kind: translate.NotFound, Code: "model_not_found", Param: "model", Message: unknown.Error()}
	}
	return targets, err
}

// guessed reports whether a model goes where it goes only because nobody knows
// better: to accounts whose server told no list, while another account might
// list it.
func guessed(targets []inventory.Target, inv *inventory.Inventory, c *catalogue) bool {
	for _, t := range targets {
		if t.Account != "" || t.Provider != "" {
			return false
		}
		for _, a := range t.Accounts {
			if _, known := c.Models(a.Name); known || !a.Open || len(a.Models) > 0 {
				return false
			}
		}
	}
	usable := 0
	for _, a := range inv.Accounts() {
		if a.Usable() {
			usable++
		}
	}
	return usable > 1
}

// session is the affinity key: the user, what the client calls its session, and
// the first turn, so that the sub-agents of one session spread.
func (x *exchange) session() string {
	if x.call.Operation != translate.Generate {
		return ""
	}
	id := x.in.Header.Get("X-Session-Id")
	if id == "" {
		id = x.in.Header.Get("Session_id")
	}
	if id == "" && x.envelope.Session == nil && x.envelope.FirstTurn == nil {
		return ""
	}
	h := xxhash.New()
	for _, part := range [][]byte{[]byte(x.call.User), []byte(id), x.envelope.Session, x.envelope.FirstTurn} {
		_, _ = h.Write(part)
		_, _ = h.Write([]byte{0})
	}
	return strconv.FormatUint(h.Sum64(), 36)
}

// pin is the account that the caller demands. Account names are the operator's
// own, so that only a local caller may use them.
func (x *exchange) pin() string {
	if x.call.User != "" {
		return ""
	}
	return x.in.Header.Get("X-Ai-Account")
}

// decode brings the request into the neutral form, once per exchange.
func (x *exchange) decode() (*translate.Request, error) {
	if x.request == nil {
		req, err := x.client.DecodeRequest(x.body.b, x.call.Hint)
		if err != nil {
			return nil, err
		}
		x.body.keep() // the request points into it
		x.request = req
	}
	return x.request, nil
}

// fail answers with an error, as an HTTP status while that is possible and as
// the end of the stream when it is not.
func (x *exchange) fail(ctx context.Context, err error) {
	if cause := context.Cause(ctx); cause != nil && x.in.Context().Err() != nil {
		x.record.Canceled, x.record.Err = true, cause
		x.out.abandon()
		return
	}
	x.failStatus(0, err)
}

func (x *exchange) failStatus(status int, err error) {
	x.record.Err = err
	x.showTrail()
	var answer *answerError
	if errors.As(err, &answer) && !x.out.committed() {
		// The upstream's own words, to a client of its own dialect.
		h := x.out.header()
		h.Set("Content-Type", answer.contentType)
		copyResponseHeader(h, answer.header)
		x.retryAfter(answer.retryAfter, answer.noRetry)
		x.out.respond(answer.status, answer.body)
		return
	}
	e := neutralError(err)
	if x.out.committed() {
		x.out.fail(e)
		return
	}
	h := x.out.header()
	h.Set("Content-Type", "application/json")
	x.retryAfter(e.RetryAfter, e.NoRetry)
	own, body := x.client.AppendError(nil, e)
	if status == 0 {
		status = own
	}
	x.out.respond(status, body)
}

// retryAfter tells when to come again, in the three forms that SDKs read.
func (x *exchange) retryAfter(d time.Duration, never bool) {
	h := x.out.header()
	switch {
	case never:
		h.Set("X-Should-Retry", "false")
	case d > 0:
		h.Set("Retry-After", strconv.FormatInt(int64((d+time.Second-1)/time.Second), 10))
		h.Set("Retry-After-Ms", strconv.FormatInt(d.Milliseconds(), 10))
	}
}

// neutralError is what an error means to a client. What it does not know is the
// gateway's own fault, and told without detail.
func neutralError(err error) *translate.Error {
	var e *translate.Error
	if errors.As(err, &e) {
		return e
	}
	var unavailable *pool.UnavailableError
	switch {
	case errors.As(err, &unavailable):
		return unavailableError(unavailable)
	case errors.Is(err, errDeadline):
		return &translate.Error{Kind: translate.Timeout, Message: errDeadline.Error()}
	}
	return &translate.Error{Kind: translate.Internal, Message: "internal error of the gateway; its log says more"}
}

func unavailableError(u *pool.UnavailableError) *translate.Error {
	e := &translate.Error{Kind: translate.Unavailable, Message: u.Error(), RetryAfter: u.RetryAfter}
	switch u.Status {
	case http.StatusTooManyRequests:
		e.Kind = translate.RateLimited
	case http.StatusNotFound:
		e.Kind, e.Code, e.Param = translate.NotFound, "model_not_found", "model"
	case http.StatusBadRequest:
		e.Kind = translate.InvalidRequest
	}
	return e
}

// logAttempt writes one line per attempt that did not end well. An upstream's
// own words stay out of it: they may quote the prompt.
func (x *exchange) logAttempt(l *pool.Lease, outcome, detail string, err error) {
	x.log.LogAttrs(x.in.Context(), slog.LevelWarn, "attempt failed",
		slog.String("id", x.record.ID), slog.String("account", l.Account.Name), slog.String("model", l.Model),
		slog.String("outcome", outcome), slog.String("detail", detail), slog.String("error", Failure(err)))
}
