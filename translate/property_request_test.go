package translate_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
	"github.com/go-json-experiment/json/jsontext"
)

const seeds = 24 // of each pair

// translation is a client's request on its way to an upstream.
type translation struct {
	client, target translate.Dialect
	body           []byte             // the client's
	request        *translate.Request // what it says
	adapted        *translate.Request
	out            []byte // the upstream's
	losses         *translate.Losses
}

// hint is what the dialects say outside the body.
func hint(r *translate.Request) translate.Hint {
	return translate.Hint{Model: r.Model, Stream: r.Stream, Operation: r.Operation}
}

// write puts a neutral request down in a dialect, as the exchange does.
func write(d translate.Dialect, r *translate.Request, c translate.Capabilities, losses *translate.Losses) (adapted *translate.Request, body []byte, err error) {
	adapted, _ = translate.Adapt(r, d.Name())
	if err := translate.Inspect(r, d.Name(), losses); err != nil {
		return nil, nil, err
	}
	body, err = d.AppendRequest(nil, adapted, translate.Target{Model: r.Model, Capabilities: c, Stream: r.Stream, Losses: losses})
	return adapted, body, err
}

// translated takes a neutral request through the client's dialect to the
// target's.
func translated(t *testing.T, client, target translate.Dialect, r *translate.Request) translation {
	t.Helper()
	x := translation{client: client, target: target, losses: new(translate.Losses)}
	var err error
	if _, x.body, err = write(client, r, translate.Capabilities{MidSystem: true}, new(translate.Losses)); err != nil {
		t.Fatalf("writing the client's request: %v", err)
	}
	if err := jsonlit.Check(x.body); err != nil {
		t.Fatalf("the client's request: %v\n%s", err, x.body)
	}
	if x.request, err = client.DecodeRequest(x.body, hint(r)); err != nil {
		t.Fatalf("reading the client's request: %v\n%s", err, x.body)
	}
	if x.adapted, x.out, err = write(target, x.request, translate.Capabilities{}, x.losses); err != nil {
		t.Fatalf("writing the upstream's request: %v\n%s", err, x.body)
	}
	if err := jsonlit.Check(x.out); err != nil {
		t.Fatalf("the upstream's request: %v\n%s", err, x.out)
	}
	return x
}

// eachPair runs a test for every client's dialect and every upstream's, with
// requests of several seeds.
func eachPair(t *testing.T, test func(t *testing.T, g generator, client, target translate.Dialect)) {
	for _, client := range dialects() {
		for _, target := range dialects() {
			t.Run(string(client.Name())+"→"+string(target.Name()), func(t *testing.T) {
				for seed := range uint64(seeds) {
					test(t, newGenerator(seed), client, target)
					if t.Failed() {
						t.Fatalf("seed %d", seed)
					}
				}
			})
		}
	}
}

// TestNothingIsLostInSilence (P3, P4): a request that goes to a dialect and
// back says what it said, but for what the loss tables list. What they do not
// call silent has been noted.
func TestNothingIsLostInSilence(t *testing.T) {
	eachPair(t, func(t *testing.T, g generator, client, target translate.Dialect) {
		p := pair{client.Name(), target.Name()}
		x := translated(t, client, target, g.request(p))
		back, err := target.DecodeRequest(x.out, hint(x.request))
		if err != nil {
			t.Fatalf("reading the upstream's request: %v\n%s", err, x.out)
		}
		tools := make(origin)
		for i, tool := range x.request.Tools {
			tools[x.adapted.Tools[i].Name] = tool
		}
		lossy := losses(x)
		said := facts(x.request, tools)
		got, want := keep(facts(back, tools), lossy), keep(said, lossy)
		for i := range max(len(got), len(want)) {
			if i >= len(got) || i >= len(want) || got[i] != want[i] {
				t.Fatalf("fact %d\n got %v\nwant %v\nclient   %.1500s\nupstream %.1500s\nlosses %s", i, at(got, i), at(want, i), x.body, x.out, x.losses.Warnings())
			}
		}
		for _, f := range said {
			switch row(translate.LossTable(), f.row).To(target.Name()) {
			case translate.Approximated, translate.Dropped, translate.Emulated:
				if !lossy(f.row) {
					t.Errorf("%v is lost and not named in %q", f, x.losses.Warnings())
				}
			}
		}
	})
}

