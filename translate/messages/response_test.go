package messages

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

func TestDecodeResponse(t *testing.T) {
	thought := part{Kind: translate.Thinking, Text: lit(`"hm"`), Signature: lit(`"Eq"`)}
	use := func(id string, args translate.Arguments) part {
		return part{Kind: translate.ToolCall, Call: &call{ID: id, Name: "f", Arguments: args}}
	}
	cited := text(`é\ud83d\ude00`)
	cited.Citations = []translate.Citation{{URL: lit(`"https://e.example"`), Title: lit(`"T"`), End: 2}}
	for name, tc := range map[string]struct {
		body  string // the members content, stop_reason, …
		parts []part
		stop  translate.StopReason
		seq   string
	}{
		"text":     {body: `"content":[{"type":"text","text":"a"}],"stop_reason":"end_turn"`, parts: []part{text("a")}, stop: translate.StopEnd},
		"thinking": {body: `"content":[{"type":"thinking","thinking":"hm","signature":"Eq"},{"type":"redacted_thinking","data":"E"},{"type":"text","text":"a"}],"stop_reason":"max_tokens"`, parts: []part{thought, {Kind: translate.Thinking, Signature: lit(`"E"`)}, text("a")}, stop: translate.StopLength},
		"calls": {body: `"content":[{"type":"tool_use","id":"t1","name":"f","input":{"a":1}},{"type":"tool_use","name":"f","input":"{\"b\":2}"},{"type":"tool_use","id":"t3","name":"f"}],"stop_reason":"end_turn"`,
			parts: []part{use("t1", translate.Arguments{Object: lit(`{"a":1}`)}), use(translate.CallID("f", 1), translate.Arguments{Text: lit(`"{\"b\":2}"`)}), use("t3", translate.Arguments{Object: lit(`{}`)})}, stop: translate.StopToolUse},
		"server tools": {body: `"content":[{"type":"server_tool_use","id":"s","name":"web_search","input":{}},{"type":"web_search_tool_result","tool_use_id":"s","content":[]},{"type":"text","text":"é\ud83d\ude00","citations":[{"type":"web_search_result_location","url":"https://e.example","title":"T"},{"type":"char_location"}]}],"stop_reason":"pause_turn"`,
			parts: []part{{Kind: translate.WebSearch, Search: &translate.Search{ID: "s"}}, cited}, stop: translate.StopPause},
		"sequence":      {body: `"content":[],"stop_reason":"stop_sequence","stop_sequence":"END"`, stop: translate.StopSequence, seq: `"END"`},
		"refusal":       {body: `"content":[],"stop_reason":"refusal","stop_details":{"type":"refusal","explanation":"No."}`, parts: []part{{Kind: translate.Refusal, Text: lit(`"No."`)}}, stop: translate.StopRefusal},
		"context":       {body: `"content":[],"stop_reason":"model_context_window_exceeded"`, stop: translate.StopContext},
		"no reason":     {body: `"content":[{"type":"text","text":"a"},{"type":"text"},7],"stop_reason":null`, parts: []part{text("a")}, stop: translate.StopEnd},
		"unknown block": {body: `"content":[{"type":"hologram"}],"stop_reason":"novelty"`, stop: translate.StopEnd},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := New().DecodeResponse([]byte(`{"id":"msg_1","type":"message","role":"assistant","model":"m",` + tc.body +
				`,"usage":{"input_tokens":1,"cache_read_input_tokens":2,"cache_creation_input_tokens":3,"output_tokens":4}}`))
			if err != nil {
				t.Fatal(err)
			}
			want := &translate.Response{ID: "msg_1", Model: "m", Usage: &translate.Usage{Input: 6, CacheRead: 2, CacheWrite: 3, Output: 4},
				Choices: []translate.Choice{{Parts: tc.parts, Stop: tc.stop}}}
			if tc.stop == translate.StopPause {
				content, _, _ := strings.Cut(strings.TrimPrefix(tc.body, `"content":`), `,"stop_reason"`)
				want.Choices[0].Resume = &translate.Resume{Content: lit(content)}
			}
			if tc.seq != "" {
				want.Choices[0].StopSequence = lit(tc.seq)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("\n got %s\nwant %s", show(got), show(want))
			}
		})
	}
}

