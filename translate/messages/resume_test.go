package messages

import (
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/capability"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
	"github.com/fairway-gateway/fairway/translate/sse"
)

// pausedStream is an answer that paused behind a search: every kind of block
// that has to go back as it was.
var pausedStream = frames(messageStart,
	blockStart(0, `{"type":"thinking","thinking":"","signature":""}`), blockDelta(0, `{"type":"thinking_delta","thinking":"h"}`),
	blockDelta(0, `{"type":"thinking_delta","thinking":"m"}`), blockDelta(0, `{"type":"signature_delta","signature":"Eq"}`), blockEnd(0),
	blockStart(1, `{"type":"text","text":"","citations":null}`), textDelta(1, `a\n`), textDelta(1, "b"),
	blockDelta(1, `{"type":"citations_delta","citation":{"type":"char_location","cited_text":"c"}}`), blockDelta(1, `{"type":"citations_delta","citation":{"type":"page_location"}}`), blockEnd(1),
	blockStart(2, `{"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{}}`), jsonDelta(2, `{\"query\":`), jsonDelta(2, `\"q\"}`), blockEnd(2),
	blockStart(3, `{"type":"web_search_tool_result","tool_use_id":"srvtoolu_1","content":[{"type":"web_search_result","encrypted_content":"EoX"}]}`), blockEnd(3),
	blockStart(4, `{"type":"server_tool_use","id":"srvtoolu_2","name":"web_search","input":{}}`), blockEnd(4),
	`{"type":"message_delta","delta":{"stop_reason":"pause_turn","container":{"id":"container_1","expires_at":"x"}},"usage":{"output_tokens":5}}`, messageStop)

const pausedContent = `[{"type":"thinking","thinking":"hm","signature":"Eq"},{"type":"text","text":"a\nb","citations":[{"type":"char_location","cited_text":"c"},{"type":"page_location"}]},` +
	`{"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{"query":"q"}},` +
	`{"type":"web_search_tool_result","tool_use_id":"srvtoolu_1","content":[{"type":"web_search_result","encrypted_content":"EoX"}]},` +
	`{"type":"server_tool_use","id":"srvtoolu_2","name":"web_search","input":{}}]`

func TestRemember(t *testing.T) {
	for _, remember := range []bool{false, true} {
		d := New().NewStreamDecoder()
		if remember {
			d.(translate.Rememberer).Remember()
		}
		var v translate.Validator
		var resume *translate.Resume
		searches := 0
		emit := func(ev *translate.Event) error {
			if ev.Type == translate.EventStop {
				resume = ev.Resume
			}
			if ev.Search != nil {
				searches++
			}
			return v.Check(ev)
		}
		r := sse.NewReader(strings.NewReader(pausedStream), nil, 0)
		for f, err := r.Next(); err == nil; f, err = r.Next() {
			if err := d.Decode(f, emit); err != nil {
				t.Fatal(err)
			}
		}
		switch {
		case !v.Ended() || searches != 2:
			t.Errorf("ended %v with %d searches, want an end and 2", v.Ended(), searches)
		case !remember && resume != nil:
			t.Errorf("got %s, want nothing from a decoder that was not told to remember", resume.Content)
		case remember && (resume == nil || string(resume.Content) != pausedContent || string(resume.Container) != `"container_1"`):
			t.Errorf("got %+v, want content %s", resume, pausedContent)
		}
	}
}

func TestAppendResume(t *testing.T) {
	body := `{"model":"m","max_tokens":9,"container":"container_0","messages":[{"role":"user","content":"a"}],"stream":true}`
	got := New().AppendResume([]byte("x"), []byte(body), []translate.Resume{{Content: lit(`[{"type":"text","text":"1"}]`)},
		{Content: lit(`[{"type":"text","text":"2"},{"type":"text","text":"3"}]`), Container: lit(`"container_1"`)}})
	want := `x{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"text","text":"1"},{"type":"text","text":"2"},{"type":"text","text":"3"}]}],"stream":true,"container":"container_1"}`
	if string(got) != want || !jsonlit.Valid(got[1:]) {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

// TestForeignSearch maps another vendor's web search.
func TestForeignSearch(t *testing.T) {
	search := &translate.SearchTool{Allowed: []value{lit(`"a.example"`)}, Blocked: []value{lit(`"b.example"`)}, MaxUses: lit("3"), Country: lit(`"CH"`)}
	r := &translate.Request{Dialect: translate.Responses, Turns: ask(text("a")), Tools: []translate.Tool{{Kind: translate.HostedTool, Name: "web_search", Search: search},
		{Kind: translate.HostedTool, Name: "code_interpreter"}}}
	rest := `"allowed_domains":["a.example"],"max_uses":3,"user_location":{"type":"approximate","country":"CH"}}]`
	for model, want := range map[string]string{
		"claude-opus-4-6":   `[{"type":"web_search_20260318","name":"web_search","allowed_callers":["direct"],` + rest,
		"claude-sonnet-4-5": `[{"type":"web_search_20250305","name":"web_search",` + rest,
	} {
		body, warn, err := encode(r, translate.Target{Capabilities: capability.Lookup(model)})
		if err != nil {
			t.Fatal(err)
		}
		if got := string(jsonlit.Get(lit(body), "tools")); got != want || warn != "dropped=web_search_blocked" {
			t.Errorf("%s: got %s and %q, want %s", model, got, warn, want)
		}
		if !New().MayPause(r, translate.Capabilities{}) {
			t.Error("an answer that searches may pause")
		}
	}
}
