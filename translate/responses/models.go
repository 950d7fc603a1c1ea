package responses

import (
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/openai"
)

// DecodeModels reads OpenAI's model list.
func (Dialect) DecodeModels(body []byte) ([]translate.Model, string, error) {
	return openai.DecodeModels(body)
}

// AppendModels writes OpenAI's model list.
func (Dialect) AppendModels(dst []byte, models []translate.Model, page translate.Page) []byte {
	return openai.AppendModels(dst, models, page)
}

// AppendModel writes one entry of OpenAI's model list.
func (Dialect) AppendModel(dst []byte, m translate.Model) []byte {
	return openai.AppendModel(dst, m)
}