func at(list []fact, i int) any {
	if i < len(list) {
		return list[i]
	}
	return "nothing"
}

func row(table []translate.Row, field string) translate.Row {
	for _, r := range table {
		if r.Field == field {
			return r
		}
	}
	return translate.Row{}
}

// losses tells which rows a translation may lose: those noted, and those that
// the tables call silent.
func losses(x translation) func(string) bool {
	noted := strings.FieldsFunc(x.losses.Warnings(), func(r rune) bool { return strings.ContainsRune("=,; ", r) })
	return func(field string) bool {
		return field != "" && (slices.Contains(noted, field) ||
			row(translate.LossTable(), field).To(x.target.Name()) == translate.Silent ||
			row(translate.ValueLosses(), field).To(x.target.Name()) == translate.Silent)
	}
}

// fact is one thing that a request says, and the row of the loss table that it
// falls under, "" for none.
type fact struct{ row, says string }

// newFact makes a fact in which line separators are escaped: whether they are
// is no part of what is said.
func newFact(row, format string, args ...any) fact {
	return fact{row, string(jsonlit.AppendLiteral(nil, fmt.Appendf(nil, format, args...)))}
}

// keep leaves out what may be lost, and what stands in its place.
func keep(list []fact, lossy func(string) bool) (out []fact) {
	for _, f := range list {
		standsIn := lossy("temperature_range") && f.says == "temperature 1" || lossy("mid_system") && strings.HasPrefix(f.says, `user text "<system>`) ||
			lossy("tool_result_media") && (strings.HasPrefix(f.says, `user text "From the result of`) || strings.HasPrefix(f.says, "user image"))
		if !lossy(f.row) && !standsIn {
			out = append(out, f)
		}
	}
	return out
}

// origin is the tools as the client declared them, by the upstream's names.
type origin map[string]translate.Tool

func (o origin) custom(name string) bool { return o[name].Kind == translate.CustomTool }

// facts lists what a request says.
func facts(r *translate.Request, tools origin) (list []fact) {
	say := func(row, format string, args ...any) { list = append(list, newFact(row, format, args...)) }
	set := func(row string, v translate.Value) {
		if len(v) > 0 {
			say(row, "%s %s", row, v)
		}
	}
	if t, _ := jsonlit.Float(r.Temperature); t > 1 {
		say("temperature_range", "temperature %s", r.Temperature)
	} else {
		set("temperature", r.Temperature)
	}
	set("top_p", r.TopP)
	set("top_k", r.TopK)
	set("frequency_penalty", r.FrequencyPenalty)
	set("presence_penalty", r.PresencePenalty)
	set("seed", r.Seed)
	set("max_output_tokens", r.MaxOutput)
	if len(r.Stop) > 0 {
		say("stop", "stop %s", r.Stop)
	}
	if r.N > 1 {
		say("n", "n %d", r.N)
	}
	if r.Logprobs {
		say("logprobs", "logprobs %d", r.TopLogprobs)
	}
	switch r.Format.Kind {
	case translate.FormatJSON:
		say("format_json", "json")
	case translate.FormatSchema:
		say("format_schema", "schema %s", compact(r.Format.Schema))
		if r.Format.Name != "response" && r.Format.Name != "" { // the name that stands for none
			say("format_text_name", "schema name %s", r.Format.Name)
		}
		if always := r.Dialect == translate.Messages || r.Dialect == translate.Gemini; always || r.Format.Strict == translate.True {
			say("format_strict", "schema binds")
		}
	}
	if r.Verbosity != "" {
		say("verbosity", "verbosity %s", r.Verbosity)
	}
	if effort := effort(r.Reasoning); effort != "" {
		say("reasoning", "reasoning %s", effort)
	}
	set("user", r.User)
	set("prompt_cache_key", r.CacheKey)
	if r.Tier != "" && r.Tier != "auto" && r.Tier != "default" {
		say("service_tier", "tier %s", r.Tier)
	}
	if r.Store == translate.True {
		say("store", "store")
	}
	for _, f := range r.Extra {
		if f.Name != "stream_options" && f.Name != "include" { // said by Usage and Logprobs
			say(f.Name, "%s %s", f.Name, f.Value)
		}
	}
	for i := range r.Tools {
		tool := &r.Tools[i]
		say("tools", "tool %s %s", tool.Name, tool.Description)
		if tools.custom(tool.Name) {
			continue
		}
		if tools[tool.Name].Strict == translate.True {
			say("tool_strict", "strict %d %s", tool.Strict, compact(tool.Schema))
		} else {
			say("tools", "schema %s", compact(tool.Schema))
		}
	}
	switch c := r.Choice; {
	case c.Mode <= translate.ChooseAuto && len(c.Names) == 0: // the default
	case c.Mode == translate.ChooseNamed:
		say("tool_choice", "choice %v", c.Names)
	case len(c.Names) > 0:
		say("tool_choice", "choice %d", c.Mode)
		say("tool_choice_subset", "among %v", c.Names)
	default:
		say("tool_choice", "choice %d", c.Mode)
	}
	if r.Parallel == translate.False && len(r.Tools) > 0 && r.Choice.Mode != translate.ChooseNone {
		say("parallel_tool_calls", "one call")
	}
	if len(r.System) > 0 {
		say("", "system %s", translate.PlainText(r.System, `\n\n`))
	}
	for i := range r.Turns {
		for j := range r.Turns[i].Parts {
			list = append(list, partFacts(r.Turns[i].Role, &r.Turns[i].Parts[j], tools)...)
		}
	}
	return list
}

