package openai

import (
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// AppendError appends OpenAI's error envelope and returns the HTTP status that
// belongs to it.
func AppendError(dst []byte, e *translate.Error) (int, []byte) {
	dst = append(dst, `{"error":`...)
	dst = AppendErrorObject(dst, e)
	return e.Kind.HTTPStatus(), append(dst, '}')
}

// AppendErrorObject appends the error object alone: {"message", "type",
// "param", "code"}, all four present, as openai-go's apierror.Error requires.
// Type and code follow from the error's kind, for clients act on them; only an
// invalid request keeps the upstream's own code.
func AppendErrorObject(dst []byte, e *translate.Error) []byte {
	kind, code := words(e)
	w := jsonlit.NewWriter(append(dst, '{'))
	w.StringField("message", e.Message)
	w.StringField("type", kind)
	optional(&w, "param", e.Param)
	optional(&w, "code", code)
	w.EndObject()
	return w.Bytes()
}

func optional(w *jsonlit.Writer, name, s string) {
	w.Key(name)
	if s == "" {
		w.Null()
		return
	}
	w.String(s)
}

// words gives an error's type and code; see
// https://platform.openai.com/docs/guides/error-codes.
func words(e *translate.Error) (kind, code string) {
	kind, code = wordsOf(e)
	if e.Status == 0 && e.Code != "" { // the gateway's own, more exact word
		code = e.Code
	}
	return kind, code
}

func wordsOf(e *translate.Error) (kind, code string) {
	switch e.Kind {
	case translate.InvalidRequest:
		return "invalid_request_error", e.Code
	case translate.ContextTooLong:
		return "invalid_request_error", "context_length_exceeded"
	case translate.Unauthenticated:
		return "invalid_request_error", "invalid_api_key"
	case translate.Forbidden:
		return "invalid_request_error", "permission_denied"
	case translate.NotFound:
		if e.Param == "model" || e.Code == "model_not_found" {
			return "invalid_request_error", "model_not_found"
		}
		return "invalid_request_error", "not_found"
	case translate.TooLarge:
		return "invalid_request_error", "request_too_large"
	case translate.Unsupported:
		return "invalid_request_error", "unsupported_media_type"
	case translate.RateLimited:
		return "rate_limit_error", "rate_limit_exceeded"
	case translate.Billing:
		return "insufficient_quota", "insufficient_quota"
	case translate.Overloaded:
		return "server_error", "server_is_overloaded"
	case translate.Unavailable:
		return "server_error", "service_unavailable"
	case translate.Upstream:
		return "server_error", "upstream_error"
	case translate.Timeout:
		return "server_error", "timeout"
	case translate.Truncated:
		return "server_error", "stream_incomplete"
	}
	return "server_error", "internal_error"
}
