package exchange

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/chat"
	"github.com/fairway-gateway/fairway/translate/completions"
	"github.com/fairway-gateway/fairway/translate/gemini"
	"github.com/fairway-gateway/fairway/translate/messages"
	"github.com/fairway-gateway/fairway/translate/responses"
)

// endpoint is a dialect as a client uses it.
type endpoint struct {
	dialect        translate.Dialect
	path           string // of a request whose answer is whole
	streamPath     string
	body           string // what it asks, in odd white space and with members from the future; MODEL is where the model stands
	stream, answer string
}

// endpoints are all dialects, with requests and answers that no encoder would
// write so.
func endpoints() []endpoint {
	const future = `"future" : { "z":1.50, "a":12345678901234567890,"é":"\u00e9\ud83d" },`
	const odd = "{ \"zz\":[ 1,\n2 ] ,\t" + future + `"object":"?"`
	return []endpoint{
		{chat.New(), "/v1/chat/completions", "/v1/chat/completions",
			"{\r\n \"messages\" : [ {\"content\":\"h\\u0069 <&>\u2028\",\"role\":\"user\", " + future + " \"name\":\"n\"}] , " + future + ` "model":"MODEL"STREAM }` + "\n",
			": hello\n\nid: 7\n" + `data:{ "id":"1",` + future + `"choices":[ {"index":0,"delta":{"role":"assistant","content":"a"},"finish_reason":null}]}` + "\n\nevent: future\ndata: {}\n\n" +
				`data: {"id":"1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}` + "\r\n\r\ndata: [DONE]\n\n",
			odd + `,"choices":[{"index":0,"message":{"role":"assistant","content":"a"},"finish_reason":"stop"}] }` + "\n"},
		{completions.New(), "/v1/completions", "/v1/completions",
			`{ "prompt":"h\u0069", ` + future + `"model" :"MODEL"STREAM}`,
			`data: { "id":"1",` + future + `"choices":[{"index":0,"text":"a","finish_reason":null}]}` + "\n\n" + `data: {"choices":[{"index":0,"text":"","finish_reason":"stop"}]}` + "\n\ndata: [DONE]\n\n",
			odd + `,"choices":[ {"index":0,"text":"a","finish_reason":"stop"}]}`},
		{responses.New(), "/v1/responses", "/v1/responses",
			`{ "input":[ {"type":"future_item","x":1} ], "tools":[{"type":"future_tool"}], ` + future + `"model" :"MODEL"STREAM}`,
			"event: response.created\n" + `data: {"type":"response.created", "sequence_number":0,"response":{"id":"r",` + future + `"status":"in_progress"}}` + "\n\n" +
				"event: response.future\n" + `data: {"type":"response.future","sequence_number":1}` + "\n\n" +
				"event: response.completed\n" + `data: {"type":"response.completed","sequence_number":2,"response":{"id":"r","status":"completed","output":[]}}` + "\n\n",
			odd + `,"id":"r","status":"completed","output":[ {"type":"future_item"} ] }`},
		{messages.New(), "/v1/messages", "/v1/messages?beta=true",
			`{ "max_tokens":5,"messages":[{"role":"user","content":[{"type":"future_block"}]}], ` + future + `"model" :"MODEL"STREAM}`,
			"event: message_start\n" + `data: {"type":"message_start", "message":{"id":"m","type":"message","role":"assistant","content":[],"model":"m",` + future + `"usage":{"input_tokens":1,"output_tokens":1}}}` + "\n\n" +
				"event: future\ndata: {\"type\":\"future\"}\n\n: comment\n\n" +
				"event: message_delta\n" + `data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2}}` + "\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
			odd + `,"id":"m","type":"message","role":"assistant","content":[ {"type":"future_block"} ],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":2} }`},
		{gemini.New(), "/v1beta/models/MODEL:generateContent", "/v1beta/models/MODEL:streamGenerateContent?alt=sse",
			`{ "contents":{ "parts":{"text":"h\u0069"} }, "generation_config":{ "top_k":3.0 }, ` + future + ` "safetySettings":[ ] }`,
			`data: { "candidates":[ {"content":{"parts":[{"text":"a"}]} } ],` + future + `"responseId":"r"}` + "\r\n\r\n" + `data: {"candidates":[{"finishReason":"STOP","futureReason":1}]}` + "\r\n\r\n",
			odd + `,"candidates":[ {"content":{"parts":[ {"text":"a"} ]},"finishReason":"STOP"} ] }`},
	}
}

