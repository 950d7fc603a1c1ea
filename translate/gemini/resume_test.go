package gemini

import (
	"testing"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

func TestAppendResume(t *testing.T) {
	paused := []translate.Resume{{Token: lit("b25l")}, {Token: lit("dHdv")}}
	for body, want := range map[string]string{
		`{"contents":[]}`: `{"continuationToken":"dHdv","contents":[]}`,
		` { } `:           `{"continuationToken":"dHdv"}`,
	} {
		got := New().AppendResume(nil, []byte(body), paused)
		if string(got) != want || jsonlit.Check(got) != nil {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if New().MayPause(nil, translate.Capabilities{}) || !New().MayPause(nil, translate.Capabilities{Continues: true}) {
		t.Error("the capability does not decide")
	}
}

// TestForeignSearch maps another vendor's web search, which stands alone here.
func TestForeignSearch(t *testing.T) {
	search := translate.Tool{Kind: translate.HostedTool, Name: "web_search", Search: &translate.SearchTool{}}
	r := &translate.Request{Dialect: translate.Responses, Tools: []translate.Tool{search}, Tier: "flex", Turns: []translate.Turn{user(text("hi"))}}
	body, warnings := encode(t, r, translate.Target{})
	if got := string(jsonlit.Get([]byte(body), "tools")); got != `[{"googleSearch":{}}]` || warnings != "" {
		t.Errorf("got %s and %q, want Google's search", got, warnings)
	}
	if got := jsonlit.Str(jsonlit.Get([]byte(body), "serviceTier")); got != "flex" {
		t.Errorf("tier: got %q, want flex", got)
	}
	r.Tier = "scale"
	r.Tools = append(r.Tools, translate.Tool{Name: "f"})
	body, warnings = encode(t, r, translate.Target{})
	if got := string(jsonlit.Get([]byte(body), "tools")); got != `[{"functionDeclarations":[{"name":"f"}]}]` || warnings != "dropped=web_search,service_tier" {
		t.Errorf("beside a function: got %s and %q", got, warnings)
	}
}
