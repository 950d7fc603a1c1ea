package responses

import (
	"strconv"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// DecodeCount reads the answer of POST /responses/input_tokens
// (openai-go's responses.InputTokenCountResponse).
func (Dialect) DecodeCount(body []byte) (int64, error) {
	if !jsonlit.Valid(body) {
		return 0, notJSON()
	}
	n, ok := jsonlit.Int(jsonlit.Get(body, "input_tokens"))
	if !ok || n < 0 {
		return 0, &translate.Error{Kind: translate.Upstream, Message: "the upstream's token count holds no input_tokens"}
	}
	return n, nil
}

// AppendCount writes the answer of POST /responses/input_tokens.
func (Dialect) AppendCount(dst []byte, tokens int64) []byte {
	dst = append(dst, `{"object":"response.input_tokens","input_tokens":`...)
	dst = strconv.AppendInt(dst, tokens, 10)
	return append(dst, '}')
}
