package gemini

import (
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/translate"
)

// TestResults pairs results with calls in the ways that clients leave it open.
func TestResults(t *testing.T) {
	calls := func(c, r string) string {
		return `{"contents":[{"parts":[{"text":"go"}]},{"role":"model","parts":[` + c + `]},{"role":"user","parts":[` + r + `]}]}`
	}
	id := func(part int, name string) string { return translate.CallID(1, part, name) }
	tests := []struct{ name, body, want string }{
		{"by id",
			calls(`{"functionCall":{"id":"1","name":"f"}},{"functionCall":{"id":"2","name":"f"}}`,
				`{"functionResponse":{"id":"2","name":"f","response":{"output":"b"}}},{"functionResponse":{"id":"1","name":"f","response":{"output":"a"}}}`),
			"model call(1 f {}) + call(2 f {})\nuser result(1 f: text(\"a\")) + result(2 f: text(\"b\"))"},
		{"without ids, by order",
			calls(`{"functionCall":{"name":"f","args":{"x": 1}}},{"functionCall":{"name":"f"}}`,
				`{"functionResponse":{"name":"f","response":{"output":"a"}}},{"functionResponse":{"name":"f","response":{"output":"b"}}}`),
			"model call(" + id(0, "f") + " f {\"x\": 1}) + call(" + id(1, "f") + " f {})\nuser result(" + id(0, "f") + " f: text(\"a\")) + result(" + id(1, "f") + " f: text(\"b\"))"},
		{"without ids, by name",
			calls(`{"functionCall":{"name":"f"}},{"functionCall":{"name":"g"}}`,
				`{"functionResponse":{"name":"g","response":{"output":"b"}}},{"functionResponse":{"name":"f","response":{"output":"a"}}}`),
			"model call(" + id(0, "f") + " f {}) + call(" + id(1, "g") + " g {})\nuser result(" + id(0, "f") + " f: text(\"a\")) + result(" + id(1, "g") + " g: text(\"b\"))"},
		{"ids on the calls alone",
			calls(`{"functionCall":{"id":"1","name":"f"}}`, `{"function_response":{"name":"f","response":{"output":"a"}}}`),
			"model call(1 f {})\nuser result(1 f: text(\"a\"))"},
		{"an id that changed",
			calls(`{"functionCall":{"id":"1","name":"f"}}`, `{"functionResponse":{"id":"9","name":"f","response":{"output":"a"}}}`),
			"model call(1 f {})\nuser result(1 f: text(\"a\"))"},
		{"the same id twice",
			calls(`{"functionCall":{"id":"1","name":"f"}},{"functionCall":{"id":"1","name":"f"}}`,
				`{"functionResponse":{"id":"1","name":"f","response":{"output":"a"}}},{"functionResponse":{"id":"1","name":"f","response":{"output":"b"}}}`),
			"model call(1 f {}) + call(" + id(1, "f") + " f {})\nuser result(1 f: text(\"a\")) + result(" + id(1, "f") + " f: text(\"b\"))"},
		{"a missing result",
			calls(`{"functionCall":{"id":"1","name":"f"}},{"functionCall":{"id":"2","name":"g"}}`,
				`{"text":"and?"},{"functionResponse":{"name":"g","response":{"output":"b"}}}`),
			"model call(1 f {}) + call(2 g {})\nuser failure(1 f: text(\"[no result]\")) + result(2 g: text(\"b\")) + text(\"and?\")"},
		{"role function, one turn each",
			`{"contents":[{"parts":[{"text":"go"}]},{"role":"model","parts":[{"functionCall":{"name":"f"}},{"functionCall":{"name":"g"}}]},
			{"role":"function","parts":[{"functionResponse":{"name":"f","response":{"result":"a"}}}]},{"role":"function","parts":[{"functionResponse":{"name":"g","response":{"result":"b"}}}]}]}`,
			"model call(" + id(0, "f") + " f {}) + call(" + id(1, "g") + " g {})\nuser result(" + id(0, "f") + " f: text(\"a\")) + result(" + id(1, "g") + " g: text(\"b\"))"},
		{"signature", calls(`{"functionCall":{"id":"1","name":"f"},"thoughtSignature":"c2ln"}`, `{"functionResponse":{"id":"1","name":"f"}}`),
			"model call(1 f {}) signed \"c2ln\"\nuser result(1 f: )"},
		{"error", calls(`{"functionCall":{"id":"1","name":"f"}}`, `{"functionResponse":{"id":"1","name":"f","response":{"error":"no such file"}}}`),
			"model call(1 f {})\nuser failure(1 f: text(\"no such file\"))"},
		{"error object", calls(`{"functionCall":{"id":"1","name":"f"}}`, `{"functionResponse":{"id":"1","name":"f","response":{"error":{"code":2}}}}`),
			"model call(1 f {})\nuser failure(1 f: text(\"{\\\"code\\\":2}\"))"},
		{"other object", calls(`{"functionCall":{"id":"1","name":"f"}}`, `{"functionResponse":{"id":"1","name":"f","response":{"rows":2,"error":null}}}`),
			"model call(1 f {})\nuser result(1 f: text(\"{\\\"rows\\\":2,\\\"error\\\":null}\"))"},
		{"output of another type", calls(`{"functionCall":{"id":"1","name":"f"}}`, `{"functionResponse":{"id":"1","name":"f","response":{"output":[1]}}}`),
			"model call(1 f {})\nuser result(1 f: text(\"[1]\"))"},
		{"string", calls(`{"functionCall":{"id":"1","name":"f"}}`, `{"functionResponse":{"id":"1","name":"f","response":"a"}}`),
			"model call(1 f {})\nuser result(1 f: text(\"a\"))"},
		{"media", calls(`{"functionCall":{"id":"1","name":"f"}}`, `{"functionResponse":{"id":"1","name":"f","parts":[{"inlineData":{"mimeType":"image/png","data":"aGk="}},{"fileData":{"fileUri":"https://x.test/a.pdf"}}],"response":{"output":"a"}}}`),
			"model call(1 f {})\nuser result(1 f: text(\"a\"), image(image/png aGk=), file(application/pdf \"https://x.test/a.pdf\"))"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			want := "model m\nuser text(\"go\")\n" + test.want
			if got := describe(decode(t, test.body)); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// TestCallIDsStay shows that a call's id does not change as the conversation grows.
func TestCallIDsStay(t *testing.T) {
	turn := `{"role":"model","parts":[{"functionCall":{"name":"f"}}]},{"parts":[{"functionResponse":{"name":"f","response":{"output":"a"}}}]}`
	first := `{"contents":[{"parts":[{"text":"go"}]},` + turn
	short, long := describe(decode(t, first+`]}`)), describe(decode(t, first+`,`+turn+`]}`))
	if !strings.HasPrefix(long, short) {
		t.Errorf("got\n%s\nwant it to begin with\n%s", long, short)
	}
	r := decode(t, first+`,`+turn+`]}`)
	if a, b := r.Turns[1].Parts[0].Call.ID, r.Turns[3].Parts[0].Call.ID; a == b {
		t.Errorf("two calls share the id %s", a)
	}
}
