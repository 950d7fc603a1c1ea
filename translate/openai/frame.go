package openai

import (
	"bytes"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
	"github.com/fairway-gateway/fairway/translate/sse"
)

// Done reports whether a frame's data is the marker that ends a stream of Chat
// or Completions.
func Done(data []byte) bool { return string(data) == "[DONE]" }

// FrameError returns the error that a frame holds, or nil when its data is a
// JSON object that is none. A frame that the end of the stream cut off is
// Truncated, any other that is not JSON is the upstream's fault. Servers send
// errors under "error", as the data of an event named error, in an array
// (Google), or bare with object "error" (vLLM).
func FrameError(frame sse.Frame, data []byte) *translate.Error {
	if !jsonlit.Valid(data) {
		if !bytes.HasSuffix(frame.Raw, []byte("\n\n")) && !bytes.HasSuffix(frame.Raw, []byte("\r\n\r\n")) && !bytes.HasSuffix(frame.Raw, []byte("\r\r")) {
			return Truncated()
		}
		return &translate.Error{Kind: translate.Upstream, Message: "the upstream sent an event that is not JSON"}
	}
	v := jsonlit.Value(data)
	if !jsonlit.IsObject(v) {
		if jsonlit.IsArray(v) {
			return DecodeError(0, data)
		}
		return &translate.Error{Kind: translate.Upstream, Message: "the upstream sent an event that is no object"}
	}
	bare := string(frame.Event) == "error"
	answer := false
	for name, val := range jsonlit.Fields(v) {
		switch string(name) {
		case "error":
			if !jsonlit.Null(val) {
				return DecodeErrorObject(0, val)
			}
		case "object":
			bare = bare || string(jsonlit.Inner(val)) == "error"
		case "choices":
			answer = true
		}
	}
	if bare && !answer {
		return DecodeErrorObject(0, v)
	}
	return nil
}

// Truncated is the error of a stream that ended before its answer did.
func Truncated() *translate.Error {
	return &translate.Error{Kind: translate.Truncated, Message: "the upstream's stream ended before completion"}
}

// AppendErrorFrame appends the frame that ends a stream of Chat or Completions
// with an error: {"error":{...}}, and no [DONE] after it.
func AppendErrorFrame(dst []byte, e *translate.Error) []byte {
	dst = append(dst, "data: "...)
	_, dst = AppendError(dst, e)
	return append(dst, '\n', '\n')
}
