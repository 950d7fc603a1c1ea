package messages

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
	"github.com/fairway-gateway/fairway/translate/sse"
)

// agentRequest makes a request as a coding agent sends it, of about size bytes:
// 25 tools, and turns of text, calls and results.
func agentRequest(size int) []byte {
	w := jsonlit.NewWriter(nil)
	w.Object()
	w.StringField("model", "claude-opus-5")
	w.IntField("max_tokens", 32_000)
	w.BoolField("stream", true)
	w.Key("system")
	w.Array()
	w.Raw(lit(`{"type":"text","text":` + string(jsonlit.Quote(strings.Repeat("Be careful with \"files\".\n", 200))) + `,"cache_control":{"type":"ephemeral"}}`))
	w.EndArray()
	w.Key("tools")
	w.Array()
	for i := range 25 {
		w.Raw(lit(fmt.Sprintf(`{"name":"tool_%d","description":%s,"input_schema":{"type":"object","properties":{"path":{"type":"string","description":"Where"},"lines":{"type":"array","items":{"type":"integer","minimum":1}}},"required":["path"]}}`,
			i, jsonlit.Quote(strings.Repeat("Does a thing to a file. ", 30)))))
	}
	w.EndArray()
	w.Key("messages")
	w.Array()
	for i := 0; len(w.Bytes()) < size; i++ {
		w.Raw(lit(`{"role":"user","content":[{"type":"text","text":` + string(jsonlit.Quote(strings.Repeat("Please look at this.\n", 10))) + `}]}`))
		w.Raw(lit(fmt.Sprintf(`{"role":"assistant","content":[{"type":"text","text":"I will."},{"type":"tool_use","id":"toolu_%d","name":"tool_3","input":{"path":"/a/b.go","lines":[1,2]}}]}`, i)))
		w.Raw(lit(fmt.Sprintf(`{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_%d","content":[{"type":"text","text":%s}]}]}`, i, jsonlit.Quote(strings.Repeat("\tfunc main() { println(\"hi\") }\n", 80)))))
		w.Raw(lit(`{"role":"assistant","content":[{"type":"text","text":"Done."}]}`))
	}
	w.Raw(lit(`{"role":"user","content":"Thanks."}`))
	w.EndArray()
	w.EndObject()
	return w.Bytes()
}

func BenchmarkRequest(b *testing.B) {
	for _, kb := range []int{75, 240} {
		body := agentRequest(kb << 10)
		r, err := New().DecodeRequest(body, translate.Hint{})
		if err != nil {
			b.Fatal(err)
		}
		target := translate.Target{Model: "m", Stream: true, Losses: &translate.Losses{}}
		b.Run(fmt.Sprintf("decode/%dKB", kb), func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := New().DecodeRequest(body, translate.Hint{}); err != nil {
					b.Fatal(err)
				}
			}
		})
		buf := make([]byte, 0, 2*len(body))
		b.Run(fmt.Sprintf("encode/%dKB", kb), func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := New().AppendRequest(buf[:0], r, target); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("encoding-json-valid/%dKB", kb), func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				json.Valid(body)
			}
		})
	}
}

func BenchmarkDelta(b *testing.B) {
	frame := sse.Frame{Data: []byte(textDelta(0, strings.Repeat("word ", 24)))}
	event := translate.Event{Type: translate.EventDelta, Text: jsonlit.Quote(strings.Repeat("word ", 24))}
	b.Run("decode", func(b *testing.B) {
		d := New().NewStreamDecoder()
		emit := func(*translate.Event) error { return nil }
		for _, e := range []string{messageStart, blockStart(0, `{"type":"text","text":""}`)} {
			if err := d.Decode(sse.Frame{Data: []byte(e)}, emit); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportAllocs()
		for b.Loop() {
			if err := d.Decode(frame, emit); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encode", func(b *testing.B) {
		e := New().NewStreamEncoder(translate.Reply{Request: &translate.Request{}, ID: "x"})
		buf, err := e.Append(make([]byte, 0, 4096), &translate.Event{Type: translate.EventStart})
		if err == nil {
			buf, err = e.Append(buf, &translate.Event{Type: translate.EventBlockStart})
		}
		if err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for b.Loop() {
			if _, err := e.Append(buf[:0], &event); err != nil {
				b.Fatal(err)
			}
		}
	})
}
