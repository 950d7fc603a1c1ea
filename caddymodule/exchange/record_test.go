package exchange

import (
	"errors"
	"strings"
	"testing"

	"github.com/fairway-gateway/fairway/translate"
)

// TestFailureQuotesNoUpstream keeps prompts out of the logs.
func TestFailureQuotesNoUpstream(t *testing.T) {
	told := &translate.Error{Status: 400, Type: "invalid_request_error", Message: "cannot read: my secret prompt"}
	for _, err := range []error{told, &answerError{cause: told}, &translate.Error{Type: "x", Message: "my secret prompt"}} {
		if got := Failure(err); strings.Contains(got, "secret") || !strings.Contains(got, "reported an error") {
			t.Errorf("Failure = %q", got)
		}
	}
	if got, want := Failure(errors.New("own words")), "own words"; got != want {
		t.Errorf("Failure = %q, want %q", got, want)
	}
}
