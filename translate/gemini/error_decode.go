package gemini

import (
	"bytes"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// DecodeError reads Google's envelope {"error":{"code","message","status",
// "details"}} (google.rpc.Status), which streams that were asked for as an
// array wrap in one. A body that is none gives an error by status.
func (Dialect) DecodeError(status int, body []byte) *translate.Error {
	body = bytes.TrimSpace(body)
	if jsonlit.Valid(body) {
		for _, v := range items(body) {
			if e := jsonlit.Get(v, "error"); !jsonlit.Null(e) {
				return errorObject(status, e)
			}
			if jsonlit.IsString(jsonlit.Get(v, "message")) {
				return errorObject(status, v)
			}
		}
		body = nil
	}
	e := &translate.Error{Kind: translate.KindOfStatus(status), Status: status,
		Message: fmt.Sprintf("the upstream answered with status %d", status)}
	line, _, _ := bytes.Cut(body, []byte("\n"))
	if text := clean(string(line)); text != "" && text[0] != '<' && text[0] != '{' && text[0] != '[' && len(text) <= 300 {
		e.Message += ": " + text
	}
	e.NoRetry = e.Kind == translate.Billing
	return e
}

// errorObject reads the error object alone. Status is 0 where there is no HTTP
// status to go by, inside a stream.
func errorObject(status int, v jsonlit.Value) *translate.Error {
	e := &translate.Error{Status: status}
	if jsonlit.IsString(v) {
		e.Message = jsonlit.Str(v)
	}
	var reason string
	for k, v := range jsonlit.Fields(v) {
		switch string(k) {
		case "code":
			if _, n, err := integer("", v); err == nil && n >= 400 && n < 600 && e.Status < 400 {
				e.Status = int(n)
			}
		case "message":
			e.Message = jsonlit.Str(v)
		case "status":
			e.Type = jsonlit.Str(v)
		case "details":
			for d := range jsonlit.Elements(v) {
				if r := detail(e, d); r != "" {
					reason = r
				}
			}
		}
	}
	e.Code = reason
	e.Kind = kindOf(e)
	// "Corrupted thought signature.", "Invalid thought signature"
	message := strings.ToLower(strings.ReplaceAll(e.Message, "_", " "))
	e.BadState = strings.Contains(message, "thought signature") && !strings.Contains(message, "missing")
	e.NoRetry = e.Kind == translate.Billing
	if e.Message = clean(e.Message); e.Message == "" {
		e.Message = "the upstream reported an error without a message"
	}
	return e
}

// detail takes what there is to act on out of one of an error's details, and
// returns the reason when it is an ErrorInfo (google.rpc, error_details.proto).
func detail(e *translate.Error, v jsonlit.Value) (reason string) {
	kind := jsonlit.Str(jsonlit.Get(v, "@type"))
	switch kind[strings.LastIndexByte(kind, '/')+1:] {
	case "google.rpc.RetryInfo":
		delay, err := time.ParseDuration(jsonlit.Str(jsonlit.Get(v, "retryDelay")))
		if err == nil && delay > 0 {
			e.RetryAfter = delay
		}
	case "google.rpc.QuotaFailure":
		for _, violation := range items(jsonlit.Get(v, "violations")) {
			if id := jsonlit.Str(jsonlit.Get(violation, "quotaId")); id != "" {
				e.QuotaIDs = append(e.QuotaIDs, clean(id))
			}
		}
	case "google.rpc.BadRequest":
		for _, violation := range items(jsonlit.Get(v, "fieldViolations")) {
			if field := jsonlit.Str(jsonlit.Get(violation, "field")); e.Param == "" {
				e.Param = clean(field)
			}
		}
	case "google.rpc.ErrorInfo":
		return clean(jsonlit.Str(jsonlit.Get(v, "reason")))
	}
	return ""
}

// kindOf prefers what the error says to its status: a bad key, a country that
// is not served and missing billing all come as 400.
func kindOf(e *translate.Error) translate.ErrorKind {
	message := strings.ToLower(e.Message)
	says := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(message, w) {
				return true
			}
		}
		return false
	}
	invalid := e.Status == 400 || e.Status < 400 && (e.Type == "INVALID_ARGUMENT" || e.Type == "FAILED_PRECONDITION")
	switch {
	case invalid && (e.Code == "API_KEY_INVALID" || says("api key not valid", "api key expired")):
		return translate.Unauthenticated
	case invalid && says("location is not supported"):
		return translate.Forbidden
	case invalid && e.Type == "FAILED_PRECONDITION" && says("billing"):
		return translate.Billing
	case invalid && says("input token count", "exceeds the maximum number of tokens", "maximum context length", "token limit"):
		return translate.ContextTooLong
	case e.Status == 499:
		return translate.Upstream // cancelled, and not by us
	case e.Status >= 400:
		return translate.KindOfStatus(e.Status)
	}
	switch e.Type {
	case "INVALID_ARGUMENT", "FAILED_PRECONDITION", "OUT_OF_RANGE":
		return translate.InvalidRequest
	case "UNAUTHENTICATED":
		return translate.Unauthenticated
	case "PERMISSION_DENIED":
		return translate.Forbidden
	case "NOT_FOUND":
		return translate.NotFound
	case "RESOURCE_EXHAUSTED":
		return translate.RateLimited
	case "UNAVAILABLE":
		return translate.Overloaded
	case "DEADLINE_EXCEEDED":
		return translate.Timeout
	}
	return translate.Upstream
}

// malformedCall is the error for an answer that no client could use.
func malformedCall(reason, detail string) *translate.Error {
	message := "the model wrote a tool call that cannot be used"
	if reason != "" {
		message += " (" + clean(reason) + ")"
	}
	if detail = clean(detail); detail != "" {
		message += ": " + detail
	}
	return &translate.Error{Kind: translate.Upstream, Code: "upstream_malformed_tool_call", Message: message}
}

// maxMessage bounds an upstream's message in bytes.
const maxMessage = 2000

// clean removes control characters and API keys from a text and bounds it. Google
// names the key in the errors of keys that are suspended.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return ' '
		}
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
	s = strings.TrimSpace(s)
	if len(s) > maxMessage {
		cut := maxMessage
		for !utf8.RuneStart(s[cut]) {
			cut--
		}
		s = s[:cut] + "…"
	}
	for _, mark := range []string{"AIza", "AQ.", "api_key:", "?key=", "&key="} {
		s = redact(s, mark)
	}
	return s
}

// redact replaces what follows each mark, as far as it looks like a key.
func redact(s, mark string) string {
	var out strings.Builder
	for {
		i := strings.Index(s, mark)
		if i < 0 {
			out.WriteString(s)
			return out.String()
		}
		end := i + len(mark)
		for end < len(s) && isKeyByte(s[end]) {
			end++
		}
		out.WriteString(s[:i])
		if end-i-len(mark) < 16 {
			out.WriteString(s[i:end])
		} else {
			out.WriteString("[key]")
		}
		s = s[end:]
	}
}

func isKeyByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-' || c == '.'
}
