package client

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"google.golang.org/genai"

	"github.com/fairway-gateway/fairway/conformance/upstream"
)

type geminiClient struct{ sdk *genai.Client }

func newGemini(base, key string, hc *http.Client) geminiClient {
	c, err := genai.NewClient(context.Background(), &genai.ClientConfig{APIKey: key, Backend: genai.BackendGeminiAPI, HTTPClient: hc,
		HTTPOptions: genai.HTTPOptions{BaseURL: base}})
	if err != nil {
		panic(err)
	}
	return geminiClient{c}
}

func (geminiClient) Dialect() upstream.Dialect { return upstream.Gemini }

func (c geminiClient) Plain(ctx context.Context, a Ask) (Answer, error) {
	contents, config := geminiParams(a)
	r, err := c.sdk.Models.GenerateContent(ctx, a.Model, contents, config)
	if err != nil {
		return Answer{}, err
	}
	out := Answer{Turn: upstream.Turn{Role: "assistant"}}
	geminiTake(&out, r)
	return out, nil
}

func (c geminiClient) Stream(ctx context.Context, a Ask, seen func()) (Answer, error) {
	contents, config := geminiParams(a)
	out := Answer{Turn: upstream.Turn{Role: "assistant"}}
	for r, err := range c.sdk.Models.GenerateContentStream(ctx, a.Model, contents, config) {
		if err != nil {
			return out, err
		}
		geminiTake(&out, r)
		if seen != nil {
			seen()
		}
	}
	return out, nil
}

func geminiTake(out *Answer, r *genai.GenerateContentResponse) {
	out.ID, out.Model = r.ResponseID, r.ModelVersion
	if u := r.UsageMetadata; u != nil {
		out.Usage = upstream.Usage{In: int(u.PromptTokenCount), CacheRead: int(u.CachedContentTokenCount),
			Out: int(u.CandidatesTokenCount + u.ThoughtsTokenCount), Reason: int(u.ThoughtsTokenCount)}
	}
	var c *genai.Candidate
	for _, one := range r.Candidates {
		if one.Index == 0 {
			c = one
			continue
		}
		for int(one.Index) > len(out.Others) {
			out.Others = append(out.Others, "")
		}
		if one.Content != nil {
			for _, p := range one.Content.Parts {
				out.Others[one.Index-1] += p.Text
			}
		}
	}
	if c == nil {
		return
	}
	if c.FinishReason != "" {
		out.Stop = string(c.FinishReason)
	}
	defer func() { geminiCite(out, c.GroundingMetadata) }()
	if c.Content == nil {
		return
	}
	for _, p := range c.Content.Parts {
		part := upstream.Part{Kind: "text", Text: p.Text, Signature: base64.StdEncoding.EncodeToString(p.ThoughtSignature)}
		switch {
		case p.FunctionCall != nil:
			args, err := json.Marshal(p.FunctionCall.Args, json.Deterministic(true))
			if err != nil || p.FunctionCall.Args == nil {
				args = []byte("{}")
			}
			part = upstream.Part{Kind: "call", ID: p.FunctionCall.ID, Name: p.FunctionCall.Name, Args: string(args), Signature: part.Signature}
			out.Calls = append(out.Calls, Call{ID: part.ID, Name: part.Name, Args: part.Args})
		case p.Thought:
			part.Kind = "thinking"
			out.Thinking += p.Text
		default:
			out.Text += p.Text
		}
		if part.Kind == "text" && part.Text == "" && part.Signature == "" {
			continue
		}
		out.Turn.Parts = append(out.Turn.Parts, part)
	}
}

// geminiCite reads the sources once all of the text is there; Google counts bytes from the beginning of a part.
func geminiCite(out *Answer, g *genai.GroundingMetadata) {
	if g == nil {
		return
	}
	for _, s := range g.GroundingSupports {
		text, before := out.Text, 0
		if i := int(s.Segment.PartIndex); i > 0 && i < len(out.Turn.Parts) {
			for _, p := range out.Turn.Parts[:i] {
				if p.Kind == "text" {
					before += utf8.RuneCountInString(p.Text)
				}
			}
			text = out.Turn.Parts[i].Text
		}
		for _, i := range s.GroundingChunkIndices {
			web := g.GroundingChunks[i].Web
			out.Citations = append(out.Citations, Citation{web.URI, web.Title,
				before + utf8.RuneCountInString(text[:s.Segment.StartIndex]), before + utf8.RuneCountInString(text[:s.Segment.EndIndex])})
		}
	}
}

func (c geminiClient) Count(ctx context.Context, a Ask) (int, error) {
	contents, _ := geminiParams(a)
	r, err := c.sdk.Models.CountTokens(ctx, a.Model, contents, nil)
	if err != nil {
		return 0, err
	}
	return int(r.TotalTokens), nil
}

