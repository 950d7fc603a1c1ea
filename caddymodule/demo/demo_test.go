package demo

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// ask sends a request to the demo and returns status, header and body.
func ask(t *testing.T, method, path, body string) (int, http.Header, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, "demo://local"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Anthropic-Version", "2023-06-01")
	res, err := Transport{}.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, res.Header, string(data)
}

func send(t *testing.T, body string) reply {
	t.Helper()
	status, _, data := ask(t, "POST", "/v1/messages", body)
	if got, want := status, 200; got != want {
		t.Fatalf("status = %d, want %d: %s", got, want, data)
	}
	var msg reply
	if err := json.Unmarshal([]byte(data), &msg); err != nil {
		t.Fatalf("%v in %s", err, data)
	}
	return msg
}

const weather = `[{"name":"get_time","input_schema":{"type":"object"}},
	{"name":"get_weather","description":"Weather","input_schema":{"type":"object",
	"properties":{"city":{"type":"string"},"days":{"type":"integer","minimum":3},"unit":{"enum":["C","F"]}},
	"required":["city","days","unit"]}}]`

func messagesRequest(members, messages string) string {
	return fmt.Sprintf(`{"model":"some-model","max_tokens":1000%s,"messages":%s}`, members, messages)
}

func user(text string) string { return fmt.Sprintf(`[{"role":"user","content":%q}]`, text) }

func TestAnswersInPlainWords(t *testing.T) {
	msg := send(t, messagesRequest(`,"system":"Be kind."`, user("Hello  there,\ngateway")))
	if got, want := msg.StopReason, "end_turn"; got != want {
		t.Errorf("stop_reason = %q, want %q", got, want)
	}
	if got, want := msg.Model, "some-model"; got != want {
		t.Errorf("model = %q, want %q", got, want)
	}
	text := *msg.Content[0].Text
	for _, want := range []string{"demo account", "no account is usable", "“Hello there, gateway”", "Caddyfile.example",
		"ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY"} {
		if !strings.Contains(text, want) {
			t.Errorf("answer %q lacks %q", text, want)
		}
	}
	if got, want := msg.Usage, (usage{InputTokens: (8 + 21 + 1 + 3) / 4, OutputTokens: tokens(len([]rune(text)))}); got != want {
		t.Errorf("usage = %+v, want %+v", got, want)
	}
	if got, want := msg, send(t, messagesRequest(`,"system":"Be kind."`, user("Hello  there,\ngateway"))); got.ID != want.ID {
		t.Errorf("the same request got the id %q and then %q", want.ID, got.ID)
	}
}

func TestQuotesWhatTheUserSaidLast(t *testing.T) {
	msg := send(t, messagesRequest("", `[{"role":"user","content":"first"},{"role":"assistant","content":"hm"},
		{"role":"user","content":[{"type":"text","text":"reminder"},{"type":"text","text":"second"}]},
		{"role":"system","content":"mid"}]`))
	if got, want := *msg.Content[0].Text, "You said: “second”"; !strings.Contains(got, want) {
		t.Errorf("answer %q lacks %q", got, want)
	}
}

func TestStopsWhereItIsTold(t *testing.T) {
	for _, tc := range []struct {
		name, body, text, reason, sequence string
		output                             int64
	}{
		{"stop sequence", messagesRequest(`,"stop_sequences":["never","built"]`, user("x")), "This is Fairway's ", "stop_sequence", "built", 5},
		{"max_tokens", `{"model":"m","max_tokens":2,"messages":` + user("x") + `}`, "This is ", "max_tokens", "", 2},
		{"max_tokens zero", `{"model":"m","max_tokens":0,"messages":` + user("x") + `}`, "", "max_tokens", "", 0},
		{"the limit first", `{"model":"m","max_tokens":1,"stop_sequences":["built"],"messages":` + user("x") + `}`, "This", "max_tokens", "", 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			msg := send(t, tc.body)
			text, sequence := "", ""
			if len(msg.Content) > 0 {
				text = *msg.Content[0].Text
			}
			if msg.StopSequence != nil {
				sequence = *msg.StopSequence
			}
			if text != tc.text || msg.StopReason != tc.reason || sequence != tc.sequence || msg.Usage.OutputTokens != tc.output {
				t.Errorf("got %q, %q, %q, %d; want %q, %q, %q, %d", text, msg.StopReason, sequence, msg.Usage.OutputTokens,
					tc.text, tc.reason, tc.sequence, tc.output)
			}
		})
	}
}

