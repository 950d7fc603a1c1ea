package translate_test

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// generator makes neutral requests, responses and streams, the same ones for
// the same seed.
type generator struct{ *rand.Rand }

func newGenerator(seed uint64) generator { return generator{rand.New(rand.NewPCG(seed, 7))} }

// one tells true once in n times.
func (g generator) one(n int) bool { return g.IntN(n) == 0 }

func pick[T any](g generator, list ...T) T { return list[g.IntN(len(list))] }

// text is a string literal that is not blank: in every script, with every kind
// of escape, raw and escaped line separators, halves of surrogate pairs.
func (g generator) text() translate.Value {
	pieces := []string{
		"plain words", "日本語のテキスト", "emoji 😀👩‍👩‍👧", `\ud83d\ude00`, `half a pair \ud83d here`, `\udc00 the other half`,
		"\u2028 and \u2029 raw", `\u2028 escaped`, `\n\tindented \"quoted\" \\ back\/slash`, `<b>&amp;</b> </system>`,
		`nul \u0000 and \u001f`, `{\"looks\":[\"like JSON\"]}`, "e\u0301 combining", `data: [DONE]\n\nevent: error`, strings.Repeat("long ", 20),
	}
	out := translate.Value(`"`)
	for range 1 + g.IntN(3) {
		out = append(out, pick(g, pieces...)...)
	}
	return append(out, '"')
}

// word is a string literal of harmless characters.
func (g generator) word() translate.Value {
	return jsonlit.Quote(fmt.Sprintf("w%d", g.IntN(1_000_000)))
}

// name is valid as a tool's name everywhere.
func (g generator) name() string { return fmt.Sprintf("tool_%d", g.IntN(1_000_000)) }

// number is a JSON number that a float64 would not bring back as it was written.
func (g generator) number() string {
	return pick(g, "0", "-1", "12345678901234567890", "0.1000000000000000055", "1e3", "1E+400", "9007199254740993", "-0.0", "3.14")
}

// value is any JSON, nested up to depth.
func (g generator) value(depth int) string {
	if depth == 0 || g.one(3) {
		return pick(g, "null", "true", "false", `""`, g.number(), string(g.text()))
	}
	var b strings.Builder
	if g.one(2) {
		b.WriteByte('[')
		for i := range g.IntN(4) {
			if i > 0 {
				b.WriteString(pick(g, ",", " , ", ",\n"))
			}
			b.WriteString(g.value(depth - 1))
		}
		b.WriteByte(']')
		return b.String()
	}
	return g.object(depth)
}

// object is a JSON object with odd white space.
func (g generator) object(depth int) string {
	var b strings.Builder
	b.WriteString(pick(g, "{", "{ ", "{\n\t"))
	for i := range g.IntN(5) {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "%s:%s%s", jsonlit.Quote(fmt.Sprintf("k%d%s", i, pick(g, "", "é", " <", `"`))), pick(g, "", " "), g.value(depth-1))
	}
	return b.String() + pick(g, "}", " }")
}

// schema is a JSON Schema of an object, nested up to depth.
func (g generator) schema(depth int) string {
	var properties, required []string
	for i := range 1 + g.IntN(3) {
		name := fmt.Sprintf("p%d", i)
		of := fmt.Sprintf(`{"type":"string","description":%s,"enum":["a","b<"]}`, g.text())
		switch {
		case depth > 0 && g.one(2):
			of = g.schema(depth - 1)
		case depth > 0 && g.one(2):
			of = `{"type":"array","items":` + g.schema(depth-1) + `}`
		case g.one(2):
			of = `{"type":"integer","minimum":-9007199254740993,"maximum":1e18}`
		}
		properties = append(properties, fmt.Sprintf("%q:%s", name, of))
		required = append(required, fmt.Sprintf("%q", name))
	}
	return fmt.Sprintf(`{"type":"object","properties":{%s},"required":[%s],"additionalProperties":false}`,
		strings.Join(properties, ","), strings.Join(required, ","))
}

// pair tells what a client's dialect can say and a target's will not refuse, by
// the loss table.
type pair struct{ client, target translate.Name }

func (p pair) has(field string) bool {
	for _, row := range translate.LossTable() {
		if row.Field == field {
			return row.To(p.client) == translate.Carried && row.To(p.target) != translate.Refused
		}
	}
	return true
}

