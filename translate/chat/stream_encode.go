package chat

import (
	"bytes"
	"strconv"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
	"github.com/fairway-gateway/fairway/translate/openai"
)

// maxInput bounds a custom tool's input, which is written when it is whole.
const maxInput = 8 << 20

// NewStreamEncoder returns an encoder of chat.completion.chunk events
// (openai-go's ChatCompletionChunk). The id and the time are the same on every
// chunk, each choice begins with its role and ends with one finish_reason, tool
// calls are counted densely. Usage comes in a chunk of its own, if the client
// asked for it and the upstream told it.
func (Dialect) NewStreamEncoder(reply translate.Reply) translate.StreamEncoder {
	wanted, functions := reply.Request.Usage, reply.Request.Functions
	reply.Request = nil // an open stream does not hold on to the prompt
	return &streamEncoder{reply: reply, usageWanted: wanted, functions: functions}
}

type streamEncoder struct {
	reply       translate.Reply
	usageWanted bool
	functions   bool   // the client knows no tool_calls
	head        []byte // a chunk up to its choices
	blocks      []answerBlock
	choices     []answerChoice
	usage       *translate.Usage
}

type answerChoice struct {
	index   int
	calls   int
	details int  // elements of reasoning_details so far
	thought bool // a thought came, and a break must precede the next
	length  int  // of the text, in code points
}

type answerBlock struct {
	choice  int // its place in choices
	kind    translate.Kind
	call    int // dense in the choice
	custom  bool
	id      string // a call's
	spoke   bool   // a delta came
	before  int    // the text's start in the content, in code points
	held    []byte
	thought bool // the break before this thought is still to be written
}

func (*streamEncoder) ContentType() string { return "text/event-stream" }

// Heartbeat appends a comment, which the clients skip.
func (*streamEncoder) Heartbeat(dst []byte) []byte { return append(dst, ": keep-alive\n\n"...) }

func (e *streamEncoder) Append(dst []byte, ev *translate.Event) ([]byte, error) {
	switch ev.Type {
	case translate.EventStart:
		e.start(ev)
		e.note(ev.Usage)
	case translate.EventBlockStart:
		return e.blockStart(dst, ev), nil
	case translate.EventDelta:
		return e.delta(dst, ev)
	case translate.EventMedia:
		return e.media(dst, ev), nil
	case translate.EventSignature:
		return e.state(dst, &e.blocks[ev.Block], ev.Signature), nil
	case translate.EventCitation:
		return e.citation(dst, ev), nil
	case translate.EventLogprobs:
		b := &e.blocks[ev.Block]
		dst = append(e.open(dst, b.choice), "{}"...)
		dst = append(dst, `,"logprobs":{"content":`...)
		dst = jsonlit.AppendLiteral(dst, oneLine(ev.Logprobs))
		return e.tail(append(dst, `,"refusal":null},"finish_reason":null}]`...)), nil
	case translate.EventBlockStop:
		return e.blockStop(dst, ev), nil
	case translate.EventUsage:
		e.note(ev.Usage)
	case translate.EventStop:
		if ev.Stop == translate.StopMalformedCall {
			return dst, openai.MalformedCall()
		}
		var c int
		dst, c = e.choice(dst, ev.Choice)
		dst = append(e.open(dst, c), `{},"logprobs":null,"finish_reason":"`...)
		dst = append(dst, finish(ev.Stop, e.functions)...)
		return e.tail(append(dst, `"}]`...)), nil
	case translate.EventEnd:
		if e.usageWanted && e.usage != nil {
			dst = append(dst, e.head...)
			dst = append(dst, `[],"usage":`...)
			dst = append(openai.AppendUsage(dst, *e.usage), "}\n\n"...)
		}
		dst = append(dst, "data: [DONE]\n\n"...)
	case translate.EventError:
		return openai.AppendErrorFrame(dst, ev.Err), nil
	case translate.EventPing:
		return e.Heartbeat(dst), nil
	}
	return dst, nil
}

