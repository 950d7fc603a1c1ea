package credential

import (
	"bytes"
	"context"
	stdjson "encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
)

func TestKey(t *testing.T) {
	for _, tt := range []struct{ in, fingerprint string }{
		{"sk-0123456789abcdefa1b2", "sk-…a1b2"},
		{"  sk-ant-api03-0123456789abcdefwxyz\n", "sk-…wxyz"},
		{"AIzaSy0123456789abcd", "…abcd"},
		{"sk-0123456789ab", "…"},
		{"sk-0123456789abcd", "…abcd"},
		{"short", "…"},
	} {
		k, err := NewKey(tt.in)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := k.Token(context.Background()); got != strings.TrimSpace(tt.in) {
			t.Errorf("token: got %q", got)
		}
		if got := k.Fingerprint(); got != tt.fingerprint {
			t.Errorf("fingerprint: got %q, want %q", got, tt.fingerprint)
		}
	}
	for _, in := range []string{"", " \n", "two words", "line\nbreak", "kéy", "nul\x00"} {
		if _, err := NewKey(in); err == nil || in != "" && strings.Contains(err.Error(), "words") {
			t.Errorf("%q: got %v, want an error that does not quote it", in, err)
		}
	}
}

func TestKeyIsNeverShown(t *testing.T) {
	const secret = "sk-verysecret-0123456789abcdef"
	k, err := NewKey(secret)
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "key", k, "in", struct{ K *Key }{k})
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "key", k)
	a, _ := json.Marshal(map[string]any{"k": k})
	b, _ := stdjson.Marshal(map[string]any{"k": k})
	shown := log.String() + string(a) + string(b) + fmt.Sprintf("%v %+v %#v %s %q %d %x", k, k, k, k, k, k, k)
	if strings.Contains(shown, "verysecret") || !strings.Contains(shown, "sk-…cdef") {
		t.Errorf("got %s", shown)
	}
}

func TestSame(t *testing.T) {
	a, _ := NewKey("sk-0123456789abcdefa1b2")
	b, _ := NewKey("sk-0123456789abcdefa1b2")
	c, _ := NewKey("sk-0123456789abcdXXa1b2")
	if !a.Same(b) || a.Same(c) || a.Same(None()) || a.Same(nil) {
		t.Error("equal keys are told apart, or different ones are not")
	}
}
