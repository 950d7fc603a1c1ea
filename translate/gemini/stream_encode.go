package gemini

import (
	"slices"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// maxArguments bounds the arguments of the tool calls that are open at a time,
// in bytes: a functionCall goes to the client whole.
const maxArguments = 8 << 20

// NewStreamEncoder returns the encoder of a stream of GenerateContentResponse
// fragments: server-sent events of data lines alone, or one JSON array when the
// request did not ask for alt=sse. Google's libraries take no comments, event
// names or end marker.
func (Dialect) NewStreamEncoder(reply translate.Reply) translate.StreamEncoder {
	return &encoder{answer: newAnswer(reply), array: reply.Request.Array}
}

type encoder struct {
	answer
	array  bool
	chunks int // written so far

	blocks  []block
	choices []choice
	held    int // bytes of arguments of open calls
	usage   *translate.Usage
	total   translate.Usage
}

type block struct {
	choice int
	kind   translate.Kind
	ruler  translate.Ruler // Text
	base   int             // where it begins in the choice's text, in bytes
	call   translate.Call  // ToolCall: with the arguments so far
	whole  bool            // ToolCall: the arguments are complete
	told   bool            // ToolCall: it has been written
}

type choice struct {
	index    int
	stopped  bool
	stop     translate.StopReason
	logprobs []translate.Value
	text     int // bytes of the texts that have stopped
	grounding
}

func (e *encoder) ContentType() string {
	if e.array {
		return "application/json"
	}
	return "text/event-stream"
}

// Heartbeat appends blank lines: an empty event, or white space between the
// elements of the array.
func (e *encoder) Heartbeat(dst []byte) []byte {
	if e.array {
		return append(dst, '\n')
	}
	return append(dst, '\n', '\n')
}

func (e *encoder) Append(dst []byte, ev *translate.Event) ([]byte, error) {
	switch ev.Type {
	case translate.EventStart:
		e.name(ev.ID, ev.Model)
		e.count(ev.Usage)
	case translate.EventUsage:
		e.count(ev.Usage)
	case translate.EventBlockStart:
		b := block{choice: ev.Choice, kind: ev.Kind}
		if ev.Call != nil {
			b.call = *ev.Call
			b.call.Arguments = translate.Arguments{}
		}
		c := e.choice(ev.Choice)
		b.base = c.text
		e.blocks = append(e.blocks, b)
		e.keep(ev.Choice, ev.Signature)
		if ev.Search != nil {
			c.search(ev.Search)
		}
	case translate.EventDelta:
		return e.delta(dst, ev)
	case translate.EventMedia:
		b := &e.blocks[ev.Block]
		w := e.begin(dst)
		e.media(&w, b.kind, ev.Media)
		return e.finishChunk(&w, b.choice), nil
	case translate.EventSignature:
		e.keep(e.blocks[ev.Block].choice, ev.Signature)
	case translate.EventCitation:
		if b := &e.blocks[ev.Block]; b.kind == translate.Text {
			e.choice(b.choice).cite(ev.Citation, &b.ruler, 0, b.base)
		}
	case translate.EventLogprobs:
		c := e.choice(e.blocks[ev.Block].choice)
		c.logprobs = append(c.logprobs, slices.Clone(ev.Logprobs))
	case translate.EventBlockStop:
		b := &e.blocks[ev.Block]
		e.choice(b.choice).text += b.ruler.Bytes()
		b.ruler = translate.Ruler{}
		if b.kind == translate.ToolCall {
			b.whole = true
			return e.callChunks(dst, b.choice)
		}
	case translate.EventStop:
		c := e.choice(ev.Choice)
		c.stopped, c.stop = true, ev.Stop
	case translate.EventEnd:
		return e.last(dst), nil
	case translate.EventError:
		return e.broken(dst, ev.Err), nil
	}
	return dst, nil
}

func (e *encoder) count(u *translate.Usage) {
	if u != nil {
		e.total.Merge(*u)
		e.usage = &e.total
	}
}

func (e *encoder) choice(index int) *choice {
	for i := range e.choices {
		if e.choices[i].index == index {
			return &e.choices[i]
		}
	}
	e.choices = append(e.choices, choice{index: index})
	return &e.choices[len(e.choices)-1]
}

func (e *encoder) delta(dst []byte, ev *translate.Event) ([]byte, error) {
	b := &e.blocks[ev.Block]
	if len(ev.Text) <= 2 {
		return dst, nil
	}
	switch b.kind {
	case translate.ToolCall:
		if e.held += len(ev.Text); e.held > maxArguments {
			return dst, &translate.Error{Kind: translate.Upstream, Message: "the arguments of a tool call are larger than the gateway may hold back"}
		}
		args := &b.call.Text
		if len(*args) == 0 {
			*args = append(*args, '"')
		} else {
			*args = (*args)[:len(*args)-1]
		}
		*args = append(append(*args, jsonlit.Inner(ev.Text)...), '"')
		return dst, nil
	case translate.Thinking:
		if e.hide {
			return dst, nil
		}
	case translate.Text:
		b.ruler.Add(ev.Text)
	}
	w := e.begin(dst)
	e.text(&w, ev.Text, b.kind == translate.Thinking)
	return e.finishChunk(&w, b.choice), nil
}

// callChunks writes the calls of a choice that are whole and have none before
// them that is not: parallel calls may end in any order, and clients match
// results without ids by the order of the calls.
func (e *encoder) callChunks(dst []byte, choice int) (_ []byte, err error) {
	for i := range e.blocks {
		b := &e.blocks[i]
		if b.choice != choice || b.kind != translate.ToolCall || b.told {
			continue
		}
		if !b.whole {
			break
		}
		b.told = true
		if dst, err = e.callChunk(dst, b); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

func (e *encoder) callChunk(dst []byte, b *block) ([]byte, error) {
	before := e.chunks
	w := e.begin(dst)
	err := e.call(&w, b.choice, &b.call)
	e.held -= len(b.call.Text)
	b.call.Arguments = translate.Arguments{}
	if err != nil {
		e.chunks = before
		return dst, err
	}
	return e.finishChunk(&w, b.choice), nil
}

// begin opens a fragment up to the parts of its one candidate.
func (e *encoder) begin(dst []byte) jsonlit.Writer {
	return jsonlit.NewWriter(append(e.frame(dst), `{"candidates":[{"content":{"parts":[`...))
}

// frame appends what stands in front of a fragment.
func (e *encoder) frame(dst []byte) []byte {
	e.chunks++
	switch {
	case !e.array:
		return append(dst, "data: "...)
	case e.chunks == 1:
		return append(dst, '[')
	}
	return append(dst, ",\r\n"...)
}

func (e *encoder) finishChunk(w *jsonlit.Writer, index int) []byte {
	w.EndArray()
	w.StringField("role", "model")
	w.EndObject()
	w.IntField("index", int64(index))
	w.EndObject()
	w.EndArray()
	e.end(w, nil)
	return e.close(w.Bytes())
}

// close appends what stands behind a fragment.
func (e *encoder) close(dst []byte) []byte {
	if e.array {
		return dst
	}
	return append(dst, "\n\n"...)
}

// last writes the fragment that ends the stream: the finish reason of each
// candidate, and the usage, which some upstreams tell behind the finish.
func (e *encoder) last(dst []byte) []byte {
	w := jsonlit.NewWriter(e.frame(dst))
	w.Object()
	w.Key("candidates")
	w.Array()
	for i := range e.choices {
		c := &e.choices[i]
		w.Object()
		w.Key("content")
		w.Object()
		w.Key("parts")
		w.Array()
		e.answer.last(&w, c.index)
		w.EndArray()
		w.StringField("role", "model")
		w.EndObject()
		e.finish(&w, c.index, c.stop, c.logprobs)
		c.grounding.append(&w)
		w.EndObject()
	}
	w.EndArray()
	e.end(&w, e.usage)
	dst = e.close(w.Bytes())
	if e.array {
		return append(dst, ']')
	}
	return dst
}

func (e *encoder) broken(dst []byte, err *translate.Error) []byte {
	_, dst = New().AppendError(e.frame(dst), err)
	dst = e.close(dst)
	if e.array {
		return append(dst, ']')
	}
	return dst
}
