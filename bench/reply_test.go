package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// payload returns the data of one framed event and the name it was framed with.
func payload(t *testing.T, event []byte) (name string, body []byte) {
	t.Helper()
	s, found := strings.CutSuffix(string(event), "\n\n")
	if !found || strings.Contains(s, "\n\n") {
		t.Fatalf("event %q: want exactly one blank line, at its end", event)
	}
	for line := range strings.SplitSeq(s, "\n") {
		switch field, value, _ := strings.Cut(line, ": "); field {
		case "event":
			name = value
		case "data":
			body = []byte(value)
		default:
			t.Fatalf("event %q: unexpected line %q", event, line)
		}
	}
	return name, body
}

func TestStreams(t *testing.T) {
	streams := map[string]events{}
	for _, d := range dialects() {
		streams[d.name] = streamOf(d, d.model())
	}
	streams["agent, chat"] = agentStream(chatDialect(), "m")
	streams["agent, messages"] = agentStream(messagesDialect(), "m")
	for name, e := range streams {
		t.Run(name, func(t *testing.T) {
			all := e.all()
			if len(all) != streamEvents {
				t.Errorf("got %d events, want %d", len(all), streamEvents)
			}
			for i, event := range all {
				kind, body := payload(t, event)
				if string(body) == "[DONE]" && i == len(all)-1 {
					continue
				}
				var v struct {
					Type     string `json:"type"`
					Sequence *int   `json:"sequence_number"`
				}
				if err := json.Unmarshal(body, &v); err != nil {
					t.Fatalf("event %d: %v", i, err)
				}
				if kind != v.Type {
					t.Errorf("event %d: got name %q, want its type %q", i, kind, v.Type)
				}
				if v.Sequence != nil && *v.Sequence != i {
					t.Errorf("event %d: got sequence number %d", i, *v.Sequence)
				}
			}
			if last := e.deltas[len(e.deltas)-1]; !bytes.Contains(last, []byte(replyEnd)) {
				t.Errorf("last delta: got %q, want %s in it", last, replyEnd)
			}
		})
	}
}

func TestPlainAnswers(t *testing.T) {
	for _, d := range dialects() {
		body := plainOf(d, d.model())
		if !jsontext.Value(body).IsValid() {
			t.Errorf("%s: not valid JSON: %s", d.name, body)
		}
		if err := check(200, body, []string{replyEnd, d.plainEnd, d.model()}); err != nil {
			t.Errorf("%s: %v", d.name, err)
		}
	}
}

func TestAgentArgumentsAreOneJSONObject(t *testing.T) {
	pieces := agentArguments(40)
	joined := strings.Join(pieces, "")
	if len(pieces) != 40 || !jsontext.Value(joined).IsValid() {
		t.Errorf("got %d pieces of %q, want 40 of valid JSON", len(pieces), joined)
	}
}

func TestReplyTextsAreTheTextInOrder(t *testing.T) {
	texts := replyTexts(37)
	joined := strings.Join(texts, "")
	if want := text(1, 37*14) + replyEnd; len(texts) != 37 || joined != want {
		t.Errorf("got %d texts\n%q, want 37\n%q", len(texts), joined, want)
	}
	for i, s := range texts {
		if s == "" {
			t.Errorf("text %d is empty", i)
		}
	}
}
