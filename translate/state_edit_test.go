package translate_test

import (
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/carrier"
	"github.com/fairway-gateway/fairway/translate/chat"
	"github.com/fairway-gateway/fairway/translate/completions"
	"github.com/fairway-gateway/fairway/translate/gemini"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
	"github.com/fairway-gateway/fairway/translate/messages"
	"github.com/fairway-gateway/fairway/translate/responses"
)

// foreignCarrier is state of a vendor that no test speaks to.
func foreignCarrier() string {
	c := carrier.Carrier{Vendor: carrier.Other, Kind: carrier.Thinking, Layout: []carrier.Item{{Kind: carrier.Thinking, Length: 2}}, Scope: "00000000", Model: "m", Payload: []byte("Zm9v")}
	return string(c.Append(nil))
}

// ownCarrier is state of an upstream's own, of which native is the value.
func ownCarrier(v carrier.Vendor, native string) string {
	c := carrier.Carrier{Vendor: v, Kind: carrier.Thinking, Layout: []carrier.Item{{Kind: carrier.Thinking, Length: 2}}, Scope: "0a1b2c3d", Model: "m", Payload: []byte(native)}
	return string(c.Append(nil))
}

func TestEditState(t *testing.T) {
	b64 := func(s string) string { return string(carrier.Encoded(nil, []byte(s))) }
	foreign := foreignCarrier()
	for name, c := range map[string]struct {
		dialect         translate.Dialect
		body, own, none string
	}{
		"messages": {messages.New(),
			`{"messages" : [ {"role":"user","content":"a gw1. b"}, {"role":"assistant","content":[ {"type":"thinking","thinking":"hm","signature":"` + foreign + `"} , {"type":"text","text":"x"},{"type":"redacted_thinking","data":"` + foreign + `"}, {"type":"redacted_thinking","data":"` + ownCarrier(carrier.Anthropic, "Em") + `"}, {"type":"thinking","thinking":"","signature":"Eq"}]}, {"role":"assistant","content":[{"type":"thinking","thinking":"unsigned","signature":""}]}], "model":"m"}`,
			`{"messages" : [ {"role":"user","content":"a gw1. b"}, {"role":"assistant","content":[ {"type":"text","text":"x"}, {"type":"redacted_thinking","data":"Em"}, {"type":"thinking","thinking":"","signature":"Eq"}]}], "model":"m"}`,
			`{"messages" : [ {"role":"user","content":"a gw1. b"}, {"role":"assistant","content":[ {"type":"text","text":"x"}]}], "model":"m"}`},
		"responses": {responses.New(),
			`{"input":[{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"` + foreign + `"},{"role":"user","content":"x"},{"type":"reasoning","summary":[],"encrypted_content":"` + ownCarrier(carrier.OpenAI, "gAAA") + `"},{"type":"reasoning","id":"rs_2"},{"type":"reasoning","encrypted_content":"gBBB"}]}`,
			`{"input":[{"role":"user","content":"x"},{"type":"reasoning","summary":[],"encrypted_content":"gAAA"},{"type":"reasoning","id":"rs_2"},{"type":"reasoning","encrypted_content":"gBBB"}]}`,
			`{"input":[{"role":"user","content":"x"}]}`},
		"gemini": {gemini.New(),
			`{"contents":[{"role":"model","parts":[{"functionCall":{"name":"f"},"thoughtSignature":"` + b64(foreign) + `"},{"text":"a", "thoughtSignature":"` + b64(foreign+" "+foreign) + `" , "thought":true},{"thought_signature":"` + b64(foreign) + `","text":""},{"functionCall":{"name":"g"},"thoughtSignature":"` + b64(ownCarrier(carrier.Google, "AY8=")) + `"},{"text":"","thoughtSignature":"c2ln"}]}]}`,
			`{"contents":[{"role":"model","parts":[{"functionCall":{"name":"f"},"thoughtSignature":"skip_thought_signature_validator"},{"text":"a" , "thought":true},{"functionCall":{"name":"g"},"thoughtSignature":"AY8="},{"text":"","thoughtSignature":"c2ln"}]}]}`,
			`{"contents":[{"role":"model","parts":[{"functionCall":{"name":"f"},"thoughtSignature":"skip_thought_signature_validator"},{"text":"a" , "thought":true},{"functionCall":{"name":"g"},"thoughtSignature":"skip_thought_signature_validator"}]}]}`},
		"gemini, no lists": {gemini.New(),
			`{"contents":{"role":"model","parts":{"text":"a","thoughtSignature":"` + b64(foreign) + `"}}}`,
			`{"contents":{"role":"model","parts":{"text":"a"}}}`, `{"contents":{"role":"model","parts":{"text":"a"}}}`},
		"chat": {chat.New(),
			`{"messages":[{"reasoning_details":[{"type":"reasoning.encrypted","data":"` + foreign + `"}],"role":"assistant","content":"a"},{"role":"assistant","reasoning_details":[{"type":"reasoning.text","text":"hm"},{"data":"` + foreign + `"},{"signature":"sig"}],"tool_calls":[{"id":"1","extra_content":{"google":{"thought_signature":"c2ln"}}}]}]}`,
			`{"messages":[{"role":"assistant","content":"a"},{"role":"assistant","reasoning_details":[{"type":"reasoning.text","text":"hm"},{"signature":"sig"}],"tool_calls":[{"id":"1","extra_content":{"google":{"thought_signature":"c2ln"}}}]}]}`,
			`{"messages":[{"role":"assistant","content":"a"},{"role":"assistant","reasoning_details":[{"type":"reasoning.text","text":"hm"}],"tool_calls":[{"id":"1"}]}]}`},
		"a member twice": {chat.New(), `{"messages":[{"reasoning_details":[{"data":"` + foreign + `"}],"reasoning_details":[{"data":"` + foreign + `"}],"role":"assistant"}]}`,
			`{"messages":[{"role":"assistant"}]}`, `{"messages":[{"role":"assistant"}]}`},
		"nothing else": {chat.New(), `{"messages":[{"reasoning_details":[{"data":"` + foreign + `"}]}]}`, `{"messages":[{}]}`, `{"messages":[{}]}`},
		"completions":  {completions.New(), `{"prompt":"` + foreign + `"}`, `{"prompt":"` + foreign + `"}`, `{"prompt":"` + foreign + `"}`},
	} {
		t.Run(name, func(t *testing.T) {
			if err := jsonlit.Check([]byte(c.body)); err != nil {
				t.Fatal(err)
			}
			to := translate.Origin{Dialect: c.dialect.Name(), Scope: "0a1b2c3d", Model: "m"}
			for _, pass := range []struct {
				judge func(translate.Value) translate.Value
				want  string
			}{{translate.OwnState(to), c.own}, {translate.NoState, c.none}} {
				got := string(translate.AppendEdited(nil, []byte(c.body), c.dialect.EditState([]byte(c.body), pass.judge)))
				if got != pass.want {
					t.Errorf("\n got %s\nwant %s", got, pass.want)
				}
			}
			// What holds no state stays as it is.
			clean := strings.TrimSpace(c.none)
			if edits := c.dialect.EditState([]byte(clean), translate.OwnState(to)); name != "gemini" && len(edits) > 0 {
				t.Errorf("edits of a body without state: %+v", edits)
			}
		})
	}
}
