package chat

import (
	"bytes"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// maxRemembered bounds the arguments of a call that are kept to recognise a
// server that sends them whole again.
const maxRemembered = 8 << 20

// legacyIndex is the index of a function_call, which has none.
const legacyIndex = -2

// toolCall is the state of one tool call of a choice.
type toolCall struct {
	index   int64 // the server's; -1 when it gave none
	id      string
	name    string
	custom  bool
	block   int  // -1 until the name is known
	stopped bool // the arguments were whole when the next call began

	sent    []byte // the arguments so far, escaped
	forgot  bool   // they outgrew maxRemembered
	waiting []byte // arguments that came before the name
}

// call reads one element of a delta's tool_calls.
//
// Calls are told apart by index. Servers that count wrongly (no index, -1, or 0
// for all) are understood by what a chunk brings: an id or name that is not the
// open call's begins a new one, unless the open one's arguments are still
// unfinished, since some servers make up an id for every chunk. Ids and names
// that come again are ignored.
func (d *streamDecoder) call(c *choice, v jsonlit.Value, emit func(*translate.Event) error) error {
	index := int64(-1)
	var id, kind, function, custom, signature jsonlit.Value
	for name, val := range jsonlit.Fields(v) {
		switch string(name) {
		case "index":
			if n, ok := jsonlit.Int(val); ok {
				index = max(n, -1)
			}
		case "id":
			id = val
		case "type":
			kind = val
		case "function":
			function = val
		case "custom":
			custom = val
		case "extra_content": // Google
			signature = jsonlit.Get(val, "google", "thought_signature")
		}
	}
	var name, arguments jsonlit.Value
	body := function
	isCustom := string(jsonlit.Inner(kind)) == "custom" || jsonlit.IsObject(custom)
	if isCustom {
		body = custom
	}
	for n, val := range jsonlit.Fields(body) {
		switch string(n) {
		case "name":
			name = val
		case "arguments":
			arguments = val
		case "input":
			arguments = val
		}
	}
	t := c.find(index, jsonlit.Inner(id), jsonlit.Inner(name))
	if t == nil {
		if len(c.calls) == maxCalls {
			return d.fail(&translate.Error{Kind: translate.Upstream, Message: "the upstream sent more tool calls than it may"}, emit)
		}
		if err := d.settleLast(c, emit); err != nil {
			return err
		}
		t = &toolCall{index: index, block: -1, custom: isCustom}
		c.calls = append(c.calls, t)
	}
	return d.feed(c, t, id, name, arguments, signature, emit)
}

// find returns the call that a delta continues, or nil when it begins one.
func (c *choice) find(index int64, id, name []byte) *toolCall {
	for i := len(c.calls) - 1; i >= 0; i-- {
		if t := c.calls[i]; len(id) > 0 && t.id == string(id) && (index < 0 || index == t.index) {
			return t
		}
	}
	for i := len(c.calls) - 1; i >= 0; i-- {
		t := c.calls[i]
		if index >= 0 && t.index != index {
			continue
		}
		another := t.block >= 0 && len(name) > 0 && (len(id) > 0 || index < 0)
		if another && (len(t.sent) == 0 || t.whole()) {
			return nil
		}
		return t
	}
	return nil
}

// legacyCall reads a delta's function_call.
func (d *streamDecoder) legacyCall(c *choice, v jsonlit.Value, emit func(*translate.Event) error) error {
	var t *toolCall
	for _, x := range c.calls {
		if x.index == legacyIndex {
			t = x
		}
	}
	if t == nil {
		t = &toolCall{index: legacyIndex, block: -1}
		c.calls = append(c.calls, t)
	}
	return d.feed(c, t, nil, jsonlit.Get(v, "name"), jsonlit.Get(v, "arguments"), nil, emit)
}

// feed gives a call what a delta brought for it.
func (d *streamDecoder) feed(c *choice, t *toolCall, id, name, arguments, signature jsonlit.Value, emit func(*translate.Event) error) error {
	c.said = true
	if t.block < 0 {
		if t.id == "" {
			t.id = jsonlit.Str(id)
		}
		if t.name = jsonlit.Str(name); t.name != "" {
			if err := d.startCall(c, t, signature, emit); err != nil {
				return err
			}
			signature = nil
		}
	}
	if jsonlit.IsString(signature) && t.block >= 0 && !t.stopped {
		d.ev = translate.Event{Type: translate.EventSignature, Block: t.block, Signature: signature}
		if err := emit(&d.ev); err != nil {
			return err
		}
	}
	return d.argue(t, arguments, emit)
}

func (d *streamDecoder) startCall(c *choice, t *toolCall, signature jsonlit.Value, emit func(*translate.Event) error) error {
	if err := d.shut(c, emit); err != nil {
		return err
	}
	t.block = d.blocks
	if t.id == "" || c.taken(t) {
		t.id = translate.CallID(c.index, t.block, t.name)
	}
	if err := d.start(c, translate.ToolCall, &translate.Call{ID: t.id, Name: t.name, Custom: t.custom}, signature, emit); err != nil {
		return err
	}
	if t.custom {
		if err := d.piece(t, []byte(`{\"input\":\"`), emit); err != nil {
			return err
		}
	}
	if waiting := t.waiting; len(waiting) > 0 {
		t.waiting = nil
		return d.piece(t, waiting, emit)
	}
	return nil
}

// taken reports whether another call of the choice has the id of t.
func (c *choice) taken(t *toolCall) bool {
	for _, other := range c.calls {
		if other != t && other.id == t.id {
			return true
		}
	}
	return false
}

// argue passes on a piece of arguments: a string, or, from servers that mistake
// the form, a whole object.
func (d *streamDecoder) argue(t *toolCall, v jsonlit.Value, emit func(*translate.Event) error) error {
	var piece []byte
	switch {
	case jsonlit.IsString(v):
		piece = jsonlit.Inner(v)
	case jsonlit.IsObject(v):
		d.scratch = jsonlit.AppendEscaped(d.scratch[:0], v)
		piece = d.scratch
	}
	if t.custom {
		// The free text is a string inside the JSON that stands for arguments.
		d.scratch = jsonlit.AppendEscaped(d.scratch[:0], piece)
		piece = d.scratch
	} else {
		piece = t.fresh(piece)
	}
	if len(piece) == 0 {
		return nil
	}
	if t.block < 0 {
		t.waiting = append(t.waiting, piece...)
		return nil
	}
	return d.piece(t, piece, emit)
}

// fresh returns what of a piece is new. A piece that begins with all that was
// sent so far is the whole again, unless a value may begin there, in which case
// it could be one that looks like its surroundings.
func (t *toolCall) fresh(piece []byte) []byte {
	if t.forgot || len(piece) == 0 {
		return piece
	}
	if len(t.sent) == 0 && string(piece) == "{}" {
		return nil // nothing yet, or no arguments at all, which is the same
	}
	if n := len(t.sent); n > 0 && bytes.HasPrefix(piece, t.sent) && !awaitsValue(t.sent) {
		piece = piece[n:]
	}
	t.sent = append(t.sent, piece...)
	if len(t.sent) > maxRemembered {
		t.sent, t.forgot = nil, true
	}
	return piece
}

// awaitsValue reports whether JSON that is cut off here may go on with any
// value, or with one that repeats the last.
func awaitsValue(escaped []byte) bool {
	s := escaped
	for {
		n := len(s)
		s = bytes.TrimSuffix(bytes.TrimSuffix(bytes.TrimSuffix(bytes.TrimRight(s, " "), []byte(`\n`)), []byte(`\r`)), []byte(`\t`))
		if len(s) == n {
			break
		}
	}
	if len(s) == 0 || s[0] != '{' {
		return true
	}
	switch s[len(s)-1] {
	case ':', ',', '[':
		return true
	}
	return false
}

// whole reports whether the arguments so far are one JSON value.
func (t *toolCall) whole() bool {
	if t.forgot || len(t.sent) == 0 || t.sent[len(t.sent)-1] != '}' {
		return false
	}
	quoted := append(append([]byte{'"'}, t.sent...), '"')
	return jsonlit.Valid(jsonlit.AppendUnquoted(nil, quoted))
}

func (d *streamDecoder) piece(t *toolCall, escaped []byte, emit func(*translate.Event) error) error {
	if t.stopped {
		return nil
	}
	d.text = append(append(append(d.text[:0], '"'), escaped...), '"')
	d.ev = translate.Event{Type: translate.EventDelta, Block: t.block, Text: d.text}
	return emit(&d.ev)
}

// settleLast stops the call before the one that begins, if its arguments are
// whole, so that encoders that write one block at a time need not hold the next
// one back.
func (d *streamDecoder) settleLast(c *choice, emit func(*translate.Event) error) error {
	if len(c.calls) == 0 {
		return nil
	}
	t := c.calls[len(c.calls)-1]
	if t.block < 0 || t.stopped || t.custom || !t.whole() {
		return nil
	}
	t.stopped = true
	return d.stop(t.block, emit)
}

// endCalls stops the calls that are open at the stream's end. One without a
// name cannot be made.
func (d *streamDecoder) endCalls(c *choice, emit func(*translate.Event) error) error {
	for i, t := range c.calls {
		switch {
		case t.stopped:
			continue
		case t.block < 0 && t.id == "" && len(t.waiting) == 0:
			c.calls = append(c.calls[:i:i], c.calls[i+1:]...)
			return d.endCalls(c, emit)
		case t.block < 0:
			return d.fail(&translate.Error{Kind: translate.Upstream, Message: "the upstream sent a tool call without a name"}, emit)
		}
		if t.custom {
			if err := d.piece(t, []byte(`\"}`), emit); err != nil {
				return err
			}
		}
		t.stopped = true
		if err := d.stop(t.block, emit); err != nil {
			return err
		}
	}
	return nil
}
