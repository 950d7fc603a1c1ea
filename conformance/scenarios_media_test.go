package conformance

import (
	"testing"

	"github.com/fairway-gateway/fairway/conformance/client"
	"github.com/fairway-gateway/fairway/conformance/upstream"
)

// pixel is a PNG of one pixel.
const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

func wantImage(t *testing.T, rec *upstream.Record) {
	t.Helper()
	images := rec.Seen.Of("image")
	if len(images) != 1 || images[0].Data != pixel || images[0].MIME != "image/png" {
		t.Errorf("the account saw the images %+v, want one image/png of one pixel: %s", images, rec.Body)
	}
}

func mediaScenarios() []scenario {
	return []scenario{
		{name: "image", fits: turns, play: func(t *testing.T, s *stage) {
			a := client.Ask{Turns: []upstream.Turn{{Role: "user", Parts: []upstream.Part{{Kind: "text", Text: "What is this?"}, {Kind: "image", MIME: "image/png", Data: pixel}}}}}
			_, rec := s.ask(t, a, upstream.Reply{Pieces: []upstream.Piece{upstream.Say("A pixel.")}, Usage: usual})
			wantImage(t, rec)
			wantTurns(t, rec.Seen.Turns, client.Text("user", "What is this?"))
		}},
		{name: "image by URL", fits: turns, play: func(t *testing.T, s *stage) {
			const url = "https://example.com/cat.png?x=1&y=2"
			a := client.Ask{Turns: []upstream.Turn{{Role: "user", Parts: []upstream.Part{{Kind: "text", Text: "What is this?"}, {Kind: "image", MIME: "image/png", URL: url}}}}}
			if s.up == upstream.Gemini && !s.same() {
				// Gemini takes web addresses from some models only; refusing is as honest as passing.
				_, rec, err := s.try(t, a, upstream.Reply{Pieces: []upstream.Piece{upstream.Say("A cat.")}, Usage: usual})
				if f, ok := client.Describe(err); err != nil && (!ok || f.Status != 400) {
					t.Errorf("got %v, want the image passed on or a 400", err)
				}
				if err == nil && (len(rec.Seen.Of("image")) != 1 || rec.Seen.Of("image")[0].URL != url) {
					t.Errorf("the image was lost in silence: %s", rec.Body)
				}
				return
			}
			_, rec := s.ask(t, a, upstream.Reply{Pieces: []upstream.Piece{upstream.Say("A cat.")}, Usage: usual})
			if images := rec.Seen.Of("image"); len(images) != 1 || images[0].URL != url {
				t.Errorf("the account saw the images %+v, want one at %s", images, url)
			}
		}},
		{name: "PDF", fits: turns, play: func(t *testing.T, s *stage) {
			const pdf = "JVBERi0xLjQKJcOkw7zDtsOfCjIgMCBvYmoKPDwvTGVuZ3RoIDM+PgplbmRvYmoKdHJhaWxlcgo8PD4+CiUlRU9GCg=="
			a := client.Ask{Turns: []upstream.Turn{{Role: "user", Parts: []upstream.Part{{Kind: "text", Text: "Read this."},
				{Kind: "file", MIME: "application/pdf", Data: pdf, Filename: "report.pdf"}}}}}
			_, rec := s.ask(t, a, upstream.Reply{Pieces: []upstream.Piece{upstream.Say("Read.")}, Usage: usual})
			if files := rec.Seen.Of("file"); len(files) != 1 || files[0].Data != pdf || files[0].MIME != "application/pdf" {
				t.Errorf("the account saw the files %+v, want one PDF: %s", files, rec.Body)
			}
		}},
		{name: "image result", fits: oneOf(upstream.Responses, upstream.Messages, upstream.Gemini), play: func(t *testing.T, s *stage) {
			a := askWeather()
			got, _ := s.ask(t, a, twoCalls())
			shot := upstream.Part{Parts: []upstream.Part{{Kind: "text", Text: "A map:"}, {Kind: "image", MIME: "image/png", Data: pixel}}}
			_, rec := s.ask(t, results(a, got, shot, said("Rain.")), upstream.Reply{Pieces: []upstream.Piece{upstream.Say("ok")}, Usage: usual})
			answers := wantPaired(t, rec.Seen, 2)
			if text := resultText(answers[1]); text != "Rain." {
				t.Errorf("the second result says %q", text)
			}
			wantImage(t, rec)
		}},
	}
}
