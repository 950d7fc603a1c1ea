package chat

import (
	"slices"
	"strings"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
	"github.com/fairway-gateway/fairway/translate/openai"
)

// path names a member of the value at hand, for an error: ".id" may give
// "messages[2].tool_calls[0].id". Paths are put together only when something is
// wrong there.
type path func(member string) string

// str reads a string member, "" when it is null.
func (at path) str(member string, v jsonlit.Value) (string, error) {
	if !jsonlit.Null(v) && !jsonlit.IsString(v) {
		return "", translate.BadRequest(at(member), "must be a string")
	}
	return jsonlit.Str(v), nil
}

// literal reads a string member as it was written, nil when it is null.
func (at path) literal(member string, v jsonlit.Value) (jsonlit.Value, error) {
	if jsonlit.Null(v) {
		return nil, nil
	}
	if !jsonlit.IsString(v) {
		return nil, translate.BadRequest(at(member), "must be a string")
	}
	return v, nil
}

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
