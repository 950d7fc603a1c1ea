package caddymodule

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/caddyserver/caddy/v2"
	"github.com/go-json-experiment/json"

	"github.com/fairway-gateway/fairway/accounts/pool"
	"github.com/fairway-gateway/fairway/caddymodule/exchange"
	"github.com/fairway-gateway/fairway/translate"
)

func init() { caddy.RegisterModule(adminAPI{}) }

// adminAPI tells, below /ai/ of Caddy's admin API, what the gateway knows of its accounts. It never tells a secret, and
// changes nothing but whether an account is in use:
//
//	GET  /ai/accounts          all accounts: state, cool-downs, quotas
//	POST /ai/accounts/<name>   {"switch": "on" | "off" | "draining"}
//	GET  /ai/route?model=…     who would serve a model now, and why not the others; also pool, account, session
//	GET  /ai/trails?n=20       the last exchanges, the newest first
type adminAPI struct{}

// CaddyModule returns the Caddy module information.
func (adminAPI) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "admin.api.ai", New: func() caddy.Module { return new(adminAPI) }}
}

// Routes returns the routes below /ai/.
func (adminAPI) Routes() []caddy.AdminRoute {
	return []caddy.AdminRoute{
		{Pattern: "/ai/accounts", Handler: reading(func(e *exchange.Engine, _ *http.Request) (any, error) {
			return accountList{e.Accounts()}, nil
		})},
		{Pattern: "/ai/accounts/", Handler: caddy.AdminHandlerFunc(switchAccount)},
		{Pattern: "/ai/route", Handler: reading(explain)},
		{Pattern: "/ai/trails", Handler: reading(trails)},
	}
}

// accountList is the answer of /ai/accounts.
type accountList struct {
	Accounts []pool.AccountStatus `json:"accounts"`
}

// trailList is the answer of /ai/trails.
type trailList struct {
	Exchanges []exchange.Past `json:"exchanges"`
}

// switchRequest is what /ai/accounts/<name> wants.
type switchRequest struct {
	Switch *pool.Switch `json:"switch"`
}

// runningEngine holds the engine for one request, which must call release.
func runningEngine() (engine *exchange.Engine, release func(), err error) {
	engines.Range(func(_, value any) bool {
		if s := value.(*shared); s.acquire() {
			engine, release = s.engine, s.release
		}
		return false
	})
	if engine == nil {
		return nil, nil, caddy.APIError{HTTPStatus: http.StatusServiceUnavailable,
			Err: errors.New("the running configuration has no ai gateway")}
	}
	return engine, release, nil
}

// reading answers GET requests with JSON.
func reading(answer func(*exchange.Engine, *http.Request) (any, error)) caddy.AdminHandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		if r.Method != http.MethodGet {
			return methodError(w, http.MethodGet)
		}
		engine, release, err := runningEngine()
		if err != nil {
			return err
		}
		defer release()
		body, err := answer(engine, r)
		if err != nil {
			return err
		}
		return writeJSON(w, body)
	}
}

func methodError(w http.ResponseWriter, allow string) error {
	w.Header().Set("Allow", allow)
	return caddy.APIError{HTTPStatus: http.StatusMethodNotAllowed, Err: errors.New("use " + allow + " here")}
}

func writeJSON(w http.ResponseWriter, body any) error {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	return json.MarshalWrite(w, body)
}

func explain(e *exchange.Engine, r *http.Request) (any, error) {
	query := r.URL.Query()
	q := exchange.Question{Model: query.Get("model"), Pool: query.Get("pool"), Account: query.Get("account"), Session: query.Get("session")}
	if q.Model == "" {
		return nil, caddy.APIError{HTTPStatus: http.StatusBadRequest, Err: errors.New("say which model: /ai/route?model=<name>")}
	}
	plan, err := e.Explain(r.Context(), q)
	var known *translate.Error
	if errors.As(err, &known) {
		return nil, caddy.APIError{HTTPStatus: known.Kind.HTTPStatus(), Err: errors.New(known.Message)}
	}
	return plan, err
}

func trails(e *exchange.Engine, r *http.Request) (any, error) {
	n := 20
	if given := r.URL.Query().Get("n"); given != "" {
		var err error
		if n, err = strconv.Atoi(given); err != nil || n < 1 {
			return nil, caddy.APIError{HTTPStatus: http.StatusBadRequest, Err: errors.New("n must be a whole number of at least 1")}
		}
	}
	past := e.Trails(n)
	for i := range past {
		past[i].Error = redact(past[i].Error)
	}
	return trailList{past}, nil
}

// maxSwitchRequest bounds the body of a request that switches an account.
const maxSwitchRequest = 1 << 10

func switchAccount(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodPost {
		return methodError(w, http.MethodPost)
	}
	if !jsonContent(r.Header.Get("Content-Type")) {
		return caddy.APIError{HTTPStatus: http.StatusUnsupportedMediaType, Err: errors.New("send application/json")}
	}
	engine, release, err := runningEngine()
	if err != nil {
		return err
	}
	defer release()
	var req switchRequest
	if err := json.UnmarshalRead(io.LimitReader(r.Body, maxSwitchRequest), &req, json.RejectUnknownMembers(true)); err != nil || req.Switch == nil {
		return caddy.APIError{HTTPStatus: http.StatusBadRequest, Err: errors.New(`send {"switch": "on"}, "off" or "draining"`)}
	}
	name := strings.TrimPrefix(r.URL.Path, "/ai/accounts/")
	if err := engine.Switch(name, *req.Switch); err != nil {
		return caddy.APIError{HTTPStatus: http.StatusNotFound, Err: err}
	}
	for _, a := range engine.Accounts() {
		if a.Name == name {
			return writeJSON(w, a)
		}
	}
	return caddy.APIError{HTTPStatus: http.StatusNotFound, Err: fmt.Errorf("the account %q has just gone", name)}
}

// Interface guard
var _ caddy.AdminRouter = (*adminAPI)(nil)
