package surface

import (
	"slices"

	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// rename returns a valid JSON object with another string as its member "model", all other bytes as they are.
func rename(body []byte, model string) []byte {
	for m := range jsonlit.Members(body) {
		if string(m.Name) == "model" && !m.Escaped() {
			return slices.Concat(body[:m.Start], jsonlit.Quote(model), body[m.End:])
		}
	}
	return body
}
