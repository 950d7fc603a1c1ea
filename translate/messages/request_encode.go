package messages

import (
	"bytes"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
	"github.com/fairway-gateway/fairway/translate/schema"
)

// Output limits in tokens for requests that name none; the API requires one.
const (
	unknownMaxOutput = 8192
	// Answers that are not streamed are kept to what arrives before idle
	// connections are cut.
	wholeMaxOutput = 32_000
)

// AppendRequest writes a body for POST /v1/messages or /v1/messages/count_tokens
// (anthropic-sdk-go's MessageNewParams and MessageCountTokensParams).
func (Dialect) AppendRequest(dst []byte, r *translate.Request, t translate.Target) ([]byte, error) {
	e := requestEncoder{r: r, t: &t, caps: t.Capabilities, w: jsonlit.NewWriter(dst[len(dst):])}
	if err := e.encode(); err != nil {
		return dst, err
	}
	return append(dst, e.w.Bytes()...), nil
}

type requestEncoder struct {
	r       *translate.Request
	t       *translate.Target
	caps    translate.Capabilities
	w       jsonlit.Writer
	scratch []byte

	maxOutput int64
	thinking  thinking
	skipCache int // cache breakpoints still to leave out: only the last four count
}

func (e *requestEncoder) encode() error {
	r, w := e.r, &e.w
	e.limit()
	e.plan()
	e.countBreakpoints()

	w.Object()
	w.StringField("model", e.t.Model)
	generate := r.Operation == translate.Generate
	if generate {
		w.IntField("max_tokens", e.maxOutput)
	}
	// Tools, system and messages in the order in which the prompt is cached.
	e.tools()
	e.toolChoice()
	e.system()
	if err := e.messages(); err != nil {
		return err
	}
	e.thinking.append(w)
	e.outputConfig()
	if generate {
		if e.t.AutoCache && e.skipCache == -maxBreakpoints { // no breakpoint of the client's own
			w.Key("cache_control")
			w.Object()
			w.StringField("type", "ephemeral")
			w.EndObject()
		}
		e.sampling()
		e.stop()
		if u := jsonlit.Inner(r.User); len(u) > maxUserID {
			e.t.Losses.Note("user", translate.Dropped)
		} else if len(u) > 0 {
			w.Key("metadata")
			w.Object()
			w.Field("user_id", r.User)
			w.EndObject()
		}
		if r.Dialect == translate.Messages && r.Tier != "" {
			w.StringField("service_tier", map[bool]string{true: "auto", false: "standard_only"}[r.Tier == "auto"])
		}
		if e.t.Stream {
			w.BoolField("stream", true)
		}
	}
	w.EndObject()
	return nil
}

// maxUserID is the length of metadata.user_id in characters (MetadataParam).
const maxUserID = 512

// limit decides on max_tokens.
func (e *requestEncoder) limit() {
	n, given := jsonlit.Int(e.r.MaxOutput)
	most := e.caps.MaxOutput
	switch {
	case given && n > 0:
		if most > 0 && n > most {
			n = most
			e.t.Losses.Note("max_output_tokens", translate.Approximated)
		}
	case most == 0:
		n = unknownMaxOutput
	case e.t.Stream:
		n = most
	default:
		n = min(most, wholeMaxOutput)
	}
	e.maxOutput = n
}

func (e *requestEncoder) system() {
	any := false
	for i := range e.r.System {
		p := &e.r.System[i]
		if p.Kind != translate.Text || blank(p.Text) {
			continue
		}
		if !any {
			any = true
			e.w.Key("system")
			e.w.Array()
		}
		e.text(p.Text, p.CacheTTL)
	}
	if any {
		e.w.EndArray()
	}
}

func (e *requestEncoder) outputConfig() {
	format := e.r.Format.Kind == translate.FormatSchema
	if e.thinking.effort == "" && !format {
		return
	}
	e.w.Key("output_config")
	e.w.Object()
	if e.thinking.effort != "" {
		e.w.StringField("effort", e.thinking.effort)
	}
	if format {
		e.w.Key("format")
		e.w.Object()
		e.w.StringField("type", "json_schema")
		e.w.Field("schema", e.strictly("format_schema", e.r.Format.Schema))
		e.w.EndObject()
	}
	e.w.EndObject()
}

// strictly fits a schema to what the API binds the model to, and notes when
// that says less than the client's did.
func (e *requestEncoder) strictly(field string, v translate.Value) translate.Value {
	fitted := schema.ForMessagesFormat(v)
	if !bytes.Equal(fitted, v) {
		e.t.Losses.Note(field, translate.Approximated)
	}
	return fitted
}

// sampling writes temperature, top_p and top_k as far as the model and its
// thinking let them stand: thinking models sample at their own discretion, and
// newer ones take temperature or top_p but not both.
func (e *requestEncoder) sampling() {
	r, w := e.r, &e.w
	drop := func(name string) { e.t.Losses.Note(name, translate.Dropped) }
	refused := e.caps.NoSampling || e.thinking.on()

	temperature, hasTemperature := jsonlit.Float(r.Temperature)
	if hasTemperature {
		switch {
		case refused && temperature != 1:
			drop("temperature")
		case refused:
		case temperature > 1:
			w.IntField("temperature", 1)
		case temperature < 0:
			w.IntField("temperature", 0)
		default:
			w.Field("temperature", r.Temperature)
		}
	}
	if topP, ok := jsonlit.Float(r.TopP); ok {
		one := e.caps.Thinking == translate.ThinkingBudget || e.caps.Thinking == translate.ThinkingAdaptive
		switch {
		case (refused || hasTemperature && one) && topP != 1:
			drop("top_p")
		case refused || hasTemperature && one:
		default:
			w.Field("top_p", r.TopP)
		}
	}
	if topK, ok := jsonlit.Int(r.TopK); ok {
		switch {
		case refused:
			drop("top_k")
		case topK >= 0:
			w.IntField("top_k", topK)
		}
	}
}

// stop writes the stop sequences; the API refuses those of whitespace alone.
func (e *requestEncoder) stop() {
	any := false
	for _, s := range e.r.Stop {
		if blank(s) {
			e.t.Losses.Note("stop", translate.Dropped)
			continue
		}
		if !any {
			any = true
			e.w.Key("stop_sequences")
			e.w.Array()
		}
		e.w.Raw(s)
	}
	if any {
		e.w.EndArray()
	}
}
