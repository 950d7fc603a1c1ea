package translate_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/chat"
	"github.com/fairway-gateway/fairway/translate/gemini"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
	"github.com/fairway-gateway/fairway/translate/messages"
	"github.com/fairway-gateway/fairway/translate/responses"
	"github.com/fairway-gateway/fairway/translate/sse"
)

// statefulDialects are those whose answers hold reasoning state.
func statefulDialects() []translate.Dialect {
	return []translate.Dialect{chat.New(), responses.New(), messages.New(), gemini.New()}
}

// stateful is an upstream's answer, and how it stands in the history of the next
// request to the same upstream: pieces that follow each other.
type stateful struct {
	answer string
	want   []string
	state  []string // what nobody else may see
}

func statefulAnswers() map[translate.Name][]stateful {
	return map[translate.Name][]stateful{
		translate.Messages: {
			{`{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"thinking","thinking":"h\u00e9 \"m\"","signature":"EqOne+/="},{"type":"text","text":"Let me look."},{"type":"thinking","thinking":"","signature":"EqTwo"},{"type":"redacted_thinking","data":"EmThree"},{"type":"text","text":"And 😀."},{"type":"tool_use","id":"t1","name":"f","input":{"a":1}},{"type":"tool_use","id":"t2","name":"f","input":{}}],"stop_reason":"tool_use","usage":{"input_tokens":1,"output_tokens":1}}`,
				[]string{`{"role":"assistant","content":[{"type":"thinking","thinking":"h\u00e9 \"m\"","signature":"EqOne+/="},{"type":"text","text":"Let me look."},{"type":"thinking","thinking":"","signature":"EqTwo"},{"type":"redacted_thinking","data":"EmThree"},{"type":"text","text":"And 😀."},{"type":"tool_use","id":"t1"`, `{"type":"tool_use","id":"t2"`},
				[]string{"EqOne", "EqTwo", "EmThree"}},
			{`{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"thinking","thinking":"","signature":"EqOne"},{"type":"tool_use","id":"t1","name":"f","input":{"a":1}}],"stop_reason":"tool_use","usage":{"input_tokens":1,"output_tokens":1}}`,
				[]string{`{"role":"assistant","content":[{"type":"thinking","thinking":"","signature":"EqOne"},{"type":"tool_use","id":"t1"`}, []string{"EqOne"}},
		},
		translate.Responses: {
			{`{"id":"resp_1","object":"response","status":"completed","model":"m","output":[{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"hm"}],"encrypted_content":"gAAAone=="},{"type":"message","id":"msg_1","role":"assistant","status":"completed","content":[{"type":"output_text","text":"Let me look.","annotations":[]}]},{"type":"reasoning","id":"rs_2","summary":[],"encrypted_content":"gAAAtwo"},{"type":"function_call","id":"fc_1","call_id":"t1","name":"f","arguments":"{\"a\":1}"},{"type":"function_call","id":"fc_2","call_id":"t2","name":"f","arguments":"{}"}]}`,
				[]string{`{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"hm"}],"encrypted_content":"gAAAone=="},{"type":"message"`, `"Let me look."`, `{"type":"reasoning","id":"rs_2","summary":[],"encrypted_content":"gAAAtwo"},{"type":"function_call","call_id":"t1"`, `"call_id":"t2"`},
				[]string{"gAAAone", "gAAAtwo", "rs_1", "rs_2"}},
		},
		translate.Gemini: {
			{`{"responseId":"r","modelVersion":"m","candidates":[{"content":{"role":"model","parts":[{"text":"hm","thought":true},{"text":"Let me look."},{"functionCall":{"id":"t1","name":"f","args":{"a":1}},"thoughtSignature":"AY8one+/"},{"functionCall":{"id":"t2","name":"f","args":{}}}]},"finishReason":"STOP"}]}`,
				[]string{`{"role":"model","parts":[{"text":"Let me look."},{"functionCall":{"id":"t1"`, `},"thoughtSignature":"AY8one+/"},{"functionCall":{"id":"t2","name":"f","args":{}}}]`},
				[]string{"AY8one"}},
			{`{"responseId":"r","modelVersion":"m","candidates":[{"content":{"role":"model","parts":[{"text":"First."},{"text":"","thoughtSignature":"AY8one"},{"functionCall":{"id":"t1","name":"f","args":{"a":1}},"thoughtSignature":"AY8two"},{"text":"","thoughtSignature":"AY8three"}]},"finishReason":"STOP"}]}`,
				[]string{`{"role":"model","parts":[{"text":"First.","thoughtSignature":"AY8one"},{"functionCall":{"id":"t1"`, `},"thoughtSignature":"AY8two"},{"text":"","thoughtSignature":"AY8three"}]`},
				[]string{"AY8one", "AY8two", "AY8three"}},
		},
		translate.Chat: {
			{`{"id":"c","object":"chat.completion","model":"m","choices":[{"index":0,"finish_reason":"tool_calls","message":{"role":"assistant","reasoning":"hm","reasoning_details":[{"type":"reasoning.text","text":"hm","signature":"SigOne"},{"type":"reasoning.encrypted","data":"DataTwo"}],"content":"Let me look.","tool_calls":[{"id":"t1","type":"function","function":{"name":"f","arguments":"{}"},"extra_content":{"google":{"thought_signature":"AY8one"}}}]}}]}`,
				[]string{`"content":"Let me look."`, `"id":"t1"`, `"extra_content":{"google":{"thought_signature":"AY8one"}}`, `"reasoning_details":[{"type":"reasoning.text","text":"hm","signature":"SigOne"},{"type":"reasoning.encrypted","data":"DataTwo"}]`},
				[]string{"SigOne", "DataTwo", "AY8one"}},
		},
	}
}

