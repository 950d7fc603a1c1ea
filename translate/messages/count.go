package messages

import (
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// DecodeCount reads the answer of POST /v1/messages/count_tokens
// (anthropic-sdk-go's MessageTokensCount).
func (Dialect) DecodeCount(body []byte) (int64, error) {
	if jsonlit.Valid(body) {
		if n, ok := jsonlit.Int(jsonlit.Get(body, "input_tokens")); ok && n >= 0 {
			return n, nil
		}
	}
	return 0, &translate.Error{Kind: translate.Upstream, Message: "the upstream's answer is no token count"}
}

// AppendCount writes that answer.
func (Dialect) AppendCount(dst []byte, tokens int64) []byte {
	w := jsonlit.NewWriter(dst[len(dst):])
	w.Object()
	w.IntField("input_tokens", tokens)
	w.EndObject()
	return append(dst, w.Bytes()...)
}
