package upstream_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/fairway-gateway/fairway/conformance/upstream"
)

func send(t *testing.T, a *upstream.Account, path, body string, header map[string]string) (int, string, http.Header) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, strings.TrimSuffix(a.BaseURL(), "/v1")+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	switch a.Dialect {
	case upstream.Messages:
		r.Header.Set("x-api-key", a.Key)
		r.Header.Set("anthropic-version", "2023-06-01")
	case upstream.Gemini:
		r.Header.Set("x-goog-api-key", a.Key)
	default:
		r.Header.Set("Authorization", "Bearer "+a.Key)
	}
	for k, v := range header {
		r.Header.Set(k, v)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b), resp.Header
}

func paths() map[upstream.Dialect]string {
	return map[upstream.Dialect]string{upstream.Chat: "/v1/chat/completions", upstream.Completions: "/v1/completions", upstream.Responses: "/v1/responses",
		upstream.Messages: "/v1/messages", upstream.Gemini: "/v1beta/models/gemini-3-flash:generateContent"}
}

func TestRefusals(t *testing.T) {
	s := upstream.Start()
	t.Cleanup(s.Close)
	const (
		tools     = `"tools":[{"name":"f","input_schema":{"type":"object"}}]`
		functions = `"tools":[{"type":"function","name":"f","strict":false,"parameters":{}}]`
		message   = `{"model":"claude-sonnet-4-5","max_tokens":10,"messages":`
		hi        = `[{"role":"user","content":"hi"}]`
	)
	tests := []struct {
		dialect    upstream.Dialect
		name, body string
		want       string
	}{
		{upstream.Chat, "not JSON", `{`, "could not parse"},
		{upstream.Chat, "unknown field", `{"model":"local-chat","messages":` + hi + `,"top_k":3}`, "Unknown parameter: 'top_k'"},
		{upstream.Chat, "no messages", `{"model":"local-chat"}`, "Missing required parameter: 'messages'"},
		{upstream.Chat, "empty messages", `{"model":"local-chat","messages":[]}`, "empty array"},
		{upstream.Chat, "unknown model", `{"model":"x","messages":` + hi + `}`, "does not exist"},
		{upstream.Chat, "result without call", `{"model":"local-chat","messages":[{"role":"tool","tool_call_id":"a","content":"x"}]}`, "must be a response to a preceeding message"},
		{upstream.Chat, "call without result", `{"model":"local-chat","messages":[{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"user","content":"x"}]}`, "did not have response messages: a"},
		{upstream.Chat, "long id", `{"model":"local-chat","messages":[{"role":"assistant","tool_calls":[{"id":"` + strings.Repeat("a", 65) + `","type":"function","function":{"name":"f","arguments":"{}"}}]}]}`, "maximum length 64"},
		{upstream.Chat, "usage without stream", `{"model":"local-chat","messages":` + hi + `,"stream_options":{"include_usage":true}}`, "only allowed when 'stream'"},
		{upstream.Chat, "loose strict schema", `{"model":"local-chat","messages":` + hi + `,"response_format":{"type":"json_schema","json_schema":{"name":"a","strict":true,"schema":{"type":"object","properties":{}}}}}`, "additionalProperties"},
		{upstream.Completions, "unknown field", `{"model":"local-chat","prompt":"a","messages":[]}`, "Unknown parameter: 'messages'"},
		{upstream.Responses, "no input", `{"model":"gpt-4.1"}`, "Missing required parameter: 'input'"},
		{upstream.Responses, "strict missing", `{"model":"gpt-4.1","input":"a","tools":[{"type":"function","name":"f","parameters":{}}]}`, "tools[0].strict"},
		{upstream.Responses, "stop", `{"model":"gpt-4.1","input":"a","stop":["x"]}`, "Unknown parameter: 'stop'"},
		{upstream.Responses, "temperature for a thinking model", `{"model":"gpt-5.6","input":"a","temperature":0.5}`, "Unsupported parameter: 'temperature'"},
		{upstream.Responses, "small limit", `{"model":"gpt-4.1","input":"a","max_output_tokens":5}`, "below minimum value"},
		{upstream.Responses, "result without call", `{"model":"gpt-4.1",` + functions + `,"input":[{"type":"function_call_output","call_id":"c","output":"x"}]}`, "No tool call found"},
		{upstream.Responses, "call without result", `{"model":"gpt-4.1","input":[{"type":"function_call","call_id":"c","name":"f","arguments":"{}"}]}`, "No tool output found"},
		{upstream.Responses, "id of another family", `{"model":"gpt-4.1","input":[{"type":"reasoning","id":"msg_1","summary":[]}]}`, "begins with 'rs'"},
		{upstream.Messages, "no max_tokens", `{"model":"claude-sonnet-4-5","messages":` + hi + `}`, "max_tokens: Field required"},
		{upstream.Messages, "unknown field", message + hi + `,"n":1}`, "n: Extra inputs are not permitted"},
		{upstream.Messages, "nested unknown field", message + `[{"role":"user","content":[{"type":"text","text":"a","name":"b"}]}]}`, "messages.0.content.0.name: Extra inputs"},
		{upstream.Messages, "no messages", message + `[]}`, "at least one message"},
		{upstream.Messages, "empty text", message + `[{"role":"user","content":[{"type":"text","text":" "}]}]}`, "non-whitespace"},
		{upstream.Messages, "empty content", message + `[{"role":"user","content":[]}]}`, "non-empty content"},
		{upstream.Messages, "assistant first", message + `[{"role":"assistant","content":"a"},{"role":"user","content":"b"}]}`, "first message"},
		{upstream.Messages, "unknown role", message + `[{"role":"robot","content":"a"}]}`, "messages.0.role"},
		{upstream.Messages, "hot", message + hi + `,"temperature":1.5}`, "temperature: range"},
		{upstream.Messages, "result without call", message + `[{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"x"}]}],` + tools + `}`, "unexpected `tool_use_id`"},
		{upstream.Messages, "call without result", message + `[{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{}}]},{"role":"user","content":"b"}],` + tools + `}`, "without `tool_result` blocks immediately after: t"},
		{upstream.Messages, "text before result", message + `[{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{}}]},{"role":"user","content":[{"type":"text","text":"b"},{"type":"tool_result","tool_use_id":"t","content":"x"}]}],` + tools + `}`, "immediately after"},
		{upstream.Messages, "odd id", message + `[{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"tool_use","id":"a.b:0","name":"f","input":{}}]}],` + tools + `}`, "should match pattern"},
		{upstream.Messages, "unsigned thinking", message + `[{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"thinking","thinking":"x","signature":""}]},{"role":"user","content":"b"}]}`, "signature: Field required"},
		{upstream.Messages, "schema is no object", message + hi + `,"tools":[{"name":"f","input_schema":{"type":"string"}}]}`, "input_schema.type"},
		{upstream.Messages, "forced tool while thinking", `{"model":"claude-opus-4-6","max_tokens":10,"messages":` + hi + `,"thinking":{"type":"adaptive"},"tool_choice":{"type":"any"},` + tools + `}`, "forces tool use"},
		{upstream.Messages, "budget over limit", `{"model":"claude-sonnet-4-5","max_tokens":2000,"messages":` + hi + `,"thinking":{"type":"enabled","budget_tokens":2000}}`, "must be greater than"},
		{upstream.Messages, "choice without tools", message + hi + `,"tool_choice":{"type":"auto"}}`, "while providing tools"},
		{upstream.Gemini, "unknown name", `{"contents":[{"role":"user","parts":[{"text":"a"}]}],"generationConfig":{"stop":["x"]}}`, `Unknown name \"stop\" at 'generationConfig': Cannot find field.`},
		{upstream.Gemini, "schema keyword", `{"contents":[{"role":"user","parts":[{"text":"a"}]}],"tools":[{"functionDeclarations":[{"name":"f","parameters":{"type":"object","properties":{"a":{"type":"string","const":"x"}}}}]}]}`, `Unknown name \"const\"`},
		{upstream.Gemini, "no contents", `{}`, "contents is not specified"},
		{upstream.Gemini, "empty part", `{"contents":[{"role":"user","parts":[{}]}]}`, "oneof field 'data'"},
		{upstream.Gemini, "role of another dialect", `{"contents":[{"role":"assistant","parts":[{"text":"a"}]}]}`, "valid role"},
		{upstream.Gemini, "too few responses", `{"contents":[{"role":"user","parts":[{"text":"a"}]},{"role":"model","parts":[{"functionCall":{"name":"f"},"thoughtSignature":"YQ=="},{"functionCall":{"name":"f"}}]},{"role":"user","parts":[{"functionResponse":{"name":"f","response":{}}}]}]}`, "number of function response parts"},
		{upstream.Gemini, "response of another name", `{"contents":[{"role":"user","parts":[{"text":"a"}]},{"role":"model","parts":[{"functionCall":{"name":"f"},"thoughtSignature":"YQ=="}]},{"role":"user","parts":[{"functionResponse":{"name":"g","response":{}}}]}]}`, "does not match"},
		{upstream.Gemini, "unsigned call", `{"contents":[{"role":"user","parts":[{"text":"a"}]},{"role":"model","parts":[{"functionCall":{"name":"f"}}]},{"role":"user","parts":[{"functionResponse":{"name":"f","response":{}}}]}]}`, "missing a thought_signature"},
		{upstream.Gemini, "bad base64", `{"contents":[{"role":"user","parts":[{"text":"a","thoughtSignature":"gw1.x"}]}]}`, "Base64 decoding failed"},
		{upstream.Gemini, "schema without mime type", `{"contents":[{"role":"user","parts":[{"text":"a"}]}],"generationConfig":{"responseJsonSchema":{}}}`, "response_mime_type"},
	}
	for _, tt := range tests {
		t.Run(string(tt.dialect)+"/"+tt.name, func(t *testing.T) {
			a := s.Account(tt.dialect)
			a.Reply(upstream.Reply{Pieces: []upstream.Piece{upstream.Say("accepted")}})
			status, body, _ := send(t, a, paths()[tt.dialect], tt.body, nil)
			if status/100 != 4 || !strings.Contains(body, tt.want) {
				t.Errorf("got %d %s, want a 4xx with %q", status, body, tt.want)
			}
			if recs := a.Records(); len(recs) != 1 || recs[0].Refused == nil {
				t.Errorf("the refusal is not on record")
			}
		})
	}
}

