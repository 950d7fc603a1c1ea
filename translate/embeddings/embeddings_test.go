package embeddings

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// TestRequests translates requests between the forms.
func TestRequests(t *testing.T) {
	for name, tc := range map[string]struct {
		from, to Form
		in, want string
		warnings string
	}{
		"one text": {OpenAI{}, Gemini{Batch: true}, `{"model":"x","input":"h\u0069 \"you\""}`,
			`{"requests":[{"model":"models/m","content":{"parts":[{"text":"h\u0069 \"you\""}]}}]}`, ""},
		"several texts": {OpenAI{}, Gemini{Batch: true}, `{"input":["a","b"],"dimensions":256,"encoding_format":"base64"}`,
			`{"requests":[{"model":"models/m","content":{"parts":[{"text":"a"}]},"outputDimensionality":256},{"model":"models/m","content":{"parts":[{"text":"b"}]},"outputDimensionality":256}]}`, ""},
		"what Google has no place for": {OpenAI{}, Gemini{Batch: true}, `{"input":"a","user":"u","truncate":true,"dimensions":null}`,
			`{"requests":[{"model":"models/m","content":{"parts":[{"text":"a"}]}}]}`, "dropped=user,truncate"},
		"a single request": {OpenAI{}, Gemini{}, `{"input":"a"}`, `{"model":"models/m","content":{"parts":[{"text":"a"}]}}`, ""},
		"from one": {Gemini{}, OpenAI{}, `{"content":{"role":"user","parts":[{"text":"a"}]},"output_dimensionality":3}`,
			`{"model":"m","input":["a"],"encoding_format":"float","dimensions":3}`, ""},
		"from several": {Gemini{Batch: true}, OpenAI{}, `{"requests":[{"model":"models/x","content":{"parts":[{"text":"a"}]}},{"content":{"parts":[{"text":"b"},{"text":"\"c"}]}}]}`,
			`{"model":"m","input":["a","b\n\"c"],"encoding_format":"float"}`, "approximated=content.parts"},
		"what OpenAI has no place for": {Gemini{Batch: true}, OpenAI{}, `{"requests":[{"content":{"parts":[{"text":"a"}]},"taskType":"CLUSTERING","title":"t","mimeType":"text/plain"}],"x":1}`,
			`{"model":"m","input":["a"],"encoding_format":"float"}`, "dropped=taskType,title,mimeType,x"},
		"there and back": {Gemini{}, Gemini{Batch: true}, `{"content":{"parts":[{"text":"a"}]},"task_type":"CLUSTERING","title":"t","outputDimensionality":3}`,
			`{"requests":[{"model":"models/m","content":{"parts":[{"text":"a"}]},"taskType":"CLUSTERING","title":"t","outputDimensionality":3}]}`, ""},
		"user and dimensions": {OpenAI{}, OpenAI{}, `{"input":"a","user":"u","dimensions":8}`,
			`{"model":"m","input":["a"],"encoding_format":"float","dimensions":8,"user":"u"}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := tc.from.DecodeRequest([]byte(tc.in))
			if err != nil {
				t.Fatal(err)
			}
			losses := new(translate.Losses)
			if got := string(tc.to.AppendRequest(nil, r, "m", losses)); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
			if got := losses.Warnings(); got != tc.warnings {
				t.Errorf("warnings = %q, want %q", got, tc.warnings)
			}
		})
	}
}

func TestBadRequests(t *testing.T) {
	for name, tc := range map[string]struct {
		form      Form
		in, param string
	}{
		"no input":              {OpenAI{}, `{"model":"m"}`, "input"},
		"empty input":           {OpenAI{}, `{"input":[]}`, "input"},
		"input of another kind": {OpenAI{}, `{"input":{"a":1}}`, "input"},
		"token ids":             {OpenAI{}, `{"input":[1,2]}`, "input"},
		"lists of token ids":    {OpenAI{}, `{"input":[[1],[2]]}`, "input"},
		"mixed":                 {OpenAI{}, `{"input":["a",true]}`, "input[1]"},
		"no size":               {OpenAI{}, `{"input":"a","dimensions":0}`, "dimensions"},
		"size in words":         {OpenAI{}, `{"input":"a","dimensions":"3"}`, "dimensions"},
		"other encoding":        {OpenAI{}, `{"input":"a","encoding_format":"hex"}`, "encoding_format"},
		"no content":            {Gemini{}, `{}`, "content"},
		"content without parts": {Gemini{}, `{"content":{}}`, "content.parts"},
		"picture":               {Gemini{}, `{"content":{"parts":[{"text":"a"},{"inlineData":{}}]}}`, "content.parts[1]"},
		"no requests":           {Gemini{Batch: true}, `{"requests":[]}`, "requests"},
		"requests in words":     {Gemini{Batch: true}, `{"requests":"a"}`, "requests"},
		"request in words":      {Gemini{Batch: true}, `{"requests":["a"]}`, "requests[0].content"},
		"bad size":              {Gemini{Batch: true}, `{"requests":[{"content":{"parts":[{"text":"a"}]},"outputDimensionality":1.5}]}`, "requests[0].outputDimensionality"},
		"several sizes": {Gemini{Batch: true}, `{"requests":[{"content":{"parts":[{"text":"a"}]}},{"content":{"parts":[{"text":"a"}]},"outputDimensionality":3}]}`,
			"requests[1].outputDimensionality"},
	} {
		_, err := tc.form.DecodeRequest([]byte(tc.in))
		var e *translate.Error
		if !errors.As(err, &e) || e.Kind != translate.InvalidRequest || e.Param != tc.param {
			t.Errorf("%s: err = %#v, want one of kind InvalidRequest about %s", name, err, tc.param)
		}
	}
}

// TestResponses translates answers between the forms.
func TestResponses(t *testing.T) {
	two := &Request{Texts: []translate.Value{translate.Value(`"abcdefgh"`), translate.Value(`"b"`)}}
	for name, tc := range map[string]struct {
		from, to Form
		request  *Request
		in, want string
	}{
		"to OpenAI": {Gemini{}, OpenAI{}, two, `{"embeddings":[{"values":[0.10,-2e-3]},{"values":[1]}],"usageMetadata":{"promptTokenCount":9}}`,
			`{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.10,-2e-3]},{"object":"embedding","index":1,"embedding":[1]}],"model":"up","usage":{"prompt_tokens":9,"total_tokens":9}}`},
		"to OpenAI without usage": {Gemini{}, OpenAI{}, two, `{"embeddings":[{"values":[]},{"values":[1]}]}`,
			`{"object":"list","data":[{"object":"embedding","index":0,"embedding":[]},{"object":"embedding","index":1,"embedding":[1]}],"model":"up","usage":{"prompt_tokens":3,"total_tokens":3}}`},
		"in base64": {Gemini{}, OpenAI{}, &Request{Texts: two.Texts[:1], Base64: true}, `{"embedding":{"values":[1, -0.5]},"usageMetadata":{"promptTokenCount":1}}`,
			`{"object":"list","data":[{"object":"embedding","index":0,"embedding":"AACAPwAAAL8="}],"model":"up","usage":{"prompt_tokens":1,"total_tokens":1}}`},
		"to Google": {OpenAI{}, Gemini{Batch: true}, two, `{"data":[{"index":1,"embedding":[2]},{"index":0,"embedding":[1.50]}],"usage":{"total_tokens":4}}`,
			`{"embeddings":[{"values":[1.50]},{"values":[2]}],"usageMetadata":{"promptTokenCount":4,"totalTokenCount":4}}`},
		"base64 unasked": {OpenAI{}, Gemini{}, &Request{Texts: two.Texts[:1]}, `{"data":[{"embedding":"AACAPwAAAL8="}]}`,
			`{"embedding":{"values":[1,-0.5]}}`},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := tc.from.DecodeResponse([]byte(tc.in))
			if err != nil {
				t.Fatal(err)
			}
			if err := a.Check(tc.request); err != nil {
				t.Fatal(err)
			}
			if a.Model == "" {
				a.Model = "up"
			}
			got, err := tc.to.AppendResponse(nil, a, tc.request)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

func TestBadResponses(t *testing.T) {
	one := &Request{Texts: []translate.Value{translate.Value(`"a"`)}, Base64: true}
	for name, tc := range map[string]struct {
		form Form
		in   string
	}{
		"nothing":          {OpenAI{}, `{}`},
		"too many":         {OpenAI{}, `{"data":[{"embedding":[1]},{"embedding":[1]}]}`},
		"no vector":        {OpenAI{}, `{"data":[{"index":0}]}`},
		"wrong index":      {OpenAI{}, `{"data":[{"index":1,"embedding":[1]}]}`},
		"index twice":      {OpenAI{}, `{"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[1]}]}`},
		"no base64":        {OpenAI{}, `{"data":[{"embedding":"???"}]}`},
		"odd base64":       {OpenAI{}, `{"data":[{"embedding":"AAA="}]}`},
		"not a number":     {OpenAI{}, `{"data":[{"embedding":"AADAfw=="}]}`},
		"words":            {OpenAI{}, `{"data":[{"embedding":["a"]}]}`},
		"Google, nothing":  {Gemini{}, `{}`},
		"Google, no value": {Gemini{}, `{"embeddings":[{}]}`},
		"Google, words":    {Gemini{}, `{"embedding":{"values":"a"}}`},
	} {
		a, err := tc.form.DecodeResponse([]byte(tc.in))
		if err == nil {
			err = a.Check(one)
		}
		if err == nil {
			_, err = OpenAI{}.AppendResponse(nil, a, one)
		}
		var e *translate.Error
		if !errors.As(err, &e) || e.Kind != translate.Upstream {
			t.Errorf("%s: err = %v, want one of kind Upstream", name, err)
		}
	}
}