func TestDecodeResponseErrors(t *testing.T) {
	for body, want := range map[string]translate.ErrorKind{
		``:                       translate.Upstream,
		`<html>`:                 translate.Upstream,
		`[]`:                     translate.Upstream,
		`{}`:                     translate.Upstream,
		`{"content":"text"}`:     translate.Upstream,
		`{"choices":[]}`:         translate.Upstream,
		`{"content":[],"id":"x"`: translate.Upstream,
		`{"error":{"type":"overloaded_error","message":"x"}}`:                      translate.Overloaded,
		`{"type":"error","error":{"type":"authentication_error","message":"bad"}}`: translate.Unauthenticated,
		`{"type":"error","error":{"type":"api_error","message":"x"},"content":[]}`: translate.Upstream,
		`{"type":"error","error":{"type":"rate_limit_error","message":"x"}}`:       translate.RateLimited,
	} {
		_, err := New().DecodeResponse([]byte(body))
		var e *translate.Error
		if !errors.As(err, &e) || e.Kind != want || e.Message == "" {
			t.Errorf("%s: err = %#v, want kind %d and a message", body, err, want)
		}
	}
}

func TestAppendResponse(t *testing.T) {
	reply := translate.Reply{Request: &translate.Request{}, Model: "gpt-6", ID: "0123456789abcdef"}
	const tail = `,"stop_sequence":null,"stop_details":null,"container":null`
	const usage = `,"usage":{"input_tokens":5,"cache_creation_input_tokens":2,"cache_read_input_tokens":3,"cache_creation":{"ephemeral_5m_input_tokens":1,"ephemeral_1h_input_tokens":1},"output_tokens":7,"output_tokens_details":{"thinking_tokens":6},"server_tool_use":null,"service_tier":null,"inference_geo":null}}`
	for name, tc := range map[string]struct {
		id, model string
		choice    translate.Choice
		want      string
	}{
		"text": {"chatcmpl-1", "m", translate.Choice{Parts: []part{text("a"), text(""), text("b\u2028")}, Stop: translate.StopEnd},
			`{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"a"},{"type":"text","text":"b\u2028"}],"stop_reason":"end_turn"` + tail},
		"made-up id": {"", "", translate.Choice{Stop: translate.StopLength},
			`{"id":"msg_0123456789abcdef","type":"message","role":"assistant","model":"gpt-6","content":[],"stop_reason":"max_tokens"` + tail},
		"its own id": {"msg_01x", "m", translate.Choice{Stop: translate.StopPause},
			`{"id":"msg_01x","type":"message","role":"assistant","model":"m","content":[],"stop_reason":"pause_turn"` + tail},
		"calls": {"a", "m", translate.Choice{Stop: translate.StopEnd, Parts: []part{
			{Kind: translate.Thinking, Text: lit(`"hm"`)},
			{Kind: translate.Image, Media: &media{}},
			{Kind: translate.Image, Media: &media{MIME: "image/png", Data: []byte("aGk=")}},
			{Kind: translate.Image, Media: &media{URL: lit(`"https://e.example/a.png"`)}},
			{Kind: translate.ToolCall, Call: &call{ID: "c1", Name: "f", Arguments: translate.Arguments{Text: lit(`"{\"a\": 1}"`)}}},
			{Kind: translate.ToolCall, Call: &call{ID: "functions.g:0", Name: "g", Arguments: translate.Arguments{Text: lit(`""`)}}},
			{Kind: translate.ToolCall, Call: &call{ID: "c3", Name: "h", Arguments: translate.Arguments{Text: lit(`"{oops"`)}}}}},
			`{"id":"msg_a","type":"message","role":"assistant","model":"m","content":[{"type":"thinking","thinking":"hm","signature":""},{"type":"text","text":"[image of type image/png, which this protocol cannot carry in an answer]"},{"type":"text","text":"![image](https://e.example/a.png)"},{"type":"tool_use","id":"c1","name":"f","input":{"a": 1}},{"type":"tool_use","id":"` + translate.CallID("functions.g:0") + `","name":"g","input":{}},{"type":"tool_use","id":"c3","name":"h","input":{"_raw":"{oops"}}],"stop_reason":"tool_use"` + tail},
		"sequence": {"a", "m", translate.Choice{Stop: translate.StopSequence, StopSequence: lit(`"END"`)},
			`{"id":"msg_a","type":"message","role":"assistant","model":"m","content":[],"stop_reason":"stop_sequence","stop_sequence":"END","stop_details":null,"container":null`},
		"filter": {"a", "m", translate.Choice{Stop: translate.StopFilter, Parts: []part{{Kind: translate.Refusal, Text: lit(`"No."`)}}},
			`{"id":"msg_a","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"No."}],"stop_reason":"refusal","stop_sequence":null,"stop_details":{"type":"refusal","category":null,"explanation":null},"container":null`},
		"context": {"a", "m", translate.Choice{Stop: translate.StopContext},
			`{"id":"msg_a","type":"message","role":"assistant","model":"m","content":[],"stop_reason":"model_context_window_exceeded"` + tail},
	} {
		t.Run(name, func(t *testing.T) {
			r := &translate.Response{ID: tc.id, Model: tc.model, Choices: []translate.Choice{tc.choice},
				Usage: &translate.Usage{Input: 10, CacheRead: 3, CacheWrite: 2, CacheWrite1h: 1, Output: 7, Reasoning: 6}}
			got, err := New().AppendResponse([]byte("x}"), r, reply)
			if err != nil {
				t.Fatal(err)
			}
			if want := "x}" + tc.want + usage; string(got) != want {
				t.Errorf("\n got %s\nwant %s", got, want)
			}
			if !jsonlit.Valid(got[2:]) {
				t.Error("no JSON")
			}
		})
	}
	if _, err := New().AppendResponse(nil, &translate.Response{Choices: []translate.Choice{{Stop: translate.StopMalformedCall}}}, reply); err == nil {
		t.Error("a malformed call is told as an answer")
	}
	got, err := New().AppendResponse(nil, &translate.Response{}, translate.Reply{Request: &translate.Request{Turns: ask(text("hello"))}, ID: "x"})
	if want := `"usage":{"input_tokens":`; err != nil || !strings.Contains(string(got), want) || strings.Contains(string(got), want+"0") {
		t.Errorf("without usage: %s, %v: want an estimate of the input", got, err)
	}
}

