package translate

import (
	"encoding/binary"
	"math/bits"

	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// Tokenizer is how a family of models counts its input, as far as an estimate
// depends on it. Package capability knows the families; the zero value stands
// for a model of none.
type Tokenizer struct {
	// Family names the models that count alike.
	Family string
	// Factor is how many tokens the family makes of what is one token on
	// average; 0 means 1.
	Factor float64
	// Image is what a picture costs.
	Image ImageRule
}

// Extent is how large a request's input is guessed to be, in tokens of an
// average tokenizer. Text is what tokenizers differ about; media are counted by
// formulas of their own.
type Extent struct{ Text, Media int64 }

// Tokens is the extent in a family's own tokens, at least 1.
func (e Extent) Tokens(factor float64) int64 {
	if factor <= 0 {
		factor = 1
	}
	return max(1, int64(float64(e.Text)*factor+0.5)+e.Media)
}

// Estimate guesses the input tokens of a request, for upstreams that have no
// counter of their own. It is an estimate, is never 0, and must be marked as one
// wherever it is shown.
func Estimate(r *Request, t Tokenizer) int64 { return Measure(r, t.Image).Tokens(t.Factor) }

// Measure guesses the extent of a request by classes of bytes: about four bytes
// of prose or three of JSON make a token, a character beyond ASCII half a token
// up to two, and each turn, tool and call costs something for itself.
func Measure(r *Request, image ImageRule) Extent {
	t := tally{image: image}
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
		if tool.Kind != FunctionTool {
			t.json(len(tool.Raw))
		}
	}
	t.json(len(r.Format.Schema))
	return Extent{Text: (t.milli + 999) / 1000, Media: t.media}
}

// tally counts thousandths of tokens of text, and tokens of media.
type tally struct {
	milli, media int64
	image        ImageRule
}

// What one character costs, in thousandths of tokens.
const (
	milliASCII = 250
	milliTwo   = 500  // of two bytes in UTF-8: Latin with marks, Greek, Cyrillic, Hebrew, Arabic
	milliThree = 1200 // of three: Chinese, Japanese, Korean, Indic
	milliFour  = 2000 // of four: emoji, rare characters
)

// text counts what stands in a JSON string.
func (t *tally) text(escaped []byte) {
	const (
		ones  = 0x0101010101010101
		highs = 0x8080808080808080
	)
	ascii, milli := 0, 0
	for i := 0; i < len(escaped); {
		if i+8 <= len(escaped) {
			// Eight bytes at once: those before the first one that is either
			// beyond ASCII or a backslash are plain.
			word := binary.LittleEndian.Uint64(escaped[i:])
			other := word ^ ones*'\\'
			odd := (word | (other-ones)&^other) & highs
			plain := bits.TrailingZeros64(odd) / 8
			ascii += plain
			i += plain
			if plain == 8 {
				continue
			}
		}
		switch c := escaped[i]; {
		case c == '\\' && i+5 < len(escaped) && escaped[i+1] == 'u':
			milli += escapedCost(escaped[i+2 : i+6])
			i += 6
			continue
		case c == '\\':
			ascii++
			i++
		case c < 0x80:
			ascii++
		case c >= 0xf0:
			milli += milliFour
		case c >= 0xe0:
			milli += milliThree
		case c >= 0xc0:
			milli += milliTwo
		}
		i++
	}
	t.milli += int64(ascii*milliASCII + milli)
}

// escapedCost is the cost of \uXXXX. Characters of four bytes are two of them.
func escapedCost(hex []byte) int {
	switch {
	case hex[0] == 'd' || hex[0] == 'D':
		return milliFour / 2
	case hex[0] != '0' || hex[1] >= '8':
		return milliThree
	case hex[1] != '0' || hex[2] >= '8':
		return milliTwo
	}
	return milliASCII
}

func (t *tally) json(bytes int) { t.milli += int64(bytes) * 333 }

func (t *tally) part(p *Part) {
	switch p.Kind {
	case ToolCall:
		t.milli += 10_000
		t.json(len(p.Call.Name) + len(p.Call.Object) + len(p.Call.Text))
	case ToolResult:
		t.milli += 6000
		for i := range p.Result.Parts {
			t.part(&p.Result.Parts[i])
		}
	case Image:
		width, height := pictureSize(p.Media.Data)
		t.media += t.image.tokens(width, height, p.Media.Detail)
	case Audio, Video:
		// Google's page "Token counting" gives 32 tokens to a second of sound and
		// 263 to one of video, which are some 30 and 300 KB of base64.
		t.media += max(32, int64(len(p.Media.Data))/1000)
	case File:
		t.file(p.Media)
	default:
		t.text(jsonlit.Inner(p.Text))
	}
}

// file counts a document: text as such, anything else by the page, of which a
// PDF has one for roughly 60 KB of base64 and at least one.
func (t *tally) file(m *Media) {
	const perPage, pageBytes = 1500, 60_000
	switch {
	case len(m.Text) > 0:
		t.text(jsonlit.Inner(m.Text))
	case len(m.MIME) > 5 && m.MIME[:5] == "text/":
		t.milli += int64(len(m.Data)) * 3 / 4 * milliASCII
	default:
		t.media += max(perPage, int64(len(m.Data))*perPage/pageBytes)
	}
}
