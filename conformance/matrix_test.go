package conformance

import "testing"

// TestMatrix plays every scenario with every client SDK on every upstream dialect through the gateway, plain and
// streamed.
func TestMatrix(t *testing.T) {
	for _, d := range clientDialects() {
		for _, up := range upstreamDialects() {
			for _, sc := range scenarios() {
				for _, stream := range []bool{false, true} {
					c := cell{client: d, up: up, stream: stream}
					if !sc.fits(c) {
						continue
					}
					t.Run(string(d)+" on "+string(up)+"/"+sc.name+"/"+c.way(), func(t *testing.T) {
						t.Parallel()
						sc.play(t, set(t, c, sc.reasoning))
					})
				}
			}
		}
	}
}
