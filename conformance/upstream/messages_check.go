package upstream

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/anthropics/anthropic-sdk-go"

	"github.com/fairway-gateway/fairway/conformance/shape"
	"github.com/tidwall/gjson"
)

// messagesDialect is Anthropic's Messages dialect.
type messagesDialect struct{}

func (messagesDialect) name() Dialect { return Messages }

func (messagesDialect) key(r *http.Request) string {
	if k := r.Header.Get("x-api-key"); k != "" {
		return k
	}
	return strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
}

func (messagesDialect) badKey(key string) string {
	if key == "" {
		return "x-api-key header is required"
	}
	return "invalid x-api-key"
}

func (messagesDialect) noModel(id string) string { return "model: " + id }

func messagesRules() shape.Rules {
	return shape.Rules{
		Extra: []string{"stream"},
		Strings: []string{"MessageParam.content", "BetaMessageParam.content", "MessageNewParams.system", "BetaMessageNewParams.system",
			"ToolResultBlockParam.content", "BetaToolResultBlockParam.content"},
		Optional: []string{"BetaMessageParam.content"},
	}
}

func messagesProblems(ps []shape.Problem) *Fault {
	if len(ps) == 0 {
		return nil
	}
	p := ps[0]
	switch p.Kind {
	case shape.Unknown:
		return bad("", p.Dotted()+": Extra inputs are not permitted")
	case shape.Missing:
		return bad("", p.Dotted()+": Field required")
	}
	return bad("", p.Dotted()+": "+p.Detail)
}

func (messagesDialect) check(rec *Record) *Fault {
	rec.Model, rec.Stream = rec.Get("model").String(), rec.Get("stream").Bool()
	if rec.Header.Get("anthropic-version") == "" {
		return bad("", "anthropic-version: header is required")
	}
	beta := rec.Query.Get("beta") == "true" || rec.Header.Get("anthropic-beta") != ""
	var problems []shape.Problem
	switch {
	case rec.Op == CountTokens && beta:
		problems = shape.Check[anthropic.BetaMessageCountTokensParams](rec.Body, messagesRules())
	case rec.Op == CountTokens:
		problems = shape.Check[anthropic.MessageCountTokensParams](rec.Body, messagesRules())
	case beta:
		problems = shape.Check[anthropic.BetaMessageNewParams](rec.Body, messagesRules())
	default:
		problems = shape.Check[anthropic.MessageNewParams](rec.Body, messagesRules())
	}
	for _, check := range []func(*Record) *Fault{
		func(*Record) *Fault { return messagesProblems(problems) },
		messagesNumbers, messagesThinking, messagesTools, messagesTexts, messagesPairs, messagesCaching,
	} {
		if f := check(rec); f != nil {
			return f
		}
	}
	rec.Seen = seeMessages(rec)
	return nil
}

func messagesNumbers(rec *Record) *Fault {
	if t := rec.Get("temperature"); t.Exists() && (t.Num < 0 || t.Num > 1) {
		return bad("", "temperature: range: 0..1")
	}
	if n := rec.Get("max_tokens"); n.Exists() && n.Int() < 1 {
		return bad("", "max_tokens: must be greater than or equal to 1")
	}
	for i, s := range rec.Get("stop_sequences").Array() {
		if strings.TrimSpace(s.String()) == "" {
			return bad("", fmt.Sprintf("stop_sequences.%d: each stop sequence must contain non-whitespace", i))
		}
	}
	if len(rec.Get("messages").Array()) == 0 {
		return bad("", "messages: at least one message is required")
	}
	return nil
}

