package chat

import (
	"testing"

	"github.com/fairway-gateway/fairway/translate"
)

func TestEndpoint(t *testing.T) {
	tests := []struct {
		op   translate.Operation
		want string
	}{
		{translate.Generate, "/chat/completions"}, {translate.ListModels, "/models"}, {translate.GetModel, "/models/m"}, {translate.CountTokens, ""},
	}
	for _, test := range tests {
		if got, ok := New().Endpoint(test.op, "m", true); got.Path != test.want || ok != (test.want != "") {
			t.Errorf("%s: got %q, %t; want %q", test.op, got.Path, ok, test.want)
		}
	}
}

// TestCustomToolThrough: a custom tool is a function to the upstream and the
// client's own again in the answer.
func TestCustomToolThrough(t *testing.T) {
	r := decode(t, `{"model":"m","messages":[{"role":"user","content":"hi"},{"role":"assistant","tool_calls":[{"id":"c0","type":"custom","custom":{"name":"p","input":"a\n\"b\""}}]},{"role":"tool","tool_call_id":"c0","content":"ok"}],"tools":[{"type":"custom","custom":{"name":"p","description":"patch"}}]}`)
	adapted, names := translate.Adapt(r, translate.Chat)
	got := encode(t, adapted, translate.Target{})
	want := `{"model":"up","messages":[{"role":"user","content":"hi"},{"role":"assistant","content":null,"tool_calls":[{"id":"c0","type":"function","function":{"name":"p","arguments":"{\"input\":\"a\\n\\\"b\\\"\"}"}}]},{"role":"tool","tool_call_id":"c0","content":"ok"}],` +
		`"tools":[{"type":"function","function":{"name":"p","description":"patch","parameters":{"type":"object","properties":{"input":{"type":"string","description":"The tool's whole input, as plain text."}},"required":["input"],"additionalProperties":false}}}]}`
	if got != want {
		t.Errorf("request\n got %s\nwant %s", got, want)
	}

	resp, err := New().DecodeResponse([]byte(completion(`[{"index":0,"message":{"tool_calls":[{"id":"c1","type":"function","function":{"name":"p","arguments":"{\"input\":\"x\\ny\"}"}}]},"finish_reason":"tool_calls"}]`)))
	if err != nil {
		t.Fatal(err)
	}
	names.RestoreResponse(resp)
	body, err := New().AppendResponse(nil, resp, reply(false))
	if err != nil {
		t.Fatal(err)
	}
	again := decode(t, `{"model":"m","messages":[{"role":"user","content":"hi"},`+messageOf(body)+`]}`)
	if got, want := show(again.Turns[1].Parts), "tool_call null call{c1 p true \"x\\ny\"null}"; got != want {
		t.Errorf("answer: got %s, want %s", got, want)
	}
}
