package openai

import "github.com/fairway-gateway/fairway/translate"

// Dialect is what OpenAI's three dialects have in common; each of them embeds
// it.
type Dialect struct{}

// DecodeError reads an upstream's error envelope; see the function.
func (Dialect) DecodeError(status int, body []byte) *translate.Error {
	return DecodeError(status, body)
}

// AppendError writes the error envelope; see the function.
func (Dialect) AppendError(dst []byte, e *translate.Error) (int, []byte) { return AppendError(dst, e) }

// DecodeModels reads a model list, which OpenAI sends in one page.
func (Dialect) DecodeModels(body []byte) ([]translate.Model, string, error) {
	return DecodeModels(body)
}

// AppendModels writes the model list, in one page.
func (Dialect) AppendModels(dst []byte, models []translate.Model, page translate.Page) []byte {
	return AppendModels(dst, models, page)
}

// AppendModel writes one model.
func (Dialect) AppendModel(dst []byte, m translate.Model) []byte { return AppendModel(dst, m) }

// DecodeCount reads what Responses answers to a count; the other two have no
// endpoint that counts.
func (Dialect) DecodeCount(body []byte) (int64, error) { return DecodeCount(body) }

// AppendCount writes what Responses answers to a count.
func (Dialect) AppendCount(dst []byte, tokens int64) []byte { return AppendCount(dst, tokens) }
