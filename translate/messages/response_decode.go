package messages

import (
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// DecodeResponse reads a message (anthropic-sdk-go's Message). Blocks that only
// Anthropic can read again, those of server tools other than the web search, are
// left out.
func (d Dialect) DecodeResponse(body []byte) (*translate.Response, error) {
	if !jsonlit.Valid(body) || !jsonlit.IsObject(body) {
		return nil, &translate.Error{Kind: translate.Upstream, Message: "the upstream's answer is no JSON object"}
	}
	r := &translate.Response{}
	var kind, reason, sequence, details, content, container, failure translate.Value
	for name, v := range jsonlit.Fields(body) {
		switch string(name) {
		case "type":
			kind = v
		case "id":
			r.ID = jsonlit.Str(v)
		case "model":
			r.Model = jsonlit.Str(v)
		case "content":
			content = v
		case "container":
			container = v
		case "stop_reason":
			reason = v
		case "stop_sequence":
			sequence = v
		case "stop_details":
			details = v
		case "error":
			failure = v
		case "usage":
			var c counts
			if c.merge(v); c.seen {
				u := c.usage()
				r.Usage = &u
			}
		}
	}
	switch {
	case jsonlit.Str(kind) == "error" || !jsonlit.Null(failure):
		return nil, d.DecodeError(0, body)
	case !jsonlit.IsArray(content):
		return nil, &translate.Error{Kind: translate.Upstream, Message: "the upstream's answer is no message: it has no content"}
	}
	choice := translate.Choice{}
	calls := false
	var searches searches
	i := 0
	for e := range jsonlit.Elements(content) {
		if p, ok := answerPart(e, i, &searches); ok {
			calls = calls || p.Kind == translate.ToolCall
			choice.Parts = append(choice.Parts, p)
		}
		i++
	}
	for _, s := range searches.left() {
		choice.Parts = append(choice.Parts, translate.Part{Kind: translate.WebSearch, Search: s})
	}
	choice.Stop = stopOf(jsonlit.Str(reason), calls)
	if choice.Stop == translate.StopSequence && jsonlit.IsString(sequence) {
		choice.StopSequence = sequence
	}
	if choice.Stop == translate.StopPause {
		choice.Resume = &translate.Resume{Content: content, Container: stringOf(container, "id")}
	}
	if text := explanation(choice.Stop, details); text != nil {
		choice.Parts = append(choice.Parts, translate.Part{Kind: translate.Refusal, Text: text})
	}
	r.Choices = []translate.Choice{choice}
	return r, nil
}

// answerPart reads a block of an answer.
func answerPart(v translate.Value, i int, searches *searches) (translate.Part, bool) {
	b, err := readBlock(at(v))
	if err != nil {
		return translate.Part{}, false
	}
	switch string(b.kind) {
	case "text":
		if !jsonlit.IsString(b.text) {
			return translate.Part{}, false
		}
		p := translate.Part{Kind: translate.Text, Text: b.text}
		for c := range jsonlit.Elements(jsonlit.Get(v, "citations")) {
			if cited, ok := citation(c); ok {
				cited.End = translate.CodePoints(b.text)
				p.Citations = append(p.Citations, cited)
			}
		}
		return p, true
	case "thinking":
		p := translate.Part{Kind: translate.Thinking, Text: empty}
		if jsonlit.IsString(b.thinking) {
			p.Text = b.thinking
		}
		if len(jsonlit.Inner(b.signature)) > 0 {
			p.Signature = b.signature
		}
		return p, true
	case "redacted_thinking":
		return translate.Part{Kind: translate.Thinking, Signature: b.data}, len(jsonlit.Inner(b.data)) > 0
	case "tool_use":
		c := &translate.Call{Name: jsonlit.Str(b.name)}
		if c.Name == "" {
			return translate.Part{}, false
		}
		c.ID = callID(b.id, c.Name, i)
		switch {
		case jsonlit.IsObject(b.input):
			c.Object = b.input
		case jsonlit.IsString(b.input): // some compatible servers
			c.Text = b.input
		default:
			c.Object = noInput
		}
		return translate.Part{Kind: translate.ToolCall, Call: c}, true
	case "server_tool_use":
		searches.call(i, &b)
	case "web_search_tool_result":
		return translate.Part{Kind: translate.WebSearch, Search: searches.found(&b)}, true
	}
	return translate.Part{}, false
}

var noInput = translate.Value(`{}`)

// callID is the id of a call, made up where a compatible server gave none.
func callID(v translate.Value, name string, i int) string {
	if id := jsonlit.Str(v); id != "" {
		return id
	}
	return translate.CallID(name, i)
}

// citation reads the citations that name a source on the web, one that the
// client gave as a search result, or a document by the id of its file; those of
// documents that have none name nothing that a client could look up.
func citation(v translate.Value) (c translate.Citation, ok bool) {
	for name, v := range jsonlit.Fields(v) {
		if !jsonlit.IsString(v) {
			continue
		}
		switch string(name) {
		case "url", "source":
			c.URL = v
		case "title", "document_title":
			c.Title = v
		case "file_id":
			c.FileID = v
		case "cited_text":
			c.Quote = v
		}
	}
	return c, c.URL != nil || c.FileID != nil
}

// explanation is why the model refused, as stop_details tells it.
func explanation(stop translate.StopReason, details translate.Value) translate.Value {
	if stop != translate.StopRefusal {
		return nil
	}
	if text := jsonlit.Get(details, "explanation"); jsonlit.IsString(text) && !blank(text) {
		return text
	}
	return nil
}
