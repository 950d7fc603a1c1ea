package exchange

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/fairway-gateway/fairway/accounts/inventory"
	"github.com/fairway-gateway/fairway/translate"
)

const (
	bedrockHost = "bedrock-runtime.us-east-1.amazonaws.com"
	bedrockURL  = "https://" + bedrockHost + "/model/us.anthropic.claude-opus-5-v1%3A0/"
	bedrockAsk  = `{"model":"claude-opus-5","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}`
	bedrockSays = `{"id":"msg_1","type":"message","role":"assistant","model":"claude-opus-5","content":[{"type":"text","text":"hello"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":2}}`
)

// bedrock builds an engine with one account, signing with an access key or sending an API key, and a clock that stands.
func (f *fleet) bedrock(apiKey string) (*Engine, time.Time) {
	f.t.Helper()
	account := inventory.AccountConfig{Name: "br", Provider: "bedrock", APIKey: apiKey, CloudConfig: inventory.CloudConfig{
		Region: "us-east-1", Deployments: map[string]string{"claude-opus-5": "us.anthropic.claude-opus-5-v1:0"}}}
	if apiKey == "" {
		account.AWS = &inventory.AWSConfig{AccessKeyID: "AKIAEXAMPLE", SecretAccessKey: canary, SessionToken: "session"}
	}
	inv, err := inventory.Build([]inventory.Config{{Accounts: []inventory.AccountConfig{account}}}, nil)
	if err != nil {
		f.t.Fatal(err)
	}
	at := time.Date(2026, 11, 23, 1, 2, 3, 0, time.UTC)
	e := New(Options{Transport: f, Now: func() time.Time { return at }, Logger: slog.New(slog.NewTextHandler(f.t.Output(), nil))})
	e.Apply(inv)
	f.t.Cleanup(e.Close)
	return e, at
}

// verified answers as a server that checks the signature: it signs what it got once more with AWS's own signer.
func verified(t *testing.T, at time.Time, then *http.Response) func(*http.Request, []byte) *http.Response {
	return func(r *http.Request, body []byte) *http.Response {
		again, err := http.NewRequest(r.Method, r.URL.String(), bytes.NewReader(body))
		if err != nil {
			t.Error(err)
			return then
		}
		again.Header.Set("Content-Type", r.Header.Get("Content-Type"))
		sum := sha256.Sum256(body)
		keys := aws.Credentials{AccessKeyID: "AKIAEXAMPLE", SecretAccessKey: canary, SessionToken: "session"}
		if err := v4.NewSigner().SignHTTP(context.Background(), keys, again, hex.EncodeToString(sum[:]), "bedrock", "us-east-1", at); err != nil {
			t.Error(err)
		}
		if got, want := r.Header.Get("Authorization"), again.Header.Get("Authorization"); got != want || r.ContentLength != int64(len(body)) {
			t.Errorf("signature: got %s, want %s", got, want)
			return answer(403, "application/json", `{"message":"The request signature we calculated does not match"}`, "X-Amzn-Errortype", "InvalidSignatureException")
		}
		return then
	}
}