func TestErrors(t *testing.T) {
	for body, want := range map[string]struct {
		status  int
		kind    translate.ErrorKind
		message string
		noRetry bool
	}{
		`{"type":"error","error":{"type":"invalid_request_error","message":"messages.0: bad"},"request_id":"req_1"}`:                        {400, translate.InvalidRequest, "messages.0: bad", false},
		`{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 210000 tokens > 200000 maximum"}}`:          {400, translate.ContextTooLong, "prompt is too long: 210000 tokens > 200000 maximum", false},
		`{"type":"error","error":{"type":"invalid_request_error","message":"input length and max_tokens exceed context limit: 1 + 2 > 3"}}`: {400, translate.ContextTooLong, "input length and max_tokens exceed context limit: 1 + 2 > 3", false},
		`{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the Anthropic API."}}`: {400, translate.Billing, "Your credit balance is too low to access the Anthropic API.", true},
		`{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}`:                                            {401, translate.Unauthenticated, "invalid x-api-key", false},
		`{"type":"error","error":{"type":"billing_error","message":"pay"}}`:                                                                 {402, translate.Billing, "pay", true},
		`{"type":"error","error":{"type":"permission_error","message":"no"}}`:                                                               {403, translate.Forbidden, "no", false},
		`{"type":"error","error":{"type":"not_found_error","message":"model: x"}}`:                                                          {404, translate.NotFound, "model: x", false},
		`{"type":"error","error":{"type":"request_too_large","message":"big"}}`:                                                             {413, translate.TooLarge, "big", false},
		`{"type":"error","error":{"type":"rate_limit_error","message":"slow"}}`:                                                             {429, translate.RateLimited, "slow", false},
		`{"type":"error","error":{"type":"rate_limit_error","message":"spent","details":{"error_code":"enforced_spend_limit_reached"}}}`:    {429, translate.Billing, "spent", true},
		`{"type":"error","error":{"type":"api_error","message":"oops"}}`:                                                                    {500, translate.Upstream, "oops", false},
		`{"type":"error","error":{"type":"timeout_error","message":"late"}}`:                                                                {504, translate.Timeout, "late", false},
		`{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}`:                                                       {529, translate.Overloaded, "Overloaded", false},
		`{"error":{"message":"quota","type":"insufficient_quota","code":"insufficient_quota"}}`:                                             {429, translate.Billing, "quota", true},
		`<html><body>Bad gateway</body></html>`:                                                                                             {502, translate.Upstream, "the upstream answered with status 502", false},
		``:                                                                                                                                  {529, translate.Overloaded, "the upstream answered with status 529", false},
	} {
		got := New().DecodeError(want.status, []byte(body))
		if got.Kind != want.kind || got.Message != want.message || got.Status != want.status || got.NoRetry != want.noRetry {
			t.Errorf("%d %s:\n got %+v\nwant %+v", want.status, body, got, want)
		}
	}
}

