package openai

import (
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/schema"
)

// Format returns the format of the answer with strict said. Anthropic and
// Google always hold the model to a schema; OpenAI does under strict only,
// which takes no more than a part of JSON Schema. A schema that it does not take
// is sent as a wish, and noted.
func Format(r *translate.Request, losses *translate.Losses) translate.Format {
	f := r.Format
	if f.Kind != translate.FormatSchema || f.Strict != translate.Unset || r.Dialect != translate.Messages && r.Dialect != translate.Gemini {
		return f
	}
	if schema.FitsStrict(f.Schema) {
		f.Strict = translate.True
	} else {
		losses.Note("format_schema", translate.Approximated)
	}
	return f
}
