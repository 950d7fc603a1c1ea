package gemini

import (
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// contents reads the conversation. A role may be missing, which means user, or
// "function", which older libraries give the turns with results.
func (d *requestDecoder) contents(v jsonlit.Value) error {
	for i, content := range items(v) {
		if err := d.content(content, i); err != nil {
			return at(err, "contents", i)
		}
	}
	return nil
}

func (d *requestDecoder) content(v jsonlit.Value, turn int) error {
	if err := wantObject("", v); err != nil {
		return err
	}
	role := translate.UserRole
	var parts jsonlit.Value
	for k, v := range jsonlit.Fields(v) {
		switch string(k) {
		case "role":
			if jsonlit.Null(v) {
				continue
			}
			name, err := enum("role", v)
			if err != nil {
				return err
			}
			switch name {
			case "", "USER", "FUNCTION":
			case "MODEL":
				role = translate.AssistantRole
			case "SYSTEM":
				return translate.BadRequest("role", `must be "user" or "model"; instructions belong in systemInstruction`)
			default:
				return translate.BadRequest("role", `must be "user" or "model"`)
			}
		case "parts":
			parts = v
		}
	}
	if role == translate.AssistantRole {
		if d.answered {
			d.waiting, d.answered = d.waiting[:0], false
		}
	} else {
		d.answered = true
	}
	start, given := len(d.parts), 0
	for i, p := range items(parts) {
		given++
		if err := d.part(p, role, turn, i); err != nil {
			return at(err, "parts", i)
		}
	}
	if given == 0 && role == translate.UserRole {
		return translate.BadRequest("parts", "must hold at least one part")
	}
	// A model turn may be empty: clients record answers that were.
	if end := len(d.parts); end > start {
		d.r.Turns = append(d.r.Turns, translate.Turn{Role: role, Parts: d.parts[start:end:end]})
	}
	return nil
}

// dataMember reports whether a part's member is one of those of which it holds
// exactly one (the data field of genai.Part).
func dataMember(name string) bool {
	switch name {
	case "text", "inlineData", "fileData", "functionCall", "functionResponse",
		"executableCode", "codeExecutionResult", "toolCall", "toolResponse", "audioTranscription":
		return true
	}
	return false
}

const partMembers = "text, inlineData, fileData, functionCall, functionResponse"

// part reads one part and appends it to d.parts. Code that Google ran is told as
// text; what else a server-side tool of Google's wrote into the history is left
// out and named in Extra: no other vendor can go on from it.
func (d *requestDecoder) part(v jsonlit.Value, role translate.Role, turn, index int) error {
	if jsonlit.IsString(v) {
		d.parts = append(d.parts, translate.Part{Kind: translate.Text, Text: v})
		return nil
	}
	if err := wantObject("", v); err != nil {
		return err
	}
	var (
		data, unknown string
		value         jsonlit.Value
		p             translate.Part
		thought       bool
		err           error
	)
	for k, v := range jsonlit.Fields(v) {
		if jsonlit.Null(v) {
			continue
		}
		switch name := string(member(k)); {
		case name == "thought":
			if thought, err = boolean("thought", v); err != nil {
				return err
			}
		case name == "thoughtSignature":
			if err := wantString(name, v); err != nil {
				return err
			}
			p.Signature = v
		case dataMember(name):
			if data != "" && data != name {
				return translate.BadRequest("", "must hold one of %s and %s, not both", data, name)
			}
			data, value = name, v
		case modifier(name):
		default:
			unknown = name
		}
	}
	switch data {
	case "":
		if unknown != "" {
			return translate.BadRequest(unknown, "is no known part: it must be one of %s", partMembers)
		}
		// Libraries that leave out empty strings send an empty text this way.
		data, value = "text", jsonlit.Value(`""`)
	case "inlineData":
		p.Media, err = inlineData(value)
	case "fileData":
		p.Media, err = fileData(value)
	case "functionCall":
		if role != translate.AssistantRole {
			return translate.BadRequest(data, `belongs in a turn of role "model"`)
		}
		p.Kind = translate.ToolCall
		p.Call, err = d.call(value, turn, index)
	case "functionResponse":
		if role != translate.UserRole {
			return translate.BadRequest(data, `belongs in a turn of role "user"`)
		}
		p.Kind = translate.ToolResult
		if p.Result, err = d.result(value); p.Result == nil && err == nil {
			return nil
		}
	case "text":
	case "executableCode":
		data, value = "text", fencedCode(value)
	case "codeExecutionResult":
		data, value = "text", fencedOutput(value)
	default:
		d.extra(data, value)
		return nil
	}
	if err != nil {
		return inside(err, data)
	}
	switch {
	case data == "text":
		if err := wantString("text", value); err != nil {
			return err
		}
		p.Text = value
		if thought {
			p.Kind = translate.Thinking
		}
	case p.Media != nil:
		p.Kind = mediaKind(p.Media)
	}
	d.parts = append(d.parts, p)
	return nil
}

// modifier reports whether a member only says how a part is to be taken.
func modifier(name string) bool {
	switch name {
	case "videoMetadata", "mediaResolution", "mediaProcessing", "partMetadata", "speechMetadata":
		return true
	}
	return false
}
