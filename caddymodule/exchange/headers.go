package exchange

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/fairway-gateway/fairway/accounts"
	"github.com/fairway-gateway/fairway/translate"
)

// forwarded are the request headers that reach an upstream of the client's own
// dialect; all others stay behind, the client's credential first of all.
var forwarded = map[translate.Name][]string{
	translate.Messages:    {"Anthropic-Version", "Anthropic-Beta"},
	translate.Chat:        {"Openai-Beta"},
	translate.Completions: {"Openai-Beta"},
	translate.Responses:   {"Openai-Beta"},
}

// upstreamHeader builds the headers of an upstream request from scratch.
func upstreamHeader(in http.Header, a *accounts.Account, ep accounts.Endpoint, required [][2]string, token string, same, stream bool) http.Header {
	h := make(http.Header, 8)
	h["Content-Type"] = []string{"application/json"}
	h["User-Agent"] = []string{"fairway"}
	if stream {
		h["Accept"] = []string{"text/event-stream"}
	} else {
		h["Accept"] = []string{"application/json"}
	}
	// Without this the transport would add gzip, and events would come in lumps.
	h["Accept-Encoding"] = []string{"identity"}
	for _, kv := range required {
		h.Set(kv[0], kv[1])
	}
	if same {
		for _, name := range forwarded[translate.Name(ep.Dialect)] {
			if v := in[name]; len(v) > 0 {
				h[name] = v
			}
		}
	}
	for name, values := range a.Headers {
		h[name] = values
	}
	if token != "" {
		h.Set(ep.Auth.Header, ep.Auth.Prefix+token)
	}
	return h
}

// upstreamQuery keeps of the client's query what its own dialect's upstream
// understands: Anthropic's beta clients send ?beta=true.
func upstreamQuery(in *url.URL, dialect translate.Name, own string) string {
	if dialect == translate.Messages && own == "" && strings.Contains(in.RawQuery, "beta=true") {
		return "beta=true"
	}
	return own
}

// relayedHeaders are the prefixes of response headers that a client of the
// upstream's own dialect gets to see: limits, and nothing that names the
// account.
var relayedHeaders = []string{"Anthropic-Ratelimit-", "X-Ratelimit-", "Retry-After", "X-Should-Retry", "Openai-Processing-Ms", "Openai-Version"}

func copyResponseHeader(dst, src http.Header) {
	for name, values := range src {
		for _, prefix := range relayedHeaders {
			if strings.HasPrefix(name, prefix) {
				dst[name] = values
				break
			}
		}
	}
}

// requestID returns the upstream's own id of an exchange, for its support.
func requestID(h http.Header) string {
	for _, name := range []string{"Request-Id", "X-Request-Id", "X-Goog-Request-Id"} {
		if v := h.Get(name); v != "" && len(v) <= 128 {
			return v
		}
	}
	return ""
}
