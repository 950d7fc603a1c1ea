package chat

import (
	"slices"
	"strings"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
	"github.com/fairway-gateway/fairway/translate/openai"
)

// oneOf reads a string member that must be one of words; "" when it is null.
func oneOf(param string, v jsonlit.Value, words ...string) (string, error) {
	s, err := openai.String(param, v)
	if err != nil || jsonlit.Null(v) {
		return "", err
	}
	if !slices.Contains(words, s) {
		return "", translate.BadRequest(param, "must be one of %s", strings.Join(words, ", "))
	}
	return s, nil
}