// request makes a request as a client of p.client can write it down and
// p.target does not refuse it. Messages hold their text before their calls, and
// one text each: the borders of texts are no part of what is said.
func (g generator) request(p pair) *translate.Request {
	r := &translate.Request{Dialect: p.client, Model: "m", MaxOutput: translate.Value("40000")}
	g.settings(r, p)
	if p.client == translate.Completions || p.target == translate.Completions {
		r.Turns = []translate.Turn{{Parts: []translate.Part{{Kind: translate.Text, Text: g.text()}}}}
		return r
	}
	if g.one(2) {
		r.System = []translate.Part{{Kind: translate.Text, Text: g.text()}}
	}
	g.tools(r, p)
	for range 1 + g.IntN(4) {
		g.round(r, p)
	}
	r.Turns = append(r.Turns, translate.Turn{Parts: []translate.Part{{Kind: translate.Text, Text: g.text()}}})
	if p.has("cache_breakpoint") && g.one(2) {
		r.Turns[len(r.Turns)-1].Parts[0].CacheTTL = pick(g, "5m", "1h")
	}
	return r
}

func (g generator) settings(r *translate.Request, p pair) {
	maybe := func(field string) bool { return g.one(4) && p.has(field) }
	number := func(field string, v *translate.Value, of ...string) {
		if maybe(field) {
			*v = translate.Value(pick(g, of...))
		}
	}
	number("temperature", &r.Temperature, "0", "0.5", "1", "0.70000000000000001")
	if p.client != translate.Messages && g.one(8) {
		r.Temperature = translate.Value("1.5")
	}
	number("top_p", &r.TopP, "0.9", "1")
	number("frequency_penalty", &r.FrequencyPenalty, "-1.5", "0.25")
	number("presence_penalty", &r.PresencePenalty, "2", "0.25")
	number("seed", &r.Seed, "7", "-3", "12345678901")
	if p.client == translate.Gemini && len(r.Seed) > 5 {
		r.Seed = nil // 32 bits
	}
	if p.client == translate.Messages || p.client == translate.Gemini {
		number("top_k", &r.TopK, "40")
	}
	if maybe("stop") {
		for range 1 + g.IntN(4) {
			r.Stop = append(r.Stop, g.text())
		}
	}
	if maybe("n") {
		r.N = 2 + g.IntN(3)
	}
	if maybe("logprobs") {
		r.Logprobs, r.TopLogprobs = true, g.IntN(6)
	}
	switch {
	case maybe("format_schema"):
		r.Format = translate.Format{Kind: translate.FormatSchema, Name: "answer", Schema: translate.Value(g.schema(2)), Strict: translate.True}
	case maybe("format_json"):
		r.Format = translate.Format{Kind: translate.FormatJSON}
	}
	if maybe("verbosity") {
		r.Verbosity = pick(g, "low", "medium", "high")
	}
	if maybe("reasoning") && r.Temperature == nil && r.TopP == nil && r.TopK == nil { // Messages takes these without thinking only
		r.Reasoning = translate.Reasoning{Mode: translate.ReasonEffort, Effort: pick(g, "low", "medium", "high")}
		if p.client == translate.Messages || p.client == translate.Gemini && g.one(2) {
			r.Reasoning = translate.Reasoning{Mode: translate.ReasonBudget, Budget: pick(g, int64(2048), 8192, 16384)}
		}
	}
	if maybe("user") {
		r.User = g.word()
	}
	if maybe("prompt_cache_key") {
		r.CacheKey = g.word()
	}
	if maybe("service_tier") {
		r.Tier = pick(g, "flex", "priority")
	}
	if maybe("store") {
		r.Store = translate.True
	}
	if g.one(4) && p.client == translate.Responses {
		r.Extra = append(r.Extra, translate.Field{Name: "metadata", Value: translate.Value(`{"a":"b"}`)})
	}
}

func (g generator) tools(r *translate.Request, p pair) {
	if !p.has("tools") || g.one(4) {
		return
	}
	for range 1 + g.IntN(3) {
		t := translate.Tool{Name: g.name(), Description: g.text(), Schema: translate.Value(g.schema(2))}
		if g.one(4) && p.has("tool_strict") && p.client != translate.Messages { // which changes strict schemas
			t.Strict = translate.True
		}
		if p.has("custom_tool") && g.one(4) {
			t = translate.Tool{Kind: translate.CustomTool, Name: t.Name, Description: t.Description}
		}
		r.Tools = append(r.Tools, t)
	}
	switch c := &r.Choice; g.IntN(6) {
	case 0:
		c.Mode = pick(g, translate.ChooseAuto, translate.ChooseNone, translate.ChooseAny)
	case 1:
		if r.Reasoning.Mode == translate.ReasonUnset {
			c.Mode, c.Names = translate.ChooseNamed, []string{r.Tools[0].Name}
		}
	case 2:
		if p.has("tool_choice_subset") && len(r.Tools) > 1 {
			c.Mode, c.Names = translate.ChooseAny, []string{r.Tools[0].Name, r.Tools[1].Name}
		}
	}
	if r.Reasoning.Mode != translate.ReasonUnset && r.Choice.Mode == translate.ChooseAny {
		r.Choice = translate.ToolChoice{} // Messages thinks without force only
	}
	if p.has("parallel_tool_calls") && g.one(4) {
		r.Parallel = translate.False
	}
}

