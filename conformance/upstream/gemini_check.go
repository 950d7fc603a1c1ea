package upstream

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"unicode"

	"google.golang.org/genai"

	"github.com/fairway-gateway/fairway/conformance/shape"
	"github.com/tidwall/gjson"
)

// geminiDialect is the Gemini API (generativelanguage.googleapis.com, v1beta).
type geminiDialect struct{}

func (geminiDialect) name() Dialect { return Gemini }

func (geminiDialect) key(r *http.Request) string {
	if k := r.Header.Get("x-goog-api-key"); k != "" {
		return k
	}
	return r.URL.Query().Get("key")
}

func (geminiDialect) badKey(key string) string {
	if key == "" {
		return "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API."
	}
	return "API key not valid. Please pass a valid API key."
}

func (geminiDialect) noModel(id string) string {
	return "models/" + strings.TrimPrefix(id, "models/") + " is not found for API version v1beta, or is not supported for generateContent. Call ListModels to see the list of available models and their supported methods."
}

// geminiRequest is GenerateContentRequest of https://ai.google.dev/api/generate-content#method:-models.generatecontent,
// which the SDK keeps flattened in its call options.
type geminiRequest struct {
	Contents          []*genai.Content        `json:"contents" api:"required"`
	SystemInstruction *genai.Content          `json:"systemInstruction"`
	Tools             []*genai.Tool           `json:"tools"`
	ToolConfig        *genai.ToolConfig       `json:"toolConfig"`
	SafetySettings    []*genai.SafetySetting  `json:"safetySettings"`
	GenerationConfig  *genai.GenerationConfig `json:"generationConfig"`
	CachedContent     string                  `json:"cachedContent"`
	Labels            map[string]string       `json:"labels"`
	ServiceTier       string                  `json:"serviceTier"`
	Store             bool                    `json:"store"`
	ContinuationToken string                  `json:"continuationToken"`
	// Model is taken inside a count's generateContentRequest, where the path does not bind it.
	Model string `json:"model"`
}

// geminiCount is CountTokensRequest of https://ai.google.dev/api/tokens.
type geminiCount struct {
	Contents               []*genai.Content `json:"contents"`
	GenerateContentRequest *geminiRequest   `json:"generateContentRequest"`
}

func geminiRules() shape.Rules {
	return shape.Rules{
		Lenient: true,
		Aliases: snake,
		// These belong to Vertex AI alone.
		Unknown: []string{"Tool.retrieval", "Tool.enterpriseWebSearch", "Tool.parallelAiSearch", "Tool.exaAiSearch", "GenerationConfig.routingConfig",
			"GenerationConfig.modelSelectionConfig", "GenerationConfig.audioTimestamp", "GoogleSearch.excludeDomains", "Blob.displayName", "FileData.displayName"},
		Allowed: []string{"GenerationConfig.imageConfig", "GenerationConfig.image_config"},
	}
}

