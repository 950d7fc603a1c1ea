package chat

import (
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// TestFunctions answers a client that knows functions and no tools: one call,
// in the older form.
func TestFunctions(t *testing.T) {
	r := &translate.Response{ID: "u1", Model: "m", Created: 7, Choices: []translate.Choice{{Stop: translate.StopToolUse, Parts: []translate.Part{
		text("a"),
		{Kind: translate.ToolCall, Call: &translate.Call{ID: "1", Name: "f", Arguments: translate.Arguments{Text: lit(`{"x":1}`)}}},
		{Kind: translate.ToolCall, Call: &translate.Call{ID: "2", Name: "g"}},
	}}}}
	rep := reply(false)
	rep.Request.Functions = true
	got, err := New().AppendResponse(nil, r, rep)
	if err != nil {
		t.Fatal(err)
	}
	choice := `{"index":0,"message":{"role":"assistant","content":"a","refusal":null,"function_call":{"name":"f","arguments":"{\"x\":1}"}},"logprobs":null,"finish_reason":"function_call"}`
	if want := `"choices":[` + choice + `]`; !strings.Contains(string(got), want) {
		t.Errorf("got %s, want %s", got, want)
	}

	var out []byte
	enc := New().NewStreamEncoder(rep)
	if err := translate.Replay(r, func(ev *translate.Event) (err error) {
		out, err = enc.Append(out, ev)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	want := []string{
		piece(`{"role":"assistant","content":""}`), piece(`{"content":"a"}`), piece(`{"function_call":{"name":"f","arguments":""}}`),
		piece(`{"function_call":{"arguments":"{\"x\":1}"}}`), chunk(end(`"function_call"`)), "[DONE]",
	}
	if got := frames(t, string(out)); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestCitationsBehindOtherBlocks counts from the beginning of the content, in
// both directions.
func TestCitationsBehindOtherBlocks(t *testing.T) {
	const stream = `data: {"id":"u1","choices":[{"index":0,"delta":{"content":"é😀"}}]}

data: {"id":"u1","choices":[{"index":0,"delta":{"reasoning_content":"hm"}}]}

data: {"id":"u1","choices":[{"index":0,"delta":{"content":"abc"}}]}

data: {"id":"u1","choices":[{"index":0,"delta":{"annotations":[{"type":"url_citation","url_citation":{"url":"https://a.test","title":"A","start_index":3,"end_index":5}}]},"finish_reason":"stop"}]}

data: [DONE]

`
	out := string(through(t, stream))
	if want := `{"annotations":[{"type":"url_citation","url_citation":{"url":"https://a.test","title":"A","start_index":3,"end_index":5}}]}`; !strings.Contains(out, want) {
		t.Errorf("got %s, want %s", out, want)
	}
	var acc translate.Accumulator
	r, err := New().DecodeResponse([]byte(`{"id":"u1","choices":[{"index":0,"finish_reason":"stop","message":{"content":"abc","annotations":[{"type":"url_citation","url_citation":{"url":"https://a.test","title":"A","start_index":1,"end_index":2}}]}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if err := translate.Replay(r, acc.Push); err != nil {
		t.Fatal(err)
	}
	if c := r.Choices[0].Parts[0].Citations; len(c) != 1 || c[0].Start != 1 || c[0].End != 2 || jsonlit.Str(c[0].Title) != "A" {
		t.Errorf("got %+v", c)
	}
}

// TestNames notes, once, that messages have names that other dialects lack.
func TestNames(t *testing.T) {
	r := decode(t, `{"model":"m","messages":[{"role":"user","name":"ann","content":"a"},{"role":"user","name":"bob","content":"b"}]}`)
	if len(r.Extra) != 1 || r.Extra[0].Name != "message_name" {
		t.Errorf("got %v, want one note about names", r.Extra)
	}
}
