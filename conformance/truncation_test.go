package conformance

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/fairway-gateway/fairway/conformance/client"
	"github.com/fairway-gateway/fairway/conformance/upstream"
)

// TestTruncation cuts the upstream's stream at many places, with a broken connection and, harder to see, with a regular
// end of body. Unless the upstream's own terminal had come, the client must be told.
func TestTruncation(t *testing.T) {
	reply := upstream.Reply{Usage: usual, Pieces: []upstream.Piece{upstream.Say("Hel", "lo"), upstream.Use("call_now_1", "now", `{"a`, `":1}`).Signed("c2ln")}}
	ask := askWeather()
	for _, up := range upstreamDialects() {
		whole := rendered(t, up, ask, reply)
		for _, d := range upstreamDialects() {
			t.Run(string(d)+" on "+string(up), func(t *testing.T) {
				t.Parallel()
				s := set(t, cell{client: d, up: up, stream: true}, false)
				for _, at := range places(up, whole) {
					for _, clean := range []bool{false, true} {
						// A fresh account each time: a broken stream cools it.
						s := set(t, s.cell, false)
						cut := reply
						cut.Cut = &upstream.Cut{At: at, Clean: clean}
						_, _, err := s.try(t, ask, cut)
						t.Run(fmt.Sprintf("at %d of %d, clean %v", at, len(whole), clean), func(t *testing.T) { wantBroken(t, s, err) })
					}
				}
			})
		}
	}
}

// rendered is what the scripted service sends to its own SDK, up to its terminal.
func rendered(t *testing.T, d upstream.Dialect, a client.Ask, reply upstream.Reply) []byte {
	t.Helper()
	server := upstream.Start()
	defer server.Close()
	account := server.Account(d)
	account.Reply(reply)
	cl, wire := client.New(d, server.URL, account.Key)
	a.Model = vendorModel(d, false)
	if _, err := cl.Stream(t.Context(), a, nil); err != nil {
		t.Fatal(err)
	}
	return wire.Body()
}

// places are where to cut: after each event, inside some, and just before the terminal, but never after it.
func places(d upstream.Dialect, whole []byte) []int {
	terminal := map[upstream.Dialect]string{upstream.Chat: `"finish_reason":"tool_calls"`, upstream.Responses: `event: response.completed`,
		upstream.Messages: `event: message_delta`, upstream.Gemini: `"finishReason"`}[d]
	end := bytes.Index(whole, []byte(terminal))
	// The terminal's own event starts here; a cut inside of it is one more place.
	start := bytes.LastIndex(whole[:end+1], []byte("\n\n"))
	if d == upstream.Gemini {
		start = bytes.LastIndex(whole[:end+1], []byte("\r\n\r\n")) + 2
	}
	start += 2
	return []int{1, start / 4, start / 2, start * 3 / 4, start - 1, start, start + 20}
}
