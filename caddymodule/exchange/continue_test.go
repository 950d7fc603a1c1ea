package exchange

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/accounts/inventory"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// engineFor is engine for one account that serves a model of some name.
func (f *fleet) engineFor(dialect, model string) *Engine {
	f.t.Helper()
	e := f.engine("acc " + dialect + " a")
	base := map[string]string{"chat": "http://a/v1", "responses": "http://a/v1", "completions": "http://a/v1"}[dialect]
	if base == "" {
		base = "http://a"
	}
	inv, err := inventory.Build([]inventory.Config{{
		Providers: []inventory.ProviderConfig{{Name: "p", Dialect: dialect, BaseURL: base}},
		Accounts:  []inventory.AccountConfig{{Name: "acc", Provider: "p", APIKey: canary, Models: []string{model}}},
	}}, func(s string) (string, error) { return s, nil })
	if err != nil {
		f.t.Fatal(err)
	}
	e.Apply(inv)
	return e
}

// replies makes a host answer one body after the other, the last again and
// again.
func (f *fleet) replies(host, contentType string, bodies ...string) {
	n := 0
	f.handle(host, func(r *http.Request, _ []byte) *http.Response {
		if r.Method == http.MethodGet { // the model list
			return answer(404, "application/json", `{}`)
		}
		body := bodies[min(n, len(bodies)-1)]
		n++
		if status, rest, found := strings.Cut(body, "!"); found && len(status) == 3 {
			var code int
			fmt.Sscan(status, &code)
			return answer(code, "application/json", rest)
		}
		return answer(200, contentType, body)
	})
}

func (f *fleet) bodies() (list []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, s := range f.sent {
		if s.body != "" { // the model list
			list = append(list, s.body)
		}
	}
	return list
}

// geminiHops are the pieces of one answer, as a stream's one fragment or whole.
func geminiHops(stream bool) (contentType string, hops []string) {
	fragment := func(text, finish, token string) string {
		return `{"candidates":[{"content":{"parts":[{"text":"` + text + `"}],"role":"model"},"finishReason":"` + finish + `","index":0` + token + `}],` +
			`"usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":2,"totalTokenCount":12},"modelVersion":"gemini-4","responseId":"r"}`
	}
	hops = []string{fragment("he", "CONTINUATION", `,"continuationToken":"b25l"`), fragment("ll", "CONTINUATION", `,"continuationToken":"dHdv"`), fragment("o", "STOP", "")}
	if !stream {
		return "application/json", hops
	}
	for i := range hops {
		hops[i] = "data: " + hops[i] + "\r\n\r\n"
	}
	return "text/event-stream", hops
}

// messagesHops is a turn that pauses once.
func messagesHops(stream bool) (contentType string, hops []string) {
	if !stream {
		return "application/json", []string{
			`{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"hel"},{"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{"query":"q"}}],"stop_reason":"pause_turn","usage":{"input_tokens":10,"output_tokens":2}}`,
			`{"id":"msg_2","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"lo"}],"stop_reason":"end_turn","usage":{"input_tokens":10,"output_tokens":2}}`,
		}
	}
	start := func(id string) string {
		return `event: message_start` + "\n" + `data: {"type":"message_start","message":{"id":"` + id + `","type":"message","role":"assistant","model":"m","content":[],"usage":{"input_tokens":10,"output_tokens":1}}}` + "\n\n"
	}
	text := func(s string) string {
		return `data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}` + "\n\n" +
			`data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"` + s + `"}}` + "\n\n" + `data: {"type":"content_block_stop","index":0}` + "\n\n"
	}
	end := func(reason string) string {
		return `data: {"type":"message_delta","delta":{"stop_reason":"` + reason + `"},"usage":{"output_tokens":2}}` + "\n\n" + `data: {"type":"message_stop"}` + "\n\n"
	}
	search := `data: {"type":"content_block_start","index":1,"content_block":{"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{}}}` + "\n\n" +
		`data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"query\":\"q\"}"}}` + "\n\n" + `data: {"type":"content_block_stop","index":1}` + "\n\n"
	return "text/event-stream", []string{start("msg_1") + text("hel") + search + end("pause_turn"), start("msg_2") + text("lo") + end("end_turn")}
}

// clients are requests of each dialect, the search in it included where the
// dialect can say so; usage finds the tokens of the answer.
func searching(model string, stream bool) map[string]string {
	s := fmt.Sprint(stream)
	return map[string]string{
		"/v1/chat/completions": `{"model":"` + model + `","stream":` + s + `,"stream_options":{"include_usage":true},"web_search_options":{},"messages":[{"role":"user","content":"hi"}]}`,
		"/v1/responses":        `{"model":"` + model + `","stream":` + s + `,"tools":[{"type":"web_search"}],"input":"hi"}`,
		"/v1/messages":         `{"model":"` + model + `","stream":` + s + `,"max_tokens":5,"tools":[{"type":"web_search_20250305","name":"web_search"}],"messages":[{"role":"user","content":"hi"}]}`,
		"/v1beta/models/" + model + ":" + map[bool]string{true: "streamGenerateContent?alt=sse", false: "generateContent"}[stream]: `{"tools":[{"googleSearch":{}}],"contents":[{"role":"user","parts":[{"text":"hi"}]}]}`,
	}
}