// messagesThinking holds the rules of https://docs.claude.com/en/docs/build-with-claude/extended-thinking.
func messagesThinking(rec *Record) *Fault {
	t := rec.Get("thinking")
	kind := t.Get("type").String()
	if kind == "" || kind == "disabled" {
		return nil
	}
	if kind == "enabled" {
		budget := t.Get("budget_tokens").Int()
		if budget < 1024 {
			return bad("", "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024")
		}
		if rec.Has("max_tokens") && budget >= rec.Get("max_tokens").Int() {
			return bad("", "`max_tokens` must be greater than `thinking.budget_tokens`.")
		}
	}
	if kind == "adaptive" && rec.Model == "claude-sonnet-4-5" {
		return bad("", "adaptive thinking is not supported on this model")
	}
	if temp := rec.Get("temperature"); temp.Exists() && temp.Num != 1 {
		return bad("", "`temperature` may only be set to 1 when thinking is enabled.")
	}
	if c := rec.Get("tool_choice.type").String(); c == "any" || c == "tool" {
		return bad("", "Thinking may not be enabled when tool_choice forces tool use.")
	}
	return nil
}

func toolID() *regexp.Regexp { return regexp.MustCompile(`^[a-zA-Z0-9_-]+$`) }

func messagesTools(rec *Record) *Fault {
	names := map[string]bool{}
	valid := regexp.MustCompile(`^[a-zA-Z0-9_-]{1,128}$`)
	for i, t := range rec.Get("tools").Array() {
		name := t.Get("name").String()
		if kind := t.Get("type").String(); (kind == "" || kind == "custom") && !valid.MatchString(name) {
			return bad("", fmt.Sprintf("tools.%d.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'", i))
		}
		if names[name] && name != "" {
			return bad("", "tools: Tool names must be unique.")
		}
		names[name] = true
	}
	c := rec.Get("tool_choice")
	if c.Exists() && len(names) == 0 {
		return bad("", "tool_choice: may only be specified while providing tools.")
	}
	if c.Get("type").String() == "tool" && !names[c.Get("name").String()] {
		return bad("", "Tool '"+c.Get("name").String()+"' not found in provided tools")
	}
	if f := rec.Get("output_config.format"); f.Exists() {
		if p := strictObjects(f.Get("schema")); p != "" {
			return bad("", "output_config.format.schema: "+p)
		}
	}
	return nil
}

// strictObjects is the one rule of https://docs.claude.com/en/docs/build-with-claude/structured-outputs#json-schema-limitations
// that translations break first.
func strictObjects(s gjson.Result) string {
	if s.Get("type").String() == "object" {
		if a := s.Get("additionalProperties"); !a.Exists() || a.Type != gjson.False {
			return "For 'object' type, 'additionalProperties' must be explicitly set to false"
		}
	}
	problem := ""
	s.Get("properties").ForEach(func(_, v gjson.Result) bool {
		problem = strictObjects(v)
		return problem == ""
	})
	if problem == "" && s.Get("items").IsObject() {
		problem = strictObjects(s.Get("items"))
	}
	return problem
}

// messagesTexts refuses empty text, which the service does wherever text stands.
func messagesTexts(rec *Record) *Fault {
	for i, b := range rec.Get("system").Array() {
		if b.IsObject() && strings.TrimSpace(b.Get("text").String()) == "" {
			return bad("", fmt.Sprintf("system.%d: text content blocks must be non-empty", i))
		}
	}
	all := rec.Get("messages").Array()
	for i, m := range all {
		if role := m.Get("role").String(); role != "user" && role != "assistant" && role != "system" {
			return bad("", fmt.Sprintf("messages.%d.role: Input should be 'user' or 'assistant'", i))
		}
		content := m.Get("content")
		last := i == len(all)-1
		empty := content.Type == gjson.String && content.String() == "" || content.IsArray() && len(content.Array()) == 0
		if empty && !(last && m.Get("role").String() == "assistant") {
			return bad("", fmt.Sprintf("messages.%d: all messages must have non-empty content except for the optional final assistant message", i))
		}
		if content.Type == gjson.String {
			if strings.TrimSpace(content.String()) == "" {
				return bad("", "messages: text content blocks must contain non-whitespace text")
			}
			continue
		}
		for _, b := range content.Array() {
			if b.Get("type").String() == "text" && strings.TrimSpace(b.Get("text").String()) == "" {
				return bad("", "messages: text content blocks must contain non-whitespace text")
			}
			if b.Get("type").String() == "thinking" && b.Get("signature").String() == "" {
				return bad("", fmt.Sprintf("messages.%d.content.0.thinking.signature: Field required", i))
			}
		}
	}
	if all[0].Get("role").String() == "assistant" {
		return bad("", "messages: first message must use the \"user\" role")
	}
	return nil
}

