package shape_test

import (
	"slices"
	"testing"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/responses"
	"google.golang.org/genai"

	"github.com/fairway-gateway/fairway/conformance/shape"
)

func paths(ps []shape.Problem) []string {
	var out []string
	for _, p := range ps {
		out = append(out, map[shape.Kind]string{shape.Unknown: "unknown ", shape.Missing: "missing ", shape.Mismatch: "mismatch "}[p.Kind]+p.Bracketed())
	}
	return out
}

func TestCheck(t *testing.T) {
	chat := shape.Check[openai.ChatCompletionNewParams]
	response := shape.Check[responses.ResponseNewParams]
	message := shape.Check[anthropic.MessageNewParams]
	content := shape.Check[genai.Content]
	tests := []struct {
		name  string
		check func([]byte, shape.Rules) []shape.Problem
		rules shape.Rules
		json  string
		want  []string
	}{
		{"sound", chat, shape.Rules{}, `{"model":"m","messages":[{"role":"user","content":"a"}],"stop":"x","temperature":0.5}`, nil},
		{"unknown field", chat, shape.Rules{}, `{"model":"m","messages":[],"top_k":1}`, []string{"unknown top_k"}},
		{"extra field", chat, shape.Rules{Extra: []string{"stream"}}, `{"model":"m","messages":[],"stream":true}`, nil},
		{"missing field", chat, shape.Rules{}, `{"model":"m"}`, []string{"missing messages"}},
		{"wrong type", chat, shape.Rules{}, `{"model":"m","messages":[],"n":"2"}`, []string{"mismatch n"}},
		{"decimal for an integer", chat, shape.Rules{}, `{"model":"m","messages":[],"n":2.5}`, []string{"mismatch n"}},
		{"null for an optional", chat, shape.Rules{}, `{"model":"m","messages":[],"n":null}`, nil},
		{"unknown role", chat, shape.Rules{}, `{"model":"m","messages":[{"role":"model","content":"a"}]}`, []string{"mismatch messages[0]"}},
		{"field of another variant", chat, shape.Rules{}, `{"model":"m","messages":[{"role":"user","content":"a","tool_call_id":"x"}]}`, []string{"unknown messages[0].tool_call_id"}},
		{"nested part", chat, shape.Rules{}, `{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"a","cache_control":{}}]}]}`,
			[]string{"unknown messages[0].content[0].cache_control"}},
		{"strict is required", response, shape.Rules{}, `{"tools":[{"type":"function","name":"f","parameters":{}}]}`, []string{"missing tools[0].strict"}},
		{"item by type", response, shape.Rules{}, `{"input":[{"type":"function_call_output","call_id":"c","output":"x","is_error":true}]}`, []string{"unknown input[0].is_error"}},
		{"blocks", message, shape.Rules{}, `{"model":"m","max_tokens":1,"messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","data":"x"}}]}]}`,
			[]string{"missing messages[0].content[0].source.media_type"}},
		{"string for blocks", message, shape.Rules{Strings: []string{"MessageParam.content"}}, `{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"a"}]}`, nil},
		{"open object", message, shape.Rules{}, `{"model":"m","max_tokens":1,"messages":[],"tools":[{"name":"f","input_schema":{"type":"object","$defs":{}}}]}`, nil},
		{"constant", message, shape.Rules{}, `{"model":"m","max_tokens":1,"messages":[],"tools":[{"name":"f","input_schema":{"type":"array"}}]}`,
			[]string{"mismatch tools[0].input_schema.type"}},
		{"lenient", content, shape.Rules{Lenient: true}, `{"parts":{"text":"a"}}`, nil},
		{"removed", content, shape.Rules{Unknown: []string{"Part.thought"}}, `{"parts":[{"thought":true}]}`, []string{"unknown parts[0].thought"}},
		{"allowed", content, shape.Rules{Allowed: []string{"Part.novel"}}, `{"parts":[{"novel":1}]}`, nil},
		{"alias", content, shape.Rules{Aliases: func(name string) []string { return []string{"the_" + name} }}, `{"the_parts":[]}`, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := paths(tt.check([]byte(tt.json), tt.rules)); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
