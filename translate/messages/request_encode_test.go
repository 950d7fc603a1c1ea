package messages

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/capability"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

func encode(r *translate.Request, t translate.Target) (body, warnings string, err error) {
	t.Losses = &translate.Losses{}
	if t.Model == "" {
		t.Model = "m"
	}
	b, err := New().AppendRequest(nil, r, t)
	return string(b), t.Losses.Warnings(), err
}

func ask(parts ...part) []turn { return []turn{{Parts: parts}} }

// TestEncodeSettings encodes one setting for a model; want is what the body
// holds besides model, max_tokens and messages.
func TestEncodeSettings(t *testing.T) {
	fn := translate.Tool{Name: "f", Schema: lit(`{"type":"object"}`)}
	const tools = `"tools":[{"name":"f","input_schema":{"type":"object"}}],`
	effort := func(s string) translate.Reasoning {
		return translate.Reasoning{Mode: translate.ReasonEffort, Effort: s}
	}
	for name, tc := range map[string]struct {
		model string
		r     translate.Request
		facts translate.Facts
		max   string // of max_tokens, when not the model's
		want  string
		warn  string
	}{
		"nothing":     {want: ``},
		"temperature": {r: translate.Request{Temperature: lit("0.10"), TopK: lit("5")}, want: `"temperature":0.10,"top_k":5`},
		"both":        {r: translate.Request{Temperature: lit("0.5"), TopP: lit("0.9")}, want: `"temperature":0.5,"top_p":0.9`},
		"one of both": {model: "claude-haiku-4-5", r: translate.Request{Temperature: lit("0.5"), TopP: lit("0.9")},
			want: `"temperature":0.5`, warn: "dropped=top_p"},
		"clamped":     {r: translate.Request{Temperature: lit("1.7")}, want: `"temperature":1`},
		"no sampling": {model: "claude-opus-5", r: translate.Request{Temperature: lit("0.5"), TopP: lit("0.9"), TopK: lit("5")}, warn: "dropped=temperature,top_p,top_k"},
		"defaults":    {model: "claude-opus-5", r: translate.Request{Temperature: lit("1"), TopP: lit("1.0")}},
		"stop": {r: translate.Request{Stop: []value{lit(`"END"`), lit(`" \n"`), lit(`"\u0020"`)}},
			want: `"stop_sequences":["END"]`, warn: "dropped=stop"},
		"user":             {r: translate.Request{User: lit(`"u1"`)}, want: `"metadata":{"user_id":"u1"}`},
		"max_tokens":       {r: translate.Request{MaxOutput: lit("100")}, max: "100"},
		"max_tokens above": {model: "claude-3-5-haiku-latest", r: translate.Request{MaxOutput: lit("99999")}, max: "8192", warn: "approximated=max_output_tokens"},
		"tier of another":  {r: translate.Request{Dialect: translate.Chat, Tier: "default"}},
		"own tier":         {r: translate.Request{Dialect: translate.Messages, Tier: "default"}, want: `"service_tier":"standard_only"`},

		"effort on adaptive": {model: "claude-opus-5", r: translate.Request{Reasoning: effort("high")},
			want: `"thinking":{"type":"adaptive"},"output_config":{"effort":"high"}`},
		"minimal": {model: "claude-opus-5", r: translate.Request{Reasoning: effort("minimal")},
			want: `"thinking":{"type":"adaptive"},"output_config":{"effort":"low"}`},
		"xhigh on a model without": {model: "claude-opus-4-6", r: translate.Request{Reasoning: effort("xhigh")},
			want: `"thinking":{"type":"adaptive"},"output_config":{"effort":"high"}`, warn: "approximated=reasoning"},
		"effort shown": {model: "claude-opus-5", r: translate.Request{Reasoning: translate.Reasoning{Mode: translate.ReasonEffort, Effort: "low", Show: translate.True}},
			want: `"thinking":{"type":"adaptive","display":"summarized"},"output_config":{"effort":"low"}`},
		"adaptive alone": {model: "claude-opus-5", r: translate.Request{Reasoning: translate.Reasoning{Mode: translate.ReasonAdaptive, Show: translate.False}},
			want: `"thinking":{"type":"adaptive","display":"omitted"}`},
		"budget on adaptive": {model: "claude-opus-5", r: translate.Request{Reasoning: translate.Reasoning{Mode: translate.ReasonBudget, Budget: 9000}},
			want: `"thinking":{"type":"adaptive"},"output_config":{"effort":"medium"}`, warn: "approximated=reasoning"},
		"none": {model: "claude-opus-5", r: translate.Request{Reasoning: effort("none")}, want: `"thinking":{"type":"disabled"}`},
		"off":  {model: "claude-haiku-4-5", r: translate.Request{Reasoning: translate.Reasoning{Mode: translate.ReasonOff}}, want: `"thinking":{"type":"disabled"}`},
		"off where it is between tools": {model: "claude-opus-5-5", facts: translate.Facts{BetweenTools: translate.True}, r: translate.Request{Reasoning: effort("none")},
			want: `"thinking":{"type":"between_tools"}`},
		"effort the model was told not to know": {model: "claude-opus-5", facts: translate.Facts{Efforts: translate.EffortLow | translate.EffortMedium}, r: translate.Request{Reasoning: effort("max")},
			want: `"thinking":{"type":"adaptive"},"output_config":{"effort":"medium"}`, warn: "approximated=reasoning"},
		"off where it cannot be":  {model: "claude-opus-5-5", r: translate.Request{Reasoning: effort("none")}, want: `"output_config":{"effort":"low"}`, warn: "approximated=reasoning"},
		"off where there is none": {model: "claude-3-haiku", r: translate.Request{Reasoning: effort("none")}},
		"a model without":         {model: "claude-3-haiku", r: translate.Request{Reasoning: effort("high")}, warn: "dropped=reasoning"},
		"effort on budget": {model: "claude-haiku-4-5", r: translate.Request{Reasoning: effort("high")},
			want: `"thinking":{"type":"enabled","budget_tokens":16384}`},
		"budget": {model: "claude-haiku-4-5", r: translate.Request{Reasoning: translate.Reasoning{Mode: translate.ReasonBudget, Budget: 5000}},
			want: `"thinking":{"type":"enabled","budget_tokens":5000}`},
		"budget too small": {model: "claude-haiku-4-5", r: translate.Request{Reasoning: translate.Reasoning{Mode: translate.ReasonBudget, Budget: 5}},
			want: `"thinking":{"type":"enabled","budget_tokens":1024}`},
		"budget raises our limit": {r: translate.Request{Reasoning: effort("high")}, max: "24576",
			want: `"thinking":{"type":"enabled","budget_tokens":16384}`},
		"budget below the client's limit": {model: "claude-haiku-4-5", r: translate.Request{MaxOutput: lit("8000"), Reasoning: effort("high")}, max: "8000",
			want: `"thinking":{"type":"enabled","budget_tokens":6000}`, warn: "approximated=reasoning"},
		"no room to think": {model: "claude-haiku-4-5", r: translate.Request{MaxOutput: lit("1000"), Reasoning: effort("low")}, max: "1000",
			warn: "dropped=reasoning; approximated=reasoning"},
		"thinking and sampling": {model: "claude-haiku-4-5", r: translate.Request{Temperature: lit("0"), Reasoning: effort("low")},
			want: `"thinking":{"type":"enabled","budget_tokens":2048}`, warn: "dropped=temperature"},

		"tool": {r: translate.Request{Tools: []translate.Tool{{Name: "f", Description: lit(`"does"`), CacheTTL: "1h"}}},
			want: `"tools":[{"name":"f","description":"does","input_schema":{"type":"object","properties":{}},"cache_control":{"type":"ephemeral","ttl":"1h"}}]`},
		"strict tool": {r: translate.Request{Tools: []translate.Tool{{Name: "f", Schema: lit(`{"type":"object","properties":{"a":{"type":"integer","minimum":0}}}`), Strict: translate.True}}},
			want: `"tools":[{"name":"f","input_schema":{"type":"object","properties":{"a":{"type":"integer","description":"{minimum: 0}"}},"additionalProperties":false},"strict":true}]`, warn: "approximated=tool_strict"},
		"hosted of another": {r: translate.Request{Dialect: translate.Responses, Tools: []translate.Tool{{Kind: translate.HostedTool, Name: "x", Raw: lit(`{"type":"x"}`)}}, Choice: translate.ToolChoice{Mode: translate.ChooseAny}}},
		"hosted of its own": {r: translate.Request{Dialect: translate.Messages, Tools: []translate.Tool{{Kind: translate.HostedTool, Name: "x", Raw: lit(`{"type":"x"}`)}}},
			want: `"tools":[{"type":"x"}]`},
		"auto":  {r: translate.Request{Tools: []translate.Tool{fn}, Choice: translate.ToolChoice{Mode: translate.ChooseAuto}}, want: tools + `"tool_choice":{"type":"auto"}`},
		"none ": {r: translate.Request{Tools: []translate.Tool{fn}, Choice: translate.ToolChoice{Mode: translate.ChooseNone}, Parallel: translate.False}, want: tools + `"tool_choice":{"type":"none"}`},
		"any":   {r: translate.Request{Tools: []translate.Tool{fn}, Choice: translate.ToolChoice{Mode: translate.ChooseAny}}, want: tools + `"tool_choice":{"type":"any"}`},
		"named and single": {r: translate.Request{Tools: []translate.Tool{fn}, Choice: translate.ToolChoice{Mode: translate.ChooseNamed, Names: []string{"f"}}, Parallel: translate.False},
			want: tools + `"tool_choice":{"type":"tool","name":"f","disable_parallel_tool_use":true}`},
		"single alone":         {r: translate.Request{Tools: []translate.Tool{fn}, Parallel: translate.False}, want: tools + `"tool_choice":{"type":"auto","disable_parallel_tool_use":true}`},
		"parallel":             {r: translate.Request{Tools: []translate.Tool{fn}, Parallel: translate.True}, want: strings.TrimSuffix(tools, ",")},
		"choice without tools": {r: translate.Request{Choice: translate.ToolChoice{Mode: translate.ChooseAuto}}},
		"forced where it cannot be": {model: "claude-opus-5-5", r: translate.Request{Tools: []translate.Tool{fn}, Choice: translate.ToolChoice{Mode: translate.ChooseNamed, Names: []string{"f"}}},
			want: tools + `"tool_choice":{"type":"auto"}`, warn: "approximated=tool_choice"},
		"forced while thinking": {model: "claude-opus-5", r: translate.Request{Reasoning: effort("high"), Tools: []translate.Tool{fn}, Choice: translate.ToolChoice{Mode: translate.ChooseAny}},
			want: tools + `"tool_choice":{"type":"any"},"thinking":{"type":"disabled"}`, warn: "dropped=reasoning"},

		"format": {r: translate.Request{Format: translate.Format{Kind: translate.FormatSchema, Name: "n", Schema: lit(`{"type":"object","properties":{}}`)}},
			want: `"output_config":{"format":{"type":"json_schema","schema":{"type":"object","properties":{},"additionalProperties":false}}}`, warn: "approximated=format_schema"},
		"format and effort": {model: "claude-opus-5", r: translate.Request{Reasoning: effort("low"), Format: translate.Format{Kind: translate.FormatSchema, Schema: lit(`{"type":"string"}`)}},
			want: `"thinking":{"type":"adaptive"},"output_config":{"effort":"low","format":{"type":"json_schema","schema":{"type":"string"}}}`},
	} {
		t.Run(name, func(t *testing.T) {
			r := tc.r
			r.Turns = ask(text("hi"))
			caps := capability.Lookup(tc.model).With(tc.facts)
			got, warn, err := encode(&r, translate.Target{Capabilities: caps})
			if err != nil {
				t.Fatal(err)
			}
			max := tc.max
			if max == "" {
				max = map[string]string{"": "8192", "claude-3-haiku": "4096"}[tc.model]
			}
			if max == "" {
				max = "32000"
			}
			var members []string
			for name, v := range jsonlit.Fields(lit(got)) {
				switch string(name) {
				case "model", "messages":
				case "max_tokens":
					if string(v) != max {
						t.Errorf("max_tokens: got %s, want %s", v, max)
					}
				default:
					members = append(members, `"`+string(name)+`":`+string(v))
				}
			}
			if got := strings.Join(members, ","); got != tc.want {
				t.Errorf("\n got %s\nwant %s", got, tc.want)
			}
			if warn != tc.warn {
				t.Errorf("warnings: got %q, want %q", warn, tc.warn)
			}
			if err := jsonlit.Check([]byte(got)); err != nil {
				t.Errorf("%v: %s", err, got)
			}
		})
	}
}

