package conformance

import (
	"slices"
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/conformance/client"
	"github.com/fairway-gateway/fairway/conformance/upstream"
)

func textScenarios() []scenario {
	return []scenario{
		{name: "text", fits: anyone, play: func(t *testing.T, s *stage) {
			got, rec := s.ask(t, user("Say hello. "+hard), upstream.Reply{Pieces: []upstream.Piece{upstream.Say("Hello", ", ", hard, "!")}, Usage: usual})
			wantText(t, got.Text, "Hello, "+hard+"!")
			wantStop(t, s.cell, got.Stop, upstream.EndTurn)
			wantUsage(t, got.Usage, usual)
			if got.ID == "" || got.Model == "" {
				t.Errorf("the answer has id %q and model %q", got.ID, got.Model)
			}
			wantTurns(t, rec.Seen.Turns, client.Text("user", "Say hello. "+hard))
		}},
		{name: "system and turns", fits: turns, play: func(t *testing.T, s *stage) {
			a := client.Ask{System: "You are terse.\n" + hard, Turns: []upstream.Turn{
				client.Text("user", "One?"), client.Text("assistant", "Two."), client.Text("user", "Three? "+hard)}}
			got, rec := s.ask(t, a, upstream.Reply{Pieces: []upstream.Piece{upstream.Say("Four.")}, Usage: usual})
			wantText(t, got.Text, "Four.")
			wantText(t, strings.Join(rec.Seen.System, "|"), a.System)
			wantTurns(t, rec.Seen.Turns, a.Turns...)
		}},
		{name: "several parts", fits: turns, play: func(t *testing.T, s *stage) {
			a := client.Ask{Turns: []upstream.Turn{{Role: "user", Parts: []upstream.Part{{Kind: "text", Text: "First. "}, {Kind: "text", Text: "Second."}}}}}
			_, rec := s.ask(t, a, upstream.Reply{Pieces: []upstream.Piece{upstream.Say("ok")}, Usage: usual})
			got, want := rec.Seen.Texts(), []string{"First. ", "Second."}
			if s.up == upstream.Chat && !s.same() {
				// Compatible servers know plain strings best, so parts of text alone may come as one.
				got, want = strings.Fields(strings.Join(got, " ")), []string{"First.", "Second."}
			}
			if !slices.Equal(got, want) {
				t.Errorf("parts: got %q, want %q", got, want)
			}
		}},
		{name: "system in the middle", fits: func(c cell) bool { return turns(c) && c.client != upstream.Gemini }, play: func(t *testing.T, s *stage) {
			a := client.Ask{System: "Be kind.", Turns: []upstream.Turn{client.Text("user", "One?"), client.Text("assistant", "Two."),
				client.Text("user", "Three?"), client.Text("system", "Be brief now."), client.Text("assistant", "Four."), client.Text("user", "Five?")}}
			_, rec := s.ask(t, a, upstream.Reply{Pieces: []upstream.Piece{upstream.Say("Six.")}, Usage: usual})
			wantText(t, strings.Join(rec.Seen.System, "|"), "Be kind.")
			all := strings.Join(rec.Seen.Texts(), "|")
			for _, order := range [][2]string{{"Three?", "Be brief now."}, {"Be brief now.", "Four."}, {"Four.", "Five?"}} {
				first, second := strings.Index(all, order[0]), strings.Index(all, order[1])
				if first < 0 || second < first {
					t.Errorf("%q does not stand before %q: %q", order[0], order[1], all)
				}
			}
		}},
		{name: "large", fits: anyone, play: func(t *testing.T, s *stage) {
			long := strings.Repeat("All work and no play. 日本語\n", 8000)
			deltas := strings.SplitAfter(strings.Repeat("word ", 500), " ")
			got, rec := s.ask(t, user(long), upstream.Reply{Pieces: []upstream.Piece{upstream.Say(deltas...)}, Usage: usual})
			wantText(t, got.Text, strings.Repeat("word ", 500))
			if texts := rec.Seen.Texts(); len(texts) != 1 || texts[0] != long {
				t.Errorf("a prompt of %d bytes did not arrive whole", len(long))
			}
		}},
		{name: "empty answer", fits: anyone, play: func(t *testing.T, s *stage) {
			got, _ := s.ask(t, user("Say nothing."), upstream.Reply{Usage: upstream.Usage{In: 5}})
			wantText(t, got.Text, "")
			wantStop(t, s.cell, got.Stop, upstream.EndTurn)
		}},
		{name: "length", fits: anyone, play: func(t *testing.T, s *stage) {
			got, _ := s.ask(t, user("Go on."), upstream.Reply{Pieces: []upstream.Piece{upstream.Say("and so")}, Stop: upstream.Length, Usage: usual})
			wantText(t, got.Text, "and so")
			wantStop(t, s.cell, got.Stop, upstream.Length)
		}},
		{name: "filtered", fits: anyone, play: func(t *testing.T, s *stage) {
			got, _ := s.ask(t, user("Something bad."), upstream.Reply{Pieces: []upstream.Piece{upstream.Say("I ")}, Stop: upstream.Filtered, Usage: usual})
			wantStop(t, s.cell, got.Stop, upstream.Filtered)
		}},
		{name: "stop sequence hit", fits: anyone, play: func(t *testing.T, s *stage) {
			got, _ := s.ask(t, user("Count."), upstream.Reply{Pieces: []upstream.Piece{upstream.Say("1 2 ")}, Stop: upstream.StopSequenceHit, StopSequence: "3", Usage: usual})
			wantStop(t, s.cell, got.Stop, upstream.StopSequenceHit)
			if s.up == upstream.Messages && s.client.Dialect() == upstream.Messages && got.Stop != "stop_sequence" {
				t.Errorf("stop: got %q, want stop_sequence", got.Stop)
			}
		}},
		{name: "cached tokens", fits: anyone, play: func(t *testing.T, s *stage) {
			u := upstream.Usage{In: 900, CacheRead: 600, CacheWrite: 200, Out: 30, Reason: 0}
			if s.up != upstream.Messages && s.up != upstream.Responses {
				u.CacheWrite = 0
			}
			got, _ := s.ask(t, user("Again."), upstream.Reply{Pieces: []upstream.Piece{upstream.Say("ok")}, Usage: u})
			wantUsage(t, got.Usage, u)
		}},
	}
}
