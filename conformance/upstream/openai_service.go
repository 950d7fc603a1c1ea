package upstream

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/tidwall/gjson"
)

// openAIServices are the paths of openai-go beside conversations, for accounts of all of OpenAI's dialects.
var openAIServices = map[string]func(visit){
	"POST /v1/embeddings":                openAIEmbeddings,
	"POST /v1/images/generations":        openAIImage,
	"POST /v1/audio/speech":              openAISpeech,
	"POST /v1/audio/transcriptions":      openAITranscription,
	"POST /v1/files":                     openAIFileNew,
	"GET /v1/files":                      openAIFiles,
	"GET /v1/files/{id}":                 func(v visit) { v.item("File", openAIFile) },
	"GET /v1/files/{id}/content":         openAIFileContent,
	"DELETE /v1/files/{id}":              openAIFileDelete,
	"POST /v1/batches":                   openAIBatchNew,
	"GET /v1/batches/{id}":               func(v visit) { v.item("Batch", openAIBatch) },
	"POST /v1/batches/{id}/cancel":       openAIBatchCancel,
	"GET /v1/responses/{id}":             openAIResponse,
	"POST /v1/responses/{id}/cancel":     openAIResponse,
	"GET /v1/responses/{id}/input_items": openAIInputItems,
	"DELETE /v1/responses/{id}":          openAIResponseDelete,
}

func (v visit) json() gjson.Result {
	b, _ := io.ReadAll(v.r.Body)
	return gjson.ParseBytes(b)
}

// item answers with what the path names, or that there is no such thing.
func (v visit) item(what string, show func(*item) object) {
	if it := v.a.shelf.get(v.r.PathValue("id")); it != nil {
		v.answer(show(it))
		return
	}
	v.missing(what)
}

func (v visit) missing(what string) {
	v.fail(Fault{Class: NotFound, Message: fmt.Sprintf("No such %s object: %s", what, v.r.PathValue("id"))})
}

// model refuses a model that the service does not have.
func (v visit) model(id, want string) bool {
	if id != want {
		v.fail(Fault{Class: NoModel, Message: v.d.noModel(id), Param: "model"})
	}
	return id == want
}

// vector is the embedding of a text: what tells one from another.
func vector(text string) []float64 { return []float64{float64(len(text)), 0.5, -0.25} }

// The models of the services.
const (
	OpenAIEmbedding = "text-embedding-3-small"
	GeminiEmbedding = "gemini-embedding-001"
	ImageModel      = "gpt-image-1"
	SpeechModel     = "gpt-4o-mini-tts"
	HearingModel    = "whisper-1"
)

func openAIEmbeddings(v visit) {
	body := v.json()
	if !v.model(body.Get("model").String(), OpenAIEmbedding) {
		return
	}
	var data []any
	tokens := 0
	texts := []gjson.Result{body.Get("input")}
	if texts[0].IsArray() {
		texts = texts[0].Array()
	}
	for i, text := range texts {
		tokens += len(text.String())
		e := any(vector(text.String()))
		if body.Get("encoding_format").String() == "base64" {
			var raw []byte
			for _, f := range vector(text.String()) {
				raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(float32(f)))
			}
			e = base64.StdEncoding.EncodeToString(raw)
		}
		data = append(data, object{{"object", "embedding"}, {"index", i}, {"embedding", e}})
	}
	v.answer(object{{"object", "list"}, {"data", data}, {"model", OpenAIEmbedding},
		{"usage", object{{"prompt_tokens", tokens}, {"total_tokens", tokens}}}})
}

func openAIImage(v visit) {
	body := v.json()
	if v.model(body.Get("model").String(), ImageModel) {
		picture := base64.StdEncoding.EncodeToString([]byte("a picture of " + body.Get("prompt").String()))
		v.answer(object{{"created", created}, {"data", []any{object{{"b64_json", picture}}}},
			{"usage", object{{"input_tokens", 5}, {"output_tokens", 100}, {"total_tokens", 105}}}})
	}
}

func openAISpeech(v visit) {
	body := v.json()
	if v.model(body.Get("model").String(), SpeechModel) {
		v.w.Header().Set("Content-Type", "audio/mpeg")
		_, _ = io.WriteString(v.w, "ID3\x00\xff"+body.Get("input").String())
	}
}