// messagesCaching bounds the breakpoints: https://docs.claude.com/en/docs/build-with-claude/prompt-caching.
func messagesCaching(rec *Record) *Fault {
	n := strings.Count(string(rec.Body), `"cache_control"`)
	if n > 4 {
		return bad("", fmt.Sprintf("A maximum of 4 blocks with cache_control may be provided. Found %d.", n))
	}
	return nil
}

// messagesPairs wants each tool_use answered at the head of the next user message, and no answer without its call.
func messagesPairs(rec *Record) *Fault {
	waiting := []string{}
	for i, m := range merged(rec.Get("messages").Array()) {
		answered := map[string]bool{}
		calls := []string{}
		tail := false
		for j, b := range m.blocks {
			switch b.Get("type").String() {
			case "tool_use":
				id := b.Get("id").String()
				if !toolID().MatchString(id) {
					return bad("", fmt.Sprintf("messages.%d.content.%d.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'", i, j))
				}
				if m.role != "assistant" {
					return bad("", fmt.Sprintf("messages.%d: `tool_use` blocks can only be in `assistant` messages", i))
				}
				calls = append(calls, id)
			case "tool_result":
				id := b.Get("tool_use_id").String()
				if m.role != "user" {
					return bad("", fmt.Sprintf("messages.%d: `tool_result` blocks can only be in `user` messages", i))
				}
				if tail {
					return bad("", fmt.Sprintf("messages.%d: `tool_use` ids were found without `tool_result` blocks immediately after: %s", i-1, id))
				}
				answered[id] = true
				known := false
				for _, w := range waiting {
					known = known || w == id
				}
				if !known {
					return bad("", fmt.Sprintf("messages.%d.content.%d: unexpected `tool_use_id` found in `tool_result` blocks: %s. Each `tool_result` block must have a corresponding `tool_use` block in the previous message.", i, j, id))
				}
			default:
				tail = true
			}
		}
		var open []string
		for _, id := range waiting {
			if !answered[id] {
				open = append(open, id)
			}
		}
		if len(open) > 0 {
			return bad("", fmt.Sprintf("messages.%d: `tool_use` ids were found without `tool_result` blocks immediately after: %s. Each `tool_use` block must have a corresponding `tool_result` block in the next message.", i-1, strings.Join(open, ", ")))
		}
		waiting = calls
	}
	if len(waiting) > 0 {
		return bad("", "messages: `tool_use` ids were found without `tool_result` blocks immediately after: "+strings.Join(waiting, ", "))
	}
	return nil
}

type mergedMessage struct {
	role   string
	blocks []gjson.Result
}

// merged joins neighbours of one role, as the service does before it looks; system messages inside the conversation
// stand apart from the pairing.
func merged(list []gjson.Result) []mergedMessage {
	var out []mergedMessage
	for _, m := range list {
		role := m.Get("role").String()
		if role == "system" {
			continue
		}
		var blocks []gjson.Result
		if c := m.Get("content"); c.IsArray() {
			blocks = c.Array()
		} else {
			blocks = []gjson.Result{gjson.Parse(`{"type":"text"}`)}
		}
		if n := len(out); n > 0 && out[n-1].role == role {
			out[n-1].blocks = append(out[n-1].blocks, blocks...)
			continue
		}
		out = append(out, mergedMessage{role, blocks})
	}
	return out
}