func TestEncodeConversation(t *testing.T) {
	user := func(parts ...part) turn { return turn{Parts: parts} }
	assistant := func(parts ...part) turn { return turn{Role: translate.AssistantRole, Parts: parts} }
	system := func(parts ...part) turn { return turn{Role: translate.SystemRole, Parts: parts} }
	txt := func(s string) string { return `{"type":"text","text":"` + s + `"}` }
	msg := func(role string, blocks ...string) string {
		return `{"role":"` + role + `","content":[` + strings.Join(blocks, ",") + `]}`
	}
	m := func(kind translate.Kind, m media) part { return part{Kind: kind, Media: &m} }
	cached := func(p part, ttl string) part { p.CacheTTL = ttl; return p }
	thought := part{Kind: translate.Thinking, Text: lit(`"hm"`), Signature: lit(`"Eq"`)}
	for name, tc := range map[string]struct {
		dialect translate.Name
		model   string
		turns   []turn
		want    string
		warn    string
	}{
		"plain":           {turns: []turn{user(text("a")), assistant(text("b")), user(text("c"))}, want: msg("user", txt("a")) + "," + msg("assistant", txt("b")) + "," + msg("user", txt("c"))},
		"blank texts":     {turns: []turn{user(text(""), text(` \n\u00a0`), text("a"))}, want: msg("user", txt("a"))},
		"a blank user":    {turns: []turn{user(text(" "))}, want: msg("user", txt("(empty)"))},
		"nobody":          {want: msg("user", txt("(empty)"))},
		"assistant first": {turns: []turn{assistant(text("a")), user(text("b"))}, want: msg("user", txt("(empty)")) + "," + msg("assistant", txt("a")) + "," + msg("user", txt("b"))},
		"a blank assistant": {turns: []turn{user(text("a")), assistant(text("")), user(text("b"))},
			want: msg("user", txt("a"), txt("b"))},
		"a blank user between": {turns: []turn{user(text("a")), assistant(text("b")), user(text("")), assistant(text("c")), user(text("d"))},
			want: msg("user", txt("a")) + "," + msg("assistant", txt("b")) + "," + msg("user", txt("(empty)")) + "," + msg("assistant", txt("c")) + "," + msg("user", txt("d"))},
		"refusal": {turns: []turn{user(text("a")), assistant(part{Kind: translate.Refusal, Text: lit(`"no"`)}), user(text("b"))},
			want: msg("user", txt("a")) + "," + msg("assistant", txt("no")) + "," + msg("user", txt("b"))},
		"prefill": {turns: []turn{user(text("a")), assistant(text(`{\n\\n \n`))}, want: msg("user", txt("a")) + "," + msg("assistant", txt(`{\n\\n`))},
		"system in the middle": {turns: []turn{user(text("a")), system(text("s")), user(text("b")), assistant(text("c")), system(text("t")), user(text("d"))},
			want: msg("user", txt("a"), txt(`<system>\ns\n</system>`), txt("b")) + "," + msg("assistant", txt("c")) + "," + msg("user", txt(`<system>\nt\n</system>`), txt("d")),
			warn: "emulated=mid_system"},
		"system where it is taken": {model: "claude-opus-5", turns: []turn{user(text("a")), system(text("s")), system(text("t")), assistant(text("c")), system(text("u")), user(text("d"))},
			want: msg("user", txt("a")) + "," + msg("system", txt("s"), txt("t")) + "," + msg("assistant", txt("c")) + "," + msg("user", txt(`<system>\nu\n</system>`), txt("d")),
			warn: "emulated=mid_system"},
		"an image of the assistant": {turns: []turn{user(text("a")), assistant(m(translate.Image, media{MIME: "image/png", Data: []byte("aGk=")}), text("b")), user(text("c"))},
			want: msg("user", txt("a")) + "," + msg("assistant", txt("b")) + "," + msg("user", txt("c")), warn: "dropped=assistant_media"},
		"an image as a file": {turns: ask(m(translate.File, media{MIME: "image/png", Data: []byte("aGk="), Name: lit(`"a.png"`)})),
			want: msg("user", `{"type":"image","source":{"type":"base64","media_type":"image/png","data":"aGk="}}`)},
		"another's thinking": {dialect: translate.Responses, turns: []turn{user(text("a")), assistant(thought, text("b")), user(text("c"))},
			want: msg("user", txt("a")) + "," + msg("assistant", txt("b")) + "," + msg("user", txt("c"))},
		"its own thinking": {dialect: translate.Messages, turns: []turn{user(text("a")), assistant(thought, part{Kind: translate.Thinking, Signature: lit(`"Em"`)}, part{Kind: translate.Thinking, Text: lit(`"unsigned"`)}, text("b")), user(text("c"))},
			want: msg("user", txt("a")) + "," + msg("assistant", `{"type":"thinking","thinking":"hm","signature":"Eq"}`, `{"type":"redacted_thinking","data":"Em"}`, txt("b")) + "," + msg("user", txt("c"))},
		"images": {turns: ask(
			m(translate.Image, media{MIME: "image/jpg", Data: []byte("/9j/")}),
			m(translate.Image, media{Data: []byte("iVBORw0KGgoAAA=")}),
			m(translate.Image, media{URL: lit(`"https://e.example/a.png"`)})),
			want: msg("user",
				`{"type":"image","source":{"type":"base64","media_type":"image/jpeg","data":"/9j/"}}`,
				`{"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw0KGgoAAA="}}`,
				`{"type":"image","source":{"type":"url","url":"https://e.example/a.png"}}`)},
		"documents": {turns: ask(
			m(translate.File, media{MIME: "application/pdf", Data: []byte("JVBERi0="), Name: lit(`"a.pdf"`)}),
			m(translate.File, media{MIME: "text/markdown; charset=utf-8", Data: []byte("IyBIaSAi8J+YgCI=")}),
			m(translate.File, media{MIME: "text/plain", Text: lit(`"words"`)}),
			m(translate.File, media{MIME: "application/pdf", URL: lit(`"https://e.example/a.pdf"`)})),
			want: msg("user",
				`{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBERi0="},"title":"a.pdf"}`,
				`{"type":"document","source":{"type":"text","media_type":"text/plain","data":"# Hi \"😀\""}}`,
				`{"type":"document","source":{"type":"text","media_type":"text/plain","data":"words"}}`,
				`{"type":"document","source":{"type":"url","url":"https://e.example/a.pdf"}}`)},
		"own file": {dialect: translate.Messages, turns: ask(m(translate.File, media{FileID: lit(`"file_1"`)})),
			want: msg("user", `{"type":"document","source":{"type":"file","file_id":"file_1"}}`)},
		"tools": {turns: []turn{user(text("a")),
			assistant(
				part{Kind: translate.ToolCall, Call: &call{ID: "c1", Name: "f", Arguments: translate.Arguments{Object: lit(`{"x": 1.0}`)}}},
				part{Kind: translate.ToolCall, Call: &call{ID: "c2", Name: "g", Arguments: translate.Arguments{Text: lit(`"{\"y\":\"\\n\"}"`)}}},
				part{Kind: translate.ToolCall, Call: &call{ID: "c3", Name: "h", Arguments: translate.Arguments{Text: lit(`"{oops"`)}}},
				part{Kind: translate.ToolCall, Call: &call{ID: "c4", Name: "i"}}),
			user(
				part{Kind: translate.ToolResult, Result: &result{CallID: "c1", Parts: []part{text("one"), text(" "), m(translate.Image, media{MIME: "image/png", Data: []byte("aGk=")})}}, CacheTTL: "5m"},
				part{Kind: translate.ToolResult, Result: &result{CallID: "c2", IsError: true, Parts: []part{text("bad")}}},
				part{Kind: translate.ToolResult, Result: &result{CallID: "c3"}},
				text("go on"))},
			warn: "approximated=tool_call_arguments",
			want: msg("user", txt("a")) + "," +
				msg("assistant", `{"type":"tool_use","id":"c1","name":"f","input":{"x": 1.0}}`, `{"type":"tool_use","id":"c2","name":"g","input":{"y":"\n"}}`,
					`{"type":"tool_use","id":"c3","name":"h","input":{"_raw":"{oops"}}`, `{"type":"tool_use","id":"c4","name":"i","input":{}}`) + "," +
				msg("user", `{"type":"tool_result","tool_use_id":"c1","content":[`+txt("one")+`,{"type":"image","source":{"type":"base64","media_type":"image/png","data":"aGk="}}],"cache_control":{"type":"ephemeral"}}`,
					`{"type":"tool_result","tool_use_id":"c2","content":[`+txt("bad")+`],"is_error":true}`,
					`{"type":"tool_result","tool_use_id":"c3"}`, txt("go on"))},
		"breakpoints beyond four": {turns: ask(cached(text("1"), "5m"), cached(text("2"), "30m"), cached(text("3"), "12h"), cached(text(" "), "5m"), cached(text("4"), "1h"), cached(text("5"), "5m")),
			want: msg("user", txt("1"), `{"type":"text","text":"2","cache_control":{"type":"ephemeral"}}`, `{"type":"text","text":"3","cache_control":{"type":"ephemeral","ttl":"1h"}}`,
				`{"type":"text","text":"4","cache_control":{"type":"ephemeral","ttl":"1h"}}`, `{"type":"text","text":"5","cache_control":{"type":"ephemeral"}}`)},
	} {
		t.Run(name, func(t *testing.T) {
			r := &translate.Request{Dialect: tc.dialect, Turns: tc.turns}
			got, warn, err := encode(r, translate.Target{Capabilities: capability.Lookup(tc.model)})
			if err != nil {
				t.Fatal(err)
			}
			if got, want := string(jsonlit.Get(lit(got), "messages")), "["+tc.want+"]"; got != want {
				t.Errorf("\n got %s\nwant %s", got, want)
			}
			if warn != tc.warn {
				t.Errorf("warnings: got %q, want %q", warn, tc.warn)
			}
		})
	}
}

