package translate_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/translate"
)

// TestTruncatedStreamsAreErrors (P7): a stream that is cut off, at whatever
// byte, ends for the client with an error, unless all that the answer says had
// come: then no marker is missing that could change it.
func TestTruncatedStreamsAreErrors(t *testing.T) {
	for _, up := range dialects() {
		streams := shortStreams(t, up)
		for _, client := range dialects() {
			t.Run(string(up.Name())+"→"+string(client.Name()), func(t *testing.T) {
				for _, stream := range streams {
					whole, err := gather(t, client, relay(t, up, client, bytes.NewReader(stream)))
					if err != nil {
						t.Fatal(err)
					}
					want := withoutUsage(told(whole))
					clean := 0
					for cut := range len(stream) {
						if client.Name() != up.Name() && cut%7 != 0 && stream[cut] != '\n' {
							continue // what the decoder makes of every byte need be seen once only
						}
						out := relay(t, up, client, bytes.NewReader(stream[:cut]))
						got, err := gather(t, client, out)
						if err != nil {
							continue
						}
						clean++
						if said := withoutUsage(told(got)); !slices.Equal(said, want) {
							t.Fatalf("cut at %d of %d: a clean end after\n     %q\nwant %q\nin %s", cut, len(stream), said, want, stream[:cut])
						}
					}
					if clean > len(stream)/4 {
						t.Errorf("%d of %d cuts are taken for the end", clean, len(stream))
					}
				}
			})
		}
	}
}

// shortStreams are streams that are short enough to be cut everywhere: one that
// ends with tool calls, where the dialect has any, and one that does not.
func shortStreams(t *testing.T, up translate.Dialect) (list [][]byte) {
	t.Helper()
	for _, calls := range []bool{false, true} {
		can := answersOf(up.Name())
		c := translate.Choice{Stop: translate.StopLength}
		if can.thoughts {
			c.Parts = append(c.Parts, translate.Part{Kind: translate.Thinking, Text: translate.Value(`"h😀m"`)})
		}
		c.Parts = append(c.Parts, translate.Part{Kind: translate.Text, Text: translate.Value(`"a \ud83d\ude00\n b"`)})
		if calls && can.calls {
			c.Stop = translate.StopToolUse
			for _, id := range []string{"call_1", "call_2"} {
				c.Parts = append(c.Parts, translate.Part{Kind: translate.ToolCall, Call: &translate.Call{
					ID: id, Name: "f", Arguments: translate.Arguments{Text: translate.Value(`"{\"a\": [1.50]}"`)}}})
			}
		}
		r := &translate.Response{ID: "up1", Model: "m-1", Choices: []translate.Choice{c}, Usage: &translate.Usage{Input: 9, Output: 5}}
		list = append(list, upstream(t, newGenerator(1), up, r))
	}
	return list
}

// withoutUsage leaves out the tokens: they may come behind the answer's end.
func withoutUsage(lines []string) []string {
	return slices.DeleteFunc(lines, func(s string) bool { return strings.HasPrefix(s, "usage") })
}

// TestEmptyStreamsAreErrors (P7): an upstream that says nothing, or shows only
// that it is alive, has not answered.
func TestEmptyStreamsAreErrors(t *testing.T) {
	for _, up := range dialects() {
		for _, stream := range []string{"", "\n\n", ": keep-alive\n\n", ": keep-alive\n\n\n\n: "} {
			if _, err := gather(t, up, []byte(stream)); err == nil {
				t.Errorf("%s: %q is taken for an answer", up.Name(), stream)
			}
		}
	}
}
