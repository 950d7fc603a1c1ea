package conformance

import (
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/fairway-gateway/fairway/conformance/client"
	"github.com/fairway-gateway/fairway/conformance/upstream"
)

func scenarios() []scenario {
	return slices.Concat(textScenarios(), toolScenarios(), mediaScenarios(), settingScenarios(), thinkingScenarios(), searchScenarios())
}

// anyone plays with every client.
func anyone(cell) bool { return true }

// turns plays with every client that has turns, tools and parts: all but Completions.
func turns(c cell) bool { return c.client != upstream.Completions }

// oneOf plays with the given clients.
func oneOf(list ...upstream.Dialect) func(cell) bool {
	return func(c cell) bool { return slices.Contains(list, c.client) }
}

// hard is text that careless JSON, SSE and UTF-8 handling breaks.
const hard = "Grüße, 世界 🌍 \u2028 <b>&amp;</b> \\ \"quoted\"\n\tdata: [DONE]\r\n{\"a\":1}"

// usual is a reply's usage: 100 tokens in, 20 out.
var usual = upstream.Usage{In: 100, Out: 20}

func wantText(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("text: got %q, want %q", got, want)
	}
}

// wantUsage compares tokens. Completions and Gemini report no cache writes.
func wantUsage(t *testing.T, got, want upstream.Usage) {
	t.Helper()
	if got.CacheWrite == 0 {
		want.CacheWrite = 0
	}
	if got != want {
		t.Errorf("usage: got %+v, want %+v", got, want)
	}
}

// stopWord is what a client dialect calls a reason.
func stopWord(d upstream.Dialect, s upstream.Stop) []string {
	words := map[upstream.Dialect]map[upstream.Stop][]string{
		upstream.Chat: {upstream.EndTurn: {"stop"}, upstream.ToolUse: {"tool_calls"}, upstream.Length: {"length"}, upstream.Filtered: {"content_filter"},
			upstream.StopSequenceHit: {"stop"}},
		upstream.Responses: {upstream.EndTurn: {"completed"}, upstream.ToolUse: {"completed"}, upstream.Length: {"max_output_tokens"},
			upstream.Filtered: {"content_filter", "completed"}, upstream.StopSequenceHit: {"completed"}},
		upstream.Messages: {upstream.EndTurn: {"end_turn"}, upstream.ToolUse: {"tool_use"}, upstream.Length: {"max_tokens"}, upstream.Filtered: {"refusal"},
			upstream.StopSequenceHit: {"stop_sequence", "end_turn"}},
		upstream.Gemini: {upstream.EndTurn: {"STOP"}, upstream.ToolUse: {"STOP"}, upstream.Length: {"MAX_TOKENS"},
			upstream.Filtered: {"SAFETY", "PROHIBITED_CONTENT"}, upstream.StopSequenceHit: {"STOP"}},
	}
	words[upstream.Completions] = words[upstream.Chat]
	return words[d][s]
}

func wantStop(t *testing.T, c cell, got string, want upstream.Stop) {
	t.Helper()
	if words := stopWord(c.client, want); !slices.Contains(words, got) {
		t.Errorf("stop: got %q, want one of %q", got, words)
	}
}

// wantJSON compares JSON values without regard to white space and to the order of members.
func wantJSON(t *testing.T, what, got, want string) {
	t.Helper()
	if g, w := canonical(got), canonical(want); g != w {
		t.Errorf("%s: got %s, want %s", what, g, w)
	}
}

func canonical(s string) string {
	v := jsontext.Value(s)
	if err := v.Canonicalize(); err != nil {
		return "not JSON: " + s
	}
	return string(v)
}

// wantTurns compares who said what, in order; neighbours of one role count as one turn, as every dialect but Chat and
// Responses would have them.
func wantTurns(t *testing.T, got []upstream.Turn, want ...upstream.Turn) {
	t.Helper()
	if g, w := transcript(got), transcript(want); g != w {
		t.Errorf("the model was told:\n%s\nwant:\n%s", g, w)
	}
}

func transcript(list []upstream.Turn) string {
	var b strings.Builder
	last := ""
	for _, turn := range list {
		for _, p := range turn.Parts {
			if p.Kind != "text" {
				continue
			}
			if turn.Role != last {
				b.WriteString("\n" + turn.Role + ": ")
				last = turn.Role
			}
			b.WriteString(p.Text)
		}
	}
	return b.String()
}

func user(text string) client.Ask {
	return client.Ask{Turns: []upstream.Turn{client.Text("user", text)}}
}
