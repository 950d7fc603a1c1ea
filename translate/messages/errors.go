package messages

import (
	"strings"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
	"github.com/fairway-gateway/fairway/translate/openai"
)

// DecodeError reads the envelope {"type":"error","error":{"type","message"},
// "request_id"} (anthropic-sdk-go's shared.ErrorResponse). Proxies and
// compatible servers answer in OpenAI's envelope or in none, and are read as
// such.
func (Dialect) DecodeError(status int, body []byte) *translate.Error {
	e := openai.DecodeError(status, body)
	if !jsonlit.Valid(body) {
		return e
	}
	inner := jsonlit.Get(body, "error")
	if !jsonlit.IsObject(inner) {
		return e
	}
	classify(e, jsonlit.Str(jsonlit.Get(inner, "details", "error_code")))
	return e
}

// classify sets the kind by Anthropic's own words.
func classify(e *translate.Error, code string) {
	if code != "" {
		e.Code = code
	}
	message := strings.ToLower(e.Message)
	switch e.Type {
	case "invalid_request_error":
		// "Invalid `signature` in `thinking` block", "… bound to a different conversation"
		e.BadState = strings.Contains(message, "signature") && (strings.Contains(message, "invalid") || strings.Contains(message, "field required")) ||
			strings.Contains(message, "bound to a different") ||
			strings.Contains(message, "thinking") && strings.Contains(message, "cannot be modified")
		switch {
		case strings.Contains(message, "prompt is too long"), strings.Contains(message, "exceed context limit"):
			e.Kind = translate.ContextTooLong
		case strings.Contains(message, "credit balance is too low"):
			e.Kind = translate.Billing
		}
	case "authentication_error":
		e.Kind = translate.Unauthenticated
	case "billing_error":
		e.Kind = translate.Billing
	case "permission_error":
		e.Kind = translate.Forbidden
	case "not_found_error":
		e.Kind = translate.NotFound
	case "request_too_large":
		e.Kind = translate.TooLarge
	case "rate_limit_error":
		e.Kind = translate.RateLimited
		if code == "enforced_spend_limit_reached" {
			e.Kind = translate.Billing
		}
	case "overloaded_error":
		e.Kind = translate.Overloaded
	case "timeout_error":
		e.Kind = translate.Timeout
	case "api_error":
		e.Kind = translate.Upstream
	}
	e.NoRetry = e.Kind == translate.Billing
}

// AppendError writes the envelope, with the status that Anthropic uses.
func (Dialect) AppendError(dst []byte, e *translate.Error) (int, []byte) {
	w := jsonlit.NewWriter(dst[len(dst):])
	appendError(&w, e)
	status := e.Kind.HTTPStatus()
	switch e.Kind {
	case translate.Overloaded, translate.Unavailable:
		status = 529
	case translate.Billing:
		status = 402
	}
	return status, append(dst, w.Bytes()...)
}

func appendError(w *jsonlit.Writer, e *translate.Error) {
	w.Object()
	w.StringField("type", "error")
	w.Key("error")
	w.Object()
	w.StringField("type", errorType(e.Kind))
	w.StringField("message", message(e))
	w.EndObject()
	w.EndObject()
}

// message is an error's text. Claude Code compacts a conversation when it reads
// that the prompt is too long, in these words.
func message(e *translate.Error) string {
	text := e.Error()
	if e.Kind == translate.ContextTooLong && !strings.Contains(strings.ToLower(text), "prompt is too long") {
		return "prompt is too long: " + text
	}
	return text
}

func errorType(k translate.ErrorKind) string {
	switch k {
	case translate.InvalidRequest, translate.ContextTooLong, translate.Unsupported:
		return "invalid_request_error"
	case translate.Unauthenticated:
		return "authentication_error"
	case translate.Forbidden:
		return "permission_error"
	case translate.NotFound:
		return "not_found_error"
	case translate.TooLarge:
		return "request_too_large"
	case translate.RateLimited:
		return "rate_limit_error"
	case translate.Billing:
		return "billing_error"
	case translate.Overloaded, translate.Unavailable:
		return "overloaded_error"
	case translate.Timeout:
		return "timeout_error"
	}
	return "api_error"
}
