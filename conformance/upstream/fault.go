package upstream

import "net/http"

// Class is a kind of failure; each dialect has its own status, type and code for it.
type Class string

// The failures that the scripted services know.
const (
	BadRequest   Class = "bad_request"
	Unauthorized Class = "unauthorized"
	NoModel      Class = "no_model"
	NotFound     Class = "not_found"
	RateLimited  Class = "rate_limited"
	Quota        Class = "quota"
	Internal     Class = "internal"
	Overloaded   Class = "overloaded"
)

// Fault is an error answer.
type Fault struct {
	Class   Class
	Message string
	// Param names the offending parameter; OpenAI and Google report it.
	Param string
	// Code replaces the class's usual code; only OpenAI has codes.
	Code string
	// RetryAfter, if set, is sent as Retry-After in seconds and, to Gemini callers, as google.rpc.RetryInfo.
	RetryAfter string
}

// Fail is a reply that is an error answer.
func Fail(c Class, message string) Reply { return Reply{Fault: &Fault{Class: c, Message: message}} }

func bad(param, message string) *Fault {
	return &Fault{Class: BadRequest, Message: message, Param: param}
}

// openAIStatus gives status, type and code as https://platform.openai.com/docs/guides/error-codes lists them.
func openAIStatus(c Class) (status int, typ, code string) {
	switch c {
	case Unauthorized:
		return http.StatusUnauthorized, "invalid_request_error", "invalid_api_key"
	case NoModel:
		return http.StatusNotFound, "invalid_request_error", "model_not_found"
	case NotFound:
		return http.StatusNotFound, "invalid_request_error", ""
	case RateLimited:
		return http.StatusTooManyRequests, "requests", "rate_limit_exceeded"
	case Quota:
		return http.StatusTooManyRequests, "insufficient_quota", "insufficient_quota"
	case Internal:
		return http.StatusInternalServerError, "server_error", ""
	case Overloaded:
		return http.StatusServiceUnavailable, "server_error", "server_is_overloaded"
	}
	return http.StatusBadRequest, "invalid_request_error", ""
}

func openAIError(f Fault) (int, object) {
	status, typ, code := openAIStatus(f.Class)
	if f.Code != "" {
		code = f.Code
	}
	return status, object{{"message", f.Message}, {"type", typ}, {"param", orNull(f.Param)}, {"code", orNull(code)}}
}

// anthropicError follows https://docs.claude.com/en/api/errors.
func anthropicError(f Fault, requestID string) (int, object) {
	status, typ := http.StatusBadRequest, "invalid_request_error"
	switch f.Class {
	case Unauthorized:
		status, typ = http.StatusUnauthorized, "authentication_error"
	case NoModel, NotFound:
		status, typ = http.StatusNotFound, "not_found_error"
	case RateLimited:
		status, typ = http.StatusTooManyRequests, "rate_limit_error"
	case Quota:
		status, typ = http.StatusPaymentRequired, "billing_error"
	case Internal:
		status, typ = http.StatusInternalServerError, "api_error"
	case Overloaded:
		status, typ = 529, "overloaded_error"
	}
	return status, object{{"type", "error"}, {"error", object{{"type", typ}, {"message", f.Message}}}, {"request_id", requestID}}
}

// geminiError follows google.rpc.Status as https://ai.google.dev/gemini-api/docs/troubleshooting lists it.
func geminiError(f Fault) (int, object) {
	status, name := http.StatusBadRequest, "INVALID_ARGUMENT"
	var details []any
	switch f.Class {
	case Unauthorized:
		// Google answers a bad key with 400, not 401.
		details = append(details, object{{"@type", "type.googleapis.com/google.rpc.ErrorInfo"}, {"reason", "API_KEY_INVALID"},
			{"domain", "googleapis.com"}, {"metadata", object{{"service", "generativelanguage.googleapis.com"}}}})
	case NoModel, NotFound:
		status, name = http.StatusNotFound, "NOT_FOUND"
	case RateLimited, Quota:
		status, name = http.StatusTooManyRequests, "RESOURCE_EXHAUSTED"
		id := "GenerateRequestsPerMinutePerProjectPerModel"
		if f.Class == Quota {
			id = "GenerateRequestsPerDayPerProjectPerModel"
		}
		details = append(details, object{{"@type", "type.googleapis.com/google.rpc.QuotaFailure"},
			{"violations", []any{object{{"quotaMetric", "generativelanguage.googleapis.com/generate_requests"}, {"quotaId", id}}}}})
	case Internal:
		status, name = http.StatusInternalServerError, "INTERNAL"
	case Overloaded:
		status, name = http.StatusServiceUnavailable, "UNAVAILABLE"
	}
	if f.RetryAfter != "" {
		details = append(details, object{{"@type", "type.googleapis.com/google.rpc.RetryInfo"}, {"retryDelay", f.RetryAfter + "s"}})
	}
	if f.Param != "" {
		details = append(details, object{{"@type", "type.googleapis.com/google.rpc.BadRequest"},
			{"fieldViolations", []any{object{{"field", f.Param}, {"description", f.Message}}}}})
	}
	e := object{{"code", status}, {"message", f.Message}, {"status", name}}
	if details != nil {
		e = append(e, pair{"details", details})
	}
	return status, object{{"error", e}}
}
