package messages

import (
	"slices"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

var _ translate.Resumer = Dialect{}

// MayPause reports whether the request offers a tool that Anthropic runs: only
// then does an answer end with stop_reason pause_turn.
func (Dialect) MayPause(r *translate.Request, _ translate.Capabilities) bool {
	return slices.ContainsFunc(r.Tools, func(t translate.Tool) bool { return t.Kind == translate.HostedTool })
}

// AppendResume appends the same request with what the paused answers said as a
// message of the assistant behind it, and in the container that they used
// (Anthropic's page "Handling stop reasons", pause_turn).
func (Dialect) AppendResume(dst, body []byte, paused []translate.Resume) []byte {
	w := jsonlit.NewWriter(dst[len(dst):])
	w.Object()
	for name, v := range jsonlit.Fields(body) {
		if string(name) == "container" {
			continue
		}
		w.Key(string(name))
		if string(name) != "messages" {
			w.Raw(v)
			continue
		}
		w.Array()
		for m := range jsonlit.Elements(v) {
			w.Raw(m)
		}
		w.Object()
		w.StringField("role", "assistant")
		w.Key("content")
		w.Array()
		for _, p := range paused {
			for b := range jsonlit.Elements(p.Content) {
				w.Raw(b)
			}
		}
		w.EndArray()
		w.EndObject()
		w.EndArray()
	}
	w.Field("container", paused[len(paused)-1].Container)
	w.EndObject()
	return append(dst, w.Bytes()...)
}
