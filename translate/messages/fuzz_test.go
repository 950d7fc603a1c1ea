package messages

import (
	"bytes"
	"testing"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// FuzzDecodeRequest: no body makes the decoder panic, and what it takes can be
// encoded, for models of all kinds, as JSON that it takes again.
func FuzzDecodeRequest(f *testing.F) {
	f.Add([]byte(`{"model":"m","max_tokens":9,"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"image","source":{"type":"url","url":"u"}}]},{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"x"}]}]}`))
	f.Add([]byte(`{"model":"m","max_tokens":9,"thinking":{"type":"enabled","budget_tokens":2000},"tools":[{"name":"f","input_schema":{"anyOf":[{"$ref":"#"}]},"strict":true}],"tool_choice":{"type":"any"},"messages":[{"role":"user","content":"a"},{"role":"system","content":"b"}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if jsonlit.Check(body) != nil {
			return
		}
		r, err := New().DecodeRequest(body, translate.Hint{})
		if err != nil {
			return
		}
		for _, caps := range []translate.Capabilities{{}, {Thinking: translate.ThinkingAdaptive, NoForcedTool: true, NoSampling: true, MidSystem: true}} {
			out, err := New().AppendRequest(nil, r, translate.Target{Model: "m", Capabilities: caps, Losses: &translate.Losses{}})
			if err != nil {
				continue
			}
			if err := jsonlit.Check(out); err != nil {
				t.Fatalf("%s became %s: %v", body, out, err)
			}
			if _, err := New().DecodeRequest(out, translate.Hint{}); err != nil {
				t.Fatalf("%s became %s: %v", body, out, err)
			}
		}
	})
}

func FuzzDecodeResponse(f *testing.F) {
	f.Add([]byte(`{"id":"msg_1","type":"message","content":[{"type":"text","text":"a","citations":[{"type":"web_search_result_location","url":"u"}]},{"type":"tool_use","name":"f","input":"{}"}],"stop_reason":"end_turn","usage":{"input_tokens":1}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		New().DecodeError(500, body)
		New().DecodeModels(body)
		New().DecodeCount(body)
		r, err := New().DecodeResponse(body)
		if err != nil {
			return
		}
		out, err := New().AppendResponse(nil, r, translate.Reply{Request: &translate.Request{}, ID: "x"})
		if err == nil && !jsonlit.Valid(out) {
			t.Fatalf("%s became %s, which is no JSON", body, out)
		}
	})
}

// FuzzStream: whatever comes, the events are in order and end once.
func FuzzStream(f *testing.F) {
	for _, tc := range fixtures() {
		f.Add([]byte(tc.stream))
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		events, _ := run(t, bytes.NewReader(stream))
		e := New().NewStreamEncoder(translate.Reply{Request: &translate.Request{}, ID: "x"})
		for _, ev := range events {
			if _, err := e.Append(nil, ev); err != nil {
				return
			}
		}
	})
}