func openAITranscription(v visit) {
	if err := v.r.ParseMultipartForm(1 << 20); err != nil {
		v.fail(*bad("", "Could not parse multipart form"))
		return
	}
	if !v.model(v.r.FormValue("model"), HearingModel) {
		return
	}
	file, _, err := v.r.FormFile("file")
	if err != nil {
		v.fail(*bad("file", "Missing required parameter: 'file'."))
		return
	}
	heard, _ := io.ReadAll(file)
	v.answer(object{{"text", fmt.Sprintf("%d bytes: %.5s", len(heard), heard)}})
}

func openAIFile(it *item) object {
	return object{{"id", it.id}, {"object", "file"}, {"bytes", len(it.content)}, {"created_at", created}, {"filename", it.name},
		{"purpose", it.about["purpose"]}, {"status", "processed"}}
}

// upload reads the form's file.
func (v visit) upload() (*item, bool) {
	file, header, err := v.r.FormFile("file")
	if err != nil {
		v.fail(*bad("file", "'file' is a required property"))
		return nil, false
	}
	content, _ := io.ReadAll(file)
	return &item{name: header.Filename, mime: header.Header.Get("Content-Type"), content: content}, true
}

func openAIFileNew(v visit) {
	it, ok := v.upload()
	if !ok {
		return
	}
	it.about = map[string]string{"purpose": v.r.FormValue("purpose")}
	v.answer(openAIFile(v.a.shelf.put("file-", it)))
}

func openAIFiles(v visit) {
	data := []any{}
	for _, it := range v.a.shelf.list("file-") {
		if p := v.r.URL.Query().Get("purpose"); p == "" || p == it.about["purpose"] {
			data = append(data, openAIFile(it))
		}
	}
	v.answer(object{{"object", "list"}, {"data", data}, {"has_more", false}})
}

func openAIFileContent(v visit) {
	it := v.a.shelf.get(v.r.PathValue("id"))
	if it == nil {
		v.missing("File")
		return
	}
	v.w.Header().Set("Content-Type", "application/octet-stream")
	v.w.Header().Set("Content-Disposition", "attachment; filename=\""+it.name+"\"")
	_, _ = v.w.Write(it.content)
}

func openAIFileDelete(v visit) {
	it := v.a.shelf.drop(v.r.PathValue("id"))
	if it == nil {
		v.missing("File")
		return
	}
	v.answer(object{{"id", it.id}, {"object", "file"}, {"deleted", true}})
}

func openAIBatch(it *item) object {
	return object{{"id", it.id}, {"object", "batch"}, {"endpoint", it.about["endpoint"]}, {"input_file_id", it.about["file"]},
		{"completion_window", "24h"}, {"status", it.state}, {"created_at", created}}
}

func openAIBatchNew(v visit) {
	body := v.json()
	file := body.Get("input_file_id").String()
	if v.a.shelf.get(file) == nil {
		v.fail(*bad("input_file_id", "No such File object: "+file))
		return
	}
	v.answer(openAIBatch(v.a.shelf.put("batch_", &item{state: "validating",
		about: map[string]string{"file": file, "endpoint": body.Get("endpoint").String()}})))
}

func openAIBatchCancel(v visit) {
	if it := v.a.shelf.get(v.r.PathValue("id")); it != nil {
		it.state = "cancelling"
	}
	v.item("Batch", openAIBatch)
}

// response finds a response that the account's script has given.
func (v visit) response() bool {
	id := v.r.PathValue("id")
	for i, rec := range v.a.Records() {
		if rec.Op == Generate && rec.Dialect == Responses && id == (turn{n: i + 1}).id("resp_") {
			return true
		}
	}
	v.fail(Fault{Class: NotFound, Message: "Response with id '" + id + "' not found."})
	return false
}

func openAIResponse(v visit) {
	if !v.response() {
		return
	}
	status := "completed"
	if strings.HasSuffix(v.r.URL.Path, "/cancel") {
		status = "cancelled"
	}
	v.answer(object{{"id", v.r.PathValue("id")}, {"object", "response"}, {"created_at", created}, {"status", status}, {"model", "gpt-4.1"}, {"output", []any{}}})
}

func openAIInputItems(v visit) {
	if v.response() {
		v.answer(object{{"object", "list"}, {"data", []any{object{{"id", "msg_in"}, {"type", "message"}, {"role", "user"}, {"status", "completed"},
			{"content", []any{object{{"type", "input_text"}, {"text", "Hi."}}}}}}}, {"first_id", "msg_in"}, {"last_id", "msg_in"}, {"has_more", false}})
	}
}

func openAIResponseDelete(v visit) {
	if v.response() {
		v.answer(object{{"id", v.r.PathValue("id")}, {"object", "response"}, {"deleted", true}})
	}
}