// P10: whatever dialect a client speaks, reasoning state comes back to who made
// it as it was, in its place, and to nobody else.
func TestReasoningStateComesBack(t *testing.T) {
	for _, up := range statefulDialects() {
		for n, tc := range statefulAnswers()[up.Name()] {
			for _, client := range statefulDialects() {
				if client.Name() == up.Name() {
					continue
				}
				for _, streamed := range []bool{false, true} {
					t.Run(fmt.Sprintf("%s %d to %s, streamed %v", up.Name(), n, client.Name(), streamed), func(t *testing.T) {
						from := translate.Origin{Dialect: up.Name(), Scope: "0a1b2c3d", Model: "m"}
						said := converse(t, up, client, from, tc.answer, streamed)
						history := ask(client, said)
						if err := jsonlit.Check([]byte(history)); err != nil {
							t.Fatalf("%v in %s", err, history)
						}
						for _, s := range tc.state {
							// Google's Chat clients know the signature as it is.
							if strings.Contains(said, `"`+s) && !(client.Name() == translate.Chat && up.Name() == translate.Gemini) {
								t.Errorf("the client has %s as it was: %s", s, said)
							}
						}
						got, restored := carryBack(t, client, up, from, history)
						if restored == 0 {
							t.Errorf("nothing was restored of %s", history)
						}
						rest := got
						for _, want := range tc.want {
							before, after, found := strings.Cut(rest, want)
							if !found {
								t.Fatalf("the upstream does not get\n     %s\nin   %s\nbut  %s\nfrom %s", want, rest, got, history)
							}
							rest = after
							_ = before
						}
						for _, s := range tc.state {
							if c := strings.Count(got, s); c != 1 {
								t.Errorf("%s is there %d times in %s", s, c, got)
							}
						}
						for _, other := range others(client, from) {
							foreign, restored := carryBack(t, client, other.dialect, other.origin, history)
							if restored > 0 {
								t.Errorf("%v got state", other.origin)
							}
							checkForeign(t, foreign, tc.state, client.Name() == translate.Chat && other.origin.Dialect == translate.Gemini)
						}
						own := []byte(history)
						purged := translate.AppendEdited(nil, own, client.EditState(own, translate.OwnState(translate.Origin{Dialect: client.Name(), Scope: "0a1b2c3d", Model: "m"})))
						if err := jsonlit.Check(purged); err != nil {
							t.Fatalf("%v in %s", err, purged)
						}
						checkForeign(t, string(purged), tc.state, client.Name() == translate.Chat)
					})
				}
			}
		}
	}
}

func checkForeign(t *testing.T, body string, state []string, google bool) {
	t.Helper()
	if strings.Contains(body, "gw1.") || strings.Contains(body, `"Z3cxL`) {
		t.Errorf("a carrier goes upstream: %s", body)
	}
	for _, s := range state {
		if strings.Contains(body, s) && !(google && strings.HasPrefix(s, "AY8")) {
			t.Errorf("%s goes to who did not make it: %s", s, body)
		}
	}
}