// snake is the original proto name, which Google's services take as well.
func snake(name string) []string {
	var b strings.Builder
	for _, r := range name {
		if unicode.IsUpper(r) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return []string{b.String()}
}

func geminiProblems(ps []shape.Problem) *Fault {
	if len(ps) == 0 {
		return nil
	}
	p := ps[0]
	last := p.Path[len(p.Path)-1]
	parent := shape.Problem{Path: p.Path[:len(p.Path)-1]}.Bracketed()
	switch p.Kind {
	case shape.Unknown:
		where := ""
		if parent != "" {
			where = " at '" + parent + "'"
		}
		return bad(parent, "Invalid JSON payload received. Unknown name \""+last+"\""+where+": Cannot find field.")
	case shape.Missing:
		return bad(p.Bracketed(), "* GenerateContentRequest."+p.Bracketed()+": "+last+" is not specified\n")
	}
	return bad(p.Bracketed(), "Invalid value at '"+p.Bracketed()+"': "+p.Detail)
}

func (d geminiDialect) check(rec *Record) *Fault {
	if rec.Op == CountTokens {
		if f := geminiProblems(shape.Check[geminiCount](rec.Body, geminiRules())); f != nil {
			return f
		}
		inner := rec.Get("generateContentRequest")
		if inner.Exists() == rec.Has("contents") {
			return bad("", "Exactly one of contents and generateContentRequest must be set.")
		}
		if inner.Exists() {
			rec.Seen = seeGemini(inner)
		} else {
			rec.Seen = seeGemini(gjson.ParseBytes(rec.Body))
		}
		return nil
	}
	if f := geminiProblems(shape.Check[geminiRequest](rec.Body, geminiRules())); f != nil {
		return f
	}
	body := gjson.ParseBytes(rec.Body)
	for _, check := range []func(*Record, gjson.Result) *Fault{geminiContents, geminiTools, geminiConfig, geminiPairs, geminiSignatures} {
		if f := check(rec, body); f != nil {
			return f
		}
	}
	rec.Seen = seeGemini(body)
	return nil
}

func geminiContents(_ *Record, body gjson.Result) *Fault {
	contents := list(body.Get("contents"))
	if len(contents) == 0 {
		return bad("contents", "* GenerateContentRequest.contents: contents is not specified\n")
	}
	for i, c := range contents {
		if role := strings.ToLower(c.Get("role").String()); role != "user" && role != "model" && role != "function" && role != "" {
			return bad("contents", "Please use a valid role: user, model.")
		}
		parts := list(c.Get("parts"))
		if len(parts) == 0 {
			return bad("contents", fmt.Sprintf("* GenerateContentRequest.contents[%d].parts: contents.parts must not be empty.\n", i))
		}
		for j, p := range parts {
			n := 0
			for _, field := range []string{"text", "inlineData", "inline_data", "fileData", "file_data", "functionCall", "function_call", "functionResponse",
				"function_response", "executableCode", "codeExecutionResult", "toolCall", "toolResponse"} {
				if p.Get(field).Exists() {
					n++
				}
			}
			if n != 1 {
				return bad("contents", fmt.Sprintf("* GenerateContentRequest.contents[%d].parts[%d].data: required oneof field 'data' must have one initialized field\n", i, j))
			}
			for _, raw := range []string{p.Get("thoughtSignature").String(), p.Get("inlineData.data").String()} {
				if _, err := base64.StdEncoding.DecodeString(raw); err != nil {
					if _, err := base64.URLEncoding.DecodeString(raw); err != nil {
						return bad("contents", fmt.Sprintf("Invalid value at 'contents[%d].parts[%d]' (TYPE_BYTES), Base64 decoding failed", i, j))
					}
				}
			}
		}
	}
	return nil
}

// list takes a lone object for a list of one, as proto JSON does.
func list(r gjson.Result) []gjson.Result {
	if r.IsObject() {
		return []gjson.Result{r}
	}
	return r.Array()
}

func geminiTools(_ *Record, body gjson.Result) *Fault {
	valid := regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_.:-]{0,127}$`)
	names := map[string]bool{}
	for i, t := range list(body.Get("tools")) {
		for j, f := range list(t.Get("functionDeclarations")) {
			name := f.Get("name").String()
			if !valid.MatchString(name) {
				return bad("tools", fmt.Sprintf("* GenerateContentRequest.tools[%d].function_declarations[%d].name: [Invalid function name. Must start with a letter or an underscore.]\n", i, j))
			}
			if names[name] {
				return bad("tools", "Duplicate function declaration found: "+name)
			}
			names[name] = true
			if f.Get("parameters").Exists() && f.Get("parametersJsonSchema").Exists() {
				return bad("tools", "parameters and parameters_json_schema are mutually exclusive.")
			}
			if p := f.Get("parameters"); p.Exists() && strings.EqualFold(p.Get("type").String(), "object") && len(p.Get("properties").Map()) == 0 {
				return bad("tools", fmt.Sprintf("* GenerateContentRequest.tools[%d].function_declarations[%d].parameters.properties: should be non-empty for OBJECT type\n", i, j))
			}
		}
	}
	for _, n := range body.Get("toolConfig.functionCallingConfig.allowedFunctionNames").Array() {
		mode := strings.ToUpper(body.Get("toolConfig.functionCallingConfig.mode").String())
		if mode != "ANY" && mode != "VALIDATED" {
			return bad("toolConfig", "Allowed function names can only be set when the mode is ANY or VALIDATED.")
		}
		if !names[n.String()] {
			return bad("toolConfig", "Function name in allowed_function_names not found in function declarations: "+n.String())
		}
	}
	return nil
}

func geminiConfig(_ *Record, body gjson.Result) *Fault {
	c := body.Get("generationConfig")
	if n := len(c.Get("stopSequences").Array()); n > 5 {
		return bad("generationConfig", "The number of stop sequences must not exceed 5.")
	}
	if t := c.Get("temperature"); t.Exists() && (t.Num < 0 || t.Num > 2) {
		return bad("generationConfig", "* GenerateContentRequest.generation_config.temperature: temperature must be in the range [0.0, 2.0].\n")
	}
	if c.Get("thinkingConfig.thinkingBudget").Exists() && c.Get("thinkingConfig.thinkingLevel").Exists() {
		return bad("generationConfig", "You can only set only one of thinking budget and thinking level.")
	}
	schema := c.Get("responseSchema").Exists() || c.Get("responseJsonSchema").Exists()
	if c.Get("responseSchema").Exists() && c.Get("responseJsonSchema").Exists() {
		return bad("generationConfig", "Only one of response_schema and response_json_schema can be set.")
	}
	if schema && c.Get("responseMimeType").String() != "application/json" {
		return bad("generationConfig", "Response schema requires response_mime_type to be application/json.")
	}
	return nil
}
