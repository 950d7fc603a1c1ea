package exchange

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"time"

	"github.com/dgraph-io/ristretto/v2"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/carrier"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// turns remembers the reasoning state of answers to clients of Chat, most of
// which know no place for it: each turn's carriers, by its user and by what the
// client will bring back of it. State that is not there is left out, as if the
// client had forgotten it.
type turns struct {
	cache *ristretto.Cache[string, []byte]
}

const (
	maxTurns     = 64 << 20 // bytes
	turnsFor     = 24 * time.Hour
	turnOverhead = 128 // bytes of a key and of the cache's own, about
)

func newTurns() turns {
	cache, err := ristretto.NewCache(&ristretto.Config[string, []byte]{
		NumCounters: 200_000, MaxCost: maxTurns, BufferItems: 64, IgnoreInternalCost: true,
	})
	if err != nil {
		panic("creating the cache of turns: " + err.Error()) // its configuration is constant
	}
	return turns{cache}
}

// turnKey gathers what tells a turn: the model and its calls' ids, which no other
// turn has, or else its text and what it answers.
type turnKey struct {
	user, model string
	ids         []string
	text        hash.Hash

	scratch []byte
}

func newTurnKey(user, model string, before *translate.Turn) *turnKey {
	k := &turnKey{user: user, model: model, text: sha256.New()}
	k.write(user)
	k.write(model)
	if before != nil {
		k.parts(before.Parts)
	}
	k.write("answer")
	return k
}

func (k *turnKey) write(s string) {
	_, _ = k.text.Write([]byte(s))
	_, _ = k.text.Write([]byte{0})
}

func (k *turnKey) parts(parts []translate.Part) {
	for i := range parts {
		p := &parts[i]
		if p.Result != nil {
			k.write(p.Result.CallID)
			k.parts(p.Result.Parts)
		}
		k.say(p.Text)
	}
}

// say takes a piece of text.
func (k *turnKey) say(text translate.Value) {
	k.scratch = jsonlit.AppendUnquoted(k.scratch[:0], text)
	_, _ = k.text.Write(k.scratch)
}

func (k *turnKey) String() string {
	sum := k.text.Sum(nil)
	if len(k.ids) > 0 {
		h := sha256.New()
		for _, s := range append([]string{k.user, k.model}, k.ids...) {
			_, _ = h.Write([]byte(s))
			_, _ = h.Write([]byte{0})
		}
		sum = h.Sum(nil)
	}
	return hex.EncodeToString(sum)
}

// recall returns r with the state of the turns for which the client has sent
// none.
func (t turns) recall(user string, r *translate.Request) *translate.Request {
	if r.Dialect != translate.Chat {
		return r
	}
	out := r
	for i := range r.Turns {
		turn := &r.Turns[i]
		if turn.Role != translate.AssistantRole || signed(turn.Parts) {
			continue
		}
		var before *translate.Turn
		if i > 0 {
			before = &r.Turns[i-1]
		}
		k := newTurnKey(user, r.Model, before)
		for j := range turn.Parts {
			switch p := &turn.Parts[j]; p.Kind {
			case translate.ToolCall:
				k.ids = append(k.ids, p.Call.ID)
			case translate.Text, translate.Refusal:
				k.say(p.Text)
			}
		}
		state, found := t.cache.Get(k.String())
		if !found {
			continue
		}
		if out == r {
			c := *r
			c.Turns = append([]translate.Turn(nil), r.Turns...)
			out = &c
		}
		out.Turns[i].Parts = append([]translate.Part{{Kind: translate.Thinking, Signature: jsonlit.AppendQuote(nil, state)}}, turn.Parts...)
	}
	return out
}

func signed(parts []translate.Part) bool {
	for i := range parts {
		if len(parts[i].Signature) > 2 {
			return true
		}
	}
	return false
}

// turnWriter watches an answer to a client of Chat and keeps its state. A nil
// turnWriter keeps nothing.
type turnWriter struct {
	turns turns
	key   *turnKey
	kinds []translate.Kind // of the blocks of the first choice, and 255 for others
	state []byte
}

const otherChoice = translate.Kind(255)

// watch returns a turnWriter for an answer to r, whose parts carry their state.
func (t turns) watch(user string, r *translate.Request) *turnWriter {
	if r.Dialect != translate.Chat {
		return nil
	}
	var before *translate.Turn
	if n := len(r.Turns); n > 0 {
		before = &r.Turns[n-1]
	}
	return &turnWriter{turns: t, key: newTurnKey(user, r.Model, before)}
}

func (w *turnWriter) event(ev *translate.Event) {
	if w == nil {
		return
	}
	switch ev.Type {
	case translate.EventBlockStart:
		kind := ev.Kind
		if ev.Choice != 0 {
			kind = otherChoice
		}
		w.kinds = append(w.kinds, kind)
		if kind == translate.ToolCall {
			w.key.ids = append(w.key.ids, ev.Call.ID)
		}
		w.carry(kind, ev.Signature)
	case translate.EventDelta:
		if k := w.kinds[ev.Block]; k == translate.Text || k == translate.Refusal {
			w.key.say(ev.Text)
		}
	case translate.EventSignature:
		w.carry(w.kinds[ev.Block], ev.Signature)
	case translate.EventEnd:
		w.keep()
	}
}

func (w *turnWriter) response(r *translate.Response) {
	if w == nil {
		return
	}
	_ = translate.Replay(r, func(ev *translate.Event) error {
		w.event(ev)
		return nil
	})
}

func (w *turnWriter) carry(kind translate.Kind, signature translate.Value) {
	if in := jsonlit.Inner(signature); kind != otherChoice && carrier.Is(in) {
		if w.state != nil {
			w.state = append(w.state, ' ')
		}
		w.state = append(w.state, in...)
	}
}

func (w *turnWriter) keep() {
	if len(w.state) > 0 && len(w.state) <= carrier.MaxSize {
		w.turns.cache.SetWithTTL(w.key.String(), w.state, int64(len(w.state)+turnOverhead), turnsFor)
		w.turns.cache.Wait() // an agent's next request comes at once
		w.state = nil
	}
}
