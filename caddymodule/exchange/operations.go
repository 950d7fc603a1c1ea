package exchange

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/fairway-gateway/fairway/accounts"
	"github.com/fairway-gateway/fairway/caddymodule/exchange/surface"
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/embeddings"
)

// Passthrough describes a request that only accounts of its own vendor's
// dialects can serve: it is passed on as it is, but for the model's name.
type Passthrough struct {
	// Name is the operation's, like "files.content"; logs and messages use it.
	Name string
	// ID is the resource that the path names, as its vendor calls it in full:
	// "file-abc", "cachedContents/abc". "" when it names none.
	ID string
	// Upload says that the body may be other than JSON.
	Upload bool

	op   *operation
	path string          // upstream, below the base URL
	form embeddings.Form // the client's, where the operation can be translated
}

// Family is the resource or service that the operation belongs to: "files".
func (p *Passthrough) Family() string {
	family, _, _ := strings.Cut(p.Name, ".")
	return family
}

// vendor is whose API an operation belongs to.
type vendor uint8

const (
	openAI vendor = iota
	anthropic
	google
)

// dialects are those of the endpoints that speak a vendor's API, the best first.
func (v vendor) dialects() []translate.Name {
	return [...][]translate.Name{
		{translate.Chat, translate.Responses, translate.Completions}, {translate.Messages}, {translate.Gemini},
	}[v]
}

// who names in a message the accounts that have a vendor's operations.
func (v vendor) who() string {
	return [...]string{"OpenAI and OpenAI-compatible servers", "Anthropic", "Google (Gemini)"}[v]
}

// operation is one row of the table of what is passed through.
type operation struct {
	name    string
	vendor  vendor
	path    string // below the version; * stands for a resource's id
	methods string // as in an Allow header
	model   modelRule
	only    translate.Name // the one dialect whose endpoints have it; "" for all of the vendor's
	upload  bool           // takes multipart/form-data
	raw     bool           // takes any body, unread
	makes   bool           // POST makes a resource: doing it twice is not the same as once
	file    bool           // answers with a file, not with a description
	refers  string         // the body's member that names a resource, on whose account the operation must run
}

// modelRule says where a request names its model.
type modelRule uint8

const (
	noModel modelRule = iota
	optionalModel
	requiredModel
	pathModel  // in the path
	batchModel // in each of requests[].params
)

// operations is the table, after the paths of openai-go v3, anthropic-sdk-go,
// and google.golang.org/genai; rerank is what Cohere, Jina and vLLM serve.
var operations = []operation{
	{name: "embeddings", path: "embeddings", methods: "POST", model: requiredModel},
	{name: "images.generations", path: "images/generations", methods: "POST", model: optionalModel},
	{name: "images.edits", path: "images/edits", methods: "POST", model: optionalModel, upload: true},
	{name: "images.variations", path: "images/variations", methods: "POST", model: optionalModel, upload: true},
	{name: "audio.speech", path: "audio/speech", methods: "POST", model: requiredModel, file: true},
	{name: "audio.transcriptions", path: "audio/transcriptions", methods: "POST", model: requiredModel, upload: true},
	{name: "audio.translations", path: "audio/translations", methods: "POST", model: requiredModel, upload: true},
	{name: "moderations", path: "moderations", methods: "POST", model: optionalModel},
	{name: "rerank", path: "rerank", methods: "POST", model: requiredModel},
	{name: "rerank", path: "v2/rerank", methods: "POST", model: requiredModel},
	{name: "files", path: "files", methods: "GET, POST", upload: true, makes: true},
	{name: "files", path: "files/*", methods: "GET, DELETE"},
	{name: "files.content", path: "files/*/content", methods: "GET", file: true},
	{name: "batches", path: "batches", methods: "GET, POST", makes: true, refers: "input_file_id"},
	{name: "batches", path: "batches/*", methods: "GET"},
	{name: "batches.cancel", path: "batches/*/cancel", methods: "POST"},
	{name: "responses.compact", path: "responses/compact", methods: "POST", model: requiredModel, only: translate.Responses, refers: "previous_response_id"},
	{name: "responses", path: "responses/*", methods: "GET, DELETE", only: translate.Responses},
	{name: "responses.cancel", path: "responses/*/cancel", methods: "POST", only: translate.Responses},
	{name: "responses.input_items", path: "responses/*/input_items", methods: "GET", only: translate.Responses},
	{name: "completions", path: "chat/completions", methods: "GET"},
	{name: "completions", path: "chat/completions/*", methods: "GET, POST, DELETE"},
	{name: "completions.messages", path: "chat/completions/*/messages", methods: "GET"},

	{name: "batches", vendor: anthropic, path: "messages/batches", methods: "GET, POST", model: batchModel, makes: true},
	{name: "batches", vendor: anthropic, path: "messages/batches/*", methods: "GET, DELETE"},
	{name: "batches.cancel", vendor: anthropic, path: "messages/batches/*/cancel", methods: "POST"},
	{name: "batches.results", vendor: anthropic, path: "messages/batches/*/results", methods: "GET", file: true},
	{name: "files", vendor: anthropic, path: "files", methods: "GET, POST", upload: true, makes: true},
	{name: "files", vendor: anthropic, path: "files/*", methods: "GET, DELETE"},
	{name: "files.content", vendor: anthropic, path: "files/*/content", methods: "GET", file: true},

	{name: "embeddings", vendor: google, path: "models/*:embedContent", methods: "POST", model: pathModel},
	{name: "embeddings", vendor: google, path: "models/*:batchEmbedContents", methods: "POST", model: pathModel},
	{name: "cachedContents", vendor: google, path: "cachedContents", methods: "GET, POST", model: requiredModel, makes: true},
	{name: "cachedContents", vendor: google, path: "cachedContents/*", methods: "GET, PATCH, DELETE"},
	{name: "files", vendor: google, path: "files", methods: "GET"},
	{name: "files", vendor: google, path: "files/*", methods: "GET, DELETE"},
	{name: "files.content", vendor: google, path: "files/*:download", methods: "GET", file: true},
	{name: "files.upload", vendor: google, path: "upload/files", methods: "POST, PUT", raw: true, makes: true},
}