func (c geminiClient) Models(ctx context.Context) ([]string, error) {
	var out []string
	for m, err := range c.sdk.Models.All(ctx) {
		if err != nil {
			return nil, err
		}
		out = append(out, strings.TrimPrefix(m.Name, "models/"))
	}
	return out, nil
}

func (c geminiClient) Model(ctx context.Context, id string) (string, error) {
	m, err := c.sdk.Models.Get(ctx, id, nil)
	if err != nil {
		return "", err
	}
	return strings.TrimPrefix(m.Name, "models/"), nil
}

func geminiParams(a Ask) ([]*genai.Content, *genai.GenerateContentConfig) {
	config := &genai.GenerateContentConfig{StopSequences: a.Stop, MaxOutputTokens: int32(a.MaxOutput)}
	if a.System != "" {
		config.SystemInstruction = genai.NewContentFromText(a.System, "")
	}
	names := map[string]string{}
	var contents []*genai.Content
	for _, t := range a.Turns {
		c := &genai.Content{Role: "user"}
		if t.Role == "assistant" {
			c.Role = "model"
		}
		for _, p := range t.Parts {
			c.Parts = append(c.Parts, geminiPart(p, names))
		}
		contents = append(contents, c)
	}
	if len(a.Tools) > 0 {
		tool := &genai.Tool{}
		for _, t := range a.Tools {
			tool.FunctionDeclarations = append(tool.FunctionDeclarations, &genai.FunctionDeclaration{Name: t.Name, Description: t.Description,
				ParametersJsonSchema: object(string(t.Schema))})
		}
		config.Tools = []*genai.Tool{tool}
	}
	if a.Search {
		config.Tools = append(config.Tools, &genai.Tool{GoogleSearch: &genai.GoogleSearch{}})
	}
	config.CandidateCount = int32(a.N)
	if a.Choice != "" {
		fc := &genai.FunctionCallingConfig{Mode: genai.FunctionCallingConfigMode(strings.ToUpper(a.Choice))}
		if a.Choice == "one" {
			fc.Mode, fc.AllowedFunctionNames = "ANY", []string{a.ChoiceName}
		}
		config.ToolConfig = &genai.ToolConfig{FunctionCallingConfig: fc}
	}
	if a.Schema != "" {
		config.ResponseMIMEType, config.ResponseJsonSchema = "application/json", object(a.Schema)
	}
	if a.Temperature != 0 {
		config.Temperature = genai.Ptr(float32(a.Temperature))
	}
	if a.TopP != 0 {
		config.TopP = genai.Ptr(float32(a.TopP))
	}
	if a.Effort != "" || a.Show {
		config.ThinkingConfig = &genai.ThinkingConfig{IncludeThoughts: a.Show, ThinkingLevel: genai.ThinkingLevel(strings.ToUpper(a.Effort))}
	}
	return contents, config
}

func geminiPart(p upstream.Part, names map[string]string) *genai.Part {
	signature, _ := base64.StdEncoding.DecodeString(p.Signature)
	switch p.Kind {
	case "image", "file":
		if p.URL != "" {
			return genai.NewPartFromURI(p.URL, p.MIME)
		}
		return genai.NewPartFromBytes(decoded(p.Data), p.MIME)
	case "thinking":
		return &genai.Part{Text: p.Text, Thought: true, ThoughtSignature: signature}
	case "call":
		names[p.ID] = p.Name
		return &genai.Part{FunctionCall: &genai.FunctionCall{ID: p.ID, Name: p.Name, Args: object(p.Args)}, ThoughtSignature: signature}
	case "result":
		response := map[string]any{"output": resultText(p)}
		if p.IsError {
			response = map[string]any{"error": resultText(p)}
		}
		name := p.Name
		if name == "" {
			name = names[p.ID]
		}
		r := &genai.FunctionResponse{ID: p.ID, Name: name, Response: response}
		for _, q := range p.Parts {
			if q.Kind == "image" {
				r.Parts = append(r.Parts, &genai.FunctionResponsePart{InlineData: &genai.FunctionResponseBlob{MIMEType: q.MIME, Data: decoded(q.Data)}})
			}
		}
		return &genai.Part{FunctionResponse: r}
	}
	return &genai.Part{Text: p.Text, ThoughtSignature: signature}
}

func decoded(s string) []byte {
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		panic("the test's base64 does not parse: " + err.Error())
	}
	return b
}

func describeGemini(err error) (Failure, bool) {
	var e genai.APIError
	if !errors.As(err, &e) {
		return Failure{}, false
	}
	return Failure{Status: e.Code, Type: e.Status, Message: e.Message}, true
}
