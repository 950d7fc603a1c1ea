package responses

import (
	"crypto/sha256"
	"encoding/hex"
	"unicode/utf8"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
	"github.com/fairway-gateway/fairway/translate/openai"
)

// minOutput is the smallest max_output_tokens that OpenAI takes (its OpenAPI
// document, CreateResponse).
const minOutput = 16

// maxIdentifier bounds safety_identifier and prompt_cache_key, in characters.
const maxIdentifier = 64

// AppendRequest writes the body of POST /responses or /responses/input_tokens.
// Of the thinking of earlier turns only what RestoreState has put back is sent:
// it is bound to the vendor that made it.
func (Dialect) AppendRequest(dst []byte, r *translate.Request, t translate.Target) ([]byte, error) {
	e := encoder{Writer: jsonlit.NewWriter(dst), r: r, t: t}
	e.countBreakpoints()
	e.Object()
	e.StringField("model", t.Model)
	if err := e.conversation(); err != nil {
		return dst, err
	}
	e.tools()
	e.reasoning()
	e.text()
	if r.Operation == translate.Generate {
		e.generation()
	}
	e.EndObject()
	return e.Bytes(), nil
}

type encoder struct {
	jsonlit.Writer
	r         *translate.Request
	t         translate.Target
	skipCache int                 // cache breakpoints still to leave out
	custom    map[string]struct{} // ids of the calls of custom tools: their results have a type of their own
}

// conversation writes instructions and input. Instructions of one part are the
// instructions member, so that they replace nothing in the vendor's store;
// several keep their borders in a developer message.
func (e *encoder) conversation() error {
	system := e.r.System
	cached := e.t.Capabilities.CacheBreakpoints && len(system) == 1 && system[0].CacheTTL != ""
	if len(system) == 1 && !cached { // instructions cannot hold a breakpoint
		e.Field("instructions", system[0].Text)
		system = nil
	}
	e.Key("input")
	e.Array()
	if len(system) > 0 {
		if err := e.message("developer", system, "system"); err != nil {
			return err
		}
	}
	for i := range e.r.Turns {
		if err := e.turn(&e.r.Turns[i]); err != nil {
			return within(err, "turns[%d]", i)
		}
	}
	e.EndArray()
	return nil
}

// generation writes the members that a token count does not take.
func (e *encoder) generation() {
	r := e.r
	e.maxOutput()
	if e.samples() {
		e.Field("temperature", r.Temperature)
		e.Field("top_p", r.TopP)
	} else {
		e.lost("temperature", len(r.Temperature) > 0)
		e.lost("top_p", len(r.TopP) > 0)
	}
	e.include()
	if r.TopLogprobs > 0 {
		e.IntField("top_logprobs", int64(r.TopLogprobs))
	}
	switch r.Tier {
	case "":
	case "standard", "standard_only": // what Anthropic and Google call the default
		e.StringField("service_tier", "default")
	default:
		e.StringField("service_tier", r.Tier)
	}
	e.identifier("safety_identifier", "user", r.User)
	e.identifier("prompt_cache_key", "prompt_cache_key", r.CacheKey)
	for _, name := range [...]string{"metadata", "previous_response_id", "conversation", "prompt", "background", "client_metadata"} {
		e.Field(name, e.own(name))
	}
	e.BoolField("store", r.Store == translate.True)
	if e.t.Stream {
		e.BoolField("stream", true)
	}
}

// include asks for what is returned on demand alone: log probabilities, and the
// reasoning in a form that can be sent back. Models that do not reason refuse to
// be asked for that.
func (e *encoder) include() {
	if own := e.own("include"); own != nil {
		e.Field("include", own)
		return
	}
	reasons := e.t.Capabilities.Efforts != 0 && e.t.Capabilities.Thinking != translate.ThinkingNone
	if !e.r.Logprobs && !reasons {
		return
	}
	e.Key("include")
	e.Array()
	if e.r.Logprobs {
		e.String("message.output_text.logprobs")
	}
	if reasons {
		e.String("reasoning.encrypted_content")
	}
	e.EndArray()
}

// own returns a member that the neutral form has no place for and that means
// the same here as where it came from.
func (e *encoder) own(name string) value {
	if e.r.Dialect != translate.Responses && (name != "metadata" || e.r.Dialect != translate.Chat) {
		return nil
	}
	for _, f := range e.r.Extra {
		if f.Name == name {
			return f.Value
		}
	}
	return nil
}

func (e *encoder) lost(field string, present bool) {
	if present {
		e.t.Losses.Note(field, translate.Dropped)
	}
}

// samples reports whether the model takes temperature and top_p: reasoning
// models do only when they do not reason.
func (e *encoder) samples() bool {
	return !e.t.Capabilities.NoSampling || e.effort() == "none"
}

