package conformance

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/anthropics/anthropic-sdk-go"
	anthropicoption "github.com/anthropics/anthropic-sdk-go/option"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/responses"
	"google.golang.org/genai"

	"github.com/fairway-gateway/fairway/conformance/upstream"
)

// counter is where a vendor's services are asked for: the vendor's own, or a gateway with two accounts of each vendor.
type counter struct {
	url string
	// key is the first account's, or anything.
	key map[upstream.Dialect]string
	// gateway is set for the gateway.
	gateway bool
	// accounts are those behind the gateway.
	accounts map[upstream.Dialect][2]*upstream.Account
}

// counters are the vendors themselves and the gateway before them: what a service does must look the same at both.
func counters(t *testing.T) map[string]counter {
	direct, behind := upstream.Start(), upstream.Start()
	t.Cleanup(direct.Close)
	t.Cleanup(behind.Close)
	keys, accounts := map[upstream.Dialect]string{}, map[upstream.Dialect][2]*upstream.Account{}
	hcl := ""
	for _, d := range []upstream.Dialect{upstream.Responses, upstream.Messages, upstream.Gemini} {
		keys[d] = direct.Account(d).Key
		pair := [2]*upstream.Account{behind.Account(d), behind.Account(d)}
		accounts[d] = pair
		hcl += declare("first-"+string(d), pair[0]) + declare("second-"+string(d), pair[1])
	}
	g := start(t, config{hcl: hcl})
	unused := map[upstream.Dialect]string{upstream.Responses: "unused", upstream.Messages: "unused", upstream.Gemini: "unused"}
	return map[string]counter{
		"direct":  {url: direct.URL, key: keys},
		"gateway": {url: g.URL, key: unused, gateway: true, accounts: accounts},
	}
}

// pin names the second account in a request, through the gateway.
func (c counter) pin(d upstream.Dialect) (name, value string) {
	if !c.gateway {
		return "X-Nothing", "1"
	}
	return "X-Ai-Account", "second-" + string(d)
}

// model names a model of the first account, through the gateway.
func (c counter) model(d upstream.Dialect, name string) string {
	if !c.gateway {
		return name
	}
	return "first-" + string(d) + "/" + name
}

func (c counter) openAI() openai.Client {
	return openai.NewClient(option.WithBaseURL(c.url+"/v1"), option.WithAPIKey(c.key[upstream.Responses]), option.WithMaxRetries(0))
}

func (c counter) anthropic() anthropic.Client {
	return anthropic.NewClient(anthropicoption.WithBaseURL(c.url), anthropicoption.WithAPIKey(c.key[upstream.Messages]), anthropicoption.WithMaxRetries(0))
}

func (c counter) google(t *testing.T, header http.Header) *genai.Client {
	sdk, err := genai.NewClient(t.Context(), &genai.ClientConfig{APIKey: c.key[upstream.Gemini], Backend: genai.BackendGeminiAPI,
		HTTPOptions: genai.HTTPOptions{BaseURL: c.url, Headers: header}})
	if err != nil {
		t.Fatal(err)
	}
	return sdk
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func want[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s = %v, want %v", what, got, want)
	}
}

