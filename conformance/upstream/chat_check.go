package upstream

import (
	"regexp"
	"strings"

	"github.com/openai/openai-go/v3"

	"github.com/fairway-gateway/fairway/conformance/shape"
	"github.com/tidwall/gjson"
)

// chatDialect is the Chat Completions dialect as compatible servers speak it (vLLM, DeepSeek and their kin): reasoning comes
// and goes as reasoning_content.
type chatDialect struct{ openAI }

func (chatDialect) name() Dialect { return Chat }

func chatRules() shape.Rules {
	const m, d = "ChatCompletionAssistantMessageParam.", "ChatCompletionMessageFunctionToolCallParam."
	return shape.Rules{
		Extra:    []string{"stream"},
		Optional: []string{"ChatCompletionContentPartImageImageURLParam.detail"},
		Allowed:  []string{m + "reasoning_content", m + "reasoning", m + "reasoning_details", d + "extra_content"},
	}
}

// functionName is the rule of https://platform.openai.com/docs/api-reference/chat/create for tool names.
func functionName(name string) bool { return functionNames().MatchString(name) }

func functionNames() *regexp.Regexp { return regexp.MustCompile(`^[a-zA-Z0-9_-]{1,64}$`) }

func (chatDialect) check(rec *Record) *Fault {
	if f := openAIContentType(rec); f != nil {
		return f
	}
	rec.Model, rec.Stream = rec.Get("model").String(), rec.Get("stream").Bool()
	if f := openAIProblems(shape.Check[openai.ChatCompletionNewParams](rec.Body, chatRules())); f != nil {
		return f
	}
	if f := refuseSampling(rec); f != nil {
		return f
	}
	if f := chatTools(rec); f != nil {
		return f
	}
	if len(rec.Get("stop").Array()) > 4 {
		return bad("stop", "Invalid 'stop': array too long. Expected an array with maximum length 4.")
	}
	if rec.Has("stream_options") && !rec.Stream {
		return bad("stream_options", "The 'stream_options' parameter is only allowed when 'stream' is enabled.")
	}
	if s := rec.Get("response_format.json_schema"); s.Exists() {
		if !functionName(s.Get("name").String()) {
			return bad("response_format.json_schema.name", "Invalid 'response_format.json_schema.name': string does not match pattern.")
		}
		if s.Get("strict").Bool() {
			if p := strictSchema(s.Get("schema"), "()"); p != "" {
				return bad("response_format", "Invalid schema for response_format '"+s.Get("name").String()+"': "+p)
			}
		}
	}
	rec.Seen = seeChat(rec)
	return chatPairs(rec.Get("messages").Array())
}

func chatTools(rec *Record) *Fault {
	names := map[string]bool{}
	for _, t := range rec.Get("tools").Array() {
		name := t.Get("function.name").String() + t.Get("custom.name").String()
		if !functionName(name) {
			return bad("tools", "Invalid 'tools[0].function.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.")
		}
		names[name] = true
		if p := t.Get("function.parameters"); t.Get("function.strict").Bool() {
			if problem := strictSchema(p, "()"); problem != "" {
				return bad("tools", "Invalid schema for function '"+name+"': "+problem)
			}
		}
	}
	if want := rec.Get("tool_choice.function.name").String(); want != "" && !names[want] {
		return bad("tool_choice", "Tool choice '"+want+"' not found in 'tools' parameter.")
	}
	if (rec.Has("tool_choice") || rec.Has("parallel_tool_calls")) && len(names) == 0 {
		return bad("tool_choice", "'tool_choice' is only allowed when 'tools' are specified.")
	}
	return nil
}

// chatPairs wants every call answered directly after its message, and no answer without its call.
func chatPairs(list []gjson.Result) *Fault {
	if len(list) == 0 {
		return bad("messages", "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.")
	}
	waiting := map[string]bool{}
	for _, m := range list {
		role := m.Get("role").String()
		if role == "tool" {
			id := m.Get("tool_call_id").String()
			if !waiting[id] {
				return bad("messages", "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.")
			}
			delete(waiting, id)
			continue
		}
		if f := unanswered(waiting); f != nil {
			return f
		}
		calls := m.Get("tool_calls").Array()
		if role == "assistant" && len(calls) == 0 && m.Get("content").Type == gjson.Null && !m.Get("refusal").Exists() {
			return bad("messages", "Invalid value for 'content': expected a string, got null.")
		}
		for _, c := range calls {
			id := c.Get("id").String()
			if len(id) > 64 || id == "" {
				return bad("messages", "Invalid 'messages.tool_calls.id': string too long. Expected a string with maximum length 64.")
			}
			if c.Get("type").String() == "function" && !functionName(c.Get("function.name").String()) {
				return bad("messages", "Invalid 'messages.tool_calls.function.name': string does not match pattern.")
			}
			waiting[id] = true
		}
	}
	return unanswered(waiting)
}

func unanswered(waiting map[string]bool) *Fault {
	var ids []string
	for id := range waiting {
		ids = append(ids, id)
	}
	if len(ids) == 0 {
		return nil
	}
	return bad("messages", "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: "+strings.Join(ids, ", "))
}
