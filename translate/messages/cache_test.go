package messages

import (
	"testing"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// TestAutoCache has a prompt cached where the operator wants it and the client
// said nothing of it.
func TestAutoCache(t *testing.T) {
	marked := text("a")
	marked.CacheTTL = "1h"
	for _, tc := range []struct {
		auto bool
		part part
		op   translate.Operation
		want string
	}{
		{false, text("a"), translate.Generate, ""},
		{true, text("a"), translate.Generate, `{"type":"ephemeral"}`},
		{true, marked, translate.Generate, ""},
		{true, text("a"), translate.CountTokens, ""},
	} {
		body, _, err := encode(&translate.Request{Operation: tc.op, Turns: ask(tc.part)}, translate.Target{AutoCache: tc.auto})
		if err != nil {
			t.Fatal(err)
		}
		if got := string(jsonlit.Get(lit(body), "cache_control")); got != tc.want {
			t.Errorf("%+v: got %q: %s", tc, got, body)
		}
	}
}
