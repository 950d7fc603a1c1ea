package exchange

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/accounts/inventory"
)

const (
	openAIEmbeddings = `{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.5,1.0]}],"model":"m","usage":{"prompt_tokens":3,"total_tokens":3}}`
	googleEmbeddings = `{"embeddings":[{"values":[0.5,1.0]}],"usageMetadata":{"promptTokenCount":3}}`
)

// TestEmbeddings asks accounts of both forms in both forms.
func TestEmbeddings(t *testing.T) {
	const openAIBody, oneBody, batchBody = `{"model":"m","input":"hi"}`, `{"content":{"parts":[{"text":"hi"}]}}`, `{"requests":[{"model":"models/m","content":{"parts":[{"text":"hi"}]}}]}`
	f := newFleet(t)
	f.serve("c", 200, "application/json", openAIEmbeddings)
	f.serve("g", 200, "application/json", googleEmbeddings)
	chat, gemini := f.engine("acc chat c"), f.engine("acc gemini g")
	for name, tc := range map[string]struct {
		e                           *Engine
		target, body, url, sent, in string
	}{
		"OpenAI on Google": {gemini, "/v1/embeddings", openAIBody, "http://g/v1beta/models/m:batchEmbedContents", batchBody, openAIEmbeddings},
		"Google on OpenAI": {chat, "/v1beta/models/m:batchEmbedContents", batchBody, "http://c/v1/embeddings", `{"model":"m","input":["hi"],"encoding_format":"float"}`,
			`{"embeddings":[{"values":[0.5,1.0]}],"usageMetadata":{"promptTokenCount":3,"totalTokenCount":3}}`},
		"Google on OpenAI, one": {chat, "/v1beta/models/m:embedContent", oneBody, "http://c/v1/embeddings", `{"model":"m","input":["hi"],"encoding_format":"float"}`,
			`{"embedding":{"values":[0.5,1.0]},"usageMetadata":{"promptTokenCount":3,"totalTokenCount":3}}`},
		"OpenAI on OpenAI": {chat, "/v1/embeddings", openAIBody, "http://c/v1/embeddings", openAIBody, openAIEmbeddings},
		"Google on Google": {gemini, "/v1beta/models/m:batchEmbedContents", batchBody, "http://g/v1beta/models/m:batchEmbedContents", batchBody, googleEmbeddings},
	} {
		t.Run(name, func(t *testing.T) {
			w, rec := call(t, tc.e, "POST", tc.target, tc.body)
			if w.Code != 200 || w.Body.String() != tc.in {
				t.Errorf("answer = %d %s\nwant      %s", w.Code, w.Body, tc.in)
			}
			sent := f.last()
			if sent.url != tc.url || sent.body != tc.sent {
				t.Errorf("sent %s to %s\nwant %s to %s", sent.body, sent.url, tc.sent, tc.url)
			}
			if rec.Usage.Input != 3 || rec.UpstreamModel != "m" {
				t.Errorf("record = %+v, want 3 tokens of m", rec)
			}
		})
	}
}

// TestEmbeddingsFailover goes from an account of one form to one of the other.
func TestEmbeddingsFailover(t *testing.T) {
	f := newFleet(t)
	f.serve("c", 429, "application/json", fmt.Sprintf(openAIError, "slow down", "rate_limit_error", `"rate_limit_exceeded"`))
	f.serve("g", 200, "application/json", googleEmbeddings)
	e := f.engine("one chat c", "two gemini g")
	w, rec := call(t, e, "POST", "/v1/embeddings", `{"model":"m","input":"hi","user":"u"}`)
	if w.Code != 200 || w.Body.String() != openAIEmbeddings || rec.Account != "two" {
		t.Errorf("answer = %d %s of %s, want the second account's", w.Code, w.Body, rec.Account)
	}
	if got, want := w.Header().Get("X-Ai-Warnings"), "dropped=user"; got != want {
		t.Errorf("warnings = %q, want %q", got, want)
	}
	for name, tc := range map[string]struct {
		body, answer string
		settings     Settings
		status       int
		want         string
	}{
		"strict":     {`{"model":"two/m","input":"hi","user":"u"}`, googleEmbeddings, Settings{Strict: true}, 400, "user"},
		"token ids":  {`{"model":"two/m","input":[1,2]}`, googleEmbeddings, Settings{}, 400, "token ids"},
		"too few":    {`{"model":"two/m","input":["a","b"]}`, googleEmbeddings, Settings{}, 502, "another number"},
		"no numbers": {`{"model":"two/m","input":"a"}`, `{"embeddings":[{}]}`, Settings{}, 502, "lacks an embedding"},
	} {
		f.serve("g", 200, "application/json", tc.answer)
		tc.settings.MaxWait = -1
		w, _ := callCtx(t, t.Context(), f.engine("one chat c", "two gemini g"), tc.settings, "POST", "/v1/embeddings", tc.body)
		if w.Code != tc.status || !strings.Contains(w.Body.String(), tc.want) || !strings.Contains(w.Body.String(), `"error"`) {
			t.Errorf("%s: %d %s, want %d with %q", name, w.Code, w.Body, tc.status, tc.want)
		}
	}
	f.serve("g", 200, "application/json", `{"embeddings":[{"values":[1]}]}`)
	w, _ = call(t, f.engine("two gemini g"), "POST", "/v1/embeddings", `{"model":"m","input":"hi"}`)
	if got := w.Header().Get("X-Token-Count"); w.Code != 200 || got != "estimated" || strings.Contains(w.Body.String(), `"prompt_tokens":0`) {
		t.Errorf("answer = %d %s with X-Token-Count %q, want an estimate that says so", w.Code, w.Body, got)
	}
}

// TestUnlimitedAccounts serve also what names no model, or names it too late.
func TestUnlimitedAccounts(t *testing.T) {
	f := newFleet(t)
	inv, err := inventory.Build([]inventory.Config{{Accounts: []inventory.AccountConfig{
		{Name: "later", Provider: "openai", APIKey: canary, BaseURL: "http://later/v1", Priority: 2},
		{Name: "limited", Provider: "openai", APIKey: canary, BaseURL: "http://limited/v1", Models: []string{"gpt-*"}},
		{Name: "open", Provider: "openai", APIKey: canary, BaseURL: "http://open/v1", Priority: 1},
	}}}, func(s string) (string, error) { return s, nil })
	if err != nil {
		t.Fatal(err)
	}
	e := New(Options{Transport: f})
	t.Cleanup(e.Close)
	e.Apply(inv)
	f.handle("open", func(r *http.Request, body []byte) *http.Response {
		return jsonAnswer(200, fmt.Sprintf(`{"size":%d}`, len(body)))
	})
	w, rec := call(t, e, "POST", "/v1/moderations", `{"input":"x"}`)
	if w.Code != 200 || rec.Account != "open" || w.Header().Get("X-Ai-Model") != "" {
		t.Errorf("moderation: %d of %s %v", w.Code, rec.Account, w.Header())
	}
	body := upload20MB("")
	body.tail = strings.NewReader("\r\n" + form("model", "whisper-1"))
	w, rec = send(t, e, Settings{}, "/v1/audio/transcriptions", body, -1)
	if w.Code != 200 || rec.Account != "open" || len(w.Body.String()) < len(`{"size":20971520}`) {
		t.Errorf("upload: %d of %s: %s", w.Code, rec.Account, w.Body)
	}
}