func TestCallsTools(t *testing.T) {
	result := `[{"role":"user","content":"get_weather please"},
		{"role":"assistant","content":[{"type":"tool_use","id":"toolu_1","name":"get_weather","input":{}}]},
		{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":[{"type":"text","text":"22 degrees"}]}]}]`
	for _, tc := range []struct {
		name, choice, messages string
		call, input            string
	}{
		{"named by the user", "", user("What does GET_WEATHER say?"), "get_weather", `{"city":"demo","days":3,"unit":"C"}`},
		{"any tool", "", user("Please use a tool."), "get_time", `{}`},
		{"not spoken of", "", user("forget_weather"), "", ""},
		{"forbidden", `,"tool_choice":{"type":"none"}`, user("get_weather"), "", ""},
		{"demanded", `,"tool_choice":{"type":"any"}`, user("hello"), "get_time", `{}`},
		{"demanded but named", `,"tool_choice":{"type":"any"}`, user("get_weather"), "get_weather", `{"city":"demo","days":3,"unit":"C"}`},
		{"demanded by name", `,"tool_choice":{"type":"tool","name":"get_weather"}`, result, "get_weather", `{"city":"demo","days":3,"unit":"C"}`},
		{"after a result", "", result, "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			msg := send(t, messagesRequest(`,"tools":`+weather+tc.choice, tc.messages))
			name, input, reason := "", "", "end_turn"
			for _, p := range msg.Content {
				if p.Type == "tool_use" {
					name, input, reason = p.Name, string(p.Input), "tool_use"
				}
			}
			if name != tc.call || input != tc.input || msg.StopReason != reason {
				t.Errorf("got %s %s and %s, want %s %s and %s", name, input, msg.StopReason, tc.call, tc.input, reason)
			}
		})
	}
	msg := send(t, messagesRequest(`,"tools":`+weather, result))
	if got, want := *msg.Content[0].Text, "The tool answered: “22 degrees”"; !strings.Contains(got, want) {
		t.Errorf("answer %q lacks %q", got, want)
	}
}

func TestFollowsASchema(t *testing.T) {
	msg := send(t, messagesRequest(`,"output_config":{"format":{"type":"json_schema","schema":{"type":"object",
		"properties":{"name":{"type":"string"}},"required":["name"]}}}`, user("x")))
	if got, want := *msg.Content[0].Text, `{"name":"demo"}`; got != want {
		t.Errorf("text = %s, want %s", got, want)
	}
}

func TestStreamsTheSameMessage(t *testing.T) {
	for _, tc := range []struct{ name, members, text string }{
		{"text", "", "Grüße, 世界 " + strings.Repeat("世界", 40)},
		{"tool", `,"tools":` + weather, "get_weather"},
		{"cut", `,"stop_sequences":["This"]`, "x"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			whole := send(t, messagesRequest(tc.members, user(tc.text)))
			status, header, data := ask(t, "POST", "/v1/messages", messagesRequest(tc.members+`,"stream":true`, user(tc.text)))
			if got, want := header.Get("Content-Type"), "text/event-stream; charset=utf-8"; status != 200 || got != want {
				t.Fatalf("status %d, content type %q, want 200 and %q", status, got, want)
			}
			streamed := gather(t, data)
			for i := range streamed.Content { // ids are made from the request, which differs
				streamed.Content[i].ID = whole.Content[i].ID
			}
			streamed.ID = whole.ID
			got, _ := json.Marshal(streamed)
			want, _ := json.Marshal(whole)
			if string(got) != string(want) {
				t.Errorf("streamed %s\nwant     %s", got, want)
			}
		})
	}
}

// gather checks the order of a stream's events and puts its message together.
func gather(t *testing.T, stream string) reply {
	t.Helper()
	var msg reply
	open, ended, parts := -1, false, ""
	for frame := range strings.SplitSeq(strings.TrimSuffix(stream, "\n\n"), "\n\n") {
		name, data, _ := strings.Cut(frame, "\n")
		var ev struct {
			Type    string   `json:"type"`
			Message reply    `json:"message"`
			Index   int      `json:"index"`
			Block   piece    `json:"content_block"`
			Delta   anyDelta `json:"delta"`
			Usage   usage    `json:"usage"`
		}
		if err := json.Unmarshal([]byte(strings.TrimPrefix(data, "data: ")), &ev); err != nil {
			t.Fatalf("%v in %s", err, frame)
		}
		if got, want := name, "event: "+ev.Type; got != want || ended {
			t.Fatalf("event line %q, want %q; after the end: %t", got, want, ended)
		}
		switch ev.Type {
		case "message_start":
			msg = ev.Message
		case "content_block_start":
			if open >= 0 || ev.Index != len(msg.Content) {
				t.Fatalf("block %d started while %d is open and %d have been", ev.Index, open, len(msg.Content))
			}
			open, parts = ev.Index, ""
			msg.Content = append(msg.Content, ev.Block)
		case "content_block_delta":
			if ev.Index != open {
				t.Fatalf("delta for block %d, open is %d", ev.Index, open)
			}
			parts += ev.Delta.Text + ev.Delta.PartialJSON
		case "content_block_stop":
			if p, text := &msg.Content[open], parts; p.Type == "text" {
				p.Text = &text
			} else {
				p.Input = jsontext.Value(text)
			}
			open = -1
		case "message_delta":
			msg.StopReason, msg.StopSequence, msg.Usage = ev.Delta.StopReason, ev.Delta.StopSequence, ev.Usage
		case "message_stop":
			ended = true
		}
	}
	if !ended || open >= 0 {
		t.Fatalf("ended = %t with block %d open", ended, open)
	}
	return msg
}

