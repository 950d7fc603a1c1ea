package responses

import (
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// DecodeResponse reads openai-go's responses.Response. Items of tools that the
// vendor ran, but for searches and pictures, are passed over: their outcome is in
// the text.
func (Dialect) DecodeResponse(body []byte) (*translate.Response, error) {
	if !jsonlit.Valid(body) {
		return nil, notJSON()
	}
	if !jsonlit.IsObject(body) {
		return nil, &translate.Error{Kind: translate.Upstream, Message: "the upstream's answer is not a response object"}
	}
	o := scanResponse(body)
	if err := o.failed(); err != nil {
		return nil, err
	}
	if !jsonlit.IsArray(o.output) {
		return nil, &translate.Error{Kind: translate.Upstream, Message: "the upstream's answer has no output"}
	}
	r := &translate.Response{ID: jsonlit.Str(o.id), Model: jsonlit.Str(o.model), Created: o.created(), Usage: o.tokens()}
	c := translate.Choice{}
	nameless := false
	for v := range jsonlit.Elements(o.output) {
		var ok bool
		c.Parts, ok = appendOutput(c.Parts, v)
		nameless = nameless || !ok
	}
	var calls, refusal bool
	for i := range c.Parts {
		calls = calls || c.Parts[i].Kind == translate.ToolCall
		refusal = refusal || c.Parts[i].Kind == translate.Refusal
	}
	if c.Stop = o.stop(calls, refusal); nameless {
		c.Stop = translate.StopMalformedCall
	}
	r.Choices = []translate.Choice{c}
	return r, nil
}

// response is a response object, its members as they came.
type response struct {
	id, model, createdAt, status, err, incomplete, output, usage value
}

func scanResponse(v value) (o response) {
	for name, val := range jsonlit.Fields(v) {
		switch string(name) {
		case "id":
			o.id = val
		case "model":
			o.model = val
		case "created_at":
			o.createdAt = val
		case "status":
			o.status = val
		case "error":
			o.err = val
		case "incomplete_details":
			o.incomplete = val
		case "output":
			o.output = val
		case "usage":
			o.usage = val
		}
	}
	return o
}

// created reads created_at, which some servers send with a fraction.
func (o *response) created() int64 {
	f, _ := jsonlit.Float(o.createdAt)
	return int64(f)
}

// failed returns the error of an answer that is none: a failed or cancelled
// response, or an error object under a status of success.
func (o *response) failed() *translate.Error {
	status := string(jsonlit.Inner(o.status))
	switch {
	case !jsonlit.Null(o.err):
		return failure(o.err)
	case status == "failed":
		return failure(nil)
	case status == "cancelled":
		return &translate.Error{Kind: translate.Upstream, Message: "the upstream cancelled the response"}
	case status == "queued":
		return &translate.Error{Kind: translate.Upstream, Message: "the upstream queued the response instead of answering"}
	}
	return nil
}

// stop derives the reason why the answer ended. An answer cut short says so
// even when it holds calls, since the last of them may be cut too.
func (o *response) stop(calls, refusal bool) translate.StopReason {
	if string(jsonlit.Inner(o.status)) == "incomplete" || jsonlit.IsObject(o.incomplete) {
		switch string(jsonlit.Inner(jsonlit.Get(o.incomplete, "reason"))) {
		case "content_filter":
			return translate.StopFilter
		case "max_output_tokens", "max_tokens", "":
			return translate.StopLength
		}
		return translate.StopPause
	}
	switch {
	case calls:
		return translate.StopToolUse
	case refusal:
		return translate.StopRefusal
	}
	return translate.StopEnd
}

func (o *response) tokens() *translate.Usage {
	if !jsonlit.IsObject(o.usage) {
		return nil
	}
	u := &translate.Usage{}
	for name, v := range jsonlit.Fields(o.usage) {
		switch string(name) {
		case "input_tokens":
			u.Input, _ = jsonlit.Int(v)
		case "output_tokens":
			u.Output, _ = jsonlit.Int(v)
		case "input_tokens_details":
			u.CacheRead, _ = jsonlit.Int(jsonlit.Get(v, "cached_tokens"))
			u.CacheWrite, _ = jsonlit.Int(jsonlit.Get(v, "cache_write_tokens"))
			u.CacheWrite1h, _ = jsonlit.Int(jsonlit.Get(v, "cache_write_tokens_details", "ttl_12h"))
		case "output_tokens_details":
			u.Reasoning, _ = jsonlit.Int(jsonlit.Get(v, "reasoning_tokens"))
		}
	}
	return u
}

// appendOutput appends the parts of an output item; ok is false for a call of
// no tool.
func appendOutput(parts []translate.Part, v value) (out []translate.Part, ok bool) {
	it := scanItem(v)
	switch string(it.kind) {
	case "message":
		for c := range jsonlit.Elements(it.content) {
			p := scanPart(c)
			switch {
			case string(p.kind) == "output_text" && len(p.text) > 2:
				parts = append(parts, translate.Part{Kind: translate.Text, Text: p.text,
					Citations: citations(p.annotations), Logprobs: probabilities(p.logprobs)})
			case string(p.kind) == "refusal" && len(p.refusal) > 2:
				parts = append(parts, translate.Part{Kind: translate.Refusal, Text: p.refusal})
			}
		}
	case "reasoning":
		p := translate.Part{Kind: translate.Thinking, Text: joinTexts(it.summary, it.content), Signature: it.signature(), StateID: jsonlit.Str(it.id)}
		if p.Text == nil && p.Signature == nil {
			break
		}
		if p.Text == nil {
			p.Text = value(`""`)
		}
		parts = append(parts, p)
	case "function_call", "custom_tool_call":
		c := &translate.Call{ID: it.callIDOr(), Name: jsonlit.Str(it.name), Namespace: jsonlit.Str(it.namespace)}
		if c.Name == "" {
			return parts, false
		}
		switch {
		case string(it.kind) == "custom_tool_call":
			c.Custom, c.Text = true, wrapInput(jsonlit.Inner(it.input))
		case jsonlit.IsObject(it.arguments): // some compatible servers
			c.Object = it.arguments
		case len(it.arguments) > 2:
			c.Text = it.arguments
		}
		parts = append(parts, translate.Part{Kind: translate.ToolCall, Call: c})
	case "web_search_call":
		parts = append(parts, translate.Part{Kind: translate.WebSearch, Search: searchOf(&it)})
	case "image_generation_call":
		if m := pictureOf(&it); m != nil {
			parts = append(parts, translate.Part{Kind: translate.Image, Media: m})
		}
	}
	return parts, true
}

func (it *item) signature() value {
	if jsonlit.IsString(it.encrypted) && len(it.encrypted) > 2 {
		return it.encrypted
	}
	return nil
}

// callIDOr returns the call's id, the item's where a compatible server gives no
// other, or one made of the call itself.
func (it *item) callIDOr() string {
	if s := jsonlit.Str(it.callID); s != "" {
		return s
	}
	if s := jsonlit.Str(it.id); s != "" {
		return s
	}
	return translate.CallID(jsonlit.Str(it.name), []byte(it.arguments), []byte(it.input))
}

// wrapInput makes of a custom tool's free text, still escaped, the arguments of
// the function that stands for it in the neutral form: a string literal that
// holds {"input": text}.
func wrapInput(escaped []byte) value {
	object := make([]byte, 0, len(escaped)+12)
	object = append(object, `{"input":"`...)
	object = append(append(object, escaped...), `"}`...)
	return jsonlit.AppendQuote(make(value, 0, len(object)+len(object)/8+16), object)
}

// citations reads the annotations of a text: of sources on the web, and of files
// that the vendor keeps.
func citations(list value) (out []translate.Citation) {
	for a := range jsonlit.Elements(list) {
		if c, ok := citation(a); ok {
			out = append(out, c)
		}
	}
	return out
}

func citation(a value) (c translate.Citation, ok bool) {
	for name, v := range jsonlit.Fields(a) {
		switch string(name) {
		case "type":
			switch string(jsonlit.Inner(v)) {
			case "url_citation", "file_citation", "container_file_citation":
				ok = true
			}
		case "url":
			c.URL = stringOrNil(v)
		case "title", "filename":
			c.Title = stringOrNil(v)
		case "file_id":
			c.FileID = stringOrNil(v)
		case "index":
			n, _ := jsonlit.Int(v)
			c.Start, c.End = int(n), int(n)
		case "start_index":
			n, _ := jsonlit.Int(v)
			c.Start = int(n)
		case "end_index":
			n, _ := jsonlit.Int(v)
			c.End = int(n)
		}
	}
	return c, ok && (c.URL != nil || c.FileID != nil)
}

func stringOrNil(v value) value {
	if jsonlit.IsString(v) {
		return v
	}
	return nil
}

// probabilities returns a non-empty list of log probabilities.
func probabilities(v value) value {
	for range jsonlit.Elements(v) {
		return v
	}
	return nil
}
