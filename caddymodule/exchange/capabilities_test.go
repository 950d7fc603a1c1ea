package exchange

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/fairway-gateway/fairway/accounts/inventory"
	"github.com/fairway-gateway/fairway/translate"
)

// capable is an engine over one account of a dialect that serves Claude's
// models.
func capable(t *testing.T, f *fleet, dialect string, owner ...inventory.CapabilityConfig) *Engine {
	t.Helper()
	inv, err := inventory.Build([]inventory.Config{{
		Providers:    []inventory.ProviderConfig{{Name: "p", Dialect: dialect, BaseURL: "http://u", Families: []string{"claude-*"}}},
		Accounts:     []inventory.AccountConfig{{Name: "acc", Provider: "p", APIKey: canary}},
		Capabilities: owner,
	}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	e := New(Options{Transport: f})
	e.Apply(inv)
	t.Cleanup(e.Close)
	return e
}

// warm asks of a model that takes temperature, as far as its name tells.
const warm = `{"model":"claude-opus-4-6","temperature":0.5,"reasoning_effort":"%s","messages":[{"role":"user","content":"hi"}]}`

// TestProviderTells has the provider's list tell what the name does not.
func TestProviderTells(t *testing.T) {
	f := newFleet(t)
	listed := make(chan struct{}, 1)
	f.handle("u", func(r *http.Request, _ []byte) *http.Response {
		if r.Method == http.MethodGet {
			listed <- struct{}{}
			return answer(200, "application/json", `{"data":[{"type":"model","id":"claude-opus-4-6","max_tokens":5000,"capabilities":{
				"thinking":{"supported":true,"types":{"adaptive":{"supported":true}}},"effort":{"supported":true,"low":{"supported":true},"medium":{"supported":true}}}}],"has_more":false}`)
		}
		return answer(200, "application/json", messagesAnswer)
	})
	e := capable(t, f, "messages")
	body := strings.Replace(warm, "%s", "high", 1)
	call(t, e, "POST", "/v1/chat/completions", body)
	if sent := f.last().body; !strings.Contains(sent, `"max_tokens":32000`) || !strings.Contains(sent, `"effort":"high"`) {
		t.Errorf("by its name alone: %s", sent)
	}
	select {
	case <-listed:
	case <-time.After(10 * time.Second):
		t.Fatal("the provider was not asked for its list")
	}
	e.catalogue.fetch(e.inventory.Load().Account("acc")) // joins the request under way, or makes another
	w, _ := call(t, e, "POST", "/v1/chat/completions", body)
	if sent := f.last().body; !strings.Contains(sent, `"max_tokens":5000`) || !strings.Contains(sent, `"effort":"medium"`) {
		t.Errorf("by the list: %s", sent)
	}
	if got := w.Header().Get("X-Ai-Warnings"); !strings.Contains(got, "approximated=reasoning") {
		t.Errorf("warnings = %q, want the effort named", got)
	}
}

// TestOwnerTells has the configuration go before the name.
func TestOwnerTells(t *testing.T) {
	yes, no := true, false
	f := newFleet(t)
	f.handle("u", func(r *http.Request, _ []byte) *http.Response {
		if r.Method == http.MethodGet {
			return answer(404, "application/json", `{}`)
		}
		return answer(200, "application/json", messagesAnswer)
	})
	for name, tc := range map[string]struct {
		owner []inventory.CapabilityConfig
		want  string
		not   string
	}{
		"nothing":           {nil, `"temperature":0.5`, ""},
		"no sampling":       {[]inventory.CapabilityConfig{{Pattern: "claude-*", NoSampling: &yes}}, "", "temperature"},
		"of the account":    {[]inventory.CapabilityConfig{{Pattern: "acc/*", NoSampling: &yes}}, "", "temperature"},
		"of the provider":   {[]inventory.CapabilityConfig{{Pattern: "p/claude-*", NoSampling: &yes}}, "", "temperature"},
		"of another":        {[]inventory.CapabilityConfig{{Pattern: "gpt-*", NoSampling: &yes}}, `"temperature":0.5`, ""},
		"the longest first": {[]inventory.CapabilityConfig{{Pattern: "claude-opus-*", NoSampling: &no}, {Pattern: "claude-*", NoSampling: &yes}}, `"temperature":0.5`, ""},
		"a limit":           {[]inventory.CapabilityConfig{{Pattern: "*", MaxOutput: 77}}, `"max_tokens":77`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			call(t, capable(t, f, "messages", tc.owner...), "POST", "/v1/chat/completions", strings.Replace(warm, "%s", "none", 1))
			sent := f.last().body
			if !strings.Contains(sent, tc.want) || tc.not != "" && strings.Contains(sent, tc.not) {
				t.Errorf("sent %s, want %q and not %q", sent, tc.want, tc.not)
			}
		})
	}
}

// TestReasoningIsEchoed brings the thinking of a Messages client's tool loop
// back to a Chat server that wants it.
func TestReasoningIsEchoed(t *testing.T) {
	const loop = `{"model":"claude-%s","max_tokens":50,"messages":[{"role":"user","content":"hi"},
		{"role":"assistant","content":[{"type":"thinking","thinking":"hmm","signature":""},{"type":"tool_use","id":"t1","name":"f","input":{}}]},
		{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"ok"}]}],"tools":[{"name":"f","input_schema":{"type":"object"}}]}`
	f := newFleet(t)
	f.serve("u", 200, "application/json", chatAnswer)
	yes := true
	e := capable(t, f, "chat", inventory.CapabilityConfig{Pattern: "claude-deep", EchoReasoning: &yes})
	for model, want := range map[string]bool{"deep": true, "plain": false} {
		w, _ := call(t, e, "POST", "/v1/messages", strings.Replace(loop, "%s", model, 1))
		if got := strings.Contains(f.last().body, `"reasoning_content":"hmm"`); w.Code != 200 || got != want {
			t.Errorf("%s: %d, echoed %v, want %v: %s", model, w.Code, got, want, f.last().body)
		}
	}
}

// TestOwnersFacts holds the words of the configuration to those of the encoders.
func TestOwnersFacts(t *testing.T) {
	var c inventory.CapabilityConfig
	for _, name := range inventory.CapabilitySettings() {
		var words []string
		switch name {
		case "max_output":
			words = []string{"5"}
		case "thinking":
			words = []string{"level"}
		case "efforts":
			words = []string{"none", "minimal", "low", "medium", "high", "xhigh", "max"}
		}
		if err := c.Set(name, words...); err != nil {
			t.Fatal(err)
		}
	}
	got := ownersFacts(c)
	want := translate.Facts{MaxOutput: 5, Thinking: translate.ThinkingLevel, Efforts: 1<<7 - 1, NoSampling: translate.True,
		NoThinkingOff: translate.True, BetweenTools: translate.True, NoForcedTool: translate.True, NoPrefill: translate.True,
		MidSystem: translate.True, MaxTokensField: translate.True, EchoReasoning: translate.True, Signatures: translate.True}
	if got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	for _, word := range []string{"none", "budget", "adaptive", "level"} {
		if err := c.Set("thinking", word); err != nil {
			t.Errorf("%s: %v", word, err)
		}
		if ownersFacts(c).Thinking == translate.ThinkingUnknown {
			t.Errorf("the encoders do not know the style %q", word)
		}
	}
}
