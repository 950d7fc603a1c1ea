package translate_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/chat"
	"github.com/fairway-gateway/fairway/translate/gemini"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
	"github.com/fairway-gateway/fairway/translate/messages"
	"github.com/fairway-gateway/fairway/translate/responses"
)

// claudeTurns is a conversation of several turns with Anthropic, as a client of
// another dialect has it in its history: what was said, and the results.
func claudeTurns(t *testing.T, client translate.Dialect, from translate.Origin, n int) []string {
	t.Helper()
	var turns []string
	for i := range n {
		answer := fmt.Sprintf(`{"id":"msg_%[1]d","type":"message","role":"assistant","model":"m","content":[{"type":"thinking","thinking":"thought %[1]d","signature":"Eq%[1]d"},{"type":"text","text":"Step %[1]d."},{"type":"thinking","thinking":"","signature":"Es%[1]d"},{"type":"tool_use","id":"t%[1]d","name":"f","input":{}}],"stop_reason":"tool_use","usage":{"input_tokens":1,"output_tokens":1}}`, i)
		said := converse(t, messages.New(), client, from, answer, false)
		result := fmt.Sprintf(`{"role":"user","content":[{"type":"tool_result","tool_use_id":"t%d","content":"ok"}]}`, i)
		switch client.Name() {
		case translate.Responses:
			result = fmt.Sprintf(`{"type":"function_call_output","call_id":"t%d","output":"ok"}`, i)
		case translate.Chat:
			result = fmt.Sprintf(`{"role":"tool","tool_call_id":"t%d","content":"ok"}`, i)
		case translate.Gemini:
			result = fmt.Sprintf(`{"role":"user","parts":[{"functionResponse":{"id":"t%d","name":"f","response":{"output":"ok"}}}]}`, i)
		}
		turns = append(turns, said, result)
	}
	return turns
}

func requestOf(client translate.Name, turns []string) string {
	list := strings.Join(turns, ",")
	switch client {
	case translate.Responses:
		return `{"model":"m","input":[{"role":"user","content":"go"},` + list + `]}`
	case translate.Gemini:
		return `{"contents":[{"role":"user","parts":[{"text":"go"}]},` + list + `]}`
	}
	return `{"model":"m","messages":[{"role":"user","content":"go"},` + list + `]}`
}

// Anthropic binds thinking to all that stood before it: a longer conversation
// must begin as the shorter one did, and what can no longer fit must not be sent.
func TestPitfall01ThinkingIsBound(t *testing.T) {
	from := translate.Origin{Dialect: translate.Messages, Scope: "0a1b2c3d", Model: "m"}
	for _, client := range []translate.Dialect{chat.New(), responses.New(), gemini.New()} {
		t.Run(string(client.Name()), func(t *testing.T) {
			turns := claudeTurns(t, client, from, 3)
			sent := func(turns []string) []string {
				body, _ := carryBack(t, client, messages.New(), from, requestOf(client.Name(), turns))
				var list []string
				for m := range jsonlit.Elements(jsonlit.Get([]byte(body), "messages")) {
					list = append(list, string(m))
				}
				return list
			}
			all := sent(turns)
			for k := 2; k < len(turns); k += 2 {
				for i, m := range sent(turns[:k]) {
					if m != all[i] {
						t.Errorf("message %d of the longer conversation\n    %s\nwas %s", i, all[i], m)
					}
				}
			}
			// The client edits the second turn: its thinking cannot go back, and that
			// of the third was bound to it.
			edited := append([]string(nil), turns...)
			edited[2] = strings.Replace(edited[2], "Step 1.", "Step one.", 1)
			got := strings.Join(sent(edited), "\n")
			if !strings.Contains(got, `"Eq0"`) || strings.Contains(got, `"Eq1"`) || strings.Contains(got, `"Eq2"`) || !strings.Contains(got, "Step one.") || !strings.Contains(got, "Step 2.") {
				t.Errorf("after an edit of the second turn: %s", got)
			}
			// To another account nothing of it goes.
			if body, _ := carryBack(t, client, messages.New(), translate.Origin{Dialect: translate.Messages, Scope: "ffffffff", Model: "m"}, requestOf(client.Name(), turns)); strings.Contains(body, "thinking") {
				t.Errorf("another account gets thinking: %s", body)
			}
		})
	}
}

