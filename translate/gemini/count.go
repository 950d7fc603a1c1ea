package gemini

import (
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// DecodeCount reads a CountTokensResponse.
func (Dialect) DecodeCount(body []byte) (int64, error) {
	if jsonlit.Valid(body) {
		if e := jsonlit.Get(body, "error"); !jsonlit.Null(e) {
			return 0, errorObject(0, e)
		}
		if _, n, err := integer("totalTokens", camelGet(body, "totalTokens")); err == nil && n >= 0 {
			return n, nil
		}
	}
	return 0, &translate.Error{Kind: translate.Upstream, Message: "the upstream's token count cannot be read"}
}

// AppendCount writes a CountTokensResponse.
func (Dialect) AppendCount(dst []byte, tokens int64) []byte {
	w := jsonlit.NewWriter(dst)
	w.Object()
	w.IntField("totalTokens", tokens)
	w.EndObject()
	return w.Bytes()
}
