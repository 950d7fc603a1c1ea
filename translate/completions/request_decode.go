package completions

import (
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
	"github.com/fairway-gateway/fairway/translate/openai"
)

// maxPrompts bounds the prompts of a request that is translated: each is asked
// in a request of its own.
const maxPrompts = 32

// DecodeRequest reads a client's body. The prompt is a string or a list of at
// most 32; prompts of token numbers are refused. null counts as absent. Without max_tokens the model's own limit
// holds, not the 16 tokens that OpenAI's endpoint gave.
func (Dialect) DecodeRequest(body []byte, hint translate.Hint) (*translate.Request, error) {
	if !jsonlit.IsObject(body) {
		return nil, translate.BadRequest("", "the body must be a JSON object")
	}
	r := &translate.Request{Dialect: translate.Completions, Operation: hint.Operation}
	var prompt jsonlit.Value
	for name, v := range jsonlit.Fields(body) {
		if string(name) == "prompt" {
			prompt = v
			continue
		}
		if err := member(r, string(name), v); err != nil {
			return nil, err
		}
	}
	if hint.Model != "" {
		r.Model = hint.Model
	}
	r.Stream = r.Stream || hint.Stream
	if r.Model == "" {
		return nil, translate.BadRequest("model", "is required")
	}
	list, err := prompts(prompt)
	if err != nil {
		return nil, err
	}
	if len(list) > 1 {
		r.Prompts = list
	}
	if r.Echo && r.Logprobs {
		return nil, translate.BadRequest("echo", "together with logprobs asks for the probabilities of the prompt, which the account chosen for this model does not tell")
	}
	r.Turns = []translate.Turn{{Role: translate.UserRole, Parts: []translate.Part{{Kind: translate.Text, Text: list[0]}}}}
	return r, translate.Settle(r)
}

func member(r *translate.Request, name string, v jsonlit.Value) (err error) {
	if known, err := openai.Setting(r, name, v); known {
		return err
	}
	switch name {
	case "max_tokens":
		r.MaxOutput, err = openai.Positive(name, v)
	case "logprobs": // the number of the most likely tokens, 0 for the chosen one alone
		r.TopLogprobs, err = openai.Count(name, v, 0, 20)
		r.Logprobs = err == nil && !jsonlit.Null(v)
	case "top_k": // vLLM
		r.TopK, err = openai.Integer(name, v)
	case "echo":
		var t translate.Tri
		t, err = openai.Bool(name, v)
		r.Echo = t == translate.True
	case "best_of":
		var n int
		if n, err = openai.Count(name, v, 1, 128); n > 1 {
			extra(r, name, v)
		}
	case "suffix":
		if v, err = openai.Literal(name, v); len(v) > len(`""`) {
			extra(r, name, v)
		}
	default:
		if !jsonlit.Null(v) {
			extra(r, name, v)
		}
	}
	return err
}

// extra keeps a member that the neutral form has no place for.
func extra(r *translate.Request, name string, v jsonlit.Value) {
	r.Extra = append(r.Extra, translate.Field{Name: name, Value: v})
}

func prompts(v jsonlit.Value) (list []jsonlit.Value, err error) {
	switch {
	case jsonlit.Null(v):
		return nil, translate.BadRequest("prompt", "is required")
	case jsonlit.IsString(v):
		return []jsonlit.Value{v}, nil
	case !jsonlit.IsArray(v):
		return nil, translate.BadRequest("prompt", "must be a string or an array of strings")
	}
	for e := range jsonlit.Elements(v) {
		if !jsonlit.IsString(e) {
			return nil, translate.BadRequest("prompt", "must be text: the token numbers of one model mean nothing to another")
		}
		if list = append(list, e); len(list) > maxPrompts {
			return nil, translate.BadRequest("prompt", "must hold at most %d prompts: each is asked in a request of its own", maxPrompts)
		}
	}
	if len(list) == 0 {
		return nil, translate.BadRequest("prompt", "must hold at least one prompt")
	}
	return list, nil
}