func TestEncodeRefuses(t *testing.T) {
	m := func(kind translate.Kind, m media) []turn { return ask(part{Kind: kind, Media: &m}) }
	for name, tc := range map[string]struct {
		dialect translate.Name
		model   string
		turns   []turn
		param   string
	}{
		"prefill":              {translate.Chat, "claude-opus-5", []turn{{Parts: []part{text("a")}}, {Role: translate.AssistantRole, Parts: []part{text("b")}}}, "messages"},
		"audio":                {translate.Chat, "", m(translate.Audio, media{Data: []byte("aGk=")}), "messages"},
		"odd image":            {translate.Gemini, "", m(translate.Image, media{MIME: "image/heic", Data: []byte("aGk=")}), "contents"},
		"unknown image":        {translate.Responses, "", m(translate.Image, media{Data: []byte("aGk=")}), "input"},
		"odd document":         {translate.Chat, "", m(translate.File, media{MIME: "application/zip", Data: []byte("UEsD")}), "messages"},
		"text that is no text": {translate.Chat, "", m(translate.File, media{MIME: "text/plain", Data: []byte("//79")}), "messages"},
		"foreign file":         {translate.Responses, "", m(translate.File, media{FileID: lit(`"file-1"`)}), "input"},
		"audio in result":      {translate.Gemini, "", ask(part{Kind: translate.ToolResult, Result: &result{CallID: "c", Parts: m(translate.Audio, media{})[0].Parts}}), "contents"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := encode(&translate.Request{Dialect: tc.dialect, Turns: tc.turns}, translate.Target{Capabilities: capability.Lookup(tc.model)})
			var e *translate.Error
			if !errors.As(err, &e) || e.Kind != translate.InvalidRequest || e.Param != tc.param {
				t.Errorf("err = %#v, want InvalidRequest about %q", err, tc.param)
			}
		})
	}
}

