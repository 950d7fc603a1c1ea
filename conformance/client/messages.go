package client

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/anthropics/anthropic-sdk-go/option"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/tidwall/gjson"

	"github.com/fairway-gateway/fairway/conformance/upstream"
)

type messagesClient struct{ sdk anthropic.Client }

func newMessages(base, key string, hc *http.Client) messagesClient {
	return messagesClient{anthropic.NewClient(option.WithBaseURL(base), option.WithAPIKey(key), option.WithHTTPClient(hc), option.WithMaxRetries(0))}
}

func (messagesClient) Dialect() upstream.Dialect { return upstream.Messages }

func (c messagesClient) Plain(ctx context.Context, a Ask) (Answer, error) {
	m, err := c.sdk.Messages.New(ctx, messagesParams(a))
	if err != nil {
		return Answer{}, err
	}
	return messagesAnswer(*m), nil
}

func (c messagesClient) Stream(ctx context.Context, a Ask, seen func()) (Answer, error) {
	stream := c.sdk.Messages.NewStreaming(ctx, messagesParams(a))
	defer stream.Close()
	m := anthropic.Message{}
	for stream.Next() {
		if err := m.Accumulate(stream.Current()); err != nil {
			return Answer{}, err
		}
		if seen != nil {
			seen()
		}
	}
	if err := stream.Err(); err != nil {
		return Answer{}, err
	}
	return messagesAnswer(m), nil
}

func messagesAnswer(m anthropic.Message) Answer {
	u := m.Usage
	out := Answer{ID: m.ID, Model: m.Model, Stop: string(m.StopReason), Turn: upstream.Turn{Role: "assistant"}, Usage: upstream.Usage{
		In: int(u.InputTokens + u.CacheReadInputTokens + u.CacheCreationInputTokens), CacheRead: int(u.CacheReadInputTokens),
		CacheWrite: int(u.CacheCreationInputTokens), Out: int(u.OutputTokens), Reason: int(u.OutputTokensDetails.ThinkingTokens),
	}}
	for _, b := range m.Content {
		switch v := b.AsAny().(type) {
		case anthropic.TextBlock:
			for _, c := range v.Citations {
				if c, ok := c.AsAny().(anthropic.CitationsWebSearchResultLocation); ok {
					out.Citations = append(out.Citations, Citation{URL: c.URL, Title: c.Title})
				}
			}
			out.Text += v.Text
			out.Turn.Parts = append(out.Turn.Parts, upstream.Part{Kind: "text", Text: v.Text})
		case anthropic.ThinkingBlock:
			out.Thinking += v.Thinking
			out.Turn.Parts = append(out.Turn.Parts, upstream.Part{Kind: "thinking", Text: v.Thinking, Signature: v.Signature})
		case anthropic.RedactedThinkingBlock:
			out.Turn.Parts = append(out.Turn.Parts, upstream.Part{Kind: "redacted", Signature: v.Data})
		case anthropic.ToolUseBlock:
			out.Calls = append(out.Calls, Call{ID: v.ID, Name: v.Name, Args: string(v.Input)})
			out.Turn.Parts = append(out.Turn.Parts, upstream.Part{Kind: "call", ID: v.ID, Name: v.Name, Args: string(v.Input)})
		}
	}
	return out
}

func (c messagesClient) Count(ctx context.Context, a Ask) (int, error) {
	p := messagesParams(a)
	count := anthropic.MessageCountTokensParams{Model: p.Model, Messages: p.Messages, ToolChoice: p.ToolChoice,
		System: anthropic.MessageCountTokensParamsSystemUnion{OfTextBlockArray: p.System}}
	for _, t := range p.Tools {
		count.Tools = append(count.Tools, anthropic.MessageCountTokensToolUnionParam{OfTool: t.OfTool})
	}
	n, err := c.sdk.Messages.CountTokens(ctx, count)
	if err != nil {
		return 0, err
	}
	return int(n.InputTokens), nil
}

func (c messagesClient) Models(ctx context.Context) ([]string, error) {
	var out []string
	pages := c.sdk.Models.ListAutoPaging(ctx, anthropic.ModelListParams{})
	for pages.Next() {
		out = append(out, pages.Current().ID)
	}
	return out, pages.Err()
}

func (c messagesClient) Model(ctx context.Context, id string) (string, error) {
	m, err := c.sdk.Models.Get(ctx, id, anthropic.ModelGetParams{})
	if err != nil {
		return "", err
	}
	return m.ID, nil
}