func TestAppendError(t *testing.T) {
	for _, tc := range []struct {
		e      translate.Error
		status int
		want   string
	}{
		{translate.Error{Kind: translate.InvalidRequest, Param: "max_tokens", Message: "must be an integer"}, 400, `invalid_request_error","message":"max_tokens: must be an integer`},
		{translate.Error{Kind: translate.ContextTooLong, Message: "maximum context length is 10"}, 400, `invalid_request_error","message":"prompt is too long: maximum context length is 10`},
		{translate.Error{Kind: translate.ContextTooLong, Message: "Prompt is too long"}, 400, `invalid_request_error","message":"Prompt is too long`},
		{translate.Error{Kind: translate.Unauthenticated, Message: "m"}, 401, `authentication_error","message":"m`},
		{translate.Error{Kind: translate.Billing, Message: "m"}, 402, `billing_error","message":"m`},
		{translate.Error{Kind: translate.Forbidden, Message: "m"}, 403, `permission_error","message":"m`},
		{translate.Error{Kind: translate.NotFound, Message: "m"}, 404, `not_found_error","message":"m`},
		{translate.Error{Kind: translate.TooLarge, Message: "m"}, 413, `request_too_large","message":"m`},
		{translate.Error{Kind: translate.Unsupported, Message: "m"}, 415, `invalid_request_error","message":"m`},
		{translate.Error{Kind: translate.RateLimited, Message: "m"}, 429, `rate_limit_error","message":"m`},
		{translate.Error{Kind: translate.Internal, Message: "say \"<no>\""}, 500, `api_error","message":"say \"<no>\"`},
		{translate.Error{Kind: translate.Upstream, Message: "m"}, 502, `api_error","message":"m`},
		{translate.Error{Kind: translate.Truncated, Message: "m"}, 502, `api_error","message":"m`},
		{translate.Error{Kind: translate.Timeout, Message: "m"}, 504, `timeout_error","message":"m`},
		{translate.Error{Kind: translate.Overloaded, Message: "m"}, 529, `overloaded_error","message":"m`},
		{translate.Error{Kind: translate.Unavailable, Message: "m"}, 529, `overloaded_error","message":"m`},
	} {
		status, body := New().AppendError(nil, &tc.e)
		if want := `{"type":"error","error":{"type":"` + tc.want + `"}}`; status != tc.status || string(body) != want {
			t.Errorf("kind %d:\n got %d %s\nwant %d %s", tc.e.Kind, status, body, tc.status, want)
		}
	}
}

