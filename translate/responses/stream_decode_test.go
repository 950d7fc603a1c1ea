package responses

import (
	"errors"
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
	"github.com/fairway-gateway/fairway/translate/sse"
)

// The streams below are written after openai-go's responses.ResponseStreamEventUnion.

const begun = `
response.created {"sequence_number":0,"response":{"id":"resp_1","object":"response","created_at":1760000000,"status":"in_progress","model":"gpt-5.6","output":[]}}
response.in_progress {"sequence_number":1,"response":{"id":"resp_1","object":"response","created_at":1760000000,"status":"in_progress","model":"gpt-5.6","output":[]}}
`

const agent = begun + `
response.output_item.added {"sequence_number":2,"output_index":0,"item":{"id":"rs_1","type":"reasoning","summary":[],"encrypted_content":"gAA"}}
response.reasoning_summary_part.added {"sequence_number":3,"item_id":"rs_1","output_index":0,"summary_index":0,"part":{"type":"summary_text","text":""}}
response.reasoning_summary_text.delta {"sequence_number":4,"item_id":"rs_1","output_index":0,"summary_index":0,"delta":"Look ","obfuscation":"xy"}
response.reasoning_summary_text.delta {"sequence_number":5,"item_id":"rs_1","output_index":0,"summary_index":0,"delta":"first."}
response.reasoning_summary_text.done {"sequence_number":6,"item_id":"rs_1","output_index":0,"summary_index":0,"text":"Look first."}
response.reasoning_summary_part.done {"sequence_number":7,"item_id":"rs_1","output_index":0,"summary_index":0,"part":{"type":"summary_text","text":"Look first."}}
response.reasoning_summary_text.delta {"sequence_number":8,"item_id":"rs_1","output_index":0,"summary_index":1,"delta":"Then act."}
response.reasoning_summary_text.done {"sequence_number":9,"item_id":"rs_1","output_index":0,"summary_index":1,"text":"Then act."}
response.output_item.done {"sequence_number":10,"output_index":0,"item":{"id":"rs_1","type":"reasoning","summary":[{"type":"summary_text","text":"Look first."},{"type":"summary_text","text":"Then act."}],"encrypted_content":"gAAAAfull"}}
response.output_item.added {"sequence_number":11,"output_index":1,"item":{"id":"ws_1","type":"web_search_call","status":"in_progress"}}
response.web_search_call.searching {"sequence_number":12,"output_index":1,"item_id":"ws_1"}
response.output_item.done {"sequence_number":13,"output_index":1,"item":{"id":"ws_1","type":"web_search_call","status":"completed","action":{"type":"search","query":"q"}}}
response.output_item.added {"sequence_number":14,"output_index":2,"item":{"id":"msg_1","type":"message","status":"in_progress","role":"assistant","content":[]}}
response.content_part.added {"sequence_number":15,"item_id":"msg_1","output_index":2,"content_index":0,"part":{"type":"output_text","text":"","annotations":[],"logprobs":[]}}
response.output_text.delta {"sequence_number":16,"item_id":"msg_1","output_index":2,"content_index":0,"delta":"Grüße \"ü\" \n","logprobs":[]}
response.output_text.delta {"sequence_number":17,"item_id":"msg_1","output_index":2,"content_index":0,"delta":"","logprobs":[]}
response.output_text.delta {"sequence_number":18,"item_id":"msg_1","output_index":2,"content_index":0,"delta":"done","logprobs":[{"token":"done","logprob":-0.1,"bytes":[100],"top_logprobs":[]}]}
response.output_text.annotation.added {"sequence_number":19,"item_id":"msg_1","output_index":2,"content_index":0,"annotation_index":0,"annotation":{"type":"url_citation","url":"https://a.example/","title":"A","start_index":0,"end_index":5}}
response.output_text.done {"sequence_number":20,"item_id":"msg_1","output_index":2,"content_index":0,"text":"Grüße \"ü\" \ndone","logprobs":[]}
response.content_part.done {"sequence_number":21,"item_id":"msg_1","output_index":2,"content_index":0,"part":{"type":"output_text","text":"Grüße \"ü\" \ndone","annotations":[{"type":"url_citation","url":"https://a.example/","title":"A","start_index":0,"end_index":5}],"logprobs":[]}}
response.output_item.done {"sequence_number":22,"output_index":2,"item":{"id":"msg_rotated","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"Grüße \"ü\" \ndone","annotations":[]}]}}
response.output_item.added {"sequence_number":23,"output_index":3,"item":{"id":"fc_1","type":"function_call","status":"in_progress","arguments":"","call_id":"call_a","name":"read"}}
response.output_item.added {"sequence_number":24,"output_index":4,"item":{"id":"fc_2","type":"function_call","status":"in_progress","arguments":"","call_id":"call_b","name":"list","namespace":"fs"}}
response.function_call_arguments.delta {"sequence_number":25,"item_id":"fc_1","output_index":3,"delta":"{\"path\":"}
response.function_call_arguments.delta {"sequence_number":26,"item_id":"fc_2","output_index":4,"delta":"{}"}
response.function_call_arguments.delta {"sequence_number":27,"item_id":"fc_1","output_index":3,"delta":"\"/a\"}"}
response.function_call_arguments.done {"sequence_number":28,"item_id":"fc_1","output_index":3,"name":"read","arguments":"{\"path\":\"/a\"}"}
response.output_item.done {"sequence_number":29,"output_index":3,"item":{"id":"fc_1","type":"function_call","status":"completed","arguments":"{\"path\":\"/a\"}","call_id":"call_a","name":"read"}}
response.output_item.done {"sequence_number":30,"output_index":4,"item":{"id":"fc_2","type":"function_call","status":"completed","arguments":"{}","call_id":"call_b","name":"list"}}
response.output_item.added {"sequence_number":31,"output_index":5,"item":{"id":"ctc_1","type":"custom_tool_call","status":"in_progress","input":"","call_id":"call_c","name":"apply_patch"}}
response.custom_tool_call_input.delta {"sequence_number":32,"item_id":"ctc_1","output_index":5,"delta":"*** \"Begin\"\n"}
response.custom_tool_call_input.delta {"sequence_number":33,"item_id":"ctc_1","output_index":5,"delta":"end"}
response.custom_tool_call_input.done {"sequence_number":34,"item_id":"ctc_1","output_index":5,"input":"*** \"Begin\"\nend"}
response.output_item.done {"sequence_number":35,"output_index":5,"item":{"id":"ctc_1","type":"custom_tool_call","status":"completed","input":"*** \"Begin\"\nend","call_id":"call_c","name":"apply_patch"}}
response.completed {"sequence_number":36,"response":{"id":"resp_1","object":"response","created_at":1760000000,"status":"completed","error":null,"incomplete_details":null,"model":"gpt-5.6","output":[],"usage":{"input_tokens":100,"input_tokens_details":{"cached_tokens":60,"cache_write_tokens":20},"output_tokens":30,"output_tokens_details":{"reasoning_tokens":11},"total_tokens":130}}}
`