type anyDelta struct {
	Text         string  `json:"text"`
	PartialJSON  string  `json:"partial_json"`
	StopReason   string  `json:"stop_reason"`
	StopSequence *string `json:"stop_sequence"`
}

func TestCountsAndLists(t *testing.T) {
	for _, tc := range []struct{ method, path, body, want string }{
		{"POST", "/v1/messages/count_tokens", `{"model":"m","messages":` + user("12345678") + `}`, `{"input_tokens":2}`},
		{"POST", "/v1/messages/count_tokens", `{"model":"m","messages":[{"role":"user","content":[{"type":"image"}]}]}`, `{"input_tokens":1000}`},
		{"GET", "/v1/models/demo", "", `{"type":"model","id":"demo","display_name":"Demo (no account is usable)","created_at":"2026-01-01T00:00:00Z"}`},
		{"GET", "/v1/models", "", `{"data":[{"type":"model","id":"demo","display_name":"Demo (no account is usable)","created_at":"2026-01-01T00:00:00Z"}],"has_more":false,"first_id":"demo","last_id":"demo"}`},
	} {
		status, _, got := ask(t, tc.method, tc.path, tc.body)
		if status != 200 || got != tc.want {
			t.Errorf("%s %s = %d %s, want 200 %s", tc.method, tc.path, status, got, tc.want)
		}
	}
}

func TestRefuses(t *testing.T) {
	for _, tc := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"GET", "/v1/messages", "", 405, "Method Not Allowed"},
		{"POST", "/v1/models", "{}", 405, "Method Not Allowed"},
		{"POST", "/v1/complete", "{}", 404, "not_found_error"},
		{"GET", "/v1/models/other", "", 404, "not_found_error"},
		{"POST", "/v1/messages", "{", 400, "not valid JSON"},
		{"POST", "/v1/messages", `{"model":"m","model":"n"}`, 400, "not valid JSON"},
		{"POST", "/v1/messages", `{"max_tokens":1,"messages":` + user("x") + `}`, 400, "model: Field required"},
		{"POST", "/v1/messages", `{"model":"m","messages":` + user("x") + `}`, 400, "max_tokens: Field required"},
		{"POST", "/v1/messages", `{"model":"m","max_tokens":-1,"messages":` + user("x") + `}`, 400, "max_tokens"},
		{"POST", "/v1/messages", messagesRequest("", `[]`), 400, "at least one message"},
		{"POST", "/v1/messages", messagesRequest("", `[{"role":"tool","content":"x"}]`), 400, "messages.0.role"},
		{"POST", "/v1/messages", messagesRequest("", `[{"role":"user","content":7}]`), 400, "messages.0.content"},
		{"POST", "/v1/messages/count_tokens", `{"model":"m","messages":[]}`, 400, "at least one message"},
	} {
		status, _, got := ask(t, tc.method, tc.path, tc.body)
		if status != tc.status || !strings.Contains(got, tc.want) || !strings.HasPrefix(got, `{"type":"error","error":{"type":`) {
			t.Errorf("%s %s %s = %d %s, want %d with %q", tc.method, tc.path, tc.body, status, got, tc.status, tc.want)
		}
	}
}

func TestRefusesWithoutVersion(t *testing.T) {
	r, _ := http.NewRequestWithContext(t.Context(), "GET", "demo://local/v1/models", nil)
	res, err := Transport{}.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := res.StatusCode, 400; got != want {
		t.Errorf("status = %d, want %d", got, want)
	}
}

func TestHonoursTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r, _ := http.NewRequestWithContext(ctx, "GET", "demo://local/v1/models", nil)
	if _, err := (Transport{}).RoundTrip(r); err != context.Canceled {
		t.Errorf("error = %v, want %v", err, context.Canceled)
	}
}
