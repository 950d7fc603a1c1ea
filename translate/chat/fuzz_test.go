package chat

import (
	"testing"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// FuzzDecodeRequest looks for panics, for bodies that are written as invalid
// JSON, and for bodies that are not understood again once written. Every dialect's
// encoder gets requests that were settled and adapted.
func FuzzDecodeRequest(f *testing.F) {
	f.Add([]byte(conversation))
	f.Add([]byte(`{"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":"data:image\/png;base64,QQ\u003d="},{"type":"file","file":{"file_data":"QQ=="}}]},{"role":"assistant","function_call":{"name":"f","arguments":{}}},{"role":"function","name":"f","content":null}]}`))
	f.Add([]byte(`{"model":"m","messages":[{"role":"user","content":"\ud800"},{"role":"assistant","tool_calls":[{"id":"é","type":"custom","custom":{"name":"p","input":"x"}}]},{"role":"tool","tool_call_id":"é","content":[{"type":"image_url","image_url":{"url":"x"}}]}],"tools":[{"type":"custom","custom":{"name":"p"}},{"type":"x"}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if jsonlit.Check(body) != nil {
			return
		}
		r, err := New().DecodeRequest(body, translate.Hint{})
		if err != nil {
			return
		}
		var losses translate.Losses
		if translate.Inspect(r, translate.Chat, &losses) != nil {
			return
		}
		r, _ = translate.Adapt(r, translate.Chat)
		out, err := New().AppendRequest(nil, r, translate.Target{Model: "m", Losses: &losses})
		if err != nil {
			return
		}
		if err := jsonlit.Check(out); err != nil {
			t.Fatalf("wrote invalid JSON: %v\n%s", err, out)
		}
		if _, err := New().DecodeRequest(out, translate.Hint{}); err != nil {
			t.Errorf("cannot read what was written: %v\n%s", err, out)
		}
	})
}
