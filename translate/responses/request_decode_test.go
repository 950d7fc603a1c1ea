package responses

import (
	"fmt"
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// describeParts renders parts, one a line.
func describeParts(b *strings.Builder, indent string, parts []translate.Part) {
	for _, p := range parts {
		fmt.Fprintf(b, "%s%s", indent, p.Kind)
		if p.Text != nil {
			fmt.Fprintf(b, " %s", p.Text)
		}
		if p.Signature != nil {
			fmt.Fprintf(b, " signature=%s", p.Signature)
		}
		if p.CacheTTL != "" {
			fmt.Fprintf(b, " cache=%s", p.CacheTTL)
		}
		if m := p.Media; m != nil {
			fmt.Fprintf(b, " mime=%s data=%s url=%s id=%s name=%s detail=%s", m.MIME, m.Data, string(m.URL), string(m.FileID), string(m.Name), m.Detail)
		}
		if c := p.Call; c != nil {
			fmt.Fprintf(b, " %s %s.%s custom=%v %s", c.ID, c.Namespace, c.Name, c.Custom, string(c.Text))
		}
		if p.Result != nil {
			fmt.Fprintf(b, " %s %s error=%v\n", p.Result.CallID, p.Result.Name, p.Result.IsError)
			describeParts(b, indent+"  ", p.Result.Parts)
			continue
		}
		b.WriteByte('\n')
	}
}

// describeRequest renders a request's conversation and tools.
func describeRequest(r *translate.Request) string {
	var b strings.Builder
	if len(r.System) > 0 {
		b.WriteString("system\n")
		describeParts(&b, "  ", r.System)
	}
	for _, t := range r.Turns {
		b.WriteString([...]string{"user", "assistant", "instruction"}[t.Role] + "\n")
		describeParts(&b, "  ", t.Parts)
	}
	for _, t := range r.Tools {
		fmt.Fprintf(&b, "tool %d %s.%s %s %s %d\n", t.Kind, t.Namespace, t.Name, string(t.Description), string(t.Schema), t.Strict)
	}
	for _, f := range r.Extra {
		fmt.Fprintf(&b, "extra %s %s\n", f.Name, f.Value)
	}
	return b.String()
}

func TestDecodeConversation(t *testing.T) {
	tests := []struct{ name, body, want string }{
		{"a string", `{"model":"m","input":"hi","instructions":"be"}`, `
system
  text "be"
user
  text "hi"
`},
		{"members in any order, nulls", `{"tools":[{"type":"function","name":"f"}],"input":[{"role":"user","content":"hi"}],"model":"m","instructions":null,"temperature":null,"previous_response_id":null,"background":false,"truncation":"disabled","metadata":{"a":"b"},"truncate":1}`, `
user
  text "hi"
tool 0 .f   0
extra metadata {"a":"b"}
extra truncate 1
`},
		{"leading instructions, later ones", `{"model":"m","instructions":"a","input":[{"role":"developer","content":"b"},{"type":"message","role":"system","content":[{"type":"input_text","text":"c"}]},{"role":"user","content":"d"},{"role":"developer","content":"e"},{"role":"user","content":"f"}]}`, `
system
  text "a"
  text "b"
  text "c"
user
  text "d"
instruction
  text "e"
user
  text "f"
`},
		{"instructions alone", `{"model":"m","instructions":"a","input":[{"role":"system","content":"b"}]}`, `
system
  text "a"
instruction
  text "b"
`},
		{"consecutive turns of a role", `{"model":"m","input":[{"role":"user","content":"a"},{"role":"user","content":"b"}]}`, `
user
  text "a"
  text "b"
`},
		{"parts", `{"model":"m","input":[{"role":"user","content":[
			{"type":"input_text","text":"a\u00e9","prompt_cache_breakpoint":{"mode":"explicit","ttl":"12h"}},
			{"type":"input_image","image_url":"data:image/png;base64,iVBO","detail":"low","prompt_cache_breakpoint":{"mode":"explicit"}},
			{"type":"input_image","image_url":"data:image\/jpeg;charset=x;base64,\/9j\/","detail":"auto"},
			{"type":"input_image","image_url":"https://a.example/x.png"},
			{"type":"input_image","file_id":"file_1","image_url":null,"detail":null},
			{"type":"input_file","file_data":"data:application/pdf;base64,JVBE","filename":"a.pdf"},
			{"type":"input_file","file_data":"JVBE","filename":"B.PDF"},
			{"type":"input_file","file_url":"https://a.example/x.pdf"},
			{"type":"input_file","file_id":"file_2"},
			{"type":"input_audio","input_audio":{"data":"UklG","format":"mp3"}}]},
			{"type":"message","id":"msg_1","role":"assistant","status":"completed","phase":"commentary","content":[{"type":"output_text","text":"b","annotations":[]},{"type":"refusal","refusal":"c"}]},
			{"role":"assistant","content":[{"type":"input_text","text":"d"}]}]}`, `
user
  text "a\u00e9" cache=12h
  image cache=30m mime=image/png data=iVBO url= id= name= detail=low
  image mime=image/jpeg data=/9j/ url= id= name= detail=auto
  image mime= data= url="https://a.example/x.png" id= name= detail=
  image mime= data= url= id="file_1" name= detail=
  file mime=application/pdf data=JVBE url= id= name="a.pdf" detail=
  file mime=application/pdf data=JVBE url= id= name="B.PDF" detail=
  file mime= data= url="https://a.example/x.pdf" id= name= detail=
  file mime= data= url= id="file_2" name= detail=
  audio mime=audio/mpeg data=UklG url= id= name= detail=
assistant
  text "b"
  refusal "c"
  text "d"
`},
		{"reasoning and tools", `{"model":"m","input":[{"role":"user","content":"go"},
			{"type":"reasoning","summary":[{"type":"summary_text","text":"A"},{"type":"summary_text","text":"B"}],"content":null,"encrypted_content":"gAA"},
			{"type":"reasoning","id":"rs","summary":[],"encrypted_content":"gBB"},
			{"type":"reasoning","id":"rs","summary":[]},
			{"type":"function_call","call_id":"c1","name":"f","arguments":"{\"a\":1}"},
			{"type":"function_call","call_id":"c2","name":"g","namespace":"ns","arguments":""},
			{"type":"custom_tool_call","call_id":"c3","name":"p","input":"*** x","status":"completed"},
			{"type":"custom_tool_call_output","call_id":"c3","output":"ok"},
			{"type":"function_call_output","call_id":"c1","output":[{"type":"input_text","text":"r"},{"type":"input_image","image_url":"data:image/png;base64,AA"}]},
			{"type":"function_call_output","call_id":"c2","output":""},
			{"role":"user","content":"more"}]}`, `
user
  text "go"
assistant
  thinking "A\n\nB" signature="gAA"
  thinking "" signature="gBB"
  tool_call c1 .f custom=false "{\"a\":1}"
  tool_call c2 ns.g custom=false ""
  tool_call c3 .p custom=true "*** x"
user
  tool_result c1 f error=false
    text "r"
    image mime=image/png data=AA url= id= name= detail=
  tool_result c2 g error=false
    text ""
  tool_result c3 p error=false
    text "ok"
  text "more"
`},
		{"a call without a result", `{"model":"m","input":[{"role":"user","content":"go"},{"type":"function_call","call_id":"c1","name":"f","arguments":"{}"},{"role":"user","content":"on"}]}`, `
user
  text "go"
assistant
  tool_call c1 .f custom=false "{}"
user
  tool_result c1 f error=true
    text "[no result]"
  text "on"
`},
		{"items that the vendor ran", `{"model":"m","input":[{"role":"user","content":"go"},{"type":"web_search_call","id":"ws_1","status":"completed"},{"type":"web_search_call","id":"ws_2","status":"completed"},{"type":"mcp_list_tools","id":"x","server_label":"s","tools":[]},{"role":"assistant","content":"found"}]}`, `
user
  text "go"
assistant
  text "found"
extra input.web_search_call true
extra input.mcp_list_tools true
`},
		{"tools", `{"model":"m","input":"hi","tools":[
			{"type":"function","name":"f","description":"d","parameters":{"type":"object"},"strict":true,"defer_loading":true},
			{"type":"function","name":"g","description":null,"parameters":null,"strict":false},
			{"type":"custom","name":"p","description":"patch","format":{"type":"grammar","syntax":"lark","definition":"start: x"}},
			{"type":"namespace","name":"ns","description":"n","tools":[{"type":"function","name":"h","parameters":{}},{"type":"custom","name":"i"}]},
			{"type":"web_search","external_web_access":true},{"type":"tool_search"},{"type":"brand_new_tool"}]}`, `
user
  text "hi"
tool 0 .f "d" {"type":"object"} 2
tool 0 .g   1
tool 1 .p "patch"  0
tool 0 ns.h  {} 0
tool 1 ns.i   0
tool 2 .web_search   0
tool 2 .tool_search   0
tool 2 .brand_new_tool   0
`},
		{"tools inside the input", `{"model":"m","tools":[{"type":"function","name":"f"}],"input":[
			{"type":"additional_tools","role":"developer","tools":[{"type":"function","name":"f","description":"again"},{"type":"custom","name":"p"}]},
			{"role":"developer","content":"dev"},{"role":"user","content":"hi"},
			{"type":"tool_search_call","call_id":"x","arguments":{}},{"type":"tool_search_output","call_id":"x","tools":[{"type":"namespace","name":"ns","tools":[{"type":"function","name":"f"}]}]},
			{"type":"additional_tools","role":"developer","tools":[{"type":"custom","name":"p"}]},{"role":"user","content":"on"}]}`, `
system
  text "dev"
user
  text "hi"
  text "on"
tool 0 .f   0
tool 1 .p   0
tool 0 ns.f   0
extra input.tool_search_call true
extra input.tool_search_output true
`},
		{"a stored conversation", `{"model":"m","previous_response_id":"resp_0","input":[{"role":"user","content":"on"}]}`, `
user
  text "on"
extra previous_response_id "resp_0"
`},
		{"a prompt template without input", `{"model":"m","prompt":{"id":"p"},"background":true,"truncation":"auto"}`, `
extra prompt {"id":"p"}
extra background true
extra truncation "auto"
`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := jsonlit.Check([]byte(tt.body)); err != nil {
				t.Fatal(err)
			}
			r, err := New().DecodeRequest([]byte(tt.body), translate.Hint{})
			if err != nil {
				t.Fatal(err)
			}
			if got, want := describeRequest(r), strings.TrimPrefix(tt.want, "\n"); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestDecodeSettings(t *testing.T) {
	type R = translate.Request
	tests := []struct {
		name, members string
		check         func(r *R) (got, want any)
	}{
		{"stream", `"stream":true`, func(r *R) (any, any) { return r.Stream, true }},
		{"store", `"store":false`, func(r *R) (any, any) { return r.Store, translate.False }},
		{"parallel", `"parallel_tool_calls":false`, func(r *R) (any, any) { return r.Parallel, translate.False }},
		{"temperature", `"temperature":0.10`, func(r *R) (any, any) { return string(r.Temperature), "0.10" }},
		{"top_p", `"top_p":1e-1`, func(r *R) (any, any) { return string(r.TopP), "1e-1" }},
		{"max_output_tokens", `"max_output_tokens":16`, func(r *R) (any, any) { return string(r.MaxOutput), "16" }},
		{"effort", `"reasoning":{"effort":"xhigh","summary":null}`, func(r *R) (any, any) {
			return r.Reasoning, translate.Reasoning{Mode: translate.ReasonEffort, Effort: "xhigh"}
		}},
		{"no effort", `"reasoning":{"effort":"none"}`, func(r *R) (any, any) {
			return r.Reasoning, translate.Reasoning{Mode: translate.ReasonEffort, Effort: "none"}
		}},
		{"summary", `"reasoning":{"summary":"detailed"}`, func(r *R) (any, any) {
			return r.Reasoning, translate.Reasoning{Show: translate.True, Summary: "detailed"}
		}},
		{"old summary", `"reasoning":{"generate_summary":"concise"}`, func(r *R) (any, any) { return r.Reasoning.Summary, "concise" }},
		{"no summary", `"reasoning":{"summary":"none"}`, func(r *R) (any, any) {
			return r.Reasoning, translate.Reasoning{Show: translate.False}
		}},
		{"verbosity", `"text":{"verbosity":"high"}`, func(r *R) (any, any) { return r.Verbosity, "high" }},
		{"text", `"text":{"format":{"type":"text"}}`, func(r *R) (any, any) { return r.Format.Kind, translate.FormatText }},
		{"json", `"text":{"format":{"type":"json_object"}}`, func(r *R) (any, any) { return r.Format.Kind, translate.FormatJSON }},
		{"schema", `"text":{"format":{"type":"json_schema","name":"n","description":"d","schema":{"type":"object"},"strict":true}}`, func(r *R) (any, any) {
			return fmt.Sprintf("%d %s %s %s %d", r.Format.Kind, r.Format.Name, r.Format.Description, r.Format.Schema, r.Format.Strict), `2 n "d" {"type":"object"} 2`
		}},
		{"auto", `"tool_choice":"auto"`, func(r *R) (any, any) { return fmt.Sprint(r.Choice), "{1 []}" }},
		{"none", `"tool_choice":"none"`, func(r *R) (any, any) { return fmt.Sprint(r.Choice), "{2 []}" }},
		{"required", `"tool_choice":"required"`, func(r *R) (any, any) { return fmt.Sprint(r.Choice), "{3 []}" }},
		{"named", `"tool_choice":{"type":"function","name":"f"}`, func(r *R) (any, any) { return fmt.Sprint(r.Choice), "{4 [f]}" }},
		{"named custom", `"tool_choice":{"type":"custom","name":"p"}`, func(r *R) (any, any) { return fmt.Sprint(r.Choice), "{4 [p]}" }},
		{"allowed", `"tool_choice":{"type":"allowed_tools","mode":"required","tools":[{"type":"function","name":"f"},{"type":"web_search"},{"type":"custom","name":"p"}]}`,
			func(r *R) (any, any) { return fmt.Sprint(r.Choice), "{3 [f p]}" }},
		{"allowed auto", `"tool_choice":{"type":"allowed_tools","mode":"auto","tools":[{"type":"function","name":"f"}]}`,
			func(r *R) (any, any) { return fmt.Sprint(r.Choice), "{1 [f]}" }},
		{"allowed hosted alone", `"tool_choice":{"type":"allowed_tools","mode":"auto","tools":[{"type":"web_search"}]}`,
			func(r *R) (any, any) { return fmt.Sprint(r.Choice, r.Extra[0].Name), "{0 []}tool_choice" }},
		{"hosted", `"tool_choice":{"type":"web_search"}`, func(r *R) (any, any) { return fmt.Sprint(r.Choice, r.Extra[0].Name), "{0 []}tool_choice" }},
		{"logprobs", `"include":["message.output_text.logprobs"],"top_logprobs":3`, func(r *R) (any, any) {
			return fmt.Sprint(r.Logprobs, r.TopLogprobs, r.Extra[0].Name), "true 3include"
		}},
		{"top_logprobs", `"top_logprobs":2`, func(r *R) (any, any) { return fmt.Sprint(r.Logprobs, r.TopLogprobs), "true 2" }},
		{"no logprobs", `"top_logprobs":0,"include":["reasoning.encrypted_content"]`, func(r *R) (any, any) { return r.Logprobs, false }},
		{"tier", `"service_tier":"flex"`, func(r *R) (any, any) { return r.Tier, "flex" }},
		{"user", `"user":"u"`, func(r *R) (any, any) { return string(r.User), `"u"` }},
		{"safety_identifier", `"safety_identifier":"s","user":"u"`, func(r *R) (any, any) { return string(r.User), `"s"` }},
		{"prompt_cache_key", `"prompt_cache_key":"k"`, func(r *R) (any, any) { return string(r.CacheKey), `"k"` }},
		{"unknown members in order", `"zeta":1,"alpha":{"x":[2]}`, func(r *R) (any, any) {
			return fmt.Sprintf("%s=%s %s=%s", r.Extra[0].Name, r.Extra[0].Value, r.Extra[1].Name, r.Extra[1].Value), `zeta=1 alpha={"x":[2]}`
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := New().DecodeRequest([]byte(`{"model":"m","input":"hi",`+tt.members+`}`), translate.Hint{})
			if err != nil {
				t.Fatal(err)
			}
			if got, want := tt.check(r); got != want {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

func TestDecodeHint(t *testing.T) {
	r, err := New().DecodeRequest([]byte(`{"model":"m","input":"hi"}`), translate.Hint{Operation: translate.CountTokens, Model: "other", Stream: true})
	if err != nil {
		t.Fatal(err)
	}
	if r.Operation != translate.CountTokens || r.Model != "other" || !r.Stream || r.Dialect != translate.Responses {
		t.Errorf("got %v %q %v %q", r.Operation, r.Model, r.Stream, r.Dialect)
	}
}

func TestDecodeBadRequests(t *testing.T) {
	item := func(s string) string { return `{"model":"m","input":[{"role":"user","content":"a"},` + s + `]}` }
	user := func(s string) string { return item(`{"role":"user","content":[` + s + `]}`) }
	with := func(s string) string { return `{"model":"m","input":"hi",` + s + `}` }
	tests := []struct{ body, param string }{
		{`[]`, ""},
		{`"x"`, ""},
		{`{"input":"hi"}`, "model"},
		{`{"model":5,"input":"hi"}`, "model"},
		{`{"model":"","input":"hi"}`, "model"},
		{`{"model":"m"}`, "input"},
		{`{"model":"m","input":null}`, "input"},
		{`{"model":"m","input":{}}`, "input"},
		{`{"model":"m","input":5}`, "input"},
		{`{"model":"m","input":[]}`, "input"},
		{`{"model":"m","input":["x"]}`, "input[0]"},
		{item(`{}`), "input[1].type"},
		{item(`{"type":5}`), "input[1].type"},
		{item(`{"type":"quux"}`), "input[1].type"},
		{item(`{"type":"item_reference","id":"x"}`), "input[1].type"},
		{item(`{"type":"compaction","encrypted_content":"x"}`), "input[1].type"},
		{item(`{"type":"computer_call_output"}`), "input[1].type"},
		{item(`{"type":"local_shell_call"}`), "input[1].type"},
		{item(`{"role":"tool","content":"x"}`), "input[1].role"},
		{item(`{"type":"message","content":"x"}`), "input[1].role"},
		{item(`{"role":"user"}`), "input[1].content"},
		{item(`{"role":"user","content":null}`), "input[1].content"},
		{item(`{"role":"user","content":{"type":"input_text","text":"x"}}`), "input[1].content"},
		{user(`5`), "input[1].content[0]"},
		{user(`{}`), "input[1].content[0].type"},
		{user(`{"type":"input_text","text":"x"},{"type":"text","text":"x"}`), "input[1].content[1].type"},
		{user(`{"type":"input_text"}`), "input[1].content[0].text"},
		{user(`{"type":"input_text","text":5}`), "input[1].content[0].text"},
		{user(`{"type":"refusal","refusal":"x"}`), "input[1].content[0].type"},
		{user(`{"type":"input_image"}`), "input[1].content[0].image_url"},
		{user(`{"type":"input_image","image_url":{"url":"x"}}`), "input[1].content[0].image_url"},
		{user(`{"type":"input_image","image_url":""}`), "input[1].content[0].image_url"},
		{user(`{"type":"input_image","image_url":"data:image/png,abc"}`), "input[1].content[0].image_url"},
		{user(`{"type":"input_image","image_url":"data:image/png;base64,a\"b"}`), "input[1].content[0].image_url"},
		{user(`{"type":"input_image","image_url":"https://x","detail":"tiny"}`), "input[1].content[0].detail"},
		{user(`{"type":"input_file"}`), "input[1].content[0].file_data"},
		{user(`{"type":"input_file","file_data":"a b"}`), "input[1].content[0].file_data"},
		{user(`{"type":"input_file","file_data":"AA","filename":5}`), "input[1].content[0].filename"},
		{user(`{"type":"input_audio"}`), "input[1].content[0].input_audio.data"},
		{user(`{"type":"input_audio","input_audio":{"data":"AA","format":"ogg"}}`), "input[1].content[0].input_audio.format"},
		{item(`{"role":"system","content":[{"type":"input_image","image_url":"https://x"}]}`), "input[1].content[0].type"},
		{item(`{"role":"assistant","content":[{"type":"input_image","image_url":"https://x"}]}`), "input[1].content[0].type"},
		{item(`{"type":"reasoning","summary":"x"}`), "input[1].summary"},
		{item(`{"type":"function_call","name":"f","arguments":"{}"}`), "input[1].call_id"},
		{item(`{"type":"function_call","call_id":"","name":"f","arguments":"{}"}`), "input[1].call_id"},
		{item(`{"type":"function_call","call_id":"c","arguments":"{}"}`), "input[1].name"},
		{item(`{"type":"function_call","call_id":"c","name":"f"}`), "input[1].arguments"},
		{item(`{"type":"function_call","call_id":"c","name":"f","arguments":{}}`), "input[1].arguments"},
		{item(`{"type":"function_call","call_id":"c","name":"f","arguments":"{}","namespace":5}`), "input[1].namespace"},
		{item(`{"type":"custom_tool_call","call_id":"c","name":"f"}`), "input[1].input"},
		{item(`{"type":"function_call_output","output":"x"}`), "input[1].call_id"},
		{item(`{"type":"function_call","call_id":"c","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"c"}`), "input[2].output"},
		{item(`{"type":"function_call","call_id":"c","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"c","output":[{"type":"quux"}]}`), "input[2].output[0].type"},
		{item(`{"type":"function_call_output","call_id":"orphan","output":"x"}`), "input"},
		{item(`{"type":"additional_tools","tools":5}`), "input[1].tools"},
		{item(`{"type":"additional_tools","tools":[{"type":"function"}]}`), "input[1].tools[0].name"},
		{`{"model":"m","previous_response_id":"r","input":[{"type":"function_call_output","call_id":"orphan","output":"x"}]}`, "previous_response_id"},
		{with(`"instructions":5`), "instructions"},
		{with(`"stream":"yes"`), "stream"},
		{with(`"store":1`), "store"},
		{with(`"parallel_tool_calls":"x"`), "parallel_tool_calls"},
		{with(`"temperature":"0.5"`), "temperature"},
		{with(`"top_p":[]`), "top_p"},
		{with(`"max_output_tokens":1.5`), "max_output_tokens"},
		{with(`"max_output_tokens":-1`), "max_output_tokens"},
		{with(`"max_output_tokens":"9"`), "max_output_tokens"},
		{with(`"top_logprobs":"9"`), "top_logprobs"},
		{with(`"reasoning":"high"`), "reasoning"},
		{with(`"reasoning":{"effort":"huge"}`), "reasoning.effort"},
		{with(`"reasoning":{"summary":5}`), "reasoning.summary"},
		{with(`"text":"x"`), "text"},
		{with(`"text":{"verbosity":"loud"}`), "text.verbosity"},
		{with(`"text":{"format":{"type":"xml"}}`), "text.format.type"},
		{with(`"text":{"format":{"type":"json_schema","name":"n"}}`), "text.format.schema"},
		{with(`"text":{"format":{"type":"json_schema","schema":{}}}`), "text.format.name"},
		{with(`"text":{"format":{"type":"json_schema","name":"n","schema":{},"description":5}}`), "text.format.description"},
		{with(`"service_tier":5`), "service_tier"},
		{with(`"user":5`), "user"},
		{with(`"safety_identifier":5`), "safety_identifier"},
		{with(`"prompt_cache_key":5`), "prompt_cache_key"},
		{with(`"tools":{}`), "tools"},
		{with(`"tools":["x"]`), "tools[0]"},
		{with(`"tools":[{}]`), "tools[0].type"},
		{with(`"tools":[{"type":"function"}]`), "tools[0].name"},
		{with(`"tools":[{"type":"function","name":""}]`), "tools[0].name"},
		{with(`"tools":[{"type":"function","name":"f","parameters":[]}]`), "tools[0].parameters"},
		{with(`"tools":[{"type":"function","name":"f","description":5}]`), "tools[0].description"},
		{with(`"tools":[{"type":"namespace","tools":[]}]`), "tools[0].name"},
		{with(`"tools":[{"type":"namespace","name":"n"}]`), "tools[0].tools"},
		{with(`"tools":[{"type":"namespace","name":"n","tools":[{"type":"function"}]}]`), "tools[0].tools[0].name"},
		{with(`"tools":[{"type":"namespace","name":"n","tools":[{"type":"namespace","name":"o","tools":[]}]}]`), "tools[0].tools[0].type"},
		{with(`"tools":[{"type":"namespace","name":"n","tools":[{"type":"web_search"}]}]`), "tools[0].tools[0].type"},
		{with(`"tool_choice":"maybe"`), "tool_choice"},
		{with(`"tool_choice":5`), "tool_choice"},
		{with(`"tool_choice":{}`), "tool_choice.type"},
		{with(`"tool_choice":{"type":"function"}`), "tool_choice.name"},
		{with(`"tool_choice":{"type":"allowed_tools","mode":"none","tools":[]}`), "tool_choice.mode"},
		{with(`"tool_choice":{"type":"allowed_tools","mode":"auto"}`), "tool_choice.tools"},
		{with(`"tool_choice":{"type":"allowed_tools","mode":"auto","tools":[{}]}`), "tool_choice.tools[0].type"},
		{with(`"tool_choice":{"type":"allowed_tools","mode":"auto","tools":[{"type":"function"}]}`), "tool_choice.tools[0].name"},
	}
	for _, tt := range tests {
		if err := jsonlit.Check([]byte(tt.body)); err != nil {
			t.Fatalf("%s: %v", tt.body, err)
		}
		_, err := New().DecodeRequest([]byte(tt.body), translate.Hint{})
		if err == nil {
			t.Errorf("%s: got no error, want one about %q", tt.body, tt.param)
			continue
		}
		e := asError(t, err)
		if e.Kind != translate.InvalidRequest || e.Param != tt.param || e.Message == "" {
			t.Errorf("%s: got kind %d, param %q, message %q; want param %q", tt.body, e.Kind, e.Param, e.Message, tt.param)
		}
	}
}
