package client

import (
	"context"
	"errors"
	"net/http"

	"github.com/go-json-experiment/json"

	"github.com/fairway-gateway/fairway/conformance/upstream"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/shared"
)

// openAI holds what the three OpenAI clients share.
type openAI struct{ sdk openai.Client }

func newOpenAI(base, key string, hc *http.Client) openAI {
	return openAI{openai.NewClient(option.WithBaseURL(base), option.WithAPIKey(key), option.WithHTTPClient(hc), option.WithMaxRetries(0))}
}

func (c openAI) Count(context.Context, Ask) (int, error) { return 0, ErrNoCount }

func (c openAI) Models(ctx context.Context) ([]string, error) {
	page, err := c.sdk.Models.List(ctx)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, m := range page.Data {
		out = append(out, m.ID)
	}
	return out, nil
}

func (c openAI) Model(ctx context.Context, id string) (string, error) {
	m, err := c.sdk.Models.Get(ctx, id)
	if err != nil {
		return "", err
	}
	return m.ID, nil
}

// object decodes a JSON object that a test wrote; a mistake in it is the test's.
func object(raw string) map[string]any {
	var m map[string]any
	if err := json.Unmarshal([]byte(raw), &m); err != nil {
		panic("the test's JSON object does not parse: " + err.Error() + ": " + raw)
	}
	return m
}

func openAIImage(p upstream.Part) string {
	if p.URL != "" {
		return p.URL
	}
	return "data:" + p.MIME + ";base64," + p.Data
}

func openAIFunction(t upstream.Tool) shared.FunctionDefinitionParam {
	f := shared.FunctionDefinitionParam{Name: t.Name, Parameters: object(string(t.Schema))}
	if t.Description != "" {
		f.Description = openai.String(t.Description)
	}
	if t.Strict != nil {
		f.Strict = openai.Bool(*t.Strict)
	}
	return f
}

// Describe reads an error answer out of an SDK's error; ok is false for an error that is no answer.
func Describe(err error) (Failure, bool) {
	var o *openai.Error
	if errors.As(err, &o) && o.Response != nil {
		return Failure{Status: o.StatusCode, Type: o.Type, Code: o.Code, Message: o.Message, Header: o.Response.Header}, true
	}
	if f, ok := describeMessages(err); ok {
		return f, true
	}
	return describeGemini(err)
}
