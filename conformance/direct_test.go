package conformance

import (
	"testing"

	"github.com/fairway-gateway/fairway/conformance/client"
	"github.com/fairway-gateway/fairway/conformance/upstream"
)

// TestDirect plays every scenario with each SDK straight against its own vendor's scripted service, with no gateway in
// between. It proves that the services are what the SDKs expect, that they see what the SDKs send, and that the
// grammars accept what the vendors send.
func TestDirect(t *testing.T) {
	server := upstream.Start()
	t.Cleanup(server.Close)
	for _, d := range []upstream.Dialect{upstream.Chat, upstream.Completions, upstream.Responses, upstream.Messages, upstream.Gemini} {
		for _, sc := range scenarios() {
			for _, stream := range []bool{false, true} {
				c := cell{client: d, up: d, stream: stream, direct: true}
				if !sc.fits(c) {
					continue
				}
				t.Run(string(d)+"/"+sc.name+"/"+c.way(), func(t *testing.T) {
					t.Parallel()
					a := server.Account(d)
					cl, wire := client.New(d, server.URL, a.Key)
					model := vendorModel(d, sc.reasoning)
					sc.play(t, &stage{cell: c, account: a, client: cl, wire: wire, model: model, vendor: model})
				})
			}
		}
	}
}
