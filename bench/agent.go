package main

import (
	"fmt"
	"strings"
)

// agentBytes is the size of the agent's request, agentTools the number of its tools: what a coding agent sends some
// twenty steps into a task.
const (
	agentBytes = 75 << 10
	agentTools = 25
)

// agentRequest is the request of a coding agent that speaks Messages: a long system prompt with cache breakpoints, many
// tools with nested schemas, thinking, tool calls and their results, a system turn between them.
type agentRequest struct {
	Model             string   `json:"model"`
	Messages          []object `json:"messages"`
	System            []object `json:"system"`
	Tools             []tool   `json:"tools"`
	Metadata          object   `json:"metadata"`
	MaxTokens         int      `json:"max_tokens"`
	Thinking          object   `json:"thinking"`
	ContextManagement object   `json:"context_management"`
	OutputConfig      object   `json:"output_config"`
	Stream            bool     `json:"stream"`
}

type tool struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	InputSchema object `json:"input_schema"`
	Cache       object `json:"cache_control,omitempty"`
}

var cached = object{"type": "ephemeral"}

// agentHeaders are what such an agent sends beside the dialect's own.
func agentHeaders() []string {
	return append(messagesDialect().headers,
		"Anthropic-Beta: interleaved-thinking-2025-05-14,context-management-2025-06-27")
}

// agentBody returns the agent's request, exactly agentBytes long. The part that varies to make it so is the last result.
func agentBody(model string) []byte {
	return sized(agentBytes, func(c conversation) []byte {
		var read []string
		for _, t := range c.turns {
			read = append(read, t.text)
		}
		return encode(agentRequest{
			Model:             model,
			Messages:          agentMessages(strings.Join(read, "\n")),
			System:            agentSystem(),
			Tools:             agentToolset(),
			Metadata:          object{"user_id": `{"device_id":"5f1c","account_uuid":"","session_id":"7b0d2c52-1f0e-4f27-9a37-2f3f6f1f4c11"}`},
			MaxTokens:         32000,
			Thinking:          object{"type": "adaptive"},
			ContextManagement: object{"edits": []object{{"type": "clear_thinking_20251015", "keep": "all"}}},
			OutputConfig:      object{"effort": "medium"},
			Stream:            true,
		})
	})
}

func agentSystem() []object {
	return []object{
		{"type": "text", "text": "You are a coding agent that works in the user's repository."},
		{"type": "text", "text": text(0, 6<<10), "cache_control": cached},
		{"type": "text", "text": "Working directory: /home/ann/orders\nPlatform: linux\n" + text(40, 1<<10), "cache_control": cached},
	}
}

// toolNames are the functions that coding agents commonly have; the rest of agentTools are numbered.
var toolNames = []string{
	"Read", "Write", "Edit", "Glob", "Grep", "Shell", "ShellOutput", "KillShell", "Fetch", "Search", "TodoWrite", "Task", "Notebook",
}

func agentToolset() []tool {
	tools := make([]tool, agentTools)
	for i := range tools {
		tools[i] = tool{Name: toolName(i), Description: text(i, 900), InputSchema: toolSchema(i)}
	}
	tools[agentTools-1].Cache = cached
	return tools
}

func toolName(i int) string {
	if i < len(toolNames) {
		return toolNames[i]
	}
	return fmt.Sprintf("mcp__tracker__operation_%02d", i)
}

func toolSchema(i int) object {
	return object{
		"$schema": "https://json-schema.org/draft/2020-12/schema",
		"type":    "object",
		"properties": object{
			"file_path": object{"type": "string", "description": "The absolute path of the file to work on"},
			"limit":     object{"type": "integer", "minimum": 1, "maximum": 2000 + i, "description": "How many lines at most"},
			"mode":      object{"type": "string", "enum": []string{"content", "files", "count"}, "default": "files"},
			"edits": object{
				"type": "array", "minItems": 1,
				"items": object{
					"type": "object", "additionalProperties": false, "required": []string{"old", "new"},
					"properties": object{
						"old": object{"type": "string", "description": "The text to replace, \"exactly\" as it stands"},
						"new": object{"type": "string"},
						"all": object{"type": "boolean", "default": false},
					},
				},
			},
		},
		"required":             []string{"file_path"},
		"additionalProperties": false,
	}
}

// agentMessages is the history: a task, eight steps of thinking, calling and reading, and a last result that holds rest.
func agentMessages(rest string) []object {
	messages := []object{{"role": "user", "content": []object{
		{"type": "text", "text": "<system-reminder>\n" + text(9, 1500) + "</system-reminder>"},
		{"type": "text", "text": "Find out why orders are saved twice, and mend it.", "cache_control": cached},
	}}}
	const steps = 8
	for i := range steps {
		id := fmt.Sprintf("toolu_bench%04d", i)
		messages = append(messages, object{"role": "assistant", "content": []object{
			{"type": "thinking", "thinking": text(i*3, 400), "signature": strings.Repeat("QmVuY2g", 20) + "=="},
			{"type": "text", "text": "I look at the next file."},
			{"type": "tool_use", "id": id, "name": toolName(i % 6), "input": object{
				"file_path": fmt.Sprintf("/home/ann/orders/store/part%d.go", i), "limit": 400, "mode": "content",
			}},
		}})
		result := object{"type": "tool_result", "tool_use_id": id, "content": text(i*5, 1200)}
		switch i {
		case 3: // a command that failed
			result["is_error"] = true
		case steps - 1:
			result["content"] = []object{{"type": "text", "text": rest}}
			result["cache_control"] = cached
		}
		messages = append(messages, object{"role": "user", "content": []object{result}})
		if i == 4 {
			messages = append(messages, object{"role": "system", "content": "The user has opened store/part4.go in the editor."})
		}
	}
	return messages
}
