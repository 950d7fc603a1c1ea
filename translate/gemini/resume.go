package gemini

import (
	"bytes"

	"github.com/fairway-gateway/fairway/translate"
)

var _ translate.Resumer = Dialect{}

// MayPause reports whether the model pauses long answers with finishReason
// CONTINUATION.
func (Dialect) MayPause(_ *translate.Request, c translate.Capabilities) bool { return c.Continues }

// AppendResume appends the same request with the last continuationToken and
// without the answer so far, as Google's libraries send it.
func (Dialect) AppendResume(dst, body []byte, paused []translate.Resume) []byte {
	dst = append(dst, `{"continuationToken":`...)
	dst = append(dst, paused[len(paused)-1].Token...)
	if rest := bytes.TrimSpace(body)[1:]; bytes.TrimSpace(rest)[0] != '}' {
		dst = append(append(dst, ','), rest...)
		return dst
	}
	return append(dst, '}')
}
