package conformance

import (
	"encoding/base64"
	"fmt"
	"slices"
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
			found := false
			for _, p := range rec.Seen.All() {
				found = found || p.Signature == signature
			}
			if !found {
				t.Errorf("the account did not get its own reasoning state back: %s", rec.Body)
			}
		}},
		{name: "thinking with tools over several turns", reasoning: true, fits: func(c cell) bool { return turns(c) && c.up != upstream.Chat }, play: func(t *testing.T, s *stage) {
			s.account.Guard()
			a := askWeather()
			a.Effort, a.Show = "high", true
			for n := range 4 {
				state := func(of string) string {
					return base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%s %d of %s", of, n, s.way()))
				}
				id := fmt.Sprintf("call_%s_%s_%s_%d", s.cell.client, s.up, s.way(), n)
				pieces := []upstream.Piece{
					upstream.Think(state("thought"), "They want ", "a city: 日本 😀."),
					upstream.Say("Step ", "by step."),
					upstream.Use(id, "get_weather", `{"city":`, `"Paris"}`).Signed(state("call")),
					upstream.Use(id+"_b", "get_weather", `{"city":"Rome"}`),
				}
				if s.up == upstream.Messages { // a thought between a text and the calls
					pieces = slices.Insert(pieces, 2, upstream.Think(state("second thought")))
				}
				got, rec := s.ask(t, a, upstream.Reply{Pieces: pieces, Usage: usual})
				if refused := len(s.account.Generated()) - n - 1; refused != 0 {
					t.Errorf("turn %d: the account refused %d requests", n, refused)
				}
				if want := n * stateful(s.up, pieces); len(signed(rec)) != want {
					t.Errorf("turn %d: %d pieces of state came back, want %d: %s", n, len(signed(rec)), want, rec.Body)
				}
				a = results(a, got, said("Sunny."), said("Rain."))
			}
		}},
	}
}

// stateful counts the pieces of a reply whose state the dialect hands out: thoughts, or Gemini's calls.
func stateful(up upstream.Dialect, pieces []upstream.Piece) (n int) {
	for _, p := range pieces {
		if p.Signature != "" && (p.Kind == upstream.KindCall) == (up == upstream.Gemini) {
			n++
		}
	}
	return n
}

// signed are the parts that came with state of the account's own.
func signed(rec *upstream.Record) (out []upstream.Part) {
	for _, p := range rec.Seen.All() {
		if p.Signature != "" && p.Signature != "skip_thought_signature_validator" {
			out = append(out, p)
		}
	}
	return out
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
