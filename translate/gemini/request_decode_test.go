package gemini

import (
	"errors"
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

func decode(t *testing.T, body string) *translate.Request {
	t.Helper()
	r, err := New().DecodeRequest([]byte(body), translate.Hint{Model: "m"})
	if err != nil {
		t.Fatalf("DecodeRequest(%s): %v", body, err)
	}
	return r
}

func TestDecodeRequest(t *testing.T) {
	hi := `"contents":[{"role":"user","parts":[{"text":"hi"}]}]`
	user := "model m\nuser text(\"hi\")"
	tests := []struct{ name, body, want string }{
		{"smallest", `{` + hi + `}`, user},
		{"no role", `{"contents":[{"parts":[{"text":"hi"}]}]}`, user},
		{"null role", `{"contents":[{"role":null,"parts":[{"text":"hi"}]}]}`, user},
		{"upper-case role", `{"contents":[{"role":"USER","parts":[{"text":"hi"}]}]}`, user},
		{"one content", `{"contents":{"parts":{"text":"hi"}}}`, user},
		{"bare text part", `{"contents":[{"parts":["hi"]}]}`, user},
		{"body model", `{"model":"models/other",` + hi + `}`, user},
		{"system", `{` + hi + `,"systemInstruction":{"role":"system","parts":[{"text":"a"},{"text":"b"}]}}`,
			"model m\nsystem text(\"a\")\nsystem text(\"b\")\nuser text(\"hi\")"},
		{"system, snake case, one part", `{` + hi + `,"system_instruction":{"parts":{"text":"a"}}}`,
			"model m\nsystem text(\"a\")\nuser text(\"hi\")"},
		{"system as a string", `{` + hi + `,"systemInstruction":"a"}`, "model m\nsystem text(\"a\")\nuser text(\"hi\")"},
		{"turns of one role", `{"contents":[{"parts":[{"text":"a"}]},{"role":"user","parts":[{"text":"b"}]},{"role":"model","parts":[{"text":"c"}]}]}`,
			"model m\nuser text(\"a\") + text(\"b\")\nmodel text(\"c\")"},
		{"empty model turn", `{"contents":[{"parts":[{"text":"a"}]},{"role":"model","parts":[]},{"parts":[{"text":"b"}]}]}`,
			"model m\nuser text(\"a\") + text(\"b\")"},
		{"text left out by the library", `{"contents":[{"parts":[{"text":"a"}]},{"role":"model","parts":[{"thoughtSignature":"c2ln"}]},{"parts":[{}]}]}`,
			"model m\nuser text(\"a\")\nmodel text(\"\") signed \"c2ln\"\nuser text(\"\")"},
		{"escapes stay", `{"contents":[{"parts":[{"text":"a\u00e9\n\"\ud83d"}]}]}`, "model m\nuser text(\"a\\u00e9\\n\\\"\\ud83d\")"},
		{"thought", `{"contents":[{"parts":[{"text":"a"}]},{"role":"model","parts":[{"text":"t","thought":true,"thoughtSignature":"c2ln"},{"text":"b"}]}]}`,
			"model m\nuser text(\"a\")\nmodel thinking(\"t\") signed \"c2ln\" + text(\"b\")"},
		{"image", `{"contents":[{"parts":[{"inlineData":{"mimeType":"image/png","data":"aGk="}}]}]}`, "model m\nuser image(image/png aGk=)"},
		{"snake case, other alphabet", `{"contents":[{"parts":[{"inline_data":{"mime_type":"audio/wav","data":"-_8"}}]}]}`, "model m\nuser audio(audio/wav +/8=)"},
		{"escaped base64", `{"contents":[{"parts":[{"inlineData":{"mimeType":"video/mp4","data":"\/\/\/\n\/"}}]}]}`, "model m\nuser video(video/mp4 ////)"},
		{"document", `{"contents":[{"parts":[{"inlineData":{"mimeType":"application/pdf","data":"aGk="}}]}]}`, "model m\nuser file(application/pdf aGk=)"},
		{"file", `{"contents":[{"parts":[{"fileData":{"mimeType":"image/png","fileUri":"https://x.test/a"}}]}]}`, `model m` + "\n" + `user image(image/png "https://x.test/a")`},
		{"file without a type", `{"contents":[{"parts":[{"file_data":{"file_uri":"https://x.test/a.JPG?b=c.png"}}]}]}`, `model m` + "\n" + `user image(image/jpeg "https://x.test/a.JPG?b=c.png")`},
		{"YouTube", `{"contents":[{"parts":[{"fileData":{"fileUri":"https://youtu.be/abc"},"videoMetadata":{"fps":1}}]}]}`, `model m` + "\n" + `user video(video/mp4 "https://youtu.be/abc")`},
		{"server-side tools in the history", `{"contents":[{"parts":[{"text":"a"}]},{"role":"model","parts":[{"executableCode":{"code":"1"}},{"codeExecutionResult":{"output":"1"}},{"text":"b"}]}]}`,
			"model m\nuser text(\"a\")\nmodel text(\"\\n```\\n1\\n```\\n\") + text(\"\\n```\\n1\\n```\\n\") + text(\"b\")"},
		{"function", `{` + hi + `,"tools":[{"functionDeclarations":[{"name":"f","description":"d","parametersJsonSchema":{"type":"object","$ref":"#/$defs/a"},"response":{}}]}]}`,
			user + "\ntool f \"d\" {\"type\":\"object\",\"$ref\":\"#/$defs/a\"}"},
		{"function, older schema, single objects", `{` + hi + `,"tools":{"function_declarations":{"name":"f","parameters":{"type":"OBJECT","properties":{"type":{"type":"STRING"}}}}}}`,
			user + "\ntool f  {\"type\":\"object\",\"properties\":{\"type\":{\"type\":\"string\"}}}"},
		{"function without parameters", `{` + hi + `,"tools":[{"functionDeclarations":[{"name":"f"}]}]}`, user + "\ntool f  "},
		{"hosted", `{` + hi + `,"tools":[{"google_search":{}},{"codeExecution":{},"functionDeclarations":[{"name":"f"}]}]}`,
			user + "\nhosted googleSearch {\"googleSearch\":{}}\nhosted codeExecution {\"codeExecution\":{}}\ntool f  "},
		{"choice auto", `{` + hi + `,"toolConfig":{"functionCallingConfig":{"mode":"auto"}}}`, user + "\nchoice auto []"},
		{"choice validated", `{` + hi + `,"toolConfig":{"functionCallingConfig":{"mode":"VALIDATED","allowedFunctionNames":["a"]}}}`, user + "\nchoice auto [a]"},
		{"choice none", `{` + hi + `,"tool_config":{"function_calling_config":{"mode":"NONE"}}}`, user + "\nchoice none []"},
		{"choice any", `{` + hi + `,"toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["a","b"]}}}`, user + "\nchoice any [a b]"},
		{"choice named", `{` + hi + `,"toolConfig":{"functionCallingConfig":{"mode":"ANY","allowed_function_names":"a"}}}`, user + "\nchoice named [a]"},
		{"choice unspecified", `{` + hi + `,"toolConfig":{"functionCallingConfig":{"mode":"MODE_UNSPECIFIED"}}}`, user},
		{"sampling", `{` + hi + `,"generationConfig":{"temperature":0.10,"topP":"0.9","topK":40.0,"frequencyPenalty":1,"presencePenalty":-1,"seed":"7","maxOutputTokens":"1024","candidateCount":2,"stopSequences":["x","y"]}}`,
			user + "\ntemperature 0.10\ntop_p 0.9\ntop_k 40\nfrequency 1\npresence -1\nseed 7\nmax 1024\nstop \"x\"\nstop \"y\"\nn 2"},
		{"sampling, snake case", `{` + hi + `,"generation_config":{"top_p":0.9,"top_k":4,"max_output_tokens":5,"stop_sequences":"x","candidate_count":1}}`,
			user + "\ntop_p 0.9\ntop_k 4\nmax 5\nstop \"x\"\nn 1"},
		{"nulls", `{` + hi + `,"tools":null,"toolConfig":null,"generationConfig":{"temperature":null,"thinkingConfig":null},"systemInstruction":null,"store":null,"labels":null}`, user},
		{"logprobs", `{` + hi + `,"generationConfig":{"logprobs":3,"responseLogprobs":true}}`, user + "\nlogprobs 3"},
		{"logprobs not asked for", `{` + hi + `,"generationConfig":{"logprobs":3}}`, user},
		{"JSON", `{` + hi + `,"generationConfig":{"responseMimeType":"application/json"}}`, user + "\nformat json"},
		{"schema", `{` + hi + `,"generationConfig":{"responseMimeType":"application/json","responseSchema":{"type":"OBJECT","nullable":false}}}`, user + "\nformat {\"type\":\"object\"}"},
		{"JSON schema with upper-case types", `{` + hi + `,"generationConfig":{"responseJsonSchema":{"type":"OBJECT","properties":{"a":{"type":"STRING"}}}}}`,
			user + "\nformat {\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"}}}"},
		{"response format", `{` + hi + `,"generationConfig":{"responseFormat":[{"text":{"mimeType":"APPLICATION_JSON","schema":{"type":"object"}}}]}}`, user + "\nformat {\"type\":\"object\"}"},
		{"plain text", `{` + hi + `,"generationConfig":{"responseMimeType":"text/plain","responseModalities":["TEXT"]}}`, user},
		{"forms that are Google's own", `{` + hi + `,"generationConfig":{"responseMimeType":"text/x.enum","responseModalities":["IMAGE"],"speechConfig":{}}}`,
			user + "\nextra generationConfig.responseModalities [\"IMAGE\"]\nextra generationConfig.speechConfig {}\nextra generationConfig.responseMimeType \"text/x.enum\""},
		{"thinking level", `{` + hi + `,"generationConfig":{"thinkingConfig":{"thinkingLevel":"low","includeThoughts":true}}}`, user + "\neffort low\nshow thoughts"},
		{"thinking budget", `{` + hi + `,"generationConfig":{"thinkingConfig":{"thinking_budget":512}}}`, user + "\nbudget 512"},
		{"thinking off", `{` + hi + `,"generationConfig":{"thinkingConfig":{"thinkingBudget":0}}}`, user + "\nno thinking"},
		{"thinking dynamic", `{` + hi + `,"generationConfig":{"thinkingConfig":{"thinkingBudget":-1}}}`, user + "\nadaptive "},
		{"thinking level before budget", `{` + hi + `,"generationConfig":{"thinkingConfig":{"thinkingBudget":5,"thinkingLevel":"HIGH"}}}`, user + "\neffort high"},
		{"Google's own members", `{"safety_settings":[],"labels":{"a":"b"},"cachedContent":"cachedContents/x","serviceTier":"flex","store":true,` + hi + `}`,
			user + "\ntier flex\nstore true\nextra safetySettings []\nextra labels {\"a\":\"b\"}\nextra cachedContent \"cachedContents/x\""},
		{"standard tier", `{"serviceTier":"STANDARD",` + hi + `}`, user + "\ntier default"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if err := jsonlit.Check([]byte(test.body)); err != nil {
				t.Fatal(err)
			}
			if got := describe(decode(t, test.body)); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

func TestDecodeRequestHint(t *testing.T) {
	body := []byte(`{"model":"models/inner","contents":[{"parts":[{"text":"hi"}]}]}`)
	r, err := New().DecodeRequest(body, translate.Hint{Operation: translate.Generate, Model: "models/a", Stream: true, Array: true})
	if err != nil {
		t.Fatal(err)
	}
	if r.Model != "a" || !r.Stream || !r.Array || r.Dialect != translate.Gemini {
		t.Errorf("got model %q, stream %t, array %t, dialect %s", r.Model, r.Stream, r.Array, r.Dialect)
	}
	if r.Reasoning.Show != translate.False {
		t.Errorf("Show = %d, want False when thoughts are not asked for", r.Reasoning.Show)
	}
	if r, err = New().DecodeRequest(body, translate.Hint{}); err != nil || r.Model != "inner" {
		t.Errorf("got model %q, %v, want inner", r.Model, err)
	}
}

func TestDecodeCountRequest(t *testing.T) {
	want := "model m\nsystem text(\"s\")\nuser text(\"hi\")"
	for _, body := range []string{
		`{"contents":[{"parts":[{"text":"hi"}]}],"systemInstruction":{"parts":[{"text":"s"}]}}`,
		`{"generateContentRequest":{"model":"models/x","contents":[{"parts":[{"text":"hi"}]}],"systemInstruction":{"parts":[{"text":"s"}]}}}`,
		`{"generate_content_request":{"contents":[{"parts":[{"text":"hi"}]}],"system_instruction":"s"}}`,
	} {
		r, err := New().DecodeRequest([]byte(body), translate.Hint{Operation: translate.CountTokens, Model: "m"})
		if err != nil {
			t.Fatal(err)
		}
		if got := describe(r); got != want || r.Operation != translate.CountTokens {
			t.Errorf("%s: got\n%s\nwant\n%s", body, got, want)
		}
	}
}

func TestDecodeRequestErrors(t *testing.T) {
	contents := func(c string) string { return `{"contents":` + c + `}` }
	parts := func(p string) string {
		return contents(`[{"parts":[{"text":"a"}]},{"role":"model","parts":[` + p + `]}]`)
	}
	with := func(m string) string { return `{"contents":[{"parts":[{"text":"a"}]}],` + m + `}` }
	tests := []struct{ name, body, param, says string }{
		{"not an object", `[]`, "", "must be a JSON object"},
		{"no contents", `{}`, "contents", "is required"},
		{"null contents", contents(`null`), "contents", "is required"},
		{"no content", contents(`[]`), "contents", "at least one"},
		{"contents of another type", contents(`"hi"`), "contents[0]", "not a string"},
		{"content of another type", contents(`[1]`), "contents[0]", "not a number"},
		{"role", contents(`[{"role":"assistant","parts":[{"text":"a"}]}]`), "contents[0].role", `"user" or "model"`},
		{"system role", contents(`[{"role":"system","parts":[{"text":"a"}]}]`), "contents[0].role", "systemInstruction"},
		{"role of another type", contents(`[{"role":1,"parts":[{"text":"a"}]}]`), "contents[0].role", "must be a string"},
		{"no parts", contents(`[{"role":"user"}]`), "contents[0].parts", "at least one"},
		{"empty parts", contents(`[{"parts":[]}]`), "contents[0].parts", "at least one"},
		{"part of another type", contents(`[{"parts":[1]}]`), "contents[0].parts[0]", "not a number"},
		{"text of another type", contents(`[{"parts":[{"text":1}]}]`), "contents[0].parts[0].text", "must be a string"},
		{"unknown part", contents(`[{"parts":[{"text":"a"},{"hologram":{}}]}]`), "contents[0].parts[1].hologram", "one of text, inlineData"},
		{"two data members", contents(`[{"parts":[{"text":"a","inline_data":{}}]}]`), "contents[0].parts[0]", "not both"},
		{"thought of another type", parts(`{"text":"a","thought":"yes"}`), "contents[1].parts[0].thought", "boolean"},
		{"signature of another type", parts(`{"text":"a","thoughtSignature":1}`), "contents[1].parts[0].thoughtSignature", "string"},
		{"no mime type", contents(`[{"parts":[{"inlineData":{"data":"aGk="}}]}]`), "contents[0].parts[0].inlineData.mimeType", "required"},
		{"no data", contents(`[{"parts":[{"inlineData":{"mimeType":"image/png"}}]}]`), "contents[0].parts[0].inlineData.data", "required"},
		{"bad base64", contents(`[{"parts":[{"inlineData":{"mimeType":"image/png","data":"a\"}"}}]}]`), "contents[0].parts[0].inlineData.data", "base64"},
		{"data of another type", contents(`[{"parts":[{"inlineData":7}]}]`), "contents[0].parts[0].inlineData", "object"},
		{"no file", contents(`[{"parts":[{"fileData":{"fileUri":""}}]}]`), "contents[0].parts[0].fileData.fileUri", "required"},
		{"call of a user", contents(`[{"parts":[{"functionCall":{"name":"f"}}]}]`), "contents[0].parts[0].functionCall", `role "model"`},
		{"call without a name", parts(`{"functionCall":{"args":{}}}`), "contents[1].parts[0].functionCall.name", "required"},
		{"call with other arguments", parts(`{"functionCall":{"name":"f","args":"{}"}}`), "contents[1].parts[0].functionCall.args", "object"},
		{"result of the model", parts(`{"functionResponse":{"name":"f"}}`), "contents[1].parts[0].functionResponse", `role "user"`},
		{"result without its call", contents(`[{"parts":[{"functionResponse":{"name":"f","response":{}}}]}]`), "contents[0].parts[0].functionResponse", "answers no functionCall"},
		{"result without a name", contents(`[{"parts":[{"functionResponse":{"response":{}}}]}]`), "contents[0].parts[0].functionResponse.name", "required"},
		{"system of another type", with(`"systemInstruction":[]`), "systemInstruction", "object"},
		{"system with an image", with(`"systemInstruction":{"parts":[{"inlineData":{}}]}`), "systemInstruction.parts[0].inlineData", "text only"},
		{"tool of another type", with(`"tools":["f"]`), "tools[0]", "object"},
		{"function without a name", with(`"tools":[{"functionDeclarations":[{}]}]`), "tools[0].functionDeclarations[0].name", "required"},
		{"schema of another type", with(`"tools":[{"functionDeclarations":[{"name":"f","parameters":"x"}]}]`), "tools[0].functionDeclarations[0].parameters", "object"},
		{"mode", with(`"toolConfig":{"functionCallingConfig":{"mode":"SOMETIMES"}}`), "toolConfig.functionCallingConfig.mode", "AUTO, ANY"},
		{"name list", with(`"toolConfig":{"functionCallingConfig":{"allowedFunctionNames":[1]}}`), "toolConfig.functionCallingConfig.allowedFunctionNames[0]", "string"},
		{"temperature", with(`"generationConfig":{"temperature":"hot"}`), "generationConfig.temperature", "number"},
		{"integer", with(`"generationConfig":{"maxOutputTokens":1.5}`), "generationConfig.maxOutputTokens", "integer"},
		{"negative limit", with(`"generationConfig":{"maxOutputTokens":-1}`), "generationConfig.maxOutputTokens", "negative"},
		{"stop", with(`"generationConfig":{"stopSequences":["a",1]}`), "generationConfig.stopSequences[1]", "string"},
		{"level", with(`"generationConfig":{"thinkingConfig":{"thinkingLevel":"EXTREME"}}`), "generationConfig.thinkingConfig.thinkingLevel", "MINIMAL"},
		{"budget", with(`"generationConfig":{"thinkingConfig":{"thinkingBudget":-2}}`), "generationConfig.thinkingConfig.thinkingBudget", "tokens"},
		{"config of another type", with(`"generationConfig":1`), "generationConfig", "object"},
		{"store", with(`"store":"yes"`), "store", "boolean"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := New().DecodeRequest([]byte(test.body), translate.Hint{Model: "m"})
			var e *translate.Error
			if !errors.As(err, &e) || e.Kind != translate.InvalidRequest {
				t.Fatalf("got %v, want an error of kind InvalidRequest", err)
			}
			if e.Param != test.param || !strings.Contains(e.Message, test.says) {
				t.Errorf("got %s: %s\nwant %s: …%s…", e.Param, e.Message, test.param, test.says)
			}
		})
	}
	if _, err := New().DecodeRequest([]byte(`{"contents":[{"parts":[{"text":"a"}]}]}`), translate.Hint{}); err == nil {
		t.Error("got no error without a model")
	}
	_, err := New().DecodeRequest([]byte(`{"generateContentRequest":{"contents":[{"parts":[{}, {"x":1}]}]}}`), translate.Hint{Operation: translate.CountTokens, Model: "m"})
	if got, want := err.(*translate.Error).Param, "generateContentRequest.contents[0].parts[1].x"; got != want {
		t.Errorf("got param %s, want %s", got, want)
	}
}
