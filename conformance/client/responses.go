package client

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/responses"
	"github.com/openai/openai-go/v3/shared"

	"github.com/fairway-gateway/fairway/conformance/upstream"
)

type responsesClient struct{ openAI }

func (responsesClient) Dialect() upstream.Dialect { return upstream.Responses }

func (c responsesClient) Plain(ctx context.Context, a Ask) (Answer, error) {
	r, err := c.sdk.Responses.New(ctx, responsesParams(a))
	if err != nil {
		return Answer{}, err
	}
	return responsesAnswer(*r)
}

// Stream takes the answer from the terminal event, as the SDK's users do; what the deltas said must agree, which the
// grammar checks.
func (c responsesClient) Stream(ctx context.Context, a Ask, seen func()) (Answer, error) {
	stream := c.sdk.Responses.NewStreaming(ctx, responsesParams(a))
	defer stream.Close()
	var final *responses.Response
	text, args := "", ""
	for stream.Next() {
		switch e := stream.Current().AsAny().(type) {
		case responses.ResponseTextDeltaEvent:
			text += e.Delta
		case responses.ResponseFunctionCallArgumentsDeltaEvent:
			args += e.Delta
		case responses.ResponseCompletedEvent:
			final = &e.Response
		case responses.ResponseIncompleteEvent:
			final = &e.Response
		case responses.ResponseFailedEvent:
			return Answer{}, fmt.Errorf("the response failed: %s: %s", e.Response.Error.Code, e.Response.Error.Message)
		case responses.ResponseErrorEvent:
			return Answer{}, fmt.Errorf("an error event: %s: %s", e.Code, e.Message)
		}
		if seen != nil {
			seen()
		}
	}
	if err := stream.Err(); err != nil {
		return Answer{}, err
	}
	if final == nil {
		return Answer{}, errors.New("the stream ended without a final response")
	}
	out, err := responsesAnswer(*final)
	if err != nil {
		return Answer{}, err
	}
	all := ""
	for _, c := range out.Calls {
		all += c.Args
	}
	if out.Text != text || all != args {
		return Answer{}, fmt.Errorf("the final response says %q and %q, the deltas said %q and %q", out.Text, all, text, args)
	}
	return out, nil
}

func responsesAnswer(r responses.Response) (Answer, error) {
	if r.Status == "failed" {
		return Answer{}, fmt.Errorf("the response failed: %s: %s", r.Error.Code, r.Error.Message)
	}
	out := Answer{ID: r.ID, Model: r.Model, Text: r.OutputText(), Stop: string(r.Status), Usage: upstream.Usage{
		In: int(r.Usage.InputTokens), Out: int(r.Usage.OutputTokens), CacheRead: int(r.Usage.InputTokensDetails.CachedTokens),
		CacheWrite: int(r.Usage.InputTokensDetails.CacheWriteTokens), Reason: int(r.Usage.OutputTokensDetails.ReasoningTokens),
	}, Turn: upstream.Turn{Role: "assistant"}}
	if r.Status == "incomplete" {
		out.Stop = r.IncompleteDetails.Reason
	}
	for _, item := range r.Output {
		switch v := item.AsAny().(type) {
		case responses.ResponseOutputMessage:
			text := ""
			for _, c := range v.Content {
				for _, a := range c.Annotations {
					out.Citations = append(out.Citations, Citation{a.URL, a.Title, utf8.RuneCountInString(text) + int(a.StartIndex), utf8.RuneCountInString(text) + int(a.EndIndex)})
				}
				text += c.Text
			}
			out.Turn.Parts = append(out.Turn.Parts, upstream.Part{Kind: "text", Text: text})
		case responses.ResponseFunctionToolCall:
			out.Calls = append(out.Calls, Call{ID: v.CallID, Name: v.Name, Args: v.Arguments})
			out.Turn.Parts = append(out.Turn.Parts, upstream.Part{Kind: "call", ID: v.CallID, Name: v.Name, Args: v.Arguments})
		case responses.ResponseReasoningItem:
			text := ""
			for _, s := range v.Summary {
				text += s.Text
			}
			for _, s := range v.Content {
				text += s.Text
			}
			out.Thinking += text
			out.Turn.Parts = append(out.Turn.Parts, upstream.Part{Kind: "thinking", ID: v.ID, Text: text, Signature: v.EncryptedContent})
		}
	}
	return out, nil
}