// round adds a user's turn and the assistant's answer, with calls and their
// results in between.
func (g generator) round(r *translate.Request, p pair) {
	user := translate.Turn{Parts: []translate.Part{{Kind: translate.Text, Text: g.text()}}}
	if g.one(2) {
		user.Parts = append(user.Parts, g.media(p)...)
	}
	r.Turns = append(r.Turns, user)
	if p.has("mid_system") && g.one(4) {
		r.Turns = append(r.Turns, translate.Turn{Role: translate.SystemRole, Parts: []translate.Part{{Kind: translate.Text, Text: g.text()}}})
	}
	for p.has("tool_call") && g.one(2) {
		turn := translate.Turn{Role: translate.AssistantRole, Parts: g.thought(p)}
		if g.one(2) {
			turn.Parts = append(turn.Parts, translate.Part{Kind: translate.Text, Text: g.text()})
		}
		results := translate.Turn{}
		for range 1 + g.IntN(3) {
			c := &translate.Call{ID: fmt.Sprintf("call_%d", g.IntN(1_000_000_000)), Name: g.name()}
			c.Object = translate.Value(g.object(3))
			if len(r.Tools) > 0 {
				tool := pick(g, r.Tools...)
				c.Name, c.Custom = tool.Name, tool.Kind == translate.CustomTool
			}
			if c.Custom {
				c.Arguments = translate.Arguments{Text: g.text()}
			}
			turn.Parts = append(turn.Parts, translate.Part{Kind: translate.ToolCall, Call: c})
			res := &translate.Result{CallID: c.ID, Name: c.Name, Parts: []translate.Part{{Kind: translate.Text, Text: g.text()}}}
			res.IsError = g.one(4) && p.has("tool_result_error")
			if g.one(4) && p.has("tool_result_media") && p.has("image") && !c.Custom {
				res.Parts = append(res.Parts, translate.Part{Kind: translate.Image, Media: &translate.Media{MIME: "image/png", Data: []byte("iVBORw0KGgo=")}})
			}
			results.Parts = append(results.Parts, translate.Part{Kind: translate.ToolResult, Result: res})
		}
		r.Turns = append(r.Turns, turn, results)
	}
	r.Turns = append(r.Turns, translate.Turn{Role: translate.AssistantRole, Parts: []translate.Part{{Kind: translate.Text, Text: g.text()}}})
}

// thought is what the vendor of the client's dialect may have thought before it
// went on, signed by it.
func (g generator) thought(p pair) []translate.Part {
	if p.client != translate.Messages && p.client != translate.Gemini || g.one(2) {
		return nil
	}
	return []translate.Part{{Kind: translate.Thinking, Text: g.text(), Signature: translate.Value(`"c2lnbmF0dXJl"`)}}
}

func (g generator) media(p pair) (parts []translate.Part) {
	if p.has("image") && g.one(2) {
		parts = append(parts, translate.Part{Kind: translate.Image, Media: &translate.Media{MIME: "image/jpeg", Data: []byte("/9j/AAAA")}})
	}
	if p.has("image_url") && g.one(2) {
		parts = append(parts, translate.Part{Kind: translate.Image, Media: &translate.Media{URL: translate.Value(`"https://example.com/a.png"`)}})
	}
	if p.has("file") && g.one(2) {
		parts = append(parts, translate.Part{Kind: translate.File, Media: &translate.Media{MIME: "application/pdf", Data: []byte("JVBERi0x"), Name: translate.Value(`"a.pdf"`)}})
	}
	if p.has("audio") && g.one(2) {
		parts = append(parts, translate.Part{Kind: translate.Audio, Media: &translate.Media{MIME: "audio/wav", Data: []byte("UklGRgAA")}})
	}
	if p.has("video") && g.one(2) {
		parts = append(parts, translate.Part{Kind: translate.Video, Media: &translate.Media{MIME: "video/mp4", Data: []byte("AAAA")}})
	}
	return parts
}