// texts finds all text of an answer, in order.
func texts(out string) (said string) {
	for _, line := range strings.Split(out, "\n") {
		v := jsonlit.Value(strings.TrimPrefix(strings.TrimSpace(line), "data: "))
		if !jsonlit.Valid(v) {
			continue
		}
		for _, path := range [][]string{{"delta"}, {"delta", "text"}} {
			if d := jsonlit.Get(v, path...); jsonlit.IsString(d) {
				said += jsonlit.Str(d)
			}
		}
		for c := range jsonlit.Elements(jsonlit.Get(v, "choices")) {
			said += jsonlit.Str(jsonlit.Get(c, "delta", "content")) + jsonlit.Str(jsonlit.Get(c, "message", "content"))
		}
		for c := range jsonlit.Elements(jsonlit.Get(v, "candidates")) {
			for p := range jsonlit.Elements(jsonlit.Get(c, "content", "parts")) {
				said += jsonlit.Str(jsonlit.Get(p, "text"))
			}
		}
		for b := range jsonlit.Elements(jsonlit.Get(v, "content")) {
			said += jsonlit.Str(jsonlit.Get(b, "text"))
		}
		for item := range jsonlit.Elements(jsonlit.Get(v, "output")) {
			for p := range jsonlit.Elements(jsonlit.Get(item, "content")) {
				said += jsonlit.Str(jsonlit.Get(p, "text"))
			}
		}
	}
	return said
}

// TestContinuation lets Gemini pause a long answer twice: clients of other
// dialects get it as one, its own client gets what Google says.
func TestContinuation(t *testing.T) {
	for _, stream := range []bool{true, false} {
		for target, body := range searching("gemini-4-flash", stream) {
			t.Run(fmt.Sprint(target, stream), func(t *testing.T) {
				f := newFleet(t)
				contentType, hops := geminiHops(stream)
				f.replies("a", contentType, hops...)
				w, rec := call(t, f.engineFor("gemini", "gemini-4-flash"), "POST", target, body)
				out := w.Body.String()
				sent := f.bodies()
				if strings.HasPrefix(target, "/v1beta") {
					if len(sent) != 1 || out != hops[0] {
						t.Errorf("its own client: got %d requests and %s", len(sent), out)
					}
					return
				}
				if w.Code != 200 || rec.Err != nil || len(sent) != 3 {
					t.Fatalf("got %d after %d requests: %v\n%s", w.Code, len(sent), rec.Err, out)
				}
				for i, token := range []string{"b25l", "dHdv"} {
					if want := `{"continuationToken":"` + token + `",` + sent[0][1:]; sent[i+1] != want {
						t.Errorf("request %d: got %s, want %s", i+2, sent[i+1], want)
					}
				}
				if got := texts(out); got != "hello" {
					t.Errorf("got text %q: %s", got, out)
				}
				if rec.Usage.Input != 30 || rec.Usage.Output != 6 {
					t.Errorf("got usage %+v, want the sum", rec.Usage)
				}
				if strings.HasPrefix(target, "/v1/messages") && stream && strings.Count(out, `"type":"content_block_start"`) != 1 {
					t.Errorf("the text is cut in pieces: %s", out)
				}
			})
		}
	}
}

// TestPausedTurn lets Anthropic pause a turn that searches.
func TestPausedTurn(t *testing.T) {
	for _, stream := range []bool{true, false} {
		for target, body := range searching("claude-sonnet-4-5", stream) {
			t.Run(fmt.Sprint(target, stream), func(t *testing.T) {
				f := newFleet(t)
				contentType, hops := messagesHops(stream)
				f.replies("a", contentType, hops...)
				w, rec := call(t, f.engineFor("messages", "claude-sonnet-4-5"), "POST", target, body)
				out := w.Body.String()
				sent := f.bodies()
				if target == "/v1/messages" {
					if len(sent) != 1 || out != hops[0] {
						t.Errorf("its own client: got %d requests and %s", len(sent), out)
					}
					return
				}
				if w.Code != 200 || rec.Err != nil || len(sent) != 2 {
					t.Fatalf("got %d after %d requests: %v\n%s", w.Code, len(sent), rec.Err, out)
				}
				want := `,{"role":"assistant","content":[{"type":"text","text":"hel"},{"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{"query":"q"}}]}]`
				if !strings.Contains(sent[1], want) || strings.Contains(sent[0], "assistant") {
					t.Errorf("got %s, want it to hold %s", sent[1], want)
				}
				if got := texts(out); got != "hello" {
					t.Errorf("got text %q: %s", got, out)
				}
				if rec.Usage.Input != 20 || rec.Usage.Output != 4 {
					t.Errorf("got usage %+v, want the sum", rec.Usage)
				}
			})
		}
	}
}

