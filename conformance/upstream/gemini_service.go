package upstream

import (
	"fmt"
	"io"
	"strings"

	"github.com/tidwall/gjson"
)

// geminiServices are the paths of google.golang.org/genai beside conversations.
var geminiServices = map[string]func(visit){
	"POST /v1beta/models/{call}":        geminiEmbeddings,
	"POST /v1beta/cachedContents":       geminiCacheNew,
	"GET /v1beta/cachedContents":        geminiCaches,
	"GET /v1beta/cachedContents/{id}":   func(v visit) { v.named("cachedContents/", geminiCache) },
	"PATCH /v1beta/cachedContents/{id}": geminiCacheUpdate,
	"DELETE /v1beta/cachedContents/{id}": func(v visit) {
		v.a.shelf.drop("cachedContents/" + v.r.PathValue("id"))
		v.answer(object{})
	},
	"POST /upload/v1beta/files": geminiUpload,
	"GET /v1beta/files/{id}":    func(v visit) { v.named("files/", geminiFile) },
	"DELETE /v1beta/files/{id}": func(v visit) { v.a.shelf.drop("files/" + v.r.PathValue("id")); v.answer(object{}) },
}

// named is item as Google has it, who says "forbidden" of what is another's.
func (v visit) named(prefix string, show func(*item) object) {
	if it := v.a.shelf.get(prefix + v.r.PathValue("id")); it != nil {
		v.answer(show(it))
		return
	}
	v.w.Header().Set("Content-Type", "application/json")
	v.w.WriteHeader(403)
	_, _ = v.w.Write(encode(object{{"error", object{{"code", 403}, {"message", "You do not have permission to access it or it may not exist."}, {"status", "PERMISSION_DENIED"}}}}))
}

func geminiEmbeddings(v visit) {
	model, verb, _ := strings.Cut(v.r.PathValue("call"), ":")
	if !v.model(model, GeminiEmbedding) {
		return
	}
	body := v.json()
	one := func(r gjson.Result) object {
		return object{{"values", vector(r.Get("content.parts.0.text").String())}}
	}
	if verb == "embedContent" {
		v.answer(object{{"embedding", one(body)}})
		return
	}
	var all []any
	for _, r := range body.Get("requests").Array() {
		if r.Get("model").String() != "models/"+GeminiEmbedding {
			v.fail(*bad("requests[0].model", "must be the model of the URL"))
			return
		}
		all = append(all, one(r))
	}
	v.answer(object{{"embeddings", all}, {"usageMetadata", object{{"promptTokenCount", 7}}}})
}

func geminiCache(it *item) object {
	return object{{"name", it.id}, {"model", it.about["model"]}, {"createTime", when}, {"updateTime", when}, {"expireTime", it.about["expires"]},
		{"displayName", it.name}, {"usageMetadata", object{{"totalTokenCount", 5000}}}}
}

func geminiCacheNew(v visit) {
	body := v.json()
	model := body.Get("model").String()
	if _, ok := v.a.model(model); !ok || !strings.HasPrefix(model, "models/") {
		v.fail(Fault{Class: NoModel, Message: v.d.noModel(model)})
		return
	}
	v.answer(geminiCache(v.a.shelf.put("cachedContents/c", &item{name: body.Get("displayName").String(), about: map[string]string{"model": model, "expires": when}})))
}

func geminiCaches(v visit) {
	list := []any{}
	for _, it := range v.a.shelf.list("cachedContents/") {
		list = append(list, geminiCache(it))
	}
	v.answer(object{{"cachedContents", list}})
}

func geminiCacheUpdate(v visit) {
	if it := v.a.shelf.get("cachedContents/" + v.r.PathValue("id")); it != nil {
		it.about["expires"] = v.json().Get("expireTime").String()
	}
	v.named("cachedContents/", geminiCache)
}

func geminiFile(it *item) object {
	return object{{"name", it.id}, {"displayName", it.name}, {"mimeType", it.mime}, {"sizeBytes", fmt.Sprint(len(it.content))}, {"createTime", when},
		{"updateTime", when}, {"uri", "https://generativelanguage.googleapis.com/v1beta/" + it.id}, {"state", "ACTIVE"}, {"source", "UPLOADED"}}
}

// geminiUpload follows Google's resumable protocol, in one or several chunks.
func geminiUpload(v visit) {
	command := v.r.Header.Get("X-Goog-Upload-Command")
	if command == "start" {
		it := v.a.shelf.put("upload-", &item{name: v.json().Get("file.displayName").String(), mime: v.r.Header.Get("X-Goog-Upload-Header-Content-Type")})
		v.w.Header().Set("X-Goog-Upload-Status", "active")
		// Google's own URL, with the key in it where the key came in the query.
		v.w.Header().Set("X-Goog-Upload-Url", "https://generativelanguage.googleapis.com/upload/v1beta/files?key="+v.a.Key+"&upload_id="+it.id+"&upload_protocol=resumable")
		return
	}
	it := v.a.shelf.get(v.r.URL.Query().Get("upload_id"))
	if it == nil || v.r.Header.Get("X-Goog-Upload-Offset") != fmt.Sprint(len(it.content)) {
		v.fail(*bad("", "Upload has already been terminated."))
		return
	}
	chunk, err := io.ReadAll(v.r.Body)
	if err != nil {
		return
	}
	it.content = append(it.content, chunk...)
	if !strings.Contains(command, "finalize") {
		v.w.Header().Set("X-Goog-Upload-Status", "active")
		return
	}
	v.a.shelf.drop(it.id)
	v.w.Header().Set("X-Goog-Upload-Status", "final")
	v.answer(object{{"file", geminiFile(v.a.shelf.put("files/f", it))}})
}
