package exchange

import (
	"sync"

	"github.com/fairway-gateway/fairway/translate"
)

// calibration is how many tokens the families of models make of what is
// estimated as one, learnt from what upstreams report. It holds a number per
// family that package capability knows, and one for all other models. The
// tokenizers that it is given are that package's, their factors not 0.
type calibration struct {
	mu      sync.RWMutex
	factors map[string]float64
}

const (
	// learnWeight is the share of a new reading in the running mean.
	learnWeight = 1.0 / 16
	// learnLeast is the extent in tokens below which what vendors add to every
	// request would weigh too much.
	learnLeast = 256
	// learnRange is by how much, up or down, a reading may differ from what is
	// known of the family; beyond it, it is another thing that was counted.
	learnRange = 3
)

// tokenizer returns how a family counts, as far as it is known by now.
func (c *calibration) tokenizer(t translate.Tokenizer) translate.Tokenizer {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if learnt, ok := c.factors[t.Family]; ok {
		t.Factor = learnt
	}
	return t
}

// learn takes the input tokens that an upstream reports for a request of some
// extent. Requests with media teach nothing: their part is not known.
func (c *calibration) learn(t translate.Tokenizer, e translate.Extent, input int64) {
	if e.Media > 0 || e.Text < learnLeast || input <= 0 {
		return
	}
	reading := float64(input) / float64(e.Text)
	if reading > t.Factor*learnRange || reading < t.Factor/learnRange {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.factors == nil {
		c.factors = make(map[string]float64)
	}
	factor, ok := c.factors[t.Family]
	if !ok {
		factor = t.Factor
	}
	c.factors[t.Family] = factor + (reading-factor)*learnWeight
}
