package gemini

import (
	"reflect"
	"testing"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

func TestEndpoint(t *testing.T) {
	tests := []struct {
		op          translate.Operation
		model       string
		stream      bool
		path, query string
	}{
		{translate.Generate, "gemini-3-pro", false, "/v1beta/models/gemini-3-pro:generateContent", ""},
		{translate.Generate, "models/gemini-3-pro", true, "/v1beta/models/gemini-3-pro:streamGenerateContent", "alt=sse"},
		{translate.Generate, "a/b c?d", false, "/v1beta/models/a%2Fb%20c%3Fd:generateContent", ""},
		{translate.CountTokens, "m", false, "/v1beta/models/m:countTokens", ""},
		{translate.GetModel, "m", false, "/v1beta/models/m", ""},
		{translate.ListModels, "", false, "/v1beta/models", "pageSize=1000"},
	}
	for _, test := range tests {
		e, ok := New().Endpoint(test.op, test.model, test.stream)
		if !ok || e.Path != test.path || e.Query != test.query {
			t.Errorf("%s of %s: got %+v, %t, want %s?%s", test.op, test.model, e, ok, test.path, test.query)
		}
	}
	for _, model := range []string{"", "models/", ".", ".."} {
		if e, ok := New().Endpoint(translate.GetModel, model, false); ok {
			t.Errorf("model %q: got %+v, want none", model, e)
		}
	}
}

func TestModels(t *testing.T) {
	body := `{"models":[{"name":"models/gemini-3-pro","displayName":"Gemini 3 Pro","inputTokenLimit":1048576,"outputTokenLimit":65536,"thinking":true,"supportedGenerationMethods":["countTokens","generateContent"]},
		{"name":"models/embedding","supportedGenerationMethods":["embedContent"]},{"name":"models/bare"}],"nextPageToken":"a b="}`
	models, next, err := New().DecodeModels([]byte(body))
	want := []translate.Model{{ID: "gemini-3-pro", DisplayName: "Gemini 3 Pro", OwnedBy: "google", InputLimit: 1048576, OutputLimit: 65536, Facts: translate.Facts{Thinks: translate.True}}, {ID: "bare", OwnedBy: "google"}}
	if err != nil || !reflect.DeepEqual(models, want) {
		t.Errorf("got %+v, %v, want %+v", models, err, want)
	}
	if want := "pageSize=1000&pageToken=a+b%3D"; next != want {
		t.Errorf("got next %s, want %s", next, want)
	}
	for _, body := range []string{`<html>`, `[]`, `{"error":{"code":400,"message":"API key not valid"}}`} {
		if _, _, err := New().DecodeModels([]byte(body)); err == nil {
			t.Errorf("%s: got no error", body)
		}
	}

	const entry = `{"name":"models/m","baseModelId":"m","version":"","displayName":"M","inputTokenLimit":5,"outputTokenLimit":6,"supportedGenerationMethods":["generateContent","countTokens"]}`
	m := translate.Model{ID: "m", DisplayName: "M", InputLimit: 5, OutputLimit: 6}
	if got := string(New().AppendModel(nil, m)); got != entry {
		t.Errorf("got %s, want %s", got, entry)
	}
	got := New().AppendModels(nil, []translate.Model{m, {ID: "n"}}, translate.Page{Next: "n"})
	if want := `{"models":[` + entry + `,{"name":"models/n","baseModelId":"n","version":"","displayName":"n","supportedGenerationMethods":["generateContent","countTokens"]}],"nextPageToken":"n"}`; string(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := string(New().AppendModels(nil, nil, translate.Page{})); got != `{"models":[]}` {
		t.Errorf("got %s", got)
	}
}

func TestCount(t *testing.T) {
	for body, want := range map[string]int64{`{"totalTokens":31}`: 31, `{"totalTokens":"31","cachedContentTokenCount":2}`: 31, `{"totalTokens":0}`: 0} {
		if got, err := New().DecodeCount([]byte(body)); err != nil || got != want {
			t.Errorf("%s: got %d, %v, want %d", body, got, err, want)
		}
	}
	for _, body := range []string{``, `{}`, `{"totalTokens":-1}`, `{"error":{"code":429}}`} {
		if got, err := New().DecodeCount([]byte(body)); err == nil {
			t.Errorf("%s: got %d, want an error", body, got)
		}
	}
	if got := string(New().AppendCount(nil, 31)); got != `{"totalTokens":31}` || jsonlit.Check([]byte(got)) != nil {
		t.Errorf("got %s", got)
	}
}
