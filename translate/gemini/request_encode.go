package gemini

import (
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// AppendRequest writes a GenerateContentRequest, for CountTokens inside a
// CountTokensRequest. The conversation comes last, so that the body of a longer
// one begins with the same bytes.
func (Dialect) AppendRequest(dst []byte, r *translate.Request, t translate.Target) ([]byte, error) {
	e := requestEncoder{r: r, t: t, w: jsonlit.NewWriter(dst)}
	e.w.Object()
	if r.Operation == translate.CountTokens {
		e.w.Key("generateContentRequest")
		e.w.Object()
		e.w.StringField("model", "models/"+bareModel(t.Model))
	}
	e.system()
	e.tools()
	e.generationConfig()
	if r.Operation == translate.Generate {
		e.tier()
	}
	if err := e.contents(); err != nil {
		return dst, err
	}
	if r.Operation == translate.CountTokens {
		e.w.EndObject()
	}
	e.w.EndObject()
	return e.w.Bytes(), nil
}

// tier writes serviceTier for the tiers that Google has too.
func (e *requestEncoder) tier() {
	switch tier := e.r.Tier; tier {
	case "flex", "priority":
		e.w.StringField("serviceTier", tier)
	case "", "auto", "default", "standard":
	default:
		e.t.Losses.Note("service_tier", translate.Dropped)
	}
}

type requestEncoder struct {
	r *translate.Request
	t translate.Target
	w jsonlit.Writer

	open    string // role of the content that is being written, "" for none
	scratch []byte
}

// system writes systemInstruction, unless it is all that there is to say:
// Gemini takes no request without contents, and then it becomes these.
func (e *requestEncoder) system() {
	if len(e.r.Turns) == 0 || !anyText(e.r.System) {
		return
	}
	e.w.Key("systemInstruction")
	e.w.Object()
	e.w.Key("parts")
	e.w.Array()
	e.systemParts()
	e.w.EndArray()
	e.w.EndObject()
}

func (e *requestEncoder) systemParts() {
	for i := range e.r.System {
		if p := &e.r.System[i]; p.Kind == translate.Text && len(p.Text) > 2 {
			e.w.Object()
			e.w.Field("text", p.Text)
			e.w.EndObject()
		}
	}
}

func anyText(parts []translate.Part) bool {
	for i := range parts {
		if parts[i].Kind == translate.Text && len(parts[i].Text) > 2 {
			return true
		}
	}
	return false
}