// TestEncodeMidLoop: models that think by budget refuse to, where the step
// before the tool results has no thinking.
func TestEncodeMidLoop(t *testing.T) {
	use := part{Kind: translate.ToolCall, Call: &call{ID: "c1", Name: "f"}}
	answer := turn{Parts: []part{{Kind: translate.ToolResult, Result: &result{CallID: "c1"}}}}
	thought := part{Kind: translate.Thinking, Text: lit(`"hm"`), Signature: lit(`"Eq"`)}
	for name, tc := range map[string]struct {
		dialect translate.Name
		model   string
		parts   []part
		want    string
	}{
		"budget, no thinking":   {translate.Chat, "claude-haiku-4-5", []part{use}, ""},
		"budget, another's":     {translate.Responses, "claude-haiku-4-5", []part{thought, use}, ""},
		"budget, its own":       {translate.Messages, "claude-haiku-4-5", []part{thought, use}, `{"type":"enabled","budget_tokens":2048}`},
		"adaptive, no thinking": {translate.Chat, "claude-opus-5", []part{use}, `{"type":"adaptive"}`},
	} {
		r := &translate.Request{Dialect: tc.dialect, Reasoning: translate.Reasoning{Mode: translate.ReasonEffort, Effort: "low"},
			Turns: []turn{ask(text("a"))[0], {Role: translate.AssistantRole, Parts: tc.parts}, answer}}
		body, _, err := encode(r, translate.Target{Capabilities: capability.Lookup(tc.model)})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := string(jsonlit.Get(lit(body), "thinking")); got != tc.want {
			t.Errorf("%s: thinking = %s, want %s", name, got, tc.want)
		}
	}
}

