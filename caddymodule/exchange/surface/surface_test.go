package surface

import (
	"testing"

	"github.com/fairway-gateway/fairway/accounts"
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/chat"
	"github.com/fairway-gateway/fairway/translate/gemini"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
	"github.com/fairway-gateway/fairway/translate/messages"
	"github.com/fairway-gateway/fairway/translate/responses"
)

// dialectOf returns a dialect by its name.
func dialectOf(name string) translate.Dialect {
	return translate.NewDialects(chat.New(), responses.New(), messages.New(), gemini.New()).Get(translate.Name(name))
}

func TestPlace(t *testing.T) {
	const v1, dated = "https://r.openai.azure.com/openai/v1", "https://r.openai.azure.com/openai"
	const azure, vertex, bedrock = accounts.SurfaceAzure, accounts.SurfaceVertex, accounts.SurfaceBedrock
	deployed := map[string]string{"gpt-5": "my gpt"}
	for _, tt := range []struct {
		name    string
		ep      accounts.Endpoint
		op      translate.Operation
		model   string
		stream  bool
		want    string // "" where there is none
		wantAsk string
	}{
		{"own vendor", accounts.Endpoint{Dialect: "chat", BaseURL: "https://x/v1"}, translate.Generate, "gpt-5", false, "/chat/completions", ""},
		{"own vendor's list", accounts.Endpoint{Dialect: "chat", BaseURL: "https://x/v1"}, translate.ListModels, "", false, "/models", ""},
		{"azure v1", accounts.Endpoint{Dialect: "chat", BaseURL: v1, Surface: azure}, translate.Generate, "gpt-5", false, "/chat/completions", ""},
		{"azure v1 preview", accounts.Endpoint{Dialect: "responses", BaseURL: v1, Surface: azure, APIVersion: "preview"}, translate.Generate, "gpt-5", true, "/responses", "api-version=preview"},
		{"azure v1 count", accounts.Endpoint{Dialect: "responses", BaseURL: v1, Surface: azure}, translate.CountTokens, "gpt-5", false, "/responses/input_tokens", ""},
		{"azure dated", accounts.Endpoint{Dialect: "chat", BaseURL: dated, Surface: azure, APIVersion: "2024-10-21"}, translate.Generate, "o3", true, "/deployments/o3/chat/completions", "api-version=2024-10-21"},
		{"azure dated, named", accounts.Endpoint{Dialect: "chat", BaseURL: dated, Surface: azure, APIVersion: "2024-10-21"}, translate.Generate, "gpt-5", true, "/deployments/my%20gpt/chat/completions", "api-version=2024-10-21"},
		{"azure dated responses", accounts.Endpoint{Dialect: "responses", BaseURL: dated, Surface: azure, APIVersion: "2025-04-01-preview"}, translate.Generate, "gpt-5", true, "/responses", "api-version=2025-04-01-preview"},
		{"azure list", accounts.Endpoint{Dialect: "responses", BaseURL: v1, Surface: azure}, translate.ListModels, "", false, "", ""},
		{"vertex", accounts.Endpoint{Dialect: "gemini", Surface: vertex}, translate.Generate, "gemini-3-pro", false, "/publishers/google/models/gemini-3-pro:generateContent", ""},
		{"vertex stream", accounts.Endpoint{Dialect: "gemini", Surface: vertex}, translate.Generate, "gemini-3-pro", true, "/publishers/google/models/gemini-3-pro:streamGenerateContent", "alt=sse"},
		{"vertex count", accounts.Endpoint{Dialect: "gemini", Surface: vertex}, translate.CountTokens, "gemini-3-pro", false, "/publishers/google/models/gemini-3-pro:countTokens", ""},
		{"claude on vertex", accounts.Endpoint{Dialect: "messages", Surface: vertex}, translate.Generate, "claude-opus-4-1@20250805", false, "/publishers/anthropic/models/claude-opus-4-1@20250805:rawPredict", ""},
		{"claude on vertex, stream", accounts.Endpoint{Dialect: "messages", Surface: vertex}, translate.Generate, "claude-opus-5", true, "/publishers/anthropic/models/claude-opus-5:streamRawPredict", ""},
		{"claude on vertex, count", accounts.Endpoint{Dialect: "messages", Surface: vertex}, translate.CountTokens, "claude-opus-5", false, "/publishers/anthropic/models/count-tokens:rawPredict", ""},
		{"bedrock", accounts.Endpoint{Dialect: "messages", Surface: bedrock}, translate.Generate, "us.anthropic.claude-opus-5-v1:0", false, "/model/us.anthropic.claude-opus-5-v1%3A0/invoke", ""},
		{"bedrock stream of an ARN", accounts.Endpoint{Dialect: "messages", Surface: bedrock}, translate.Generate, "arn:aws:bedrock:x:1:inference-profile/y", true, "/model/arn%3Aaws%3Abedrock%3Ax%3A1%3Ainference-profile%2Fy/invoke-with-response-stream", ""},
		{"bedrock count", accounts.Endpoint{Dialect: "messages", Surface: bedrock}, translate.CountTokens, "m", false, "", ""},
		{"vertex list", accounts.Endpoint{Dialect: "gemini", Surface: vertex}, translate.ListModels, "", false, "", ""},
	} {
		d := Door{Account: &accounts.Account{Deployments: deployed}, Endpoint: tt.ep, Operation: tt.op, Model: tt.model, Stream: tt.stream}
		place, ok := d.Place(dialectOf(tt.ep.Dialect))
		if !ok {
			place.Path = ""
		}
		if ok != (tt.want != "") || place.Path != tt.want || place.Query != tt.wantAsk {
			t.Errorf("%s: got %q ? %q, %t, want %q ? %q", tt.name, place.Path, place.Query, ok, tt.want, tt.wantAsk)
		}
	}
}

