package exchange

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// keeping is an upstream that keeps resources by id and answers 404 for others,
// as its vendor does.
func keeping(missing func() *http.Response, ids ...string) func(*http.Request, []byte) *http.Response {
	return func(r *http.Request, _ []byte) *http.Response {
		for _, id := range ids {
			if strings.Contains(r.URL.Path, id) {
				return jsonAnswer(200, `{"id":"`+id+`"}`)
			}
		}
		return missing()
	}
}

func notFound() *http.Response {
	return jsonAnswer(404, fmt.Sprintf(openAIError, "No such File object", "invalid_request_error", "null"))
}

// TestResourcesAreLookedFor asks for what nobody remembers the maker of: one
// account after the other, and from then on only the right one.
func TestResourcesAreLookedFor(t *testing.T) {
	f := newFleet(t)
	f.handle("a", keeping(notFound, "file-a"))
	f.handle("b", keeping(notFound, "file-b"))
	f.handle("c", keeping(notFound, "file-c"))
	f.handle("d", keeping(notFound, "file-d"))
	f.handle("e", keeping(notFound, "file-e"))
	e := f.engine("one chat a", "two responses b", "three chat c", "four chat d", "five chat e", "other messages m")
	for range 2 {
		w, rec := call(t, e, "GET", "/v1/files/file-e", "")
		if w.Code != 200 || rec.Account != "five" {
			t.Errorf("answer = %d %s of %s, want that of the fifth account", w.Code, w.Body, rec.Account)
		}
		e.owners.cache.Wait()
	}
	for host, want := range map[string]int{"a": 1, "b": 1, "c": 1, "d": 1, "e": 2, "m": 0} {
		if got := f.asked(host); got != want {
			t.Errorf("%s was asked %d times, want %d", host, got, want)
		}
	}
	w, _ := call(t, e, "DELETE", "/v1/files/file-x", "")
	if w.Code != 404 || !strings.Contains(w.Body.String(), "No such File object") {
		t.Errorf("nobody has it: %d %s, want the upstream's 404", w.Code, w.Body)
	}
}

// TestNotFoundNeedsAll: as long as one account cannot be asked, nobody knows
// that a resource does not exist.
func TestNotFoundNeedsAll(t *testing.T) {
	f := newFleet(t)
	f.handle("a", keeping(notFound))
	f.serve("b", 429, "application/json", fmt.Sprintf(openAIError, "slow down", "rate_limit_error", `"rate_limit_exceeded"`), "Retry-After", "30")
	e := f.engine("one chat a", "two chat b")
	for range 2 { // limited while asked, and known to be limited
		w, _ := call(t, e, "GET", "/v1/batches/batch_1", "")
		if w.Code != 429 || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), "two") {
			t.Errorf("answer = %d %v %s, want 429 with the reasons", w.Code, w.Header(), w.Body)
		}
	}
}

// TestForbiddenIsAbsent: Google says 403 of what another account owns. That
// must not keep the account from serving others' files.
func TestForbiddenIsAbsent(t *testing.T) {
	forbidden := func() *http.Response {
		return jsonAnswer(403, `{"error":{"code":403,"message":"You do not have permission to access the File or it may not exist.","status":"PERMISSION_DENIED"}}`)
	}
	f := newFleet(t)
	f.handle("a", keeping(forbidden, "files/mine"))
	f.handle("b", keeping(forbidden, "files/yours"))
	e := f.engine("one gemini a", "two gemini b")
	for _, id := range []string{"yours", "mine", "yours"} {
		if w, rec := call(t, e, "GET", "/v1beta/files/"+id, ""); w.Code != 200 {
			t.Errorf("%s: %d %s (%s), want 200", id, w.Code, w.Body, rec.Trail)
		}
	}
	w, _ := call(t, e, "GET", "/v1beta/files/nobodys", "")
	if w.Code != 404 || !strings.Contains(w.Body.String(), "NOT_FOUND") {
		t.Errorf("nobody has it: %d %s, want 404 NOT_FOUND", w.Code, w.Body)
	}
}

