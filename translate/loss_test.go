package translate

import (
	"errors"
	"strings"
	"testing"
)

func TestInspect(t *testing.T) {
	for name, tc := range map[string]struct {
		req    Request
		target Name
		want   string // warnings
		err    string // param
	}{
		"carried":           {req: Request{TopK: Value("4")}, target: Messages},
		"dropped":           {req: Request{TopK: Value("4"), Seed: Value("1")}, target: Responses, want: "dropped=top_k,seed"},
		"zero is no loss":   {req: Request{FrequencyPenalty: Value("0")}, target: Messages},
		"approximated":      {req: Request{Temperature: Value("1.5")}, target: Messages, want: "approximated=temperature_range"},
		"refused":           {req: Request{N: 2}, target: Messages, err: "n"},
		"unknown member":    {req: Request{Extra: []Field{{"brand_new", Value("1")}}}, target: Chat, want: "dropped=brand_new"},
		"null member":       {req: Request{Extra: []Field{{"brand_new", Value("null")}}}, target: Chat},
		"known member":      {req: Request{Extra: []Field{{"previous_response_id", Value(`"r"`)}}}, target: Messages, err: "previous_response_id"},
		"off is not asked":  {req: Request{Extra: []Field{{"background", Value("false")}}}, target: Messages},
		"hosted tool":       {req: Request{Dialect: Responses, Tools: []Tool{{Kind: HostedTool, Name: "code_interpreter"}}}, target: Messages, want: "dropped=hosted_tool"},
		"web search":        {req: Request{Dialect: Responses, Tools: []Tool{{Kind: HostedTool, Name: "web_search", Search: &SearchTool{City: Value(`"X"`)}}}}, target: Gemini, want: "dropped=web_search_location"},
		"tool search":       {req: Request{Dialect: Responses, Tools: []Tool{{Kind: HostedTool, Name: "tool_search"}, {Name: "f", Deferred: true}}}, target: Messages, want: "emulated=tool_search,tool_deferred"},
		"own hosted tool":   {req: Request{Dialect: Responses, Tools: []Tool{{Kind: HostedTool, Name: "web_search"}}}, target: Responses},
		"two kinds of loss": {req: Request{Seed: Value("1"), Temperature: Value("2")}, target: Messages, want: "dropped=seed; approximated=temperature_range"},
		"media":             {req: Request{Turns: []Turn{{Parts: []Part{{Kind: Video, Media: &Media{Data: []byte("AA")}}}}}}, target: Messages, err: "messages"},
		"media of Gemini":   {req: Request{Dialect: Gemini, Turns: []Turn{{Parts: []Part{{Kind: Video, Media: &Media{Data: []byte("AA")}}}}}}, target: Messages, err: "contents"},
		"call of Responses": {req: Request{Dialect: Responses, Turns: []Turn{{Parts: []Part{{Kind: ToolCall, Call: &Call{}}}}}}, target: Completions, err: "input"},
		"n of Gemini":       {req: Request{Dialect: Gemini, N: 2}, target: Messages, err: "generationConfig.candidateCount"},
		"serial Messages":   {req: Request{Dialect: Messages, Parallel: False, Tools: []Tool{{}}}, target: Completions, err: "tool_choice.disable_parallel_tool_use"},
		"choice of Gemini":  {req: Request{Dialect: Gemini, Choice: ToolChoice{Mode: ChooseAny, Names: []string{"a", "b"}}}, target: Completions, err: "toolConfig.functionCallingConfig"},
		"header injection":  {req: Request{Extra: []Field{{"a\r\nX: y;=,", Value("1")}}}, target: Chat, want: "dropped=a__X:_y___"},
	} {
		t.Run(name, func(t *testing.T) {
			var losses Losses
			err := Inspect(&tc.req, tc.target, &losses)
			var e *Error
			if errors.As(err, &e) != (tc.err != "") || e != nil && e.Param != tc.err {
				t.Fatalf("err = %v, want one about %q", err, tc.err)
			}
			if got := losses.Warnings(); tc.err == "" && got != tc.want {
				t.Errorf("warnings = %q, want %q", got, tc.want)
			}
		})
	}
}

func TestStrict(t *testing.T) {
	var l Losses
	l.Note("stop", Approximated)
	if err := l.Strict(); err != nil {
		t.Errorf("an approximation is refused: %v", err)
	}
	l.Note("seed", Dropped)
	var e *Error
	if err := l.Strict(); !errors.As(err, &e) || e.Kind != InvalidRequest || e.Param != "seed" {
		t.Errorf("err = %v, want a refusal of seed", err)
	}
}

func TestWarningsAreBounded(t *testing.T) {
	var l Losses
	for i := range 200 {
		l.Note(strings.Repeat("x", 20)+string(rune('a'+i%26))+string(rune('a'+i/26)), Dropped)
	}
	got := l.Warnings()
	if len(got) > 1024 || !strings.Contains(got, "; more=") {
		t.Errorf("warnings are %d bytes long and end in %q", len(got), got[len(got)-12:])
	}
}

// TestLossTable holds the table to its own rules: each field once, with a
// reason, and lost somewhere.
func TestLossTable(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range LossTable() {
		if seen[r.Field] {
			t.Errorf("%s has two rows", r.Field)
		}
		seen[r.Field] = true
		if r.Why == "" {
			t.Errorf("%s has no reason", r.Field)
		}
		lost := false
		for _, target := range []Name{Chat, Completions, Responses, Messages, Gemini} {
			lost = lost || r.To(target) != Carried
		}
		if !lost {
			t.Errorf("%s is carried everywhere and needs no row", r.Field)
		}
	}
}

// TestValueLosses holds the second table to the same rules, and to the first:
// what is refused or dropped anyway cannot be lost by its value.
func TestValueLosses(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range ValueLosses() {
		if seen[r.Field] || r.Why == "" {
			t.Errorf("%s has two rows, or no reason", r.Field)
		}
		seen[r.Field] = true
		for _, target := range []Name{Chat, Completions, Responses, Messages, Gemini} {
			for _, always := range LossTable() {
				if always.Field == r.Field && always.To(target) > Silent && r.To(target) != Carried {
					t.Errorf("%s to %s is %s whatever its value, and %s by it", r.Field, target, always.To(target), r.To(target))
				}
			}
		}
	}
}
