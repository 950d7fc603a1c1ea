package conformance

import (
	"testing"

	"github.com/fairway-gateway/fairway/conformance/client"
	"github.com/fairway-gateway/fairway/conformance/upstream"
)

// signature is opaque reasoning state, valid base64 as Google wants it.
const signature = "RW9wYXF1ZSByZWFzb25pbmcgc3RhdGU="

func thinkingScenarios() []scenario {
	return []scenario{
		{name: "thinking", reasoning: true, fits: turns, play: func(t *testing.T, s *stage) {
			a := user("What is six times seven?")
			a.Effort, a.Show = "high", true
			u := upstream.Usage{In: 100, Out: 50, Reason: 30}
			got, rec := s.ask(t, a, upstream.Reply{Pieces: []upstream.Piece{upstream.Think(signature, "Six times ", "seven…"), upstream.Say("42")}, Usage: u})
			wantText(t, got.Text, "42")
			wantText(t, got.Thinking, "Six times seven…")
			wantUsage(t, got.Usage, u)
			wantThinking(t, s, rec)
		}},
		{name: "effort low", reasoning: true, fits: turns, play: func(t *testing.T, s *stage) {
			a := user("Quickly.")
			a.Effort = "low"
			_, rec := s.ask(t, a, upstream.Reply{Pieces: []upstream.Piece{upstream.Say("ok")}, Usage: usual})
			if rec.Seen.Effort != "low" {
				t.Errorf("effort: got %q, want low: %s", rec.Seen.Effort, rec.Body)
			}
		}},
		{name: "signature", reasoning: true, fits: func(c cell) bool { return turns(c) && c.up != upstream.Chat }, play: func(t *testing.T, s *stage) {
			a := askWeather()
			a.Effort, a.Show = "high", true
			reply := twoCalls()
			reply.Pieces[0] = upstream.Think(signature, "They want ", "two cities.")
			reply.Pieces[1] = reply.Pieces[1].Signed(signature)
			got, _ := s.ask(t, a, reply)
			wantCalls(t, got.Calls, client.Call{Name: "get_weather", Args: `{"city":"Paris \"é","days":3}`}, client.Call{Name: "get_weather", Args: `{"city":"Rome"}`})
			_, rec := s.ask(t, results(a, got, said("Sunny."), said("Rain.")), upstream.Reply{Pieces: []upstream.Piece{upstream.Say("ok")}, Usage: usual})
			wantPaired(t, rec.Seen, 2)
			if !s.same() {
				// The loss table says that reasoning does not travel between dialects; it is enough that the account takes
				// the conversation without it, which Gemini 3 and Claude are particular about.
				return
			}
			found := false
			for _, p := range rec.Seen.All() {
				found = found || p.Signature == signature
			}
			if !found {
				t.Errorf("the account did not get its own reasoning state back: %s", rec.Body)
			}
		}},
	}
}

// wantThinking checks that the wish to think hard and to see it arrived in the account's own terms.
func wantThinking(t *testing.T, s *stage, rec *upstream.Record) {
	t.Helper()
	seen := rec.Seen
	if seen.Effort != "high" {
		t.Errorf("effort: got %q, want high: %s", seen.Effort, rec.Body)
	}
	switch s.up {
	case upstream.Messages:
		if seen.ThinkingType != "adaptive" {
			t.Errorf("thinking: got %q, want adaptive", seen.ThinkingType)
		}
	case upstream.Responses, upstream.Gemini:
		// A Chat client cannot ask to see thoughts; what its gateway shows it is the gateway's choice.
		if !seen.ShowThinking && s.cell.client != upstream.Chat {
			t.Errorf("the account was not asked to show its thinking: %s", rec.Body)
		}
	}
}
