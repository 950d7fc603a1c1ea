package grammar

import (
	"slices"

	"github.com/tidwall/gjson"
)

// chatChoice is what a Chat stream has said of one choice.
type chatChoice struct {
	role   bool
	finish string
	calls  []*chatCall
}

type chatCall struct{ name, args string }

// Chat judges a Chat Completions stream (https://platform.openai.com/docs/api-reference/chat-streaming). wantUsage
// tells that stream_options.include_usage was set.
func Chat(raw []byte, end Ending, wantUsage bool) error {
	f := &findings{}
	events, err := Parse(raw)
	if err != nil {
		return err
	}
	var id, made, model string
	choices := map[int64]*chatChoice{}
	var order []int64
	usage, done, failed := 0, 0, 0
	for n, e := range events {
		f.check(e.Name == "", "event %d: Chat streams have no event names, got %q", n, e.Name)
		f.check(done == 0 && failed == 0, "event %d comes after the end: %.120s", n, e.Data)
		if e.Data == "[DONE]" {
			done++
			continue
		}
		v := e.JSON()
		if !f.check(gjson.Valid(e.Data) && v.IsObject(), "event %d is no JSON object: %.120q", n, e.Data) {
			continue
		}
		if v.Get("error").Exists() {
			failed++
			openAIErrorShape(f, n, v.Get("error"))
			continue
		}
		f.constant(&id, "id", v.Get("id").String(), n)
		f.constant(&made, "created", v.Get("created").Raw, n)
		f.constant(&model, "model", v.Get("model").String(), n)
		f.check(v.Get("object").String() == "chat.completion.chunk", "event %d: object is %q", n, v.Get("object").String())
		f.check(v.Get("choices").IsArray(), "event %d: choices is no array", n)
		if u := v.Get("usage"); u.IsObject() {
			usage++
			f.check(len(v.Get("choices").Array()) == 0, "event %d: usage belongs into a chunk without choices", n)
			for _, i := range order {
				f.check(choices[i].finish != "", "event %d: usage before choice %d has finished", n, i)
			}
			f.check(u.Get("total_tokens").Int() == u.Get("prompt_tokens").Int()+u.Get("completion_tokens").Int(), "event %d: usage does not add up: %s", n, u.Raw)
		}
		for _, c := range v.Get("choices").Array() {
			i := c.Get("index")
			f.check(i.Type == gjson.Number, "event %d: a choice has no index", n)
			if choices[i.Int()] == nil {
				choices[i.Int()] = &chatChoice{}
				order = append(order, i.Int())
			}
			choices[i.Int()].take(f, n, c)
		}
	}
	if end == Failed {
		f.check(failed == 1, "the stream ended with %d error events, want 1", failed)
		f.check(done == 0, "the failed stream ended with [DONE]")
		return f.err()
	}
	f.check(failed == 0, "the stream has an error event")
	f.check(done == 1, "the stream has %d [DONE], want 1", done)
	f.check(len(order) > 0, "the stream has no choice")
	for k, i := range order {
		f.check(int64(k) == i, "choice indices are not dense: %v", order)
		choices[i].close(f, i)
	}
	want := 0
	if wantUsage {
		want = 1
	}
	f.check(usage == want, "the stream has %d usage chunks, want %d", usage, want)
	return f.err()
}

func (s *chatChoice) take(f *findings, n int, c gjson.Result) {
	d := c.Get("delta")
	f.check(d.IsObject(), "event %d: delta is no object", n)
	f.check(s.finish == "", "event %d: a delta after finish_reason", n)
	role := d.Get("role")
	f.check(s.role || role.String() == "assistant", "event %d: the first delta has no role", n)
	f.check(!s.role || !role.Exists() || role.Type == gjson.Null || role.String() == "assistant", "event %d: role changed to %q", n, role.String())
	s.role = true
	for _, t := range d.Get("tool_calls").Array() {
		i := t.Get("index")
		if !f.check(i.Type == gjson.Number && i.Int() <= int64(len(s.calls)), "event %d: tool call index %s leaves a gap after %d calls", n, i.Raw, len(s.calls)) {
			continue
		}
		fn := t.Get("function")
		// Vercel's AI SDK refuses a tool call delta without it, even one that only carries an extension.
		f.check(fn.IsObject(), "event %d: a tool call delta has no function: %s", n, t.Raw)
		if i.Int() == int64(len(s.calls)) {
			f.check(t.Get("id").String() != "", "event %d: a new tool call has no id", n)
			f.check(t.Get("type").String() == "function", "event %d: a new tool call has type %q", n, t.Get("type").String())
			f.check(fn.Get("name").String() != "", "event %d: a new tool call has no name", n)
			f.check(fn.Get("arguments").Type == gjson.String, "event %d: a new tool call's arguments are no string", n)
			s.calls = append(s.calls, &chatCall{name: fn.Get("name").String()})
		} else {
			f.check(t.Get("id").String() == "", "event %d: a tool call's id is repeated", n)
			f.check(fn.Get("name").String() == "", "event %d: a tool call's name is repeated", n)
		}
		s.calls[i.Int()].args += fn.Get("arguments").String()
	}
	if r := c.Get("finish_reason"); r.Type != gjson.Null {
		s.finish = r.String()
		f.check(slices.Contains([]string{"stop", "length", "tool_calls", "content_filter", "function_call"}, s.finish), "event %d: finish_reason %q is none of OpenAI's", n, s.finish)
	}
}

func (s *chatChoice) close(f *findings, i int64) {
	f.check(s.finish != "", "choice %d never finished", i)
	for k, c := range s.calls {
		f.check(gjson.Valid(c.args) || s.finish == "length", "choice %d: the arguments of call %d are no JSON: %q", i, k, c.args)
	}
	f.check(len(s.calls) == 0 || s.finish == "tool_calls" || s.finish == "length", "choice %d has tool calls but finishes with %q", i, s.finish)
	f.check(len(s.calls) > 0 || s.finish != "tool_calls", "choice %d finishes with tool_calls but has none", i)
}

// openAIErrorShape wants the members of https://platform.openai.com/docs/guides/error-codes.
func openAIErrorShape(f *findings, n int, e gjson.Result) {
	f.check(e.Get("message").String() != "", "event %d: the error has no message", n)
	f.check(e.Get("type").String() != "", "event %d: the error has no type", n)
	for _, name := range []string{"param", "code"} {
		f.check(e.Get(name).Exists(), "event %d: the error lacks %q", n, name)
	}
}
