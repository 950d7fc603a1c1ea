package messages

import (
	"fmt"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// DecodeRequest reads a body of POST /v1/messages or /v1/messages/count_tokens
// (anthropic-sdk-go's BetaMessageNewParams and BetaMessageCountTokensParams).
// Members that are null are absent. Beta members that have no place in the
// neutral form go to Extra.
func (Dialect) DecodeRequest(body []byte, hint translate.Hint) (*translate.Request, error) {
	r := &translate.Request{Dialect: translate.Messages, Operation: hint.Operation, Usage: true}
	d := requestDecoder{r: r}
	if !jsonlit.IsObject(body) {
		return nil, translate.BadRequest("", "the body must be a JSON object")
	}
	c := at(body)
	for name := range c.object() {
		if c.kind() == 'n' {
			continue // null
		}
		if err := d.member(string(name), c); err != nil {
			return nil, err
		}
	}
	if hint.Model != "" {
		r.Model = hint.Model
	}
	r.Stream = r.Stream || hint.Stream
	switch {
	case r.Model == "":
		return nil, translate.BadRequest("model", "a model is required")
	case r.Operation == translate.Generate && r.MaxOutput == nil:
		return nil, translate.BadRequest("max_tokens", "the number of tokens to generate at most is required")
	case !d.messages:
		return nil, translate.BadRequest("messages", "a list of messages is required")
	case len(r.Turns) == 0:
		return nil, translate.BadRequest("messages", "at least one message of the user is required")
	}
	d.reasoning()
	if err := translate.Settle(r); err != nil {
		return nil, err
	}
	return r, nil
}

// requestDecoder gathers what several members say together.
type requestDecoder struct {
	r        *translate.Request
	messages bool
	thinking translate.Value
	effort   string
}

func (d *requestDecoder) member(name string, c *cursor) *translate.Error {
	switch name {
	case "messages":
		d.messages = true
		return d.turns(c)
	case "tools":
		return d.tools(c)
	case "system":
		parts, err := d.system(c)
		d.r.System = append(parts, d.r.System...)
		return within(err, name)
	}
	r, v := d.r, c.value()
	switch name {
	case "model":
		if !jsonlit.IsString(v) {
			return wrong(name, "a string")
		}
		r.Model = jsonlit.Str(v)
	case "max_tokens":
		if n, ok := jsonlit.Int(v); !ok || n < 1 {
			return wrong(name, "an integer of at least 1")
		}
		r.MaxOutput = v
	case "stream":
		if r.Stream = jsonlit.True(v); !r.Stream && v.Kind() != 'f' {
			return wrong(name, "a boolean")
		}
	case "temperature":
		return number(name, v, &r.Temperature)
	case "top_p":
		return number(name, v, &r.TopP)
	case "top_k":
		if _, ok := jsonlit.Int(v); !ok {
			return wrong(name, "an integer")
		}
		r.TopK = v
	case "stop_sequences":
		if !jsonlit.IsArray(v) {
			return wrong(name, "a list of strings")
		}
		for s := range jsonlit.Elements(v) {
			if !jsonlit.IsString(s) {
				return wrong(name, "a list of strings")
			}
			r.Stop = append(r.Stop, s)
		}
	case "thinking":
		if !jsonlit.IsObject(v) {
			return wrong(name, "an object")
		}
		d.thinking = v
		return d.checkThinking(v)
	case "output_config":
		return d.outputConfig(v)
	case "output_format": // the beta's name of output_config.format
		return d.format(name, v)
	case "tool_choice":
		return d.toolChoice(v)
	case "metadata":
		if !jsonlit.IsObject(v) {
			return wrong(name, "an object")
		}
		switch id := jsonlit.Get(v, "user_id"); {
		case jsonlit.IsString(id):
			r.User = id
		case !jsonlit.Null(id):
			return wrong("metadata.user_id", "a string")
		}
	case "service_tier":
		switch tier := jsonlit.Str(v); tier {
		case "auto":
			r.Tier = tier
		case "standard_only":
			r.Tier = "default"
		default:
			return wrong(name, `"auto" or "standard_only"`)
		}
	default:
		r.Extra = append(r.Extra, translate.Field{Name: name, Value: v})
	}
	return nil
}

func (d *requestDecoder) outputConfig(v translate.Value) *translate.Error {
	if !jsonlit.IsObject(v) {
		return wrong("output_config", "an object")
	}
	if effort := jsonlit.Get(v, "effort"); !jsonlit.Null(effort) {
		switch d.effort = jsonlit.Str(effort); d.effort {
		case "low", "medium", "high", "xhigh", "max":
		default:
			return wrong("output_config.effort", `"low", "medium", "high", "xhigh" or "max"`)
		}
	}
	if format := jsonlit.Get(v, "format"); !jsonlit.Null(format) {
		return d.format("output_config.format", format)
	}
	return nil
}

func (d *requestDecoder) format(name string, v translate.Value) *translate.Error {
	if jsonlit.Str(jsonlit.Get(v, "type")) != "json_schema" {
		return wrong(name+".type", `"json_schema"`)
	}
	schema := jsonlit.Get(v, "schema")
	if !jsonlit.IsObject(schema) {
		return wrong(name+".schema", "an object")
	}
	d.r.Format = translate.Format{Kind: translate.FormatSchema, Schema: schema, Strict: strict(schema)}
	return nil
}

func (d *requestDecoder) checkThinking(v translate.Value) *translate.Error {
	switch kind := jsonlit.Str(jsonlit.Get(v, "type")); kind {
	case "adaptive", "disabled", "between_tools":
	case "enabled":
		if n, ok := jsonlit.Int(jsonlit.Get(v, "budget_tokens")); !ok || n < 1 {
			return wrong("thinking.budget_tokens", "an integer of at least 1")
		}
	default:
		return wrong("thinking.type", `"enabled", "adaptive", "disabled" or "between_tools"`)
	}
	return nil
}

// reasoning joins thinking and output_config.effort. Thinking between tools
// alone is the least that the models that know it can be set to, and stands for
// none.
func (d *requestDecoder) reasoning() {
	r := &d.r.Reasoning
	r.Effort = d.effort
	if d.effort != "" {
		r.Mode = translate.ReasonEffort
	}
	switch jsonlit.Str(jsonlit.Get(d.thinking, "type")) {
	case "enabled":
		r.Mode = translate.ReasonBudget
		r.Budget, _ = jsonlit.Int(jsonlit.Get(d.thinking, "budget_tokens"))
	case "adaptive":
		r.Mode = translate.ReasonAdaptive
	case "disabled", "between_tools":
		*r = translate.Reasoning{Mode: translate.ReasonOff}
		return
	default:
		return
	}
	r.Show = translate.True
	if jsonlit.Str(jsonlit.Get(d.thinking, "display")) == "omitted" {
		r.Show = translate.False
	}
}

func number(name string, v translate.Value, into *translate.Value) *translate.Error {
	if _, ok := jsonlit.Float(v); !ok {
		return wrong(name, "a number")
	}
	*into = v
	return nil
}

// wrong blames a member that is not what it must be.
func wrong(param, want string) *translate.Error {
	return &translate.Error{Kind: translate.InvalidRequest, Param: param, Message: "must be " + want}
}

// within puts the place of an error in front of its Param.
func within(err *translate.Error, place string) *translate.Error {
	if err == nil {
		return nil
	}
	switch {
	case err.Param == "":
		err.Param = place
	case err.Param[0] == '[':
		err.Param = place + err.Param
	default:
		err.Param = place + "." + err.Param
	}
	return err
}

// element is within for the i-th element of a list.
func element(err *translate.Error, i int) *translate.Error {
	if err == nil {
		return nil
	}
	return within(err, fmt.Sprintf("[%d]", i))
}