func TestRename(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{`{"model":"a","x":1.0}`, `{"model":"b\"","x":1.0}`},
		{"{ \"x\" : {\"model\":\"n\"},\n\"model\" : \"a\" }", "{ \"x\" : {\"model\":\"n\"},\n\"model\" : \"b\\\"\" }"},
		{`{"x":1}`, `{"x":1}`}, {`{}`, `{}`},
	} {
		if got := string(rename([]byte(tt.in), `b"`)); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.in, got, tt.want)
		}
	}
}

func TestWithout(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{`{"model":"a"}`, `{}`}, {`{"model":"a","x":1}`, `{"x":1}`}, {`{"x":1,"model":"a"}`, `{"x":1}`}, {`{"x":1}`, `{"x":1}`}, {`{}`, `{}`},
		{"{\n \"x\": 1,\n \"model\": \"a\",\n \"y\": 2\n}", "{\n \"x\": 1,\n \"y\": 2\n}"},
		{"{ \"model\" : \"a\" , \"stream\" : true , \"y\" : 2 }", "{   \"y\" : 2 }"},
		{`{"x":{"model":1},"stream":true,"model":"a"}`, `{"x":{"model":1}}`}, {`{"stream":true,"model":"a"}`, `{}`},
		{`{"x":",","model":"a,","stream":1,"y":"}"}`, `{"x":",","y":"}"}`},
	} {
		got := without([]byte(tt.in), "model", "stream")
		if string(got) != tt.want || !jsonlit.Valid(got) {
			t.Errorf("%s: got %s, want %s", tt.in, got, tt.want)
		}
	}
}

func TestAdd(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{`{}`, `{"v":1}`}, {`{"x":2}`, `{"v":1,"x":2}`}, {" { \"x\":2}", " {\"v\":1, \"x\":2}"}, {`{"x":2,"v":3}`, `{"x":2,"v":3}`},
	} {
		if got := add([]byte(tt.in), "v", translate.Value("1")); string(got) != tt.want || !jsonlit.Valid(got) {
			t.Errorf("%s: got %s, want %s", tt.in, got, tt.want)
		}
	}
}

func TestVertexBody(t *testing.T) {
	for _, tt := range []struct {
		dialect  string
		op       translate.Operation
		in, want string
	}{
		{"messages", translate.Generate, `{"model":"m","max_tokens":1.0,"stream":true}`, `{"anthropic_version":"vertex-2023-10-16","max_tokens":1.0,"stream":true}`},
		{"messages", translate.Generate, `{"anthropic_version":"own","model":"m"}`, `{"anthropic_version":"own"}`},
		{"messages", translate.CountTokens, `{"model":"m","messages":[]}`, `{"anthropic_version":"vertex-2023-10-16","model":"real","messages":[]}`},
		{"gemini", translate.Generate, `{"contents":[]}`, `{"contents":[]}`},
		{"gemini", translate.CountTokens, `{"contents":[]}`, `{"contents":[]}`},
		{"gemini", translate.CountTokens, `{"generateContentRequest":{"model":"models/m","toolConfig":{},"tools":[],"contents":[1]}}`, `{"tools":[],"contents":[1]}`},
	} {
		d := Door{Account: &accounts.Account{Deployments: map[string]string{"m": "real"}}, Operation: tt.op, Model: "m",
			Endpoint: accounts.Endpoint{Dialect: tt.dialect, Surface: accounts.SurfaceVertex}}
		if got := string(d.body(nil, []byte(tt.in))); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.in, got, tt.want)
		}
	}
}