func TestBedrock(t *testing.T) {
	f := newFleet(t)
	e, at := f.bedrock("")
	f.handle(bedrockHost, verified(t, at, answer(200, "application/json", bedrockSays)))
	w, _ := call(t, e, "POST", "/v1/messages?beta=true", bedrockAsk, "Anthropic-Beta", "one, two", "Anthropic-Beta", "one, two", "Anthropic-Version", "2023-06-01")
	if w.Code != 200 || w.Body.String() != bedrockSays {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	f.last().tell(t, "signed", bedrockURL+"invoke",
		`{"anthropic_beta":["one","two"],"anthropic_version":"bedrock-2023-05-31","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}`,
		"Anthropic-Beta", "", "Anthropic-Version", "", "X-Amz-Date", "20261123T010203Z", "X-Amz-Security-Token", "session", "X-Api-Key", "")

	f.handle(bedrockHost, verified(t, at, answer(200, "application/json", bedrockSays)))
	w, _ = call(t, e, "POST", "/v1/chat/completions", `{"model":"claude-opus-5","messages":[{"role":"user","content":"hi"}]}`)
	if w.Code != 200 || !strings.Contains(w.Body.String(), `"content":"hello"`) {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	if got := f.last().body; strings.Contains(got, `"model"`) || strings.Contains(got, `"stream"`) {
		t.Errorf("sent %s", got)
	}

	keyed, _ := f.bedrock("bedrock-api-key-0123456789")
	f.serve(bedrockHost, 200, "application/json", bedrockSays)
	if w, _ := call(t, keyed, "POST", "/v1/messages", bedrockAsk); w.Code != 200 {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	f.last().tell(t, "API key", bedrockURL+"invoke", "", "Authorization", "Bearer bedrock-api-key-0123456789", "X-Amz-Date", "")

	before := f.asked(bedrockHost)
	w, _ = call(t, e, "POST", "/v1/messages/count_tokens", bedrockAsk)
	if w.Code != 200 || w.Header().Get("X-Token-Count") != "estimated" || f.asked(bedrockHost) != before {
		t.Errorf("count: got %d %s", w.Code, w.Body)
	}
}

// frame encodes a message of an event stream.
func frame(t *testing.T, payload string, headers ...string) []byte {
	t.Helper()
	m := eventstream.Message{Payload: []byte(payload)}
	for i := 0; i+1 < len(headers); i += 2 {
		m.Headers.Set(headers[i], eventstream.StringValue(headers[i+1]))
	}
	var out bytes.Buffer
	if err := eventstream.NewEncoder().Encode(&out, m); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func chunk(t *testing.T, event string) []byte {
	return frame(t, `{"bytes":"`+base64.StdEncoding.EncodeToString([]byte(event))+`","p":"abcdef"}`,
		":event-type", "chunk", ":content-type", "application/json", ":message-type", "event")
}

// bedrockEvents are a whole answer, one event a line.
var bedrockEvents = []string{
	`{"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"c","content":[],"stop_reason":null,"usage":{"input_tokens":3,"output_tokens":1}}}`,
	`{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}`,
	`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"hello"}}`,
	`{"type":"content_block_stop","index":0}`,
	`{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2}}`,
	`{"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":3}}`,
}

func eventStream(body []byte) *http.Response {
	r := answer(200, "application/vnd.amazon.eventstream", "")
	r.Body = io.NopCloser(bytes.NewReader(body))
	return r
}

func TestBedrockStream(t *testing.T) {
	var body []byte
	var want strings.Builder
	for _, event := range bedrockEvents {
		body = append(body, chunk(t, event)...)
		name, _, _ := strings.Cut(strings.TrimPrefix(event, `{"type":"`), `"`)
		want.WriteString("event: " + name + "\ndata: " + event + "\n\n")
	}
	body = append(body, frame(t, `{}`, ":event-type", "later", ":message-type", "event")...)
	f := newFleet(t)
	e, at := f.bedrock("")
	f.handle(bedrockHost, verified(t, at, eventStream(body)))
	w, rec := call(t, e, "POST", "/v1/messages", strings.Replace(bedrockAsk, "{", `{"stream":true,`, 1))
	if w.Code != 200 || w.Body.String() != want.String() || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/event-stream") || rec.Usage.Output != 2 {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	f.last().tell(t, "stream", bedrockURL+"invoke-with-response-stream",
		`{"anthropic_version":"bedrock-2023-05-31","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}`)

	f.handle(bedrockHost, verified(t, at, eventStream(body)))
	w, rec = call(t, e, "POST", "/v1/chat/completions", `{"model":"claude-opus-5","stream":true,"messages":[{"role":"user","content":"hi"}]}`)
	if w.Code != 200 || !strings.Contains(w.Body.String(), `"content":"hello"`) || !strings.HasSuffix(w.Body.String(), "[DONE]\n\n") || rec.Err != nil {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}

// A stream that is cut anywhere is no answer, however much of it is there.
func TestBedrockTruncated(t *testing.T) {
	var body []byte
	last := 0
	cuts := []int{0, 1}
	for _, event := range bedrockEvents {
		last = len(body)
		body = append(body, chunk(t, event)...)
		cuts = append(cuts, last+20, len(body)-1, len(body)) // inside a frame, before its last byte, between two
	}
	for _, cut := range cuts[:len(cuts)-1] {
		f := newFleet(t)
		e, _ := f.bedrock("")
		f.handle(bedrockHost, func(*http.Request, []byte) *http.Response { return eventStream(body[:cut]) })
		w, rec := call(t, e, "POST", "/v1/messages", strings.Replace(bedrockAsk, "{", `{"stream":true,`, 1))
		if rec.Err == nil || neutralError(rec.Err).Kind != translate.Truncated || strings.Contains(w.Body.String(), "message_stop") {
			t.Fatalf("cut at byte %d of %d: got %v, %s", cut, len(body), rec.Err, w.Body)
		}
	}
	spoilt := bytes.Clone(body)
	spoilt[last-3] ^= 1 // of a checksum
	f := newFleet(t)
	e, _ := f.bedrock("")
	f.handle(bedrockHost, func(*http.Request, []byte) *http.Response { return eventStream(spoilt) })
	if _, rec := call(t, e, "POST", "/v1/messages", strings.Replace(bedrockAsk, "{", `{"stream":true,`, 1)); rec.Err == nil || neutralError(rec.Err).Kind != translate.Truncated {
		t.Errorf("a wrong checksum: got %v", rec.Err)
	}
}

// The errors of InvokeModel and InvokeModelWithResponseStream (AWS "Amazon Bedrock API Reference").
func TestBedrockErrors(t *testing.T) {
	for _, tt := range []struct {
		status        int
		word, message string
		code          int
		trail, kind   string
	}{
		{429, "ThrottlingException:http://internal.amazon.com/coral/", "Too many tokens, please wait before trying again.", 429, "rate_limited", "rate_limit_error"},
		{400, "ValidationException", "max_tokens: must be greater than 0", 400, "caller_fault", "invalid_request_error"},
		{400, "ValidationException", "The provided model identifier is invalid.", 400, "model_unavailable", "invalid_request_error"},
		{400, "ValidationException", "Invocation of model ID anthropic.claude with on-demand throughput isn't supported.", 400, "model_unavailable", "invalid_request_error"},
		{400, "ServiceQuotaExceededException", "You have requested more than is permitted.", 400, "quota_exhausted", "billing_error"},
		{403, "ExpiredTokenException", "The security token included in the request is expired", 502, "credential_invalid", "api_error"},
		{403, "UnrecognizedClientException", "The security token included in the request is invalid.", 502, "credential_invalid", "api_error"},
		{403, "AccessDeniedException", "You don't have access to the model with the specified model ID.", 502, "permission_denied", "api_error"},
		{404, "ResourceNotFoundException", "Could not resolve the foundation model", 404, "model_unavailable", "not_found_error"},
		{424, "ModelErrorException", "The model failed", 424, "transient", "api_error"},
		{408, "ModelTimeoutException", "The model took too long", 408, "transient", "timeout_error"},
		{429, "ModelNotReadyException", "Model is not ready for inference", 429, "overloaded", "overloaded_error"},
		{503, "ServiceUnavailableException", "Try again", 503, "overloaded", "overloaded_error"},
		{500, "InternalServerException", "An error", 500, "transient", "api_error"},
	} {
		f := newFleet(t)
		e, _ := f.bedrock("")
		f.serve(bedrockHost, tt.status, "application/json", `{"message":"`+tt.message+`"}`, "X-Amzn-Errortype", tt.word)
		w, rec := call(t, e, "POST", "/v1/messages", bedrockAsk)
		if got := rec.Trail.String(); w.Code != tt.code || !strings.Contains(got, tt.trail) || !strings.Contains(w.Body.String(), `"type":"`+tt.kind+`"`) {
			t.Errorf("%s: got %d, %s, %s", tt.word, w.Code, got, w.Body)
		}
	}
}

func TestBedrockExceptions(t *testing.T) {
	begun := append(append(chunk(t, bedrockEvents[0]), chunk(t, bedrockEvents[1])...), chunk(t, bedrockEvents[2])...)
	for _, tt := range []struct {
		name  string
		frame []byte
		kind  translate.ErrorKind
		trail string
	}{
		{"throttled", frame(t, `{"message":"Too many requests"}`, ":message-type", "exception", ":exception-type", "throttlingException"), translate.RateLimited, "rate_limited"},
		{"unavailable", frame(t, `{"message":"x"}`, ":message-type", "exception", ":exception-type", "serviceUnavailableException"), translate.Overloaded, "overloaded"},
		{"failed", frame(t, `{"message":"x","originalStatusCode":500}`, ":message-type", "exception", ":exception-type", "modelStreamErrorException"), translate.Upstream, "transient"},
		{"internal", frame(t, ``, ":message-type", "exception", ":exception-type", "internalServerException"), translate.Upstream, "transient"},
		{"timed out", frame(t, `{"message":"x"}`, ":message-type", "exception", ":exception-type", "modelTimeoutException"), translate.Timeout, "transient"},
		{"refused", frame(t, `{"message":"max_tokens"}`, ":message-type", "exception", ":exception-type", "validationException"), translate.InvalidRequest, "caller_fault"},
		{"error", frame(t, ``, ":message-type", "error", ":error-code", "ThrottlingException", ":error-message", "slow"), translate.RateLimited, "rate_limited"},
	} {
		f := newFleet(t)
		e, _ := f.bedrock("")
		stream := strings.Replace(bedrockAsk, "{", `{"stream":true,`, 1)
		f.handle(bedrockHost, func(*http.Request, []byte) *http.Response { return eventStream(tt.frame) })
		w, rec := call(t, e, "POST", "/v1/messages", stream)
		if w.Code == 200 || rec.Err == nil || neutralError(rec.Err).Kind != tt.kind || !strings.Contains(rec.Trail.String(), tt.trail) {
			t.Errorf("%s, at once: got %d, %v, %s", tt.name, w.Code, rec.Err, rec.Trail.String())
		}
		e, _ = f.bedrock("")
		f.handle(bedrockHost, func(*http.Request, []byte) *http.Response {
			return eventStream(append(bytes.Clone(begun), tt.frame...))
		})
		w, rec = call(t, e, "POST", "/v1/messages", stream)
		if w.Code != 200 || rec.Err == nil || neutralError(rec.Err).Kind != tt.kind || strings.Count(w.Body.String(), "event: error\n") != 1 || strings.Contains(w.Body.String(), "message_stop") {
			t.Errorf("%s, later: got %d, %v, %s", tt.name, w.Code, rec.Err, w.Body)
		}
	}
}
