package caddymodule

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/fairway-gateway/fairway/caddymodule/exchange"
	"github.com/fairway-gateway/fairway/translate"
)

func init() { caddy.RegisterModule(Gateway{}) }

// Gateway answers AI clients in the protocol that they speak: OpenAI Chat Completions, Completions and Responses, Anthropic
// Messages and Gemini, with any of the accounts that the `ai` app declares. Requests for other paths go to the next
// handler. Its own errors are answered in the caller's protocol and do not invoke error routes.
//
// What only one vendor has is passed on to accounts of that vendor: OpenAI's images, audio, moderations, rerank, files,
// batches, stored responses and completions; Anthropic's batches and files; Google's cached contents and files. Embeddings
// go to accounts of OpenAI's and Google's kind, whichever protocol asks. A request about something that was made before
// goes to the account that made it. A form that names its model behind a file of more than 1 MiB goes to the first account
// that is not limited to certain models.
//
// Only authenticated callers (whoever sets `{http.auth.user.id}`, or a verified TLS client certificate) and callers on this
// machine are served. A caller is on this machine when its TCP peer is a loopback address, no header tells of a proxy, and
// the host name asked for is a loopback name or one of the site's.
//
// The handler sets these placeholders when it has answered:
//
// Placeholder | Description
// ------------|------------
// `{http.ai.dialect}` | The client's protocol: chat, completions, responses, messages or gemini
// `{http.ai.model}` | The model that was asked for
// `{http.ai.upstream_model}` | The model that answered, as its provider calls it
// `{http.ai.account}` | The account that answered
// `{http.ai.provider}` | The account's provider
// `{http.ai.attempts}` | How many times an upstream was asked
// `{http.ai.tokens.input}` | Input tokens, cached ones included
// `{http.ai.tokens.cached}` | Input tokens that were read from the provider's cache
// `{http.ai.tokens.output}` | Output tokens, reasoning included
// `{http.ai.tokens.reasoning}` | Output tokens that were reasoning
// `{http.ai.duration_ms}` | Milliseconds until the last byte
// `{http.ai.first_byte_ms}` | Milliseconds until the first byte
//
// The access log gets the same as fields (`ai_model`, `ai_account`, …).
type Gateway struct {
	// The name of the pool that serves this site. Default: all accounts.
	Pool string `json:"pool,omitempty"`

	// Refuse a request if a part of it cannot be carried to the account's protocol, instead of leaving that part out and
	// naming it in the response header `X-Ai-Warnings`. Default: false.
	Strict bool `json:"strict,omitempty"`

	// AutoCache has Anthropic cache the prompts of clients of other dialects, which cannot ask for it themselves. Writing
	// to the cache costs a quarter more than reading the prompt, reading from it a tenth. Default: false.
	AutoCache bool `json:"auto_cache,omitempty"`

	// The largest request body in bytes. Default: 104857600 (100 MiB).
	MaxBody int64 `json:"max_body,omitempty"`

	// The silence after which a stream shows signs of life, so that proxies do not cut it. Default: 15s.
	Heartbeat caddy.Duration `json:"heartbeat,omitempty"`

	// How many times an upstream is asked at most for one request. Default: 4.
	Attempts int `json:"attempts,omitempty"`

	// The time within which the answer must begin, over all attempts. Default: 10m.
	Deadline caddy.Duration `json:"deadline,omitempty"`

	// How long a request waits for an account when all of them are cooling down or busy. Default: 10s.
	MaxWait caddy.Duration `json:"max_wait,omitempty"`

	// Do not send a request again that the provider may already have billed: it had been sent whole when the connection
	// failed, and no answer had come. By default such a request is sent to the next account, so that an agent's work goes on,
	// unless it does more than generate (background responses, MCP servers); the trail says that it may be billed twice.
	// Default: false.
	NoRepeat bool `json:"no_repeat,omitempty"`

	// Serve everyone who reaches the site, authenticated or not. Default: false.
	TrustNetwork bool `json:"trust_network,omitempty"`

	// How upstreams are reached: a transport of `reverse_proxy`, for a certificate authority of one's own, client
	// certificates, a resolver or a network proxy. An account's own proxy goes before it. Default: one shared by all sites.
	TransportRaw json.RawMessage `json:"transport,omitempty" caddy:"namespace=http.reverse_proxy.transport inline_key=protocol"`

	app      *App
	settings exchange.Settings
	access   access
}

