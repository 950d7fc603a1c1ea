package grammar

import (
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// Responses judges a Responses stream (https://platform.openai.com/docs/api-reference/responses-streaming).
func Responses(raw []byte, end Ending) error {
	f := &findings{}
	events, err := Parse(raw)
	if err != nil {
		return err
	}
	s := &responsesStream{f: f}
	for n, e := range events {
		v := e.JSON()
		if !f.check(gjson.Valid(e.Data) && v.IsObject(), "event %d is no JSON object: %.120q", n, e.Data) {
			continue
		}
		f.check(e.Name == v.Get("type").String(), "event %d: the event line says %q, its data %q", n, e.Name, v.Get("type").String())
		q := v.Get("sequence_number")
		f.check(q.Type == gjson.Number && q.Int() == int64(n), "event %d (%s): sequence_number is %q", n, e.Name, q.Raw)
		s.take(n, e.Name, v)
	}
	if end == Failed {
		f.check(s.terminal == "response.failed", "the failed stream ends with %q, want response.failed", s.terminal)
		return f.err()
	}
	f.check(s.errors == 0, "the stream has an error event")
	f.check(s.terminal == "response.completed" || s.terminal == "response.incomplete", "the stream ends with %q", s.terminal)
	return f.err()
}

type responsesStream struct {
	f        *findings
	created  bool
	id       string
	items    []*responsesItem
	terminal string
	errors   int
}

type responsesItem struct {
	id, kind string
	final    gjson.Result
	// sums and dones hold, by event family and part, what deltas gave and what the done event repeated.
	sums  map[string]string
	parts map[string]bool
	dones map[string]bool
	done  bool
}

func (s *responsesStream) take(n int, name string, v gjson.Result) {
	f := s.f
	f.check(s.terminal == "", "event %d (%s) comes after the end", n, name)
	if name != "error" && name != "response.failed" {
		f.check(s.created || name == "response.created", "event %d (%s) comes before response.created", n, name)
	}
	switch name {
	case "response.created", "response.in_progress", "response.queued":
		f.check(name != "response.created" || !s.created, "event %d: a second response.created", n)
		s.created = true
		r := v.Get("response")
		f.constant(&s.id, "response.id", r.Get("id").String(), n)
		f.check(r.Get("status").String() == "in_progress" || r.Get("status").String() == "queued", "event %d: status is %q", n, r.Get("status").String())
		responseObject(f, r)
	case "response.completed", "response.incomplete", "response.failed":
		s.terminal = name
		s.finish(n, name, v.Get("response"))
	case "error":
		s.errors++
		f.check(v.Get("message").String()+v.Get("error.message").String() != "", "event %d: the error has no message", n)
	case "response.output_item.added":
		i := v.Get("output_index")
		f.check(i.Type == gjson.Number && i.Int() == int64(len(s.items)), "event %d: item %s is added, want output_index %d", n, i.Raw, len(s.items))
		item := v.Get("item")
		f.check(item.Get("id").String() != "", "event %d: the item has no id", n)
		f.check(!item.Get("status").Exists() || item.Get("status").String() == "in_progress", "event %d: the item is added with status %q", n, item.Get("status").String())
		s.items = append(s.items, &responsesItem{id: item.Get("id").String(), kind: item.Get("type").String(), sums: map[string]string{}, parts: map[string]bool{}, dones: map[string]bool{}})
	case "response.output_item.done":
		if it := s.at(n, v); it != nil {
			it.close(f, n, v.Get("item"))
		}
	default:
		if it := s.at(n, v); it != nil {
			f.check(v.Get("item_id").String() == it.id, "event %d (%s): item_id is %q, want %q", n, name, v.Get("item_id").String(), it.id)
			it.take(f, n, strings.TrimPrefix(name, "response."), v)
		}
	}
}

func (s *responsesStream) at(n int, v gjson.Result) *responsesItem {
	i := v.Get("output_index")
	if !s.f.check(i.Type == gjson.Number && i.Int() < int64(len(s.items)), "event %d (%s): item %s was never added", n, v.Get("type").String(), i.Raw) {
		return nil
	}
	it := s.items[i.Int()]
	s.f.check(!it.done, "event %d (%s): item %d is already done", n, v.Get("type").String(), i.Int())
	return it
}

// family says how an event streams a part: the part's key, what its done event repeats, and which item kind has it.
func family(name string, v gjson.Result) (key, field, kind string, part bool) {
	content, summary := v.Get("content_index").Raw, v.Get("summary_index").Raw
	switch {
	case strings.HasPrefix(name, "output_text."):
		return "c" + content, "text", "message", true
	case strings.HasPrefix(name, "refusal."):
		return "c" + content, "refusal", "message", true
	case strings.HasPrefix(name, "reasoning_summary_text."):
		return "s" + summary, "text", "reasoning", true
	case strings.HasPrefix(name, "reasoning_text."):
		return "c" + content, "text", "reasoning", false
	case strings.HasPrefix(name, "function_call_arguments."):
		return "args", "arguments", "function_call", false
	case strings.HasPrefix(name, "custom_tool_call_input."):
		return "input", "input", "custom_tool_call", false
	}
	return "", "", "", false
}

func (it *responsesItem) take(f *findings, n int, name string, v gjson.Result) {
	switch name {
	case "content_part.added", "reasoning_summary_part.added":
		key := "c" + v.Get("content_index").Raw
		if name == "reasoning_summary_part.added" {
			key = "s" + v.Get("summary_index").Raw
		}
		f.check(!it.parts[key], "event %d: part %s is added twice", n, key)
		it.parts[key] = true
		return
	case "content_part.done", "reasoning_summary_part.done":
		key := "c" + v.Get("content_index").Raw
		if name == "reasoning_summary_part.done" {
			key = "s" + v.Get("summary_index").Raw
		}
		f.check(it.parts[key], "event %d: part %s was never added", n, key)
		f.check(it.dones[key], "event %d: part %s is done before its text", n, key)
		got := v.Get("part.text").String() + v.Get("part.refusal").String()
		f.check(got == it.sums[key], "event %d: part %s repeats %q, its deltas were %q", n, key, got, it.sums[key])
		return
	case "output_text.annotation.added":
		return
	case "web_search_call.in_progress", "web_search_call.searching", "web_search_call.completed":
		f.check(it.kind == "web_search_call", "event %d: %s in an item of type %q", n, name, it.kind)
		return
	}
	key, field, kind, part := family(name, v)
	if !f.check(key != "", "event %d: %q is none of OpenAI's events that this checker knows", n, name) {
		return
	}
	f.check(it.kind == kind, "event %d: %s in an item of type %q", n, name, it.kind)
	f.check(!part || it.parts[key], "event %d: %s before its part was added", n, name)
	f.check(!it.dones[key], "event %d: %s after its done", n, name)
	if strings.HasSuffix(name, ".delta") {
		f.check(v.Get("delta").Type == gjson.String, "event %d: delta is no string", n)
		it.sums[key] += v.Get("delta").String()
		return
	}
	it.dones[key] = true
	f.check(v.Get(field).String() == it.sums[key], "event %d: %s repeats %q, its deltas were %q", n, name, v.Get(field).String(), it.sums[key])
}

func (it *responsesItem) close(f *findings, n int, item gjson.Result) {
	it.done, it.final = true, item
	f.check(item.Get("id").String() == it.id, "event %d: the item's id is %q, it was added as %q", n, item.Get("id").String(), it.id)
	f.check(item.Get("type").String() == it.kind, "event %d: the item's type changed from %q to %q", n, it.kind, item.Get("type").String())
	var got string
	switch it.kind {
	case "message":
		for _, c := range item.Get("content").Array() {
			got += c.Get("text").String() + c.Get("refusal").String()
		}
		f.check(slices.Contains([]string{"completed", "incomplete"}, item.Get("status").String()), "event %d: a message is done with status %q", n, item.Get("status").String())
	case "function_call":
		got = item.Get("arguments").String()
		f.check(gjson.Valid(got), "event %d: arguments are no JSON: %q", n, got)
		f.check(item.Get("call_id").String() != "" && item.Get("name").String() != "", "event %d: a function call lacks call_id or name", n)
	case "custom_tool_call":
		got = item.Get("input").String()
	case "reasoning":
		f.check(item.Get("summary").IsArray(), "event %d: a reasoning item lacks summary", n)
		for _, list := range []string{"content", "summary"} {
			for _, c := range item.Get(list).Array() {
				got += c.Get("text").String()
			}
		}
	default:
		return
	}
	var keys []string
	for k := range it.sums {
		keys = append(keys, k)
		f.check(it.dones[k], "event %d: the item is done before %s is", n, k)
	}
	slices.Sort(keys)
	sum := ""
	for _, k := range keys {
		sum += it.sums[k]
	}
	if len(keys) > 0 {
		f.check(got == sum, "event %d: the finished item says %q, its deltas were %q", n, got, sum)
	}
}

func (s *responsesStream) finish(n int, name string, r gjson.Result) {
	f := s.f
	if s.created {
		f.constant(&s.id, "response.id", r.Get("id").String(), n)
	}
	responseObject(f, r)
	f.check("response."+r.Get("status").String() == name, "event %d: %s with status %q", n, name, r.Get("status").String())
	if name == "response.failed" {
		f.check(r.Get("error.code").String() != "" && r.Get("error.message").String() != "", "event %d: the failed response has no error code and message", n)
		return
	}
	f.check(r.Get("usage.total_tokens").Exists(), "event %d: the final response has no usage", n)
	f.check(name != "response.incomplete" || r.Get("incomplete_details.reason").String() != "", "event %d: incomplete for no reason", n)
	output := r.Get("output").Array()
	f.check(len(output) == len(s.items), "event %d: the final response has %d items, the stream had %d", n, len(output), len(s.items))
	for i, it := range s.items {
		f.check(it.done, "item %d was never done", i)
		if i < len(output) && it.done {
			f.check(same(output[i], it.final), "event %d: item %d of the final response differs from its done event:\n%s\n%s", n, i, output[i].Raw, it.final.Raw)
		}
	}
}

// same compares two JSON values regardless of white space.
func same(a, b gjson.Result) bool {
	return a.Get("@ugly").Raw == b.Get("@ugly").Raw
}

// responseObject wants the members that SDK type responses.Response requires; most may be null.
func responseObject(f *findings, r gjson.Result) {
	f.check(r.Get("object").String() == "response", "response: object is %q", r.Get("object").String())
	for _, name := range []string{"id", "created_at", "error", "incomplete_details", "instructions", "metadata", "model", "output",
		"parallel_tool_calls", "temperature", "tool_choice", "tools", "top_p"} {
		f.check(r.Get(name).Exists(), "response: lacks %q", name)
	}
	f.check(r.Get("output").IsArray() && r.Get("tools").IsArray(), "response: output or tools is no array")
}
