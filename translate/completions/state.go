package completions

import "github.com/fairway-gateway/fairway/translate"

// EditState finds nothing: prompts hold no reasoning.
func (Dialect) EditState([]byte, func(translate.Value) translate.Value) []translate.Edit { return nil }