func messagesParams(a Ask) anthropic.MessageNewParams {
	p := anthropic.MessageNewParams{Model: a.Model, MaxTokens: int64(a.MaxOutput), StopSequences: a.Stop}
	if a.MaxOutput == 0 {
		p.MaxTokens = 1024
	}
	if a.System != "" {
		p.System = []anthropic.TextBlockParam{{Text: a.System}}
	}
	for _, t := range a.Turns {
		var blocks []anthropic.ContentBlockParamUnion
		for _, q := range t.Parts {
			blocks = append(blocks, messagesBlock(q))
		}
		p.Messages = append(p.Messages, anthropic.MessageParam{Role: anthropic.MessageParamRole(t.Role), Content: blocks})
	}
	for _, t := range a.Tools {
		p.Tools = append(p.Tools, messagesTool(t))
	}
	if a.Search {
		p.Tools = append(p.Tools, anthropic.ToolUnionParam{OfWebSearchTool20250305: &anthropic.WebSearchTool20250305Param{}})
	}
	serial := anthropic.Bool(true)
	if !a.Serial {
		serial.Value = false
	}
	switch a.Choice {
	case "auto", "":
		if a.Serial || a.Choice == "auto" {
			p.ToolChoice.OfAuto = &anthropic.ToolChoiceAutoParam{DisableParallelToolUse: serial}
		}
	case "any":
		p.ToolChoice.OfAny = &anthropic.ToolChoiceAnyParam{}
	case "none":
		p.ToolChoice.OfNone = &anthropic.ToolChoiceNoneParam{}
	case "one":
		p.ToolChoice = anthropic.ToolChoiceParamOfTool(a.ChoiceName)
	}
	if a.Schema != "" {
		p.OutputConfig.Format = anthropic.JSONOutputFormatParam{Schema: object(a.Schema)}
	}
	if a.Temperature != 0 {
		p.Temperature = anthropic.Float(a.Temperature)
	}
	if a.TopP != 0 {
		p.TopP = anthropic.Float(a.TopP)
	}
	p.OutputConfig.Effort = anthropic.OutputConfigEffort(a.Effort)
	if a.Show {
		p.Thinking.OfAdaptive = &anthropic.ThinkingConfigAdaptiveParam{Display: "summarized"}
	}
	if a.User != "" {
		p.Metadata.UserID = anthropic.String(a.User)
	}
	return p
}

func messagesTool(t upstream.Tool) anthropic.ToolUnionParam {
	schema := object(string(t.Schema))
	in := anthropic.ToolInputSchemaParam{Properties: schema["properties"], ExtraFields: map[string]any{}}
	for k, v := range schema {
		switch k {
		case "type", "properties":
		case "required":
			for _, r := range v.([]any) {
				in.Required = append(in.Required, r.(string))
			}
		default:
			in.ExtraFields[k] = v
		}
	}
	tool := anthropic.ToolUnionParamOfTool(in, t.Name)
	if t.Description != "" {
		tool.OfTool.Description = anthropic.String(t.Description)
	}
	return tool
}

func messagesImage(p upstream.Part) *anthropic.ImageBlockParam {
	if p.URL != "" {
		return &anthropic.ImageBlockParam{Source: anthropic.ImageBlockParamSourceUnion{OfURL: &anthropic.URLImageSourceParam{URL: p.URL}}}
	}
	return &anthropic.ImageBlockParam{Source: anthropic.ImageBlockParamSourceUnion{OfBase64: &anthropic.Base64ImageSourceParam{
		Data: p.Data, MediaType: anthropic.Base64ImageSourceMediaType(p.MIME)}}}
}

func messagesBlock(p upstream.Part) anthropic.ContentBlockParamUnion {
	switch p.Kind {
	case "image":
		return anthropic.ContentBlockParamUnion{OfImage: messagesImage(p)}
	case "file":
		return anthropic.NewDocumentBlock(anthropic.Base64PDFSourceParam{Data: p.Data})
	case "thinking":
		return anthropic.NewThinkingBlock(p.Signature, p.Text)
	case "redacted":
		return anthropic.NewRedactedThinkingBlock(p.Signature)
	case "call":
		return anthropic.NewToolUseBlock(p.ID, jsontext.Value(p.Args), p.Name)
	case "result":
		r := &anthropic.ToolResultBlockParam{ToolUseID: p.ID}
		if p.IsError {
			r.IsError = anthropic.Bool(true)
		}
		for _, q := range p.Parts {
			if q.Kind == "image" {
				r.Content = append(r.Content, anthropic.ToolResultBlockParamContentUnion{OfImage: messagesImage(q)})
				continue
			}
			r.Content = append(r.Content, anthropic.ToolResultBlockParamContentUnion{OfText: &anthropic.TextBlockParam{Text: q.Text}})
		}
		return anthropic.ContentBlockParamUnion{OfToolResult: r}
	}
	return anthropic.NewTextBlock(p.Text)
}

func describeMessages(err error) (Failure, bool) {
	var e *anthropic.Error
	if !errors.As(err, &e) || e.Response == nil {
		return Failure{}, false
	}
	body := gjson.Parse(e.RawJSON())
	return Failure{Status: e.StatusCode, Type: body.Get("error.type").String(), Message: strings.TrimSpace(body.Get("error.message").String()), Header: e.Response.Header}, true
}
