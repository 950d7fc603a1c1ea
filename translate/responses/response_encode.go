package responses

import (
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// AppendResponse writes openai-go's responses.Response with every member that
// the SDK requires. It reads reply.Request to repeat what was asked.
func (Dialect) AppendResponse(dst []byte, r *translate.Response, reply translate.Reply) ([]byte, error) {
	o := newObject(reply)
	o.begin(r.ID, r.Model, r.Created)
	c := translate.Choice{}
	if len(r.Choices) > 0 {
		c = r.Choices[0]
	}
	if c.Stop == translate.StopMalformedCall {
		return dst, malformed()
	}
	b := builder{base: o.base}
	for i := range c.Parts {
		p := &c.Parts[i]
		if p.Kind == translate.ToolCall {
			b.reason(p.Signature)
		}
		if !b.fits(p.Kind) {
			b.close("completed")
			b.search = p.Search
			b.open(p.Kind, p.Call)
		}
		b.part(p)
		if isMessage(p.Kind) {
			b.reason(p.Signature)
		}
	}
	status, reason := ending(c.Stop, b.refusal)
	b.close(status)
	o.usage = r.Usage
	return o.append(dst, status, reason, b.output, nil), nil
}

func malformed() *translate.Error {
	return &translate.Error{Kind: translate.Upstream, Code: "upstream_malformed_tool_call",
		Message: "the model wrote a tool call that cannot be used"}
}

// ending returns the status of a response and, when it is incomplete, why.
func ending(s translate.StopReason, refusal bool) (status, reason string) {
	switch s {
	case translate.StopLength, translate.StopContext:
		return "incomplete", "max_output_tokens"
	case translate.StopFilter:
		return "incomplete", "content_filter"
	case translate.StopRefusal:
		if !refusal {
			return "incomplete", "content_filter"
		}
	}
	return "completed", ""
}

// object writes response objects: the one of a plain answer, and those of a
// stream's events, which differ in their status, output and usage.
type object struct {
	id      string
	base    string // what the items' ids are made of
	model   value
	created int64
	echo    []byte // the members that repeat the request
	usage   *translate.Usage
}

// newObject copies of the request what answers repeat, so that the request's
// body need not outlive the call.
func newObject(reply translate.Reply) *object {
	o := &object{id: "resp_" + reply.ID, base: reply.ID, model: jsonlit.Quote(reply.Model), created: reply.Created}
	o.echo = appendEcho(nil, reply.Request)
	return o
}

// maxBase keeps the ids of items within 64 characters.
const maxBase = 48

// begin takes what the upstream says of itself.
func (o *object) begin(id, model string, created int64) {
	if b := translate.BareID(id, maxBase); b != "" {
		o.id, o.base = "resp_"+b, b
	}
	if model != "" {
		o.model = jsonlit.Quote(model)
	}
	if created > 0 {
		o.created = created
	}
}

// append writes the object. Output is the text of a JSON array's elements.
func (o *object) append(dst []byte, status, reason string, output []byte, failed *translate.Error) []byte {
	dst = jsonlit.AppendQuote(append(dst, `{"id":`...), o.id)
	w := jsonlit.NewWriter(dst)
	w.StringField("object", "response")
	w.IntField("created_at", o.created)
	w.StringField("status", status)
	w.Key("error")
	if failed != nil {
		appendFailure(&w, failed)
	} else {
		w.Null()
	}
	w.Key("incomplete_details")
	if reason != "" {
		w.Object()
		w.StringField("reason", reason)
		w.EndObject()
	} else {
		w.Null()
	}
	w.Field("model", o.model)
	w.Key("output")
	w.Array()
	dst = append(w.Bytes(), output...)
	w = jsonlit.NewWriter(append(dst, ']'))
	w.Key("usage")
	appendUsage(&w, o.usage)
	dst = append(append(w.Bytes(), ','), o.echo...)
	return append(dst, '}')
}

func appendFailure(w *jsonlit.Writer, e *translate.Error) {
	w.Object()
	w.StringField("code", failureCode(e.Kind))
	w.StringField("message", e.Message)
	w.EndObject()
}

func appendUsage(w *jsonlit.Writer, u *translate.Usage) {
	if u == nil {
		w.Null()
		return
	}
	w.Object()
	w.IntField("input_tokens", u.Input)
	w.Key("input_tokens_details")
	w.Object()
	w.IntField("cached_tokens", u.CacheRead)
	w.IntField("cache_write_tokens", u.CacheWrite)
	w.EndObject()
	w.IntField("output_tokens", u.Output)
	w.Key("output_tokens_details")
	w.Object()
	w.IntField("reasoning_tokens", u.Reasoning)
	w.EndObject()
	w.IntField("total_tokens", u.Input+u.Output)
	w.EndObject()
}

// appendEcho writes the members of a response that repeat the request, or the
// defaults that openai-go documents for what it does not say. What the gateway
// does not do is not claimed: nothing is stored, and no earlier response is
// known. Instructions are null when they were not the only leading instruction,
// which the type allows.
func appendEcho(dst []byte, r *translate.Request) []byte {
	w := jsonlit.NewWriter([]byte{'{'})
	w.BoolField("background", false)
	w.Key("instructions")
	if len(r.System) == 1 {
		w.Literal(r.System[0].Text)
	} else {
		w.Null()
	}
	orNull(&w, "max_output_tokens", r.MaxOutput)
	w.Key("max_tool_calls")
	w.Null()
	w.BoolField("parallel_tool_calls", r.Parallel != translate.False)
	w.Key("previous_response_id")
	w.Null()
	orNull(&w, "prompt_cache_key", r.CacheKey)
	w.Key("reasoning")
	w.Object()
	stringOrNull(&w, "effort", r.Reasoning.Effort)
	stringOrNull(&w, "summary", r.Reasoning.Summary)
	w.EndObject()
	orNull(&w, "safety_identifier", r.User)
	tier := r.Tier
	if tier == "" || tier == "auto" {
		tier = "default"
	}
	w.StringField("service_tier", tier)
	w.BoolField("store", false)
	orNull(&w, "temperature", r.Temperature)
	w.Key("text")
	w.Object()
	w.Key("format")
	appendFormat(&w, &r.Format)
	if r.Verbosity != "" {
		w.StringField("verbosity", r.Verbosity)
	}
	w.EndObject()
	w.Key("tool_choice")
	appendChoice(&w, r)
	w.Key("tools")
	appendTools(&w, r.Tools, r.Dialect)
	w.IntField("top_logprobs", int64(r.TopLogprobs))
	orNull(&w, "top_p", r.TopP)
	w.StringField("truncation", "disabled")
	w.Key("user")
	w.Null()
	var metadata value
	for _, f := range r.Extra {
		if f.Name == "metadata" && jsonlit.IsObject(f.Value) {
			metadata = f.Value
		}
	}
	w.Key("metadata")
	if metadata == nil {
		metadata = value("{}")
	}
	w.Raw(metadata)
	return compact(dst, w.Bytes())
}

// compact appends the members of an unfinished object on one line: schemas and
// metadata stand in it as the client wrote them, and an event's data must not
// hold a line end.
func compact(dst, members []byte) []byte {
	v := value(append(members, '}'))
	if err := v.Compact(); err != nil { // checked with the request's body
		return dst
	}
	return jsonlit.AppendLiteral(dst, v[1:len(v)-1])
}

func orNull(w *jsonlit.Writer, name string, v value) {
	w.Key(name)
	w.Raw(v)
}

func stringOrNull(w *jsonlit.Writer, name, s string) {
	w.Key(name)
	if s == "" {
		w.Null()
		return
	}
	w.String(s)
}
