// Package capability holds what is known of models: which settings they take
// and which they answer with an error. It is data, by family and version, so
// that a version that came out after this was written gets the facts of the
// newest one known of its family.
package capability

import (
	"strings"

	"github.com/fairway-gateway/fairway/translate"
)

// Lookup returns what a model takes. The name may carry a provider's prefix
// ("anthropic/claude-opus-5", "models/gemini-3-pro", "us.anthropic.claude-…"),
// a date ("-20251101", "@20251101") and a variant behind a colon (":free").
// Of a model that no family claims nothing is known: the zero value.
func Lookup(model string) translate.Capabilities {
	if f, n, ok := find(model); ok {
		return f.facts(n)
	}
	return translate.Capabilities{}
}

// Tokenizer returns how a model counts its input. A model that no family
// claims counts like the average: the zero value.
func Tokenizer(model string) translate.Tokenizer {
	f, n, ok := find(model)
	switch {
	case !ok:
		return translate.Tokenizer{}
	case f.counts == nil:
		return translate.Tokenizer{Family: f.prefix}
	}
	return f.counts(n)
}

// find returns the family that claims a model, and the rest of its name.
func find(model string) (family, name, bool) {
	own := base(model)
	for _, f := range families() {
		rest, found := strings.CutPrefix(own, f.prefix)
		if !found || f.word && rest != "" && isLetter(rest[0]) {
			continue
		}
		return f, parse(rest), true
	}
	return family{}, name{}, false
}

// base strips what providers put around a model's own name.
func base(model string) string {
	s := strings.ToLower(model)
	s = s[strings.LastIndexByte(s, '/')+1:]
	if i := strings.Index(s, "anthropic."); i >= 0 {
		s = s[i+len("anthropic."):]
	}
	if i := strings.IndexAny(s, "@:"); i >= 0 {
		s = s[:i]
	}
	return s
}

// name is the part of a model's name behind its family's prefix, taken apart.
type name struct {
	words []string // "opus", "mini", "latest"
	// major and minor are the first two numbers of at most two digits; dates are
	// longer. A name without a number stands for the newest of its kind.
	major, minor int
}

// newest is the major version of names that tell none.
const newest = 1 << 30

func parse(rest string) name {
	n := name{major: -1, minor: -1}
	dated := false // the numbers behind a year are its month and day
	for _, token := range strings.FieldsFunc(rest, func(r rune) bool { return r == '-' || r == '.' || r == '_' }) {
		number, digits := 0, 0
		for digits < len(token) && token[digits] >= '0' && token[digits] <= '9' && digits < 9 {
			number = number*10 + int(token[digits]-'0')
			digits++
		}
		switch {
		case digits == 0:
			n.words = append(n.words, token)
		case digits < len(token) && n.major < 0:
			// "4o": the number counts, and what clings to it is a word.
			n.major = number
			n.words = append(n.words, token)
		case digits < len(token) || digits > 2:
			n.words = append(n.words, token)
			dated = dated || digits == len(token)
		case dated:
		case n.major < 0:
			n.major = number
		case n.minor < 0:
			n.minor = number
		}
	}
	if n.major < 0 {
		n.major = newest
	}
	n.minor = max(n.minor, 0)
	return n
}

// from reports whether the version is major.minor or newer.
func (n name) from(major, minor int) bool {
	return n.major > major || n.major == major && n.minor >= minor
}

// is reports whether the name has one of the words.
func (n name) is(words ...string) bool {
	for _, have := range n.words {
		for _, w := range words {
			if have == w {
				return true
			}
		}
	}
	return false
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' }