// recognisePassthrough finds an operation of the table. path has no version.
func recognisePassthrough(r *http.Request, path, version string) (Call, bool) {
	if rest, ok := strings.CutPrefix(path, "upload/"); ok {
		rest, version = unversioned(rest)
		path = "upload/" + rest
	}
	for i := range operations {
		op := &operations[i]
		id, ok := op.match(path)
		if !ok || op.shared() && op.vendor != asker(r, version) {
			continue
		}
		c := Call{Dialect: op.vendor.dialects()[0], Operation: translate.Passthrough, Hint: translate.Hint{Operation: translate.Passthrough}}
		p := &Passthrough{Name: op.name, Upload: op.upload || op.raw, op: op, path: op.place(id, version)}
		switch {
		case op.model == pathModel:
			c.Hint.Model = id
		case id != "":
			p.ID = op.resource(id)
		}
		if op.only != "" {
			c.Dialect = op.only
		}
		switch {
		case op.name == "embeddings" && op.vendor == google:
			p.form = embeddings.Gemini{Batch: strings.HasSuffix(op.path, ":batchEmbedContents")}
		case op.name == "embeddings":
			p.form = embeddings.OpenAI{}
		}
		c.Passthrough = p
		if !allowed(op.methods, r.Method) {
			c.Allow = op.methods
		}
		return c, true
	}
	return Call{}, false
}

func allowed(methods, method string) bool {
	for m := range strings.SplitSeq(methods, ", ") {
		if m == method {
			return true
		}
	}
	return false
}

// shared reports whether several vendors have operations at the same path.
func (op *operation) shared() bool {
	return strings.HasPrefix(op.path, "files")
}

// asker tells whose client a request comes from, as for model lists.
func asker(r *http.Request, version string) vendor {
	switch listDialect(r, version) {
	case translate.Gemini:
		return google
	case translate.Messages:
		return anthropic
	}
	return openAI
}

// match compares a path with the operation's and returns what stands for its *.
func (op *operation) match(path string) (id string, ok bool) {
	before, after, wild := strings.Cut(op.path, "*")
	if !wild {
		return "", path == op.path
	}
	id, ok = strings.CutPrefix(path, before)
	if !ok {
		return "", false
	}
	if id, ok = strings.CutSuffix(id, after); !ok || id == "" || id == "." || id == ".." {
		return "", false
	}
	if op.model == pathModel {
		return id, true // of routers, names contain slashes
	}
	return id, !strings.ContainsAny(id, "/\\") && (op.vendor != google || !strings.Contains(id, ":"))
}

// resource is the full name of a resource.
func (op *operation) resource(id string) string {
	if op.vendor == google {
		family, _, _ := strings.Cut(op.path, "/")
		return family + "/" + id
	}
	return id
}

// place is the operation's path below an upstream's base URL.
func (op *operation) place(id, version string) string {
	path := strings.Replace(op.path, "*", url.PathEscape(id), 1)
	switch {
	case op.vendor == openAI:
		return "/" + path
	case op.vendor == anthropic:
		return "/v1/" + path
	case version != "v1alpha": // some clients write v1, which has less
		version = "v1beta"
	}
	if rest, ok := strings.CutPrefix(path, "upload/"); ok {
		return "/upload/" + version + "/" + rest
	}
	return "/" + version + "/" + path
}

// endpoint returns where an account serves the operation, and false where it
// does not. Embeddings are served by accounts of two vendors; the client's own
// goes first.
func (p *Passthrough) endpoint(a *accounts.Account) (accounts.Endpoint, vendor, bool) {
	if a.Provider == accounts.DemoProvider {
		return accounts.Endpoint{}, 0, false
	}
	vendors := []vendor{p.op.vendor}
	if p.form != nil {
		vendors = append(vendors, openAI+google-p.op.vendor)
	}
	for _, v := range vendors {
		for _, d := range v.dialects() {
			if p.op.only != "" && p.op.only != d {
				continue
			}
			for _, e := range a.Endpoints {
				if e.Dialect == string(d) && (e.Surface == "" || e.Surface == accounts.SurfaceAzure) {
					return e, v, true
				}
			}
		}
	}
	return accounts.Endpoint{}, 0, false
}

// target is the operation's URL at an endpoint, without a query.
func (p *Passthrough) target(ep accounts.Endpoint, v vendor, model string) string {
	switch {
	case ep.Surface == accounts.SurfaceAzure:
		path := p.path
		if p.form != nil {
			path = "/embeddings"
		}
		path, _ = surface.AzurePlace(ep, model, path)
		return ep.BaseURL + path
	case p.form == nil && p.op.path == "v2/rerank":
		return strings.TrimSuffix(strings.TrimSuffix(ep.BaseURL, "/v1"), "/v2") + "/v2/rerank"
	case p.form == nil:
		return ep.BaseURL + p.path
	case v == openAI:
		return ep.BaseURL + "/embeddings"
	}
	verb := ":batchEmbedContents"
	if g, ok := p.form.(embeddings.Gemini); ok && !g.Batch {
		verb = ":embedContent"
	}
	return ep.BaseURL + "/v1beta/models/" + strings.ReplaceAll(url.PathEscape(model), "%2F", "/") + verb
}
