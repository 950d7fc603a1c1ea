package openai

import (
	"reflect"
	"testing"

	"github.com/fairway-gateway/fairway/translate"
)

func TestDecodeModels(t *testing.T) {
	tests := []struct {
		name, body string
		want       []translate.Model
	}{
		{"OpenAI", `{"object":"list","data":[{"id":"a","object":"model","created":7,"owned_by":"o"},{"id":"b","object":"model","created":8,"owned_by":"o"}]}`,
			[]translate.Model{{ID: "a", Created: 7, OwnedBy: "o"}, {ID: "b", Created: 8, OwnedBy: "o"}}},
		{"bare array", `[{"id":"a"},{"object":"model"},7]`, []translate.Model{{ID: "a"}}},
		{"OpenRouter", `{"data":[{"id":"x/a","name":"A","context_length":100,"top_provider":{"max_completion_tokens":10}}]}`, []translate.Model{{ID: "x/a", DisplayName: "A", InputLimit: 100, OutputLimit: 10}}},
		{"Groq", `{"data":[{"id":"a","context_window":100,"max_completion_tokens":10}]}`, []translate.Model{{ID: "a", InputLimit: 100, OutputLimit: 10}}},
		{"vLLM", `{"data":[{"id":"a","owned_by":"vllm","max_model_len":100,"created":-1}]}`, []translate.Model{{ID: "a", OwnedBy: "vllm", InputLimit: 100}}},
		{"Google", `{"data":[{"id":"models/gemini-x","owned_by":"google"}]}`, []translate.Model{{ID: "gemini-x", OwnedBy: "google"}}},
		{"llama.cpp", `{"data":[{"id":"models/x.gguf","owned_by":"llamacpp"}]}`, []translate.Model{{ID: "models/x.gguf", OwnedBy: "llamacpp"}}},
		{"none", `{"object":"list","data":[]}`, nil},
	}
	for _, test := range tests {
		got, next, err := DecodeModels([]byte(test.body))
		if err != nil || next != "" || !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: got %+v, %q, %v; want %+v", test.name, got, next, err, test.want)
		}
	}
	for _, body := range []string{"", "<html>", "7", `{}`, `{"data":{}}`, `{"error":{"message":"m"}}`} {
		if got, _, err := DecodeModels([]byte(body)); err == nil {
			t.Errorf("%q: got %v, want an error", body, got)
		}
	}
}

func TestAppendModels(t *testing.T) {
	models := []translate.Model{{ID: "a\"", Created: 7, OwnedBy: "o"}, {ID: "b"}}
	got := string(AppendModels([]byte("x"), models, translate.Page{Next: "c"}))
	want := `x{"object":"list","data":[{"id":"a\"","object":"model","created":7,"owned_by":"o"},{"id":"b","object":"model","created":0,"owned_by":"system"}]}`
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := string(AppendModels(nil, nil, translate.Page{})), `{"object":"list","data":[]}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
