package conformance

import (
	"slices"
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/conformance/upstream"
)

const answerSchema = `{"type":"object","properties":{"city":{"type":"string"},"tags":{"type":"array","items":{"type":"string"}}},"required":["city","tags"],"additionalProperties":false}`

func settingScenarios() []scenario {
	return []scenario{
		{name: "schema", fits: turns, play: func(t *testing.T, s *stage) {
			a := user("Answer as JSON.")
			a.Schema = answerSchema
			got, rec := s.ask(t, a, upstream.Reply{Pieces: []upstream.Piece{upstream.Say(`{"city":"Paris"`, `,"tags":[]}`)}, Usage: usual})
			wantJSON(t, "answer", got.Text, `{"city":"Paris","tags":[]}`)
			if !rec.Seen.JSON || rec.Seen.Schema == nil {
				t.Fatalf("the schema was lost: %s", rec.Body)
			}
			wantJSON(t, "schema", string(rec.Seen.Schema), answerSchema)
		}},
		{name: "sampling", fits: anyone, play: func(t *testing.T, s *stage) {
			a := user("Be wild.")
			a.Temperature, a.MaxOutput = 0.3, 200
			_, rec := s.ask(t, a, upstream.Reply{Pieces: []upstream.Piece{upstream.Say("ok")}, Usage: usual})
			if rec.Seen.Temperature != "0.3" {
				t.Errorf("temperature: got %q, want 0.3", rec.Seen.Temperature)
			}
			if rec.Seen.MaxOutput != "200" {
				t.Errorf("output limit: got %q, want 200", rec.Seen.MaxOutput)
			}
		}},
		{name: "top_p", fits: anyone, play: func(t *testing.T, s *stage) {
			a := user("Be wild.")
			a.TopP = 0.9
			_, rec := s.ask(t, a, upstream.Reply{Pieces: []upstream.Piece{upstream.Say("ok")}, Usage: usual})
			if rec.Seen.TopP != "0.9" {
				t.Errorf("top_p: got %q, want 0.9", rec.Seen.TopP)
			}
			if s.up == upstream.Messages && rec.Seen.MaxOutput == "" {
				t.Errorf("max_tokens is missing")
			}
		}},
		{name: "user id", fits: func(c cell) bool { return c.client != upstream.Gemini && c.up != upstream.Gemini }, play: func(t *testing.T, s *stage) {
			a := user("Who am I?")
			a.User = "user-0001"
			_, rec := s.ask(t, a, upstream.Reply{Pieces: []upstream.Piece{upstream.Say("ok")}, Usage: usual})
			if rec.Seen.User != a.User {
				t.Errorf("user: got %q, want %q: %s", rec.Seen.User, a.User, rec.Body)
			}
		}},
		{name: "stop sequences", fits: func(c cell) bool { return c.client != upstream.Responses }, play: func(t *testing.T, s *stage) {
			a := user("Count.")
			a.Stop = []string{"END", "\n\nHuman:"}
			_, rec := s.ask(t, a, upstream.Reply{Pieces: []upstream.Piece{upstream.Say("1 2")}, Usage: usual})
			if s.up == upstream.Responses {
				// The dialect has no field for it, which the caller has to be told.
				if w := s.wire.Header().Get("X-Ai-Warnings"); !strings.Contains(w, "stop") {
					t.Errorf("X-Ai-Warnings: got %q, want a word about stop", w)
				}
				return
			}
			if !slices.Equal(rec.Seen.Stop, a.Stop) {
				t.Errorf("stop: got %q, want %q", rec.Seen.Stop, a.Stop)
			}
		}},
	}
}
