// Package demo is an upstream without key and network: it answers in process, in Anthropic's Messages dialect, so that a
// gateway with no usable account still shows every endpoint at work. It is no model: its text says what it is and how to
// add a real account.
//
// The shapes are those of the Messages API (anthropic-sdk-go: Message, MessageStreamEventUnion, MessageTokensCount,
// ModelInfo, ErrorResponse).
package demo

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
)

// Model is the name under which the demo lists itself; it answers to every other name as well.
const Model = "demo"

// maxBody bounds what the demo reads of a request, 32 MB as Anthropic's API does.
const maxBody = 32 << 20

// Transport answers requests for POST /v1/messages, POST /v1/messages/count_tokens, GET /v1/models and
// GET /v1/models/{id} below any base URL. The same request always gets the same answer. It is safe for concurrent use.
type Transport struct{}

// RoundTrip answers a request. An error is the request's own: its body could not be read, or its context has ended.
func (Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		defer r.Body.Close()
		var err error
		if body, err = io.ReadAll(io.LimitReader(r.Body, maxBody+1)); err != nil {
			return nil, fmt.Errorf("reading request: %w", err)
		}
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return serve(r, body), nil
}

func serve(r *http.Request, body []byte) *http.Response {
	const models = "/v1/models"
	path := r.URL.Path
	want := http.MethodPost
	if path == models || strings.HasPrefix(path, models+"/") {
		want = http.MethodGet
	}
	switch {
	case r.Method != want:
		return refuse(r, body, http.StatusMethodNotAllowed, "invalid_request_error", "Method Not Allowed")
	case r.Header.Get("Anthropic-Version") == "":
		return refuse(r, body, http.StatusBadRequest, "invalid_request_error", "anthropic-version: header is required")
	case len(body) > maxBody:
		return refuse(r, body, http.StatusRequestEntityTooLarge, "request_too_large", "Request exceeds the maximum size")
	case path == "/v1/messages":
		return generate(r, body)
	case path == "/v1/messages/count_tokens":
		return count(r, body)
	case path == models:
		page := modelPage{Data: []modelInfo{demoModel()}, FirstID: Model, LastID: Model}
		return answer(r, body, http.StatusOK, page)
	case path == models+"/"+Model:
		return answer(r, body, http.StatusOK, demoModel())
	}
	return refuse(r, body, http.StatusNotFound, "not_found_error", "Not Found: "+path)
}

func generate(r *http.Request, body []byte) *http.Response {
	req, err := parse(body, true)
	if err != nil {
		return refuse(r, body, http.StatusBadRequest, "invalid_request_error", err.Error())
	}
	msg := req.answer(fingerprint(body))
	if !req.Stream {
		return answer(r, body, http.StatusOK, msg)
	}
	return respond(r, body, http.StatusOK, "text/event-stream; charset=utf-8", newEventReader(msg), -1)
}

func count(r *http.Request, body []byte) *http.Response {
	req, err := parse(body, false)
	if err != nil {
		return refuse(r, body, http.StatusBadRequest, "invalid_request_error", err.Error())
	}
	return answer(r, body, http.StatusOK, tokenCount{InputTokens: req.inputTokens()})
}

func refuse(r *http.Request, body []byte, status int, kind, message string) *http.Response {
	return answer(r, body, status, errorBody{
		Type: "error", Error: errorDetail{Type: kind, Message: message}, RequestID: requestID(body),
	})
}

// answer responds with v as JSON. All answers are plain structs, so that marshalling cannot fail.
func answer(r *http.Request, body []byte, status int, v any) *http.Response {
	data, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("marshalling %T: %v", v, err))
	}
	return respond(r, body, status, "application/json", bytes.NewReader(data), int64(len(data)))
}

func respond(r *http.Request, body []byte, status int, contentType string, content io.Reader, length int64) *http.Response {
	header := http.Header{"Content-Type": {contentType}, "Request-Id": {requestID(body)}}
	if length >= 0 {
		header.Set("Content-Length", strconv.FormatInt(length, 10))
	}
	return &http.Response{
		Status: strconv.Itoa(status) + " " + http.StatusText(status), StatusCode: status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, Body: io.NopCloser(content), ContentLength: length, Request: r,
	}
}

func requestID(body []byte) string { return "req_" + fingerprint(body) }

// fingerprint names a request, so that ids differ between requests and yet are the same for the same request.
func fingerprint(body []byte) string {
	sum := sha256.Sum256(body)
	return "demo" + hex.EncodeToString(sum[:10])
}

type (
	tokenCount struct {
		InputTokens int64 `json:"input_tokens"`
	}
	modelPage struct {
		Data    []modelInfo `json:"data"`
		HasMore bool        `json:"has_more"`
		FirstID string      `json:"first_id"`
		LastID  string      `json:"last_id"`
	}
	modelInfo struct {
		Type        string `json:"type"`
		ID          string `json:"id"`
		DisplayName string `json:"display_name"`
		CreatedAt   string `json:"created_at"`
	}
	errorBody struct {
		Type      string      `json:"type"`
		Error     errorDetail `json:"error"`
		RequestID string      `json:"request_id"`
	}
	errorDetail struct {
		Type    string `json:"type"`
		Message string `json:"message"`
	}
)

func demoModel() modelInfo {
	return modelInfo{Type: "model", ID: Model, DisplayName: "Demo (no account is usable)", CreatedAt: "2026-01-01T00:00:00Z"}
}
