package client

import (
	"context"
	"errors"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/shared"
	"github.com/tidwall/gjson"

	"github.com/fairway-gateway/fairway/conformance/upstream"
)

type chatClient struct{ openAI }

func (chatClient) Dialect() upstream.Dialect { return upstream.Chat }

func (c chatClient) Plain(ctx context.Context, a Ask) (Answer, error) {
	r, err := c.sdk.Chat.Completions.New(ctx, chatParams(a))
	if err != nil {
		return Answer{}, err
	}
	if len(r.Choices) == 0 {
		return Answer{}, errors.New("the SDK sees no choices")
	}
	return chatAnswer(*r, gjson.Get(r.RawJSON(), "choices.0.message.reasoning_content").String()), nil
}

func (c chatClient) Stream(ctx context.Context, a Ask, seen func()) (Answer, error) {
	p := chatParams(a)
	p.StreamOptions = openai.ChatCompletionStreamOptionsParam{IncludeUsage: openai.Bool(true)}
	stream := c.sdk.Chat.Completions.NewStreaming(ctx, p)
	defer stream.Close()
	acc := openai.ChatCompletionAccumulator{}
	thinking := ""
	var citations []Citation
	for stream.Next() {
		chunk := stream.Current()
		if !acc.AddChunk(chunk) {
			return Answer{}, errors.New("the SDK's accumulator refuses the chunk " + chunk.RawJSON())
		}
		thinking += gjson.Get(chunk.RawJSON(), "choices.0.delta.reasoning_content").String()
		citations = append(citations, chatCitations(gjson.Get(chunk.RawJSON(), "choices.0.delta.annotations"))...)
		if seen != nil {
			seen()
		}
	}
	if err := stream.Err(); err != nil {
		return Answer{}, err
	}
	if len(acc.Choices) == 0 {
		return Answer{}, errors.New("the SDK's accumulator has no choices")
	}
	out := chatAnswer(acc.ChatCompletion, thinking)
	out.Citations = citations
	return out, nil
}

func chatAnswer(r openai.ChatCompletion, thinking string) Answer {
	m := r.Choices[0].Message
	out := Answer{ID: r.ID, Model: r.Model, Text: m.Content, Thinking: thinking, Stop: r.Choices[0].FinishReason, Usage: upstream.Usage{
		In: int(r.Usage.PromptTokens), Out: int(r.Usage.CompletionTokens), CacheRead: int(r.Usage.PromptTokensDetails.CachedTokens),
		Reason: int(r.Usage.CompletionTokensDetails.ReasoningTokens),
	}, Turn: upstream.Turn{Role: "assistant"}}
	for _, c := range r.Choices[1:] {
		out.Others = append(out.Others, c.Message.Content)
	}
	out.Citations = chatCitations(gjson.Get(r.RawJSON(), "choices.0.message.annotations"))
	if m.Content != "" {
		out.Turn.Parts = append(out.Turn.Parts, upstream.Part{Kind: "text", Text: m.Content})
	}
	for _, t := range m.ToolCalls {
		out.Calls = append(out.Calls, Call{ID: t.ID, Name: t.Function.Name, Args: t.Function.Arguments})
		out.Turn.Parts = append(out.Turn.Parts, upstream.Part{Kind: "call", ID: t.ID, Name: t.Function.Name, Args: t.Function.Arguments})
	}
	return out
}

func chatCitations(list gjson.Result) (out []Citation) {
	for _, a := range list.Array() {
		c := a.Get("url_citation")
		out = append(out, Citation{c.Get("url").String(), c.Get("title").String(), int(c.Get("start_index").Int()), int(c.Get("end_index").Int())})
	}
	return out
}

