package conformance

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/fairway-gateway/fairway/conformance/grammar"
	"github.com/fairway-gateway/fairway/conformance/upstream"
)

// call sends raw bytes to the gateway.
func call(t *testing.T, method, url, contentType, body string) (int, http.Header, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(b)
}

// path is where a dialect's requests go; Gemini's holds the model.
func path(d upstream.Dialect, model string) string {
	return map[upstream.Dialect]string{upstream.Chat: "/v1/chat/completions", upstream.Completions: "/v1/completions", upstream.Responses: "/v1/responses",
		upstream.Messages: "/v1/messages", upstream.Gemini: "/v1beta/models/" + model + ":generateContent"}[d]
}

// TestBadInput sends what no client should, and wants a clear 4xx in the caller's own dialect with nothing sent on.
func TestBadInput(t *testing.T) {
	tests := []struct {
		name, contentType string
		status            []int
		bodies            map[upstream.Dialect]string
	}{
		{"not JSON", "application/json", []int{400}, all(`{"model":`)},
		{"not an object", "application/json", []int{400}, all(`[1,2]`)},
		{"empty body", "application/json", []int{400}, all(``)},
		{"wrong content type", "text/plain", []int{400, 415}, all(`{"model":"MODEL","messages":[{"role":"user","content":"a"}],"input":"a","prompt":"a","max_tokens":9}`)},
		{"duplicate model", "application/json", []int{400}, map[upstream.Dialect]string{
			upstream.Chat:      `{"model":"MODEL","model":"other","messages":[{"role":"user","content":"a"}]}`,
			upstream.Responses: `{"model":"MODEL","input":"a","model":"other"}`,
			upstream.Messages:  `{"model":"MODEL","mod\u0065l":"other","max_tokens":9,"messages":[{"role":"user","content":"a"}]}`}},
		{"invalid UTF-8", "application/json", []int{400}, map[upstream.Dialect]string{
			upstream.Chat:     "{\"model\":\"MODEL\",\"messages\":[{\"role\":\"user\",\"content\":\"a\xff\"}]}",
			upstream.Messages: "{\"model\":\"MODEL\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\"a\xc3\x28\"}]}",
			upstream.Gemini:   "{\"contents\":[{\"parts\":[{\"text\":\"\xed\xa0\x80\"}]}]}"}},
		{"no model", "application/json", []int{400}, map[upstream.Dialect]string{
			upstream.Chat: `{"messages":[{"role":"user","content":"a"}]}`, upstream.Responses: `{"input":"a"}`,
			upstream.Messages: `{"max_tokens":9,"messages":[{"role":"user","content":"a"}]}`, upstream.Completions: `{"prompt":"a"}`}},
		{"no conversation", "application/json", []int{400}, map[upstream.Dialect]string{
			upstream.Chat: `{"model":"MODEL"}`, upstream.Responses: `{"model":"MODEL"}`, upstream.Messages: `{"model":"MODEL","max_tokens":9}`,
			upstream.Gemini: `{}`}},
		{"no max_tokens", "application/json", []int{400}, map[upstream.Dialect]string{
			upstream.Messages: `{"model":"MODEL","messages":[{"role":"user","content":"a"}]}`}},
		{"unknown part", "application/json", []int{400}, map[upstream.Dialect]string{
			upstream.Chat:      `{"model":"MODEL","messages":[{"role":"user","content":[{"type":"hologram","hologram":{}}]}]}`,
			upstream.Responses: `{"model":"MODEL","input":[{"role":"user","content":[{"type":"input_hologram"}]}]}`,
			upstream.Messages:  `{"model":"MODEL","max_tokens":9,"messages":[{"role":"user","content":[{"type":"hologram"}]}]}`,
			upstream.Gemini:    `{"contents":[{"role":"user","parts":[{"hologram":{}}]}]}`}},
		{"unknown role", "application/json", []int{400}, map[upstream.Dialect]string{
			upstream.Chat:     `{"model":"MODEL","messages":[{"role":"robot","content":"a"}]}`,
			upstream.Messages: `{"model":"MODEL","max_tokens":9,"messages":[{"role":"robot","content":"a"}]}`}},
		{"result without call", "application/json", []int{400}, map[upstream.Dialect]string{
			upstream.Chat:      `{"model":"MODEL","messages":[{"role":"user","content":"a"},{"role":"tool","tool_call_id":"x","content":"b"}]}`,
			upstream.Responses: `{"model":"MODEL","input":[{"type":"function_call_output","call_id":"x","output":"b"}]}`,
			upstream.Messages:  `{"model":"MODEL","max_tokens":9,"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"x","content":"b"}]}]}`,
			upstream.Gemini:    `{"contents":[{"role":"user","parts":[{"functionResponse":{"name":"x","response":{}}}]}]}`}},
		{"wrong type", "application/json", []int{400}, map[upstream.Dialect]string{
			upstream.Chat: `{"model":"MODEL","messages":"a"}`, upstream.Responses: `{"model":"MODEL","input":7}`,
			upstream.Messages: `{"model":"MODEL","max_tokens":"many","messages":[{"role":"user","content":"a"}]}`, upstream.Gemini: `{"contents":"a"}`}},
	}
	for _, tt := range tests {
		for d, body := range tt.bodies {
			for _, up := range []upstream.Dialect{upstream.Messages, upstream.Chat} {
				t.Run(tt.name+"/"+string(d)+" on "+string(up), func(t *testing.T) {
					t.Parallel()
					s := set(t, cell{client: d, up: up}, false)
					s.account.Answer(func(*upstream.Record) upstream.Reply {
						return upstream.Reply{Pieces: []upstream.Piece{upstream.Say("accepted")}}
					})
					h, _ := openHall()
					code, _, answer := call(t, http.MethodPost, h.gateway.URL+path(d, s.model), tt.contentType, strings.ReplaceAll(body, "MODEL", s.model))
					ok := false
					for _, want := range tt.status {
						ok = ok || code == want
					}
					if !ok {
						t.Errorf("got %d %s, want one of %v", code, answer, tt.status)
					}
					at, words := kind(d, upstream.BadRequest)
					if got := gjson.Get(answer, at).String(); got != words[0] {
						t.Errorf("%s: got %q, want %q: %s", at, got, words[0], answer)
					}
					if gjson.Get(answer, "error.message").String() == "" {
						t.Errorf("the error says nothing: %s", answer)
					}
				})
			}
		}
	}
}