func readAll(t *testing.T, r *http.Response) string {
	t.Helper()
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestServices uses what vendors offer beside conversations through their own SDKs.
func TestServices(t *testing.T) {
	for name, c := range counters(t) {
		t.Run(name, func(t *testing.T) {
			t.Run("openai media", func(t *testing.T) { openAIMedia(t, c) })
			t.Run("openai files and batches", func(t *testing.T) { openAIFiles(t, c) })
			t.Run("anthropic batches", func(t *testing.T) { anthropicBatches(t, c) })
			t.Run("anthropic files", func(t *testing.T) { anthropicFiles(t, c) })
			t.Run("gemini embeddings", func(t *testing.T) { geminiEmbeddings(t, c) })
			t.Run("gemini caches", func(t *testing.T) { geminiCaches(t, c) })
			t.Run("gemini files", func(t *testing.T) { geminiFiles(t, c) })
			if c.gateway {
				t.Run("stored responses", func(t *testing.T) { storedResponses(t, c) })
				t.Run("embeddings of the other vendor", func(t *testing.T) { foreignEmbeddings(t, c) })
			}
		})
	}
}

func openAIMedia(t *testing.T, c counter) {
	ctx, sdk := t.Context(), c.openAI()
	e := must[*openai.CreateEmbeddingResponse](t)(sdk.Embeddings.New(ctx, openai.EmbeddingNewParams{
		Model: c.model(upstream.Responses, upstream.OpenAIEmbedding),
		Input: openai.EmbeddingNewParamsInputUnion{OfArrayOfStrings: []string{"abc", "abcdef"}}}))
	want(t, "embeddings", len(e.Data), 2)
	want(t, "the second embedding", e.Data[1].Embedding[0], 6)
	want(t, "tokens", e.Usage.PromptTokens, 9)

	i := must[*openai.ImagesResponse](t)(sdk.Images.Generate(ctx, openai.ImageGenerateParams{Model: c.model(upstream.Responses, upstream.ImageModel), Prompt: "a cat"}))
	want(t, "the picture", i.Data[0].B64JSON, "YSBwaWN0dXJlIG9mIGEgY2F0")

	s := must[*http.Response](t)(sdk.Audio.Speech.New(ctx, openai.AudioSpeechNewParams{Model: c.model(upstream.Responses, upstream.SpeechModel), Input: "hello",
		Voice: openai.AudioSpeechNewParamsVoiceUnion{OfString: openai.String("alloy")}}))
	want(t, "the media type", s.Header.Get("Content-Type"), "audio/mpeg")
	want(t, "the speech", readAll(t, s), "ID3\x00\xffhello")

	for _, size := range []int{100, 500_000} { // the SDK writes the model behind the file
		heard := must[*openai.AudioTranscriptionNewResponseUnion](t)(sdk.Audio.Transcriptions.New(ctx, openai.AudioTranscriptionNewParams{
			Model: c.model(upstream.Responses, upstream.HearingModel), File: openai.File(strings.NewReader(strings.Repeat("la", size/2)), "a.mp3", "audio/mpeg")}))
		if !strings.HasSuffix(heard.Text, " bytes: lalal") {
			t.Errorf("heard %q", heard.Text)
		}
	}
	_, err := sdk.Audio.Transcriptions.New(ctx, openai.AudioTranscriptionNewParams{Model: "no-such-model-at-all", File: openai.File(strings.NewReader("x"), "a.mp3", "audio/mpeg")})
	if e, ok := err.(*openai.Error); !ok || e.StatusCode != http.StatusNotFound {
		t.Errorf("an unknown model: %v, want a 404", err)
	}
}

func openAIFiles(t *testing.T, c counter) {
	ctx, sdk := t.Context(), c.openAI()
	on := option.WithHeader(c.pin(upstream.Responses))
	content := bytes.Repeat([]byte("0123456789\n"), 200_000)
	f := must[*openai.FileObject](t)(sdk.Files.New(ctx, openai.FileNewParams{File: openai.File(bytes.NewReader(content), "in.jsonl", "application/jsonl"), Purpose: openai.FilePurposeBatch}, on))
	want(t, "the size", f.Bytes, int64(len(content)))
	want(t, "the name", must[*openai.FileObject](t)(sdk.Files.Get(ctx, f.ID)).Filename, "in.jsonl")
	got := readAll(t, must[*http.Response](t)(sdk.Files.Content(ctx, f.ID)))
	want(t, "the content", got, string(content))

	b := must[*openai.Batch](t)(sdk.Batches.New(ctx, openai.BatchNewParams{InputFileID: f.ID, Endpoint: openai.BatchNewParamsEndpointV1Responses, CompletionWindow: openai.BatchNewParamsCompletionWindow24h}))
	want(t, "the batch's file", b.InputFileID, f.ID)
	want(t, "the batch", must[*openai.Batch](t)(sdk.Batches.Get(ctx, b.ID)).Status, openai.BatchStatusValidating)
	want(t, "the cancelled batch", must[*openai.Batch](t)(sdk.Batches.Cancel(ctx, b.ID)).Status, openai.BatchStatusCancelling)

	list := sdk.Files.ListAutoPaging(ctx, openai.FileListParams{Purpose: openai.String("batch")}, on)
	n := 0
	for list.Next() {
		n++
	}
	if list.Err() != nil || n != 1 {
		t.Errorf("listed %d files, %v; want 1", n, list.Err())
	}
	want(t, "deleted", must[*openai.FileDeleted](t)(sdk.Files.Delete(ctx, f.ID)).Deleted, true)
	_, err := sdk.Files.Get(ctx, f.ID)
	if e, ok := err.(*openai.Error); !ok || e.StatusCode != http.StatusNotFound || !strings.Contains(e.Message, f.ID) {
		t.Errorf("a deleted file: %v, want a 404 in the vendor's words", err)
	}
}

// storedResponses asks for a response that the second account has made.
func storedResponses(t *testing.T, c counter) {
	ctx, sdk := t.Context(), c.openAI()
	second := c.accounts[upstream.Responses][1]
	second.Reply(upstream.Reply{Pieces: []upstream.Piece{upstream.Say("Hello.")}, Usage: usual}, upstream.Reply{Pieces: []upstream.Piece{upstream.Say("Again.")}, Usage: usual})
	r := must[*responses.Response](t)(sdk.Responses.New(ctx, responses.ResponseNewParams{Model: "second-responses/gpt-4.1", Input: responses.ResponseNewParamsInputUnion{OfString: openai.String("Hi.")}}))
	want(t, "the id", must[*responses.Response](t)(sdk.Responses.Get(ctx, r.ID, responses.ResponseGetParams{})).ID, r.ID)
	items := sdk.Responses.InputItems.ListAutoPaging(ctx, r.ID, responses.InputItemListParams{})
	if !items.Next() {
		t.Errorf("no input items: %v", items.Err())
	}
	again := must[*responses.Response](t)(sdk.Responses.New(ctx, responses.ResponseNewParams{Model: "gpt-4.1", PreviousResponseID: openai.String(r.ID),
		Input: responses.ResponseNewParamsInputUnion{OfString: openai.String("And?")}}))
	wantText(t, again.OutputText(), "Again.")
	want(t, "the status", must[*responses.Response](t)(sdk.Responses.Cancel(ctx, r.ID)).Status, responses.ResponseStatusCancelled)
	if err := sdk.Responses.Delete(ctx, r.ID); err != nil {
		t.Error(err)
	}
	want(t, "generated by the first account", len(c.accounts[upstream.Responses][0].Generated()), 0)
}

func anthropicBatches(t *testing.T, c counter) {
	ctx, sdk := t.Context(), c.anthropic()
	on := anthropicoption.WithHeader(c.pin(upstream.Messages))
	request := func(id, model string) anthropic.MessageBatchNewParamsRequest {
		return anthropic.MessageBatchNewParamsRequest{CustomID: id, Params: anthropic.MessageBatchNewParamsRequestParams{
			Model: anthropic.Model(model), MaxTokens: 10, Messages: []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock("Hi."))}}}
	}
	model := "claude-sonnet-4-5"
	if c.gateway {
		model = "second-messages/" + model
	}
	b := must[*anthropic.MessageBatch](t)(sdk.Messages.Batches.New(ctx, anthropic.MessageBatchNewParams{
		Requests: []anthropic.MessageBatchNewParamsRequest{request("a", model), request("b", model)}}, on))
	got := must[*anthropic.MessageBatch](t)(sdk.Messages.Batches.Get(ctx, b.ID, anthropic.MessageBatchGetParams{}))
	want(t, "the batch", got.ID, b.ID)
	if c.gateway {
		want(t, "where the results are", got.ResultsURL, c.url+"/v1/messages/batches/"+b.ID+"/results")
	}
	results := sdk.Messages.Batches.ResultsStreaming(ctx, b.ID, anthropic.MessageBatchResultsParams{})
	n := 0
	for results.Next() {
		n++
		want(t, "the model", string(results.Current().Result.Message.Model), "claude-sonnet-4-5")
	}
	if results.Err() != nil || n != 2 {
		t.Errorf("got %d results, %v; want 2", n, results.Err())
	}
	cancelled := must[*anthropic.MessageBatch](t)(sdk.Messages.Batches.Cancel(ctx, b.ID, anthropic.MessageBatchCancelParams{}))
	want(t, "the status", cancelled.ProcessingStatus, anthropic.MessageBatchProcessingStatusCanceling)
	list := sdk.Messages.Batches.ListAutoPaging(ctx, anthropic.MessageBatchListParams{}, on)
	if !list.Next() || list.Current().ID != b.ID {
		t.Errorf("the list lacks the batch: %v", list.Err())
	}
	_, err := sdk.Messages.Batches.Get(ctx, "msgbatch_none", anthropic.MessageBatchGetParams{})
	if e, ok := err.(*anthropic.Error); !ok || e.StatusCode != http.StatusNotFound {
		t.Errorf("an unknown batch: %v, want a 404", err)
	}
}

