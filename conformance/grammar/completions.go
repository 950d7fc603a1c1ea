package grammar

import (
	"slices"

	"github.com/tidwall/gjson"
)

// Completions judges a legacy Completions stream (https://platform.openai.com/docs/api-reference/completions).
func Completions(raw []byte, end Ending, wantUsage bool) error {
	f := &findings{}
	events, err := Parse(raw)
	if err != nil {
		return err
	}
	var id, made, model string
	finish := map[int64]string{}
	usage, done, failed := 0, 0, 0
	for n, e := range events {
		f.check(e.Name == "", "event %d: Completions streams have no event names, got %q", n, e.Name)
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
		f.check(v.Get("object").String() == "text_completion", "event %d: object is %q", n, v.Get("object").String())
		if u := v.Get("usage"); u.IsObject() {
			usage++
			f.check(len(v.Get("choices").Array()) == 0, "event %d: usage belongs into a chunk without choices", n)
		}
		for _, c := range v.Get("choices").Array() {
			i := c.Get("index").Int()
			f.check(c.Get("text").Type == gjson.String, "event %d: a choice has no text", n)
			f.check(finish[i] == "", "event %d: a delta after finish_reason", n)
			if r := c.Get("finish_reason"); r.Type == gjson.String {
				finish[i] = r.String()
				f.check(slices.Contains([]string{"stop", "length", "content_filter"}, r.String()), "event %d: finish_reason %q is none of OpenAI's", n, r.String())
			} else if _, ok := finish[i]; !ok {
				finish[i] = ""
			}
		}
	}
	if end == Failed {
		f.check(failed == 1, "the stream ended with %d error events, want 1", failed)
		f.check(done == 0, "the failed stream ended with [DONE]")
		return f.err()
	}
	f.check(failed == 0, "the stream has an error event")
	f.check(done == 1, "the stream has %d [DONE], want 1", done)
	f.check(len(finish) > 0, "the stream has no choice")
	for i, r := range finish {
		f.check(r != "", "choice %d never finished", i)
	}
	want := 0
	if wantUsage {
		want = 1
	}
	f.check(usage == want, "the stream has %d usage chunks, want %d", usage, want)
	return f.err()
}
