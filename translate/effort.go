package translate

// Efforts is a set of the words for how much a model shall think.
type Efforts uint8

// The words, from least to most.
const (
	EffortNone Efforts = 1 << iota // "none"
	EffortMinimal
	EffortLow
	EffortMedium
	EffortHigh
	EffortXHigh
	EffortMax
)

func effortWords() [7]string {
	return [...]string{"none", "minimal", "low", "medium", "high", "xhigh", "max"}
}

// ParseEffort returns the set of one word, and false when it is none.
func ParseEffort(word string) (Efforts, bool) {
	for i, w := range effortWords() {
		if w == word {
			return 1 << i, true
		}
	}
	return 0, false
}

// Nearest returns the word of the set that comes nearest to the one that is
// wanted: itself, or the next lower one, or the lowest. Thinking is not turned
// off in place of a word that asks for some. A set that is empty, that is
// unknown, and a word that is none are no reason to change anything.
func (e Efforts) Nearest(word string) string {
	wanted, ok := ParseEffort(word)
	if !ok || e == 0 || e&wanted != 0 {
		return word
	}
	if wanted != EffortNone {
		for lower := wanted >> 1; lower > EffortNone; lower >>= 1 {
			if e&lower != 0 {
				return lower.word()
			}
		}
	}
	for higher := wanted; higher <= EffortMax; higher <<= 1 {
		if e&higher != 0 {
			return higher.word()
		}
	}
	return word
}

// word is the name of a set of one.
func (e Efforts) word() string {
	for i, w := range effortWords() {
		if e == 1<<i {
			return w
		}
	}
	return ""
}