var agentEvents = lines(`
start resp_1 gpt-5.6 1760000000
+0 thinking
 0 "Look "
 0 "first."
 0 "\n\n"
 0 "Then act."
 0 signature "gAAAAfull"
-0
+1 web_search "q"
-1
+2 text
 2 "Grüße \"ü\" \n"
 2 "done"
 2 logprobs [{"token":"done","logprob":-0.1,"bytes":[100],"top_logprobs":[]}]
 2 cites "https://a.example/" "A" 0-5
-2
+3 tool_call call_a read
+4 tool_call call_b list in fs
 3 "{\"path\":"
 4 "{}"
 3 "\"/a\"}"
-3
-4
+5 tool_call call_c apply_patch custom
 5 "{\"input\":\"*** \\\"Begin\\\"\\nend\"}"
-5
usage {Input:100 CacheRead:60 CacheWrite:20 CacheWrite1h:0 Output:30 Reasoning:11}
stop 4
end
`)

func TestStreamDecode(t *testing.T) {
	tests := []struct{ name, stream, want string }{
		{"all kinds of items", sseOf(agent), strings.Join(agentEvents, "\n")},
		{"done events alone", sseOf(begun + `
response.output_item.done {"output_index":0,"item":{"type":"reasoning","id":"rs","summary":[],"encrypted_content":"gA"}}
response.reasoning_summary_text.done {"output_index":1,"summary_index":0,"text":"s"}
response.output_item.done {"output_index":1,"item":{"type":"reasoning","id":"rs","summary":[{"type":"summary_text","text":"s"}]}}
response.output_text.done {"output_index":2,"content_index":0,"text":"a"}
response.content_part.done {"output_index":2,"content_index":0,"part":{"type":"output_text","text":"a"}}
response.content_part.done {"output_index":2,"content_index":1,"part":{"type":"refusal","refusal":"no"}}
response.output_item.done {"output_index":2,"item":{"type":"message","id":"m","content":[{"type":"output_text","text":"a"},{"type":"refusal","refusal":"no"}]}}
response.output_item.done {"output_index":3,"item":{"type":"message","id":"m","content":[{"type":"output_text","text":"b","annotations":[{"type":"url_citation","url":"u","title":"t","start_index":0,"end_index":1},{"type":"file_citation","file_id":"f"}]}]}}
response.output_item.added {"output_index":4,"item":{"type":"function_call","id":"fc","call_id":"c","name":"f","arguments":""}}
response.function_call_arguments.done {"output_index":4,"arguments":"{\"a\":1}"}
response.output_item.done {"output_index":4,"item":{"type":"function_call","id":"fc","call_id":"c","name":"f","arguments":"{\"a\":1}"}}
response.output_item.done {"output_index":5,"item":{"type":"function_call","id":"fc","call_id":"c2","name":"f","arguments":"{\"a\":2}"}}
response.output_item.done {"output_index":6,"item":{"type":"custom_tool_call","id":"ct","call_id":"c3","name":"p","input":"x"}}
response.completed {"response":{"id":"resp_1","status":"completed","output":[]}}
`), `
start resp_1 gpt-5.6 1760000000
+0 thinking
 0 signature "gA"
-0
+1 thinking
 1 "s"
-1
+2 text
 2 "a"
-2
+3 refusal
 3 "no"
-3
+4 text
 4 "b"
 4 cites "u" "t" 0-1
 4 cites file "f" null 0-0
-4
+5 tool_call c f
 5 "{\"a\":1}"
-5
+6 tool_call c2 f
 6 "{\"a\":2}"
-6
+7 tool_call c3 p custom
 7 "{\"input\":\"x\"}"
-7
stop 4
end`},
		{"the final response alone", sseOf(`
response.completed {"response":{"id":"resp_2","model":"m","created_at":5,"status":"completed","output":[{"type":"message","id":"m","content":[{"type":"output_text","text":"hi"}]}],"usage":{"input_tokens":1,"output_tokens":2}}}
`), `
start resp_2 m 5
+0 text
 0 "hi"
-0
usage {Input:1 CacheRead:0 CacheWrite:0 CacheWrite1h:0 Output:2 Reasoning:0}
stop 1
end`},
		{"nothing before the first delta, no done events", sseOf(`
response.output_text.delta {"output_index":0,"content_index":0,"delta":"hi"}
response.completed {"response":{"id":"r","status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"hi"}]}]}}
`), `
start   0
+0 text
 0 "hi"
-0
stop 1
end`},
		{"an item's end only in the final response", sseOf(begun + `
response.output_item.added {"output_index":0,"item":{"type":"function_call","id":"fc","call_id":"c","name":"f","arguments":""}}
response.completed {"response":{"id":"r","status":"completed","output":[{"type":"function_call","id":"fc","call_id":"c","name":"f","arguments":"{\"a\":1}"}]}}
`), `
start resp_1 gpt-5.6 1760000000
+0 tool_call c f
 0 "{\"a\":1}"
-0
stop 4
end`},
		{"arguments as an object, an id only on the item", sseOf(begun + `
response.output_item.added {"output_index":0,"item":{"type":"function_call","id":"fc_7","name":"f"}}
response.output_item.done {"output_index":0,"item":{"type":"function_call","id":"fc_7","name":"f","arguments":{"a":"b"}}}
response.completed {"response":{"id":"r","status":"completed"}}
`), `
start resp_1 gpt-5.6 1760000000
+0 tool_call fc_7 f
 0 "{\"a\":\"b\"}"
-0
stop 4
end`},
		{"reasoning text", sseOf(begun + `
response.output_item.added {"output_index":0,"item":{"type":"reasoning","id":"rs","summary":[]}}
response.reasoning_text.delta {"output_index":0,"content_index":0,"delta":"a"}
response.reasoning_text.delta {"output_index":0,"content_index":0,"delta":"b"}
response.reasoning_text.done {"output_index":0,"content_index":0,"text":"ab"}
response.output_item.done {"output_index":0,"item":{"type":"reasoning","id":"rs","summary":[],"content":[{"type":"reasoning_text","text":"ab"}]}}
response.completed {"response":{"id":"r","status":"completed"}}
`), `
start resp_1 gpt-5.6 1760000000
+0 thinking
 0 "a"
 0 "b"
-0
stop 1
end`},
		{"a refusal", sseOf(begun + `
response.refusal.delta {"output_index":0,"content_index":0,"delta":"I "}
response.refusal.delta {"output_index":0,"content_index":0,"delta":"won't"}
response.refusal.done {"output_index":0,"content_index":0,"refusal":"I won't"}
response.completed {"response":{"id":"r","status":"completed"}}
`), `
start resp_1 gpt-5.6 1760000000
+0 refusal
 0 "I "
 0 "won't"
-0
stop 5
end`},
		{"cut by the output limit, with a call", sseOf(begun + `
response.output_item.added {"output_index":0,"item":{"type":"function_call","id":"fc","call_id":"c","name":"f"}}
response.function_call_arguments.delta {"output_index":0,"delta":"{\"a"}
response.incomplete {"response":{"id":"r","status":"incomplete","incomplete_details":{"reason":"max_output_tokens"}}}
`), `
start resp_1 gpt-5.6 1760000000
+0 tool_call c f
 0 "{\"a"
-0
stop 2
end`},
		{"cut by the filter", sseOf(begun + `
response.incomplete {"response":{"id":"r","incomplete_details":{"reason":"content_filter"}}}
`), `
start resp_1 gpt-5.6 1760000000
stop 6
end`},
		{"a call of no tool", sseOf(begun + `
response.output_item.added {"output_index":0,"item":{"type":"function_call","id":"fc","call_id":"c"}}
response.function_call_arguments.delta {"output_index":0,"delta":"{}"}
response.output_item.done {"output_index":0,"item":{"type":"function_call","id":"fc","call_id":"c","arguments":"{}"}}
response.completed {"response":{"id":"r","status":"completed"}}
`), `
start resp_1 gpt-5.6 1760000000
stop 9
end`},
		{"events behind their item's end", sseOf(begun + `
response.output_item.done {"output_index":0,"item":{"type":"message","content":[{"type":"output_text","text":"a"}]}}
response.output_text.delta {"output_index":0,"content_index":1,"delta":"late"}
response.refusal.done {"output_index":0,"content_index":2,"refusal":"late"}
response.output_text.annotation.added {"output_index":0,"content_index":3,"annotation":{"type":"url_citation","url":"u"}}
response.reasoning_text.delta {"output_index":0,"content_index":0,"delta":"late"}
response.completed {"response":{"id":"r","status":"completed"}}
`), `
start resp_1 gpt-5.6 1760000000
+0 text
 0 "a"
-0
stop 1
end`},
		{"events of no meaning, comments, [DONE]", ": hello\n\nevent: keepalive\ndata: {\"type\":\"keepalive\",\"sequence_number\":0}\n\n" + sseOf(begun+`
response.audio.delta {"delta":"AAAA"}
response.something.new {"output_index":9,"delta":"?"}
response.completed {"response":{"id":"r","status":"completed"}}
`) + "data: [DONE]\n\n", `
start resp_1 gpt-5.6 1760000000
stop 1
end`},
		{"no event lines", strings.ReplaceAll(sseOf(begun+`
response.completed {"response":{"id":"r","status":"completed"}}
`), "event: response.", "x: "), `
start resp_1 gpt-5.6 1760000000
stop 1
end`},
		{"the type on the event line alone", "event: response.output_text.delta\ndata: {\"output_index\":0,\"content_index\":0,\"delta\":\"a\"}\n\n" +
			"event: response.completed\ndata: {\"response\":{\"status\":\"completed\"}}\n\n", `
start   0
+0 text
 0 "a"
-0
stop 1
end`},
		{"error nested, then failed", sseOf(begun + `
error {"sequence_number":2,"error":{"type":"server_error","code":"server_is_overloaded","message":"Try later.","param":null}}
response.failed {"response":{"id":"r","status":"failed","error":{"code":"server_error","message":"Try later."}}}
`), `
start resp_1 gpt-5.6 1760000000
error 10 server_is_overloaded: Try later.`},
		{"error flat", sseOf(`
error {"sequence_number":0,"code":"rate_limit_exceeded","message":"Slow down.","param":null}
`), `
error 8 rate_limit_exceeded: Slow down.`},
		{"an envelope first", "data: {\"error\":{\"message\":\"Bad key\",\"type\":\"invalid_request_error\",\"code\":\"invalid_api_key\"}}\n\n", `
error 3 invalid_api_key: Bad key`},
		{"failed", sseOf(begun + `
response.failed {"response":{"id":"r","status":"failed","error":{"code":"invalid_prompt","message":"Not this."}}}
`), `
start resp_1 gpt-5.6 1760000000
error 1 invalid_prompt: Not this.`},
		{"failed without a word", sseOf(begun + `
response.failed {"response":{"id":"r","status":"failed","error":null}}
`), `
start resp_1 gpt-5.6 1760000000
error 12 : the upstream failed to answer and did not say why`},
		{"cancelled", sseOf(begun + `
response.cancelled {"response":{"id":"r","status":"cancelled"}}
`), `
start resp_1 gpt-5.6 1760000000
error 12 : the upstream cancelled the response`},
		{"not JSON", sseOf(begun) + "data: <html>\n\n", `
start resp_1 gpt-5.6 1760000000
error 12 : the upstream's stream holds what is not a JSON object`},
		{"not an object", sseOf(begun) + "data: 12\n\n", `
start resp_1 gpt-5.6 1760000000
error 12 : the upstream's stream holds what is not a JSON object`},
		{"cut inside a frame", sseOf(begun) + "data: {\"type\":\"respo", `
start resp_1 gpt-5.6 1760000000
error 14 : the upstream's stream ended before completion`},
		{"only [DONE]", sseOf(begun) + "data: [DONE]\n\n", `
start resp_1 gpt-5.6 1760000000
error 14 : the upstream's stream ended before completion`},
		{"nothing", "", `
error 14 : the upstream's stream ended before completion`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := lines(tt.want)
			diff(t, decodeStream(t, strings.NewReader(tt.stream)), want)
			diff(t, decodeStream(t, oneByte(tt.stream)), want)
			diff(t, decodeStream(t, strings.NewReader(strings.ReplaceAll(tt.stream, "\n", "\r\n"))), want)
		})
	}
}

