package translate_test

import (
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/chat"
	"github.com/fairway-gateway/fairway/translate/completions"
	"github.com/fairway-gateway/fairway/translate/gemini"
	"github.com/fairway-gateway/fairway/translate/messages"
	"github.com/fairway-gateway/fairway/translate/responses"
)

// dialects is every dialect. The tests of this package hold each of them, as
// the client's, against each, as the upstream's.
func dialects() []translate.Dialect {
	return []translate.Dialect{chat.New(), completions.New(), responses.New(), messages.New(), gemini.New()}
}
