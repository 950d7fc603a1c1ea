package openai

import (
	"bytes"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// maxMessage bounds an upstream's message in bytes: some servers quote the
// whole prompt in it.
const maxMessage = 2000

// DecodeError reads the body of an answer of the given status. OpenAI's
// envelope is {"error":{"message","type","param","code"}} (openai-go's
// apierror.Error). Compatible servers also send the object without the
// envelope, a string in the envelope's place, FastAPI's "detail", Google's
// google.rpc.Status, or any of these inside an array. A body that is none of
// these gives an Error by status.
func DecodeError(status int, body []byte) *translate.Error {
	body = bytes.TrimSpace(body)
	if !jsonlit.Valid(body) {
		return &translate.Error{Kind: translate.KindOfStatus(status), Status: status,
			NoRetry: status == 402, Message: textMessage(status, body)}
	}
	v := jsonlit.Value(body)
	for e := range jsonlit.Elements(v) {
		v = e
		break
	}
	if inner := jsonlit.Get(v, "error"); !jsonlit.Null(inner) {
		v = inner
	}
	return DecodeErrorObject(status, v)
}

// DecodeErrorObject reads the error object alone, as it stands in the envelope,
// in a stream's frame or in a failed response. Status is 0, or that of the
// success that the error came with, when only the object itself tells.
func DecodeErrorObject(status int, v jsonlit.Value) *translate.Error {
	e := &translate.Error{Status: status}
	if jsonlit.IsString(v) {
		e.Message = jsonlit.Str(v)
	}
	for name, val := range jsonlit.Fields(v) {
		switch string(name) {
		case "message", "detail", "msg":
			if m := detailMessage(val); e.Message == "" {
				e.Message = m
			}
		case "type", "status":
			if s := jsonlit.Str(val); e.Type == "" && jsonlit.IsString(val) {
				e.Type = s
			}
		case "code":
			if n, ok := jsonlit.Int(val); ok {
				e.Code = fmt.Sprint(n)
				if e.Status < 400 && n >= 400 && n < 600 {
					e.Status = int(n)
				}
			} else {
				e.Code = jsonlit.Str(val)
			}
		case "param":
			e.Param = jsonlit.Str(val)
		case "details":
			for d := range jsonlit.Elements(val) {
				delay, err := time.ParseDuration(jsonlit.Str(jsonlit.Get(d, "retryDelay")))
				if err == nil && delay > 0 {
					e.RetryAfter = delay
				}
			}
		}
	}
	e.Kind = kind(e)
	e.BadState = refusesState(e)
	e.NoRetry = e.Kind == translate.Billing
	e.Message = clean(e.Message)
	if e.Message == "" {
		e.Message = textMessage(e.Status, nil)
	}
	return e
}

// refusesState recognises complaints about reasoning items: that their
// encrypted_content is another organisation's, or that what belonged to them is
// not there.
func refusesState(e *translate.Error) bool {
	message := strings.ToLower(e.Message)
	return e.Code == "invalid_encrypted_content" || strings.Contains(message, "encrypted content") && strings.Contains(message, "verif") ||
		strings.Contains(message, "of type 'reasoning'") ||
		strings.Contains(message, "thought signature") || strings.Contains(message, "invalid `signature`")
}

// kind prefers the error's own words to the status: spent budgets come as 429,
// too long prompts as 400 or 413, and errors inside a stream without any.
func kind(e *translate.Error) translate.ErrorKind {
	switch e.Code {
	case "context_length_exceeded", "model_max_prompt_tokens_exceeded", "exceed_context_size_error", "string_above_max_length":
		return translate.ContextTooLong
	case "insufficient_quota", "credit_balance_exhausted", "billing_hard_limit_reached", "billing_not_active":
		return translate.Billing
	case "rate_limit_exceeded", "slow_down":
		return translate.RateLimited
	case "server_is_overloaded":
		return translate.Overloaded
	case "invalid_api_key":
		return translate.Unauthenticated
	case "model_not_found":
		return translate.NotFound
	}
	switch e.Type {
	case "insufficient_quota", "billing_error":
		return translate.Billing
	case "exceed_context_size_error":
		return translate.ContextTooLong
	case "overloaded_error", "overloaded", "service_unavailable_error":
		return translate.Overloaded
	}
	k := translate.KindOfStatus(e.Status)
	if (k == translate.InvalidRequest || k == translate.TooLarge) && speaksOfContext(e.Message) {
		return translate.ContextTooLong
	}
	if e.Status >= 400 {
		return k
	}
	switch e.Type {
	case "invalid_request_error", "BadRequestError", "INVALID_ARGUMENT":
		if speaksOfContext(e.Message) {
			return translate.ContextTooLong
		}
		return translate.InvalidRequest
	case "authentication_error":
		return translate.Unauthenticated
	case "permission_error":
		return translate.Forbidden
	case "not_found_error":
		return translate.NotFound
	case "rate_limit_error", "rate_limit_exceeded", "requests", "tokens", "RESOURCE_EXHAUSTED":
		return translate.RateLimited
	}
	return translate.Upstream
}

// speaksOfContext reports whether a message says that the prompt does not fit:
// most compatible servers have no code for it.
func speaksOfContext(message string) bool {
	m := strings.ToLower(message)
	for _, words := range []string{"maximum context length", "context length exceeded", "context_length_exceeded",
		"exceeds the context", "exceed the context", "context window", "prompt is too long", "context size",
		"maximum prompt length", "input token count exceeds", "too many input tokens"} {
		if strings.Contains(m, words) {
			return true
		}
	}
	return false
}

// detailMessage returns the text of a message member: a string, or FastAPI's
// list of {"loc","msg"}, or an object around one of these.
func detailMessage(v jsonlit.Value) string {
	if jsonlit.IsString(v) {
		return jsonlit.Str(v)
	}
	for d := range jsonlit.Elements(v) {
		if jsonlit.IsString(d) {
			return jsonlit.Str(d)
		}
		var at []string
		for l := range jsonlit.Elements(jsonlit.Get(d, "loc")) {
			at = append(at, strings.Trim(string(l), `"`))
		}
		msg := jsonlit.Str(jsonlit.Get(d, "msg"))
		if len(at) > 0 && msg != "" {
			return strings.Join(at, ".") + ": " + msg
		}
		return msg
	}
	if inner := jsonlit.Get(v, "detail"); inner != nil && jsonlit.IsObject(v) {
		return detailMessage(inner)
	}
	return jsonlit.Str(jsonlit.Get(v, "message"))
}

// textMessage is the message of a body that is no JSON: its first line when it
// is plain text, nothing of it when it is a page of markup.
func textMessage(status int, body []byte) string {
	said := "the upstream answered with an error"
	if status >= 400 {
		said = fmt.Sprintf("the upstream answered with status %d", status)
	}
	line, _, _ := bytes.Cut(body, []byte("\n"))
	if text := clean(string(line)); text != "" && text[0] != '<' && text[0] != '{' && text[0] != '[' && len(text) <= 300 {
		return said + ": " + text
	}
	return said
}

// clean removes control characters and cuts a message to its bound.
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
	if len(s) <= maxMessage {
		return s
	}
	cut := maxMessage
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}
