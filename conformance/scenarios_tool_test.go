package conformance

import (
	"slices"
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/conformance/client"
	"github.com/fairway-gateway/fairway/conformance/upstream"
)

const weatherSchema = `{"type":"object","properties":{"city":{"type":"string","description":"A city, \"quoted\" <&>"},"days":{"type":"integer","minimum":1}},"required":["city"],"additionalProperties":false}`

func weatherTools() []upstream.Tool {
	return []upstream.Tool{
		{Kind: "function", Name: "get_weather", Description: "Tells the weather. 天気", Schema: []byte(weatherSchema)},
		{Kind: "function", Name: "now", Description: "Tells the time.", Schema: []byte(`{"type":"object","properties":{}}`)},
	}
}

func askWeather() client.Ask {
	a := user("Weather in Paris and Rome?")
	a.System = "Use tools."
	a.Tools = weatherTools()
	return a
}

// twoCalls is a turn with text and two calls in parallel, their arguments in awkward pieces.
func twoCalls() upstream.Reply {
	signed := "c2lnbmF0dXJlLW9mLXRoZS1jYWxs"
	return upstream.Reply{Usage: usual, Pieces: []upstream.Piece{
		upstream.Say("Let me ", "look."),
		upstream.Use("call_paris_1", "get_weather", `{"ci`, `ty":"Par`, `is \"`, `é`, `","days":`, `3}`).Signed(signed),
		upstream.Use("call_rome_2", "get_weather", `{"city":"Rome"}`),
	}}
}

func wantCalls(t *testing.T, got []client.Call, want ...client.Call) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("calls: got %d (%+v), want %d", len(got), got, len(want))
	}
	ids := map[string]bool{}
	for i := range want {
		if got[i].Name != want[i].Name {
			t.Errorf("call %d: got name %q, want %q", i, got[i].Name, want[i].Name)
		}
		wantJSON(t, "call "+got[i].Name, got[i].Args, want[i].Args)
		if got[i].ID == "" || ids[got[i].ID] {
			t.Errorf("call %d: id %q is empty or not unique", i, got[i].ID)
		}
		ids[got[i].ID] = true
	}
}

// results answers an answer's calls.
func results(a client.Ask, got client.Answer, parts ...upstream.Part) client.Ask {
	for i := range parts {
		parts[i].Kind, parts[i].ID, parts[i].Name = "result", got.Calls[i].ID, got.Calls[i].Name
	}
	a.Turns = append(slices.Clone(a.Turns), got.Turn, upstream.Turn{Role: "user", Parts: parts})
	return a
}

func said(text string) upstream.Part {
	return upstream.Part{Parts: []upstream.Part{{Kind: "text", Text: text}}}
}

func failed(text string) upstream.Part {
	p := said(text)
	p.IsError = true
	return p
}

// wantPaired checks that each result that the account saw answers the call in its place, and returns the results.
func wantPaired(t *testing.T, seen upstream.Seen, n int) []upstream.Part {
	t.Helper()
	calls, answers := seen.Of("call"), seen.Of("result")
	if len(calls) != n || len(answers) != n {
		t.Fatalf("the account saw %d calls and %d results, want %d of each", len(calls), len(answers), n)
	}
	for i := range calls {
		if calls[i].ID != answers[i].ID || calls[i].Name != answers[i].Name {
			t.Errorf("result %d answers %q (%s), the call was %q (%s)", i, answers[i].ID, answers[i].Name, calls[i].ID, calls[i].Name)
		}
	}
	return answers
}

func resultText(p upstream.Part) string {
	text := ""
	for _, q := range p.Parts {
		text += q.Text
	}
	return text
}

