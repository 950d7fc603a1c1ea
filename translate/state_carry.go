package translate

import (
	"bytes"

	"github.com/fairway-gateway/fairway/translate/carrier"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// Origin is who made an answer, or is about to: the upstream's dialect, which
// tells the vendor, the account and the model. Reasoning state is of use to its
// own origin only.
type Origin struct {
	Dialect Name
	Scope   string // stands for the account: eight hexadecimal digits
	Model   string // the upstream's name of it
}

func (o Origin) vendor() carrier.Vendor {
	switch o.Dialect {
	case Messages:
		return carrier.Anthropic
	case Responses:
		return carrier.OpenAI
	case Gemini:
		return carrier.Google
	}
	return carrier.Other
}

// maxEmbedded bounds the thinking that a carrier repeats.
const maxEmbedded = 512 << 10

// Carry makes carriers of the reasoning state in an answer, for a client of
// another dialect: the signatures of parts and events become text that the
// client keeps in its own dialect's field. RestoreState undoes it when the
// conversation comes back.
//
// Each carrier records what stood before its part since the carrier before, as
// dialects differ in how they order and join the parts of a turn, and vendors
// take state back in its exact place only.
//
// A nil Carry changes nothing.
type Carry struct {
	from    Origin
	embed   bool // clients lose the thinking's text
	claim   bool // thinking without state must still tell that it is foreign
	calls   bool // so must calls without state
	blocks  []carriedBlock
	choices []carriedChoice
	ev      Event
	scratch []byte
}

type carriedBlock struct {
	choice    int // its place in choices
	kind      Kind
	redacted  bool
	length    int // of texts, in code points
	sum       carrier.Sum
	text      []byte
	signature Value
	id        string
}

type carriedChoice struct {
	index   int
	told    int  // blocks before this one are in the layouts of carriers
	ordinal int  // of the next part
	any     bool // it has a carrier
}

// NewCarry returns a Carry for an answer of from to a client. Between equal
// dialects there is nothing to carry, and nil is returned.
func NewCarry(from Origin, client Name) *Carry {
	if from.Dialect == client || client == Completions {
		return nil
	}
	return &Carry{
		from:  from,
		embed: client == Chat || client == Gemini,
		claim: client == Messages || client == Responses,
		calls: client == Gemini,
	}
}

// Event passes an event on, its state carried. Those of texts and thinking come
// right before their BlockStop, when their length is known.
func (c *Carry) Event(ev *Event, emit func(*Event) error) error {
	if c == nil {
		return emit(ev)
	}
	switch ev.Type {
	case EventBlockStart:
		i := c.start(ev.Choice, ev.Kind, ev.Redacted)
		if ev.Kind == ToolCall {
			if signature := c.call(i, ev.Signature); signature != nil || ev.Signature != nil {
				c.ev = *ev
				c.ev.Signature = signature
				ev = &c.ev
			}
		}
	case EventDelta:
		c.said(&c.blocks[ev.Block], ev.Text)
	case EventSignature:
		b := &c.blocks[ev.Block]
		if b.kind != ToolCall {
			b.signature, b.id = bytes.Clone(ev.Signature), ev.ID
			return nil
		}
		signature := c.wrap(ev.Block, ev.Signature, ev.ID)
		if signature == nil {
			return nil
		}
		c.ev = *ev
		c.ev.Signature = signature
		ev = &c.ev
	case EventBlockStop:
		if b := &c.blocks[ev.Block]; b.kind != ToolCall {
			if signature := c.end(ev.Block); signature != nil {
				c.ev = Event{Type: EventSignature, Block: ev.Block, Signature: signature}
				if err := emit(&c.ev); err != nil {
					return err
				}
			}
		}
	}
	return emit(ev)
}

// Response does the same for a whole answer.
func (c *Carry) Response(r *Response) {
	if c == nil {
		return
	}
	for i := range r.Choices {
		for j := range r.Choices[i].Parts {
			p := &r.Choices[i].Parts[j]
			n := c.start(r.Choices[i].Index, p.Kind, p.Kind == Thinking && p.Text == nil)
			if p.Kind == ToolCall {
				p.Signature = c.call(n, p.Signature)
				continue
			}
			b := &c.blocks[n]
			c.said(b, p.Text)
			b.signature, b.id = p.Signature, p.StateID
			p.Signature = c.end(n)
		}
	}
}

func (c *Carry) start(choice int, kind Kind, redacted bool) int {
	at := -1
	for i := range c.choices {
		if c.choices[i].index == choice {
			at = i
		}
	}
	if at < 0 {
		at = len(c.choices)
		c.choices = append(c.choices, carriedChoice{index: choice})
	}
	c.blocks = append(c.blocks, carriedBlock{choice: at, kind: kind, redacted: redacted})
	return len(c.blocks) - 1
}

func (c *Carry) said(b *carriedBlock, text Value) {
	if b.kind != Text && b.kind != Refusal && b.kind != Thinking {
		return
	}
	b.length += CodePoints(text)
	c.scratch = jsonlit.AppendUnquoted(c.scratch[:0], text)
	b.sum.Add(c.scratch)
	if b.kind == Thinking && c.embed && len(b.text)+len(text) <= maxEmbedded {
		b.text = append(b.text, jsonlit.Inner(text)...)
	}
}

// call returns the carrier for a call that begins.
func (c *Carry) call(i int, signature Value) Value {
	if len(jsonlit.Inner(signature)) > 0 {
		return c.wrap(i, signature, "")
	}
	if ch := &c.choices[c.blocks[i].choice]; c.calls && !ch.any {
		ch.any = true
		return c.unsigned()
	}
	return nil
}

// end returns the carrier for a block that is no call and has ended.
func (c *Carry) end(i int) Value {
	b := &c.blocks[i]
	defer func() { b.text, b.signature = nil, nil }()
	switch {
	case len(jsonlit.Inner(b.signature)) > 0:
		return c.wrap(i, b.signature, b.id)
	case b.kind == Thinking && c.claim && b.length > 0:
		return c.unsigned()
	}
	return nil
}

// unsigned is the carrier of no state.
func (c *Carry) unsigned() Value {
	return quoteCarrier(&carrier.Carrier{Vendor: c.from.vendor(), Kind: carrier.Unsigned, Scope: c.from.Scope, Model: c.from.Model})
}

// wrap makes the carrier of a block's state; nil when a later block has been
// told of already, so that this one's place cannot be told any more.
func (c *Carry) wrap(i int, native Value, id string) Value {
	b := &c.blocks[i]
	ch := &c.choices[b.choice]
	if i < ch.told {
		return nil
	}
	var layout []carrier.Item
	for j := ch.told; j < i; j++ {
		if before := &c.blocks[j]; before.choice == b.choice && before.counts() {
			layout = append(layout, before.item())
		}
	}
	layout = append(layout, b.item())
	ch.told, ch.any = i+1, true
	ch.ordinal += len(layout)
	out := carrier.Carrier{
		Vendor: c.from.vendor(), Kind: layout[len(layout)-1].Kind, Ordinal: ch.ordinal - 1, Layout: layout, ID: id,
		Scope: c.from.Scope, Model: c.from.Model, Payload: jsonlit.AppendUnquoted(nil, native),
	}
	if c.embed && b.kind == Thinking && b.length > 0 {
		out.Text = b.text
	}
	return quoteCarrier(&out)
}

func quoteCarrier(c *carrier.Carrier) Value {
	return append(c.Append(Value{'"'}), '"')
}

// counts reports whether a block without a carrier of its own has a place in the
// layout. Thinking without state is not sent back to anyone who would look.
func (b *carriedBlock) counts() bool {
	switch b.kind {
	case Text, Refusal:
		return b.length > 0
	case Thinking:
		return false
	}
	return true
}

func (b *carriedBlock) item() carrier.Item {
	item := carrier.Item{Kind: carrier.Media}
	switch b.kind {
	case Text, Refusal:
		item.Kind = carrier.Text
	case ToolCall:
		return carrier.Item{Kind: carrier.Call}
	case Thinking:
		if item.Kind = carrier.Thinking; b.redacted {
			return carrier.Item{Kind: carrier.Redacted}
		}
	default:
		return item
	}
	if item.Length = b.length; b.length > 0 {
		item.Sum = b.sum.Value()
	}
	return item
}