// TestEstimate is never 0.
func TestEstimate(t *testing.T) {
	for text, want := range map[string]int64{"": 1, "abc": 1, strings.Repeat("a", 400): 100} {
		r := &Request{Texts: []translate.Value{jsonlit.Quote(text)}}
		if got := r.Estimate(); got != want {
			t.Errorf("%d bytes: %d tokens, want %d", len(text), got, want)
		}
	}
}

// FuzzForms decodes anything and, where that is possible, encodes it again in
// every form, which must give valid JSON that says the same.
func FuzzForms(f *testing.F) {
	f.Add([]byte(`{"model":"m","input":["a","b"],"dimensions":3,"user":"u"}`))
	f.Add([]byte(`{"requests":[{"content":{"parts":[{"text":"a"},{"text":"b"}]},"taskType":"X"}]}`))
	f.Add([]byte(`{"content":{"parts":[{"text":"a"}]},"title":"t"}`))
	f.Add([]byte(`{"data":[{"index":0,"embedding":[1]}],"usage":{"prompt_tokens":1}}`))
	f.Add([]byte(`{"embeddings":[{"values":[1e9]}]}`))
	f.Add([]byte(`{"data":[{"embedding":"AACAPwAAAL8="}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if jsonlit.Check(body) != nil {
			return
		}
		forms := []Form{OpenAI{}, Gemini{}, Gemini{Batch: true}}
		for _, from := range forms {
			r, err := from.DecodeRequest(body)
			if err != nil {
				continue
			}
			for _, to := range forms {
				if to == (Gemini{}) && len(r.Texts) > 1 {
					continue // holds one text only
				}
				out := to.AppendRequest(nil, r, "m", new(translate.Losses))
				if err := jsonlit.Check(out); err != nil {
					t.Fatalf("%T to %T: %v: %s", from, to, err, out)
				}
				again, err := to.DecodeRequest(out)
				if err != nil || fmt.Sprint(again.Texts, again.Dimensions) != fmt.Sprint(r.Texts, r.Dimensions) {
					t.Fatalf("%T to %T: %v: %s", from, to, err, out)
				}
			}
		}
		for _, from := range forms {
			a, err := from.DecodeResponse(body)
			if err != nil {
				continue
			}
			r := &Request{Texts: make([]translate.Value, len(a.Vectors))}
			for _, r.Base64 = range []bool{false, true} {
				for _, to := range forms {
					if to == (Gemini{}) && len(a.Vectors) != 1 {
						continue
					}
					out, err := to.AppendResponse(nil, a, r)
					if err != nil {
						continue
					}
					if err := jsonlit.Check(out); err != nil {
						t.Fatalf("%T to %T: %v: %s", from, to, err, out)
					}
				}
			}
		}
	})
}
