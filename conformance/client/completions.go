package client

import (
	"context"
	"errors"

	"github.com/openai/openai-go/v3"

	"github.com/fairway-gateway/fairway/conformance/upstream"
)

type completionsClient struct{ openAI }

func (completionsClient) Dialect() upstream.Dialect { return upstream.Completions }

func completionsParams(a Ask) openai.CompletionNewParams {
	prompt := ""
	for _, t := range a.Turns {
		for _, p := range t.Parts {
			prompt += p.Text
		}
	}
	p := openai.CompletionNewParams{Model: openai.CompletionNewParamsModel(a.Model), Prompt: openai.CompletionNewParamsPromptUnion{OfString: openai.String(prompt)},
		Stop: openai.CompletionNewParamsStopUnion{OfStringArray: a.Stop}}
	if a.N > 0 {
		p.N = openai.Int(int64(a.N))
	}
	if a.Temperature != 0 {
		p.Temperature = openai.Float(a.Temperature)
	}
	if a.TopP != 0 {
		p.TopP = openai.Float(a.TopP)
	}
	if a.MaxOutput != 0 {
		p.MaxTokens = openai.Int(int64(a.MaxOutput))
	}
	if a.User != "" {
		p.User = openai.String(a.User)
	}
	return p
}

func (c completionsClient) Plain(ctx context.Context, a Ask) (Answer, error) {
	r, err := c.sdk.Completions.New(ctx, completionsParams(a))
	if err != nil {
		return Answer{}, err
	}
	if len(r.Choices) == 0 {
		return Answer{}, errors.New("the SDK sees no choices")
	}
	out := Answer{}
	completionsTake(&out, *r)
	return out, nil
}

func (c completionsClient) Stream(ctx context.Context, a Ask, seen func()) (Answer, error) {
	p := completionsParams(a)
	p.StreamOptions = openai.ChatCompletionStreamOptionsParam{IncludeUsage: openai.Bool(true)}
	stream := c.sdk.Completions.NewStreaming(ctx, p)
	defer stream.Close()
	out := Answer{}
	for stream.Next() {
		completionsTake(&out, stream.Current())
		if seen != nil {
			seen()
		}
	}
	return out, stream.Err()
}

func completionsTake(out *Answer, r openai.Completion) {
	out.ID, out.Model = r.ID, r.Model
	for _, c := range r.Choices {
		for c.Index > int64(len(out.Others)) {
			out.Others = append(out.Others, "")
		}
		if c.Index > 0 {
			out.Others[c.Index-1] += c.Text
			continue
		}
		out.Text += c.Text
		if c.FinishReason != "" {
			out.Stop = string(c.FinishReason)
		}
	}
	if r.Usage.TotalTokens > 0 {
		out.Usage = upstream.Usage{In: int(r.Usage.PromptTokens), Out: int(r.Usage.CompletionTokens), CacheRead: int(r.Usage.PromptTokensDetails.CachedTokens),
			Reason: int(r.Usage.CompletionTokensDetails.ReasoningTokens)}
	}
	out.Turn = Text("assistant", out.Text)
}
