package completions

import (
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
	"github.com/fairway-gateway/fairway/translate/openai"
)

// AppendRequest writes a conversation that is a single prompt: the instructions
// and the text of one user turn, an empty line between them, later instructions
// in <system> tags. A conversation with an assistant's turn or with several
// user turns is refused: how to write one down as a prompt depends on the
// model's own template, which only its server knows.
func (Dialect) AppendRequest(dst []byte, r *translate.Request, t translate.Target) ([]byte, error) {
	prompt, err := promptOf(r)
	if err != nil {
		return nil, err
	}
	w := jsonlit.NewWriter(append(dst, '{'))
	w.StringField("model", t.Model)
	w.Key("prompt")
	w.Fragment(prompt...)
	w.Field("max_tokens", r.MaxOutput)
	openai.WriteSettings(&w, r, t)
	if r.Logprobs {
		w.IntField("logprobs", int64(min(r.TopLogprobs, 5)))
		if r.TopLogprobs > 5 {
			t.Losses.Note("logprobs", translate.Approximated)
		}
	}
	w.EndObject()
	return w.Bytes(), nil
}

func promptOf(r *translate.Request) (pieces [][]byte, err error) {
	join := func(before string, text jsonlit.Value, after string) {
		if len(pieces) > 0 {
			pieces = append(pieces, []byte(`\n\n`))
		}
		pieces = append(pieces, []byte(before), jsonlit.Inner(text), []byte(after))
	}
	for i := range r.System {
		join("", r.System[i].Text, "")
	}
	users := 0
	for i := range r.Turns {
		turn := &r.Turns[i]
		before, after := "", ""
		switch turn.Role {
		case translate.SystemRole:
			before, after = `<system>`, `</system>`
		case translate.UserRole:
			users++
		}
		if turn.Role == translate.AssistantRole || users > 1 {
			return nil, translate.BadRequest(turns(r.Dialect), "the account chosen for this model takes a single prompt (legacy Completions), not a conversation of several turns")
		}
		for j := range turn.Parts {
			p := &turn.Parts[j]
			if p.Kind != translate.Text {
				return nil, translate.BadRequest(turns(r.Dialect), "the account chosen for this model takes text only (legacy Completions), no %s", p.Kind)
			}
			join(before, p.Text, after)
		}
	}
	return pieces, nil
}

// turns is the client's own name for the conversation.
func turns(client translate.Name) string {
	switch client {
	case translate.Completions:
		return "prompt"
	case translate.Responses:
		return "input"
	case translate.Gemini:
		return "contents"
	}
	return "messages"
}