func partFacts(role translate.Role, p *translate.Part, tools origin) (list []fact) {
	who := [...]string{translate.UserRole: "user", translate.AssistantRole: "assistant", translate.SystemRole: "system"}[role]
	say := func(row, format string, args ...any) {
		if role == translate.SystemRole {
			row = "mid_system"
		}
		list = append(list, newFact(row, who+" "+format, args...))
	}
	switch p.Kind {
	case translate.Text:
		say("", "text %s", p.Text)
	case translate.Thinking:
		say("thinking_history", "thought %s", p.Text)
	case translate.ToolCall:
		row := ""
		if tools.custom(p.Call.Name) {
			row = "custom_tool"
		}
		say(row, "call %s %s", p.Call.ID, p.Call.Name)
		if p.Call.Custom {
			say(row, "input %s", p.Call.Text)
		} else {
			object, _ := p.Call.AppendObject(nil)
			say(row, "arguments %s", compact(object))
		}
	case translate.ToolResult:
		say("", "result of %s", p.Result.CallID)
		row, failed := "", p.Result.IsError
		for i := range p.Result.Parts {
			failed = failed || bytes.HasPrefix(p.Result.Parts[i].Text, []byte(`"Error`))
			if in := &p.Result.Parts[i]; in.Media != nil || bytes.Contains(in.Text, []byte("attached below]")) {
				row = "tool_result_media"
			}
		}
		for i := range p.Result.Parts {
			switch in := &p.Result.Parts[i]; {
			case in.Media != nil:
				say(row, "result %s", mediaFact(in))
			case failed:
				say("tool_result_error", "result %s", in.Text)
			default:
				say(row, "result %s", in.Text)
			}
		}
		if p.Result.IsError {
			say("tool_result_error", "result is an error")
		}
	default:
		row := p.Kind.String()
		if len(p.Media.URL) > 0 {
			row += "_url"
		}
		say(row, "%s", mediaFact(p))
		if len(p.Media.Name) > 0 && string(p.Media.Name) != `"document.pdf"` { // the name that stands for none
			say("file_name", "name %s", p.Media.Name)
		}
	}
	if p.CacheTTL != "" {
		say("cache_breakpoint", "breakpoint %s", p.CacheTTL)
	}
	return list
}

func mediaFact(p *translate.Part) string {
	if len(p.Media.URL) > 0 {
		return fmt.Sprintf("%s at %s", p.Kind, p.Media.URL)
	}
	return fmt.Sprintf("%s %s %s", p.Kind, p.Media.MIME, p.Media.Data)
}

// effort names how much the model shall think in three words, the same for
// every dialect's terms.
func effort(r translate.Reasoning) string {
	switch {
	case r.Mode == translate.ReasonUnset:
		return ""
	case r.Mode == translate.ReasonBudget && r.Budget <= 4096:
		return "low"
	case r.Mode == translate.ReasonBudget && r.Budget <= 12288:
		return "medium"
	case r.Mode == translate.ReasonBudget:
		return "high"
	}
	return r.Effort
}

func compact(v translate.Value) string {
	v = bytes.Clone(v)
	if err := v.Compact(jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true)); err != nil {
		return "no JSON: " + string(v)
	}
	return string(v)
}
