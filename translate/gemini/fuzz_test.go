package gemini

import (
	"bytes"
	"testing"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

func FuzzDecodeRequest(f *testing.F) {
	f.Add([]byte(`{"system_instruction":"s","contents":{"parts":[{"text":"a"},{"inline_data":{"mime_type":"image/png","data":"-_8"}}]},"generationConfig":{"thinkingConfig":{"thinkingBudget":"-1"}}}`))
	f.Add([]byte(`{"contents":[{"parts":[{"text":"a"}]},{"role":"model","parts":[{"functionCall":{"name":"f","args":{}}}]},{"parts":[{"functionResponse":{"name":"f","response":{"output":"a"}}}]}],"tools":{"functionDeclarations":{"name":"f","parameters":{"type":"OBJECT","nullable":true}}}}`))
	f.Add([]byte(`{"generateContentRequest":{"contents":[{"parts":[{"fileData":{"fileUri":"https://youtu.be/x"}}]}]}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if jsonlit.Check(body) != nil {
			return
		}
		for _, op := range []translate.Operation{translate.Generate, translate.CountTokens} {
			r, err := New().DecodeRequest(body, translate.Hint{Operation: op, Model: "m"})
			if err != nil {
				if e, ok := err.(*translate.Error); !ok || e.Kind != translate.InvalidRequest {
					t.Fatalf("got %v, want an error of kind InvalidRequest", err)
				}
				continue
			}
			out, err := New().AppendRequest(nil, r, translate.Target{Model: "m", Losses: new(translate.Losses), Capabilities: translate.Capabilities{Signatures: true}})
			if err != nil {
				continue
			}
			if err := jsonlit.Check(out); err != nil {
				t.Fatalf("AppendRequest wrote %s: %v", out, err)
			}
			if _, err := New().DecodeRequest(out, translate.Hint{Operation: op, Model: "m"}); err != nil {
				t.Fatalf("what was written is refused: %s: %v", out, err)
			}
		}
	})
}

func FuzzDecodeResponse(f *testing.F) {
	for _, fix := range fixtures() {
		f.Add([]byte(fix.chunks[0]))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := New().DecodeResponse(body)
		if err != nil {
			if _, ok := err.(*translate.Error); !ok {
				t.Fatalf("got %T: %v, want an *Error", err, err)
			}
			return
		}
		to := reply(translate.Request{})
		out, err := New().AppendResponse(nil, r, to)
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		if err := jsonlit.Check(out); err != nil {
			t.Fatalf("AppendResponse wrote %s: %v", out, err)
		}
		streamed, err := stream(r, to)
		if err != nil {
			t.Fatal(err)
		}
		checkGrammar(t, streamed)
	})
}

func FuzzDecodeStream(f *testing.F) {
	for _, fix := range fixtures() {
		f.Add([]byte(sseOf(fix.chunks...)))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		lines := run(t, bytes.NewReader(body)) // fails when the order is wrong
		if len(lines) == 0 {
			t.Fatal("got no event at all")
		}
		New().DecodeError(500, body)
	})
}
