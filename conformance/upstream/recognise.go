package upstream

import (
	"net/http"
	"strings"
)

// recognise tells by the path, as the vendors' services do, which dialect a request speaks and what it wants. known is
// false for a path inside a vendor's tree that leads nowhere.
func recognise(r *http.Request, rec *Record) (d dialect, known bool) {
	path := r.URL.Path
	post := r.Method == http.MethodPost
	switch {
	case path == "/v1/chat/completions":
		rec.Op = Generate
		return chatDialect{}, post
	case path == "/v1/completions":
		rec.Op = Generate
		return completionsDialect{}, post
	case path == "/v1/responses":
		rec.Op = Generate
		return responsesDialect{}, post
	case path == "/v1/messages":
		rec.Op = Generate
		return messagesDialect{}, post
	case path == "/v1/messages/count_tokens":
		rec.Op = CountTokens
		return messagesDialect{}, post
	case path == "/v1/models" || strings.HasPrefix(path, "/v1/models/"):
		rec.Op = ListModels
		if id, ok := strings.CutPrefix(path, "/v1/models/"); ok {
			rec.Op, rec.Model = GetModel, id
		}
		if r.Header.Get("anthropic-version") != "" || r.Header.Get("x-api-key") != "" {
			return messagesDialect{}, !post
		}
		return chatDialect{}, !post
	case path == "/v1beta/models":
		rec.Op = ListModels
		return geminiDialect{}, !post
	case strings.HasPrefix(path, "/v1beta/models/"):
		id, op, called := strings.Cut(strings.TrimPrefix(path, "/v1beta/models/"), ":")
		rec.Model, rec.Op = id, GetModel
		if !called {
			return geminiDialect{}, !post
		}
		switch op {
		case "generateContent":
			rec.Op = Generate
		case "streamGenerateContent":
			rec.Op, rec.Stream = Generate, true
		case "countTokens":
			rec.Op = CountTokens
		default:
			return geminiDialect{}, false
		}
		return geminiDialect{}, post
	case strings.HasPrefix(path, "/v1beta/"):
		return geminiDialect{}, false
	case strings.HasPrefix(path, "/v1/"):
		return chatDialect{}, false
	}
	return nil, false
}

// Model is an entry of a service's model list.
type Model struct {
	ID string
	// Reasoning models think: OpenAI's refuse sampling parameters, Google's want thought signatures back.
	Reasoning bool
	// MaxOutput is the most tokens that a reply may have.
	MaxOutput int
}

func usualModels(d Dialect) []Model {
	switch d {
	case Responses:
		return []Model{{ID: "gpt-4.1", MaxOutput: 32768}, {ID: "gpt-5.6", Reasoning: true, MaxOutput: 128000}}
	case Messages:
		return []Model{{ID: "claude-sonnet-4-5", MaxOutput: 64000}, {ID: "claude-opus-4-6", Reasoning: true, MaxOutput: 128000}}
	case Gemini:
		return []Model{{ID: "gemini-2.5-flash", MaxOutput: 65536}, {ID: "gemini-3-flash", Reasoning: true, MaxOutput: 65536}}
	}
	return []Model{{ID: "local-chat", MaxOutput: 8192}, {ID: "local-reasoner", Reasoning: true, MaxOutput: 32768}}
}
