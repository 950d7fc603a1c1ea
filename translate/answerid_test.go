package translate

import "testing"

func TestBareID(t *testing.T) {
	for in, want := range map[string]string{
		"chatcmpl-9a":          "9a",
		"msg_01":               "01",
		"resp_chatcmpl-1":      "chatcmpl-1", // one vendor's prefix; what follows is the id
		"gen-17":               "17",
		"plain.id/with\nnoise": "plainidwithnoise",
		"0123456789012345":     "012345678901",
		"cmpl-":                "",
		"":                     "",
	} {
		if got := BareID(in, 12); len(want) <= 12 && got != want || len(got) > 12 {
			t.Errorf("BareID(%q, 12) = %q, want %q", in, got, want)
		}
	}
}
