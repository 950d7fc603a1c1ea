package chat

import (
	"fmt"
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
	"github.com/fairway-gateway/fairway/translate/sse"
)

// agentRequest builds what an agent sends in mid-task: long instructions, 25
// tools, and turns of calls and results until the body has the given size.
func agentRequest(size int) []byte {
	var b strings.Builder
	prose := strings.Repeat(`Read the file first; say \"why\" in one line.\n\tThen act. `, 12)
	b.WriteString(`{"model":"m","stream":true,"stream_options":{"include_usage":true},"max_completion_tokens":32000,"tools":[`)
	for i := range 25 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"type":"function","function":{"name":"tool_%d","description":"%s","parameters":{"type":"object","properties":{"path":{"type":"string","description":"the file"},"limit":{"type":"integer"}},"required":["path"],"additionalProperties":false}}}`, i, prose[:300])
	}
	fmt.Fprintf(&b, `],"messages":[{"role":"system","content":"%s"},{"role":"user","content":"Fix the test."}`, strings.Repeat(prose, 16))
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, `,{"role":"assistant","content":"Next I look at part %d.","tool_calls":[{"id":"call_%d","type":"function","function":{"name":"tool_%d","arguments":"{\"path\":\"/a/b%d.go\",\"limit\":100}"}}]},{"role":"tool","tool_call_id":"call_%d","content":"%s"}`, i, i, i%25, i, i, strings.Repeat(prose, 2))
	}
	b.WriteString(`,{"role":"user","content":"go on"}]}`)
	return []byte(b.String())
}

func BenchmarkRequest(b *testing.B) {
	for _, size := range []int{75 << 10, 240 << 10} {
		body := agentRequest(size)
		b.Run(fmt.Sprintf("check/%dKB", size>>10), func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if err := jsonlit.Check(body); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("decode/%dKB", size>>10), func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := New().DecodeRequest(body, translate.Hint{}); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("encode/%dKB", size>>10), func(b *testing.B) {
			r, err := New().DecodeRequest(body, translate.Hint{})
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			var out []byte
			for b.Loop() {
				if out, err = New().AppendRequest(out[:0], r, translate.Target{Model: "m", Stream: true, Losses: new(translate.Losses)}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDelta(b *testing.B) {
	frames := map[string]string{
		"text":      `{"id":"chatcmpl-1","object":"chat.completion.chunk","created":7,"model":"m","system_fingerprint":"fp","choices":[{"index":0,"delta":{"content":" word"},"logprobs":null,"finish_reason":null}]}`,
		"arguments": `{"id":"chatcmpl-1","object":"chat.completion.chunk","created":7,"model":"m","system_fingerprint":"fp","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":" \"x\","}}]},"logprobs":null,"finish_reason":null}]}`,
	}
	for _, name := range []string{"text", "arguments"} {
		b.Run(name, func(b *testing.B) {
			d, e := New().NewStreamDecoder(), New().NewStreamEncoder(reply(true))
			var out []byte
			emit := func(ev *translate.Event) (err error) {
				out, err = e.Append(out, ev)
				return err
			}
			first := sse.Frame{Data: []byte(`{"id":"1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c","function":{"name":"f","arguments":"{"}}]}}]}`)}
			if err := d.Decode(first, emit); err != nil {
				b.Fatal(err)
			}
			frame := sse.Frame{Data: []byte(frames[name])}
			b.ReportAllocs()
			for b.Loop() {
				out = out[:0]
				if err := d.Decode(frame, emit); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
