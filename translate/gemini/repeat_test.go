package gemini

import (
	"testing"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// TestRepeatedResults is what Gemini CLI sends in a session that it has
// restored: every functionResponse twice. The repetition must not be taken for
// the answer to another call of the same function.
func TestRepeatedResults(t *testing.T) {
	body := `{"contents":[{"role":"user","parts":[{"text":"go"}]},
		{"role":"model","parts":[{"functionCall":{"id":"a","name":"f","args":{}}},{"functionCall":{"id":"b","name":"f","args":{}}}]},
		{"role":"user","parts":[
			{"functionResponse":{"id":"a","name":"f","response":{"output":"first"}}},{"functionResponse":{"id":"a","name":"f","response":{"output":"first"}}},
			{"functionResponse":{"id":"b","name":"f","response":{"output":"second"}}},{"functionResponse":{"id":"b","name":"f","response":{"output":"second"}}}]}]}`
	r, err := New().DecodeRequest([]byte(body), translate.Hint{Model: "m"})
	if err != nil {
		t.Fatal(err)
	}
	var got string
	for _, p := range r.Turns[2].Parts {
		got += p.Result.CallID + "=" + jsonlit.Str(p.Result.Parts[0].Text) + " "
	}
	if want := "a=first b=second "; got != want {
		t.Errorf("results = %q, want %q", got, want)
	}
}
