package gemini

import (
	"fmt"
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

func lit(s string) translate.Value { return jsonlit.Quote(s) }

func text(s string) translate.Part { return translate.Part{Kind: translate.Text, Text: lit(s)} }

func user(parts ...translate.Part) translate.Turn {
	return translate.Turn{Role: translate.UserRole, Parts: parts}
}

func model(parts ...translate.Part) translate.Turn {
	return translate.Turn{Role: translate.AssistantRole, Parts: parts}
}

func call(id, name, args string) translate.Part {
	return translate.Part{Kind: translate.ToolCall, Call: &translate.Call{ID: id, Name: name, Arguments: translate.Arguments{Text: lit(args)}}}
}

func result(id, name string, parts ...translate.Part) translate.Part {
	return translate.Part{Kind: translate.ToolResult, Result: &translate.Result{CallID: id, Name: name, Parts: parts}}
}

func failure(id, name string, parts ...translate.Part) translate.Part {
	p := result(id, name, parts...)
	p.Result.IsError = true
	return p
}

func media(kind translate.Kind, m translate.Media) translate.Part {
	return translate.Part{Kind: kind, Media: &m}
}

// encode returns the body for r and the warnings, having checked that it is JSON.
func encode(t *testing.T, r *translate.Request, target translate.Target) (body, warnings string) {
	t.Helper()
	target.Losses = new(translate.Losses)
	if target.Model == "" {
		target.Model = "m"
	}
	out, err := New().AppendRequest(nil, r, target)
	if err != nil {
		t.Fatalf("AppendRequest: %v", err)
	}
	if err := jsonlit.Check(out); err != nil {
		t.Fatalf("AppendRequest wrote %s: %v", out, err)
	}
	return string(out), target.Losses.Warnings()
}

func TestAppendRequest(t *testing.T) {
	hi := []translate.Turn{user(text("hi"))}
	const contents = `"contents":[{"role":"user","parts":[{"text":"hi"}]}]}`
	tests := []struct {
		name           string
		r              translate.Request
		want, warnings string
	}{
		{"smallest", translate.Request{Turns: hi}, `{` + contents, ""},
		{"system", translate.Request{Turns: hi, System: []translate.Part{text("a"), text(""), text("b")}},
			`{"systemInstruction":{"parts":[{"text":"a"},{"text":"b"}]},` + contents, ""},
		{"system alone", translate.Request{System: []translate.Part{text("a")}}, `{"contents":[{"role":"user","parts":[{"text":"a"}]}]}`, ""},
		{"mid-system", translate.Request{Turns: []translate.Turn{user(text("hi")), {Role: translate.SystemRole, Parts: []translate.Part{text("a\n"), text("b")}}, model(text("c"))}},
			`{"contents":[{"role":"user","parts":[{"text":"hi"},{"text":"<system>\na\n\n\nb\n</system>"}]},{"role":"model","parts":[{"text":"c"}]}]}`, ""},
		{"refusal and empty text", translate.Request{Turns: []translate.Turn{user(text(""), text("hi")), model(text("")), user(text("x")), model(translate.Part{Kind: translate.Refusal, Text: lit("no")})}},
			`{"contents":[{"role":"user","parts":[{"text":"hi"},{"text":"x"}]},{"role":"model","parts":[{"text":"no"}]}]}`, ""},
		{"media", translate.Request{Turns: []translate.Turn{user(
			media(translate.Image, translate.Media{MIME: "image/webp", Data: []byte("aGk=")}),
			media(translate.Image, translate.Media{Data: []byte("/9j/aaaa")}),
			media(translate.Audio, translate.Media{MIME: "audio/mp3", Data: []byte("aGk=")}),
			media(translate.File, translate.Media{MIME: "application/pdf", Data: []byte("aGk="), Name: lit("a.pdf")}),
			media(translate.File, translate.Media{Text: lit("hé\n")}),
			media(translate.Image, translate.Media{URL: lit("https://x.test/a.png?x=1")}),
			media(translate.File, translate.Media{URL: lit("https://x.test/a")}),
		)}}, `{"contents":[{"role":"user","parts":[{"inlineData":{"mimeType":"image/webp","data":"aGk="}},{"inlineData":{"mimeType":"image/jpeg","data":"/9j/aaaa"}},` +
			`{"inlineData":{"mimeType":"audio/mp3","data":"aGk="}},{"inlineData":{"mimeType":"application/pdf","data":"aGk="}},{"inlineData":{"mimeType":"text/plain","data":"aMOpCg=="}},` +
			`{"fileData":{"mimeType":"image/png","fileUri":"https://x.test/a.png?x=1"}},{"fileData":{"fileUri":"https://x.test/a"}}]}]}`, ""},
		{"calls and results", translate.Request{Turns: []translate.Turn{
			user(text("go")),
			model(text("ok"), call("1", "f", `{"x": 1}`), call("2", "g", "")),
			user(result("1", "f", text("a"), text("b")), failure("2", "g", text("no")), text("and?")),
		}}, `{"contents":[{"role":"user","parts":[{"text":"go"}]},{"role":"model","parts":[{"text":"ok"},{"functionCall":{"id":"1","name":"f","args":{"x": 1}}},{"functionCall":{"id":"2","name":"g","args":{}}}]},` +
			`{"role":"user","parts":[{"functionResponse":{"id":"1","name":"f","response":{"output":"a\nb"}}},{"functionResponse":{"id":"2","name":"g","response":{"error":"no"}}},{"text":"and?"}]}]}`, ""},
		{"broken arguments", translate.Request{Turns: []translate.Turn{user(text("go")), model(call("1", "f", `{"x`))}},
			`{"contents":[{"role":"user","parts":[{"text":"go"}]},{"role":"model","parts":[{"functionCall":{"id":"1","name":"f","args":{"_raw":"{\"x"}}}]}]}`, "approximated=tool_call_arguments"},
		{"result media", translate.Request{Turns: []translate.Turn{user(text("go")), model(call("1", "f", "{}")), user(result("1", "f", text("a"),
			media(translate.Image, translate.Media{MIME: "image/png", Data: []byte("aGk=")}), media(translate.Image, translate.Media{URL: lit("https://x.test/a.png")})), text("so?"))}},
			`{"contents":[{"role":"user","parts":[{"text":"go"}]},{"role":"model","parts":[{"functionCall":{"id":"1","name":"f","args":{}}}]},` +
				`{"role":"user","parts":[{"functionResponse":{"id":"1","name":"f","response":{"output":"a"},"parts":[{"inlineData":{"mimeType":"image/png","data":"aGk="}}]}},{"fileData":{"mimeType":"image/png","fileUri":"https://x.test/a.png"}},{"text":"so?"}]}]}`, ""},
		{"thinking of another vendor", translate.Request{Dialect: translate.Messages, Turns: []translate.Turn{user(text("go")),
			model(translate.Part{Kind: translate.Thinking, Text: lit("t"), Signature: lit("s")}, translate.Part{Kind: translate.Text, Text: lit("a"), Signature: lit("s")}), model(translate.Part{Kind: translate.Thinking, Text: lit("t")})}},
			`{"contents":[{"role":"user","parts":[{"text":"go"}]},{"role":"model","parts":[{"text":"a"}]}]}`, ""},
		{"thinking of its own", translate.Request{Dialect: translate.Gemini, Turns: []translate.Turn{user(text("go")),
			model(translate.Part{Kind: translate.Thinking, Text: lit("t"), Signature: lit("s")}, translate.Part{Kind: translate.Text, Signature: lit("u")})}},
			`{"contents":[{"role":"user","parts":[{"text":"go"}]},{"role":"model","parts":[{"text":"t","thought":true,"thoughtSignature":"s"},{"text":"","thoughtSignature":"u"}]}]}`, ""},
		{"tools", translate.Request{Turns: hi, Tools: []translate.Tool{
			{Name: "f", Description: lit("d"), Schema: translate.Value(`{"$schema":"x","type":"object"}`)}, {Name: "g"},
			{Kind: translate.HostedTool, Name: "web_search", Raw: translate.Value(`{"type":"web_search"}`)}}},
			`{"tools":[{"functionDeclarations":[{"name":"f","description":"d","parametersJsonSchema":{"type":"object"}},{"name":"g"}]}],` + contents, ""},
		{"its own hosted tools", translate.Request{Dialect: translate.Gemini, Turns: hi, Tools: []translate.Tool{
			{Kind: translate.HostedTool, Name: "googleSearch", Raw: translate.Value(`{"googleSearch":{}}`)}}, Choice: translate.ToolChoice{Mode: translate.ChooseAny}},
			`{"tools":[{"googleSearch":{}}],` + contents, ""},
		{"sampling", translate.Request{Turns: hi, Temperature: translate.Value("0.10"), TopP: translate.Value("0.9"), TopK: translate.Value("4"), FrequencyPenalty: translate.Value("1"),
			PresencePenalty: translate.Value("2"), Seed: translate.Value("7"), MaxOutput: translate.Value("100"), Stop: []translate.Value{lit("x")}, N: 2, Logprobs: true, TopLogprobs: 3},
			`{"generationConfig":{"temperature":0.10,"topP":0.9,"topK":4,"frequencyPenalty":1,"presencePenalty":2,"seed":7,"maxOutputTokens":100,"stopSequences":["x"],"candidateCount":2,"responseLogprobs":true,"logprobs":3},` + contents, ""},
		{"too much", translate.Request{Turns: hi, Seed: translate.Value("9007199254740991"), Stop: []translate.Value{lit("1"), lit("2"), lit("3"), lit("4"), lit("5"), lit("6")}, Logprobs: true},
			`{"generationConfig":{"stopSequences":["1","2","3","4","5"],"responseLogprobs":true},` + contents, "dropped=seed; approximated=stop"},
		{"JSON", translate.Request{Turns: hi, Format: translate.Format{Kind: translate.FormatJSON}}, `{"generationConfig":{"responseMimeType":"application/json"},` + contents, ""},
		{"schema", translate.Request{Turns: hi, Format: translate.Format{Kind: translate.FormatSchema, Name: "n", Schema: translate.Value(`{"$schema":"x","type":"object"}`)}},
			`{"generationConfig":{"responseMimeType":"application/json","responseJsonSchema":{"type":"object"}},` + contents, ""},
		{"count", translate.Request{Operation: translate.CountTokens, Turns: hi, System: []translate.Part{text("a")}},
			`{"generateContentRequest":{"model":"models/m","systemInstruction":{"parts":[{"text":"a"}]},` + contents + `}`, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, warnings := encode(t, &test.r, translate.Target{})
			if got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
			if warnings != test.warnings {
				t.Errorf("got warnings %q, want %q", warnings, test.warnings)
			}
		})
	}
}

