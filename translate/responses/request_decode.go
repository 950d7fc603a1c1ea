package responses

import (
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// DecodeRequest reads the body of POST /responses or /responses/input_tokens
// (openai-go's responses.ResponseNewParams and InputTokenCountParams).
//
// Beyond what the types allow it takes what clients send: items without ids,
// parts of the other role's name, null for an absent member, background:false
// and truncation:"disabled" (which ask for nothing). Items of tools that the
// vendor runs (web_search_call and the like) are left out and named in Extra as
// "input.web_search_call", so that the losses tell.
func (Dialect) DecodeRequest(body []byte, hint translate.Hint) (*translate.Request, error) {
	if !jsonlit.IsObject(body) {
		return nil, translate.BadRequest("", "the body must be a JSON object")
	}
	d := decoder{r: &translate.Request{
		Dialect: translate.Responses, Operation: hint.Operation, Model: hint.Model, Stream: hint.Stream,
	}}
	for name, v := range jsonlit.Fields(body) {
		if jsonlit.Null(v) {
			continue
		}
		if err := d.member(string(name), v); err != nil {
			return nil, err
		}
	}
	if d.r.Model == "" {
		return nil, translate.BadRequest("model", "the model is missing")
	}
	if err := d.conversation(); err != nil {
		return nil, err
	}
	return d.r, nil
}

// decoder holds what can only be read when all members are known: their order
// is the client's.
type decoder struct {
	r            *translate.Request
	instructions value
	input        value
	tools        value
	safetyID     value
	stored       string              // the member that says that the vendor holds a part of the conversation
	seen         map[string]struct{} // tools so far, once an additional_tools item came
}

func (d *decoder) member(name string, v value) error {
	r := d.r
	switch name {
	case "model":
		if !jsonlit.IsString(v) {
			return translate.BadRequest(name, "must be a string")
		}
		if r.Model == "" {
			r.Model = jsonlit.Str(v)
		}
	case "input":
		d.input = v
	case "instructions":
		d.instructions = v
	case "tools":
		d.tools = v
	case "stream":
		on, err := boolean(name, v)
		r.Stream = r.Stream || on
		return err
	case "store":
		r.Store = translate.TriOf(v)
		_, err := boolean(name, v)
		return err
	case "parallel_tool_calls":
		r.Parallel = translate.TriOf(v)
		_, err := boolean(name, v)
		return err
	case "temperature":
		return number(name, v, &r.Temperature)
	case "top_p":
		return number(name, v, &r.TopP)
	case "max_output_tokens":
		return integer(name, v, &r.MaxOutput)
	case "top_logprobs":
		var n value
		if err := integer(name, v, &n); err != nil {
			return err
		}
		if k, _ := jsonlit.Int(n); k > 0 {
			r.Logprobs, r.TopLogprobs = true, int(min(k, 20))
		}
	case "include":
		for e := range jsonlit.Elements(v) {
			if string(jsonlit.Inner(e)) == "message.output_text.logprobs" {
				r.Logprobs = true
			}
		}
		d.extra(name, v)
	case "reasoning":
		return d.reasoning(v)
	case "text":
		return d.text(v)
	case "tool_choice":
		return d.toolChoice(v)
	case "service_tier":
		return text(name, v, &r.Tier)
	case "user":
		return literal(name, v, &r.User)
	case "safety_identifier":
		return literal(name, v, &d.safetyID)
	case "prompt_cache_key":
		return literal(name, v, &r.CacheKey)
	case "background":
		if jsonlit.True(v) {
			d.extra(name, v)
		}
	case "truncation":
		if string(jsonlit.Inner(v)) != "disabled" {
			d.extra(name, v)
		}
	case "previous_response_id", "conversation", "prompt":
		d.stored = name
		d.extra(name, v)
	default:
		d.extra(name, v)
	}
	return nil
}

func (d *decoder) extra(name string, v value) {
	d.r.Extra = append(d.r.Extra, translate.Field{Name: name, Value: v})
}

// reasoning reads {"effort", "summary"}; generate_summary is summary's old name.
func (d *decoder) reasoning(v value) error {
	if !jsonlit.IsObject(v) {
		return translate.BadRequest("reasoning", "must be an object")
	}
	r := &d.r.Reasoning
	for name, val := range jsonlit.Fields(v) {
		if jsonlit.Null(val) {
			continue
		}
		switch string(name) {
		case "effort":
			if err := choose("reasoning.effort", val, &r.Effort, "none", "minimal", "low", "medium", "high", "xhigh", "max"); err != nil {
				return err
			}
			r.Mode = translate.ReasonEffort
		case "summary", "generate_summary":
			if err := choose("reasoning.summary", val, &r.Summary, "auto", "concise", "detailed", "none"); err != nil {
				return err
			}
			r.Show = translate.True
			if r.Summary == "none" { // Codex's way to want no summary
				r.Summary, r.Show = "", translate.False
			}
		}
	}
	return nil
}

// text reads {"format", "verbosity"}.
func (d *decoder) text(v value) error {
	if !jsonlit.IsObject(v) {
		return translate.BadRequest("text", "must be an object")
	}
	if s := jsonlit.Get(v, "verbosity"); !jsonlit.Null(s) {
		if err := choose("text.verbosity", s, &d.r.Verbosity, "low", "medium", "high"); err != nil {
			return err
		}
	}
	f := jsonlit.Get(v, "format")
	if jsonlit.Null(f) {
		return nil
	}
	var kind string
	if err := choose("text.format.type", jsonlit.Get(f, "type"), &kind, "text", "json_object", "json_schema"); err != nil {
		return err
	}
	switch kind {
	case "json_object":
		d.r.Format.Kind = translate.FormatJSON
	case "json_schema":
		d.r.Format = translate.Format{Kind: translate.FormatSchema, Schema: jsonlit.Get(f, "schema"), Strict: translate.TriOf(jsonlit.Get(f, "strict"))}
		if !jsonlit.IsObject(d.r.Format.Schema) {
			return translate.BadRequest("text.format.schema", "must be an object that holds a JSON Schema")
		}
		if err := text("text.format.name", jsonlit.Get(f, "name"), &d.r.Format.Name); err != nil {
			return err
		}
		if s := jsonlit.Get(f, "description"); !jsonlit.Null(s) {
			return literal("text.format.description", s, &d.r.Format.Description)
		}
	}
	return nil
}

// conversation reads instructions, tools and input, in this order.
func (d *decoder) conversation() error {
	r := d.r
	if len(d.safetyID) > 0 {
		r.User = d.safetyID
	}
	if d.instructions != nil {
		if !jsonlit.IsString(d.instructions) {
			return translate.BadRequest("instructions", "must be a string")
		}
		r.System = append(r.System, translate.Part{Kind: translate.Text, Text: d.instructions})
	}
	if d.tools != nil {
		if err := d.addTools("tools", d.tools); err != nil {
			return err
		}
	}
	if err := d.items(); err != nil {
		return err
	}
	if d.stored != "" {
		// The calls that results belong to may be in the vendor's store; no
		// other dialect will be asked.
		if err := translate.Settle(r); err != nil {
			return translate.BadRequest(d.stored, "the conversation is stored with the vendor, and this gateway stores none: send it whole in input")
		}
		return nil
	}
	if len(r.Turns) == 0 && len(r.System) > 0 && jsonlit.IsArray(d.input) {
		// Instructions alone, which OpenAI answers: they are the turn.
		r.Turns = append(r.Turns, translate.Turn{Role: translate.SystemRole, Parts: r.System[len(r.System)-1:]})
		r.System = r.System[:len(r.System)-1]
	}
	if len(r.Turns) == 0 {
		return translate.BadRequest("input", "must be a string or hold at least one item")
	}
	return inInput(translate.Settle(r))
}

// inInput names input in an error about the conversation as a whole.
func inInput(err error) error {
	if e, ok := err.(*translate.Error); ok && e.Param == "" {
		e.Param = "input"
	}
	return err
}
