package messages

import (
	"testing"

	"github.com/fairway-gateway/fairway/translate"
)

// TestDecodeModelFacts reads an entry of a list as the service describes a model.
func TestDecodeModelFacts(t *testing.T) {
	const yes, no = `{"supported":true}`, `{"supported":false}`
	for name, tc := range map[string]struct {
		capabilities string
		want         translate.Facts
	}{
		"nothing": {`{}`, translate.Facts{}},
		"null":    {`null`, translate.Facts{}},
		"adaptive alone": {
			`{"thinking":{"supported":true,"types":{"adaptive":` + yes + `,"between_tools":` + yes + `,"disabled":` + no + `,"enabled":` + no + `}},
			  "effort":{"supported":true,"low":` + yes + `,"medium":` + yes + `,"high":` + yes + `,"max":` + yes + `,"xhigh":` + yes + `}}`,
			translate.Facts{Thinking: translate.ThinkingAdaptive, NoThinkingOff: translate.True, BetweenTools: translate.True,
				Efforts: translate.EffortLow | translate.EffortMedium | translate.EffortHigh | translate.EffortXHigh | translate.EffortMax},
		},
		"adaptive and budgets": {
			`{"thinking":{"supported":true,"types":{"adaptive":` + yes + `,"enabled":` + yes + `}},"effort":{"supported":true,"low":` + yes + `,"xhigh":` + no + `}}`,
			translate.Facts{Thinking: translate.ThinkingAdaptive, Efforts: translate.EffortLow},
		},
		"budgets": {
			`{"thinking":{"supported":true,"types":{"adaptive":` + no + `,"disabled":` + yes + `,"enabled":` + yes + `}},"effort":{"supported":false}}`,
			translate.Facts{Thinking: translate.ThinkingBudget, NoThinkingOff: translate.False},
		},
		"no thinking": {
			`{"thinking":{"supported":false,"types":{"adaptive":` + no + `,"enabled":` + no + `}}}`,
			translate.Facts{Thinking: translate.ThinkingNone},
		},
		"nonsense": {`{"thinking":[1],"effort":{"low":true}}`, translate.Facts{}},
	} {
		models, _, err := New().DecodeModels([]byte(`{"data":[{"id":"m","max_tokens":64,"capabilities":` + tc.capabilities + `}]}`))
		if err != nil || len(models) != 1 {
			t.Fatalf("%s: %v, %v", name, models, err)
		}
		tc.want.MaxOutput = 64
		if got := models[0].Told(); got != tc.want {
			t.Errorf("%s:\n got %+v\nwant %+v", name, got, tc.want)
		}
	}
}