func anthropicFiles(t *testing.T, c counter) {
	ctx, sdk := t.Context(), c.anthropic()
	on := anthropicoption.WithHeader(c.pin(upstream.Messages))
	f := must[*anthropic.BetaFileMetadata](t)(sdk.Beta.Files.Upload(ctx, anthropic.BetaFileUploadParams{Betas: []anthropic.AnthropicBeta{anthropic.AnthropicBetaFilesAPI2025_04_14},
		File: anthropic.File(strings.NewReader("<p>hi</p>"), "a.html", "text/html")}, on))
	want(t, "the type", must[*anthropic.BetaFileMetadata](t)(sdk.Beta.Files.GetMetadata(ctx, f.ID, anthropic.BetaFileGetMetadataParams{})).MimeType, "text/html")
	want(t, "the content", readAll(t, must[*http.Response](t)(sdk.Beta.Files.Download(ctx, f.ID, anthropic.BetaFileDownloadParams{}))), "<p>hi</p>")
	want(t, "deleted", must[*anthropic.BetaDeletedFile](t)(sdk.Beta.Files.Delete(ctx, f.ID, anthropic.BetaFileDeleteParams{})).ID, f.ID)
	_, err := sdk.Beta.Files.GetMetadata(ctx, f.ID, anthropic.BetaFileGetMetadataParams{})
	if e, ok := err.(*anthropic.Error); !ok || e.StatusCode != http.StatusNotFound {
		t.Errorf("a deleted file: %v, want a 404", err)
	}
}

