package accounts

import (
	"testing"
	"time"
)

func TestMatch(t *testing.T) {
	for _, tt := range []struct {
		pattern, name string
		want          bool
	}{
		{"claude-*", "claude-opus-5", true}, {"claude-*", "claude-", true}, {"claude-*", "claude", false}, {"*", "", true}, {"*", "a/b", true},
		{"", "", true}, {"", "a", false}, {"a", "A", false}, {"*-mini", "gpt-mini", true}, {"*-mini", "gpt-mini-2", false},
		{"a*b*c", "a1b2b3c", true}, {"a*b*c", "a1b2", false}, {"gpt-?", "gpt-5", true}, {"gpt-?", "gpt-", false}, {"**", "x", true},
		{"o3", "o3-mini", false}, {"*aab", "aaaaab", true}, {"meta/*", "meta/llama", true},
	} {
		if got := Match(tt.pattern, tt.name); got != tt.want {
			t.Errorf("%q on %q: got %t", tt.pattern, tt.name, got)
		}
	}
}

func TestNormalizeBaseURL(t *testing.T) {
	for _, tt := range []struct{ dialect, in, want string }{
		{"chat", "https://api.example.com/v1/", "https://api.example.com/v1"},
		{"chat", " https://API.Example.com/v1/chat/completions ", "https://api.example.com/v1"},
		{"chat", "https://x/v1/v1", "https://x/v1"},
		{"chat", "https://x", "https://x"},
		{"chat", "https://x/api/paas/v4", "https://x/api/paas/v4"},
		{"responses", "https://x/v1/responses/", "https://x/v1"},
		{"messages", "https://x/v1", "https://x"},
		{"messages", "https://x/v1/messages", "https://x"},
		{"messages", "https://x/anthropic/", "https://x/anthropic"},
		{"gemini", "https://x/v1beta", "https://x"},
		{"gemini", "https://x/v1beta/models/", "https://x"},
		{"gemini", "https://x/v1", "https://x"},
		{"messages", DemoBaseURL, DemoBaseURL},
	} {
		if got, err := NormalizeBaseURL(tt.dialect, tt.in); got != tt.want || err != nil {
			t.Errorf("%s %q: got %q, %v, want %q", tt.dialect, tt.in, got, err, tt.want)
		}
	}
	for _, in := range []string{"", "x", "localhost:8080", "ftp://x", "https://", "https://u:p@x", "https://x?key=1", "https://x#a", "http://[::1", "%zz"} {
		if got, err := NormalizeBaseURL("chat", in); err == nil {
			t.Errorf("%q: got %q, want an error", in, got)
		}
	}
}

func TestOutcomeNames(t *testing.T) {
	for o := OK; int(o) < NumOutcomes; o++ {
		if got, ok := ParseOutcome(o.String()); !ok || got != o || o.String() == "" {
			t.Errorf("%d: got %v, %t", o, got, ok)
		}
	}
	for o := Outcome(0); int(o) < NumOutcomes; o++ {
		text, _ := o.MarshalText()
		got := OK
		if err := got.UnmarshalText(text); err != nil || got != o {
			t.Errorf("%d: got %v, %v", o, got, err)
		}
	}
	if err := new(Outcome).UnmarshalText([]byte("nothing")); err == nil {
		t.Error("an unknown outcome is read")
	}
	for _, name := range []string{"", "nothing"} {
		if _, ok := ParseOutcome(name); ok {
			t.Errorf("%q is an outcome", name)
		}
	}
	if got := Outcome(200).String(); got != "" {
		t.Errorf("got %q", got)
	}
}

func TestCooldownFor(t *testing.T) {
	c := Cooldown{Base: time.Second, Factor: 2, Max: 5 * time.Second, After: 1}
	for n, want := range []time.Duration{0, 0, time.Second, 2 * time.Second, 4 * time.Second, 5 * time.Second} {
		if got := c.For(n); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
	if got := c.For(10_000); got != 5*time.Second {
		t.Errorf("got %s", got)
	}
	if got := (Cooldown{Base: time.Hour, Factor: 10, Max: 1000 * time.Hour}).For(5); got != MaxCooldown {
		t.Errorf("got %s, want the cap", got)
	}
}