func all(body string) map[upstream.Dialect]string {
	out := map[upstream.Dialect]string{}
	for _, d := range clientDialects() {
		out[d] = body
	}
	return out
}

// TestPlainHTTP covers what no SDK sends.
func TestPlainHTTP(t *testing.T) {
	g, accounts := vendors(t)
	ok := upstream.Reply{Pieces: []upstream.Piece{upstream.Say("Hel", "lo")}, Usage: usual}
	for _, a := range accounts {
		a.Answer(func(*upstream.Record) upstream.Reply { return ok })
	}
	t.Run("probes", func(t *testing.T) {
		for _, p := range []struct {
			method, path string
			want         int
		}{
			{http.MethodGet, "/healthz", 200}, {http.MethodHead, "/healthz", 200}, {http.MethodHead, "/", 200},
			{http.MethodGet, "/favicon.ico", 404}, {http.MethodPost, "/v1/nothing", 404},
		} {
			if code, _, body := call(t, p.method, g.URL+p.path, "", ""); code != p.want && !(p.want == 404 && code == 200 && body == "") {
				t.Errorf("%s %s: got %d %s, want %d", p.method, p.path, code, body, p.want)
			}
		}
	})
	t.Run("Gemini array", func(t *testing.T) {
		for _, up := range upstreamDialects() {
			url := g.URL + "/v1beta/models/" + vendorModel(up, false) + ":streamGenerateContent"
			code, header, body := call(t, http.MethodPost, url, "application/json", `{"contents":[{"parts":[{"text":"Hi."}]}]}`)
			if code != 200 || !strings.HasPrefix(header.Get("Content-Type"), "application/json") {
				t.Errorf("on %s: got %d %q", up, code, header.Get("Content-Type"))
			}
			if err := grammar.GeminiArray([]byte(body), grammar.Clean); err != nil {
				t.Errorf("on %s: %v", up, err)
			}
			text := ""
			for _, f := range gjson.Parse(body).Array() {
				text += f.Get("candidates.0.content.parts.0.text").String()
			}
			if text != "Hello" {
				t.Errorf("on %s: got %q, want Hello: %s", up, text, body)
			}
		}
	})
	t.Run("Gemini leniency", func(t *testing.T) {
		// What Google's own documentation shows in its curl examples, and what its proto JSON takes besides.
		for name, body := range map[string]string{
			"snake case":     `{"contents":[{"role":"USER","parts":[{"text":"Hi."}]}],"system_instruction":{"parts":{"text":"Be brief."}},"generation_config":{"max_output_tokens":"77"}}`,
			"lone objects":   `{"contents":{"parts":{"text":"Hi."}},"systemInstruction":{"parts":[{"text":"Be brief."}]},"generationConfig":{"maxOutputTokens":77}}`,
			"no role at all": `{"contents":[{"parts":[{"text":"Hi."}]}],"systemInstruction":{"parts":[{"text":"Be brief."}]},"generationConfig":{"maxOutputTokens":77}}`,
		} {
			for _, up := range upstreamDialects() {
				code, _, answer := call(t, http.MethodPost, g.URL+"/v1beta/models/"+vendorModel(up, false)+":generateContent?key=x", "application/json", body)
				if code != 200 {
					t.Errorf("%s on %s: got %d %s", name, up, code, answer)
					continue
				}
				recs := accounts[up].Generated()
				rec := recs[len(recs)-1]
				if up == upstream.Gemini {
					continue
				}
				if s := strings.Join(rec.Seen.System, ""); s != "Be brief." || rec.Seen.MaxOutput != "77" || strings.Join(rec.Seen.Texts(), "") != "Hi." {
					t.Errorf("%s on %s: the account saw %q, %q and %q", name, up, s, rec.Seen.MaxOutput, rec.Seen.Texts())
				}
			}
		}
	})
	t.Run("model list shapes", func(t *testing.T) {
		for name, header := range map[string]string{"data.0.object": "", "data.0.type": "anthropic-version", "models.0.name": "x-goog-api-key"} {
			r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, g.URL+"/v1/models", nil)
			if header != "" {
				r.Header.Set(header, "2023-06-01")
			}
			resp, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			b, _ := io.ReadAll(resp.Body)
			resp.Body.Close()
			if !gjson.GetBytes(b, name).Exists() {
				t.Errorf("GET /v1/models with header %q lacks %s: %s", header, name, b)
			}
		}
	})
	t.Run("secrets", func(t *testing.T) {
		for d, a := range accounts {
			if strings.Contains(g.log.String(), a.Key) {
				t.Errorf("the key of the %s account stands in the log", d)
			}
			for _, rec := range a.Generated() {
				if k := rec.Header.Get("Authorization") + rec.Header.Get("x-api-key") + rec.Header.Get("x-goog-api-key") + rec.Query.Get("key"); !strings.Contains(k, a.Key) || strings.Contains(k, "unused") || rec.Query.Get("key") == "x" {
					t.Errorf("the %s account got the credential %q", d, k)
				}
			}
		}
	})
}
