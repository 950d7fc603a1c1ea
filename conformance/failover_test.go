package conformance

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/fairway-gateway/fairway/conformance/client"
	"github.com/fairway-gateway/fairway/conformance/upstream"
)

// TestFailover has the first of two accounts fail, and wants the second to answer without the client noticing: within
// one dialect and from one dialect to another.
func TestFailover(t *testing.T) {
	faults := map[string]upstream.Reply{
		"rate limited": {Fault: &upstream.Fault{Class: upstream.RateLimited, Message: "Slow down.", RetryAfter: "60"}},
		"quota":        upstream.Fail(upstream.Quota, "You exceeded your current quota."),
		"unauthorized": upstream.Fail(upstream.Unauthorized, "Invalid key."),
		"no model":     upstream.Fail(upstream.NoModel, "No such model."),
		"internal":     upstream.Fail(upstream.Internal, "Broken."),
		"overloaded":   upstream.Fail(upstream.Overloaded, "Overloaded"),
		"first frame":  {Broken: &upstream.Fault{Class: upstream.Overloaded, Message: "Overloaded"}},
		"cut at once":  {Pieces: []upstream.Piece{upstream.Say("no")}, Cut: &upstream.Cut{At: 0}},
		"HTML as 200":  {Raw: &upstream.Raw{Status: 200, ContentType: "text/html", Body: []byte("<html>")}},
	}
	server := upstream.Start()
	t.Cleanup(server.Close)
	type pairing struct {
		route         string
		fault         upstream.Reply
		first, second *upstream.Account
	}
	hcl := compat(server)
	pairings := map[string]pairing{}
	n := 0
	for name, fault := range faults {
		for i, d := range upstreamDialects() {
			for _, second := range []upstream.Dialect{d, upstreamDialects()[(i+1)%4]} {
				n++
				p := pairing{fmt.Sprintf("route-%d", n), fault, server.Account(d), server.Account(second)}
				a, b := fmt.Sprintf("first-%d", n), fmt.Sprintf("second-%d", n)
				hcl += declare(a, p.first) + declare(b, p.second)
				hcl += fmt.Sprintf("model %q {\n  targets = [%q, %q]\n}\n", p.route, a+"/"+vendorModel(d, false), b+"/"+vendorModel(second, false))
				pairings[fmt.Sprintf("%s/%s to %s", name, d, second)] = p
			}
		}
	}
	g := start(t, config{hcl: hcl})
	for name, p := range pairings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for i, stream := range both() {
				cl, wire := client.New(upstream.Chat, g.URL, "unused")
				s := &stage{cell: cell{client: upstream.Chat, up: p.second.Dialect, stream: stream}, account: p.second, client: cl, wire: wire,
					model: p.route, vendor: vendorModel(p.second.Dialect, false)}
				p.first.Answer(func(*upstream.Record) upstream.Reply { return p.fault })
				got, _ := s.ask(t, user("Hi."), upstream.Reply{Pieces: []upstream.Piece{upstream.Say("Second.")}, Usage: usual})
				wantText(t, got.Text, "Second.")
				if i == 0 && len(p.first.Generated()) == 0 {
					t.Errorf("the first account was never asked")
				}
			}
		})
	}
}

// TestCancel leaves a stream, and a plain request, in the middle and wants the upstream to notice.
func TestCancel(t *testing.T) {
	everywhere(t, both(), func(t *testing.T, s *stage) {
		never := make(chan struct{})
		s.account.Reply(upstream.Reply{Pieces: []upstream.Piece{upstream.Say("Hel"), upstream.Say("lo").After(never)}})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		ended := make(chan error, 1)
		a := user("Hi.")
		a.Model = s.model
		go func() {
			var err error
			if s.stream {
				_, err = s.client.Stream(ctx, a, cancel)
			} else {
				_, err = s.client.Plain(ctx, a)
			}
			ended <- err
		}()
		for { // the gateway may ask for the list of models, too
			arrived := s.account.Arrived()
			if len(s.account.Generated()) > 0 {
				break
			}
			wait(t, arrived, "the request to reach the account")
		}
		if !s.stream {
			cancel()
		}
		select {
		case err := <-ended:
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want a cancelled context", err)
			}
		case <-time.After(patience):
			t.Fatal("the client hangs")
		}
		wait(t, s.account.Generated()[0].Gone(), "the account to notice that the client has left")
	})
}

func wait(t *testing.T, ch <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-ch:
	case <-time.After(patience):
		t.Fatalf("waited in vain for %s", what)
	}
}
