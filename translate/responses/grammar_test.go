package responses

import (
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/translate/jsonlit"
	"github.com/fairway-gateway/fairway/translate/sse"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// checkResponse checks the members that openai-go's responses.Response requires.
func checkResponse(t testing.TB, r value, status string) {
	t.Helper()
	if !jsonlit.Valid(r) {
		t.Fatalf("the response is not JSON: %s", r)
	}
	for _, name := range []string{"id", "object", "created_at", "error", "incomplete_details", "instructions", "metadata", "model",
		"output", "parallel_tool_calls", "temperature", "tool_choice", "tools", "top_p", "usage", "text", "reasoning", "truncation",
		"max_output_tokens", "previous_response_id", "store", "status"} {
		n := 0
		for k := range jsonlit.Fields(r) {
			if string(k) == name {
				n++
			}
		}
		if n != 1 {
			t.Errorf("the response holds %q %d times, want once: %s", name, n, r)
		}
	}
	if got := jsonlit.Str(jsonlit.Get(r, "status")); got != status {
		t.Errorf("got status %q, want %q", got, status)
	}
	if got, want := !jsonlit.Null(jsonlit.Get(r, "error")), status == "failed"; got != want {
		t.Errorf("got an error %v, want %v: %s", got, want, r)
	}
	if got, want := !jsonlit.Null(jsonlit.Get(r, "incomplete_details")), status == "incomplete"; got != want {
		t.Errorf("got incomplete_details %v, want %v: %s", got, want, r)
	}
}

// grammar checks a stream against the order of events that clients rely on, and
// returns the last response and the events' names.
type grammar struct {
	t        testing.TB
	sequence int64
	id       string
	item     string // the open item's id
	kind     string
	index    int64
	parts    map[string]string // open parts: what their deltas came to
	items    []string          // finished
	args     string
	terminal string
	last     value
	names    []string
}

func checkGrammar(t testing.TB, stream string) *grammar {
	t.Helper()
	g := &grammar{t: t, parts: map[string]string{}}
	r := sse.NewReader(strings.NewReader(stream), nil, 0)
	for {
		f, err := r.Next()
		if err == io.EOF {
			break
		}
		if len(f.Data) == 0 {
			continue // a comment
		}
		if !jsonlit.Valid(f.Data) {
			t.Fatalf("an event is not JSON: %s", f.Raw)
		}
		if strings.ContainsAny(string(f.Data), "\n\r\u2028\u2029") {
			t.Fatalf("an event holds a line end: %q", f.Data)
		}
		data := append(value(nil), f.Data...)
		if got := jsonlit.Str(jsonlit.Get(data, "type")); got != string(f.Event) {
			t.Fatalf("got type %q on event line %q", got, f.Event)
		}
		g.check(string(f.Event), data)
	}
	if g.terminal == "" {
		t.Fatal("the stream has no terminal event")
	}
	return g
}

func (g *grammar) fatalf(format string, args ...any) {
	g.t.Helper()
	g.t.Fatalf("after %q: "+format, append([]any{g.names}, args...)...)
}

func (g *grammar) num(v value, name string) int64 {
	n, ok := jsonlit.Int(jsonlit.Get(v, name))
	if !ok {
		g.fatalf("%s is missing in %s", name, v)
	}
	return n
}

func (g *grammar) check(name string, v value) {
	if g.terminal != "" {
		g.fatalf("%s comes after the end", name)
	}
	if n := g.num(v, "sequence_number"); n != g.sequence {
		g.fatalf("%s: got sequence_number %d, want %d", name, n, g.sequence)
	}
	g.sequence++
	g.names = append(g.names, name)
	str := func(field string) string {
		if !jsonlit.IsString(jsonlit.Get(v, field)) {
			g.fatalf("%s: %s is no string in %s", name, field, v)
		}
		return jsonlit.Str(jsonlit.Get(v, field))
	}
	switch name {
	case "response.created", "response.in_progress":
		checkResponse(g.t, jsonlit.Get(v, "response"), "in_progress")
		g.id = jsonlit.Str(jsonlit.Get(v, "response", "id"))
		return
	case "response.completed", "response.incomplete", "response.failed":
		g.terminal, g.last = name, jsonlit.Get(v, "response")
		checkResponse(g.t, g.last, strings.TrimPrefix(name, "response."))
		if id := jsonlit.Str(jsonlit.Get(g.last, "id")); g.id != "" && id != g.id {
			g.fatalf("got id %q, want %q", id, g.id)
		}
		if name == "response.failed" {
			return
		}
		if g.item != "" {
			g.fatalf("item %s is open at the end", g.item)
		}
		i := 0
		for item := range jsonlit.Elements(jsonlit.Get(g.last, "output")) {
			if i >= len(g.items) || string(item) != g.items[i] {
				g.fatalf("output[%d] is %s, its item.done said otherwise", i, item)
			}
			i++
		}
		if i != len(g.items) {
			g.fatalf("got %d items in the output, want %d", i, len(g.items))
		}
		return
	case "error":
		str("message")
		if jsonlit.Str(jsonlit.Get(v, "error", "message")) != str("message") {
			g.fatalf("the error's two forms differ: %s", v)
		}
		return
	}
	if g.id == "" {
		g.fatalf("%s comes before response.created", name)
	}
	if n := g.num(v, "output_index"); n != g.index {
		g.fatalf("%s: got output_index %d, want %d", name, n, g.index)
	}
	if name == "response.output_item.added" {
		if g.item != "" {
			g.fatalf("an item is added while %s is open", g.item)
		}
		g.item, g.kind, g.args = jsonlit.Str(jsonlit.Get(v, "item", "id")), jsonlit.Str(jsonlit.Get(v, "item", "type")), ""
		if s := jsonlit.Get(v, "item", "status"); s != nil && jsonlit.Str(s) != "in_progress" {
			g.fatalf("item added with status %s", s)
		}
		return
	}
	if name == "response.output_item.done" {
		item := jsonlit.Get(v, "item")
		if got := jsonlit.Str(jsonlit.Get(item, "id")); got != g.item {
			g.fatalf("got item id %q, want %q", got, g.item)
		}
		if len(g.parts) > 0 {
			g.fatalf("item done with open parts %v", g.parts)
		}
		for _, field := range []string{"arguments", "input"} {
			if a := jsonlit.Get(item, field); a != nil && jsonlit.Str(a) != g.args {
				g.fatalf("got %s %s, want %q", field, a, g.args)
			}
		}
		g.items = append(g.items, string(item))
		g.item = ""
		g.index++
		return
	}
	if got := str("item_id"); got != g.item {
		g.fatalf("%s: got item_id %q, want %q", name, got, g.item)
	}
	part := ""
	if strings.Contains(name, "summary") {
		part = "s" + itoa(g.num(v, "summary_index"))
	} else if strings.Contains(name, "text") || strings.Contains(name, "refusal") || strings.Contains(name, "content_part") {
		part = "c" + itoa(g.num(v, "content_index"))
	}
	_, open := g.parts[part]
	switch name {
	case "response.content_part.added", "response.reasoning_summary_part.added":
		if open {
			g.fatalf("part %s added twice", part)
		}
		g.parts[part] = ""
	case "response.output_text.delta", "response.refusal.delta", "response.reasoning_summary_text.delta":
		if !open {
			g.fatalf("%s before its part", name)
		}
		if name == "response.output_text.delta" && !jsonlit.IsArray(jsonlit.Get(v, "logprobs")) {
			g.fatalf("a text delta without logprobs")
		}
		g.parts[part] += str("delta")
	case "response.output_text.annotation.added":
		g.num(v, "annotation_index")
	case "response.output_text.done", "response.reasoning_summary_text.done":
		if got := str("text"); got != g.parts[part] {
			g.fatalf("%s: got %q, want %q", name, got, g.parts[part])
		}
	case "response.refusal.done":
		if got := str("refusal"); got != g.parts[part] {
			g.fatalf("%s: got %q, want %q", name, got, g.parts[part])
		}
	case "response.content_part.done", "response.reasoning_summary_part.done":
		got := jsonlit.Str(jsonlit.Get(v, "part", "text")) + jsonlit.Str(jsonlit.Get(v, "part", "refusal"))
		if !open || got != g.parts[part] {
			g.fatalf("%s: got %q, want %q", name, got, g.parts[part])
		}
		delete(g.parts, part)
	case "response.function_call_arguments.delta", "response.custom_tool_call_input.delta":
		g.args += str("delta")
	case "response.function_call_arguments.done":
		str("name")
		if got := str("arguments"); got != g.args {
			g.fatalf("got arguments %q, want %q", got, g.args)
		}
	case "response.custom_tool_call_input.done":
		if got := str("input"); got != g.args {
			g.fatalf("got input %q, want %q", got, g.args)
		}
	case "response.web_search_call.in_progress", "response.web_search_call.searching", "response.web_search_call.completed":
		if g.kind != "web_search_call" {
			g.fatalf("%s in an item of type %s", name, g.kind)
		}
	default:
		g.fatalf("unknown event %s", name)
	}
}
