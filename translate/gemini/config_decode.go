package gemini

import (
	"strings"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// generationConfig reads a genai.GenerationConfig.
func (d *requestDecoder) generationConfig(v jsonlit.Value) error {
	if err := wantObject("", v); err != nil {
		return err
	}
	r := d.r
	var f format
	var topLogprobs int64
	for k, v := range jsonlit.Fields(v) {
		if jsonlit.Null(v) {
			continue
		}
		var err error
		switch name := string(member(k)); name {
		case "temperature":
			r.Temperature, err = number(name, v)
		case "topP":
			r.TopP, err = number(name, v)
		case "topK":
			r.TopK, _, err = integer(name, v)
		case "frequencyPenalty":
			r.FrequencyPenalty, err = number(name, v)
		case "presencePenalty":
			r.PresencePenalty, err = number(name, v)
		case "seed":
			r.Seed, _, err = integer(name, v)
		case "maxOutputTokens":
			err = d.maxOutput(name, v)
		case "candidateCount":
			var n int64
			if _, n, err = integer(name, v); err == nil && (n < 0 || n > 64) {
				err = translate.BadRequest(name, "must be between 1 and 64")
			}
			r.N = int(n)
		case "stopSequences":
			for i, s := range items(v) {
				if err = wantString("", s); err != nil {
					err = at(err, name, i)
					break
				}
				r.Stop = append(r.Stop, s)
			}
		case "responseLogprobs":
			r.Logprobs, err = boolean(name, v)
		case "logprobs":
			if _, topLogprobs, err = integer(name, v); err == nil && (topLogprobs < 0 || topLogprobs > 20) {
				err = translate.BadRequest(name, "must be between 0 and 20")
			}
		case "responseMimeType":
			if err = wantString(name, v); err == nil {
				f.mime, f.mimeValue = jsonlit.Str(v), v
			}
		case "responseSchema":
			if err = wantObject(name, v); err == nil {
				f.older = v
			}
		case "responseJsonSchema", "_responseJsonSchema":
			if err = wantObject(name, v); err == nil {
				f.schema = v
			}
		case "responseFormat":
			f.responseFormat = v
		case "responseModalities":
			if !onlyText(v) {
				d.extra("generationConfig."+name, v)
			}
		case "thinkingConfig":
			err = inside(d.thinking(v), name)
		default:
			d.extra("generationConfig."+name, v)
		}
		if err != nil {
			return err
		}
	}
	if r.Logprobs {
		r.TopLogprobs = int(topLogprobs)
	}
	d.format(f)
	return nil
}

// maxOutput reads the output limit, of which Google takes 0 for none.
func (d *requestDecoder) maxOutput(name string, v jsonlit.Value) error {
	lit, n, err := integer(name, v)
	switch {
	case err != nil:
		return err
	case n < 0:
		return translate.BadRequest(name, "must not be negative")
	case n > 0:
		d.r.MaxOutput = lit
	}
	return nil
}

func onlyText(v jsonlit.Value) bool {
	for _, m := range items(v) {
		if !strings.EqualFold(jsonlit.Str(m), "TEXT") {
			return false
		}
	}
	return true
}

// format is what generationConfig says of the answer's form, in its three ways.
type format struct {
	mime           string
	mimeValue      jsonlit.Value
	older, schema  jsonlit.Value // responseSchema, responseJsonSchema
	responseFormat jsonlit.Value
}

func (d *requestDecoder) format(f format) {
	if text := responseText(f.responseFormat); text != nil {
		f.mime = strings.ToLower(strings.ReplaceAll(jsonlit.Str(camelGet(text, "mimeType")), "_", "/"))
		f.mimeValue = camelGet(text, "mimeType")
		f.schema = camelGet(text, "schema")
	} else if f.responseFormat != nil {
		d.extra("generationConfig.responseFormat", f.responseFormat)
	}
	schema := f.schema
	if !jsonlit.IsObject(schema) {
		schema = f.older
	}
	switch strings.ToLower(f.mime) {
	case "application/json", "":
		switch {
		case jsonlit.IsObject(schema):
			d.r.Format = translate.Format{Kind: translate.FormatSchema, Schema: jsonSchema(schema)}
		case f.mime != "":
			d.r.Format.Kind = translate.FormatJSON
		}
	case "text/plain":
	default:
		d.extra("generationConfig.responseMimeType", f.mimeValue)
	}
}

// responseText finds the form of the text in responseFormat, which is one
// genai.ResponseFormat or a list with one for each modality.
func responseText(v jsonlit.Value) (text jsonlit.Value) {
	for _, f := range items(v) {
		if t := camelGet(f, "text"); jsonlit.IsObject(t) && text == nil {
			text = t
		}
	}
	return text
}

// camelGet returns a member in either spelling, or nil.
func camelGet(v jsonlit.Value, name string) jsonlit.Value {
	for k, val := range jsonlit.Fields(v) {
		if string(member(k)) == name {
			return val
		}
	}
	return nil
}

// thinking reads a genai.ThinkingConfig. A budget of 0 turns thinking off, -1
// leaves its length to the model. A level goes before a budget.
func (d *requestDecoder) thinking(v jsonlit.Value) error {
	if err := wantObject("", v); err != nil {
		return err
	}
	t := &d.r.Reasoning
	for k, v := range jsonlit.Fields(v) {
		if jsonlit.Null(v) {
			continue
		}
		switch name := string(member(k)); name {
		case "includeThoughts":
			if _, err := boolean(name, v); err != nil {
				return err
			}
			t.Show = translate.TriOf(v)
		case "thinkingBudget":
			_, n, err := integer(name, v)
			switch {
			case err != nil:
				return err
			case t.Mode == translate.ReasonEffort:
			case n == 0:
				t.Mode = translate.ReasonOff
			case n == -1:
				t.Mode = translate.ReasonAdaptive
			case n < 0:
				return translate.BadRequest(name, "must be a number of tokens, 0 for no thinking or -1 for the model's choice")
			default:
				t.Mode, t.Budget = translate.ReasonBudget, n
			}
		case "thinkingLevel":
			level, err := enum(name, v)
			if err != nil {
				return err
			}
			switch level {
			case "", "THINKING_LEVEL_UNSPECIFIED":
			case "MINIMAL", "LOW", "MEDIUM", "HIGH":
				t.Mode, t.Effort, t.Budget = translate.ReasonEffort, strings.ToLower(level), 0
			default:
				return translate.BadRequest(name, "must be MINIMAL, LOW, MEDIUM or HIGH")
			}
		}
	}
	return nil
}