func geminiEmbeddings(t *testing.T, c counter) {
	e := must[*genai.EmbedContentResponse](t)(c.google(t, nil).Models.EmbedContent(t.Context(), c.model(upstream.Gemini, upstream.GeminiEmbedding),
		[]*genai.Content{genai.NewContentFromText("abc", genai.RoleUser), genai.NewContentFromText("abcdef", genai.RoleUser)}, nil))
	want(t, "embeddings", len(e.Embeddings), 2)
	want(t, "the second embedding", e.Embeddings[1].Values[0], 6)
}

// foreignEmbeddings asks each vendor's account with the other's SDK.
func foreignEmbeddings(t *testing.T, c counter) {
	e := must[*genai.EmbedContentResponse](t)(c.google(t, nil).Models.EmbedContent(t.Context(), c.model(upstream.Responses, upstream.OpenAIEmbedding),
		[]*genai.Content{genai.NewContentFromText("abc", genai.RoleUser), genai.NewContentFromText("abcdef", genai.RoleUser)}, nil))
	want(t, "embeddings", len(e.Embeddings), 2)
	want(t, "the second embedding", e.Embeddings[1].Values[0], 6)

	sdk := c.openAI()
	o := must[*openai.CreateEmbeddingResponse](t)(sdk.Embeddings.New(t.Context(), openai.EmbeddingNewParams{
		Model: c.model(upstream.Gemini, upstream.GeminiEmbedding), Input: openai.EmbeddingNewParamsInputUnion{OfArrayOfStrings: []string{"abc", "abcdef"}}}))
	want(t, "embeddings", len(o.Data), 2)
	want(t, "the second embedding", o.Data[1].Embedding[0], 6)
	want(t, "tokens", o.Usage.PromptTokens, 7)
}

