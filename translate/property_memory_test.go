package translate_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// TestEncodersLetGoOfTheRequest: an open stream costs the same whatever the
// prompt's size, so that neither the request nor the body that it points into
// may be reachable from an encoder that has begun.
func TestEncodersLetGoOfTheRequest(t *testing.T) {
	for _, d := range dialects() {
		t.Run(string(d.Name()), func(t *testing.T) {
			gone := make(chan string, 2)
			encoder := func() translate.StreamEncoder {
				body := []byte(minimal(d.Name()))
				r, err := d.DecodeRequest(body, translate.Hint{Model: "m", Stream: true})
				if err != nil {
					t.Fatal(err)
				}
				runtime.AddCleanup(r, func(what string) { gone <- what }, "request")
				runtime.AddCleanup(&body[0], func(what string) { gone <- what }, "body")
				e := d.NewStreamEncoder(translate.Reply{Request: r, Model: "m", ID: "0123456789abcdef", Created: 7})
				if _, err := e.Append(nil, &translate.Event{Type: translate.EventStart, ID: "a"}); err != nil {
					t.Fatal(err)
				}
				return e
			}()
			patience := time.After(10 * time.Second)
			for range 2 {
				runtime.GC()
				select {
				case <-gone:
				case <-patience:
					t.Fatal("the encoder holds on to the request or to its body")
				}
			}
			if _, err := encoder.Append(nil, &translate.Event{Type: translate.EventStop, Stop: translate.StopEnd}); err != nil {
				t.Error(err)
			}
		})
	}
}

// minimal is a small request of a dialect, large enough to be an allocation of
// its own.
func minimal(name translate.Name) string {
	text := string(jsonlit.Quote("Tell me what the weather is like in the mountains today."))
	switch name {
	case translate.Completions:
		return `{"model":"m","prompt":` + text + `}`
	case translate.Responses:
		return `{"model":"m","instructions":"short","metadata":{"a":"b"},"input":` + text + `}`
	case translate.Messages:
		return `{"model":"m","max_tokens":9,"messages":[{"role":"user","content":` + text + `}]}`
	case translate.Gemini:
		return `{"contents":[{"role":"user","parts":[{"text":` + text + `}]}]}`
	}
	return `{"model":"m","messages":[{"role":"user","content":` + text + `}]}`
}
