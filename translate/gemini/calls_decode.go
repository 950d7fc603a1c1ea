package gemini

import (
	"slices"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// call reads a genai.FunctionCall. Many clients send no id, and some the same
// one twice: such a call gets one made of its place in the conversation.
func (d *requestDecoder) call(v jsonlit.Value, turn, index int) (*translate.Call, error) {
	if err := wantObject("", v); err != nil {
		return nil, err
	}
	c := new(translate.Call)
	for k, v := range jsonlit.Fields(v) {
		if jsonlit.Null(v) {
			continue
		}
		var err error
		switch string(k) {
		case "id":
			if err = wantString("id", v); err == nil {
				c.ID = jsonlit.Str(v)
			}
		case "name":
			if err = wantString("name", v); err == nil {
				c.Name = jsonlit.Str(v)
			}
		case "args":
			if err = wantObject("args", v); err == nil {
				c.Object = v
			}
		}
		if err != nil {
			return nil, err
		}
	}
	if c.Name == "" {
		return nil, translate.BadRequest("name", "is required")
	}
	if d.ids == nil {
		d.ids = make(map[string]int)
	}
	given := c.ID
	if _, taken := d.ids[c.ID]; c.ID == "" || taken {
		c.ID = translate.CallID(turn, index, c.Name)
		d.ids[c.ID]++
	}
	if given != "" {
		d.ids[given]++
	}
	d.waiting = append(d.waiting, c)
	return c, nil
}

// result reads a genai.FunctionResponse and finds the call that it answers: by
// id, else the first call of its name that has no result so far. It returns nil
// for a repetition.
func (d *requestDecoder) result(v jsonlit.Value) (*translate.Result, error) {
	if err := wantObject("", v); err != nil {
		return nil, err
	}
	r := new(translate.Result)
	var id string
	for k, v := range jsonlit.Fields(v) {
		if jsonlit.Null(v) {
			continue
		}
		switch string(k) {
		case "id":
			if err := wantString("id", v); err != nil {
				return nil, err
			}
			id = jsonlit.Str(v)
		case "name":
			if err := wantString("name", v); err != nil {
				return nil, err
			}
			r.Name = jsonlit.Str(v)
		case "response":
			var text jsonlit.Value
			if text, r.IsError = resultText(v); text != nil {
				// The text goes before the media, wherever it stands.
				r.Parts = slices.Insert(r.Parts, 0, translate.Part{Kind: translate.Text, Text: text})
			}
		case "parts":
			for i, p := range items(v) {
				part, err := resultMedia(p)
				if err != nil {
					return nil, at(err, "parts", i)
				}
				r.Parts = append(r.Parts, part)
			}
		}
	}
	if r.Name == "" && id == "" {
		return nil, translate.BadRequest("name", "is required")
	}
	i := slices.IndexFunc(d.waiting, func(c *translate.Call) bool { return id != "" && c.ID == id })
	if open, known := d.ids[id]; known && open == 0 {
		return nil, nil // said twice, as Gemini CLI does in a session that it has restored
	}
	if i < 0 {
		i = slices.IndexFunc(d.waiting, func(c *translate.Call) bool { return r.Name != "" && c.Name == r.Name })
	}
	if i < 0 {
		return nil, translate.BadRequest("", "answers no functionCall of the model's turn before it")
	}
	d.ids[id]--
	r.CallID = d.waiting[i].ID
	if r.Name == "" {
		r.Name = d.waiting[i].Name
	}
	d.waiting = slices.Delete(d.waiting, i, i+1)
	return r, nil
}

// resultText returns what a function answered as one string, and whether it is
// an error. Google's convention is an object with the one member output or
// error, its libraries also write result; any other object is given whole.
func resultText(v jsonlit.Value) (text jsonlit.Value, isError bool) {
	if jsonlit.IsObject(v) {
		members := 0
		var name string
		var only jsonlit.Value
		for k, val := range jsonlit.Fields(v) {
			members++
			name, only = string(k), val
		}
		switch {
		case members == 0:
			return nil, false
		case members == 1 && (name == "output" || name == "result"):
			v = only
		case members == 1 && name == "error":
			v, isError = only, true
		}
	}
	if jsonlit.IsString(v) {
		return v, isError
	}
	return jsonlit.AppendQuote(nil, v), isError
}

// resultMedia reads a genai.FunctionResponsePart.
func resultMedia(v jsonlit.Value) (p translate.Part, err error) {
	if err := wantObject("", v); err != nil {
		return p, err
	}
	for k, v := range jsonlit.Fields(v) {
		if jsonlit.Null(v) {
			continue
		}
		switch name := string(member(k)); name {
		case "inlineData":
			p.Media, err = inlineData(v)
		case "fileData":
			p.Media, err = fileData(v)
		case "text":
			return translate.Part{Kind: translate.Text, Text: v}, wantString(name, v)
		default:
			continue
		}
		if err != nil {
			return p, inside(err, string(member(k)))
		}
		p.Kind = mediaKind(p.Media)
		return p, nil
	}
	return p, translate.BadRequest("", "must hold inlineData or fileData")
}