// TestContinuationIsBounded never ends by itself.
func TestContinuationIsBounded(t *testing.T) {
	f := newFleet(t)
	contentType, hops := geminiHops(false)
	f.replies("a", contentType, hops[0])
	w, _ := call(t, f.engineFor("gemini", "gemini-4-flash"), "POST", "/v1/chat/completions", `{"model":"gemini-4-flash","messages":[{"role":"user","content":"hi"}]}`)
	if n := len(f.bodies()); n != maxResumes+1 || !strings.Contains(w.Body.String(), `"finish_reason":"length"`) {
		t.Errorf("got %d requests and %s", n, w.Body)
	}
}

// TestContinuationFails when the second request does: in mid-stream with an
// error event, before any of it with a status.
func TestContinuationFails(t *testing.T) {
	for _, stream := range []bool{true, false} {
		for _, failure := range []string{`400!{"error":{"code":400,"message":"bad token","status":"INVALID_ARGUMENT"}}`, "data: {}", `{"candidates":[{"conte`} {
			f := newFleet(t)
			contentType, hops := geminiHops(stream)
			f.replies("a", contentType, hops[0], failure)
			w, rec := call(t, f.engineFor("gemini", "gemini-4-flash"), "POST", "/v1/chat/completions",
				fmt.Sprintf(`{"model":"gemini-4-flash","stream":%v,"messages":[{"role":"user","content":"hi"}]}`, stream))
			out := w.Body.String()
			if rec.Err == nil || strings.Contains(out, "[DONE]") || strings.Contains(out, `"finish_reason":"`) || !strings.Contains(out, `"error":{`) {
				t.Errorf("stream %v, %s: got %d, %v:\n%s", stream, failure, w.Code, rec.Err, out)
			}
			if !stream && w.Code < 400 {
				t.Errorf("%s: got status %d", failure, w.Code)
			}
		}
	}
}

// TestPrompts asks several prompts of legacy Completions one after the other.
func TestPrompts(t *testing.T) {
	for _, stream := range []bool{true, false} {
		f := newFleet(t)
		n := 0
		f.handle("a", func(r *http.Request, body []byte) *http.Response {
			if r.Method == http.MethodGet {
				return answer(404, "application/json", `{}`)
			}
			n++
			said := ""
			for m := range jsonlit.Elements(jsonlit.Get(body, "messages")) {
				said = jsonlit.Str(jsonlit.Get(m, "content"))
			}
			choice := func(i int, text string) string {
				return fmt.Sprintf(`{"index":%d,"finish_reason":"stop","%s":{"content":"%s"}}`, i, map[bool]string{true: "delta", false: "message"}[stream], text)
			}
			out := `{"id":"c","model":"m","choices":[` + choice(0, said+"0") + `,` + choice(1, said+"1") + `],"usage":{"prompt_tokens":3,"completion_tokens":2}}`
			if !stream {
				return answer(200, "application/json", out)
			}
			return answer(200, "text/event-stream", "data: "+out+"\n\ndata: [DONE]\n\n")
		})
		w, rec := call(t, f.engine("acc chat a"), "POST", "/v1/completions", fmt.Sprintf(`{"model":"m","n":2,"echo":true,"stream":%v,"prompt":["a","b","c"]}`, stream))
		got := map[int64]string{}
		for _, line := range strings.Split(w.Body.String(), "\n") {
			for c := range jsonlit.Elements(jsonlit.Get([]byte(strings.TrimPrefix(line, "data: ")), "choices")) {
				i, _ := jsonlit.Int(jsonlit.Get(c, "index"))
				got[i] += jsonlit.Str(jsonlit.Get(c, "text"))
			}
		}
		if want := map[int64]string{0: "aa0", 1: "aa1", 2: "bb0", 3: "bb1", 4: "cc0", 5: "cc1"}; fmt.Sprint(got) != fmt.Sprint(want) || n != 3 {
			t.Errorf("stream %v: got %v after %d requests, want %v\n%s", stream, got, n, want, w.Body)
		}
		if rec.Usage.Input != 9 || rec.Usage.Output != 6 || rec.Err != nil {
			t.Errorf("stream %v: got %+v, %v", stream, rec.Usage, rec.Err)
		}
		if stream && strings.Count(w.Body.String(), "[DONE]") != 1 {
			t.Errorf("got %s", w.Body)
		}
	}
	f := newFleet(t)
	f.serve("a", 200, "application/json", `{"id":"x","object":"text_completion","choices":[]}`)
	const body = `{"model":"m","prompt":["a","b"]}`
	call(t, f.engine("acc completions a"), "POST", "/v1/completions", body)
	if sent := f.bodies(); sent[len(sent)-1] != body {
		t.Errorf("its own dialect: got %s, want the client's bytes", sent[len(sent)-1])
	}
	w, _ := call(t, f.engine("acc chat a"), "POST", "/v1/completions", `{"model":"m","prompt":["a"`+strings.Repeat(`,"b"`, 40)+`]}`)
	if w.Code != 400 || !strings.Contains(w.Body.String(), "32") {
		t.Errorf("too many prompts: got %d %s", w.Code, w.Body)
	}
}
