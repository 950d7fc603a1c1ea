package translate_test

import (
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// These tests, and those of pitfall_stream_test.go, are named after a list of
// what gateways of this kind have got wrong, each by the mistake it guards
// against.

// dialect returns one of the dialects.
func dialect(name translate.Name) translate.Dialect {
	return translate.NewDialects(dialects()...).Get(name)
}

// sent is what an upstream is sent for a client's body, and the warnings.
func sent(t *testing.T, client translate.Name, body string, target translate.Name, c translate.Capabilities) (out, warnings string) {
	t.Helper()
	if err := jsonlit.Check([]byte(body)); err != nil {
		t.Fatal(err)
	}
	r, err := dialect(client).DecodeRequest([]byte(body), translate.Hint{Model: "m"})
	if err != nil {
		t.Fatal(err)
	}
	var losses translate.Losses
	_, b, err := write(dialect(target), r, c, &losses)
	if err != nil {
		t.Fatal(err)
	}
	if err := jsonlit.Check(b); err != nil {
		t.Fatal(err)
	}
	return string(b), losses.Warnings()
}

// member returns the member of a body that path names, compact.
func member(body string, path ...string) string {
	v := jsonlit.Get(translate.Value(body), path...)
	if v == nil {
		return ""
	}
	return compact(v)
}

func equal(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

// Two calls of the current turn, one of an earlier turn, none signed.
const unsignedCalls = `{"model":"m","messages":[{"role":"user","content":"a"},
	{"role":"assistant","tool_calls":[{"id":"c0","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c0","content":"0"},
	{"role":"assistant","content":"so"},{"role":"user","content":"b"},
	{"role":"assistant","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"c2","type":"function","function":{"name":"f","arguments":"{}"}}]},
	{"role":"tool","tool_call_id":"c1","content":"1"},{"role":"tool","tool_call_id":"c2","content":"2"}]}`

// Gemini refuses a current turn's first call without a signature.
func TestPitfall03SignatureMissing(t *testing.T) {
	out, _ := sent(t, translate.Chat, unsignedCalls, translate.Gemini, translate.Capabilities{Signatures: true})
	const sentinel = `"thoughtSignature":"skip_thought_signature_validator"`
	if n := strings.Count(out, sentinel); n != 1 {
		t.Errorf("%d sentinels, want one: %s", n, out)
	}
	if !strings.Contains(compact(translate.Value(out)), `{"functionCall":{"id":"c1","name":"f","args":{}},`+sentinel+`}`) {
		t.Errorf("the sentinel is not on the first call of the current turn: %s", out)
	}
}

// A call without its result makes Anthropic refuse the whole conversation.
func TestPitfall07ResultMissing(t *testing.T) {
	body := `{"model":"m","messages":[{"role":"user","content":"a"},
		{"role":"assistant","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"c2","type":"function","function":{"name":"g","arguments":"{}"}}]},
		{"role":"tool","tool_call_id":"c2","content":"2"},{"role":"user","content":"b"}]}`
	out, _ := sent(t, translate.Chat, body, translate.Messages, translate.Capabilities{})
	equal(t, member(out, "messages"), `[{"role":"user","content":[{"type":"text","text":"a"}]},`+
		`{"role":"assistant","content":[{"type":"tool_use","id":"c1","name":"f","input":{}},{"type":"tool_use","id":"c2","name":"g","input":{}}]},`+
		`{"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":[{"type":"text","text":"[no result]"}],"is_error":true},`+
		`{"type":"tool_result","tool_use_id":"c2","content":[{"type":"text","text":"2"}]},{"type":"text","text":"b"}]}]`)
}

// Text before a tool result makes Anthropic refuse, and other vendors miss it.
func TestPitfall08ResultBehindText(t *testing.T) {
	body := `{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"a"},
		{"role":"assistant","content":[{"type":"tool_use","id":"c1","name":"f","input":{}}]},
		{"role":"user","content":[{"type":"text","text":"and"},{"type":"tool_result","tool_use_id":"c1","content":"1"}]}]}`
	for target, want := range map[translate.Name]string{
		translate.Messages:  `"content":[{"type":"tool_result","tool_use_id":"c1","content":[{"type":"text","text":"1"}]},{"type":"text","text":"and"}]`,
		translate.Chat:      `{"role":"tool","tool_call_id":"c1","content":"1"},{"role":"user","content":"and"}`,
		translate.Responses: `{"type":"function_call_output","call_id":"c1","output":"1"},{"type":"message","role":"user","content":[{"type":"input_text","text":"and"}]}`,
		translate.Gemini:    `{"functionResponse":{"id":"c1","name":"f","response":{"output":"1"}}},{"text":"and"}`,
	} {
		if out, _ := sent(t, translate.Messages, body, target, translate.Capabilities{}); !strings.Contains(compact(translate.Value(out)), want) {
			t.Errorf("%s: want %s in\n%s", target, want, out)
		}
	}
}

// An assistant's empty text beside its calls must not take the calls with it.
func TestPitfall09EmptyTextBesideCalls(t *testing.T) {
	for _, content := range []string{`""`, `null`, `" \n"`, `[{"type":"text","text":""}]`} {
		body := `{"model":"m","messages":[{"role":"user","content":"a"},{"role":"assistant","content":` + content +
			`,"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c1","content":"1"}]}`
		out, _ := sent(t, translate.Chat, body, translate.Messages, translate.Capabilities{})
		if want := `{"role":"assistant","content":[{"type":"tool_use","id":"c1","name":"f","input":{}}]}`; !strings.Contains(out, want) {
			t.Errorf("content %s: want %s in\n%s", content, want, out)
		}
	}
}

// Anthropic refuses blocks of empty or blank text.
func TestPitfall10BlankText(t *testing.T) {
	body := `{"model":"m","messages":[{"role":"system","content":""},{"role":"user","content":""},{"role":"assistant","content":" "},
		{"role":"user","content":[{"type":"text","text":"\n\t"},{"type":"text","text":"b"},{"type":"text","text":"\u0020"}]}]}`
	out, _ := sent(t, translate.Chat, body, translate.Messages, translate.Capabilities{})
	for _, v := range []string{`"text":""`, `"text":" "`, `"text":"\n\t"`, `"text":"\u0020"`, `"content":[]`, `"system"`} {
		if strings.Contains(out, v) {
			t.Errorf("%s is in %s", v, out)
		}
	}
	if !strings.Contains(out, `{"type":"text","text":"b"}`) {
		t.Errorf("what was said is gone: %s", out)
	}
}

// Gemini's old schema fields refuse what JSON Schema knows and OpenAPI does not.
func TestPitfall23GeminiSchema(t *testing.T) {
	schema := `{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","properties":{
		"n":{"type":"integer","exclusiveMinimum":0,"const":7},"o":{"$ref":"#/$defs/o","maxLength":5}},"$defs":{"o":{"type":"string"}},"additionalProperties":false}`
	body := `{"model":"m","messages":[{"role":"user","content":"a"}],"tools":[{"type":"function","function":{"name":"f","parameters":` + schema + `}}],
		"response_format":{"type":"json_schema","json_schema":{"name":"r","schema":` + schema + `}}}`
	out, _ := sent(t, translate.Chat, body, translate.Gemini, translate.Capabilities{})
	for _, v := range []string{`"parameters":`, `"responseSchema":`, `"$schema"`} {
		if strings.Contains(out, v) {
			t.Errorf("%s is in %s", v, out)
		}
	}
	for _, v := range []string{`"parametersJsonSchema":`, `"responseJsonSchema":`, `"exclusiveMinimum":0`} {
		if !strings.Contains(out, v) {
			t.Errorf("%s is not in %s", v, out)
		}
	}
	if strings.Contains(compact(translate.Value(out)), `"$ref":"#/$defs/o","maxLength"`) {
		t.Errorf("a reference has a sibling: %s", out)
	}
}

// A tool's JSON is no JSON to Google: "$ref" in it would be resolved.
func TestPitfall24RefInResult(t *testing.T) {
	body := `{"model":"m","messages":[{"role":"user","content":"a"},{"role":"assistant","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]},
		{"role":"tool","tool_call_id":"c1","content":"{\"$ref\":\"#/x\"}"}]}`
	out, _ := sent(t, translate.Chat, body, translate.Gemini, translate.Capabilities{})
	if want := `"response":{"output":"{\"$ref\":\"#/x\"}"}`; !strings.Contains(out, want) {
		t.Errorf("want %s in %s", want, out)
	}
}

// New models refuse what old ones took: sampling, forced calls, thinking
// switched off. It is left out, and said.
func TestPitfall25RefusedByNewModels(t *testing.T) {
	body := `{"model":"m","messages":[{"role":"user","content":"a"}],"temperature":0.2,"top_p":0.5,"reasoning_effort":"none","tool_choice":"required",
		"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{}}}}]}`
	c := translate.Capabilities{NoSampling: true, NoForcedTool: true, NoThinkingOff: true, Thinking: translate.ThinkingAdaptive}
	out, warnings := sent(t, translate.Chat, body, translate.Messages, c)
	for _, v := range []string{`"temperature"`, `"top_p"`, `"disabled"`, `"any"`} {
		if strings.Contains(out, v) {
			t.Errorf("%s is in %s", v, out)
		}
	}
	equal(t, member(out, "tool_choice"), `{"type":"auto"}`)
	for _, v := range []string{"temperature", "top_p", "tool_choice", "reasoning"} {
		if !strings.Contains(warnings, v) {
			t.Errorf("%s is not in %q", v, warnings)
		}
	}
}

// Gateways that decode into maps and floats change numbers, escapes and order,
// and read another of two members of one name than the upstream does.
func TestPitfall30LiteralsStay(t *testing.T) {
	arguments := `{"z":12345678901234567890,"a":0.1000000000000000055,"h":"<b>&amp;</b>","z2":1E+400}`
	body := `{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"<&>\u0026"},
		{"role":"assistant","content":[{"type":"tool_use","id":"c1","name":"f","input":` + arguments + `}]},
		{"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":"1"}]}]}`
	for target, want := range map[translate.Name]string{
		translate.Chat: string(jsonlit.Quote(arguments)), translate.Responses: string(jsonlit.Quote(arguments)), translate.Gemini: arguments, translate.Messages: arguments,
	} {
		out, _ := sent(t, translate.Messages, body, target, translate.Capabilities{})
		for _, v := range []string{want, `"<&>\u0026"`} {
			if !strings.Contains(out, v) {
				t.Errorf("%s: %s is not in %s", target, v, out)
			}
		}
	}
	for _, body := range []string{`{"model":"a","model":"b","messages":[]}`, `{"mod\u0065l":"b","messages":[]}`, `{"model":"a","messages":[],"messages":[]}`} {
		if _, err := translate.Scan([]byte(body), "messages"); err == nil {
			t.Errorf("%s is accepted", body)
		}
	}
}
