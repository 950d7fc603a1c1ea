package translate

import "github.com/fairway-gateway/fairway/translate/jsonlit"

// Estimate guesses the input tokens of a request, for upstreams that have no
// counter of their own. It counts bytes by class: about four bytes of prose, or
// three of JSON, or 1.2 tokens for a character outside ASCII, with a constant
// for each turn, tool and medium. It is an estimate, is never 0, and must be
// marked as one wherever it is shown.
func Estimate(r *Request) int64 {
	var t tally
	for i := range r.System {
		t.part(&r.System[i])
	}
	for i := range r.Turns {
		t.milli += 4000
		for j := range r.Turns[i].Parts {
			t.part(&r.Turns[i].Parts[j])
		}
	}
	for i := range r.Tools {
		tool := &r.Tools[i]
		t.milli += 8000
		t.text(jsonlit.Inner(tool.Description))
		t.json(len(tool.Name) + len(tool.Schema))
		if tool.Kind == HostedTool {
			t.json(len(tool.Raw))
		}
	}
	t.json(len(r.Format.Schema))
	return max(1, (t.milli+999)/1000)
}

// tally counts thousandths of tokens.
type tally struct{ milli int64 }

func (t *tally) text(escaped []byte) {
	ascii, other := 0, 0
	for i := 0; i < len(escaped); i++ {
		switch c := escaped[i]; {
		case c == '\\' && i+5 < len(escaped) && escaped[i+1] == 'u':
			other++
			i += 5
		case c == '\\':
			ascii++
			i++
		case c < 0x80:
			ascii++
		case c >= 0xc0: // the first byte of a character
			other++
		}
	}
	t.milli += int64(ascii)*250 + int64(other)*1200
}

func (t *tally) json(bytes int) { t.milli += int64(bytes) * 333 }

func (t *tally) part(p *Part) {
	switch p.Kind {
	case ToolCall:
		t.milli += 10000
		t.json(len(p.Call.Name) + len(p.Call.Object) + len(p.Call.Text))
	case ToolResult:
		t.milli += 6000
		for i := range p.Result.Parts {
			t.part(&p.Result.Parts[i])
		}
	case Image:
		t.milli += 1100_000 // a screenshot scaled as the vendors do
	case Audio, Video, File:
		// About 1,500 tokens a page, of roughly 60 KB base64; at least one page.
		t.milli += max(1500_000, int64(len(p.Media.Data))*25)
		t.text(jsonlit.Inner(p.Media.Text))
	default:
		t.text(jsonlit.Inner(p.Text))
	}
}
