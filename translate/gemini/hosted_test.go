package gemini

import (
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// TestForeignHostedTools holds that another vendor's hosted tool stays behind
// also in a conversation whose reasoning state has been restored.
func TestForeignHostedTools(t *testing.T) {
	for _, restored := range []bool{false, true} {
		r := &translate.Request{
			Dialect: translate.Responses, Restored: restored,
			Turns: []translate.Turn{{Parts: []translate.Part{{Kind: translate.Text, Text: jsonlit.Quote("hi")}}}},
			Tools: []translate.Tool{
				{Name: "f"},
				{Kind: translate.HostedTool, Name: "file_search", Raw: translate.Value(`{"type":"file_search"}`)},
			},
		}
		got, err := New().AppendRequest(nil, r, translate.Target{Model: "gemini-3", Losses: new(translate.Losses)})
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(got), "file_search") {
			t.Errorf("restored %v: the tool went along: %s", restored, got)
		}
	}
}