func toolScenarios() []scenario {
	return []scenario{
		{name: "tools offered", fits: turns, play: func(t *testing.T, s *stage) {
			_, rec := s.ask(t, askWeather(), upstream.Reply{Pieces: []upstream.Piece{upstream.Say("No need.")}, Usage: usual})
			if len(rec.Seen.Tools) != 2 {
				t.Fatalf("the account saw %d tools, want 2: %s", len(rec.Seen.Tools), rec.Body)
			}
			for i, want := range weatherTools() {
				got := rec.Seen.Tools[i]
				if got.Name != want.Name || got.Description != want.Description || got.Kind != "function" {
					t.Errorf("tool %d: got %s %q %q, want %q %q", i, got.Kind, got.Name, got.Description, want.Name, want.Description)
				}
				wantJSON(t, "schema of "+want.Name, string(got.Schema), string(want.Schema))
				if s.up == upstream.Responses && got.Strict == nil {
					t.Errorf("tool %d: strict is not given, which a Responses function must say", i)
				}
			}
		}},
		{name: "parallel calls", fits: turns, play: func(t *testing.T, s *stage) {
			got, _ := s.ask(t, askWeather(), twoCalls())
			wantText(t, got.Text, "Let me look.")
			wantStop(t, s.cell, got.Stop, upstream.ToolUse)
			wantUsage(t, got.Usage, usual)
			wantCalls(t, got.Calls, client.Call{Name: "get_weather", Args: `{"city":"Paris \"é","days":3}`}, client.Call{Name: "get_weather", Args: `{"city":"Rome"}`})
		}},
		{name: "round trip", fits: turns, play: func(t *testing.T, s *stage) {
			a := askWeather()
			got, _ := s.ask(t, a, twoCalls())
			a = results(a, got, said("Sunny. "+hard), said("Rain."))
			a.Turns[len(a.Turns)-1].Parts = append(a.Turns[len(a.Turns)-1].Parts, upstream.Part{Kind: "text", Text: "And thanks."})
			if s.up == upstream.Gemini && s.client.Dialect() == upstream.Gemini {
				// Google wants nothing but responses in the answering turn.
				a.Turns[len(a.Turns)-1].Parts = a.Turns[len(a.Turns)-1].Parts[:2]
			}
			got, rec := s.ask(t, a, upstream.Reply{Pieces: []upstream.Piece{upstream.Say("Sun and rain.")}, Usage: usual})
			wantText(t, got.Text, "Sun and rain.")
			answers := wantPaired(t, rec.Seen, 2)
			wantText(t, resultText(answers[0]), "Sunny. "+hard)
			wantText(t, resultText(answers[1]), "Rain.")
			calls := rec.Seen.Of("call")
			wantJSON(t, "first call", calls[0].Args, `{"city":"Paris \"é","days":3}`)
			wantJSON(t, "second call", calls[1].Args, `{"city":"Rome"}`)
			if texts := strings.Join(rec.Seen.Texts(), ""); !strings.Contains(texts, "Let me look.") {
				t.Errorf("the text beside the calls was lost: %q", texts)
			}
			for _, turn := range rec.Seen.Turns {
				if len(turn.Parts) == 0 {
					t.Errorf("an empty %s turn reached the account", turn.Role)
				}
			}
		}},
		{name: "error result", fits: turns, play: func(t *testing.T, s *stage) {
			a := askWeather()
			got, _ := s.ask(t, a, twoCalls())
			_, rec := s.ask(t, results(a, got, failed("no such city"), said("Rain.")), upstream.Reply{Pieces: []upstream.Piece{upstream.Say("Sorry.")}, Usage: usual})
			answers := wantPaired(t, rec.Seen, 2)
			if text := resultText(answers[0]); !strings.Contains(text, "no such city") {
				t.Errorf("the failed result says %q", text)
			}
			can := func(d upstream.Dialect) bool { return d == upstream.Messages || d == upstream.Gemini }
			if can(s.cell.client) && !can(s.up) && !strings.Contains(strings.ToLower(resultText(answers[0])), "error") {
				// OpenAI's dialects have no flag, so the text has to say it.
				t.Errorf("nothing tells the model that the tool failed: %q", resultText(answers[0]))
			}
			if can(s.cell.client) && can(s.up) && (!answers[0].IsError || answers[1].IsError) {
				t.Errorf("is_error: got %v and %v, want true and false: %s", answers[0].IsError, answers[1].IsError, rec.Body)
			}
		}},
		{name: "call without arguments", fits: turns, play: func(t *testing.T, s *stage) {
			a := askWeather()
			reply := upstream.Reply{Usage: usual, Pieces: []upstream.Piece{upstream.Use("call_now_1", "now").Signed("c2ln")}}
			if s.up == upstream.Chat || s.up == upstream.Responses {
				reply.Pieces[0].Deltas = []string{"{}"}
			}
			got, _ := s.ask(t, a, reply)
			if s.client.Dialect() == upstream.Messages && len(got.Calls) == 1 && got.Calls[0].Args == "" {
				got.Calls[0].Args = "{}"
			}
			wantCalls(t, got.Calls, client.Call{Name: "now", Args: "{}"})
			_, rec := s.ask(t, results(a, got, said("noon")), upstream.Reply{Pieces: []upstream.Piece{upstream.Say("Noon.")}, Usage: usual})
			wantPaired(t, rec.Seen, 1)
		}},
		{name: "odd call ids", fits: func(c cell) bool { return turns(c) && c.up == upstream.Chat }, play: func(t *testing.T, s *stage) {
			a := askWeather()
			got, _ := s.ask(t, a, upstream.Reply{Usage: usual, Pieces: []upstream.Piece{
				upstream.Use("functions.get_weather:0", "get_weather", `{"city":"Paris"}`), upstream.Use("functions.get_weather:1", "get_weather", `{"city":"Rome"}`)}})
			if s.client.Dialect() == upstream.Messages {
				for _, c := range got.Calls {
					if strings.ContainsAny(c.ID, ".:") {
						t.Errorf("a Messages client cannot send the id %q back to Anthropic", c.ID)
					}
				}
			}
			_, rec := s.ask(t, results(a, got, said("Sunny."), said("Rain.")), upstream.Reply{Pieces: []upstream.Piece{upstream.Say("ok")}, Usage: usual})
			wantPaired(t, rec.Seen, 2)
		}},
		{name: "choice any", fits: turns, play: func(t *testing.T, s *stage) {
			a := askWeather()
			a.Choice = "any"
			_, rec := s.ask(t, a, twoCalls())
			if rec.Seen.Choice != "any" {
				t.Errorf("tool choice: got %q, want any", rec.Seen.Choice)
			}
		}},
		{name: "choice none", fits: turns, play: func(t *testing.T, s *stage) {
			a := askWeather()
			a.Choice = "none"
			_, rec := s.ask(t, a, upstream.Reply{Pieces: []upstream.Piece{upstream.Say("ok")}, Usage: usual})
			if rec.Seen.Choice != "none" {
				t.Errorf("tool choice: got %q, want none", rec.Seen.Choice)
			}
		}},
		{name: "choice one, serial", fits: turns, play: func(t *testing.T, s *stage) {
			a := askWeather()
			a.Choice, a.ChoiceName, a.Serial = "one", "now", s.client.Dialect() != upstream.Gemini
			reply := upstream.Reply{Usage: usual, Pieces: []upstream.Piece{upstream.Use("call_now_1", "now", "{}")}}
			_, rec := s.ask(t, a, reply)
			if rec.Seen.Choice != "one" || rec.Seen.ChoiceName != "now" {
				t.Errorf("tool choice: got %q %q, want one now", rec.Seen.Choice, rec.Seen.ChoiceName)
			}
			serial := s.cell.client == upstream.Chat || s.cell.client == upstream.Responses
			if serial && s.up != upstream.Gemini && (rec.Seen.Parallel == nil || *rec.Seen.Parallel) {
				t.Errorf("the account was not told to call one tool at a time: %s", rec.Body)
			}
		}},
	}
}
