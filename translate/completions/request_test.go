package completions

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

func lit(s string) translate.Value { return jsonlit.Quote(s) }

func TestDecodeRequest(t *testing.T) {
	tests := []struct {
		members string
		set     func(*translate.Request)
	}{
		{`"prompt":"hi"`, func(*translate.Request) {}},
		{`"prompt":["hi"]`, func(*translate.Request) {}},
		{`"prompt":["hi","there"]`, func(r *translate.Request) { r.Prompts = []translate.Value{lit("hi"), lit("there")} }},
		{`"prompt":"hi","stream":true,"stream_options":{"include_usage":true}`, func(r *translate.Request) { r.Stream, r.Usage = true, true }},
		{`"prompt":"hi","max_tokens":5,"temperature":0.5,"top_p":1,"n":2,"seed":3,"stop":["a"],"user":"u","presence_penalty":1,"frequency_penalty":2,"top_k":4`, func(r *translate.Request) {
			r.MaxOutput, r.Temperature, r.TopP, r.N, r.Seed = translate.Value("5"), translate.Value("0.5"), translate.Value("1"), 2, translate.Value("3")
			r.Stop, r.User, r.PresencePenalty, r.FrequencyPenalty, r.TopK = []translate.Value{lit("a")}, lit("u"), translate.Value("1"), translate.Value("2"), translate.Value("4")
		}},
		{`"prompt":"hi","logprobs":0`, func(r *translate.Request) { r.Logprobs = true }},
		{`"prompt":"hi","logprobs":3`, func(r *translate.Request) { r.Logprobs, r.TopLogprobs = true, 3 }},
		{`"prompt":"hi","logprobs":null,"echo":false,"best_of":1,"suffix":"","logit_bias":null`, func(*translate.Request) {}},
		{`"prompt":"hi","echo":true,"best_of":2,"suffix":"end","logit_bias":{"1":1}`, func(r *translate.Request) {
			r.Echo = true
			r.Extra = []translate.Field{{Name: "best_of", Value: translate.Value("2")}, {Name: "suffix", Value: lit("end")}, {Name: "logit_bias", Value: translate.Value(`{"1":1}`)}}
		}},
	}
	for _, test := range tests {
		want := &translate.Request{Dialect: translate.Completions, Model: "m", Turns: []translate.Turn{{Parts: []translate.Part{{Text: lit("hi")}}}}}
		test.set(want)
		got, err := New().DecodeRequest([]byte(`{"model":"m",`+test.members+`}`), translate.Hint{})
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s\n got %+v, %v\nwant %+v", test.members, got, err, want)
		}
	}
	got, err := New().DecodeRequest([]byte(`{"prompt":"hi"}`), translate.Hint{Model: "path", Stream: true})
	if err != nil || got.Model != "path" || !got.Stream {
		t.Errorf("got %+v, %v; want the hint's model and stream", got, err)
	}
}

func TestDecodeRequestRefuses(t *testing.T) {
	tests := []struct{ body, param string }{
		{`"x"`, ""},
		{`{"prompt":"hi"}`, "model"},
		{`{"model":"m"}`, "prompt"},
		{`{"model":"m","prompt":null}`, "prompt"},
		{`{"model":"m","prompt":5}`, "prompt"},
		{`{"model":"m","prompt":[]}`, "prompt"},
		{`{"model":"m","prompt":["a",["b"]]}`, "prompt"},
		{`{"model":"m","prompt":["a"` + strings.Repeat(`,"a"`, maxPrompts) + `]}`, "prompt"},
		{`{"model":"m","prompt":"a","echo":true,"logprobs":1}`, "echo"},
		{`{"model":"m","prompt":[1,2]}`, "prompt"},
		{`{"model":"m","prompt":[[1,2]]}`, "prompt"},
		{`{"model":"m","prompt":"hi","max_tokens":0}`, "max_tokens"},
		{`{"model":"m","prompt":"hi","logprobs":true}`, "logprobs"},
		{`{"model":"m","prompt":"hi","echo":1}`, "echo"},
		{`{"model":"m","prompt":"hi","best_of":0}`, "best_of"},
		{`{"model":"m","prompt":"hi","suffix":1}`, "suffix"},
		{`{"model":"m","prompt":"hi","temperature":"x"}`, "temperature"},
	}
	for _, test := range tests {
		_, err := New().DecodeRequest([]byte(test.body), translate.Hint{})
		var e *translate.Error
		if !errors.As(err, &e) || e.Kind != translate.InvalidRequest || e.Param != test.param {
			t.Errorf("%s: got %v, want an invalid request that blames %q", test.body, err, test.param)
		}
	}
}

