package upstream

import (
	"slices"
	"strings"

	"github.com/openai/openai-go/v3/responses"

	"github.com/fairway-gateway/fairway/conformance/shape"
	"github.com/tidwall/gjson"
)

// responsesDialect is OpenAI's Responses dialect.
type responsesDialect struct{ openAI }

func (responsesDialect) name() Dialect { return Responses }

// responsesRules lists where the service is known to take less than the SDK's types call required: clients that store
// nothing replay items without ids and status.
func responsesRules() shape.Rules {
	return shape.Rules{
		Extra: []string{"stream", "client_metadata"},
		// Codex gives each input message an id.
		Allowed: []string{"EasyInputMessageParam.id", "ResponseInputItemMessageParam.id"},
		Optional: []string{
			"ResponseOutputMessageParam.id", "ResponseOutputMessageParam.status", "ResponseOutputMessageParam.type", "ResponseOutputTextParam.annotations",
			"ResponseReasoningItemParam.id", "ResponseInputImageParam.detail", "ResponseInputImageContentParam.detail",
			"EasyInputMessageParam.type",
		},
	}
}

func (responsesDialect) check(rec *Record) *Fault {
	if f := openAIContentType(rec); f != nil {
		return f
	}
	rec.Model, rec.Stream = rec.Get("model").String(), rec.Get("stream").Bool()
	if rec.Model == "" {
		return &Fault{Class: BadRequest, Message: "Missing required parameter: 'model'.", Param: "model", Code: "missing_required_parameter"}
	}
	if !rec.Has("input") {
		return &Fault{Class: BadRequest, Message: "Missing required parameter: 'input'.", Param: "input", Code: "missing_required_parameter"}
	}
	if f := openAIProblems(shape.Check[responses.ResponseNewParams](rec.Body, responsesRules())); f != nil {
		return f
	}
	if f := refuseSampling(rec); f != nil {
		return f
	}
	if n := rec.Get("max_output_tokens"); n.Exists() && n.Type == gjson.Number && n.Int() < 16 {
		return &Fault{Class: BadRequest, Param: "max_output_tokens", Code: "integer_below_min_value",
			Message: "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but got " + n.Raw + " instead."}
	}
	if f := responsesFormat(rec); f != nil {
		return f
	}
	if f := responsesTools(rec); f != nil {
		return f
	}
	rec.Seen = seeResponses(rec)
	if items := rec.Get("input"); items.IsArray() {
		return responsesPairs(items.Array())
	}
	return nil
}

func responsesFormat(rec *Record) *Fault {
	f := rec.Get("text.format")
	if f.Get("type").String() != "json_schema" {
		return nil
	}
	name := f.Get("name").String()
	if !functionName(name) {
		return bad("text.format.name", "Invalid 'text.format.name': string does not match pattern.")
	}
	if !f.Get("schema").IsObject() {
		return bad("text.format.schema", "Missing required parameter: 'text.format.schema'.")
	}
	// Strict is the default of text.format, unlike that of Chat's response_format.
	if strict := f.Get("strict"); strict.Bool() {
		if p := strictSchema(f.Get("schema"), "()"); p != "" {
			return &Fault{Class: BadRequest, Param: "text.format.schema", Code: "invalid_json_schema",
				Message: "Invalid schema for response_format '" + name + "': " + p}
		}
	}
	return nil
}

func responsesTools(rec *Record) *Fault {
	names := map[string]bool{}
	for _, t := range rec.Get("tools").Array() {
		kind := t.Get("type").String()
		name := t.Get("name").String()
		names[name] = true
		if (kind == "function" || kind == "custom") && !functionName(name) {
			return bad("tools", "Invalid 'tools[0].name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.")
		}
		if kind == "function" && t.Get("strict").Bool() {
			if p := strictSchema(t.Get("parameters"), "()"); p != "" {
				return bad("tools", "Invalid schema for function '"+name+"': "+p)
			}
		}
	}
	if c := rec.Get("tool_choice"); c.Get("type").String() == "function" && !names[c.Get("name").String()] {
		return bad("tool_choice", "Tool choice 'function' not found in 'tools' parameter.")
	}
	if rec.Get("tool_choice").String() == "required" && !rec.Get("tools.0").Exists() {
		return bad("tool_choice", "Tool choice 'required' must be specified with 'tools' parameter.")
	}
	return nil
}

// responsesPairs wants every call answered somewhere after it, no answer without its call, and ids of the right family.
func responsesPairs(items []gjson.Result) *Fault {
	calls, answered := []string{}, map[string]bool{}
	for i, item := range items {
		kind := item.Get("type").String()
		prefix := map[string]string{"function_call": "fc", "reasoning": "rs", "message": "msg"}[kind]
		if id := item.Get("id").String(); id != "" && prefix != "" && !strings.HasPrefix(id, prefix) {
			at := "input[" + itoa(i) + "].id"
			return &Fault{Class: BadRequest, Param: at, Code: "invalid_value",
				Message: "Invalid '" + at + "': '" + id + "'. Expected an ID that begins with '" + prefix + "'."}
		}
		if id := item.Get("call_id").String(); len(id) > 64 {
			return bad("input["+itoa(i)+"].call_id", "Invalid 'input["+itoa(i)+"].call_id': string too long. Expected a string with maximum length 64.")
		}
		id := item.Get("call_id").String()
		switch kind {
		case "function_call", "custom_tool_call":
			calls = append(calls, id)
		case "function_call_output", "custom_tool_call_output":
			if !slices.Contains(calls, id) {
				return bad("input", "No tool call found for function call output with call_id "+id+".")
			}
			answered[id] = true
		}
	}
	for _, id := range calls {
		if !answered[id] {
			return bad("input", "No tool output found for function call "+id+".")
		}
	}
	return nil
}
