package exchange

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/accounts/inventory"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// canned answers every request with the same bytes, at no cost worth measuring.
type canned struct{ contentType, body string }

func (c canned) RoundTrip(r *http.Request) (*http.Response, error) {
	_, _ = io.Copy(io.Discard, r.Body)
	r.Body.Close()
	return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {c.contentType}}, Body: io.NopCloser(strings.NewReader(c.body)), ContentLength: int64(len(c.body))}, nil
}

type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) WriteHeader(int)             {}
func (d discard) Write(p []byte) (int, error) { return len(p), nil }
func (d discard) Flush()                      {}

// BenchmarkServe is a whole exchange without sockets.
func BenchmarkServe(b *testing.B) {
	prompt := func(n int) string {
		return string(jsonlit.Quote(strings.Repeat("Some prose with a \"quote\" and a\nnew line. ", n/40)))
	}
	agent := agentRequest()
	for _, bm := range []struct {
		name, dialect, target, body string
		up                          canned
	}{
		{"relay 1KB", "chat", "/v1/chat/completions", `{"model":"m","messages":[{"role":"user","content":` + prompt(1000) + `}]}`, canned{"application/json", chatAnswer}},
		{"relay 100KB", "chat", "/v1/chat/completions", `{"model":"m","messages":[{"role":"user","content":` + prompt(100000) + `}]}`, canned{"application/json", chatAnswer}},
		{"translate 1KB", "chat", "/v1/messages", `{"model":"m","max_tokens":9,"messages":[{"role":"user","content":` + prompt(1000) + `}]}`, canned{"application/json", chatAnswer}},
		{"translate 100KB", "chat", "/v1/messages", `{"model":"m","max_tokens":9,"messages":[{"role":"user","content":` + prompt(100000) + `}]}`, canned{"application/json", chatAnswer}},
		{"relay stream", "chat", "/v1/chat/completions", chatStream, canned{"text/event-stream", longChat(50)}},
		{"translate stream", "chat", "/v1/messages", messagesStream, canned{"text/event-stream", longChat(50)}},
		{"translate agent", "chat", "/v1/messages", agent, canned{"text/event-stream", longChat(50)}},
		{"relay agent", "messages", "/v1/messages", agent, canned{"text/event-stream", messagesFrames}},
	} {
		b.Run(bm.name, func(b *testing.B) {
			inv, err := inventory.Build([]inventory.Config{{
				Providers: []inventory.ProviderConfig{{Name: "p", Dialect: bm.dialect, BaseURL: "http://a/v1"}},
				Accounts:  []inventory.AccountConfig{{Name: "acc", Provider: "p", APIKey: "sk-x", Models: []string{"m"}}},
			}}, func(s string) (string, error) { return s, nil })
			if err != nil {
				b.Fatal(err)
			}
			e := New(Options{Transport: bm.up})
			e.Apply(inv)
			defer e.Close()
			r, _ := http.NewRequest("POST", bm.target, nil)
			c, _ := Recognise(r)
			b.SetBytes(int64(len(bm.body)))
			b.ReportAllocs()
			for b.Loop() {
				r.Body, r.ContentLength = io.NopCloser(strings.NewReader(bm.body)), int64(len(bm.body))
				if rec := e.Serve(discard{http.Header{}}, r, c); rec.Err != nil {
					b.Fatal(rec.Err)
				}
			}
		})
	}
}

func longChat(n int) string {
	var s strings.Builder
	for i := range n {
		fmt.Fprintf(&s, "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"word %d \"},\"finish_reason\":null}]}\n\n", i)
	}
	return s.String() + "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"
}

// agentRequest is of the size and shape of a coding agent's: 25 tools, a long
// system prompt, a few turns with calls and results.
func agentRequest() string {
	w := jsonlit.NewWriter(nil)
	w.Object()
	w.StringField("model", "m")
	w.IntField("max_tokens", 32000)
	w.BoolField("stream", true)
	w.Key("system")
	w.Array()
	w.Object()
	w.StringField("type", "text")
	w.StringField("text", strings.Repeat("You are a careful engineer. Read before you write.\n", 300))
	w.EndObject()
	w.EndArray()
	w.Key("messages")
	w.Array()
	for i := range 12 {
		w.Raw(jsonlit.Value(fmt.Sprintf(`{"role":"user","content":[{"type":"text","text":%s}]}`, jsonlit.Quote(strings.Repeat("Please look at \"main.go\" again.\n", 12)))))
		w.Raw(jsonlit.Value(fmt.Sprintf(`{"role":"assistant","content":[{"type":"text","text":"Reading."},{"type":"tool_use","id":"toolu_%d","name":"tool_1","input":{"path":"/src/main.go","lines":[1,%d]}}]}`, i, i)))
		w.Raw(jsonlit.Value(fmt.Sprintf(`{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_%d","content":%s}]}`, i, jsonlit.Quote(strings.Repeat("\tif err != nil {\n\t\treturn fmt.Errorf(\"x: %w\", err)\n\t}\n", 12)))))
	}
	w.EndArray()
	w.Key("tools")
	w.Array()
	for i := range 25 {
		w.Raw(jsonlit.Value(fmt.Sprintf(`{"name":"tool_%d","description":%s,"input_schema":{"type":"object","properties":{"path":{"type":"string","description":"A path."},"lines":{"type":"array","items":{"type":"integer"}},"mode":{"enum":["a","b","c"]}},"required":["path"],"additionalProperties":false}}`, i, jsonlit.Quote(strings.Repeat("Does something useful with a file. ", 40)))))
	}
	w.EndArray()
	w.EndObject()
	return string(w.Bytes())
}