// TestEncodePrefillThinks: an answer that is begun is continued without
// thinking.
func TestEncodePrefillThinks(t *testing.T) {
	r := &translate.Request{Reasoning: translate.Reasoning{Mode: translate.ReasonEffort, Effort: "low"},
		Turns: []turn{ask(text("a"))[0], {Role: translate.AssistantRole, Parts: []part{text("b")}}}}
	body, warn, err := encode(r, translate.Target{Capabilities: capability.Lookup("claude-haiku-4-5")})
	if err != nil {
		t.Fatal(err)
	}
	if got := jsonlit.Get(lit(body), "thinking"); got != nil || warn != "dropped=reasoning" {
		t.Errorf("thinking = %s, warnings %q", got, warn)
	}
}

func TestEncodeLimits(t *testing.T) {
	for _, tc := range []struct {
		model  string
		stream bool
		want   string
	}{
		{"", false, "8192"}, {"", true, "8192"}, {"claude-opus-5", false, "32000"}, {"claude-opus-5", true, "128000"}, {"claude-3-haiku", true, "4096"},
	} {
		body, _, err := encode(&translate.Request{Turns: ask(text("a"))}, translate.Target{Stream: tc.stream, Capabilities: capability.Lookup(tc.model)})
		if err != nil {
			t.Fatal(err)
		}
		if got := string(jsonlit.Get(lit(body), "max_tokens")); got != tc.want {
			t.Errorf("%q, stream %v: max_tokens = %s, want %s", tc.model, tc.stream, got, tc.want)
		}
		if got, want := jsonlit.True(jsonlit.Get(lit(body), "stream")), tc.stream; got != want {
			t.Errorf("stream = %v, want %v", got, want)
		}
	}
}

