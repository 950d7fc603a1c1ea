package conformance

import (
	"net/http"
	"slices"
	"testing"

	"github.com/fairway-gateway/fairway/conformance/client"
	"github.com/fairway-gateway/fairway/conformance/upstream"
)

// vendors is a gateway with one account of each dialect, as a user would have it.
func vendors(t *testing.T) (*gateway, map[upstream.Dialect]*upstream.Account) {
	t.Helper()
	server := upstream.Start()
	t.Cleanup(server.Close)
	accounts := map[upstream.Dialect]*upstream.Account{}
	lines := "provider compat {\n dialect chat\n base_url " + server.URL + "/v1\n}\n"
	for _, d := range upstreamDialects() {
		a := server.Account(d)
		accounts[d] = a
		lines += "account my-" + string(d) + " " + provider(d) + " {\n base_url " + a.BaseURL() + "\n api_key " + a.Key + "\n}\n"
	}
	return start(t, config{global: lines}), accounts
}

// TestModels lists the providers' models through each SDK and looks one of another vendor up.
func TestModels(t *testing.T) {
	g, _ := vendors(t)
	for _, d := range clientDialects() {
		t.Run(string(d), func(t *testing.T) {
			c, wire := client.New(d, g.URL, "unused")
			list, err := c.Models(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, up := range upstreamDialects() {
				for _, reasoning := range []bool{false, true} {
					want := vendorModel(up, reasoning)
					if !slices.Contains(list, want) {
						t.Errorf("the list lacks %q: %q", want, list)
					}
					got, err := c.Model(t.Context(), want)
					if err != nil || got != want {
						t.Errorf("looking up %q: got %q and %v", want, got, err)
					}
				}
			}
			_, err = c.Model(t.Context(), "no-such-model")
			if f, ok := client.Describe(err); !ok || wire.Status() != http.StatusNotFound {
				t.Errorf("looking up an unknown model: got %+v and %v, want a 404", f, err)
			}
		})
	}
}

// TestBareModelNames asks for models as their vendors name them, with no account in the name.
func TestBareModelNames(t *testing.T) {
	g, accounts := vendors(t)
	for _, d := range clientDialects() {
		for _, up := range upstreamDialects() {
			t.Run(string(d)+" on "+string(up), func(t *testing.T) {
				c, wire := client.New(d, g.URL, "unused")
				vendor := vendorModel(up, false)
				s := &stage{cell: cell{client: d, up: up}, account: accounts[up], client: c, wire: wire, model: vendor, vendor: vendor}
				got, _ := s.ask(t, user("Hi."), upstream.Reply{Pieces: []upstream.Piece{upstream.Say("ok")}, Usage: usual})
				wantText(t, got.Text, "ok")
			})
		}
	}
	t.Run("unknown", func(t *testing.T) {
		for _, d := range clientDialects() {
			c, wire := client.New(d, g.URL, "unused")
			a := user("Hi.")
			a.Model = "no-such-model-at-all"
			_, err := c.Plain(t.Context(), a)
			if err == nil || wire.Status() != http.StatusNotFound {
				t.Errorf("%s: got %d and %v, want a 404", d, wire.Status(), err)
			}
		}
	})
}

// TestBaseURLs configures each SDK with and without a version in its base URL.
func TestBaseURLs(t *testing.T) {
	g, accounts := vendors(t)
	for _, d := range clientDialects() {
		for _, suffix := range []string{"", "/", "/v1", "/v1/"} {
			t.Run(string(d)+" at "+suffix, func(t *testing.T) {
				c, wire := client.At(d, g.URL+suffix, "unused")
				vendor := vendorModel(upstream.Messages, false)
				for _, stream := range both() {
					s := &stage{cell: cell{client: d, up: upstream.Messages, stream: stream}, account: accounts[upstream.Messages], client: c, wire: wire,
						model: vendor, vendor: vendor}
					got, _ := s.ask(t, user("Hi."), upstream.Reply{Pieces: []upstream.Piece{upstream.Say("ok")}, Usage: usual})
					wantText(t, got.Text, "ok")
				}
				if _, err := c.Models(t.Context()); err != nil {
					t.Errorf("listing models: %v", err)
				}
			})
		}
	}
}

// TestCountTokens counts through both SDKs that can, on every upstream: exactly where the vendor counts, and by an
// estimate elsewhere.
func TestCountTokens(t *testing.T) {
	for _, d := range []upstream.Dialect{upstream.Messages, upstream.Gemini} {
		for _, up := range upstreamDialects() {
			t.Run(string(d)+" on "+string(up), func(t *testing.T) {
				t.Parallel()
				s := set(t, cell{client: d, up: up}, false)
				s.account.Reply(upstream.Reply{Usage: upstream.Usage{In: 1234}})
				a := user("How many tokens are in this sentence, roughly speaking?")
				a.Model = s.model
				if d == upstream.Messages {
					a.System, a.Tools = "You count.", weatherTools()
				}
				got, err := s.client.Count(t.Context(), a)
				if err != nil {
					t.Fatalf("%v: %s", err, s.wire.Body())
				}
				if s.same() && got != 1234 {
					t.Errorf("got %d tokens, want the vendor's own 1234", got)
				}
				if !s.same() && got != 1234 && (got < 5 || got > 500) {
					t.Errorf("got %d tokens, which is no estimate of a short question", got)
				}
				for _, r := range s.account.Records() {
					if r.Refused != nil {
						t.Errorf("the account refused: %s\n%s", r.Refused.Message, r.Body)
					}
				}
			})
		}
	}
}
