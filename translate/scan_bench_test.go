package translate

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// BenchmarkScan is all that a relayed request of 240 KB costs in JSON, beside
// what the standard library takes to check it alone.
func BenchmarkScan(b *testing.B) {
	w := jsonlit.NewWriter(nil)
	w.Object()
	w.StringField("model", "m")
	w.BoolField("stream", true)
	w.Key("messages")
	w.Array()
	for i := range 60 {
		w.Object()
		w.StringField("role", []string{"user", "assistant"}[i%2])
		w.StringField("content", strings.Repeat("\tif err != nil {\n\t\treturn fmt.Errorf(\"reading: %w\", err)\n\t}\n", 60))
		w.EndObject()
	}
	w.EndArray()
	w.EndObject()
	body := w.Bytes()
	b.Run("Scan", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := Scan(body, "messages"); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encoding/json.Valid", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		for b.Loop() {
			if !json.Valid(body) {
				b.Fatal("not valid")
			}
		}
	})
}
