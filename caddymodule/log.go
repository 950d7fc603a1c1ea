package caddymodule

import (
	"context"
	"log/slog"
	"regexp"
	"sync/atomic"
)

// liveTarget is where log records go at the moment.
type liveTarget struct{ handler slog.Handler }

// liveHandler is a slog.Handler for the engine, which outlives the configuration whose loggers it writes to: the target
// can be exchanged. Whatever passes is searched for keys.
type liveHandler struct {
	target *atomic.Pointer[liveTarget]
	wrap   []func(slog.Handler) slog.Handler // WithAttrs and WithGroup, in order
}

func newLiveHandler() *liveHandler {
	h := &liveHandler{target: new(atomic.Pointer[liveTarget])}
	h.target.Store(&liveTarget{slog.DiscardHandler})
	return h
}

func (h *liveHandler) logger() *slog.Logger { return slog.New(h) }

// Enabled implements slog.Handler.
func (h *liveHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.target.Load().handler.Enabled(ctx, level)
}

// Handle implements slog.Handler.
func (h *liveHandler) Handle(ctx context.Context, record slog.Record) error {
	handler := h.target.Load().handler
	for _, wrap := range h.wrap {
		handler = wrap(handler)
	}
	clean := slog.NewRecord(record.Time, record.Level, redact(record.Message), record.PC)
	record.Attrs(func(a slog.Attr) bool {
		clean.AddAttrs(redactAttr(a))
		return true
	})
	return handler.Handle(ctx, clean)
}

// WithAttrs implements slog.Handler.
func (h *liveHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	clean := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		clean[i] = redactAttr(a)
	}
	return h.with(func(to slog.Handler) slog.Handler { return to.WithAttrs(clean) })
}

// WithGroup implements slog.Handler.
func (h *liveHandler) WithGroup(name string) slog.Handler {
	return h.with(func(to slog.Handler) slog.Handler { return to.WithGroup(name) })
}

func (h *liveHandler) with(wrap func(slog.Handler) slog.Handler) *liveHandler {
	return &liveHandler{target: h.target, wrap: append(h.wrap[:len(h.wrap):len(h.wrap)], wrap)}
}

func redactAttr(a slog.Attr) slog.Attr {
	v := a.Value.Resolve()
	switch v.Kind() {
	case slog.KindString:
		v = slog.StringValue(redact(v.String()))
	case slog.KindGroup:
		group := make([]slog.Attr, len(v.Group()))
		for i, g := range v.Group() {
			group[i] = redactAttr(g)
		}
		v = slog.GroupValue(group...)
	case slog.KindAny:
		if err, ok := v.Any().(error); ok {
			v = slog.StringValue(redact(err.Error()))
		}
	}
	return slog.Attr{Key: a.Key, Value: v}
}

// keyShapes finds what looks like a credential: the prefixes that vendors give their keys, a bearer token, a URL's key or
// password.
var keyShapes = regexp.MustCompile(`(?i)` +
	`\b(sk-|gsk_|xai-|AIza|ya29\.|ghp_|hf_)[A-Za-z0-9_\-.]{8,}` +
	`|(\b(?:bearer|basic)\s+)[A-Za-z0-9_\-.~+/=]{8,}` +
	`|([?&](?:key|api_key|api-key|access_token)=)[^&\s"']+` +
	`|(://[^/\s:@]*:)[^/\s@]+(@)`)

// redact replaces what looks like a credential. It is the second line of defence: nothing is meant to log one.
func redact(s string) string {
	if !keyShapes.MatchString(s) {
		return s
	}
	return keyShapes.ReplaceAllString(s, "$1$2$3$4…$5")
}