func (e *encoder) maxOutput() {
	n, ok := jsonlit.Int(e.r.MaxOutput)
	if !ok {
		return
	}
	limit := e.t.Capabilities.MaxOutput
	switch {
	case n < minOutput:
		n = minOutput
		e.t.Losses.Note("max_output_tokens", translate.Approximated)
	case limit > 0 && n > limit:
		n = limit
		e.t.Losses.Note("max_output_tokens", translate.Approximated)
	}
	e.IntField("max_output_tokens", n)
}

// identifier writes an id for the vendor's eyes; a longer one than it takes
// becomes its hash, which tells users and caches apart as well.
func (e *encoder) identifier(name, field string, v value) {
	if len(v) <= 2 {
		return
	}
	if utf8.RuneCount(jsonlit.Inner(v)) <= maxIdentifier {
		e.Field(name, v)
		return
	}
	sum := sha256.Sum256(jsonlit.AppendUnquoted(nil, v))
	e.StringField(name, hex.EncodeToString(sum[:]))
	e.t.Losses.Note(field, translate.Approximated)
}

// reasoning writes {"effort", "summary"}.
func (e *encoder) reasoning() {
	effort := e.effort()
	summary := e.r.Reasoning.Summary
	if e.r.Reasoning.Show == translate.True && summary == "" {
		summary = "auto"
	}
	if e.r.Reasoning.Show == translate.False || e.t.Capabilities.Thinking == translate.ThinkingNone || effort == "none" {
		summary = ""
	}
	if effort == "" && summary == "" {
		return
	}
	e.Key("reasoning")
	e.Object()
	if effort != "" {
		e.StringField("effort", effort)
	}
	if summary != "" {
		e.StringField("summary", summary)
	}
	e.EndObject()
}

// usualEfforts are the words that OpenAI's models know: minimal was GPT-5's
// alone.
const usualEfforts = translate.EffortNone | translate.EffortLow | translate.EffortMedium | translate.EffortHigh |
	translate.EffortXHigh | translate.EffortMax

// effort says in a word that the model knows how much it shall think, "" for
// the model's own default.
func (e *encoder) effort() string {
	wanted := e.wantedEffort()
	word := e.t.Capabilities.Effort(wanted, usualEfforts)
	if word != wanted {
		e.t.Losses.Note("reasoning", translate.Approximated)
	}
	return word
}

// wantedEffort is effort as the client would have it. A budget in tokens
// becomes low, medium or high: the words beyond these are not known to every
// model.
func (e *encoder) wantedEffort() string {
	r := &e.r.Reasoning
	if e.t.Capabilities.Thinking == translate.ThinkingNone {
		e.lost("reasoning", r.Mode != translate.ReasonUnset && r.Mode != translate.ReasonOff && r.Effort != "none")
		return ""
	}
	off := r.Mode == translate.ReasonOff || r.Mode == translate.ReasonEffort && r.Effort == "none" || r.Mode == translate.ReasonBudget && r.Budget == 0
	if off {
		return "none"
	}
	switch r.Mode {
	case translate.ReasonEffort, translate.ReasonAdaptive:
		return r.Effort
	case translate.ReasonBudget:
		if r.Budget < 0 { // Gemini's dynamic budget
			return ""
		}
		e.t.Losses.Note("reasoning", translate.Approximated)
		switch {
		case r.Budget < 4096:
			return "low"
		case r.Budget < 12288:
			return "medium"
		}
		return "high"
	}
	return ""
}

// text writes {"format", "verbosity"}.
func (e *encoder) text() {
	f := &e.r.Format
	if f.Kind == translate.FormatText && e.r.Verbosity == "" {
		return
	}
	e.Key("text")
	e.Object()
	if f.Kind != translate.FormatText {
		e.Key("format")
		strict := openai.Format(e.r, e.t.Losses)
		appendFormat(&e.Writer, &strict)
	}
	if e.r.Verbosity != "" {
		e.StringField("verbosity", e.r.Verbosity)
	}
	e.EndObject()
}

// appendFormat writes a format. Strict is always said for a schema: a schema
// that was not written for OpenAI's strict mode would be refused under it.
func appendFormat(w *jsonlit.Writer, f *translate.Format) {
	w.Object()
	switch f.Kind {
	case translate.FormatJSON:
		w.StringField("type", "json_object")
	case translate.FormatSchema:
		w.StringField("type", "json_schema")
		name := f.Name
		if name == "" {
			name = "response"
		}
		w.StringField("name", name)
		if len(f.Description) > 0 {
			w.Field("description", f.Description)
		}
		w.Key("schema")
		w.Raw(f.Schema)
		w.BoolField("strict", f.Strict == translate.True)
	default:
		w.StringField("type", "text")
	}
	w.EndObject()
}
