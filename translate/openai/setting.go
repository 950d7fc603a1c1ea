package openai

import (
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// Setting reads one of the top-level members that Chat and Completions have in
// common (openai-go's ChatCompletionNewParams and CompletionNewParams) into r.
// It reports whether name is one of them. null counts as absent, as the SDKs of
// dynamic languages send it. Ranges are left to the upstream to judge, for they
// differ by model.
func Setting(r *translate.Request, name string, v jsonlit.Value) (known bool, err error) {
	switch name {
	case "model":
		r.Model, err = String(name, v)
	case "stream":
		var t translate.Tri
		t, err = Bool(name, v)
		r.Stream = t == translate.True
	case "stream_options":
		if err = Object(name, v); err == nil {
			var t translate.Tri
			t, err = Bool("stream_options.include_usage", jsonlit.Get(v, "include_usage"))
			r.Usage = t == translate.True
		}
	case "temperature":
		r.Temperature, err = Number(name, v)
	case "top_p":
		r.TopP, err = Number(name, v)
	case "frequency_penalty":
		r.FrequencyPenalty, err = Number(name, v)
	case "presence_penalty":
		r.PresencePenalty, err = Number(name, v)
	case "seed":
		r.Seed, err = Integer(name, v)
	case "stop":
		r.Stop, err = stops(v)
	case "n":
		r.N, err = Count(name, v, 1, 128)
	case "user":
		if len(r.User) == 0 {
			r.User, err = Literal(name, v)
		}
	default:
		return false, nil
	}
	return true, err
}

// stops reads a string or a list of strings. OpenAI takes four of them; how
// many an upstream takes is its encoder's business.
func stops(v jsonlit.Value) ([]jsonlit.Value, error) {
	switch {
	case jsonlit.Null(v):
		return nil, nil
	case jsonlit.IsString(v):
		return []jsonlit.Value{v}, nil
	case !jsonlit.IsArray(v):
		return nil, translate.BadRequest("stop", "must be a string or an array of strings")
	}
	var list []jsonlit.Value
	for s := range jsonlit.Elements(v) {
		if !jsonlit.IsString(s) {
			return nil, translate.BadRequest("stop", "must be a string or an array of strings")
		}
		list = append(list, s)
	}
	return list, nil
}

// Number returns a member that must be a number; nil when it is null.
func Number(param string, v jsonlit.Value) (jsonlit.Value, error) {
	if jsonlit.Null(v) {
		return nil, nil
	}
	if v.Kind() != '0' {
		return nil, translate.BadRequest(param, "must be a number")
	}
	return v, nil
}

// Integer returns a member that must be an integer; nil when it is null.
func Integer(param string, v jsonlit.Value) (jsonlit.Value, error) {
	if jsonlit.Null(v) {
		return nil, nil
	}
	if _, ok := jsonlit.Int(v); !ok {
		return nil, translate.BadRequest(param, "must be an integer")
	}
	return v, nil
}

// Positive returns a member that must be an integer of at least 1, such as a
// limit of tokens; nil when it is null.
func Positive(param string, v jsonlit.Value) (jsonlit.Value, error) {
	if jsonlit.Null(v) {
		return nil, nil
	}
	if n, ok := jsonlit.Int(v); !ok || n < 1 {
		return nil, translate.BadRequest(param, "must be an integer of at least 1")
	}
	return v, nil
}

// Count returns a member that must be an integer from low to high; 0 when it
// is null.
func Count(param string, v jsonlit.Value, low, high int64) (int, error) {
	if jsonlit.Null(v) {
		return 0, nil
	}
	n, ok := jsonlit.Int(v)
	if !ok || n < low || n > high {
		return 0, translate.BadRequest(param, "must be an integer from %d to %d", low, high)
	}
	return int(n), nil
}

// Bool returns a member that must be true or false; Unset when it is null.
func Bool(param string, v jsonlit.Value) (translate.Tri, error) {
	t := translate.TriOf(v)
	if t == translate.Unset && !jsonlit.Null(v) {
		return t, translate.BadRequest(param, "must be true or false")
	}
	return t, nil
}

// Literal returns a member that must be a string as it was written; nil when it
// is null.
func Literal(param string, v jsonlit.Value) (jsonlit.Value, error) {
	if jsonlit.Null(v) {
		return nil, nil
	}
	if !jsonlit.IsString(v) {
		return nil, translate.BadRequest(param, "must be a string")
	}
	return v, nil
}

// String returns a member that must be a string, unquoted; "" when it is null.
func String(param string, v jsonlit.Value) (string, error) {
	v, err := Literal(param, v)
	return jsonlit.Str(v), err
}

// Object refuses a member that is neither an object nor null.
func Object(param string, v jsonlit.Value) error {
	if !jsonlit.Null(v) && !jsonlit.IsObject(v) {
		return translate.BadRequest(param, "must be an object")
	}
	return nil
}
