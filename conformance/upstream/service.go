package upstream

import (
	"context"
	"net/http"
	"strings"
)

// services are the vendors' services by dialect. An account of any of OpenAI's dialects has OpenAI's.
var services = map[Dialect]*http.ServeMux{
	Chat: serviceMux(openAIServices), Messages: serviceMux(anthropicServices), Gemini: serviceMux(geminiServices),
}

// serveService answers a request to a vendor's service other than conversations, and reports whether it was one. Keys are
// checked as the vendors do.
func (s *Server) serveService(w http.ResponseWriter, r *http.Request) bool {
	family, d := serviceDialect(r)
	mux := services[family]
	if _, pattern := mux.Handler(r); pattern == "" || family == Gemini && strings.HasPrefix(r.URL.Path, "/v1beta/models/") && !strings.Contains(r.URL.Path, "mbedContent") {
		return false
	}
	key := d.key(r)
	s.mu.Lock()
	a := s.byKey[key]
	s.mu.Unlock()
	v := visit{w: w, r: r, a: a, d: d}
	if a == nil || serviceFamily(a.Dialect) != family {
		v.fail(Fault{Class: Unauthorized, Message: d.badKey(key)})
		return true
	}
	mux.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), visitKey{}, v)))
	return true
}

func serviceFamily(d Dialect) Dialect {
	if d == Responses || d == Completions {
		return Chat
	}
	return d
}

func serviceDialect(r *http.Request) (Dialect, dialect) {
	switch {
	case strings.HasPrefix(r.URL.Path, "/v1beta/"), strings.HasPrefix(r.URL.Path, "/upload/v1beta/"):
		return Gemini, geminiDialect{}
	case r.Header.Get("anthropic-version") != "", strings.HasPrefix(r.URL.Path, "/v1/messages/"):
		return Messages, messagesDialect{}
	}
	return Chat, chatDialect{}
}
