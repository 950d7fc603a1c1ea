package gemini

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
	"github.com/fairway-gateway/fairway/translate/sse"
)

// agentRequest builds a coding agent's request of about the given size: a long
// instruction, 25 tools and a history of tool use.
func agentRequest(size int) []byte {
	var w jsonlit.Writer
	w.Object()
	w.Key("systemInstruction")
	w.Object()
	w.Key("parts")
	w.Array()
	w.Object()
	w.StringField("text", strings.Repeat("You are an agent.\nUse the \"tools\".\n", 400))
	w.EndObject()
	w.EndArray()
	w.EndObject()
	w.Key("tools")
	w.Array()
	w.Object()
	w.Key("functionDeclarations")
	w.Array()
	for i := range 25 {
		w.Object()
		w.StringField("name", fmt.Sprint("tool_", i))
		w.StringField("description", strings.Repeat("Does one thing well. ", 20))
		w.Field("parametersJsonSchema", translate.Value(`{"type":"object","properties":{"path":{"type":"string","description":"where"},"count":{"type":"integer"},"flags":{"type":"array","items":{"type":"string","enum":["a","b"]}}},"required":["path"]}`))
		w.EndObject()
	}
	w.EndArray()
	w.EndObject()
	w.EndArray()
	w.Key("contents")
	w.Array()
	content := func(role string, part func()) {
		w.Object()
		w.StringField("role", role)
		w.Key("parts")
		w.Array()
		w.Object()
		part()
		w.EndObject()
		w.EndArray()
		w.EndObject()
	}
	content("user", func() { w.StringField("text", "Fix the test.") })
	for i := 0; len(w.Bytes()) < size; i++ {
		name := fmt.Sprint("tool_", i%25)
		content("model", func() {
			w.Key("functionCall")
			w.Raw(translate.Value(fmt.Sprintf(`{"id":"c%d","name":"%s","args":{"path":"a/b/%d.go","count":%d}}`, i, name, i, i)))
		})
		content("user", func() {
			w.Key("functionResponse")
			w.Object()
			w.StringField("id", fmt.Sprint("c", i))
			w.StringField("name", name)
			w.Key("response")
			w.Object()
			w.StringField("output", strings.Repeat("func main() {\n\tfmt.Println(\"hello, world\")\n}\n", 60))
			w.EndObject()
			w.EndObject()
		})
	}
	w.EndArray()
	w.EndObject()
	return w.Bytes()
}

func BenchmarkRequest(b *testing.B) {
	for _, kb := range []int{75, 240} {
		body := agentRequest(kb << 10)
		b.Run(fmt.Sprintf("decode and encode/%d KB", kb), func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			dst := make([]byte, 0, 2*len(body))
			for b.Loop() {
				r, err := New().DecodeRequest(body, translate.Hint{Model: "m"})
				if err != nil {
					b.Fatal(err)
				}
				if _, err := New().AppendRequest(dst, r, translate.Target{Model: "m", Losses: new(translate.Losses)}); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("encoding json Valid/%d KB", kb), func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				if !json.Valid(body) {
					b.Fatal("not valid")
				}
			}
		})
	}
}

func BenchmarkStreamDecode(b *testing.B) {
	frame := sse.Frame{Data: []byte(`{"candidates":[{"content":{"parts":[{"text":"Hello, world, this is a piece."}],"role":"model"},"index":0}],"usageMetadata":{"promptTokenCount":7,"totalTokenCount":7},"modelVersion":"gemini-3","responseId":"r1"}`)}
	d := New().NewStreamDecoder()
	emit := func(*translate.Event) error { return nil }
	b.ReportAllocs()
	for b.Loop() {
		if err := d.Decode(frame, emit); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkStreamEncode(b *testing.B) {
	enc := New().NewStreamEncoder(reply(translate.Request{}))
	dst := make([]byte, 0, 4096)
	for _, ev := range []translate.Event{{Type: translate.EventStart, ID: "msg_1", Model: "claude"}, {Type: translate.EventBlockStart, Kind: translate.Text}} {
		if _, err := enc.Append(dst, &ev); err != nil {
			b.Fatal(err)
		}
	}
	ev := translate.Event{Type: translate.EventDelta, Text: lit("Hello, world, this is a piece.")}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := enc.Append(dst, &ev); err != nil {
			b.Fatal(err)
		}
	}
}
