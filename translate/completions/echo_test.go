package completions

import (
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/translate"
)

// TestEcho repeats each prompt in front of its own choices, whole and streamed.
func TestEcho(t *testing.T) {
	part := func(s string) []translate.Part { return []translate.Part{{Kind: translate.Text, Text: lit(s)}} }
	r := &translate.Response{ID: "1", Model: "m", Created: 7, Choices: []translate.Choice{
		{Parts: part("A"), Stop: translate.StopEnd}, {Index: 1, Parts: part("B"), Stop: translate.StopEnd},
		{Index: 2, Parts: part("C"), Stop: translate.StopEnd}, {Index: 3, Stop: translate.StopLength}}}
	reply := translate.Reply{Request: &translate.Request{Echo: true, N: 2, Prompts: []translate.Value{lit("x:"), lit("y:")}}, Model: "m", ID: "0123456789abcdef", Created: 7}
	got, err := New().AppendResponse(nil, r, reply)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"x:A", "x:B", "y:C", "y:"} {
		if want := `{"text":"` + want + `","index":` + string(rune('0'+i)); !strings.Contains(string(got), want) {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	enc := New().NewStreamEncoder(reply)
	var out []byte
	if err := translate.Replay(r, func(ev *translate.Event) (err error) {
		out, err = enc.Append(out, ev)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	texts := map[byte]string{}
	for _, frame := range strings.Split(string(out), "\n\n") {
		if _, rest, found := strings.Cut(frame, `{"text":"`); found {
			text, rest, _ := strings.Cut(rest, `","index":`)
			texts[rest[0]] += text
		}
	}
	if texts['0'] != "x:A" || texts['1'] != "x:B" || texts['2'] != "y:C" || texts['3'] != "y:" {
		t.Errorf("got %v: %s", texts, out)
	}
	reply.Request = &translate.Request{Echo: true, Turns: []translate.Turn{{Parts: part("z:")}}}
	got, err = New().AppendResponse(nil, &translate.Response{Choices: r.Choices[:1]}, reply)
	if err != nil || !strings.Contains(string(got), `{"text":"z:A"`) {
		t.Errorf("got %s, %v", got, err)
	}
}