func responsesParams(a Ask) responses.ResponseNewParams {
	p := responses.ResponseNewParams{Model: a.Model, Store: openai.Bool(false)}
	if a.System != "" {
		p.Instructions = openai.String(a.System)
	}
	if len(a.Turns) == 1 && len(a.Turns[0].Parts) == 1 && a.Turns[0].Parts[0].Kind == "text" {
		p.Input.OfString = openai.String(a.Turns[0].Parts[0].Text)
	} else {
		for _, t := range a.Turns {
			p.Input.OfInputItemList = append(p.Input.OfInputItemList, responsesItems(t)...)
		}
	}
	for _, t := range a.Tools {
		strict := t.Strict != nil && *t.Strict
		tool := responses.ToolParamOfFunction(t.Name, object(string(t.Schema)), strict)
		if t.Description != "" {
			tool.OfFunction.Description = openai.String(t.Description)
		}
		p.Tools = append(p.Tools, tool)
	}
	if a.Search {
		p.Tools = append(p.Tools, responses.ToolUnionParam{OfWebSearch: &responses.WebSearchToolParam{Type: "web_search", SearchContextSize: "low"}})
	}
	switch a.Choice {
	case "":
	case "one":
		p.ToolChoice.OfFunctionTool = &responses.ToolChoiceFunctionParam{Name: a.ChoiceName}
	case "any":
		p.ToolChoice.OfToolChoiceMode = openai.Opt(responses.ToolChoiceOptionsRequired)
	default:
		p.ToolChoice.OfToolChoiceMode = openai.Opt(responses.ToolChoiceOptions(a.Choice))
	}
	if a.Serial {
		p.ParallelToolCalls = openai.Bool(false)
	}
	if a.Schema != "" {
		p.Text.Format = responses.ResponseFormatTextConfigParamOfJSONSchema("answer", object(a.Schema))
		p.Text.Format.OfJSONSchema.Strict = openai.Bool(true)
	}
	if a.Temperature != 0 {
		p.Temperature = openai.Float(a.Temperature)
	}
	if a.TopP != 0 {
		p.TopP = openai.Float(a.TopP)
	}
	if a.MaxOutput != 0 {
		p.MaxOutputTokens = openai.Int(int64(a.MaxOutput))
	}
	if a.Effort != "" {
		p.Reasoning.Effort = shared.ReasoningEffort(a.Effort)
	}
	if a.Show {
		p.Reasoning.Summary = "auto"
		p.Include = []responses.ResponseIncludable{"reasoning.encrypted_content"}
	}
	if a.User != "" {
		p.SafetyIdentifier = openai.String(a.User)
	}
	return p
}

func responsesItems(t upstream.Turn) []responses.ResponseInputItemUnionParam {
	var out []responses.ResponseInputItemUnionParam
	var content responses.ResponseInputMessageContentListParam
	for _, p := range t.Parts {
		switch p.Kind {
		case "result":
			item := responses.ResponseInputItemParamOfFunctionCallOutput(responsesOutput(p))
			if len(p.Parts) == 1 && p.Parts[0].Kind == "text" {
				item = responses.ResponseInputItemParamOfFunctionCallOutput(p.Parts[0].Text)
			}
			item.OfFunctionCallOutput.CallID = openai.String(p.ID)
			out = append(out, item)
		case "call":
			out = append(out, responses.ResponseInputItemParamOfFunctionCall(p.Args, p.ID, p.Name))
		case "thinking":
			var summary []responses.ResponseReasoningItemSummaryParam
			if p.Text != "" {
				summary = append(summary, responses.ResponseReasoningItemSummaryParam{Text: p.Text})
			}
			item := responses.ResponseInputItemParamOfReasoning(p.ID, summary)
			if p.Signature != "" {
				item.OfReasoning.EncryptedContent = openai.String(p.Signature)
			}
			if summary == nil {
				item.OfReasoning.Summary = []responses.ResponseReasoningItemSummaryParam{}
			}
			out = append(out, item)
		case "file":
			content = append(content, responses.ResponseInputContentUnionParam{OfInputFile: &responses.ResponseInputFileParam{
				FileData: openai.String(openAIImage(p)), Filename: openai.String(p.Filename)}})
		case "image":
			content = append(content, responses.ResponseInputContentUnionParam{OfInputImage: &responses.ResponseInputImageParam{
				Detail: "auto", ImageURL: openai.String(openAIImage(p))}})
		default:
			if t.Role == "assistant" {
				out = append(out, responses.ResponseInputItemParamOfMessage(p.Text, responses.EasyInputMessageRole(t.Role)))
				continue
			}
			content = append(content, responses.ResponseInputContentParamOfInputText(p.Text))
		}
	}
	switch {
	case len(content) == 1 && content[0].OfInputText != nil:
		out = append(out, responses.ResponseInputItemParamOfMessage(content[0].OfInputText.Text, responses.EasyInputMessageRole(t.Role)))
	case len(content) > 0:
		out = append(out, responses.ResponseInputItemParamOfMessage(content, responses.EasyInputMessageRole(t.Role)))
	}
	return out
}

func responsesOutput(p upstream.Part) responses.ResponseFunctionCallOutputItemListParam {
	var out responses.ResponseFunctionCallOutputItemListParam
	for _, q := range p.Parts {
		if q.Kind == "image" {
			out = append(out, responses.ResponseFunctionCallOutputItemUnionParam{OfInputImage: &responses.ResponseInputImageContentParam{
				Detail: "auto", ImageURL: openai.String(openAIImage(q))}})
			continue
		}
		out = append(out, responses.ResponseFunctionCallOutputItemParamOfInputText(q.Text))
	}
	return out
}