// Every cut of a stream is an error, except behind the last event's data.
func TestStreamDecodeTruncated(t *testing.T) {
	stream := sseOf(agent)
	complete := strings.LastIndex(stream, "}") + 1
	for cut := range len(stream) {
		got := decodeStream(t, strings.NewReader(stream[:cut]))
		last := got[len(got)-1]
		if want := "error 14 : the upstream's stream ended before completion"; cut < complete && last != want {
			t.Fatalf("cut at %d: got %q, want %q", cut, last, want)
		}
		if cut >= complete && last != "end" {
			t.Fatalf("cut at %d, behind the last event: got %q, want the end", cut, last)
		}
	}
}

// Nothing follows the end, and emit's error comes back.
func TestStreamDecodeAfterEnd(t *testing.T) {
	d := New().NewStreamDecoder()
	frame := sse.Frame{Data: []byte(`{"type":"response.completed","response":{"status":"completed"}}`), Raw: []byte("\n\n")}
	if err := d.Decode(frame, func(*translate.Event) error { return nil }); err != nil {
		t.Fatal(err)
	}
	never := func(ev *translate.Event) error { t.Errorf("got %s after the end", describe(ev)); return nil }
	_ = d.Decode(frame, never)
	_ = d.Close(never)

	want := errors.New("gone")
	if got := New().NewStreamDecoder().Decode(frame, func(*translate.Event) error { return want }); got != want {
		t.Errorf("got error %v, want %v", got, want)
	}
}

