package completions

import (
	"bytes"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
	"github.com/fairway-gateway/fairway/translate/openai"
	"github.com/fairway-gateway/fairway/translate/sse"
)

// DecodeResponse reads a text_completion, as a stream of one event.
func (Dialect) DecodeResponse(body []byte) (*translate.Response, error) {
	body = bytes.TrimSpace(body)
	if !jsonlit.Valid(body) {
		return nil, &translate.Error{Kind: translate.Upstream, Message: "the upstream's answer is not JSON"}
	}
	if e := openai.FrameError(sse.Frame{}, body); e != nil {
		return nil, e
	}
	a := translate.Accumulator{Limit: 2*len(body) + 1<<10}
	d := new(streamDecoder)
	if err := d.chunk(body, a.Push); err != nil {
		return nil, err
	}
	if !d.ended {
		if err := d.end(a.Push); err != nil {
			return nil, err
		}
	}
	return a.Response()
}

// AppendResponse writes a text_completion: the text of each choice, that of a
// refusal included. Completions has no place for reasoning and calls; the
// latter cannot come, as no tools could be offered.
func (Dialect) AppendResponse(dst []byte, r *translate.Response, reply translate.Reply) ([]byte, error) {
	e := newStreamEncoder(reply)
	e.start(r.ID, r.Model, r.Created)
	dst = append(dst, e.head...)
	dst = append(dst, '[')
	for i := range r.Choices {
		c := &r.Choices[i]
		if c.Stop == translate.StopMalformedCall {
			return nil, openai.MalformedCall()
		}
		text := append([]byte(nil), jsonlit.Inner(e.prompt(c.Index))...)
		var tokens []byte
		for j := range c.Parts {
			p := &c.Parts[j]
			if !spoken(p.Kind) {
				continue
			}
			text = append(text, jsonlit.Inner(p.Text)...)
			if len(p.Logprobs) > len("[]") {
				if tokens != nil {
					tokens = append(tokens, ',')
				}
				tokens = append(tokens, p.Logprobs[1:len(p.Logprobs)-1]...)
			}
		}
		if i > 0 {
			dst = append(dst, ',')
		}
		if tokens != nil {
			tokens = append(append([]byte{'['}, tokens...), ']')
		}
		dst = e.appendChoice(dst, e.choice(c.Index), append(append([]byte{'"'}, text...), '"'), tokens, finish(c.Stop))
	}
	dst = append(dst, ']')
	if r.Usage != nil {
		dst = openai.AppendUsage(append(dst, `,"usage":`...), *r.Usage)
	}
	return append(dst, '}'), nil
}

// spoken tells the kinds whose text is the answer's.
func spoken(k translate.Kind) bool { return k == translate.Text || k == translate.Refusal }

// finish is a stop reason in Completions' words: stop, length, content_filter.
func finish(s translate.StopReason) string {
	if s == translate.StopToolUse {
		return "stop"
	}
	return openai.Finish(s)
}
