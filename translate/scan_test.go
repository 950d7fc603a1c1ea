package translate

import (
	"errors"
	"strings"
	"testing"
)

func TestScan(t *testing.T) {
	body := `{"stream":true, "model" : "gpt-\u0034o","prompt_cache_key":"k","messages":[{"role":"system","content":"s"},{"role":"user","content":"hi"},{"role":"user","content":"2"}]}`
	e, err := Scan([]byte(body), "messages")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := e.Model, "gpt-4o"; got != want {
		t.Errorf("model = %q, want %q", got, want)
	}
	if got, want := body[e.Span[0]:e.Span[1]], `"gpt-\u0034o"`; got != want {
		t.Errorf("span holds %s, want %s", got, want)
	}
	if !e.Stream {
		t.Error("stream = false, want true")
	}
	if got, want := string(e.Session), `"k"`; got != want {
		t.Errorf("session = %s, want %s", got, want)
	}
	if got, want := string(e.FirstTurn), `{"role":"user","content":"hi"}`; got != want {
		t.Errorf("first turn = %s, want %s", got, want)
	}
}

func TestScanTurns(t *testing.T) {
	for name, tc := range map[string]struct{ turns, body, want string }{
		"string input":      {"input", `{"input":"hello"}`, `"hello"`},
		"gemini, no role":   {"contents", `{"contents":[{"parts":[{"text":"a"}]}]}`, `{"parts":[{"text":"a"}]}`},
		"gemini, one":       {"contents", `{"contents":{"role":"user","parts":[]}}`, `{"role":"user","parts":[]}`},
		"responses items":   {"input", `{"input":[{"type":"reasoning"},{"type":"message","role":"developer"},{"role":"user","content":"x"}]}`, `{"role":"user","content":"x"}`},
		"prompts":           {"prompt", `{"prompt":["a","b"]}`, `"a"`},
		"no user":           {"messages", `{"messages":[{"role":"assistant"}]}`, ""},
		"claude's metadata": {"messages", `{"metadata":{"user_id":"{\"a\":1}"},"messages":[]}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			e, err := Scan([]byte(tc.body), tc.turns)
			if err != nil {
				t.Fatal(err)
			}
			if got := string(e.FirstTurn); got != tc.want {
				t.Errorf("first turn = %s, want %s", got, tc.want)
			}
		})
	}
}

func TestScanRefuses(t *testing.T) {
	for name, tc := range map[string]struct{ body, param, message string }{
		"empty":           {"", "", "empty"},
		"not JSON":        {"model=x", "", "invalid JSON at byte 0"},
		"array":           {"[]", "", "must be a JSON object"},
		"string":          {`"x"`, "", "must be a JSON object"},
		"invalid UTF-8":   {"{\"model\":\"\xc3\x28\"}", "", "invalid UTF-8"},
		"two models":      {`{"model":"a","x":1,"model":"b"}`, "model", "twice"},
		"two of anything": {`{"zz":1,"zz":2}`, "zz", "twice"},
		"escaped name":    {`{"model":"a","mod\u0065l":"b"}`, `mod\u0065l`, "without escapes"},
		"model number":    {`{"model":4}`, "model", "must be a string"},
		"stream string":   {`{"model":"a","stream":"yes"}`, "stream", "must be a boolean"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Scan([]byte(tc.body), "messages")
			var e *Error
			if !errors.As(err, &e) || e.Kind != InvalidRequest {
				t.Fatalf("err = %v, want one of kind InvalidRequest", err)
			}
			if e.Param != tc.param || !strings.Contains(e.Message, tc.message) {
				t.Errorf("error = %q: %q, want %q: %q", e.Param, e.Message, tc.param, tc.message)
			}
		})
	}
}
