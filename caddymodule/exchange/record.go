package exchange

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/fairway-gateway/fairway/accounts/pool"
	"github.com/fairway-gateway/fairway/translate"
)

// Record is what an exchange came to, for logs, metrics and placeholders.
type Record struct {
	ID            string // the exchange's own, as in X-Request-Id
	Dialect       translate.Name
	Operation     translate.Operation
	Passthrough   string // the name of what was passed through, "files.content"; "" for other operations
	Status        int    // the client's HTTP status
	Model         string // as requested
	UpstreamModel string // as asked of the account that answered
	Account       string
	Provider      string
	Upstream      translate.Name // the dialect of the account that answered
	Stream        bool
	Attempts      int
	Usage         translate.Usage
	Warnings      string // what could not be carried
	Trail         pool.Trail
	Err           error         // why the exchange failed, without secrets; nil when it did not
	Canceled      bool          // the client left
	FirstByte     time.Duration // until the answer's first byte; 0 when there was none
	Duration      time.Duration
}

// Failure says for a log why an exchange failed. What an upstream reports is
// told by its status, type and code alone: its message may quote the prompt.
func Failure(err error) string {
	var e *translate.Error
	if errors.As(err, &e) && (e.Status != 0 || e.Type != "") {
		return strings.TrimSpace(fmt.Sprintf("the upstream reported an error: status %d %s %s", e.Status, e.Type, e.Code))
	}
	return err.Error()
}
