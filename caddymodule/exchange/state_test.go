package exchange

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/accounts/inventory"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// talker is a client that keeps what it is told, in its dialect.
type talker struct {
	target  string
	begin   string // the request up to its conversation
	end     string
	first   string                          // the user's first turn
	keep    func(body jsonlit.Value) string // the assistant's turn, of an answer
	result  string                          // of a call, by its id
	history string
}

func talkers() map[string]*talker {
	first := func(v jsonlit.Value, list string) jsonlit.Value {
		for e := range jsonlit.Elements(jsonlit.Get(v, list)) {
			return e
		}
		return nil
	}
	return map[string]*talker{
		"messages": {target: "/v1/messages", begin: `{"model":"m","max_tokens":99,"messages":[`, end: `]}`,
			first: `{"role":"user","content":"go"}`,
			keep: func(v jsonlit.Value) string {
				return `{"role":"assistant","content":` + string(jsonlit.Get(v, "content")) + `}`
			},
			result: `{"role":"user","content":[{"type":"tool_result","tool_use_id":"%s","content":"ok"}]}`},
		"responses": {target: "/v1/responses", begin: `{"model":"m","input":[`, end: `]}`,
			first: `{"role":"user","content":"go"}`,
			keep: func(v jsonlit.Value) string {
				list := jsonlit.Get(v, "output")
				return string(list[1 : len(list)-1])
			},
			result: `{"type":"function_call_output","call_id":"%s","output":"ok"}`},
		"gemini": {target: "/v1beta/models/m:generateContent", begin: `{"contents":[`, end: `]}`,
			first:  `{"role":"user","parts":[{"text":"go"}]}`,
			keep:   func(v jsonlit.Value) string { return string(jsonlit.Get(first(v, "candidates"), "content")) },
			result: `{"role":"user","parts":[{"functionResponse":{"id":"%s","name":"f","response":{"output":"ok"}}}]}`},
		"chat": {target: "/v1/chat/completions", begin: `{"model":"m","messages":[`, end: `]}`,
			first:  `{"role":"user","content":"go"}`,
			keep:   func(v jsonlit.Value) string { return string(jsonlit.Get(first(v, "choices"), "message")) },
			result: `{"role":"tool","tool_call_id":"%s","content":"ok"}`},
	}
}

// thinker is an upstream that thinks before each call, and what it said.
type thinker struct {
	answer string // of a number
	state  string // of a number, as it stands in the next request
}

func thinkers() map[string]thinker {
	return map[string]thinker{
		"messages": {`{"id":"msg_%[1]d","type":"message","role":"assistant","model":"m","content":[{"type":"thinking","thinking":"hm","signature":"Eq%[1]d"},{"type":"text","text":"I look."},{"type":"thinking","thinking":"","signature":"Es%[1]d"},{"type":"tool_use","id":"call_%[1]d","name":"f","input":{}}],"stop_reason":"tool_use","usage":{"input_tokens":1,"output_tokens":1}}`,
			`"content":[{"type":"thinking","thinking":"hm","signature":"Eq%[1]d"},{"type":"text","text":"I look."},{"type":"thinking","thinking":"","signature":"Es%[1]d"},{"type":"tool_use","id":"call_%[1]d"`},
		"responses": {`{"id":"resp_%[1]d","object":"response","status":"completed","model":"m","output":[{"type":"reasoning","id":"rs_%[1]d","summary":[],"encrypted_content":"gA%[1]d"},{"type":"function_call","id":"fc_%[1]d","call_id":"call_%[1]d","name":"f","arguments":"{}"}]}`,
			`{"type":"reasoning","id":"rs_%[1]d","summary":[],"encrypted_content":"gA%[1]d"},{"type":"function_call"`},
		"gemini": {`{"responseId":"r%[1]d","modelVersion":"m","candidates":[{"content":{"role":"model","parts":[{"text":"hm","thought":true},{"functionCall":{"id":"call_%[1]d","name":"f","args":{}},"thoughtSignature":"AY8%[1]d"}]},"finishReason":"STOP"}]}`,
			`{"functionCall":{"id":"call_%[1]d","name":"f","args":{}},"thoughtSignature":"AY8%[1]d"}`},
		"chat": {`{"id":"c%[1]d","object":"chat.completion","model":"m","choices":[{"index":0,"finish_reason":"tool_calls","message":{"role":"assistant","content":null,"reasoning_details":[{"type":"reasoning.encrypted","data":"D%[1]d"}],"tool_calls":[{"id":"call_%[1]d","type":"function","function":{"name":"f","arguments":"{}"}}]}}]}`,
			`"reasoning_details":[{"type":"reasoning.encrypted","data":"D%[1]d"}]`},
	}
}

