package upstream_test

import (
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/fairway-gateway/fairway/conformance/upstream"
)

// TestAgentSteps follows a longer task to its end: one tool call a step, whatever came of the one before.
func TestAgentSteps(t *testing.T) {
	schema := func(names ...string) []byte {
		props := ""
		for _, n := range names {
			props += `,"` + n + `":{"type":"string"}`
		}
		return []byte(`{"type":"object","properties":{` + props[1:] + `}}`)
	}
	tools := []upstream.Tool{
		{Kind: "function", Name: "Write", Schema: schema("file_path", "content")}, {Kind: "function", Name: "Bash", Schema: schema("command")},
		{Kind: "function", Name: "Read", Schema: schema("file_path")}, {Kind: "function", Name: "Edit", Schema: schema("file_path", "old_string", "new_string")},
	}
	turns := []upstream.Turn{{Role: "user", Parts: []upstream.Part{{Kind: "text",
		Text: "create a.txt containing one then run `cat missing` then read pixel.png then replace 'one' with 'two' in a.txt"}}}}
	for step, want := range []struct{ tool, path, value string }{
		{"Write", "content", "one\n"}, {"Bash", "command", "cat missing"}, {"Read", "file_path", "pixel.png"}, {"Edit", "new_string", "two"}, {},
	} {
		pieces := upstream.Agent(&upstream.Record{Seen: upstream.Seen{Tools: tools, Turns: turns}}).Pieces
		last := pieces[len(pieces)-1]
		if got := last.Name; got != want.tool {
			t.Fatalf("step %d: tool %q, want %q", step, got, want.tool)
		}
		if want.tool == "" {
			if !strings.HasPrefix(last.All(), "Done.") {
				t.Errorf("the end says %q, want Done.", last.All())
			}
			break
		}
		if got := gjson.Get(last.All(), want.path).String(); got != want.value {
			t.Errorf("step %d: %s = %q, want %q", step, want.path, got, want.value)
		}
		turns = append(turns,
			upstream.Turn{Role: "assistant", Parts: []upstream.Part{{Kind: "call", ID: "c", Name: last.Name}}},
			upstream.Turn{Role: "user", Parts: []upstream.Part{{Kind: "result", ID: "c", IsError: step == 1, Parts: []upstream.Part{{Kind: "text", Text: "ok"}}}}})
	}
}
