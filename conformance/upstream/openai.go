package upstream

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/fairway-gateway/fairway/conformance/shape"
	"github.com/tidwall/gjson"
)

// openAI is what the three OpenAI dialects share: authentication, errors and the model list.
type openAI struct{}

func (openAI) key(r *http.Request) string {
	return strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
}

func (openAI) badKey(key string) string {
	if key == "" {
		return "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth."
	}
	return "Incorrect API key provided: " + masked(key) + "."
}

// masked shows a key as OpenAI does in its answer about a wrong one.
func masked(key string) string {
	if len(key) < 12 {
		return "****"
	}
	return key[:8] + "****" + key[len(key)-4:]
}

func (openAI) noModel(id string) string {
	return fmt.Sprintf("The model `%s` does not exist or you do not have access to it.", id)
}

func (openAI) streamType(*Record) string { return "text/event-stream; charset=utf-8" }
func (openAI) idHeader() string          { return "x-request-id" }
func (openAI) count(int) []byte          { return nil }

func (openAI) fault(f Fault, _ string) (int, []byte) {
	status, e := openAIError(f)
	return status, encode(object{{"error", e}})
}

func (o openAI) models(list []Model) []byte {
	data := []any{}
	for _, m := range list {
		data = append(data, openAIModel(m))
	}
	return encode(object{{"object", "list"}, {"data", data}})
}

func (openAI) model(m Model) []byte { return encode(openAIModel(m)) }

func openAIModel(m Model) object {
	return object{{"id", m.ID}, {"object", "model"}, {"created", created}, {"owned_by", "system"}}
}

// created is the moment that every reply claims: 2026-11-01T00:00:00Z.
const created = 1793491200

func openAIContentType(rec *Record) *Fault {
	if ct := rec.Header.Get("Content-Type"); !strings.HasPrefix(ct, "application/json") {
		return bad("", "Unsupported content type: '"+ct+"'. This API method only accepts 'application/json' requests.")
	}
	return nil
}

// openAIProblems words the first departure from the SDK's types as OpenAI does.
func openAIProblems(ps []shape.Problem) *Fault {
	if len(ps) == 0 {
		return nil
	}
	p := ps[0]
	at := p.Bracketed()
	switch p.Kind {
	case shape.Unknown:
		return &Fault{Class: BadRequest, Message: "Unknown parameter: '" + at + "'.", Param: at, Code: "unknown_parameter"}
	case shape.Missing:
		return &Fault{Class: BadRequest, Message: "Missing required parameter: '" + at + "'.", Param: at, Code: "missing_required_parameter"}
	}
	return &Fault{Class: BadRequest, Message: "Invalid type for '" + at + "': " + p.Detail + ".", Param: at, Code: "invalid_type"}
}

// sampling models: the reasoning families take no temperature and no top_p.
func refuseSampling(rec *Record) *Fault {
	if !strings.HasPrefix(rec.Model, "gpt-5") && !strings.HasPrefix(rec.Model, "gpt-6") && !strings.HasPrefix(rec.Model, "o") {
		return nil
	}
	for _, name := range []string{"temperature", "top_p"} {
		if rec.Has(name) {
			return &Fault{Class: BadRequest, Param: name, Code: "unsupported_parameter",
				Message: "Unsupported parameter: '" + name + "' is not supported with this model."}
		}
	}
	return nil
}

// strictSchema checks the two rules of strict mode that translations break first:
// https://platform.openai.com/docs/guides/structured-outputs#supported-schemas.
func strictSchema(s gjson.Result, context string) string {
	if s.Get("type").String() == "object" || s.Get("properties").Exists() {
		if a := s.Get("additionalProperties"); !a.Exists() || a.Type != gjson.False {
			return "In context=" + context + ", 'additionalProperties' is required to be supplied and to be false."
		}
		required := map[string]bool{}
		for _, r := range s.Get("required").Array() {
			required[r.String()] = true
		}
		problem := ""
		s.Get("properties").ForEach(func(k, v gjson.Result) bool {
			if !required[k.String()] {
				problem = "In context=" + context + ", 'required' is required to be supplied and to be an array including every key in properties. Missing '" + k.String() + "'."
				return false
			}
			problem = strictSchema(v, context+"/"+k.String())
			return problem == ""
		})
		return problem
	}
	if items := s.Get("items"); items.Exists() {
		return strictSchema(items, context+"/items")
	}
	return ""
}

// dataURL splits a data: URL; anything else comes back as url.
func dataURL(s string) (mime, data, url string) {
	rest, ok := strings.CutPrefix(s, "data:")
	if !ok {
		return "", "", s
	}
	head, data, _ := strings.Cut(rest, ",")
	return strings.TrimSuffix(head, ";base64"), data, ""
}

func number(r gjson.Result) string {
	if r.Type == gjson.Number {
		return r.Raw
	}
	return ""
}

func boolean(r gjson.Result) *bool {
	if !r.IsBool() {
		return nil
	}
	b := r.Bool()
	return &b
}

func stringList(r gjson.Result) []string {
	if r.Type == gjson.String {
		return []string{r.String()}
	}
	var out []string
	for _, e := range r.Array() {
		out = append(out, e.String())
	}
	return out
}
