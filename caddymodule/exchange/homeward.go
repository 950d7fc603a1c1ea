package exchange

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// passBack copies what belongs to a passed answer, and points what points to
// the upstream to the gateway.
func (x *exchange) passBack(dst, src http.Header, v vendor, account string) {
	for _, name := range []string{"Content-Disposition", "Content-Language"} {
		if values := src[name]; values != nil {
			dst[name] = values
		}
	}
	if v != google {
		return
	}
	for name, values := range src {
		if !strings.HasPrefix(name, "X-Goog-Upload-") || strings.HasSuffix(name, "-Url") {
			continue
		}
		dst[name] = values
	}
	// The URL of a resumable upload leads past the gateway, and may hold the key.
	u, err := url.Parse(src.Get("X-Goog-Upload-Url"))
	if err != nil || !u.Query().Has("upload_id") {
		return
	}
	x.owners.remember(google, uploadID(u), account)
	dst.Set("X-Goog-Upload-Url", x.self()+x.passage.path+"?"+passedQuery(google, u.Query()))
}

// self is the gateway's own address as the client knows it.
func (x *exchange) self() string {
	scheme := "http://"
	if x.in.TLS != nil || strings.EqualFold(x.in.Header.Get("X-Forwarded-Proto"), "https") {
		scheme = "https://"
	}
	return scheme + x.in.Host
}

// homeward points the results_url of Anthropic's batches to the gateway: SDKs
// follow it with the client's key, which means nothing to Anthropic.
func homeward(body []byte, self string) []byte {
	var out []byte
	from := 0
	point := func(batch translate.Value, base int) {
		for m := range jsonlit.Members(batch) {
			if string(m.Name) != "results_url" {
				continue
			}
			link := jsonlit.Str(batch[m.Start:m.End])
			if at := strings.Index(link, "/v1/messages/batches/"); at >= 0 {
				out = append(out, body[from:base+m.Start]...)
				out = jsonlit.AppendQuote(out, self+link[at:])
				from = base + m.End
			}
		}
	}
	point(body, 0)
	for m := range jsonlit.Members(body) {
		if string(m.Name) != "data" {
			continue
		}
		list := translate.Value(body[m.Start:m.End])
		for start, end := range jsonlit.ElementSpans(list) {
			point(list[start:end], m.Start+start)
		}
	}
	return append(out, body[from:]...)
}
