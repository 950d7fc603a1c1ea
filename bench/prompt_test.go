package main

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

func TestTextHasItsLengthAndIsValid(t *testing.T) {
	for n := range 700 {
		got := text(n%9, n)
		if len(got) != n || !utf8.ValidString(got) {
			t.Fatalf("text(%d, %d): got %d bytes, valid %v", n%9, n, len(got), utf8.ValidString(got))
		}
	}
}

func TestConverseAlternatesAndEndsWithTheUser(t *testing.T) {
	for _, n := range []int{0, 500, turnBytes, turnBytes + 1, 3 * turnBytes, 100 << 10} {
		turns := converse(n, 3).turns
		for i, turn := range turns {
			want := "user"
			if i%2 == 1 {
				want = "assistant"
			}
			if turn.role != want {
				t.Errorf("converse(%d): turn %d: got role %s, want %s", n, i, turn.role, want)
			}
		}
		last := turns[len(turns)-1]
		if last.role != "user" || !strings.HasSuffix(last.text, "xxx"+promptEnd) {
			t.Errorf("converse(%d): got last turn of %s, ending %q", n, last.role, last.text[max(0, len(last.text)-30):])
		}
	}
}

func TestBodiesHaveTheirSizeAndAreValidJSON(t *testing.T) {
	for _, d := range dialects() {
		for _, size := range []int{smallPrompt, largePrompt} {
			for _, stream := range []bool{false, true} {
				body := d.body("bench-"+d.name, size, stream)
				if len(body) != size {
					t.Errorf("%s, stream %v: got %d bytes, want %d", d.name, stream, len(body), size)
				}
				if !jsontext.Value(body).IsValid() {
					t.Errorf("%s, stream %v, %d bytes: not valid JSON", d.name, stream, size)
				}
				if n := bytes.Count(body, []byte(promptEnd)); n != 1 {
					t.Errorf("%s: got the prompt's end %d times, want once", d.name, n)
				}
				if again := d.body("bench-"+d.name, size, stream); !bytes.Equal(body, again) {
					t.Errorf("%s: two bodies of the same size differ", d.name)
				}
			}
		}
	}
}

func TestSizedRefusesAFrameThatIsTooLarge(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("got a body of 10 bytes, want a panic")
		}
	}()
	chatDialect().body("m", 10, false)
}

func TestAgentBody(t *testing.T) {
	body := agentBody("bench-chat")
	if len(body) != agentBytes {
		t.Errorf("got %d bytes, want %d", len(body), agentBytes)
	}
	var got struct {
		Messages []struct {
			Role    string `json:"role"`
			Content any    `json:"content"`
		} `json:"messages"`
		Tools []struct {
			Name        string         `json:"name"`
			InputSchema jsontext.Value `json:"input_schema"`
		} `json:"tools"`
		Stream bool `json:"stream"`
	}
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Tools) != agentTools || !got.Stream {
		t.Errorf("got %d tools, stream %v; want %d, true", len(got.Tools), got.Stream, agentTools)
	}
	names := map[string]bool{}
	for _, tool := range got.Tools {
		names[tool.Name] = true
		if tool.InputSchema.Kind() != '{' {
			t.Errorf("tool %s: got a schema of kind %v, want an object", tool.Name, tool.InputSchema.Kind())
		}
	}
	if len(names) != agentTools {
		t.Errorf("got %d different tool names, want %d", len(names), agentTools)
	}
	roles := map[string]int{}
	calls, results := map[any]bool{}, map[any]bool{}
	for _, m := range got.Messages {
		roles[m.Role]++
		blocks, _ := m.Content.([]any)
		for _, block := range blocks {
			switch b := block.(map[string]any); b["type"] {
			case "tool_use":
				calls[b["id"]] = true
			case "tool_result":
				results[b["tool_use_id"]] = calls[b["tool_use_id"]]
			}
		}
	}
	if roles["system"] != 1 || roles["assistant"] != 8 {
		t.Errorf("got roles %v, want one system turn and eight of the assistant", roles)
	}
	if len(results) != len(calls) {
		t.Errorf("got %d results for %d calls", len(results), len(calls))
	}
	for id, answered := range results {
		if !answered {
			t.Errorf("result of %v comes without or before its call", id)
		}
	}
}
