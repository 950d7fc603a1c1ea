package responses

import (
	"testing"

	"github.com/fairway-gateway/fairway/translate"
)

func TestDialect(t *testing.T) {
	d := New()
	if got, want := d.Name(), translate.Responses; got != want {
		t.Errorf("got name %q, want %q", got, want)
	}
	if got, want := d.Turns(), "input"; got != want {
		t.Errorf("got turns %q, want %q", got, want)
	}
	tests := []struct {
		op    translate.Operation
		model string
		want  string
	}{
		{translate.Generate, "m", "/responses"},
		{translate.CountTokens, "m", "/responses/input_tokens"},
		{translate.ListModels, "", "/models"},
		{translate.GetModel, "org/m 1", "/models/org%2Fm%201"},
	}
	for _, tt := range tests {
		if got, ok := d.Endpoint(tt.op, tt.model, true); !ok || got.Path != tt.want || got.Query != "" {
			t.Errorf("%s: got %+v, %v, want %s", tt.op, got, ok, tt.want)
		}
	}
	if _, ok := d.Endpoint(translate.Operation(99), "", false); ok {
		t.Error("got an endpoint for an unknown operation")
	}
}

func TestCount(t *testing.T) {
	d := New()
	if got, want := string(d.AppendCount(nil, 42)), `{"object":"response.input_tokens","input_tokens":42}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if n, err := d.DecodeCount(d.AppendCount(nil, 42)); n != 42 || err != nil {
		t.Errorf("got %d, %v, want 42", n, err)
	}
	for _, body := range []string{``, `<html>`, `{}`, `{"input_tokens":"x"}`, `{"input_tokens":-1}`, `[]`} {
		if _, err := d.DecodeCount([]byte(body)); asError(t, err).Kind != translate.Upstream {
			t.Errorf("%s: got %v, want an error of kind Upstream", body, err)
		}
	}
}

func TestSharedParts(t *testing.T) {
	d := New()
	if e := d.DecodeError(429, []byte(`{"error":{"message":"slow","code":"rate_limit_exceeded"}}`)); e.Kind != translate.RateLimited || e.Message != "slow" {
		t.Errorf("got %+v, want a rate limit", e)
	}
	if status, body := d.AppendError(nil, translate.BadRequest("input", "bad")); status != 400 || string(body) != `{"error":{"message":"bad","type":"invalid_request_error","param":"input","code":null}}` {
		t.Errorf("got %d %s", status, body)
	}
	models := []translate.Model{{ID: "a", Created: 5, OwnedBy: "o"}}
	back, next, err := d.DecodeModels(d.AppendModels(nil, models, translate.Page{}))
	if err != nil || next != "" || len(back) != 1 || back[0].ID != "a" {
		t.Errorf("got %v, %q, %v, want %v", back, next, err, models)
	}
	if got := string(d.AppendModel(nil, models[0])); got == "" || got[0] != '{' {
		t.Errorf("got %s, want an object", got)
	}
}

func TestFailureCode(t *testing.T) {
	tests := []struct {
		kind translate.ErrorKind
		want string
	}{
		{translate.RateLimited, "rate_limit_exceeded"}, {translate.Billing, "rate_limit_exceeded"},
		{translate.InvalidRequest, "invalid_prompt"}, {translate.ContextTooLong, "invalid_prompt"},
		{translate.Upstream, "server_error"}, {translate.Truncated, "server_error"}, {translate.Internal, "server_error"},
	}
	for _, tt := range tests {
		if got := failureCode(tt.kind); got != tt.want {
			t.Errorf("kind %d: got %q, want %q", tt.kind, got, tt.want)
		}
	}
}