// think has an upstream answer with a call, the n-th when the conversation holds
// n-1 of its own, and complain when one of those lacks its state.
func (f *fleet) think(host string, th thinker) {
	f.handle(host, func(_ *http.Request, body []byte) *http.Response {
		if strings.Contains(string(body), "gw1.") || strings.Contains(string(body), "Z3cxL") {
			f.t.Errorf("a carrier goes to %s: %s", host, body)
		}
		n := 1
		for strings.Contains(string(body), fmt.Sprintf(`"call_%d"`, n)) {
			if want := fmt.Sprintf(th.state, n); !strings.Contains(string(body), want) {
				f.t.Errorf("%s does not get %s\nbut %s", host, want, body)
			}
			n++
		}
		return answer(200, "application/json", fmt.Sprintf(th.answer, n))
	})
}

func (c *talker) ask(t *testing.T, e *Engine, turn int) string {
	t.Helper()
	if c.history == "" {
		c.history = c.first
	}
	w, rec := call(t, e, "POST", c.target, c.begin+c.history+c.end)
	if w.Code != 200 {
		t.Fatalf("turn %d: got %d %s (%s)", turn, w.Code, w.Body, rec.Trail)
	}
	c.history += "," + c.keep(w.Body.Bytes()) + "," + fmt.Sprintf(c.result, fmt.Sprintf("call_%d", turn))
	return w.Body.String()
}

func TestThinkingWithToolsOverSeveralTurns(t *testing.T) {
	for up, th := range thinkers() {
		for client := range talkers() {
			t.Run(client+" over "+up, func(t *testing.T) {
				f := newFleet(t)
				f.think("up", th)
				e := f.engine("only " + up + " up")
				c := talkers()[client]
				for turn := 1; turn <= 4; turn++ {
					c.ask(t, e, turn)
				}
				if got := f.asked("up"); got != 4 {
					t.Errorf("the upstream was asked %d times, want 4", got)
				}
			})
		}
	}
}

// A conversation that moves to another vendor and back leaves its state behind
// on the way there, and finds it again.
func TestStateStaysWithItsVendor(t *testing.T) {
	f := newFleet(t)
	f.think("claude", thinkers()["messages"])
	e := f.engine("claude messages claude", "gem gemini gem")
	c := talkers()["responses"]
	c.ask(t, e, 1)
	f.handle("gem", func(_ *http.Request, body []byte) *http.Response {
		for _, s := range []string{"gw1.", "Z3cxL", "Eq1", "Es1"} {
			if strings.Contains(string(body), s) {
				t.Errorf("%s goes to another vendor: %s", s, body)
			}
		}
		return answer(200, "application/json", fmt.Sprintf(thinkers()["gemini"].answer, 2))
	})
	w, _ := call(t, e, "POST", c.target, c.begin+c.history+c.end, "X-Ai-Account", "gem")
	if w.Code != 200 {
		t.Fatal(w.Body)
	}
	c.history += "," + c.keep(w.Body.Bytes()) + "," + fmt.Sprintf(c.result, "call_2")
	f.handle("claude", func(r *http.Request, body []byte) *http.Response {
		if r.Method == "GET" {
			return answer(404, "application/json", "{}")
		}
		if !strings.Contains(string(body), fmt.Sprintf(thinkers()["messages"].state, 1)) || strings.Contains(string(body), "gw1.") || strings.Contains(string(body), "AY8") {
			t.Errorf("the first vendor gets %s", body)
		}
		return answer(200, "application/json", fmt.Sprintf(thinkers()["messages"].answer, 3))
	})
	call(t, e, "POST", c.target, c.begin+c.history+c.end)
}

