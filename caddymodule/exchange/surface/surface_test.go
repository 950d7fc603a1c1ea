package surface

import (
	"testing"

	"github.com/fairway-gateway/fairway/accounts"
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/chat"
	"github.com/fairway-gateway/fairway/translate/gemini"
	"github.com/fairway-gateway/fairway/translate/messages"
	"github.com/fairway-gateway/fairway/translate/responses"
)

// dialectOf returns a dialect by its name.
func dialectOf(name string) translate.Dialect {
	return translate.NewDialects(chat.New(), responses.New(), messages.New(), gemini.New()).Get(translate.Name(name))
}

func TestPlace(t *testing.T) {
	const v1, dated = "https://r.openai.azure.com/openai/v1", "https://r.openai.azure.com/openai"
	azure := accounts.SurfaceAzure
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
	} {
		d := Door{Account: &accounts.Account{Deployments: deployed}, Endpoint: tt.ep, Operation: tt.op, Model: tt.model, Stream: tt.stream}
		place, ok := d.Place(dialectOf(tt.ep.Dialect))
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
