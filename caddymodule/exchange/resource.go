package exchange

import (
	"net/url"
	"time"

	"github.com/dgraph-io/ristretto/v2"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// owners remembers which account made a response, file, batch or cached
// content, because no other account can find it. It is a help, not the truth:
// what is not remembered (any more, or by this process) is asked for.
type owners struct {
	cache *ristretto.Cache[string, string]
}

// How much is remembered, and for how long: as long as OpenAI keeps responses.
const (
	ownedResources = 100_000
	ownedFor       = 30 * 24 * time.Hour
)

func newOwners() owners {
	cache, err := ristretto.NewCache(&ristretto.Config[string, string]{
		NumCounters: 10 * ownedResources, MaxCost: ownedResources, BufferItems: 64, IgnoreInternalCost: true,
	})
	if err != nil {
		panic("creating resource cache: " + err.Error()) // its configuration is constant
	}
	return owners{cache}
}

func (o owners) remember(v vendor, id, account string) {
	const longest = 256
	if id != "" && len(id) <= longest {
		o.cache.SetWithTTL(ownedKey(v, id), account, 1, ownedFor)
	}
}

func (o owners) of(v vendor, id string) string {
	if id == "" {
		return ""
	}
	account, _ := o.cache.Get(ownedKey(v, id))
	return account
}

func ownedKey(v vendor, id string) string { return string(rune('0'+v)) + id }

// owner returns the account that has what a request names, if it is remembered:
// the resource in its path, the upload that it goes on with, or the file or
// response that its body refers to.
func (x *exchange) owner(p *passage) string {
	id := p.ID
	switch {
	case p.op.raw:
		id = uploadID(x.in.URL)
	case id == "" && p.op.refers != "" && x.body != nil:
		id = jsonlit.Str(jsonlit.Get(x.body.b, p.op.refers))
	}
	return x.owners.of(p.op.vendor, id)
}

// uploadID names a resumable upload of Google's, "" for the start of one.
func uploadID(u *url.URL) string {
	if id := u.Query().Get("upload_id"); id != "" {
		return "upload/" + id
	}
	return ""
}

// learn remembers who made the resource that an answer describes.
func (x *exchange) learn(p *passage, account string, body []byte) {
	switch {
	case !p.op.makes:
	case p.op.vendor == google:
		x.owners.remember(google, jsonlit.Str(jsonlit.Get(body, "name")), account)
		x.owners.remember(google, jsonlit.Str(jsonlit.Get(body, "file", "name")), account)
	default:
		x.owners.remember(p.op.vendor, jsonlit.Str(jsonlit.Get(body, "id")), account)
	}
}

// keeper returns the account that keeps the response or the cached content on
// which a request to generate builds, if it is remembered.
func (x *exchange) keeper() string {
	v := openAI
	if x.call.Dialect == translate.Gemini {
		v = google
	}
	return x.owners.of(v, jsonlit.Str(x.envelope.Refers))
}

// answered remembers the account that gave an answer which its server may have
// stored.
func (x *exchange) answered(id string) {
	if x.record.Upstream == translate.Responses {
		x.owners.remember(openAI, id, x.record.Account)
	}
}
