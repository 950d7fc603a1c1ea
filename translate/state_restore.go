package translate

import (
	"github.com/fairway-gateway/fairway/translate/carrier"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// RestoreState returns r as it is sent to another dialect's upstream: with the
// reasoning state that this very upstream made put back in its place, verbatim,
// and with everybody else's left out, the thinking along with it. It returns how
// many pieces of state went back. r itself is not changed.
//
// Anthropic checks a thinking block against all that went before it. A turn
// whose parts are no longer what its carriers say keeps no thinking, and neither
// do the turns behind it.
//
// What becomes of a turn depends on it and on the turns before it alone.
func RestoreState(r *Request, to Origin) (*Request, int) {
	if r.Dialect == to.Dialect || !HoldsState(r) {
		return r, 0
	}
	s := restorer{client: r.Dialect, to: to}
	out := *r
	out.Restored = true
	copied := false
	for i := range r.Turns {
		t := &r.Turns[i]
		if t.Role != AssistantRole || !hasState(t) {
			continue
		}
		if !copied {
			out.Turns, copied = append([]Turn(nil), r.Turns...), true
		}
		out.Turns[i].Parts = s.turn(t.Parts)
	}
	return &out, s.restored
}

// WithoutState returns r without any reasoning state, for an upstream that has
// refused it.
func WithoutState(r *Request) *Request {
	out := *r
	out.Restored = true
	out.Turns = append([]Turn(nil), r.Turns...)
	for i := range out.Turns {
		if t := &out.Turns[i]; t.Role == AssistantRole && hasState(t) {
			t.Parts = withoutThinking(t.Parts)
		}
	}
	return &out
}

// HoldsState reports whether the history of r holds reasoning, of whatever
// vendor, so that what is sent depends on the account.
func HoldsState(r *Request) bool {
	for i := range r.Turns {
		if r.Turns[i].Role == AssistantRole && hasState(&r.Turns[i]) {
			return true
		}
	}
	return false
}

func hasState(t *Turn) bool {
	for i := range t.Parts {
		if t.Parts[i].Kind == Thinking || len(t.Parts[i].Signature) > 0 {
			return true
		}
	}
	return false
}

func withoutThinking(parts []Part) []Part {
	out := make([]Part, 0, len(parts))
	for _, p := range parts {
		if p.Kind != Thinking {
			p.Signature, p.StateID = nil, ""
			out = append(out, p)
		}
	}
	return out
}

type restorer struct {
	client   Name
	to       Origin
	restored int
	broken   bool // a turn of Anthropic's was changed
}

// kept is a carrier as the client brought it back.
type kept struct {
	carrier.Carrier
	text Value // the thinking beside it; nil when there is none
	at   int   // the parts of the content before it
}

// nativeState is a signature that is no carrier, and the part that has it.
type nativeState struct {
	at        int
	signature Value
}

func (s *restorer) turn(parts []Part) []Part {
	var carriers []kept
	content := make([]Part, 0, len(parts))
	ours := 0
	var native []nativeState
	for i := range parts {
		p := &parts[i]
		list := carrier.Split(jsonlit.AppendUnquoted(nil, p.Signature))
		claimed := true // nobody else's
		for _, c := range list {
			k := kept{Carrier: c, at: len(content)}
			if p.Kind == Thinking {
				k.text = p.Text
			}
			carriers = append(carriers, k)
			if s.accepts(&c) {
				ours++
			}
			claimed = claimed && c.Kind == carrier.Unsigned && c.Vendor == s.to.vendor()
		}
		q := *p
		q.Signature, q.StateID = nil, ""
		switch {
		case p.Kind != Thinking:
			content = append(content, q)
			if len(list) == 0 && len(p.Signature) > 2 {
				native = append(native, nativeState{len(content) - 1, p.Signature})
			}
		case s.to.Dialect == Chat && claimed && len(p.Text) > 2 && (len(list) > 0 || len(jsonlit.Inner(p.Signature)) == 0):
			content = append(content, q) // for servers that want the thinking back in words
		}
	}
	// Google's own form of Chat has a place for the signatures of calls, and its
	// clients bring them back as they are.
	if s.client == Chat && s.to.Dialect == Gemini && len(carriers) == 0 {
		for _, n := range native {
			content[n.at].Signature = n.signature
		}
		s.restored += len(native)
	}
	if ours == 0 || s.broken {
		return content
	}
	if out, ok := s.rebuild(content, carriers); ok {
		s.restored += ours
		return out
	}
	switch s.to.Dialect {
	case Responses:
		s.restored += ours
		return s.inPlace(content, carriers)
	case Messages:
		s.broken = true
	}
	return content
}

// accepts reports whether the upstream can read a piece of state.
func (s *restorer) accepts(c *carrier.Carrier) bool {
	if c.Vendor != s.to.vendor() || c.Kind == carrier.Unsigned || len(c.Payload) == 0 {
		return false
	}
	switch c.Vendor {
	case carrier.Anthropic, carrier.OpenAI:
		// Another of their models takes it, or leaves it out without complaint.
		return c.Scope == s.to.Scope
	}
	return c.Scope == s.to.Scope && c.Model == s.to.Model
}

// inPlace puts reasoning where the client has it. OpenAI's is not bound to what
// surrounds it.
func (s *restorer) inPlace(content []Part, carriers []kept) []Part {
	out := make([]Part, 0, len(content)+len(carriers))
	next := 0
	for i := range carriers {
		k := &carriers[i]
		out = append(out, content[next:k.at]...)
		next = k.at
		if s.accepts(&k.Carrier) {
			out = append(out, k.thinking())
		}
	}
	return append(out, content[next:]...)
}

// thinking returns the thinking part that a carrier stands for.
func (k *kept) thinking() Part {
	p := Part{Kind: Thinking, Signature: jsonlit.AppendQuote(nil, k.Payload), StateID: k.ID}
	if k.Kind == carrier.Redacted {
		return p
	}
	if p.Text = k.text; len(p.Text) <= 2 {
		p.Text = append(append(Value{'"'}, k.Text...), '"')
	}
	return p
}

// rebuild puts the parts of a turn in the order that its carriers tell. False
// when they are not what they were.
func (s *restorer) rebuild(content []Part, carriers []kept) ([]Part, bool) {
	q := shelf{parts: content}
	out := make([]Part, 0, len(content)+len(carriers))
	ordinal := 0
	for i := range carriers {
		k := &carriers[i]
		if k.Kind == carrier.Unsigned {
			continue
		}
		n := len(k.Layout)
		if k.Ordinal != ordinal+n-1 {
			return nil, false
		}
		ordinal = k.Ordinal + 1
		for _, item := range k.Layout[:n-1] {
			p, ok := q.take(item)
			if !ok {
				return nil, false
			}
			out = append(out, p)
		}
		own := k.Layout[n-1]
		switch own.Kind {
		case carrier.Thinking, carrier.Redacted:
			p := k.thinking()
			if k.Vendor == carrier.Anthropic && !isItem(p.Text, own) {
				return nil, false
			}
			if s.accepts(&k.Carrier) {
				out = append(out, p)
			}
		default:
			p, ok := q.take(own)
			if !ok {
				return nil, false
			}
			if s.accepts(&k.Carrier) {
				p.Signature = jsonlit.AppendQuote(nil, k.Payload)
			}
			out = append(out, p)
		}
	}
	return q.rest(out), true
}

// shelf hands out the parts of a turn by kind, texts by length.
type shelf struct {
	parts             []Part
	used              []bool
	text, call, media int    // from where to look
	left              []byte // of the text at the place of text, when some was taken
}

func (q *shelf) mark(i int) {
	if q.used == nil {
		q.used = make([]bool, len(q.parts))
	}
	q.used[i] = true
}

func (q *shelf) take(item carrier.Item) (Part, bool) {
	if item.Kind == carrier.Text {
		p, ok := q.takeText(item.Length)
		return p, ok && isItem(p.Text, item)
	}
	at := &q.media
	if item.Kind == carrier.Call {
		at = &q.call
	}
	for ; *at < len(q.parts); *at++ {
		p := &q.parts[*at]
		if item.Kind == carrier.Call && p.Kind == ToolCall || item.Kind == carrier.Media && (p.Media != nil || p.Search != nil) {
			q.mark(*at)
			*at++
			return *p, true
		}
	}
	return Part{}, false
}

// takeText takes n code points of text, a whole part as it is where it fits.
func (q *shelf) takeText(n int) (Part, bool) {
	if n == 0 { // the signature alone came, behind all text
		return Part{Kind: Text, Text: Value(`""`)}, true
	}
	var out Part
	for pieces := 0; n > 0; pieces++ {
		for ; q.text < len(q.parts) && !isText(&q.parts[q.text]); q.text++ {
		}
		if q.text == len(q.parts) {
			return out, false
		}
		p := &q.parts[q.text]
		rest, whole := q.left, false
		if rest == nil {
			rest, whole = jsonlit.Inner(p.Text), true
		}
		size, runes := prefix(rest, n)
		n -= runes
		switch {
		case pieces > 0:
			out.Text = append(append(out.Text[:len(out.Text)-1:len(out.Text)-1], rest[:size]...), '"')
		case whole && size == len(rest):
			out = *p
		default:
			out = Part{Kind: p.Kind, Text: append(append(Value{'"'}, rest[:size]...), '"')}
		}
		q.mark(q.text)
		if size == len(rest) {
			out.CacheTTL = p.CacheTTL
			q.left = nil
			q.text++
		} else {
			q.left = rest[size:]
		}
	}
	return out, true
}

// isItem reports whether a text is the one that an item tells of.
func isItem(text Value, item carrier.Item) bool {
	if item.Kind == carrier.Redacted {
		return true
	}
	var sum carrier.Sum
	sum.Add(jsonlit.AppendUnquoted(nil, text))
	return CodePoints(text) == item.Length && (item.Length == 0 || sum.Value() == item.Sum)
}

func isText(p *Part) bool {
	return (p.Kind == Text || p.Kind == Refusal) && len(p.Text) > 2
}

// prefix returns how many bytes the first n code points of escaped text take, or
// all of it when it has fewer.
func prefix(in []byte, n int) (size, runes int) {
	for size < len(in) && runes < n {
		_, width := firstRune(in[size:])
		size += width
		runes++
	}
	return size, runes
}

// rest appends what was not taken.
func (q *shelf) rest(out []Part) []Part {
	for i := range q.parts {
		switch {
		case q.left != nil && i == q.text:
			p := q.parts[i]
			p.Text = append(append(Value{'"'}, q.left...), '"')
			out = append(out, p)
		case q.used == nil || !q.used[i]:
			out = append(out, q.parts[i])
		}
	}
	return out
}