// oneLine removes the line ends from an upstream's JSON that was printed in
// several lines: they would end the frame. Strings hold none.
func oneLine(v jsonlit.Value) jsonlit.Value {
	if !bytes.ContainsAny(v, "\n\r") {
		return v
	}
	return bytes.Map(func(r rune) rune {
		if r == '\n' || r == '\r' {
			return -1
		}
		return r
	}, v)
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

// start puts together what all chunks begin with.
func (e *streamEncoder) start(ev *translate.Event) {
	h := append(e.head[:0], `data: {"id":`...)
	h = jsonlit.AppendQuote(h, openai.ID("chatcmpl-", ev.ID, e.reply.ID))
	h = append(h, `,"object":"chat.completion.chunk","created":`...)
	h = strconv.AppendInt(h, created(ev.Created, e.reply), 10)
	h = append(h, `,"model":`...)
	h = jsonlit.AppendQuote(h, model(ev.Model, e.reply))
	e.head = append(h, `,"choices":`...)
}

// open begins a chunk for a choice, up to its delta.
func (e *streamEncoder) open(dst []byte, choice int) []byte {
	dst = append(dst, e.head...)
	dst = append(dst, `[{"index":`...)
	dst = strconv.AppendInt(dst, int64(e.choices[choice].index), 10)
	return append(dst, `,"delta":`...)
}

// shut ends a chunk behind its delta.
func (e *streamEncoder) shut(dst []byte) []byte {
	return e.tail(append(dst, `,"logprobs":null,"finish_reason":null}]`...))
}

// tail ends a chunk behind its choices.
func (e *streamEncoder) tail(dst []byte) []byte {
	if e.usageWanted {
		dst = append(dst, `,"usage":null`...)
	}
	return append(dst, "}\n\n"...)
}

// choice returns a choice's place, and appends its role when it is new.
func (e *streamEncoder) choice(dst []byte, index int) ([]byte, int) {
	for i := range e.choices {
		if e.choices[i].index == index {
			return dst, i
		}
	}
	e.choices = append(e.choices, answerChoice{index: index})
	i := len(e.choices) - 1
	return e.shut(append(e.open(dst, i), `{"role":"assistant","content":""}`...)), i
}

func (e *streamEncoder) blockStart(dst []byte, ev *translate.Event) []byte {
	dst, i := e.choice(dst, ev.Choice)
	c := &e.choices[i]
	b := answerBlock{choice: i, kind: ev.Kind, before: c.length}
	switch ev.Kind {
	case translate.Thinking:
		b.thought = c.thought
	case translate.ToolCall:
		b.call, b.custom, b.id = c.calls, ev.Call.Custom, ev.Call.ID
		c.calls++
		if e.functions {
			if b.call == 0 { // there can be one only
				dst = append(e.open(dst, i), `{"function_call":{"name":`...)
				dst = e.shut(append(jsonlit.AppendQuote(dst, ev.Call.Name), `,"arguments":""}}`...))
			}
			break
		}
		dst = e.openCall(dst, &b)
		dst = append(dst, `,"id":`...)
		dst = jsonlit.AppendQuote(dst, ev.Call.ID)
		if b.custom {
			dst = append(dst, `,"type":"custom","custom":{"name":`...)
			dst = append(jsonlit.AppendQuote(dst, ev.Call.Name), `,"input":""}`...)
		} else {
			dst = append(dst, `,"type":"function","function":{"name":`...)
			dst = append(jsonlit.AppendQuote(dst, ev.Call.Name), `,"arguments":""}`...)
		}
		dst = e.shut(append(dst, `}]}`...))
	}
	e.blocks = append(e.blocks, b)
	return e.state(dst, &b, ev.Signature)
}

// openCall begins a chunk with a delta of one tool call.
func (e *streamEncoder) openCall(dst []byte, b *answerBlock) []byte {
	dst = append(e.open(dst, b.choice), `{"tool_calls":[{"index":`...)
	return strconv.AppendInt(dst, int64(b.call), 10)
}

func (e *streamEncoder) delta(dst []byte, ev *translate.Event) ([]byte, error) {
	b := &e.blocks[ev.Block]
	c := &e.choices[b.choice]
	if len(ev.Text) <= len(`""`) {
		return dst, nil
	}
	b.spoke = true
	switch b.kind {
	case translate.Text:
		dst = append(e.open(dst, b.choice), `{"content":`...)
		c.length += translate.CodePoints(ev.Text)
	case translate.Refusal:
		dst = append(e.open(dst, b.choice), `{"refusal":`...)
	case translate.Thinking:
		dst = append(e.open(dst, b.choice), `{"reasoning_content":`...)
		c.thought = true
		if b.thought {
			b.thought = false
			dst = append(append(dst, '"'), thoughtBreak...)
			dst = jsonlit.AppendLiteral(dst, ev.Text[1:])
			return e.shut(append(dst, '}')), nil
		}
	case translate.ToolCall:
		if e.functions {
			return e.argue(dst, b, ev.Text), nil
		}
		if b.custom {
			if len(b.held)+len(ev.Text) > maxInput {
				return dst, &translate.Error{Kind: translate.Upstream, Message: "the input of a custom tool is larger than the gateway may hold back"}
			}
			b.held = append(b.held, jsonlit.Inner(ev.Text)...)
			return dst, nil
		}
		dst = append(e.openCall(dst, b), `,"function":{"arguments":`...)
		dst = jsonlit.AppendLiteral(dst, ev.Text)
		return e.shut(append(dst, `}}]}`...)), nil
	default:
		return dst, nil
	}
	dst = jsonlit.AppendLiteral(dst, ev.Text)
	return e.shut(append(dst, '}')), nil
}

func (e *streamEncoder) blockStop(dst []byte, ev *translate.Event) []byte {
	b := &e.blocks[ev.Block]
	switch {
	case b.kind != translate.ToolCall:
	case e.functions:
		if !b.spoke {
			dst = e.argue(dst, b, jsonlit.Value(`"{}"`))
		}
	case b.custom:
		whole := append(append([]byte{'"'}, b.held...), '"')
		b.held = nil
		dst = append(e.openCall(dst, b), `,"custom":{"input":`...)
		dst = jsonlit.AppendLiteral(dst, translate.InputOf(whole))
		dst = e.shut(append(dst, `}}]}`...))
	case !b.spoke: // clients parse the arguments, and "" is no JSON
		dst = append(e.openCall(dst, b), `,"function":{"arguments":"{}"}`...)
		dst = e.shut(append(dst, `}]}`...))
	}
	return dst
}

// argue appends a piece of the arguments of a function_call.
func (e *streamEncoder) argue(dst []byte, b *answerBlock, piece jsonlit.Value) []byte {
	if b.call > 0 {
		return dst
	}
	dst = append(e.open(dst, b.choice), `{"function_call":{"arguments":`...)
	return e.shut(append(jsonlit.AppendLiteral(dst, piece), `}}`...))
}

func (e *streamEncoder) media(dst []byte, ev *translate.Event) []byte {
	b := &e.blocks[ev.Block]
	if b.kind != translate.Image {
		return dst
	}
	dst = append(e.open(dst, b.choice), `{"images":[`...)
	w := jsonlit.NewWriter(dst)
	writeImage(&w, ev.Media)
	return e.shut(append(w.Bytes(), `]}`...))
}

func (e *streamEncoder) citation(dst []byte, ev *translate.Event) []byte {
	b := &e.blocks[ev.Block]
	if b.kind != translate.Text || len(ev.Citation.URL) == 0 {
		return dst
	}
	w := jsonlit.NewWriter(append(e.open(dst, b.choice), `{"annotations":[`...))
	writeCitation(&w, ev.Citation, b.before)
	return e.shut(append(w.Bytes(), `]}`...))
}
