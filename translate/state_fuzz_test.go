package translate_test

import (
	"bytes"
	"testing"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/carrier"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// histories are requests of all dialects' clients whose history holds state.
func histories(f *testing.F, add func(client translate.Dialect, body string)) {
	f.Helper()
	for _, up := range statefulDialects() {
		for _, tc := range statefulAnswers()[up.Name()] {
			for _, client := range statefulDialects() {
				from := translate.Origin{Dialect: up.Name(), Scope: "0a1b2c3d", Model: "m"}
				add(client, ask(client, converse(f, up, client, from, tc.answer, false)))
			}
		}
	}
}

// FuzzEditState holds the edits of any body to JSON.
func FuzzEditState(f *testing.F) {
	histories(f, func(_ translate.Dialect, body string) { f.Add([]byte(body)) })
	f.Fuzz(func(t *testing.T, body []byte) {
		if !jsonlit.Valid(body) || !jsonlit.IsObject(body) {
			return
		}
		for _, d := range statefulDialects() {
			to := translate.Origin{Dialect: d.Name(), Scope: "0a1b2c3d", Model: "m"}
			for _, judge := range []func(translate.Value) translate.Value{translate.NoState, translate.OwnState(to)} {
				edited := translate.AppendEdited(nil, body, d.EditState(body, judge))
				if !jsonlit.Valid(edited) {
					t.Fatalf("%s makes\n%s\nof\n%s", d.Name(), edited, body)
				}
			}
		}
	})
}

// FuzzRestoreState holds what any history comes to, at any upstream of another
// dialect, to JSON without carriers in the places of state.
func FuzzRestoreState(f *testing.F) {
	histories(f, func(client translate.Dialect, body string) { f.Add(string(client.Name()), []byte(body)) })
	f.Fuzz(func(t *testing.T, name string, body []byte) {
		for _, client := range statefulDialects() {
			if string(client.Name()) != name || !jsonlit.Valid(body) {
				continue
			}
			r, err := client.DecodeRequest(body, translate.Hint{Model: "m"})
			if err != nil {
				return
			}
			for _, up := range statefulDialects() {
				if up.Name() == client.Name() {
					continue
				}
				restored, _ := translate.RestoreState(r, translate.Origin{Dialect: up.Name(), Scope: "0a1b2c3d", Model: "m"})
				for i := range restored.Turns {
					for j := range restored.Turns[i].Parts {
						p := &restored.Turns[i].Parts[j]
						if in := jsonlit.Inner(p.Signature); restored != r && (carrier.Is(in) || bytes.HasPrefix(in, []byte(carrier.Base64Prefix))) {
							t.Fatalf("%s gets a carrier: %s", up.Name(), p.Signature)
						}
					}
				}
				adapted, _ := translate.Adapt(restored, up.Name())
				out, err := up.AppendRequest(nil, adapted, translate.Target{Model: "m", Losses: new(translate.Losses)})
				if err == nil && !jsonlit.Valid(out) {
					t.Fatalf("%s gets %s\nof %s", up.Name(), out, body)
				}
			}
		}
	})
}
