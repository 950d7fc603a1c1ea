package upstream

import (
	"fmt"
	"strings"
)

// anthropicServices are the paths of anthropic-sdk-go beside conversations.
var anthropicServices = map[string]func(visit){
	"POST /v1/messages/batches":             anthropicBatchNew,
	"GET /v1/messages/batches":              anthropicBatches,
	"GET /v1/messages/batches/{id}":         func(v visit) { v.item("batch", v.anthropicBatch) },
	"POST /v1/messages/batches/{id}/cancel": anthropicBatchCancel,
	"GET /v1/messages/batches/{id}/results": anthropicResults,
	"POST /v1/files":                        anthropicFileNew,
	"GET /v1/files/{id}":                    func(v visit) { v.item("file", anthropicFile) },
	"GET /v1/files/{id}/content":            anthropicFileContent,
	"DELETE /v1/files/{id}":                 anthropicFileDelete,
}

const when = "2026-11-01T00:00:00Z"

// batchesURL is where Anthropic's answers say that results are, whatever host was asked.
const batchesURL = "https://api.anthropic.com/v1/messages/batches/"

func (v visit) anthropicBatch(it *item) object {
	return object{{"id", it.id}, {"type", "message_batch"}, {"processing_status", it.state},
		{"request_counts", object{{"processing", 0}, {"succeeded", 1}, {"errored", 0}, {"canceled", 0}, {"expired", 0}}},
		{"created_at", when}, {"expires_at", when}, {"ended_at", when}, {"cancel_initiated_at", nil}, {"archived_at", nil},
		{"results_url", batchesURL + it.id + "/results"}}
}

func anthropicBatchNew(v visit) {
	var models []string
	for _, r := range v.json().Get("requests").Array() {
		models = append(models, r.Get("params.model").String())
		if _, ok := v.a.model(models[len(models)-1]); !ok {
			v.fail(Fault{Class: BadRequest, Message: "requests: unknown model " + models[len(models)-1]})
			return
		}
	}
	v.answer(v.anthropicBatch(v.a.shelf.put("msgbatch_", &item{state: "ended", about: map[string]string{"models": strings.Join(models, ",")}})))
}

func anthropicBatches(v visit) {
	data := []any{}
	for _, it := range v.a.shelf.list("msgbatch_") {
		data = append(data, v.anthropicBatch(it))
	}
	v.answer(object{{"data", data}, {"has_more", false}, {"first_id", nil}, {"last_id", nil}})
}

func anthropicBatchCancel(v visit) {
	if it := v.a.shelf.get(v.r.PathValue("id")); it != nil {
		it.state = "canceling"
	}
	v.item("batch", v.anthropicBatch)
}

func anthropicResults(v visit) {
	it := v.a.shelf.get(v.r.PathValue("id"))
	if it == nil {
		v.missing("batch")
		return
	}
	v.w.Header().Set("Content-Type", "application/x-jsonl")
	for i, model := range strings.Split(it.about["models"], ",") {
		line := encode(object{{"custom_id", fmt.Sprint("r", i)}, {"result", object{{"type", "succeeded"}, {"message", object{
			{"id", "msg_1"}, {"type", "message"}, {"role", "assistant"}, {"model", model}, {"content", []any{object{{"type", "text"}, {"text", "done"}}}},
			{"stop_reason", "end_turn"}, {"stop_sequence", nil}, {"usage", object{{"input_tokens", 1}, {"output_tokens", 1}}}}}}}})
		_, _ = v.w.Write(append(line, '\n'))
	}
}

// beta refuses a request that does not name the beta, as Anthropic does.
func (v visit) beta() bool {
	if strings.Contains(strings.Join(v.r.Header["Anthropic-Beta"], ","), "files-api-2025-04-14") {
		return true
	}
	v.fail(Fault{Class: BadRequest, Message: "this endpoint requires the header anthropic-beta: files-api-2025-04-14"})
	return false
}

func anthropicFile(it *item) object {
	return object{{"id", it.id}, {"type", "file"}, {"filename", it.name}, {"mime_type", it.mime}, {"size_bytes", len(it.content)},
		{"created_at", when}, {"downloadable", true}}
}

func anthropicFileNew(v visit) {
	if !v.beta() {
		return
	}
	if it, ok := v.upload(); ok {
		v.answer(anthropicFile(v.a.shelf.put("file_", it)))
	}
}

func anthropicFileContent(v visit) {
	it := v.a.shelf.get(v.r.PathValue("id"))
	if it == nil {
		v.missing("file")
		return
	}
	v.w.Header().Set("Content-Type", it.mime)
	_, _ = v.w.Write(it.content)
}

func anthropicFileDelete(v visit) {
	if it := v.a.shelf.drop(v.r.PathValue("id")); it != nil {
		v.answer(object{{"id", it.id}, {"type", "file_deleted"}})
		return
	}
	v.missing("file")
}
