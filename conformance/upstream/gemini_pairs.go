package upstream

import (
	"fmt"
	"strings"

	"github.com/tidwall/gjson"
)

// geminiPairs wants a function call turn answered by the next turn, by as many responses as there were calls, with the
// calls' names (https://ai.google.dev/gemini-api/docs/function-calling).
func geminiPairs(_ *Record, body gjson.Result) *Fault {
	contents := list(body.Get("contents"))
	var open []gjson.Result
	for i, c := range contents {
		var calls, answers []gjson.Result
		for _, p := range list(c.Get("parts")) {
			if f := p.Get("functionCall"); f.Exists() {
				calls = append(calls, f)
			}
			if f := p.Get("functionResponse"); f.Exists() {
				answers = append(answers, f)
			}
		}
		if len(calls) > 0 && c.Get("role").String() != "model" {
			return bad("contents", "Please ensure that function call turn comes immediately after a user turn or after a function response turn.")
		}
		if len(calls) > 0 && i == 0 {
			return bad("contents", "Please ensure that function call turn comes immediately after a user turn or after a function response turn.")
		}
		if len(answers) > 0 && len(open) == 0 {
			return bad("contents", "Please ensure that function response turn comes immediately after a function call turn.")
		}
		if len(answers) != len(open) {
			return bad("contents", "Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.")
		}
		for _, a := range answers {
			if !matched(a, open) {
				return bad("contents", fmt.Sprintf("Function response %q does not match a function call of the previous turn.", a.Get("name").String()))
			}
			if r := a.Get("response"); !r.IsObject() {
				return bad("contents", "Invalid value at 'function_response.response' (type.googleapis.com/google.protobuf.Struct)")
			}
		}
		open = calls
	}
	if len(open) > 0 {
		return bad("contents", "Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.")
	}
	return nil
}

func matched(answer gjson.Result, calls []gjson.Result) bool {
	for _, c := range calls {
		ids := answer.Get("id").Exists() && c.Get("id").Exists()
		if c.Get("name").String() == answer.Get("name").String() && (!ids || c.Get("id").String() == answer.Get("id").String()) {
			return true
		}
	}
	return false
}

// geminiSignatures holds Gemini 3's rule: in the current turn the first function call of each step carries the thought
// signature that it was given (https://ai.google.dev/gemini-api/docs/thought-signatures).
func geminiSignatures(rec *Record, body gjson.Result) *Fault {
	if !strings.HasPrefix(strings.TrimPrefix(rec.Model, "models/"), "gemini-3") {
		return nil
	}
	contents := list(body.Get("contents"))
	start := 0
	for i, c := range contents {
		answers := false
		for _, p := range list(c.Get("parts")) {
			answers = answers || p.Get("functionResponse").Exists()
		}
		if c.Get("role").String() != "model" && !answers {
			start = i
		}
	}
	for i := start; i < len(contents); i++ {
		for j, p := range list(contents[i].Get("parts")) {
			f := p.Get("functionCall")
			if !f.Exists() {
				continue
			}
			if p.Get("thoughtSignature").String() == "" {
				return bad("contents", fmt.Sprintf("Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, and missing thought_signature may lead to degraded model performance. Additional data, function call `%s` , position %d.", f.Get("name").String(), j))
			}
			break
		}
	}
	return nil
}
