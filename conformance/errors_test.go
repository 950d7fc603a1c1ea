package conformance

import (
	"bytes"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/conformance/client"
	"github.com/fairway-gateway/fairway/conformance/grammar"
	"github.com/fairway-gateway/fairway/conformance/upstream"
	"github.com/tidwall/gjson"
)

// everywhere runs a test in every cell of the matrix.
func everywhere(t *testing.T, streams []bool, f func(t *testing.T, s *stage)) {
	t.Helper()
	for _, d := range clientDialects() {
		for _, up := range upstreamDialects() {
			for _, stream := range streams {
				c := cell{client: d, up: up, stream: stream}
				t.Run(string(d)+" on "+string(up)+"/"+c.way(), func(t *testing.T) {
					t.Parallel()
					f(t, set(t, c, false))
				})
			}
		}
	}
}

func both() []bool     { return []bool{false, true} }
func streamed() []bool { return []bool{true} }

// kind is where a dialect names an error's kind, and the word for each class.
func kind(d upstream.Dialect, class upstream.Class) (path string, words []string) {
	switch d {
	case upstream.Messages:
		return "error.type", map[upstream.Class][]string{
			upstream.BadRequest: {"invalid_request_error"}, upstream.NoModel: {"not_found_error"}, upstream.RateLimited: {"rate_limit_error"},
			upstream.Overloaded: {"overloaded_error"}, upstream.Internal: {"api_error"}, upstream.Unauthorized: {"api_error"}}[class]
	case upstream.Gemini:
		return "error.status", map[upstream.Class][]string{
			upstream.BadRequest: {"INVALID_ARGUMENT"}, upstream.NoModel: {"NOT_FOUND"}, upstream.RateLimited: {"RESOURCE_EXHAUSTED"},
			upstream.Overloaded: {"UNAVAILABLE"}, upstream.Internal: {"INTERNAL", "UNAVAILABLE"}, upstream.Unauthorized: {"INTERNAL", "UNAVAILABLE"}}[class]
	}
	return "error.type", map[upstream.Class][]string{
		upstream.BadRequest: {"invalid_request_error"}, upstream.NoModel: {"invalid_request_error"},
		upstream.RateLimited: {"requests", "rate_limit_error", "rate_limit_exceeded", "tokens"}, upstream.Overloaded: {"server_error", "overloaded_error", "service_unavailable_error"},
		upstream.Internal: {"server_error", "api_error"}, upstream.Unauthorized: {"server_error", "api_error"}}[class]
}

// status is what the client may be told for each class.
func status(d upstream.Dialect, class upstream.Class) []int {
	switch class {
	case upstream.BadRequest:
		return []int{http.StatusBadRequest}
	case upstream.NoModel:
		return []int{http.StatusNotFound}
	case upstream.RateLimited:
		return []int{http.StatusTooManyRequests}
	case upstream.Overloaded:
		if d == upstream.Messages {
			return []int{529}
		}
		return []int{http.StatusServiceUnavailable}
	}
	return []int{http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable}
}

// refusal asks and wants an error answer of the class in the client's own dialect.
func refusal(t *testing.T, s *stage, class upstream.Class, reply upstream.Reply) client.Failure {
	t.Helper()
	_, _, err := s.try(t, user("Hi."), reply)
	if err == nil {
		t.Fatalf("no error; wire: %d %s", s.wire.Status(), s.wire.Body())
	}
	if _, ok := client.Describe(err); !ok {
		t.Errorf("the SDK sees no error answer: %v", err)
	}
	body := s.wire.Body()
	d := s.cell.client
	if got, want := s.wire.Status(), status(d, class); !slices.Contains(want, got) {
		t.Errorf("status: got %d, want one of %v: %s", got, want, body)
	}
	path, words := kind(d, class)
	if got := gjson.GetBytes(body, path).String(); !slices.Contains(words, got) {
		t.Errorf("%s: got %q, want one of %q: %s", path, got, words, body)
	}
	if d == upstream.Messages && gjson.GetBytes(body, "type").String() != "error" {
		t.Errorf("the error lacks Anthropic's outer type: %s", body)
	}
	if d == upstream.Gemini {
		if got := gjson.GetBytes(body, "error.code").Int(); got != int64(s.wire.Status()) {
			t.Errorf("error.code: got %d, the status is %d", got, s.wire.Status())
		}
	}
	if ct := s.wire.Header().Get("Content-Type"); !strings.HasPrefix(ct, "application/json") {
		t.Errorf("Content-Type: got %q, want JSON", ct)
	}
	if bytes.Contains(body, []byte(s.account.Key)) {
		t.Errorf("the account's key reached the client: %s", body)
	}
	return client.Failure{Status: s.wire.Status(), Message: gjson.GetBytes(body, "error.message").String(), Header: s.wire.Header()}
}

func TestBadRequestIsPassedOn(t *testing.T) {
	everywhere(t, both(), func(t *testing.T, s *stage) {
		f := refusal(t, s, upstream.BadRequest, upstream.Fail(upstream.BadRequest, "prompt is too long: 9 tokens > 8 maximum"))
		if !strings.Contains(f.Message, "prompt is too long: 9 tokens > 8 maximum") {
			t.Errorf("message: got %q, want the upstream's wording kept", f.Message)
		}
		if n := len(s.account.Generated()); n != 1 {
			t.Errorf("a bad request was tried %d times, want once", n)
		}
	})
}