func geminiCaches(t *testing.T, c counter) {
	ctx := t.Context()
	name, value := c.pin(upstream.Gemini)
	pinned, sdk := c.google(t, http.Header{name: {value}}), c.google(t, nil)
	model := "gemini-2.5-flash"
	cache := must[*genai.CachedContent](t)(pinned.Caches.Create(ctx, model, &genai.CreateCachedContentConfig{DisplayName: "notes",
		Contents: []*genai.Content{genai.NewContentFromText("long", genai.RoleUser)}}))
	want(t, "the name", must[*genai.CachedContent](t)(sdk.Caches.Get(ctx, cache.Name, nil)).DisplayName, "notes")
	later := cache.ExpireTime.AddDate(0, 0, 1)
	changed := must[*genai.CachedContent](t)(sdk.Caches.Update(ctx, cache.Name, &genai.UpdateCachedContentConfig{ExpireTime: later}))
	want(t, "the expiry", changed.ExpireTime, later)
	if c.gateway {
		second := c.accounts[upstream.Gemini][1]
		second.Reply(upstream.Reply{Pieces: []upstream.Piece{upstream.Say("From the notes.")}, Usage: usual})
		r := must[*genai.GenerateContentResponse](t)(sdk.Models.GenerateContent(ctx, model, genai.Text("What?"), &genai.GenerateContentConfig{CachedContent: cache.Name}))
		wantText(t, r.Text(), "From the notes.")
	}
	page := must[genai.Page[genai.CachedContent]](t)(pinned.Caches.List(ctx, nil))
	want(t, "the list's length", len(page.Items), 1)
	if _, err := sdk.Caches.Delete(ctx, cache.Name, nil); err != nil {
		t.Error(err)
	}
	if _, err := sdk.Caches.Get(ctx, cache.Name, nil); err == nil {
		t.Error("a deleted cache is found")
	}
}

func geminiFiles(t *testing.T, c counter) {
	ctx := t.Context()
	name, value := c.pin(upstream.Gemini)
	pinned, sdk := c.google(t, http.Header{name: {value}}), c.google(t, nil)
	// More than one chunk of the SDK's, which are 8 MiB.
	content := bytes.Repeat([]byte("0123456789abcdef"), 9<<16)
	f := must[*genai.File](t)(pinned.Files.Upload(ctx, bytes.NewReader(content), &genai.UploadFileConfig{MIMEType: "image/png", DisplayName: "cat"}))
	want(t, "the size", *f.SizeBytes, int64(len(content)))
	want(t, "the name", must[*genai.File](t)(sdk.Files.Get(ctx, f.Name, nil)).DisplayName, "cat")
	if _, err := sdk.Files.Delete(ctx, f.Name, nil); err != nil {
		t.Error(err)
	}
	if _, err := sdk.Files.Get(ctx, f.Name, nil); err == nil {
		t.Error("a deleted file is found")
	}
}