func TestEncodeCount(t *testing.T) {
	r := &translate.Request{Operation: translate.CountTokens, MaxOutput: lit("5"), Temperature: lit("0.5"), Stop: []value{lit(`"x"`)},
		System: []part{text("s")}, Turns: ask(text("a")), Tools: []translate.Tool{{Name: "f", Schema: lit(`{"type":"object"}`)}}}
	got, _, err := encode(r, translate.Target{Stream: true})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"model":"m","tools":[{"name":"f","input_schema":{"type":"object"}}],"system":[{"type":"text","text":"s"}],"messages":[{"role":"user","content":[{"type":"text","text":"a"}]}]}`
	if got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

// TestRoundTrip: what is decoded, encoded and decoded again is the same.
func TestRoundTrip(t *testing.T) {
	body := `{"model":"claude-opus-5","max_tokens":4096,"stream":true,"system":[{"type":"text","text":"S","cache_control":{"type":"ephemeral"}}],
		"stop_sequences":["X"],"metadata":{"user_id":"u"},"service_tier":"auto","thinking":{"type":"adaptive","display":"summarized"},
		"output_config":{"effort":"high","format":{"type":"json_schema","schema":{"type":"object","properties":{},"additionalProperties":false}}},
		"tools":[{"name":"f","description":"d","input_schema":{"type":"object","properties":{}}},{"type":"bash_20250124","name":"bash"}],
		"tool_choice":{"type":"auto","disable_parallel_tool_use":true},
		"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"aGk="}},
			{"type":"document","title":"T","source":{"type":"base64","media_type":"application/pdf","data":"JVBERi0="}},{"type":"document","source":{"type":"file","file_id":"file_1"}}]},
			{"role":"system","content":"mid"},
			{"role":"assistant","content":[{"type":"thinking","thinking":"","signature":"Eq"},{"type":"redacted_thinking","data":"Em"},{"type":"tool_use","id":"t1","name":"f","input":{"n":1e2}}]},
			{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","is_error":true,"content":"no","cache_control":{"type":"ephemeral","ttl":"1h"}},{"type":"text","text":"b"}]}]}`
	first := decode(t, body)
	again, _, err := encode(first, translate.Target{Model: first.Model, Stream: true, Capabilities: capability.Lookup(first.Model)})
	if err != nil {
		t.Fatal(err)
	}
	if second := decode(t, again); !reflect.DeepEqual(first, second) {
		t.Errorf("\nfirst  %s\nsecond %s", show(first), show(second))
	}
}

