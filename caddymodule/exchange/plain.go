package exchange

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/fairway-gateway/fairway/accounts"
	"github.com/fairway-gateway/fairway/accounts/pool"
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// maxAnswer bounds an answer that is not streamed: pictures travel in them.
const maxAnswer = 256 << 20

func isJSON(contentType string) bool {
	media, _, _ := strings.Cut(contentType, ";")
	media = strings.ToLower(strings.TrimSpace(media))
	return media == "application/json" || strings.HasSuffix(media, "+json")
}

// plain reads a whole answer and gives it to the client: as it is, translated,
// or told as a stream where the client asked for one and the upstream did not
// care.
func (x *exchange) plain(ctx context.Context, l *pool.Lease, resp *http.Response, up translate.Dialect, same bool, names *translate.Names, media string) (accounts.Verdict, error) {
	buf := newBuffer(&x.answers)
	defer buf.release()
	if err := buf.readFrom(resp.Body, resp.ContentLength, maxAnswer); err != nil {
		if v, canceled := x.interrupted(ctx); canceled {
			return v, context.Cause(ctx)
		}
		v := accounts.Classify(accounts.Sign{Err: err}, x.now())
		v.MayBeBilled = true
		return v, &translate.Error{Kind: translate.Truncated, Message: "the upstream's answer ended before completion"}
	}
	if err := jsonlit.Check(buf.b); err != nil {
		what := "something that is not JSON"
		if media == "text/html" {
			what = "a web page"
		}
		return accounts.Verdict{Outcome: accounts.Transient, Detail: "answered with " + what},
			&translate.Error{Kind: translate.Upstream, Message: "the upstream answered with " + what + "; check the account's base_url"}
	}
	answer, err := up.DecodeResponse(buf.b)
	if err != nil && (!same || !jsonlit.Null(jsonlit.Get(buf.b, "error"))) {
		var e *translate.Error
		if !errors.As(err, &e) {
			e = &translate.Error{Kind: translate.Upstream, Message: "the upstream's answer is not understood"}
		}
		return x.failed(e, resp.Header)
	}
	if answer, err = x.course.whole(ctx, answer); err != nil {
		if v, canceled := x.interrupted(ctx); canceled {
			return v, context.Cause(ctx)
		}
		return x.failed(neutralError(err), resp.Header)
	}
	if answer != nil && answer.Usage != nil {
		x.used(l, *answer.Usage)
	}
	switch {
	case x.record.Stream:
		return x.replay(answer, names)
	case same:
		if answer != nil {
			x.answered(answer.ID)
		}
		x.out.header().Set("Content-Type", "application/json")
		x.out.respond(http.StatusOK, buf.b)
	default:
		if err := x.tell(answer, names); err != nil {
			return accounts.Verdict{Outcome: accounts.Transient, Detail: "its answer cannot be told"}, err
		}
	}
	return accounts.Verdict{Outcome: accounts.OK}, nil
}

// tell gives a whole answer to the client in its dialect.
func (x *exchange) tell(answer *translate.Response, names *translate.Names) error {
	reply, err := x.prepare(answer, names)
	if err != nil {
		return err
	}
	out, err := x.client.AppendResponse(nil, answer, reply)
	if err != nil {
		return err
	}
	x.out.header().Set("Content-Type", "application/json")
	x.out.respond(http.StatusOK, out)
	return nil
}

// prepare brings a whole answer into the client's terms.
func (x *exchange) prepare(answer *translate.Response, names *translate.Names) (translate.Reply, error) {
	names.RestoreResponse(answer)
	reply, err := x.reply()
	if err != nil {
		return reply, err
	}
	if carry := translate.NewCarry(x.origin, x.client.Name()); carry != nil {
		carry.Response(answer)
		x.turns.watch(x.call.User, reply.Request).response(answer)
	}
	return reply, nil
}

// reply is what the client's encoder needs to know.
func (x *exchange) reply() (translate.Reply, error) {
	r, err := x.decode()
	if err != nil {
		return translate.Reply{}, err
	}
	return translate.Reply{
		Request: r, Model: x.record.UpstreamModel,
		ID: strings.TrimPrefix(x.record.ID, "req_"), Created: x.started.Unix(),
		Tokenizer: x.tokenizer(x.record.UpstreamModel),
	}, nil
}

// replay streams an answer that came in one piece.
func (x *exchange) replay(answer *translate.Response, names *translate.Names) (accounts.Verdict, error) {
	if answer == nil {
		return accounts.Verdict{Outcome: accounts.Transient, Detail: "sent no stream"},
			&translate.Error{Kind: translate.Upstream, Message: "the upstream sent no stream"}
	}
	reply, err := x.prepare(answer, names)
	if err != nil {
		return accounts.Verdict{}, err
	}
	x.out.open(x.client.NewStreamEncoder(reply))
	err = translate.Replay(answer, x.out.event)
	if err != nil {
		return accounts.Verdict{Outcome: accounts.Transient, Detail: "its answer cannot be told"}, err
	}
	x.closeRetryWindow()
	return accounts.Verdict{Outcome: accounts.OK}, x.out.flush()
}

// gather makes one answer of a stream that nobody asked for.
func (x *exchange) gather(ctx context.Context, l *pool.Lease, resp *http.Response, up translate.Dialect, names *translate.Names) (accounts.Verdict, error) {
	answer, err := x.course.gathered(ctx, up, resp.Body)
	if err != nil {
		if v, canceled := x.interrupted(ctx); canceled {
			return v, context.Cause(ctx)
		}
		var e *translate.Error
		if !errors.As(err, &e) {
			e = &translate.Error{Kind: translate.Truncated, Message: "the upstream's stream broke off"}
		}
		return x.failed(e, resp.Header)
	}
	if answer.Usage != nil {
		x.used(l, *answer.Usage)
	}
	if err := x.tell(answer, names); err != nil {
		return accounts.Verdict{Outcome: accounts.Transient, Detail: "its answer cannot be told"}, err
	}
	return accounts.Verdict{Outcome: accounts.OK}, nil
}

// used accounts for tokens.
func (x *exchange) used(l *pool.Lease, u translate.Usage) {
	x.record.Usage.Merge(u)
	if x.extent != (translate.Extent{}) {
		x.calibration.learn(x.lookups.of(x.record.UpstreamModel).counts, x.extent, u.Input)
	}
	l.Usage(int(u.Input + u.Output))
}
