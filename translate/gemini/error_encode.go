package gemini

import (
	"strconv"
	"time"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// AppendError writes Google's envelope (google.rpc.Status), with a RetryInfo
// where it is known when to try again, and a BadRequest that names the member
// at fault.
func (Dialect) AppendError(dst []byte, e *translate.Error) (int, []byte) {
	code, status := statusOf(e.Kind)
	w := jsonlit.NewWriter(dst)
	w.Object()
	w.Key("error")
	w.Object()
	w.IntField("code", int64(code))
	w.StringField("message", e.Error())
	w.StringField("status", status)
	retry := e.RetryAfter > 0 && !e.NoRetry
	if retry || e.Param != "" {
		w.Key("details")
		w.Array()
		if e.Param != "" {
			w.Object()
			w.StringField("@type", "type.googleapis.com/google.rpc.BadRequest")
			w.Key("fieldViolations")
			w.Array()
			w.Object()
			w.StringField("field", e.Param)
			w.StringField("description", e.Message)
			w.EndObject()
			w.EndArray()
			w.EndObject()
		}
		if retry {
			w.Object()
			w.StringField("@type", "type.googleapis.com/google.rpc.RetryInfo")
			w.StringField("retryDelay", seconds(e.RetryAfter))
			w.EndObject()
		}
		w.EndArray()
	}
	w.EndObject()
	w.EndObject()
	return code, w.Bytes()
}

// seconds writes a duration as google.protobuf.Duration does in JSON.
func seconds(d time.Duration) string {
	return strconv.FormatFloat(d.Round(time.Millisecond).Seconds(), 'f', -1, 64) + "s"
}

// statusOf gives an error's HTTP status and its google.rpc.Code. A stream that
// broke off is unavailable, which tells clients to try again.
func statusOf(kind translate.ErrorKind) (code int, status string) {
	switch kind {
	case translate.Truncated:
		return 503, "UNAVAILABLE"
	case translate.InvalidRequest, translate.ContextTooLong, translate.TooLarge, translate.Unsupported:
		status = "INVALID_ARGUMENT"
	case translate.Unauthenticated:
		status = "UNAUTHENTICATED"
	case translate.Forbidden:
		status = "PERMISSION_DENIED"
	case translate.NotFound:
		status = "NOT_FOUND"
	case translate.RateLimited, translate.Billing:
		status = "RESOURCE_EXHAUSTED"
	case translate.Overloaded, translate.Unavailable:
		status = "UNAVAILABLE"
	case translate.Timeout:
		status = "DEADLINE_EXCEEDED"
	default:
		status = "INTERNAL"
	}
	return kind.HTTPStatus(), status
}