// TestPrefix: a longer conversation is encoded as an extension of the shorter.
func TestPrefix(t *testing.T) {
	turns := []turn{
		{Parts: []part{text("a"), text("")}},
		{Role: translate.AssistantRole, Parts: []part{text("b"), {Kind: translate.ToolCall, Call: &call{ID: "c", Name: "f"}}}},
		{Parts: []part{{Kind: translate.ToolResult, Result: &result{CallID: "c", Parts: []part{text("r")}}}}},
		{Role: translate.SystemRole, Parts: []part{text("s")}},
		{Role: translate.AssistantRole, Parts: []part{text("")}},
		{Parts: []part{text("d")}},
		{Role: translate.AssistantRole, Parts: []part{{Kind: translate.Refusal, Text: lit(`"e"`)}}},
		{Role: translate.SystemRole, Parts: []part{text("t")}},
		{Parts: []part{text(" ")}},
		{Role: translate.AssistantRole, Parts: []part{text("f")}},
		{Parts: []part{text("g")}},
	}
	for _, model := range []string{"", "claude-opus-4-8"} {
		caps := capability.Lookup(model)
		caps.NoPrefill = false
		var before []string
		for k := 1; k <= len(turns); k++ {
			// A user turn of white space alone gets its stand-in only once it
			// is known that nothing follows in the same message.
			if turns[k-1].Role == translate.UserRole && blank(turns[k-1].Parts[0].Text) && turns[k-1].Parts[0].Kind == translate.Text {
				continue
			}
			body, _, err := encode(&translate.Request{Turns: turns[:k]}, translate.Target{Capabilities: caps})
			if err != nil {
				t.Fatal(err)
			}
			var blocks []string
			for m := range jsonlit.Elements(jsonlit.Get(lit(body), "messages")) {
				for b := range jsonlit.Elements(jsonlit.Get(m, "content")) {
					blocks = append(blocks, string(jsonlit.Get(m, "role"))+string(b))
				}
			}
			if len(blocks) < len(before) || !slices.Equal(blocks[:len(before)], before) {
				t.Errorf("%q, %d turns: %v does not begin with %v", model, k, blocks, before)
			}
			before = blocks
		}
	}
}

func TestAppendKeepsWhatIsThere(t *testing.T) {
	r := &translate.Request{Turns: ask(text("a"))}
	want, _, _ := encode(r, translate.Target{})
	for _, dst := range [][]byte{[]byte("x}"), append(make([]byte, 0, 4096), "x}"...)} {
		got, err := New().AppendRequest(dst, r, translate.Target{Model: "m", Losses: &translate.Losses{}})
		if err != nil || string(got) != "x}"+want {
			t.Errorf("got %s, %v", got, err)
		}
	}
}