type other struct {
	dialect translate.Dialect
	origin  translate.Origin
}

// others are all to whom a conversation could go but for its origin and the
// client's own dialect.
func others(client translate.Dialect, from translate.Origin) (list []other) {
	for _, d := range statefulDialects() {
		if d.Name() == client.Name() {
			continue
		}
		o := translate.Origin{Dialect: d.Name(), Scope: from.Scope, Model: from.Model}
		if d.Name() == from.Dialect {
			o.Scope = "ffffffff" // another account
		}
		list = append(list, other{d, o})
	}
	return list
}

// converse takes an upstream's answer to a client, and returns what the client
// puts in its history.
func converse(t testing.TB, up, client translate.Dialect, from translate.Origin, answer string, streamed bool) string {
	t.Helper()
	r, err := up.DecodeResponse([]byte(answer))
	if err != nil {
		t.Fatal(err)
	}
	reply := translate.Reply{Request: &translate.Request{Dialect: client.Name(), Reasoning: translate.Reasoning{Show: translate.True}}, Model: "m", ID: "abcdefghijklmnop"}
	carry := translate.NewCarry(from, client.Name())
	if !streamed {
		carry.Response(r)
		out, err := client.AppendResponse(nil, r, reply)
		if err != nil {
			t.Fatal(err)
		}
		return whole(client.Name(), out)
	}
	encoder := client.NewStreamEncoder(reply)
	var out []byte
	var v translate.Validator
	err = translate.Replay(r, func(ev *translate.Event) error {
		return carry.Event(ev, func(ev *translate.Event) (err error) {
			if err := v.Check(ev); err != nil {
				t.Errorf("%v at %v", err, ev.Type)
			}
			out, err = encoder.Append(out, ev)
			return err
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return gathered(t, client.Name(), out)
}

// whole takes out of an answer what a client keeps of it.
func whole(client translate.Name, answer []byte) string {
	switch client {
	case translate.Messages:
		return `{"role":"assistant","content":` + string(jsonlit.Get(answer, "content")) + `}`
	case translate.Responses:
		list := jsonlit.Get(answer, "output")
		return string(list[1 : len(list)-1])
	}
	for c := range jsonlit.Elements(jsonlit.Get(answer, "candidates")) {
		return string(jsonlit.Get(c, "content"))
	}
	for c := range jsonlit.Elements(jsonlit.Get(answer, "choices")) {
		return string(jsonlit.Get(c, "message"))
	}
	return ""
}

// gathered puts together what a client keeps of a stream.
func gathered(t testing.TB, client translate.Name, stream []byte) string {
	t.Helper()
	reader := sse.NewReader(bytes.NewReader(stream), nil, 0)
	var frames []translate.Value
	for {
		f, err := reader.Next()
		if err != nil {
			break
		}
		if jsonlit.Valid(f.Data) {
			frames = append(frames, slices.Clone(f.Data))
		}
	}
	switch client {
	case translate.Messages:
		return gatherMessages(frames)
	case translate.Responses:
		return whole(client, jsonlit.Get(frames[len(frames)-1], "response"))
	case translate.Gemini:
		var parts []string
		for _, f := range frames {
			for c := range jsonlit.Elements(jsonlit.Get(f, "candidates")) {
				for p := range jsonlit.Elements(jsonlit.Get(c, "content", "parts")) {
					parts = append(parts, string(p))
				}
			}
		}
		return `{"role":"model","parts":[` + strings.Join(parts, ",") + `]}`
	}
	return gatherChat(frames)
}

func gatherMessages(frames []translate.Value) string {
	var blocks []string
	var block, text, signature, input string
	for _, f := range frames {
		delta := jsonlit.Get(f, "delta")
		switch jsonlit.Str(jsonlit.Get(f, "type")) {
		case "content_block_start":
			block, text, signature, input = string(jsonlit.Get(f, "content_block")), "", "", ""
		case "content_block_delta":
			text += jsonlit.Str(jsonlit.Get(delta, "text")) + jsonlit.Str(jsonlit.Get(delta, "thinking"))
			signature += jsonlit.Str(jsonlit.Get(delta, "signature"))
			input += jsonlit.Str(jsonlit.Get(delta, "partial_json"))
		case "content_block_stop":
			block = strings.Replace(block, `"signature":""`, `"signature":`+string(jsonlit.Quote(signature)), 1)
			block = strings.Replace(block, `"thinking":""`, `"thinking":`+string(jsonlit.Quote(text)), 1)
			block = strings.Replace(block, `"text":""`, `"text":`+string(jsonlit.Quote(text)), 1)
			blocks = append(blocks, strings.Replace(block, `"input":{}`, `"input":`+input, 1))
		}
	}
	return `{"role":"assistant","content":[` + strings.Join(blocks, ",") + `]}`
}

func gatherChat(frames []translate.Value) string {
	var content, reasoning string
	var details, calls, arguments, extras []string
	for _, f := range frames {
		for c := range jsonlit.Elements(jsonlit.Get(f, "choices")) {
			delta := jsonlit.Get(c, "delta")
			content += jsonlit.Str(jsonlit.Get(delta, "content"))
			reasoning += jsonlit.Str(jsonlit.Get(delta, "reasoning_content"))
			for d := range jsonlit.Elements(jsonlit.Get(delta, "reasoning_details")) {
				details = append(details, string(d))
			}
			for call := range jsonlit.Elements(jsonlit.Get(delta, "tool_calls")) {
				n, _ := jsonlit.Int(jsonlit.Get(call, "index"))
				if id := jsonlit.Get(call, "id"); id != nil {
					calls = append(calls, fmt.Sprintf(`"id":%s,"type":"function","function":{"name":%s`, id, jsonlit.Get(call, "function", "name")))
					arguments, extras = append(arguments, ""), append(extras, "")
				}
				arguments[n] += jsonlit.Str(jsonlit.Get(call, "function", "arguments"))
				if x := jsonlit.Get(call, "extra_content"); x != nil {
					extras[n] = `,"extra_content":` + string(x)
				}
			}
		}
	}
	out := fmt.Sprintf(`{"role":"assistant","content":%s,"reasoning_content":%s,"reasoning_details":[%s],"tool_calls":[`, jsonlit.Quote(content), jsonlit.Quote(reasoning), strings.Join(details, ","))
	for i := range calls {
		if i > 0 {
			out += ","
		}
		out += "{" + calls[i] + `,"arguments":` + string(jsonlit.Quote(arguments[i])) + "}" + extras[i] + "}"
	}
	return out + "]}"
}

// ask is a client's next request: the question, the assistant's turn and the
// results of its calls t1 and t2.
func ask(client translate.Dialect, said string) string {
	results := func(format string) (s string) {
		for _, id := range []string{"t1", "t2"} {
			if strings.Contains(said, `"`+id+`"`) {
				s += fmt.Sprintf(format, id)
			}
		}
		return s
	}
	switch client.Name() {
	case translate.Messages:
		return `{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"go"},` + said + `,{"role":"user","content":[` + strings.TrimPrefix(results(`,{"type":"tool_result","tool_use_id":"%s","content":"ok"}`), ",") + `]}]}`
	case translate.Responses:
		return `{"model":"m","input":[{"role":"user","content":"go"},` + said + results(`,{"type":"function_call_output","call_id":"%s","output":"ok"}`) + `]}`
	case translate.Gemini:
		return `{"contents":[{"role":"user","parts":[{"text":"go"}]},` + said + `,{"role":"user","parts":[` + strings.TrimPrefix(results(`,{"functionResponse":{"id":"%s","name":"f","response":{"output":"ok"}}}`), ",") + `]}]}`
	}
	return `{"model":"m","messages":[{"role":"user","content":"go"},` + said + results(`,{"role":"tool","tool_call_id":"%s","content":"ok"}`) + `]}`
}

// carryBack takes a client's request to an upstream.
func carryBack(t *testing.T, client, up translate.Dialect, to translate.Origin, body string) (string, int) {
	t.Helper()
	r, err := client.DecodeRequest([]byte(body), translate.Hint{Model: "m"})
	if err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	r, restored := translate.RestoreState(r, to)
	r, _ = translate.Adapt(r, up.Name())
	out, err := up.AppendRequest(nil, r, translate.Target{Model: "m", Losses: new(translate.Losses)})
	if err != nil {
		t.Fatal(err)
	}
	if err := jsonlit.Check(out); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	return string(out), restored
}