// TestMakersAreRemembered has the second account make something, by a pin, and
// asks for it without one.
func TestMakersAreRemembered(t *testing.T) {
	for _, tc := range []struct {
		name, dialect, made        string // made: the answer to what makes it
		create, body, read, follow string // method and target
		followBody                 string
	}{
		{"file", "chat", `{"id":"file-1"}`, "POST /v1/batches", `{"endpoint":"x"}`, "GET /v1/batches/file-1", "POST /v1/batches/file-1/cancel", ""},
		{"response", "responses", responsesAnswer, "POST /v1/responses", `{"model":"m","input":"hi"}`, "GET /v1/responses/resp_1", "POST /v1/responses", `{"model":"m","input":"on","previous_response_id":"resp_1"}`},
		{"compacted", "responses", responsesAnswer, "POST /v1/responses", `{"model":"m","input":"hi"}`, "GET /v1/responses/resp_1/input_items", "POST /v1/responses/compact", `{"model":"m","previous_response_id":"resp_1"}`},
		{"batch", "messages", `{"id":"msgbatch_1"}`, "POST /v1/messages/batches", `{"requests":[{"params":{"model":"m"}}]}`, "GET /v1/messages/batches/msgbatch_1", "DELETE /v1/messages/batches/msgbatch_1", ""},
		{"cache", "gemini", `{"name":"cachedContents/c1"}`, "POST /v1beta/cachedContents", `{"model":"models/m"}`, "GET /v1beta/cachedContents/c1", "POST /v1beta/models/m:generateContent", `{"cachedContent":"cachedContents/c1","contents":[{"parts":[{"text":"hi"}]}]}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := newFleet(t)
			f.serve("a", 200, "application/json", `{"id":"someone else's"}`)
			f.serve("b", 200, "application/json", tc.made)
			e := f.engine("one "+tc.dialect+" a", "two "+tc.dialect+" b")
			ask := func(what, body string, header ...string) {
				t.Helper()
				method, target, _ := strings.Cut(what, " ")
				w, rec := call(t, e, method, target, body, header...)
				if w.Code != 200 || rec.Account != "two" {
					t.Errorf("%s: %d of %s, want 200 of the maker: %s", what, w.Code, rec.Account, w.Body)
				}
				e.owners.cache.Wait()
			}
			ask(tc.create, tc.body, "X-Ai-Account", "two")
			ask(tc.read, "")
			ask(tc.follow, tc.followBody)
			if got := f.asked("a"); got != 0 {
				t.Errorf("the other account was asked %d times, want none", got)
			}
		})
	}
}

const responsesAnswer = `{"id":"resp_1","object":"response","created_at":1,"status":"completed","model":"m","output":[{"type":"message","id":"msg_1","role":"assistant","status":"completed","content":[{"type":"output_text","text":"hello","annotations":[]}]}],"usage":{"input_tokens":3,"output_tokens":2,"total_tokens":5}}`

// TestStreamedResponsesAreRemembered has two accounts of equal right, of which
// one streamed a response.
func TestStreamedResponsesAreRemembered(t *testing.T) {
	const frames = "event: response.created\ndata: {\"type\":\"response.created\",\"sequence_number\":0,\"response\":{\"id\":\"resp_9\",\"object\":\"response\",\"status\":\"in_progress\",\"model\":\"m\",\"output\":[]}}\n\n" +
		"event: response.completed\ndata: {\"type\":\"response.completed\",\"sequence_number\":1,\"response\":{\"id\":\"resp_9\",\"object\":\"response\",\"status\":\"completed\",\"model\":\"m\",\"output\":[],\"usage\":{\"input_tokens\":3,\"output_tokens\":0,\"total_tokens\":3}}}\n\n"
	f := newFleet(t)
	f.serve("a", 404, "application/json", "{}")
	f.serve("b", 200, "text/event-stream", frames)
	e := f.engine("one responses a", "two responses b")
	w, rec := call(t, e, "POST", "/v1/responses", `{"model":"two/m","input":"hi","stream":true}`)
	if w.Code != 200 || rec.Err != nil {
		t.Fatalf("answer = %d %v %s", w.Code, rec.Err, w.Body)
	}
	e.owners.cache.Wait()
	f.serve("b", 200, "application/json", responsesAnswer)
	if w, rec := call(t, e, "GET", "/v1/responses/resp_9", ""); w.Code != 200 || rec.Attempts != 1 {
		t.Errorf("answer = %d in %d attempts, want 200 in one", w.Code, rec.Attempts)
	}
}

// TestListsAreOneAccounts: a list is the first account's, or the pinned one's,
// and never another's in its stead.
func TestListsAreOneAccounts(t *testing.T) {
	f := newFleet(t)
	f.serve("a", 500, "application/json", fmt.Sprintf(openAIError, "boom", "server_error", "null"))
	f.serve("b", 200, "application/json", `{"data":[]}`)
	e := f.engine("one chat a", "two chat b")
	if w, _ := call(t, e, "GET", "/v1/files", ""); w.Code != 500 || f.asked("b") != 0 {
		t.Errorf("answer = %d, the second account asked %d times; want 500 and none", w.Code, f.asked("b"))
	}
	if w, rec := call(t, e, "GET", "/v1/files", "", "X-Ai-Account", "two"); w.Code != 200 || rec.Account != "two" {
		t.Errorf("pinned: %d of %s, want 200 of two", w.Code, rec.Account)
	}
}

// TestBatchesFollowTheirFile: a batch runs where its file is, and where nobody
// remembers that, an account that does not know the file is no obstacle.
func TestBatchesFollowTheirFile(t *testing.T) {
	f := newFleet(t)
	f.serve("a", 400, "application/json", `{"error":{"message":"No such file","type":"invalid_request_error","param":"input_file_id","code":null}}`)
	f.serve("b", 200, "application/json", `{"id":"batch_1"}`)
	e := f.engine("one chat a", "two chat b")
	w, rec := call(t, e, "POST", "/v1/batches", `{"input_file_id":"file-1","endpoint":"/v1/embeddings"}`)
	if w.Code != 200 || rec.Account != "two" {
		t.Errorf("looked for: %d of %s: %s", w.Code, rec.Account, w.Body)
	}
	e.owners.remember(openAI, "file-2", "two")
	e.owners.cache.Wait()
	before := f.asked("a")
	if w, rec := call(t, e, "POST", "/v1/batches", `{"input_file_id":"file-2"}`); w.Code != 200 || rec.Account != "two" || f.asked("a") != before {
		t.Errorf("remembered: %d of %s, the other asked %d times more", w.Code, rec.Account, f.asked("a")-before)
	}
}