// TestRefusedElsewhere: what has no place in other dialects is refused there,
// and never dropped in silence.
func TestRefusedElsewhere(t *testing.T) {
	for _, member := range []string{`"best_of":2`, `"suffix":"x"`} {
		r, err := New().DecodeRequest([]byte(`{"model":"m","prompt":"hi",`+member+`}`), translate.Hint{})
		if err != nil {
			t.Fatal(err)
		}
		for _, target := range []translate.Name{translate.Chat, translate.Responses, translate.Messages, translate.Gemini} {
			if err := translate.Inspect(r, target, new(translate.Losses)); err == nil {
				t.Errorf("%s to %s: got no error", member, target)
			}
		}
		if err := translate.Inspect(r, translate.Completions, new(translate.Losses)); err != nil {
			t.Errorf("%s to completions: %v", member, err)
		}
	}
}

func TestAppendRequest(t *testing.T) {
	text := func(s string) []translate.Part { return []translate.Part{{Text: lit(s)}} }
	tests := []struct {
		name     string
		r        translate.Request
		want     string
		warnings string
	}{
		{"prompt", translate.Request{Turns: []translate.Turn{{Parts: text("a\n")}}}, `{"model":"up","prompt":"a\n"}`, ""},
		{"instructions", translate.Request{System: text("s"), Turns: []translate.Turn{{Parts: append(text("a"), text("b")...)}, {Role: translate.SystemRole, Parts: text("now")}}}, `{"model":"up","prompt":"s\n\na\n\nb\n\n<system>now</system>"}`, ""},
		{"settings", translate.Request{Turns: []translate.Turn{{Parts: text("a")}}, MaxOutput: translate.Value("5"), Temperature: translate.Value("0.5"), Stop: []translate.Value{lit("x")}, Logprobs: true, TopLogprobs: 3},
			`{"model":"up","prompt":"a","max_tokens":5,"temperature":0.5,"stop":["x"],"logprobs":3}`, ""},
		{"more logprobs than there are", translate.Request{Turns: []translate.Turn{{Parts: text("a")}}, Logprobs: true, TopLogprobs: 9}, `{"model":"up","prompt":"a","logprobs":5}`, "approximated=logprobs"},
	}
	for _, test := range tests {
		var losses translate.Losses
		got, err := New().AppendRequest(nil, &test.r, translate.Target{Model: "up", Losses: &losses})
		if err != nil || string(got) != test.want {
			t.Errorf("%s: got %s, %v; want %s", test.name, got, err, test.want)
		}
		if losses.Warnings() != test.warnings {
			t.Errorf("%s: got warnings %q, want %q", test.name, losses.Warnings(), test.warnings)
		}
	}
}

func TestAppendRequestRefuses(t *testing.T) {
	user := translate.Turn{Parts: []translate.Part{{Text: lit("a")}}}
	model := translate.Turn{Role: translate.AssistantRole, Parts: user.Parts}
	image := translate.Turn{Parts: []translate.Part{{Kind: translate.Image, Media: &translate.Media{}}}}
	tests := []struct {
		name   string
		client translate.Name
		turns  []translate.Turn
		param  string
	}{
		{"a conversation", translate.Chat, []translate.Turn{user, model, user}, "messages"},
		{"a beginning of the answer", translate.Gemini, []translate.Turn{user, model}, "contents"},
		{"two user turns", translate.Responses, []translate.Turn{user, {Role: translate.SystemRole}, user}, "input"},
		{"an image", translate.Messages, []translate.Turn{image}, "messages"},
	}
	for _, test := range tests {
		_, err := New().AppendRequest(nil, &translate.Request{Dialect: test.client, Turns: test.turns}, translate.Target{Losses: new(translate.Losses)})
		var e *translate.Error
		if !errors.As(err, &e) || e.Kind != translate.InvalidRequest || e.Param != test.param {
			t.Errorf("%s: got %v, want an invalid request that blames %q", test.name, err, test.param)
		}
	}
}

func TestRoundTrip(t *testing.T) {
	body := `{"model":"m","prompt":"hi","max_tokens":5,"stream":true,"stream_options":{"include_usage":true},"temperature":0.5,"top_p":1,"frequency_penalty":2,"presence_penalty":1,"seed":3,"stop":["a"],"n":2,"user":"u","logprobs":2}`
	r, err := New().DecodeRequest([]byte(body), translate.Hint{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := New().AppendRequest(nil, r, translate.Target{Model: "m", Stream: true, Losses: new(translate.Losses)})
	if err != nil || string(got) != body {
		t.Errorf("got %s, %v; want %s", got, err, body)
	}
}

func FuzzDecodeRequest(f *testing.F) {
	f.Add([]byte(`{"model":"m","prompt":["hi"],"logprobs":2,"echo":true,"suffix":"x","stop":"a"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if jsonlit.Check(body) != nil {
			return
		}
		r, err := New().DecodeRequest(body, translate.Hint{})
		if err != nil {
			return
		}
		out, err := New().AppendRequest(nil, r, translate.Target{Model: "m", Losses: new(translate.Losses)})
		if err != nil || !jsonlit.Valid(out) {
			t.Errorf("got %s, %v; want what was read", out, err)
		}
	})
}