// CaddyModule returns the Caddy module information.
func (Gateway) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: handlerID, New: func() caddy.Module { return new(Gateway) }}
}

// Provision finds the app and sets up the site's transport.
func (g *Gateway) Provision(ctx caddy.Context) error {
	module, err := ctx.App(appName)
	if err != nil {
		return err
	}
	g.app = module.(*App)
	if _, ok := g.app.tenant.inventory.Pool(g.Pool); !ok {
		return fmt.Errorf("there is no pool %q; declare it in the global ai block or an accounts file", g.Pool)
	}
	g.settings = exchange.Settings{
		Pool: g.Pool, Strict: g.Strict, AutoCache: g.AutoCache, MaxBody: g.MaxBody, Heartbeat: time.Duration(g.Heartbeat), Attempts: g.Attempts,
		Deadline: time.Duration(g.Deadline), MaxWait: time.Duration(g.MaxWait), NoRepeat: g.NoRepeat,
	}
	if g.TransportRaw != nil {
		transport, err := ctx.LoadModule(g, "TransportRaw")
		if err != nil {
			return fmt.Errorf("loading transport: %w", err)
		}
		g.settings.Transport = transport.(http.RoundTripper)
	}
	g.access = access{trustNetwork: g.TrustNetwork}
	for _, ancestor := range ctx.Modules() {
		if http, ok := ancestor.(*caddyhttp.App); ok {
			g.app.register(http)
		}
	}
	return nil
}

// Validate refuses settings that make no sense.
func (g *Gateway) Validate() error {
	if g.MaxBody < 0 || g.Heartbeat < 0 || g.Attempts < 0 || g.Deadline < 0 || g.MaxWait < 0 {
		return errors.New("max_body, heartbeat, attempts, deadline and max_wait must not be negative")
	}
	return nil
}

// ServeHTTP answers AI requests and passes all others on.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler) error {
	if answerProbe(w, r) {
		return nil
	}
	call, ok := exchange.Recognise(r)
	if !ok {
		return next.ServeHTTP(w, r)
	}
	call.Settings = g.settings
	engine := g.app.shared.engine
	if err := g.app.enter(r.Context()); err != nil {
		publish(r, engine.Refuse(w, r, call, &translate.Error{Kind: translate.Unavailable, Message: err.Error()}))
		return nil
	}
	defer g.app.shared.release()
	user, refusal := g.access.check(w, r, call.Passthrough != nil && call.Passthrough.Upload)
	if refusal != nil {
		publish(r, engine.Refuse(w, r, call, refusal))
		return nil
	}
	call.User = user
	publish(r, engine.Serve(w, r, call))
	return nil
}

// answerProbe answers what asks whether anyone is there, before any rule about who may ask: monitors, and clients that
// send HEAD / to their base URL first.
func answerProbe(w http.ResponseWriter, r *http.Request) bool {
	get, head := r.Method == http.MethodGet, r.Method == http.MethodHead
	switch {
	case r.URL.Path == "/healthz" && (get || head):
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		if get {
			io.WriteString(w, `{"status":"ok"}`+"\n")
		}
	case r.URL.Path == "/" && head:
		w.WriteHeader(http.StatusOK)
	default:
		return false
	}
	return true
}

// Interface guards
var (
	_ caddy.Provisioner           = (*Gateway)(nil)
	_ caddy.Validator             = (*Gateway)(nil)
	_ caddyhttp.MiddlewareHandler = (*Gateway)(nil)
)
