package gemini

import (
	"math"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
	"github.com/fairway-gateway/fairway/translate/schema"
)

// Limits of genai.GenerationConfig.
const (
	maxStop     = 5
	maxLogprobs = 20
)

// generationConfig writes a genai.GenerationConfig, nothing when it would be
// empty.
func (e *requestEncoder) generationConfig() {
	r, before := e.r, len(e.w.Bytes())
	e.w.Key("generationConfig")
	e.w.Object()
	empty := len(e.w.Bytes())

	e.sampling("temperature", "temperature", r.Temperature)
	e.sampling("topP", "top_p", r.TopP)
	e.sampling("topK", "top_k", r.TopK)
	e.w.Field("frequencyPenalty", r.FrequencyPenalty)
	e.w.Field("presencePenalty", r.PresencePenalty)
	e.seed()
	e.maxOutput()
	e.stop()
	if r.N > 1 {
		e.w.IntField("candidateCount", int64(r.N))
	}
	if r.Logprobs {
		e.w.BoolField("responseLogprobs", true)
		if r.TopLogprobs > 0 {
			e.w.IntField("logprobs", int64(min(r.TopLogprobs, maxLogprobs)))
		}
	}
	e.format()
	e.thinking()

	if len(e.w.Bytes()) == empty {
		e.w = jsonlit.NewWriter(e.w.Bytes()[:before])
		return
	}
	e.w.EndObject()
}

func (e *requestEncoder) sampling(name, field string, v translate.Value) {
	if len(v) > 0 && e.t.Capabilities.NoSampling {
		e.t.Losses.Note(field, translate.Dropped)
		return
	}
	e.w.Field(name, v)
}

// seed writes the seed, which is 32 bits wide here.
func (e *requestEncoder) seed() {
	if len(e.r.Seed) == 0 {
		return
	}
	if n, ok := jsonlit.Int(e.r.Seed); !ok || n < math.MinInt32 || n > math.MaxInt32 {
		e.t.Losses.Note("seed", translate.Dropped)
		return
	}
	e.w.Field("seed", e.r.Seed)
}

// maxOutput writes the output limit; a larger one than the model has is an
// error to Gemini.
func (e *requestEncoder) maxOutput() {
	limit := e.t.Capabilities.MaxOutput
	if n, ok := jsonlit.Int(e.r.MaxOutput); ok && limit > 0 && n > limit {
		e.t.Losses.Note("max_output_tokens", translate.Approximated)
		e.w.IntField("maxOutputTokens", limit)
		return
	}
	e.w.Field("maxOutputTokens", e.r.MaxOutput)
}

func (e *requestEncoder) stop() {
	list := e.r.Stop
	if len(list) == 0 {
		return
	}
	if len(list) > maxStop {
		list = list[:maxStop]
		e.t.Losses.Note("stop", translate.Approximated)
	}
	e.w.Key("stopSequences")
	e.w.Array()
	for _, s := range list {
		e.w.Raw(s)
	}
	e.w.EndArray()
}

func (e *requestEncoder) format() {
	f := &e.r.Format
	if f.Kind == translate.FormatText {
		return
	}
	e.w.StringField("responseMimeType", "application/json")
	if f.Kind == translate.FormatSchema && len(f.Schema) > 0 {
		e.w.Field("responseJsonSchema", schema.ForGemini(f.Schema))
	}
}
