package openai

import (
	"strconv"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// DecodeCount reads the answer of POST /responses/input_tokens (openai-go's
// responses.InputTokenCountResponse).
func DecodeCount(body []byte) (int64, error) {
	if jsonlit.Valid(body) {
		if n, ok := jsonlit.Int(jsonlit.Get(body, "input_tokens")); ok && n >= 0 {
			return n, nil
		}
	}
	return 0, &translate.Error{Kind: translate.Upstream, Message: "the upstream's answer holds no token count"}
}

// AppendCount appends the answer of a token count.
func AppendCount(dst []byte, tokens int64) []byte {
	dst = append(dst, `{"object":"response.input_tokens","input_tokens":`...)
	return append(strconv.AppendInt(dst, tokens, 10), '}')
}