func TestAppendRequestCapabilities(t *testing.T) {
	r := &translate.Request{Turns: []translate.Turn{user(text("hi"))}, Temperature: translate.Value("1"), MaxOutput: translate.Value("100000")}
	got, warnings := encode(t, r, translate.Target{Capabilities: translate.Capabilities{NoSampling: true, MaxOutput: 8192}})
	if want := `{"generationConfig":{"maxOutputTokens":8192},"contents":[{"role":"user","parts":[{"text":"hi"}]}]}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if want := "dropped=temperature; approximated=max_output_tokens"; warnings != want {
		t.Errorf("got warnings %q, want %q", warnings, want)
	}
	// Models before Gemini 3 take the media beside the results, all behind them.
	r = &translate.Request{Turns: []translate.Turn{model(call("1", "f", "{}"), call("2", "f", "{}")),
		user(result("1", "f", media(translate.Image, translate.Media{MIME: "image/png", Data: []byte("aGk=")})), result("2", "f"))}}
	got, _ = encode(t, r, translate.Target{Capabilities: translate.Capabilities{Thinking: translate.ThinkingBudget}})
	if want := `{"functionResponse":{"id":"1","name":"f","response":{"output":""}}},{"functionResponse":{"id":"2","name":"f","response":{"output":""}}},{"inlineData":{"mimeType":"image/png","data":"aGk="}}]}]}`; !strings.HasSuffix(got, want) {
		t.Errorf("got %s, want it to end with %s", got, want)
	}
}

func TestAppendRequestRefuses(t *testing.T) {
	for name, r := range map[string]translate.Request{
		"nothing":          {},
		"thoughts alone":   {Turns: []translate.Turn{model(translate.Part{Kind: translate.Thinking, Text: lit("t")})}},
		"uploaded file":    {Turns: []translate.Turn{user(media(translate.File, translate.Media{FileID: lit("file-1")}))}},
		"uploaded results": {Turns: []translate.Turn{model(call("1", "f", "{}")), user(result("1", "f", media(translate.Image, translate.Media{FileID: lit("file-1")})))}},
	} {
		_, err := New().AppendRequest(nil, &r, translate.Target{Losses: new(translate.Losses)})
		if e, ok := err.(*translate.Error); !ok || e.Kind != translate.InvalidRequest {
			t.Errorf("%s: got %v, want an error of kind InvalidRequest", name, err)
		}
	}
}

func TestAppendToolChoice(t *testing.T) {
	tools := []translate.Tool{{Name: "f"}}
	tests := []struct {
		c    translate.ToolChoice
		want string
	}{
		{translate.ToolChoice{}, ""},
		{translate.ToolChoice{Mode: translate.ChooseAuto}, `{"mode":"AUTO"}`},
		{translate.ToolChoice{Mode: translate.ChooseAuto, Names: []string{"f"}}, `{"mode":"VALIDATED","allowedFunctionNames":["f"]}`},
		{translate.ToolChoice{Mode: translate.ChooseNone}, `{"mode":"NONE"}`},
		{translate.ToolChoice{Mode: translate.ChooseAny}, `{"mode":"ANY"}`},
		{translate.ToolChoice{Mode: translate.ChooseAny, Names: []string{"f", "g"}}, `{"mode":"ANY","allowedFunctionNames":["f","g"]}`},
		{translate.ToolChoice{Mode: translate.ChooseNamed, Names: []string{"f"}}, `{"mode":"ANY","allowedFunctionNames":["f"]}`},
	}
	for _, test := range tests {
		body, _ := encode(t, &translate.Request{Turns: []translate.Turn{user(text("hi"))}, Tools: tools, Choice: test.c}, translate.Target{})
		if got := string(jsonlit.Get([]byte(body), "toolConfig", "functionCallingConfig")); got != test.want {
			t.Errorf("%+v: got %s, want %s", test.c, got, test.want)
		}
		body, _ = encode(t, &translate.Request{Turns: []translate.Turn{user(text("hi"))}, Choice: test.c}, translate.Target{})
		if strings.Contains(body, "toolConfig") {
			t.Errorf("%+v: got %s, want no toolConfig without tools", test.c, body)
		}
	}
}

func TestAppendThinking(t *testing.T) {
	level := translate.Capabilities{Thinking: translate.ThinkingLevel, NoThinkingOff: true}
	few := level
	few.Efforts = translate.EffortLow | translate.EffortMedium | translate.EffortHigh
	budget := translate.Capabilities{Thinking: translate.ThinkingBudget}
	pro := translate.Capabilities{Thinking: translate.ThinkingBudget, NoThinkingOff: true}
	none := translate.Capabilities{Thinking: translate.ThinkingNone}
	effort := func(e string) translate.Reasoning {
		return translate.Reasoning{Mode: translate.ReasonEffort, Effort: e}
	}
	tokens := func(n int64) translate.Reasoning {
		return translate.Reasoning{Mode: translate.ReasonBudget, Budget: n}
	}
	const approximated, dropped = "approximated=reasoning", "dropped=reasoning"
	tests := []struct {
		r              translate.Reasoning
		c              translate.Capabilities
		model          string
		want, warnings string
	}{
		{translate.Reasoning{}, level, "", ``, ""},
		{translate.Reasoning{Show: translate.True}, level, "", `{"includeThoughts":true}`, ""},
		{effort("none"), level, "gemini-3-flash", `{"thinkingLevel":"MINIMAL"}`, approximated},
		{effort("none"), few, "gemini-3-pro", `{"thinkingLevel":"LOW"}`, approximated},
		{effort("minimal"), level, "gemini-3-flash", `{"thinkingLevel":"MINIMAL","includeThoughts":true}`, ""},
		{effort("minimal"), few, "gemini-3-pro", `{"thinkingLevel":"LOW","includeThoughts":true}`, approximated},
		{effort("low"), level, "", `{"thinkingLevel":"LOW","includeThoughts":true}`, ""},
		{effort("medium"), level, "", `{"thinkingLevel":"MEDIUM","includeThoughts":true}`, ""},
		{effort("high"), level, "", `{"thinkingLevel":"HIGH","includeThoughts":true}`, ""},
		{effort("xhigh"), level, "", `{"thinkingLevel":"HIGH","includeThoughts":true}`, approximated},
		{effort("max"), level, "", `{"thinkingLevel":"HIGH","includeThoughts":true}`, approximated},
		{translate.Reasoning{Mode: translate.ReasonEffort, Effort: "low", Show: translate.False}, level, "", `{"thinkingLevel":"LOW"}`, ""},
		{tokens(512), level, "gemini-3-flash", `{"thinkingLevel":"MINIMAL","includeThoughts":true}`, approximated},
		{tokens(2048), level, "", `{"thinkingLevel":"LOW","includeThoughts":true}`, approximated},
		{tokens(8192), level, "", `{"thinkingLevel":"MEDIUM","includeThoughts":true}`, approximated},
		{tokens(-1), level, "", `{"includeThoughts":true}`, ""},
		{effort("ultra"), level, "", `{"thinkingLevel":"HIGH","includeThoughts":true}`, approximated},
		{tokens(100), few, "", `{"thinkingLevel":"LOW","includeThoughts":true}`, approximated},
		{tokens(32000), level, "", `{"thinkingLevel":"HIGH","includeThoughts":true}`, approximated},
		{translate.Reasoning{Mode: translate.ReasonOff}, level, "gemini-3-flash", `{"thinkingLevel":"MINIMAL"}`, approximated},
		{translate.Reasoning{Mode: translate.ReasonAdaptive}, level, "", `{"includeThoughts":true}`, ""},
		{translate.Reasoning{Mode: translate.ReasonAdaptive, Effort: "high"}, level, "", `{"thinkingLevel":"HIGH","includeThoughts":true}`, ""},

		{effort("none"), budget, "", `{"thinkingBudget":0}`, ""},
		{effort("none"), pro, "", `{"thinkingBudget":128}`, approximated},
		{translate.Reasoning{Mode: translate.ReasonOff}, budget, "", `{"thinkingBudget":0}`, ""},
		{effort("minimal"), budget, "", `{"thinkingBudget":512,"includeThoughts":true}`, ""},
		{effort("low"), budget, "", `{"thinkingBudget":1024,"includeThoughts":true}`, ""},
		{effort("medium"), budget, "", `{"thinkingBudget":8192,"includeThoughts":true}`, ""},
		{effort("high"), budget, "", `{"thinkingBudget":24576,"includeThoughts":true}`, ""},
		{effort("max"), budget, "", `{"thinkingBudget":24576,"includeThoughts":true}`, approximated},
		{tokens(2048), budget, "", `{"thinkingBudget":2048,"includeThoughts":true}`, ""},
		{translate.Reasoning{Mode: translate.ReasonAdaptive}, budget, "", `{"thinkingBudget":-1,"includeThoughts":true}`, ""},

		{effort("high"), translate.Capabilities{}, "", `{"thinkingLevel":"HIGH","includeThoughts":true}`, ""},
		{tokens(2048), translate.Capabilities{}, "", `{"thinkingBudget":2048,"includeThoughts":true}`, ""},
		{translate.Reasoning{Mode: translate.ReasonOff}, translate.Capabilities{}, "", `{"thinkingBudget":0}`, ""},

		{effort("high"), none, "", ``, dropped},
		{effort("none"), none, "", ``, ""},
		{translate.Reasoning{Mode: translate.ReasonOff}, none, "", ``, ""},
	}
	for _, test := range tests {
		r := &translate.Request{Turns: []translate.Turn{user(text("hi"))}, Reasoning: test.r}
		body, warnings := encode(t, r, translate.Target{Model: test.model, Capabilities: test.c})
		if got := string(jsonlit.Get([]byte(body), "generationConfig", "thinkingConfig")); got != test.want || warnings != test.warnings {
			t.Errorf("%+v for %+v %s:\ngot  %s %q\nwant %s %q", test.r, test.c, test.model, got, warnings, test.want, test.warnings)
		}
	}
}

// TestSentinel counts where the stand-in for a signature is put: on the first
// call of each step since the user last spoke.
func TestSentinel(t *testing.T) {
	signed := call("1", "f", "{}")
	signed.Signature = lit("c2ln")
	step := func(calls ...translate.Part) []translate.Turn {
		var results []translate.Part
		for _, c := range calls {
			results = append(results, result(c.Call.ID, c.Call.Name, text("r")))
		}
		return []translate.Turn{model(calls...), user(results...)}
	}
	conversation := func(turns ...[]translate.Turn) (all []translate.Turn) {
		for _, t := range turns {
			all = append(all, t...)
		}
		return all
	}
	said := []translate.Turn{user(text("go"))}
	two := step(call("1", "f", "{}"), call("2", "g", "{}"))
	tests := []struct {
		name    string
		dialect translate.Name
		turns   []translate.Turn
		want    string // the signatures in order, - for a call without
	}{
		{"two steps", translate.Chat, conversation(said, two, step(call("3", "f", "{}"))), "S - S"},
		{"an earlier turn", translate.Chat, conversation(said, two, said, step(call("3", "f", "{}"))), "- - S"},
		{"between turns", translate.Chat, conversation(said, two, said), "- -"},
		{"its own signature", translate.Gemini, conversation(said, step(signed, call("2", "g", "{}"))), "c2ln -"},
		{"another vendor's signature", translate.Messages, conversation(said, step(signed)), "S"},
		{"text beside the results", translate.Messages, []translate.Turn{said[0], two[0], user(append(two[1].Parts[:2:2], text("reminder"))...)}, "S -"},
	}
	for _, test := range tests {
		r := &translate.Request{Dialect: test.dialect, Turns: test.turns}
		for _, enforced := range []bool{true, false} {
			body, _ := encode(t, r, translate.Target{Capabilities: translate.Capabilities{Signatures: enforced}})
			var got []string
			for c := range jsonlit.Elements(jsonlit.Get([]byte(body), "contents")) {
				for p := range jsonlit.Elements(jsonlit.Get(c, "parts")) {
					if jsonlit.Get(p, "functionCall") == nil {
						continue
					}
					switch s := jsonlit.Str(jsonlit.Get(p, "thoughtSignature")); s {
					case "":
						got = append(got, "-")
					case sentinel:
						got = append(got, "S")
					default:
						got = append(got, s)
					}
				}
			}
			want := test.want
			if !enforced {
				want = strings.ReplaceAll(want, "S", "-")
			}
			if got := strings.Join(got, " "); got != want {
				t.Errorf("%s, enforced %t: got %s, want %s", test.name, enforced, got, want)
			}
		}
	}
}

// TestRoundTrip shows that what is decoded and encoded decodes to the same.
func TestRoundTrip(t *testing.T) {
	bodies := []string{
		`{"systemInstruction":{"parts":[{"text":"s"}]},"contents":[{"role":"user","parts":[{"text":"go"},{"inlineData":{"mimeType":"image/png","data":"aGk="}},{"fileData":{"fileUri":"https://x.test/a.pdf"}}]},
		{"role":"model","parts":[{"text":"t","thought":true},{"functionCall":{"name":"f","args":{"a": 1.0}},"thoughtSignature":"c2ln"},{"functionCall":{"name":"f"}}]},
		{"role":"user","parts":[{"functionResponse":{"name":"f","response":{"output":"a"},"parts":[{"inlineData":{"mimeType":"image/png","data":"aGk="}}]}},{"functionResponse":{"name":"f","response":{"error":"b"}}},{"text":"then"}]},
		{"role":"model","parts":[{"text":"done"},{"text":"","thoughtSignature":"c2ln"}]},{"role":"user","parts":[{"text":"thanks"}]}],
		"tools":[{"functionDeclarations":[{"name":"f","description":"d","parameters":{"type":"OBJECT"}}]},{"googleSearch":{}}],
		"toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["f"]}},
		"generationConfig":{"temperature":0.5,"topP":1,"topK":3,"seed":4,"maxOutputTokens":5,"stopSequences":["x"],"candidateCount":2,"responseLogprobs":true,"logprobs":2,"frequencyPenalty":1,"presencePenalty":1,
		"responseJsonSchema":{"type":"object"},"thinkingConfig":{"thinkingLevel":"LOW","includeThoughts":true}}}`,
		`{"contents":[{"parts":[{"text":"go"}]}],"generationConfig":{"responseMimeType":"application/json","thinkingConfig":{"thinkingBudget":0}},"toolConfig":{"functionCallingConfig":{"mode":"NONE"}},"tools":[{"functionDeclarations":[{"name":"f"}]}]}`,
	}
	for _, body := range bodies {
		r := decode(t, body)
		again, warnings := encode(t, r, translate.Target{Model: "m"})
		if got, want := describe(decode(t, again)), describe(r); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
		if warnings != "" {
			t.Errorf("got warnings %q, want none", warnings)
		}
	}
}

// TestPrefix shows that the translation of a conversation is the beginning of
// that of a longer one.
func TestPrefix(t *testing.T) {
	var turns []translate.Turn
	for i := range 6 {
		id := fmt.Sprint("c", i)
		turns = append(turns, user(text(fmt.Sprint("question ", i)), media(translate.Image, translate.Media{MIME: "image/png", Data: []byte("aGk=")})),
			model(translate.Part{Kind: translate.Thinking, Text: lit("hm")}, text("let me see"), call(id, "f", `{"q":1}`)),
			user(result(id, "f", text("r"))), model(text("answer")))
	}
	var before []string
	for k := 1; k <= len(turns); k++ {
		body, _ := encode(t, &translate.Request{Dialect: translate.Messages, System: []translate.Part{text("s")}, Turns: turns[:k]}, translate.Target{})
		var now []string
		for c := range jsonlit.Elements(jsonlit.Get([]byte(body), "contents")) {
			now = append(now, string(c))
		}
		for i := range before {
			if now[i] != before[i] {
				t.Fatalf("with %d turns, content %d is %s, was %s", k, i, now[i], before[i])
			}
		}
		if len(now) != k {
			t.Fatalf("got %d contents of %d turns", len(now), k)
		}
		before = now
	}
}
