package exchange

import (
	"bytes"
	"context"
	"mime"
	"net/http"

	"github.com/fairway-gateway/fairway/accounts"
	"github.com/fairway-gateway/fairway/accounts/pool"
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/embeddings"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// deliver gives a successful answer to the client: a description in JSON once
// it is whole, so that a broken one can still be had from another account, and
// anything else as it comes in.
func (x *exchange) deliver(ctx context.Context, cancel context.CancelCauseFunc, l *pool.Lease, resp *http.Response, v vendor) (accounts.Verdict, error) {
	p := x.passage
	contentType := resp.Header.Get("Content-Type")
	media, _, _ := mime.ParseMediaType(contentType)
	if media == "text/html" && !p.op.file {
		return accounts.Verdict{Outcome: accounts.Transient, Detail: "answered with a web page"},
			&translate.Error{Kind: translate.Upstream, Message: "the upstream answered with a web page; check the account's base_url"}
	}
	same := v == p.op.vendor
	x.describe(l, resp.Header, same)
	h := x.out.header()
	if p.model == "" {
		h.Del("X-Ai-Model")
	}
	if same {
		if contentType != "" {
			h.Set("Content-Type", contentType)
		}
		x.passBack(h, resp.Header, v, l.Account.Name)
		x.owners.remember(v, p.ID, l.Account.Name)
	}
	if p.op.file || !isJSON(contentType) && same {
		return x.relay(ctx, cancel, l, resp)
	}
	buf := newBuffer(&x.answers)
	defer buf.release()
	if err := buf.readFrom(resp.Body, resp.ContentLength, maxAnswer); err != nil {
		if v, canceled := x.interrupted(ctx); canceled {
			return v, context.Cause(ctx)
		}
		v := accounts.Classify(accounts.Sign{Err: err, Status: resp.StatusCode, FirstFrame: true}, x.now())
		return v, &translate.Error{Kind: translate.Truncated, Message: "the upstream's answer ended before completion"}
	}
	if len(bytes.TrimSpace(buf.b)) > 0 || !same {
		if err := jsonlit.Check(buf.b); err != nil {
			return accounts.Verdict{Outcome: accounts.Transient, Detail: "answered with something that is not JSON"},
				&translate.Error{Kind: translate.Upstream, Message: "the upstream answered with something that is not JSON; check the account's base_url"}
		}
	}
	if p.op.model != noModel && x.in.Method == http.MethodPost {
		x.used(l, usageOf(buf.b))
	}
	if !same {
		return x.embedded(buf.b, otherForm(v))
	}
	x.learn(p, l.Account.Name, buf.b)
	body := buf.b
	if v == anthropic && p.Family() == "batches" {
		body = homeward(body, x.self())
	}
	x.out.respond(resp.StatusCode, body)
	return accounts.Verdict{Outcome: accounts.OK}, nil
}

// embedded gives embeddings to a client of the other form.
func (x *exchange) embedded(body []byte, form embeddings.Form) (accounts.Verdict, error) {
	p := x.passage
	answer, err := form.DecodeResponse(body)
	if err == nil {
		err = answer.Check(p.embed)
	}
	var out []byte
	if err == nil {
		if answer.Model == "" {
			answer.Model = x.record.UpstreamModel
		}
		out, err = p.form.AppendResponse(nil, answer, p.embed)
	}
	if err != nil {
		return accounts.Verdict{Outcome: accounts.Transient, Detail: "its answer holds no usable embeddings"}, err
	}
	h := x.out.header()
	h.Set("Content-Type", "application/json")
	if x.record.Warnings = p.lost.Warnings(); x.record.Warnings != "" {
		h.Set("X-Ai-Warnings", x.record.Warnings)
	}
	if _, required := p.form.(embeddings.OpenAI); required && answer.Tokens == 0 {
		h.Set("X-Token-Count", "estimated")
	}
	x.out.respond(http.StatusOK, out)
	return accounts.Verdict{Outcome: accounts.OK}, nil
}