func TestUnauthorizedIsMasked(t *testing.T) {
	everywhere(t, both(), func(t *testing.T, s *stage) {
		f := refusal(t, s, upstream.Unauthorized, upstream.Fail(upstream.Unauthorized, "Incorrect API key provided: "+s.account.Key+"."))
		if f.Status == http.StatusUnauthorized || f.Status == http.StatusForbidden {
			t.Errorf("the client was told that its key is bad")
		}
	})
}

func TestUnknownModelUpstream(t *testing.T) {
	everywhere(t, both(), func(t *testing.T, s *stage) {
		refusal(t, s, upstream.NoModel, upstream.Fail(upstream.NoModel, "The model does not exist."))
	})
}

func TestRateLimitTellsWhen(t *testing.T) {
	everywhere(t, both(), func(t *testing.T, s *stage) {
		f := refusal(t, s, upstream.RateLimited, upstream.Reply{Fault: &upstream.Fault{Class: upstream.RateLimited, Message: "Slow down.", RetryAfter: "30"}})
		n, err := strconv.Atoi(f.Header.Get("Retry-After"))
		if err != nil || n < 25 || n > 31 {
			t.Errorf("Retry-After: got %q, want about 30", f.Header.Get("Retry-After"))
		}
		if s.cell.client == upstream.Gemini && !bytes.Contains(s.wire.Body(), []byte("retryDelay")) {
			t.Errorf("a Gemini client finds no RetryInfo: %s", s.wire.Body())
		}
		// The account is cooling now: the next request is answered without asking it again.
		before := len(s.account.Generated())
		refusal(t, s, upstream.RateLimited, upstream.Reply{Pieces: []upstream.Piece{upstream.Say("no")}})
		if n := len(s.account.Generated()); n != before {
			t.Errorf("a cooling account was asked again")
		}
	})
}

func TestInternalError(t *testing.T) {
	everywhere(t, both(), func(t *testing.T, s *stage) {
		fault := upstream.Fail(upstream.Internal, "Something broke.")
		s.account.Answer(func(*upstream.Record) upstream.Reply { return fault })
		refusal(t, s, upstream.Internal, fault)
	})
}

func TestOverloaded(t *testing.T) {
	everywhere(t, both(), func(t *testing.T, s *stage) {
		fault := upstream.Fail(upstream.Overloaded, "Overloaded")
		s.account.Answer(func(*upstream.Record) upstream.Reply { return fault })
		refusal(t, s, upstream.Overloaded, fault)
	})
}

func TestErrorAsFirstFrame(t *testing.T) {
	everywhere(t, streamed(), func(t *testing.T, s *stage) {
		broken := upstream.Reply{Broken: &upstream.Fault{Class: upstream.Overloaded, Message: "Overloaded"}}
		s.account.Answer(func(*upstream.Record) upstream.Reply { return broken })
		refusal(t, s, upstream.Overloaded, broken)
	})
}

func TestHTMLAnswer(t *testing.T) {
	for name, code := range map[string]int{"as an error": http.StatusBadGateway, "as success": http.StatusOK} {
		t.Run(name, func(t *testing.T) {
			everywhere(t, both(), func(t *testing.T, s *stage) {
				page := upstream.Reply{Raw: &upstream.Raw{Status: code, ContentType: "text/html; charset=utf-8", Body: []byte("<html><body><h1>502 Bad Gateway</h1></body></html>")}}
				s.account.Answer(func(*upstream.Record) upstream.Reply { return page })
				refusal(t, s, upstream.Internal, page)
				if bytes.Contains(s.wire.Body(), []byte("<html>")) && code == http.StatusOK {
					t.Errorf("the page was passed on as an answer: %s", s.wire.Body())
				}
			})
		})
	}
}

func TestErrorInTheMiddle(t *testing.T) {
	everywhere(t, streamed(), func(t *testing.T, s *stage) {
		_, _, err := s.try(t, user("Hi."), upstream.Reply{Pieces: []upstream.Piece{upstream.Say("Hel", "lo")},
			Broken: &upstream.Fault{Class: upstream.Overloaded, Message: "Overloaded"}})
		wantBroken(t, s, err)
	})
}

// wantBroken wants a stream that ended in the client dialect's error event, which the SDK reported.
func wantBroken(t *testing.T, s *stage, err error) {
	t.Helper()
	if s.wire.Status() != http.StatusOK {
		// Nothing had been sent yet, so an error status is right.
		if err == nil {
			t.Errorf("no error with status %d", s.wire.Status())
		}
		return
	}
	if err == nil {
		t.Errorf("the SDK saw no error: %s", s.wire.Body())
	}
	if e := s.wire.Err(); e != nil {
		t.Errorf("the client's connection broke (%v), want an error event and a regular end", e)
	}
	if e := judge(s.cell, s.wire.Body(), grammar.Failed); e != nil {
		t.Errorf("the broken stream breaks the grammar of %s:\n%v\n%s", s.cell.client, e, s.wire.Body())
	}
}