// Thinking goes back as it was, or not at all: never without its signature,
// never with another text.
func TestPitfall02ThinkingIsVerbatim(t *testing.T) {
	from := translate.Origin{Dialect: translate.Messages, Scope: "0a1b2c3d", Model: "m"}
	client := responses.New()
	turns := claudeTurns(t, client, from, 1)
	for name, change := range map[string]func(string) string{
		"as it was":          func(s string) string { return s },
		"another text":       func(s string) string { return strings.Replace(s, "thought 0", "other thought", 1) },
		"no text":            func(s string) string { return strings.Replace(s, `{"type":"summary_text","text":"thought 0"}`, "", 1) },
		"a spoilt signature": func(s string) string { return strings.Replace(s, "gw1.at", "gw1.zz", 1) },
		"no signature":       func(s string) string { return strings.Replace(s, "encrypted_content", "dropped", 1) },
	} {
		body, _ := carryBack(t, client, messages.New(), from, requestOf(client.Name(), []string{change(turns[0]), turns[1]}))
		whole := strings.Contains(body, `{"type":"thinking","thinking":"thought 0","signature":"Eq0"}`)
		if want := name == "as it was"; whole != want || !want && strings.Contains(body, `"thinking"`) {
			t.Errorf("%s: %s", name, body)
		}
		if !strings.Contains(body, `"Step 0."`) || !strings.Contains(body, `"t0"`) {
			t.Errorf("%s: what was said is not there: %s", name, body)
		}
	}
}

// State stands in the reasoning fields, not in the ids of calls, which clients
// normalise and vendors bound.
func TestPitfall05IDsHoldNoState(t *testing.T) {
	for _, up := range statefulDialects() {
		for _, tc := range statefulAnswers()[up.Name()] {
			for _, client := range statefulDialects() {
				if client.Name() == up.Name() {
					continue
				}
				from := translate.Origin{Dialect: up.Name(), Scope: "0a1b2c3d", Model: "m"}
				said := converse(t, up, client, from, tc.answer, false)
				for _, id := range idsIn([]byte(said)) {
					if len(id) > 64 || strings.Contains(id, "gw1") {
						t.Errorf("%s to %s: the id %q", up.Name(), client.Name(), id)
					}
				}
				history := ask(client, said)
				for _, other := range others(client, from) {
					body, _ := carryBack(t, client, other.dialect, other.origin, history)
					for _, id := range idsIn([]byte(body)) {
						if len(id) > 64 {
							t.Errorf("%s to %s: the id %q goes upstream", client.Name(), other.origin.Dialect, id)
						}
					}
				}
			}
		}
	}
}

// idsIn collects the ids of calls, results and items anywhere in v.
func idsIn(v translate.Value) (ids []string) {
	for e := range jsonlit.Elements(v) {
		ids = append(ids, idsIn(e)...)
	}
	for name, member := range jsonlit.Fields(v) {
		switch string(name) {
		case "id", "call_id", "tool_use_id", "tool_call_id":
			ids = append(ids, jsonlit.Str(member))
		default:
			ids = append(ids, idsIn(member)...)
		}
	}
	return ids
}

// OpenAI's encrypted reasoning is another organisation's garbage: it goes back to
// its own account, and after a refusal nothing of it is sent, with or without
// encrypted content.
func TestPitfall06EncryptedContentOfAnotherOrganisation(t *testing.T) {
	from := translate.Origin{Dialect: translate.Responses, Scope: "0a1b2c3d", Model: "m"}
	answer := statefulAnswers()[translate.Responses][0].answer
	for _, client := range []translate.Dialect{chat.New(), messages.New(), gemini.New()} {
		history := ask(client, converse(t, responses.New(), client, from, answer, false))
		other := from
		other.Scope = "ffffffff"
		if body, _ := carryBack(t, client, responses.New(), other, history); strings.Contains(body, `"reasoning"`) {
			t.Errorf("%s: another organisation gets %s", client.Name(), body)
		}
		r, err := client.DecodeRequest([]byte(history), translate.Hint{Model: "m"})
		if err != nil {
			t.Fatal(err)
		}
		body, err := responses.New().AppendRequest(nil, translate.WithoutState(r), translate.Target{Model: "m", Losses: new(translate.Losses)})
		if err != nil || strings.Contains(string(body), `"reasoning"`) {
			t.Errorf("%s: without state, %v: %s", client.Name(), err, body)
		}
	}
	native := []byte(`{"input":[{"role":"user","content":"x"},{"type":"reasoning","id":"rs_1","summary":[]},{"type":"reasoning","id":"rs_2","summary":[],"encrypted_content":"gAAA"},{"type":"function_call","call_id":"1","name":"f","arguments":"{}"}]}`)
	got := string(translate.AppendEdited(nil, native, responses.New().EditState(native, translate.NoState)))
	if want := `{"input":[{"role":"user","content":"x"},{"type":"function_call","call_id":"1","name":"f","arguments":"{}"}]}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if e := responses.New().DecodeError(400, []byte(`{"error":{"message":"The encrypted content for item rs_1 could not be verified.","type":"invalid_request_error","param":null,"code":"invalid_encrypted_content"}}`)); !e.BadState {
		t.Errorf("%+v is not recognised", e)
	}
}