func chatParams(a Ask) openai.ChatCompletionNewParams {
	p := openai.ChatCompletionNewParams{Model: a.Model, Stop: openai.ChatCompletionNewParamsStopUnion{OfStringArray: a.Stop}}
	if a.System != "" {
		p.Messages = append(p.Messages, openai.SystemMessage(a.System))
	}
	for _, t := range a.Turns {
		p.Messages = append(p.Messages, chatMessages(t)...)
	}
	for _, t := range a.Tools {
		p.Tools = append(p.Tools, openai.ChatCompletionFunctionTool(openAIFunction(t)))
	}
	switch a.Choice {
	case "":
	case "one":
		p.ToolChoice = openai.ToolChoiceOptionFunctionToolChoice(openai.ChatCompletionNamedToolChoiceFunctionParam{Name: a.ChoiceName})
	case "any":
		p.ToolChoice = openai.ChatCompletionToolChoiceOptionUnionParam{OfAuto: openai.String("required")}
	default:
		p.ToolChoice = openai.ChatCompletionToolChoiceOptionUnionParam{OfAuto: openai.String(a.Choice)}
	}
	if a.Serial {
		p.ParallelToolCalls = openai.Bool(false)
	}
	if a.Schema != "" {
		p.ResponseFormat = openai.ChatCompletionNewParamsResponseFormatUnion{OfJSONSchema: &shared.ResponseFormatJSONSchemaParam{
			JSONSchema: shared.ResponseFormatJSONSchemaJSONSchemaParam{Name: "answer", Schema: object(a.Schema), Strict: openai.Bool(true)}}}
	}
	if a.N > 0 {
		p.N = openai.Int(int64(a.N))
	}
	if a.Search {
		p.WebSearchOptions = openai.ChatCompletionNewParamsWebSearchOptions{SearchContextSize: "low"}
	}
	if a.Temperature != 0 {
		p.Temperature = openai.Float(a.Temperature)
	}
	if a.TopP != 0 {
		p.TopP = openai.Float(a.TopP)
	}
	if a.MaxOutput != 0 {
		p.MaxCompletionTokens = openai.Int(int64(a.MaxOutput))
	}
	p.ReasoningEffort = shared.ReasoningEffort(a.Effort)
	if a.User != "" {
		p.SafetyIdentifier = openai.String(a.User)
	}
	return p
}

func chatMessages(t upstream.Turn) []openai.ChatCompletionMessageParamUnion {
	if t.Role == "assistant" {
		m := openai.ChatCompletionAssistantMessageParam{}
		for _, p := range t.Parts {
			switch p.Kind {
			case "text":
				m.Content.OfString = openai.String(p.Text)
			case "call":
				m.ToolCalls = append(m.ToolCalls, openai.ChatCompletionMessageToolCallUnionParam{OfFunction: &openai.ChatCompletionMessageFunctionToolCallParam{
					ID: p.ID, Function: openai.ChatCompletionMessageFunctionToolCallFunctionParam{Name: p.Name, Arguments: p.Args}}})
			}
		}
		return []openai.ChatCompletionMessageParamUnion{{OfAssistant: &m}}
	}
	if t.Role == "system" {
		return []openai.ChatCompletionMessageParamUnion{openai.SystemMessage(t.Parts[0].Text)}
	}
	var out []openai.ChatCompletionMessageParamUnion
	var parts []openai.ChatCompletionContentPartUnionParam
	for _, p := range t.Parts {
		switch p.Kind {
		case "result":
			out = append(out, openai.ToolMessage(resultText(p), p.ID))
		case "file":
			parts = append(parts, openai.FileContentPart(openai.ChatCompletionContentPartFileFileParam{
				FileData: openai.String(openAIImage(p)), Filename: openai.String(p.Filename)}))
		case "image":
			parts = append(parts, openai.ImageContentPart(openai.ChatCompletionContentPartImageImageURLParam{URL: openAIImage(p)}))
		default:
			parts = append(parts, openai.TextContentPart(p.Text))
		}
	}
	switch {
	case len(parts) == 1 && parts[0].OfText != nil:
		out = append(out, openai.UserMessage(parts[0].OfText.Text))
	case len(parts) > 0:
		out = append(out, openai.UserMessage(parts))
	}
	return out
}

func resultText(p upstream.Part) string {
	text := ""
	for _, q := range p.Parts {
		text += q.Text
	}
	return text
}