func TestModels(t *testing.T) {
	models, next, err := New().DecodeModels([]byte(`{"data":[{"type":"model","id":"claude-opus-5","display_name":"Claude Opus 5","created_at":"2026-07-24T00:00:00Z","max_input_tokens":1000000,"max_tokens":128000,"capabilities":{}},{"id":"b","max_tokens":null},{"id":""}],"has_more":true,"first_id":"claude-opus-5","last_id":"a b"}`))
	if err != nil {
		t.Fatal(err)
	}
	want := []translate.Model{
		{ID: "claude-opus-5", DisplayName: "Claude Opus 5", OwnedBy: "anthropic", Created: 1784851200, InputLimit: 1_000_000, OutputLimit: 128_000},
		{ID: "b", OwnedBy: "anthropic"},
	}
	if !reflect.DeepEqual(models, want) {
		t.Errorf("\n got %+v\nwant %+v", models, want)
	}
	if want := "limit=1000&after_id=a+b"; next != want {
		t.Errorf("next = %q, want %q", next, want)
	}
	if _, next, err := New().DecodeModels([]byte(`{"data":[],"has_more":false,"last_id":"x"}`)); next != "" || err != nil {
		t.Errorf("last page: next = %q, %v", next, err)
	}
	for _, body := range []string{``, `{}`, `{"data":{}}`, `<html>`} {
		if _, _, err := New().DecodeModels([]byte(body)); err == nil {
			t.Errorf("%q is taken for a list", body)
		}
	}
	const opus = `{"type":"model","id":"claude-opus-5","display_name":"Claude Opus 5","created_at":"2026-07-24T00:00:00Z","max_input_tokens":1000000,"max_tokens":128000,"capabilities":null}`
	const b = `{"type":"model","id":"b","display_name":"b","created_at":"1970-01-01T00:00:00Z","max_input_tokens":null,"max_tokens":null,"capabilities":null}`
	for got, want := range map[string]string{
		string(New().AppendModel(nil, want[0])):                                     opus,
		string(New().AppendModels(nil, want, translate.Page{})):                     `{"data":[` + opus + `,` + b + `],"has_more":false,"first_id":"claude-opus-5","last_id":"b"}`,
		string(New().AppendModels(nil, want[:1], translate.Page{Next: "claude-x"})): `{"data":[` + opus + `],"has_more":true,"first_id":"claude-opus-5","last_id":"claude-x"}`,
		string(New().AppendModels(nil, nil, translate.Page{})):                      `{"data":[],"has_more":false,"first_id":null,"last_id":null}`,
	} {
		if got != want {
			t.Errorf("\n got %s\nwant %s", got, want)
		}
	}
}

func TestCount(t *testing.T) {
	if got, want := string(New().AppendCount(nil, 42)), `{"input_tokens":42}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if n, err := New().DecodeCount([]byte(`{"input_tokens":42,"context_management":{}}`)); n != 42 || err != nil {
		t.Errorf("got %d, %v, want 42", n, err)
	}
	for _, body := range []string{``, `{}`, `{"input_tokens":"42"}`, `{"input_tokens":-1}`, `[]`} {
		if _, err := New().DecodeCount([]byte(body)); err == nil {
			t.Errorf("%q is taken for a count", body)
		}
	}
}

func TestEndpoint(t *testing.T) {
	for op, want := range map[translate.Operation]string{
		translate.Generate: "/v1/messages", translate.CountTokens: "/v1/messages/count_tokens",
		translate.ListModels: "/v1/models?limit=1000", translate.GetModel: "/v1/models/claude%2Fx%3F",
	} {
		e, ok := New().Endpoint(op, "claude/x?", true)
		got := e.Path
		if e.Query != "" {
			got += "?" + e.Query
		}
		if !ok || got != want {
			t.Errorf("%s: got %q, %v, want %q", op, got, ok, want)
		}
		if want := [][2]string{{"anthropic-version", "2023-06-01"}}; !reflect.DeepEqual(e.Header, want) {
			t.Errorf("%s: header %v, want %v", op, e.Header, want)
		}
	}
	if _, ok := New().Endpoint(99, "m", false); ok {
		t.Error("an unknown operation has an endpoint")
	}
}

func TestBlank(t *testing.T) {
	for in, want := range map[string]bool{
		`""`: true, `" "`: true, `"\n\t\r"`: true, `"\u0020\u3000"`: true, "\"\u00a0\"": true, ``: true,
		`"a"`: false, `"\\n"`: false, `" \""`: false, `"\u0041"`: false, `"é"`: false, `"\ud83d"`: false,
	} {
		if got := blank(lit(in)); got != want {
			t.Errorf("blank(%s) = %v, want %v", in, got, want)
		}
	}
	for in, want := range map[string]string{
		`"a \n\t"`: `"a"`, `"a\\n"`: `"a\\n"`, `"a\\\n"`: `"a\\"`, `"a"`: `"a"`, `" "`: `""`, `"n"`: `"n"`,
	} {
		if got := string(trimRight(lit(in))); got != want {
			t.Errorf("trimRight(%s) = %s, want %s", in, got, want)
		}
	}
}