// TestAccepted sends what agent programs really send and the vendors take, although the SDKs' types say otherwise.
func TestAccepted(t *testing.T) {
	s := upstream.Start()
	t.Cleanup(s.Close)
	tests := []struct {
		dialect    upstream.Dialect
		name, body string
	}{
		{upstream.Responses, "Codex", `{"model":"gpt-5.6","client_metadata":{},"input":[{"type":"message","id":"msg_1","role":"developer","content":[{"type":"input_text","text":"a"}]},
			{"type":"reasoning","summary":[],"content":null,"encrypted_content":"x"},{"type":"message","role":"assistant","content":[{"type":"output_text","text":"b"}]}]}`},
		{upstream.Responses, "AI SDK", `{"model":"gpt-5.6","input":[{"role":"user","content":[{"type":"input_text","text":"a"}]},{"role":"assistant","id":"msg_1","content":[{"type":"output_text","text":"b"}]}]}`},
		{upstream.Messages, "Claude Code", `{"model":"claude-opus-4-6","max_tokens":9,"system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral"}}],"messages":[
			{"role":"user","content":"a"},{"role":"system","content":"b"},{"role":"user","content":[{"type":"text","text":"c"}]}],"thinking":{"type":"adaptive"},"metadata":{"user_id":"{}"}}`},
		{upstream.Chat, "OpenCode", `{"model":"local-chat","max_tokens":9,"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"","tool_calls":[{"id":"x","type":"function","function":{"name":"f","arguments":"{}"}}]},
			{"role":"tool","tool_call_id":"x","content":"r"}]}`},
		{upstream.Gemini, "documentation", `{"contents":[{"role":"USER","parts":[{"text":"a"}]}],"system_instruction":{"parts":{"text":"s"}},"generation_config":{"max_output_tokens":"9"}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := s.Account(tt.dialect)
			a.Reply(upstream.Reply{Pieces: []upstream.Piece{upstream.Say("accepted")}})
			if status, body, _ := send(t, a, paths()[tt.dialect], tt.body, nil); status != http.StatusOK {
				t.Errorf("got %d %s, want 200", status, body)
			}
		})
	}
}

func TestFaultsInEachVendorsShape(t *testing.T) {
	s := upstream.Start()
	t.Cleanup(s.Close)
	sound := map[upstream.Dialect]string{
		upstream.Chat: `{"model":"local-chat","messages":[{"role":"user","content":"a"}]}`, upstream.Responses: `{"model":"gpt-4.1","input":"a"}`,
		upstream.Messages: `{"model":"claude-sonnet-4-5","max_tokens":9,"messages":[{"role":"user","content":"a"}]}`,
		upstream.Gemini:   `{"contents":[{"parts":[{"text":"a"}]}]}`,
	}
	tests := []struct {
		dialect upstream.Dialect
		class   upstream.Class
		status  int
		path    string
		want    string
	}{
		{upstream.Chat, upstream.RateLimited, 429, "error.code", "rate_limit_exceeded"},
		{upstream.Responses, upstream.NoModel, 404, "error.code", "model_not_found"},
		{upstream.Responses, upstream.Quota, 429, "error.type", "insufficient_quota"},
		{upstream.Messages, upstream.Overloaded, 529, "error.type", "overloaded_error"},
		{upstream.Messages, upstream.RateLimited, 429, "error.type", "rate_limit_error"},
		{upstream.Gemini, upstream.Overloaded, 503, "error.status", "UNAVAILABLE"},
		{upstream.Gemini, upstream.RateLimited, 429, "error.details.1.retryDelay", "7s"},
	}
	for _, tt := range tests {
		t.Run(string(tt.dialect)+"/"+string(tt.class), func(t *testing.T) {
			a := s.Account(tt.dialect)
			a.Reply(upstream.Reply{Fault: &upstream.Fault{Class: tt.class, Message: "sorry", RetryAfter: "7"}})
			status, body, header := send(t, a, paths()[tt.dialect], sound[tt.dialect], nil)
			if got := gjson.Get(body, tt.path).String(); status != tt.status || got != tt.want {
				t.Errorf("got %d and %q, want %d and %q: %s", status, got, tt.status, tt.want, body)
			}
			if got := header.Get("Retry-After"); (got == "7") == (tt.dialect == upstream.Gemini) {
				t.Errorf("Retry-After: got %q", got)
			}
		})
	}
	for d, body := range sound {
		a := s.Account(d)
		known := a.Key
		a.Key = "sk-unknown-key-0001"
		status, answer, _ := send(t, a, paths()[d], body, nil)
		want := http.StatusUnauthorized
		if d == upstream.Gemini {
			want = http.StatusBadRequest
		}
		if status != want || strings.Contains(answer, known) {
			t.Errorf("%s with a wrong key: got %d %s, want %d", d, status, answer, want)
		}
	}
	if got := len(s.Strays()); got != len(sound) {
		t.Errorf("strays: got %d, want %d", got, len(sound))
	}
}

func TestCut(t *testing.T) {
	s := upstream.Start()
	t.Cleanup(s.Close)
	for _, clean := range []bool{true, false} {
		a := s.Account(upstream.Chat)
		a.Reply(upstream.Reply{Pieces: []upstream.Piece{upstream.Say("Hello")}, Cut: &upstream.Cut{At: 100, Clean: clean}})
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, a.BaseURL()+"/chat/completions",
			strings.NewReader(`{"model":"local-chat","stream":true,"messages":[{"role":"user","content":"a"}]}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+a.Key)
		r.Header.Set("Content-Type", "application/json")
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if len(b) != 100 || (err == nil) != clean {
			t.Errorf("clean %v: got %d bytes and %v, want 100", clean, len(b), err)
		}
	}
}