func TestStreamDecodeBoundsInput(t *testing.T) {
	d := New().NewStreamDecoder()
	var last string
	emit := func(ev *translate.Event) error { last = describe(ev); return nil }
	feed := func(data string) {
		if err := d.Decode(sse.Frame{Data: []byte(data), Raw: []byte("\n\n")}, emit); err != nil {
			t.Fatal(err)
		}
	}
	feed(`{"type":"response.output_item.added","output_index":0,"item":{"type":"custom_tool_call","call_id":"c","name":"p"}}`)
	piece := `{"type":"response.custom_tool_call_input.delta","output_index":0,"delta":"` + strings.Repeat("x", 1<<20) + `"}`
	for range 9 {
		feed(piece)
	}
	if want := "error 12 : the upstream's tool input is larger than the gateway may gather"; last != want {
		t.Errorf("got %q, want %q", last, want)
	}
}

func TestAppendBreak(t *testing.T) {
	broken := &translate.Error{Kind: translate.Truncated, Message: "gone"}
	feed := func(d translate.StreamDecoder, stream string) {
		r := sse.NewReader(strings.NewReader(stream), nil, 0)
		for f, err := r.Next(); err == nil; f, err = r.Next() {
			_ = d.Decode(f, func(*translate.Event) error { return nil })
		}
		_ = d.Close(func(*translate.Event) error { return nil })
	}
	tests := []struct {
		name, stream, id string
		sequence         int64
	}{
		{"after some events", sseOf(begun), "resp_1", 2},
		{"before any", "", "resp_interrupted", 0},
		{"after what is no JSON", sseOf(begun) + "data: <\n\n", "resp_1", 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := New().NewStreamDecoder()
			feed(d, tt.stream)
			out := d.AppendBreak(nil, broken)
			r := sse.NewReader(strings.NewReader(string(out)), nil, 0)
			first, err := r.Next()
			if err != nil {
				t.Fatal(err)
			}
			want := `{"type":"error","sequence_number":` + string(jsonlit.Quote("#")) + `,"code":"stream_incomplete","message":"gone","param":null,"error":{"message":"gone","type":"server_error","param":null,"code":"stream_incomplete"}}`
			want = strings.Replace(want, `"#"`, itoa(tt.sequence), 1)
			if got := string(first.Data); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			second, err := r.Next()
			if err != nil {
				t.Fatal(err)
			}
			if got := string(jsonlit.Get(second.Data, "sequence_number")); got != itoa(tt.sequence+1) {
				t.Errorf("got sequence_number %s, want %d", got, tt.sequence+1)
			}
			if got := jsonlit.Str(jsonlit.Get(second.Data, "response", "id")); got != tt.id {
				t.Errorf("got id %q, want %q", got, tt.id)
			}
			checkResponse(t, jsonlit.Get(second.Data, "response"), "failed")
		})
	}
	t.Run("after the upstream's own end", func(t *testing.T) {
		for _, end := range []string{"response.completed {\"response\":{\"status\":\"completed\"}}", "error {\"message\":\"x\"}"} {
			d := New().NewStreamDecoder()
			feed(d, sseOf(begun+end))
			if got := d.AppendBreak(nil, broken); len(got) != 0 {
				t.Errorf("got %q, want nothing", got)
			}
		}
	})
}
