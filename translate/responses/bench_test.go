package responses

import (
	"encoding/json" // the yardstick
	"fmt"
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/sse"
)

// agentBody builds an agent's request of about size bytes: tools, instructions
// and a history of calls and their results.
func agentBody(size int) []byte {
	var b strings.Builder
	b.WriteString(`{"model":"gpt-5.6","stream":true,"store":false,"instructions":"` + strings.Repeat("You are an agent. \\n", 200) + `","tools":[`)
	for i := range 25 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"type":"function","name":"tool_%d","description":"%s","strict":false,"parameters":{"type":"object","properties":{"path":{"type":"string","description":"Where to look."},"limit":{"type":"integer","minimum":1},"flags":{"type":"array","items":{"type":"string","enum":["a","b","c"]}}},"required":["path"],"additionalProperties":false}}`,
			i, strings.Repeat("Does one thing well. ", 20))
	}
	b.WriteString(`],"input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"Fix the build."}]}`)
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, `,{"type":"reasoning","summary":[{"type":"summary_text","text":"I should look at file %d."}],"encrypted_content":"%s"}`, i, strings.Repeat("gAAAA", 40))
		fmt.Fprintf(&b, `,{"type":"message","role":"assistant","content":[{"type":"output_text","text":"Looking at file %d."}]}`, i)
		fmt.Fprintf(&b, `,{"type":"function_call","call_id":"call_%d","name":"tool_3","arguments":"{\"path\":\"/src/file_%d.go\",\"limit\":200}"}`, i, i)
		fmt.Fprintf(&b, `,{"type":"function_call_output","call_id":"call_%d","output":"%s"}`, i, strings.Repeat(`\tif err != nil {\n\t\treturn fmt.Errorf(\"reading: %w\", err)\n\t}\n`, 40))
	}
	b.WriteString(`]}`)
	return []byte(b.String())
}

func BenchmarkRequest(b *testing.B) {
	for _, size := range []int{75_000, 240_000} {
		body := agentBody(size)
		b.Run(fmt.Sprintf("valid/%d", size), func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				if !json.Valid(body) {
					b.Fatal("invalid")
				}
			}
		})
		b.Run(fmt.Sprintf("decode/%d", size), func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := New().DecodeRequest(body, translate.Hint{}); err != nil {
					b.Fatal(err)
				}
			}
		})
		r, err := New().DecodeRequest(body, translate.Hint{})
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("encode/%d", size), func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			dst := make([]byte, 0, 2*len(body))
			for b.Loop() {
				if dst, err = New().AppendRequest(dst[:0], r, translate.Target{Model: "m", Losses: &translate.Losses{}}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkStreamDelta(b *testing.B) {
	frame := sse.Frame{Event: []byte("response.output_text.delta"), Raw: []byte("\n\n"),
		Data: []byte(`{"type":"response.output_text.delta","sequence_number":7,"item_id":"msg_0123456789abcdef","output_index":1,"content_index":0,"delta":"some words of text","logprobs":[],"obfuscation":"a8Fk2"}`)}
	b.Run("decode", func(b *testing.B) {
		b.ReportAllocs()
		d := New().NewStreamDecoder()
		emit := func(*translate.Event) error { return nil }
		for b.Loop() {
			if err := d.Decode(frame, emit); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encode", func(b *testing.B) {
		b.ReportAllocs()
		reply := translate.Reply{Request: &translate.Request{}, Model: "m", ID: "0123456789abcdef"}
		e := New().NewStreamEncoder(reply)
		dst := make([]byte, 0, 8<<10)
		for _, ev := range []translate.Event{startEvent, begin(0, translate.Text)} {
			if _, err := e.Append(dst[:0], &ev); err != nil {
				b.Fatal(err)
			}
		}
		ev := piece(0, `"some words of text"`)
		text := e.(*streamEncoder)
		for b.Loop() {
			text.items.text = text.items.text[:0] // a stream of any length
			if _, err := e.Append(dst[:0], &ev); err != nil {
				b.Fatal(err)
			}
		}
	})
}