func TestRetryWithoutState(t *testing.T) {
	for up, tc := range map[string]struct {
		refusal string
		state   string
	}{
		"messages":  {fmt.Sprintf(anthropicError, "invalid_request_error", "messages.1.content.0: Invalid `signature` in `thinking` block"), "Eq1"},
		"responses": {fmt.Sprintf(openAIError, "The encrypted content gA1... could not be verified.", "invalid_request_error", `"invalid_encrypted_content"`), "gA1"},
		"gemini":    {`{"error":{"code":400,"message":"Corrupted thought signature.","status":"INVALID_ARGUMENT"}}`, "AY81"},
	} {
		for client := range talkers() {
			if client == "chat" && up == "chat" {
				continue
			}
			t.Run(client+" over "+up, func(t *testing.T) {
				f := newFleet(t)
				f.think("up", thinkers()[up])
				e := f.engine("only "+up+" up", "spare "+up+" spare")
				c := talkers()[client]
				c.ask(t, e, 1)
				f.handle("up", func(_ *http.Request, body []byte) *http.Response {
					if strings.Contains(string(body), tc.state) {
						return answer(400, "application/json", tc.refusal)
					}
					if up == "messages" && strings.Contains(string(body), `"thinking","thinking"`) {
						t.Errorf("thinking without a signature: %s", body)
					}
					return answer(200, "application/json", fmt.Sprintf(thinkers()[up].answer, 2))
				})
				for range 2 { // nothing has cooled by the second time
					before := f.asked("up")
					w, rec := call(t, e, "POST", c.target, c.begin+c.history+c.end)
					if w.Code != 200 || f.asked("up")-before != 2 || f.asked("spare") != 0 {
						t.Fatalf("got %d %s after %d requests (%s)", w.Code, w.Body, f.asked("up")-before, rec.Trail)
					}
					if len(rec.Trail) != 2 || rec.Trail[0].Detail == "" || rec.Trail[1].Account != "only" {
						t.Errorf("the trail is %s", rec.Trail)
					}
				}
			})
		}
	}
}

// A refusal that is not about state, or of a request without any, is passed on.
func TestNoRetryWithoutState(t *testing.T) {
	f := newFleet(t)
	f.serve("up", 400, "application/json", fmt.Sprintf(anthropicError, "invalid_request_error", "Invalid `signature` in `thinking` block"))
	e := f.engine("only messages up")
	for _, client := range []string{"messages", "responses"} {
		c := talkers()[client]
		before := f.asked("up")
		w, _ := call(t, e, "POST", c.target, c.begin+c.first+c.end)
		if w.Code != 400 || f.asked("up")-before != 1 {
			t.Errorf("%s: got %d after %d requests", client, w.Code, f.asked("up")-before)
		}
	}
}

// Clients of Chat mostly drop what they do not know; the gateway remembers it
// for them, for each user apart.
func TestStateOfForgetfulClients(t *testing.T) {
	const forgotten = `{"role":"assistant","content":%s,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":"{}"}}]}`
	for up, th := range thinkers() {
		if up == "chat" {
			continue
		}
		for _, stream := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, streamed %v", up, stream), func(t *testing.T) {
				f := newFleet(t)
				f.think("up", th)
				e := f.engine("only " + up + " up")
				c := talkers()["chat"]
				end := c.end
				if stream {
					end = `],"stream":true}`
				}
				if w, _ := call(t, e, "POST", c.target, c.begin+c.first+end); w.Code != 200 {
					t.Fatal(w.Body)
				}
				content := "null"
				if up == "messages" {
					content = `"I look."`
				}
				history := c.first + "," + fmt.Sprintf(forgotten, content) + "," + fmt.Sprintf(c.result, "call_1")
				if w, _ := call(t, e, "POST", c.target, c.begin+history+c.end); w.Code != 200 { // the upstream checks
					t.Fatal(w.Body)
				}
			})
		}
	}
}

