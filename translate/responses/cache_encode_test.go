package responses

import (
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// TestBreakpoints writes the last four cache breakpoints for the models that
// take any, and none for the others.
func TestBreakpoints(t *testing.T) {
	part := func(ttl string) translate.Part {
		return translate.Part{Kind: translate.Text, Text: value(`"a"`), CacheTTL: ttl}
	}
	result := translate.Part{Kind: translate.ToolResult, Result: &translate.Result{CallID: "c", Parts: []translate.Part{part("5m"), part("")}}}
	r := &translate.Request{System: []translate.Part{part("1h")}, Turns: []translate.Turn{
		{Parts: []translate.Part{part("5m"), part(""), {Kind: translate.Image, Media: &translate.Media{Data: []byte("aGk=")}, CacheTTL: "30m"}}},
		{Role: translate.AssistantRole, Parts: []translate.Part{part("5m"), {Kind: translate.ToolCall, Call: &translate.Call{ID: "c", Name: "f"}}}},
		{Parts: []translate.Part{result, part("12h"), part("5m")}},
	}}
	for _, takes := range []bool{false, true} {
		body, err := New().AppendRequest(nil, r, translate.Target{Model: "m", Losses: new(translate.Losses), Capabilities: translate.Capabilities{CacheBreakpoints: takes}})
		if err != nil || jsonlit.Check(body) != nil {
			t.Fatalf("%v: %s", err, body)
		}
		var ttls []string
		for _, piece := range strings.Split(string(body), `"prompt_cache_breakpoint":{"mode":"explicit","ttl":"`)[1:] {
			ttls = append(ttls, piece[:strings.IndexByte(piece, '"')])
		}
		want := ""
		if takes {
			want = "30m 30m 12h 30m"
		}
		if got := strings.Join(ttls, " "); got != want {
			t.Errorf("takes %v: got %q, want %q: %s", takes, got, want, body)
		}
		if got := jsonlit.Get(body, "instructions") == nil; got != takes {
			t.Errorf("takes %v: instructions cannot hold a breakpoint: %s", takes, body)
		}
	}
}
