package chat

import (
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
	"github.com/fairway-gateway/fairway/translate/openai"
)

// DecodeRequest reads a client's body (openai-go's ChatCompletionNewParams).
//
// Leniences: null counts as absent; max_tokens, functions and function_call are
// taken as the older forms of max_completion_tokens, tools and tool_choice;
// top_k is taken, as vLLM and OpenRouter have it; an assistant message may have
// neither content nor calls; tool messages may hold images.
func (Dialect) DecodeRequest(body []byte, hint translate.Hint) (*translate.Request, error) {
	if !jsonlit.IsObject(body) {
		return nil, translate.BadRequest("", "the body must be a JSON object")
	}
	r := &translate.Request{Dialect: translate.Chat, Operation: hint.Operation}
	d := decoder{r: r}
	for name, v := range jsonlit.Fields(body) {
		if err := d.member(string(name), v); err != nil {
			return nil, err
		}
	}
	if hint.Model != "" {
		r.Model = hint.Model
	}
	r.Stream = r.Stream || hint.Stream
	if r.Model == "" {
		return nil, translate.BadRequest("model", "is required")
	}
	if len(r.MaxOutput) == 0 {
		r.MaxOutput = d.maxTokens
	}
	if r.Choice.Mode == translate.ChooseUnset {
		r.Choice = d.functionCall
	}
	if r.Functions { // one call at a time is all that the form can say
		r.Parallel = translate.False
	}
	if err := d.messages(d.list); err != nil {
		return nil, err
	}
	return r, translate.Settle(r)
}

type decoder struct {
	r            *translate.Request
	list         jsonlit.Value // messages
	maxTokens    jsonlit.Value
	functionCall translate.ToolChoice
	leading      bool // no message but instructions yet
	legacy       []*translate.Call
}

// member reads one top-level member.
func (d *decoder) member(name string, v jsonlit.Value) (err error) {
	r := d.r
	if known, err := openai.Setting(r, name, v); known {
		return err
	}
	switch name {
	case "messages":
		d.list = v
	case "max_completion_tokens":
		r.MaxOutput, err = openai.Positive(name, v)
	case "max_tokens":
		d.maxTokens, err = openai.Positive(name, v)
	case "top_k":
		r.TopK, err = openai.Integer(name, v)
	case "logprobs":
		var t translate.Tri
		t, err = openai.Bool(name, v)
		r.Logprobs = t == translate.True
	case "top_logprobs":
		r.TopLogprobs, err = openai.Count(name, v, 0, 20)
	case "tools":
		err = d.tools(v)
	case "functions":
		err = d.functions(v)
	case "tool_choice":
		r.Choice, err = toolChoice(v)
	case "function_call":
		d.functionCall, err = functionCall(v)
	case "web_search_options":
		if err = openai.Object(name, v); err == nil && !jsonlit.Null(v) {
			r.Tools = append(r.Tools, translate.Tool{Kind: translate.HostedTool, Name: "web_search", Raw: v, Search: openai.SearchOf(v)})
		}
	case "parallel_tool_calls":
		r.Parallel, err = openai.Bool(name, v)
	case "response_format":
		r.Format, err = format(v)
	case "reasoning_effort":
		r.Reasoning, err = effort(v)
	case "verbosity":
		r.Verbosity, err = oneOf(name, v, "low", "medium", "high")
	case "safety_identifier": // supersedes user
		var id jsonlit.Value
		if id, err = openai.Literal(name, v); len(id) > 0 {
			r.User = id
		}
	case "prompt_cache_key":
		r.CacheKey, err = openai.Literal(name, v)
	case "service_tier":
		r.Tier, err = openai.String(name, v)
	case "store":
		r.Store, err = openai.Bool(name, v)
	case "audio":
		d.extra("audio_output", v)
	case "modalities":
		if !textOnly(v) {
			d.extra(name, v)
		}
	default:
		d.extra(name, v)
	}
	return err
}

// extra keeps a member that the neutral form has no place for.
func (d *decoder) extra(name string, v jsonlit.Value) {
	if !jsonlit.Null(v) {
		d.r.Extra = append(d.r.Extra, translate.Field{Name: name, Value: v})
	}
}

// textOnly reports whether modalities asks for what is given anyway.
func textOnly(v jsonlit.Value) bool {
	for m := range jsonlit.Elements(v) {
		if string(jsonlit.Inner(m)) != "text" {
			return false
		}
	}
	return jsonlit.Null(v) || jsonlit.IsArray(v)
}

// effort reads reasoning_effort.
func effort(v jsonlit.Value) (translate.Reasoning, error) {
	word, err := oneOf("reasoning_effort", v, "none", "minimal", "low", "medium", "high", "xhigh", "max")
	switch word {
	case "":
		return translate.Reasoning{}, err
	case "none":
		return translate.Reasoning{Mode: translate.ReasonOff, Effort: word}, nil
	}
	return translate.Reasoning{Mode: translate.ReasonEffort, Effort: word}, nil
}

// format reads response_format.
func format(v jsonlit.Value) (f translate.Format, err error) {
	if jsonlit.Null(v) {
		return f, nil
	}
	if err := openai.Object("response_format", v); err != nil {
		return f, err
	}
	kind, err := oneOf("response_format.type", jsonlit.Get(v, "type"), "text", "json_object", "json_schema")
	switch {
	case err != nil:
		return f, err
	case kind == "":
		return f, translate.BadRequest("response_format.type", "is required")
	case kind == "json_object":
		f.Kind = translate.FormatJSON
	case kind == "json_schema":
		const at = "response_format.json_schema"
		spec := jsonlit.Get(v, "json_schema")
		if !jsonlit.IsObject(spec) {
			return f, translate.BadRequest(at, "must be an object")
		}
		f.Kind = translate.FormatSchema
		for name, val := range jsonlit.Fields(spec) {
			switch string(name) {
			case "name":
				f.Name, err = openai.String(at+".name", val)
			case "description":
				f.Description, err = openai.Literal(at+".description", val)
			case "schema":
				if err = openai.Object(at+".schema", val); !jsonlit.Null(val) {
					f.Schema = val
				}
			case "strict":
				f.Strict, err = openai.Bool(at+".strict", val)
			}
			if err != nil {
				return f, err
			}
		}
		if f.Schema == nil { // OpenAI allows it, and then promises JSON alone
			f = translate.Format{Kind: translate.FormatJSON}
		}
	}
	return f, nil
}
