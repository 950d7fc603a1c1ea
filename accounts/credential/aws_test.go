package credential

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/fairway-gateway/fairway/accounts"
)

func TestAWSShowsNoSecret(t *testing.T) {
	a, err := NewAWS(" AKIAEXAMPLE ", "verysecret", "sessionsecret")
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	for _, got := range []string{fmt.Sprint(a), fmt.Sprintf("%#v %+v %d %x", a, a, a, a), string(text), a.LogValue().String(), a.Fingerprint()} {
		if strings.Contains(got, "secret") || strings.Contains(got, "AKIAEXAMPLE") || !strings.Contains(got, "aws:…MPLE") {
			t.Errorf("got %s", got)
		}
	}
	if token, err := a.Token(context.Background()); token != "" || err != nil {
		t.Errorf("token: got %q, %v", token, err)
	}
	for _, in := range [][3]string{{"", "s", ""}, {"i", "", ""}, {"i", "a b", ""}, {"i", "s", "a\nb"}} {
		if _, err := NewAWS(in[0], in[1], in[2]); err == nil || strings.Contains(err.Error(), "a b") {
			t.Errorf("%q: got %v", in, err)
		}
	}
	for _, other := range [][3]string{{"x", "verysecret", "sessionsecret"}, {"AKIAEXAMPLE", "x", "sessionsecret"}, {"AKIAEXAMPLE", "verysecret", ""}} {
		if b, err := NewAWS(other[0], other[1], other[2]); err != nil || a.Same(b) || a.Same(None()) {
			t.Errorf("%q is the same", other)
		}
	}
	if b, err := NewAWS("AKIAEXAMPLE", "verysecret", "sessionsecret"); err != nil || !a.Same(b) {
		t.Error("the same key is another")
	}
}

// What others on the way may change is not signed; the rest is, and so is the session.
func TestAWSSigns(t *testing.T) {
	at := time.Date(2026, 11, 23, 1, 2, 3, 0, time.UTC)
	sign := func(session, contentType, digest string) http.Header {
		a, err := NewAWS("AKIAEXAMPLE", "secret", session)
		if err != nil {
			t.Fatal(err)
		}
		r, err := http.NewRequest("POST", "https://bedrock-runtime.us-east-1.amazonaws.com/model/a%3A0/invoke", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		r.Header = http.Header{"Content-Type": {contentType}, "Accept-Encoding": {"identity"}, "User-Agent": {"x"}}
		var s accounts.Signer = a
		if err := s.Sign(context.Background(), r, digest, "bedrock", "us-east-1", at); err != nil {
			t.Fatal(err)
		}
		return r.Header
	}
	h := sign("session", "application/json", "digest")
	const scope = "AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20261123/us-east-1/bedrock/aws4_request, SignedHeaders=content-length;content-type;host;x-amz-date;x-amz-security-token, Signature="
	if got := h.Get("Authorization"); !strings.HasPrefix(got, scope) || len(got) != len(scope)+64 {
		t.Errorf("got %s", got)
	}
	if h.Get("X-Amz-Date") != "20261123T010203Z" || h.Get("X-Amz-Security-Token") != "session" || h.Get("Accept-Encoding") != "identity" {
		t.Errorf("got %v", h)
	}
	if lasting := sign("", "application/json", "digest"); lasting.Get("X-Amz-Security-Token") != "" {
		t.Error("a lasting key has a session")
	}
	for _, other := range []http.Header{sign("session", "text/plain", "digest"), sign("session", "application/json", "other")} {
		if other.Get("Authorization") == h.Get("Authorization") {
			t.Error("another request has the same signature")
		}
	}
}
