package gemini

import (
	"strings"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// fencedCode tells a genai.ExecutableCode in Markdown: code that the model wrote
// and Google ran.
func fencedCode(v jsonlit.Value) translate.Value {
	language := strings.ToLower(jsonlit.Str(jsonlit.Get(v, "language")))
	if strings.Contains(language, "unspecified") {
		language = ""
	}
	return fenced(language, jsonlit.Get(v, "code"))
}

// fencedOutput tells a genai.CodeExecutionResult in Markdown.
func fencedOutput(v jsonlit.Value) translate.Value { return fenced("", jsonlit.Get(v, "output")) }

func fenced(language string, text jsonlit.Value) translate.Value {
	if !jsonlit.IsString(text) {
		return translate.Value(`""`)
	}
	out := append(translate.Value(`"\n`+"```"), jsonlit.AppendEscaped(nil, language)...)
	out = append(append(out, `\n`...), jsonlit.Inner(text)...)
	return append(out, `\n`+"```"+`\n"`...)
}
