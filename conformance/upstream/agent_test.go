package upstream_test

import (
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/fairway-gateway/fairway/conformance/upstream"
)

func tool(kind, name, schema string) upstream.Tool {
	return upstream.Tool{Kind: kind, Name: name, Schema: []byte(schema)}
}

func TestAgentPicksATool(t *testing.T) {
	const file, shell = `{"type":"object","properties":{"file_path":{"type":"string"},"content":{"type":"string"}},"required":["file_path","content"]}`,
		`{"type":"object","properties":{"command":{"type":"string"},"description":{"type":"string"}},"required":["command","description"]}`
	tests := []struct {
		name, task string
		tools      []upstream.Tool
		want       string
		args       map[string]string
	}{
		{"a writer", "Create hello.txt containing hello world.", []upstream.Tool{tool("function", "Bash", shell), tool("function", "Write", file)}, "Write",
			map[string]string{"file_path": "/home/me/app/hello.txt", "content": "hello world\n"}},
		{"the shell, by wish", "With the shell, create a.md containing x", []upstream.Tool{tool("function", "Write", file), tool("function", "Bash", shell)}, "Bash",
			map[string]string{"command": `printf '%s\n' 'x' > a.md`, "description": "Create a.md"}},
		{"a list command", "Create a.md containing x", []upstream.Tool{tool("function", "shell", `{"type":"object","properties":{"command":{"type":"array"}}}`)}, "shell",
			map[string]string{"command.2": `printf '%s\n' 'x' > a.md`}},
		{"Codex", "Create a.md containing x", []upstream.Tool{tool("function", "exec_command", `{"properties":{"cmd":{"type":"string"},"yield_time_ms":{"type":"number"}},"required":["cmd"]}`)}, "exec_command",
			map[string]string{"cmd": `printf '%s\n' 'x' > a.md`, "yield_time_ms": ""}},
		{"no task", "Hello!", []upstream.Tool{tool("function", "Write", file)}, "", nil},
		{"no tools", "Create a.md", nil, "", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rec := &upstream.Record{Seen: upstream.Seen{System: []string{"Stay in the <b>working directory.</b> - Primary working directory: /home/me/app\nPlatform: linux"}, Tools: tt.tools,
				Turns: []upstream.Turn{{Role: "user", Parts: []upstream.Part{{Kind: "text", Text: "<context>ignore.me</context>\n\n" + tt.task}}}}}}
			reply := upstream.Agent(rec)
			last := reply.Pieces[len(reply.Pieces)-1]
			if last.Name != tt.want {
				t.Fatalf("got the tool %q, want %q", last.Name, tt.want)
			}
			for path, want := range tt.args {
				if got := gjson.Get(last.All(), path).String(); got != want {
					t.Errorf("%s: got %q, want %q", path, got, want)
				}
			}
			if tt.want == "" {
				return
			}
			rec.Seen.Turns = append(rec.Seen.Turns, upstream.Turn{Role: "assistant", Parts: []upstream.Part{{Kind: "call", ID: "c"}}},
				upstream.Turn{Role: "user", Parts: []upstream.Part{{Kind: "result", ID: "c", Parts: []upstream.Part{{Kind: "text", Text: "File created"}}}, {Kind: "text", Text: "<reminder>"}}})
			done := upstream.Agent(rec).Pieces
			if text := done[len(done)-1].All(); !strings.Contains(text, "File created") {
				t.Errorf("after the result: got %q", text)
			}
		})
	}
}

func TestAgentPatches(t *testing.T) {
	rec := &upstream.Record{Seen: upstream.Seen{Tools: []upstream.Tool{{Kind: "custom", Name: "apply_patch"}},
		Turns: []upstream.Turn{{Role: "user", Parts: []upstream.Part{{Kind: "text", Text: "Use apply_patch to create b.txt containing y"}}}}}}
	pieces := upstream.Agent(rec).Pieces
	last := pieces[len(pieces)-1]
	if want := "*** Begin Patch\n*** Add File: b.txt\n+y\n*** End Patch\n"; !last.Custom || last.All() != want {
		t.Errorf("got custom %v %q, want %q", last.Custom, last.All(), want)
	}
}

func TestAgentFillsASchema(t *testing.T) {
	rec := &upstream.Record{Seen: upstream.Seen{Schema: []byte(`{"type":"OBJECT","properties":{"a":{"type":"STRING"},"b":{"enum":["x","y"]},"c":{"type":"array"}},"required":["a","b"]}`)}}
	if got, want := upstream.Agent(rec).Pieces[0].All(), `{"a":"sample","b":"x"}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