func TestStateIsRememberedPerUserAndText(t *testing.T) {
	f := newFleet(t)
	f.serve("up", 200, "application/json", `{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"thinking","thinking":"","signature":"Eq1"},{"type":"text","text":"Caf\u00e9"}],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":1}}`)
	e := f.engine("only messages up")
	as := func(user, body string) string {
		t.Helper()
		r := httptest.NewRequest("POST", "/v1/chat/completions", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		c, _ := Recognise(r)
		c.User, c.Settings = user, Settings{MaxWait: -1}
		w := httptest.NewRecorder()
		e.Serve(w, r, c)
		if w.Code != 200 {
			t.Fatal(w.Body)
		}
		return f.last().body
	}
	as("ann", `{"model":"m","messages":[{"role":"user","content":"hi"}]}`)
	next := `{"model":"m","messages":[{"role":"user","content":"%s"},{"role":"assistant","content":"%s"},{"role":"user","content":"and?"}]}`
	for _, tc := range []struct {
		user, asked, said string
		want              bool
	}{
		{"ann", "hi", "Café", true},
		{"bob", "hi", "Café", false},
		{"ann", "ho", "Café", false},
		{"ann", "hi", "Coffee", false},
	} {
		if got := strings.Contains(as(tc.user, fmt.Sprintf(next, tc.asked, tc.said)), `"Eq1"`); got != tc.want {
			t.Errorf("%+v: state was sent: %v", tc, got)
		}
	}
}

// Between equal dialects the body stays as it is, but for what upstreams of
// other dialects left in it.
func TestForeignStateIsPurged(t *testing.T) {
	f := newFleet(t)
	f.think("gem", thinkers()["gemini"])
	f.serve("claude", 200, "application/json", fmt.Sprintf(thinkers()["messages"].answer, 9))
	e := f.engine("gem gemini gem", "claude messages claude")
	c := talkers()["messages"]
	c.ask(t, e, 1)
	if !strings.Contains(c.history, "gw1.") {
		t.Fatalf("the client has no state: %s", c.history)
	}
	native := `{"role":"assistant","content":[{"type":"thinking","thinking":"","signature":"EqNative"},{"type":"text","text":"say gw1. aloud"}]}`
	call(t, e, "POST", c.target, `{"messages" : [`+c.history+`, `+native+`,{"role":"user","content":"x"}],"max_tokens":9,"model":"m"}`, "X-Ai-Account", "claude")
	want := `{"messages" : [` + c.first + `,{"role":"assistant","content":[{"type":"tool_use","id":"call_1","name":"f","input":{}}]},` + fmt.Sprintf(c.result, "call_1") + `, ` + native + `,{"role":"user","content":"x"}],"max_tokens":9,"model":"m"}`
	if got := f.last().body; got != want {
		t.Errorf("the upstream gets\n     %s\nwant %s", got, want)
	}
}

func TestStatePrefersItsAccount(t *testing.T) {
	f := newFleet(t)
	var cfg inventory.Config
	for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
		f.think(name, thinkers()["messages"])
		cfg.Providers = append(cfg.Providers, inventory.ProviderConfig{Name: "p_" + name, Dialect: "messages", BaseURL: "http://" + name})
		cfg.Accounts = append(cfg.Accounts, inventory.AccountConfig{Name: name, Provider: "p_" + name, APIKey: canary, Models: []string{"m"}})
	}
	inv, err := inventory.Build([]inventory.Config{cfg}, func(s string) (string, error) { return s, nil })
	if err != nil {
		t.Fatal(err)
	}
	e := New(Options{Transport: f})
	t.Cleanup(e.Close)
	e.Apply(inv)
	for client, c := range talkers() {
		if client == "messages" {
			continue // its state is the vendor's own
		}
		account := ""
		for turn := 1; turn <= 3; turn++ {
			if c.history == "" {
				c.history = c.first
			}
			// A session of its own each time, which affinity would send elsewhere.
			w, rec := callCtx(t, context.Background(), e, Settings{MaxWait: -1}, "POST", c.target, c.begin+c.history+c.end, "X-Session-Id", fmt.Sprint(client, turn))
			if w.Code != 200 {
				t.Fatal(w.Body)
			}
			if account != "" && rec.Account != account {
				t.Errorf("%s: turn %d went to %s, want %s", client, turn, rec.Account, account)
			}
			account = rec.Account
			c.history += "," + c.keep(w.Body.Bytes()) + "," + fmt.Sprintf(c.result, fmt.Sprintf("call_%d", turn))
		}
	}
}
