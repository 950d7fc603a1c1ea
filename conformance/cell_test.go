package conformance

import (
	"context"
	"testing"
	"time"

	"github.com/fairway-gateway/fairway/conformance/client"
	"github.com/fairway-gateway/fairway/conformance/grammar"
	"github.com/fairway-gateway/fairway/conformance/upstream"
)

// cell is one place of the matrix: a client's dialect, an account's dialect, streamed or plain, and whether the gateway
// stands between them.
type cell struct {
	client, up upstream.Dialect
	stream     bool
	direct     bool
}

func (c cell) way() string {
	if c.stream {
		return "stream"
	}
	return "plain"
}

// same tells that no translation happens.
func (c cell) same() bool { return c.client == c.up }

// scenario is a conversation of one or more exchanges, written once for all cells.
type scenario struct {
	name string
	// reasoning picks the account's thinking model instead of its plain one.
	reasoning bool
	// fits tells whether a cell can play it at all: what the client's dialect cannot even say is left out, what the
	// account's dialect cannot carry is not.
	fits func(cell) bool
	// play holds the conversation.
	play func(t *testing.T, s *stage)
}

// stage is where a scenario is played: an account of its own, and a client before it or before the gateway.
type stage struct {
	cell
	account *upstream.Account
	client  client.Client
	wire    *client.Wire
	// model is the name to ask for; vendor the name that has to reach the account.
	model, vendor string
}

const patience = 20 * time.Second

// ask puts a question, has the wire judged, and returns the answer with the request that reached the account.
func (s *stage) ask(t *testing.T, a client.Ask, reply upstream.Reply) (client.Answer, *upstream.Record) {
	t.Helper()
	answer, rec, err := s.try(t, a, reply)
	if err != nil {
		if rec != nil && rec.Refused != nil {
			t.Fatalf("the account refused the request: %s\n%s", rec.Refused.Message, rec.Body)
		}
		t.Fatalf("asking: %v\nwire: %d %s", err, s.wire.Status(), s.wire.Body())
	}
	if rec == nil {
		t.Fatal("nothing reached the account")
	}
	if rec.Model != s.vendor {
		t.Errorf("the account was asked for the model %q, want %q", rec.Model, s.vendor)
	}
	if rec.Dialect != s.up {
		t.Errorf("the account was spoken to in %s, want %s", rec.Dialect, s.up)
	}
	if err := judge(s.cell, s.wire.Body(), grammar.Clean); err != nil {
		t.Errorf("the answer breaks the grammar of %s:\n%v\n%s", s.client.Dialect(), err, s.wire.Body())
	}
	return answer, rec
}

// try is ask without any judgement.
func (s *stage) try(t *testing.T, a client.Ask, reply upstream.Reply) (client.Answer, *upstream.Record, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if a.Model == "" {
		a.Model = s.model
	}
	before := len(s.account.Generated())
	s.account.Reply(reply)
	var answer client.Answer
	var err error
	if s.stream {
		answer, err = s.client.Stream(ctx, a, nil)
	} else {
		answer, err = s.client.Plain(ctx, a)
	}
	var rec *upstream.Record
	if all := s.account.Generated(); len(all) > before {
		rec = all[before]
	}
	return answer, rec, err
}

// judge checks an answer's raw bytes against the client dialect's grammar.
func judge(c cell, raw []byte, end grammar.Ending) error {
	if !c.stream {
		switch c.client {
		case upstream.Chat:
			return grammar.ChatObject(raw)
		case upstream.Completions:
			return grammar.CompletionsObject(raw)
		case upstream.Responses:
			return grammar.ResponseObject(raw)
		case upstream.Messages:
			return grammar.MessageObject(raw)
		}
		return grammar.GeminiObject(raw)
	}
	switch c.client {
	case upstream.Chat:
		return grammar.Chat(raw, end, true)
	case upstream.Completions:
		return grammar.Completions(raw, end, true)
	case upstream.Responses:
		return grammar.Responses(raw, end)
	case upstream.Messages:
		return grammar.Messages(raw, end)
	}
	return grammar.Gemini(raw, end)
}

// vendorModel is the plain or the thinking model of an account's usual list.
func vendorModel(d upstream.Dialect, reasoning bool) string {
	names := map[upstream.Dialect][2]string{
		upstream.Chat: {"local-chat", "local-reasoner"}, upstream.Completions: {"local-chat", "local-reasoner"},
		upstream.Responses: {"gpt-4.1", "gpt-5.6"}, upstream.Messages: {"claude-sonnet-4-5", "claude-opus-4-6"},
		upstream.Gemini: {"gemini-2.5-flash", "gemini-3-flash"},
	}
	if reasoning {
		return names[d][1]
	}
	return names[d][0]
}
