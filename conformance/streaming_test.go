package conformance

import (
	"testing"

	"github.com/fairway-gateway/fairway/conformance/client"
	"github.com/fairway-gateway/fairway/conformance/upstream"
)

// TestDeltasArriveAtOnce holds the second half of a stream back until the client has seen the first.
func TestDeltasArriveAtOnce(t *testing.T) {
	everywhere(t, streamed(), func(t *testing.T, s *stage) {
		gate := s.wire.Watch("first half")
		got, _ := s.ask(t, user("Hi."), upstream.Reply{Usage: usual, Pieces: []upstream.Piece{upstream.Say("The first half"), upstream.Say(" and the second.").After(gate)}})
		wantText(t, got.Text, "The first half and the second.")
	})
}

// TestHeartbeats holds a stream back until the gateway has filled the silence, in a way that the client's SDK reads on
// through.
func TestHeartbeats(t *testing.T) {
	server := upstream.Start()
	t.Cleanup(server.Close)
	accounts := map[cell]*upstream.Account{}
	hcl := compat(server)
	for _, d := range clientDialects() {
		for _, up := range upstreamDialects() {
			a := server.Account(up)
			accounts[cell{client: d, up: up, stream: true}] = a
			hcl += declare(string(d)+"-"+string(up), a)
		}
	}
	g := start(t, config{hcl: hcl, site: "heartbeat 1s"})
	beats := map[upstream.Dialect]string{upstream.Chat: "\n\n:", upstream.Completions: "\n\n:", upstream.Responses: "\n\n:", upstream.Messages: "event: ping", upstream.Gemini: "}\n\n\n"}
	for _, d := range clientDialects() {
		for _, up := range upstreamDialects() {
			if d == upstream.Messages && up == upstream.Messages {
				// The upstream's own ping cannot be told from the gateway's.
				continue
			}
			t.Run(string(d)+" on "+string(up), func(t *testing.T) {
				t.Parallel()
				cl, wire := client.New(d, g.URL, "unused")
				c := cell{client: d, up: up, stream: true}
				beat := beats[d]
				if d == upstream.Gemini && up == upstream.Gemini {
					beat = "}\r\n\r\n\n"
				}
				vendor := vendorModel(up, false)
				st := &stage{cell: c, account: accounts[c], client: cl, wire: wire, model: string(d) + "-" + string(up) + "/" + vendor, vendor: vendor}
				got, _ := st.ask(t, user("Hi."), upstream.Reply{Usage: usual, Pieces: []upstream.Piece{upstream.Say("Wait"), upstream.Say(" for it.").After(wire.Watch(beat))}})
				wantText(t, got.Text, "Wait for it.")
			})
		}
	}
}
