package exchange

import (
	"sync"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/capability"
)

// lookups keeps what package capability knows of the models in use, which
// takes a while to find out by a name.
type lookups struct {
	mu     sync.RWMutex
	models map[string]known
}

// known is what a model's name tells.
type known struct {
	takes  translate.Capabilities
	counts translate.Tokenizer
}

// How many models are kept, and how long their names may be: clients make up
// names as they please.
const (
	keptModels   = 1024
	keptNameSize = 128
)

func (k *lookups) of(model string) known {
	k.mu.RLock()
	found, ok := k.models[model]
	k.mu.RUnlock()
	if ok {
		return found
	}
	found = known{capability.Lookup(model), capability.Tokenizer(model)}
	if found.counts.Factor == 0 {
		found.counts.Factor = 1
	}
	if len(model) > keptNameSize {
		return found
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.models == nil || len(k.models) >= keptModels {
		k.models = make(map[string]known)
	}
	k.models[model] = found
	return found
}
