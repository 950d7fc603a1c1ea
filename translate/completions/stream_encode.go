package completions

import (
	"strconv"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
	"github.com/fairway-gateway/fairway/translate/openai"
)

// NewStreamEncoder returns an encoder of text_completion events. Each choice
// ends with one finish_reason; usage comes in an event of its own if the client
// asked for it and the upstream told it.
func (Dialect) NewStreamEncoder(reply translate.Reply) translate.StreamEncoder {
	return newStreamEncoder(reply)
}

func newStreamEncoder(reply translate.Reply) *streamEncoder {
	e := &streamEncoder{reply: reply, usageWanted: reply.Request.Usage}
	if r := reply.Request; r.Echo {
		e.each, e.echo = max(r.N, 1), r.Prompts
		if len(e.echo) == 0 {
			e.echo = []jsonlit.Value{translate.PlainText(r.Turns[0].Parts, "")}
		}
	}
	e.reply.Request = nil // an open stream does not hold on to the prompt, unless it shall be repeated
	return e
}

type streamEncoder struct {
	reply       translate.Reply
	usageWanted bool
	echo        []jsonlit.Value // the prompts, if they shall be repeated
	each        int             // choices for each of them
	head        []byte          // an event up to its choices
	choices     []answerChoice
	blocks      []answerBlock
	usage       *translate.Usage
}

type answerChoice struct {
	index  int
	offset int // where the next token begins in the text, in characters
}

type answerBlock struct {
	choice int // its place in choices
	kind   translate.Kind
}

func (*streamEncoder) ContentType() string { return "text/event-stream" }

// Heartbeat appends a comment, which the clients skip.
func (*streamEncoder) Heartbeat(dst []byte) []byte { return append(dst, ": keep-alive\n\n"...) }

func (e *streamEncoder) Append(dst []byte, ev *translate.Event) ([]byte, error) {
	switch ev.Type {
	case translate.EventStart:
		e.start(ev.ID, ev.Model, ev.Created)
		e.note(ev.Usage)
	case translate.EventBlockStart:
		dst = e.repeat(dst, ev.Choice)
		e.blocks = append(e.blocks, answerBlock{e.choice(ev.Choice), ev.Kind})
	case translate.EventDelta:
		if b := e.blocks[ev.Block]; spoken(b.kind) && len(ev.Text) > len(`""`) {
			dst = e.event(dst, b.choice, ev.Text, nil, "")
		}
	case translate.EventLogprobs:
		if b := e.blocks[ev.Block]; spoken(b.kind) {
			dst = e.event(dst, b.choice, nil, ev.Logprobs, "")
		}
	case translate.EventUsage:
		e.note(ev.Usage)
	case translate.EventStop:
		if ev.Stop == translate.StopMalformedCall {
			return dst, openai.MalformedCall()
		}
		dst = e.repeat(dst, ev.Choice)
		dst = e.event(dst, e.choice(ev.Choice), nil, nil, finish(ev.Stop))
	case translate.EventEnd:
		if e.usageWanted && e.usage != nil {
			dst = append(append(dst, "data: "...), e.head...)
			dst = append(dst, `[],"usage":`...)
			dst = append(openai.AppendUsage(dst, *e.usage), "}\n\n"...)
		}
		dst = append(dst, "data: [DONE]\n\n"...)
	case translate.EventError:
		dst = openai.AppendErrorFrame(dst, ev.Err)
	case translate.EventPing:
		dst = e.Heartbeat(dst)
	}
	return dst, nil
}

func (e *streamEncoder) note(u *translate.Usage) {
	if u == nil {
		return
	}
	if e.usage == nil {
		e.usage = new(translate.Usage)
	}
	e.usage.Merge(*u)
}

// start puts together what all events begin with.
func (e *streamEncoder) start(id, model string, created int64) {
	if model == "" {
		model = e.reply.Model
	}
	if created <= 0 {
		created = e.reply.Created
	}
	h := append(e.head[:0], `{"id":`...)
	h = jsonlit.AppendQuote(h, openai.ID("cmpl-", id, e.reply.ID))
	h = append(h, `,"object":"text_completion","created":`...)
	h = strconv.AppendInt(h, created, 10)
	h = append(h, `,"model":`...)
	h = jsonlit.AppendQuote(h, model)
	e.head = append(h, `,"choices":`...)
}

// choice returns a choice's place.
func (e *streamEncoder) choice(index int) int {
	for i := range e.choices {
		if e.choices[i].index == index {
			return i
		}
	}
	e.choices = append(e.choices, answerChoice{index: index})
	return len(e.choices) - 1
}

// prompt returns the prompt that a choice shall repeat, nil for none.
func (e *streamEncoder) prompt(index int) jsonlit.Value {
	if e.each == 0 || index/e.each >= len(e.echo) {
		return nil
	}
	return e.echo[index/e.each]
}

// repeat appends the prompt of a choice that is new.
func (e *streamEncoder) repeat(dst []byte, index int) []byte {
	for i := range e.choices {
		if e.choices[i].index == index {
			return dst
		}
	}
	if text := e.prompt(index); text != nil {
		return e.event(dst, e.choice(index), text, nil, "")
	}
	return dst
}

// event appends an event of one choice.
func (e *streamEncoder) event(dst []byte, choice int, text, logprobs jsonlit.Value, finish string) []byte {
	dst = append(append(dst, "data: "...), e.head...)
	dst = e.appendChoice(append(dst, '['), choice, text, logprobs, finish)
	dst = append(dst, ']')
	if e.usageWanted {
		dst = append(dst, `,"usage":null`...)
	}
	return append(dst, "}\n\n"...)
}

// appendChoice appends a choice with all members that openai-go's
// CompletionChoice requires; without a finish it goes on.
func (e *streamEncoder) appendChoice(dst []byte, choice int, text, logprobs jsonlit.Value, finish string) []byte {
	c := &e.choices[choice]
	dst = append(dst, `{"text":`...)
	if len(text) == 0 {
		text = jsonlit.Value(`""`)
	}
	dst = jsonlit.AppendLiteral(dst, text)
	dst = append(dst, `,"index":`...)
	dst = strconv.AppendInt(dst, int64(c.index), 10)
	dst = append(dst, `,"logprobs":`...)
	if len(logprobs) == 0 {
		dst = append(dst, "null"...)
	} else {
		dst, c.offset = appendArrays(dst, logprobs, c.offset)
	}
	dst = append(dst, `,"finish_reason":`...)
	if finish == "" {
		return append(dst, "null}"...)
	}
	return append(append(append(dst, '"'), finish...), '"', '}')
}
