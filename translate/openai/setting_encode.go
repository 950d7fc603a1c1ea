package openai

import (
	"crypto/sha256"
	"encoding/hex"
	"unicode/utf8"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// maxStops and maxUser are OpenAI's limits, which compatible servers follow or
// exceed: https://platform.openai.com/docs/api-reference/chat/create.
const (
	maxStops = 4
	maxUser  = 64 // characters of an end-user id
)

// WriteSettings writes the members that Chat and Completions have in common, of
// those that are set. A model that takes no sampling parameters gets none, and
// more stop sequences than four are cut; both are noted.
func WriteSettings(w *jsonlit.Writer, r *translate.Request, t translate.Target) {
	if t.Stream {
		w.BoolField("stream", true)
		// The usage is wanted even where the client did not ask: the ledger
		// lives on it.
		w.Key("stream_options")
		w.Object()
		w.BoolField("include_usage", true)
		w.EndObject()
	}
	sampling(w, "temperature", r.Temperature, t)
	sampling(w, "top_p", r.TopP, t)
	w.Field("frequency_penalty", r.FrequencyPenalty)
	w.Field("presence_penalty", r.PresencePenalty)
	w.Field("seed", r.Seed)
	if stop := r.Stop; len(stop) > 0 {
		if len(stop) > maxStops {
			stop = stop[:maxStops]
			t.Losses.Note("stop", translate.Approximated)
		}
		w.Key("stop")
		w.Array()
		for _, s := range stop {
			w.Raw(s)
		}
		w.EndArray()
	}
	if r.N > 1 {
		w.IntField("n", int64(r.N))
	}
	if len(r.User) > 0 {
		id := User(r.User)
		if len(id) != len(r.User) {
			t.Losses.Note("user", translate.Approximated)
		}
		w.Key("user")
		w.Raw(id)
	}
}

func sampling(w *jsonlit.Writer, name string, v jsonlit.Value, t translate.Target) {
	if len(v) > 0 && t.Capabilities.NoSampling {
		t.Losses.Note(name, translate.Dropped)
		return
	}
	w.Field(name, v)
}

// User returns an end-user id that OpenAI accepts: the client's own, or a hash
// of it when it is longer than 64 characters, as Claude Code's are.
func User(v jsonlit.Value) jsonlit.Value {
	if len(v) <= maxUser+2 || utf8.RuneCount(jsonlit.AppendUnquoted(nil, v)) <= maxUser {
		return v
	}
	sum := sha256.Sum256(jsonlit.AppendUnquoted(nil, v))
	return jsonlit.Quote("user_" + hex.EncodeToString(sum[:16]))
}

// Effort returns a request's reasoning effort in OpenAI's words ("none" to
// "max"), "" when the model shall decide. A budget of tokens becomes the
// nearest effort.
func Effort(r translate.Reasoning) string {
	switch r.Mode {
	case translate.ReasonOff:
		return "none"
	case translate.ReasonBudget:
		switch {
		case r.Effort != "":
			return r.Effort
		case r.Budget <= 0:
			return ""
		case r.Budget <= 1024:
			return "minimal"
		case r.Budget <= 4096:
			return "low"
		case r.Budget <= 12288:
			return "medium"
		case r.Budget <= 24576:
			return "high"
		}
		return "xhigh"
	}
	return r.Effort
}