// TestSameDialectIsByteEqual (P1): between equal dialects the request and the
// answer, streamed or not, pass byte for byte but for the model's name.
func TestSameDialectIsByteEqual(t *testing.T) {
	for _, p := range endpoints() {
		for _, asked := range []string{"m", "acc/m-1"} {
			name, host := asked, "up"
			t.Run(string(p.dialect.Name())+" "+name, func(t *testing.T) {
				f := newFleet(t)
				e := f.engine("acc " + string(p.dialect.Name()) + " " + host)
				model := strings.TrimPrefix(asked, "acc/")
				for stream, answered := range map[bool]string{false: p.answer, true: p.stream} {
					path, contentType, member := p.path, "application/json", ""
					if stream {
						path, contentType, member = p.streamPath, "text/event-stream", ", \"stream\" : true"
					}
					body := strings.ReplaceAll(p.body, "STREAM", member)
					f.serve(host, 200, contentType, answered)
					w, rec := call(t, e, "POST", strings.ReplaceAll(path, "MODEL", asked), strings.ReplaceAll(body, "MODEL", asked))
					if w.Code != 200 || rec.Err != nil {
						t.Fatalf("status %d, err %v: %s", w.Code, rec.Err, w.Body)
					}
					if got, want := f.last().body, strings.ReplaceAll(body, "MODEL", model); got != want {
						t.Errorf("sent\n got %s\nwant %s", got, want)
					}
					if got := w.Body.String(); got != answered {
						t.Errorf("answered\n got %q\nwant %q", got, answered)
					}
				}
			})
		}
	}
}

// ask is a plain request of a dialect for a stream.
func ask(name translate.Name) (path, body string) {
	switch name {
	case translate.Messages:
		return "/v1/messages", messagesStream
	case translate.Responses:
		return "/v1/responses", `{"model":"m","stream":true,"input":"hi"}`
	case translate.Completions:
		return "/v1/completions", `{"model":"m","stream":true,"prompt":"hi"}`
	case translate.Gemini:
		return "/v1beta/models/m:streamGenerateContent?alt=sse", `{"contents":[{"parts":[{"text":"hi"}]}]}`
	}
	return "/v1/chat/completions", chatStream
}

// streamOf is a stream of a dialect, as its upstreams send it.
func streamOf(t *testing.T, d translate.Dialect) (begin, rest string) {
	t.Helper()
	e := d.NewStreamEncoder(translate.Reply{Request: &translate.Request{Usage: true}, Model: "m", ID: "0123456789abcdef", Created: 7})
	var out []byte
	err := translate.Replay(&translate.Response{ID: "x", Model: "m", Usage: &translate.Usage{Input: 3, Output: 2}, Choices: []translate.Choice{{
		Stop: translate.StopEnd, Parts: []translate.Part{{Kind: translate.Text, Text: translate.Value(`"hello"`)}}}}},
		func(ev *translate.Event) (err error) {
			if ev.Type == translate.EventDelta {
				if out, err = e.Append(out, ev); err != nil {
					return err
				}
				begin = string(out)
				out = nil
				return nil
			}
			out, err = e.Append(out, ev)
			return err
		})
	if err != nil {
		t.Fatal(err)
	}
	return begin, string(out)
}

// TestPairsLeakNothing (P14): for each client's and each upstream's dialect, a
// client that leaves in mid-stream cancels the upstream at once, and neither
// that nor a stream that comes to its end leaves a goroutine or a lease behind.
// The bubble of synctest fails when a goroutine outlives the test.
func TestPairsLeakNothing(t *testing.T) {
	for _, client := range endpoints() {
		for _, up := range endpoints() {
			t.Run(string(client.dialect.Name())+"→"+string(up.dialect.Name()), func(t *testing.T) {
				path, body := ask(client.dialect.Name())
				begun, rest := streamOf(t, up.dialect)
				for _, leaves := range []bool{true, false} {
					synctest.Test(t, func(t *testing.T) {
						f := newFleet(t)
						p := f.pipe("a")
						serve := f.hosts["a"]
						f.handle("a", func(r *http.Request, body []byte) *http.Response {
							if r.Method == http.MethodGet { // what its models take
								return answer(404, "text/plain", "")
							}
							return serve(r, body)
						})
						e := f.engine("acc " + string(up.dialect.Name()) + " a")
						ctx, leave := context.WithCancel(t.Context())
						defer leave()
						w, done := begin(t, ctx, e, path, body)
						io.WriteString(p, begun)
						synctest.Wait()
						if got := w.code(); got != http.StatusOK {
							t.Fatalf("status %d in mid-stream, want 200", got)
						}
						start := time.Now()
						if leaves {
							leave()
						} else {
							io.WriteString(p, rest)
							p.Close()
						}
						rec := <-done
						<-p.gone
						if took := time.Since(start); took > 100*time.Millisecond {
							t.Errorf("the upstream was let go after %v", took)
						}
						if rec.Canceled != leaves || !leaves && rec.Err != nil {
							t.Errorf("canceled %v (%v), want %v", rec.Canceled, rec.Err, leaves)
						}
						for _, a := range e.Accounts() {
							if len(a.Cooling) > 0 || a.InFlight != 0 {
								t.Errorf("account %+v, want it idle and not cooling", a)
							}
						}
					})
				}
			})
		}
	}
}
