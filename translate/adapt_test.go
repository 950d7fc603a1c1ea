package translate

import (
	"regexp"
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

var (
	openAIName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	claudeName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)
	geminiName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.:-]{0,127}$`)
	callIDRule = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
)

func nameRule(target Name) *regexp.Regexp {
	switch target {
	case Messages:
		return claudeName
	case Gemini:
		return geminiName
	}
	return openAIName
}

// TestAdaptNames holds for every target: all names are valid and distinct, calls
// in the history name the tools on offer, and the way back ends where it began.
func TestAdaptNames(t *testing.T) {
	names := []string{"plain", "with.dot", "with_dot", "with dot", "ns:tool", "1st", strings.Repeat("long", 40), strings.Repeat("long", 40) + "x", "中文", "ünïcode", "a-b_c"}
	for _, target := range []Name{Chat, Responses, Messages, Gemini} {
		t.Run(string(target), func(t *testing.T) {
			r := &Request{}
			for _, n := range names {
				r.Tools = append(r.Tools, Tool{Name: n})
				r.Turns = append(r.Turns,
					Turn{AssistantRole, []Part{{Kind: ToolCall, Call: &Call{ID: "id/" + n, Name: n}}}},
					Turn{UserRole, []Part{{Kind: ToolResult, Result: &Result{CallID: "id/" + n, Name: n}}}})
			}
			r.Choice = ToolChoice{Mode: ChooseNamed, Names: []string{"with.dot"}}
			out, back := Adapt(r, target)
			seen := map[string]bool{}
			for i, tool := range out.Tools {
				if !nameRule(target).MatchString(tool.Name) {
					t.Errorf("%q became %q, which %s refuses", names[i], tool.Name, target)
				}
				if seen[tool.Name] {
					t.Errorf("%q became %q, which is taken", names[i], tool.Name)
				}
				seen[tool.Name] = true
				call, result := out.Turns[2*i].Parts[0].Call, out.Turns[2*i+1].Parts[0].Result
				if call.Name != tool.Name || result.Name != tool.Name {
					t.Errorf("the history calls %q %q and %q, the tool is %q", names[i], call.Name, result.Name, tool.Name)
				}
				if call.ID != result.CallID || !callIDRule.MatchString(call.ID) {
					t.Errorf("call id %q, result id %q", call.ID, result.CallID)
				}
				ev := &Event{Type: EventBlockStart, Kind: ToolCall, Call: &Call{ID: "x", Name: tool.Name}}
				back.Restore(ev)
				if got, want := ev.Call.Name, names[i]; got != want {
					t.Errorf("back from %q: %q, want %q", tool.Name, got, want)
				}
			}
			if got, want := out.Choice.Names[0], out.Tools[1].Name; got != want {
				t.Errorf("tool choice %q, want %q", got, want)
			}
			if r.Tools[1].Name != "with.dot" || r.Turns[2].Parts[0].Call.Name != "with.dot" {
				t.Error("the client's request was changed")
			}
		})
	}
}

func TestAdaptKeepsWhatIsValid(t *testing.T) {
	r := &Request{Tools: []Tool{{Name: "get_weather"}}, Turns: []Turn{
		{AssistantRole, []Part{{Kind: ToolCall, Call: &Call{ID: "call_1", Name: "get_weather"}}}}}}
	out, names := Adapt(r, Messages)
	if names != nil {
		t.Errorf("names = %v, want nil", names)
	}
	if &out.Turns[0].Parts[0] != &r.Turns[0].Parts[0] {
		t.Error("turns were copied without need")
	}
}

func TestAdaptCustomAndNamespace(t *testing.T) {
	raw := Value(`{"type":"custom","name":"apply_patch","format":{"type":"grammar","syntax":"lark","definition":"start: x\n"}}`)
	r := &Request{
		Tools: []Tool{
			{Kind: CustomTool, Name: "apply_patch", Description: jsonlit.Quote("Edit files."), Raw: raw},
			{Name: "search", Namespace: "mail"}, {Name: "search", Namespace: "web"},
		},
		Turns: []Turn{{AssistantRole, []Part{
			{Kind: ToolCall, Call: &Call{ID: "c1", Name: "apply_patch", Custom: true, Arguments: Arguments{Text: Value(`"*** Begin\n\"x\""`)}}},
			{Kind: ToolCall, Call: &Call{ID: "c2", Name: "search", Namespace: "web", Arguments: Arguments{Object: Value(`{}`)}}},
		}}},
	}
	out, names := Adapt(r, Chat)
	if got := out.Tools[0]; got.Kind != FunctionTool || jsonlit.Get(got.Schema, "properties", "input") == nil {
		t.Errorf("custom tool became %+v, want a function with the property input", got)
	}
	if got, want := jsonlit.Str(out.Tools[0].Description), "Edit files.\n\nThe input must match this grammar:\nstart: x\n"; got != want {
		t.Errorf("description = %q, want %q", got, want)
	}
	if got, want := out.Tools[1].Name+" "+out.Tools[2].Name, "mail__search web__search"; got != want {
		t.Errorf("namespaced tools = %q, want %q", got, want)
	}
	call := out.Turns[0].Parts[0].Call
	if got, want := string(call.AppendText(nil)), `"{\"input\":\"*** Begin\\n\\\"x\\\"\"}"`; got != want || call.Custom {
		t.Errorf("custom call = %s (custom %v), want %s", got, call.Custom, want)
	}
	if got, want := out.Turns[0].Parts[1].Call.Name, "web__search"; got != want {
		t.Errorf("namespaced call = %q, want %q", got, want)
	}
	ev := &Event{Type: EventBlockStart, Call: &Call{ID: "c3", Name: "web__search"}}
	names.Restore(ev)
	if ev.Call.Name != "search" || ev.Call.Namespace != "web" {
		t.Errorf("restored to %q in %q, want search in web", ev.Call.Name, ev.Call.Namespace)
	}
	resp := &Response{Choices: []Choice{{Parts: []Part{{Kind: ToolCall, Call: &Call{ID: "c4", Name: "apply_patch"}}}}}}
	names.RestoreResponse(resp)
	if !resp.Choices[0].Parts[0].Call.Custom {
		t.Error("the call of an emulated custom tool is not marked as custom")
	}
	native, _ := Adapt(r, Responses)
	if got := native.Tools[0]; got.Kind != CustomTool {
		t.Errorf("for Responses the custom tool became %+v, want it custom", got)
	}
}

func TestInputOf(t *testing.T) {
	for in, want := range map[string]string{
		`"{\"input\":\"a\\nb\"}"`: `"a\nb"`,
		`"{\"other\":1}"`:         `"{\"other\":1}"`,
		`"not json"`:              `"not json"`,
	} {
		if got := string(InputOf(Value(in))); got != want {
			t.Errorf("InputOf(%s) = %s, want %s", in, got, want)
		}
	}
}

func TestArguments(t *testing.T) {
	for name, tc := range map[string]struct {
		in           Arguments
		text, object string
		ok           bool
	}{
		"object":     {Arguments{Object: Value(`{"a":"b\"c"}`)}, `"{\"a\":\"b\\\"c\"}"`, `{"a":"b\"c"}`, true},
		"text":       {Arguments{Text: Value(`"{\"a\": 1}"`)}, `"{\"a\": 1}"`, `{"a": 1}`, true},
		"none":       {Arguments{}, `"{}"`, `{}`, true},
		"empty text": {Arguments{Text: Value(`""`)}, `"{}"`, `{}`, true},
		"broken":     {Arguments{Text: Value(`"{\"a\":"`)}, `"{\"a\":"`, `{"_raw":"{\"a\":"}`, false},
		"an array":   {Arguments{Text: Value(`"[1]"`)}, `"[1]"`, `{"_raw":"[1]"}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := string(tc.in.AppendText(nil)); got != tc.text {
				t.Errorf("AppendText = %s, want %s", got, tc.text)
			}
			got, ok := tc.in.AppendObject([]byte("x"))
			if string(got) != "x"+tc.object || ok != tc.ok {
				t.Errorf("AppendObject = %s, %v, want x%s, %v", got, ok, tc.object, tc.ok)
			}
		})
	}
}
