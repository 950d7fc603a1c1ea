package responses

import (
	"strconv"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// The functions here read a member of one type and blame its name when it is
// of another.

func boolean(name string, v value) (bool, error) {
	if k := v.Kind(); k != 't' && k != 'f' {
		return false, translate.BadRequest(name, "must be true or false")
	}
	return jsonlit.True(v), nil
}

func number(name string, v value, to *value) error {
	if v.Kind() != '0' {
		return translate.BadRequest(name, "must be a number")
	}
	*to = v
	return nil
}

func integer(name string, v value, to *value) error {
	if n, ok := jsonlit.Int(v); !ok || n < 0 {
		return translate.BadRequest(name, "must be a whole number, not negative")
	}
	*to = v
	return nil
}

func literal(name string, v value, to *value) error {
	if !jsonlit.IsString(v) {
		return translate.BadRequest(name, "must be a string")
	}
	*to = v
	return nil
}

func text(name string, v value, to *string) error {
	if !jsonlit.IsString(v) {
		return translate.BadRequest(name, "must be a string")
	}
	*to = jsonlit.Str(v)
	return nil
}

func choose(name string, v value, to *string, allowed ...string) error {
	s := jsonlit.Str(v)
	for _, a := range allowed {
		if s == a {
			*to = a
			return nil
		}
	}
	list := ""
	for i, a := range allowed {
		if i > 0 {
			list += ", "
		}
		list += strconv.Quote(a)
	}
	return translate.BadRequest(name, "must be one of %s", list)
}
