// Package surface serves dialects the way clouds do: with paths, versions, framing and signatures that differ from those of
// the dialect's own vendor. What differs is small, and the dialects know nothing of it.
package surface

import (
	"net/http"
	"time"

	"github.com/fairway-gateway/fairway/accounts"
	"github.com/fairway-gateway/fairway/translate"
)

// Door is an account's way to a model, for one request.
type Door struct {
	Account   *accounts.Account
	Endpoint  accounts.Endpoint
	Operation translate.Operation
	Model     string // by the name that the account is asked for
	Stream    bool
	Now       func() time.Time // when requests are signed; may be nil where only Place is asked
}

// Place returns where the operation is, below the endpoint's base URL, and false where the endpoint does not have it.
func (d Door) Place(up translate.Dialect) (translate.Endpoint, bool) {
	place, ok := up.Endpoint(d.Operation, d.Model, d.Stream)
	if !ok || d.Endpoint.Surface == "" {
		return place, ok
	}
	if d.Operation == translate.ListModels || d.Operation == translate.GetModel {
		return translate.Endpoint{}, false // clouds list what could be had, not what an account has
	}
	switch d.Endpoint.Surface {
	case accounts.SurfaceAzure:
		place.Path, place.Query = AzurePlace(d.Endpoint, d.name(), place.Path)
	case accounts.SurfaceVertex:
		place.Path, place.Query = d.vertexPlace()
	case accounts.SurfaceBedrock:
		place.Query = ""
		place.Path, ok = d.bedrockPlace()
	}
	return place, ok
}

// name is the provider's own name for the model.
func (d Door) name() string { return d.Account.Deployment(d.Model) }

// body returns a request's body, a valid JSON object, in the surface's form. What moves there from the header leaves it.
func (d Door) body(header http.Header, body []byte) []byte {
	switch d.Endpoint.Surface {
	case accounts.SurfaceAzure:
		return rename(body, d.name())
	case accounts.SurfaceVertex:
		return d.vertexBody(body)
	case accounts.SurfaceBedrock:
		return bedrockRequest(header, body)
	}
	return body
}

// Through returns a transport that brings requests into the surface's form, and answers out of it. next is the way to the
// server.
func (d Door) Through(next http.RoundTripper) http.RoundTripper {
	if d.Endpoint.Surface == "" || d.Endpoint.Surface == accounts.SurfaceAzure && d.name() == d.Model {
		return next
	}
	return passage{door: d, next: next}
}
