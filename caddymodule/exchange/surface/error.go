package surface

import (
	"bytes"
	"io"
	"net/http"
	"strconv"

	"github.com/fairway-gateway/fairway/accounts"
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/gemini"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
	"github.com/fairway-gateway/fairway/translate/messages"
)

// toldByAnthropic puts an error of the cloud, in front of Anthropic's models, into the envelope that clients of Messages know.
// Errors that come from the models have it already.
func (d Door) toldByAnthropic(resp *http.Response) {
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody))
	if err != nil {
		resp.Body = rest{io.MultiReader(bytes.NewReader(body), broken{err}), resp.Body}
		return
	}
	if resp.Header.Get("X-Amzn-Errortype") != "" && !jsonlit.Valid(body) {
		body = []byte("{}") // the header says enough
	}
	if !jsonlit.Valid(body) || jsonlit.IsString(jsonlit.Get(body, "error", "type")) {
		resp.Body = rest{bytes.NewReader(body), resp.Body}
		return
	}
	var e *translate.Error
	var word string
	if d.Endpoint.Surface == accounts.SurfaceBedrock {
		e, word = amazonError(resp.StatusCode, resp.Header, body)
	} else {
		e = gemini.New().DecodeError(resp.StatusCode, body)
		word = e.Type
	}
	if e.RetryAfter > 0 && resp.Header.Get("Retry-After") == "" {
		resp.Header.Set("Retry-After-Ms", strconv.FormatInt(e.RetryAfter.Milliseconds(), 10))
	}
	body = envelope(e, word)
	resp.Header.Set("Content-Type", "application/json")
	resp.Header.Del("Content-Length")
	resp.ContentLength = int64(len(body))
	resp.Body = rest{bytes.NewReader(body), resp.Body}
}

// envelope is Anthropic's, with the cloud's own word in the place of a code, so that nothing is lost by which the error can
// be told from others.
func envelope(e *translate.Error, word string) []byte {
	_, own := messages.New().AppendError(nil, e)
	w := jsonlit.NewWriter(nil)
	w.Object()
	w.StringField("type", "error")
	w.Key("error")
	w.Object()
	w.Field("type", jsonlit.Get(own, "error", "type"))
	w.Field("message", jsonlit.Get(own, "error", "message"))
	if word != "" {
		w.Key("details")
		w.Object()
		w.StringField("error_code", word)
		w.EndObject()
	}
	w.EndObject()
	w.EndObject()
	return w.Bytes()
}

// rest is what is left of an answer's body.
type rest struct {
	io.Reader
	io.Closer
}

// broken is a reader that fails.
type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }
