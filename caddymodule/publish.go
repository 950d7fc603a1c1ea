package caddymodule

import (
	"net/http"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/fairway-gateway/fairway/caddymodule/exchange"
)

// publish makes what an exchange came to known to the access log and as placeholders. Nothing is formatted unless someone
// asks.
func publish(r *http.Request, record exchange.Record) {
	rec := &record
	ctx := r.Context()
	if repl, ok := ctx.Value(caddy.ReplacerCtxKey).(*caddy.Replacer); ok {
		repl.Map(func(key string) (any, bool) { return placeholder(rec, key) })
	}
	if extra, ok := ctx.Value(caddyhttp.ExtraLogFieldsCtxKey).(*caddyhttp.ExtraLogFields); ok {
		extra.Add(zap.Inline((*logFields)(rec)))
	}
}

func placeholder(rec *exchange.Record, key string) (any, bool) {
	switch key {
	case "http.ai.dialect":
		return string(rec.Dialect), true
	case "http.ai.model":
		return rec.Model, true
	case "http.ai.upstream_model":
		return rec.UpstreamModel, true
	case "http.ai.account":
		return rec.Account, true
	case "http.ai.provider":
		return rec.Provider, true
	case "http.ai.attempts":
		return rec.Attempts, true
	case "http.ai.tokens.input":
		return rec.Usage.Input, true
	case "http.ai.tokens.cached":
		return rec.Usage.CacheRead, true
	case "http.ai.tokens.output":
		return rec.Usage.Output, true
	case "http.ai.tokens.reasoning":
		return rec.Usage.Reasoning, true
	case "http.ai.duration_ms":
		return rec.Duration.Milliseconds(), true
	case "http.ai.first_byte_ms":
		return rec.FirstByte.Milliseconds(), true
	}
	return nil, false
}

// logFields writes a record into an access log entry.
type logFields exchange.Record

// MarshalLogObject implements zapcore.ObjectMarshaler.
func (f *logFields) MarshalLogObject(enc zapcore.ObjectEncoder) error {
	enc.AddString("ai_dialect", string(f.Dialect))
	enc.AddString("ai_operation", f.Operation.String())
	for _, field := range []struct{ name, value string }{
		{"ai_passthrough", f.Passthrough}, {"ai_model", f.Model}, {"ai_upstream_model", f.UpstreamModel}, {"ai_account", f.Account},
		{"ai_provider", f.Provider}, {"ai_warnings", f.Warnings},
	} {
		if field.value != "" {
			enc.AddString(field.name, field.value)
		}
	}
	if f.Attempts > 0 {
		enc.AddInt("ai_attempts", f.Attempts)
		enc.AddInt64("ai_tokens_input", f.Usage.Input)
		enc.AddInt64("ai_tokens_cached", f.Usage.CacheRead)
		enc.AddInt64("ai_tokens_output", f.Usage.Output)
		enc.AddInt64("ai_tokens_reasoning", f.Usage.Reasoning)
		enc.AddInt64("ai_first_byte_ms", f.FirstByte.Milliseconds())
	}
	if f.Err != nil {
		enc.AddString("ai_error", redact(exchange.Failure(f.Err)))
	}
	return nil
}
