package messages

import (
	"testing"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/carrier"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// TestFoundElsewhere brings an answer of another vendor that searched back to
// Anthropic, beside one of its own.
func TestFoundElsewhere(t *testing.T) {
	cited := text("a")
	cited.Citations = []translate.Citation{{URL: lit(`"https://a.example"`), Title: lit(`"A"`), End: 1}}
	answer, err := New().AppendResponse(nil, &translate.Response{Choices: []translate.Choice{{Stop: translate.StopEnd, Parts: []part{
		{Kind: translate.WebSearch, Search: &translate.Search{Queries: []value{lit(`"q"`)}}}, cited}}}}, translate.Reply{Request: &translate.Request{}})
	if err != nil {
		t.Fatal(err)
	}
	const own = `{"type":"server_tool_use","id":"srvtoolu_01A","name":"web_search","input":{}},{"type":"web_search_tool_result","tool_use_id":"srvtoolu_01A","content":[]},` +
		`{"type":"text","text":"b","citations":[{"type":"web_search_result_location","encrypted_index":"Eo"}]}`
	body := `{"messages":[{"role":"user","content":"x"},{"role":"assistant","content":` + string(jsonlit.Get(answer, "content")) + `},{"role":"user","content":"y"},{"role":"assistant","content":[` + own + `]}]}`
	if !carrier.In([]byte(body)) {
		t.Errorf("the quick look overlooks %s", body)
	}
	for name, judge := range map[string]func(value) value{"own state": func(v value) value { return v }, "no state": translate.NoState} {
		got := string(translate.AppendEdited(nil, []byte(body), New().EditState([]byte(body), judge)))
		want := `{"messages":[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"text","text":"a"}]},{"role":"user","content":"y"},{"role":"assistant","content":[` + own + `]}]}`
		if got != want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, want)
		}
	}
}
