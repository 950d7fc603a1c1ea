package responses

import (
	"fmt"
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// codex is a request as Codex sends it: developer messages instead of
// instructions, custom and nested tools, reasoning replayed without ids.
const codex = `{"model":"gpt-5.6-codex","input":[
{"type":"additional_tools","role":"developer","tools":[{"type":"function","name":"exec","description":"Runs.","strict":false,"parameters":{"type":"object","properties":{"cmd":{"type":"array","items":{"type":"string"}}},"required":["cmd"],"additionalProperties":false}},
 {"type":"custom","name":"apply_patch","description":"Patches.","format":{"type":"grammar","syntax":"lark","definition":"start: \"x\"\n"}},
 {"type":"namespace","name":"mcp__files","description":"Files","tools":[{"type":"function","name":"read","parameters":{"type":"object","properties":{}}}]},
 {"type":"tool_search","execution":"client","description":"Finds tools","parameters":{"type":"object"}},{"type":"web_search","external_web_access":false}]},
{"type":"message","role":"developer","content":[{"type":"input_text","text":"<permissions>\nall"},{"type":"input_text","text":"skills"}]},
{"type":"message","role":"user","content":[{"type":"input_text","text":"<environment>"}]},
{"type":"message","role":"user","content":[{"type":"input_text","text":"fix it"},{"type":"input_image","image_url":"data:image/png;base64,iVBORw0KGgo="}]},
{"type":"reasoning","summary":[],"content":null,"encrypted_content":"gAAAAABo"},
{"type":"message","role":"assistant","content":[{"type":"output_text","text":"Looking."}],"phase":"commentary"},
{"type":"function_call","name":"exec","arguments":"{\"cmd\":[\"ls\"]}","call_id":"call_1"},
{"type":"function_call_output","call_id":"call_1","output":"a.go\n"},
{"type":"custom_tool_call","status":"completed","call_id":"call_2","name":"apply_patch","input":"*** Begin Patch\n"},
{"type":"custom_tool_call_output","call_id":"call_2","output":"Success"},
{"type":"function_call","name":"read","namespace":"mcp__files","arguments":"{}","call_id":"call_3"},
{"type":"function_call_output","call_id":"call_3","output":[{"type":"input_text","text":"x"},{"type":"input_image","image_url":"data:image/png;base64,AA=="}]}],
"tool_choice":"auto","parallel_tool_calls":true,"reasoning":{"effort":"medium","summary":"auto"},"store":false,"stream":true,"include":["reasoning.encrypted_content"],
"service_tier":"auto","prompt_cache_key":"0199-aa","text":{"verbosity":"low","format":{"type":"json_schema","strict":true,"name":"codex_output_schema","schema":{"type":"object","properties":{},"additionalProperties":false}}},
"client_metadata":{"session":"x"}}`

// describeAll renders all of a request that a round trip must keep.
func describeAll(r *translate.Request) string {
	return describeRequest(r) + fmt.Sprintf("%s %v %s %s %s %v %v %v %d %+v %d %s %s %s %d %s %s %s %s %d", r.Model, r.Stream, r.Temperature, r.TopP, r.MaxOutput, r.Choice, r.Parallel, r.Logprobs, r.TopLogprobs,
		r.Reasoning, r.Format.Kind, r.Format.Name, r.Format.Schema, r.Format.Description, r.Format.Strict, r.Verbosity, r.User, r.CacheKey, r.Tier, r.Store)
}

// withoutThinking removes what requests to another account never carry.
func withoutThinking(r *translate.Request) {
	for i := range r.Turns {
		kept := r.Turns[i].Parts[:0:0]
		for _, p := range r.Turns[i].Parts {
			if p.Kind != translate.Thinking {
				kept = append(kept, p)
			}
		}
		r.Turns[i].Parts = kept
	}
}

func TestRequestRoundTrip(t *testing.T) {
	bodies := map[string]string{
		"codex": codex,
		"plain": `{"model":"m","input":"hi","instructions":"be","store":true}`,
		"settings": `{"model":"m","input":[{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"developer","content":"c"},{"role":"user","content":[{"type":"input_file","file_data":"data:application/pdf;base64,JVBE","filename":"a.pdf"}]}],
			"temperature":0.70,"top_p":0.10,"max_output_tokens":64,"top_logprobs":3,"include":["message.output_text.logprobs"],"tools":[{"type":"function","name":"f","parameters":{"type":"object","properties":{}},"strict":true},{"type":"custom","name":"p","format":{"type":"text"}}],
			"tool_choice":{"type":"allowed_tools","mode":"required","tools":[{"type":"custom","name":"p"}]},"parallel_tool_calls":false,"reasoning":{"effort":"none"},"text":{"format":{"type":"json_object"}},"metadata":{"a":"b"},
			"safety_identifier":"s","prompt_cache_key":"k","service_tier":"flex","store":false}`,
	}
	for name, body := range bodies {
		t.Run(name, func(t *testing.T) {
			first, err := New().DecodeRequest([]byte(body), translate.Hint{})
			if err != nil {
				t.Fatal(err)
			}
			out, _ := encodeRequest(t, first, translate.Target{Model: first.Model, Stream: first.Stream})
			second, err := New().DecodeRequest([]byte(out), translate.Hint{})
			if err != nil {
				t.Fatalf("%v in %s", err, out)
			}
			withoutThinking(first)
			got, want := describeAll(second), describeAll(first)
			// Absent strict is written as false, which is what it means here.
			got, want = strings.ReplaceAll(got, "} 1\n", "} 0\n"), strings.ReplaceAll(want, "} 1\n", "} 0\n")
			// So is the detail of an image.
			want = strings.ReplaceAll(want, "name= detail=\n", "name= detail=auto\n")
			if got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// Translating the first turns gives the beginning of what translating all gives.
func TestPrefixStable(t *testing.T) {
	full, err := New().DecodeRequest([]byte(codex), translate.Hint{})
	if err != nil {
		t.Fatal(err)
	}
	input := func(k int) []string {
		r := *full
		r.Turns = full.Turns[:k]
		out, _ := encodeRequest(t, &r, translate.Target{})
		var list []string
		for e := range jsonlit.Elements(jsonlit.Get(value(out), "input")) {
			list = append(list, string(e))
		}
		return list
	}
	if len(full.Turns) < 5 {
		t.Fatalf("got %d turns, want at least 5", len(full.Turns))
	}
	for k := range full.Turns {
		short, long := input(k), input(k+1)
		if len(short) >= len(long) {
			t.Fatalf("%d turns give %d items, one more gives %d", k, len(short), len(long))
		}
		for i := range short {
			if short[i] != long[i] {
				t.Errorf("%d turns, item %d: got %s, want %s", k+1, i, long[i], short[i])
			}
		}
	}
}
