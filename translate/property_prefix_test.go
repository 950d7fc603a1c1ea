package translate_test

import (
	"bytes"
	"fmt"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// TestTranslationIsPrefixStable (P2): the translation of a conversation's first
// turns is the beginning of the translation of all of it, byte for byte, and all
// that stands beside the conversation stays the same. Prompt caches and thinking
// signatures hang on that.
func TestTranslationIsPrefixStable(t *testing.T) {
	eachPair(t, func(t *testing.T, g generator, client, target translate.Dialect) {
		whole := g.request(pair{client.Name(), target.Name()})
		// Claude's older models refuse to begin thinking in the middle of a tool
		// loop: this setting, which is no part of the prompt, may go and come.
		whole.Reasoning = translate.Reasoning{}
		var before [][]byte
		var beside []byte
		for k := range whole.Turns {
			// Clients send conversations that end with the user's words and the
			// instructions behind them, or with the results of all calls.
			if whole.Turns[k].Role == translate.AssistantRole || k+1 < len(whole.Turns) && whole.Turns[k+1].Role != translate.AssistantRole {
				continue
			}
			r := *whole
			r.Turns = whole.Turns[:k+1]
			x := translated(t, client, target, &r)
			turns, rest := conversation(target, x.out)
			if len(turns) < len(before) {
				t.Fatalf("%d turns after %d", len(turns), len(before))
			}
			for i := range before {
				if !bytes.Equal(turns[i], before[i]) {
					t.Fatalf("with %d turns element %d\n got %.800s\nwant %.800s", k+1, i, turns[i], before[i])
				}
			}
			if beside != nil && !bytes.Equal(rest, beside) {
				t.Fatalf("beside the conversation\n got %.800s\nwant %.800s", rest, beside)
			}
			before, beside = turns, rest
		}
	})
}

// conversation splits a body into the elements of its conversation and the rest.
func conversation(d translate.Dialect, body []byte) (turns [][]byte, rest []byte) {
	for m := range jsonlit.Members(body) {
		if string(m.Name) != d.Turns() {
			continue
		}
		rest = append(append(rest, body[:m.Start]...), body[m.End:]...)
		for turn := range jsonlit.Elements(body[m.Start:m.End]) {
			turns = append(turns, turn)
		}
	}
	return turns, rest
}

// TestTranslationIsDeterministic (P2): the same request becomes the same bytes,
// whatever the order of maps and however many processors there are.
func TestTranslationIsDeterministic(t *testing.T) {
	eachPair(t, func(t *testing.T, g generator, client, target translate.Dialect) {
		x := translated(t, client, target, g.request(pair{client.Name(), target.Name()}))
		for procs := range 2 {
			was := runtime.GOMAXPROCS(procs + 1)
			r, err := client.DecodeRequest(x.body, hint(x.request))
			if err != nil {
				t.Fatal(err)
			}
			var losses translate.Losses
			_, again, err := write(target, r, translate.Capabilities{}, &losses)
			runtime.GOMAXPROCS(was)
			if err != nil || !bytes.Equal(again, x.out) || losses.Warnings() != x.losses.Warnings() {
				t.Fatalf("the second time\n got %s (%v)\nwant %s", again, err, x.out)
			}
		}
	})
}

// TestCallIDs (P11): whatever clients use as ids of tool calls, upstreams get
// ids that each of them takes, a different one for each call and the same for
// its result.
func TestCallIDs(t *testing.T) {
	valid := regexp.MustCompile(`^[a-zA-Z0-9_-]{1,64}$`)
	ids := []string{"call_1", "toolu_01AbC", "a b", "a/b", "a.b", "日本", "😀", strings.Repeat("x", 64), strings.Repeat("x", 65),
		strings.Repeat("x", 65) + "y", "call__thought__" + strings.Repeat("EqQkCg", 200), "a\u2028b", `q"\`}
	for _, client := range dialects() {
		for _, target := range dialects() {
			if client.Name() == translate.Completions || target.Name() == translate.Completions {
				continue
			}
			t.Run(string(client.Name())+"→"+string(target.Name()), func(t *testing.T) {
				body := withCalls(client.Name(), ids)
				if err := jsonlit.Check(body); err != nil {
					t.Fatal(err)
				}
				r, err := client.DecodeRequest(body, translate.Hint{Model: "m"})
				if err != nil {
					t.Fatal(err)
				}
				_, out, err := write(target, r, translate.Capabilities{}, new(translate.Losses))
				if err != nil {
					t.Fatal(err)
				}
				back, err := target.DecodeRequest(out, translate.Hint{Model: "m"})
				if err != nil {
					t.Fatal(err)
				}
				calls, results := map[string]int{}, 0
				for _, turn := range back.Turns {
					for _, p := range turn.Parts {
						switch p.Kind {
						case translate.ToolCall:
							if !valid.MatchString(p.Call.ID) {
								t.Errorf("the id %q is not valid", p.Call.ID)
							}
							if want := fmt.Sprintf(`{"n":%d}`, len(calls)); !bytes.Contains(out, []byte(p.Call.ID)) || object(p.Call) != want {
								t.Errorf("call %d has arguments %s, want %s", len(calls), object(p.Call), want)
							}
							calls[p.Call.ID] = len(calls)
						case translate.ToolResult:
							n, known := calls[p.Result.CallID]
							if want := fmt.Sprintf(`"result %d"`, n); !known || string(p.Result.Parts[0].Text) != want {
								t.Errorf("the result of %q is %s, want %s", p.Result.CallID, p.Result.Parts[0].Text, want)
							}
							results++
						}
					}
				}
				if len(calls) != len(ids) || results != len(ids) {
					t.Errorf("got %d different calls and %d results, want %d each", len(calls), results, len(ids))
				}
			})
		}
	}
}

func object(c *translate.Call) string {
	out, _ := c.AppendObject(nil)
	return string(out)
}

// withCalls is a conversation with parallel calls of one tool, as a client of a
// dialect writes it, call n with the argument n and the result "result n".
func withCalls(name translate.Name, ids []string) []byte {
	var calls, results []string
	for n, id := range ids {
		var call, result string
		switch name {
		case translate.Chat:
			call, result = `{"id":%s,"type":"function","function":{"name":"f","arguments":"{\"n\":%d}"}}`, `{"role":"tool","tool_call_id":%s,"content":"result %d"}`
		case translate.Responses:
			call, result = `{"type":"function_call","call_id":%s,"name":"f","arguments":"{\"n\":%d}"}`, `{"type":"function_call_output","call_id":%s,"output":"result %d"}`
		case translate.Messages:
			call, result = `{"type":"tool_use","id":%s,"name":"f","input":{"n":%d}}`, `{"type":"tool_result","tool_use_id":%s,"content":"result %d"}`
		case translate.Gemini:
			call, result = `{"functionCall":{"id":%s,"name":"f","args":{"n":%d}}}`, `{"functionResponse":{"id":%s,"name":"f","response":{"output":"result %d"}}}`
		}
		calls = append(calls, fmt.Sprintf(call, jsonlit.Quote(id), n))
		results = append(results, fmt.Sprintf(result, jsonlit.Quote(id), n))
	}
	c, r := strings.Join(calls, ","), strings.Join(results, ",")
	switch name {
	case translate.Chat:
		return []byte(`{"model":"m","messages":[{"role":"user","content":"go"},{"role":"assistant","content":null,"tool_calls":[` + c + `]},` + r + `]}`)
	case translate.Responses:
		return []byte(`{"model":"m","input":[{"role":"user","content":"go"},` + c + `,` + r + `]}`)
	case translate.Messages:
		return []byte(`{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"go"},{"role":"assistant","content":[` + c + `]},{"role":"user","content":[` + r + `]}]}`)
	}
	return []byte(`{"contents":[{"role":"user","parts":[{"text":"go"}]},{"role":"model","parts":[` + c + `]},{"role":"user","parts":[` + r + `]}]}`)
}
